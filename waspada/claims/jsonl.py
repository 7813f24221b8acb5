"""Fact-checks as JSONL: the `--claims` of `waspada match` (docs/contracts/claim.schema.json)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import partial
from typing import Any

from waspada.claims.types import FactCheck
from waspada.clock import DEFAULT_ZONE, local_day, parse_when
from waspada.items.jsonl import parse_object

#: Takes the line number and what is odd about a line that is good all the same.
Warn = Callable[[int, str], None]


def parse_claims(lines: Iterable[bytes], warn: Warn | None = None) -> Iterator[tuple[int, FactCheck | str]]:
    """Line number and fact-check, or what makes the line bad: no JSON object, no id, or neither claim nor title.

    A date that cannot be read is null with a warning, never a dropped line.
    """
    for number, raw in enumerate(lines, start=1):
        line = raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw
        if line.strip():
            yield number, _claim(line, partial(warn, number) if warn else _say_nothing)


def _claim(raw: bytes, warn: Callable[[str], None]) -> FactCheck | str:
    value = parse_object(raw)
    if isinstance(value, str):
        return value
    texts = {
        name: value[name] if isinstance(value.get(name), str) else "" for name in ("claim", "title", "verdict", "url")
    }
    if value.get("id") in (None, ""):
        return "the fact-check has no id"
    if not texts["claim"].strip() and not texts["title"].strip():
        return "claim and title are both empty"
    return FactCheck(
        id=value["id"],
        claim=texts["claim"],
        title=texts["title"],
        verdict=texts["verdict"],
        url=texts["url"] or None,
        checked_on=_day(value.get("date"), warn),
    )


def _day(given: Any, warn: Callable[[str], None]) -> date | None:
    """The calendar day where the product is at home: a date without a zone is a day there."""
    if given is None or (isinstance(given, str) and not given.strip()):
        return None
    moment = parse_when(given) if isinstance(given, str) else None
    if moment is None:
        warn(f"date {given!r} cannot be read and is taken as null")
        return None
    return local_day(moment, DEFAULT_ZONE)


def _say_nothing(_: str) -> None:
    return None
