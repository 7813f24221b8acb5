"""What a person does with stories: merge, split, undo. Nothing is lost; what does not fit is refused with a reason."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, func, select, update

from tests.empty import put_empty_store
from tests.rows import NOW, add_item, add_source
from tests.stories.partition import Partition, add_story, how_of, partition, places
from waspada.alerts import items
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.notify import repository as notices
from waspada.store import Store, open_url
from waspada.store.tables import ItemRow, StoryEditItemRow, StoryEditRow, StoryHeadlineRow, StoryItemRow, StoryRow
from waspada.stories import merging, repository, service
from waspada.stories.alone import save_alone
from waspada.stories.bans import is_bound, may_meet
from waspada.stories.edits import EditKind, StaleStoryError, StoryEdited, edits_of, end_of, history, revision_of
from waspada.stories.headlines import note_headline
from waspada.stories.merging import By
from waspada.stories.types import How, Join

TEXTS = [f"Laporan nomor {n} tentang rapat di kantor desa, dihadiri {n * 7} orang." for n in range(40)]


@dataclass
class Desk:
    """Three stories of two, two and three items, opened in this order."""

    store: Store
    stories: list[int]

    def merge(self, story: int, other: int, **given: Any) -> StoryEdited:
        with self.store.write() as session:
            revision = given.pop("revision", revision_of(session, story))
            return service.merge(session, story, other, **_by(given, revision=revision))

    def split(self, story: int, items: list[int], **given: Any) -> StoryEdited:
        with self.store.write() as session:
            revision = given.pop("revision", revision_of(session, story))
            return service.split(session, story, items, **_by(given, revision=revision))

    def undo(self, story: int, edit: int, **given: Any) -> StoryEdited:
        with self.store.write() as session:
            return service.undo(session, story, edit, **_by(given))

    def items(self, story: int) -> list[int]:
        return list(partition(self.store).get(story, ()))


def _by(given: dict[str, Any], **more: object) -> dict[str, Any]:
    return {"actor": "analyst-1", "now": NOW + timedelta(hours=9), **more, **given}


def fill(store: Store) -> Desk:
    with store.write() as session:
        stories = [
            add_story(session, TEXTS[0:2], at=NOW),
            add_story(session, TEXTS[2:4], at=NOW + timedelta(hours=1), place="63.04"),
            add_story(session, TEXTS[4:7], at=NOW + timedelta(hours=2), place="62.07"),
        ]
    return Desk(store, stories)


@pytest.fixture
def desk(store: Store) -> Desk:
    return fill(store)


class TestMerge:
    def test_the_older_story_takes_the_items_of_the_other(self, desk: Desk) -> None:
        first, second, third = desk.stories
        done = desk.merge(second, first, reason="Satu kejadian.")
        assert (done.edit.kind, done.edit.story_id, done.edit.into_id) == (EditKind.MERGE, second, first)
        assert (list(done.edit.item_ids), done.edit.reason, done.edit.actor) == ([3, 4], "Satu kejadian.", "analyst-1")
        assert partition(desk.store) == {first: (1, 2, 3, 4), third: (5, 6, 7)}
        assert how_of(desk.store)[3] == ("event", 1.0)  # one opener a story
        assert {code for story, code in places(desk.store) if story == first} == {"63", "63.03", "63.04"}
        with desk.store.read() as session:
            gone, kept = session.get_one(StoryRow, second), session.get_one(StoryRow, first)
            assert (gone.merged_into, gone.stale, kept.stale) == (first, False, True)
            assert kept.last_item_at == NOW + timedelta(hours=2)
            assert revision_of(session, first) == revision_of(session, second) == done.edit.id

    def test_what_cannot_be_merged(self, desk: Desk) -> None:
        first, second, third = desk.stories
        with pytest.raises(InputError, match="with itself"):
            desk.merge(first, first)
        with pytest.raises(NotFoundError, match="no story 99"):
            desk.merge(first, 99)
        desk.merge(first, second)
        for pair in ((second, third), (third, second)):
            with pytest.raises(ConflictError, match=rf"{second} was merged into story {first}"):
                desk.merge(*pair)
        desk.merge(first, third)
        with pytest.raises(ConflictError, match="was merged"):
            desk.merge(second, third)
        with desk.store.write() as session:
            session.execute(delete(ItemRow))
            alone = add_story(session, ["Kabar lain sama sekali dari pasar."], at=NOW + timedelta(days=1))
        with pytest.raises(ConflictError, match="no items any more"):
            desk.merge(alone, first)

    def test_a_chain_of_merges_leads_to_where_the_items_are(self, desk: Desk) -> None:
        first, second, third = desk.stories
        desk.merge(third, second)
        desk.merge(second, first)
        with desk.store.read() as session:
            assert [end_of(session, story) for story in desk.stories] == [first] * 3
        with pytest.raises(ConflictError, match=f"{third} was merged into story {first}"):
            desk.merge(third, first)

    def test_an_item_that_was_on_its_way_to_the_story_that_ended_comes_to_the_other(self, desk: Desk) -> None:
        first, second, _ = desk.stories
        desk.merge(first, second)
        with desk.store.write() as session:
            add_story(session, [TEXTS[20]], at=NOW + timedelta(hours=3))
            late = repository.fingerprints(session, [8])[8]
            session.execute(delete(StoryItemRow).where(StoryItemRow.item_id == 8))
            assert repository.save(session, late, Join(second, How.EVENT, 0.5), NOW) == first


class TestSplit:
    def test_the_chosen_items_become_a_story(self, desk: Desk) -> None:
        third = desk.stories[2]
        done = desk.split(third, [5, 7])
        new = done.edit.into_id
        assert (done.edit.kind, done.edit.story_id, list(done.edit.item_ids)) == (EditKind.SPLIT, third, [5, 7])
        assert partition(desk.store)[third] == (6,)
        assert partition(desk.store)[new] == (5, 7)
        how = how_of(desk.store)
        assert (how[5], how[6], how[7]) == (("first", 1.0), ("first", 1.0), ("event", 0.5))
        assert places(desk.store) >= {(new, "62.07"), (new, "62"), (third, "62.07")}
        with desk.store.read() as session:
            assert session.get_one(StoryRow, new).headline == session.get_one(ItemRow, 5).title
            assert session.get_one(StoryRow, third).headline == session.get_one(ItemRow, 6).title
            assert session.get_one(StoryRow, third).last_item_at == NOW + timedelta(hours=3)

    def test_a_copy_without_its_original_speaks_for_itself(self, store: Store) -> None:
        with store.write() as session:
            story = add_story(session, TEXTS[:3], how=How.COPY)
        desk = Desk(store, [story])
        desk.split(story, [2, 3])
        assert [how for how, _ in how_of(store).values()] == ["first", "first", "copy"]
        desk.undo(story, 1)
        assert how_of(store) == {1: ("first", 1.0), 2: ("copy", 0.5), 3: ("copy", 0.5)}

    @pytest.mark.parametrize(
        ("items", "said"), [([], "No item"), ([5, 6, 7], "All 3 items"), ([5, 1], "does not hold: 1"), ([99], "99")]
    )
    def test_what_cannot_be_split(self, desk: Desk, items: list[int], said: str) -> None:
        before = partition(desk.store)
        with pytest.raises(InputError, match=said):
            desk.split(desk.stories[2], items)
        assert partition(desk.store) == before

    def test_a_merged_story_cannot_be_split(self, desk: Desk) -> None:
        first, second, _ = desk.stories
        desk.merge(first, second)
        with pytest.raises(ConflictError, match="was merged"):
            desk.split(second, [3])


class TestUndo:
    def test_of_a_merge_restores_both(self, desk: Desk) -> None:
        first, second, _ = desk.stories
        before, how, where = partition(desk.store), how_of(desk.store), places(desk.store)
        edit = desk.merge(first, second).edit
        undone = desk.undo(second, edit.id, reason="Keliru.")
        assert (undone.edit.kind, undone.edit.undoes, list(undone.stayed)) == (EditKind.UNDO, edit.id, [])
        assert (partition(desk.store), how_of(desk.store), places(desk.store)) == (before, how, where)
        with desk.store.read() as session:
            assert session.get_one(StoryRow, second).merged_into is None
            assert [one.undone_by for one in edits_of(session, first)] == [None, undone.edit.id]

    def test_of_a_split_restores_the_story(self, desk: Desk) -> None:
        third = desk.stories[2]
        before, how, where = partition(desk.store), how_of(desk.store), places(desk.store)
        edit = desk.split(third, [5, 6]).edit
        desk.undo(third, edit.id)
        assert (partition(desk.store), how_of(desk.store), places(desk.store)) == (before, how, where)
        with desk.store.read() as session:
            assert session.get_one(StoryRow, edit.into_id).merged_into == third

    def test_after_new_items_came_they_stay_where_they_are(self, desk: Desk) -> None:
        first, second, _ = desk.stories
        edit = desk.merge(first, second).edit
        with desk.store.write() as session:
            add_story(session, [TEXTS[20]], at=NOW + timedelta(hours=3))
            late = StoryItemRow(item_id=8, story_id=first, how="event", likeness=0.4, at=NOW + timedelta(hours=10))
            session.merge(late)
        assert list(desk.undo(first, edit.id).stayed) == [8]
        assert (desk.items(first), desk.items(second)) == ([1, 2, 8], [3, 4])

    def test_after_items_were_erased_the_rest_returns(self, desk: Desk) -> None:
        first, second, _ = desk.stories
        edit = desk.merge(first, second).edit
        with desk.store.write() as session:
            session.execute(delete(ItemRow).where(ItemRow.id == 3))
        desk.undo(first, edit.id)
        assert (desk.items(first), desk.items(second)) == ([1, 2], [4])
        assert how_of(desk.store)[4][0] == "first"

    def test_of_what_cannot_be_undone(self, desk: Desk) -> None:
        first, second, third = desk.stories
        merged = desk.merge(first, second).edit
        with pytest.raises(NotFoundError, match=f"Story {third} has no edit"):
            desk.undo(third, merged.id)
        with pytest.raises(NotFoundError, match="no edit 99"):
            desk.undo(first, 99)
        undone = desk.undo(first, merged.id).edit
        with pytest.raises(ConflictError, match="undone already"):
            desk.undo(first, merged.id)
        with pytest.raises(ConflictError, match="an undo itself"):
            desk.undo(first, undone.id)
        again = desk.merge(first, second).edit
        with desk.store.write() as session:
            session.execute(delete(ItemRow).where(ItemRow.id.in_([3, 4])))
        with pytest.raises(ConflictError, match="None of the items"):
            desk.undo(first, again.id)

    def test_the_later_edit_goes_first(self, desk: Desk) -> None:
        first, second, third = desk.stories
        split = desk.split(third, [7]).edit
        into = split.into_id
        merged = desk.merge(into, first).edit
        with pytest.raises(ConflictError, match=f"Undo edit {merged.id} first"):
            desk.undo(third, split.id)
        desk.undo(first, merged.id)
        over = desk.merge(third, second).edit
        with pytest.raises(ConflictError, match=f"Undo edit {over.id} first"):
            desk.undo(into, split.id)  # its story has ended meanwhile
        desk.undo(second, over.id)
        desk.undo(into, split.id)
        assert partition(desk.store) == {first: (1, 2), second: (3, 4), third: (5, 6, 7)}

    def test_a_story_that_is_left_empty_leads_to_where_its_items_went(self, desk: Desk) -> None:
        first, second, third = desk.stories
        edit = desk.merge(first, second, reason="Kata camat sama.").edit
        split = desk.split(first, [1, 2]).edit
        desk.undo(first, edit.id)
        assert partition(desk.store) == {second: (3, 4), third: (5, 6, 7), split.into_id: (1, 2)}
        assert how_of(desk.store)[1] == how_of(desk.store)[3] == ("first", 1.0)
        with desk.store.read() as session:
            assert [end_of(session, story) for story in (first, second)] == [split.into_id, second]
            assert session.get_one(StoryRow, first).stale is False
            assert session.get_one(StoryRow, split.into_id).stale
        desk.undo(first, split.id)  # and back: no edit is a dead end
        assert partition(desk.store) == {first: (1, 2), second: (3, 4), third: (5, 6, 7)}
        with desk.store.read() as session:
            assert [end_of(session, story) for story in (first, split.into_id)] == [first, first]

    def test_a_story_whose_own_items_were_removed_leads_to_the_others(self, desk: Desk) -> None:
        first, second, _ = desk.stories
        edit = desk.merge(first, second).edit
        with desk.store.write() as session:
            session.execute(delete(ItemRow).where(ItemRow.id.in_([1, 2])))
        desk.undo(first, edit.id)
        with desk.store.read() as session:
            assert end_of(session, first) == second

    def test_of_what_the_machine_did_restores_all(self, desk: Desk) -> None:
        """It notes less than a person's edit does: what moved, the openers, and who was made one."""
        first, second, third = desk.stories
        before, how, where = partition(desk.store), how_of(desk.store), places(desk.store)
        machine = By("waspada", NOW, False)
        with desk.store.write() as session:
            into, story = merging.lock(session, (first, second))
            merge = merging.join(session, story, into, machine, 0.8)
            assert merge is not None
            split = merging.part(session, session.get_one(StoryRow, third), [5], machine)
            edits = [merge.id, split.id]
        assert how_of(desk.store)[3] == ("event", 0.8)
        assert how_of(desk.store)[6] == ("first", 1.0)
        for story_id, edit_id in zip((first, third), edits, strict=True):
            desk.undo(story_id, edit_id)
        assert (partition(desk.store), how_of(desk.store), places(desk.store)) == (before, how, where)
        with desk.store.read() as session:
            assert not may_meet(session, first, second)  # the undo is a person's word


