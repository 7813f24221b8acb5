"""`waspada sources add URL` from the command line, on a real server."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from crawler.process import discover
from tests.crawler import badweb
from tests.crawler.badweb import BadWeb, entry, feed
from waspada.cli import add_source
from waspada.cli.main import app
from waspada.errors import ConflictError, InputError, WaspadaError
from waspada.settings import load_settings
from waspada.sources import service
from waspada.store import open_store
from waspada.store.tables import SourceRow


class Desk:
    """A data folder, a site with two feeds, and the command."""

    def __init__(self, folder: Path, web: BadWeb) -> None:
        self.folder, self.web = folder, web
        web.put("/", self._front("/feed/", "/tag/banjir/feed/"))
        titles = ("Banjir surut di Martapura", "Pasar Barabai dibuka", "Jembatan Kandangan diperbaiki")
        links = [web.url(f"/berita/{'-'.join(title.lower().split())}") for title in titles]
        rows = [entry(link, title) for link, title in zip(links, titles, strict=True)]
        web.put("/feed/", badweb.xml(feed(*rows)))
        web.put("/tag/banjir/feed/", badweb.xml(feed(rows[0])))

    @staticmethod
    def _front(*feeds: str) -> badweb.Answer:
        links = "".join(f'<link rel="alternate" type="application/rss+xml" href="{path}">' for path in feeds)
        site = '<meta property="og:site_name" content="Banjarmasin Uji [bold]">'
        return badweb.html(f"<!doctype html><html><head><title>Beranda</title>{site}{links}</head></html>")

    def add(self, *options: str, url: str = "", answer: str = "") -> Result:
        command = ["sources", "add", url or self.web.url("/"), *options, "--data", str(self.folder)]
        return CliRunner().invoke(app, command, input=answer)

    def added(self) -> list[SourceRow]:
        store = open_store(load_settings(data_dir=self.folder))
        with store.read() as session:
            found = [row for row in service.list_sources(session) if row.url.startswith(self.web.url(""))]
        store.close()
        return found


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("WASPADA_REQUEST_TIMEOUT_SECONDS", "3")
    with BadWeb() as web:
        allowing = partial(discover, allowed_hosts=web.allowed, domain_delay_seconds=0)
        monkeypatch.setattr(add_source, "discover", allowing)  # the guard's exception is for code only
        yield Desk(tmp_path / "data", web)


def _error(result: Result) -> WaspadaError:
    assert isinstance(result.exception, WaspadaError)
    return result.exception


@pytest.mark.usefixtures("wide_tables")
def test_the_best_is_added_with_what_was_found(desk: Desk) -> None:
    done = desk.add("--yes")
    assert done.exit_code == 0, done.output
    (row,) = desk.added()
    assert (row.url, row.kind, row.outlet) == (desk.web.url("/feed/"), "rss", "Banjarmasin Uji [bold]")
    assert (row.region, row.zone, row.role, row.verified) == ("63.71", "WITA", "news", True)
    for words in ("Banjarmasin Uji [bold]", "Kota Banjarmasin", "calls itself", "have not been read", "WITA"):
        assert words in done.output


def test_adding_the_same_again_is_refused_before_and_after_looking(desk: Desk) -> None:
    desk.add("--yes")
    asked = desk.web.hits.total()
    again = _error(desk.add("--yes", url=desk.web.url("/feed")))  # without its last slash
    assert isinstance(again, ConflictError)
    assert "banjarmasin-uji-bold" in str(again)
    assert desk.web.hits.total() == asked
    by_site = _error(desk.add("--yes"))
    assert isinstance(by_site, ConflictError)
    assert "--pick 2" in str(by_site)
    assert desk.add("--yes", "--pick", "2").exit_code == 0
    assert [row.url for row in desk.added()] == [desk.web.url("/feed/"), desk.web.url("/tag/banjir/feed/")]


def test_what_the_user_gives_wins(desk: Desk) -> None:
    options = ("--name", "Nama", "--outlet", "Kabar", "--role", "official", "--region", "kaltim", "--zone", "WIB")
    assert desk.add("--yes", *options).exit_code == 0
    (row,) = desk.added()
    assert (row.name, row.outlet, row.role, row.region, row.zone) == ("Nama", "Kabar", "official", "64", "WIB")


def test_without_a_terminal_and_without_yes_it_shows_and_adds_nothing(desk: Desk) -> None:
    shown = desk.add()
    assert shown.exit_code == 1
    assert desk.web.url("/feed/") in shown.output
    assert "--yes" in shown.output
    assert desk.added() == []


@pytest.mark.parametrize(("answer", "count"), [("y\n", 1), ("n\n", 0), ("\n", 0)])
def test_at_a_terminal_it_asks(desk: Desk, monkeypatch: pytest.MonkeyPatch, answer: str, count: int) -> None:
    monkeypatch.setattr(add_source, "is_asked", lambda: True)
    done = desk.add(answer=answer)
    assert done.exit_code == 1 - count
    assert len(desk.added()) == count


@pytest.mark.parametrize("options", [("--kind", "html"), ("--no-discovery",)])
def test_an_address_is_taken_as_it_is_when_asked_for(desk: Desk, options: tuple[str, ...]) -> None:
    assert desk.add(*options).exit_code == 0
    (row,) = desk.added()
    assert (row.url, row.zone, row.verified) == (desk.web.url("/"), "WITA", False)
    assert row.kind == ("html" if "--kind" in options else "rss")
    assert desk.web.hits.total() == 0
    assert isinstance(_error(desk.add(*options, "--pick", "2")), InputError)


def test_a_number_that_is_not_there_and_words_that_mean_nothing_are_refused(desk: Desk) -> None:
    assert "There is no number 9" in str(_error(desk.add("--yes", "--pick", "9")))
    assert "is not known" in str(_error(desk.add("--yes", "--region", "Atlantis")))
    assert "not an address" in str(_error(desk.add("--yes", url="http://[::1")))
    assert "time zone" in str(_error(desk.add("--yes", "--zone", "WIX")))
    assert desk.added() == []


def test_nothing_to_follow_says_what_was_tried(desk: Desk) -> None:
    desk.web.put("/", desk._front())
    said = str(_error(desk.add("--yes")))
    assert "nothing to follow" in said
    assert "/sitemap.xml: not found (404)" in said
    assert "--kind html" in said


def test_an_unreachable_host_and_a_private_address_are_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(add_source, "discover", partial(discover, domain_delay_seconds=0))
    private = str(_error(desk.add("--yes")))
    assert "127.0.0.1 is not a public address" in private
    nowhere = str(_error(desk.add("--yes", url="https://tidak-ada.invalid/")))
    assert "tidak-ada.invalid cannot be resolved" in nowhere
    assert "Check the address" in nowhere
    assert desk.web.hits.total() == 0


@pytest.mark.parametrize("url", ["https://x.com/kabar", "t.me/s/kabar", "https://www.facebook.com/kabar"])
@pytest.mark.parametrize("options", [("--yes",), ("--kind", "html")])
def test_sites_whose_terms_forbid_it_are_refused(desk: Desk, url: str, options: tuple[str, ...]) -> None:
    if "://" not in url and "--kind" in options:
        url = f"https://{url}"
    assert "forbid this use" in str(_error(desk.add(*options, url=url)))
    assert desk.added() == []


def _posts(desk: Desk, path: str) -> str:
    return desk.web.put(path, badweb.xml(feed(entry(desk.web.url("/@warga_uji/1"), "", summary="Genangan"))))


def test_a_hashtag_is_followed_by_the_api_and_a_person_not_at_all(desk: Desk) -> None:
    assert desk.add("--yes", url=_posts(desk, "/tags/kalsel.rss")).exit_code == 0
    (row,) = desk.added()
    assert (row.url, row.kind, row.verified) == (desk.web.url("/tags/kalsel"), "mastodon", False)
    assert "neither a place nor a topic" in str(_error(desk.add("--yes", url=_posts(desk, "/tags/SitiRahmah.rss"))))
    account = _posts(desk, "/@bpbdkalsel.rss")
    assert "--role official" in str(_error(desk.add("--yes", url=account)))
    assert "persons are not followed" in str(_error(desk.add("--kind", "mastodon-rss", url=account)))
    assert desk.add("--yes", "--role", "official", url=account).exit_code == 0
    assert sorted((row.kind, row.role) for row in desk.added()) == [("mastodon", "post"), ("mastodon-rss", "official")]


def test_an_address_taken_as_it_is_has_the_zone_of_a_given_region(desk: Desk) -> None:
    assert desk.add("--kind", "rss", "--region", "Jakarta").exit_code == 0
    (row,) = desk.added()
    assert (row.region, row.zone) == ("31", "WIB")


@pytest.mark.parametrize("word", ["nasional", ""])
def test_a_source_of_the_whole_country_is_given_as_such(desk: Desk, word: str) -> None:
    assert desk.add("--yes", "--region", word).exit_code == 0
    (row,) = desk.added()
    assert row.region is None


def test_a_selector_of_links_is_for_headlines_only(desk: Desk) -> None:
    given = ("--listing-selector", "h2 a")
    assert "page of headlines" in str(_error(desk.add("--yes", *given)))
    assert "page of headlines" in str(_error(desk.add("--kind", "rss", *given)))
    assert desk.added() == []
    links = "".join(f'<h2><a href="/berita/{n}-judul-panjang">Judul panjang berita {n}</a></h2>' for n in range(5))
    desk.web.put("/", badweb.html(f"<!doctype html><html><head><title>Uji</title></head><body>{links}</body></html>"))
    desk.web.put("/feed/", badweb.html("no", 404))
    assert desk.add("--yes", *given).exit_code == 0
    (row,) = desk.added()
    assert (row.kind, row.listing_selector) == ("html", "h2 a")


def test_a_feed_of_another_site_is_added_only_when_it_is_picked(desk: Desk) -> None:
    desk.web.put("/", desk._front("/mitra.xml"))
    desk.web.put("/mitra.xml", badweb.xml(feed(entry("https://mitra.example/berita/satu-dua-tiga", "Satu dua tiga"))))
    desk.web.put("/feed/", badweb.html("no", 404))
    assert "other sites" in str(_error(desk.add("--yes")))
    assert desk.add("--yes", "--pick", "1").exit_code == 0
    assert [row.url for row in desk.added()] == [desk.web.url("/mitra.xml")]
