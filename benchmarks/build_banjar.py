"""Writes `waspada/banjar/data/words.csv`: Banjarese words and phrases, and how they are said in Indonesian.

    python -m benchmarks.build_banjar

Made from the lexicon `nlp/training/authored/banjar_words.csv` (own work), turned round, less what is Indonesian too or
part of the name of a province, kabupaten or kota. What is Indonesian is told by the lexicon itself and by the headlines
and posts under WASPADA_DATA/news. Where a form stands for several Indonesian words, the commonest of these counts, an
earlier spelling more than a later one. Only these two decisions are taken from those texts.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from benchmarks.shared import DATA
from nlp.training.banjar import read_words
from waspada.places.gazetteer import upper_rows

_TARGET = Path(str(files("waspada.banjar").joinpath("data", "words.csv")))
_HEADLINES, _POSTS = DATA / "news" / "headlines.jsonl.gz", DATA / "news" / "posts.jsonl.gz"
_LEAST_LETTERS = 3
#: A word is Indonesian from so many titles, or so many times in headlines and posts.
_IN_TITLES, _IN_ALL = 10, 60
_WORD = re.compile(r"[a-z]+")


def main() -> None:
    if not (_HEADLINES.is_file() and _POSTS.is_file()):
        print(
            f"not run: {_HEADLINES} or posts beside it are not there; set WASPADA_DATA to the folder that holds news/"
        )
        return
    titles: Counter[str] = Counter()
    everywhere: Counter[str] = Counter()
    for title, text in _texts():
        titles.update(set(_WORD.findall(title)))
        everywhere.update(_WORD.findall(f"{title} {text}"))
    names = {word for code, name in upper_rows() if len(code) <= 5 for word in _WORD.findall(name.lower())}
    indonesian = {word for word, n in titles.items() if n >= _IN_TITLES} | names
    indonesian |= {word for word, n in everywhere.items() if n > _IN_ALL}
    kept = turned(read_words(), indonesian, everywhere)
    with _TARGET.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("banjar", "indonesian"))
        writer.writerows(sorted(kept.items()))
    print(f"{len(kept)} words and phrases")


def turned(lexicon: Mapping[str, Sequence[str]], indonesian: set[str], frequency: Mapping[str, int]) -> dict[str, str]:
    """Banjarese -> Indonesian, of a lexicon from Indonesian to spellings of Banjarese, the commonest first."""
    best: dict[str, tuple[float, str]] = {}
    for word, spellings in lexicon.items():
        for place, said in enumerate(spellings, start=1):
            is_short = " " not in said and len(said) < _LEAST_LETTERS
            if is_short or said in lexicon or said in indonesian:
                continue
            found = (max(1, frequency.get(word, 0)) / place, word)
            if said not in best or found[0] > best[said][0]:
                best[said] = found
    return {said: word for said, (_, word) in best.items()}


def _texts() -> Iterator[tuple[str, str]]:
    """Title and text, in lower case."""
    for path in (_HEADLINES, _POSTS):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                yield (row.get("title") or "").lower(), (row.get("text") or "").lower()


if __name__ == "__main__":
    main()
