"""What runs inside the processes of `waspada run`: the worker and the API. (The collector is the crawler's own.)"""

from __future__ import annotations

import os
import signal
import socket
import sys
from threading import Event, Thread
from types import FrameType

import nlp
from waspada import logs
from waspada.archive.service import archive_of
from waspada.cli.shipped import register_shipped
from waspada.cli.supervisor import ChildSpec, start_child
from waspada.clock import utc_now
from waspada.errors import WaspadaError
from waspada.jobs.rank import RankingData
from waspada.jobs.taggers import Taggers
from waspada.jobs.train import Trainer
from waspada.jobs.webhooks import keep_telling
from waspada.jobs.worker import work
from waspada.models.types import Training
from waspada.processes.heart import beating
from waspada.processes.types import ProcessRole
from waspada.settings import Settings
from waspada.store import open_store

#: How long the worker waits for a webhook that is being told when it is stopped.
_LAST_WORDS_SECONDS = 3.0
#: A training gives way to whatever else the machine has to do.
_LOW_PRIORITY = 10


def worker_main(settings: Settings) -> None:
    """Tags, groups and ranks until SIGTERM."""
    stop = Event()

    def on_term(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_term)
    logs.configure(settings, "worker")
    try:
        store = open_store(settings)
        started = utc_now()
        tagger = nlp.load(settings.model_dir)
        register_shipped(store, utc_now())
        seconds = round((utc_now() - started).total_seconds(), 1)
        trainer = Trainer(
            store, settings, lambda one: start_child(ChildSpec("training", training_main, (settings, one)))
        )
        telling = Thread(target=keep_telling, args=(store, settings, stop), name="webhooks", daemon=True)
        telling.start()
        with beating(store, settings, ProcessRole.WORKER, model=tagger.model, model_seconds=seconds) as heart:
            try:
                work(
                    store,
                    Taggers(store, settings, tagger, nlp.load),
                    RankingData.load(settings),
                    stop,
                    archive=archive_of(settings),
                    went_on=heart.touch,
                    baseline=nlp.load(nlp.shipped(nlp.BASELINE)),
                    switched=lambda model: heart.say(model=model),
                    trainer=trainer,
                )
            finally:  # a child that is left would be waited for
                trainer.stop()
        telling.join(_LAST_WORDS_SECONDS)
        store.close()
    except WaspadaError as error:
        _fail("worker", error)


def training_main(settings: Settings, training: Training) -> None:
    """Runs one training that the worker was given; at SIGTERM it waits again."""
    from waspada.cli.training import ToldToStop, run  # what compares and learns is loaded by who does it

    def on_term(_number: int, _frame: FrameType | None) -> None:
        raise ToldToStop

    signal.signal(signal.SIGTERM, on_term)
    os.nice(_LOW_PRIORITY)
    logs.configure(settings, "training")
    try:
        store = open_store(settings)
        run(store, settings, training)
        store.close()
    except ToldToStop:
        return
    except WaspadaError as error:
        _fail("training", error)


def api_main(settings: Settings, listener: socket.socket) -> None:
    """Serves the API and the console on a socket that the supervisor opened, until SIGTERM."""
    from api.app import create_app
    from api.server import Server

    logs.configure(settings, "api")
    try:
        hosts = [settings.public_host] if settings.public_host else []
        store = open_store(settings)
        app = create_app(store, settings, hosts=hosts)
    except WaspadaError as error:
        _fail("api", error)
    with beating(store, settings, ProcessRole.API):
        Server(app).run(sockets=[listener])


def _fail(name: str, error: WaspadaError) -> None:
    sys.stderr.write(f"waspada {name}: {error}\n")
    sys.exit(2)
