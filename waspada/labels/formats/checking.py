"""What a record of a file must hold before it is taken. Every refusal says why in a few words."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from waspada.clock import parse_when
from waspada.labels.codebook import VERSION, nothing
from waspada.labels.formats.reading import Numbered
from waspada.labels.policy import MAX_SPANS
from waspada.labels.types import BadRecord, LabelRecord, LabelSpan
from waspada.taxonomy import FIELDS, FOUND_KINDS, ItemKind, TextField

Read = Iterator[LabelRecord | BadRecord]
#: An answer of a record, or why it is refused.
Answers = Iterator["LabelRecord | RefusedError"]
_MAX_NAME = 200
#: More sentences than this nobody marks in one item.
_MAX_SAID = 40


class RefusedError(ValueError):
    """A record that cannot be taken, and why. It never leaves this folder: readers yield it as a BadRecord."""


def records(
    values: Iterable[Numbered], parse: Callable[[dict[str, Any]], Answers], known: Container[str] | None
) -> Read:
    """Runs `parse` over the objects of a file; what is refused is reported with its number, and the rest goes on.

    `known` are the ids that may come; None takes every one. An answer of the same account for the same item that comes
    twice is taken once.
    """
    seen: set[tuple[str, str]] = set()
    for number, value in values:
        if isinstance(value, str):
            yield BadRecord(number, value)
            continue
        try:
            for one in parse(value):
                problem = _problem(one, seen, known) if isinstance(one, LabelRecord) else str(one)
                yield BadRecord(number, problem) if problem or not isinstance(one, LabelRecord) else one
        except RefusedError as refused:
            yield BadRecord(number, str(refused))


def record(*, values: Any, spans: Sequence[LabelSpan], complete: bool, **rest: Any) -> LabelRecord:
    """A checked record. `complete`: every field must be named, else what is not named is 0. Raises RefusedError."""
    made = LabelRecord(values=values_of(values, complete=complete), spans=tuple(spans), **rest)
    for span in made.spans:
        _check_span(span, made)
    return made


def item_of(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The item's own part of a record: id, title, text, kind, url, outlet, published_at."""
    return {
        "id": id_of(raw.get("id")),
        "title": text_of(raw.get("title"), "title"),
        "text": text_of(raw.get("text"), "text"),
        "kind": _kind(raw.get("kind")),
        "url": text_of(raw.get("url"), "url"),
        "outlet": text_of(raw.get("outlet"), "outlet"),
        "published_at": parse_when(text_of(raw.get("published_at"), "published_at")),
    }


def id_of(value: Any) -> str:
    found = str(value) if isinstance(value, int) and not isinstance(value, bool) else text_of(value, "id")
    if not found.strip():
        raise RefusedError("the id is missing")
    if len(found) > _MAX_NAME:
        raise RefusedError(f"the id is longer than {_MAX_NAME} characters")
    return found


def text_of(value: Any, name: str) -> str:
    """A text that a database can hold; empty where there is none."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RefusedError(f"{name} is not a text")
    if "\0" in value:
        raise RefusedError(f"{name} holds a NUL character")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise RefusedError(f"{name} holds half a character (a lone surrogate)") from None
    return value


def name_of(value: Any, name: str) -> str:
    found = text_of(value, name)
    if len(found) > _MAX_NAME:
        raise RefusedError(f"{name} is longer than {_MAX_NAME} characters")
    return found


def codebook_of(value: Any) -> str:
    return name_of(value, "codebook") or VERSION


def moment_of(value: Any, name: str) -> datetime | None:
    """An ISO time with its zone, as UTC; None where there is none."""
    text = text_of(value, name)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            raise RefusedError(f"{name} has no time zone")
        return found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise error if isinstance(error, RefusedError) else RefusedError(f"{name} is not a time") from None


def values_of(raw: Any, *, complete: bool) -> dict[str, int]:
    """Every field of the codebook with its value. Raises RefusedError."""
    given = mapping_of(raw, "labels")
    unknown = [said(name) for name in given if name not in FIELDS]
    if unknown:
        raise RefusedError(f"the codebook has no field {', '.join(unknown[:5])}")
    missing = [name for name in FIELDS if name not in given]
    if missing and complete:
        raise RefusedError(f"no value for {', '.join(missing)}")
    for name, value in given.items():
        if isinstance(value, bool) or not isinstance(value, int):
            raise RefusedError(f"{name} is not a whole number")
        if not 0 <= value <= FIELDS[name]:
            raise RefusedError(f"{name} {said(value)} is outside 0..{FIELDS[name]}")
    return nothing() | given


def span_of(label: Any, field: Any, start: Any, end: Any) -> LabelSpan:
    """A span whose ends are whole numbers; whether it fits its text is checked with the record."""
    if not isinstance(label, str) or label not in FIELDS:
        raise RefusedError(f"a span carries {said(label)}, which is no field of the codebook")
    if field not in (TextField.TITLE.value, TextField.TEXT.value):
        raise RefusedError(f"a span lies in {said(field)}, which is neither title nor text")
    if any(isinstance(one, bool) or not isinstance(one, int) for one in (start, end)):
        raise RefusedError("an end of a span is not a whole number")
    return LabelSpan(label, TextField(field), start, end)


def few(spans: list[Any]) -> list[Any]:
    """The spans, unless they are so many that placing them would take long."""
    if len(spans) > MAX_SPANS:
        raise RefusedError(f"more than {MAX_SPANS} spans")
    return spans


def mapping_of(raw: Any, name: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise RefusedError(f"{name} is missing" if raw is None else f"{name} is not an object")
    return raw


def list_of(raw: Any, name: str) -> list[Any]:
    """A list; empty where there is none."""
    if raw is None:
        return []
    if not isinstance(raw, list):
        raise RefusedError(f"{name} is not a list")
    return raw


def said(value: Any) -> str:
    """A value of a file in a message: short, on one line."""
    return ascii(value if isinstance(value, str | int | float) else type(value).__name__)[:_MAX_SAID]


def _kind(value: Any) -> ItemKind:
    name = text_of(value, "kind")
    found = next((kind for kind in FOUND_KINDS if kind == (name or ItemKind.ARTICLE)), None)
    if found is None:
        raise RefusedError(f"kind {said(name)} is not known")
    return found


def _check_span(span: LabelSpan, made: LabelRecord) -> None:
    if not made.values[span.label]:
        raise RefusedError(f"a span carries {span.label}, which is 0")
    length = len(made.content(span.field))
    if not 0 <= span.start < span.end:
        raise RefusedError("a span ends before it begins")
    # A record of a known item may come without its text; whoever keeps the answer has the text.
    if span.end > length and (made.title or made.text):
        raise RefusedError(f"a span ends after the {span.field.value}")


def _problem(one: LabelRecord, seen: set[tuple[str, str]], known: Container[str] | None) -> str:
    """Why a whole answer is not taken; empty where it is."""
    if known is not None and one.id not in known:
        return f"no item {said(one.id)} is known"
    if known is None and not one.title.strip() and not one.text.strip():
        return "title and text are both empty"
    if (one.id, one.actor) in seen:
        return f"a second answer for {said(one.id)}" + (f" by {said(one.actor)}" if one.actor else "")
    seen.add((one.id, one.actor))
    return ""
