"""A real training of small heads keeps a learning curve, and the newest one advises those who label."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nlp
from nlp.training.answers import authored_rows
from tests.models.learning_steps import settings_in
from tests.rows import NOW, add_item
from waspada.cli.learning import learn
from waspada.cli.shipped import register_shipped
from waspada.labels import service as labels
from waspada.labels.advice import Says
from waspada.labels.types import Given
from waspada.models import service
from waspada.models.curves import newest_advice
from waspada.models.types import TrainingKind
from waspada.store import Store

COUNT = 150


def leaves(kept: Any) -> Iterator[Any]:
    """What stands at the ends of nested lists and objects."""
    if isinstance(kept, dict | list):
        for one in kept.values() if isinstance(kept, dict) else kept:
            yield from leaves(one)
    else:
        yield kept


def answer_authored(store: Store, count: int) -> None:
    known = authored_rows()
    rows = [known[at] for at in np.random.default_rng(3).choice(len(known), count, replace=False)]
    with store.write() as session:
        for at, row in enumerate(rows):
            url = f"https://kabar-banjar.example/{at}"
            item = add_item(session, url=url, title=row.item.title, text=row.item.text)
            labels.answer(session, Given(f"kunci-{at}", item, 1, row.labels), actor="ani", now=NOW)


@pytest.mark.filterwarnings("ignore:May not flag all label issues")
def test_a_training_keeps_its_curve_and_advises(store: Store, tmp_path: Path) -> None:
    settings = settings_in(tmp_path / "desk")
    answer_authored(store, COUNT)
    register_shipped(store, NOW)
    with store.read() as session:
        assert newest_advice(session) is None
    stages: list[tuple[str, int, int]] = []
    made = learn(store, settings, TrainingKind.HEADS, 1, lambda *said: stages.append(said))
    assert "measuring what answers gain" in {stage for stage, _, _ in stages}
    assert nlp.check(service.store_of(settings) / made.folder) == made.name
    assert all(isinstance(one, int | float) for one in leaves(made.made_of["curve"]))

    with store.write() as session:
        name, of = made.name, made.made_of
        service.register(session, name, made.folder, kind=made.kind, actor="ani", now=NOW, made_of=of)
        found = newest_advice(session)
    assert found is not None
    assert (found.model, found.at, found.advice.answers) == (made.name, NOW, made.made_of["answers"])
    assert found.advice.overall.gain is not None
    assert set(found.advice.labels) == set(made.made_of["curve"]["examples"])
    learned = [one for one in found.advice.labels.values() if one.gain is not None]
    assert learned
    assert all(one.missing > 0 for one in found.advice.labels.values() if one.gain is None)


def test_the_newest_curve_counts_and_a_model_without_one_is_passed_over(store: Store) -> None:
    flat = {label: [[0.8, 0.8, 0.8, 0.8]] * 5 for label in ("fraud", "conflict")}
    examples = {"fraud": 30, "conflict": 40}
    curve = {"least_examples": 10, "examples": examples, "answers": [0, 50, 100, 150], "draws": flat}
    made: list[tuple[str, dict[str, Any]]] = [
        ("uji-id-v1~1", {"curve": {**curve, "total": 100}}),
        ("uji-id-v1~2", {"curve": {**curve, "total": 200}}),
        ("uji-id-v1-3", {"answers": 300}),
    ]
    with store.write() as session:
        for minutes, (name, made_of) in enumerate(made):
            at = NOW + timedelta(minutes=minutes)
            service.register(session, name, name, kind="heads", actor="ani", now=at, made_of=made_of)
    with store.read() as session:
        found = newest_advice(session)
    assert found is not None
    assert (found.model, found.advice.answers, found.advice.overall.says) == ("uji-id-v1~2", 200, Says.LITTLE)
