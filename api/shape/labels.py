"""From what the store says of labels to the documents of the API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from api import reading, schemas
from waspada import taxonomy
from waspada.alerts.exits import Span, mask, masked
from waspada.alerts.types import ItemView
from waspada.labels.advice import MORE
from waspada.labels.types import Label, Standing, Task
from waspada.models.curves import TrainingAdvice
from waspada.taxonomy import TextField

#: So much of a text is shown to be labelled: the rest stands on the item's own page.
SHOWN_CHARACTERS = 20_000


def sentences(of: ItemView) -> list[schemas.SentenceOut]:
    """Title and beginning of an item, sentence by sentence, as they may leave."""
    return [*_sentences(TextField.TITLE, of.title), *_sentences(TextField.TEXT, of.text)]


def _sentences(field: TextField, text: str) -> list[schemas.SentenceOut]:
    text = text[:SHOWN_CHARACTERS]
    found = reading.sentences(text)
    quotes = masked(text, [Span(start, end) for start, end in found]).quotes()
    return [
        schemas.SentenceOut(field=field, start=start, end=end, text=quote)
        for (start, end), quote in zip(found, quotes, strict=True)
    ]


def label(one: Label) -> schemas.LabelOut:
    return schemas.LabelOut(
        id=one.id,
        key=one.key,
        item_id=one.item_id,
        version=one.version,
        role=one.role,
        values=dict(one.values),
        spans=[schemas.LabelSpanOut(label=s.label, field=s.field, start=s.start, end=s.end) for s in one.spans],
        note=mask(one.note),
        codebook=one.codebook,
        queue=one.queue,
        queue_label=one.queue_label,
        model=one.model,
        proposed=dict(one.proposed) if one.proposed is not None else None,
        shown=one.shown,
        seconds=one.seconds,
        actor=one.actor,
        at=one.at,
        standing=one.standing,
    )


def task(one: Task, of: ItemView) -> schemas.TaskOut:
    return schemas.TaskOut(
        item_id=one.item_id,
        version=one.version,
        kind=of.kind,
        outlet=of.outlet,
        at=of.at,
        sentences=sentences(of),
        queue=one.queue,
        queue_label=one.queue_label,
        proposed=dict(one.proposed) if one.shown and one.proposed is not None else None,
        until=one.until,
        own=label(one.own) if one.own is not None else None,
    )


def standing(one: Standing) -> schemas.StandingOut:
    return schemas.StandingOut(waiting=dict(one.waiting), labels=one.labels, items=one.items, today=one.today)


def advice(found: TrainingAdvice | None) -> schemas.AdviceOut:
    if found is None:
        return schemas.AdviceOut(model=None, trained_at=None, answers=0, more=MORE, overall=None, labels=[], most=None)
    said = found.advice
    return schemas.AdviceOut(
        model=found.model,
        trained_at=found.at,
        answers=said.answers,
        more=said.more,
        overall=schemas.OutlookOut(**asdict(said.overall)),
        labels=[
            schemas.LabelOutlookOut(label=taxonomy.Label(name), **asdict(one)) for name, one in said.labels.items()
        ],
        most=taxonomy.Label(said.most) if said.most else None,
    )


def disagreement(answers: Sequence[Label], fields: Sequence[str]) -> schemas.DisagreementOut:
    return schemas.DisagreementOut(
        item_id=answers[0].item_id, fields=list(fields), answers=[label(one) for one in answers]
    )
