"""Trainings over the API and in the console: who may ask, what is said, and what the audit log keeps."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

import waspada.models.trainings
from tests.api.conftest import Desk, form_token
from tests.api.sample import NOW
from tests.models.learning_steps import ANSWERS, add_answers
from waspada.access import Role
from waspada.models import service, training_repository, trainings
from waspada.models.types import Training, TrainingState
from waspada.store.tables import AuditRow

PATH = "/api/v1/models/trainings"
NAME = "uji-id-v1~1"


@pytest.fixture
def answered(desk: Desk) -> Desk:
    with desk.store.write() as session:
        add_answers(session)
        service.register(session, NAME, NAME, kind="hashed-linear", actor="tuan", now=NOW)
    return desk


def claim(desk: Desk) -> Training:
    found = desk.store.retrying(lambda session: trainings.claim(session, desk.clock.now))
    assert found is not None
    return found


def end(desk: Desk, training: Training, state: TrainingState, problem: str = "") -> None:
    with desk.store.write() as session:
        trainings.beat(session, training, stage="learn", done=3, total=4, lines=["one", "two"], now=desk.clock.now)
        assert trainings.end(session, training, state, desk.clock.now, problem) is not None


def audited(desk: Desk) -> list[tuple[str, str]]:
    with desk.store.read() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.action.startswith("model.train")).order_by(AuditRow.id))
        return [(row.action, row.object) for row in rows]


def test_asked_followed_cancelled_resumed(answered: Desk) -> None:
    client = answered.program(Role.ANALYST)
    labels = client.get(f"{PATH}/labels").json()
    assert labels["train"] + labels["test"] == labels["fresh"] == ANSWERS
    assert [one["missing"] for one in labels["speeds"]] == [None, None]
    asked = client.post(PATH, json={"kind": "heads"})
    assert (asked.status_code, asked.json()["state"]) == (201, "waiting")
    number = asked.json()["id"]
    again = client.post(PATH, json={"kind": "heads"})
    assert (again.status_code, f"training {number}" in again.json()["detail"]) == (409, True)
    training = claim(answered)
    assert client.get(PATH).json()["data"][0]["state"] == "running"
    assert client.post(f"{PATH}/{number}/cancel").json()["cancelling"] is True
    end(answered, training, TrainingState.CANCELLED)
    shown = client.get(f"{PATH}/{number}").json()
    assert (shown["state"], shown["done"], shown["log"]) == ("cancelled", 3, ["one", "two"])
    assert client.post(f"{PATH}/{number}/cancel").status_code == 409
    assert client.post(f"{PATH}/{number}/resume").json()["state"] == "waiting"
    assert client.post(f"{PATH}/{number}/resume").status_code == 409
    object_ = f"training/{number}"
    steps = ["model.train", "model.train_cancel", "model.train_resume"]
    assert audited(answered) == [(step, object_) for step in steps]


def test_a_comparison_is_asked_for(answered: Desk) -> None:
    client = answered.program(Role.ANALYST)
    asked = client.post(f"/api/v1/models/{NAME}/comparison")
    assert (asked.status_code, asked.json()["kind"], asked.json()["model"]) == (201, "compare", NAME)
    assert client.post(f"/api/v1/models/{NAME}/comparison").status_code == 409
    assert client.post("/api/v1/models/nothing/comparison").status_code == 404
    assert client.post(PATH, json={"kind": "compare"}).status_code == 422


def test_who_may(answered: Desk) -> None:
    answered.program(Role.ANALYST).post(PATH, json={"kind": "heads"})
    assert answered.program(Role.ADMIN).get(f"{PATH}/99").status_code == 404
    for role, may_read in ((Role.AUDITOR, True), (Role.OPERATOR, True), (Role.LIAISON, False)):
        client = answered.program(role)
        assert (client.get(PATH).status_code == 200) == may_read
        assert (client.get(f"{PATH}/1").status_code == 200) == may_read
        for path in (PATH, f"{PATH}/1/cancel", f"{PATH}/1/resume", f"/api/v1/models/{NAME}/comparison"):
            assert client.post(path, json={"kind": "heads"} if path == PATH else None).status_code == 403


def test_one_that_nobody_runs_any_more_does_not_stand_in_the_way(answered: Desk) -> None:
    client = answered.program(Role.ANALYST)
    for _ in range(3):
        client.post(PATH, json={"kind": "heads"})
        claim(answered)
        answered.clock.forward(timedelta(minutes=5))
        with answered.store.write() as session:
            trainings.settle(session, answered.clock.now)
    assert client.get(f"{PATH}/1").json()["state"] == "failed"
    assert client.post(PATH, json={"kind": "heads"}).status_code == 201


@pytest.fixture
def without_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which none of the libraries of trainings is installed."""
    monkeypatch.setattr(waspada.models.trainings, "find_spec", lambda _name: None)


