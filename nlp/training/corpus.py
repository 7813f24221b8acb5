"""How common words are in unlabelled Indonesian text: the document frequencies behind the embedding."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlp.features import FeatureSpec, View, count_features
from nlp.labelled import text_key
from waspada.taxonomy import ItemText

NEWS_FILES = ("articles.jsonl.gz", "headlines.jsonl.gz", "posts.jsonl.gz")
_KEY_CHARS = 300
_REPORT_EVERY = 5000


def document_frequencies(
    items: Iterator[ItemText], spec: FeatureSpec, progress: Callable[[int], None]
) -> tuple[NDArray[np.int64], int]:
    """In how many different texts each word bucket stands (word buckets,), and how many texts there were."""
    words_only = replace(spec, char_orders=())
    frequencies = np.zeros(1 << spec.words_bits, dtype=np.int64)
    seen: set[str] = set()
    for item in items:
        key = text_key(item.title, item.text[:_KEY_CHARS])
        if key in seen:
            continue
        seen.add(key)
        counts = count_features(item, words_only)
        frequencies[counts.buckets[counts.views == View.WORDS]] += 1
        if len(seen) % _REPORT_EVERY == 0:
            progress(len(seen))
    return frequencies, len(seen)


def news_items(paths: Sequence[Path]) -> Iterator[ItemText]:
    """Title and text of every line of gzipped JSONL files."""
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                raw = json.loads(line)
                yield ItemText("-", raw.get("title") or "", raw.get("text") or "")
