# Finds the one ready socket among many with selectors.EpollSelector.

import resource
import selectors
import socket

from trial import Parameters, measure


def select():
    # Node raises the limit by itself.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    ready, quiet = socket.socketpair()
    quiet.send(b"x")
    selector = selectors.EpollSelector()
    selector.register(ready, selectors.EVENT_READ)
    for _ in range(1, Parameters.size):
        selector.register(quiet.dup(), selectors.EVENT_READ)

    def body(operations):
        for _ in range(operations):
            for key, _events in selector.select():
                if key.fileobj is not ready:
                    raise RuntimeError("the wrong socket is ready")

    return measure(Parameters.count, body)
