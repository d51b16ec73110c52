"""Two tasks that take two locks in opposite order: how many runs never end? As `probe lock-order` does for Go.

Between its two locks a task yields, as one does that calls something which may wait. A deadlock is seen as it happens, without a
clock: a task that has its first lock and finds the second taken counts itself, and when both have, neither will ever go on.
The second to find out gives up, so that nothing is left behind. It prints one line of JSON: runs, those that ended and those that did not.
"""

import argparse
import asyncio
import json
import threading
import time


class Dining:
    """One run: two locks, and how many wait."""

    def __init__(self, lock):
        self.a, self.b = lock(), lock()
        self.waiting = 0

    def stuck(self):
        self.waiting += 1
        return self.waiting == 2


def threads():
    run, counting, gate, ended = Dining(threading.Lock), threading.Lock(), threading.Barrier(2), []

    def task(first, second):
        gate.wait()
        with first:
            time.sleep(0)  # lets go of the interpreter
            if not second.acquire(blocking=False):
                with counting:
                    if run.stuck():
                        return
                second.acquire()
            second.release()
            ended.append(True)

    both = [threading.Thread(target=task, args=locks) for locks in ((run.a, run.b), (run.b, run.a))]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    return len(ended) == 2


def coroutines(awaits):
    """With awaits, a coroutine gives the loop back between its locks; else it runs to its end, and nobody comes in between."""

    async def task(run, first, second):
        async with first:
            if awaits:
                await asyncio.sleep(0)
            if second.locked() and run.stuck():
                return False
            async with second:
                return True

    async def both():
        run = Dining(asyncio.Lock)
        return all(await asyncio.gather(task(run, run.a, run.b), task(run, run.b, run.a)))

    return lambda: asyncio.run(both())


KINDS = {"threads": threads, "loop": coroutines(False), "await": coroutines(True)}


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--kind", choices=list(KINDS), default="threads", help="what the tasks are; loop and await are coroutines (%(default)s)")
    p.add_argument("--runs", type=int, default=100, metavar="R", help="how often (%(default)s)")
    flags = p.parse_args()
    if flags.runs < 1:
        p.error("--runs must be at least 1")
    ended = sum(KINDS[flags.kind]() for _ in range(flags.runs))
    print(json.dumps({"due": flags.runs, "completed": ended, "unfinished": flags.runs - ended}))


if __name__ == "__main__":
    main()
