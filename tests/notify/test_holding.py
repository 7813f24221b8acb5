"""What is held back, by what, until when; and that no desk is interrupted more often than it allows."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.notify.desk import HOUR, MINUTE, NOW, RULES, Memory, facts, subject
from waspada.alerts.types import AlertState
from waspada.notify.holding import wide_province
from waspada.notify.policy import shift_of
from waspada.notify.types import Change, DropReason, HeldReason, NoticeState, Occasion, Silence, Step, Subject

DUE = NOW + 12 * MINUTE
SILENCE = Silence(3, "63.03", "conflict", NOW + 6 * HOUR, "liaison-1", "latihan gabungan", NOW)


def outcomes(steps: list[Step]) -> dict[int, NoticeState]:
    return {step.alert.alert_id: step.outcome for step in steps}


def test_what_is_due_becomes_ready_once() -> None:
    desk, alert = Memory(), subject()
    assert desk.decide([alert], NOW + 11 * MINUTE) == []
    assert outcomes(desk.decide([alert], DUE)) == {1: NoticeState.READY}
    for later in range(13, 60):
        assert desk.decide([alert], NOW + later * MINUTE) == []
    (notice,) = desk.notices[1]
    assert (notice.kind, notice.due_at, notice.ready_at) == (Occasion.FIRST, DUE, DUE)


def test_the_last_interruption_of_a_shift_is_kept_for_the_highest_level() -> None:
    desk = Memory()
    alerts = [subject(n, score=50.0 + n) for n in range(1, 5)]
    assert outcomes(desk.decide(alerts, DUE)) == {
        4: NoticeState.READY,
        3: NoticeState.HELD,
        2: NoticeState.HELD,
        1: NoticeState.HELD,
    }
    clash = subject(9, facts=facts(level=3))
    assert outcomes(desk.decide([*alerts, clash], DUE + MINUTE)) == {9: NoticeState.READY}
    (second,) = desk.decide([*alerts, clash, subject(10, facts=facts(level=3))], DUE + 2 * MINUTE)
    assert (second.outcome, second.held_reason) == (NoticeState.HELD, HeldReason.CAP)
    assert second.held_by == "shift/2024-11-19T07:00:00+08:00"


def test_another_shift_lets_go_what_the_cap_held_the_highest_first() -> None:
    desk = Memory()
    alerts = [subject(1), subject(2, score=60.0), *(subject(n, facts=facts(level=3)) for n in (3, 4, 5))]
    first = outcomes(desk.decide(alerts, DUE))
    assert [n for n, outcome in first.items() if outcome is NoticeState.READY] == [3, 4]
    evening = desk.decide(alerts, NOW + 9 * HOUR)
    assert outcomes(evening) == {5: NoticeState.READY, 2: NoticeState.HELD, 1: NoticeState.HELD}
    assert {step.held_by for step in evening} == {"", "shift/2024-11-19T19:00:00+08:00"}
    assert all(desk.notices[n][0].held_at == DUE for n in (1, 2, 5))


def test_a_desk_of_one_interruption_keeps_it_for_nobody() -> None:
    desk = Memory(replace(RULES, per_shift=1))
    assert outcomes(desk.decide([subject()], DUE)) == {1: NoticeState.READY}
    assert outcomes(desk.decide([subject(2, facts=facts(level=3))], DUE)) == {2: NoticeState.HELD}


class TestSilences:
    def test_that_of_an_alert_holds_it_alone_up_to_its_level(self) -> None:
        one = Silence(4, "63.03", None, NOW + 6 * HOUR, "liaison-1", "sudah ditangani", NOW, alert_id=1, level=2)
        desk = Memory(silences=[one])
        first = desk.decide([subject(1), subject(2)], DUE)
        assert outcomes(first) == {1: NoticeState.HELD, 2: NoticeState.READY}
        assert next(step.held_by for step in first if step.alert.alert_id == 1) == "silence/4"
        (risen,) = desk.decide([subject(1, facts=facts(level=3)), subject(2)], DUE + MINUTE)
        assert (risen.alert.alert_id, risen.outcome) == (1, NoticeState.READY)

    def test_that_of_an_alert_holds_the_highest_level_where_it_was_so_already(self) -> None:
        one = Silence(4, "63.03", None, NOW + 6 * HOUR, "liaison-1", "sudah ditangani", NOW, alert_id=1, level=3)
        desk = Memory(silences=[one])
        assert outcomes(desk.decide([subject(1, facts=facts(level=3))], DUE)) == {1: NoticeState.HELD}

    def test_that_of_a_report_holds_what_nothing_else_tells(self) -> None:
        one = Silence(5, "63.03", None, NOW + 6 * HOUR, "liaison-1", "salah kutip", NOW, item_id=9, level=2)
        desk = Memory(silences=[one])
        (held,) = desk.decide([subject(1, muted_by=5)], DUE)
        assert (held.outcome, held.held_by) == (NoticeState.HELD, "silence/5")
        assert outcomes(desk.decide([subject(1)], DUE + HOUR)) == {1: NoticeState.READY}
        assert outcomes(Memory(silences=[one]).decide([subject(2)], DUE)) == {2: NoticeState.READY}

    def test_a_silence_holds_until_it_ends(self) -> None:
        desk, alert = Memory(silences=[SILENCE]), subject()
        (step,) = desk.decide([alert], DUE)
        assert (step.outcome, step.held_reason, step.held_by) == (NoticeState.HELD, HeldReason.SILENCE, "silence/3")
        assert desk.decide([alert], DUE + HOUR) == []
        assert outcomes(desk.decide([alert], SILENCE.until)) == {1: NoticeState.READY}
        (notice,) = desk.notices[1]
        assert notice.held_at == DUE

    def test_one_that_a_person_ended_holds_no_more(self) -> None:
        desk, alert = Memory(silences=[SILENCE]), subject()
        desk.decide([alert], DUE)
        desk.silences = [replace(SILENCE, ended_at=DUE + MINUTE, ended_by="liaison-1")]
        assert outcomes(desk.decide([alert], DUE + 2 * MINUTE)) == {1: NoticeState.READY}

    @pytest.mark.parametrize(
        ("given", "held"),
        [
            ({}, True),
            ({"place": "63.03.05"}, True),
            ({"place": "63.71"}, False),
            ({"place": "63"}, False),  # a silence of a kabupaten says nothing of its province
            ({"place": None}, False),
            ({"label": "disaster"}, False),
            ({"facts": facts(level=3)}, False),  # the highest level breaks through
        ],
    )
    def test_it_holds_its_region_and_label_and_never_the_highest_level(self, given: dict[str, Any], held: bool) -> None:
        (step,) = Memory(silences=[SILENCE]).decide([subject(**given)], DUE)
        assert (step.outcome is NoticeState.HELD) == held

    def test_one_of_a_province_for_every_label_holds_all_below(self) -> None:
        desk = Memory(silences=[replace(SILENCE, region="63", label=None)])
        assert set(outcomes(desk.decide([subject(), subject(2, label="fraud", place="63.71")], DUE)).values()) == {
            NoticeState.HELD
        }

    def test_level_three_reached_under_a_silence_is_told_at_once(self) -> None:
        desk = Memory(silences=[SILENCE])
        desk.decide([subject()], DUE)
        assert outcomes(desk.decide([subject(facts=facts(level=3, texts=2))], DUE + MINUTE)) == {1: NoticeState.READY}

    def test_it_takes_no_interruption_from_the_shift(self) -> None:
        desk = Memory(silences=[SILENCE])
        steps = desk.decide([subject(score=90.0), subject(2, place="63.71")], DUE)
        assert outcomes(steps) == {1: NoticeState.HELD, 2: NoticeState.READY}


class TestParents:
    WIDE = subject(7, place="63", province="63", facts=facts(places=("63",)))

    def test_an_event_of_the_province_speaks_for_its_kabupaten(self) -> None:
        desk, child = Memory(), subject(score=99.0)
        steps = desk.decide([child, self.WIDE], DUE)
        assert outcomes(steps) == {7: NoticeState.READY, 1: NoticeState.HELD}
        assert [(step.held_reason, step.held_by) for step in steps if step.held_reason] == [
            (HeldReason.PARENT, "alert/7")
        ]

    @pytest.mark.parametrize(
        "child",
        [
            subject(label="disaster"),
            subject(place="64.72"),
            subject(place="63", province="63"),
            subject(facts=facts(level=3)),
        ],
    )
    def test_it_speaks_for_no_other_label_or_province_and_for_no_higher_level(self, child: Subject) -> None:
        desk = Memory(replace(RULES, per_shift=9))
        assert outcomes(desk.decide([child, self.WIDE], DUE))[1] is NoticeState.READY

    def test_the_highest_level_is_held_by_a_person_only(self) -> None:
        """A round-up that names three kabupaten is wide, too; it must not swallow a clash in one of them."""
        desk, wide = Memory(replace(RULES, per_shift=9)), replace(self.WIDE, facts=facts(level=3, places=("63",)))
        clash = subject(facts=facts(level=3))
        assert outcomes(desk.decide([clash, wide], DUE)) == {1: NoticeState.READY, 7: NoticeState.READY}
        linked = subject(2, facts=facts(level=3), parent_id=7)
        assert outcomes(desk.decide([linked, wide], DUE)) == {2: NoticeState.HELD}

    def test_one_that_nobody_was_told_of_speaks_for_nobody(self) -> None:
        desk = Memory(silences=[replace(SILENCE, region="63", label=None)])
        steps = desk.decide([subject(), self.WIDE], DUE)
        assert {step.held_reason for step in steps} == {HeldReason.SILENCE}
        later = Memory()
        assert outcomes(later.decide([subject(), replace(self.WIDE, reached_at=DUE)], DUE)) == {1: NoticeState.READY}

    def test_the_child_comes_free_when_the_parent_is_done_or_long_past(self) -> None:
        for done in (replace(self.WIDE, state=AlertState.CLOSED), replace(self.WIDE, facts=facts(level=0))):
            desk = Memory(replace(RULES, per_shift=4))
            desk.decide([subject(), self.WIDE], DUE)
            assert outcomes(desk.decide([subject(), done], DUE + HOUR)) == {1: NoticeState.READY}
        desk, seen = Memory(), replace(self.WIDE, state=AlertState.VERIFIED)
        desk.decide([subject(), self.WIDE], DUE)
        assert desk.decide([subject(), seen], DUE + 11 * HOUR) == []
        assert outcomes(desk.decide([subject(), seen], DUE + 12 * HOUR)) == {1: NoticeState.READY}

    def test_a_person_says_which_alert_speaks_for_another(self) -> None:
        parent = subject(5, label="disaster", place="64.72", score=10.0)
        desk = Memory(replace(RULES, per_shift=4))
        steps = desk.decide([subject(parent_id=5), parent], DUE)
        assert outcomes(steps) == {5: NoticeState.READY, 1: NoticeState.HELD}
        assert desk.notices[1][0].held_by == "alert/5"
        assert outcomes(desk.decide([subject(parent_id=5, facts=facts(level=3)), parent], DUE + MINUTE)) == {
            1: NoticeState.READY
        }

    def test_a_named_parent_that_itself_never_spoke_silences_nobody(self) -> None:
        child, parent = subject(parent_id=5, place="63.71"), subject(5, facts=facts(level=2))
        desk = Memory(silences=[SILENCE])
        steps = desk.decide([child, parent], DUE)
        assert outcomes(steps) == {5: NoticeState.HELD, 1: NoticeState.READY}
        taken = Memory(silences=[SILENCE])
        steps = taken.decide([child, replace(parent, state=AlertState.ACKNOWLEDGED)], DUE)
        assert outcomes(steps) == {5: NoticeState.DROPPED, 1: NoticeState.HELD}

    @pytest.mark.parametrize(
        ("codes", "names_it", "province"),
        [
            (("63",), True, "63"),
            (("63",), False, None),  # no place in any text: the outlet's home stands for one
            (("63.03", "63"), True, None),
            (("63.03", "63.71", "63.72"), False, "63"),
            (("63.03.05", "63.03.06", "63.71"), False, None),
            (("63.03", "64.72", "62.71"), False, None),
            ((), False, None),
        ],
    )
    def test_what_makes_an_event_one_of_the_province(
        self, codes: tuple[str, ...], names_it: bool, province: str | None
    ) -> None:
        assert wide_province(codes, names_it) == province


class TestDropped:
    def test_an_alert_that_somebody_took_before_the_wait_was_over_interrupts_nobody(self) -> None:
        desk, alert = Memory(), subject(state=AlertState.ACKNOWLEDGED)
        (step,) = desk.decide([alert], DUE)
        assert (step.outcome, step.drop_reason) == (NoticeState.DROPPED, DropReason.ACKNOWLEDGED)
        assert desk.decide([alert], DUE + HOUR) == []
        (raised,) = desk.decide([replace(alert, facts=facts(level=3, texts=2))], DUE + HOUR)
        assert (raised.outcome, raised.due.kind) == (NoticeState.READY, Occasion.UPDATE)

    @pytest.mark.parametrize(
        ("given", "reason"),
        [
            ({"state": AlertState.DUPLICATE}, DropReason.FINISHED),
            ({"state": AlertState.ACKNOWLEDGED}, DropReason.ACKNOWLEDGED),
            ({"facts": facts(level=1)}, DropReason.LOWERED),
            ({"last_item_at": NOW - timedelta(days=2)}, DropReason.OLD),
        ],
    )
    def test_a_held_notice_that_is_needed_no_more_is_let_go_with_its_reason(
        self, given: dict[str, Any], reason: DropReason
    ) -> None:
        desk = Memory(silences=[SILENCE])
        desk.decide([subject()], DUE)
        (step,) = desk.decide([subject(**given)], DUE + HOUR)
        assert (step.outcome, step.drop_reason) == (NoticeState.DROPPED, reason)
        assert desk.decide([subject(**given)], DUE + 8 * HOUR) == []

    @pytest.mark.parametrize("away", [{"last_item_at": NOW - timedelta(days=2)}, {"facts": facts(level=1)}])
    def test_what_was_held_and_dropped_untold_is_told_when_the_alert_comes_back(self, away: dict[str, Any]) -> None:
        desk = Memory(silences=[SILENCE])
        desk.decide([subject()], DUE)
        (step,) = desk.decide([subject(**away)], DUE + HOUR)
        assert step.outcome is NoticeState.DROPPED
        back = subject(last_item_at=DUE + 30 * HOUR, facts=facts(texts=2))
        (step,) = desk.decide([back], DUE + 31 * HOUR)
        assert (step.outcome, step.due.kind) == (NoticeState.READY, Occasion.FIRST)

    def test_a_first_notice_waits_on_where_the_alert_fell_and_rose_again(self) -> None:
        """Between two looks: nobody was told, so that nothing is unchanged for them."""
        desk = Memory(silences=[SILENCE])
        desk.decide([subject()], DUE)
        again = subject(reached_at=DUE + HOUR)
        assert desk.decide([again], DUE + HOUR + MINUTE) == []
        assert desk.notices[1][0].is_waiting
        assert outcomes(desk.decide([again], SILENCE.until)) == {1: NoticeState.READY}

    def test_an_alert_about_to_be_ranked_anew_is_left_for_the_next_look(self) -> None:
        assert Memory().decide([subject(is_ranked=False)], DUE) == []


class TestAHeldUpdate:
    """An update that waits tells what is so when it is told."""

    NEWS = subject(state=AlertState.ACKNOWLEDGED, last_item_at=DUE + 2 * HOUR, facts=facts(outlets=3, texts=2))
    HELD = DUE + 3 * HOUR

    @pytest.fixture
    def desk(self) -> Memory:
        """The first notice is told; an update for more outlets waits for a silence to end."""
        desk = Memory(replace(RULES, per_shift=4))
        desk.decide([subject()], DUE)
        desk.silences = [SILENCE]
        (step,) = desk.decide([self.NEWS], self.HELD)
        assert (step.outcome, step.due.changes) == (NoticeState.HELD, (Change.OUTLETS,))
        return desk

    def test_it_tells_what_came_since(self, desk: Memory) -> None:
        with_label = facts(labels=("conflict", "fraud"), outlets=3, texts=3)
        (step,) = desk.decide([replace(self.NEWS, facts=with_label)], self.HELD + MINUTE)
        assert (step.outcome, step.due.changes) == (NoticeState.HELD, (Change.LABEL, Change.OUTLETS))
        assert desk.notices[1][-1].facts == with_label
        (step,) = desk.decide([replace(self.NEWS, facts=facts(level=3, outlets=3, texts=4))], self.HELD + HOUR)
        assert (step.outcome, step.due.changes) == (NoticeState.READY, (Change.LEVEL, Change.OUTLETS))
        assert desk.notices[1][-1].held_at == self.HELD

    def test_it_is_dropped_where_all_is_as_it_was_and_told_where_it_comes_again(self, desk: Memory) -> None:
        (step,) = desk.decide([replace(self.NEWS, facts=facts(outlets=2, texts=3))], self.HELD + MINUTE)
        assert (step.outcome, step.drop_reason) == (NoticeState.DROPPED, DropReason.UNCHANGED)
        assert desk.decide([replace(self.NEWS, facts=facts(outlets=2, texts=3))], self.HELD + HOUR) == []
        (step,) = desk.decide([replace(self.NEWS, facts=facts(outlets=5, texts=6))], SILENCE.until)
        assert (step.outcome, step.due.changes) == (NoticeState.READY, (Change.OUTLETS,))


MOMENTS = st.integers(0, 7 * 24 * 4)  # quarters of an hour of a week
CHANGED = st.tuples(
    MOMENTS,
    st.integers(1, 6),
    st.integers(0, 3),
    st.sampled_from(["63.03", "63.71", "63.72", "64.72"]),
    st.integers(1, 12),
    st.sampled_from(list(AlertState)),
)


@given(st.lists(CHANGED, max_size=60), st.integers(1, 4), st.booleans())
def test_a_desk_is_never_interrupted_more_often_than_its_cap(
    changes: list[tuple[int, int, int, str, int, AlertState]], per_shift: int, is_silenced: bool
) -> None:
    """Whatever happens to its alerts in a week; and no two notices of one alert are nearer than two hours."""
    rules = replace(RULES, per_shift=per_shift)
    desk = Memory(rules, silences=[replace(SILENCE, until=NOW + 30 * HOUR)] if is_silenced else [])
    alerts: dict[int, Subject] = {}
    queue = sorted(changes, key=lambda change: change[0])
    for quarter in range(0, 7 * 24 * 4 + 96, 2):
        now = NOW + quarter * 15 * MINUTE
        while queue and queue[0][0] <= quarter:
            _, id_, level, place, outlets, state = queue.pop(0)
            old = alerts.get(id_) or subject(id_, reached_at=now)
            texts = old.facts.texts + 1
            told = facts(level=level, places=(place,), outlets=outlets, texts=texts)
            alerts[id_] = replace(old, facts=told, place=place, state=state, last_item_at=now)
        desk.decide(alerts.values(), now)
        assert desk.decide(alerts.values(), now) == []  # deciding twice changes nothing
    by_shift = Counter(shift_of(moment, rules).start for moment in desk.ready())
    assert all(count <= per_shift for count in by_shift.values())
    for notices in desk.notices.values():
        ready = [one.ready_at for one in notices if one.ready_at is not None]
        assert all(b - a >= 2 * HOUR for a, b in pairwise(ready))
        assert all(not one.is_waiting for one in notices[:-1])
