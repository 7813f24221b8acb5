"""The shapes of an alert as people see and move it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from waspada.claims.types import MatchView
from waspada.errors import ConflictError
from waspada.reports.types import NO_REPORTS, ReportState, StoryReports
from waspada.sources.types import CoverageState
from waspada.taxonomy import ItemKind
from waspada.topics.types import TopicName


class AlertState(StrEnum):
    """Where an alert stands with the team. Only people change it; the machine changes facts and score."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    VERIFIED = "verified"
    NEEDS_CLARIFICATION = "needs_clarification"
    NOT_A_THREAT = "not_a_threat"
    DUPLICATE = "duplicate"
    CLOSED = "closed"


#: The actor of what the machine does with an alert.
SYSTEM = "waspada"
#: Stands for the headline of an alert whose items were erased.
ERASED = "[dihapus]"
#: States in which somebody still has something to do.
OPEN_STATES = (AlertState.NEW, AlertState.ACKNOWLEDGED, AlertState.VERIFIED, AlertState.NEEDS_CLARIFICATION)
#: States in which people are done with an alert: it comes back by a person, or when its level rises.
FINISHED_STATES = (AlertState.NOT_A_THREAT, AlertState.DUPLICATE, AlertState.CLOSED)
#: Names that stand for several states.
STATE_GROUPS: Mapping[str, Sequence[AlertState]] = {"open": OPEN_STATES, "finished": FINISHED_STATES}
#: Asks for alerts that nobody has in hand; no account can be called so.
NOBODY = "~nobody"


class NoThreatReason(StrEnum):
    """Why an alert was none. The list is short on purpose: it is the label that precision is measured with."""

    NOT_A_THREAT = "not_a_threat"
    PREVENTION_ONLY = "prevention_only"
    WRONG_PLACE = "wrong_place"
    OLD_NEWS = "old_news"
    NOT_ENOUGH = "not_enough"


class DuplicateReason(StrEnum):
    """What an alert that tells of the same event as another one carries as its reason."""

    DUPLICATE = "duplicate"


class CloseReason(StrEnum):
    """How a real alert ended."""

    RESOLVED = "resolved"
    PASSED_ON = "passed_on"
    NO_LONGER_CURRENT = "no_longer_current"
    UNANSWERED = "unanswered"  # the clarification never came


Reason = NoThreatReason | DuplicateReason | CloseReason


def state_named(word: str, reason: str | None) -> AlertState:
    """The state of a word in the store. Before migration 0022 an alert that was none was "dismissed", whatever the
    reason: so it may stand in what an edit of stories keeps for its undo."""
    if word == "dismissed":
        return AlertState.DUPLICATE if reason == DuplicateReason.DUPLICATE else AlertState.NOT_A_THREAT
    return AlertState(word)


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """What a list of alerts is narrowed by. There is no free text: nobody can keep a standing search for a name.

    `region` and `within` are Kemendagri codes that stand for themselves and all below; `within` is the region that the
    reader is bound to. An empty sequence means "any". Times are compared with the newest item of an alert:
    `since` <= time < `until`; `opened_since` and `opened_until` the same with when it was opened.
    """

    region: str | None = None
    within: str | None = None
    labels: Sequence[str] = ()
    min_level: int = 0
    states: Sequence[AlertState] = ()
    since: datetime | None = None
    until: datetime | None = None
    exercise: bool = False  # the exercises, and nothing else
    topic: int | None = None  # of `waspada.topics`, one that tags an item of the alert
    owner: str | None = None  # the account that has it in hand, or NOBODY
    after_id: int | None = None  # alerts that were opened after this one
    opened_since: datetime | None = None
    opened_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class RankPosition:
    """A place in the ranking (score, then id, both falling): where a page ends and the next one goes on."""

    score: float
    id: int


