"""`kill -9` of the collector at a bad moment: nothing lost, nothing twice; SIGTERM ends it quickly."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading

import pytest
from sqlalchemy import update

from crawler.process import check_sources
from tests.crawler import badweb
from tests.crawler.badweb import BadWeb, Handler, article, entry, feed
from tests.crawler.desk import Desk, start_collector
from tests.patience import PATIENCE_SECONDS, until
from waspada.errors import NotFoundError, WaspadaError
from waspada.store.tables import SourceRow

TITLES = ("Pasar pagi dibuka", "Jembatan diperbaiki", "Lomba perahu", "Panen raya", "Posko siaga", "Rapat desa")


def _site(web: BadWeb, going: threading.Event | None = None) -> str:
    """A feed and its pages; with `going` only the first two are answered before that is set."""
    asked: set[str] = set()

    def page(title: str) -> badweb.Answer:
        def answer(handler: Handler) -> None:
            asked.add(title)
            if going is not None and len(asked) > 2:
                going.wait(PATIENCE_SECONDS)
            handler.send(200, article(title).encode(), {"Content-Type": "text/html; charset=utf-8"})

        return answer

    links = [web.put(f"/berita/{title.lower().replace(' ', '-')}-{n}", page(title)) for n, title in enumerate(TITLES)]
    entries = (entry(link, title) for link, title in zip(links, TITLES, strict=True))
    return web.put("/feed.xml", badweb.xml(feed(*entries)))


def test_a_killed_crawl_goes_on_where_it_was(desk: Desk) -> None:
    with BadWeb() as web:
        going = threading.Event()
        desk.add("kabar", _site(web, going))
        failures: list[WaspadaError] = []

        def crawl() -> None:
            try:
                desk.crawl(web.allowed)
            except WaspadaError as error:
                failures.append(error)

        thread = threading.Thread(target=crawl)
        thread.start()
        until(lambda: bool(failures) or len(desk.items()) >= 2)
        assert not failures
        (child,) = (p for p in multiprocessing.active_children() if p.name == "waspada-collector")
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        thread.join(PATIENCE_SECONDS)
        going.set()
        assert "ended before its report" in str(failures[0])
        assert len(desk.items()) == 2
        assert len(desk.pages()) == len(TITLES)
        assert sum(page.state == "waiting" for page in desk.pages()) == len(TITLES) - 2
        desk.crawl(web.allowed)
        assert sorted(item.title for item in desk.items()) == sorted(TITLES)
        assert {item.version for item in desk.items()} == {1}
        assert {page.state for page in desk.pages()} == {"done"}


def test_the_long_lived_collector_works_until_it_is_told_to_stop(desk: Desk) -> None:
    with BadWeb() as web:
        desk.add("kabar", _site(web))
        process = start_collector(desk, web.allowed)
        until(lambda: len(desk.items()) == len(TITLES))
        process.terminate()
        process.join(PATIENCE_SECONDS)
        assert process.exitcode == 0


@pytest.mark.parametrize("desk_options", [{"request_timeout_seconds": 2}])
def test_the_long_lived_collector_is_robust_against_a_hanging_server(desk: Desk) -> None:
    with BadWeb() as web:
        desk.add("tetes", web.put("/drip.xml", badweb.endless("text/xml", b" ", 10 * int(2 * PATIENCE_SECONDS), 0.1)))
        process = start_collector(desk, web.allowed)
        until(lambda: web.asked("/drip.xml") == 1)
        process.terminate()
        process.join(PATIENCE_SECONDS)
        assert process.exitcode == 0


def test_check_tries_each_source_and_changes_nothing_unless_asked(desk: Desk) -> None:
    with BadWeb() as web:
        desk.add("baik", _site(web))
        desk.add("hilang", web.url("/tidak-ada.xml"))
        results = check_sources(desk.settings, allowed_hosts=web.allowed, domain_delay_seconds=0)
        good, gone = results
        assert (good.source_id, good.state, good.entries, good.problem) == ("baik", "ok", len(TITLES), "")
        assert good.newest is not None
        assert (gone.state, gone.problem) == ("gone", "not found (404)")
        assert desk.pages() == []
        assert desk.source("baik").state == "new"
        assert not desk.source("baik").verified
        check_sources(desk.settings, ["baik"], allowed_hosts=web.allowed, domain_delay_seconds=0, fix=True)
        assert desk.source("baik").verified
        assert not desk.source("hilang").verified
        assert not desk.source("hilang").parked
        _, gone = check_sources(desk.settings, allowed_hosts=web.allowed, domain_delay_seconds=0, fix=True)
        assert desk.source("hilang").parked
        assert gone.problem == "not found (404); parked"
        web.put("/tidak-ada.xml", badweb.xml(badweb.feed(badweb.entry(web.url("/berita/kini-ada-lagi"), "Kini ada"))))
        check_sources(desk.settings, ["hilang"], allowed_hosts=web.allowed, domain_delay_seconds=0, fix=True)
        assert (desk.source("hilang").parked, desk.source("hilang").verified) == (False, True)


def test_a_check_that_mends_follows_moves_and_forgives_a_server_that_stumbles(desk: Desk) -> None:
    with BadWeb() as web:
        entries = badweb.feed(badweb.entry(web.url("/berita/kini-di-sini"), "Kini di sini"))
        places = {"pindah": "/baru.xml", "ganda": "/ada.xml", "kosong": "/tiada-isi.xml"}
        for id_, path in places.items():
            desk.add(id_, web.put(f"/{id_}.xml", badweb.redirect(path, 301)))
            web.put(path, badweb.xml(badweb.feed() if id_ == "kosong" else entries))
        desk.add("ada", web.url("/ada.xml"))
        desk.add("lelah", web.put("/lelah.xml", badweb.body(b"", status=503)))
        with desk.store.write() as session:
            session.execute(update(SourceRow).values(verified=True))
        results = check_sources(desk.settings, allowed_hosts=web.allowed, domain_delay_seconds=0, fix=True)
        told = {each.source_id: each.problem for each in results}
        assert {id_: desk.source(id_).url for id_ in places} == {
            "pindah": web.url("/baru.xml"),
            "ganda": web.url("/ganda.xml"),
            "kosong": web.url("/kosong.xml"),
        }
        assert told["pindah"] == f"moved permanently to {web.url('/baru.xml')}; the list has its new address now"
        assert told["ganda"] == f"moved permanently to {web.url('/ada.xml')}"
        assert (desk.source("lelah").parked, desk.source("lelah").verified) == (False, True)


def test_an_unknown_source_is_named_in_the_error(desk: Desk) -> None:
    with pytest.raises(NotFoundError, match="tidak-ada"):
        desk.crawl(frozenset(), "tidak-ada")
