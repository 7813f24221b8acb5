"""Argilla (v2): records as `rg.Dataset.records.to_json` writes and `from_json` reads them, and the dataset's settings.

A record is an item, its responses are the answers. Argilla's pages count the ends of a span in UTF-16 code units
(issue 5729 of argilla-io/argilla, closed unsolved), so these files do too. It knows its users by number only: the
metadata of a record say who stands behind a number, with the time and the codebook of the answer.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from waspada.labels.formats import checking
from waspada.labels.formats.checking import Answers, Read, RefusedError
from waspada.labels.formats.reading import array_of
from waspada.labels.formats.utf16 import from_utf16, to_utf16
from waspada.labels.types import LabelRecord, LabelSpan
from waspada.taxonomy import FIELDS, TextField

_SPANS = {f"{field.value}_spans": field for field in TextField}
_NOTE = "note"
#: Metadata of a record: JSON lists of number, actor, codebook and time.
_ANSWERS = "answers"
#: The one question that must be answered; what is left open elsewhere is 0.
_REQUIRED = "alert"
#: Argilla takes no smaller number for how many options are shown at first.
_LEAST_VISIBLE = 3


def settings(
    names: Mapping[str, str] | None = None,
    value_names: Mapping[str, Sequence[str]] | None = None,
    guidelines: str = "",
) -> str:
    """The settings of the dataset (`rg.Settings.from_json`). `names` and `value_names` are what is shown of fields and
    values; `guidelines` is what Argilla shows beside the records."""
    shown = names or {}
    questions = [_value_question(name, shown.get(name, name), (value_names or {}).get(name) or ()) for name in FIELDS]
    questions += [_span_question(name, field, shown) for name, field in _SPANS.items()]
    questions.append(_question(_NOTE, _NOTE, {"type": "text", "use_markdown": False}))
    fields = [
        {"name": field.value, "title": field.value, "required": field is TextField.TEXT,
         "settings": {"type": "text", "use_markdown": False}}
        for field in TextField
    ]  # fmt: skip
    made = {
        "guidelines": guidelines or None,
        "allow_extra_metadata": True,
        "fields": fields,
        "questions": questions,
        "metadata": [],
        "vectors": [],
    }
    return json.dumps(made, ensure_ascii=False, indent=2) + "\n"


def read(chunks: Iterable[bytes], known: Container[str] | None = None, actors: Mapping[str, str] | None = None) -> Read:
    """The answers of an export. `actors` names ours for a user's number, where the record does not. Drafts and what
    was discarded are passed over. `known`: the ids that may come."""
    return checking.records(array_of(chunks), lambda raw: _parse(raw, actors or {}), known)


def write(records: Iterable[LabelRecord], users: Mapping[str, str] | None = None) -> Iterator[str]:
    """The pieces of a JSON array of records; those of one item, one after another, make one. `users` gives the number
    that an account has in Argilla; without one its answers bear a number that Argilla does not know."""
    before = "[\n"
    for _id, group in groupby(records, key=lambda one: one.id):
        yield before + json.dumps(_record(list(group), users or {}), ensure_ascii=False)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def _question(name: str, title: str, options: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "title": title, "required": name == _REQUIRED, "settings": options}


def _value_question(name: str, title: str, called: Sequence[str]) -> dict[str, Any]:
    values = range(FIELDS[name] + 1)
    options = [{"value": str(value), "text": " ".join([str(value), *called[value : value + 1]])} for value in values]
    visible = len(options) if len(options) >= _LEAST_VISIBLE else None
    return _question(name, title, {"type": "label_selection", "options": options, "visible_options": visible})


def _span_question(name: str, field: TextField, shown: Mapping[str, str]) -> dict[str, Any]:
    return _question(
        name,
        name.replace("_", " "),
        {
            "type": "span",
            "field": field.value,
            "options": [{"value": one, "text": shown.get(one, one)} for one in FIELDS],
            "visible_options": len(FIELDS),
            "allow_overlapping": True,
        },
    )


def _record(answers: Sequence[LabelRecord], users: Mapping[str, str]) -> dict[str, Any]:
    item = answers[0]
    answered = [(users.get(one.actor) or _number(one.actor), one) for one in answers if one.values]
    metadata: dict[str, Any] = {
        "kind": item.kind.value,
        "url": item.url,
        "outlet": item.outlet,
        "published_at": item.published_at.isoformat() if item.published_at else "",
        _ANSWERS: [
            json.dumps([user, one.actor, one.codebook, one.at.isoformat() if one.at else ""], ensure_ascii=False)
            for user, one in answered
        ],
    }
    responses: dict[str, list[dict[str, Any]]] = {}
    for user, one in answered:
        for name, value in _responses(one).items():
            responses.setdefault(name, []).append({"value": value, "user_id": user, "status": "submitted"})
    return {
        "id": item.id,
        "fields": {"title": item.title, "text": item.text},
        "metadata": {name: value for name, value in metadata.items() if value},
        "suggestions": {
            name: {"value": str(value), "score": None, "agent": "waspada"}
            for name, value in (item.proposed or {}).items()
        },
        "responses": responses,
        "vectors": {},
    }


def _number(actor: str) -> str:
    return str(uuid5(NAMESPACE_URL, json.dumps(["waspada", actor])))


def _responses(one: LabelRecord) -> dict[str, Any]:
    found: dict[str, Any] = {name: str(value) for name, value in one.values.items()}
    for name, field in _SPANS.items():
        content = one.content(field)
        spans = [
            {"start": to_utf16(content, span.start), "end": to_utf16(content, span.end), "label": span.label}
            for span in one.spans
            if span.field is field
        ]
        if spans:
            found[name] = spans
    if one.note:
        found[_NOTE] = one.note
    return found


def _parse(raw: dict[str, Any], actors: Mapping[str, str]) -> Answers:
    fields = checking.mapping_of(raw.get("fields"), "fields")
    metadata = checking.mapping_of(raw.get("metadata") or {}, "metadata")
    item = checking.item_of({**metadata, "id": raw.get("id"), "title": fields.get("title"), "text": fields.get("text")})
    people = _people(metadata.get(_ANSWERS))
    for user, given in _by_user(raw).items():
        try:
            if given:
                yield _answer(item, given, people.get(user), actors.get(user, user))
        except RefusedError as refused:
            yield RefusedError(f"answer of user {checking.said(user)}: {refused}")


def _people(raw: Any) -> dict[str, list[str]]:
    """User number -> actor, codebook, time. What is not ours is no matter."""
    found = {}
    for line in raw if isinstance(raw, list) else []:
        try:
            told = json.loads(line)
        except (TypeError, ValueError, RecursionError):
            continue
        if isinstance(told, list) and len(told) == 4 and all(isinstance(one, str) for one in told):
            found[told[0]] = told[1:]
    return found


def _by_user(raw: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """User -> question -> value; nothing for one who left the record open or threw it away."""
    found: dict[str, dict[str, Any]] = {}
    left: set[str] = set()
    for name, answers in checking.mapping_of(raw.get("responses") or {}, "responses").items():
        for one in checking.list_of(answers, f"the responses to {checking.said(name)}"):
            response = checking.mapping_of(one, "a response")
            user = str(response.get("user_id") or "")
            if response.get("status") not in (None, "submitted"):
                left.add(user)
            if name in found.setdefault(user, {}):
                raise RefusedError(f"two responses of user {checking.said(user)} to {checking.said(name)}")
            found[user][name] = response.get("value")
    return {user: {} if user in left else given for user, given in found.items()}


def _answer(item: dict[str, Any], given: dict[str, Any], told: list[str] | None, actor: str) -> LabelRecord:
    unknown = [name for name in given if name not in FIELDS and name not in _SPANS and name != _NOTE]
    if unknown:
        raise RefusedError(f"{checking.said(unknown[0])} is no question of the settings")
    actor, codebook, at = told or [actor, "", ""]
    spans = [
        _span(one, field, item[field.value])
        for name, field in _SPANS.items()
        for one in checking.few(checking.list_of(given.get(name), name))
    ]
    return checking.record(
        **item,
        values={name: _value(name, value) for name, value in given.items() if name in FIELDS},
        complete=False,
        spans=spans,
        note=checking.text_of(given.get(_NOTE), "note"),
        actor=checking.name_of(actor, "actor"),
        codebook=checking.codebook_of(codebook),
        at=checking.moment_of(at, "the time of it"),
    )


def _value(name: str, value: Any) -> int:
    text = checking.text_of(value, name)
    if not (text.isascii() and text.isdigit() and len(text) == 1):
        raise RefusedError(f"{name} {checking.said(value)} is no value of the codebook")
    return int(text)


def _span(raw: Any, field: TextField, content: str) -> LabelSpan:
    one = checking.mapping_of(raw, "a span")
    span = checking.span_of(one.get("label"), field.value, one.get("start"), one.get("end"))
    start, end = from_utf16(content, span.start), from_utf16(content, span.end)
    if start is None or end is None:
        raise RefusedError(f"a span of {span.label} ends inside a character or after the {field.value}")
    return LabelSpan(span.label, field, start, end)
