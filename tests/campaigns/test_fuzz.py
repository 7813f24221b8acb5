"""Long campaigns of odd input: whatever bytes arrive, readers answer and never raise what is not theirs."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

import nlp
from crawler.extraction import ExtractionError, extract
from crawler.feeds import parse_feed
from crawler.sitemaps import parse_sitemap
from waspada.cli.demo.site import OutletSite
from waspada.cli.demo.world import World
from waspada.clock import DEFAULT_ZONE
from waspada.items.jsonl import parse_lines
from waspada.taxonomy import ItemText

pytestmark = pytest.mark.full

NOW = datetime(2024, 11, 20, tzinfo=UTC)
ROUNDS = 1500
_SPLICES = (b"<!--", b"]]>", b"<![CDATA[", b"&#0;", b"\x00", b"\xff\xfe", b"</p>" * 50, b"<table>" * 50)


def mutated(data: bytes, rng: random.Random) -> bytes:
    """The bytes with a few cuts, swaps, repeats and splices."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(len(out) + 1)
        match rng.randrange(5):
            case 0:
                del out[at : at + rng.randint(1, 400)]
            case 1:
                out[at:at] = rng.choice(_SPLICES)
            case 2:
                out[at : at + 4] = rng.randbytes(4)
            case 3:
                out[at:at] = out[at : at + rng.randint(1, 300)]
            case _:
                out = out[:at] or out
    return bytes(out)


def samples() -> tuple[list[bytes], list[bytes]]:
    """Pages and feeds of the demo, one of each design and form."""
    world = World(NOW)
    sites = [OutletSite(outlet, world.of(outlet.id)) for outlet in world.outlets.values()]
    for site in sites:
        site.base = f"https://{site.outlet.id}.example"
    pages = [site.page_of(site.items()[0]).encode() for site in sites if site.outlet.design and site.items()]
    feeds = [site.respond("/feed")[2].encode()[:20_000] for site in sites if site.items()]
    return pages, feeds


PAGES, FEEDS = samples()


@pytest.mark.parametrize("seed", range(4))
def test_no_page_breaks_the_extractor(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(ROUNDS // 10):
        page = mutated(rng.choice(PAGES), rng)
        try:
            found = extract(page, "https://kabar.example/berita/1", now=NOW)
        except ExtractionError:
            continue
        assert found.published_at is None or found.published_at <= NOW.replace(day=22)
        assert "\x00" not in found.title + found.text


@pytest.mark.parametrize("reader", [parse_feed, parse_sitemap])
@pytest.mark.parametrize("seed", range(2))
def test_no_feed_breaks_its_reader(reader: Callable[..., object], seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(ROUNDS // 5):
        reader(mutated(rng.choice(FEEDS), rng), "https://kabar.example/feed", zone=DEFAULT_ZONE)


def test_no_line_breaks_the_contract() -> None:
    rng = random.Random(1)
    line = b'{"id": 1, "title": "Warga bentrok", "text": "Dua luka.", "published_at": "2024-11-20"}'
    for parsed in parse_lines((mutated(line, rng) for _ in range(20 * ROUNDS)), DEFAULT_ZONE):
        assert (parsed.item is None) == (parsed.problem is not None)


def test_no_text_breaks_the_tagger() -> None:
    rng = random.Random(2)
    tagger = nlp.load()
    for _ in range(ROUNDS // 20):  # a second each where the processor has no int8
        text = mutated(rng.choice(PAGES)[:3000], rng).decode("utf-8", "surrogateescape")
        [tags] = tagger.classify([ItemText("1", text[:100], text)])
        for evidence in tags.evidence:
            field = text[:100] if evidence.field == "title" else text
            assert field[evidence.start : evidence.end] == evidence.sentence
