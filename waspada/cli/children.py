"""What runs inside the processes of `waspada run`: the worker and the API. (The collector is the crawler's own.)"""

from __future__ import annotations

import logging
import signal
import socket
import sys
from threading import Event
from types import FrameType

import nlp
from waspada.archive.service import archive_of
from waspada.errors import WaspadaError
from waspada.jobs.rank import RankingData
from waspada.jobs.worker import work
from waspada.settings import Settings
from waspada.store import open_store


def worker_main(settings: Settings) -> None:
    """Tags, groups and ranks until SIGTERM."""
    stop = Event()

    def on_term(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_term)
    _log_to_stderr()
    try:
        store = open_store(settings)
        work(store, nlp.load(settings.model_dir), RankingData.load(settings), stop, archive=archive_of(settings))
        store.close()
    except WaspadaError as error:
        _fail("worker", error)


def api_main(settings: Settings, listener: socket.socket) -> None:
    """Serves the API and the console on a socket that the supervisor opened, until SIGTERM."""
    from api.app import create_app
    from api.server import Server

    _log_to_stderr()
    try:
        hosts = [settings.public_host] if settings.public_host else []
        app = create_app(open_store(settings), settings, hosts=hosts)
    except WaspadaError as error:
        _fail("api", error)
    Server(app).run(sockets=[listener])


def _log_to_stderr() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(name)s: %(message)s")


def _fail(name: str, error: WaspadaError) -> None:
    sys.stderr.write(f"waspada {name}: {error}\n")
    sys.exit(2)