class TestCost:
    def test_an_edit_of_the_machine_costs_what_it_moves(self, store: Store) -> None:
        """A story of a hundred that takes in one item writes, reads and asks for no more than one of fifteen."""

        def taken_in_by(count: int, place: str) -> tuple[int, ...]:
            with store.write() as session:
                large = add_story(session, [f"Laporan {n} dari {place}." for n in range(count)], place=place)
                one = add_story(session, ["Kabar tunggal."], place=place, at=NOW + timedelta(days=9))
            read: list[object] = []
            asked: list[str] = []
            with store.write() as session:
                event.listen(session, "loaded_as_persistent", lambda _, row: read.append(row))
                event.listen(store.engine, "before_cursor_execute", ask := lambda *a: asked.append(a[2]))
                into, story = merging.lock(session, (large, one))
                edit = merging.join(session, story, into, By("waspada", NOW, False), 0.8)
                assert edit is not None
                session.flush()
                event.remove(store.engine, "before_cursor_execute", ask)
                notes = select(func.count()).select_from(StoryEditItemRow).where(StoryEditItemRow.edit_id == edit.id)
                written = session.scalar(notes) or 0
            return len(read), len(asked), written

        assert taken_in_by(100, "63.03") == taken_in_by(15, "62.07")
        assert taken_in_by(15, "63.04")[2] == 2  # what moved, and the opener that it met


