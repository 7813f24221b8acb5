"""What the templates show of an alert: every text already masked, every number already in its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from api import shape
from api.console import words
from api.console.regions import place_name
from waspada.alerts.compare import Comparison
from waspada.alerts.exits import Masked, mask
from waspada.alerts.items import versions_to_compare
from waspada.alerts.policy import next_states, reasons_for, reopens
from waspada.alerts.types import AlertDetail, AlertEventView, AlertState, AlertSummary, ItemView, VersionView
from waspada.alerts.weights import FULL_SCORE
from waspada.claims.types import MatchOrigin, MatchState, MatchView
from waspada.claims.wording import source_of, verdict_of
from waspada.items.diff import Change
from waspada.privacy.reasons import MAX_REASON_CHARACTERS
from waspada.topics.types import TopicName

#: How much text stands around a highlighted sentence, in characters.
CONTEXT_CHARACTERS = 140
_PLAIN_EXCERPT_CHARACTERS = 320
EDITS_SHOWN = 50

Piece = tuple[str, bool]


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
    """One alert in the list."""

    id: int
    story_id: int
    merged_into: int | None
    label: str
    other_labels: Sequence[str]
    level: int
    state: AlertState
    verified: bool
    score: float
    bars: Sequence[Bar]
    confidence: float
    headline: str
    why: str
    place: str
    regions: Sequence[str]
    outlets: int
    voices: int
    items: int
    opened_at: datetime
    last_item_at: datetime
    ranked_at: datetime
    reason: str | None
    revision: int
    weights_version: int | None = None
    topics: Sequence[TopicName] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One way on from here: `label` is what its button says, `reasons` what to choose from."""

    to: AlertState
    label: str
    reasons: Sequence[str]


@dataclass(frozen=True, slots=True)
class ItemCard:
    id: int
    kind: str
    outlet: str
    url: str | None
    how: str | None
    at: datetime
    dated: bool
    version: int
    versions: int
    level: int
    labels: Mapping[str, float]
    title: Sequence[Piece]
    excerpt: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class Edit:
    """What the newest version changed, at most `EDITS_SHOWN` changes; `left_out` counts the rest."""

    old: int
    new: int
    summary: str
    changes: Sequence[Change]
    left_out: int


@dataclass(frozen=True, slots=True)
class FullItem:
    card: ItemCard
    text: Sequence[Piece]
    places: Sequence[str]
    model: str | None
    story_id: int | None
    older: Sequence[tuple[int, datetime, str, str]]
    edit: Edit | None


@dataclass(frozen=True, slots=True)
class ClaimMatch:
    """A fact-check that a report of the alert may repeat; every text is masked."""

    id: int
    item_id: int
    state: str
    score: float
    title: str
    narrative: str
    verdict: str
    source: str
    url: str | None
    basis: str
    by_person: bool
    actor: str
    at: datetime
    reason: str
    revision: int
    can_confirm: bool
    can_reject: bool


@dataclass(frozen=True, slots=True)
class Claims:
    """The fact-checks of an alert: one line that sums up, and each match."""

    line: str
    matches: Sequence[ClaimMatch]
    decides: bool
    max_reason: int = MAX_REASON_CHARACTERS


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


def card(view: AlertSummary) -> Card:
    names = [place_name(code) for code in view.regions]
    return Card(
        id=view.id,
        story_id=view.story_id,
        merged_into=view.merged_into,
        label=view.label,
        other_labels=[name for name in view.labels if name != view.label and name in words.LABELS],
        level=view.level,
        state=view.state,
        verified=shape.is_verified(view.state),
        score=view.score,
        bars=bars(view),
        confidence=view.confidence,
        headline=mask(view.headline),
        why=mask(view.why),
        place=names[0] if names else "",
        regions=names,
        outlets=view.outlet_count,
        voices=view.voice_count,
        items=view.item_count,
        opened_at=view.opened_at,
        last_item_at=view.last_item_at,
        ranked_at=view.ranked_at,
        reason=view.reason,
        revision=view.revision,
        weights_version=view.weights_version,
        topics=[TopicName(one.id, mask(one.title)) for one in view.topics],
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
        Step(to, words.REOPEN if reopens(state) else words.STEPS[to], [str(r) for r in reasons_for(to)])
        for to in next_states(state)
    ]


