"""Conversations for models in which each connection has a thread: read, serve, wait, write, each in plain sequence."""

import contextlib
import socket
import threading
import time

import serving


class Blocking:
    """Serves connections, each in a thread of its own.

    turn is held from the moment a request is there until its reply is sent; with a lock for a turn, requests are served one at a
    time.
    """

    def __init__(self, app, turn=contextlib.nullcontext()):
        self.app, self.turn = app, turn

    def serve(self, http, echo):
        """Starts accepting from two listeners, of which either may be None. It returns at once."""
        for listener, talk in (http, self.http), (echo, self.echo):
            if listener is not None:
                threading.Thread(target=self.accept, args=(listener, talk), daemon=True).start()

    def accept(self, listener, talk):
        while True:
            try:
                conn, _ = listener.accept()
            except OSError:  # too many open files, most likely: some will be closed
                time.sleep(0.05)
                continue
            try:
                threading.Thread(target=self.converse, args=(talk, conn), daemon=True).start()
            except RuntimeError:  # too many threads
                conn.close()

    def converse(self, talk, conn):
        with conn, contextlib.suppress(OSError):  # the peer has gone
            conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            talk(conn)

    def http(self, conn):
        inbox, close = bytearray(), False
        while not close:
            while (request := serving.take(inbox)) is None:
                data = conn.recv(64 << 10)
                if not data:
                    return
                inbox += data
            with self.turn:
                wait, reply, close = self.app.serve(request)
                if wait:
                    time.sleep(wait)
                conn.sendall(reply)

    def echo(self, conn):
        while data := conn.recv(64 << 10):
            with self.turn:
                conn.sendall(data)
