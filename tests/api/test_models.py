"""Models over the API and in the console: who may decide, what is shown to whom, and what the audit log keeps."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import select

import nlp
from tests.api.conftest import Desk, form_token
from tests.api.sample import NOW
from waspada.access import Role
from waspada.models import repository, service
from waspada.models.types import Against, Comparison, Difference, Effect, Gates, ModelMove, Moved, Verdict
from waspada.store.tables import AlertRow, AuditRow

NAME = "uji-id-v1~1"
CURRENT = nlp.model_name()
OPEN = Gates(0.9, "satire", 0.8, True, 0, 320, 0.01, True)
CLOSED = Gates(0.7, "satire", 0.5, False, 20, 320, 0.1, False)


def put(desk: Desk, *, verdict: Verdict = Verdict.SAME, gates: Gates = OPEN) -> None:
    """A model in the store (the baseline under another name), compared, with an alert that it would let vanish."""
    folder = service.store_of(desk.app.state.context.settings) / NAME
    if not folder.exists():
        shutil.copytree(nlp.shipped(nlp.BASELINE), folder)
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps(config | {"version": NAME}))
    with desk.store.write() as session:
        service.register(session, NAME, NAME, kind="hashed-linear", actor="tuan", now=NOW)
        story = session.get_one(AlertRow, desk.alerts["clash"]).story_id
        moved = Moved(story, desk.alerts["clash"], ModelMove.VANISHES, "conflict", 3, 0, 1, None)
        line = Difference("main_macro_f1", "", 120, 0.8, 0.79, -0.01, 0.03, verdict)
        effect = Effect(CURRENT, 14, 9, {ModelMove.VANISHES: 1}, [moved])
        found = Comparison(NAME, 400, "test fold", [Against(CURRENT, verdict, [line])], effect)
        repository.save_comparison(session, NAME, found, gates, NOW)


def promotion(reason: str = "lebih baik", seen: str = CURRENT, **more: object) -> dict[str, object]:
    return {"seen": seen, "reason": reason, **more}


def test_a_model_is_promoted_and_rolled_back_with_name_and_reason(desk: Desk) -> None:
    put(desk)
    client = desk.program(Role.ANALYST)
    assert client.get(f"/api/v1/models/{NAME}").json()["objections"] == []
    done = client.post(f"/api/v1/models/{NAME}/promote", json=promotion())
    assert (done.status_code, done.json()["previous"]) == (200, CURRENT)
    assert [one["name"] for one in client.get("/api/v1/models").json()["data"] if one["current"]] == [NAME]
    assert client.post(f"/api/v1/models/{NAME}/promote", json=promotion()).status_code == 409
    back = client.post("/api/v1/models/rollback", json={"seen": NAME, "reason": "salah"})
    assert (back.status_code, back.json()["model"]) == (200, CURRENT)
    with desk.store.read() as session:
        lines = session.scalars(select(AuditRow).where(AuditRow.action.in_(("model.promote", "model.rollback")))).all()
    assert [line.object for line in lines] == [f"model/{NAME}", f"model/{CURRENT}"]


def test_what_speaks_against_it_only_an_admin_sets_aside(desk: Desk) -> None:
    put(desk, verdict=Verdict.WORSE, gates=CLOSED)
    path = f"/api/v1/models/{NAME}/promote"
    analyst = desk.program(Role.ANALYST)
    assert analyst.post(path, json=promotion()).status_code == 409
    assert analyst.post(path, json=promotion(override=True)).status_code == 403
    admin = desk.program(Role.ADMIN)
    assert admin.post(path, json=promotion()).status_code == 409
    done = admin.post(path, json=promotion(override=True))
    assert done.json()["overridden"] == ["worse", "functional", "protected"]
    with desk.store.read() as session:
        line = session.scalars(select(AuditRow).where(AuditRow.action == "model.promote")).one()
    assert line.detail["overridden"] == ["worse", "functional", "protected"]


@pytest.mark.parametrize("harm", ["missing", "damaged"])
def test_a_folder_that_is_not_whole_is_refused(desk: Desk, harm: str) -> None:
    put(desk)
    folder = service.store_of(desk.app.state.context.settings) / NAME
    if harm == "missing":
        shutil.rmtree(folder)
    else:
        weights = folder / "weights.npz"
        weights.write_bytes(weights.read_bytes()[:-9])
    answer = desk.program(Role.ANALYST).post(f"/api/v1/models/{NAME}/promote", json=promotion())
    assert answer.status_code >= 400
    assert str(Path(folder).parent) not in answer.text
    with desk.store.read() as session:
        assert repository.events(session) == []


def test_headlines_are_for_those_who_read_alerts_there(desk: Desk) -> None:
    put(desk)
    path = f"/api/v1/models/{NAME}"

    def shown(client: object) -> str | None:
        (one,) = client.get(path).json()["effect"]["moved"]  # type: ignore[attr-defined]
        headline: str | None = one["headline"]
        return headline

    assert shown(desk.program(Role.ANALYST))
    assert shown(desk.program(Role.AUDITOR)) is None
    assert shown(desk.program(Role.OPERATOR)) is None
    assert desk.program(Role.LIAISON).get(path).status_code == 403


def test_bad_names_and_reasons(desk: Desk) -> None:
    put(desk)
    client = desk.program(Role.ANALYST)
    assert client.get("/api/v1/models/nothing").status_code == 404
    assert client.get("/api/v1/models/..%2F..%2Fetc").status_code in (404, 422)
    assert client.get("/api/v1/models/%00").status_code == 422
    for reason in ("", "   ", "x" * 501):
        assert client.post(f"/api/v1/models/{NAME}/promote", json=promotion(reason)).status_code == 422
    assert client.post("/api/v1/models/rollback", json={"seen": CURRENT, "reason": "x"}).status_code == 409
    assert client.post("/api/v1/models/unshadow", json={"reason": "x"}).status_code == 409


def test_shadow_and_no_longer(desk: Desk) -> None:
    put(desk)
    client = desk.program(Role.ANALYST)
    assert client.post(f"/api/v1/models/{NAME}/shadow", json={"reason": "coba"}).status_code == 200
    assert client.post(f"/api/v1/models/{NAME}/shadow", json={"reason": "coba"}).status_code == 409
    assert client.get(f"/api/v1/models/{NAME}").json()["shadow"] is True
    assert client.post("/api/v1/models/unshadow", json={"reason": "cukup"}).status_code == 200


def test_the_pages_decide_too(desk: Desk) -> None:
    put(desk, gates=CLOSED)
    analyst, admin = desk.browser(Role.ANALYST), desk.browser(Role.ADMIN)
    page = analyst.get(f"/models/{NAME}")
    assert "/promote" not in page.text
    assert analyst.get("/models").status_code == 200
    page = admin.get(f"/models/{NAME}")
    data = {"csrf": form_token(page.text), "seen": CURRENT, "reason": "darurat"}
    assert admin.post(f"/models/{NAME}/promote", data=data).status_code == 409
    assert admin.post(f"/models/{NAME}/promote", data={**data, "override": "true"}).status_code == 303
    back = {"csrf": form_token(admin.get("/models").text), "seen": NAME, "reason": ""}
    assert admin.post("/models/rollback", data=back).status_code == 422
    assert admin.post("/models/rollback", data={**back, "reason": "salah"}).status_code == 303
    assert "darurat" in admin.get(f"/models/{NAME}").text


@pytest.mark.parametrize(("groups", "is_said"), [(4, True), (5, False), (0, False)])
def test_a_comparison_on_few_stories_says_so(desk: Desk, groups: int, is_said: bool) -> None:
    put(desk)
    with desk.store.write() as session:
        line = Difference("f1 fraud", "kind article", 13, 0.963, 0.375, 0.588, 0.588, Verdict.SAME)
        found = Comparison(NAME, 34, "test fold", [Against(CURRENT, Verdict.SAME, [line])], groups=groups)
        repository.save_comparison(session, NAME, found, OPEN, NOW)
    told = desk.program(Role.ADMIN).get(f"/api/v1/models/{NAME}").json()
    assert (told["groups"], told["few_groups"]) == (groups, is_said)
    page = desk.browser(Role.ANALYST).get(f"/models/{NAME}").text
    assert ("terlalu sedikit cerita" in page) is is_said
    assert ("+0,588 … +0,588" in page) is not is_said
    assert "<td>artikel</td>" in page
    assert "kind article" not in page
