"""What two reports of one event say alike whatever their words: figures with units, and terms written as proper names.

Figures carry their unit, so that "12 rumah" and "12 orang" do not agree. Terms are hashed at once, as all terms of
grouping are (`waspada.stories.terms`): no name is kept in a form that can be read, listed or searched.
"""

from __future__ import annotations

import re
import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from waspada.items.policy import normalised
from waspada.stories.terms import TERM_BYTES, Terms, bucket, pack, unpack, weighted

#: The event stands at the start of a report; so much of its text is looked at.
FACT_CHARS = 4000
#: A text that names more figures than this is a table; the first ones are its news.
MAX_FIGURES = 60


class Unit(StrEnum):
    """Units whose figures tell two events apart, or one from the same event; other nouns stand for themselves."""

    DATE = "date"  # month * 100 + day
    CLOCK = "clock"  # hours * 100 + minutes
    RUPIAH = "rupiah"
    PERCENT = "percent"
    STATION = "station"  # the number of a polling station, not how many there are
    DEAD = "dead"
    HURT = "hurt"
    PEOPLE = "people"
    HOUSES = "houses"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with what it counts: a `Unit`, or the noun that follows, cut to a stem; "" where none is told."""

    value: float
    unit: str


class Manner(StrEnum):
    """What the title says of the manner of an item, where it tells two items in one wording apart."""

    PREVENTION = "prevention"  # an appeal, a drill, a precaution: nothing has happened
    SERIES = "series"  # one of a kind that comes every day: prices, weather, timetables


@dataclass(frozen=True, slots=True)
class Facts:
    """Of one item; empty for an item that was stored before facts were."""

    title: Terms = field(default_factory=dict)
    proper: Terms = field(default_factory=dict)
    figures: frozenset[Figure] = frozenset()
    manners: frozenset[Manner] = frozenset()

    def of_unit(self, unit: Unit) -> set[float]:
        return {figure.value for figure in self.figures if figure.unit == unit}


#: Months by their first three letters, as Indonesian writes and shortens them.
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan", "feb pebr", "mar", "apr", "mei", "jun", "jul", "agu ags", "sep", "okt", "nov nop", "des"), start=1
    )
    for name in names.split()
}
_WORDS = {
    "satu": 1,
    "dua": 2,
    "tiga": 3,
    "empat": 4,
    "lima": 5,
    "enam": 6,
    "tujuh": 7,
    "delapan": 8,
    "sembilan": 9,
    "sepuluh": 10,
    "sebelas": 11,
}
_SCALES = {
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
_NOUNS = {
    **dict.fromkeys(("orang", "jiwa", "warga", "korban", "penumpang", "pengungsi", "peserta"), Unit.PEOPLE),
    **dict.fromkeys(("tewas", "meninggal"), Unit.DEAD),
    **dict.fromkeys(("luka", "terluka", "cedera"), Unit.HURT),
    **dict.fromkeys(("rumah", "bangunan"), Unit.HOUSES),
    **dict.fromkeys(("persen", "%"), Unit.PERCENT),
}
#: A word after "12 orang" that says what befell them.
_FATES = {Unit.DEAD: ("tewas", "meninggal"), Unit.HURT: ("luka", "terluka", "cedera")}
_FATE_CHARS = 24
#: What stands between a number and its noun without changing what is counted.
_FILLERS = {"unit", "buah", "sekitar", "lebih", "lainnya", "di"}
_STEM_LETTERS = 7
_YEARS = range(1900, 2100)

_NUMBER = r"\d{1,3}(?:[.,]\d{3})+(?:,\d+)?|\d+(?:[.,]\d+)?"
_FIGURE = re.compile(
    rf"""
    (?P<slashed>(?<![\d/])(?P<day>\d{{1,2}})/(?P<month>\d{{1,2}})(?:/\d{{2,4}})?(?![\d/]))
    |(?P<dated>(?<!\d)(?P<dday>\d{{1,2}})\s+(?P<dmonth>(?:jan|feb|pebr|mar|apr|mei|jun|jul|agu|ags|sep|okt|nov|nop|des)
        [a-z]*)\b)
    |(?:pukul|jam)\s+(?P<clock>\d{{1,2}}[.:]\d{{2}})
    |rp\.?\s*(?P<rupiah>{_NUMBER})(?:\s*(?P<rscale>ribu|rb|juta|jt|miliar|milyar|triliun|m|t)\b)?
    |\btps\s+(?:nomor\s+|no\.?\s*)?(?P<station>\d{{1,3}})\b
    |(?<![\w.,])(?P<number>{_NUMBER}|(?:{"|".join(_WORDS)})(?=\s+(?:orang|jiwa|warga|korban|rumah|unit|tewas|luka)))
        (?:\s*(?P<scale>ribu|juta|miliar|milyar|triliun)\b)?(?:\s*(?P<noun>%|[a-z]+)(?:\s+(?P<next>[a-z]+))?)?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SENTENCE_START = re.compile(r"(?:^|[.!?:;\"“”'(\n]|[-–—]\s)\s*\W*$")
_CAPITAL = re.compile(r"\b[A-Z][\w'-]{2,}")


def figures_of(text: str) -> frozenset[Figure]:
    """The figures of a text with their units; at most `MAX_FIGURES`, the first ones."""
    found: list[Figure] = []
    for match in _FIGURE.finditer(text[:FACT_CHARS]):
        figure = _figure(match, text)
        if figure is not None:
            found.append(figure)
        if len(found) == MAX_FIGURES:
            break
    return frozenset(found)


