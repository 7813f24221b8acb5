"""One step with several alerts: each by itself, and who was faster is named."""

from __future__ import annotations

import re
from typing import Any

import httpx
from sqlalchemy import select, update

from tests.api.conftest import Client, Desk, form_token, sign_in
from tests.api.sample import CLASH, add_alert
from waspada.access import Role, Scope
from waspada.alerts.service import move
from waspada.alerts.types import AlertState
from waspada.store.tables import AlertEventRow, AlertRow, AlertSeenRow, SilenceRow


def row(desk: Desk, name: str) -> AlertRow:
    with desk.store.read() as session:
        return session.get_one(AlertRow, desk.alerts[name])


def revisions(desk: Desk, *names: str) -> list[dict[str, int]]:
    return [{"id": desk.alerts[name], "revision": row(desk, name).revision} for name in names]


def bulk(client: Client, alerts: list[dict[str, int]], **wanted: Any) -> list[dict[str, Any]]:
    answer = client.post("/api/v1/alerts/bulk", json={"alerts": alerts, **wanted})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["outcomes"]
    return found


def audit(desk: Desk, action: str) -> list[dict[str, Any]]:
    log = desk.program(Role.AUDITOR).get("/api/v1/audit?limit=200").json()["data"]
    return [line for line in log if line["action"] == action]


def test_each_alert_is_moved_by_itself_and_the_overtaken_one_names_who_was_faster(desk: Desk) -> None:
    alerts = revisions(desk, "clash", "hoax", "logistics")
    with desk.store.write() as session:
        move(session, desk.alerts["hoax"], AlertState.ACKNOWLEDGED, actor="liaison-2", revision=1, now=desk.clock.now)
    found = {one["id"]: one for one in bulk(desk.program(Role.LIAISON), alerts, do="move", to="acknowledged")}
    assert found[desk.alerts["clash"]]["outcome"] == "done"
    assert found[desk.alerts["clash"]]["revision"] == row(desk, "clash").revision
    overtaken = found[desk.alerts["hoax"]]
    assert overtaken["outcome"] == "overtaken"
    assert (overtaken["changes"][0]["actor"], overtaken["changes"][0]["to_state"]) == ("liaison-2", "acknowledged")
    assert found[desk.alerts["logistics"]]["outcome"] == "refused"  # verified: nobody acknowledges it any more
    assert [row(desk, name).state for name in ("clash", "hoax", "logistics")] == [
        "acknowledged", "acknowledged", "verified",
    ]  # fmt: skip
    assert [line["object"] for line in audit(desk, "alert.move")] == [f"alert/{desk.alerts['clash']}"]


def test_a_step_without_its_reason_does_nothing(desk: Desk) -> None:
    client, alerts = desk.program(Role.LIAISON), revisions(desk, "clash", "hoax")
    for wanted in (
        {"do": "move"}, {"do": "move", "to": "not_a_threat"},
        {"do": "move", "to": "not_a_threat", "reason": "resolved"},
        {"do": "silence"}, {"do": "silence", "note": "  "}, {"do": "fly"}, {"do": "silence", "note": "x", "hours": 0},
        {"do": "assign", "owner": "Nobody Here"}, {"do": "merge", "note": "x" * 501},
    ):  # fmt: skip
        assert client.post("/api/v1/alerts/bulk", json={"alerts": alerts, **wanted}).status_code == 422, wanted
    for odd in ([], [alerts[0], alerts[0]], [{"id": 1, "revision": 1}] * 101):
        assert client.post("/api/v1/alerts/bulk", json={"alerts": odd, "do": "assign"}).status_code == 422
    assert client.post("/api/v1/alerts/bulk", json={"alerts": alerts[:1], "do": "merge"}).status_code == 422
    assert [row(desk, name).revision for name in ("clash", "hoax")] == [one["revision"] for one in alerts]


