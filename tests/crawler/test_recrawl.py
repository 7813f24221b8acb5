"""Crawling again: nothing twice, nothing lost, edits seen, and lies of a server found out within a day."""

from __future__ import annotations

from datetime import timedelta

from tests.crawler import badweb
from tests.crawler.badweb import PARAGRAPHS, BadWeb, Handler, article, entry, feed
from tests.crawler.desk import Desk


def _with_validators(text: str) -> badweb.Answer:
    """A feed whose server always says "not modified" to a conditional request, whatever changed."""

    def answer(handler: Handler) -> None:
        if "If-None-Match" in handler.headers or "If-Modified-Since" in handler.headers:
            handler.send(304, b"", {})
        else:
            handler.send(200, text.encode(), {"Content-Type": "text/xml", "ETag": '"v1"', "Last-Modified": "x"})

    return answer


def test_the_same_crawl_twice_brings_nothing_new_and_asks_for_no_article_again(desk: Desk) -> None:
    with BadWeb() as web:
        one = web.put("/berita/satu-dua-tiga", badweb.html(article("Satu dua tiga")))
        tracked = f"{one}?utm_source=rss&fbclid=1#atas"
        text = feed(entry(one, "Satu dua tiga", "Sun, 03 Nov 2024 01:00:00 +0000"))
        desk.add("kabar", web.put("/feed.xml", badweb.xml(text)))
        first = desk.crawl(web.allowed)["kabar"]
        web.put("/feed.xml", badweb.xml(text.replace(one, tracked.replace("&", "&amp;"))))
        second = desk.crawl(web.allowed)["kabar"]
        assert (first.new, second.new, second.state) == (1, 0, "ok")
        assert web.asked("/berita/satu-dua-tiga") == 1
        assert len(desk.items()) == 1


def test_an_edited_article_is_a_new_version_of_the_same_item(desk: Desk) -> None:
    with BadWeb() as web:
        date = "Sun, 03 Nov 2024 01:00:00 +0000"
        link = web.put("/berita/drainase-kota-1", badweb.html(article("Drainase dibersihkan")))
        desk.add("kabar", web.put("/feed.xml", badweb.xml(feed(entry(link, "Drainase dibersihkan", date)))))
        desk.crawl(web.allowed)
        web.put(
            "/berita/drainase-kota-1",
            badweb.html(
                article("Drainase selesai dibersihkan", *PARAGRAPHS, "Ralat: tiga pompa akan ditambah, bukan dua.")
            ),
        )
        web.put("/feed.xml", badweb.xml(feed(entry(link, "Drainase selesai dibersihkan", date))))
        row = desk.crawl(web.allowed)["kabar"]
        (item,) = desk.items()
        assert (row.new, row.changed) == (0, 1)
        assert (item.version, item.title) == (2, "Drainase selesai dibersihkan")
        old, new = desk.texts(item.id)
        assert "Ralat" in new
        assert "Ralat" not in old


def test_the_same_title_under_another_address_is_not_requested(desk: Desk) -> None:
    with BadWeb() as web:
        one = web.put("/berita/judul-yang-sama", badweb.html(article("Judul yang sama persis")))
        two = web.put("/amp/judul-yang-sama", badweb.html(article("Judul yang sama persis")))
        desk.add(
            "kabar",
            web.put(
                "/feed.xml",
                badweb.xml(feed(entry(two, "Judul yang sama persis"), entry(one, "Judul yang sama persis"))),
            ),
        )
        row = desk.crawl(web.allowed)["kabar"]
        assert (row.new, row.skipped) == (1, 1)
        assert web.asked("/berita/judul-yang-sama") + web.asked("/amp/judul-yang-sama") == 1
        assert len(desk.pages()) == 2


def test_two_addresses_that_declare_one_canonical_are_one_item(desk: Desk) -> None:
    with BadWeb() as web:
        head = f'<link rel="canonical" href="{web.url("/berita/satu-alamat-resmi")}">'
        a = web.put("/berita/satu-alamat-resmi", badweb.html(article("Satu alamat resmi", head=head)))
        b = web.put("/m/berita/satu-alamat-resmi", badweb.html(article("Satu alamat resmi", head=head)))
        desk.add(
            "kabar", web.put("/feed.xml", badweb.xml(feed(entry(a, "Satu alamat"), entry(b, "Judul lain di umpan"))))
        )
        desk.crawl(web.allowed)
        assert [item.url for item in desk.items()] == [a]


