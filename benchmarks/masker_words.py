"""Clusters of frequent Indonesian words by the company they keep, and how news writes them: the tagger's word table.

Counts of left and right neighbours over unlabelled news, as positive pointwise mutual information, reduced by a
truncated SVD, grouped by k-means. Only words of at least `LEAST_COUNT` uses in `LEAST_ARTICLES` articles are in it, and
they are kept as hashes: no rare name is in the file.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from waspada.errors import MissingExtraError
from waspada.privacy.features import TABLE_BITS, UNKNOWN_CLUSTER, WordTable, table_slot, word_use, writing_mode
from waspada.privacy.tagger import PersonTagger
from waspada.privacy.tokens import sentences, tokenize

LEAST_COUNT = 10
LEAST_ARTICLES = 6
CONTEXTS = 3000
FINE_CLUSTERS = 250
COARSE_CLUSTERS = 40
SURE_MARGIN = 24  # steps of the tagger's scores, at every word of a sentence


def build_word_table(news: Path, seed: int) -> WordTable:
    """The word table of a `articles.jsonl.gz` (title, text). Needs the extra `train`; about five minutes on one core.

    Raises:
        MissingExtraError: scikit-learn and scipy are not installed.
    """
    try:
        from sklearn.cluster import KMeans
        from sklearn.decomposition import TruncatedSVD
        from sklearn.preprocessing import normalize
    except ImportError as error:
        raise MissingExtraError("Clustering needs scikit-learn.", hint="Install `waspada[train]`.") from error
    stream, starts = read_words(news)
    vocabulary, case = frequent(stream, starts)
    counts = neighbours(stream, vocabulary)
    vectors = normalize(TruncatedSVD(64, random_state=seed).fit_transform(counts))
    fine = KMeans(FINE_CLUSTERS, n_init=1, random_state=seed, max_iter=60).fit(vectors)
    coarse = KMeans(COARSE_CLUSTERS, n_init=3, random_state=seed).fit(normalize(fine.cluster_centers_))
    return packed(vocabulary, fine.labels_, coarse.labels_, case)


def read_words(news: Path) -> tuple[list[str], set[int]]:
    """All words of all articles, "" between sentences, and the places where an article starts."""
    stream: list[str] = []
    starts: set[int] = set()
    for text in _texts(news):
        starts.add(len(stream))
        for sentence in sentences(tokenize(text)):
            stream.append("")
            stream += (token.text for token in sentence)
    return stream, starts


def _texts(news: Path) -> Iterator[str]:
    with gzip.open(news, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["text"]


def frequent(stream: list[str], starts: set[int]) -> tuple[list[str], npt.NDArray[np.uint8]]:
    """Frequent lower-cased words, most frequent first, and the case bucket (1-4) of each."""
    count: Counter[str] = Counter()
    articles: Counter[str] = Counter()
    inside: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    here: set[str] = set()
    for place, word in enumerate(stream):
        if place in starts:
            articles.update(here)
            here = set()
        if not word or not word[0].isalpha():
            continue
        lower = word.lower()
        count[lower] += 1
        here.add(lower)
        if stream[place - 1] not in ("", '"', "“", ":"):
            inside[lower] += 1
            capital[lower] += word[0].isupper()
            whole[lower] += word.isupper() and len(word) > 1
    articles.update(here)
    kept = [word for word, uses in count.most_common() if uses >= LEAST_COUNT and articles[word] >= LEAST_ARTICLES]
    buckets = [_bucket(inside[word], capital[word], whole[word]) for word in kept]
    return kept, np.array(buckets, dtype=np.uint8)


def _bucket(inside: int, capital: int, whole: int) -> int:
    share = capital / max(inside, 1)
    if whole > 0.6 * max(inside, 1):
        return 4
    return 1 if share < 0.2 else 2 if share < 0.8 else 3


def neighbours(stream: list[str], vocabulary: list[str]) -> Any:
    """Positive pointwise mutual information, sparse (words, 2 * CONTEXTS): left and right neighbour."""
    from scipy import sparse

    number = {word: place for place, word in enumerate(vocabulary)}
    seen = np.fromiter((number.get(word.lower(), -1) for word in stream), dtype=np.int64, count=len(stream))
    context = np.fromiter((_context(word, number) for word in stream), dtype=np.int64, count=len(stream))
    left = _pairs(seen[1:], context[:-1])
    right = _pairs(seen[:-1], context[1:] + CONTEXTS)
    both = np.concatenate([left, right], axis=1)
    matrix = sparse.coo_matrix((np.ones(both.shape[1]), (both[0], both[1])), shape=(len(vocabulary), 2 * CONTEXTS))
    table = matrix.tocsr()
    rows = np.asarray(table.sum(axis=1)).ravel()
    columns = np.asarray(table.sum(axis=0)).ravel() ** 0.75
    entries = table.tocoo()
    expected = rows[entries.row] * columns[entries.col] / columns.sum()
    entries.data = np.maximum(np.log(entries.data / np.maximum(expected, 1e-9)), 0)
    return entries.tocsr()


def _pairs(words: npt.NDArray[np.int64], contexts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    kept = words >= 0
    return np.stack([words[kept], contexts[kept]])


def _context(word: str, number: dict[str, int]) -> int:
    """A frequent word stands for itself, any other for the way it is written (the last six contexts)."""
    place = number.get(word.lower(), CONTEXTS) if word else CONTEXTS
    if place < CONTEXTS - 6:
        return place
    kind = 0 if not word else 1 if word[0].isdigit() else 2 if word.isupper() else 3 if word[0].isupper() else 4
    return CONTEXTS - 6 + (kind if not word or word[0].isalnum() else 5)


def packed(
    vocabulary: list[str], fine: npt.NDArray[np.int32], coarse: npt.NDArray[np.int32], case: npt.NDArray[np.uint8]
) -> WordTable:
    """Put the words into the hash table, the most frequent first; a taken slot is lost to the rarer word."""
    size = 1 << TABLE_BITS
    table = WordTable(
        fine=np.zeros(size, dtype=np.uint8),
        case=np.zeros(size, dtype=np.uint8),
        mark=np.zeros(size, dtype=np.uint8),
        use=np.zeros(size, dtype=np.uint8),
        coarse_of=np.full(UNKNOWN_CLUSTER + 1, UNKNOWN_CLUSTER, dtype=np.uint8),
    )
    table.coarse_of[: len(coarse)] = coarse
    for place, word in enumerate(vocabulary):
        slot, mark = table_slot(word)
        if table.case[slot] == 0:
            table.fine[slot], table.case[slot], table.mark[slot] = fine[place], case[place], mark
    return table


@dataclass(slots=True)
class NewsReading:
    """What a first tagger read in the news: what each word names, and sentences that it was sure of."""

    counts: dict[str, list[int]] = field(default_factory=dict)
    sure: list[tuple[list[str], list[int]]] = field(default_factory=list)  # words and tags


def read_news(news: Path, tagger: PersonTagger) -> NewsReading:
    """Tag all plainly written sentences of the news (about 90 seconds on one core)."""
    reading = NewsReading()
    batch: list[list[str]] = []
    for text in _texts(news):
        for sentence in sentences(tokenize(text)):
            words = [token.text for token in sentence]
            if len(words) > 4 and writing_mode(words) == "plain":
                batch.append(words)
        if len(batch) >= 400:
            _note(batch, tagger, reading)
            batch = []
    _note(batch, tagger, reading)
    return reading


def with_use(table: WordTable, reading: NewsReading) -> WordTable:
    """The table with what each of its words mostly names."""
    use = table.use.copy()
    for word, (other, person, place, organisation) in reading.counts.items():
        slot, mark = table_slot(word)
        if table.case[slot] and table.mark[slot] == mark:
            use[slot] = word_use(person, place, organisation, other)
    return replace(table, use=use)


def _note(batch: list[list[str]], tagger: PersonTagger, reading: NewsReading) -> None:
    """Count what the words of the batch name, and keep each sentence whose every tag was sure."""
    kind = np.array([0, 1, 1, 2, 2, 3, 3])
    for words, best in zip(batch, tagger.best(batch), strict=True):
        tags = best.argmax(axis=1)
        for word, tag in zip(words, kind[tags], strict=True):
            if word[0].isalpha():
                reading.counts.setdefault(word.lower(), [0, 0, 0, 0])[tag] += 1
        ordered = np.sort(best, axis=1)
        if (ordered[:, -1] - ordered[:, -2]).min() >= SURE_MARGIN and (tags > 0).any() and len(words) < 60:
            reading.sure.append((words, tags.tolist()))
