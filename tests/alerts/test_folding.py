"""Two alerts become one when their stories do, and stand as they stood when that is undone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.alerts.standing import check_in_step
from tests.rows import NOW
from tests.stories.partition import add_story
from waspada.access import Role, add_user
from waspada.alerts import repository
from waspada.alerts.changes import recent
from waspada.alerts.folding import Standing, combined
from waspada.alerts.service import assign, move, set_due
from waspada.alerts.types import AlertFilter, AlertState, AlertSummary, Field
from waspada.errors import ConflictError
from waspada.jobs.rank import RankingData, rank_stale, rescore_live
from waspada.settings import load_settings
from waspada.store import Store
from waspada.store.tables import AlertRow, StoryEditRow
from waspada.stories import service
from waspada.stories.edits import revision_of
from waspada.taxonomy import Label

LATER = NOW + timedelta(hours=5)


def standing(state: str, level: int = 2, hours: int = 0, reason: str | None = None) -> Standing:
    return Standing(AlertState(state), reason, level, NOW + timedelta(hours=hours))


@pytest.mark.parametrize(
    ("one", "other", "wins"),
    [
        (standing("new"), standing("acknowledged"), 1),
        (standing("new", 3), standing("verified", 1), 1),
        (standing("new"), standing("not_a_threat", reason="old_news"), 1),
        (standing("new", 3), standing("not_a_threat", 2, reason="old_news"), 0),
        (standing("new", 3), standing("closed", 2, reason="resolved"), 0),
        (standing("acknowledged", 1, 9), standing("verified", 1, 1), 1),
        (standing("acknowledged", 1, 9), standing("acknowledged", 1, 1), 0),
        (standing("acknowledged"), standing("closed", hours=9, reason="resolved"), 0),
        (standing("not_a_threat", hours=1, reason="old_news"), standing("closed", hours=2, reason="resolved"), 1),
        (standing("new"), standing("duplicate", 2, 9, "duplicate"), 0),
        (standing("closed", hours=1, reason="resolved"), standing("duplicate", 2, 9, "duplicate"), 0),
        (standing("duplicate", 2, 1, "duplicate"), standing("duplicate", 2, 9, "duplicate"), 1),
    ],
)
def test_whose_state_the_alert_of_both_has(one: Standing, other: Standing, wins: int) -> None:
    assert combined(one, other) == combined(other, one) == (one, other)[wins]


def test_two_new_ones_stay_new() -> None:
    assert combined(standing("new", 1), standing("new", 3)).state is AlertState.NEW


@dataclass
class Pair:
    """Two stories with alerts; the alert of the older story stays when they are merged."""

    store: Store
    data: RankingData

    def rank(self) -> None:
        while rank_stale(self.store, self.data, LATER):
            pass
        with self.store.read() as session:
            check_in_step(session)

    def alert(self, id_: int) -> AlertSummary:
        with self.store.read() as session:
            return repository.summary(session, id_)

    def listed(self) -> list[int]:
        with self.store.read() as session:
            return sorted(one.id for one in repository.search(session, AlertFilter()))

    def actions(self, id_: int) -> list[str]:
        with self.store.read() as session:
            return [line.action for line in repository.history(session, id_)][::-1]

    def move(self, id_: int, to: str, reason: str | None = None, hours: int = 1) -> None:
        with self.store.write() as session:
            revision = repository.summary(session, id_).revision
            at = NOW + timedelta(hours=hours)
            move(session, id_, AlertState(to), actor="liaison-1", revision=revision, reason=reason, now=at)

    def merge(self) -> int:
        with self.store.write() as session:
            done = service.merge(session, 1, 2, actor="analyst-1", revision=revision_of(session, 1), now=LATER)
            check_in_step(session)
        self.rank()
        return done.edit.id

    def split(self, *items: int) -> int:
        with self.store.write() as session:
            revision = revision_of(session, 1)
            done = service.split(session, 1, items, actor="analyst-1", revision=revision, now=LATER)
        self.rank()
        return done.edit.id

    def undo(self, edit: int) -> None:
        with self.store.write() as session:
            service.undo(session, 1, edit, actor="analyst-1", now=LATER)
            check_in_step(session)
        self.rank()


def _pair(store: Store, level: int = 2, second: int = 2, on: tuple[Label, ...] = (Label.CONFLICT,)) -> Pair:
    with store.write() as session:
        add_story(session, ["Dua kelompok bentrok di pasar.", "Bentrok di pasar reda."], level=level)
        texts = ["Warga saling dorong di terminal.", "Terminal tenang kembali."]
        add_story(session, texts, level=second, on=on, place="63.04", at=NOW + timedelta(hours=1))
    pair = Pair(store, RankingData.load(load_settings()))
    pair.rank()
    return pair


def test_the_other_is_kept_off_the_lists_and_leads_to_the_one_that_stays(store: Store) -> None:
    pair = _pair(store)
    assert pair.listed() == [1, 2]
    pair.merge()
    lost, kept = pair.alert(2), pair.alert(1)
    assert pair.listed() == [1]
    assert (lost.merged_into, lost.level, lost.score, dict(lost.parts)) == (1, 0, 0.0, {})
    assert lost.headline.startswith("Judul")
    assert (kept.merged_into, kept.item_count, list(kept.regions)) == (None, 4, ["63.03", "63.04"])
    assert pair.actions(1) == ["opened", "merged"]
    assert pair.actions(2) == ["opened", "merged_into"]
    with pytest.raises(ConflictError, match="merged into alert 1"):
        pair.move(2, "acknowledged")
    with store.read() as session:
        assert repository.count(session, AlertFilter()) == 1


def test_undo_restores_both_with_their_states(store: Store) -> None:
    pair = _pair(store)
    pair.move(2, "acknowledged")
    pair.move(2, "verified", hours=2)
    before = pair.alert(1), pair.alert(2)
    edit = pair.merge()
    assert pair.alert(1).state is AlertState.VERIFIED
    pair.undo(edit)
    for then, now in zip(before, (pair.alert(1), pair.alert(2)), strict=True):
        assert (now.state, now.reason, now.level, now.score, now.parts) == (
            then.state, then.reason, then.level, then.score, then.parts
        )  # fmt: skip
        assert now.merged_into is None
        assert now.revision > then.revision
    assert pair.listed() == [1, 2]
    assert pair.actions(2) == ["opened", "moved", "moved", "merged_into", "unmerged"]


def test_a_finished_alert_comes_back_as_finished(store: Store) -> None:
    """Its level falls to 0 and rises again: that is no news."""
    pair = _pair(store)
    pair.move(2, "not_a_threat", "not_enough")
    edit = pair.merge()
    assert (pair.alert(1).state, pair.alert(1).reason) == (AlertState.NOT_A_THREAT, "not_enough")
    pair.undo(edit)
    assert (pair.alert(2).state, pair.alert(2).reason, pair.alert(2).level) == (
        AlertState.NOT_A_THREAT,
        "not_enough",
        2,
    )
    assert (pair.alert(1).state, pair.alert(1).reason) == (AlertState.NEW, None)


def test_what_was_finished_at_a_level_is_not_brought_back_by_the_merge(store: Store) -> None:
    pair = _pair(store, level=1, second=3)
    pair.move(1, "not_a_threat", "old_news", hours=1)
    pair.move(2, "not_a_threat", "not_a_threat", hours=2)
    pair.merge()
    assert (pair.alert(1).state, pair.alert(1).reason, pair.alert(1).level) == (
        AlertState.NOT_A_THREAT, "not_a_threat", 3
    )  # fmt: skip
    assert "reopened" not in pair.actions(1)


def test_what_is_more_than_what_was_none_stays_on_the_desk(store: Store) -> None:
    pair = _pair(store, level=1, second=3)
    pair.move(1, "not_a_threat", "old_news")
    edit = pair.merge()
    assert (pair.alert(1).state, pair.alert(1).level) == (AlertState.NEW, 3)
    pair.undo(edit)
    assert (pair.alert(1).state, pair.alert(1).reason, pair.alert(1).level) == (AlertState.NOT_A_THREAT, "old_news", 1)


def test_a_later_step_of_a_person_outlives_the_undo(store: Store) -> None:
    pair = _pair(store)
    edit = pair.merge()
    pair.move(1, "acknowledged", hours=6)
    pair.undo(edit)
    assert (pair.alert(1).state, pair.alert(2).state) == (AlertState.ACKNOWLEDGED, AlertState.NEW)


def test_a_level_that_ranking_gave_since_is_left_to_ranking(store: Store) -> None:
    """It was closed; the undo brings back no old level that ranking would then take for a rise."""
    pair = _pair(store, level=1, second=2)
    pair.move(1, "acknowledged")
    pair.move(1, "closed", "resolved", hours=2)
    with store.write() as session:
        done = service.merge(session, 1, 2, actor="analyst-1", revision=0, now=LATER)
        kept = session.get_one(AlertRow, 1)
        assert (kept.level, kept.state) == (2, "new")  # as the fold left it
        kept.level = 3
    with store.write() as session:
        service.undo(session, 1, done.edit.id, actor="analyst-1", now=LATER)
        kept = session.get_one(AlertRow, 1)
        assert (kept.level, kept.state) == (3, "closed")
    pair.rank()
    assert (pair.alert(1).level, pair.alert(1).state) == (1, AlertState.CLOSED)
    assert "reopened" not in pair.actions(1)


def test_an_edit_of_before_the_level_was_noted_can_be_undone(store: Store) -> None:
    pair = _pair(store, level=1, second=3)
    edit = pair.merge()
    with store.write() as session:
        row = session.get_one(StoryEditRow, edit)
        kept = {key: value for key, value in row.alerts["kept"].items() if key != "set"}
        row.alerts = {"folded": row.alerts["folded"], "kept": kept}
    pair.undo(edit)
    assert [(pair.alert(n).level, pair.alert(n).state) for n in (1, 2)] == [(1, AlertState.NEW), (3, AlertState.NEW)]


def test_the_alert_of_a_story_left_empty_goes_where_its_items_went(store: Store) -> None:
    """Not to the story that a person told apart from it, and its words stay."""
    pair = _pair(store)
    pair.move(1, "acknowledged")
    edit = pair.merge()
    pair.split(1, 2)
    pair.undo(edit)
    assert (pair.listed(), pair.alert(1).merged_into) == ([2, 3], 3)
    assert (pair.alert(2).state, pair.alert(3).state) == (AlertState.NEW, AlertState.ACKNOWLEDGED)
    assert pair.alert(1).headline.startswith("Judul")
    assert pair.alert(2).item_count == pair.alert(3).item_count == 2


def test_an_alert_goes_over_where_the_other_story_has_none(store: Store) -> None:
    pair = _pair(store, level=0)
    assert pair.listed() == [1]
    pair.move(1, "acknowledged")
    assert pair.alert(1).story_id == 2
    edit = pair.merge()
    assert (pair.alert(1).story_id, pair.alert(1).state, pair.listed()) == (1, AlertState.ACKNOWLEDGED, [1])
    pair.undo(edit)
    assert (pair.alert(1).story_id, pair.alert(1).state) == (2, AlertState.ACKNOWLEDGED)
    assert pair.actions(1) == ["opened", "moved", "regrouped", "regrouped"]


def test_a_split_leaves_the_alert_and_its_undo_folds_the_new_one(store: Store) -> None:
    pair = _pair(store)
    pair.move(1, "acknowledged")
    edit = pair.split(2)
    assert pair.listed() == [1, 2, 3]
    assert (pair.alert(1).state, pair.alert(1).item_count, pair.alert(3).state) == (
        AlertState.ACKNOWLEDGED, 1, AlertState.NEW
    )  # fmt: skip
    pair.undo(edit)
    assert (pair.listed(), pair.alert(3).merged_into) == ([1, 2], 1)
    assert (pair.alert(1).state, pair.alert(1).item_count) == (AlertState.ACKNOWLEDGED, 2)


def test_time_that_passes_does_not_wake_a_merged_alert(store: Store) -> None:
    pair = _pair(store)
    pair.merge()
    rescore_live(store, LATER + timedelta(hours=3))
    pair.rank()
    assert (pair.alert(2).level, pair.alert(2).headline) == (0, "Judul Terminal tenang kembali.")


def test_owner_and_due_time_go_with_the_state_and_back(store: Store) -> None:
    pair = _pair(store)
    pair.move(2, "acknowledged")
    until = LATER + timedelta(hours=5)
    with store.write() as session:
        set_due(session, 2, until, actor="liaison-1", revision=2, now=NOW + timedelta(hours=2))
    edit = pair.merge()
    assert (pair.alert(1).owner, pair.alert(1).due_at) == ("liaison-1", until)
    with store.read() as session:
        told = {one.field for change in recent(session, 1) for one in change.fields}
    assert {Field.STATE, Field.OWNER, Field.DUE, Field.STORY} <= told
    pair.undo(edit)
    assert (pair.alert(1).owner, pair.alert(1).due_at, pair.alert(1).state) == (None, None, AlertState.NEW)
    assert (pair.alert(2).owner, pair.alert(2).due_at) == ("liaison-1", until)


def test_who_got_it_since_keeps_it_when_a_merge_is_undone(store: Store) -> None:
    pair = _pair(store)
    edit = pair.merge()
    with store.write() as session:
        add_user(session, "liaison-2", Role.LIAISON, None, actor="test", now=NOW)
        assign(session, 1, "liaison-2", actor="liaison-1", revision=repository.summary(session, 1).revision, now=LATER)
    pair.undo(edit)
    assert pair.alert(1).owner == "liaison-2"


def test_an_undo_knows_the_states_of_before(store: Store) -> None:
    """An edit from before migration 0022 holds "dismissed", and no owner."""
    pair = _pair(store)
    pair.move(1, "not_a_threat", "old_news")
    edit = pair.merge()
    with store.write() as session:
        row = session.get_one(StoryEditRow, edit)
        kept = {k: v for k, v in row.alerts["kept"].items() if k not in ("owner", "due_at")} | {"state": "dismissed"}
        row.alerts = {**row.alerts, "kept": kept}
    pair.undo(edit)
    assert (pair.alert(1).state, pair.alert(1).reason) == (AlertState.NOT_A_THREAT, "old_news")
