package io.farpool.bench.floor;

import com.esotericsoftware.kryo.kryo5.Kryo;
import com.esotericsoftware.kryo.kryo5.io.Input;
import com.esotericsoftware.kryo.kryo5.io.Output;
import io.farpool.bench.task.NoOp;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The shortest program with two child processes that gets one result out of one of them: Kryo over Unix sockets, and the end. The
 * arguments are JVM options of the children. With the system property {@code floor.gently} it lets them end by themselves, so that
 * they can write a class-data archive.
 */
public final class ColdFloor {
    private static final int CHILDREN = 2;

    private ColdFloor() {}

    public static void main(String[] args) throws Exception {
        Path directory = Files.createTempDirectory("floor");
        Path path = directory.resolve("s");
        List<Process> processes = new ArrayList<>();
        List<SocketChannel> channels = new ArrayList<>();
        try (Children children = new Children();
                ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
            for (int i = 0; i < CHILDREN; i++) {
                processes.add(children.start(Child.class, List.of(args), path.toString()));
            }
            for (int i = 0; i < CHILDREN; i++) {
                channels.add(server.accept());
            }
            System.out.println(ask(channels.get(0)));
            System.out.flush();
            if (Boolean.getBoolean("floor.gently")) {
                for (SocketChannel channel : channels) {
                    channel.close();
                }
                for (Process process : processes) {
                    int ignored = process.waitFor();
                }
            }
        } finally {
            Files.deleteIfExists(path);
            Files.deleteIfExists(directory);
        }
    }

    private static long ask(SocketChannel channel) throws IOException {
        Kryo kryo = kryo();
        Output out = new Output(Channels.newOutputStream(channel));
        kryo.writeClassAndObject(out, new Question(42));
        out.flush();
        Input in = new Input(Channels.newInputStream(channel));
        return (Long) kryo.readClassAndObject(in);
    }

    private static Kryo kryo() {
        Kryo kryo = new Kryo();
        kryo.setRegistrationRequired(false);
        return kryo;
    }

    /** What is asked of a child. Not a record, which Kryo reads by another way. */
    static final class Question {
        private long number;

        Question() {}

        Question(long number) {
            this.number = number;
        }

        long answer() {
            return new NoOp(number).call();
        }
    }

    /** A child. */
    static final class Child {
        private Child() {}

        public static void main(String[] args) throws Exception {
            try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                channel.connect(UnixDomainSocketAddress.of(Path.of(args[0])));
                Kryo kryo = kryo();
                Input in = new Input(Channels.newInputStream(channel));
                Output out = new Output(Channels.newOutputStream(channel));
                while (!in.end()) {
                    Question question = (Question) kryo.readClassAndObject(in);
                    kryo.writeClassAndObject(out, question.answer());
                    out.flush();
                }
            }
        }
    }
}