def test_alerts_are_assigned_to_me_and_to_others(desk: Desk) -> None:
    client = desk.program(Role.LIAISON)
    desk.token(Role.ANALYST)
    assert {one["outcome"] for one in bulk(client, revisions(desk, "clash", "hoax"), do="assign")} == {"done"}
    assert [row(desk, name).owner for name in ("clash", "hoax")] == ["liaison-write-all"] * 2
    other = bulk(client, revisions(desk, "clash"), do="assign", owner="analyst-write-all")
    assert (other[0]["outcome"], row(desk, "clash").owner) == ("done", "analyst-write-all")
    assert bulk(client, revisions(desk, "clash"), do="assign", owner="nobody-here")[0]["outcome"] == "refused"
    assert bulk(client, revisions(desk, "clash"), do="assign", owner=None)[0]["outcome"] == "done"
    assert row(desk, "clash").owner is None
    with desk.store.read() as session:
        lines = session.scalars(select(AlertEventRow).where(AlertEventRow.action == "assigned")).all()
    assert [line.detail["owner_after"] for line in lines if line.alert_id == desk.alerts["clash"]] == [
        "liaison-write-all", "analyst-write-all", None,
    ]  # fmt: skip
    assert len(audit(desk, "alert.assign")) == 4


def test_what_i_did_is_no_news_to_me(desk: Desk) -> None:
    browser = desk.browser(Role.LIAISON)
    page = browser.get("/alerts").text
    sent(browser, page, [pair(desk, "clash")], do="assign")
    with desk.store.read() as session:
        rows = session.execute(select(AlertSeenRow.alert_id, AlertSeenRow.revision)).all()
    assert rows == [(desk.alerts["clash"], row(desk, "clash").revision)]


def test_alerts_are_merged_into_one_story_and_the_merge_can_be_taken_back(desk: Desk) -> None:
    client, names = desk.program(Role.LIAISON), ("clash", "hoax", "neutrality")
    found = bulk(client, revisions(desk, *names), do="merge", note="Satu kejadian.")
    assert [one["outcome"] for one in found] == ["done"] * 3
    stories = {row(desk, name).story_id for name in names}
    assert len({one["story_id"] for one in found}) == 1
    assert found[0]["story_id"] in stories
    shown = {one["id"] for one in client.get("/api/v1/alerts").json()["data"]}
    assert len(shown & {desk.alerts[name] for name in names}) == 1
    last = found[-1]
    undone = client.post(f"/api/v1/stories/{last['story_id']}/edits/{last['edit_id']}/undo", json={})
    assert undone.status_code == 200, undone.text
    shown = {one["id"] for one in client.get("/api/v1/alerts").json()["data"]}
    assert len(shown & {desk.alerts[name] for name in names}) == 2


def test_a_merge_leaves_out_what_changed_meanwhile(desk: Desk) -> None:
    alerts = revisions(desk, "clash", "hoax", "neutrality")
    alerts[1]["revision"] += 1
    found = {one["id"]: one["outcome"] for one in bulk(desk.program(Role.LIAISON), alerts, do="merge")}
    assert [found[one["id"]] for one in alerts] == ["done", "overtaken", "done"]
    alone = bulk(desk.program(Role.ANALYST), [alerts[1], {"id": 99_999, "revision": 1}], do="merge")
    assert {one["outcome"] for one in alone} == {"overtaken", "gone"}


def test_the_chosen_alerts_are_silenced_and_no_others(desk: Desk) -> None:
    with desk.store.write() as session:
        twin = add_alert(session, CLASH)
        session.execute(update(AlertRow).where(AlertRow.id == desk.alerts["clash"]).values(state="acknowledged"))
    alerts = [*revisions(desk, "clash", "hoax"), {"id": twin, "revision": 1}]
    found = {
        one["id"]: one for one in bulk(desk.program(Role.LIAISON), alerts, do="silence", note="Dipantau.", hours=6)
    }
    assert found[twin]["outcome"] == "refused"  # level 3, and nobody has it in hand
    silenced = [desk.alerts["clash"], desk.alerts["hoax"]]
    assert [found[id_]["outcome"] for id_ in silenced] == ["done"] * 2
    with desk.store.read() as session:
        rows = session.scalars(select(SilenceRow).order_by(SilenceRow.alert_id)).all()
    assert [one.alert_id for one in rows] == sorted(silenced)
    assert {one.id for one in rows} == {found[id_]["silence_id"] for id_ in silenced}
    again = bulk(desk.program(Role.ANALYST), alerts[:1], do="silence", note="Lagi.")
    assert again[0]["outcome"] == "refused"


