"""Body token F1 on the recorded pages, beside the extractors we build on, in one run: `python -m benchmarks.extract`.

Also: titles, days (in WIB) and outlets right, listings refused, pages a second (CPU time of one core, extraction and
metadata). The pages are not part of the project; where they are absent this prints "not run" and why.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import trafilatura
from lxml import html as lxml_html
from readability import Document

from crawler.body import token_f1
from crawler.extraction import Extracted, decoded, extract
from tests.crawler import recorded
from waspada.clock import ZONES, local_day

WIB = ZONES["WIB"]
Extractor = Callable[[bytes], str]


def _default(page: bytes) -> str:
    return trafilatura.extract(page, include_comments=False) or ""


def _precise(page: bytes) -> str:
    return trafilatura.extract(page, favor_precision=True, include_comments=False) or ""


def _readability(page: bytes) -> str:
    return str(lxml_html.fromstring(Document(decoded(page)).summary()).text_content())


def _ours(page: bytes) -> Extracted:
    return extract(page, "http://127.0.0.1/page.html", zone=WIB)


PEERS: dict[str, Extractor] = {
    "trafilatura default": _default,
    "trafilatura favor_precision": _precise,
    "readability-lxml": _readability,
}


def main() -> None:
    if not recorded.is_present():
        print(f"benchmarks.extract: not run: {recorded.WHY_ABSENT}")
        return
    expected = recorded.expectations()
    pages = [(recorded.DATA / "pages" / each.name).read_bytes() for each in expected]
    print(f"{len(pages)} recorded article pages, token F1 of the body (mean, lowest), pages a second of CPU time")
    for name, extractor in PEERS.items():
        _print_row(name, expected, pages, extractor)
    _print_row("waspada", expected, pages, lambda page: _ours(page).text)
    _print_fields(expected, [_ours(page) for page in pages])


def _print_row(name: str, expected: list[recorded.Expected], pages: list[bytes], extractor: Extractor) -> None:
    started = time.process_time()
    texts = [extractor(page) for page in pages]
    seconds = time.process_time() - started
    scores = [token_f1(text, each.text) for text, each in zip(texts, expected, strict=True)]
    print(f"  {name:<28} {statistics.mean(scores):.3f}  {min(scores):.3f}  {len(pages) / seconds:6.1f}/s")


def _print_fields(expected: list[recorded.Expected], found: list[Extracted]) -> None:
    pairs = list(zip(expected, found, strict=True))
    titles = sum(each.title == page.title for each, page in pairs)
    days = sum(
        page.published_at is not None and local_day(page.published_at, WIB) == local_day(each.published_at, WIB)
        for each, page in pairs
    )
    named = [(each.outlet, page.outlet) for each, page in pairs if each.outlet]
    outlets = sum(want.casefold() == got.casefold() for want, got in named)
    listings = [_ours((recorded.DATA / "pages" / name).read_bytes()) for name in recorded.listings()]
    refused = sum(not page.is_article for page in listings)
    taken = sum(page.is_article for page in found)
    print(f"  articles taken {taken}/{len(found)}, listings refused {refused}/{len(listings)}")
    print(f"  titles {titles}/{len(pairs)}, days {days}/{len(pairs)}, outlets {outlets}/{len(named)}")


if __name__ == "__main__":
    main()
