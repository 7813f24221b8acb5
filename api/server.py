"""The web server, told of its streams: one that never ends by itself would hold up the end of the process."""

from __future__ import annotations

import socket

import uvicorn
from fastapi import FastAPI

from api.context import Context


class Server(uvicorn.Server):
    """Ends the open streams first, then waits for the other requests as uvicorn does."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._context: Context = app.state.context

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._context.live.stop()
        await super().shutdown(sockets)
