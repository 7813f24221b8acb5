"""The web server, told of its streams: one that never ends by itself would hold up the end of the process."""

from __future__ import annotations

import gc
import socket
import sys

import uvicorn
from anyio import to_thread
from fastapi import FastAPI

from api.context import Context

#: What a request that is being answered gets when the server ends; streams end at once.
GRACE_SECONDS = 3
#: Requests worked on at once; the others wait in line. More only take the interpreter from each other (a page for the
#: widest reader: p95 33 ms with 12, 23 ms with 2), fewer would let two long answers hold up all others.
THREADS = 4
#: A thread whose database has answered waits for the interpreter no longer than this: with Python's own 5 ms the dozen
#: and more waits of a page add up. Read right after one another on PostgreSQL: p95 94 ms with 5 ms, 39 ms with 1 ms.
SWITCH_SECONDS = 0.001


class Server(uvicorn.Server):
    """Ends the open streams first, then waits for the other requests as uvicorn does."""

    def __init__(self, app: FastAPI) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,  # the process has set its log up (waspada.logs)
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
                lifespan="off",
            )
        )
        self._context: Context = app.state.context

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        sys.setswitchinterval(SWITCH_SECONDS)
        to_thread.current_default_thread_limiter().total_tokens = THREADS
        for listener in sockets or []:
            _send_at_once(listener)
        gc.collect()
        gc.freeze()  # half a million objects that stay: a full collection over them holds a page up for 0.2 s
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._context.live.stop()
        await super().shutdown(sockets)


def _send_at_once(listener: socket.socket) -> None:
    """Connections take this over from their listener. The event loop sets it only where a socket names its protocol,
    which a listener that was opened by hand does not: there the body of an answer waits 40 ms for the reader's word
    that the head has come."""
    if listener.family in (socket.AF_INET, socket.AF_INET6):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