class TestTwoPersons:
    def test_the_second_sees_what_the_first_did(self, desk: Desk) -> None:
        first, second, third = desk.stories
        desk.split(third, [7], actor="liaison-2")
        with pytest.raises(StaleStoryError, match="liaison-2: split") as caught:
            desk.merge(third, first, revision=0)
        assert (caught.value.revision, [change.actor for change in caught.value.changes]) == (1, ["liaison-2"])
        with pytest.raises(StaleStoryError):
            desk.merge(first, third, other_revision=0)
        with pytest.raises(StaleStoryError):
            desk.split(third, [5], revision=0)
        assert desk.merge(first, second, other_revision=0).edit.into_id == first

    def test_at_once_one_of_them_wins(self, desk: Desk, another_store: Callable[[], Store]) -> None:
        first, second, third = desk.stories
        before = sorted(how_of(desk.store))

        def try_merge(store: Store, other: int) -> object:
            try:
                return store.retrying(lambda s: service.merge(s, second, other, actor="x", revision=0, now=NOW))
            except ConflictError as error:
                return error

        stores = [another_store(), another_store()]
        with ThreadPoolExecutor(2) as pool:
            done = list(pool.map(try_merge, stores, (first, third)))
        assert sum(isinstance(one, StoryEdited) for one in done) == 1
        assert sum(isinstance(one, StaleStoryError) for one in done) == 1
        assert sorted(how_of(desk.store)) == before

    def test_an_edit_is_undone_once(self, desk: Desk, another_store: Callable[[], Store]) -> None:
        first, second, _ = desk.stories
        before, edit = partition(desk.store), desk.merge(first, second).edit

        def try_undo(store: Store) -> object:
            try:
                return store.retrying(lambda s: service.undo(s, first, edit.id, actor="x", now=NOW))
            except ConflictError as error:
                return error

        with ThreadPoolExecutor(2) as pool:
            done = list(pool.map(try_undo, [another_store(), another_store()]))
        assert sum(isinstance(one, StoryEdited) for one in done) == 1
        assert partition(desk.store) == before

    @pytest.mark.parametrize("dialect", ["postgresql"])  # SQLite has one writer
    def test_an_undo_and_an_edit_of_the_story_that_takes_the_rest_do_not_wait_for_each_other(
        self, desk: Desk, another_store: Callable[[], Store]
    ) -> None:
        """Both lock stories before alerts."""
        first, second, _ = desk.stories
        edit = desk.merge(first, second).edit
        heir = desk.split(first, [1, 2]).edit.into_id
        other = Desk(another_store(), desk.stories)
        with ThreadPoolExecutor(1) as pool:
            with desk.store.write() as session:
                merging.lock(session, (heir,))
                undone = pool.submit(other.undo, first, edit.id)
                wait([undone], timeout=0.5)
                assert not undone.done()
                notices.lock(session)  # as a fold does
            undone.result()
        assert sorted(partition(desk.store)) == [second, desk.stories[2], heir]


