"""Counts how rare each word bucket is in unlabelled news, for `waspada/stories/data/idf.npz`.

    python -m benchmarks.build_idf

Reads news/articles.jsonl.gz of the data folder (WASPADA_DATA). Writes figures only: one byte a bucket.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

import numpy as np

from benchmarks.shared import DATA
from waspada.items.policy import normalised
from waspada.stories.terms import BUCKETS, bucket

OUT = Path(__file__).parents[1] / "waspada" / "stories" / "data" / "idf.npz"
STEP = 0.05
#: A hapax of the sample and a word never seen get the same weight.
LEAST_ARTICLES = 1


def main() -> int:
    source = DATA / "news" / "articles.jsonl.gz"
    if not source.exists():
        print(f"not run: {source} is not there (name the data folder in WASPADA_DATA)")
        return 0
    counts, total = np.zeros(BUCKETS), 0
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            words = normalised(f"{row.get('title') or ''} {(row.get('text') or '')[:1500]}").split()
            counts[list({bucket(word) for word in words})] += 1
            total += 1
    idf = np.log(1 + total / (LEAST_ARTICLES + counts))
    steps = np.clip(np.round(idf / STEP), 0, 255).astype(np.uint8)
    OUT.parent.mkdir(exist_ok=True)
    np.savez_compressed(OUT, steps=steps, step=np.float32(STEP), articles=np.int64(total))
    print(f"{OUT.name}: {total} articles, {OUT.stat().st_size // 1024} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
