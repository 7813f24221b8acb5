"""The SQL of health and coverage, on both databases: hours with a voice, mentions of regions, notices."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Event, get_ident

import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session

from tests.jobs.tiny import TinyTagger, add_sources, campaign
from tests.rows import add_item, add_source
from tests.sources.health_rows import DAY, HOUR, NOW, daily
from waspada.errors import ConflictError
from waspada.items.policy import url_key
from waspada.items.service import store_item
from waspada.jobs.rank import RankingData
from waspada.jobs.tag import BATCH_ITEMS
from waspada.jobs.taggers import Taggers
from waspada.jobs.watch import watch_sources
from waspada.jobs.worker import work
from waspada.places import Place
from waspada.settings import load_settings
from waspada.sources import hearing, policy, repository, service
from waspada.sources.coverage import regions_in
from waspada.sources.health import LOOK_BACK
from waspada.sources.types import (
    Announcement,
    CoverageState,
    HealthState,
    Mentions,
    NewSource,
    NoticeKind,
    PageState,
    PollOutcome,
    RegionCoverage,
    SourceHealth,
    SourceState,
)
from waspada.store import Store
from waspada.store.tables import PageRow, SourceHealthRow, SourceRow
from waspada.taxonomy import ItemText, Tags

LISTENING = {
    "added_at": NOW - 90 * DAY,
    "last_poll_at": NOW - HOUR,
    "last_success_at": NOW - HOUR,
    "next_poll_at": NOW + 30 * DAY,
    "state": "ok",
}


def said(session: Session, source: str, published: datetime | None, found: datetime | None = None, *places: str) -> int:
    url = f"https://{source}.example/{published}/{found}/{places}"
    return add_item(
        session,
        source=source,
        url=url,
        published_at=published,
        found_at=found or published,
        places=places,
        stage="grouped",
    )


def judged(store: Store, now: datetime = NOW) -> dict[str, SourceHealth]:
    with store.read() as session:
        return {found.source.id: found for found in service.healths(session, now)}


def covered(store: Store, region: str, now: datetime = NOW) -> dict[str, RegionCoverage]:
    with store.read() as session:
        found = service.healths(session, now)
        return {
            one.region.code: one for one in service.coverages(session, found, regions_in(region), now, within=region)
        }


def test_an_item_counts_when_it_was_published_or_found_if_that_is_earlier(store: Store) -> None:
    with store.write() as session:
        add_source(session, "satu")
        said(session, "satu", NOW - 5 * HOUR, NOW - 3 * HOUR)
        said(session, "satu", NOW - 5 * HOUR - timedelta(minutes=10), NOW - 5 * HOUR)  # the hour before
        said(session, "satu", None, NOW - 9 * HOUR)  # nothing known but the find
        said(session, "satu", NOW + 8 * HOUR, NOW - 12 * HOUR)  # a clock that is ahead
        said(session, "satu", NOW - 400 * DAY, NOW - HOUR)  # published again
        said(session, "satu", NOW - 57 * DAY, NOW - 57 * DAY)
    with store.read() as session:
        (facts,) = hearing.facts(session, NOW - LOOK_BACK, NOW)
    found = sorted(facts.hours, key=lambda hour: hour.number)
    first = int(NOW.timestamp()) // 3600
    assert [(hour.number - first, hour.items, hour.last_at, hour.least_lag) for hour in found] == [
        (-12, 1, NOW - 12 * HOUR, timedelta(0)),
        (-9, 1, NOW - 9 * HOUR, timedelta(0)),
        (-6, 1, NOW - 5 * HOUR - timedelta(minutes=10), timedelta(minutes=10)),
        (-5, 1, NOW - 5 * HOUR, 2 * HOUR),
    ]


def test_items_of_one_hour_are_one_voice(store: Store) -> None:
    with store.write() as session:
        add_source(session, "satu")
        for minute in (1, 20, 59):
            said(session, "satu", NOW - HOUR + timedelta(minutes=minute), NOW)
    with store.read() as session:
        (facts,) = hearing.facts(session, NOW - LOOK_BACK, NOW)
    (hour,) = facts.hours
    assert (hour.items, hour.last_at, hour.least_lag) == (3, NOW - timedelta(minutes=1), timedelta(minutes=1))


def test_health_of_many_sources_is_a_few_statements(store: Store) -> None:
    with store.write() as session:
        for number in range(12):
            add_source(session, f"sumber-{number}", **LISTENING)
            said(session, f"sumber-{number}", NOW - DAY, NOW - DAY, "63.03")
    statements: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    assert len(judged(store)) == 12
    assert len([one for one in statements if one.startswith("SELECT")]) == 3
    covered(store, "63")
    assert len([one for one in statements if one.startswith("SELECT")]) == 8


def test_an_hour_ends_when_it_ends(store: Store) -> None:
    """Half a second before the full hour is not yet the next one, on both databases."""
    with store.write() as session:
        add_source(session, "satu")
        said(session, "satu", NOW - HOUR - timedelta(milliseconds=400))
    with store.read() as session:
        (facts,) = hearing.facts(session, NOW - LOOK_BACK, NOW)
    assert [hour.number for hour in facts.hours] == [int(NOW.timestamp()) // 3600 - 2]


def test_only_enabled_sources_or_those_asked_for(store: Store) -> None:
    with store.write() as session:
        add_source(session, "nyala")
        add_source(session, "padam", enabled=False)
        said(session, "padam", NOW - HOUR)
    assert set(judged(store)) == {"nyala"}
    with store.read() as session:
        (off,) = service.healths(session, NOW, ["padam"])
    assert (off.state, off.last_at) == (HealthState.OFF, NOW - HOUR)


def test_mentions_count_each_item_once_a_region(store: Store) -> None:
    with store.write() as session:
        add_source(session, "satu")
        add_source(session, "dua", region="63.71")
        said(session, "satu", NOW - DAY, NOW - DAY, "63.03", "63.03.05", "63.71")
        said(session, "satu", NOW - 10 * DAY, NOW - 10 * DAY, "63.03.05")
        said(session, "dua", NOW - 2 * DAY, NOW - 2 * DAY, "63.03")
        said(session, "dua", NOW - 30 * DAY, NOW - 30 * DAY, "63.03")  # too long ago
        said(session, "dua", NOW - 30 * DAY, NOW - DAY, "63.03")  # published long ago, found yesterday
        said(session, "dua", NOW - DAY, NOW - DAY, "63")  # only the province
        said(session, "dua", NOW - DAY, NOW - DAY, "62.01")
    with store.read() as session:
        found = hearing.mentions(session, NOW - 28 * DAY, NOW - 7 * DAY, 5, "63")
        deep = hearing.mentions(session, NOW - 28 * DAY, NOW - 7 * DAY, 8, "63.03.05")
        everywhere = hearing.mentions(session, NOW - 28 * DAY, NOW - 7 * DAY, 5)
    assert found == {
        "63.03": {"satu": Mentions(1, 2, NOW - DAY), "dua": Mentions(1, 1, NOW - 2 * DAY)},
        "63.71": {"satu": Mentions(1, 1, NOW - DAY)},
    }
    assert deep == {"63.03.05": {"satu": Mentions(1, 2, NOW - DAY)}}
    assert set(everywhere) == {"62.01", "63.03", "63.71"}


def _two_months(session: Session, source: str, until: datetime, *places: str) -> None:
    for moment in daily(until, 50, 1, 4, 7):
        said(session, source, moment, moment, *places)


def test_coverage_of_a_province(store: Store) -> None:
    with store.write() as session:
        add_source(session, "banua", **LISTENING)
        add_source(session, "hulu", region="63.07", **LISTENING)
        add_source(session, "nusa", region=None, **LISTENING)
        add_source(session, "seberang", region="62", **LISTENING)
        _two_months(session, "banua", NOW, "63.03")
        _two_months(session, "hulu", NOW - 9 * DAY, "63.07")
        _two_months(session, "nusa", NOW)
        said(session, "seberang", NOW - DAY, NOW - DAY, "63.03")
    found = covered(store, "63")
    assert len(found) == 13
    assert found["63.03"].state is CoverageState.COVERED
    assert [one.health.source.id for one in found["63.03"].sources] == ["banua", "seberang", "nusa"]
    assert found["63.07"].items_28_days > found["63.07"].items_7_days == 0
    assert found["63.07"].state is CoverageState.THIN  # the one that spoke of it is silent; the others never did
    assert found["63.02"].state is CoverageState.THIN
    assert covered(store, "62.01")["62.01"].state is CoverageState.THIN
    assert covered(store, "61.01")["61.01"].state is CoverageState.THIN  # only the national one
    with store.write() as session:
        polled = update(SourceRow).where(SourceRow.id.in_(["banua", "nusa"]))
        session.execute(polled.values(last_poll_at=NOW + 20 * DAY, last_success_at=NOW + 20 * DAY))
    later = covered(store, "63", NOW + 20 * DAY)
    assert later["63.03"].state is CoverageState.SILENT


def test_a_hashtag_does_not_make_a_region_well_heard(store: Store) -> None:
    with store.write() as session:
        add_source(session, "tagar", kind="mastodon", role="post", region="63.03", **LISTENING)
        add_source(session, "nusa", region=None, **LISTENING)
        _two_months(session, "tagar", NOW, "63.03")
        _two_months(session, "nusa", NOW)
    assert covered(store, "63.03")["63.03"].state is CoverageState.THIN
    watch_sources(store, NOW)
    assert covered(store, "63.03", NOW + HOUR / 2)["63.03"].state is CoverageState.THIN


def test_a_store_without_sources_covers_nothing(store: Store) -> None:
    assert {one.state for one in covered(store, "63").values()} == {CoverageState.NONE}
    with store.read() as session:
        no_regions: list[Place] = []
        assert service.coverages(session, [], no_regions, NOW) == []


def test_what_the_watch_found_is_kept_for_all_who_ask(store: Store) -> None:
    with store.write() as session:
        add_source(session, "banua", **LISTENING)
        add_source(session, "hulu", region="63.07", **LISTENING)
        add_source(session, "padam", **LISTENING)
        _two_months(session, "banua", NOW, "63.03")
        _two_months(session, "hulu", NOW - 9 * DAY, "63.07")
    before = judged(store), covered(store, "63")
    watch_sources(store, NOW)
    assert (judged(store), covered(store, "63")) == before
    with store.write() as session:
        said(session, "hulu", NOW, NOW, "63.07")
        service.set_enabled(session, "padam", False)
        add_source(session, "baru")
    soon, later = judged(store, NOW + HOUR), judged(store, NOW + 3 * HOUR)
    assert (soon["hulu"].state, later["hulu"].state) == (HealthState.SILENT, HealthState.SPEAKING)
    assert soon["baru"].state is HealthState.NEW  # not known to the look: judged now
    assert "padam" not in soon
    assert covered(store, "63", NOW + HOUR)["63.07"].items_7_days == 0
    assert covered(store, "63", NOW + 3 * HOUR)["63.07"].items_7_days == 1
    watch_sources(store, NOW + 3 * HOUR)
    assert covered(store, "63", NOW + 3 * HOUR)["63.07"].items_7_days == 1


def test_a_poll_after_the_look_overtakes_what_it_found(store: Store) -> None:
    """The service looks when it starts: at sources that nobody asked yet, or for days."""
    with store.write() as session:
        add_source(session, "baru")
        add_source(session, "lama", **{**LISTENING, "last_poll_at": NOW - 4 * DAY, "last_success_at": NOW - 4 * DAY})
        _two_months(session, "lama", NOW)
    watch_sources(store, NOW)
    assert [found.state for found in judged(store).values()] == [HealthState.NEW, HealthState.BROKEN]
    for source in ("baru", "lama"):
        _poll(store, source, NOW + HOUR / 6, _listed(source, NOW))
    soon = judged(store, NOW + HOUR / 2)
    assert [found.state for found in soon.values()] == [HealthState.UNKNOWN, HealthState.SPEAKING]


def test_what_is_parked_or_freed_after_the_look_is_so_at_once(store: Store) -> None:
    with store.write() as session:
        add_source(session, "diparkir", **LISTENING)
        add_source(session, "dilepas", **LISTENING, parked=True)
    watch_sources(store, NOW)
    with store.write() as session:
        session.get_one(SourceRow, "diparkir").parked = True
        session.get_one(SourceRow, "dilepas").parked = False
    found = judged(store, NOW + HOUR / 2)
    assert (found["diparkir"].state, found["dilepas"].state) == (HealthState.PARKED, HealthState.SILENT)


REFUSED, READ, NO_ARTICLE = PageState.BLOCKED, PageState.DONE, PageState.SKIPPED


@pytest.mark.parametrize(
    ("pages", "from_a_backfill", "is_blocked"),
    [
        ([REFUSED] * 3, False, True),
        ([REFUSED] * 2, False, False),  # a bulletin with an article for its subscribers
        ([REFUSED] * 3, True, False),  # an archive behind a paywall says nothing of the news
        ([REFUSED] * 3 + [READ], False, False),
        ([REFUSED] * 3 + [NO_ARTICLE], False, False),
        ([READ], False, False),
    ],
)
def test_a_source_whose_articles_are_all_refused(
    store: Store, pages: list[PageState], from_a_backfill: bool, is_blocked: bool
) -> None:
    with store.write() as session:
        add_source(session, "kabar", **LISTENING)
        for number, state in enumerate(pages):
            session.add(_page("kabar", number, state, NOW - HOUR, backfill_id=1 if from_a_backfill else None))
        session.add(_page("kabar", 98, READ, NOW - 25 * HOUR))
    assert (judged(store)["kabar"].state is HealthState.BLOCKED) is is_blocked


def _page(source: str, number: int, state: PageState, checked_at: datetime, **given: object) -> PageRow:
    url = f"https://{source}.example/{number}"
    return PageRow(
        source_id=source, url=url, url_key=url_key(url), state=state.value, seen_at=checked_at, checked_at=checked_at,
        **given,
    )  # fmt: skip


def _listed(key: str, published: datetime | None) -> Announcement:
    return Announcement(f"https://kabar.example/{key}", key, key.title(), key, published_at=published)


def _poll(store: Store, source: str, now: datetime, *entries: Announcement) -> datetime | None:
    """Saves a poll with these entries; returns when the newest entry of the source was said."""
    outcome = PollOutcome(SourceState.OK, http_status=200, entries=len(entries))
    with store.write() as session:
        (found,) = repository.enabled_sources(session, [source])
        repository.save_poll(session, source, policy.next_poll(found.poll, outcome, now, 0.0), outcome, entries, now)
    with store.read() as session:
        return session.get_one(SourceRow, source).newest_entry_at


def test_the_newest_entry_of_a_poll_is_kept_also_of_what_is_known(store: Store) -> None:
    with store.write() as session:
        add_source(session, "nasional", region=None)
        add_source(session, "daerah")
    old, news = _listed("lama", NOW - DAY), _listed("baru", NOW - HOUR)
    assert _poll(store, "nasional", NOW, old, news) == NOW - HOUR
    assert _poll(store, "daerah", NOW, old) == NOW - DAY
    assert _poll(store, "daerah", NOW, old, news) == NOW - HOUR
    assert _poll(store, "daerah", NOW + HOUR) == NOW - HOUR
    assert judged(store, NOW + HOUR)["daerah"].last_at == NOW - HOUR


def test_a_feed_that_dates_its_entries_anew_does_not_speak(store: Store) -> None:
    with store.write() as session:
        add_source(session, "cap-waktu")
    assert _poll(store, "cap-waktu", NOW, _listed("satu", NOW + DAY), _listed("dua", None)) == NOW
    later = NOW + 5 * HOUR
    assert _poll(store, "cap-waktu", later, _listed("satu", later), _listed("dua", None)) == NOW


def _notices(store: Store, source: str) -> list[tuple[str, datetime]]:
    with store.read() as session:
        return [
            (line.outcome, line.at) for line in repository.events(session, source) if line.outcome in list(NoticeKind)
        ]


def test_a_silence_is_told_once_also_after_a_restart(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    with store.write() as session:
        add_source(session, "sepi", **LISTENING)
        add_source(session, "ramai", **LISTENING)
        _two_months(session, "sepi", NOW - 9 * DAY)
        _two_months(session, "ramai", NOW)
    with caplog.at_level(logging.WARNING, "waspada.sources"):
        for hour in range(3):
            watch_sources(store, NOW + hour * HOUR)
    assert [record.getMessage().partition(" for")[0] for record in caplog.records] == [
        "source sepi is silent: nothing new"
    ]
    assert _notices(store, "sepi") == [("silent", NOW)]
    assert _notices(store, "ramai") == []


def test_a_source_that_spoke_again_may_fall_silent_again(store: Store) -> None:
    with store.write() as session:
        add_source(session, "sepi", **LISTENING)
        _two_months(session, "sepi", NOW - 9 * DAY)
    watch_sources(store, NOW)
    with store.write() as session:
        said(session, "sepi", NOW + HOUR)
    assert list(watch_sources(store, NOW + 2 * HOUR)) == []
    with store.write() as session:
        row = session.get_one(SourceRow, "sepi")
        row.last_poll_at = row.last_success_at = NOW + 12 * DAY
    assert [notice.kind for notice in watch_sources(store, NOW + 12 * DAY)] == [NoticeKind.SILENT]
    assert len(_notices(store, "sepi")) == 2


def test_polls_do_not_push_a_notice_out(store: Store) -> None:
    with store.write() as session:
        add_source(session, "sepi", **LISTENING)
        _two_months(session, "sepi", NOW - 9 * DAY)
    watch_sources(store, NOW)
    outcome = PollOutcome(SourceState.UNCHANGED, http_status=304)
    for poll in range(policy.KEPT_EVENTS + 5):
        now = NOW + poll * HOUR / 6
        with store.write() as session:
            before = repository.enabled_sources(session)[0].poll
            repository.save_poll(session, "sepi", policy.next_poll(before, outcome, now, 0.0), outcome, [], now)
    assert list(watch_sources(store, NOW + 7 * HOUR)) == []
    with store.read() as session:
        assert len(repository.events(session, "sepi")) == policy.KEPT_EVENTS + 1


def test_nothing_is_told_of_sources_while_the_desk_is_cut_off(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    failing = {**LISTENING, "state": "broken", "last_success_at": NOW - 2 * DAY, "added_at": NOW - 5 * DAY}
    with store.write() as session:
        for name in ("satu", "dua", "tiga"):
            add_source(session, name, **failing)
    with caplog.at_level(logging.WARNING, "waspada.sources"):
        assert list(watch_sources(store, NOW)) == []
    assert "own connection" in caplog.text
    with store.write() as session:
        session.get_one(SourceRow, "satu").last_success_at = NOW - HOUR
    assert [notice.kind for notice in watch_sources(store, NOW)] == [NoticeKind.FAILING] * 2
    assert list(watch_sources(store, NOW + HOUR)) == []


def test_a_source_that_is_not_asked_is_told_once_others_were_for_an_hour(store: Store) -> None:
    """As of an hour after a pause; before that, everybody waits for his turn."""
    given = {**LISTENING, "added_at": NOW - 10 * DAY}
    with store.write() as session:
        add_source(session, "ditanya", **given)
        add_source(session, "dilupakan", **{**given, "last_poll_at": NOW - 5 * DAY, "last_success_at": NOW - 5 * DAY})
    _poll(store, "ditanya", NOW)
    assert list(watch_sources(store, NOW + HOUR / 2)) == []
    for _ in range(2):
        told = watch_sources(store, NOW + HOUR)
    assert list(told) == []
    assert _notices(store, "dilupakan") == [("failing", NOW + HOUR)]
    assert _notices(store, "ditanya") == []


def test_parking_is_told_once_until_the_source_comes_back(store: Store) -> None:
    with store.write() as session:
        add_source(session, "rusak", **{**LISTENING, "parked": True, "state": "broken"})
    assert [notice.kind for notice in watch_sources(store, NOW)] == [NoticeKind.PARKED]
    assert list(watch_sources(store, NOW + DAY)) == []
    with store.write() as session:
        row = session.get_one(SourceRow, "rusak")
        row.last_success_at, row.parked = NOW + 2 * DAY, True  # it came back, and was parked again
    assert [notice.kind for notice in watch_sources(store, NOW + 3 * DAY)] == [NoticeKind.PARKED]


def test_the_address_of_the_health_table_is_no_source(store: Store) -> None:
    with store.write() as session:
        with pytest.raises(ConflictError, match="taken"):
            service.add_source(session, NewSource(url="https://a.example/feed", id="health"), NOW)
        assert service.add_source(session, NewSource(url="https://b.example/feed", name="Health"), NOW) == "health-2"


class OneRound(Event):
    """Stops the worker when it has nothing left to do; what runs beside it waits for that."""

    def __init__(self) -> None:
        super().__init__()
        self._worker = get_ident()

    def wait(self, timeout: float | None = None) -> bool:
        if get_ident() != self._worker:
            return super().wait(timeout)
        self.set()
        return True


def _reading(store: Store, tagger: TinyTagger) -> Taggers:
    return Taggers(store, load_settings(), tagger, lambda _path: tagger)


def test_the_worker_of_a_running_service_looks_after_the_sources(store: Store) -> None:
    with store.write() as session:
        add_source(session, "sepi", **LISTENING)
        _two_months(session, "sepi", NOW - 9 * DAY)
    work(store, _reading(store, TinyTagger()), RankingData.load(load_settings()), OneRound(), clock=lambda: NOW)
    assert _notices(store, "sepi") == [("silent", NOW)]


class SlowTagger(TinyTagger):
    """Takes an hour and a half for a batch, and notes when the sources were last looked at."""

    def __init__(self, store: Store) -> None:
        self.now = NOW
        self.looks: list[datetime | None] = []
        self._store = store

    def classify(self, items: Sequence[ItemText]) -> list[Tags]:
        with self._store.read() as session:
            self.looks.append(session.scalar(select(func.max(SourceHealthRow.at))))
        self.now += 1.5 * HOUR
        return super().classify(items)


def test_a_backlog_keeps_no_source_from_being_watched(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("waspada.jobs.pipeline.ROUND_ROWS", 1)
    with store.write() as session:
        add_sources(session)
        for one in campaign(3 * BATCH_ITEMS):
            store_item(session, one, NOW)
    tagger = SlowTagger(store)
    work(store, _reading(store, tagger), RankingData.load(load_settings()), OneRound(), clock=lambda: tagger.now)
    assert tagger.looks == [None, NOW + 1.5 * HOUR, NOW + 3 * HOUR]
