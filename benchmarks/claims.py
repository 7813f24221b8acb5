"""How well a circulating text finds its fact-check, and where the thresholds of a match lie.

    python -m benchmarks.claims

Hoaxes as they circulated look for the headline of their fact-check among all headlines of the labelled set; texts that
are their own headline are left out, for they find it trivially. News headlines (and, only to look, whole articles)
stand for texts without a fact-check. `SUGGESTED_FROM` is the score that 5 % of the headlines of one half reach,
`CONFIRMED_FROM` the score that 0.5 % reach, both rounded up; the other half says what they are worth.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import math
import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.shared import DATA
from waspada.claims.matching import CONFIRMED_FROM, SUGGESTED_FROM, ClaimIndex
from waspada.claims.types import FactCheck, Match
from waspada.items.policy import normalised

_HOAXES = DATA / "labelled" / "hoax_claims.jsonl"
_HEADLINES = DATA / "news" / "headlines.jsonl.gz"
_ARTICLES = DATA / "news" / "articles.jsonl.gz"
_SEED = 7
_TEXTS, _NEWS, _LEAST_WORDS = 500, 4_000, 4
#: Shares of texts without a fact-check that may reach the two thresholds.
_SUGGESTED_SHARE, _CONFIRMED_SHARE = 0.05, 0.005
#: Collections and outlets of fact-checks among the news, and texts that tell of a hoax: they may have a fact-check.
_OF_HOAXES = re.compile(r"hoax|hoaks|cek.?fakta|fakta atau|disinformasi|misinformasi", re.IGNORECASE)
_PERCENTILES = (1, 5, 25, 50, 75, 95, 99)


@dataclass(frozen=True, slots=True)
class Found:
    """The best match of one text: its score, and the place of the right headline (0 best; None: not among ten)."""

    half: int
    score: float
    place: int | None = None


def main() -> None:
    missing = [path for path in (_HOAXES, _HEADLINES, _ARTICLES) if not path.is_file()]
    if missing:
        print(f"not run: {missing[0]} is not there; set WASPADA_DATA to the folder that holds labelled/ and news/")
        return
    hoaxes = [row for row in _rows(_HOAXES) if row.get("title") and row["text"]]
    index = ClaimIndex([FactCheck(key, "", title) for key, title in _headlines(hoaxes).items()])
    chance = random.Random(_SEED)
    started = time.perf_counter()
    texts = [
        _found(index, row["text"], normalised(row["title"])) for row in _sample(_circulating(hoaxes), chance, _TEXTS)
    ]
    milliseconds = 1000 * (time.perf_counter() - started) / len(texts)
    _print_success(texts, len(_headlines(hoaxes)), milliseconds)
    news = [_found(index, row["title"]) for row in _sample(_news(_HEADLINES), chance, _NEWS)]
    articles = [_found(index, f"{row['title']} {row['text']}") for row in _sample(_news(_ARTICLES), chance, _NEWS // 4)]
    _print_scores({"right fact-check is best": _right(texts), "news headlines": news, "news articles": articles})
    _print_thresholds(texts, news, articles)


def _print_success(texts: Sequence[Found], headlines: int, milliseconds: float) -> None:
    print(f"{len(texts)} circulating texts among {headlines} headlines; {milliseconds:.1f} ms a text")
    for at in (1, 10):
        hits = sum(one.place is not None and one.place < at for one in texts)
        share, error = hits / len(texts), 1.96 * math.sqrt(hits * (len(texts) - hits) / len(texts) ** 3)
        print(f"  success@{at:<3} {share:6.1%} (95 %: +-{error:.1%})")


def _print_scores(kinds: dict[str, list[Found]]) -> None:
    print(f"\n{'best score, percentile':<26} {'n':>5} " + " ".join(f"{p:>5}" for p in _PERCENTILES))
    for kind, found in kinds.items():
        values = np.percentile([one.score for one in found], _PERCENTILES)
        print(f"{kind:<26} {len(found):>5} " + " ".join(f"{value:5.2f}" for value in values))


def _print_thresholds(texts: Sequence[Found], news: Sequence[Found], articles: Sequence[Found]) -> None:
    chosen = [_chosen([one for one in news if one.half == 0], share) for share in (_SUGGESTED_SHARE, _CONFIRMED_SHARE)]
    print(f"\nchosen on half 0: SUGGESTED_FROM {chosen[0]:.2f}, CONFIRMED_FROM {chosen[1]:.2f}")
    print(f"in the product:   SUGGESTED_FROM {SUGGESTED_FROM:.2f}, CONFIRMED_FROM {CONFIRMED_FROM:.2f}")
    print(
        f"{'on half 1, at or above':<32} {'headlines':>9} {'articles':>9} {'of texts, right':>16} {'texts, wrong':>13}"
    )
    other = [one for one in texts if one.half == 1]
    right, wrong = _right(other), [one for one in other if one.place != 0]
    for name, least in (("suggested", SUGGESTED_FROM), ("confirmed", CONFIRMED_FROM)):
        shares = [
            _share([one for one in news if one.half == 1], len([one for one in news if one.half == 1]), least),
            _share(articles, len(articles), least),
            _share(right, len(other), least),
            _share(wrong, len(other), least),
        ]
        print(f"{name + f' ({least:.2f})':<32} {shares[0]:9.1%} {shares[1]:9.1%} {shares[2]:16.1%} {shares[3]:13.1%}")


def _chosen(found: Sequence[Found], share: float) -> float:
    """The score that this share reaches, rounded up to two digits."""
    return math.ceil(100 * float(np.quantile([one.score for one in found], 1 - share))) / 100


def _share(found: Sequence[Found], of: int, least: float) -> float:
    return sum(one.score >= least for one in found) / of


def _right(texts: Sequence[Found]) -> list[Found]:
    return [one for one in texts if one.place == 0]


def _found(index: ClaimIndex, text: str, right: str | None = None) -> Found:
    matches: list[Match] = index.match("", text)
    place = next((n for n, match in enumerate(matches) if match.claim_id == right), None)
    half = hashlib.sha1(normalised(text).encode(), usedforsecurity=False).digest()[0] % 2
    return Found(half, matches[0].score, place)


def _headlines(hoaxes: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Each headline once, by its words: several texts may share one fact-check."""
    return {normalised(row["title"]): row["title"] for row in hoaxes}


def _circulating(hoaxes: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    yield from (row for row in hoaxes if normalised(row["text"]) != normalised(row["title"]))


def _news(file: Path) -> Iterator[dict[str, Any]]:
    for row in _rows(file):
        title, text = row.get("title") or "", row.get("text") or ""
        told = " ".join((title, text, *(row.get(name) or "" for name in ("source", "outlet", "url"))))
        if len(title.split()) >= _LEAST_WORDS and not _OF_HOAXES.search(told):
            yield {"title": title, "text": text}


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    opened: Callable[..., Any] = gzip.open if file.suffix == ".gz" else open
    with opened(file, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _sample(rows: Iterator[dict[str, Any]], chance: random.Random, count: int) -> list[dict[str, Any]]:
    """So many rows by chance, each text once."""
    unique = {normalised(f"{row.get('title')} {row['text']}"): row for row in rows}
    return chance.sample(list(unique.values()), min(count, len(unique)))


if __name__ == "__main__":
    main()
