package jobs

import io.farpool.*
import scala.collection.immutable.{ListMap, TreeMap}

case class Point(x: Int, y: Int)

sealed trait Shape
case object Nowhere extends Shape
case class Circle(radius: Double) extends Shape

enum Speed:
  case Slow, Fast
  case Custom(factor: Int)

object Settings:
  val factor = 3

class Counter(private var count: Int):
  lazy val doubled = 2 * count
  def next(): Int =
    count += 1
    count

class TooBig(val number: Int) extends Exception(s"$number is too big")

object Jobs:
  def twice(number: Int): Int = 2 * number

  def checked(number: Int): Int = if number > 9 then throw TooBig(number) else number

  def say(where: String, what: String, value: Any): Unit = println(s"$where $what: $value")

  def run(where: String, pool: PoolExecutor): Unit =
    val captured = 7
    def task[T](body: RemoteCallable[T]): T = pool.submit(body).result()
    def call[A, R](function: RemoteFunction[A, R], argument: A): R = pool.submit(function, argument).result()
    say(where, "lambda", task(() => captured * 6))
    say(where, "reference", pool.map[Int, Int](twice(_), java.util.List.of(1, 2, 3)).toList)
    say(where, "case class", call((p: Point) => p.copy(x = 2), Point(1, 1)))
    say(where, "case object", call((s: Shape) => s, Nowhere) eq Nowhere)
    say(where, "plain object", call((s: Settings.type) => s, Settings) eq Settings)
    say(where, "sealed", call((r: Double) => Circle(r), 2.5))
    say(where, "enum", call((s: Speed) => s, Speed.Fast) eq Speed.Fast)
    say(where, "enum with a value", call((s: Speed) => Speed.Custom(s.ordinal), Speed.Custom(5)))
    say(where, "object", task(() => Settings.factor))
    say(where, "class", call((c: Counter) => c.next() + c.doubled, Counter(1)))
    val collections: RemoteCallable[Any] = () =>
      List(Vector(1, 2), Map("a" -> 1), Set(1), Option(3), None, (1, "two"), 1 to 3, Nil, ListMap("k" -> 'v'), TreeMap(2 -> "b", 1 -> "a"), Left(1))
    say(where, "collections", task(collections))
    say(where, "lazy list", task(() => LazyList.from(1).take(2)).toList)
    val large = (1 to 1000).map(n => n -> n.toString).toMap
    say(where, "large map", call((m: Map[Int, String]) => m.size + m(1000).length, large))
    val function = (n: Int) => n + captured
    say(where, "function", task(() => function.andThen(_ * 2)(1)))
    val anonymous = new RemoteCallable[Int]:
      override def call() = captured + 1
    say(where, "anonymous class", task(anonymous))
    val failure = pool.submit((() => checked(10)): RemoteCallable[Int]).exception()
    say(where, "failure", s"${failure.isInstanceOf[TooBig]} ${failure.getMessage}")

  def main(args: Array[String]): Unit =
    val embedded = ProcessPoolExecutor.create(1)
    try run("embedded", embedded) finally embedded.close()
    val cluster = ProcessPoolExecutor.connect(args(0))
    try run("cluster", cluster) finally cluster.close()
