"""Label Studio: its JSON of annotated tasks, both ways, and the labelling configuration that makes its pages fit ours.

A task is an item, an annotation an answer. Label Studio counts the ends of a span in code points (its editor converts,
`charsToCodePoints`); before version 1.5 it counted UTF-16 code units (issue 1347 of HumanSignal/label-studio), and it
may turn the line ends of a text into "\n". A span therefore is taken where the text that came with it stands.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from lxml import etree

from waspada.labels.formats import checking
from waspada.labels.formats.checking import Answers, Read, RefusedError
from waspada.labels.formats.reading import array_of
from waspada.labels.formats.utf16 import from_utf16
from waspada.labels.types import LabelRecord, LabelSpan
from waspada.taxonomy import FIELDS

_SPANS = {"title_spans": "title", "text_spans": "text"}
_NOTE = "note"
_SPAN_TYPES = ("labels", "hypertextlabels")
#: Where a task keeps who answered when: Label Studio knows only accounts of its own.
_ANSWERS = "answers"


def configuration(
    names: Mapping[str, str] | None = None, value_names: Mapping[str, Sequence[str]] | None = None
) -> str:
    """The labelling configuration (XML) to paste into a project. `names` and `value_names` are what is shown of fields
    and values; what is kept are the names of the codebook."""
    view = etree.Element("View")
    etree.SubElement(view, "Style").text = ".htx-text { white-space: pre-wrap; }"
    for control, field in _SPANS.items():
        labels = etree.SubElement(view, "Labels", name=control, toName=field, showInline="true")
        for name in FIELDS:
            etree.SubElement(labels, "Label", value=(names or {}).get(name, name), alias=name)
        etree.SubElement(view, "Text", name=field, value=f"${field}", saveTextResult="yes")
    for name, highest in FIELDS.items():
        etree.SubElement(view, "Header", value=(names or {}).get(name, name), size="5")
        choices = etree.SubElement(view, "Choices", name=name, toName="text", choice="single", showInline="true")
        for value in range(highest + 1):
            called = ((value_names or {}).get(name) or ())[value : value + 1]
            etree.SubElement(choices, "Choice", value=" ".join([str(value), *called]), alias=str(value))
    etree.SubElement(view, "TextArea", name=_NOTE, toName="text", maxSubmissions="1", rows="2", editable="true")
    return str(etree.tostring(view, pretty_print=True, encoding="unicode"))


def read(chunks: Iterable[bytes], known: Container[str] | None = None, actors: Mapping[str, str] | None = None) -> Read:
    """The answers of an export. `actors` names ours for an account of Label Studio (e-mail or number); else its own
    name is taken. Annotations that were left (`was_cancelled`) are passed over. `known`: the ids that may come."""
    return checking.records(array_of(chunks), lambda task: _parse(task, actors or {}), known)


def write(records: Iterable[LabelRecord]) -> Iterator[str]:
    """The pieces of a JSON array of tasks. Records of one item, one after another, make one task."""
    before = "[\n"
    for _id, group in groupby(records, key=lambda one: one.id):
        yield before + json.dumps(_task(list(group)), ensure_ascii=False)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def _task(answers: Sequence[LabelRecord]) -> dict[str, Any]:
    item = answers[0]
    answered = {_unique(one): one for one in answers if one.values}
    data = {
        "id": item.id,
        "title": item.title,
        "text": item.text,
        "kind": item.kind.value,
        "url": item.url,
        "outlet": item.outlet,
        "published_at": item.published_at.isoformat() if item.published_at else "",
        _ANSWERS: {key: _who(one) for key, one in answered.items()},
    }
    predictions = [
        {"model_version": "waspada", "result": _choices(one.proposed)} for one in answers[:1] if one.proposed
    ]
    return {
        "data": data,
        "annotations": [_annotation(key, one) for key, one in answered.items()],
        "predictions": predictions,
    }


def _unique(one: LabelRecord) -> str:
    return str(uuid5(NAMESPACE_URL, json.dumps(["waspada", one.id, one.actor])))


def _who(one: LabelRecord) -> dict[str, str]:
    return {"actor": one.actor, "codebook": one.codebook, "at": one.at.isoformat() if one.at else ""}


def _annotation(key: str, one: LabelRecord) -> dict[str, Any]:
    result = [*_choices(one.values), *(_region(n, span, one) for n, span in enumerate(one.spans))]
    if one.note:
        result.append(_control("note", _NOTE, "text", "textarea", {"text": [one.note]}))
    annotation: dict[str, Any] = {"unique_id": key, "was_cancelled": False, "result": result}
    if one.at:
        annotation["created_at"] = one.at.isoformat()
    return annotation


def _choices(values: Mapping[str, int]) -> list[dict[str, Any]]:
    return [_control(name, name, "text", "choices", {"choices": [str(value)]}) for name, value in values.items()]


def _region(number: int, span: LabelSpan, one: LabelRecord) -> dict[str, Any]:
    content = one.content(span.field)[span.start : span.end]
    value = {"start": span.start, "end": span.end, "text": content, "labels": [span.label]}
    return _control(f"span{number}", f"{span.field.value}_spans", span.field.value, "labels", value)


def _control(key: str, name: str, to: str, kind: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"id": key, "from_name": name, "to_name": to, "type": kind, "origin": "manual", "value": value}


def _parse(task: dict[str, Any], actors: Mapping[str, str]) -> Answers:
    data = checking.mapping_of(task.get("data"), "data")
    item, answers = checking.item_of(data), data.get(_ANSWERS)
    for number, raw in enumerate(checking.list_of(task.get("annotations"), "annotations"), start=1):
        try:
            annotation = checking.mapping_of(raw, "it")
            if not annotation.get("was_cancelled"):
                yield _answer(item, annotation, answers if isinstance(answers, dict) else {}, actors)
        except RefusedError as refused:
            yield RefusedError(f"annotation {number}: {refused}")


def _answer(
    item: dict[str, Any], annotation: dict[str, Any], answers: dict[str, Any], actors: Mapping[str, str]
) -> LabelRecord:
    values: dict[str, int] = {}
    spans: list[LabelSpan] = []
    notes: list[str] = []
    for raw in checking.list_of(annotation.get("result"), "result"):
        part = checking.mapping_of(raw, "a part of the result")
        name, kind = checking.name_of(part.get("from_name"), "from_name"), part.get("type")
        value = checking.mapping_of(part.get("value"), "a value")
        if name == _NOTE and kind == "textarea":
            notes += _texts(value.get("text"))
        elif name in _SPANS and kind in _SPAN_TYPES:
            spans += _spans_of(value, str(kind), _SPANS[name], item[_SPANS[name]])
            checking.few(spans)
        elif name in FIELDS and kind == "choices":
            values[name] = _chosen(name, value.get("choices"))
        else:
            raise RefusedError(
                f"{checking.said(name)} ({checking.said(kind)}) is no part of the labelling configuration"
            )
    who = answers.get(str(annotation.get("unique_id")))
    who = who if isinstance(who, dict) else {}
    at = who.get("at") or annotation.get("updated_at") or annotation.get("created_at")
    return checking.record(
        **item,
        values=values,
        complete=False,
        spans=spans,
        note=checking.text_of("\n".join(notes), "note"),
        actor=checking.name_of(who["actor"] if "actor" in who else _account(annotation, actors), "actor"),
        codebook=checking.codebook_of(who.get("codebook")),
        at=checking.moment_of(at, "the time of it"),
    )


def _account(annotation: dict[str, Any], actors: Mapping[str, str]) -> str:
    """`completed_by` is a number, or an object with number and e-mail, as the export was asked for."""
    by = annotation.get("completed_by")
    told = [by.get("email"), by.get("username"), by.get("id")] if isinstance(by, dict) else [by]
    names = [str(one) for one in told if one not in (None, "")]
    return next((actors[name] for name in names if name in actors), names[0] if names else "")


def _texts(raw: Any) -> list[str]:
    return [checking.text_of(one, "note") for one in (raw if isinstance(raw, list) else [raw])]


def _chosen(name: str, raw: Any) -> int:
    """The value of a field: what stands before the first blank, should the configuration have lost its aliases."""
    chosen = checking.list_of(raw, name)
    if len(chosen) != 1:
        raise RefusedError(f"{name} has {len(chosen)} choices")
    digits = checking.text_of(chosen[0], name).split(" ", 1)[0]
    if not (digits.isascii() and digits.isdigit() and len(digits) == 1):
        raise RefusedError(f"{name} {checking.said(chosen[0])} is no value of the codebook")
    return int(digits)


def _spans_of(value: dict[str, Any], kind: str, field: str, content: str) -> list[LabelSpan]:
    offsets = value.get("globalOffsets") if kind == "hypertextlabels" else value
    ends = checking.mapping_of(offsets, "globalOffsets")
    labels = checking.few(checking.list_of(value.get(kind), kind))
    spans = [checking.span_of(label, field, ends.get("start"), ends.get("end")) for label in labels]
    quote = checking.text_of(value.get("text"), "the text of a span")
    return [_placed(span, content, quote) for span in spans]


def _placed(span: LabelSpan, content: str, quote: str) -> LabelSpan:
    """The span with its ends in code points of our text, after the way of counting in which its quote stands there."""
    if not quote or not content:
        return span
    for count in _COUNTS:
        start, end = count(content, span.start), count(content, span.end)
        if start is not None and end is not None and _alike(content[start:end], quote):
            return LabelSpan(span.label, span.field, start, end)
    raise RefusedError(f"the text of a span of {span.label} does not stand where it should")


def _plain(text: str, offset: int) -> int | None:
    return offset if 0 <= offset <= len(text) else None


def _single_ends(count: Callable[[str, int], int | None]) -> Callable[[str, int], int | None]:
    """Counts in a text whose line ends became single characters."""

    def counted(text: str, offset: int) -> int | None:
        short = count(text.replace("\r\n", "\n"), offset)
        return None if short is None else _with_double_ends(text, short)

    return counted


def _with_double_ends(text: str, offset: int) -> int:
    """Where the character number `offset` of the text with single line ends stands in the text itself."""
    at = 0
    for _ in range(offset):
        at += 2 if text.startswith("\r\n", at) else 1
    return at


_COUNTS = (_plain, from_utf16, _single_ends(_plain), _single_ends(from_utf16))


def _alike(ours: str, theirs: str) -> bool:
    """The same but for blanks; line ends come back as the two characters "\\n"."""
    return _without_blanks(ours) in (_without_blanks(theirs), _without_blanks(theirs.replace("\\n", "\n")))


def _without_blanks(text: str) -> str:
    return "".join(text.split())
