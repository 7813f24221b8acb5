"""feedparser, kept from what hostile bytes make of it: quadratic and cubic time, files and addresses, exceptions."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

import feedparser
from feedparser.mixin import _FeedParserMixin

#: Before the root element stand an XML declaration and perhaps a document type. feedparser's patterns for both take
#: quadratic time over line breaks and cubic time over repeated `encoding=`.
_LONGEST_PROLOG_BYTES = 8192
_MOST_ENCODINGS = 2
_LONGEST_DECLARATION = 300
_CODES = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
#: The first element, also in UTF-16 and UTF-32.
_ROOT = re.compile(rb"<\x00{0,3}\w")
#: feedparser looks for a mail address in every author: quadratic over a long word. No name is longer.
_LONGEST_AUTHOR = 300
_NO_FEED = {"version": "", "entries": [], "feed": {}}

_sync_author_detail = _FeedParserMixin._sync_author_detail


def read_feed(body: bytes, headers: Mapping[str, str]) -> Any:
    """feedparser's result; one without version and entries for what is no feed. Never raises.

    Read from a stream: given a bare string feedparser would open files and addresses of that name.
    """
    root = _ROOT.search(body, 0, _LONGEST_PROLOG_BYTES)
    if root is None or body[: root.start()].replace(b"\x00", b"").count(b"encoding=") > _MOST_ENCODINGS:
        return _NO_FEED
    apart = _with_declaration_apart(body)
    if apart is None:
        return _NO_FEED
    try:
        return feedparser.parse(
            io.BytesIO(apart), response_headers=dict(headers), sanitize_html=False, resolve_relative_uris=False
        )
    except Exception:  # a feed must never end the collector; feedparser has raised on hostile bytes before
        return _NO_FEED


def _with_declaration_apart(body: bytes) -> bytes | None:
    """The body with its XML declaration on a line of its own, where a pattern of feedparser ends; None if endless."""
    if b"\x00" not in body[:8]:
        body = body.lstrip()
    for code in _CODES:
        opening, closing, line_break = (mark.encode(code) for mark in ("<?", "?>", "\n"))
        start = body.find(opening, 0, 4 + len(opening))  # a byte order mark may stand before it
        if start >= 0:
            end = body.find(closing, start, start + _LONGEST_DECLARATION * len(line_break))
            cut = end + len(closing)
            return body[:cut] + line_break + body[cut:] if end >= 0 else None
    return body


def _with_short_author(parser: Any, key: str = "author") -> None:
    context = parser._get_context()
    author = dict.get(context, key)
    if isinstance(author, str):
        context[key] = author[:_LONGEST_AUTHOR]
    _sync_author_detail(parser, key)


_FeedParserMixin._sync_author_detail = _with_short_author
