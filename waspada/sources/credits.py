"""The news agency that an article says it comes from: another outlet's copy of a wire report confirms nothing."""

from __future__ import annotations

import re

from waspada.sources.outlets import network_of

#: So much of the beginning and the end of an article is looked at, in characters.
HEAD_CHARS = 160
TAIL_CHARS = 240
_AGENCIES = {"ANTARA": r"antara(?:\s?news|news\.com|\skalsel|\skaltim|\skalteng|\skalbar|\skaltara)?|ant"}
_HEAD = r"^[\s\"'*]*[^\n]{{0,60}}?(?:\(\s*(?:{name})\s*\)|,\s*(?:{long}))\s*[-–—:]"
_TAIL = r"\(\s*(?:[\w.*]{{1,15}}\s*[/,]\s*)?(?:{name})(?:\s*[/,]\s*[\w.* ]{{1,25}})?\s*\)[\s.*]*$"
_SOURCE = r"^\W*(?:sumber|source|dikutip dari)\s*:?\s+(?:lkbn\s+)?(?:{long})\b"
_PATTERNS = {
    agency: (
        re.compile(_HEAD.format(name=names, long=names.removesuffix("|ant")), re.IGNORECASE),
        re.compile(
            f"{_TAIL.format(name=names)}|{_SOURCE.format(long=names.removesuffix('|ant'))}",
            re.IGNORECASE | re.MULTILINE,
        ),
    )
    for agency, names in _AGENCIES.items()
}


def agency_of(outlet: str, head: str, tail: str) -> str | None:
    """The agency that an article of this outlet credits at its beginning or end; None for the agency's own."""
    for agency, (at_head, at_tail) in _PATTERNS.items():
        if network_of(outlet) == network_of(agency):
            continue
        if at_head.search(head[:HEAD_CHARS]) or at_tail.search(tail[-TAIL_CHARS:]):
            return agency
    return None
