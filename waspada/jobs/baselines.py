"""Simple ways to choose what a desk looks at each day, for comparison with the ranking (`waspada backtest --compare`).

Each way puts the items of one day in an order, an item a line, from what was known when the day ended:

- *keyword count*: by how many of the words a desk would watch for stand in an item; no model, no places;
- *newest first*: by the time of publication;
- *last week's regions*: by how many eventful stories the item's region had in the seven days before the day.

Nothing of a later moment is used by these ways or by the replay that they stand beside, but some of what both read is
of today, and may know what a desk of that day did not: the model, the table of how rare words are
(`waspada/stories/data/idf.npz`), the gazetteer, the source list (home regions, reliability) and the election calendar.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from waspada.items.policy import normalised

#: Words, or beginnings of words ("netral*"), that a desk would watch for: chosen by hand from the codebook's labels
#: before anything was measured, none taken out or added since.
WATCHED = (
    *("bentrok*", "ricuh*", "kericuhan", "rusuh*", "kerusuhan", "tawuran", "serang*", "penyerangan", "diserang"),
    *("keroyok*", "pengeroyokan", "aniaya", "penganiayaan", "bacok*", "dibacok", "bakar", "dibakar", "pembakaran"),
    *("rusak", "dirusak", "perusakan", "blokade", "blokir", "ancam*", "diancam", "mengancam", "intimidasi", "teror"),
    *("tewas", "korban", "massa", "demo", "unjuk rasa", "konflik", "sengketa", "ditolak", "penolakan"),
    *("sara", "provokasi", "provokator", "ujaran kebencian", "intoleran*", "kafir", "pki"),
    *("netral*", "tidak netral", "asn", "kades", "kepala desa", "dkpp", "kode etik"),
    *("hoaks", "hoax", "fitnah", "disinformasi", "berita bohong", "kabar bohong"),
    *("politik uang", "money politics", "serangan fajar", "bagi-bagi uang", "curang", "kecurangan", "manipulasi"),
    *("penggelembungan", "surat suara", "kotak suara", "tps", "psu", "pemungutan suara ulang", "bawaslu", "panwaslu"),
    *("banjir", "longsor", "gempa", "kebakaran", "karhutla", "kabut asap", "mengungsi", "pengungsi"),
)


@dataclass(frozen=True, slots=True)
class DayItem:
    """An item of a day. `line` is its line in the file; `region` is the kabupaten, kota or province it tells of first,
    None where there is none."""

    line: int
    id: Any
    title: str
    text: str
    published_at: datetime
    region: str | None = None


#: Items of a day, and eventful stories by region in the seven days before it -> the items, best first.
Way = Callable[[Sequence[DayItem], Mapping[str, int]], list[DayItem]]


def keyword_count(items: Sequence[DayItem], _eventful: Mapping[str, int]) -> list[DayItem]:
    """Most different watched words first; of as many, the one with more of them in all; then the newest."""
    counts = {item.line: _count(f"{item.title} {item.text}") for item in items}
    return sorted(_newest_first(items), key=lambda item: counts[item.line], reverse=True)


def newest_first(items: Sequence[DayItem], _eventful: Mapping[str, int]) -> list[DayItem]:
    """The time of publication; of the same time, the first in the file."""
    return _newest_first(items)


def last_weeks_regions(items: Sequence[DayItem], eventful: Mapping[str, int]) -> list[DayItem]:
    """Items of the region with the most eventful stories first; within a region, and where there is none, newest
    first."""
    return sorted(_newest_first(items), key=lambda item: eventful.get(item.region or "", 0), reverse=True)


BASELINES: Mapping[str, Way] = {
    "keyword count": keyword_count,
    "newest first": newest_first,
    "last week's regions": last_weeks_regions,
}


def _newest_first(items: Sequence[DayItem]) -> list[DayItem]:
    return sorted(items, key=lambda item: (-item.published_at.timestamp(), item.line))


def _count(text: str) -> tuple[int, int]:
    """Different watched words in a text, and how often they stand there."""
    found = _PATTERN.findall(normalised(text))
    return len({_watched(word) for word in found}), len(found)


def _watched(word: str) -> str:
    """The watched word that was found: "bentrokan" and "bentrok" are one, "serangan fajar" is no "serang*"."""
    return word if word in _WHOLE else next((start for start in _BEGINNINGS if word.startswith(start)), word)


_BEGINNINGS = tuple(normalised(word) for word in WATCHED if word.endswith("*"))
_WHOLE = tuple(normalised(word) for word in WATCHED if not word.endswith("*"))
#: Longer ones first, so that "tidak netral" is found before "netral".
_PATTERN = re.compile(
    r"\b(?:"
    + "|".join(
        [*(re.escape(word) + r"\b" for word in sorted(_WHOLE, key=len, reverse=True))]
        + [re.escape(word) + r"\w*" for word in _BEGINNINGS]
    )
    + ")"
)
