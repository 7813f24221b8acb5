"""Which sources speak for a region, and how well it can be heard."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.health_rows import DAY, NOW, source
from waspada.places import Place, place
from waspada.sources.coverage import KALIMANTAN, cover, reach_of, regions_in
from waspada.sources.types import CoverageState, HealthState, Mentions, Reach, SourceHealth

BANJAR = Place("63.03", "Kabupaten Banjar", place("63.03").level)  # type: ignore[union-attr]


def health(id_: str, home: str | None, state: HealthState, outlet: str | None = None) -> SourceHealth:
    facts = source(id=id_, region=home, outlet=id_ if outlet is None else outlet, enabled=state is not HealthState.OFF)
    return SourceHealth(facts, state, state is HealthState.SILENT, NOW - DAY, None, NOW, 3, 12)


def named(*ids: str) -> dict[str, Mentions]:
    return {id_: Mentions(1, 4, NOW - DAY) for id_ in ids}


@pytest.mark.parametrize(
    ("home", "region", "mentions_it", "reach"),
    [
        ("63.03", "63.03", False, Reach.HOME),
        ("63.03.05", "63.03", False, Reach.HOME),
        ("63", "63.03", True, Reach.ABOVE),
        ("63.03", "63.03.05", False, Reach.ABOVE),
        ("63.71", "63.03", True, Reach.MENTION),
        ("62", "63.03", True, Reach.MENTION),
        ("63.71", "63.03", False, None),
        (None, "63.03", False, Reach.COUNTRY),
        (None, "63.03", True, Reach.COUNTRY),
    ],
)
def test_who_speaks_for_a_region(home: str | None, region: str, mentions_it: bool, reach: Reach | None) -> None:
    assert reach_of(home, region, mentions_it) is reach


S, U, Q, B, P, N = (
    HealthState.SPEAKING, HealthState.UNKNOWN, HealthState.SILENT, HealthState.BROKEN, HealthState.PARKED,
    HealthState.NEW,
)  # fmt: skip


@pytest.mark.parametrize(
    ("sources", "spoken_of", "state"),
    [
        ([], True, CoverageState.NONE),
        ([("a", "63.71", S)], False, CoverageState.NONE),  # a neighbour that never names it
        ([("a", "63", HealthState.OFF)], True, CoverageState.NONE),
        ([("a", "63", S), ("b", None, S)], True, CoverageState.COVERED),
        ([("a", "63", S), ("b", "63.03", U)], True, CoverageState.COVERED),
        ([("a", "63", S), ("b", "63.03", Q), ("c", None, B)], True, CoverageState.THIN),  # one is left
        ([("a", "63", S)], True, CoverageState.THIN),
        ([("a", None, S), ("b", None, S)], True, CoverageState.THIN),  # national ones only
        ([("a", "63", U), ("b", "63", U)], True, CoverageState.THIN),  # nobody knows their rhythm
        ([("a", "63", S), ("b", None, S)], False, CoverageState.THIN),  # nobody speaks of it
        ([("a", "63", Q), ("b", "63", B), ("c", "63.03", P), ("d", None, N)], True, CoverageState.SILENT),
    ],
)
def test_states(sources: list[tuple[str, str | None, HealthState]], spoken_of: bool, state: CoverageState) -> None:
    found = [health(id_, home, how) for id_, home, how in sources]
    mentions = named(*(id_ for id_, home, _ in sources if home != "63.71")) if spoken_of else {}
    assert cover(BANJAR, found, mentions).state is state


def test_a_region_that_only_a_silent_source_spoke_of_is_thin() -> None:
    found = [health("provinsi", "63", S), health("nasional", None, S), health("sini", "63.03", Q)]
    assert cover(BANJAR, found, named("sini")).state is CoverageState.THIN
    assert cover(BANJAR, found, named("sini", "provinsi")).state is CoverageState.COVERED


@pytest.mark.parametrize(
    ("who", "week", "month", "state"),
    [
        (("jauh", "11"), 0, 1, CoverageState.THIN),  # named once, 27 days ago
        (("jauh", "11"), 1, 1, CoverageState.COVERED),
        (("provinsi", "63"), 0, 3, CoverageState.THIN),
        (("provinsi", "63"), 2, 3, CoverageState.COVERED),
        (("sini", "63.03"), 0, 1, CoverageState.COVERED),
    ],
)
def test_near_is_who_named_the_region_lately(who: tuple[str, str], week: int, month: int, state: CoverageState) -> None:
    id_, home = who
    found = [health(id_, home, S), health("nasional", None, S), health("mati", "63.03", P)]
    mentions = {id_: Mentions(week, month, NOW - DAY), "nasional": Mentions(1, 1, NOW - DAY)}
    assert cover(BANJAR, found, mentions).state is state


def test_a_province_source_that_only_others_name_the_region_beside_is_not_near() -> None:
    found = [health("provinsi", "63", S), health("nasional", None, S)]
    assert cover(BANJAR, found, named("nasional")).state is CoverageState.THIN


def test_an_outlet_that_never_gave_an_item_is_no_second_voice() -> None:
    answers = health("kedua", "63.03", U)
    mute = replace(answers, items_7_days=0, items_28_days=0)
    assert cover(BANJAR, [health("a", "63.03", S), answers], named("a")).state is CoverageState.COVERED
    assert cover(BANJAR, [health("a", "63.03", S), mute], named("a")).state is CoverageState.THIN


def test_a_source_whose_articles_are_refused_does_not_work() -> None:
    refused = health("a", "63.03", HealthState.BLOCKED)
    assert cover(BANJAR, [refused], named("a")).state is CoverageState.SILENT
    assert cover(BANJAR, [refused, health("b", "63.03", S)], named("a", "b")).state is CoverageState.THIN


def test_two_feeds_of_one_outlet_are_one_voice() -> None:
    feeds = [health("berita", "63", S, "Kabar Uji"), health("daerah", "63", S, "Kabar Uji")]
    assert cover(BANJAR, feeds, named("berita")).state is CoverageState.THIN
    unnamed = [health("berita", "63", S, ""), health("daerah", "63", S, "")]
    assert cover(BANJAR, unnamed, named("berita")).state is CoverageState.COVERED


def test_the_figures_are_of_items_that_name_the_region() -> None:
    found = cover(
        BANJAR,
        [health("jauh", "62", S), health("prov", "63", S), health("nasional", None, S), health("sini", "63.03", S)],
        {"jauh": Mentions(0, 2, NOW - 9 * DAY), "prov": Mentions(3, 7, NOW - 2 * DAY)},
    )
    assert [(one.health.source.id, one.reach) for one in found.sources] == [
        ("sini", Reach.HOME), ("prov", Reach.ABOVE), ("jauh", Reach.MENTION), ("nasional", Reach.COUNTRY),
    ]  # fmt: skip
    assert (found.items_7_days, found.items_28_days, found.last_at) == (3, 9, NOW - 2 * DAY)


def test_regions_kalimantan_first() -> None:
    codes = [region.code for region in regions_in()]
    assert len(codes) == len(set(codes)) == 514
    assert {code[:2] for code in codes[:56]} == set(KALIMANTAN)
    assert [region.code for region in regions_in("63")][:3] == ["63.01", "63.02", "63.03"]
    assert [region.code for region in regions_in("63.03")] == ["63.03"]
    assert [region.code for region in regions_in("63.03.05")] == ["63.03.05"]
    assert regions_in("99") == []


HOMES = st.sampled_from([None, "62", "63", "63.03", "63.03.05", "63.71"])
SOURCES = st.lists(st.tuples(HOMES, st.sampled_from(HealthState), st.booleans()), max_size=6)


@given(SOURCES)
def test_a_region_without_a_working_source_is_never_covered(
    sources: list[tuple[str | None, HealthState, bool]],
) -> None:
    found = [health(f"s{n}", home, state) for n, (home, state, _) in enumerate(sources)]
    state = cover(BANJAR, found, named(*(f"s{n}" for n, (_, _, names) in enumerate(sources) if names))).state
    speaks = [how for home, how, names in sources if how is not HealthState.OFF and (home != "62" or names)]
    if not [how for home, how, names in sources if how is not HealthState.OFF and reach_of(home, "63.03", names)]:
        assert state is CoverageState.NONE
    if S not in speaks:
        assert state is not CoverageState.COVERED
    if state in (CoverageState.COVERED, CoverageState.THIN):
        assert S in speaks or U in speaks


@given(SOURCES, st.integers(0, 5))
def test_losing_a_source_never_makes_a_region_better_heard(
    sources: list[tuple[str | None, HealthState, bool]], lost: int
) -> None:
    order = list(CoverageState)
    found = [health(f"s{n}", home, state) for n, (home, state, _) in enumerate(sources)]
    mentions = named(*(f"s{n}" for n, (_, _, names) in enumerate(sources) if names))
    fewer = [one for n, one in enumerate(found) if n != lost]
    before, after = (order.index(cover(BANJAR, these, mentions).state) for these in (found, fewer))
    assert after >= before
