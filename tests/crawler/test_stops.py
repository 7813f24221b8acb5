"""The switch that stops collection: the real crawler asks a real server nothing more, and goes on when it is lifted."""

from __future__ import annotations

import threading
import time

from crawler.process import check_sources
from tests.crawler import badweb
from tests.crawler.badweb import BadWeb, Handler, article, entry, feed
from tests.crawler.desk import Desk, start_collector
from tests.patience import PATIENCE_SECONDS, until
from waspada.clock import utc_now
from waspada.sources import repository
from waspada.sources.types import SourceKind
from waspada.stops import service
from waspada.store.tables import SourceRow

#: Several ticks of the collector of these tests, which reads the stops once a tick (2 s in `waspada run`).
TICKS_SECONDS = 1.5
TITLES = ("Pasar pagi dibuka", "Jembatan diperbaiki", "Lomba perahu", "Panen raya", "Posko siaga", "Rapat desa")


def _stop(desk: Desk, source_id: str | None = None, region: str | None = None) -> int:
    with desk.store.write() as session:
        return service.stop(
            session, "uji", source_id=source_id, region=region, actor="auditor-1", role="auditor", now=utc_now()
        ).id


def _lift(desk: Desk, stop_id: int) -> None:
    with desk.store.write() as session:
        service.lift(session, stop_id, "uji selesai", actor="admin", now=utc_now())


def _slow_site(web: BadWeb, going: threading.Event) -> str:
    """A feed whose pages after the second are answered when `going` is set."""
    asked: set[str] = set()

    def page(title: str) -> badweb.Answer:
        def answer(handler: Handler) -> None:
            asked.add(title)
            if len(asked) > 2:
                going.wait(PATIENCE_SECONDS)
            handler.send(200, article(title).encode(), {"Content-Type": "text/html; charset=utf-8"})

        return answer

    links = [web.put(f"/berita/{title.lower().replace(' ', '-')}-{n}", page(title)) for n, title in enumerate(TITLES)]
    return web.put("/feed.xml", badweb.xml(feed(*(entry(*each) for each in zip(links, TITLES, strict=True)))))


def test_a_running_collector_drains_and_goes_on_when_the_stop_is_lifted(desk: Desk) -> None:
    with BadWeb() as web:
        going = threading.Event()
        desk.add("kabar", _slow_site(web, going))
        process = start_collector(desk, web.allowed)
        try:
            until(lambda: len(desk.items()) == 2)
            stopped = _stop(desk)
            time.sleep(TICKS_SECONDS)
            going.set()
            desk.make_due("kabar")
            until(lambda: len(desk.items()) == 3)  # the answer that was under way is kept
            before = sum(web.hits.values())
            time.sleep(TICKS_SECONDS)
            assert sum(web.hits.values()) == before
            assert sum(page.state == "waiting" for page in desk.pages()) == len(TITLES) - 3
            _lift(desk, stopped)
            until(lambda: len(desk.items()) == len(TITLES))
            assert web.asked("/feed.xml") >= 2
        finally:
            process.terminate()
            process.join(PATIENCE_SECONDS)


def test_a_stop_of_one_source_leaves_the_others_alone(desk: Desk) -> None:
    with BadWeb() as web:
        for name in ("satu", "dua"):
            link = web.put(f"/{name}/berita", badweb.html(article(f"Kabar {name}")))
            desk.add(name, web.put(f"/{name}.xml", badweb.xml(feed(entry(link, f"Kabar {name}")))), outlet=name)
        stopped = _stop(desk, "satu")
        report = desk.crawl(web.allowed)
        assert report["dua"].new == 1
        assert report["satu"].new == 0
        assert "collection stopped since" in report["satu"].why
        assert web.asked("/satu.xml") == web.asked("/satu/berita") == 0
        assert desk.crawl(web.allowed, "satu")["satu"].new == 0  # named or not
        (check,) = check_sources(desk.settings, ["satu"], allowed_hosts=web.allowed)
        assert "collection stopped" in check.problem
        assert web.asked("/satu.xml") == 0
        _lift(desk, stopped)
        assert desk.crawl(web.allowed)["satu"].new == 1


def test_a_stop_of_a_region_holds_what_is_at_home_in_it(desk: Desk) -> None:
    homes = {"provinsi": "63", "kota": "63.71", "lain": "64.72", "nasional": None, "mirip": "63.7"}
    for name, home in homes.items():
        desk.add(name, f"https://{name}.example/feed")
        with desk.store.write() as session:
            session.get_one(SourceRow, name).region = home
    _stop(desk, region="63.71")
    with desk.store.read() as session:
        assert {one.id for one in repository.due_sources(session, utc_now())} == set(homes) - {"kota"}
    _stop(desk, region="63")
    with desk.store.read() as session:
        assert {one.id for one in repository.due_sources(session, utc_now())} == {"lain", "nasional"}
    _stop(desk)
    with desk.store.read() as session:
        assert repository.due_sources(session, utc_now()) == []


def test_a_stream_and_a_backfill_are_stopped_too(desk: Desk) -> None:
    with BadWeb() as web:
        stream = "https://jetstream.us-east.bsky.network/?words=banjarmasin"
        desk.add("bluesky", stream, kind=SourceKind.BLUESKY)
        desk.add("kabar", web.put("/feed.xml", badweb.xml(feed())))
        with desk.store.read() as session:
            assert [one.id for one in repository.stream_sources(session)] == ["bluesky"]
        _stop(desk)
        with desk.store.read() as session:
            assert repository.stream_sources(session) == []
        filled = desk.backfill(web.allowed, "2024-11-01", "2024-11-05", "kabar")
        assert "collection stopped" in filled["kabar"].why
        assert sum(web.hits.values()) == 0
