"""The forms that a digest is given out in by the command, the archive and the API. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum

from waspada.digests.jsonable import as_json
from waspada.digests.rendering import pdf, rendered
from waspada.digests.types import Content, Layout


class Format(StrEnum):
    TEXT = "text"
    HTML = "html"
    PDF = "pdf"
    CHAT = "chat"
    JSON = "json"


MEDIA_TYPES: Mapping[Format, str] = {
    Format.TEXT: "text/plain; charset=utf-8",
    Format.HTML: "text/html; charset=utf-8",
    Format.PDF: "application/pdf",
    Format.CHAT: "text/plain; charset=utf-8",
    Format.JSON: "application/json",
}
SUFFIXES: Mapping[Format, str] = {
    Format.TEXT: "txt",
    Format.HTML: "html",
    Format.PDF: "pdf",
    Format.CHAT: "chat.txt",
    Format.JSON: "json",
}


def written(content: Content, format: Format, form: Layout | None = None) -> bytes:
    """A digest in one form, in the layout that it was kept with (this release's if none is given)."""
    if format is Format.PDF:
        return pdf(content, form)
    if format is Format.JSON:
        return (json.dumps(as_json(content), ensure_ascii=False, indent=2) + "\n").encode("utf-8")
    found = rendered(content, form=form)
    return {Format.TEXT: found.text, Format.HTML: found.html, Format.CHAT: found.chat}[format].encode("utf-8")
