"""What another 50 answers gain, over the API and at the desk: before a training, and whatever one found."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.api.conftest import Desk
from tests.rows import NOW
from waspada.access import Role
from waspada.models import service
from waspada.store import Store
from waspada.taxonomy import Label

PATH = "/api/v1/labels/advice"
NAME = "uji-id-v1~7"
RISING, FLAT, UNSURE = ([0.4, 0.45, 0.5, 0.55],), ([0.8] * 4,), ([0.07, 0.3, 0.44, 0.533], [0.9, 0.6, 0.5, 0.4])


def train(store: Store, **draws: Sequence[Sequence[float]]) -> None:
    """A model whose training kept such a curve."""
    curve = {
        "total": 400,
        "least_examples": 10,
        "examples": {label.value: 40 if label.value in draws else 4 for label in Label},
        "answers": [0, 100, 200, 300],
        "draws": {label: list(rows) * 10 for label, rows in draws.items()},
    }
    with store.write() as session:
        service.register(session, NAME, NAME, kind="heads", actor="ani", now=NOW, made_of={"curve": curve})


def test_before_a_training(desk: Desk) -> None:
    found = desk.program(Role.ANALYST).get(PATH)
    assert (found.status_code, found.json()["model"], found.json()["labels"]) == (200, None, [])
    page = desk.browser(Role.ADMIN).get("/labels").text
    assert "pelatihan pertama" in page
    assert 'href="/models/trainings"' in page


def test_what_a_training_found(desk: Desk) -> None:
    train(desk.store, fraud=RISING, conflict=FLAT)
    found = desk.program(Role.ANALYST).get(PATH).json()
    assert (found["model"], found["answers"], found["more"], found["most"]) == (NAME, 400, 50, "fraud")
    first, *_, last = found["labels"]
    assert (first["label"], first["says"], last["label"], last["says"]) == ("fraud", "gain", "conflict", "little")
    assert 0 < first["gain"]["low"] <= first["gain"]["expected"] <= first["gain"]["high"] <= 0.025
    waits = [one for one in found["labels"] if one["says"] == "too_few"]
    assert [(one["gain"], one["missing"]) for one in waits] == [(None, 6)] * 6
    page = desk.browser(Role.ADMIN).get("/labels").text
    assert "50 jawaban lagi diperkirakan menambah" in page
    assert "Paling banyak: Kecurangan" in page
    assert "belum belajar sebelum ada 6 contoh lagi" in page
    assert NAME in page


@pytest.mark.parametrize(
    ("draws", "says", "shown"),
    [
        ({"fraud": FLAT}, "little", "hanya menambah sedikit"),
        ({"fraud": UNSURE}, "too_few", "masih terlalu sedikit"),
        ({}, "too_few", "masih terlalu sedikit"),
    ],
)
def test_little_and_too_few(desk: Desk, draws: dict[str, Sequence[Sequence[float]]], says: str, shown: str) -> None:
    train(desk.store, **draws)
    found = desk.program(Role.ANALYST).get(PATH).json()
    assert (found["overall"]["says"], found["most"]) == (says, None)
    assert shown in desk.browser(Role.ADMIN).get("/labels").text


def test_it_needs_the_right_to_read_labels(desk: Desk) -> None:
    train(desk.store, fraud=RISING)
    assert desk.program(Role.LIAISON).get(PATH).status_code == 403
    assert desk.stranger().get(PATH).status_code == 401
    assert desk.program(Role.ANALYST).get(f"{PATH}?more=9").status_code == 422
