"""Stories over the API and in the console: reading, merging, splitting, undoing, and who may."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.api.conftest import Client, Desk, form_token
from tests.api.sample import CLASH, NEUTRALITY, Report, add_alert
from tests.api.test_json import problem
from tests.rows import NOW as ROWS_NOW
from tests.stories.partition import add_story
from waspada.access import Role, Scope
from waspada.store.tables import AlertRow, AuditRow, ItemRow, StoryHeadlineRow, StoryItemRow, StoryRow


@pytest.fixture
def stories(desk: Desk) -> tuple[int, int]:
    """The stories of two alerts, the older one first."""
    with desk.store.write() as session:
        both = [session.get_one(AlertRow, desk.alerts[name]).story_id for name in ("neutrality", "clash")]
    return both[0], both[1]


def items_of(desk: Desk, story: int) -> list[int]:
    with desk.store.read() as session:
        query = select(StoryItemRow.item_id).where(StoryItemRow.story_id == story)
        return list(session.scalars(query.order_by(StoryItemRow.item_id)))


def test_merge_and_undo(desk: Desk, stories: tuple[int, int]) -> None:
    older, newer = stories
    client, before = desk.program(Role.ANALYST), (items_of(desk, older), items_of(desk, newer))
    path = f"/api/v1/stories/{newer}"
    tag = client.get(path).headers["etag"]
    answer = client.post(f"{path}/merges", json={"story_id": older, "reason": "Sama."}, headers={"If-Match": tag})
    assert answer.status_code == 200, answer.text
    edit = answer.json()
    assert (edit["kind"], edit["story_id"], edit["into_id"], edit["reason"]) == ("merge", newer, older, "Sama.")
    assert answer.headers["etag"].startswith(f'"r{edit["id"]}-')
    gone, kept = client.get(path).json(), client.get(f"/api/v1/stories/{older}").json()
    assert (gone["merged_into"], gone["item_count"], gone["items"]["data"]) == (older, 0, [])
    assert kept["item_count"] == len(before[0]) + len(before[1])
    assert kept["edits"] == gone["edits"]
    assert kept["edits"][0]["item_ids"] == before[1]
    lost = client.get(f"/api/v1/alerts/{desk.alerts['clash']}").json()
    assert (lost["merged_into"], lost["level"], lost["score"]) == (desk.alerts["neutrality"], 0, 0)
    assert desk.alerts["clash"] not in [one["id"] for one in client.get("/api/v1/alerts").json()["data"]]
    undone = client.post(f"{path}/edits/{edit['id']}/undo", json={})
    assert (undone.status_code, undone.json()["undoes"], undone.json()["stayed"]) == (200, edit["id"], [])
    assert (items_of(desk, older), items_of(desk, newer)) == before
    assert client.get(f"/api/v1/alerts/{desk.alerts['clash']}").json()["level"] == 3


def test_split(desk: Desk, stories: tuple[int, int]) -> None:
    client, story = desk.program(Role.LIAISON), stories[1]
    first, *rest = items_of(desk, story)
    path = f"/api/v1/stories/{story}"
    answer = client.post(f"{path}/splits", json={"item_ids": rest}, headers={"If-Match": "0"})
    assert answer.status_code == 200, answer.text
    assert items_of(desk, story) == [first]
    assert items_of(desk, answer.json()["into_id"]) == rest
    new = client.get(f"/api/v1/stories/{answer.json()['into_id']}").json()
    assert [line["item_id"] for line in new["headlines"]] == [rest[1]]  # both have this title
    with desk.store.read() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.action == "story.split")).all()
    assert [(row.object, row.detail["items"]) for row in rows] == [(f"story/{story}", rest)]


def test_errors_say_what_to_do(desk: Desk, stories: tuple[int, int]) -> None:
    older, newer = stories
    client = desk.program(Role.ANALYST)
    merges, splits = f"/api/v1/stories/{newer}/merges", f"/api/v1/stories/{newer}/splits"
    match = {"If-Match": "0"}
    problem(client.post(merges, json={"story_id": older}), 428)
    problem(client.post(merges, json={"story_id": older}, headers={"If-Match": "x"}), 412)
    problem(client.post(merges, json={"story_id": newer}, headers=match), 422)
    problem(client.post(merges, json={"story_id": 9999}, headers=match), 404)
    problem(client.post(merges, json={"story_id": 0}, headers=match), 422)
    problem(client.post(merges, json={"story_id": 2**63}, headers=match), 422)
    problem(client.post(merges, json={"story_id": older, "reason": "x" * 501}, headers=match), 422)
    problem(client.post("/api/v1/stories/9999/merges", json={"story_id": older}, headers=match), 404)
    for items in ([], items_of(desk, newer), [items_of(desk, older)[0]], ["x"], [-1], list(range(1, 1100))):
        problem(client.post(splits, json={"item_ids": items}, headers=match), 422)
    problem(client.post(f"/api/v1/stories/{newer}/edits/77/undo", json={}), 404)
    edit = client.post(merges, json={"story_id": older}, headers=match).json()
    late = problem(client.post(splits, json={"item_ids": [1]}, headers=match), 412)
    assert (late["revision"], late["changes"][0]["actor"]) == (edit["id"], "analyst-write-all")
    now = {"If-Match": str(edit["id"])}
    assert f"story {older}" in problem(client.post(merges, json={"story_id": older}, headers=now), 409)["detail"]
    undo = f"/api/v1/stories/{older}/edits/{edit['id']}/undo"
    problem(client.post(undo, json={"reason": "x" * 501}), 422)
    assert client.post(undo, json={}).status_code == 200
    problem(client.post(undo, json={}), 409)


def test_a_region_bound_person_reaches_the_own_region_only(desk: Desk, stories: tuple[int, int]) -> None:
    older, newer = stories
    client = desk.program(Role.ANALYST, region="63.71")
    match = {"If-Match": "0"}
    problem(client.post(f"/api/v1/stories/{older}/merges", json={"story_id": newer}, headers=match), 404)
    problem(client.post(f"/api/v1/stories/{newer}/splits", json={"item_ids": [1]}, headers=match), 404)
    problem(client.get(f"/api/v1/stories/{newer}"), 404)
    with desk.store.write() as session:
        own = add_story(session, ["Rapat di kantor lurah."], place="63.71")
        other = add_story(session, ["Rapat di kantor camat."], place="62.07")
    assert client.get(f"/api/v1/stories/{own}").status_code == 200  # without an alert it lies where its items do
    problem(client.get(f"/api/v1/stories/{other}"), 404)


def test_an_undo_reaches_no_further_than_the_own_region(desk: Desk) -> None:
    with desk.store.write() as session:
        own = add_story(session, ["Rapat di kantor lurah."], place="63.71")
        other = add_story(session, ["Rapat di kantor camat."], place="62.07", at=ROWS_NOW + timedelta(hours=1))
    everywhere, here = desk.program(Role.ANALYST), desk.program(Role.ANALYST, region="63.71")
    match = {"If-Match": "0"}
    edit = everywhere.post(f"/api/v1/stories/{own}/merges", json={"story_id": other}, headers=match).json()["id"]
    story = here.get(f"/api/v1/stories/{own}").json()
    assert [len(line["item_ids"]) for line in story["edits"]] == [1]
    for path in (own, other):
        problem(here.post(f"/api/v1/stories/{path}/edits/{edit}/undo", json={}), 404)
    browser = desk.browser(Role.LIAISON, region="63.71")
    page = browser.get(f"/stories/{own}").text
    refused = browser.post(f"/stories/{own}/edits/{edit}/undo", data={"csrf": form_token(page)})
    assert refused.status_code == 422
    assert "di luar wilayah Anda" in refused.text
    assert len(items_of(desk, own)) == 2
    with desk.store.read() as session:
        assert session.scalars(select(AuditRow.id).where(AuditRow.action == "story.undo")).all() == []
    assert everywhere.post(f"/api/v1/stories/{own}/edits/{edit}/undo", json={}).status_code == 200


def test_what_went_to_another_region_is_told_there(desk: Desk) -> None:
    """Neither its title nor its number stands in the history that a person of this region reads."""
    with desk.store.write() as session:
        own = add_story(session, ["Rapat di kantor lurah."], place="63.71")
        other = add_story(session, ["Rapat di kantor camat."], place="62.07", at=ROWS_NOW + timedelta(hours=1))
    everywhere, here = desk.program(Role.ANALYST), desk.program(Role.ANALYST, region="63.71")
    (gone,) = items_of(desk, other)
    answer = everywhere.post(f"/api/v1/stories/{own}/merges", json={"story_id": other}, headers={"If-Match": "0"})
    with desk.store.write() as session:
        session.add(StoryHeadlineRow(story_id=own, at=ROWS_NOW, headline="Judul kantor camat", item_id=gone))
    wanted = {"item_ids": [gone], "reason": "Di Kasongan."}
    match = {"If-Match": str(answer.json()["id"])}
    assert everywhere.post(f"/api/v1/stories/{own}/splits", json=wanted, headers=match).status_code == 200
    browser = desk.browser(Role.LIAISON, region="63.71")
    for text in (here.get(f"/api/v1/stories/{own}").text, browser.get(f"/stories/{own}").text):
        assert "Judul Rapat di kantor lurah" in text
        assert "camat" not in text
        assert "Kasongan" not in text
    all_ = everywhere.get(f"/api/v1/stories/{own}").json()
    assert gone in [line["item_id"] for line in all_["headlines"]]
    assert all_["edits"][0]["reason"] == "Di Kasongan."


def test_readers_may_not_edit(desk: Desk, stories: tuple[int, int]) -> None:
    client = desk.program(Role.LIAISON, Scope.READ)
    body = {"story_id": stories[0]}
    problem(client.post(f"/api/v1/stories/{stories[1]}/merges", json=body, headers={"If-Match": "0"}), 403)


def test_headlines_and_reasons_are_masked(desk: Desk) -> None:
    name = "Rudi Hartono (34)"
    with desk.store.write() as session:
        title = f"Warga bernama {name} terluka"
        reports = [Report("Warta Intan", title, "Satu."), Report("Warta Intan", "Rapat ricuh", "Dua.")]
        story = session.get_one(AlertRow, add_alert(session, replace(CLASH, headline=title, reports=reports))).story_id
        session.add(StoryHeadlineRow(story_id=story, at=ROWS_NOW, headline=title))
    client, browser = desk.program(Role.ANALYST), desk.browser(Role.LIAISON)
    wanted = {"item_ids": items_of(desk, story)[:1], "reason": f"Warga bernama {name} di tempat lain."}
    assert client.post(f"/api/v1/stories/{story}/splits", json=wanted, headers={"If-Match": "0"}).status_code == 200
    for answer in (client.get(f"/api/v1/stories/{story}"), browser.get(f"/stories/{story}")):
        assert answer.status_code == 200
        assert "Hartono" not in answer.text
        assert "[nama]" in answer.text


class TestConsole:
    def page(self, browser: Client, story: int) -> tuple[str, str, str]:
        """The page of a story, its form token and the revision in its forms."""
        text = browser.get(f"/stories/{story}").text
        revision = re.search(r'name="revision" value="(\d+)"', text)
        return text, form_token(text), revision[1] if revision else "0"

    def test_split_merge_and_undo_without_a_script(self, desk: Desk, stories: tuple[int, int]) -> None:
        story, browser = stories[1], desk.browser(Role.LIAISON)
        items = items_of(desk, story)
        text, csrf, revision = self.page(browser, story)
        assert text.count('type="checkbox"') == len(items)
        for word in ("Pisahkan", "Gabungkan dengan", "Judul dari waktu ke waktu", "Penggabungan dan pemisahan"):
            assert word in text
        form = {"csrf": csrf, "revision": revision, "item": [str(items[0]), str(items[2])], "reason": "Lain."}
        answer = browser.post(f"/stories/{story}/split", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/stories/{story}")
        assert items_of(desk, story) == [items[1]]
        text, csrf, revision = self.page(browser, story)
        assert 'type="checkbox"' not in text  # one report cannot be parted
        assert "Dipisahkan" in text
        assert "Lain." in text
        with desk.store.read() as session:
            new = session.scalars(select(StoryRow.id).order_by(StoryRow.id.desc()).limit(1)).one()
        answer = browser.post(f"/stories/{story}/merge", data={"csrf": csrf, "revision": revision, "other": f"#{new}"})
        assert (answer.status_code, answer.headers["location"]) == (303, f"/stories/{story}")
        assert items_of(desk, story) == items
        text, csrf, revision = self.page(browser, story)
        undos = re.findall(rf'action="(/stories/{story}/edits/\d+/undo)"', text)
        assert len(undos) == 2
        answer = browser.post(undos[0], data={"csrf": csrf})
        assert answer.status_code == 303
        assert items_of(desk, new) == [items[0], items[2]]
        assert "Dibatalkan" in browser.get(f"/stories/{story}").text
        refused = browser.post(undos[0], data={"csrf": csrf})
        assert refused.status_code == 409
        assert "sudah dibatalkan" in refused.text
        assert f'href="/stories/{story}?lang=en"' in refused.text

    def test_near_stories_are_offered_when_asked_for_and_that_is_written_down(self, desk: Desk) -> None:
        text = "Air Sungai Martapura meluap sejak subuh dan merendam ratusan rumah di Astambul, petugas membuka dapur."
        with desk.store.write() as session:
            one = add_story(session, [text])
            other = add_story(session, [f"{text} Perahu karet disiapkan."], at=ROWS_NOW + timedelta(hours=1))
            alone = add_story(session, ["Lomba mewarnai."], place="62.07", at=ROWS_NOW - timedelta(days=90))
        browser = desk.browser(Role.ANALYST)
        page, csrf, revision = self.page(browser, one)
        assert 'name="near"' not in page
        link = re.search(rf'href="(/stories/{one}\?near=1)#merge"', page)
        assert link is not None
        assert f'name="near" value="{other}"' in browser.get(link[1]).text
        with desk.store.read() as session:
            rows = session.scalars(select(AuditRow).where(AuditRow.object == f"story/{one}")).all()
        assert [row.detail for row in rows] == [{"items": items_of(desk, one)}] * 2 + [{"near": [other]}]
        assert "Tidak ada peristiwa yang mirip" in browser.get(f"/stories/{alone}?near=1").text
        answer = browser.post(f"/stories/{one}/merge", data={"csrf": csrf, "revision": revision, "near": str(other)})
        assert answer.headers["location"] == f"/stories/{one}"
        gone = browser.get(f"/stories/{other}").text
        assert f'href="/stories/{one}"' in gone
        assert "sudah digabungkan" in gone
        assert "Pisahkan" not in gone

    @pytest.mark.parametrize("other", ["", "x", "0", "-1", "99999", "9" * 30, "१२"])
    def test_a_number_that_is_none(self, desk: Desk, stories: tuple[int, int], other: str) -> None:
        browser = desk.browser(Role.LIAISON)
        _, csrf, revision = self.page(browser, stories[0])
        form = {"csrf": csrf, "revision": revision, "other": other}
        answer = browser.post(f"/stories/{stories[0]}/merge", data=form)
        assert answer.status_code == 422
        assert "Tidak ada peristiwa itu" in answer.text or len(other) > 20

    def test_what_does_not_fit_shows_the_story_and_why(self, desk: Desk, stories: tuple[int, int]) -> None:
        story, browser = stories[1], desk.browser(Role.LIAISON)
        _, csrf, revision = self.page(browser, story)
        none = browser.post(f"/stories/{story}/split", data={"csrf": csrf, "revision": revision})
        assert none.status_code == 422
        assert "Pilih sedikitnya satu laporan" in none.text
        form = {"csrf": csrf, "revision": revision, "item": str(items_of(desk, story)[0])}
        long = browser.post(f"/stories/{story}/split", data={**form, "reason": "x" * 501})
        assert "terlalu panjang" in long.text
        assert browser.post(f"/stories/{story}/split", data=form).status_code == 303
        late = browser.post(f"/stories/{story}/split", data={**form, "item": str(items_of(desk, story)[0])})
        assert late.status_code == 409
        assert "Ada yang lebih dulu" in late.text
        assert "liaison-write-all" in late.text
        assert browser.post(f"/stories/{story}/split", data={**form, "csrf": "x"}).status_code == 403

    def test_the_page_of_a_merged_alert_leads_on(self, desk: Desk, stories: tuple[int, int]) -> None:
        older, newer = stories
        client, browser = desk.program(Role.ANALYST), desk.browser(Role.LIAISON)
        client.post(f"/api/v1/stories/{newer}/merges", json={"story_id": older}, headers={"If-Match": "0"})
        page = browser.get(f"/alerts/{desk.alerts['clash']}").text
        assert f'href="/alerts/{desk.alerts["neutrality"]}"' in page
        assert "Langkah berikutnya" not in page
        kept = browser.get(f"/alerts/{desk.alerts['neutrality']}").text
        assert f'href="/stories/{older}"' in kept
        assert "Peringatan lain digabungkan ke sini" in kept

    def test_older_reports_are_on_further_pages(self, desk: Desk) -> None:
        with desk.store.write() as session:
            reports = [Report("Warta Intan", f"Kabar {n}", f"Isi kabar {n}.") for n in range(55)]
            story = session.get_one(AlertRow, add_alert(session, replace(NEUTRALITY, reports=reports))).story_id
        browser = desk.browser(Role.LIAISON)
        page = browser.get(f"/stories/{story}").text
        more = re.search(rf'href="(/stories/{story}\?cursor=[\w-]+)"', page)
        assert more is not None
        rest = browser.get(more[1]).text
        assert (page.count('type="checkbox"'), rest.count('type="checkbox"')) == (50, 5)
        assert browser.get(f"/stories/{story}?cursor=%00").status_code == 422
        with desk.store.read() as session:
            assert session.scalar(select(ItemRow.id).limit(1)) is not None
