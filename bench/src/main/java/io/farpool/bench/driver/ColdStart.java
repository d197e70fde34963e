package io.farpool.bench.driver;

import io.farpool.bench.system.Kind;
import io.farpool.bench.system.Pool;
import io.farpool.bench.system.Pools;
import io.farpool.bench.task.NoOp;
import java.util.List;

/** A whole program that wants one result: {@code KIND SLOTS [ADDRESS…]}. Ends as a user's would: by closing the pool. */
public final class ColdStart {
    private ColdStart() {}

    public static void main(String[] args) throws Exception {
        List<String> addresses = List.of(args).subList(2, args.length);
        try (Pool pool = Pools.open(Kind.of(args[0]), addresses, Integer.parseInt(args[1]))) {
            System.out.println(pool.submit(new NoOp(42)).get());
            System.out.flush();
        }
    }
}
