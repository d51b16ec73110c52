"""Threading: one process, a thread for each connection.

The interpreter runs one thread at a time (the GIL) and switches every 5 ms; a thread that waits lets go of it. So requests that
wait do so together, and requests that compute take turns.
"""

import contextlib
import threading

import serving
from blocking import Blocking


def main():
    parser = serving.flags("py-threads", "A server with a thread for each connection.",
                           lock="behind a lock", racy="unguarded")
    parser.add_argument("--serial", action="store_true", help="serve one request at a time, waits included: no concurrency, the control")
    flags = parser.parse_args()

    counter = serving.Racy() if flags.counter == "racy" else serving.Locked()
    http, echo = serving.listen(flags.http, "http"), serving.listen(flags.echo, "echo")
    turn = threading.Lock() if flags.serial else contextlib.nullcontext()
    serving.hold_signals()
    Blocking(serving.App(counter, flags.allow_faults), turn).serve(http, echo)
    serving.ready(flags.model, http, echo)
    serving.stop_when_asked()


if __name__ == "__main__":
    main()
