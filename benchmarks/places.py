"""How many of the place names that annotators wrote down are found, and how fast.

    python -m benchmarks.places [--show]

Gold items carry their places as written, without codes. A gold name counts when the gazetteer knows it at all (with
its kind word taken off) and it stands in the title or the first 1,000 characters, which is what annotators read. It is
found when a mention there has the same words, kind word aside. "Extra" are found mentions that no annotator wrote
down: partly wrong, partly places that annotators passed over; `--show` lists both sides of the train part.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from typing import Any

from benchmarks.shared import DATA
from waspada.places import find_places
from waspada.places.lexicon import KIND_FILLERS, KIND_WORDS, Kind
from waspada.places.names import name_index, name_words, village_index

_READ_CHARS = 1000
_SPEED_ARTICLES, _SPEED_WORDS = 600, 300


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--show", action="store_true", help="list misses and extras of the train part")
    show = parser.parse_args().show
    gold = DATA / "gold"
    if not gold.is_dir():
        print(f"Not run: the gold sets are not at {gold}; set WASPADA_DATA to the folder that holds gold/.")
        return
    print(f"{'part':6} {'level':10} {'names':>6} {'found':>6} {'share':>6}")
    for part in ("train", "dev"):
        items = [json.loads(line) for line in (gold / f"{part}.jsonl").read_text("utf-8").splitlines()]
        _report(part, items, show=show and part == "train")
        if part == "dev":
            _report_speed(items)


def _report(part: str, items: list[dict[str, Any]], *, show: bool) -> None:
    known, found, misses, extras = Counter[str](), Counter[str](), [], Counter[str]()
    mentions_total = 0
    for item in items:
        title, text = item.get("title") or "", item.get("text") or ""
        here = [m for m in find_places(title, text) if m.field == "title" or m.start < _READ_CHARS]
        mentions_total += len(here)
        keys = {_key(m.mention) for m in here}
        for name in item["places"]:
            level = _known_level(name)
            if level is None or name.lower() not in f"{title}\n{text[:_READ_CHARS]}".lower():
                continue
            known[level] += 1
            if _key(name) in keys:
                found[level] += 1
            else:
                misses.append((name, level, item["id"], title[:60]))
        gold_keys = {_key(name) for name in item["places"]}
        extras.update(f"{m.mention} {m.code}" for m in here if _key(m.mention) not in gold_keys)
    for level in ("region", "district", "village"):
        print(f"{part:6} {level:10} {known[level]:6} {found[level]:6} {found[level] / max(1, known[level]):6.3f}")
    total, hits = sum(known.values()), sum(found.values())
    print(f"{part:6} {'all':10} {total:6} {hits:6} {hits / max(1, total):6.3f}")
    print(f"{part:6} mentions in what annotators read: {mentions_total}, of them not in gold: {extras.total()}")
    if show:
        for miss in misses:
            print("  missed", *miss, sep=" | ")
        for extra, times in extras.most_common():
            print("  extra", times, extra, sep=" | ")


def _report_speed(items: list[dict[str, Any]]) -> None:
    words = [word for item in items for word in (item.get("text") or "").split()]
    chunks = [words[at : at + _SPEED_WORDS] for at in range(0, len(words) - _SPEED_WORDS, _SPEED_WORDS)]
    texts = [" ".join(chunks[at % len(chunks)]) for at in range(_SPEED_ARTICLES)]
    begin = time.perf_counter()
    for text in texts:
        find_places("", text, "63")
    took = time.perf_counter() - begin
    print(f"speed: {len(texts) / took:.0f} articles of {_SPEED_WORDS} words a second on one core")


def _key(name: str) -> str:
    words = name_words(name)
    while len(words) > 1 and (words[0] in KIND_WORDS or words[0] in KIND_FILLERS):
        words = words[1:]
    return "".join(words)


def _known_level(name: str) -> str | None:
    """The level at which the gazetteer knows the name, its kind word in mind; None when it does not."""
    key, first = _key(name), name_words(name)[:1]
    if first and KIND_WORDS.get(first[0]) is Kind.VILLAGE:
        return "village" if any(key in village_index(code) for code in _provinces()) else None
    index = name_index()
    if key in index.regions and not (first and KIND_WORDS.get(first[0]) is Kind.DISTRICT):
        return "region"
    return "district" if key in index.districts else None


def _provinces() -> list[str]:
    return sorted({reading.code[:2] for readings in name_index().regions.values() for reading in readings})


if __name__ == "__main__":
    main()
