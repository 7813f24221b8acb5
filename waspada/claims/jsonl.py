"""Fact-checks as JSONL: the `--claims` of `waspada match` (docs/contracts/claim.schema.json)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from waspada.claims.types import FactCheck
from waspada.clock import parse_when
from waspada.items.jsonl import parse_object


def parse_claims(lines: Iterable[bytes]) -> Iterator[tuple[int, FactCheck | str]]:
    """Line number and fact-check, or what makes the line bad: no JSON object, no id, or neither claim nor title."""
    for number, raw in enumerate(lines, start=1):
        line = raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw
        if line.strip():
            yield number, _claim(line)


def _claim(raw: bytes) -> FactCheck | str:
    value = parse_object(raw)
    if isinstance(value, str):
        return value
    texts = {
        name: value[name] if isinstance(value.get(name), str) else ""
        for name in ("claim", "title", "verdict", "url", "date")
    }
    if value.get("id") in (None, ""):
        return "the fact-check has no id"
    if not texts["claim"].strip() and not texts["title"].strip():
        return "claim and title are both empty"
    moment = parse_when(texts["date"])
    return FactCheck(
        id=value["id"],
        claim=texts["claim"],
        title=texts["title"],
        verdict=texts["verdict"],
        url=texts["url"] or None,
        checked_on=moment.date() if moment else None,
    )
