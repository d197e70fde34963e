"""Python's ProcessPoolExecutor under the harness: reads and answers what io.farpool.bench.driver.Request describes.

pool_driver.py SLOTS         carries out workloads until its standard input ends
pool_driver.py SLOTS cold    one result, and the end: a cold start
"""

import itertools
import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor


def no_op(number):
    return number


def increment(item):
    return item + 1


def echo(data):
    return data


def spin(cpu_nanos):
    """Computes until its thread has had so much CPU time; gives the nanoseconds that passed."""
    begun = time.perf_counter_ns()
    until = time.thread_time_ns() + cpu_nanos
    value = 1.0
    while time.thread_time_ns() < until:
        for _ in range(20):
            value = value * 1.0000001 + 1e-9
    return time.perf_counter_ns() - begun


def sleep(nanos):
    time.sleep(nanos / 1e9)
    return nanos


def expect(value, expected):
    if value != expected:
        raise AssertionError(f"a result is wrong: {value}, expected {expected}")


def percentile(ascending, percent):
    """Nearest rank, as io.farpool.bench.harness.Statistics."""
    rank = -(-percent * len(ascending) // 100)
    return ascending[max(0, min(len(ascending), int(rank)) - 1)]


def results(pool, fn, arguments):
    return [future.result() for future in [pool.submit(fn, argument) for argument in arguments]]


class Workloads:
    def __init__(self, pool, slots):
        self.pool = pool
        self.slots = slots
        self.queued = []

    def throughput(self, tasks, seconds):
        """Again and again until so many seconds are over, at least once."""
        tasks = int(tasks)
        begun = time.perf_counter()
        done = 0
        while done == 0 or elapsed < int(seconds):
            expect(sum(results(self.pool, no_op, range(tasks))), tasks * (tasks - 1) // 2)
            done += tasks
            elapsed = time.perf_counter() - begun
        return {"tasks_per_s": done / elapsed, "elapsed_s": elapsed, "tasks": done}

    def map(self, items, chunk, seconds):
        items = int(items)
        begun = time.perf_counter()
        done = 0
        while done == 0 or elapsed < int(seconds):
            total = sum(self.pool.map(increment, range(items), chunksize=int(chunk)))
            expect(total, items * (items + 1) // 2)
            done += items
            elapsed = time.perf_counter() - begun
        return {"items_per_s": done / elapsed, "elapsed_s": elapsed}

    def latency(self, tasks):
        micros = []
        for i in range(int(tasks)):
            begun = time.perf_counter_ns()
            expect(self.pool.submit(no_op, i).result(), i)
            micros.append((time.perf_counter_ns() - begun) / 1e3)
        micros.sort()
        return {
            "p50_us": percentile(micros, 50),
            "p99_us": percentile(micros, 99),
            "p999_us": percentile(micros, 99.9),
        }

    def echo(self, bytes, times):
        size = int(bytes)
        payload = bytearray(size)
        for i in range(0, size, 4096):
            payload[i] = i * 31 & 0xFF
        payload = memoryview(payload).tobytes()
        millis = []
        for _ in range(int(times)):
            begun = time.perf_counter()
            expect(len(self.pool.submit(echo, payload).result()), size)
            millis.append((time.perf_counter() - begun) * 1e3)
        millis.sort()
        median = percentile(millis, 50)
        return {"round_trip_ms": median, "mb_per_s": 2 * size / 1e3 / median}

    def spin(self, micros, tasks):
        micros, tasks = int(micros), int(tasks)
        begun = time.perf_counter()
        busy = sum(results(self.pool, spin, itertools.repeat(micros * 1000, tasks))) / 1e9
        elapsed = time.perf_counter() - begun
        offered = elapsed * self.slots
        return {"efficiency": tasks * micros / 1e6 / offered, "slots_busy": busy / offered, "elapsed_s": elapsed}

    def makespan(self, micros):
        lengths = [int(each) * 1000 for each in micros.split(",")]
        begun = time.perf_counter()
        results(self.pool, sleep, lengths)
        return {"makespan_s": time.perf_counter() - begun}

    def block(self):
        self.queued += [self.pool.submit(sleep, 3_600_000_000_000) for _ in range(self.slots)]
        return {"blocked": self.slots}

    def queue(self, tasks):
        self.queued += [self.pool.submit(no_op, i) for i in range(int(tasks))]
        return {"queued": len(self.queued)}


def answer(workloads, line):
    verb, *words = line.split()
    try:
        values = getattr(workloads, verb)(**dict(word.split("=", 1) for word in words))
        return "= " + " ".join(f"{name}={value:.6f}" for name, value in values.items())
    except Exception as failure:
        return "! " + " ".join(f"{type(failure).__name__}: {failure}".split())


def main():
    slots = int(sys.argv[1])
    # The start method is said, because its default differs between versions of Python: this is the fastest one.
    with ProcessPoolExecutor(slots, mp_context=multiprocessing.get_context("fork")) as pool:
        if sys.argv[2:] == ["cold"]:
            print(pool.submit(no_op, 42).result(), flush=True)
            return
        workloads = Workloads(pool, slots)
        print("=", flush=True)
        for line in sys.stdin:
            print(answer(workloads, line), flush=True)


if __name__ == "__main__":
    main()
