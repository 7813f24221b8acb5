"""Bytes of a file to JSON objects, one by one: from lines, or from one array that need not fit in memory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from waspada.errors import InputError
from waspada.items.jsonl import MAX_LINE_BYTES, parse_object

#: A numbered object, or what is wrong with it.
Numbered = tuple[int, dict[str, Any] | str]
_BOM = b"\xef\xbb\xbf"
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_OUTSIDE = re.compile(rb'[\[\]{}",]')
_INSIDE = re.compile(rb'["\\]')


def lines_of(lines: Iterable[bytes]) -> Iterator[Numbered]:
    """The objects of JSON lines, by line number from 1; blank lines are passed over. Raises InputError for UTF-16."""
    for number, line in enumerate(_without_bom(lines), start=1):
        if line.strip():
            yield number, parse_object(line)


def array_of(chunks: Iterable[bytes]) -> Iterator[Numbered]:
    """The objects of a JSON array (or of objects one after another), by position from 1.

    A member that is no JSON is reported, and the next one is read. Raises InputError for UTF-16.
    """
    splitter = _Splitter()
    number = 0
    for chunk in _without_bom(chunks):
        for member in splitter.feed(chunk):
            number += 1
            yield number, parse_object(member, "record")
    problem = splitter.end()
    if problem:
        yield number + 1, problem


def _without_bom(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for number, chunk in enumerate(chunks):
        if number == 0 and chunk.startswith(_WIDE):
            raise InputError("The file is UTF-16.", hint="Save it as UTF-8.")
        yield chunk.removeprefix(_BOM) if number == 0 else chunk


class _Splitter:
    """Cuts the bytes of an array into its members. Strings and brackets are followed, nothing else is understood:
    all that matters here is ASCII, and no byte of a longer UTF-8 character is."""

    def __init__(self) -> None:
        self._member = bytearray()
        self._depth = 0
        self._floor: int | None = None  # depth between members: 1 in an array, 0 without one
        self._in_string = False
        self._escaped = False
        self._over = False

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        at = 0
        while at < len(chunk):
            if self._escaped:
                self._escaped = False
                self._keep(chunk[at : at + 1])
                at += 1
                continue
            found = (_INSIDE if self._in_string else _OUTSIDE).search(chunk, at)
            self._keep(chunk[at : found.start() if found else len(chunk)])
            if not found:
                return
            at = found.end()
            member = self._step(found.group())
            if member.strip():
                yield member

    def end(self) -> str:
        """What is wrong with the end of the file; empty where nothing is."""
        if self._over:
            return "something stands after the end of the list" if self._member.strip() else ""
        if self._depth or self._in_string or self._member.strip():
            return "the file ends in the middle"
        return ""

    def _keep(self, part: bytes) -> None:
        """What goes beyond the limit need not be kept to be refused."""
        self._member += part[: max(0, MAX_LINE_BYTES + 1 - len(self._member))]

    def _step(self, mark: bytes) -> bytes:
        """Takes one mark; returns the member that it ends, or nothing."""
        if self._in_string or mark == b'"':
            self._keep(mark)
            self._escaped = mark == b"\\"
            self._in_string = self._in_string != (mark == b'"')
            return b""
        if self._floor is None and not self._member.strip() and mark == b"[":
            self._floor, self._depth = 1, 1
            return b""
        floor = self._floor = self._floor or 0
        if self._depth == floor and (mark == b"," or (mark == b"]" and floor)):
            self._over = self._over or mark == b"]"
            self._depth -= mark == b"]"
            return self._taken()
        self._keep(mark)
        self._depth += (mark in b"[{") - (mark in b"]}")
        return self._taken() if self._depth == 0 and floor == 0 else b""

    def _taken(self) -> bytes:
        member = bytes(self._member)
        self._member.clear()
        return member
