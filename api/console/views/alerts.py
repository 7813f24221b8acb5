"""What the templates show of an alert."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from api import shape
from api.console import words
from api.console.regions import place_name
from api.console.views.workflow import FieldLine, told_fields
from waspada.alerts.compare import Comparison
from waspada.alerts.exits import mask
from waspada.alerts.likelihood import Likelihood, likelihood
from waspada.alerts.policy import next_states, reasons_for, reopens
from waspada.alerts.seen import Mark
from waspada.alerts.types import OPEN_STATES, AlertEventView, AlertState, AlertSummary
from waspada.alerts.weights import FULL_SCORE
from waspada.topics.types import TopicName


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of a score. `start` and `width` are points of the whole score, `share` is 0..100 of the part's limit.

    What takes points away has no width. `note` is what stands behind the points, in Indonesian.
    """

    name: str
    points: float
    limit: float
    start: float
    width: float
    share: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One alert in the list. Hashable, so that what is drawn of it can be remembered."""

    id: int
    story_id: int
    merged_into: int | None
    label: str
    other_labels: tuple[str, ...]
    level: int
    state: AlertState
    verified: bool
    score: float
    bars: tuple[Bar, ...]
    confidence: float
    headline: str
    why: str
    place: str
    regions: tuple[str, ...]
    outlets: int
    voices: int
    items: int
    opened_at: datetime
    last_item_at: datetime
    ranked_at: datetime
    reason: str | None
    revision: int
    weights_version: int | None = None
    topics: tuple[TopicName, ...] = ()
    owner: str | None = None
    due_at: datetime | None = None
    is_open: bool = True
    mark: Mark = Mark.READ
    raised_to: tuple[str, ...] = ()
    likelihood: Likelihood = Likelihood.EVEN

    def __hash__(self) -> int:
        """Of what nearly always tells two apart; the rest is compared."""
        return hash((self.id, self.revision, self.ranked_at, self.mark))


@dataclass(frozen=True, slots=True)
class Step:
    """One way on from here: `label` is what its button says, `reasons` what to choose from.

    One that `asks` needs an office and a question, one that `names_twin` may name the alert that stays.
    """

    to: AlertState
    label: str
    reasons: Sequence[str]
    asks: bool = False
    names_twin: bool = False

    @property
    def is_plain(self) -> bool:
        return not (self.reasons or self.asks or self.names_twin)


@dataclass(frozen=True, slots=True)
class HistoryLine:
    at: datetime
    actor: str
    action: str
    from_state: str | None
    to_state: str | None
    reason: str | None
    note: str
    levels: tuple[int, int] | None
    alert_id: int | None = None
    fields: Sequence[FieldLine] = ()
    office: str = ""


@lru_cache(maxsize=4_000)
def card(view: AlertSummary, mark: Mark = Mark.READ) -> Card:
    """Remembered: an alert that is equal in everything has the same card."""
    names = [place_name(code) for code in view.regions]
    return Card(
        id=view.id,
        story_id=view.story_id,
        merged_into=view.merged_into,
        label=view.label,
        other_labels=tuple(name for name in view.labels if name != view.label and name in words.LABELS),
        level=view.level,
        state=view.state,
        verified=shape.is_verified(view.state),
        score=view.score,
        bars=tuple(bars(view)),
        confidence=view.confidence,
        headline=mask(view.headline),
        why=mask(view.why),
        place=names[0] if names else "",
        regions=tuple(names),
        outlets=view.outlet_count,
        voices=view.voice_count,
        items=view.item_count,
        opened_at=view.opened_at,
        last_item_at=view.last_item_at,
        ranked_at=view.ranked_at,
        reason=view.reason,
        revision=view.revision,
        weights_version=view.weights_version,
        topics=tuple(TopicName(one.id, mask(one.title)) for one in view.topics),
        owner=view.owner,
        due_at=view.due_at,
        is_open=view.state in OPEN_STATES,
        mark=mark,
        raised_to=tuple(place_name(code) for code in view.raised_to),
        likelihood=likelihood(view.confidence),
    )


def bars(alert: AlertSummary) -> list[Bar]:
    """The parts in their order; those that give points, laid end to end."""
    limits, notes = alert.limits, shape.notes(alert.notes)
    ordered = sorted(alert.parts.items(), key=lambda part: _order(part[0]))
    found, start = [], 0.0
    for name, points in ordered:
        limit = limits.get(name, max(points, 1.0))
        width = max(points, 0.0)
        share = min(100.0, 100.0 * width / limit) if limit else 0.0
        found.append(Bar(name, points, limit, start, width, share, notes.get(name, "")))
        start += width
    return found


def full_score() -> float:
    """The longest bar there can be."""
    return FULL_SCORE


@dataclass(frozen=True, slots=True)
class ComparedPart:
    """A part of two scores, with a bar for each."""

    name: str
    upper: Bar
    lower: Bar
    difference: float
    sentence: str


def compared_parts(found: Comparison) -> list[ComparedPart]:
    """The parts of two alerts, in the order of the comparison."""
    upper, lower = ({bar.name: bar for bar in bars(one)} for one in (found.upper, found.lower))
    none = Bar("", 0.0, 0.0, 0.0, 0.0, 0.0)
    return [
        ComparedPart(one.part, upper.get(one.part, none), lower.get(one.part, none), one.difference, one.sentence)
        for one in found.parts
    ]


def steps(state: AlertState) -> list[Step]:
    return [
        Step(
            to,
            _step_word(state, to),
            [str(reason) for reason in reasons_for(to, state)],
            asks=to is AlertState.NEEDS_CLARIFICATION,
            names_twin=to is AlertState.DUPLICATE,
        )
        for to in next_states(state)
    ]


def _step_word(state: AlertState, to: AlertState) -> str:
    if reopens(state, to):
        return words.REOPEN
    is_answer = state is AlertState.NEEDS_CLARIFICATION and to is AlertState.ACKNOWLEDGED
    return words.ANSWERED if is_answer else words.STEPS[to]


def history_line(view: AlertEventView) -> HistoryLine:
    before, after = view.detail.get("from"), view.detail.get("to")
    levels = (before, after) if isinstance(before, int) and isinstance(after, int) else None
    other = view.detail.get("alert")
    return HistoryLine(
        view.at,
        view.actor,
        view.action,
        view.from_state,
        view.to_state,
        view.reason,
        mask(view.note),
        levels,
        other if isinstance(other, int) else None,
        told_fields(view),
        mask(str(view.detail.get("office", ""))),
    )


def _order(name: str) -> int:
    names = list(words.PARTS)
    return names.index(name) if name in names else len(names)
