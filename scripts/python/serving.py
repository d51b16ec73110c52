"""What CPython's three servers have in common: HTTP, the routes, counters, flags.

threads.py, processes.py and asyncio_server.py are the article's techniques, each whole and small enough to be read aloud. They
differ in the model only, that is in how a connection becomes running code and who is held up when a request computes or waits. So
what a request means is here, and nothing here waits for anything.

They stand beside the Go servers, to see whether those are good stand-ins: the same routes, the same meaning of their parameters,
the same ready line. Python 3.9 or later and its standard library; Linux for what the kernel has to do.
"""

import argparse
import ctypes
import email.utils
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from urllib.parse import parse_qsl

MOST_HEAD, MOST_BODY = 64 << 10, 1 << 20  # bytes of a request
MOST_DIGITS = 18  # int() refuses some thousand itself, as an error of the program
MOST_SPIN, MOST_WAIT, MOST_BYTES = 10_000_000_000, 600.0, 1 << 30  # that one may ask for; see servers/app


# Requests: bytes in, requests out.


class Request:
    __slots__ = ("method", "path", "query", "body", "close", "problem")

    def __init__(self, method, target, body=b"", close=False, problem=0):
        self.method, self.body, self.close = method, body, close
        self.path, _, self.query = target.partition("?")
        self.problem = problem  # the status of a request that cannot be understood; 0: it can


def bad(status):
    return Request("", "", close=True, problem=status)


def take(inbox):
    """Takes the first whole request out of what has arrived; None if there is none yet."""
    end = inbox.find(b"\r\n\r\n")
    if end < 0:
        return bad(431) if len(inbox) > MOST_HEAD else None
    first, *fields = inbox[:end].decode("latin-1").split("\r\n")
    try:
        method, target, version = first.split(" ")
    except ValueError:
        return bad(400)
    length, close = 0, version == "HTTP/1.0"
    for field in fields:
        name, _, value = field.partition(":")
        name = name.lower()
        if name == "content-length":
            value = value.strip()
            if not (value.isascii() and value.isdigit() and len(value) <= MOST_DIGITS):
                return bad(400)
            length = int(value)
        elif name == "connection":
            close = "close" in value.lower() or close and "keep-alive" not in value.lower()
        elif name == "transfer-encoding":
            return bad(501)
    if length > MOST_BODY:
        return bad(413)
    end += 4
    if len(inbox) < end + length:
        return None
    body = bytes(inbox[end : end + length])
    del inbox[: end + length]
    return Request(method, target, body, close)


# Replies.

REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 413: "Content Too Large",
           431: "Request Header Fields Too Large", 501: "Not Implemented"}


