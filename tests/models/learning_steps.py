"""A small training that really writes a model folder, a comparison that really keeps one, and a desk to learn from.

Both can end their process by SIGKILL at a named moment.
"""

from __future__ import annotations

import json
import os
import signal
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

import nlp
from nlp.evaluation.evaluate import Progress
from nlp.model_files import write_whole
from tests.rows import NOW, add_item
from waspada.cli.learning import Learned
from waspada.labels import service as labels
from waspada.labels.types import Given
from waspada.models import repository, service
from waspada.models.types import Comparison, Gates, ModelView, TrainingKind
from waspada.settings import Settings
from waspada.store import Store

STEPS = 4
MOMENTS = ("work", "half", "placed", "registered", "compared")
OPEN = Gates(0.9, "satire", 0.8, True, 0, 320, 0.01, True)
ANSWERS = 80


def add_answers(session: Session, count: int = ANSWERS) -> None:
    """Items with an answer each, in both folds."""
    for number in range(count):
        url = f"https://kabar-banjar.example/{number}"
        item = add_item(session, url=url, text=f"Rapat ke-{number} di Martapura.", title=f"Rapat {number}")
        values = {"disaster": number % 2, "alert": number % 2}
        labels.answer(session, Given(f"kunci-{number}", item, 1, values), actor="ani", now=NOW)


def settings_in(folder: Path, **given: Any) -> Settings:
    """The baseline is in use: it loads at once."""
    return Settings(data_dir=folder, model_dir=nlp.shipped(nlp.BASELINE), **given)


def name_of(number: int) -> str:
    return f"uji-id-v1~{number}"


class SmallLearner:
    """Learns in steps that it keeps in a work folder, then puts the baseline under a new name in its place."""

    def __init__(self, moment: str = "") -> None:
        self._moment = moment

    def __call__(
        self, store: Store, settings: Settings, kind: TrainingKind, number: int, progress: Progress
    ) -> Learned:
        place = service.store_of(settings) / f"uji-{number}"
        work = place.with_name(f"{place.name}.work")
        work.mkdir(parents=True, exist_ok=True)
        for step in range(STEPS):
            progress("learn", step, STEPS)
            self._step(work / f"step-{step}", step)
        progress("write", 0, 1)
        if not place.exists():
            self._place(place, name_of(number))
        self._die("placed")
        return Learned(name_of(number), place.name, "hashed-linear", None, {"steps": STEPS})

    def _step(self, done: Path, step: int) -> None:
        if done.exists():
            return
        with (done.parent / "worked").open("a") as file:
            file.write(f"{step}\n")
        if step == STEPS // 2:
            self._die("work")
        fresh = done.with_name(f"{done.name}.fresh")
        fresh.write_text("learned")
        fresh.rename(done)

    def _place(self, place: Path, name: str) -> None:
        contents = {one.name: one.read_bytes() for one in nlp.shipped(nlp.BASELINE).iterdir() if one.is_file()}
        config = json.loads(contents["config.json"]) | {"version": name}
        if self._moment == "half":
            fresh = place.with_name(f"{place.name}.fresh")
            fresh.mkdir(parents=True)
            (fresh / "config.json").write_text(json.dumps(config))
            self._die("half")
        write_whole(place, contents | {"config.json": json.dumps(config).encode()})

    def _die(self, moment: str) -> None:
        if self._moment == moment:
            os.kill(os.getpid(), signal.SIGKILL)


class SmallComparer:
    """Keeps a comparison that found no difference."""

    def __init__(self, moment: str = "") -> None:
        self._moment = moment

    def __call__(self, store: Store, settings: Settings, name: str, now: datetime, *, progress: Progress) -> ModelView:
        if self._moment == "registered":
            os.kill(os.getpid(), signal.SIGKILL)
        progress("gates", 1, 1)
        found = Comparison(name, ANSWERS, "test fold", [])
        store.retrying(lambda session: repository.save_comparison(session, name, found, OPEN, now))
        if self._moment == "compared":
            os.kill(os.getpid(), signal.SIGKILL)
        with store.read() as session:
            return service.model(session, name, nlp.model_name(settings.model_dir))
