"""The shapes of a field report (laporan lapangan), of its steps, and of the periodic report of a kecamatan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from waspada.errors import ConflictError

#: The source that every field report stands under as an item; nobody polls it, and it is in no list of sources.
SOURCE_ID = "laporan-lapangan"
#: Who acts in the audit log and in a report's history where a reporter did: no account can be called so, and none is
#: named.
REPORTER = "~reporter"
#: The actor of what the machine does.
SYSTEM = "waspada"


class EventKind(StrEnum):
    """What is reported, as the form asks for it. It sorts reports; what an item is tagged with, its text decides."""

    CONFLICT = "conflict"
    SPEECH = "speech"  # provocation
    NEUTRALITY = "neutrality"
    HOAX = "hoax"
    FRAUD = "fraud"
    LOGISTICS = "logistics"
    DISASTER = "disaster"
    OTHER = "other"


class HowKnown(StrEnum):
    SEEN = "seen"
    TOLD = "told"
    SOCIAL = "social"  # from social media
    MEETING = "meeting"


class Level(StrEnum):
    """The rung that a report stands on: that of the region which it comes from."""

    VILLAGE = "village"
    DISTRICT = "district"
    REGENCY = "regency"
    PROVINCE = "province"


class ReportState(StrEnum):
    """Where a report stands. Only people of a desk change it, and the reporter by an answer."""

    SENT = "sent"  # nobody clarified it yet
    ASKED = "asked"  # the desk asked its reporter something
    CLARIFIED = "clarified"
    REFUTED = "refuted"
    CANNOT_TELL = "cannot_tell"


#: What a person found out about a report.
VERDICTS = (ReportState.CLARIFIED, ReportState.REFUTED, ReportState.CANNOT_TELL)


class Step(StrEnum):
    """What happened to a report, as its history names it."""

    SENT = "sent"
    ASKED = "asked"
    ANSWERED = "answered"
    DECIDED = "decided"
    FORWARDED = "forwarded"
    CLOSED = "closed"
    SENDER_OPENED = "sender_opened"
    SENDER_EXPIRED = "sender_expired"


@dataclass(frozen=True, slots=True)
class NewReport:
    """What the form says. `key` is made by the form itself: the same report sent twice is one.

    `place` is a Kemendagri code within the reporter's region.
    """

    key: str
    place: str
    kind: EventKind
    known: HowKnown
    text: str
    happened_at: datetime


@dataclass(frozen=True, slots=True)
class Sender:
    """The account that sends; `region` is the desa or kecamatan that it is bound to."""

    user_id: int
    name: str
    region: str


@dataclass(frozen=True, slots=True)
class ReportEvent:
    """One line of the history. `actor` is an account of the desk, `REPORTER` or `SYSTEM`; `text` is a note, a question
    or an answer, without contacts."""

    at: datetime
    actor: str
    step: Step
    state: ReportState | None
    text: str
    other_id: int | None = None  # the report that it was forwarded into


@dataclass(frozen=True, slots=True)
class FieldReport:
    """A report as a desk sees it: never who sent it. `text` is as it was stored, not masked for leaving.

    `cites` are the reports that it was made of, `cited_by` the one that it went into.
    """

    id: int
    region: str
    place: str
    level: Level
    kind: EventKind
    known: HowKnown
    state: ReportState
    revision: int
    text: str
    happened_at: datetime
    sent_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str
    closed_at: datetime | None
    item_id: int | None
    story_id: int | None
    alert_id: int | None
    has_sender: bool
    cites: Sequence[int] = ()
    cited_by: int | None = None
    history: Sequence[ReportEvent] = ()

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def is_forwarded(self) -> bool:
        """Whether it was made of reports from the level below."""
        return bool(self.cites)


@dataclass(frozen=True, slots=True)
class ReportFilter:
    """What a list of reports is narrowed by; an empty sequence means "any". Never free text.

    `within` is the region that the reader is bound to. Times are compared with when it was sent.
    """

    region: str | None = None
    within: str | None = None
    kinds: Sequence[EventKind] = ()
    states: Sequence[ReportState] = ()
    level: Level | None = None
    since: datetime | None = None
    until: datetime | None = None
    is_open: bool | None = None


@dataclass(frozen=True, slots=True)
class Sending:
    """What became of a report that came in: `is_new` is False where it was here already."""

    report_id: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """A report that is not sent yet, kept sealed for its writer alone."""

    key: str
    fields: Mapping[str, str]
    changed_at: datetime


class Rhythm(StrEnum):
    """How often a kecamatan owes a periodic report (laporan berkala)."""

    DAILY = "daily"
    WEEKLY = "weekly"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` to `last`, both within it."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class PeriodicReport:
    """The periodic report of a kecamatan. `is_nil` says that there was nothing to report (nihil)."""

    id: int
    region: str
    span: Span
    is_nil: bool
    text: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Owed:
    """A kecamatan and what it owes for a span: `report` is None while it is missing."""

    region: str
    span: Span
    due_at: datetime
    report: PeriodicReport | None
    can_be_told: bool = False  # somebody bound there has a channel

    def is_overdue(self, now: datetime) -> bool:
        return self.report is None and self.due_at <= now


@dataclass(frozen=True, slots=True)
class RecapRow:
    """Reports of one region below, or of one week: how many of each kind, and how they stand."""

    key: str
    kinds: Mapping[EventKind, int] = field(default_factory=dict)
    unclarified: int = 0
    refuted: int = 0

    @property
    def total(self) -> int:
        return sum(self.kinds.values())


@dataclass(frozen=True, slots=True)
class Recap:
    """How many reports stand on one level in a region, by the region below it and by week (its Monday)."""

    region: str
    level: Level
    span: Span
    by_region: Sequence[RecapRow]
    by_week: Sequence[RecapRow]

    @property
    def total(self) -> int:
        return sum(row.total for row in self.by_week)


@dataclass(frozen=True, slots=True)
class StoryReports:
    """How many field reports stand in a story, those that are refuted or cite others left out."""

    unclarified: int = 0
    clarified: int = 0

    def __bool__(self) -> bool:
        return bool(self.unclarified or self.clarified)


NO_REPORTS = StoryReports()


NO_REPORTS = StoryReports()


class StaleReportError(ConflictError):
    """Somebody else changed the report first."""

    def __init__(self, report_id: int, revision: int) -> None:
        super().__init__(
            f"The field report {report_id} was changed since you looked at it.", hint="Look at it again, then decide."
        )
        self.revision = revision
