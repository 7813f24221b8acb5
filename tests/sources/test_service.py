"""Adding sources, the shipped list, and OPML in and out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.sources import opml, outlets, service
from waspada.sources.types import NewSource, SourceKind
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
    add(store, NewSource(url="https://a.example/", id="a"))
    with pytest.raises(ConflictError, match="already"):
        add(store, NewSource(url="https://a.example/", id="b"))
    with pytest.raises(ConflictError, match="taken"):
        add(store, NewSource(url="https://b.example/", id="a"))
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


def test_opml_comes_back_as_it_went_out(store: Store) -> None:
    with store.write() as session:
        service.import_defaults(session, NOW)
        body = opml.write_opml(service.list_sources(session), NOW)
    other = open_url("sqlite://")
    with other.write() as session:
        report = service.add_sources(session, opml.read_opml(body), NOW)
    assert (len(report.added), report.known, report.problems) == (55, [], [])
    mine, theirs = rows(store), rows(other)
    for name in ("url", "kind", "role", "region", "zone", "tier", "outlet", "enabled", "name"):
        assert {i: getattr(row, name) for i, row in mine.items()} == {
            i: getattr(row, name) for i, row in theirs.items()
        }
    other.close()


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
