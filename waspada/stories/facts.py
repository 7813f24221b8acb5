"""What two reports of one event say alike whatever their words: figures with units, and terms written as proper names.

Figures carry their unit, so that "12 rumah" and "12 orang" do not agree. Terms are hashed at once, as all terms of
grouping are (`waspada.stories.terms`): no name is kept in a form that can be read, listed or searched.
"""

from __future__ import annotations

import re
import struct
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from waspada.items.policy import normalised
from waspada.stories.numerals import IN_DIGITS, IN_WORDS, SCALE_WORDS, SCALES, value_of
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
_NOUNS = {
    **dict.fromkeys(("orang", "jiwa", "warga", "korban", "penumpang", "pengungsi", "peserta"), Unit.PEOPLE),
    **dict.fromkeys(("tewas", "meninggal"), Unit.DEAD),
    **dict.fromkeys(("luka", "terluka", "cedera"), Unit.HURT),
    **dict.fromkeys(("rumah", "bangunan"), Unit.HOUSES),
    **dict.fromkeys(("persen", "%"), Unit.PERCENT),
    **dict.fromkeys(("ha", "hektar"), "hektare"),
}
#: A word after "12 orang" that says what befell them.
_FATES = {Unit.DEAD: ("tewas", "meninggal"), Unit.HURT: ("luka", "terluka", "cedera")}
_FATE_CHARS = 24
_PEOPLE = {Unit.PEOPLE, *_FATES}
#: What stands between a number and its noun without changing what is counted.
_FILLERS = {"unit", "buah", "sekitar", "lebih", "lainnya", "di"}
_STEM_LETTERS = 7
#: Nouns that a report counts what happened in, beside those with a unit of their own.
_COUNTED = (
    *("kk", "keluarga", "anak", "siswa", "pelajar", "petugas", "saksi", "pemilih", "massa", "kios", "ruko", "tps"),
    *("suara", "lembar", "kotak", "desa", "kelurahan", "kecamatan", "rt", "hektare", "meter", "cm", "km", "ton"),
    *("hilang", "laporan", "kasus", "titik", "perkara", "kapal", "perahu", "motor", "mobil", "truk", "pohon"),
    *("jembatan", "sekolah"),
)
_TOLD = {Unit.RUPIAH, *_NOUNS.values(), *(noun[:_STEM_LETTERS] for noun in _COUNTED)}
_YEARS = range(1900, 2100)

_SPELLED = rf"{IN_WORDS}(?=\s+(?:unit|{'|'.join((*(noun for noun in _NOUNS if noun.isalpha()), *_COUNTED))})\b)"
_FIGURE = re.compile(
    rf"""
    (?P<slashed>(?<![\d/])(?P<day>\d{{1,2}})/(?P<month>\d{{1,2}})(?:/\d{{2,4}})?(?![\d/]))
    |(?P<dated>(?<!\d)(?P<dday>\d{{1,2}})\s+(?P<dmonth>(?:jan|feb|pebr|mar|apr|mei|jun|jul|agu|ags|sep|okt|nov|nop|des)
        [a-z]*)\b)
    |(?:pukul|jam)\s+(?P<clock>\d{{1,2}}[.:]\d{{2}})
    |rp\.?\s*(?P<rupiah>{IN_DIGITS})(?:\s*(?P<rscale>ribu|rb|juta|jt|miliar|milyar|triliun|m|t)\b)?
    |\btps\s+(?:nomor\s+|no\.?\s*)?(?P<station>\d{{1,3}})\b
    |(?<![\w.,])(?P<number>{IN_DIGITS}|{_SPELLED})
        (?:\s*(?P<scale>{SCALE_WORDS})\b)?(?:\s*(?P<noun>%|[a-z]+))?
    """,
    re.VERBOSE | re.IGNORECASE,
)
#: Letters that a pattern without case takes for one of ASCII, though their lower case is another ("lİma", "ſep").
_LIKE_ASCII = str.maketrans("\u0130\u0131\u017f\u212a", "IisK")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;\"“”'(\n]|[-–—]\s)\s*\W*$")
_CAPITAL = re.compile(r"\b[A-Z][\w'-]{2,}")


def figures_of(text: str) -> frozenset[Figure]:
    """The figures of a text with their units; at most `MAX_FIGURES`, the first ones."""
    found: list[Figure] = []
    text = text.translate(_LIKE_ASCII)
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
    return Figure(value_of(part["rupiah"]) * SCALES.get((part["rscale"] or "").lower(), 1), Unit.RUPIAH)


def _counted(part: dict[str, str | None], after: str) -> Figure | None:
    number, noun, words = part["number"] or "", (part["noun"] or "").lower(), after.lower().split()
    value = value_of(number) * SCALES.get((part["scale"] or "").lower(), 1)
    if number.isdigit() and not part["scale"] and value in _YEARS:
        return None
    if noun in _FILLERS:
        noun, words = re.split(r"[^a-z]", words[0])[0] if words else "", words[1:]
    return Figure(value, _unit(noun, words[:2]))


def _date(day: int, month: int) -> Figure | None:
    return Figure(month * 100 + day, Unit.DATE) if 1 <= day <= 31 and 1 <= month <= 12 else None


def _unit(noun: str, after: Sequence[str]) -> str:
    unit = _NOUNS.get(noun)
    if unit is Unit.PEOPLE:
        return next((fate for fate, said in _FATES.items() if any(word.startswith(said) for word in after)), unit)
    return unit or noun[:_STEM_LETTERS]


def told(figures: Iterable[Figure]) -> frozenset[Figure]:
    """Those that say how much happened: no date, clock or bare number. The hurt and the dead are people: who were
    "7 orang" are no news as "7 orang luka"."""
    return frozenset(
        Figure(figure.value, Unit.PEOPLE) if figure.unit in _PEOPLE else figure
        for figure in figures
        if figure.unit in _TOLD
    )


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
    return Facts(
        title=unpack(data[_HEAD.size : middle]),
        proper=unpack(data[middle:end]),
        figures=_figures_in(data[end:]),
        manners=frozenset(manner for n, manner in enumerate(Manner) if bits >> n & 1),
    )


def figures_in(data: bytes | None) -> frozenset[Figure]:
    """The figures alone of packed facts."""
    if not data:
        return frozenset()
    titles, propers, _ = _HEAD.unpack_from(data)
    return _figures_in(data[_HEAD.size + (titles + propers) * TERM_BYTES :])


def _figures_in(lines: bytes) -> frozenset[Figure]:
    parts = (line.partition(" ") for line in lines.decode().splitlines())
    return frozenset(Figure(float(value), unit) for value, _, unit in parts)
