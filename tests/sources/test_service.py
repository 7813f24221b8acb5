"""Adding sources, the shipped list, and OPML in and out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.sources import opml, outlets, policy, service
from waspada.sources.types import Fault, NewSource, PollOutcome, SourceKind, SourceRole, SourceState
from waspada.store.engine import Store, open_url
from waspada.store.tables import SourceRow

NOW = datetime(2024, 11, 3, 8, 0, tzinfo=UTC)


@pytest.fixture
def store() -> Iterator[Store]:
    store = open_url("sqlite://")
    yield store
    store.close()


def rows(store: Store) -> dict[str, SourceRow]:
    with store.read() as session:
        return {row.id: row for row in service.list_sources(session)}


def add(store: Store, new: NewSource) -> str:
    with store.write() as session:
        return service.add_source(session, new, NOW)


def test_the_shipped_list_is_complete_and_unverified(store: Store) -> None:
    with store.write() as session:
        report = service.import_defaults(session, NOW)
    assert (len(report.added), report.problems) == (55, [])
    found = rows(store)
    assert not any(row.verified for row in found.values())
    assert (found["antara-kalsel"].region, found["antara-kalsel"].zone) == ("63", "WITA")
    assert (found["borneo24"].region, found["antara-politik"].region) == ("62", None)
    assert (found["antara-kalsel"].outlet, found["banjarmasinpost"].outlet) == ("ANTARA", "Banjarmasin Post")
    assert (found["turnbackhoax"].role, found["setkab"].role, found["detik-berita"].role) == (
        "factcheck",
        "official",
        "news",
    )
    assert [row.id for row in found.values() if not row.enabled] == ["borneopost"]
    assert found["turnbackhoax"].reliability > found["tabengan"].reliability
    assert all(row.terms and row.next_poll_at == NOW for row in found.values())


def test_importing_the_list_twice_changes_nothing(store: Store) -> None:
    for expected in (55, 0):
        with store.write() as session:
            assert len(service.import_defaults(session, NOW).added) == expected
    assert len(rows(store)) == 55


def test_a_list_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        service.read_default_sources(tmp_path / "absent.csv")
    bad = tmp_path / "bad.csv"
    bad.write_text("id,name\nx,y\n")
    with pytest.raises(InputError, match="lacks the columns url, kind"):
        service.read_default_sources(bad)
    bad.write_text("id,name,url,kind,region,tz,tier\nx,y,https://a.example/,telegram,kalsel,WITA,A\n")
    with pytest.raises(InputError, match="unknown kind 'telegram'"):
        service.read_default_sources(bad)


def test_ids_are_made_from_names_and_stay_apart(store: Store) -> None:
    first = add(store, NewSource(url="https://kabarbanua.example.com/feed", name="Kabar Banua"))
    second = add(store, NewSource(url="https://kabarbanua.example.com/politik/feed", name="Kabar Banua"))
    assert (first, second) == ("kabar-banua", "kabar-banua-2")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example/feed",
        "feed",
        "https://",
        "http://user:pw@a.example/",
        "https://a.example/a b",
        "http://a.example:x/",
    ],
)
def test_an_address_that_cannot_be_used_is_refused(store: Store, url: str) -> None:
    with pytest.raises(InputError, match="not an address"):
        add(store, NewSource(url=url))


def test_what_is_wrong_is_named(store: Store) -> None:
    with pytest.raises(InputError, match="'Atlantis' is not known"):
        add(store, NewSource(url="https://a.example/", region="Atlantis"))
    with pytest.raises(InputError, match="time zone"):
        add(store, NewSource(url="https://a.example/", zone="XYZ"))
    for wrong in ("div[", ".kabar[", "a:kabar"):
        with pytest.raises(InputError, match="is no CSS selector"):
            add(store, NewSource(url="https://a.example/", selector=wrong))
        with pytest.raises(InputError, match="is no CSS selector"):
            add(store, NewSource(url="https://a.example/", listing_selector=wrong))
    add(store, NewSource(url="https://a.example/", id="a"))
    with pytest.raises(ConflictError, match="already"):
        add(store, NewSource(url="https://a.example/", id="b"))
    with pytest.raises(ConflictError, match="already, as a") as caught:
        add(store, NewSource(url="http://www.a.example"))
    assert caught.value.hint == "Change it with: waspada sources set a"
    with pytest.raises(ConflictError, match="taken"):
        add(store, NewSource(url="https://b.example/", id="a"))
    for wrong in ("a/b", "a b", "a" * 81):
        with pytest.raises(InputError, match="not an id"):
            add(store, NewSource(url="https://b.example/", id=wrong))
    for reliability in (-0.1, 1.1, float("nan")):
        with pytest.raises(InputError, match="reliability"):
            add(store, NewSource(url="https://b.example/", reliability=reliability))
    with store.read() as session, pytest.raises(NotFoundError):
        service.find(session, "c")


def test_posts_have_the_role_of_posts(store: Store) -> None:
    id_ = add(store, NewSource(url="https://masto.example/tags/kalsel.rss", kind=SourceKind.MASTODON_RSS))
    assert rows(store)[id_].role == "post"


@pytest.mark.parametrize(
    ("url", "outlet", "domain"),
    [
        ("https://kalsel.antaranews.com/rss/terkini.xml", "ANTARA", "antaranews.com"),
        ("https://banjarmasin.tribunnews.com/rss", "Banjarmasin Post", "tribunnews.com"),
        ("https://kabar.example.co.id/feed", "example.co.id", "example.co.id"),
        ("http://127.0.0.1:8080/feed", "", "127.0.0.1:8080"),
    ],
)
def test_outlets_and_domains_of_addresses(url: str, outlet: str, domain: str) -> None:
    assert outlets.default_outlet(url) == outlet
    assert outlets.registrable_domain(url) == domain


@pytest.mark.parametrize(
    ("name", "outlet"),
    [("KOMPAS.com", "Kompas"), ("ANTARA News", "ANTARA"), ("lifestyle.okezone.com", "Okezone"), ("Suara Banua", None)],
)
def test_names_that_pages_give_themselves(name: str, outlet: str | None) -> None:
    assert outlets.named_outlet(name) == outlet


def test_a_hashtag_in_the_list_of_a_reader_is_a_source_of_posts() -> None:
    """Else its posts would be read as news, around the door."""
    (found,) = opml.read_opml(b'<opml><outline xmlUrl="https://masto.example/tags/kalsel.rss"/></opml>')
    assert found.kind is SourceKind.MASTODON_RSS


def test_opml_comes_back_as_it_went_out(store: Store) -> None:
    with store.write() as session:
        service.import_defaults(session, NOW)
        rri = service.find(session, "rri")
        rri.verified, rri.reliability = True, 0.123
        service.set_terms(session, "rri", "Read on 3 November 2024: reuse with the source named.")
        body = opml.write_opml(service.list_sources(session), NOW)
    other = open_url("sqlite://")
    with other.write() as session:
        report = service.add_sources(session, opml.read_opml(body), NOW)
    assert (len(report.added), report.known, report.problems) == (55, [], [])
    mine, theirs = rows(store), rows(other)
    told = ("verified", "reliability", "terms")
    for name in ("url", "kind", "role", "region", "zone", "tier", "outlet", "enabled", "name", *told):
        assert {i: getattr(row, name) for i, row in mine.items()} == {
            i: getattr(row, name) for i, row in theirs.items()
        }
    other.close()


def test_an_imported_source_whose_id_is_taken_gets_another(store: Store) -> None:
    add(store, NewSource(url="https://a.example/feed", id="a"))
    new = [NewSource(url=f"https://{host}.example/feed", id="a", name="Kabar") for host in ("a", "b")]
    new.append(NewSource(url="https://c.example/feed", id="health", name="Kabar"))
    with store.write() as session:
        report = service.add_sources(session, new, NOW)
    assert (report.added, report.known, report.problems) == (["kabar", "kabar-2"], ["a"], [])


def test_attributes_that_say_nothing_are_left_to_the_defaults() -> None:
    (new,) = opml.read_opml(
        f'<opml version="2.0" xmlns:w="{opml.NAMESPACE}"><body><outline xmlUrl="https://sosial.example/@siti.rss"'
        ' w:kind="mastodon-rss" w:role="ketua" w:reliability="tinggi" w:verified="ya"/></body></opml>'.encode()
    )
    assert (new.kind, new.role, new.reliability, new.verified) == (SourceKind.MASTODON_RSS, None, None, False)


def test_nested_outlines_of_another_reader_are_read() -> None:
    found = opml.read_opml(
        b'<opml version="1.0"><body><outline text="Kalimantan"><outline text="Selatan"><outline type="rss" text="Kabar'
        b' Banua" xmlUrl="https://kabarbanua.example.com/feed"/></outline><outline text="Kosong"/></outline><outline'
        b' text="lagi" XMLURL="https://kabarbanua.example.com/feed"/></body></opml>'
    )
    assert [(new.url, new.name) for new in found] == [("https://kabarbanua.example.com/feed", "Kabar Banua")]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not xml",
        b"<html></html>",
        b"<opml><body><outline",
        b'<!DOCTYPE o [<!ENTITY a "b">]><opml>&a;</opml>',
        b"<opml>" + b" " * (9 * 1024 * 1024) + b"</opml>",
    ],
)
def test_a_bad_opml_file_is_refused_with_a_reason(body: bytes) -> None:
    with pytest.raises(InputError, match="OPML"):
        opml.read_opml(body)


def _tried(state: SourceState, fault: Fault | None = None, entries: int = 0) -> PollOutcome:
    return PollOutcome(state, fault, entries=entries)


@pytest.mark.parametrize(
    ("outcome", "parks", "parked", "verified"),
    [
        (_tried(SourceState.OK, entries=5), True, False, True),
        (_tried(SourceState.EMPTY), True, False, False),
        (_tried(SourceState.GONE, Fault.SOFT), True, True, False),
        (_tried(SourceState.BLOCKED, Fault.HARD), True, True, False),
        (_tried(SourceState.BROKEN, Fault.HARD), True, True, False),
        (_tried(SourceState.BROKEN, Fault.SOFT), True, False, True),  # a server that stumbles
        (_tried(SourceState.BROKEN, Fault.TEMPORARY_DNS), True, False, True),
        (_tried(SourceState.BROKEN, Fault.HARD), False, False, True),  # none of all answered: the desk's own line
    ],
)
def test_a_check_parks_what_fails_and_frees_what_is_read(
    outcome: PollOutcome, parks: bool, parked: bool, verified: bool
) -> None:
    row = SourceRow(id="a", parked=False, failures=0.0, verified=True, next_poll_at=NOW, added_at=NOW)
    service.note_check(row, outcome, NOW, parks=parks)
    assert (row.parked, row.verified) == (parked, verified)
    row.parked, row.failures = True, policy.PARK_AT
    service.note_check(row, outcome, NOW, parks=parks)
    assert (row.parked, row.failures) == (not outcome.is_good, 0.0 if outcome.is_good else policy.PARK_AT)


@pytest.mark.parametrize(("hours", "parked"), [(23, False), (24, True)])
def test_a_check_parks_what_stumbles_for_a_day(hours: int, parked: bool) -> None:
    since = NOW - timedelta(hours=hours)
    row = SourceRow(id="a", parked=False, failures=0.5, verified=True, next_poll_at=NOW, last_success_at=since)
    service.note_check(row, _tried(SourceState.BROKEN, Fault.SOFT), NOW, parks=True)
    assert row.parked is parked


@pytest.mark.parametrize(("was", "after"), [(timedelta(0), 1), (timedelta(hours=6), 6)])
def test_a_pause_that_a_site_wants_brings_no_poll_forward(store: Store, was: timedelta, after: int) -> None:
    add(store, NewSource(url="https://ramai.example/feed", id="ramai"))
    with store.write() as session:
        service.find(session, "ramai").next_poll_at = NOW + was
        service.put_off(session, "ramai", NOW + timedelta(hours=1))
    assert rows(store)["ramai"].next_poll_at == NOW + timedelta(hours=after)


@pytest.mark.parametrize(
    ("kind", "url", "to", "follows"),
    [
        (SourceKind.RSS, "https://lama.example/feed", "https://baru.example/feed", True),
        (SourceKind.RSS, "https://lama.example/feed", "http://www.ada.example/feed/", False),  # in the list
        (SourceKind.RSS, "https://lama.example/feed", "https://www.facebook.com/kabar", False),
        (SourceKind.MASTODON_RSS, "https://sosial.example/tags/kalsel.rss", "https://s.example/@siti.rss", False),
    ],
)
def test_a_moved_source_is_followed_to_what_could_be_added(
    store: Store, kind: SourceKind, url: str, to: str, follows: bool
) -> None:
    add(store, NewSource(url="https://ada.example/feed", id="ada"))
    add(store, NewSource(url=url, id="lama", kind=kind, role=SourceRole.POST))
    with store.write() as session:
        row = service.find(session, "lama")
        row.etag, row.body_sha256, row.last_full_fetch_at = '"a"', "0" * 64, NOW
        assert service.follow_move(session, row, to) is follows
    found = rows(store)["lama"]
    assert found.url == (to if follows else url)
    assert (found.etag, found.last_full_fetch_at) == ((None, None) if follows else ('"a"', NOW))
