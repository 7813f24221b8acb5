"""A digest equals exactly what the list of alerts shows for the same choice at its moment."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.digests.rows import NOON, add_alert
from waspada.alerts.policy import is_refuted
from waspada.alerts.repository import search
from waspada.alerts.types import AlertState, CloseReason, NoThreatReason
from waspada.digests.policy import MAX_ENTRIES, filter_of
from waspada.digests.service import Maker, keep
from waspada.digests.types import Part, Period, Wanted
from waspada.settings import load_settings
from waspada.store import Store
from waspada.store.tables import AlertRow, StoryRow
from waspada.taxonomy import Label

REGIONS = ("63", "63.03", "63.03.04", "63.71", "62", "62.71", "64")
WANTED = st.builds(
    Wanted,
    region=st.sampled_from(REGIONS),
    labels=st.lists(st.sampled_from([label.value for label in Label]), max_size=4).map(tuple),
    min_level=st.integers(1, 3),
    language=st.sampled_from(["id", "en"]),
    zone=st.sampled_from(["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"]),
    period=st.sampled_from(list(Period)),
)


def fill(store: Store) -> None:
    """Alerts of every kind, among them exercises, merged and refuted ones, and some at the edges of the time."""
    dice = random.Random(8)
    ages = (0, 1, 12, 23.99, 24, 24.01, 100, 167.99, 168, 500, 719.5, 744, 800)
    with store.write() as session:
        for number in range(70):
            state = dice.choice(list(AlertState))
            reason = {
                AlertState.NOT_A_THREAT: NoThreatReason.OLD_NEWS.value,
                AlertState.CLOSED: dice.choice([CloseReason.RESOLVED.value, NoThreatReason.WRONG_PLACE.value]),
            }.get(state)
            more = {dice.choice(list(Label)).value: 0.6} if dice.random() < 0.4 else {}
            label = dice.choice(list(Label))
            id_ = add_alert(
                session,
                number,
                region=dice.choice(REGIONS[1:]),
                label=label,
                labels={label.value: 0.9, **more},
                level=dice.choice([0, 1, 2, 2, 2, 3]),
                score=float(dice.randint(1, 20)),
                state=state.value,
                reason=reason,
                exercise=dice.random() < 0.1,
                at=NOON - timedelta(hours=dice.choice(ages)),
            )
            if number % 12 == 11:
                story = session.get_one(AlertRow, id_).story_id
                session.get_one(StoryRow, story).merged_into = session.get_one(AlertRow, id_ - 1).story_id


def test_it_equals_its_filter(store: Store, tmp_path: Path) -> None:
    fill(store)
    settings = load_settings(data_dir=tmp_path / "d", zone="WITA")
    with store.read() as session:
        maker = Maker(session, NOON, settings)

        @given(WANTED)
        def equals(wanted: Wanted) -> None:
            listed = search(session, filter_of(wanted, NOON), limit=1000)
            standing = [alert for alert in listed if not is_refuted(alert.state, alert.reason)]
            digest = maker.make(wanted)
            assert len(digest.shown) == min(MAX_ENTRIES, len(standing))
            rest = Counter(alert.label for alert in standing if alert.id not in digest.shown)
            assert digest.held_back == rest
            rank = {alert.id: place for place, alert in enumerate(standing)}
            for section in digest.content.sections:
                places = [rank[entry.alert_id] for entry in section.entries]
                assert places == sorted(places)
                if section.part is Part.VERIFIED:
                    told = [alert.id for alert in standing if alert.state is AlertState.VERIFIED]
                    assert [entry.alert_id for entry in section.entries] == told[: len(section.entries)]
            assert not any(alert.exercise for alert in standing)

        equals()


def test_the_same_moment_is_the_same_digest(store: Store, tmp_path: Path) -> None:
    """One that made others before makes what a new one makes."""
    fill(store)
    settings = load_settings(data_dir=tmp_path / "d", zone="WITA")
    with store.read() as session:
        used = Maker(session, NOON, settings)

        @given(WANTED)
        def equals(wanted: Wanted) -> None:
            assert used.make(wanted).content == Maker(session, NOON, settings).make(wanted).content

        equals()


def test_one_that_comes_late_leaves_nothing_out(store: Store, tmp_path: Path) -> None:
    """The next one begins where the last of the same ended, though the day is 20 minutes longer by that."""
    settings = load_settings(data_dir=tmp_path / "d", zone="WITA")
    late = NOON + timedelta(hours=24, minutes=20)
    with store.write() as session:
        before = add_alert(session, 1, at=NOON - timedelta(minutes=1))
        between = add_alert(session, 2, at=NOON + timedelta(minutes=10))
        first = Maker(session, NOON, settings).make(Wanted("63"))
        keep(session, first, NOON)
        second, other = (Maker(session, late, settings).make(one) for one in (Wanted("63"), Wanted("63.03")))
        listed = search(session, filter_of(Wanted("63"), late, NOON))
    assert list(first.shown) == [before]
    assert list(second.shown) == [alert.id for alert in listed] == [between]
    assert list(other.shown) == []
    assert "24 jam" in second.content.scope


def test_after_a_day_without_one_it_says_from_when_on_it_tells(store: Store, tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path / "d", zone="WITA")
    with store.write() as session:
        keep(session, Maker(session, NOON, settings).make(Wanted("63")), NOON)
        old = add_alert(session, 1, at=NOON + timedelta(hours=1))
        digest = Maker(session, NOON + timedelta(hours=47), settings).make(Wanted("63"))
        beyond = Maker(session, NOON + timedelta(hours=49), settings).make(Wanted("63"))
    assert list(digest.shown) == [old]
    assert "27/11/2024 sampai 29/11/2024 pukul 11.00 WITA" in digest.content.scope
    assert list(beyond.shown) == []
