"""Our own format: the items of `waspada classify` with `labels` in the fields of the codebook; training reads it too.

Its contract is docs/contracts/labels.schema.json.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator
from typing import Any

from waspada.labels.formats import checking
from waspada.labels.formats.checking import Answers, Read
from waspada.labels.formats.reading import lines_of
from waspada.labels.types import LabelRecord, LabelSpan


def read(chunks: Iterable[bytes], known: Container[str] | None = None) -> Read:
    """The answers of a file, whose lines `chunks` are. `known` are the ids that may come (None: all)."""
    return checking.records(lines_of(chunks), _parse, known)


def write(records: Iterable[LabelRecord]) -> Iterator[str]:
    """A line for each answer. Items that go out to be labelled have none, and no line."""
    for one in records:
        if one.values:
            yield json.dumps(_line(one), ensure_ascii=False) + "\n"


def _parse(raw: dict[str, Any]) -> Answers:
    spans = [_span(one) for one in checking.few(checking.list_of(raw.get("spans"), "spans"))]
    proposed = raw.get("proposed")
    yield checking.record(
        **checking.item_of(raw),
        values=raw.get("labels"),
        complete=True,
        spans=spans,
        note=checking.text_of(raw.get("note"), "note"),
        actor=checking.name_of(raw.get("actor"), "actor"),
        codebook=checking.codebook_of(raw.get("codebook")),
        at=checking.moment_of(raw.get("at"), "at"),
        proposed=None if proposed is None else checking.values_of(proposed, complete=True),
    )


def _span(raw: Any) -> LabelSpan:
    one = checking.mapping_of(raw, "a span")
    return checking.span_of(one.get("label"), one.get("field"), one.get("start"), one.get("end"))


def _line(one: LabelRecord) -> dict[str, Any]:
    line: dict[str, Any] = {
        "id": one.id,
        "title": one.title,
        "text": one.text,
        "kind": one.kind.value,
        "url": one.url,
        "outlet": one.outlet,
        "published_at": one.published_at.isoformat() if one.published_at else None,
        "labels": dict(one.values),
        "spans": [span.as_json() for span in one.spans],
        "note": one.note,
        "actor": one.actor,
        "codebook": one.codebook,
        "at": one.at.isoformat() if one.at else None,
        "proposed": dict(one.proposed) if one.proposed else None,
    }
    return {name: value for name, value in line.items() if value}
