"""A second address of an article that is known is kept, and never asked for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.rows import NOW, add_item, add_source
from waspada.items.addresses import Address, read_address
from waspada.items.policy import title_key, url_key
from waspada.sources import pages, repository
from waspada.sources.types import Announcement, PageState, PollOutcome, PollSaved, SourceState
from waspada.store import Store
from waspada.store.tables import PageRow, SourceRow

ONE = "https://kabar.example.com/kalsel/read/7654321/tanggul-jebol-di-astambul"
AMP = "https://m.kabar.example.com/amp/kalsel/read/7654321/tanggul-jebol-di-astambul"
SECTION = "https://kabar.example.com/pilkada/read/7654321/tanggul-jebol-di-astambul"
SAME_NUMBER = "https://kabar.example.com/foto/7654321/lomba-perahu-hias-meriah"


def _announce(store: Store, source_id: str, *entries: tuple[str, str], outlet: str = "Kabar Uji") -> PollSaved:
    with store.write() as session:
        add_source(session, source_id, outlet=outlet)
        (source,) = repository.enabled_sources(session, [source_id])
        announced = [Announcement(url, url_key(url), title, title_key(title)) for url, title in entries]
        return repository.save_poll(
            session, source_id, source.poll, PollOutcome(SourceState.OK, entries=1), announced, NOW
        )


def _states(store: Store) -> dict[str, str]:
    with store.read() as session:
        return {page.url: page.state for page in session.scalars(select(PageRow))}


def _page_id(store: Store, url: str) -> int:
    with store.read() as session:
        return session.scalars(select(PageRow.id).where(PageRow.url == url)).one()


@pytest.mark.parametrize("second", [AMP, SECTION, ONE.replace("https", "http"), f"{ONE}?page=2"])
@pytest.mark.parametrize("source", ["kabar", "kabar-pilkada"])
def test_second_address_waits_for_nothing(store: Store, second: str, source: str) -> None:
    _announce(store, "kabar", (ONE, "Tanggul jebol"))
    saved = _announce(store, source, (second, "Tanggul di Astambul jebol"))
    assert (len(saved.new), saved.repeated) == (0, 1)
    assert _states(store) == {ONE: "waiting", second: "skipped"}
    again = _announce(store, source, (second, "Judul yang disunting lagi"))
    assert (again.new, again.known) == ((), 1)
    assert _states(store)[second] == "skipped"


def test_of_two_addresses_in_one_feed_the_plain_one_is_read(store: Store) -> None:
    _announce(store, "kabar", (ONE, "Tanggul jebol"), (AMP, "Tanggul jebol di Astambul"))
    assert _states(store) == {ONE: "waiting", AMP: "skipped"}


def test_the_same_number_with_other_words_is_read(store: Store) -> None:
    _announce(store, "kabar", (ONE, "Tanggul jebol"), (SAME_NUMBER, "Lomba perahu"))
    assert set(_states(store).values()) == {"waiting"}


def test_the_same_headline_in_two_addresses_without_a_number_is_read_twice(store: Store) -> None:
    section = "https://kabar.example.com/{}/prakiraan-cuaca-hari-ini-di-kota"
    _announce(store, "kabar", (section.format("barabai"), "Prakiraan cuaca"))
    _announce(store, "kabar-2", (section.format("kandangan"), "Prakiraan cuaca"))
    assert set(_states(store).values()) == {"waiting"}


def test_the_same_number_and_title_in_another_feed_is_not_read(store: Store) -> None:
    _announce(store, "kabar", (ONE, "Tanggul jebol"))
    _announce(store, "kabar-2", ("https://kabar.example.com/foto/7654321/galeri", "Tanggul jebol"))
    assert sorted(_states(store).values()) == ["skipped", "waiting"]


@pytest.mark.parametrize("title", ["Tanggul jebol", "Tanggul jebol di Astambul"])
@pytest.mark.parametrize("state", [PageState.BLOCKED, PageState.SKIPPED, PageState.FAILED])
def test_when_the_first_cannot_be_had_the_second_is_asked_for(store: Store, state: PageState, title: str) -> None:
    _announce(store, "kabar", (ONE, "Tanggul jebol"), (AMP, title))
    page_id = _page_id(store, ONE)
    with store.write() as session:
        if state is not PageState.FAILED:
            pages.finish_page(session, page_id, state, NOW, "paywall")
        else:
            for attempt in range(9):
                pages.retry_page(session, page_id, NOW + timedelta(days=attempt), "the server answered 500")
    assert _states(store) == {ONE: state.value, AMP: "waiting"}


def test_two_pages_that_are_no_articles_do_not_ask_for_each_other_for_ever(store: Store) -> None:
    _announce(store, "kabar", (ONE, "Tanggul jebol"), (AMP, "Tanggul jebol"))
    for url in (ONE, AMP):
        with store.write() as session:
            pages.finish_page(session, _page_id(store, url), PageState.SKIPPED, NOW, "no article")
    assert _states(store) == {ONE: "skipped", AMP: "skipped"}


def test_an_address_that_was_refused_before_keeps_no_other_away(store: Store) -> None:
    _announce(store, "kabar", (ONE, "Tanggul jebol"))
    with store.write() as session:
        pages.finish_page(session, session.scalars(select(PageRow.id)).one(), PageState.FAILED, NOW, "gone")
    _announce(store, "kabar", (AMP, "Tanggul jebol di Astambul"))
    assert _states(store) == {ONE: "failed", AMP: "waiting"}


def test_a_page_that_is_gone_meanwhile_is_no_fault(store: Store) -> None:
    with store.write() as session:
        pages.finish_page(session, 4711, PageState.FAILED, NOW)
        pages.finish_with_item(session, 4711, 1, NOW)


RETITLED = "https://kabar.example.com/kalsel/read/7654321/tanggul-diperbaiki-di-astambul"


def _read(store: Store, url: str, item_id: int, *, brought_version: bool = False) -> None:
    with store.write() as session:
        pages.finish_with_item(session, _page_id(store, url), item_id, NOW, brought_version=brought_version)


@pytest.mark.parametrize(
    ("second", "brought_version", "owner"),
    [(RETITLED, True, RETITLED), (RETITLED, False, ONE), (f"{RETITLED}/amp", True, ONE)],
)
def test_edits_are_read_where_the_newest_wording_stands(
    store: Store, second: str, brought_version: bool, owner: str
) -> None:
    with store.write() as session:
        item_id = add_item(session, url=ONE)
    _announce(store, "kabar", (ONE, "Tanggul jebol"))
    _read(store, ONE, item_id)
    _announce(store, "kabar", (second, "Tanggul diperbaiki"))
    _read(store, second, item_id, brought_version=brought_version)
    alias = second if owner == ONE else ONE
    assert _states(store) == {owner: "done", alias: "skipped"}
    for number, url in enumerate((alias, owner, alias)):
        edited = _announce(store, "kabar", (url, f"Tanggul dijaga {number}")).edited
        assert (len(edited), _states(store)) == (1, {owner: "waiting", alias: "skipped"})
        _read(store, owner, item_id, brought_version=True)
    assert _states(store) == {owner: "done", alias: "skipped"}


@pytest.mark.parametrize("second", [AMP, SECTION])
def test_an_edit_told_at_an_address_that_was_never_read_is_read(store: Store, second: str) -> None:
    with store.write() as session:
        item_id = add_item(session, url=ONE)
    _announce(store, "kabar", (ONE, "Tanggul jebol"))
    _read(store, ONE, item_id)
    _announce(store, "kabar", (second, "Tanggul di Astambul jebol"))
    _announce(store, "kabar", (second, "Tanggul di Astambul sudah ditutup"))
    assert _states(store) == {ONE: "waiting", second: "skipped"}


@pytest.mark.parametrize("title", ["Tanggul jebol", "Tanggul jebol di Astambul"])
def test_a_plain_address_is_read_where_only_a_variant_was(store: Store, title: str) -> None:
    with store.write() as session:
        item_id = add_item(session, url=AMP)
    _announce(store, "kabar", (AMP, "Tanggul jebol"))
    _read(store, AMP, item_id)
    _announce(store, "kabar", (ONE, title))
    assert _states(store) == {AMP: "done", ONE: "waiting"}
    _read(store, ONE, item_id)
    assert _states(store) == {AMP: "skipped", ONE: "done"}


@pytest.mark.parametrize("switched_off", [True, False])
def test_a_page_that_is_never_fetched_hides_no_other(store: Store, switched_off: bool) -> None:
    _announce(store, "kabar", (ONE, "Tanggul jebol"))
    with store.write() as session:
        if switched_off:
            session.get_one(SourceRow, "kabar").enabled = False
        else:
            session.get_one(PageRow, _page_id(store, ONE)).backfill_id = 1
    _announce(store, "kabar-2", (SECTION, "Tanggul di Astambul jebol"))
    assert _states(store)[SECTION] == "waiting"


def test_two_outlets_of_one_domain_number_their_articles_apart(store: Store) -> None:
    _announce(store, "kabar", (ONE, "Tanggul jebol"))
    _announce(store, "warta", (SECTION, "Tanggul jebol"), outlet="Warta Uji")
    assert set(_states(store).values()) == {"waiting"}


def test_thousands_of_entries_under_one_number_are_no_thousands_of_pairs(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def counted(url: str) -> Address | None:
        read.append(url)
        return read_address(url)

    monkeypatch.setattr("waspada.sources.announcements.read_address", counted)
    for part in range(2):
        entries = [(f"https://kabar.example.com/123456/x-{part}-{n}", f"Judul {part} {n}") for n in range(1_000)]
        assert len(_announce(store, "kabar", *entries).new) == 1_000
    assert len(read) < 2_100
