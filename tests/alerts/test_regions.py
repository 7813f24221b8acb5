"""Alerts by region: in step with places and scores, and the same lists as by reading the places themselves."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, delete, select, text, update
from sqlalchemy.orm import Session

from tests.alerts.standing import check_in_step, rows_of
from tests.plans import Asked
from tests.rows import NOW
from tests.store.test_upgrade import ROWS
from waspada.alerts import items, repository
from waspada.alerts.regions import holders, rescore, write_regions
from waspada.alerts.types import AlertFilter, AlertState, RankPosition
from waspada.places import is_within
from waspada.store import Store, open_url
from waspada.store.migrate import upgrade
from waspada.store.tables import AlertPlaceRow, AlertRegionRow, AlertRow, StoryRow

CODES = [
    "63",
    "63.03",
    "63.03.04",
    "63.03.04.2001",
    "63.03.05",
    "63.04",
    "63.71",
    "63.71.01",
    "64",
    "64.02",
    "62.1",
    "630",
]
FILTERS = [None, *CODES, "6", "63.0", "63.", "", "%", "63_03"]


def add_alert(session: Session, codes: Sequence[str], score: float, **given: Any) -> int:
    story = StoryRow(opened_at=NOW, last_item_at=NOW, headline="", stale=False)
    session.add(story)
    session.flush()
    columns: dict[str, Any] = {
        "story_id": story.id,
        "label": "conflict",
        "level": 2,
        "score": score,
        "parts": {"level": score},
        "confidence": 0.9,
        "headline": "Jembatan putus",
        "why": "",
        "labels": {"conflict": 0.9},
        "item_count": 1,
        "outlet_count": 1,
        "voice_count": 0,
        **dict.fromkeys(("opened_at", "changed_at", "last_item_at", "ranked_at"), NOW),
        **given,
    }
    row = AlertRow(**columns)
    session.add(row)
    session.flush()
    session.add_all(AlertPlaceRow(alert_id=row.id, code=code, position=n) for n, code in enumerate(codes))
    write_regions(session, row.id, codes, score)
    return row.id


def by_places(session: Session, wanted: AlertFilter) -> list[int]:
    """The list as the places alone give it: what `alert_regions` must not change."""
    query = select(AlertRow.id).where(AlertRow.exercise.is_(wanted.exercise))
    for code in (wanted.region, wanted.within):
        if code is not None:
            inside = select(AlertPlaceRow.code).where(
                AlertPlaceRow.alert_id == AlertRow.id, items.under(AlertPlaceRow.code, code)
            )
            query = query.where(inside.exists())
    if wanted.min_level:
        query = query.where(AlertRow.level >= wanted.min_level)
    if wanted.states:
        query = query.where(AlertRow.state.in_([state.value for state in wanted.states]))
    return list(session.scalars(query.order_by(AlertRow.score.desc(), AlertRow.id.desc())))


@given(st.sampled_from(CODES), st.sampled_from(CODES))
def test_a_region_holds_a_code_exactly_if_the_code_is_within_it(code: str, region: str) -> None:
    assert (region in holders(code)) == is_within(code, region)


def test_lists_are_those_of_the_places(store: Store) -> None:
    chance = Random(11)
    with store.write() as session:
        for _ in range(150):
            codes = chance.sample(CODES, chance.randint(0, 3))
            add_alert(
                session,
                codes,
                chance.choice([0.0, 10.0, 10.5, 1 / 3, 99.9]),
                level=chance.randint(0, 3),
                state=chance.choice([state.value for state in AlertState]),
                exercise=chance.random() < 0.1,
            )
    with store.read() as session:
        for _ in range(150):
            wanted = AlertFilter(
                region=chance.choice(FILTERS),
                within=chance.choice(FILTERS),
                min_level=chance.choice([0, 0, 2]),
                states=chance.choice([(), (), (AlertState.NEW, AlertState.VERIFIED)]),
                exercise=chance.random() < 0.1,
            )
            expected = by_places(session, wanted)
            assert [one.id for one in repository.search(session, wanted, limit=500)] == expected, wanted
            assert repository.count(session, wanted) == len(expected), wanted
            paged: list[int] = []
            after: RankPosition | None = None
            while page := repository.search(session, wanted, after=after, limit=7):
                paged += [one.id for one in page]
                after = page[-1].position
            assert paged == expected, wanted


def test_regions_follow_places_and_scores(store: Store) -> None:
    with store.write() as session:
        alert = add_alert(session, ["63.03.04", "64.02"], 10.0)
        other = add_alert(session, ["63.03"], 5.0)
        assert rows_of(session, alert) == dict.fromkeys(["63", "63.03", "63.03.04", "64", "64.02"], 10.0)
        write_regions(session, alert, ["63.03.05", "63.03"], 12.5)
        assert rows_of(session, alert) == dict.fromkeys(["63", "63.03", "63.03.05"], 12.5)
        rescore(session, alert, 0.0)
        assert rows_of(session, alert) == dict.fromkeys(["63", "63.03", "63.03.05"], 0.0)
        write_regions(session, alert, [], 3.0)
        assert rows_of(session, alert) == {}
        assert rows_of(session, other) == dict.fromkeys(["63", "63.03"], 5.0)
        session.execute(delete(AlertRow).where(AlertRow.id == other))
        assert rows_of(session, other) == {}


@pytest.mark.parametrize("dialect", ["sqlite"])  # its plan is read
@pytest.mark.parametrize(
    "wanted",
    [
        AlertFilter(region="63.03"),
        AlertFilter(region="63.03", within="63", min_level=1),
        AlertFilter(within="63", states=[AlertState.NEW]),  # few of a short time are read by time instead
    ],
)
def test_the_best_of_a_region_are_one_walk_of_an_index(store: Store, wanted: AlertFilter) -> None:
    with store.write() as session:
        for n in range(30):
            add_alert(session, ["63.03.04", "63.71"], float(n))
    asked = Asked(store)
    with store.read() as session:
        repository.search(session, wanted, after=RankPosition(20.0, 9), limit=5)
    plan = asked.plan("alert_regions")
    assert any("alert_regions USING COVERING INDEX ix_alert_regions_rank" in step for step in plan), plan
    assert not any("TEMP B-TREE" in step or step.startswith("SCAN") for step in plan), plan


def test_the_migration_fills_what_writing_would(empty_url: str) -> None:
    engine = create_engine(empty_url)
    upgrade(engine, "0001")
    with engine.begin() as connection:
        for table in ("stories", "alerts"):
            names = list(ROWS[table][0])
            fields, values = ", ".join(f'"{name}"' for name in names), ", ".join(f":{name}" for name in names)
            insert = text(f"INSERT INTO {table} ({fields}) VALUES ({values})")  # noqa: S608
            for number in range(1, len(CODES) + 1):
                own = {"id": number, "score": number / 3} | ({"story_id": number} if table == "alerts" else {})
                connection.execute(insert, ROWS[table][0] | own)
        for number, code in enumerate(CODES, 1):
            for position, found in enumerate(dict.fromkeys([code, CODES[number % len(CODES)]])):
                place = {"alert_id": number, "code": found, "position": position}
                connection.execute(text("INSERT INTO alert_places VALUES (:alert_id, :code, :position)"), place)
    engine.dispose()
    store = open_url(empty_url)
    with store.write() as session:
        alerts = session.execute(select(AlertRow.id, AlertRow.score)).all()
        filled = {id_: rows_of(session, id_) for id_, _ in alerts}
        session.execute(delete(AlertRegionRow))
        for id_, score in alerts:
            codes = session.scalars(select(AlertPlaceRow.code).where(AlertPlaceRow.alert_id == id_)).all()
            write_regions(session, id_, codes, score)
        assert filled == {id_: rows_of(session, id_) for id_, _ in alerts}
        assert len(filled) == len(CODES)
    store.close()


def test_this_check_sees_what_is_out_of_step(store: Store) -> None:
    with store.write() as session:
        alert = add_alert(session, ["63.03"], 10.0)
        check_in_step(session)
        session.execute(update(AlertRow).where(AlertRow.id == alert).values(score=11.0))
        with pytest.raises(AssertionError):
            check_in_step(session)
