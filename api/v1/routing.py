"""How every router of this version is made: under one prefix, with the documented problems."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from api.problems import MEDIA_TYPE
from api.schemas import ProblemOut

PREFIX = "/api/v1"
_WORDS = {
    400: "The body is not JSON",
    401: "Nobody is signed in",
    403: "The role or the token may not do this",
    404: "There is no such thing in your area",
    405: "Wrong method",
    409: "Not possible from this state",
    412: "Somebody else changed it first",
    413: "The body is too large",
    421: "Unknown host name",
    422: "A parameter or a field cannot be used",
    428: "If-Match or a purpose is missing",
    503: "The database is not available",
}
_ALWAYS = (401, 403, 421, 422, 503)


def router(tag: str) -> APIRouter:
    return APIRouter(prefix=PREFIX, tags=[tag], responses=problems(*_ALWAYS))


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI responses for these statuses, to be added to a route's own."""
    schema = {"$ref": f"#/components/schemas/{ProblemOut.__name__}"}
    return {s: {"description": _WORDS[s], "content": {MEDIA_TYPE: {"schema": schema}}} for s in statuses}


#: What a read may also answer.
READ: dict[int | str, dict[str, Any]] = {304: {"description": "Unchanged since the ETag in If-None-Match"}}