def item_cards(items: Sequence[ItemView]) -> list[ItemCard]:
    """Newest first, copies of other reports after those in their own words."""
    ordered = sorted(items, key=lambda view: (view.how != "copy", view.at, view.id), reverse=True)
    return [_item_card(view, *shape.masked_fields(view)) for view in ordered]


def full_item(view: ItemView) -> FullItem:
    title, text = shape.masked_fields(view)
    older = [one for one in view.versions if one.version != view.version]
    return FullItem(
        card=_item_card(view, title, text),
        text=text.pieces(),
        places=[place.name for place in view.places],
        model=view.model,
        story_id=view.story_id,
        older=[_version(one) for one in reversed(older)],
        edit=_edit(view) if older else None,
    )


def _edit(view: ItemView) -> Edit:
    old, new = versions_to_compare(view)
    found = shape.masked_difference(old, new)
    shown = found.changes[:EDITS_SHOWN]
    return Edit(old.version, new.version, found.summary, shown, len(found.changes) - len(shown) + found.left_out)


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
    )


def claims(detail: AlertDetail, *, decides: bool) -> Claims | None:
    """None for an alert of which nothing is to be said: no misinformation, and no fact-check."""
    line = shape.claim_line(detail)
    if not line and not detail.claims:
        return None
    return Claims(line, [_claim(one) for one in detail.claims], decides)


def _claim(view: MatchView) -> ClaimMatch:
    check, by_person = view.check, view.origin is MatchOrigin.PERSON
    title = mask(check.title or check.claim)
    narrative = mask(check.claim) if check.title else ""
    return ClaimMatch(
        id=view.id,
        item_id=view.item_id,
        state=view.state.value,
        score=view.score,
        title=_cut_end(title, _PLAIN_EXCERPT_CHARACTERS),
        narrative=_cut_end(narrative, _PLAIN_EXCERPT_CHARACTERS) if narrative not in title else "",
        verdict=mask(verdict_of(check)),
        source=source_of(check),
        url=check.url,
        basis=mask(check.reason),
        by_person=by_person,
        actor=view.actor,
        at=view.at,
        reason=mask(view.reason),
        revision=view.revision,
        can_confirm=not by_person or view.state is not MatchState.CONFIRMED,
        can_reject=not by_person or view.state is not MatchState.REJECTED,
    )


def outlets(detail: AlertDetail) -> list[tuple[str, int]]:
    """The outlets of an alert with the number of their reports, the busiest first; all posts count as one."""
    counts: dict[str, int] = {}
    for view in detail.items:
        counts[view.outlet] = counts.get(view.outlet, 0) + 1
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def excerpt(text: Masked) -> list[Piece]:
    """The highlighted sentences with a little of what stands around them; the beginning where nothing is marked."""
    pieces = text.pieces()
    if not any(marked for _, marked in pieces):
        return [(_cut_end(text.text, _PLAIN_EXCERPT_CHARACTERS), False)]
    out: list[Piece] = []
    for number, (piece, marked) in enumerate(pieces):
        out.append((piece if marked else _around(piece, first=number == 0, last=number == len(pieces) - 1), marked))
    return out


def _around(piece: str, *, first: bool, last: bool) -> str:
    if first:
        return _cut_start(piece, CONTEXT_CHARACTERS)
    if last:
        return _cut_end(piece, CONTEXT_CHARACTERS)
    if len(piece) <= 2 * CONTEXT_CHARACTERS:
        return piece
    return f"{_cut_end(piece, CONTEXT_CHARACTERS)} {_cut_start(piece, CONTEXT_CHARACTERS)}"


def _cut_end(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[:limit].rpartition(' ')[0] or text[:limit]} …"


def _cut_start(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"… {text[-limit:].partition(' ')[2] or text[-limit:]}"


def _item_card(view: ItemView, title: Masked, text: Masked) -> ItemCard:
    return ItemCard(
        id=view.id,
        kind=view.kind.value,
        outlet=view.outlet,
        url=shape.public_url(view),
        how=view.how,
        at=view.at,
        dated=view.published_at is not None,
        version=view.version,
        versions=len(view.versions),
        level=view.alert_level,
        labels=view.labels,
        title=title.pieces(),
        excerpt=excerpt(text),
    )


def _version(view: VersionView) -> tuple[int, datetime, str, str]:
    return view.version, view.seen_at, mask(view.title), mask(view.text)


def _order(name: str) -> int:
    names = list(words.PARTS)
    return names.index(name) if name in names else len(names)
