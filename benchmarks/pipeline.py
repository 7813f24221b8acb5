"""Items a second from fetched page to stored alert, by stage, and whether the cost grows with what is stored.

    python -m benchmarks.pipeline [--small 1000] [--large 50000] [--probe 400]

Pages are the demo's article pages with most words made up, so that no two are the same; they arrive 400 a day. The
store is filled up to each size by the real grouping and ranking (tags are drawn from a pool there, to save the model's
time), then `--probe` fresh pages go the whole way. Beside it stands trafilatura alone on the same pages: the least that
any pipeline on these pages costs. Ratios are what to compare; the machine is noisy.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trafilatura
from sqlalchemy.orm import Session

import nlp
from crawler.extraction import extract
from waspada.cli.demo.site import OutletSite
from waspada.cli.demo.world import DemoItem, World
from waspada.items.policy import url_key
from waspada.items.service import store_item
from waspada.items.types import FoundItem
from waspada.jobs.group import group_tagged
from waspada.jobs.rank import RankingData, rank_stale
from waspada.jobs.tag import tag_waiting
from waspada.settings import load_settings
from waspada.sources.service import add_source
from waspada.sources.types import NewSource
from waspada.store import Store, open_url
from waspada.taxonomy import ItemKind, ItemText, Tagger, Tags

ITEMS_A_DAY = 400
COPIES = 0.2
MADE_UP = 0.7
SYLLABLES = [a + b for a in "bcdgjklmnprst" for b in ("a", "e", "i", "o", "u", "ang", "er")]
START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Page:
    url: str
    outlet: str
    html: bytes
    item: DemoItem


class Seconds:
    """Processor seconds by stage: other work on the machine does not count."""

    def __init__(self) -> None:
        self.of: dict[str, float] = defaultdict(float)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        started = time.process_time()
        yield
        self.of[name] += time.process_time() - started


class PooledTagger:
    """Gives each item the tags of one of a pool of really tagged texts: fills a store without the model's time."""

    model = "pooled"

    def __init__(self, tags: Sequence[Tags], seed: int) -> None:
        self._tags, self._random = tags, random.Random(seed)

    def classify(self, items: Sequence[ItemText]) -> list[Tags]:
        return [replace(self._random.choice(self._tags), id=item.id) for item in items]


def pages(count: int, first: int, seed: int) -> Iterator[Page]:
    """Article pages of the demo in which seven words of ten are made up; one page in five is a copy of the one before.

    So most pages tell of events of their own, as real ones do, and some are wire copies.
    """
    rng = random.Random(seed)
    world = World(START)
    sites = [OutletSite(outlet, world.of(outlet.id)) for outlet in world.outlets.values() if outlet.design]
    articles = [item for item in world.items if item.title]
    for number in range(first, first + count):
        site, at = rng.choice(sites), START + timedelta(days=1) * (number / ITEMS_A_DAY)
        if number == first or rng.random() > COPIES:
            one = rng.choice(articles)
            text = replace(one, title=remade(one.title, rng), paragraphs=tuple(remade(p, rng) for p in one.paragraphs))
        item = replace(text, id=f"b{number}", published_at=at)
        site.base = f"https://{site.outlet.id}.example"
        html = site.page_of(item).encode()
        yield Page(site.url_of(item), site.outlet.id, html, item)


def remade(text: str, rng: random.Random) -> str:
    """The text with seven words of ten replaced; capitals, and so most places, stay."""
    return " ".join(
        word if word[:1].isupper() or rng.random() > MADE_UP else "".join(rng.choices(SYLLABLES, k=3))
        for word in text.split()
    )


def found(page: Page, title: str, text: str, at: datetime | None) -> FoundItem:
    return FoundItem(
        source_id=page.outlet,
        kind=ItemKind.ARTICLE,
        outlet=page.outlet,
        url=page.url,
        url_key=url_key(page.url),
        title=title,
        text=text,
        published_at=at,
    )


def fill(store: Store, tagger: Tagger, data: RankingData, upto: int, have: int) -> None:
    for batch in batches(pages(upto - have, have, seed=1), 256):
        now = batch[-1].item.published_at

        def save(session: Session, batch: list[Page] = batch, now: datetime = now) -> None:
            for page in batch:
                store_item(session, found(page, page.item.title, page.item.text, page.item.published_at), now)

        store.retrying(save)
        drain(store, tagger, data, now, Seconds())


def probe(store: Store, tagger: Tagger, data: RankingData, probes: list[Page]) -> Seconds:
    seconds = Seconds()
    for batch in batches(iter(probes), 64):
        now = batch[-1].item.published_at
        with seconds.stage("extract"):
            extracted = [extract(page.html, page.url) for page in batch]
        with seconds.stage("store"), store.write() as session:
            for page, one in zip(batch, extracted, strict=True):
                store_item(session, found(page, one.title, one.text, page.item.published_at), now)
        drain(store, tagger, data, now, seconds)
    return seconds


def drain(store: Store, tagger: Tagger, data: RankingData, now: datetime, seconds: Seconds) -> None:
    stages: dict[str, Callable[[], int]] = {
        "tag": lambda: tag_waiting(store, tagger, now),
        "group": lambda: group_tagged(store, now),
        "rank": lambda: rank_stale(store, data, now),
    }
    for name, work in stages.items():
        with seconds.stage(name):
            while work():
                pass


def batches(of: Iterator[Page], size: int) -> Iterator[list[Page]]:
    batch: list[Page] = []
    for page in of:
        batch.append(page)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def open_filled(folder: Path) -> Store:
    store = open_url(f"sqlite:///{folder / 'bench.db'}")
    world = World(START)
    with store.write() as session:
        for outlet in world.outlets.values():
            url = f"https://{outlet.id}.example/feed"
            add_source(session, NewSource(url=url, id=outlet.id, name=outlet.name, region=outlet.region), START)
    return store


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--small", type=int, default=1_000)
    parser.add_argument("--large", type=int, default=50_000)
    parser.add_argument("--probe", type=int, default=400)
    args = parser.parse_args()
    tagger = nlp.load()
    data = RankingData.load(load_settings())
    pool = tagger.classify([ItemText(p.item.id, p.item.title, p.item.text) for p in pages(300, 0, seed=9)])
    pooled = PooledTagger(pool, seed=3)
    rates: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        store = open_filled(Path(folder))
        have = 0
        for size in (args.small, args.large):
            fill(store, pooled, data, size, have)
            probes = list(pages(args.probe, size, seed=size))
            seconds = probe(store, tagger, data, probes)
            have = size + args.probe
            started = time.process_time()
            for page in probes:
                trafilatura.extract(page.html, favor_precision=True, include_comments=False)
            peer = time.process_time() - started
            total = sum(seconds.of.values())
            rates[size] = args.probe / total
            shares = ", ".join(f"{name} {1000 * spent / args.probe:.1f}" for name, spent in seconds.of.items())
            print(
                f"{size:>7} stored: {rates[size]:6.1f} items/s on one core ({shares} ms an item); "
                f"trafilatura alone {args.probe / peer:.1f}/s"
            )
        store.close()
    growth = rates[args.small] / rates[args.large]
    print(f"cost an item at {args.large} stored / at {args.small} stored: {growth:.2f} (goal: no growth)")
    print(f"model {tagger.model}; goal: 20 items a second on 2 cores")


if __name__ == "__main__":
    main()