def test_a_server_that_lies_about_304_is_found_out_within_a_day(desk: Desk) -> None:
    with BadWeb() as web:
        one = web.put("/berita/kabar-lama-1", badweb.html(article("Kabar lama sekali")))
        two = web.put("/berita/kabar-baru-2", badweb.html(article("Kabar baru sekali")))
        desk.add("kabar", web.put("/feed.xml", _with_validators(feed(entry(one, "Kabar lama sekali")))))
        desk.crawl(web.allowed)
        web.put("/feed.xml", _with_validators(feed(entry(two, "Kabar baru sekali"), entry(one, "Kabar lama sekali"))))
        assert desk.crawl(web.allowed)["kabar"].state == "unchanged"
        assert web.headers["/feed.xml"]["If-None-Match"] == '"v1"'
        assert "If-Modified-Since" not in web.headers["/feed.xml"]
        desk.age_full_fetch("kabar", timedelta(hours=24))
        assert desk.crawl(web.allowed)["kabar"].new == 1
        assert {item.title for item in desk.items()} == {"Kabar lama sekali", "Kabar baru sekali"}


def test_a_post_that_was_erased_here_does_not_come_back(desk: Desk) -> None:
    from waspada.sources.types import SourceKind
    from waspada.store.tables import ItemRow, ItemVersionRow

    with BadWeb() as web:
        posts = feed(entry(web.url("/@uji/1"), "", summary="<p>Jalan Veteran tergenang sejak pagi</p>"))
        desk.add("pos", web.put("/tags/kalsel.rss", badweb.xml(posts)), SourceKind.MASTODON_RSS)
        assert desk.crawl(web.allowed)["pos"].new == 1
        with desk.store.write() as session:
            session.query(ItemVersionRow).delete()
            session.query(ItemRow).delete()
        web.put("/tags/kalsel.rss", badweb.xml(posts + "<!-- served again -->"))
        assert desk.crawl(web.allowed)["pos"].new == 0
        assert desk.items() == []


def test_entries_without_an_address_do_not_pass_for_new_ones(desk: Desk) -> None:
    with BadWeb() as web:
        one = web.put("/berita/satu-dua-tiga", badweb.html(article("Satu dua tiga")))
        lost = [entry("javascript:alert(1)", f"Tanpa alamat {n}") for n in range(9)]
        text = feed(entry(one, "Satu dua tiga", "Sun, 03 Nov 2024 01:00:00 +0000"), *lost)
        desk.add("kabar", web.put("/feed.xml", badweb.xml(text)))
        for n in range(2):
            desk.make_due("kabar")
            web.put("/feed.xml", badweb.xml(text + " " * n))
            desk.crawl(web.allowed)
        assert desk.source("kabar").interval_seconds > 1800


def test_the_same_words_at_an_address_that_says_nothing_are_one_item_and_are_not_asked_for_again(desk: Desk) -> None:
    date = "Sun, 03 Nov 2024 01:00:00 +0000"
    with BadWeb() as web:
        one = web.put("/berita/tanggul-jebol-lagi", badweb.html(article("Tanggul jebol lagi")))
        two = web.put("/arsip/salinan-tanggul-itu", badweb.html(article("Tanggul jebol lagi")))
        desk.add("kabar", web.put("/feed.xml", badweb.xml(feed(entry(one, "Tanggul jebol lagi", date)))))
        desk.crawl(web.allowed)
        both = feed(entry(two, "Tanggul jebol lagi, kata umpan", date), entry(one, "Tanggul jebol lagi", date))
        web.put("/feed.xml", badweb.xml(both))
        row = desk.crawl(web.allowed)["kabar"]
        (item,) = desk.items()
        assert (row.new, row.unchanged, item.url, item.version) == (0, 1, one, 1)
        alias = next(page for page in desk.pages() if page.url == two)
        assert (alias.state, alias.detail) == ("skipped", f"another address of item {item.id}")
        web.put("/feed.xml", badweb.xml(both.replace("kata umpan", "umpan yang disunting")))
        desk.crawl(web.allowed)
        # An edit told at the second address is looked for at the first.
        assert (web.asked("/arsip/salinan-tanggul-itu"), web.asked("/berita/tanggul-jebol-lagi")) == (1, 2)


def test_an_address_that_only_leads_on_to_the_canonical_one_still_sees_edits(desk: Desk) -> None:
    date = "Sun, 03 Nov 2024 01:00:00 +0000"
    with BadWeb() as web:
        head = f'<link rel="canonical" href="{web.url("/berita/alamat-resmi-kabar")}">'
        link = web.put("/umpan/alamat-lain-kabar", badweb.html(article("Alamat resmi", head=head)))
        desk.add("kabar", web.put("/feed.xml", badweb.xml(feed(entry(link, "Alamat resmi", date)))))
        desk.crawl(web.allowed)
        web.put(
            "/umpan/alamat-lain-kabar",
            badweb.html(article("Alamat resmi", *PARAGRAPHS, "Ralat: tiga pompa.", head=head)),
        )
        web.put("/feed.xml", badweb.xml(feed(entry(link, "Alamat resmi baru", date))))
        assert desk.crawl(web.allowed)["kabar"].changed == 1
