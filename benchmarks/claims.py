"""How well a circulating text finds its fact-check, and what a confirmed match is worth.

    python -m benchmarks.claims [MODEL_FOLDER] [--period tune|judge] [--cost]

**Finding.** Hoaxes as they circulated look for the headline of their fact-check among all headlines dated up to the end
of the period, each headline once; a text that is its own headline is left out, for it finds it trivially. `tune` is
January to June 2024, on which the weights of the sum and the thresholds were chosen; `judge` July to December 2024. A
text is found when a headline stands there under which it is filed. Many claims were checked by several outlets, so the
second pair of columns also counts a headline that two readers, each alone, took for a check of the same claim
(`benchmarks/data/same_claims.csv`: hashes). Read was, of `judge`, the first headline of ours, of BM25 and of the sum,
and where nothing right stood among the ten of one of these, all ten; of the other ways only what they share with them
is known. Ours is asked without the item's day; "claims without dates" leaves out the fact-checks' days too, "the item's
month known" gives the middle of the month of the fact-check, for the day of the text itself is not known. Beside it, in
the same run: BM25 over words, multilingual-e5-small as it is published (untouched, the whole text), and their sum
(z-scores over all headlines).

**Deciding.** Of the same texts, how many are suggested or confirmed, and how many of these are right; "or the same
claim" also takes another fact-check that shares half its words with the right headline. Texts without a fact-check:
news headlines and whole articles (none that name a hoax or a fact-check: they may have one), and, the hard ones,
headlines that the fact-checker found true, looked for among the others. Those of which half the words stand in what is
found were often checked twice, but near misses (another place or number) are among them too: the share without them is
a lower bound, that with them an upper one. Intervals are 95 % bootstrap intervals over texts.

**Cost** (`--cost`): processor time of a look-up among 10,000 and 100,000 made-up fact-checks, with made-up vectors.

Vectors are kept under --cache, so that a second run is quick. No coefficients are fitted on these texts; four weights
and two thresholds were chosen on `tune`.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import json
import random
import re
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import nlp
from benchmarks.fit_claims import claims as authored_claims
from benchmarks.shared import (
    DATA,
    Report,
    add_model_argument,
    in_percent,
    reporting,
    results,
    table_of,
    verdict,
)
from nlp.evaluation.metrics import Estimate, bootstrap_weights, interval
from waspada.claims.deciding import Folded
from waspada.claims.folding import claim_text, words_of
from waspada.claims.matching import CONFIRMED_FROM, SUGGESTED_FROM, ClaimIndex
from waspada.claims.sparse import rarity
from waspada.claims.types import FactCheck, Match
from waspada.errors import InputError, MissingExtraError
from waspada.items.policy import normalised
from waspada.taxonomy import ItemText

Floats = NDArray[np.float64]

_HOAXES = DATA / "labelled" / "hoax_claims.jsonl"
_HEADLINES = DATA / "news" / "headlines.jsonl.gz"
_ARTICLES = DATA / "news" / "articles.jsonl.gz"
_PERIODS = {"tune": ("2024-01-01", "2024-06-30"), "judge": ("2024-07-01", "2024-12-31")}
_SEED, _NEWS, _LEAST_WORDS, _BATCH, _REPLICATES = 7, 4_000, 4, 128, 1_000
_WORDS_IN_COMMON = 0.5
#: Collections and outlets of fact-checks among the news, and texts that tell of a hoax: they may have a fact-check.
_OF_HOAXES = re.compile(r"hoax|hoaks|cek.?fakta|fakta atau|disinformasi|misinformasi", re.IGNORECASE)
_FLOORS = {1: (0.78, 0.90), 10: (0.92, 0.97)}
_SAME = "data/same_claims.csv"
_COST_SIZES, _COST_TEXTS = (10_000, 100_000), 200


@dataclass(frozen=True, slots=True)
class Headline:
    """A fact-check's headline, its day where known, and whether it was found true."""

    title: str
    day: date | None
    true: bool


@dataclass(frozen=True, slots=True)
class Circulating:
    """A text, the headlines (positions) under which it is filed, those that readers took for checks of the same claim,
    and the middle of the month of its fact-check."""

    text: str
    right: frozenset[int]
    month: date
    same: frozenset[int] = frozenset()

    @property
    def either(self) -> frozenset[int]:
        return self.right | self.same