def _figure(match: re.Match[str], text: str) -> Figure | None:
    part = match.groupdict()
    if part["slashed"]:
        return _date(int(part["day"]), int(part["month"]))
    if part["dated"]:
        month = part["dmonth"].lower()
        return _date(int(part["dday"]), next(n for start, n in _MONTHS.items() if month.startswith(start)))
    if part["number"]:
        return _counted(part, text[match.end() :][:_FATE_CHARS])
    if part["clock"]:
        hours, minutes = re.split(r"[.:]", part["clock"])
        return Figure(int(hours) * 100 + int(minutes), Unit.CLOCK)
    if part["station"]:
        return Figure(int(part["station"]), Unit.STATION)
    return Figure(_value(part["rupiah"]) * _SCALES.get((part["rscale"] or "").lower(), 1), Unit.RUPIAH)


def _counted(part: dict[str, str | None], after: str) -> Figure | None:
    number, noun, following = part["number"] or "", (part["noun"] or "").lower(), (part["next"] or "").lower()
    value = _value(number) * _SCALES.get((part["scale"] or "").lower(), 1)
    if number.isdigit() and not part["scale"] and value in _YEARS:
        return None
    counted, after = (following, after) if noun in _FILLERS else (noun, f"{following} {after}")
    return Figure(value, _unit(counted, after))


def _date(day: int, month: int) -> Figure | None:
    return Figure(month * 100 + day, Unit.DATE) if 1 <= day <= 31 and 1 <= month <= 12 else None


def _unit(noun: str, after: str) -> str:
    unit = _NOUNS.get(noun)
    if unit is Unit.PEOPLE:
        words = after.lower().split()[:2]
        return next((fate for fate, said in _FATES.items() if any(word.startswith(said) for word in words)), unit)
    return unit or noun[:_STEM_LETTERS]


def _value(number: str) -> float:
    """ "1.250" and "1,250" are a thousand and more, "2,5" and "2.5" two and a half."""
    word = number.lower()
    if word in _WORDS:
        return float(_WORDS[word])
    whole = re.fullmatch(r"(\d{1,3}(?:[.,]\d{3})+)(?:,(\d+))?", number)
    if whole:
        return float(re.sub(r"[.,]", "", whole[1]) + (f".{whole[2]}" if whole[2] else ""))
    return float(number.replace(",", "."))


def proper_terms(text: str) -> Terms:
    """Hashed words that a text writes with a capital within a sentence, weighted by how rare they are, of norm 1.

    Titles write every word so, and the start of a sentence tells nothing: both are left out.
    """
    return weighted(Counter(bucket(word) for word in _capitalised(text[:FACT_CHARS])))


def _capitalised(text: str) -> Iterator[str]:
    for match in _CAPITAL.finditer(text):
        before = text[max(0, match.start() - 6) : match.start()]
        if not _SENTENCE_START.search(before):
            yield from normalised(match.group()).split()


def title_terms(title: str) -> Terms:
    """Hashed words of a title, weighted by how rare they are, of norm 1."""
    return weighted(Counter(bucket(word) for word in normalised(title).split()))


_PREVENTION = re.compile(
    r"\b(?:imbau\w*|himbau\w*|antisipasi\w*|waspada(?:i|kan)?|cegah|pencegahan|mitigasi|simulasi\w*|sosialisasi\w*|apel|"
    r"deklarasi|siaga\w*|edukasi|latihan|gladi|ingatkan|larang)\b",
    re.IGNORECASE,
)
_SERIES = re.compile(
    r"\b(?:harga emas|emas antam|ihsg|kurs|prakiraan cuaca|prediksi cuaca|cuaca \w+ (?:hari ini|besok)|ramalan zodiak|"
    r"harga \w+(?: \w+)? hari ini|sim keliling|samsat keliling|"
    r"jadwal (?:sholat|salat|shalat|imsak\w*|buka puasa|bioskop|pemadaman|kapal|kereta))\b",
    re.IGNORECASE,
)


def facts_of(title: str, text: str) -> Facts:
    """The facts of an item; of a post, which has no title, those of its text."""
    said = title or text[:FACT_CHARS]
    manners = {Manner.PREVENTION: _PREVENTION, Manner.SERIES: _SERIES}
    return Facts(
        title=title_terms(title),
        proper=proper_terms(text),
        figures=figures_of(f"{title}\n{text}"),
        manners=frozenset(manner for manner, words in manners.items() if words.search(said)),
    )


_HEAD = struct.Struct("<BBB")  # terms of the title, proper terms, bits of the manners


def pack_facts(facts: Facts) -> bytes:
    """Bytes for the store: counts, hashed terms, figures as "value unit" lines."""
    bits = sum(1 << n for n, manner in enumerate(Manner) if manner in facts.manners)
    lines = sorted(f"{float(figure.value)!r} {figure.unit}" for figure in facts.figures)
    head = _HEAD.pack(len(facts.title), len(facts.proper), bits)
    return head + pack(facts.title) + pack(facts.proper) + "\n".join(lines).encode()


def unpack_facts(data: bytes | None) -> Facts:
    """The facts as they were packed; empty ones for None, which older rows hold."""
    if not data:
        return Facts()
    titles, propers, bits = _HEAD.unpack_from(data)
    middle, end = _HEAD.size + titles * TERM_BYTES, _HEAD.size + (titles + propers) * TERM_BYTES
    lines = data[end:].decode().splitlines()
    return Facts(
        title=unpack(data[_HEAD.size : middle]),
        proper=unpack(data[middle:end]),
        figures=frozenset(Figure(float(value), unit) for value, _, unit in (line.partition(" ") for line in lines)),
        manners=frozenset(manner for n, manner in enumerate(Manner) if bits >> n & 1),
    )
