"""The simple ways that the ranking is compared with: hand-made days."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waspada.jobs.baselines import BASELINES, DayItem

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


def item(line: int, text: str = "Pasar ramai sejak pagi.", *, hour: int = 0, region: str | None = None) -> DayItem:
    return DayItem(line, f"i{line}", "", text, NOON + timedelta(hours=hour), region)


def order(way: str, items: list[DayItem], eventful: dict[str, int] | None = None) -> list[int]:
    return [one.line for one in BASELINES[way](items, eventful or {})]


def test_most_different_watched_words_come_first() -> None:
    once = item(1, "Warga bentrok di pasar.")
    twice_the_same = item(2, "Bentrokan pecah, bentrok berlanjut.")
    two = item(3, "Warga bentrok, dua orang tewas.")
    none = item(4, "Panen raya di Anjir.", hour=9)
    assert order("keyword count", [none, once, twice_the_same, two]) == [3, 2, 1, 4]


def test_watched_word_that_begins_like_another_is_one_of_its_own() -> None:
    """ "Serangan fajar" is vote buying, no attack."""
    one = item(1, "Serangan di pasar, serangan di terminal.", hour=1)
    two = item(2, "Serangan di pasar, serangan fajar di desa.")
    assert order("keyword count", [one, two]) == [2, 1]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Kericuhan terjadi", True),
        ("KERICUHAN!", True),
        ("Netralitas ASN dipertanyakan", True),
        ("Politik  uang di Barabai", True),
        ("Sarapan pagi", False),  # "sara" is a whole word
        ("Sengketa", True),
        ("Terbakar cemburu", False),
        ("", False),
    ],
)
def test_whole_words_and_beginnings_are_watched(text: str, found: bool) -> None:
    plain = item(1, "Lomba perahu", hour=1)
    assert order("keyword count", [plain, item(2, text)]) == ([2, 1] if found else [1, 2])


def test_newest_first_and_the_first_in_the_file_of_one_moment() -> None:
    assert order("newest first", [item(3, hour=1), item(2, hour=2), item(1, hour=1)]) == [2, 1, 3]


def test_last_weeks_busiest_region_comes_first_and_no_region_last() -> None:
    items = [item(1, hour=5), item(2, region="63.03"), item(3, region="63.71"), item(4, hour=1, region="63.03")]
    assert order("last week's regions", items, {"63.03": 2, "63.71": 5}) == [3, 4, 2, 1]


@given(st.lists(st.integers(0, 3), min_size=0, max_size=8), st.randoms(use_true_random=False))
def test_every_way_shows_each_item_once_in_whatever_order_they_come(hours: list[int], rng: object) -> None:
    texts = ("bentrok", "bentrok tewas", "pasar", "")
    regions = ("63.03", None, "63", "62.01")
    items = [item(n, texts[hour], hour=hour, region=regions[hour]) for n, hour in enumerate(hours)]
    shuffled = list(items)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    for way in BASELINES:
        assert sorted(order(way, items, {"63": 1})) == list(range(len(items)))
        assert order(way, shuffled, {"63": 1}) == order(way, items, {"63": 1})


def test_hostile_text_is_only_counted() -> None:
    long = replace(item(1), text="bentrok " * 50_000, title="\u202e(a+)+$ \ud800")
    assert order("keyword count", [item(2, "bentrok tewas"), long]) == [2, 1]