class TestRegions:
    def test_a_bound_person_edits_in_the_own_region_only(self, desk: Desk) -> None:
        first, second, third = desk.stories
        assert desk.merge(first, second, within="63").edit.into_id == first
        with pytest.raises(NotFoundError, match=f"no story {third} in your area"):
            desk.merge(first, third, within="63")
        with pytest.raises(NotFoundError, match=f"no story {third} in your area"):
            desk.split(third, [5], within="63")
        edit = desk.split(third, [5]).edit
        with pytest.raises(NotFoundError):
            desk.undo(third, edit.id, within="63")
        assert desk.undo(third, edit.id, within="62").edit.undoes == edit.id

    def test_an_undo_asks_for_both_stories(self, desk: Desk) -> None:
        """What was merged lies where its items happened: it is not undone from the other one's region."""
        first, second, third = desk.stories
        edit = desk.merge(first, third).edit
        before = partition(desk.store)
        for region in ("63.03", "63"):
            with pytest.raises(NotFoundError, match=f"no story {third} in your area"):
                desk.undo(first, edit.id, within=region)
        assert partition(desk.store) == before
        other = desk.merge(first, second).edit
        assert desk.undo(first, other.id, within="63").edit.undoes == other.id

    def test_a_split_is_not_undone_from_the_region_of_what_left(self, desk: Desk) -> None:
        first, _, third = desk.stories
        desk.merge(first, third)
        edit = desk.split(first, [5, 6, 7]).edit
        for region in ("62.07", "63.03"):
            with pytest.raises(NotFoundError, match="in your area"):
                desk.undo(edit.into_id if region == "62.07" else first, edit.id, within=region)

    def test_a_merged_story_without_an_alert_leads_on(self, desk: Desk) -> None:
        first, second, third = desk.stories
        desk.merge(second, third)
        desk.merge(first, second)
        with desk.store.read() as session:
            found = items.story(session, third, within="63.03")
            assert (found.merged_into, end_of(session, third)) == (second, first)
            with pytest.raises(NotFoundError):
                items.story(session, third, within="62.08")

    def test_the_history_tells_what_the_reader_may_read(self, desk: Desk) -> None:
        first, second, third = desk.stories
        desk.merge(first, third, reason="Satu rapat.")
        with desk.store.write() as session:
            session.get_one(StoryRow, first).headline = "Judul " + TEXTS[4][:30]
            note_headline(session, session.get_one(StoryRow, first), NOW)
        with desk.store.read() as session:  # what stands in the story is read with it, wherever it happened
            mine = service.history(session, first, within="63.03")
            assert ([len(edit.item_ids) for edit in mine.edits], len(mine.headlines)) == ([3], 2)
        desk.split(first, [5, 6, 7], reason="Ternyata di kabupaten lain.")
        desk.merge(first, second)
        with desk.store.read() as session:
            mine, all_ = (service.history(session, first, within=region) for region in ("63.03", None))
        assert [list(edit.item_ids) for edit in mine.edits] == [[3, 4]]
        assert [len(edit.item_ids) for edit in all_.edits] == [2, 3, 3]
        assert {version.item_id for version in mine.headlines} == {1}
        assert {version.item_id for version in all_.headlines} == {1, 5}
        assert mine.revision == all_.revision


