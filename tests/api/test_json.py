"""The JSON API: pages, ETags, moves, masks, and errors that say what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import select, update

from tests.api.conftest import Desk
from tests.api.sample import CLASH, NOW, Report, add_alert
from tests.rows import add_item
from waspada.access import Role
from waspada.alerts.types import AlertState
from waspada.audit import AuditLog
from waspada.errors import StoreFullError
from waspada.store.tables import AlertRow, AuditRow, Base, ItemRow, SourceRow
from waspada.taxonomy import Label

#: Words of tables, columns, fields and parameters that would be about people in content (design, rule 1).
OF_PERSONS = {
    "person",
    "people",
    "persons",
    "orang",
    "author",
    "handle",
    "username",
    "suspect",
    "victim",
    "nik",
    "email",
}
#: Accounts of this product, its audit, its history and what it learned of it are about those who use it.
ABOUT_ACCOUNTS = {
    "users",
    "tokens",
    "credentials",
    "external_logins",
    "contacts",
    "duty_shifts",
    "calls",
    "audit",
    "alert_events",
    "alert_parents",
    "alert_seen",
    "silences",
    "handovers",
    "story_edits",
    "pseudonym_keys",
    "ranking_weights",
    "saved_views",
    "view_looks",
    "recipients",
    "recipient_grants",
    "escalations",
    "field_report_events",
    "field_report_drafts",
    "digest_templates",
}

#: What accounts of this product decided or brought in names them in `actor`, what they have in hand in `owner`.
DECIDED_BY_ACCOUNTS = {
    "alerts", "audit_checkpoints", "claim_match_events", "claim_matches", "claim_thresholds", "collection_stops",
    "corrections", "fact_check_events", "fact_checks", "label_seats",
    "labels", "model_events", "models", "topic_labels", "topics", "trainings", "webhooks",
}  # fmt: skip


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert {"type", "title", "status", "detail", "hint", "instance"} <= document.keys()
    assert document["status"] == status
    assert document["detail"]
    assert document["hint"]
    return document


def test_alerts_are_ranked_and_add_up(desk: Desk) -> None:
    data = desk.program(Role.LIAISON).get("/api/v1/alerts").json()["data"]
    assert [alert["score"] for alert in data] == sorted((alert["score"] for alert in data), reverse=True)
    assert len(data) == len(desk.alerts)
    for alert in data:
        assert sum(alert["parts"].values()) == alert["score"]
        assert alert["verified"] == (alert["state"] == "verified")
    assert data[0]["places"][0] == {"code": "63.03.05", "name": "Martapura", "level": "district"}


def test_two_alerts_are_compared_part_by_part(desk: Desk) -> None:
    client = desk.program(Role.LIAISON)
    clash, hoax = desk.alerts["clash"], desk.alerts["hoax"]
    found = client.get(f"/api/v1/alerts/{hoax}/compare/{clash}").json()
    assert (found["upper"]["id"], found["lower"]["id"]) == (clash, hoax)
    assert sum(part["difference"] for part in found["parts"]) == found["difference"]
    assert found["difference"] == found["upper"]["score"] - found["lower"]["score"]
    assert found["parts"][0]["part"] == "level"
    assert found["parts"][0]["sentence"] == "Tingkat peringatan: 38 melawan 22 poin (+16)."
    feedback = next(part for part in found["parts"] if part["part"] == "feedback")
    assert feedback["notes"] == [f"peringatan {clash}: 5 dari 6 peringatan serupa diverifikasi"]
    log = desk.program(Role.AUDITOR).get("/api/v1/audit?limit=50").json()["data"]
    read = [line["object"] for line in log if line["action"] == "alert.read"]
    assert {f"alert/{clash}", f"alert/{hoax}"} <= set(read)
    assert client.get(f"/api/v1/alerts/{hoax}/compare/999999").status_code == 404
    assert client.get(f"/api/v1/alerts/{hoax}/compare/{clash}?x=1").status_code in (400, 422)


def test_an_alert_says_what_its_parts_rest_on(desk: Desk) -> None:
    data = desk.program(Role.LIAISON).get("/api/v1/alerts").json()["data"]
    for alert in data:
        assert sum(alert["limits"].values()) == 100
        assert all(abs(points) <= alert["limits"][part] for part, points in alert["parts"].items())
        assert alert["weights_version"] is None
    assert data[0]["notes"]["vulnerability"] == "netral: tidak ada indeks untuk wilayah ini"


def test_filters_narrow(desk: Desk) -> None:
    client = desk.program(Role.LIAISON)

    def ids(query: str) -> list[int]:
        return [alert["id"] for alert in client.get(f"/api/v1/alerts?{query}").json()["data"]]

    assert ids("region=63.03") == [desk.alerts["clash"]]
    assert ids("label=logistics&label=neutrality") == [desk.alerts["neutrality"], desk.alerts["logistics"]]
    assert ids("min_level=3") == [desk.alerts["clash"]]
    assert ids("state=verified&state=not_a_threat") == [desk.alerts["logistics"], desk.alerts["dismissed"]]
    assert ids("since=2024-11-20T00:00:00Z") == [desk.alerts["clash"]]
    assert ids("until=2024-11-19T00:00:00%2B08:00") == [desk.alerts["dismissed"]]


def test_pages_are_stable_while_new_alerts_come_in(desk: Desk) -> None:
    client, seen, cursor = desk.program(Role.LIAISON), [], ""
    while True:
        page = client.get(f"/api/v1/alerts?limit=2{cursor}").json()
        seen += [alert["id"] for alert in page["data"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
        with desk.store.write() as session:
            add_alert(session, CLASH)
    assert seen == sorted(desk.alerts.values(), key=seen.index)
    assert set(seen) == set(desk.alerts.values())


@pytest.mark.parametrize("path", ["/api/v1/alerts", "/api/v1/alerts/{id}", "/api/v1/items/1", "/api/v1/sources"])
def test_what_is_known_is_not_sent_again(desk: Desk, path: str) -> None:
    client, path = desk.program(Role.LIAISON), path.replace("{id}", str(desk.alerts["clash"]))
    first = client.get(path)
    tag = first.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = client.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    assert first.headers["cache-control"] == "private, no-cache"


def test_a_change_changes_the_etag(desk: Desk) -> None:
    client, path = desk.program(Role.LIAISON), f"/api/v1/alerts/{desk.alerts['clash']}"
    tag = client.get(path).headers["etag"]
    with desk.store.write() as session:
        session.execute(update(AlertRow).where(AlertRow.id == desk.alerts["clash"]).values(confidence=0.5))
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_two_movers_the_second_sees_what_changed(desk: Desk) -> None:
    one, two = desk.program(Role.LIAISON), desk.program(Role.ANALYST)
    path = f"/api/v1/alerts/{desk.alerts['clash']}"
    tag_one, tag_two = one.get(path).headers["etag"], two.get(path).headers["etag"]
    assert tag_one == tag_two
    first = one.post(f"{path}/moves", json={"to": "acknowledged"}, headers={"If-Match": tag_one})
    assert (first.status_code, first.json()["state"], first.json()["revision"]) == (200, "acknowledged", 2)
    late = problem(
        two.post(f"{path}/moves", json={"to": "not_a_threat", "reason": "old_news"}, headers={"If-Match": tag_two}), 412
    )
    assert late["revision"] == 2
    assert late["changes"][0]["actor"] == "liaison-write-all"
    assert late["changes"][0]["to_state"] == "acknowledged"
    again = two.post(
        f"{path}/moves", json={"to": "not_a_threat", "reason": "old_news"}, headers={"If-Match": first.headers["etag"]}
    )
    assert again.status_code == 200
    lines = one.get(f"{path}/history").json()["data"]
    assert [line["to_state"] for line in lines] == ["not_a_threat", "acknowledged", None]


def test_a_move_needs_revision_reason_and_a_possible_step(desk: Desk) -> None:
    client, path = desk.program(Role.LIAISON), f"/api/v1/alerts/{desk.alerts['clash']}/moves"
    problem(client.post(path, json={"to": "acknowledged"}), 428)
    for odd in ("x", "*", '""', '"r99999999999999999999"'):
        problem(client.post(path, json={"to": "acknowledged"}, headers={"If-Match": odd}), 412)
    problem(client.post(path, json={"to": "closed", "reason": "resolved"}, headers={"If-Match": "1"}), 409)
    problem(client.post(path, json={"to": "not_a_threat"}, headers={"If-Match": "1"}), 422)
    problem(client.post(path, json={"to": "not_a_threat", "reason": "x"}, headers={"If-Match": "1"}), 422)
    with desk.store.read() as session:
        assert session.get_one(AlertRow, desk.alerts["clash"]).state == AlertState.NEW


def test_private_persons_are_masked_at_every_exit(desk: Desk) -> None:
    name = "Rudi Hartono"
    text = f"«Seorang warga, {name} (34), terluka saat bentrok.» Warga lain selamat."
    with desk.store.write() as session:
        sample = replace(
            CLASH,
            headline=f"Warga bernama {name} terluka",
            why=f"Warga bernama {name} terluka",
            reports=[Report("Warta Intan", f"Warga bernama {name} terluka", text, earlier=[f"Warga, {name}, luka."])],
        )
        id_ = add_alert(session, sample)
        item_id = session.scalars(select(ItemRow.id).order_by(ItemRow.id.desc())).first()
        story_id = session.get_one(AlertRow, id_).story_id
    client, browser = desk.program(Role.LIAISON), desk.browser(Role.ANALYST)
    client.post(
        f"/api/v1/alerts/{id_}/moves",
        json={"to": "acknowledged", "note": f"Menelepon warga bernama {name}."},
        headers={"If-Match": "1"},
    )
    other = desk.alerts["hoax"]
    named = replace(CLASH, headline="Warga bernama Rudi Hartono (34) luka terkena batu")
    with desk.store.write() as session:
        compared = add_alert(session, named)
    api = [f"/alerts/{other}/compare/{compared}"]
    api += [f"/alerts/{id_}", f"/alerts/{id_}/history", "/alerts", f"/items/{item_id}", f"/stories/{story_id}"]
    api += [f"/items/{item_id}/versions", f"/items/{item_id}/versions/diff"]
    answers = [client.get(f"/api/v1{path}") for path in api]
    answers += [browser.get(path) for path in (f"/alerts/{id_}", "/alerts", f"/items/{item_id}")]
    for answer in answers:
        assert answer.status_code == 200
        assert "Rudi" not in answer.text, answer.url
        assert "Hartono" not in answer.text, answer.url
        assert "[nama]" in answer.text, answer.url
    item = client.get(f"/api/v1/items/{item_id}").json()
    for line in item["evidence"]:
        assert item["text"][line["start"] : line["end"]] == line["sentence"]


def _edited(desk: Desk, *texts: str) -> int:
    """An item of the sample with earlier versions; returns its id."""
    *earlier, text = texts
    with desk.store.write() as session:
        report = Report("Warta Intan", "Air naik di Astambul", text, earlier=earlier)
        add_alert(session, replace(CLASH, reports=[report]))
        return session.scalars(select(ItemRow.id).order_by(ItemRow.id.desc()).limit(1)).one()


def test_versions_and_what_changed_between_them(desk: Desk) -> None:
    item_id = _edited(
        desk, "Air naik. Dua desa terendam.", "Air naik. Tiga desa terendam.", "Air naik. Air surut sudah."
    )
    client = desk.program(Role.LIAISON)
    path = f"/api/v1/items/{item_id}/versions"
    found = client.get(path).json()
    assert (found["item_id"], [one["version"] for one in found["versions"]]) == (item_id, [1, 2, 3])
    last = client.get(f"{path}/diff").json()
    assert (last["old"]["version"], last["new"]["version"]) == (2, 3)
    assert last["summary"].endswith("1 kalimat ditambah, 1 dihapus")
    first = client.get(f"{path}/diff?old=1&new=2").json()
    assert first["summary"].endswith("1 kalimat diubah")
    change = first["changes"][-1]
    assert (change["kind"], change["field"]) == ("changed", "text")
    assert [piece["text"] for piece in change["new"] if piece["changed"]] == ["Tiga"]
    assert client.get(f"{path}/diff?new=2").json() == first
    assert client.get(f"{path}/diff?old=2").json() == last
    backwards = client.get(f"{path}/diff?old=2&new=1").json()
    assert [piece["text"] for piece in backwards["changes"][-1]["new"] if piece["changed"]] == ["Dua"]
    with desk.store.read() as session:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
    assert {(row.action, row.object) for row in rows} == {("item.read", f"item/{item_id}")}
    assert [row.detail["versions"] for row in rows[:3]] == [[1, 2, 3], [2, 3], [1, 2]]


def test_versions_that_cannot_be_compared(desk: Desk) -> None:
    item_id = _edited(desk, "Air naik.", "Air surut.")
    client = desk.program(Role.LIAISON)
    path = f"/api/v1/items/{item_id}/versions"
    problem(client.get(f"/api/v1/items/{_edited(desk, 'Air tetap.')}/versions/diff"), 404)
    problem(client.get("/api/v1/items/999999/versions"), 404)
    for query, status in (
        ("old=9", 404),
        ("new=9", 404),
        ("old=2&new=2", 422),
        ("old=0", 422),
        ("new=x", 422),
        ("q=a", 422),
    ):
        problem(client.get(f"{path}/diff?{query}"), status)
    problem(client.get(f"{path}?old=1"), 422)
    problem(desk.program(Role.LIAISON, region="11").get(f"{path}/diff"), 404)


def test_a_masked_name_is_not_told_by_its_change(desk: Desk) -> None:
    item_id = _edited(
        desk, "Seorang warga bernama Rudi Hartono terluka.", "Seorang warga bernama Slamet Widodo terluka."
    )
    answer = desk.program(Role.LIAISON).get(f"/api/v1/items/{item_id}/versions/diff")
    for word in ("Rudi", "Hartono", "Slamet", "Widodo"):
        assert word not in answer.text


def test_the_page_of_an_item_shows_what_changed(desk: Desk) -> None:
    item_id = _edited(desk, "Air naik. Dua desa terendam <b>.", "Air naik. Tiga desa terendam <b>.")
    page = desk.browser(Role.ANALYST).get(f"/items/{item_id}").text
    assert "Yang diubah versi terbaru" in page
    assert "<b>Tiga</b>" in page
    assert f'href="/corrections?about=item/{item_id}"' in page
    assert "terendam &lt;b&gt;." in page
    assert (
        "Yang diubah versi terbaru" not in desk.browser(Role.LIAISON).get(f"/items/{_edited(desk, 'Air tetap.')}").text
    )


def test_any_two_versions_of_an_item_are_compared_on_its_page(desk: Desk) -> None:
    browser, item_id = desk.browser(Role.ANALYST), _edited(desk, "Air naik.", "Air naik sekali.", "Air turun.")
    page = browser.get(f"/items/{item_id}").text
    first, *_ = re.findall(rf'href="(/items/{item_id}\?old=1&amp;new=\d)#edits"', page)
    found = browser.get(first.replace("&amp;", "&")).text
    assert "Yang diubah versi terbaru" not in found
    assert "Versi 1 ke 3" in found
    for query, status in (("old=1&new=1", 422), ("old=1&new=9", 404), ("old=x", 422), ("other=1", 422)):
        assert browser.get(f"/items/{item_id}?{query}").status_code == status, query


def test_nothing_says_who_posted(desk: Desk) -> None:
    client, browser, id_ = desk.program(Role.LIAISON), desk.browser(Role.ANALYST), desk.alerts["hoax"]
    for answer in (client.get(f"/api/v1/alerts/{id_}"), browser.get(f"/alerts/{id_}")):
        assert "katanya TPS sini tutup jam 10 pagi" in answer.text
        assert "v-secret-pseudonym" not in answer.text
        assert "@seseorang" not in answer.text


def test_every_read_stands_in_the_audit_log_with_its_purpose(desk: Desk) -> None:
    client = desk.program(Role.LIAISON)
    id_, purpose = desk.alerts["clash"], {"X-Purpose": "klarifikasi — pagi".encode()}
    for path in ("/alerts?region=63&label=conflict", f"/alerts/{id_}", "/items/1", "/stories/1"):
        assert client.get(f"/api/v1{path}", headers=purpose).status_code == 200
    client.post(f"/api/v1/alerts/{id_}/moves", json={"to": "acknowledged"}, headers={"If-Match": "1", **purpose})
    with desk.store.read() as session:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
    assert [(row.action, row.object) for row in rows] == [
        ("alert.search", "alerts"), ("alert.read", f"alert/{id_}"), ("item.read", "item/1"), ("story.read", "story/1"),
        ("alert.move", f"alert/{id_}"),
    ]  # fmt: skip
    assert {(row.actor, row.purpose) for row in rows} == {("liaison-write-all", "klarifikasi — pagi")}
    assert rows[0].detail["region"] == "63"
    assert "Massa" not in json.dumps([row.detail for row in rows])


def test_what_cannot_be_audited_is_not_given_out(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise StoreFullError("The disk that holds the database is full or fails.")

    monkeypatch.setattr(AuditLog, "append", full)
    document = problem(desk.program(Role.LIAISON).get("/api/v1/items/1"), 503)
    assert "Massa" not in json.dumps(document)


def test_auditors_read_and_verify_the_log(desk: Desk) -> None:
    desk.program(Role.LIAISON).get("/api/v1/items/1")
    auditor = desk.program(Role.AUDITOR)
    page = auditor.get("/api/v1/audit?limit=1").json()
    assert page["data"][0]["object"] == "item/1"
    assert [row["action"] for row in auditor.get("/api/v1/audit").json()["data"]] == ["audit.read", "item.read"]
    narrowed = auditor.get("/api/v1/audit?action=item.read&actor=liaison-write-all").json()["data"]
    assert [row["object"] for row in narrowed] == ["item/1"]
    assert auditor.get("/api/v1/audit/verification").json()["ok"] is True


def test_sources_show_their_health(desk: Desk) -> None:
    client = desk.program(Role.OPERATOR)
    sources = {source["id"]: source for source in client.get("/api/v1/sources").json()["data"]}
    assert sources["warta-intan"]["heard"] is True
    assert (sources["radio-sungai"]["heard"], sources["radio-sungai"]["state"]) == (False, "blocked")
    first = client.get("/api/v1/sources?limit=3").json()
    rest = client.get(f"/api/v1/sources?limit=200&cursor={first['next']}").json()
    assert [s["id"] for s in first["data"] + rest["data"]] == sorted(sources)
    assert [s["id"] for s in client.get("/api/v1/sources?enabled=false").json()["data"]] == ["kanal-lama"]
    assert client.get("/api/v1/sources/warta-intan").json()["events"][0]["outcome"] == "ok"
    assert client.get("/api/v1/rejects").json()["data"][0]["problem"] == "The text is empty."


def test_sources_are_judged_by_their_own_rhythm(desk: Desk) -> None:
    with desk.store.write() as session:
        for back in range(4, 40):
            for hour in (2, 6, 10):
                at, url = NOW - timedelta(days=back, hours=hour), f"https://warta-intan.example/{back}-{hour}"
                add_item(session, source="warta-intan", url=url, published_at=at, found_at=at)
    client = desk.program(Role.OPERATOR)
    page = client.get("/api/v1/sources/health?limit=200").json()
    found = {source["id"]: source for source in page["data"]}
    assert list(found) == [source["id"] for source in client.get("/api/v1/sources?limit=200").json()["data"]]
    assert (found["radio-sungai"]["state"], found["kanal-lama"]["state"]) == ("parked", "off")
    assert (found["pantau-hulu"]["state"], found["pos-pesisir"]["state"]) == ("broken", "unknown")
    assert found["warta-intan"]["state"] == "speaking"  # the sample's own items are of today
    assert found["warta-intan"]["usual_gap_seconds"] == 4 * 3600
    desk.clock.forward(timedelta(days=5))
    with desk.store.write() as session:
        session.execute(update(SourceRow).values(last_success_at=desk.clock()))
    later = {source["id"]: source for source in client.get("/api/v1/sources/health?limit=200").json()["data"]}
    assert (later["warta-intan"]["state"], later["warta-intan"]["alarm"]) == ("silent", True)
    first = client.get("/api/v1/sources/health?limit=3").json()
    rest = client.get(f"/api/v1/sources/health?limit=200&cursor={first['next']}").json()
    assert [s["id"] for s in first["data"] + rest["data"]] == list(found)
    assert [s["id"] for s in client.get("/api/v1/sources/health?enabled=false").json()["data"]] == ["kanal-lama"]


def test_coverage_says_which_regions_nobody_hears(desk: Desk) -> None:
    client = desk.program(Role.LIAISON)
    found = {one["region"]["code"]: one for one in client.get("/api/v1/coverage?region=63").json()["data"]}
    assert len(found) == 13
    assert {one["state"] for one in found.values()} == {"thin"}  # nobody's rhythm is known yet
    banjar = found["63.03"]
    assert banjar["region"] == {"code": "63.03", "name": "Kabupaten Banjar", "level": "regency"}
    assert (banjar["items_7_days"], banjar["items_28_days"]) == (3, 3)
    assert banjar["sources"][0] == {
        "id": "harian-riam", "name": "Harian Riam", "outlet": "Harian Riam", "reach": "above", "state": "unknown",
        "last_item_at": "2024-11-20T01:00:00Z", "items_7_days": 1, "items_28_days": 1,
    }  # fmt: skip
    assert banjar["working_count"] < banjar["source_count"] == len(banjar["sources"])
    assert "kanal-lama" not in {source["id"] for source in banjar["sources"]}
    assert client.get("/api/v1/coverage?region=61.01").json()["data"][0]["state"] == "none"
    with desk.store.write() as session:
        session.execute(update(SourceRow).values(parked=True))
    silent = client.get("/api/v1/coverage?region=63.03").json()["data"]
    assert [one["state"] for one in silent] == ["silent"]


def test_coverage_of_the_country_comes_in_pages_kalimantan_first(desk: Desk) -> None:
    client, codes, cursor = desk.program(Role.SUBSCRIBER_MANAGER), [], ""
    while True:
        page = client.get(f"/api/v1/coverage?limit=200{cursor}").json()
        codes += [one["region"]["code"] for one in page["data"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert len(codes) == len(set(codes)) == 514
    assert codes[0] == "61.01"
    assert {code[:2] for code in codes[:56]} == {"61", "62", "63", "64", "65"}
    problem(client.get("/api/v1/coverage?region=99"), 404)
    problem(client.get("/api/v1/coverage?region=63.99"), 404)
    problem(desk.stranger().get("/api/v1/coverage"), 401)
    problem(desk.stranger().get("/api/v1/sources/health"), 401)
    problem(client.ask("PUT", "/api/v1/coverage"), 405)


def test_the_tree_of_regions(desk: Desk) -> None:
    client = desk.program(Role.AUDITOR)
    assert len(client.get("/api/v1/places").json()["data"]) == 38
    below = client.get("/api/v1/places?parent=63").json()["data"]
    assert {"code": "63.71", "name": "Kota Banjarmasin", "level": "regency"} in below
    way = client.get("/api/v1/places/63.03.05").json()["path"]
    assert [step["code"] for step in way] == ["63", "63.03", "63.03.05"]
    region = client.get("/api/v1/places/63.03").json()
    assert region["parent"] == {"code": "63", "name": "Kalimantan Selatan", "level": "province"}
    assert {"63.03.05", "63.03.01"} <= {child["code"] for child in region["children"]}
    assert (region["point"]["lat"], region["point"]["lon"]) == (-3.4109, 114.8642)
    desa = client.get("/api/v1/places/63.03.05.1001").json()
    assert (desa["parent"]["code"], desa["children"], desa["point"]) == ("63.03.05", [], region["point"])
    province = client.get("/api/v1/places/63").json()
    assert (province["parent"], province["point"], len(province["children"])) == (None, None, 13)
    problem(client.get("/api/v1/places/63.99"), 404)
    problem(client.get("/api/v1/places?parent=99"), 404)


def test_tokens_and_users_over_the_api(desk: Desk) -> None:
    admin = desk.program(Role.ADMIN)
    assert admin.get("/api/v1/me").json()["role"] == "admin"
    issued = admin.post("/api/v1/tokens", json={"name": "skrip", "scope": "read", "days": 5})
    assert issued.status_code == 201
    assert issued.headers["cache-control"] == "no-store"
    reader = desk.new_client(Authorization=f"Bearer {issued.json()['secret']}")
    assert reader.get("/api/v1/alerts").status_code == 200
    problem(reader.post("/api/v1/tokens", json={"name": "x", "scope": "read"}), 403)
    assert admin.ask("DELETE", f"/api/v1/tokens/{issued.json()['id']}").status_code == 204
    problem(reader.get("/api/v1/alerts"), 401)
    assert admin.post("/api/v1/users", json={"name": "siti-1", "role": "liaison", "region": "63"}).status_code == 201
    problem(admin.post("/api/v1/users", json={"name": "siti-1", "role": "liaison"}), 409)
    assert admin.ask("DELETE", "/api/v1/users/siti-1").status_code == 204
    users = {user["name"]: user["active"] for user in admin.get("/api/v1/users").json()["data"]}
    assert users["siti-1"] is False
    other = desk.program(Role.LIAISON)
    problem(other.ask("DELETE", f"/api/v1/tokens/{issued.json()['id']}"), 404)


def test_head_is_get_without_a_body(desk: Desk) -> None:
    client = desk.program(Role.LIAISON)
    full, head = client.get("/api/v1/alerts"), client.ask("HEAD", "/api/v1/alerts")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == full.headers["etag"]
    assert desk.stranger().ask("HEAD", "/api/v1/health").status_code == 200
    assert desk.stranger().ask("HEAD", "/api/v1/alerts").status_code == 401


def test_health_is_open_and_says_nothing_more(desk: Desk) -> None:
    client = desk.stranger()
    assert client.get("/api/v1/health").json() == {"status": "ok"}
    ready = client.get("/api/v1/ready").json()
    assert (ready["status"], ready["exercise"]) == ("ready", "off")
    assert set(ready["checks"]) == {"database", "migrations", "collector", "worker", "model"}


def test_each_error_is_a_problem_with_a_way_on(desk: Desk) -> None:
    client = desk.program(Role.LIAISON)
    problem(desk.stranger().get("/api/v1/alerts"), 401)
    problem(desk.stranger(Authorization="Basic eDp5").get("/api/v1/alerts"), 401)
    problem(desk.stranger(Authorization="Bearer wsp_" + "x" * 43).get("/api/v1/alerts"), 401)
    problem(client.get("/api/v1/audit"), 403)
    problem(client.get("/api/v1/nothing"), 404)
    assert problem(client.get("/api/v1/alerts/999999"), 404)["instance"] == "/api/v1/alerts/999999"
    wrong = client.ask("PUT", "/api/v1/alerts")
    problem(wrong, 405)
    assert "GET" in wrong.headers["allow"]
    moves = f"/api/v1/alerts/{desk.alerts['clash']}/moves"
    problem(client.post(moves, content=b"x" * (1024 * 1024 + 1), headers={"content-type": "application/json"}), 413)
    problem(client.post(moves, content=b"{", headers={"content-type": "application/json", "If-Match": "1"}), 422)
    problem(client.post(moves, json={"to": "acknowledged", "extra": 1}, headers={"If-Match": "1"}), 422)
    problem(desk.new_client("http://evil.example").get("/api/v1/health"), 421)


def test_a_chunked_body_without_a_length_is_limited_too(desk: Desk) -> None:
    async def chunks() -> Any:
        for _ in range(20):
            yield b"x" * 65536

    client = desk.program(Role.LIAISON)
    problem(client.post(f"/api/v1/alerts/{desk.alerts['clash']}/moves", content=chunks()), 413)


def test_a_fault_inside_says_nothing_about_the_inside(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret words")

    monkeypatch.setattr("waspada.alerts.repository.search", broken)
    answer = desk.program(Role.LIAISON).get("/api/v1/alerts")
    problem(answer, 500)
    assert "secret" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("host", ["localhost", "localhost:8765", "127.0.0.1", "[::1]:80", "10.0.0.8:8765"])
def test_this_machine_has_many_good_names(desk: Desk, host: str) -> None:
    assert desk.stranger(Host=host).get("/api/v1/health").status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "[::1", "a:b:c"]
)
def test_foreign_names_are_refused(desk: Desk, host: str) -> None:
    problem(desk.stranger(Host=host).get("/api/v1/health"), 421)


ODD_QUERIES = [
    "x=1", "limit=0", "limit=201", "limit=99999999999999999999999", "limit=a", "limit=", "cursor=%00", "cursor=a",
    "cursor=W10", "cursor=W251bGxd", "cursor=WzFlOTk5LDFd", "cursor=WzEuMCwtMV0", "cursor=WyIxIiwxXQ",
    "cursor=WzEuMCwxMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwXQ", "cursor=W3RydWUsMV0", "cursor=" + "A" * 500,
    "cursor=%F0%9F%92%A9", "region=63%00", "region=abc", "region=63.7", "region='; DROP TABLE alerts; --",
    "region=63%25", "label=x", "label=%00",
    "min_level=4", "min_level=-1", "min_level=1e3", "state=open", "since=yesterday", "since=2024-11-20T00:00:00",
    "since=99999999999999", "since=0001-01-01T00:00:00%2B14:00", "until=9999-12-31T23:59:59-12:00", "since=%ED%A0%80",
    "q=nama+orang", "sort=name",
]  # fmt: skip


def test_odd_parameters_are_refused_and_never_a_fault(desk: Desk) -> None:
    client = desk.program(Role.LIAISON)
    for query in ODD_QUERIES:
        problem(client.get(f"/api/v1/alerts?{query}"), 422)
    for path in ("/alerts/0", "/alerts/-1", "/alerts/9223372036854775808", "/alerts/1.5", "/items/%00", "/items/x"):
        problem(client.get(f"/api/v1{path}"), 422)
    assert client.get(f"/api/v1/alerts/{2**63 - 1}").status_code == 404
    for query in (
        "region=abc",
        "region=63%00",
        "region=",
        "enabled=vielleicht",
        "limit=0",
        "cursor=%00",
        "state=silent",
    ):
        problem(client.get(f"/api/v1/sources/health?{query}"), 422)
    for query in ("region=abc", "region=63.7", "limit=201", "cursor=a", "cursor=WyI5OS45OSJd", "cursor=WyIiXQ", "x=1"):
        problem(client.get(f"/api/v1/coverage?{query}"), 422)
    for path in ("/sources/%00", "/sources/a%20b", "/places/63x", "/health?x=1", "/me?x=1", "/alerts/1?x=1"):
        problem(client.get(f"/api/v1{path}"), 422)


ODD_BODIES = [
    b"", b"null", b"[]", b"1", b'"x"', b"\xff\xfe", b'{"to": null}', b'{"to": "acknowledged", "note": 5}',
    b'{"to": "acknowledged", "note": "\\ud800"}', b'{"to": "\\u0000"}', b'{"to": 1e999}', b"[" * 5000,
    b'{"to": "acknowledged", "note": "' + b"x" * 2001 + b'"}', b'{"to": "not_a_threat", "reason": "\\u0000"}',
]  # fmt: skip


def test_odd_bodies_are_refused_and_never_a_fault(desk: Desk) -> None:
    client, path = desk.program(Role.LIAISON), f"/api/v1/alerts/{desk.alerts['clash']}/moves"
    for body in ODD_BODIES:
        headers = {"If-Match": "1", "Content-Type": "application/json"}
        answer = client.post(path, content=body, headers=headers)
        assert answer.status_code in (400, 422), body[:60]
        problem(answer, answer.status_code)
    done = client.post(path, json={"to": "acknowledged", "note": "a\x00b\u202e"}, headers={"If-Match": "1"})
    assert done.status_code == 200


def test_hostile_titles_are_data_in_json(desk: Desk) -> None:
    hostile = '=HYPERLINK("http://x")</script><script>alert(1)</script>\u202e{{7*7}}'
    with desk.store.write() as session:
        id_ = add_alert(session, replace(CLASH, headline=hostile, reports=[Report("Warta Intan", hostile, hostile)]))
    answer = desk.program(Role.LIAISON).get(f"/api/v1/alerts/{id_}")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["headline"] == hostile.replace("\u202e", " ")


def names_in(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if node.get("in") in ("query", "path", "header"):
            yield str(node["name"])
        yield from (str(name) for name in node.get("properties", {}))
        for below in node.values():
            yield from names_in(below)
    elif isinstance(node, list):
        for below in node:
            yield from names_in(below)


def words_of(name: str) -> set[str]:
    return set(name.lower().replace("-", "_").strip("/").replace("/", "_").replace("{", "").replace("}", "").split("_"))


def test_rule_1_there_is_no_table_of_persons() -> None:
    for table in Base.metadata.tables.values():
        assert not words_of(table.name) & OF_PERSONS, table.name
        if table.name not in ABOUT_ACCOUNTS:
            of_accounts = {"user"} if table.name in DECIDED_BY_ACCOUNTS else {"actor", "owner", "user"}
            for column in table.columns:
                assert not words_of(column.name) & (OF_PERSONS | of_accounts), f"{table.name}.{column.name}"


def test_rule_1_no_address_field_filter_or_order_is_about_persons(desk: Desk) -> None:
    document = desk.app.openapi()
    for name in (*document["paths"], *names_in(document), *document["components"]["schemas"]):
        assert not words_of(name) & OF_PERSONS, name
    parameters = {p["name"] for p in document["paths"]["/api/v1/alerts"]["get"]["parameters"]}
    assert parameters == {
        "cursor", "limit", "region", "label", "min_level", "state", "since", "until", "exercise", "topic", "owner",
        "group", "opened_since", "opened_until", "x-purpose",
    }  # fmt: skip
    assert not parameters & {"q", "query", "search", "text", "sort", "order"}


def test_the_document_describes_what_is_answered(desk: Desk) -> None:
    client = desk.program(Role.ADMIN)
    document = client.get("/api/v1/openapi.json").json()
    id_ = desk.alerts["clash"]
    paths = {
        "/api/v1/alerts": "/api/v1/alerts", "/api/v1/alerts/{alert_id}": f"/api/v1/alerts/{id_}",
        "/api/v1/items/{item_id}": "/api/v1/items/1",
        "/api/v1/items/{item_id}/versions": "/api/v1/items/1/versions",
        "/api/v1/stories/{story_id}": "/api/v1/stories/1",
        "/api/v1/sources": "/api/v1/sources", "/api/v1/sources/{source_id}": "/api/v1/sources/warta-intan",
        "/api/v1/sources/health": "/api/v1/sources/health", "/api/v1/coverage": "/api/v1/coverage?region=63",
        "/api/v1/audit": "/api/v1/audit", "/api/v1/me": "/api/v1/me", "/api/v1/rejects": "/api/v1/rejects",
    }  # fmt: skip
    for path, asked in paths.items():
        described = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        schema = {**described, "components": document["components"]}
        Draft202012Validator(schema).validate(client.get(asked).json())
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert "422" in operation["responses"], (method, path)
            assert operation["summary"]
            if path not in ("/api/v1/health", "/api/v1/ready"):
                assert operation["security"], path
                assert "401" in operation["responses"], path
    assert "examples" in json.dumps(document["components"]["schemas"]["Move"])
    problem_schema = {"$ref": "#/components/schemas/ProblemOut", "components": document["components"]}
    Draft202012Validator(problem_schema).validate(client.get("/api/v1/alerts/0").json())


def test_labels_and_states_of_the_document_are_the_programs(desk: Desk) -> None:
    schemas = desk.app.openapi()["components"]["schemas"]
    assert schemas["AlertState"]["enum"] == [state.value for state in AlertState]
    assert schemas["Label"]["enum"] == [label.value for label in Label]
