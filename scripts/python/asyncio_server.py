"""Asyncio: one process, one thread, a coroutine for each connection.

Whoever awaits gives the loop to the others. A request that computes, or sleeps without await (--block), holds up everyone.
"""

import asyncio
import os
import signal
import time

import serving


class Server:
    def __init__(self, app, block):
        self.app, self.block = app, block

    async def http(self, reader, writer):
        inbox, close = bytearray(), False
        while not close:
            while (request := serving.take(inbox)) is None:
                data = await reader.read(64 << 10)
                if not data:
                    return
                inbox += data
            wait, reply, close = self.app.serve(request)
            if wait and self.block:
                time.sleep(wait)  # the classic mistake
            elif wait:
                await asyncio.sleep(wait)
            writer.write(reply)
            await writer.drain()

    async def echo(self, reader, writer):
        while data := await reader.read(64 << 10):
            writer.write(data)
            await writer.drain()


def closing(talk):
    """A conversation that closes its connection in the end."""

    async def converse(reader, writer):
        try:
            await talk(reader, writer)
        except OSError:
            pass  # the peer has gone
        finally:
            writer.close()

    return converse


async def serve(flags):
    server = Server(serving.App(serving.Racy(), flags.allow_faults), flags.block)
    http, echo = serving.listen(flags.http, "http"), serving.listen(flags.echo, "echo")
    for listener, talk in (http, server.http), (echo, server.echo):
        if listener is not None:
            await asyncio.start_server(closing(talk), sock=listener, backlog=1024)
    serving.ready(flags.model, http, echo)
    await asyncio.Event().wait()  # for ever


def main():
    parser = serving.flags("py-asyncio", "A server with a coroutine for each connection, all on one loop.",
                           racy="unguarded, which is enough: nobody else runs between two awaits")
    parser.add_argument("--block", action="store_true", help="sleep on the loop instead of awaiting: the classic mistake, to see what it costs")
    flags = parser.parse_args()
    for asked in serving.STOP:
        signal.signal(asked, lambda *_: os._exit(0))  # not by the loop, which a request may hold
    asyncio.run(serve(flags))


if __name__ == "__main__":
    main()