class TestCopies:
    @pytest.mark.parametrize(("texts", "how"), [([TEXTS[0] * 3, TEXTS[0] * 3], "copy"), (TEXTS[:2], "event")])
    def test_what_was_split_off_and_joined_again_is_a_copy_or_not_by_its_words(
        self, store: Store, texts: list[str], how: str
    ) -> None:
        with store.write() as session:
            story = add_story(session, texts, how=How.COPY)
        desk = Desk(store, [story])
        new = desk.split(story, [2]).edit.into_id
        assert [one for one, _ in how_of(store).values()] == ["first", "first"]
        desk.merge(story, new)
        assert [one for one, _ in how_of(store).values()] == ["first", how]


class TestExercises:
    def test_nothing_real_is_merged_with_one_and_it_needs_no_alert_for_that(self, desk: Desk) -> None:
        with desk.store.write() as session:
            add_source(session, "latihan-waspada", role="exercise")
            item = add_item(session, url="https://x.example/latihan", source="latihan-waspada")
            save_alone(session, item, NOW)
            drill = repository.story_of(session, item)
        assert drill is not None
        for pair in ((drill, desk.stories[0]), (desk.stories[0], drill)):
            with pytest.raises(ConflictError, match="exercise"):
                desk.merge(*pair)


class TestReasons:
    def test_are_cleaned_and_have_an_end(self, desk: Desk) -> None:
        first, second, third = desk.stories
        said = desk.merge(first, second, reason="  Hubungi\x00 081234567890 \n dahulu ").edit.reason
        assert "0812" not in said
        assert said.startswith("Hubungi")
        with pytest.raises(InputError, match="too long"):
            desk.split(third, [5], reason="x" * 501)


