"""Reading alerts: filters, pages, regions, evidence."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.api.sample import CLASH, NOW, add_alert, add_source, fill, parts
from waspada.alerts import items, repository
from waspada.alerts.types import AlertFilter, AlertState, RankPosition
from waspada.errors import NotFoundError
from waspada.sources.types import CoverageState
from waspada.store import Store
from waspada.store.tables import PageRow


@pytest.fixture
def desk(store: Store) -> dict[str, int]:
    with store.write() as session:
        return fill(session)


def found(store: Store, **wanted: object) -> list[int]:
    with store.read() as session:
        return [view.id for view in repository.search(session, AlertFilter(**wanted))]  # type: ignore[arg-type]


def test_the_best_comes_first(store: Store, desk: dict[str, int]) -> None:
    with store.read() as session:
        ranked = repository.search(session, AlertFilter())
    assert [view.score for view in ranked] == sorted((view.score for view in ranked), reverse=True)
    assert all(sum(view.parts.values()) == view.score for view in ranked)
    assert ranked[0].id == desk["clash"]


def test_a_region_holds_all_below_it_and_nothing_beside(store: Store, desk: dict[str, int]) -> None:
    with store.write() as session:
        other = add_alert(session, replace(CLASH, regions=["63.030"], headline="Kode yang mirip"))
    south = {desk[name] for name in ("clash", "neutrality", "hoax", "logistics")}
    assert set(found(store, region="63")) == south | {other}
    assert found(store, region="63.03") == [desk["clash"]]
    assert found(store, region="63.03.05") == [desk["clash"]]
    assert found(store, region="63.03.06") == []
    assert found(store, region="64") == [desk["dismissed"]]
    assert found(store, region="63", within="64") == []
    assert found(store, within="63.71") == [desk["neutrality"]]


def test_the_other_filters(store: Store, desk: dict[str, int]) -> None:
    assert found(store, labels=["neutrality"]) == [desk["neutrality"]]
    assert set(found(store, labels=["election"])) == {desk["clash"], desk["neutrality"], desk["hoax"]}
    assert set(found(store, labels=["polarization", "logistics"])) == {
        desk["clash"], desk["dismissed"], desk["logistics"]
    }  # fmt: skip
    assert found(store, min_level=3) == [desk["clash"]]
    assert found(store, states=[AlertState.VERIFIED, AlertState.NOT_A_THREAT]) == [desk["logistics"], desk["dismissed"]]
    assert found(store, since=NOW - timedelta(hours=3)) == [desk["clash"]]
    assert found(store, until=NOW - timedelta(hours=20)) == [desk["dismissed"]]
    assert set(found(store, since=NOW - timedelta(hours=20), until=NOW - timedelta(hours=6))) == {
        desk["hoax"], desk["logistics"]
    }  # fmt: skip


def test_pages_meet_without_gap_or_double_also_at_equal_scores(store: Store) -> None:
    with store.write() as session:
        for n in range(12):
            add_alert(session, replace(CLASH, parts=parts(52 - n // 4, 0, 1, 1, 1), headline=str(n), reports=[]))
    seen: list[int] = []
    after: RankPosition | None = None
    while True:
        with store.read() as session:
            page = repository.search(session, AlertFilter(), after=after, limit=5)
        if not page:
            break
        seen += [view.id for view in page]
        after = page[-1].position
        with store.write() as session:  # a better one comes in between: it shifts nothing
            add_alert(session, replace(CLASH, parts=parts(52, 8, 12, 12, 10), headline="baru", reports=[]))
    assert len(seen) == len(set(seen)) == 12


def test_count_stops_where_it_is_told(store: Store, desk: dict[str, int]) -> None:
    with store.read() as session:
        assert repository.count(session, AlertFilter()) == len(desk)
        assert repository.count(session, AlertFilter(), at_most=2) == 2


def test_an_alert_shows_what_it_rests_on(store: Store, desk: dict[str, int]) -> None:
    with store.read() as session:
        view = repository.detail(session, desk["clash"])
    assert [item.outlet for item in view.items] == ["Harian Riam", "Kabar Banua Kita", "Warta Intan"]
    first = view.items[-1]
    assert [(v.version, v.title) for v in first.versions] == [(1, first.title), (2, first.title)]
    assert [first.text[e.start : e.end] for e in first.evidence] == [e.sentence for e in first.evidence]
    assert len(first.evidence) == 2
    assert first.labels == {"conflict": 0.94, "polarization": 0.61, "election": 0.97}
    assert [line.action for line in view.history] == ["opened"]


def test_what_lies_outside_the_readers_region_is_not_there(store: Store, desk: dict[str, int]) -> None:
    with store.read() as session:
        clash = repository.detail(session, desk["clash"], within="63")
        item_id, story_id = clash.items[0].id, clash.summary.story_id
        assert items.item(session, item_id, within="63.03").id == item_id
        assert items.story(session, story_id, within="63").alert_id == desk["clash"]
        for read in (
            lambda: repository.detail(session, desk["clash"], within="64"),
            lambda: items.item(session, item_id, within="64"),
            lambda: items.story(session, story_id, within="64"),
            lambda: repository.summary(session, 10**9),
            lambda: items.item(session, 10**9),
            lambda: items.story(session, 10**9),
        ):
            with pytest.raises(NotFoundError):
                read()


def test_a_story_is_read_in_pages(store: Store, desk: dict[str, int]) -> None:
    with store.read() as session:
        story_id = repository.summary(session, desk["clash"]).story_id
        first = items.of_story(session, story_id, limit=2)
        rest = items.of_story(session, story_id, before_id=first[-1].id, limit=2)
    assert (len(first), len(rest)) == (2, 1)
    assert {view.id for view in first}.isdisjoint(view.id for view in rest)


def test_coverage_counts_silent_sources_of_the_region(store: Store) -> None:
    with store.write() as session:
        add_source(session, "Satu")
        add_source(session, "Dua", heard=False, region="63.71")
        add_source(session, "Tiga", region="64")
        add_source(session, "Empat", heard=False, enabled=False)
    with store.read() as session:
        everywhere = repository.coverage(session, None, NOW)
        south = repository.coverage(session, "63", NOW)
    assert (everywhere.heard, everywhere.enabled, list(everywhere.silent)) == (2, 3, ["Dua"])
    assert (south.heard, south.enabled) == (1, 2)


def test_coverage_of_a_kabupaten_counts_the_sources_that_speak_for_it(store: Store) -> None:
    with store.write() as session:
        add_source(session, "Provinsi")
        add_source(session, "Nasional", region=None, heard=False)
        add_source(session, "Seberang", region="64")
    with store.read() as session:
        banjar = repository.coverage(session, "63.03", NOW)
        afar = repository.coverage(session, "61.01", NOW)
    assert (banjar.heard, banjar.enabled, banjar.regions) == (1, 1, {CoverageState.THIN: 1})
    assert (afar.heard, afar.enabled, list(afar.silent)) == (0, 1, ["Nasional"])  # nobody else speaks for it


def test_a_feed_whose_articles_are_all_refused_is_not_heard(store: Store) -> None:
    with store.write() as session:
        for source, states in (("Satu", ("blocked",) * 3), ("Dua", ("blocked", "done")), ("Tiga", ())):
            add_source(session, source)
            for number, state in enumerate(states):
                url = f"https://{source}.example/{number}"
                page = PageRow(source_id=source.lower(), url=url, url_key=url, seen_at=NOW, checked_at=NOW, state=state)
                session.add(page)
    with store.read() as session:
        assert list(repository.coverage(session, None, NOW).silent) == ["Satu"]
