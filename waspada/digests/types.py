"""The shapes of a digest: what somebody wants, what a digest says, and what is kept of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Period(StrEnum):
    """How much time a digest looks back on."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class Kind(StrEnum):
    """What kind of report it is, by the names of Permendagri 2/2018; a correction is its own."""

    HARIAN = "harian"
    MINGGUAN = "mingguan"
    BULANAN = "bulanan"
    INFORMASI = "informasi"
    ATENSI = "atensi"
    KHUSUS = "khusus"
    REKOMENDASI = "rekomendasi"
    RALAT = "ralat"


#: What a digest of a period is called.
KIND_OF: Mapping[Period, Kind] = {
    Period.DAILY: Kind.HARIAN,
    Period.WEEKLY: Kind.MINGGUAN,
    Period.MONTHLY: Kind.BULANAN,
}
PERIOD_OF: Mapping[Kind, Period] = {kind: period for period, kind in KIND_OF.items()}


class Part(StrEnum):
    """The parts of a digest, in their order."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    HOAXES = "hoaxes"
    MORE = "more"  # what is only counted
    CHANGES = "changes"
    CORRECTIONS = "corrections"
    REMARK = "remark"  # what a person adds to a report on some alerts
    COVERAGE = "coverage"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to read. `region` is a Kemendagri code that stands for itself and all below, `zone` an IANA
    name; no labels are all of them. `policy.check_wanted` refuses what does not exist."""

    region: str
    labels: tuple[str, ...] = ()
    min_level: int = 2
    language: str = "id"
    zone: str = "Asia/Makassar"
    period: Period = Period.DAILY

    @property
    def key(self) -> str:
        """Two that want the same have the same: 63|conflict,fraud|2|id|Asia/Makassar|daily."""
        labels = ",".join(sorted(set(self.labels)))
        return f"{self.region}|{labels}|{self.min_level}|{self.language}|{self.zone}|{self.period}"


@dataclass(frozen=True, slots=True)
class Order:
    """A digest that a person asks for. Of a report on some alerts `alert_ids` and `remark` count, of any other the
    labels and the level of `wanted`; its period is always that of the kind."""

    kind: Kind
    wanted: Wanted
    alert_ids: Sequence[int] = ()
    remark: str = ""


def zone_in(key: str) -> str:
    """The IANA name of the zone in a `Wanted.key`."""
    return key.split("|")[4]


@dataclass(frozen=True, slots=True)
class Entry:
    """One alert in one sentence of quoted evidence. All texts are masked, and worded in the reader's language; `path`
    is its page in the console, behind the base address of the content."""

    alert_id: int
    level: int
    label: str
    facts: str
    headline: str
    where: str
    outlets: str
    path: str
    quote: str = ""
    claim: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence on an alert, or on none."""

    text: str
    alert_id: int | None = None
    path: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    part: Part
    title: str
    entries: Sequence[Entry] = ()
    lines: Sequence[Line] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """All that a digest says, in words: what words change to later does not matter to it.

    `words` are those of the frame (the link to a page, the way out, what was left out or erased). `at` is the moment it
    was made for, `erased` how many of its entries lost their words to an erasure since.
    """

    kind: Kind
    wanted: Wanted
    at: datetime
    base_url: str
    subject: str
    title: str
    scope: str
    choice: str = ""
    letterhead: str = ""
    notices: Sequence[str] = ()
    opening: str = ""
    empty: str = ""
    sections: Sequence[Section] = ()
    closing: str = ""
    signature: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    erased: int = 0

    @property
    def entries(self) -> list[Entry]:
        return [entry for section in self.sections for entry in section.entries]

    @property
    def alert_ids(self) -> list[int]:
        """Every alert that it tells of, each once."""
        told = [line.alert_id for section in self.sections for line in section.lines if line.alert_id is not None]
        return list(dict.fromkeys([*(entry.alert_id for entry in self.entries), *told]))


@dataclass(frozen=True, slots=True)
class Digest:
    """A digest as it was made, not kept yet. `shown` are the alerts of its entries, `held_back` how many more fit, by
    label; `corrects` are the kept digests that a correction is about."""

    content: Content
    shown: Sequence[int] = ()
    held_back: Mapping[str, int] = field(default_factory=dict)
    corrects: Sequence[int] = ()

    @property
    def is_empty(self) -> bool:
        return not self.shown and not self.held_back


@dataclass(frozen=True, slots=True)
class Personal:
    """What of a message is one reader's own; empty addresses are left out, an empty base is that of the content."""

    manage_url: str = ""
    unsubscribe_url: str = ""
    base_url: str = ""


NOBODY = Personal()


@dataclass(frozen=True, slots=True)
class Rendered:
    """A digest as it is sent. `chat` is at most 3,800 characters, for Telegram and WhatsApp."""

    subject: str
    text: str
    html: str
    chat: str


@dataclass(frozen=True, slots=True)
class Layout:
    """The templates that give a content its form; `sha256` is of their texts."""

    sha256: str
    html: str
    text: str
    pdf: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A digest that was written down. The hashes are of what it was when it was kept, whatever was erased since."""

    id: int
    key: str
    kept_at: datetime
    content: Content
    layout: Layout
    sha256: str
    html_sha256: str
    text_sha256: str
    erased_at: datetime | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing of it was erased since."""
        return self.erased_at is None


@dataclass(frozen=True, slots=True)
class CorrectionDue:
    """A kept correction, and the kept digests whose readers are to get it."""

    correction: int
    corrects: Sequence[int]


@dataclass(frozen=True, slots=True)
class KeptLine:
    """A kept digest in the list of the archive. `day` is that of its moment in its own zone."""

    id: int
    kind: Kind
    region: str
    wanted: Wanted
    day: date
    at: datetime
    title: str
    choice: str
    entries: int
    erased_at: datetime | None
