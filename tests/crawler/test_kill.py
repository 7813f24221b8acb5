"""`kill -9` of the collector at a bad moment: nothing lost, nothing twice; SIGTERM ends it quickly."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crawler.process import check_sources, collector_main
from tests.crawler import badweb
from tests.crawler.badweb import BadWeb, Handler, article, entry, feed
from tests.crawler.desk import Desk, open_desk
from waspada.errors import NotFoundError, WaspadaError

TITLES = ("Pasar pagi dibuka", "Jembatan diperbaiki", "Lomba perahu", "Panen raya", "Posko siaga", "Rapat desa")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = open_desk(tmp_path / "data")
    yield desk
    desk.store.close()


def _slow_site(web: BadWeb, seconds: float) -> str:
    def page(title: str) -> badweb.Answer:
        def answer(handler: Handler) -> None:
            time.sleep(seconds)
            handler.send(200, article(title).encode(), {"Content-Type": "text/html; charset=utf-8"})

        return answer

    links = [web.put(f"/berita/{title.lower().replace(' ', '-')}-{n}", page(title)) for n, title in enumerate(TITLES)]
    entries = (entry(link, title) for link, title in zip(links, TITLES, strict=True))
    return web.put("/feed.xml", badweb.xml(feed(*entries)))


def _until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def test_a_killed_crawl_goes_on_where_it_was(desk: Desk) -> None:
    with BadWeb() as web:
        desk.add("kabar", _slow_site(web, 0.3))
        failures: list[WaspadaError] = []

        def crawl() -> None:
            try:
                desk.crawl(web.allowed)
            except WaspadaError as error:
                failures.append(error)

        thread = threading.Thread(target=crawl)
        thread.start()
        _until(lambda: bool(failures) or len(desk.items()) >= 2)
        assert not failures
        (child,) = (p for p in multiprocessing.active_children() if p.name == "waspada-collector")
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        thread.join(10)
        assert "ended before its report" in str(failures[0])
        done = len(desk.items())
        assert 2 <= done < len(TITLES)
        assert len(desk.pages()) == len(TITLES)
        assert sum(page.state == "waiting" for page in desk.pages()) == len(TITLES) - done
        desk.crawl(web.allowed)
        assert sorted(item.title for item in desk.items()) == sorted(TITLES)
        assert {item.version for item in desk.items()} == {1}
        assert {page.state for page in desk.pages()} == {"done"}


def test_the_long_lived_collector_works_until_it_is_told_to_stop(desk: Desk) -> None:
    with BadWeb() as web:
        desk.add("kabar", _slow_site(web, 0.0))
        process = _start(desk, web)
        _until(lambda: len(desk.items()) == len(TITLES))
        started = time.monotonic()
        process.terminate()
        process.join(10)
        assert process.exitcode == 0
        assert time.monotonic() - started < 8


def test_the_long_lived_collector_is_robust_against_a_hanging_server(desk: Desk) -> None:
    with BadWeb() as web:
        desk.add("tetes", web.put("/drip.xml", badweb.endless("text/xml", b" ", 300, 0.1)))
        process = _start(desk, web)
        _until(lambda: web.asked("/drip.xml") == 1)
        started = time.monotonic()
        process.terminate()
        process.join(10)
        assert process.exitcode == 0
        assert time.monotonic() - started < 8


def test_check_tries_each_source_and_changes_nothing_unless_asked(desk: Desk) -> None:
    with BadWeb() as web:
        desk.add("baik", _slow_site(web, 0.0))
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


def test_an_unknown_source_is_named_in_the_error(desk: Desk) -> None:
    with pytest.raises(NotFoundError, match="tidak-ada"):
        desk.crawl(frozenset(), "tidak-ada")


def _start(desk: Desk, web: BadWeb) -> multiprocessing.process.BaseProcess:
    process = multiprocessing.get_context("spawn").Process(
        target=collector_main,
        args=(desk.settings,),
        kwargs={"allowed_hosts": web.allowed, "domain_delay_seconds": 0, "tick_seconds": 0.2},
    )
    process.start()
    return process
