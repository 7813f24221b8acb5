"""How often the place of an item's event is right, beside simpler rules.

    python -m benchmarks.event_places [--half tune|judge] [--show]

300 gold items whose kabupaten/kota, province or none (`-`) two readers resolved by hand without seeing any output, with
their differences settled afterwards: `data/event_codes.csv`, keyed by the SHA-1 of the text (its words in lower case,
joined by blanks), so that no text is in this repository. `also` are codes that are as right. The half
`tune` is for choosing; the half `judge` is for reading once, when all is decided.

An item of a kabupaten/kota is right where the answer's kabupaten/kota is it (or one of `also`); one of a province where
the answer is the province or lies in it ("strict": the province itself); one without a place where the answer is none.
The outlet's home is the province of the region that the outlet's name holds ("surabaya.tribunnews"), nothing else.
`--show` lists the errors of the tuning half; those of the judging half are never listed.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.shared import DATA, in_digits, results, table_of
from nlp.evaluation.metrics import Estimate, wilson
from nlp.labelled import text_key
from waspada.places import PlaceMention, event_place, find_places, main_regions, regency_or_self, resolve_region

CODES = Path(__file__).parent / "data" / "event_codes.csv"
HALVES = ("tune", "judge")
_NONE = "-"


@dataclass(frozen=True, slots=True)
class Item:
    """A gold item with its place: `code` is "-" for none; `mentions` are what the gazetteer finds in it."""

    key: str
    title: str
    text: str
    home: str | None
    code: str
    also: tuple[str, ...]
    half: str
    mentions: Sequence[PlaceMention]

    @property
    def kind(self) -> str:
        return "none" if self.code == _NONE else "province" if len(self.code) == 2 else "kabupaten/kota"


Rule = Callable[[Item], str | None]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--half", choices=HALVES, default="tune")
    parser.add_argument("--show", action="store_true", help="list the errors of the tuning half")
    arguments = parser.parse_args()
    if not (DATA / "gold").is_dir():
        print(f"Not run: the gold sets are not at {DATA / 'gold'}; set WASPADA_DATA to the folder that holds gold/.")
        return
    items = [item for item in read_items() if item.half == arguments.half]
    counts = Counter(item.kind for item in items)
    table = table_of(f"Event places, half {arguments.half}: {len(items)} items", "rule", *_columns(counts))
    for name, rule in RULES.items():
        table.add_row(name, *_figures(items, rule))
    results.print(table)
    if arguments.show and arguments.half == "tune":
        for item in items:
            answer = _ours(item)
            if not is_right(item, answer):
                print(f"{item.key[:8]} {item.code} {answer} | {item.title[:80]} | {' '.join(item.text.split())[:120]}")


def read_items() -> Iterator[Item]:
    """The items of `CODES` whose text is in the gold sets."""
    with CODES.open(encoding="utf-8", newline="") as file:
        codes = {row["sha1"]: row for row in csv.DictReader(file)}
    for part in ("train", "dev"):
        for line in (DATA / "gold" / f"{part}.jsonl").read_text("utf-8").splitlines():
            gold = json.loads(line)
            title, text = gold.get("title") or "", gold.get("text") or ""
            row = codes.pop(text_key(title, text), None)
            if row is not None:
                home = home_of(gold.get("outlet") or "")
                also = tuple(code for code in row["also"].split(";") if code)
                mentions = find_places(title, text, home)
                yield Item(row["sha1"], title, text, home, row["code"], also, row["half"], mentions)


def home_of(outlet: str) -> str | None:
    """The province of the region that an outlet's name holds; None for a national outlet."""
    found = (resolve_region(word) for word in re.split(r"[\s.]+", outlet) if len(word) > 3)
    return next((code[:2] for code in found if code is not None), None)


def is_right(item: Item, answer: str | None, *, strict: bool = False) -> bool:
    if answer is None:
        return item.code == _NONE
    if item.code == _NONE:
        return False
    if item.kind == "province":
        return answer == item.code if strict else answer[:2] == item.code or answer[:5] in item.also
    return answer[:5] in (item.code, *item.also)


def _ours(item: Item) -> str | None:
    return event_place(item.mentions, item.title, item.text, item.home).code


def _first(item: Item) -> str | None:
    return next((regency_or_self(one.code) for one in _in_reading_order(item)), None)


def _in_reading_order(item: Item) -> list[PlaceMention]:
    """Kabupaten/kota and finer before provinces: a rule that may name them is not held to less."""
    return sorted(item.mentions, key=lambda one: len(one.code) == 2)


def _most_frequent(item: Item) -> str | None:
    counts = Counter(regency_or_self(one.code) for one in _in_reading_order(item))
    return max(counts, key=lambda code: (len(code) > 2, counts[code]), default=None)


def _title_first(item: Item) -> str | None:
    titled = [one for one in _in_reading_order(item) if one.field == "title"]
    return regency_or_self(titled[0].code) if titled else _first(item)


def _by_position(item: Item) -> str | None:
    return next(iter(main_regions(item.mentions, item.home)), None)


RULES: Mapping[str, Rule] = {
    "event_place": _ours,
    "main_regions": _by_position,
    "first mention": _first,
    "most frequent": _most_frequent,
    "title first": _title_first,
    "outlet's home": lambda item: item.home,
}


def _columns(counts: Mapping[str, int]) -> tuple[str, ...]:
    return (
        f"kabupaten/kota ({counts['kabupaten/kota']})",
        f"province ({counts['province']})",
        "province, strict",
        f"none ({counts['none']})",
    )


def _figures(items: Sequence[Item], rule: Rule) -> tuple[str, ...]:
    answers = [(item, rule(item)) for item in items]
    return tuple(
        in_digits(_share([is_right(item, answer, strict=strict) for item, answer in answers if item.kind == kind]))
        for kind, strict in (("kabupaten/kota", False), ("province", False), ("province", True), ("none", False))
    )


def _share(right: Sequence[bool]) -> Estimate:
    return wilson(sum(right), len(right))


if __name__ == "__main__":
    main()
