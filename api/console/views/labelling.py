"""What the templates show of an item that is to be labelled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from api import schemas, shape
from waspada.alerts.types import ItemView
from waspada.labels.codebook import KEYS, WITHOUT_EVIDENCE
from waspada.labels.policy import MAX_NOTE
from waspada.labels.types import Label, LabelSpan, Task
from waspada.taxonomy import FIELDS, TextField


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field of the codebook: its key, its highest value, and the value that is chosen."""

    name: str
    key: str
    highest: int
    value: int
    evident: bool  # a sentence that is marked without naming a field is evidence of it


@dataclass(frozen=True, slots=True)
class LabelItem:
    """An item on the labelling desk. `key` is that of the answer that the form will send."""

    item_id: int
    version: int
    key: str
    kind: str
    outlet: str
    at: datetime
    queue: str
    queue_label: str | None
    title: Sequence[schemas.SentenceOut]
    text: Sequence[schemas.SentenceOut]
    fields: Sequence[FieldView]
    marked: Mapping[str, Sequence[str]]
    note: str
    max_note: int
    filled: bool
    again: bool


def label_item(task: Task, of: ItemView, answers: Sequence[Label] = ()) -> LabelItem:
    """`answers` are those of others, for an adjudicator: where all say the same of a field, it is chosen."""
    own = task.own
    values = own.values if own is not None else _start(task, answers)
    sentences = shape.sentences(of)
    return LabelItem(
        item_id=task.item_id,
        version=task.version,
        key=str(uuid4()),
        kind=of.kind,
        outlet=of.outlet,
        at=of.at,
        queue=task.queue,
        queue_label=task.queue_label,
        title=[one for one in sentences if one.field is TextField.TITLE],
        text=[one for one in sentences if one.field is TextField.TEXT],
        fields=[
            FieldView(name, key, FIELDS[name], values.get(name, 0), name not in WITHOUT_EVIDENCE)
            for key, name in KEYS.items()
        ],
        marked=_marked(own.spans if own is not None else ()),
        note=own.note if own is not None else "",
        max_note=MAX_NOTE,
        filled=own is None and not answers and task.shown,
        again=own is not None,
    )


def place_of(field: str, start: int, end: int) -> str:
    """How a form names a sentence."""
    return f"{field}:{start}:{end}"


def _start(task: Task, answers: Sequence[Label]) -> Mapping[str, int]:
    if answers:
        same = {name: {one.values[name] for one in answers} for name in FIELDS}
        return {name: min(values) for name, values in same.items()}
    return task.proposed if task.shown and task.proposed is not None else {}


def _marked(spans: Sequence[LabelSpan]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in spans:
        found.setdefault(place_of(one.field, one.start, one.end), []).append(one.label)
    return found