@dataclass(frozen=True, slots=True)
class AlertSummary:
    """One line of the ranking. `confidence` and `labels` are calibrated probabilities; `regions` are best first."""

    id: int
    story_id: int
    state: AlertState
    label: str
    level: int
    score: float
    parts: Mapping[str, float]
    confidence: float
    labels: Mapping[str, float]
    headline: str
    why: str
    item_count: int
    outlet_count: int
    voice_count: int
    opened_at: datetime
    changed_at: datetime
    last_item_at: datetime
    ranked_at: datetime
    reason: str | None
    revision: int
    regions: Sequence[str] = ()
    #: The most points that each part could give under the weights of this score, and those weights' version.
    limits: Mapping[str, float] = field(default_factory=dict)
    weights_version: int | None = None
    #: Part -> what stands behind its points, in Indonesian, where the number alone does not say it.
    notes: Mapping[str, str] = field(default_factory=dict)
    #: Topics of the desk that tag an item of its story, and are on.
    topics: Sequence[TopicName] = ()
    #: The alert that speaks for its items since their story was merged into another one.
    merged_into: int | None = None
    #: Of an exercise of the canary; nothing of it happened.
    exercise: bool = False
    #: The account that has it in hand, and until when it is to be done with it.
    owner: str | None = None
    due_at: datetime | None = None

    def __hash__(self) -> int:
        """So that what is shown of an alert can be remembered: equal in everything, or another one."""
        return hash((self.id, self.revision, self.ranked_at, self.last_item_at))

    def is_overdue(self, now: datetime) -> bool:
        """Whether somebody should have been done with it by now."""
        return self.due_at is not None and self.due_at < now and self.state in OPEN_STATES

    #: Desks of the team above its own that it was raised to (waspada.escalations).
    raised_to: Sequence[str] = ()

    @property
    def position(self) -> RankPosition:
        return RankPosition(self.score, self.id)


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """A sentence that carries a label; `start` and `end` are code points within `field` of the version tagged."""

    label: str
    field: str
    sentence: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PlaceView:
    code: str
    name: str
    level: str


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version of an item's text. Versions are never edited: an edited article gets a new one."""

    version: int
    title: str
    text: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class ItemView:
    """An article, post or field report with its newest tags. It has no author: not even the pseudonym leaves."""

    id: int
    source_id: str
    kind: ItemKind
    outlet: str
    url: str
    title: str
    text: str
    published_at: datetime | None
    found_at: datetime
    version: int
    story_id: int | None
    how: str | None
    model: str | None
    labels: Mapping[str, float]
    conflict_level: int
    alert_level: int
    evidence: Sequence[EvidenceView]
    places: Sequence[PlaceView]
    versions: Sequence[VersionView] = ()
    lang: str | None = None
    #: Of a field report: how it stands with the people who clarify it.
    report: ReportState | None = None

    @property
    def at(self) -> datetime:
        return self.published_at or self.found_at


@dataclass(frozen=True, slots=True)
class AlertEventView:
    """One line of an alert's history, of the machine ("waspada": opened, raised, lowered) or of a person (moved)."""

    id: int
    at: datetime
    actor: str
    action: str
    from_state: str | None
    to_state: str | None
    reason: str | None
    note: str
    detail: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class AlertDetail:
    """An alert with what it rests on. `items` are the newest ones, at most as many as were asked for; `claims` are
    the fact-checks that any item of its story may repeat, the surest first; `reports` counts all field reports that
    speak for it, also those of other regions, which are not among the items of a bound reader."""

    summary: AlertSummary
    items: Sequence[ItemView]
    history: Sequence[AlertEventView]
    claims: Sequence[MatchView] = ()
    reports: StoryReports = NO_REPORTS


@dataclass(frozen=True, slots=True)
class StoryView:
    id: int
    headline: str
    opened_at: datetime
    last_item_at: datetime
    item_count: int
    alert_id: int | None
    merged_into: int | None = None


@dataclass(frozen=True, slots=True)
class AlertMoved:
    """`actor` took an alert from one state to another."""

    actor: str
    alert_id: int
    story_id: int
    from_state: AlertState
    to_state: AlertState
    reason: Reason | None
    revision: int
    at: datetime


@dataclass(frozen=True, slots=True)
class AlertAssigned:
    """`actor` gave an alert to an account, took it from one, or set until when it is to be done."""

    actor: str
    alert_id: int
    owner: str | None
    due_at: datetime | None
    revision: int
    at: datetime


class Field(StrEnum):
    """What of an alert two people could overwrite for each other, and what the machine changes of it."""

    STATE = "state"
    REASON = "reason"
    OWNER = "owner"
    DUE = "due_at"
    LEVEL = "level"
    STORY = "story"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after, as it is stored: a word, a number, a time in ISO 8601."""

    field: Field
    before: str | int | None
    after: str | int | None


@dataclass(frozen=True, slots=True)
class StateChange:
    """What happened to an alert since somebody looked at it, field by field."""

    at: datetime
    actor: str
    action: str
    to_state: str | None
    fields: Sequence[FieldChange] = ()

    @property
    def is_by_machine(self) -> bool:
        return self.actor == SYSTEM


class StaleRevisionError(ConflictError):
    """Somebody else changed the alert first; `changes` says who and how, newest first."""

    def __init__(self, alert_id: int, revision: int, changes: Sequence[StateChange]) -> None:
        said = "; ".join(f"{change.actor}: {change.to_state or _said(change)}" for change in changes)
        super().__init__(
            f"Alert {alert_id} was changed since you looked at it ({said or 'its facts were updated'}).",
            hint="Look at the alert again, then decide.",
        )
        self.revision = revision
        self.changes = changes

    @property
    def is_by_machine(self) -> bool:
        """Whether no person was faster: only the machine changed what the verdict would be on."""
        return bool(self.changes) and all(change.is_by_machine for change in self.changes)


def _said(change: StateChange) -> str:
    told = ", ".join(f"{one.field} {one.before} -> {one.after}" for one in change.fields)
    return f"{change.action} ({told})" if told else change.action


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many sources of a region are heard, by their own rhythm: without this, a silent source looks like a calm
    region. `silent` names the others. `regions` counts the kabupaten and kota in the region by how well each can be
    heard, best first, and `unheard` names those of which nobody is; both are empty where no region was asked for."""

    heard: int
    enabled: int
    silent: Sequence[str] = field(default=())
    regions: Mapping[CoverageState, int] = field(default_factory=dict)
    unheard: Sequence[str] = field(default=())