class TestThePersonsWord:
    """What a person parted never meets again by the machine; what a person joined is never parted."""

    def test_parted_stories_may_not_meet_nor_those_that_grew_out_of_them(self, desk: Desk) -> None:
        first, second, third = desk.stories
        new = desk.split(third, [7]).edit.into_id
        desk.merge(new, second)  # by a person: the word is about items, wherever they are
        with desk.store.read() as session:
            assert not may_meet(session, third, second)
            assert not may_meet(session, second, third)
            assert may_meet(session, first, third)

    def test_an_undone_merge_is_a_word_too_and_an_undone_split(self, desk: Desk) -> None:
        first, second, third = desk.stories
        desk.undo(first, desk.merge(first, second).edit.id)
        desk.undo(third, desk.split(third, [7]).edit.id)
        with desk.store.read() as session:
            assert not may_meet(session, first, second)
            assert is_bound(session, 7, third)
            assert is_bound(session, 5, third)
            assert not is_bound(session, 1, first)

    def test_a_person_may_change_their_mind(self, desk: Desk) -> None:
        first, second, third = desk.stories
        new = desk.split(third, [7]).edit.into_id
        desk.merge(new, third)
        with desk.store.read() as session:
            assert is_bound(session, 7, third)
            assert may_meet(session, first, second)
        desk.split(third, [5])
        with desk.store.read() as session:
            assert not may_meet(session, third, 5)

    def test_what_the_machine_did_binds_nobody(self, desk: Desk) -> None:
        third = desk.stories[2]
        with desk.store.write() as session:
            story = session.get_one(StoryRow, third)
            new = merging.part(session, story, [7], By("waspada", NOW, False)).into_id
            assert may_meet(session, third, new)
            assert not is_bound(session, 5, third)

    def test_a_copy_of_what_was_taken_out_does_not_come_in(self, store: Store) -> None:
        from waspada.jobs.group import group_tagged

        with store.write() as session:
            story = add_story(session, [TEXTS[0] * 3, TEXTS[0] * 3, TEXTS[5] * 3], how=How.COPY)
        Desk(store, [story]).split(story, [1, 3])
        with store.write() as session:
            add_story(session, [TEXTS[0] * 3], at=NOW + timedelta(hours=4))
            session.execute(delete(StoryItemRow).where(StoryItemRow.item_id == 4))
            session.execute(update(ItemRow).where(ItemRow.id == 4).values(stage="tagged"))
        group_tagged(store, NOW)
        with store.read() as session:
            joined = session.scalar(select(StoryItemRow.story_id).where(StoryItemRow.item_id == 4))
        assert joined == story  # with the newest of its copies, 2; the other one was taken away from it


