package io.farpool.codec;

import java.io.FileDescriptor;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.Reader;
import java.io.Writer;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.lang.reflect.AccessibleObject;
import java.net.DatagramSocket;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.Channel;
import java.nio.channels.Selector;
import java.nio.file.FileSystem;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Exchanger;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.Phaser;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.stream.BaseStream;
import org.jspecify.annotations.Nullable;

/**
 * What is never shipped, with its subclasses, and what to do instead. The one list of it.
 *
 * <p>A class of a user that declares writeReplace is not asked about here: it knows how to ship itself. Locks of the JDK that are
 * Serializable (ReentrantLock, ReentrantReadWriteLock, Semaphore) ship as Java says: unlocked.
 */
final class Refusals {
    private static final String OPEN_INSIDE = " Open it inside the task, or mark the field transient";
    private static final String SYNCHRONIZES =
            "it synchronizes the threads of one process. Tasks run in others: wait for their futures instead";

    private static final List<Refusal> LIST = list();

    private Refusals() {}

    private record Refusal(Class<?> type, String why) {}

    private static List<Refusal> list() {
        List<Refusal> list = new ArrayList<>();
        for (Class<?> type : List.of(Thread.class, ThreadGroup.class, Timer.class, TimerTask.class)) {
            list.add(new Refusal(
                    type, "it lives in this process. Start it inside the task, or mark the field transient"));
        }
        list.add(new Refusal(
                ThreadLocal.class,
                "it belongs to this process's threads. Make the field static, or mark it transient"));
        for (Class<?> type : List.of(Process.class, ProcessHandle.class)) {
            list.add(new Refusal(type, "it is a process of this machine. Ship its pid, or start it inside the task"));
        }
        for (Class<?> type : List.of(ClassLoader.class, Module.class)) {
            list.add(new Refusal(type, "it belongs to this JVM. Ship a class or a class's name instead"));
        }
        list.add(new Refusal(
                ExecutorService.class,
                "an executor belongs to this process. Make it inside the task, or make the field static"));
        for (Class<?> type : List.of(Future.class, CompletionStage.class)) {
            list.add(new Refusal(
                    type, "a future completes in this process only. Wait for its result here, and ship that"));
        }
        for (Class<?> type : List.of(Socket.class, ServerSocket.class, DatagramSocket.class, Selector.class)) {
            list.add(new Refusal(type, "a connection belongs to this process." + OPEN_INSIDE));
        }
        for (Class<?> type : List.of(
                InputStream.class,
                OutputStream.class,
                Reader.class,
                Writer.class,
                RandomAccessFile.class,
                FileDescriptor.class,
                Channel.class,
                FileSystem.class,
                WatchService.class)) {
            list.add(new Refusal(
                    type,
                    "what is open in this process is not open in another."
                            + " Ship its path or its bytes, and open it inside the task, or mark the field transient"));
        }
        for (String name : List.of(
                "java.sql.Connection",
                "java.sql.Statement",
                "java.sql.ResultSet",
                "javax.sql.DataSource",
                "java.net.http.HttpClient")) {
            Class<?> type = orNull(name);
            if (type != null) {
                list.add(new Refusal(type, "a connection belongs to this process." + OPEN_INSIDE));
            }
        }
        list.add(new Refusal(BaseStream.class, "a stream can be read only here, and once. Collect it into a list"));
        for (Class<?> type : List.of(CountDownLatch.class, CyclicBarrier.class, Phaser.class, Exchanger.class)) {
            list.add(new Refusal(type, SYNCHRONIZES));
        }
        for (Class<?> type : List.of(MethodHandle.class, MethodHandles.Lookup.class, VarHandle.class)) {
            list.add(new Refusal(
                    type, "it belongs to this JVM. Ship a method reference of a serializable type instead"));
        }
        list.add(new Refusal(AccessibleObject.class, "it belongs to this JVM. Ship its class and its name instead"));
        for (Class<?> type : List.of(Reference.class, Cleaner.class)) {
            list.add(new Refusal(
                    type, "it belongs to this JVM's memory. Ship what it refers to, or mark the field transient"));
        }
        for (Class<?> type : List.of(java.util.logging.Logger.class, System.Logger.class)) {
            list.add(
                    new Refusal(type, "a logger belongs to this process. Make the field static, or mark it transient"));
        }
        return List.copyOf(list);
    }

    /** Why objects of the class are not shipped; null if nothing stands against it. */
    static @Nullable String why(Class<?> type) {
        for (Refusal refusal : LIST) {
            if (refusal.type.isAssignableFrom(type)) {
                return refusal.why;
            }
        }
        return null;
    }

    /** Why a JDK class that is not Serializable is not shipped. */
    static String notSerializable(Class<?> type) {
        if (Lock.class.isAssignableFrom(type) || Condition.class.isAssignableFrom(type)) {
            return SYNCHRONIZES;
        }
        return "this class of the JDK is not Serializable."
                + " Ship what it is made from, and make it inside the task, or mark the field transient";
    }

    /** Why a lambda that is not of a serializable type is not shipped. */
    static String lambda(Class<?> type) {
        Class<?>[] interfaces = type.getInterfaces();
        String is = interfaces.length == 0 ? "" : " (it is a " + interfaces[0].getTypeName() + ")";
        return "a lambda ships only if its type is Serializable" + is
                + ". Declare it as io.farpool.RemoteCallable, RemoteRunnable or RemoteFunction, or cast it:"
                + " (Runnable & java.io.Serializable) () -> ...";
    }

    private static @Nullable Class<?> orNull(String name) {
        try {
            return Class.forName(name, false, Refusals.class.getClassLoader());
        } catch (ClassNotFoundException | LinkageError e) {
            return null;
        }
    }
}
