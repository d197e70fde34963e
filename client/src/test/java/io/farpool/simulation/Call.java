package io.farpool.simulation;

import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A call over the simulated network. Each way keeps its order and has its own delays, so that calls overtake each other. When
 * it breaks, what is on its way is lost, or what the caller had said comes late, and each end hears of that in its own time, or
 * never.
 */
final class Call<Q, R> {
    private final Network network;
    private final Machine caller;
    private final SimulatedCoordinator server;
    private final int callerLife;
    private final int serverLife;
    private final StreamObserver<R> responses;
    final String name;

    private @Nullable StreamObserver<Q> service;
    private @Nullable Runnable onCancel;
    private @Nullable Runnable onReady;
    private boolean isChunks;
    /** Requests that the server has not asked for. */
    private final ArrayDeque<Q> unread = new ArrayDeque<>();
    /** The server says how many requests it takes. */
    private boolean asks;

    private int askedFor;
    private boolean reading;
    private boolean halfClosed;
    private long upMillis;
    private long downMillis;
    /** When the server heard of it; -1: not yet. */
    private long servedMillis = -1;

    private boolean broken;
    /** What was on its way to the server when it broke arrives so much later; -1: never. */
    private long lateMillis = -1;

    private boolean callerOver;
    private boolean serverOver;

    Call(Network network, Machine caller, String name, StreamObserver<R> responses) {
        this.network = network;
        this.caller = caller;
        this.server = network.coordinator;
        this.callerLife = caller.lives;
        this.serverLife = server.lives;
        this.name = name;
        this.responses = responses;
    }

    Machine caller() {
        return caller;
    }

    boolean isOver() {
        return (callerOver || callerLife != caller.lives) && (serverOver || serverLife != server.lives);
    }

    /** It has been there for so long, and nothing has happened to it. */
    boolean hasBeenUp(long millis) {
        return !broken
                && !callerOver
                && !serverOver
                && callerLife == caller.lives
                && serverLife == server.lives
                && servedMillis >= 0
                && network.world.nowMillis - servedMillis > millis;
    }

    // ------------------------------------------------------------------------------------------------ its ways

    /** It brings a payload: the caller may be slow. */
    Call<Q, R> ofChunks() {
        isChunks = true;
        return this;
    }

    private void up(Runnable atServer) {
        if (broken) {
            return;
        }
        upMillis = Math.max(upMillis, network.arrivalMillis(caller));
        network.world.at(upMillis, () -> {
            if (!broken) {
                atServer(atServer);
            } else if (lateMillis >= 0) {
                network.world.after(lateMillis, () -> atServer(atServer));
            }
        });
    }

    private void atServer(Runnable event) {
        if (serverLife == server.lives) {
            server.deliver(() -> {
                if (!serverOver) {
                    event.run();
                }
            });
        }
    }

    private void down(Runnable atCaller) {
        if (broken) {
            return;
        }
        downMillis = Math.max(downMillis, network.arrivalMillis(caller));
        network.world.at(downMillis, () -> {
            if (!broken) {
                atCaller(atCaller);
            }
        });
    }

    private void atCaller(Runnable event) {
        if (callerLife == caller.lives) {
            caller.deliver(() -> {
                if (!callerOver) {
                    event.run();
                }
            });
        }
    }

    private void endCaller(Status status) {
        network.world.note(caller.name, name + " ended", status);
        callerOver = true;
        if (status.isOk()) {
            responses.onCompleted();
        } else {
            responses.onError(status.asRuntimeException());
        }
    }

    // ------------------------------------------------------------------------------------------------ its life

    /** @param method is called at the server with its end of the call */
    StreamObserver<Q> start(Function<ServerCallStreamObserver<R>, StreamObserver<Q>> method) {
        if (responses instanceof ClientResponseObserver<?, ?>) {
            @SuppressWarnings("unchecked") // there is no other use for one here
            ClientResponseObserver<Q, R> response = (ClientResponseObserver<Q, R>) responses;
            response.beforeStart(new CallerEnd());
        }
        if (!server.alive) {
            long until = Math.max(network.world.nowMillis + 1 + network.world.below(50), caller.stalledUntilMillis);
            network.world.at(
                    until, () -> atCaller(() -> endCaller(Status.UNAVAILABLE.withDescription("connection refused"))));
            broken = true;
            serverOver = true;
        } else {
            network.calls.add(this);
            up(() -> {
                servedMillis = network.world.nowMillis;
                service = method.apply(new ServerEnd());
            });
        }
        return new CallerEnd();
    }