class TestHeadlines:
    def test_are_kept_from_when_on_they_stood(self, desk: Desk) -> None:
        first, second, third = desk.stories
        new = desk.split(third, [5]).edit.into_id
        with desk.store.read() as session:
            of_third, of_new = history(session, third).headlines, history(session, new).headlines
            assert history(session, first).headlines[0].item_id == 1
        assert [version.item_id for version in of_third] == [6, 5]
        assert [version.item_id for version in of_new] == [5]
        assert of_third[0].at > of_third[1].at
        desk.merge(first, second)
        with desk.store.read() as session:
            assert len(history(session, first).headlines) == 1  # it stands: no new version

    def test_go_with_their_item(self, desk: Desk) -> None:
        with desk.store.write() as session:
            session.execute(delete(ItemRow).where(ItemRow.id == 1))
            assert 1 not in session.scalars(select(StoryHeadlineRow.item_id)).all()


Step = tuple[str, int, int]


def play(desk: Desk, steps: list[Step], undo_last: bool) -> None:
    """Takes each step that is possible, and looks at everything after each."""
    items = sorted(how_of(desk.store))
    for kind, one, other in steps:
        before, how = partition(desk.store), how_of(desk.store)
        with suppress(ConflictError, InputError, NotFoundError):
            done = _step(desk, kind, one, other, before)
            _check(desk, items)
            if undo_last and done is not None and done.edit.kind is not EditKind.UNDO:
                desk.undo(done.edit.into_id, done.edit.id)
                _check(desk, items)
                assert partition(desk.store) == before
                assert how_of(desk.store) == how
                desk_redo = _step(desk, kind, one, other, before)
                assert desk_redo is not None
        _check(desk, items)


def _step(desk: Desk, kind: str, one: int, other: int, now: Partition) -> StoryEdited | None:
    stories = list(now)
    story = stories[one % len(stories)]
    if kind == "merge":
        return desk.merge(story, stories[other % len(stories)])
    if kind == "split":
        chosen = [item for n, item in enumerate(now[story]) if (other >> n) & 1]
        return desk.split(story, chosen)
    with desk.store.read() as session:
        edits = session.scalars(select(StoryEditRow).order_by(StoryEditRow.id)).all()
    edit = edits[other % len(edits)] if edits else None
    return desk.undo(edit.into_id, edit.id) if edit is not None else None


def _check(desk: Desk, items: list[int]) -> None:
    now = partition(desk.store)
    assert sorted(item for members in now.values() for item in members) == items
    how = how_of(desk.store)
    for members in now.values():
        assert sum(how[item][0] == "first" for item in members) == 1
    with desk.store.read() as session:
        rows = session.scalars(select(StoryRow)).all()
        merged = {row.id for row in rows if row.merged_into is not None}
        assert merged == {row.id for row in rows} - set(now)
    assert {story for story, _ in places(desk.store)} == set(now)


STEPS = st.lists(
    st.tuples(st.sampled_from(["merge", "split", "undo"]), st.integers(0, 9), st.integers(0, 15)), max_size=8
)


@given(STEPS, st.booleans())
@settings(max_examples=25)
def test_any_sequence_of_edits_keeps_every_item_in_one_story(steps: list[Step], undo_last: bool) -> None:
    with TemporaryDirectory() as folder:
        store = open_url(f"sqlite:///{put_empty_store(Path(folder))}")
        play(fill(store), steps, undo_last)
        store.close()


def _random_steps(seed: int) -> Iterator[Step]:
    rng = random.Random(seed)
    for _ in range(40):
        yield rng.choice(["merge", "split", "split", "undo"]), rng.randrange(10), rng.randrange(16)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_long_sequence_of_edits(desk: Desk, seed: int) -> None:
    play(desk, list(_random_steps(seed)), undo_last=bool(seed % 2))
