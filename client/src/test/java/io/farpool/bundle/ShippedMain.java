package io.farpool.bundle;

import com.esotericsoftware.kryo.kryo5.Kryo;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** What the end-to-end test runs elsewhere: needs this module's test classes, a resource beside them, and a library. */
final class ShippedMain {
    private ShippedMain() {}

    public static void main(String[] args) throws IOException {
        try (InputStream in = ShippedMain.class.getResourceAsStream("shipped.txt")) {
            if (in == null) {
                throw new IllegalStateException("the resource is not here");
            }
            System.out.println(new String(in.readAllBytes(), StandardCharsets.UTF_8).strip());
        }
        System.out.println(Kryo.class.getProtectionDomain().getCodeSource().getLocation());
        System.out.println(
                ShippedMain.class.getProtectionDomain().getCodeSource().getLocation());
    }
}
