"""The application as a process of its own that dies by SIGKILL in the middle of taking a field report in.

    python -m tests.e2e.desk.mortal DATA PORT WHEN

WHEN is `arrived` (the report is there, nothing is written), `written` (its transaction is about to be committed),
`answered` (it is committed, its answer not sent) or `never`. One death a process.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path

from sqlalchemy import event
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.app import create_app
from api.server import Server
from waspada.settings import Settings
from waspada.store import open_store


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


#: Whether a report has come in.
_taking: list[bool] = []


class Mortal:
    def __init__(self, app: ASGIApp, when: str) -> None:
        self.app, self.when = app, when

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_report = scope["type"] == "http" and (scope["method"], scope["path"]) == ("POST", "/api/v1/reports")
        _taking.extend([True] if is_report else [])
        if is_report and self.when == "arrived":
            _die()

        async def sending(message: Message) -> None:
            if is_report and self.when == "answered":
                _die()
            await send(message)

        await self.app(scope, receive, sending)


def main(data: Path, port: int, when: str) -> None:
    settings = Settings(data_dir=data, port=port)
    store = open_store(settings)
    app = create_app(store, settings)
    app.add_middleware(Mortal, when=when)

    @event.listens_for(store.engine, "commit")
    def _committing(*_: object) -> None:
        if _taking and when == "written":
            _die()

    listener = socket.create_server(("127.0.0.1", port))
    Server(app).run(sockets=[listener])


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