    /** @param callerHears after so long, or never when negative; the same for the server */
    void breakDown(long callerHears, long serverHears) {
        if (broken) {
            return;
        }
        broken = true;
        // As a system goes on sending what a program has written before it ended, or gave up the connection.
        lateMillis = serverHears > 0 && network.world.chance(0.5) ? network.world.below((int) serverHears) : -1;
        network.world.note(caller.name, name + " breaks", null);
        if (callerHears >= 0) {
            network.world.after(
                    callerHears,
                    () -> atCaller(() -> endCaller(Status.UNAVAILABLE.withDescription("connection lost"))));
        }
        if (serverHears >= 0) {
            network.world.after(serverHears, () -> atServer(this::cancelled));
        }
    }

    /** Hands on what the server takes, one after the other. */
    private void read() {
        if (reading) {
            return;
        }
        reading = true;
        while (service != null && !serverOver && !unread.isEmpty() && (!asks || askedFor > 0)) {
            askedFor -= asks ? 1 : 0;
            service.onNext(unread.remove());
        }
        reading = false;
        if (service != null && !serverOver && unread.isEmpty() && halfClosed) {
            halfClosed = false;
            service.onCompleted();
        }
    }

    private void cancelled() {
        serverOver = true;
        if (onCancel != null) {
            onCancel.run();
        }
        if (service != null) {
            service.onError(Status.CANCELLED.asRuntimeException());
        }
    }

    private final class CallerEnd extends ClientCallStreamObserver<Q> {
        @Override
        public void onNext(Q request) {
            network.world.note(caller.name, name + " >", request);
            up(() -> {
                unread.add(request);
                read();
            });
        }

        @Override
        public void onCompleted() {
            up(() -> {
                halfClosed = true;
                read();
            });
        }

        @Override
        public void onError(Throwable reason) {
            cancel(null, reason);
        }

        @Override
        public void cancel(@Nullable String message, @Nullable Throwable cause) {
            if (!callerOver) {
                callerOver = true;
                up(Call.this::cancelled);
            }
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setOnReadyHandler(Runnable onReady) {}

        @Override
        public void request(int count) {}

        @Override
        public void setMessageCompression(boolean enable) {}

        @Override
        @Deprecated
        public void disableAutoInboundFlowControl() {}
    }

    private final class ServerEnd extends ServerCallStreamObserver<R> {
        @Override
        public void onNext(R response) {
            network.world.note(caller.name, name + " <", response);
            down(() -> responses.onNext(response));
            network.said(Call.this, response);
        }

        @Override
        public void onCompleted() {
            serverOver = true;
            down(() -> endCaller(Status.OK));
        }

        @Override
        public void onError(Throwable error) {
            serverOver = true;
            down(() -> endCaller(Status.fromThrowable(error)));
        }

        @Override
        public boolean isCancelled() {
            return serverOver;
        }

        @Override
        public void setOnCancelHandler(Runnable onCancelled) {
            onCancel = onCancelled;
        }

        /** Chunks of a payload may be more than the line takes at once. */
        @Override
        public boolean isReady() {
            Runnable later = onReady;
            if (later == null || !isChunks || !network.world.chance(0.2)) {
                return true;
            }
            network.world.after(1L + network.world.below(20), () -> atServer(later));
            return false;
        }

        @Override
        public void setOnReadyHandler(Runnable whenReady) {
            onReady = whenReady;
        }

        @Override
        public void disableAutoRequest() {
            asks = true;
        }

        @Override
        public void request(int count) {
            askedFor += count;
            read();
        }

        @Override
        public void setCompression(String compression) {}

        @Override
        public void setMessageCompression(boolean enable) {}

        @Override
        @Deprecated
        public void disableAutoInboundFlowControl() {}
    }
}
