"""Recorded real feeds and pages, crawled over HTTP: every entry seen, every article an item, listings none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import feedparser
import pytest

from crawler.body import token_f1
from tests.crawler import recorded
from tests.crawler.desk import Desk, open_desk
from waspada.clock import ZONES, local_day
from waspada.sources.types import SourceKind
from waspada.store.tables import ItemRow

pytestmark = pytest.mark.skipif(not recorded.is_present(), reason=recorded.WHY_ABSENT)
WIB = ZONES["WIB"]


@dataclass
class Crawl:
    desk: Desk
    items: dict[str, ItemRow]
    texts: dict[str, str]


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawl]:
    desk = open_desk(tmp_path_factory.mktemp("recorded"))
    with recorded.served() as base:
        for name in recorded.feeds():
            desk.add(f"feed-{name}", f"{base}/feeds/{name}", zone="WIB", outlet="")
        desk.add("peta", f"{base}/sitemap.xml", SourceKind.NEWS_SITEMAP, zone="WIB", outlet="")
        desk.crawl(frozenset({base.removeprefix("http://")}), only_allowed=True)  # the links lead to real outlets
    items = {item.url.rpartition("/")[2]: item for item in desk.items("peta")}
    texts = {name: desk.texts(item.id)[-1] for name, item in items.items()}
    yield Crawl(desk, items, texts)
    desk.store.close()


def test_every_feed_entry_is_seen(crawl: Crawl) -> None:
    titles = {page.title for page in crawl.desk.pages()}
    for name in recorded.feeds():
        entries = feedparser.parse(str(recorded.DATA / "feeds" / name)).entries
        assert len(entries) == 20
        missing = [entry.title for entry in entries if " ".join(entry.title.split()) not in titles]
        assert not missing


@pytest.mark.parametrize("expected", recorded.expectations() if recorded.is_present() else [], ids=lambda e: e.name)
def test_every_article_is_an_item_with_the_right_fields(crawl: Crawl, expected: recorded.Expected) -> None:
    item = crawl.items[expected.name]
    assert item.title == expected.title
    assert item.published_at is not None
    assert local_day(item.published_at, WIB) == local_day(expected.published_at, WIB)
    assert token_f1(crawl.texts[expected.name], expected.text) >= 0.85
    if expected.outlet:
        assert item.outlet.casefold() == expected.outlet.casefold()


def test_bodies_are_right_on_average(crawl: Crawl) -> None:
    scores = [token_f1(crawl.texts[e.name], e.text) for e in recorded.expectations()]
    assert sum(scores) / len(scores) >= 0.97


def test_listings_are_no_items_and_say_why(crawl: Crawl) -> None:
    listings = recorded.listings()
    assert len(listings) >= 4
    assert not [name for name in listings if name in crawl.items]
    pages = {page.url.rpartition("/")[2]: page for page in crawl.desk.pages("peta")}
    assert {pages[name].state for name in listings} == {"skipped"}
