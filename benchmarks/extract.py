"""Extraction beside the extractors we build on and newspaper4k, page by page.

    python -m benchmarks.extract [--pages FOLDER]

Three sets: the recorded pages of national outlets (no part of the project; "not run" where they are absent), the page
designs of tests/crawler/designs, each with two articles (one where it has an article of its own form), and as the
English control the same designs with articles in English. `--pages` adds a set: a folder as `waspada extract --record`
writes it. For every extractor: token F1 of the body (mean, lowest), the mean difference to ours on the same pages with
its 95 % bootstrap interval, and pages a second (CPU time of one core; ours includes metadata). Then publication times
beside htmldate's, our titles and sections, and listings refused.

The designs were written with this extractor at hand, so their figures are a guard against regressions more than a
forecast. What to forecast from is the first sight of designs that nobody had tuned for, body F1 beside trafilatura's
default on the same pages: 0.787 (14 designs), then 0.972 beside 0.883 (12), 0.937 beside 0.782 (8, made to be hard) and
0.907 beside 0.872 (6).
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import ModuleType
from zoneinfo import ZoneInfo

import htmldate
import trafilatura
from lxml import html as lxml_html
from readability import Document

from benchmarks.shared import results, verdict
from crawler.body import token_f1
from crawler.extraction import Extracted, decoded, extract
from crawler.recording import Recorded, recorded_pages
from tests.crawler import designs, recorded
from waspada.clock import ZONES, local_day

WIB = ZONES["WIB"]
Extractor = Callable[[Recorded], str]
Clock = Callable[[Recorded], datetime | None]
#: (floor, goal) of the measures.
BODY, GAIN, TIMES, PAGES_A_SECOND = (0.95, 0.98), (0.01, 0.03), (0.95, 0.99), (20, 30)
_BLOCKS = ("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "tr", "td", "blockquote", "br")
PEER_HINT = "`make bench-extract` puts it in a folder of its own (it needs python-dateutil<3)"


@dataclass(frozen=True, slots=True)
class PageSet:
    """`has_sections` where the expectations name them."""

    name: str
    pages: Sequence[Recorded]
    has_sections: bool = True


def _default(page: Recorded) -> str:
    return trafilatura.extract(page.body, include_comments=False) or ""


def _precise(page: Recorded) -> str:
    return trafilatura.extract(page.body, favor_precision=True, include_comments=False) or ""


def _readability(page: Recorded) -> str:
    """Its summary, with the ends of blocks as ends of words."""
    tree = lxml_html.fromstring(Document(decoded(page.body)).summary())
    for block in tree.iter(*_BLOCKS):
        block.text, block.tail = f"\n{block.text or ''}", f"\n{block.tail or ''}"
    return str(tree.text_content())


def _htmldate(page: Recorded) -> datetime | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # dateutil does not know "WITA"
        html, form = decoded(page.body), "%Y-%m-%dT%H:%M:%S%z"
        found = htmldate.find_date(html, url=page.url, original_date=True, outputformat=form)
    return _aware(datetime.fromisoformat(found), page.zone) if found else None


def _aware(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _ours(page: Recorded) -> Extracted:
    fed = page.feed_published if isinstance(page, designs.Page) else None
    return extract(page.body, page.url, zone=page.zone, feed_published=fed, now=page.recorded_at)


@cache
def _newspaper() -> ModuleType | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import newspaper
        except ImportError:
            return None
    return newspaper  # type: ignore[no-any-return]


def _newspaper_article(page: Recorded) -> object:
    newspaper = _newspaper()
    assert newspaper is not None
    article = newspaper.Article(page.url, language="id", fetch_images=False)
    article.download(input_html=decoded(page.body))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # dateutil does not know "WITA"
        article.parse()
    return article


def _newspaper_text(page: Recorded) -> str:
    return str(getattr(_newspaper_article(page), "text", ""))


def _newspaper_time(page: Recorded) -> datetime | None:
    found = getattr(_newspaper_article(page), "publish_date", None)
    return _aware(found, page.zone) if isinstance(found, datetime) else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--pages", type=Path, metavar="FOLDER", help="recorded pages")
    folder = parser.parse_args().pages
    if recorded.is_present():
        _compare(PageSet("recorded article pages", _recorded_pages(), has_sections=False))
        _print_listings()
    else:
        print(f"recorded article pages: not run: {recorded.WHY_ABSENT}")
    _compare(PageSet(f"pages of {len(designs.designs())} own designs", list(designs.pages(per_design=2))))
    _compare(PageSet("pages of the same designs with English articles", list(designs.english_pages())))
    given = [page for page in recorded_pages(folder) if page.is_article] if folder else []
    if given:
        _compare(PageSet(f"article pages of {folder}", given))
    if _newspaper() is None:
        print(f"newspaper4k: not run: {PEER_HINT}")


def _peers() -> dict[str, Extractor]:
    found: dict[str, Extractor] = {
        "trafilatura default": _default,
        "trafilatura favor_precision": _precise,
        "readability-lxml": _readability,
    }
    return found | ({"newspaper4k": _newspaper_text} if _newspaper() else {})


def _clocks() -> dict[str, Clock]:
    found: dict[str, Clock] = {"htmldate": _htmldate}
    return found | ({"newspaper4k": _newspaper_time} if _newspaper() else {})


def _recorded_pages() -> list[Recorded]:
    return [
        Recorded(
            name=each.name,
            url="http://127.0.0.1/page.html",
            body=(recorded.DATA / "pages" / each.name).read_bytes(),
            title=each.title,
            text=each.text,
            published_at=each.published_at,
            section=None,
            is_article=True,
            zone=WIB,
        )
        for each in recorded.expectations()
    ]


def _compare(chosen: PageSet) -> None:
    pages = chosen.pages
    print(
        f"{len(pages)} {chosen.name}: token F1 (mean, lowest), ours minus theirs [95 % interval], pages a second of CPU"
        " time"
    )
    found: list[Extracted] = []
    _ours(pages[0])  # word lists are read at the first page

    def text_of(page: Recorded) -> str:
        found.append(_ours(page))
        return found[-1].text

    ours, speed = _scores(pages, text_of)
    print(f"  {'waspada':<28} {statistics.mean(ours):.3f}  {min(ours):.3f}  {'':<24}  {speed:6.1f}/s")
    gains: dict[str, float] = {}
    for peer, extractor in _peers().items():
        theirs, rate = _scores(pages, extractor)
        low, gains[peer], high = _paired(ours, theirs)
        difference = f"{gains[peer]:+.3f} [{low:+.3f}, {high:+.3f}]"
        print(f"  {peer:<28} {statistics.mean(theirs):.3f}  {min(theirs):.3f}  {difference:<24}  {rate:6.1f}/s")
    best = min(gains, key=lambda peer: gains[peer])
    not_below = "yes" if gains["trafilatura default"] >= 0 else "no"
    results.print(f"    body F1 {statistics.mean(ours):.3f}: {verdict(statistics.mean(ours), *BODY)}")
    results.print(f"    gain over the best alone ({best}) {gains[best]:+.3f}: {verdict(gains[best], *GAIN)}")
    results.print(f"    not below trafilatura default: {not_below}")
    results.print(f"    pages a second {speed:.0f}: {verdict(speed, *PAGES_A_SECOND)}")
    _print_times(pages, {"waspada": [each.published_at for each in found]} | _times(pages))
    _print_fields(chosen, found)


def _times(pages: Sequence[Recorded]) -> dict[str, list[datetime | None]]:
    return {name: [clock(page) for page in pages] for name, clock in _clocks().items()}


def _print_times(pages: Sequence[Recorded], found: dict[str, list[datetime | None]]) -> None:
    for name, moments in found.items():
        pairs = list(zip(pages, moments, strict=True))
        minutes = sum(_is_near(page.published_at, moment) for page, moment in pairs)
        days = sum(_same_day(page, moment) for page, moment in pairs)
        shares = f"within a minute {minutes / len(pages):.1%}, the day {days / len(pages):.1%}"
        said = f": {verdict(minutes / len(pages), *TIMES)}" if name == "waspada" else ""
        results.print(f"    published, {name}: {shares}{said}")


def _scores(pages: Sequence[Recorded], extractor: Extractor) -> tuple[list[float], float]:
    """Token F1 of every page, and pages a second."""
    started = time.process_time()
    texts = [extractor(page) for page in pages]
    seconds = time.process_time() - started
    return [token_f1(text, page.text) for text, page in zip(texts, pages, strict=True)], len(pages) / seconds


def _paired(ours: Sequence[float], theirs: Sequence[float], rounds: int = 2000) -> tuple[float, float, float]:
    """Lower end, mean and upper end of the difference page by page (bootstrap over pages)."""
    differences = [one - other for one, other in zip(ours, theirs, strict=True)]
    dice = random.Random(7)
    drawn = sorted(statistics.fmean(dice.choices(differences, k=len(differences))) for _ in range(rounds))
    return drawn[int(0.025 * rounds)], statistics.fmean(differences), drawn[int(0.975 * rounds)]


def _print_fields(chosen: PageSet, found: Sequence[Extracted]) -> None:
    pairs = list(zip(chosen.pages, found, strict=True))
    titles = sum(page.title == got.title for page, got in pairs)
    taken = sum(got.is_article for got in found)
    sections = f", sections {sum(page.section == got.section for page, got in pairs)}" if chosen.has_sections else ""
    print(f"    of {len(pairs)}: articles {taken}, titles {titles}{sections}")


def _is_near(expected: datetime | None, found: datetime | None) -> bool:
    if expected is None or found is None:
        return expected is found
    return abs(expected - found) <= timedelta(minutes=1)


def _same_day(page: Recorded, found: datetime | None) -> bool:
    if page.published_at is None or found is None:
        return page.published_at is found
    return local_day(page.published_at.astimezone(UTC), page.zone) == local_day(found.astimezone(UTC), page.zone)


def _print_listings() -> None:
    listings = [(recorded.DATA / "pages" / name).read_bytes() for name in recorded.listings()]
    refused = sum(not extract(page, "http://127.0.0.1/page.html", zone=WIB).is_article for page in listings)
    print(f"    listings refused {refused} of {len(listings)}")


if __name__ == "__main__":
    main()
