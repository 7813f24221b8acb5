"""JSON answers with an ETag: what has not changed is not sent again, and a change names what it changes."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence

from fastapi import Request
from pydantic import BaseModel
from starlette.responses import Response

from api.problems import PreconditionError

_TAG = re.compile(r'(?:W/)?"([^"]*)"')
_REVISION = re.compile(r'\s*(?:W/)?"?r?(\d{1,9})(?:-[0-9a-f]+)?"?\s*')


def json_reply(request: Request, document: BaseModel, *, revision: int | None = None, status: int = 200) -> Response:
    """The document as JSON, or 304 when the reader has it already. `revision` goes into the ETag, for If-Match."""
    return _json_reply(request, document.model_dump_json().encode(), revision, status)


def page_reply(request: Request, documents: Sequence[str], following: str | None) -> Response:
    """A `Page` of documents that are JSON already."""
    end = json.dumps(following)
    return _json_reply(request, f'{{"data":[{",".join(documents)}],"next":{end}}}'.encode(), None, 200)


def _json_reply(request: Request, body: bytes, revision: int | None, status: int) -> Response:
    tag = hashlib.sha256(body).hexdigest()[:24]
    if revision is not None:
        tag = f"r{revision}-{tag}"
    headers = {"ETag": f'"{tag}"', "Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}
    if request.method == "GET" and is_known(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    return Response(body, status, headers, "application/json")


def text_reply(request: Request, body: str, media_type: str) -> Response:
    """A whole document in UTF-8 as it stands, or 304 when the reader has it already."""
    data = body.encode()
    tag = hashlib.sha256(data).hexdigest()[:24]
    headers = {"ETag": f'"{tag}"', "Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}
    if is_known(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    return Response(data, 200, headers, media_type)


def revision_asked(request: Request) -> int:
    """The revision in If-Match: an ETag of the alert or story ("r3-..."), or the bare number.

    Raises PreconditionError when there is none (428) or it is no revision (412).
    """
    given = request.headers.get("if-match")
    hint = 'Send the ETag of it as you read it, for example If-Match: "r3".'
    if given is None:
        raise PreconditionError("The header If-Match is missing.", hint=hint, missing=True)
    found = _REVISION.fullmatch(given)
    if found is None:
        raise PreconditionError("The header If-Match names no revision.", hint=hint)
    return int(found[1])


def is_known(header: str, tag: str) -> bool:
    """Whether an If-None-Match names this tag."""
    return header.strip() == "*" or tag in _TAG.findall(header)
