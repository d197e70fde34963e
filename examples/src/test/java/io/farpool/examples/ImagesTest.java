package io.farpool.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farpool.examples.Images.Size;
import io.farpool.examples.Images.SizeConverter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class ImagesTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "a.png, png, 400, 300",
        "b.jpg, jpg, 400, 300",
        "c.JPEG, jpg, 31, 77",
        "d.PNG, png, 1, 1",
        // A PNG with transparency in a file that is named as a JPEG, which knows no transparency.
        "e.jpeg, png, 640, 640",
    })
    void resizesToTheSizeAskedFor(String name, String format, int width, int height) throws IOException {
        Path source = Pictures.write(folder.resolve(name), format, width, height);
        Path target = folder.resolve("out/deep").resolve(name);

        assertThat(Images.resize(source, target, new Size(80, 60))).isEqualTo(target);

        var resized = ImageIO.read(target.toFile());
        assertThat(resized.getWidth()).isEqualTo(80);
        assertThat(resized.getHeight()).isEqualTo(60);
        assertThat(Pictures.format(target))
                .isEqualTo(name.toLowerCase(java.util.Locale.ROOT).endsWith("png") ? "png" : "JPEG");
    }

    @Test
    void keepsTransparencyInAPng() throws IOException {
        Path source = Pictures.write(folder.resolve("a.png"), "png", 100, 100);
        var resized = ImageIO.read(
                Images.resize(source, folder.resolve("b.png"), new Size(10, 10)).toFile());
        assertThat(resized.getRGB(0, 0) >>> 24).isEqualTo(0);
        assertThat(resized.getRGB(5, 5) >>> 24).isEqualTo(255);
    }

    @Test
    void whatIsNoPictureFailsAndLeavesNoFile() throws IOException {
        Path source = Files.writeString(folder.resolve("a.png"), "not a picture");
        Path target = folder.resolve("out.png");
        assertThatThrownBy(() -> Images.resize(source, target, new Size(8, 6))).isInstanceOf(IOException.class);
        assertThat(target).doesNotExist();
    }

    @Test
    void aPictureCutShortFailsOrIsWholeButNeverHalfAFile() throws IOException {
        Path whole = Pictures.write(folder.resolve("whole.png"), "png", 200, 200);
        byte[] bytes = Files.readAllBytes(whole);
        Path source = Files.write(folder.resolve("cut.png"), java.util.Arrays.copyOf(bytes, bytes.length / 2));
        Path target = folder.resolve("out.png");
        assertThatThrownBy(() -> Images.resize(source, target, new Size(8, 6))).isInstanceOf(IOException.class);
        assertThat(target).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "800", "800x", "x600", "0x600", "800x-1", "800*600", "800x600x3", "800000x600", " 8x6"})
    void refusesWhatIsNoSize(String text) {
        assertThatThrownBy(() -> new SizeConverter().convert(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessage("'" + text + "' is not WIDTHxHEIGHT in pixels, such as 800x600");
    }

    @Test
    void readsASize() {
        assertThat(new SizeConverter().convert("1920x1080")).isEqualTo(new Size(1920, 1080));
    }
}
