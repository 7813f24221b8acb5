"""Topics over the API, in the console and on the command line: rights, regions, bad input, what is shown, the audit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from tests.api.conftest import Client, Desk, form_token
from tests.api.sample import CLASH, NOW, add_alert
from tests.api.test_console import outline
from tests.topics.texts import LAND, tell
from waspada.access import Role, Scope
from waspada.cli.main import app as cli
from waspada.errors import WaspadaError
from waspada.settings import load_settings
from waspada.store import open_store
from waspada.store.tables import (
    AlertRow,
    AuditRow,
    ItemRow,
    StoryItemRow,
    StoryPlaceRow,
    StoryRow,
    TopicLabelRow,
    TopicRow,
    TopicTagRow,
)
from waspada.topics import service

PERSON = "Rudi Hartono"


def new(**given: Any) -> dict[str, Any]:
    return {"title": LAND.title, "description": LAND.description, "examples": list(LAND.examples), **given}


def audit(desk: Desk) -> list[tuple[str, str]]:
    with desk.store.read() as session:
        return [(row.action, row.object) for row in session.scalars(select(AuditRow).order_by(AuditRow.id))]


def items_of(desk: Desk, alert: str) -> list[int]:
    with desk.store.read() as session:
        story = session.get_one(AlertRow, desk.alerts[alert]).story_id
        return sorted(session.scalars(select(StoryItemRow.item_id).where(StoryItemRow.story_id == story)))


@pytest.fixture
def topic(desk: Desk) -> int:
    """A topic that tags the items of the clash (63.03) and of the neutrality alert (63.71)."""
    with desk.store.write() as session:
        found = service.add_topic(session, LAND, actor="analyst", now=NOW).id
        session.execute(update(TopicRow).values(model="sample-1", threshold=0.5, sampled=0))
    tag(desk, found, *items_of(desk, "clash"), *items_of(desk, "neutrality"))
    return found


def tag(desk: Desk, topic_id: int, *item_ids: int) -> None:
    with desk.store.write() as session:
        for item_id in item_ids:
            session.add(
                TopicTagRow(topic_id=topic_id, item_id=item_id, score=0.71, how="likeness", model="sample-1", at=NOW)
            )


class TestApi:
    def test_added_listed_read_and_switched_off_all_in_the_audit_log(self, desk: Desk) -> None:
        client = desk.program(Role.ANALYST)
        added = client.post("/api/v1/topics", json=new(places=["63.03"]))
        assert added.status_code == 201, added.text
        one = added.json()
        assert (one["title"], one["places"][0]["name"], one["threshold"]) == (LAND.title, "Kabupaten Banjar", None)
        path = f"/api/v1/topics/{one['id']}"
        assert client.get(path).json() == {**one, "heads": []}
        assert [t["id"] for t in client.get("/api/v1/topics").json()["data"]] == [one["id"]]
        assert client.post(f"{path}/off").json()["off_by"] == "analyst-write-all"
        assert client.post(f"{path}/off").status_code == 409
        assert client.get("/api/v1/topics").json()["data"] == []
        assert len(client.get("/api/v1/topics?off=true").json()["data"]) == 1
        assert client.post(f"{path}/on").json()["off_at"] is None
        assert client.post(f"{path}/on").status_code == 409
        assert client.post(f"{path}/off").status_code == 200
        assert client.ask("DELETE", path).status_code == 204
        assert client.get(path).status_code == 404
        object_ = f"topic/{one['id']}"
        written = audit(desk)
        for action in ("topic.add", "topic.read", "topic.off", "topic.on", "topic.remove"):
            assert (action, object_) in written
        assert LAND.title not in str(written)

    @pytest.mark.parametrize(
        ("given", "status"),
        [
            ({"title": PERSON}, 422),
            ({"description": f"Kabar tentang {PERSON}."}, 422),
            ({"examples": [*LAND.examples, f"{PERSON} terlihat di lahan itu."]}, 422),
            ({"title": "Akun @banjar"}, 422),
            ({"title": ""}, 422),
            ({"title": "x" * 5000}, 422),
            ({"examples": []}, 422),
            ({"examples": ["x"] * 50}, 422),
            ({"examples": "lahan"}, 422),
            ({"examples": [None]}, 422),
            ({"places": ["Atlantis"]}, 422),
            ({"places": [63]}, 422),
            ({"query": "nama"}, 422),
        ],
    )
    def test_what_cannot_be_used_is_refused(self, desk: Desk, given: dict[str, Any], status: int) -> None:
        answer = desk.program(Role.ANALYST).post("/api/v1/topics", json=new(**given))
        assert answer.status_code == status, answer.text
        with desk.store.read() as session:
            assert session.scalars(select(TopicRow.id)).all() == []

    def test_a_refusal_says_what_to_change(self, desk: Desk) -> None:
        answer = desk.program(Role.ANALYST).post("/api/v1/topics", json=new(title=PERSON))
        assert "Leave the name out" in answer.text

    def test_the_same_title_twice_is_a_conflict(self, desk: Desk) -> None:
        client = desk.program(Role.ANALYST)
        assert client.post("/api/v1/topics", json=new()).status_code == 201
        assert client.post("/api/v1/topics", json=new()).status_code == 409

    def test_only_analysts_and_admins_add_topics(self, desk: Desk) -> None:
        for role in (Role.LIAISON, Role.AUDITOR, Role.OPERATOR):
            assert desk.program(role).post("/api/v1/topics", json=new()).status_code == 403
        assert desk.program(Role.ANALYST, Scope.READ).post("/api/v1/topics", json=new()).status_code == 403
        assert desk.program(Role.ADMIN).post("/api/v1/topics", json=new()).status_code == 201

    def test_its_items_page_by_page(self, desk: Desk, topic: int) -> None:
        client, seen, path = desk.program(Role.LIAISON), list[int](), f"/api/v1/topics/{topic}/items?limit=1"
        while path:
            answer = client.get(path).json()
            seen += [one["item"]["id"] for one in answer["data"]]
            path = f"/api/v1/topics/{topic}/items?limit=1&cursor={answer['next']}" if answer["next"] else ""
        assert seen == sorted([*items_of(desk, "clash"), *items_of(desk, "neutrality")], reverse=True)
        assert ("topic.read", f"topic/{topic}") in audit(desk)
        assert PERSON not in client.get(f"/api/v1/topics/{topic}/items").text

    def test_answers(self, desk: Desk, topic: int) -> None:
        client, item = desk.program(Role.LIAISON), items_of(desk, "neutrality")[0]
        path = f"/api/v1/topics/{topic}/answers"
        done = client.post(path, json={"item_id": item, "fits": False, "revision": 0})
        assert done.status_code == 200, done.text
        assert (done.json()["revision"], done.json()["actor"]) == (1, "liaison-write-all")
        late = desk.program(Role.ANALYST).post(path, json={"item_id": item, "fits": True, "revision": 0})
        assert late.status_code == 412
        assert "liaison-write-all" in late.text
        (one,) = (o for o in client.get(f"/api/v1/topics/{topic}/items").json()["data"] if o["item"]["id"] == item)
        assert (one["fits"], one["score"], one["how"], one["revision"]) == (False, None, None, 1)
        assert client.post(path, json={"item_id": 99999, "fits": True, "revision": 0}).status_code == 404
        for odd in ({"fits": "x"}, {"revision": -1}, {"item_id": 0}, {"note": "x"}):
            given = {"item_id": item, "fits": True, "revision": 1, **odd}
            assert client.post(path, json=given).status_code == 422
        assert ("topic.answer", f"topic/{topic}") in audit(desk)

    def test_alerts_are_narrowed_by_topic_and_show_it(self, desk: Desk, topic: int) -> None:
        client = desk.program(Role.LIAISON)
        found = client.get(f"/api/v1/alerts?topic={topic}").json()["data"]
        assert {one["id"] for one in found} == {desk.alerts["clash"], desk.alerts["neutrality"]}
        assert all(one["topics"] == [{"id": topic, "title": LAND.title}] for one in found)
        assert client.get(f"/api/v1/alerts?topic={topic}&min_level=3").json()["data"][0]["id"] == desk.alerts["clash"]
        assert client.get("/api/v1/alerts?topic=999").status_code == 404
        for odd in ("topic=0", "topic=x", "topic=lahan", "topic=99999999999999999999"):
            assert client.get(f"/api/v1/alerts?{odd}").status_code == 422
        others = [one for one in client.get("/api/v1/alerts").json()["data"] if one not in found]
        assert others
        assert all(one["topics"] == [] for one in others)
        desk.program(Role.ANALYST).post(f"/api/v1/topics/{topic}/off")
        assert client.get(f"/api/v1/alerts/{desk.alerts['clash']}").json()["topics"] == []

    def test_a_bound_person_sees_and_changes_their_region_only(self, desk: Desk, topic: int) -> None:
        bound = desk.program(Role.ANALYST, region="63.71")
        own, other = items_of(desk, "neutrality"), items_of(desk, "clash")
        seen = [one["item"]["id"] for one in bound.get(f"/api/v1/topics/{topic}/items").json()["data"]]
        assert seen == sorted(own, reverse=True)
        assert [one["id"] for one in bound.get(f"/api/v1/alerts?topic={topic}").json()["data"]] == [
            desk.alerts["neutrality"]
        ]
        answer = {"fits": True, "revision": 0}
        path = f"/api/v1/topics/{topic}"
        assert bound.post(f"{path}/answers", json={"item_id": other[0], **answer}).status_code == 404
        assert bound.post(f"{path}/answers", json={"item_id": own[0], **answer}).status_code == 200
        assert bound.post(f"{path}/off").status_code == 404
        assert bound.ask("DELETE", path).status_code == 404
        assert bound.post("/api/v1/topics", json=new(title="Lahan lain", places=["63.03"])).status_code == 404
        mine = bound.post("/api/v1/topics", json=new(title="Lahan lain")).json()
        assert [place["code"] for place in mine["places"]] == ["63.71"]
        far = desk.program(Role.LIAISON, region="63.03")
        assert far.get(f"/api/v1/topics/{mine['id']}").status_code == 404
        assert mine["id"] not in [one["id"] for one in far.get("/api/v1/topics").json()["data"]]
        assert bound.post(f"/api/v1/topics/{mine['id']}/off").status_code == 200

    def test_a_topic_of_another_region_is_on_no_alert_and_no_filter(self, desk: Desk) -> None:
        with desk.store.write() as session:
            far = service.add_topic(session, replace(LAND, places=["63.71"]), actor="analyst", now=NOW).id
        tag(desk, far, *items_of(desk, "clash"))
        clash, bound = desk.alerts["clash"], desk.program(Role.LIAISON, region="63.03")
        assert bound.get(f"/api/v1/alerts/{clash}").json()["topics"] == []
        assert all(one["topics"] == [] for one in bound.get("/api/v1/alerts").json()["data"])
        assert bound.get(f"/api/v1/alerts?topic={far}").status_code == 404
        assert desk.browser(Role.ANALYST, region="63.03").get(f"/alerts?topic={far}").status_code == 404
        whole = desk.program(Role.LIAISON)
        assert [one["id"] for one in whole.get(f"/api/v1/alerts/{clash}").json()["topics"]] == [far]

    def test_what_a_reader_may_open_stands_in_their_list(self, desk: Desk, topic: int) -> None:
        """An item that names no place lies where its story does."""
        with desk.store.write() as session:
            home = tell(session, 900, places=())
            story = StoryRow(opened_at=NOW, last_item_at=NOW, headline="", stale=False)
            session.add(story)
            session.flush()
            session.add(StoryItemRow(item_id=home, story_id=story.id, how="first", likeness=1.0, at=NOW))
            session.add(StoryPlaceRow(code="63.03", story_id=story.id, last_item_at=NOW))
        tag(desk, topic, home)
        bound = desk.program(Role.LIAISON, region="63.03")
        shown = [one["item"]["id"] for one in bound.get(f"/api/v1/topics/{topic}/items").json()["data"]]
        assert bound.get(f"/api/v1/items/{home}").status_code == 200
        assert home in shown
        far = desk.program(Role.LIAISON, region="63.71")
        assert far.get(f"/api/v1/items/{home}").status_code == 404
        assert home not in [one["item"]["id"] for one in far.get(f"/api/v1/topics/{topic}/items").json()["data"]]

    def test_a_title_of_another_region_is_free(self, desk: Desk) -> None:
        one, other = (desk.program(Role.ANALYST, region=code) for code in ("63.03", "63.71"))
        assert one.post("/api/v1/topics", json=new()).status_code == 201
        assert other.post("/api/v1/topics", json=new()).status_code == 201
        assert one.post("/api/v1/topics", json=new()).status_code == 409

    def test_titles_to_choose_from_are_masked(self, desk: Desk, topic: int) -> None:
        with desk.store.write() as session:  # as one that an older tagger let through
            session.execute(update(TopicRow).values(title="Kabar Rudi Hartono"))
        assert PERSON not in desk.browser(Role.LIAISON).get("/alerts?period=any").text

    def test_a_single_post_is_on_no_list(self, desk: Desk, topic: int) -> None:
        with desk.store.write() as session:
            lone = items_of(desk, "clash")[0]
            session.execute(update(ItemRow).where(ItemRow.id == lone).values(kind="post"))
            session.execute(StoryItemRow.__table__.delete().where(StoryItemRow.item_id == lone))  # type: ignore[attr-defined]
        shown = desk.program(Role.LIAISON).get(f"/api/v1/topics/{topic}/items").json()["data"]
        assert lone not in [one["item"]["id"] for one in shown]


class TestConsole:
    def fields(self, browser: Client, **given: Any) -> dict[str, Any]:
        csrf = form_token(browser.get("/topics").text)
        return {
            "title": LAND.title,
            "description": "",
            "example": list(LAND.examples),
            "region": "",
            "csrf": csrf,
        } | given

    def test_a_topic_is_added_answered_and_removed_with_forms(self, desk: Desk) -> None:
        browser = desk.browser(Role.ANALYST)
        done = browser.post("/topics", data=self.fields(browser))
        assert done.status_code == 303, done.text
        page = done.headers["location"]
        topic = int(page.rpartition("/")[2])
        assert "sedang disiapkan" in browser.get(page).text
        tag(desk, topic, *items_of(desk, "neutrality"))
        shown = browser.get(page).text
        assert "Bawaslu periksa lurah" in shown
        assert "menurut kemiripan 71%" in shown
        item, csrf = items_of(desk, "neutrality")[0], form_token(shown)
        answer = {"fits": "false", "revision": "0", "csrf": csrf}
        assert browser.post(f"{page}/answers/{item}", data=answer).status_code == 303
        assert "Tidak termasuk" in browser.get(page).text
        later = browser.post(f"{page}/answers/{item}", data=answer | {"revision": "1", "cursor": "999"})
        assert later.headers["location"] == f"{page}?cursor=999#item-{item}"
        assert 'name="cursor" value="' in browser.get(page).text
        late = browser.post(f"{page}/answers/{item}", data=answer)
        assert late.status_code == 409
        assert "Ada yang lebih cepat" in late.text
        assert f'href="{page}?lang=en"' in late.text
        assert browser.post(f"{page}/off", data={"csrf": csrf}).status_code == 303
        assert browser.post(f"{page}/off", data={"csrf": csrf}).status_code == 409
        assert browser.post(f"{page}/answers/{item}", data=answer | {"revision": "1"}).status_code == 409
        assert "Nyalakan lagi" in browser.get(page).text
        assert browser.post(f"{page}/on", data={"csrf": csrf}).status_code == 303
        assert browser.post(f"{page}/on", data={"csrf": csrf}).status_code == 409
        assert browser.post(f"{page}/on", data={}).status_code == 403
        assert browser.post(f"{page}/remove", data={"csrf": csrf}).status_code == 303
        assert browser.get(page).status_code == 404
        with desk.store.read() as session:
            assert session.scalars(select(TopicLabelRow.item_id)).all() == []

    def test_what_cannot_be_used_is_said_and_the_form_keeps_it(self, desk: Desk) -> None:
        browser = desk.browser(Role.ANALYST)
        person = browser.post("/topics", data=self.fields(browser, title="<b>Rudi Hartono"))
        assert person.status_code == 422
        assert "Judul: topik tidak boleh berupa orang" in person.text
        assert 'href="#title"' in person.text
        assert "&lt;b&gt;Rudi Hartono" in person.text
        assert LAND.examples[0] in person.text
        short = browser.post("/topics", data=self.fields(browser, example=["a", ""]))
        assert short.status_code == 422
        assert "perlu paling sedikit 3 yang berbeda" in short.text
        named = browser.post(
            "/topics", data=self.fields(browser, example=[*LAND.examples, "Rudi Hartono pulang hari ini."])
        )
        assert "Contoh 4: topik tidak boleh berupa orang" in named.text
        assert "&#34;Rudi Hartono&#34;" in named.text
        assert 'id="example-4" name="example" aria-invalid="true"' in named.text
        shared = browser.post("/topics", data=self.fields(browser, title="Kabar", example=[
            "Rumah Bupati Banjar ramai sekali.", "Bupati Banjar menghadiri panen raya.", LAND.examples[0],
        ]))  # fmt: skip
        assert "Kata yang sama di beberapa teks" in shared.text
        assert "bupati banjar" in shared.text
        brief = browser.post("/topics", data=self.fields(browser, example=[*LAND.examples, "pendek"]))
        assert "Contoh 4: tulis kalimat" in brief.text
        assert browser.post("/topics", data=self.fields(browser)).status_code == 303
        assert browser.post("/topics", data=self.fields(browser)).status_code == 409
        assert browser.post("/topics", data=self.fields(browser, csrf="0" * 64)).status_code == 403

    def test_the_pages_are_well_formed(self, desk: Desk, topic: int) -> None:
        browser = desk.browser(Role.ADMIN)
        for lang in ("id", "en"):
            for path in ("/topics", f"/topics/{topic}", "/alerts", f"/alerts?topic={topic}"):
                page = browser.get(f"{path}{'&' if '?' in path else '?'}lang={lang}")
                assert page.status_code == 200
                found = outline(page.text)
                assert not found.problems, (path, found.problems)
                assert not found.open, path
                assert len(found.ids) == len(set(found.ids)), path
                assert set(found.fields) <= set(found.labels), path

    def test_alerts_show_and_choose_topics(self, desk: Desk, topic: int) -> None:
        browser = desk.browser(Role.LIAISON)
        page = browser.get(f"/alerts?topic={topic}&period=any").text
        assert f'<a class="chip" href="/alerts?topic={topic}"><bdi>{LAND.title}</bdi></a>' in page
        assert CLASH.headline in page
        assert f'<option value="{topic}" selected>' in page
        assert f'href="/alerts?topic={topic}"' in browser.get(f"/alerts/{desk.alerts['clash']}").text
        assert browser.get("/alerts?topic=lahan").status_code == 422

    def test_who_may_not_add_has_no_form(self, desk: Desk, topic: int) -> None:
        liaison = desk.browser(Role.LIAISON)
        assert 'action="/topics"' not in liaison.get("/topics").text
        page = liaison.get(f"/topics/{topic}").text
        assert f'action="/topics/{topic}/answers/' in page
        assert f'action="/topics/{topic}/remove"' not in page
        assert 'href="/topics"' not in desk.browser(Role.AUDITOR).get("/sources").text


class TestCommands:
    @pytest.fixture
    def data(self, tmp_path: Path) -> Path:
        folder = tmp_path / "data"
        store = open_store(load_settings(data_dir=folder))
        with store.write() as session:
            add_alert(session, CLASH)
        store.close()
        return folder

    def run(self, data: Path, *arguments: str) -> Any:
        return CliRunner().invoke(cli, ["topics", *arguments, "--data", str(data)])

    def add(self, data: Path, title: str = LAND.title, *more: str) -> Any:
        examples = [word for one in LAND.examples for word in ("--example", one)]
        return self.run(data, "add", title, *examples, *more)

    @pytest.mark.usefixtures("wide_tables")
    def test_add_list_show_off_and_remove(self, data: Path) -> None:
        done = self.add(data, LAND.title, "--place", "Kabupaten Banjar", "--description", "Tanah.")
        assert done.exit_code == 0, done.output
        listed = self.run(data, "list").output
        assert LAND.title in listed
        assert "63.03" in listed
        shown = self.run(data, "show", "1").output
        assert LAND.examples[0] in shown
        assert "not made ready yet" in shown
        assert self.run(data, "off", "1").exit_code == 0
        assert LAND.title not in self.run(data, "list").output
        assert "off" in self.run(data, "list", "--all").output
        assert self.run(data, "on", "1").exit_code == 0
        assert isinstance(self.run(data, "on", "1").exception, WaspadaError)
        assert self.run(data, "remove", "1").exit_code == 0
        store = open_store(load_settings(data_dir=data))
        with store.read() as session:
            actions = session.scalars(select(AuditRow.action).order_by(AuditRow.id)).all()
        store.close()
        assert actions == [
            "topic.add", "topic.read", "topic.read", "topic.off", "topic.read", "topic.read", "topic.on",
            "topic.remove",
        ]  # fmt: skip

    def test_what_cannot_be_used_is_one_message(self, data: Path) -> None:
        for arguments in (("off", "7"), ("show", "7"), ("remove", "7")):
            found = self.run(data, *arguments)
            assert isinstance(found.exception, WaspadaError), found.output
            assert found.exception.hint
        person = self.add(data, PERSON)
        assert isinstance(person.exception, WaspadaError)
        assert "names a person" in str(person.exception)
        assert self.run(data, "add", "Tanpa contoh").exit_code == 2
