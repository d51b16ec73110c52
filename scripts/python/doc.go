// Package python is the tests of CPython's three servers, which are the Python files of this folder: threads.py, processes.py and
// asyncio_server.py, on serving.py and blocking.py, which is what they have in common; start.py, which starts tasks; and lock_order.py,
// which counts deadlocks.
//
// They are the techniques that the article speaks of, to be set beside the Go servers that stand in for them: small, idiomatic, on
// the standard library of Python 3.9 or later, and different in nothing but the model. Nothing here is part of a measurement of
// ours unless it is asked for.
package python