def test_where_the_extra_is_missing_it_is_said(answered: Desk, without_extra: None) -> None:
    client = answered.program(Role.ANALYST)
    speeds = client.get(f"{PATH}/labels").json()["speeds"]
    assert speeds[0]["missing"] == "scikit-learn, scipy, cleanlab"
    assert speeds[1]["missing"] == "scikit-learn, scipy, cleanlab, torch, transformers"
    refused = client.post(PATH, json={"kind": "heads"})
    assert (refused.status_code, refused.json()["hint"]) == (409, "Install it with: pip install 'waspada[train]'")
    page = answered.browser(Role.ADMIN).get("/models/trainings?lang=en").text
    assert "This machine lacks scikit-learn, scipy, cleanlab. Install it with:" in page
    assert page.count("disabled>Retrain") == 2
    assert client.post(f"/api/v1/models/{NAME}/comparison").status_code == 201, "a comparison needs none of it"


def test_the_page_asks_cancels_and_resumes(answered: Desk) -> None:
    browser = answered.browser(Role.ANALYST)
    page = browser.get("/models/trainings?lang=en").text
    assert "http-equiv" not in page
    form = {"csrf": form_token(page), "kind": "heads"}
    assert browser.post("/models/trainings", data={**form, "csrf": "x"}).status_code == 403
    assert browser.post("/models/trainings", data=form).status_code == 303
    assert browser.post("/models/trainings", data=form).status_code == 409
    page = browser.get("/models/trainings").text
    assert '<noscript><meta http-equiv="refresh"' in page
    assert "One is under way." in page
    training = claim(answered)
    assert "<progress" in browser.get("/models/trainings").text
    assert browser.post("/models/trainings/1/cancel", data=form).status_code == 303
    end(answered, training, TrainingState.FAILED, "Too few answers.")
    assert browser.post("/models/trainings/1/cancel", data=form).status_code == 409
    assert "Too few answers." in browser.get("/models/trainings").text
    assert browser.post("/models/trainings/1/resume", data=form).status_code == 303
    training = claim(answered)
    with answered.store.write() as session:
        trainings.note_model(session, training, NAME)
    end(answered, training, TrainingState.DONE)
    assert f'href="/models/{NAME}"' in browser.get("/models/trainings").text


def test_a_model_is_compared_by_a_button(answered: Desk) -> None:
    browser = answered.browser(Role.ANALYST)
    page = browser.get(f"/models/{NAME}?lang=en").text
    assert f'action="/models/{NAME}/comparison"' in page
    form = {"csrf": form_token(page)}
    assert browser.post(f"/models/{NAME}/comparison", data=form).status_code == 303
    assert browser.post(f"/models/{NAME}/comparison", data=form).status_code == 409
    assert "A comparison is under way." in browser.get(f"/models/{NAME}").text
    assert "/comparison" not in answered.browser(Role.AUDITOR).get(f"/models/{NAME}").text


def test_nothing_to_learn_from(desk: Desk) -> None:
    client, browser = desk.program(Role.ANALYST), desk.browser(Role.ADMIN)
    assert client.post(PATH, json={"kind": "heads"}).status_code == 422
    page = browser.get("/models/trainings?lang=en").text
    assert page.count("disabled>Retrain") == 2
    refused = browser.post("/models/trainings", data={"csrf": form_token(page), "kind": "full"})
    assert refused.status_code == 422
    assert "Answer reports at the labelling desk first." in refused.text
    with desk.store.read() as session:
        assert training_repository.newest(session) == []
