"""Processes: a supervisor and N workers that accept from the same sockets.

Each worker has an interpreter, and so a GIL, of its own; within it a connection has a thread, as in threads.py. A worker that dies
takes its connections along, and another takes its place. They share nothing, unless it is carried across: see Shared and Remote.
"""

import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading
import time

import serving
from blocking import Blocking

fork = multiprocessing.get_context("fork")


class Shared:
    """A number in memory that the processes share, behind a lock that they share too."""

    def __init__(self):
        self.value = fork.Value("Q", 0)

    def add(self):
        with self.value.get_lock():
            self.value.value += 1
            return self.value.value

    def load(self):
        return self.value.value


class Remote:
    """A number that the supervisor keeps, as a worker sees it: a message there and one back for each call."""

    def __init__(self, pipe):
        self.pipe, self.lock = pipe, threading.Lock()

    def call(self, what):
        with self.lock:
            self.pipe.send(what)
            return self.pipe.recv()

    def add(self):
        return self.call("add")

    def load(self):
        return self.call("load")


class Supervisor:
    def __init__(self, flags):
        self.flags = flags
        self.http, self.echo = serving.listen(flags.http, "http"), serving.listen(flags.echo, "echo")
        self.shared = Shared() if flags.counter == "shm" else None
        self.number = serving.Racy()  # for Remote: only this thread touches it
        self.workers = {}  # by sentinel, which is readable once the process has ended
        self.pipes = {}  # the supervisor's ends, by the workers' sentinel
        self.pid = os.getpid()

    def start(self):
        # Signals are held meanwhile: none comes before the worker is noted down, and the worker, born with them held, loses none.
        serving.hold_signals()
        mine, theirs = fork.Pipe() if self.flags.counter == "rpc" else (None, None)
        worker = fork.Process(target=self.work, args=(theirs,), daemon=True)
        worker.start()
        worker.began = time.monotonic()
        self.workers[worker.sentinel] = worker
        if mine:
            theirs.close()
            self.pipes[worker.sentinel] = mine
        signal.pthread_sigmask(signal.SIG_UNBLOCK, serving.STOP)

    def work(self, pipe):
        """The life of a worker."""
        serving.die_with_parent(self.pid)
        counter = self.shared or (Remote(pipe) if pipe else serving.Locked())
        Blocking(serving.App(counter, self.flags.allow_faults)).serve(self.http, self.echo)
        threading.Thread(target=self.outlived, daemon=True).start()
        serving.stop_when_asked()

    def outlived(self):
        """Ends a worker whose supervisor has ended, where the kernel does not see to it."""
        multiprocessing.parent_process().join()
        os._exit(1)

    def run(self):
        for asked in serving.STOP:
            signal.signal(asked, lambda *_: sys.exit(0))
        try:
            for _ in range(self.flags.workers):
                self.start()
            serving.ready(self.flags.model, self.http, self.echo)
            while True:
                self.look(multiprocessing.connection.wait([*self.workers, *self.pipes.values()]))
        finally:
            self.stop()

    def look(self, events):
        """Starts a worker for each that has died, and answers those that ask for the number."""
        for event in events:
            if event in self.workers:
                self.replace(event)
                continue
            try:
                add = event.recv() == "add"
                event.send(self.number.add() if add else self.number.load())
            except (EOFError, OSError):
                pass  # the worker has died, which its sentinel says as well

    def replace(self, sentinel):
        dead = self.workers.pop(sentinel)
        dead.join()
        if pipe := self.pipes.pop(sentinel, None):
            pipe.close()
        print(f"worker {dead.pid} died: exit code {dead.exitcode}", file=sys.stderr, flush=True)
        if time.monotonic() - dead.began < 1:
            time.sleep(0.05)  # not as fast as it can, if it dies of itself
        self.start()

    def stop(self):
        """Ends all workers, and those that do not hear (stopped ones) as well."""
        for worker in self.workers.values():
            worker.terminate()
        patience = time.monotonic() + 1
        for worker in self.workers.values():
            worker.join(max(0, patience - time.monotonic()))
            if worker.is_alive():
                worker.kill()
                worker.join()


def main():
    parser = serving.flags("py-processes", "A server of several processes that share the listening sockets.",
                           shm="in memory that all share, behind a lock", rpc="the supervisor keeps it, and is asked",
                           own="each worker has one of its own, and none knows the sum")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), metavar="N", help="worker processes (%(default)s)")
    flags = parser.parse_args()
    if flags.workers < 1:
        parser.error(f"--workers is {flags.workers}; it must be at least 1")
    Supervisor(flags).run()


if __name__ == "__main__":
    main()
