"""Replaying: stories of a file, and the alerts of each day without a look ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.jobs.tiny import TinyTagger, campaign
from tests.rows import NOW
from tests.stories.partition import add_story, partition
from tests.stories.texts import FLOOD, FLOOD_RETOLD
from waspada.clock import ZONES, local_day
from waspada.items.jsonl import JsonlItem
from waspada.jobs.rank import RankingData
from waspada.jobs.replay import DayAlert, Outlet, Replay
from waspada.settings import load_settings
from waspada.taxonomy import ItemKind, Label

WITA = ZONES["WITA"]
DATA = RankingData.load(load_settings())


def as_lines(count: int) -> list[JsonlItem]:
    return [
        JsonlItem(
            line=number,
            id=f"i{number}",
            title=one.title,
            text=one.text,
            kind=one.kind,
            url=one.url,
            published_at=one.published_at,
            outlet=one.outlet,
            voice=one.handle,
        )
        for number, one in enumerate(campaign(count), start=1)
    ]


def days_of(items: Sequence[JsonlItem]) -> list[list[DayAlert]]:
    replay = Replay(TinyTagger(), {"media-0": Outlet("63", "news", 0.7)})
    try:
        return list(replay.days(items, DATA, WITA))
    finally:
        replay.close()


def lines_of(days: list[list[DayAlert]]) -> list[dict[str, object]]:
    return [alert.as_contract() for day in days for alert in day]


def test_best_first_and_parts_add_up() -> None:
    days = days_of(as_lines(60))
    assert len(days) == 3
    for day in days:
        assert [alert.rank for alert in day] == list(range(1, len(day) + 1))
        scores = [alert.alert.score for alert in day]
        assert scores == sorted(scores, reverse=True)
        for alert in day:
            assert sum(alert.alert.parts.values()) == alert.alert.score


def test_of_two_with_one_score_the_newer_stands_above_as_on_the_desk() -> None:
    texts = ("Massa bentrok di simpang Martapura.", "Sopir angkutan dan ojek bentrok, terminal Barabai ditutup.")
    items = [JsonlItem(n, n, "", text, published_at=NOW, outlet=f"media-{n}") for n, text in enumerate(texts)]
    replay = Replay(TinyTagger())
    ((first, second),) = replay.days(items, replace(DATA, priors={}), WITA)
    replay.close()
    assert first.alert.score == second.alert.score
    assert (first.alert.id, second.alert.id) == (2, 1)


def test_alert_lists_the_items_of_its_day_only() -> None:
    items = {item.id: item for item in as_lines(60)}
    for day in days_of(list(items.values())):
        for alert in day:
            assert alert.items
            for id_ in alert.items:
                published = items[id_].published_at
                assert published is not None
                assert local_day(published, WITA) == alert.day


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(1, 3), st.randoms(use_true_random=False))
def test_nothing_of_a_later_day_changes_an_earlier_one(days: int, rng: object) -> None:
    items = as_lines(40)
    rng.shuffle(items)  # type: ignore[attr-defined]
    everything = days_of(items)
    kept = sorted({local_day(item.published_at, WITA) for item in items if item.published_at})[:days]
    prefix = [item for item in items if item.published_at and local_day(item.published_at, WITA) in kept]
    assert lines_of(days_of(prefix)) == lines_of(everything[:days])


def test_order_of_lines_does_not_matter_but_for_ties() -> None:
    items = [item for item in as_lines(40) if item.line % 20 < 10]  # no two at the same moment within a day's story
    distinct = [replace(item, published_at=NOW - timedelta(minutes=7 * item.line)) for item in items]
    forward, backward = days_of(distinct), days_of(distinct[::-1])
    assert lines_of(forward) == lines_of(backward)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2024, 11, 27, 15, 59, 59, tzinfo=UTC), "2024-11-27"),
        (datetime(2024, 11, 27, 16, 0, 0, tzinfo=UTC), "2024-11-28"),
    ],
)
def test_day_ends_at_midnight_in_the_zone(moment: datetime, day: str) -> None:
    clash = next(item for item in as_lines(8) if "bentrok" in item.text)
    (alerts,) = days_of([replace(clash, published_at=moment)])
    assert [alert.day.isoformat() for alert in alerts] == [day]


def test_story_that_goes_on_stands_on_each_of_its_days() -> None:
    clash = next(item for item in as_lines(8) if "bentrok" in item.text)
    copies = [replace(clash, line=n, id=n, outlet=f"media-{n}", published_at=NOW + timedelta(days=n)) for n in range(3)]
    days = days_of(copies)
    assert [[(alert.alert.id, alert.items) for alert in day] for day in days] == [[(1, (n,))] for n in range(3)]


def test_stories_are_repaired_as_a_desk_repairs_them() -> None:
    """Also where the news is old, as that of a file may be."""
    replay = Replay(TinyTagger())
    with replay.store.write() as session:
        first = add_story(session, [FLOOD], on=(Label.DISASTER,))
        add_story(session, [FLOOD_RETOLD], on=(Label.DISASTER,), at=NOW + timedelta(hours=1))
    replay.repair(NOW + timedelta(days=700))
    assert partition(replay.store) == {first: (1, 2)}
    replay.close()


def test_items_without_a_date_join_by_content_alone() -> None:
    items = [replace(item, published_at=None) for item in as_lines(20)]
    replay = Replay(TinyTagger())
    replay.load(items, NOW)
    replay.group(NOW)
    stories = replay.stories()
    replay.close()
    assert sorted(stories) == [item.line for item in items]
    for number in range(5, 20, 5):  # a wire copy of the item before it
        assert stories[number] == stories[number - 1]


def test_same_file_gives_the_same_answer() -> None:
    assert lines_of(days_of(as_lines(40))) == lines_of(days_of(as_lines(40)))


def test_posts_alone_make_no_alert_on_any_day() -> None:
    posts = [item for item in as_lines(200) if item.kind is ItemKind.POST]
    few = {item.voice for item in posts[:4]}
    assert len(few) < DATA.settings.min_voices
    assert lines_of(days_of(posts[:4])) == []


def test_a_day_without_an_alert_comes_out_too() -> None:
    quiet = replace(as_lines(1)[0], title="Panen raya", text="Panen raya di Anjir Pasar.", published_at=NOW)
    replay = Replay(TinyTagger())
    days = list(replay.each_day([quiet], DATA, WITA))
    assert [(one.day, one.alerts) for one in days] == [(local_day(NOW, WITA), [])]
    assert [item.line for item in replay.items_of(days[0].day, WITA)] == [quiet.line]
    replay.close()


def test_last_weeks_eventful_stories_are_counted_by_region_without_the_day_itself() -> None:
    outlets = {"satu": Outlet("63.03"), "dua": Outlet("62.71")}
    told = [(0, "satu"), (1, "satu"), (1, "dua"), (8, "satu"), (15, "dua")]
    items = [
        JsonlItem(n, n, "", f"Massa bentrok {'abcde'[n] * 9}", published_at=NOW + timedelta(days=days), outlet=outlet)
        for n, (days, outlet) in enumerate(told)
    ]
    replay = Replay(TinyTagger(), outlets)
    counted = [replay.eventful_before(one.day, WITA) for one in replay.each_day(items, DATA, WITA)]
    replay.close()
    assert counted == [{}, {"63.03": 1}, {"63.03": 1, "62.71": 1}, {"63.03": 1}]


def test_what_baselines_see_of_a_day_is_what_was_published_on_it() -> None:
    items = as_lines(40)
    replay = Replay(TinyTagger())
    for one in replay.each_day(items, DATA, WITA):
        seen = replay.items_of(one.day, WITA)
        assert {item.line for item in seen} == {
            i.line for i in items if i.published_at and local_day(i.published_at, WITA) == one.day
        }
        assert {line for alert in one.alerts for line in alert.lines} <= {item.line for item in seen}
        assert all(item.region is None or len(item.region) in (2, 5) for item in seen)
    replay.close()
