package jobs

import io.farpool.NotSerializableTaskException
import io.farpool.PoolExecutor
import io.farpool.ProcessPoolExecutor
import io.farpool.RemoteCallable
import io.farpool.RemoteFunction
import io.farpool.RemoteRunnable

data class Point(val x: Int, val y: Int = 1)

sealed interface Shape

data object Nothing : Shape

object Edge : Shape

data class Circle(val radius: Double) : Shape {
    companion object
}

enum class Speed {
    SLOW {
        override fun factor() = 1
    },
    FAST {
        override fun factor() = 10
    };

    abstract fun factor(): Int
}

object Settings {
    val factor = 3
}

class Counter(private var count: Int) {
    val doubled by lazy { 2 * count }

    fun next(): Int = ++count
}

class TooBig(val number: Int) : Exception("$number is too big")

@JvmInline
value class Name(val text: String)

fun twice(number: Int) = 2 * number

fun checked(number: Int) = if (number > 9) throw TooBig(number) else number

fun say(where: String, what: String, value: Any?) = println("$where $what: $value")

fun run(where: String, pool: PoolExecutor) {
    val captured = 7
    say(where, "lambda", pool.submit(RemoteCallable { captured * 6 }).result())
    say(where, "reference", pool.map(RemoteFunction(::twice), listOf(1, 2, 3)).toList())
    say(where, "data class", pool.submit(RemoteFunction { p: Point -> p.copy(x = 2) }, Point(1)).result())
    say(where, "data object", pool.submit(RemoteFunction { s: Shape -> s }, Nothing).result() === Nothing)
    say(where, "plain object", pool.submit(RemoteFunction { s: Shape -> s === Edge }, Edge).result())
    say(where, "companion", pool.submit(RemoteCallable<Any> { Circle }).result() === Circle.Companion)
    say(where, "sealed", pool.submit(RemoteFunction { r: Double -> Circle(r) }, 2.5).result())
    say(where, "enum", pool.submit(RemoteFunction { s: Speed -> s.factor() }, Speed.FAST).result())
    say(where, "object", pool.submit(RemoteCallable { Settings.factor }).result())
    say(where, "class", pool.submit(RemoteFunction { c: Counter -> c.next() + c.doubled }, Counter(1)).result())
    say(where, "collections", pool.submit(RemoteCallable {
        mapOf("list" to listOf(1, 2), "pair" to Pair(1, 'c'), "range" to (1..3), "set" to setOf("x"), "one" to listOf(1), "empty" to emptyList<Int>())
    }).result())
    say(where, "value class", pool.submit(RemoteFunction { n: Name -> n.text.uppercase() }, Name("ada")).result())
    val anonymous = object : RemoteCallable<Int> {
        override fun call() = captured + 1
    }
    say(where, "anonymous object", pool.submit(anonymous).result())
    val serializable = @JvmSerializableLambda { n: Int -> n + captured }
    say(where, "serializable function", pool.submit(RemoteCallable { serializable(1) }).result())
    val function = { n: Int -> n + captured }
    say(where, "function", try {
        pool.submit(RemoteCallable { function(1) }).result()
    } catch (e: NotSerializableTaskException) {
        e.message
    })
    say(where, "failure", pool.submit(RemoteCallable { checked(10) }).exception()?.let { "${it is TooBig} ${it.message}" })
    pool.submit(RemoteRunnable { check(captured == 7) }).result()
}

fun main(args: Array<String>) {
    ProcessPoolExecutor.create(1).use { run("embedded", it) }
    ProcessPoolExecutor.connect(args[0]).use { run("cluster", it) }
}
