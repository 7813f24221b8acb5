"""Being a good guest on servers that are slow, busy or ask for room."""

from __future__ import annotations

import multiprocessing
import time
from datetime import timedelta

import pytest

from crawler.process import check_sources
from tests.crawler import badweb
from tests.crawler.badweb import BadWeb, article, entry, feed
from tests.crawler.desk import Desk
from waspada.clock import utc_now


def test_retry_after_is_obeyed_by_the_source_and_by_the_pages_of_its_site(desk: Desk) -> None:
    with BadWeb() as web:
        busy = badweb.body(b"later", "text/plain", 429, Retry_After="7200")
        desk.add("sibuk", web.put("/busy.xml", busy))
        row = desk.crawl(web.allowed)["sibuk"]
        source = desk.source("sibuk")
        assert (row.state, row.why) == ("broken", "too many requests (429)")
        assert timedelta(seconds=7190) < source.next_poll_at - utc_now() < timedelta(seconds=7265)
        again = desk.crawl(web.allowed)["sibuk"]
        assert again.state == "waiting"
        assert "left alone until" in again.why
        assert web.asked("/busy.xml") == 1


def test_sources_that_were_not_asked_are_put_off_and_nothing_is_counted(desk: Desk) -> None:
    with BadWeb() as web:
        for name in ("a", "b", "c"):
            desk.add(name, web.put(f"/{name}.xml", badweb.body(b"later", "text/plain", 429, Retry_After="7200")))
        rows = desk.crawl(web.allowed)
        (asked,) = [name for name, row in rows.items() if row.state == "broken"]
        for name in {"a", "b", "c"} - {asked}:
            assert (rows[name].state, "left alone" in rows[name].why) == ("waiting", True)
            source = desk.source(name)
            assert (source.state, source.failures, source.last_poll_at) == ("new", 0.0, None)
            assert source.next_poll_at - utc_now() > timedelta(seconds=7100)
        results = check_sources(desk.settings, allowed_hosts=web.allowed, domain_delay_seconds=0, fix=True)
        assert sorted(result.asked for result in results) == [False, False, True]
        assert not any(desk.source(name).parked for name in rows)


def test_a_page_that_answers_429_puts_the_other_pages_off_uncounted(desk: Desk) -> None:
    with BadWeb() as web:
        links = [web.put(f"/berita/antre-{n}-lama", badweb.body(b"", status=429, Retry_After="600")) for n in range(4)]
        desk.add(
            "sibuk",
            web.put("/feed.xml", badweb.xml(feed(*(entry(link, f"Antre nomor {n}") for n, link in enumerate(links))))),
        )
        desk.crawl(web.allowed)
        pages = desk.pages()
        assert sum(web.asked(f"/berita/antre-{n}-lama") for n in range(4)) < 4
        assert {page.state for page in pages} == {"waiting"}
        assert all(page.next_try_at and page.next_try_at > utc_now() + timedelta(minutes=8) for page in pages)
        assert sum(page.attempts for page in pages) == sum(web.asked(f"/berita/antre-{n}-lama") for n in range(4))


def test_crawl_delay_is_kept_between_two_requests(desk: Desk) -> None:
    with BadWeb(robots=b"User-agent: *\nCrawl-delay: 0.7\n") as web:
        link = web.put("/berita/pelan-pelan-saja", badweb.html(article("Pelan-pelan saja")))
        desk.add("pelan", web.put("/feed.xml", badweb.xml(feed(entry(link, "Pelan-pelan saja")))))
        assert desk.crawl(web.allowed)["pelan"].new == 1
        feed_at, page_at = (moment for moment, path in web.times if path != "/robots.txt")
        assert page_at - feed_at >= 0.65  # the server sees each request a little after it was sent


def test_one_request_at_a_time_to_a_site(desk: Desk) -> None:
    running = [0, 0]

    def slow(handler: badweb.Handler) -> None:
        running[0] += 1
        running[1] = max(running)
        time.sleep(0.15)
        running[0] -= 1
        handler.send(200, feed().encode(), {"Content-Type": "text/xml"})

    with BadWeb() as web:
        for n in range(4):
            desk.add(f"s{n}", web.put(f"/{n}.xml", slow))
        desk.crawl(web.allowed)
        assert running[1] == 1


@pytest.mark.parametrize("desk_options", [{"request_timeout_seconds": 2}])
def test_a_slow_drip_ends_at_the_time_limit_and_stops_nobody_else(desk: Desk) -> None:
    with BadWeb() as slow, BadWeb() as quick:
        desk.add("tetes", slow.put("/drip.xml", badweb.endless("text/xml", b" ", 400, 0.1)))
        link = quick.put("/berita/kabar-cepat-1", badweb.html(article("Kabar cepat hari ini")))
        desk.add("cepat", quick.put("/feed.xml", badweb.xml(feed(entry(link, "Kabar cepat hari ini")))))
        rows = desk.crawl(slow.allowed | quick.allowed)
        assert (rows["tetes"].state, rows["tetes"].why) == ("broken", "no complete answer in time")
        assert rows["cepat"].new == 1


def test_robots_that_cannot_be_served_mean_no(desk: Desk) -> None:
    with BadWeb(robots=None) as web:
        web.put("/robots.txt", badweb.body(b"", status=503))
        desk.add("tutup", web.put("/feed.xml", badweb.xml(feed())))
        assert desk.crawl(web.allowed)["tutup"].state == "blocked"
        assert web.asked("/feed.xml") == 0


def test_no_port_is_opened_and_nothing_is_written_on_standard_output(
    desk: Desk, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from crawler import process
    from crawler.settings import scrapy_settings

    monkeypatch.setattr(
        process, "CONTEXT", multiprocessing.get_context("spawn")
    )  # a child that writes where this process does
    with BadWeb() as web:
        desk.add("kabar", web.put("/feed.xml", badweb.xml(feed())))
        desk.crawl(web.allowed)
    out, err = capfd.readouterr()
    assert (out, err) == ("", "")
    settings = scrapy_settings(desk.settings)
    assert settings["TELNETCONSOLE_ENABLED"] is False
    assert settings["REMOTE_CONTROL_ENABLED"] is False
