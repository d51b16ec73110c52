"""Starts n tasks of a kind and measures until all have begun, as `probe start` does for Go.

The clock runs from before the first start until each task has executed its own first line and said so. All are alive together,
then all end, and the next round begins when they are gone. It prints one line of JSON: the median of the rounds.
"""

import argparse
import asyncio
import json
import multiprocessing
import multiprocessing.connection
import queue
import statistics
import threading
import time


def threads(n):
    ready, done = queue.SimpleQueue(), threading.Event()

    def task():
        ready.put(None)
        done.wait()

    tasks = [threading.Thread(target=task) for _ in range(n)]
    begin = time.perf_counter()
    for thread in tasks:
        thread.start()
    for _ in tasks:
        ready.get()
    took = time.perf_counter() - begin
    done.set()
    for thread in tasks:
        thread.join()
    return took


def process(ready, done):
    """The life of a process that was started."""
    ready.send(None)
    done.wait()


def processes(method):
    """A process is an interpreter: a copy of this one (fork), or a new one (spawn), which imports its modules again."""
    context = multiprocessing.get_context(method)

    def start(n):
        done = context.Event()
        pipes = [context.Pipe(duplex=False) for _ in range(n)]
        tasks = [context.Process(target=process, args=(ready, done), daemon=True) for _, ready in pipes]
        begin = time.perf_counter()
        for one in tasks:
            one.start()
        for (began, _), one in zip(pipes, tasks):
            if began not in multiprocessing.connection.wait([began, one.sentinel]):
                raise SystemExit(f"a process ended before it began: exit code {one.exitcode}")
            began.recv()
        took = time.perf_counter() - begin
        done.set()
        for one in tasks:
            one.join()
        return took

    return start


def coroutines(n):
    async def run():
        ready, done = asyncio.Semaphore(0), asyncio.Event()

        async def task():
            ready.release()
            await done.wait()

        begin = time.perf_counter()
        tasks = [asyncio.create_task(task()) for _ in range(n)]
        for _ in tasks:
            await ready.acquire()
        took = time.perf_counter() - begin
        done.set()
        await asyncio.gather(*tasks)
        return took

    return asyncio.run(run())


KINDS = {"thread": threads, "process": processes("fork"), "spawn": processes("spawn"), "task": coroutines}


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--kind", choices=list(KINDS), required=True, help="process is a fork of this one, spawn a new interpreter, task a coroutine")
    p.add_argument("-n", type=int, default=64, metavar="N", help="how many in each round (%(default)s)")
    p.add_argument("--rounds", type=int, default=5, metavar="R", help="how often; the median is printed (%(default)s)")
    flags = p.parse_args()
    if not 1 <= flags.n <= 4000 or flags.rounds < 1:
        p.error("-n must be from 1 to 4000, and --rounds at least 1")
    took = statistics.median(KINDS[flags.kind](flags.n) for _ in range(flags.rounds))
    print(json.dumps({"start_to_ready_us": round(took * 1e6, 3), "due": flags.n, "completed": flags.n}))


if __name__ == "__main__":
    main()
