"""From what the store says of alerts to the documents of the API."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from zoneinfo import ZoneInfo

from api import schemas
from api.shape.claims import claim_line, match
from api.shape.items import item
from api.shape.places import place
from waspada.alerts.compare import Comparison
from waspada.alerts.exits import mask
from waspada.alerts.likelihood import confidence_words
from waspada.alerts.neighbours import Neighbours
from waspada.alerts.seen import Mark
from waspada.alerts.story_text import StoryText, story_text
from waspada.alerts.types import AlertDetail, AlertEventView, AlertState, AlertSummary


def alert(view: AlertSummary, mark: Mark | None = None) -> schemas.AlertOut:
    return schemas.AlertOut(**_alert_fields(view), mark=mark)


@lru_cache(maxsize=4_000)
def alert_json(view: AlertSummary, mark: Mark | None = None) -> str:
    """`alert` as it is sent, remembered: an alert that is equal in everything has the same document."""
    return alert(view, mark).model_dump_json()


def alert_detail(view: AlertDetail, beside: Neighbours, zone: ZoneInfo) -> schemas.AlertDetailOut:
    return schemas.AlertDetailOut(
        **_alert_fields(view.summary),
        story=story(story_text(view.summary, view.items, view.claims, zone, view.reports)),
        neighbours=neighbours(beside),
        items=[item(member) for member in view.items],
        history=[event(line) for line in view.history],
        claim_line=claim_line(view),
        claims=[match(one) for one in view.claims],
    )


def story(found: StoryText) -> schemas.StoryTextOut:
    """Its texts are masked where they are made."""
    names = ("text", "lead", "outlet", "voice", "at", "item_id", "others")
    quotes = [schemas.StoryQuoteOut(**{name: getattr(one, name) for name in names}) for one in found.quotes]
    return schemas.StoryTextOut(paragraph=found.paragraph, quotes=quotes)


def neighbours(found: Neighbours) -> schemas.NeighboursOut:
    return schemas.NeighboursOut(
        listed=found.is_listed,
        above=_neighbour(found.above, found.above.upper) if found.above else None,
        below=_neighbour(found.below, found.below.lower) if found.below else None,
    )


def _neighbour(found: Comparison, beside: AlertSummary) -> schemas.NeighbourOut:
    differing = next((one.part for one in found.parts if one.difference), None)
    return schemas.NeighbourOut(
        alert=_compared(beside), difference=found.difference, part=differing, sentence=found.sentence
    )


def _alert_fields(view: AlertSummary) -> dict[str, object]:
    return {
        "id": view.id,
        "story_id": view.story_id,
        "state": view.state,
        "label": view.label,
        "level": view.level,
        "score": view.score,
        "parts": dict(view.parts),
        "limits": dict(view.limits),
        "notes": notes(view.notes),
        "weights_version": view.weights_version,
        "confidence": view.confidence,
        "confidence_words": confidence_words(view.confidence),
        "labels": dict(view.labels),
        "headline": mask(view.headline),
        "why": mask(view.why),
        "verified": is_verified(view.state),
        "item_count": view.item_count,
        "outlet_count": view.outlet_count,
        "voice_count": view.voice_count,
        "opened_at": view.opened_at,
        "changed_at": view.changed_at,
        "last_item_at": view.last_item_at,
        "ranked_at": view.ranked_at,
        "reason": view.reason,
        "revision": view.revision,
        "owner": view.owner,
        "due_at": view.due_at,
        "exercise": view.exercise,
        "merged_into": view.merged_into,
        "raised_to": [place(code) for code in view.raised_to],
        "places": [place(code) for code in view.regions],
        "topics": [schemas.TopicNameOut(id=one.id, title=mask(one.title)) for one in view.topics],
    }


def notes(said: Mapping[str, str]) -> dict[str, str]:
    """What stands behind the points of parts. A stage may carry a name: an operator writes the calendar."""
    return {part: mask(words) for part, words in said.items()}


def comparison(found: Comparison) -> schemas.ComparisonOut:
    """The sentences of a comparison are masked where they are made."""
    return schemas.ComparisonOut(
        upper=_compared(found.upper),
        lower=_compared(found.lower),
        difference=found.difference,
        sentence=found.sentence,
        parts=[
            schemas.PartDifferenceOut(
                part=one.part,
                upper=one.upper,
                lower=one.lower,
                difference=one.difference,
                notes=list(one.notes),
                sentence=one.sentence,
            )
            for one in found.parts
        ],
    )


def _compared(view: AlertSummary) -> schemas.ComparedOut:
    return schemas.ComparedOut(id=view.id, headline=mask(view.headline), level=view.level, score=view.score)


def is_verified(state: AlertState) -> bool:
    """ "Belum diverifikasi" is the default word: only a person's step changes it."""
    return state is AlertState.VERIFIED


def told(detail: Mapping[str, object]) -> dict[str, object]:
    """What a line of the history tells beside its note; the office that was asked is words of a person."""
    return {name: mask(str(value)) if name == "office" else value for name, value in detail.items()}


def event(view: AlertEventView) -> schemas.EventOut:
    return schemas.EventOut(
        id=view.id,
        at=view.at,
        actor=view.actor,
        action=view.action,
        from_state=view.from_state,
        to_state=view.to_state,
        reason=view.reason,
        note=mask(view.note),
        detail=told(view.detail),
    )
