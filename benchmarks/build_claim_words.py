"""Writes `waspada/claims/data/banjar.csv`: Banjarese words and the Indonesian word that a claim would have.

    python -m benchmarks.build_claim_words

Made from the lexicon `nlp/training/authored/banjar_words.csv` (own work), turned round: single words only, the
commonest Banjarese spelling first, and none that is an Indonesian word or part of the name of a province, kabupaten or
kota. What is Indonesian is told by the lexicon itself and by the headlines under WASPADA_DATA/news, where a word that
stands in ten or more is not folded; only this decision is taken from them.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import Counter
from importlib.resources import files
from pathlib import Path

from benchmarks.shared import DATA
from waspada.places.gazetteer import upper_rows

_LEXICON = Path(str(files("nlp.training").joinpath("authored", "banjar_words.csv")))
_TARGET = Path(str(files("waspada.claims").joinpath("data", "banjar.csv")))
_HEADLINES = DATA / "news" / "headlines.jsonl.gz"
_LEAST_LETTERS, _INDONESIAN_FROM = 3, 10
_WORD = re.compile(r"[a-z]+")


def main() -> None:
    if not _HEADLINES.is_file():
        print(f"not run: {_HEADLINES} is not there; set WASPADA_DATA to the folder that holds news/")
        return
    with _LEXICON.open(encoding="utf-8", newline="") as lines:
        folds = turned([(row["indonesian"], row["banjar"].split("|")) for row in csv.DictReader(lines)])
    common = _common_words()
    regions = {word for code, name in upper_rows() if len(code) <= 5 for word in _WORD.findall(name.lower())}
    kept = {word: to for word, to in sorted(folds.items()) if word not in common | regions}
    with _TARGET.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("banjar", "indonesian"))
        writer.writerows(kept.items())
    print(f"{len(kept)} words; {len(folds) - len(kept)} left out as Indonesian")


def turned(rows: list[tuple[str, list[str]]]) -> dict[str, str]:
    """Banjarese word -> Indonesian word, of rows (Indonesian, Banjarese spellings with the commonest first).

    Where a spelling stands for several words, the one it is the commonest spelling of counts, and then the first row.
    """
    indonesian = {word.strip().lower() for word, _ in rows}
    best: dict[str, tuple[int, int, str]] = {}
    for number, (word, spellings) in enumerate(rows):
        for place, spelling in enumerate(spellings):
            banjar, to = spelling.strip().lower(), word.strip().lower()
            if _is_word(banjar) and _is_word(to) and banjar not in indonesian:
                best[banjar] = min(best.get(banjar, (place, number, to)), (place, number, to))
    return {banjar: to for banjar, (_, _, to) in best.items()}


def _is_word(text: str) -> bool:
    return len(text) >= _LEAST_LETTERS and _WORD.fullmatch(text) is not None


def _common_words() -> set[str]:
    counts: Counter[str] = Counter()
    with gzip.open(_HEADLINES, "rt", encoding="utf-8") as lines:
        for line in lines:
            counts.update(set(_WORD.findall((json.loads(line).get("title") or "").lower())))
    return {word for word, count in counts.items() if count >= _INDONESIAN_FROM}


if __name__ == "__main__":
    main()
