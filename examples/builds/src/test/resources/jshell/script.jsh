import io.farpool.*;
void say(String name, Object value) { System.out.println(name + ": " + value); }
var pool = ADDRESS.isEmpty() ? ProcessPoolExecutor.create(1) : ProcessPoolExecutor.builder().coordinator(ADDRESS).maxWorkers(1).build();
say("lambda", pool.submit(() -> 6 * 7).result());
int twice(int n) { return 2 * n; }
say("method", pool.map(n -> twice(n), List.of(1, 2, 3)).toList());
record Point(int x, int y) { Point moved() { return new Point(y, twice(x)); } }
say("record", pool.submit(Point::moved, new Point(1, 2)).result());
int factor = 6;
var points = new ArrayList<>(List.of(new Point(5, 6)));
say("variables", pool.submit(() -> factor * points.get(0).x()).result());
factor = 7;
say("variable, set again", pool.submit(() -> factor * points.get(0).x()).result());
class Count { static int count; static int next() { return ++count; } }
Object ignored = pool.submit(() -> Count.next()).result();
int unrelated = 1;
enum Speed { SLOW, FAST }
say("enum", pool.submit(s -> s, Speed.FAST).result() == Speed.FAST);
long before = pool.submit(() -> ProcessHandle.current().pid()).result();
int twice(int n) { return 20 * n; }
say("method, changed", pool.map(n -> twice(n), List.of(1, 2, 3)).toList());
record Point(int x, int y, int z) { Point moved() { return new Point(z, y, x); } }
say("record, changed", pool.submit(Point::moved, new Point(1, 2, 3)).result());
long after = pool.submit(() -> ProcessHandle.current().pid()).result();
say("same process", before == after && before != ProcessHandle.current().pid());
class OddException extends RuntimeException { OddException(int n) { super(n + " is odd"); } }
int half(int n) { if (n % 2 != 0) throw new OddException(n); return n / 2; }
Throwable failure = pool.submit(() -> half(3)).exception();
say("exception", (failure instanceof OddException) + " " + failure.getMessage());
say("uses the pool", pool.submit(() -> pool == null).result());
pool.close();