class Refused(Exception):
    """A request that gets an error for a reply."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


_date = (0, "")


def date():
    """The time as a header has it, made once a second."""
    global _date
    now = int(time.time())
    if _date[0] != now:
        _date = now, email.utils.formatdate(now, usegmt=True)
    return _date[1]


def reply(status, body, close, kind="text/plain"):
    last = "Connection: close\r\n" if close else ""
    head = f"HTTP/1.1 {status} {REASONS[status]}\r\nServer: python\r\nDate: {date()}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{last}\r\n"
    return head.encode("latin-1") + body


# The application.


def spin(n):
    """n steps of xorshift64*: the same kernel as Spin in servers/app, in Python."""
    x = 0x9E3779B97F4A7C15
    for _ in range(n):
        x ^= x >> 12
        x ^= x << 25 & 0xFFFFFFFFFFFFFFFF
        x ^= x >> 27
        x = x * 0x2545F4914F6CDD1D & 0xFFFFFFFFFFFFFFFF
    return x


UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
DURATION = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)")


def seconds(text):
    """Reads a duration as Go writes it: 10ms, 1s, 1m30s, 0."""
    if text == "0":
        return 0.0
    parts = DURATION.findall(text)
    wait = sum(float(n) * UNITS[unit] for n, unit in parts)
    if not parts or "".join(n + unit for n, unit in parts) != text or wait > MOST_WAIT:
        raise Refused(400, f"{text!r} is no duration such as 10ms, from 0 to 10m")
    return wait


def number(text, most):
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS) or int(text) > most:
        raise Refused(400, f"{text!r} is no number from 0 to {most}")
    return int(text)


class App:
    """Serves requests; counter counts for /count, faults allows /fault/KIND."""

    def __init__(self, counter, faults=False):
        self.counter, self.faults = counter, faults
        self.leaked = []

    def serve(self, request):
        """Does the work of a request. The result is how long to wait, what to send then, and whether to close after it.

        It computes where it is called and waits for nothing: waiting is the model's business.
        """
        if request.problem:
            return 0, reply(request.problem, b"", True), True
        close = request.close
        try:
            wait, body, kind = self.route(request)
            return wait, reply(200, body, close, kind), close
        except Refused as why:
            return 0, reply(why.status, f"{why}\n".encode(), close), close

    def route(self, request):
        path, method = request.path, request.method
        if path == "/plaintext":
            self.must(method, "GET")
            return 0, b"Hello, World!", "text/plain"
        if path == "/task":
            self.must(method, "GET")
            return self.task(request.query)
        if path == "/count":
            self.must(method, "GET", "POST")
            n = self.counter.add() if method == "POST" else self.counter.load()
            return 0, b"%d\n" % n, "text/plain"
        if path.startswith("/fault/") and self.faults:
            self.must(method, "POST")
            self.fail(path[len("/fault/") :], dict(parse_qsl(request.query)))
            return 0, b"done\n", "text/plain"
        raise Refused(404, "no such route")

    def must(self, method, *allowed):
        if method not in allowed:
            raise Refused(405, "method not allowed")

    def task(self, query):
        wait, size = 0, 0
        for key, value in parse_qsl(query, keep_blank_values=True):
            if key == "spin":
                spin(number(value, MOST_SPIN))
            elif key == "wait":
                wait = seconds(value)
            elif key == "bytes":
                size = number(value, MOST_BYTES)
            else:
                raise Refused(400, f"unknown parameter {key!r}: /task takes spin, wait and bytes")
        return wait, b"x" * size, "application/octet-stream"

    def fail(self, kind, query):
        """Goes wrong as it is asked to; see Fault in servers/app."""
        if kind == "exit":
            os._exit(1)
        elif kind == "segv":
            os.kill(os.getpid(), signal.SIGSEGV)
            signal.pause()  # the kernel may take a moment
        elif kind == "hang":
            self.hang(seconds(query.get("for", "0")))
        elif kind == "spin":
            while spin(1 << 20):  # it never is 0
                pass
        elif kind == "leak":
            self.leaked.append(b"\1" * number(query.get("bytes", str(64 << 20)), MOST_BYTES))
        else:
            raise Refused(404, "no such fault")

    def hang(self, wait):
        me = str(os.getpid())
        if wait:  # who continues this process must be another one
            script = 'kill -STOP "$1"; sleep "$2"; kill -CONT "$1"'
            subprocess.run(["sh", "-c", script, "sh", me, f"{wait:.3f}"], check=True)
        else:
            os.kill(os.getpid(), signal.SIGSTOP)


# Counters.


class Racy:
    """The counter of a program that has forgotten that it is concurrent: another thread may come between load and store."""

    def __init__(self):
        self.n = 0

    def load(self):
        return self.n

    def store(self, n):
        self.n = n
        return n

    def add(self):
        return self.store(self.load() + 1)


class Locked(Racy):
    """A number behind a lock."""

    def __init__(self):
        super().__init__()
        self.lock = threading.Lock()

    def add(self):
        with self.lock:
            return super().add()


# What a server is started with, and how it ends.


def flags(model, description, **counters):
    """Reads the command line. counters are the modes of --counter, the default first, with what each is."""
    p = argparse.ArgumentParser(prog=os.path.basename(sys.argv[0]), description=description)
    p.add_argument("--http", default="127.0.0.1:0", metavar="ADDR", help='where to serve HTTP; "" turns it off (%(default)s)')
    p.add_argument("--echo", default="127.0.0.1:0", metavar="ADDR", help='where to serve TCP echo; "" turns it off (%(default)s)')
    p.add_argument("--counter", choices=list(counters), default=next(iter(counters)),
                   help="how /count keeps its number: " + "; ".join(f"{name}: {what}" for name, what in counters.items()) + " (%(default)s)")
    p.add_argument("--allow-faults", action="store_true", help="serve POST /fault/{exit,segv,hang,spin,leak}")
    p.set_defaults(model=model)
    return p


def listen(address, name):
    """Opens a listening socket; None for an empty address."""
    if not address:
        return None
    host, _, port = address.rpartition(":")
    s = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        s.bind((host.strip("[]"), int(port)))
    except (OSError, ValueError, OverflowError) as why:
        sys.exit(f"{os.path.basename(sys.argv[0])}: --{name} {address}: {why}")
    s.listen(1024)
    return s


def ready(model, http, echo):
    """Prints the line that says that the server listens."""
    line = {"ready": True, "model": model, "pid": os.getpid(), "http": where(http), "echo": where(echo), "admin": ""}
    print(json.dumps(line, separators=(",", ":")), flush=True)


def where(listener):
    if listener is None:
        return ""
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


STOP = {signal.SIGTERM, signal.SIGINT}


def hold_signals():
    """Keeps SIGTERM and SIGINT for stop_when_asked. To be called before any thread is started, as each inherits it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP)


def stop_when_asked():
    """Waits for SIGTERM or SIGINT and ends the process, whatever its other threads are at, with all their connections.

    It waits in the kernel. A handler would do for one thread; of several, any may be given the signal, and then the main thread,
    which alone runs handlers, does not wake up.
    """
    signal.sigwait(STOP)
    os._exit(0)


def die_with_parent(parent):
    """Has the kernel kill this process when its parent ends, also one that is stopped. Elsewhere than on Linux it does nothing."""
    if sys.platform == "linux":
        PR_SET_PDEATHSIG = 1
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before
            os._exit(1)
