"""Measure the masking of persons on held-out name-tagged sentences: `python -m benchmarks.masking [--json FILE]`.

What counts, over the test part (never trained or tuned on):

- recall, private: share of gold persons without an office in their sentence of whom no word is left;
- kept, office: share of gold persons with an office (by the rules of `waspada.privacy.roles`) that are still named;
- read, all: share of all gold persons that the tagger and its lists find, before offices are looked at;
- unseen: recall of private persons none of whose words names a person in the training part;
- precision: share of masked spans that touch a gold person;
- hit: share of gold places and organisations that a mask touches.

The intervals are 95 % bootstrap intervals over sentences (1,000 draws). The sets are of 2013-2015 news and of an
encyclopedia, with annotators' slips in both; figures for local news and for posts will differ.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks import masker_data as data
from waspada.privacy.names import Name, Sentence
from waspada.privacy.persons import name_spans, person_spans
from waspada.privacy.roles import with_office
from waspada.privacy.tagger import shipped
from waspada.privacy.tokens import sentences, tokenize

DRAWS = 1000
MEASURES = ("recall, private", "unseen", "kept, office", "read, all", "precision", "hit, places", "hit, organisations")
WRITINGS: dict[str, Callable[[data.Tagged], data.Tagged]] = {
    "as written": lambda row: row,
    "headline": data.as_title,
    "small letters": lambda row: data.rewrite(row, str.lower),
    "CAPITALS": lambda row: data.rewrite(row, str.upper),
}
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its 95 % bootstrap interval, and how many it is a share of."""

    value: float
    low: float
    high: float
    of: int

    def __str__(self) -> str:
        return f"{self.value:6.1%} [{self.low:6.1%}, {self.high:6.1%}] of {self.of}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    options = parser.parse_args()
    folder = data.data_folder()
    reason = data.missing_reason(folder)
    if reason:
        print(f"not run: {reason}")
        return 0
    parts = data.split(data.read_tagged(folder))
    seen = person_words(parts["train"])
    figures: dict[str, dict[str, dict[str, float]]] = {}
    for writing, write in WRITINGS.items():
        for source in (None, *data.FILES) if writing == "as written" else (None,):
            rows = [row for row in parts["test"] if source in (None, row.source)]
            name = f"{writing}, {source.removesuffix('.jsonl')}" if source else writing
            shares = measured([write(row) for row in rows], [office_flags(row) for row in rows], seen)
            print(f"\n{name} ({len(rows)} sentences)")
            for measure, share in shares.items():
                print(f"  {measure:<20} {share}")
            figures[name] = {
                measure: {"value": share.value, "low": share.low, "high": share.high, "of": share.of}
                for measure, share in shares.items()
            }
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


def person_words(rows: list[data.Tagged]) -> set[str]:
    """Lower-cased words of all persons' names in the rows."""
    return {
        token.text.lower()
        for row in rows
        for start, end, kind in row.entities
        if kind == "PER"
        for token in tokenize(row.text[start:end])
        if token.text[0].isalpha()
    }


def office_flags(row: data.Tagged) -> list[bool]:
    """For each entity of the row as written, whether it is a person with an office tied to it."""
    flags = [False] * len(row.entities)
    tagger = shipped()
    for tokens in sentences(tokenize(row.text)):
        names: list[Name] = []
        numbers: list[int] = []
        for number, (start, end, kind) in enumerate(row.entities):
            inside = [place for place, token in enumerate(tokens) if start <= token.start < end]
            if kind == "PER" and inside:
                names.append(Name(inside[0], inside[-1] + 1))
                numbers.append(number)
        sentence = Sentence(tokens, np.zeros(len(tokens), dtype=np.int32))
        for held in with_office(sentence, names, tagger.case_of):
            flags[numbers[held]] = True
    return flags


def measured(rows: list[data.Tagged], offices: list[list[bool]], seen: set[str]) -> dict[str, Share]:
    """All measures over the rows; `offices` has one flag an entity, `seen` the words of names in training."""
    counts = np.stack([_row_counts(row, flags, seen) for row, flags in zip(rows, offices, strict=True)])
    rng = np.random.default_rng(data.SEED)
    draws = rng.integers(0, len(counts), size=(DRAWS, len(counts)))
    totals = counts.sum(axis=0)
    drawn = counts[draws].sum(axis=1)
    shares: dict[str, Share] = {}
    for place, measure in enumerate(MEASURES):
        of = int(totals[place, 1])
        values = drawn[:, place, 0] / np.maximum(drawn[:, place, 1], 1)
        low, high = np.quantile(values, (0.025, 0.975))
        shares[measure] = Share(int(totals[place, 0]) / max(of, 1), float(low), float(high), of)
    return shares


def _row_counts(row: data.Tagged, offices: list[bool], seen: set[str]) -> Counts:
    """(measures, 2): how many hold, of how many."""
    counts = np.zeros((len(MEASURES), 2), dtype=np.int64)
    masked = person_spans(row.text)
    read = name_spans(row.text)

    def count(measure: str, holds: bool) -> None:
        counts[MEASURES.index(measure)] += (int(holds), 1)

    for (start, end, kind), office in zip(row.entities, offices, strict=True):
        if kind == "PER":
            words = [token for token in tokenize(row.text[start:end]) if token.text[0].isalpha()]
            spots = [(start + token.start, start + token.end) for token in words]
            count("read, all", all(_touched(spot, read) for spot in spots))
            if office:
                count("kept, office", not any(_touched(spot, masked) for spot in spots))
                continue
            gone = all(_touched(spot, masked) for spot in spots)
            count("recall, private", gone)
            if not any(token.text.lower() in seen for token in words):
                count("unseen", gone)
        else:
            count("hit, places" if kind == "LOC" else "hit, organisations", _touched((start, end), masked))
    for span in masked:
        count("precision", any(kind == "PER" and _touched(span, [(start, end)]) for start, end, kind in row.entities))
    return counts


def _touched(spot: tuple[int, int], spans: list[tuple[int, int]]) -> bool:
    return any(start < spot[1] and spot[0] < end for start, end in spans)


if __name__ == "__main__":
    sys.exit(main())
