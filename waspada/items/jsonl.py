"""Items as JSONL: the input of `waspada classify`, `embed`, `match`, `cluster` and `backtest`.

The contract (docs/contracts/item.schema.json): an absent, null or empty field is the same thing; an item is bad only
when title and text are both empty; a date that cannot be read is null with a warning, never a dropped row.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from waspada.clock import DEFAULT_ZONE, parse_when
from waspada.taxonomy import FOUND_KINDS, ItemKind, ItemText

#: A line beyond this is refused unread: it is not one article.
MAX_LINE_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class JsonlItem:
    """One line. `id` is given back exactly as it came (a string, a number, or null)."""

    line: int
    id: Any
    title: str = ""
    text: str = ""
    kind: ItemKind = ItemKind.ARTICLE
    url: str | None = None
    published_at: datetime | None = None
    outlet: str | None = None
    voice: str | None = None

    def as_text(self, home: str | None = None) -> ItemText:
        """What a tagger reads; the line number stands for the id, which need not be unique in a file."""
        return ItemText(str(self.line), self.title, self.text, self.kind, home)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A line that was read: the item, or the problem that makes the line bad; warnings go with either."""

    line: int
    item: JsonlItem | None
    problem: str | None = None
    warnings: list[str] = field(default_factory=list)


def parse_lines(lines: Iterable[bytes], zone: ZoneInfo = DEFAULT_ZONE) -> Iterator[Parsed]:
    """Reads lines one by one; blank ones are passed over. Never raises on what a line holds."""
    for number, raw in enumerate(lines, start=1):
        line = raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw
        if line.strip():
            yield _parse(number, line, zone)


def parse_object(raw: bytes, what: str = "line") -> dict[str, Any] | str:
    """The JSON object of a line (or of another part of a file), or what is wrong with it."""
    if len(raw) > MAX_LINE_BYTES:
        return f"the {what} is longer than {MAX_LINE_BYTES // 2**20} MiB"
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=_refuse)
    except UnicodeDecodeError:
        return f"the {what} is not UTF-8"
    except (json.JSONDecodeError, RecursionError, ValueError) as error:
        return f"the {what} is not JSON ({error})"
    return value if isinstance(value, dict) else f"the {what} is not a JSON object"


def _refuse(constant: str) -> None:
    """NaN and Infinity are no JSON, and would not be any in the answer either."""
    raise ValueError(f"{constant} is no JSON value")


def _parse(number: int, raw: bytes, zone: ZoneInfo) -> Parsed:
    value = parse_object(raw)
    if isinstance(value, str):
        return Parsed(number, None, value)
    warnings: list[str] = []
    title, text = (_string(value, name, warnings) for name in ("title", "text"))
    if not title.strip() and not text.strip():
        return Parsed(number, None, "title and text are both empty", warnings)
    item = JsonlItem(
        line=number,
        id=value.get("id"),
        title=title,
        text=text,
        kind=_kind(value, warnings),
        url=_string(value, "url", warnings) or None,
        published_at=_date(value, zone, warnings),
        outlet=_string(value, "outlet", warnings) or None,
        voice=_string(value, "voice", warnings) or None,
    )
    return Parsed(number, item, None, warnings)


def _string(value: dict[str, Any], name: str, warnings: list[str]) -> str:
    given = value.get(name)
    if given is None or isinstance(given, str):
        return given or ""
    warnings.append(f"{name} is not a string and was read as one")
    return json.dumps(given, ensure_ascii=False) if isinstance(given, dict | list) else str(given)


def _kind(value: dict[str, Any], warnings: list[str]) -> ItemKind:
    given = value.get("kind") or ItemKind.ARTICLE
    found = next((kind for kind in FOUND_KINDS if kind == given), None)
    if found is None:
        warnings.append(f"kind {given!r} is not known and was read as article")
    return found or ItemKind.ARTICLE


def _date(value: dict[str, Any], zone: ZoneInfo, warnings: list[str]) -> datetime | None:
    given = _string(value, "published_at", warnings)
    if not given.strip():
        return None
    moment = parse_when(given, zone)
    if moment is None:
        warnings.append(f"published_at {given!r} cannot be read and is taken as null")
    return moment
