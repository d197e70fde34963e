package io.farpool.coordinator.blob;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.net.SocketAddress;

/**
 * By which connection a call has come. Calls for blobs say nothing of a session, and each client and each worker has one connection, so
 * that is whose transfers they are.
 */
public final class Callers implements ServerInterceptor {
    private static final Context.Key<SocketAddress> CALLER = Context.key("farpool-caller");
    /** Of calls that are joined directly. */
    private static final Object UNKNOWN = "unknown";

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        SocketAddress caller = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        Context context = caller == null ? Context.current() : Context.current().withValue(CALLER, caller);
        return Contexts.interceptCall(context, call, headers, next);
    }

    /** Whose call this thread is serving. */
    static Object current() {
        SocketAddress caller = CALLER.get();
        return caller == null ? UNKNOWN : caller;
    }
}
