"""A poll and its pages are one transaction; edits, repeats and the last thirty events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.rows import add_item
from waspada.items.policy import title_key, url_key
from waspada.sources import pages, policy, repository, service
from waspada.sources.types import Announcement, NewSource, PageState, PollOutcome, PollSaved, SourceState
from waspada.store.engine import Store, open_url
from waspada.store.tables import PageRow

NOW = datetime(2024, 11, 3, 8, 0, tzinfo=UTC)
OK = PollOutcome(SourceState.OK, http_status=200)


@pytest.fixture
def store() -> Iterator[Store]:
    store = open_url("sqlite://")
    with store.write() as session:
        for name in ("satu", "dua"):
            service.add_source(session, NewSource(url=f"https://{name}.example.com/feed", id=name), NOW)
    yield store
    store.close()


def entry(path: str, title: str, updated: datetime | None = None) -> Announcement:
    url = f"https://satu.example.com/{path}"
    return Announcement(url, url_key(url), title, title_key(title), updated_at=updated)


def poll(store: Store, *entries: Announcement, source: str = "satu", now: datetime = NOW) -> PollSaved:
    with store.write() as session:
        before = repository.enabled_sources(session, [source])[0].poll
        after = policy.next_poll(before, OK, now, 0.0)
        return repository.save_poll(session, source, after, OK, entries, now)


def finish_all(store: Store, now: datetime = NOW) -> None:
    with store.write() as session:
        for page in pages.waiting_pages(session, now, 500):
            pages.finish_page(session, page.id, PageState.DONE, now)


def waiting(store: Store, now: datetime = NOW) -> list[str]:
    with store.read() as session:
        return [page.url.rpartition("/")[2] for page in pages.waiting_pages(session, now, 500)]


def test_announced_pages_wait_in_the_order_they_were_published(store: Store) -> None:
    saved = poll(store, entry("c", "Ketiga"), entry("b", "Kedua"), entry("a", "Pertama"))
    assert len(saved.new) == 3
    assert waiting(store) == ["a", "b", "c"]


def test_nothing_is_announced_twice(store: Store) -> None:
    poll(store, entry("a", "Pertama"), entry("a", "Pertama"))
    saved = poll(store, entry("a", "Pertama"), now=NOW + timedelta(hours=1))
    assert (saved.new, saved.known, waiting(store)) == ((), 1, ["a"])


def test_the_same_title_is_one_article_for_a_week_within_one_source(store: Store) -> None:
    poll(store, entry("a", "Harga beras naik"))
    assert poll(store, entry("b", "HARGA BERAS NAIK!")).repeated == 1
    assert poll(store, entry("c", "Harga beras naik"), source="dua").repeated == 0
    assert poll(store, entry("d", "Harga beras naik"), now=NOW + timedelta(days=8)).repeated == 0


LOST = (PageState.FAILED, PageState.BLOCKED, PageState.SKIPPED)


def _end(store: Store, path: str, state: PageState, now: datetime = NOW) -> None:
    with store.write() as session:
        page_id = session.scalars(select(PageRow.id).where(PageRow.url.endswith(f"/{path}"))).one()
        pages.finish_page(session, page_id, state, now, "of this page")


@pytest.mark.parametrize("state", LOST)
def test_a_page_of_which_nothing_was_read_holds_no_title(store: Store, state: PageState) -> None:
    """A newsroom takes an article down, and publishes it again where it belongs."""
    poll(store, entry("salah", "Harga beras naik"))
    _end(store, "salah", state)
    assert len(poll(store, entry("benar", "Harga beras naik"), now=NOW + timedelta(hours=1)).new) == 1


@pytest.mark.parametrize("state", LOST)
def test_repeats_of_a_title_are_asked_for_one_by_one_until_one_is_read(store: Store, state: PageState) -> None:
    for path in ("a", "b", "c"):
        poll(store, entry(path, "Harga beras naik"))
    assert waiting(store) == ["a"]
    for ended, released in (("a", "b"), ("b", "c")):
        _end(store, ended, state)
        assert waiting(store) == [released]
    _end(store, "c", PageState.DONE)
    assert waiting(store) == []


def test_pages_without_an_article_do_not_ask_for_each_other_for_ever(store: Store) -> None:
    poll(store, entry("a", "Foto"), entry("b", "Foto"))
    for path in ("b", "a", "b", "a"):
        _end(store, path, PageState.SKIPPED)
    assert waiting(store) == []


def test_only_a_repeat_of_its_own_title_is_asked_for(store: Store) -> None:
    poll(store, entry("lama", "Harga beras naik"))
    poll(store, entry("ulangan", "Harga beras naik"))
    _end(store, "lama", PageState.DONE)
    later = NOW + timedelta(days=8)
    poll(store, entry("baru", "Harga beras naik"), now=later)
    _end(store, "baru", PageState.FAILED, later)
    assert waiting(store, later) == []


def test_an_article_that_was_read_keeps_its_title_when_it_is_gone(store: Store) -> None:
    poll(store, entry("a", "Harga beras naik"))
    with store.write() as session:
        session.scalars(select(PageRow)).one().item_id = add_item(session, source="satu")
    poll(store, entry("b", "Harga beras naik"))
    _end(store, "a", PageState.FAILED)
    assert waiting(store) == []
    assert poll(store, entry("c", "Harga beras naik")).repeated == 1


def test_an_edited_title_puts_the_page_back_and_only_its_own_source_is_heard(store: Store) -> None:
    poll(store, entry("a", "Judul"))
    finish_all(store)
    later = NOW + timedelta(hours=1)
    poll(store, entry("a", "Judul versi lain"), source="dua", now=later)
    assert waiting(store, later) == []
    assert len(poll(store, entry("a", "Judul diperbaiki"), now=later).edited) == 1
    assert waiting(store, later) == ["a"]


def test_a_newer_update_time_puts_the_page_back_once(store: Store) -> None:
    poll(store, entry("a", "Judul", NOW))
    finish_all(store)
    later = NOW + timedelta(hours=2)
    edited = entry("a", "Judul", NOW + timedelta(hours=1))
    poll(store, edited, now=later)
    assert waiting(store, later) == ["a"]
    finish_all(store, later)
    poll(store, edited, now=later + timedelta(hours=1))
    assert waiting(store, later + timedelta(hours=1)) == []


def test_a_failing_page_is_kept_as_failed_with_its_reason(store: Store) -> None:
    poll(store, entry("a", "Judul"))
    now = NOW
    for _ in range(policy.MAX_PAGE_ATTEMPTS):
        now += timedelta(hours=2)
        with store.write() as session:
            (page,) = pages.waiting_pages(session, now, 10)
            pages.retry_page(session, page.id, now, "the server answered 500")
        assert waiting(store, now) == []
    with store.read() as session:
        (failed,) = pages.failed_pages(session)
    assert (failed.attempts, failed.detail) == (5, "the server answered 500")
    assert waiting(store, now + timedelta(days=30)) == []


def test_the_last_thirty_events_are_kept(store: Store) -> None:
    for hour in range(40):
        poll(store, now=NOW + timedelta(hours=hour))
    with store.read() as session:
        events = repository.events(session, "satu")
    assert len(events) == 30
    assert events[0].at == NOW + timedelta(hours=39)


def test_a_poll_that_fails_half_way_leaves_nothing(store: Store) -> None:
    def broken() -> None:
        with store.write() as session:
            before = repository.enabled_sources(session, ["satu"])[0].poll
            after = policy.next_poll(before, OK, NOW, 0.0)
            repository.save_poll(session, "satu", after, OK, [entry("a", "Judul")], NOW)
            raise RuntimeError("killed here")

    with pytest.raises(RuntimeError, match="killed here"):
        broken()
    assert waiting(store) == []
    with store.read() as session:
        assert repository.enabled_sources(session, ["satu"])[0].poll.state is SourceState.NEW


def test_a_site_with_thousands_waiting_keeps_nobody_else_waiting(store: Store) -> None:
    poll(store, *(entry(f"a{n}", f"Judul {n}") for n in range(300)))
    poll(store, entry("z", "Judul lain sama sekali"), source="dua")
    assert "z" in waiting(store)[:2]
    with store.read() as session:
        first = pages.waiting_pages(session, NOW, 500)
        assert len(first) == 26
        assert pages.waiting_pages(session, NOW, 500, skip=[page.id for page in first]) == []
        assert session.query(PageRow).count() == 301


def test_the_usual_hours_of_a_source_are_kept(store: Store) -> None:
    published = tuple(NOW - timedelta(hours=hour) for hour in range(20))
    outcome = PollOutcome(SourceState.OK, http_status=200, entries=20, published=published)
    _poll_as(store, outcome, NOW)
    with store.read() as session:
        kept = repository.enabled_sources(session, ["satu"])[0].poll.usual_hours
    assert sum(kept.hours) == 20.0
    assert kept.days == pytest.approx(19 / 24, abs=0.001)


def _poll_as(store: Store, outcome: PollOutcome, now: datetime) -> datetime:
    """Saves one poll; returns when the next one is due."""
    with store.write() as session:
        after = policy.next_poll(repository.enabled_sources(session, ["satu"])[0].poll, outcome, now, 0.0)
        repository.save_poll(session, "satu", after, outcome, [], now)
    return after.next_poll_at
