"""Numbers as Indonesian writes them: "1.200,5", "2,5", "dua puluh lima", "seratus", "tiga ratus ribu"."""

from __future__ import annotations

import re

_ONES = {
    word: number
    for number, word in enumerate(
        ("satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas"), start=1
    )
}
SCALES = {
    "ribu": 1e3,
    "rb": 1e3,
    "juta": 1e6,
    "jt": 1e6,
    "miliar": 1e9,
    "milyar": 1e9,
    "m": 1e9,
    "triliun": 1e12,
    "t": 1e12,
}
#: Scales that are words, in digits ("2 ribu") or spelled ("dua ribu"): the shorter ones mean something else elsewhere.
SCALE_WORDS = "ribu|juta|miliar|milyar|triliun"
#: Patterns of a number in digits and of one in words; a word alone that is no number ("puluh", "ribu") begins none.
IN_DIGITS = r"\d{1,3}(?:[.,]\d{3})+(?:,\d+)?|\d+(?:[.,]\d+)?"
_FIRST = rf"(?:{'|'.join(_ONES)}|seratus|seribu|sejuta)\b"
IN_WORDS = rf"(?<!salah\s){_FIRST}(?:[ -](?:{_FIRST}|(?:belas|puluh|ratus|{SCALE_WORDS})\b))*"


def value_of(written: str) -> float:
    """ "1.250" and "1,250" are a thousand and more, "2,5" and "2.5" two and a half, "dua puluh lima" 25.

    Of words that make no one number ("dua tiga orang") the last counts.
    """
    if not written[0].isdigit():
        return float(_spelled(re.split(r"[ -]", written.lower())))
    whole = re.fullmatch(r"(\d{1,3}(?:[.,]\d{3})+)(?:,(\d+))?", written)
    if whole:
        return float(re.sub(r"[.,]", "", whole[1]) + (f".{whole[2]}" if whole[2] else ""))
    return float(written.replace(",", "."))


def _spelled(words: list[str]) -> float:
    """`total` holds what a scale word closed, `group` the hundreds and tens before the next one, `one` a last digit."""
    total = group = one = 0.0
    for word in words:
        if word in _ONES:
            one = _ONES[word]
        elif word == "belas":
            group, one = group + 10 + one, 0.0
        elif word in ("puluh", "ratus"):
            group, one = group + one * (10 if word == "puluh" else 100), 0.0
        elif word == "seratus":
            group, one = 100.0, 0.0
        else:
            total += (group + one or 1.0) * SCALES[word.removeprefix("se")]
            group = one = 0.0
    return total + group + one