def test_nobody_reaches_beyond_their_region_or_their_rights(desk: Desk) -> None:
    bound = desk.program(Role.LIAISON, region="63.71")
    alerts = revisions(desk, "clash", "neutrality")
    found = {one["id"]: one for one in bulk(bound, alerts, do="assign")}
    assert found[desk.alerts["clash"]]["outcome"] == "gone"
    assert found[desk.alerts["neutrality"]]["outcome"] == "done"
    assert row(desk, "clash").owner is None
    reader = desk.program(Role.ANALYST, Scope.READ)
    assert reader.post("/api/v1/alerts/bulk", json={"alerts": alerts, "do": "assign"}).status_code == 403
    assert (
        desk.program(Role.AUDITOR).post("/api/v1/alerts/bulk", json={"alerts": alerts, "do": "assign"}).status_code
        == 403
    )


def pair(desk: Desk, name: str) -> str:
    return f"{desk.alerts[name]}:{row(desk, name).revision}"


def sent(browser: Client, page: str, chosen: list[str], **fields: str) -> httpx.Response:
    return browser.post("/alerts/bulk", data={"csrf": form_token(page), "chosen": chosen, **fields})


def test_the_form_works_without_javascript(desk: Desk) -> None:
    browser = desk.browser(Role.LIAISON)
    page = browser.get("/alerts").text
    assert re.findall(r'form="several" name="chosen" value="([\d:]+)"', page)
    assert 'id="several" method="post" action="/alerts/bulk"' in page
    answer = sent(browser, page, [pair(desk, "clash"), pair(desk, "logistics")], do="acknowledged")
    assert answer.status_code == 200
    assert "<b>1</b> selesai, <b>1</b> tidak mungkin." in answer.text
    assert f'href="/alerts/{desk.alerts["clash"]}"' in answer.text
    stale = sent(browser, page, [f"{desk.alerts['clash']}:1"], do="not_a_threat", reason="old_news")
    assert "didahului orang lain" in stale.text
    assert "<b>liaison-write-all</b>" in stale.text
    assert sent(browser, "", [pair(desk, "hoax")], do="acknowledged").status_code == 403


def test_a_form_that_lacks_something_is_shown_again_with_what_was_chosen(desk: Desk) -> None:
    browser = desk.browser(Role.LIAISON)
    page = browser.get("/alerts").text
    for fields in ({"do": "not_a_threat"}, {"do": "silence"}, {"do": "nonsense"}, {}):
        answer = sent(browser, page, [pair(desk, "clash")], **fields)
        assert answer.status_code == 422, fields
        assert f'name="chosen" value="{pair(desk, "clash")}"' in answer.text
    for none in ([], ["x"], ["0:1"], ["1:0"], ["1:1:1"], ["99999999999999999999:1"], ["<script>:1"]):
        answer = sent(browser, page, none, do="acknowledged")
        assert answer.status_code == 422
        assert "Pilih dulu" in answer.text
        assert "<script>:1" not in answer.text
    many = [f"{n}:1" for n in range(1, 150)]
    assert sent(browser, page, many, do="acknowledged").status_code == 422
    assert row(desk, "clash").revision == 1
    assert browser.get("/alerts/bulk").headers["location"] == "/alerts"


def test_the_quick_key_goes_back_to_the_list_where_all_was_done(desk: Desk) -> None:
    browser = desk.browser(Role.LIAISON)
    page = browser.get("/alerts").text
    quick = {"do": "acknowledged", "quick": "1", "back": "/alerts?level=2"}
    done = sent(browser, page, [pair(desk, "clash")], **quick)
    assert (done.status_code, done.headers["location"]) == (303, "/alerts?level=2")
    assert sent(browser, page, [f"{desk.alerts['clash']}:1"], **quick).status_code == 200


def test_those_who_only_read_see_no_tools(desk: Desk) -> None:
    client = desk.new_client()
    sign_in(client, desk.token(Role.LIAISON, Scope.READ))
    page = client.get("/alerts").text
    assert 'name="chosen"' not in page
    assert "Tandai semua yang tampil" in page


def test_hostile_headlines_are_harmless_in_the_answer(desk: Desk) -> None:
    with desk.store.write() as session:
        session.execute(
            update(AlertRow).where(AlertRow.id == desk.alerts["clash"]).values(headline="<script>x</script>\u202e")
        )
    browser = desk.browser(Role.LIAISON)
    answer = sent(browser, browser.get("/alerts").text, [pair(desk, "clash")], do="assign")
    assert "<script>x" not in answer.text
    assert "\u202e" not in answer.text