class Vectors:
    """An embedder that keeps what it made in a file; `name` tells the model."""

    def __init__(self, name: str, embed: Callable[[list[ItemText]], NDArray[np.float32]], cache: Path) -> None:
        self._embed, self._file = embed, cache / f"claims-{name}.npz"
        self._known: dict[str, NDArray[np.float32]] = {}
        if self._file.is_file():
            kept = np.load(self._file)
            self._known = dict(zip(kept["keys"].tolist(), kept["vectors"], strict=True))

    def prepare(self, texts: Sequence[str], report: Report, stage: str) -> None:
        """Embeds what is not known, short texts first."""
        new = sorted({text for text in texts if _key(text) not in self._known}, key=len)
        for at in range(0, len(new), _BATCH):
            report(stage, at, len(new))
            self._take(new[at : at + _BATCH])
        self.keep()

    def keep(self) -> None:
        """Writes the file."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(self._file, keys=np.array(list(self._known)), vectors=np.stack(list(self._known.values())))

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        new = [text for text in texts if _key(text) not in self._known]
        for at in range(0, len(new), _BATCH):
            self._take(new[at : at + _BATCH])
        return np.stack([self._known[_key(text)] for text in texts])

    def _take(self, texts: list[str]) -> None:
        vectors = self._embed([ItemText("", text=text) for text in texts])
        self._known |= {_key(text): vector for text, vector in zip(texts, vectors, strict=True)}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_model_argument(parser, nlp.DEFAULT_MODEL)
    parser.add_argument("--period", choices=sorted(_PERIODS), default="judge")
    parser.add_argument("--cost", action="store_true", help="measure only what a look-up costs")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "waspada-benchmarks")
    arguments = parser.parse_args()
    if arguments.cost:
        _cost()
        return
    missing = [path for path in (_HOAXES, _HEADLINES, _ARTICLES) if not path.is_file()]
    if missing:
        print(f"not run: {missing[0]} is not there; set WASPADA_DATA to the folder that holds labelled/ and news/")
        return
    headlines, texts = period(list(_hoax_rows()), *_PERIODS[arguments.period])
    results.print(f"{arguments.period}: {len(texts)} circulating texts among {len(headlines)} headlines")
    with reporting() as report:
        model = nlp.load(arguments.model)
        vectors = Vectors(model.model, model.embed, arguments.cache)
        index = ClaimIndex(_checks(headlines), vectors)
        _print_finding(index, headlines, texts, vectors, arguments.cache, report)
        _print_deciding("with embeddings", headlines, texts, vectors)
        _print_deciding("by words alone, as with a model that the matching was not fitted on", headlines, texts, None)
        vectors.keep()


def period(
    rows: Sequence[dict[str, Any]], first: str, last: str
) -> tuple[list[Headline], list[Circulating]]:  # fmt: skip
    """Headlines dated up to the last day (undated ones with them), and the texts of the period."""
    before = [row for row in rows if (row.get("date") or "") <= last]
    headlines: dict[str, Headline] = {}
    for row in before:
        day = date.fromisoformat(row["date"]) if row.get("date") else None
        true = row["labels"].get("verdict") == "true"
        headlines.setdefault(normalised(row["title"]), Headline(row["title"], day, true))
    at = {key: number for number, key in enumerate(headlines)}
    right: dict[str, set[int]] = {}
    words: dict[str, tuple[str, date]] = {}
    for row in before:
        key, title = normalised(row["text"]), normalised(row["title"])
        if (row.get("date") or "") >= first and key != title:
            right.setdefault(key, set()).add(at[title])
            words.setdefault(key, (row["text"], date.fromisoformat(row["date"]).replace(day=15)))
    same = _read_same(at)
    return list(headlines.values()), [
        Circulating(words[key][0], frozenset(found), words[key][1], frozenset(same.get(_key(key), ())))
        for key, found in right.items()
    ]


def _read_same(at: Mapping[str, int]) -> dict[str, set[int]]:
    """SHA-1 of a normalised text -> positions of the headlines that readers took for checks of its claim."""
    number_of = {_key(title): number for title, number in at.items()}
    found: dict[str, set[int]] = {}
    for row in csv.DictReader(files("benchmarks").joinpath(_SAME).read_text(encoding="utf-8").splitlines()):
        if row["headline"] in number_of:
            found.setdefault(row["text"], set()).add(number_of[row["headline"]])
    return found


def _print_finding(
    index: ClaimIndex,
    headlines: Sequence[Headline],
    texts: Sequence[Circulating],
    vectors: Vectors,
    cache: Path,
    report: Report,
) -> None:
    columns = ("success@1", "success@10", "@1, same claim", "@10, same claim")
    table = table_of("Finding", "way", *columns)
    peers = {"BM25 over words": bm25([h.title for h in headlines], [t.text for t in texts])}
    try:
        base = _untouched(cache, report)
        titles, queries = [h.title for h in headlines], [t.text[:1500] for t in texts]
        base.prepare(titles + queries, report, "untouched base")
        peers["e5-small, untouched"] = (base(queries) @ base(titles).T).astype(np.float64)
        peers["sum of both"] = _z(peers["BM25 over words"]) + _z(peers["e5-small, untouched"])
    except (InputError, MissingExtraError, ModuleNotFoundError) as error:
        results.print(f"e5-small not run: {error}")
    for name, scores in peers.items():
        _add(table, name, [_best_ten(row) for row in scores], texts)
    started = time.process_time()
    dated = _tens(index, texts)
    milliseconds = 1000 * (time.process_time() - started) / len(texts)
    _add(table, "ours", dated, texts)
    _add(table, "ours, claims without dates", _tens(ClaimIndex(_checks(headlines, dated=False), vectors), texts), texts)
    _add(table, "ours, without embeddings", _tens(ClaimIndex(_checks(headlines)), texts), texts)
    monthly = [[match.claim_id for match in index.match("", text.text, text.month)] for text in texts]
    _add(table, "ours, the item's month known", monthly, texts)
    results.print(table)
    for at, (floor, goal) in _FLOORS.items():
        filed, same = (float(np.mean(found)) for found in (_found(dated, texts, at), _found(dated, texts, at, True)))
        told = f"{verdict(filed, floor, goal)}; with the same claim {verdict(same, floor, goal)}"
        results.print(f"success@{at}: {told} (floor {floor}, goal {goal})")
    results.print(f"{milliseconds:.1f} ms of processor time a text, embedding it not counted where it was kept")


def _print_deciding(
    way: str, headlines: Sequence[Headline], texts: Sequence[Circulating], vectors: Vectors | None
) -> None:
    index = ClaimIndex(_checks(headlines), vectors)
    best = [index.match("", text.text)[0] for text in texts]
    right = np.array([match.claim_id in text.right for match, text in zip(best, texts, strict=True)])
    alike = right | np.array(
        [
            any(_words_in_common(headlines[match.claim_id], headlines[one]) for one in text.right)
            for match, text in zip(best, texts, strict=True)
        ]
    )
    chance = random.Random(_SEED)
    news = [index.match(row["title"], "")[0] for row in _sample(_news(_HEADLINES), chance, _NEWS)]
    articles = [index.match(row["title"], row["text"])[0] for row in _sample(_news(_ARTICLES), chance, _NEWS // 4)]
    hard, hardest = _hard(headlines, vectors)
    columns = ("texts", "right of these", "or the same claim", "headlines", "articles", "true, same topics", "at most")
    counts = f"{len(news)} headlines, {len(articles)} articles, {len(hard)} to {len(hardest)} true ones"
    table = table_of(f"Deciding {way} ({counts})", "", *columns)
    for name, least in (("suggested or confirmed", SUGGESTED_FROM), ("confirmed", CONFIRMED_FROM)):
        said = np.array([match.score >= least for match in best])
        negatives = [_share([match.score >= least for match in some]) for some in (news, articles, hard, hardest)]
        figures = [_share(said), _share(right[said]), _share(alike[said]), *negatives]
        table.add_row(f"{name} ({least:.2f})", *map(in_percent, figures))
    results.print(table)


def _hard(headlines: Sequence[Headline], vectors: Vectors | None) -> tuple[list[Match], list[Match]]:
    """Best matches of the headlines that were found true, among the others: without those of which half the words stand
    in the match, and all of them."""
    others = [one for one in headlines if not one.true]
    index = ClaimIndex(_checks(others), vectors)
    best = [(one, index.match(one.title, "")[0]) for one in headlines if one.true]
    kept = [match for one, match in best if not _words_in_common(one, others[match.claim_id])]
    return kept, [match for _, match in best]


def bm25(documents: Sequence[str], queries: Sequence[str], k1: float = 1.2, b: float = 0.75) -> Floats:
    """BM25 (queries, documents) over words as they stand, each word of a query once."""
    words = [normalised(text).split() for text in documents]
    mean = sum(map(len, words)) / max(1, len(words))
    postings: dict[str, dict[int, int]] = {}
    for number, document in enumerate(words):
        for word in document:
            of = postings.setdefault(word, {})
            of[number] = of.get(number, 0) + 1
    scores = np.zeros((len(queries), len(documents)))
    for row, query in enumerate(queries):
        for word in set(normalised(query).split()) & postings.keys():
            found = postings[word]
            at, times = np.array(list(found)), np.array(list(found.values()))
            lengths = np.array([len(words[number]) for number in found]) / mean
            weight = rarity(len(documents), len(found))
            scores[row, at] += weight * times * (k1 + 1) / (times + k1 * (1 - b + b * lengths))
    return scores


def _untouched(cache: Path, report: Report) -> Vectors:
    from benchmarks.retrieval import _base
    from nlp.encoder.folder import read_encoder_folder
    from nlp.encoder.tagger import EncoderTagger

    folder = _base(read_encoder_folder(nlp.shipped(nlp.ENCODER)), report)
    return Vectors("untouched", EncoderTagger(folder, find_places=lambda _item: ()).embed, cache)


def _checks(headlines: Sequence[Headline], dated: bool = True) -> list[FactCheck]:
    return [FactCheck(n, "", one.title, checked_on=one.day if dated else None) for n, one in enumerate(headlines)]


def _tens(index: ClaimIndex, texts: Sequence[Circulating]) -> list[list[int]]:
    """The ten headlines that the index finds for each text, the best first."""
    return [[match.claim_id for match in index.match("", text.text)] for text in texts]


def _best_ten(scores: Floats) -> list[int]:
    return [int(one) for one in np.argsort(-scores, kind="stable")[:10]]


def _found(
    tens: Sequence[Sequence[int]], texts: Sequence[Circulating], at: int, same: bool = False
) -> list[bool]:  # fmt: skip
    """Whether a right headline, or with `same` one of the same claim, stands among the first `at` of each text."""
    return [
        not (text.either if same else text.right).isdisjoint(ten[:at]) for ten, text in zip(tens, texts, strict=True)
    ]


def _add(table: Any, name: str, tens: Sequence[Sequence[int]], texts: Sequence[Circulating]) -> None:
    table.add_row(
        name, *(in_percent(_share(_found(tens, texts, at, same))) for same in (False, True) for at in _FLOORS)
    )


def _share(said: Sequence[bool] | NDArray[np.bool_]) -> Estimate:
    values = np.array(said, dtype=np.float64)
    if not len(values):
        return Estimate(0.0, 0.0, 0.0)
    weights = bootstrap_weights(len(values), _REPLICATES, np.random.default_rng(0))
    return interval(float(values.mean()), weights @ values / len(values))


def _z(scores: Floats) -> Floats:
    spread = np.maximum(scores.std(axis=1, keepdims=True), 1e-9)
    whole: Floats = (scores - scores.mean(axis=1, keepdims=True)) / spread
    return whole


def _words_in_common(one: Headline, other: Headline) -> bool:
    a, b = (set(Folded(words_of(claim_text(headline.title))).stems) for headline in (one, other))
    return len(a & b) >= _WORDS_IN_COMMON * min(len(a), len(b))


def _hoax_rows() -> Iterator[dict[str, Any]]:
    return (row for row in _rows(_HOAXES) if row.get("title") and row["text"])


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


def _key(text: str) -> str:
    return hashlib.sha1(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def _cost() -> None:
    texts = [one["text"] for claim in authored_claims() for one in claim["versions"]][:_COST_TEXTS]
    table = table_of("Processor time of a look-up, ms", "", *(f"{size:,} stored" for size in _COST_SIZES), "ratio")
    for name, embedder in (("by words only", None), ("with vectors", made_up_vectors)):
        spent = []
        for size in _COST_SIZES:
            index = ClaimIndex(list(_made_up(size)), embedder)
            for text in texts[:20]:
                index.match("", text)
            started = time.process_time()
            for text in texts:
                index.match("", text)
            spent.append(1000 * (time.process_time() - started) / len(texts))
        table.add_row(name, *(f"{ms:.2f}" for ms in spent), f"{spent[-1] / spent[0]:.2f}")
    results.print(table)


def _made_up(size: int) -> Iterator[FactCheck]:
    """Authored headlines with every second word changed for another one of the same headlines, or for a new word."""
    chance = random.Random(_SEED)
    headlines = [claim["headline"].split() for claim in authored_claims()]
    words = [word for headline in headlines for word in headline] + [f"kata{number}" for number in range(3_000)]
    for number in range(size):
        changed = [chance.choice(words) if chance.random() < 0.5 else word for word in chance.choice(headlines)]
        yield FactCheck(number, "", " ".join(changed))


@lru_cache(maxsize=1)
def _directions() -> NDArray[np.float32]:
    return np.random.default_rng(_SEED).normal(size=(4096, 384)).astype(np.float32)


def made_up_vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    """(texts, 384): each word a direction by chance, a text their sum."""
    directions = _directions()
    sums = np.stack(
        [directions[[zlib.crc32(word.encode()) % 4096 for word in [*text.split(), ""]]].sum(axis=0) for text in texts]
    )
    unit: NDArray[np.float32] = sums / np.linalg.norm(sums, axis=1, keepdims=True)
    return unit


if __name__ == "__main__":
    main()
