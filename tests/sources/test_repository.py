"""A poll and its pages are one transaction; edits, repeats and the last thirty events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from waspada.items.policy import title_key, url_key
from waspada.sources import policy, repository, service
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
        for page in repository.waiting_pages(session, now, 500):
            repository.finish_page(session, page.id, PageState.DONE, now)


def waiting(store: Store, now: datetime = NOW) -> list[str]:
    with store.read() as session:
        return [page.url.rpartition("/")[2] for page in repository.waiting_pages(session, now, 500)]


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
            (page,) = repository.waiting_pages(session, now, 10)
            repository.retry_page(session, page.id, now, "the server answered 500")
        assert waiting(store, now) == []
    with store.read() as session:
        (failed,) = repository.failed_pages(session)
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
        first = repository.waiting_pages(session, NOW, 500)
        assert len(first) == 26
        assert repository.waiting_pages(session, NOW, 500, skip=[page.id for page in first]) == []
        assert session.query(PageRow).count() == 301
