"""The articles that fill the designs: `stories/*.txt`, `stories/english/*.txt` for the English control, and
`stories/forms/DESIGN.txt` for a design with its own form.

A file has fields, an empty line, and one paragraph a line; "## " marks a heading, "T: " a question.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from waspada.clock import ZONES

HERE = Path(__file__).resolve().parent / "stories"
_DAYS = ["Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"]
_MONTHS = [
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
]


@dataclass(frozen=True, slots=True)
class Story:
    """One article. `marked` are its lines as written, `published` is in the zone named `zone`."""

    slug: str
    title: str
    section: str
    author: str
    published: datetime
    zone: str
    town: str
    caption: str
    tags: str
    marked: tuple[str, ...]

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The lines without the mark of a heading."""
        return tuple(line.removeprefix("## ") for line in self.marked)

    @property
    def text(self) -> str:
        """The expected body: one paragraph a line."""
        return "\n".join(line.removeprefix("T: ") for line in self.paragraphs)

    @property
    def day(self) -> str:
        return _DAYS[self.published.weekday()]

    @property
    def date_id(self) -> str:
        """ "14 Februari 2025" """
        return f"{self.published.day} {_MONTHS[self.published.month - 1]} {self.published.year}"

    @property
    def words(self) -> str:
        """ "Jumat, 14 Februari 2025" """
        return f"{self.day}, {self.date_id}"

    @property
    def clock(self) -> str:
        return f"{self.published:%H:%M}"

    @property
    def clock_dots(self) -> str:
        return f"{self.published:%H.%M}"

    @property
    def slashed(self) -> str:
        return f"{self.published:%d/%m/%Y}"

    @property
    def date_numbers(self) -> str:
        return self.slashed

    @property
    def iso(self) -> str:
        return self.published.isoformat()

    @property
    def iso_utc(self) -> str:
        return f"{self.published.astimezone(UTC):%Y-%m-%dT%H:%M:%S.000Z}"

    @property
    def naive(self) -> str:
        return f"{self.published:%Y-%m-%d %H:%M:%S}"

    @property
    def naive_t(self) -> str:
        return f"{self.published:%Y-%m-%dT%H:%M:%S}"

    @property
    def day_iso(self) -> str:
        return f"{self.published:%Y-%m-%d}"

    @property
    def dtk(self) -> str:
        return f"{self.published:%Y/%m/%d %H:%M:%S}"

    @property
    def english(self) -> str:
        """ "February 14, 2025 9:30 am" """
        return f"{self.published:%B} {self.published.day}, {self.published.year} {self.published:%I:%M %p}".lower()

    @property
    def later_words(self) -> str:
        later = self.published + timedelta(days=1)
        return f"{_DAYS[later.weekday()]}, {later.day} {_MONTHS[later.month - 1]} {later.year}"

    @property
    def later_clock(self) -> str:
        return f"{self.published + timedelta(hours=25, minutes=7):%H:%M}"


@cache
def stories() -> list[Story]:
    """The ordinary articles, in the order of their names."""
    return [_read(path) for path in sorted(HERE.glob("*.txt"))]


@cache
def english_stories() -> list[Story]:
    """The ordinary articles in English."""
    return [_read(path) for path in sorted((HERE / "english").glob("*.txt"))]


@cache
def forms() -> dict[str, Story]:
    """The article of each design that has a form of its own (interview, list, fact-check ...)."""
    return {path.stem: _read(path) for path in sorted((HERE / "forms").glob("*.txt"))}


def _read(path: Path) -> Story:
    head, _, body = path.read_text("utf-8").partition("\n\n")
    fields = dict(line.split(": ", 1) for line in head.splitlines())
    when, _, zone = fields.pop("published").rpartition(" ")
    moment = datetime.fromisoformat(when).replace(tzinfo=ZONES[zone])
    lines = tuple(line.strip() for line in body.splitlines() if line.strip())
    return Story(path.stem.replace("_", "-") + "-117", published=moment, zone=zone, marked=lines, **fields)
