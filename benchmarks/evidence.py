"""What evidence loses, and what it costs, when the encoder reads an item again without a few sentences only.

    python -m benchmarks.evidence [MODEL_FOLDER] [--texts N] [--news FILE] [--least CHARACTERS]

For each bound on the sentences tried (`MAX_TRIED` of nlp/encoder/tagger.py is one), over the labels that are on: how
often the evidence is the same as when every sentence is tried, how often the strongest sentence is, and the seconds
all texts take. The texts are the demo's, or the articles of a JSONL file (`title`, `text`; may be gzipped).
A text no longer than the bound loses nothing: `--least` leaves the short ones out.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import nlp
from benchmarks.shared import add_model_argument, reporting, results, table_of
from nlp.encoder import tagger as encoder_tagger
from waspada.cli.demo.world import World
from waspada.clock import utc_now
from waspada.taxonomy import Evidence, ItemText, Label, Tags

EVERY = 10_000
BOUNDS = (EVERY, 8, 6, 4)
_BATCH = 32


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_model_argument(parser, nlp.ENCODER)
    parser.add_argument("--texts", type=int, default=400)
    parser.add_argument("--news", type=Path, metavar="FILE")
    parser.add_argument("--least", type=int, default=0, metavar="CHARACTERS")
    arguments = parser.parse_args()
    long = (text for text in _texts(arguments.news) if len(text.text) >= arguments.least)
    texts = list(islice(long, arguments.texts))
    tagger = nlp.load(arguments.model)
    table = table_of(f"evidence of {len(texts)} texts", "sentences tried", "labels", "same", "same strongest", "s")
    whole: dict[tuple[str, Label], list[Evidence]] = {}
    with reporting() as report:
        for done, bound in enumerate(BOUNDS):
            report("tagging", done, len(BOUNDS))
            encoder_tagger.MAX_TRIED = bound
            started = time.perf_counter()
            found = _evidence(
                [tags for at in range(0, len(texts), _BATCH) for tags in tagger.classify(texts[at : at + _BATCH])]
            )
            seconds = time.perf_counter() - started
            whole = whole or found
            same = sum(found[key] == whole[key] for key in whole) / len(whole)
            first = sum(found[key][:1] == whole[key][:1] for key in whole) / len(whole)
            name = "every one" if bound == EVERY else str(bound)
            table.add_row(name, str(len(whole)), f"{same:.1%}", f"{first:.1%}", f"{seconds:.1f}")
    results.print(table)


def _texts(news: Path | None) -> Iterator[ItemText]:
    if news is None:
        yield from (ItemText(item.id, item.title, item.text) for item in World(utc_now()).items)
        return
    opened = gzip.open if news.suffix == ".gz" else open
    with opened(news, "rt", encoding="utf-8") as lines:
        for number, one in enumerate(map(json.loads, lines)):
            yield ItemText(str(number), one["title"] or "", one["text"] or "")


def _evidence(tags: Sequence[Tags]) -> dict[tuple[str, Label], list[Evidence]]:
    """By item and label that is on, strongest first."""
    return {(one.id, label): [e for e in one.evidence if e.label is label] for one in tags for label in one.on()}


if __name__ == "__main__":
    main()
