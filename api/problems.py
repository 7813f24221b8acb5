"""Errors as people and programs can use them: RFC 9457 problem details, one shape for every status.

Every member of the error tree (`waspada.errors`) has its status here; what is in nobody's tree is a 500 that says
nothing about the inside.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from waspada.access.oidc import ProviderError
from waspada.access.types import ForbiddenError, NotSignedInError, PurposeMissingError, TooManyTriesError
from waspada.alerts.types import StaleRevisionError
from waspada.corrections.types import StaleRequestError
from waspada.errors import (
    AccessError,
    ConflictError,
    InputError,
    NotFoundError,
    StoreError,
    TooManyError,
    WaspadaError,
)
from waspada.escalations.types import Escalation, StaleEscalationError
from waspada.handover.types import StaleHandoverError
from waspada.reports.types import StaleReportError
from waspada.search.types import PersonSearchError
from waspada.stories.edits import StaleStoryError, StoryEdit
from waspada.topics.types import StaleAnswerError

MEDIA_TYPE = "application/problem+json"


class PreconditionError(ConflictError):
    """The request names an older revision than the current one, or none at all."""

    def __init__(self, message: str, *, hint: str, missing: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.missing = missing


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem+json document. `more` holds extra members, such as `errors` of a 422."""

    status: int
    slug: str
    title: str
    detail: str
    hint: str
    headers: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)

    def response(self, instance: str) -> Response:
        document = {
            "type": f"urn:waspada:problem:{self.slug}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "hint": self.hint,
            "instance": instance,
            **self.more,
        }
        body = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
        return Response(body, self.status, {**self.headers, "Cache-Control": "no-store"}, MEDIA_TYPE)


# The first class that fits decides: children stand before their parents.
_KINDS: Sequence[tuple[type[WaspadaError], int, str, str]] = (
    (NotSignedInError, 401, "not-signed-in", "Not signed in"),
    (PurposeMissingError, 428, "purpose-missing", "A purpose is needed"),
    (ForbiddenError, 403, "forbidden", "Not allowed"),
    (TooManyTriesError, 429, "too-many-tries", "Too many tries"),
    (AccessError, 403, "forbidden", "Not allowed"),
    (NotFoundError, 404, "not-found", "Not found"),
    (PreconditionError, 412, "changed-meanwhile", "Changed meanwhile"),
    (PersonSearchError, 422, "names-a-person", "A search may not name a person"),
    (StaleRevisionError, 412, "changed-meanwhile", "Changed meanwhile"),
    (StaleStoryError, 412, "changed-meanwhile", "Changed meanwhile"),
    (StaleHandoverError, 412, "changed-meanwhile", "Changed meanwhile"),
    (StaleRequestError, 412, "changed-meanwhile", "Changed meanwhile"),
    (StaleAnswerError, 412, "changed-meanwhile", "Changed meanwhile"),
    (StaleEscalationError, 412, "changed-meanwhile", "Changed meanwhile"),
    (StaleReportError, 412, "changed-meanwhile", "Changed meanwhile"),
    (ConflictError, 409, "conflict", "Not possible now"),
    (InputError, 422, "unreadable", "Cannot be used"),
    (ProviderError, 503, "directory-unavailable", "The directory is not available"),
    (StoreError, 503, "store-unavailable", "The database is not available"),
    (TooManyError, 429, "too-many", "Too many at once"),
    (WaspadaError, 500, "internal", "Something failed inside"),
)


def from_error(error: WaspadaError) -> Problem:
    """The problem for an error of our tree."""
    status, slug, title = next((s, g, t) for kind, s, g, t in _KINDS if isinstance(error, kind))
    if status == 500:
        return internal()
    headers: dict[str, str] = {}
    more: dict[str, Any] = {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if status in (429, 503):
        headers["Retry-After"] = "30" if status == 429 else "5"
    if isinstance(error, TooManyTriesError):
        headers["Retry-After"] = str(error.wait_seconds)
    if isinstance(error, PreconditionError) and error.missing:
        status, slug, title = 428, "precondition-missing", "If-Match is missing"
    if isinstance(error, StaleRevisionError):
        more = {"revision": error.revision, "changes": [_change(change) for change in error.changes]}
    if isinstance(error, StaleHandoverError | StaleReportError):
        more = {"revision": error.revision}
    if isinstance(error, StaleStoryError):
        more = {"revision": error.revision, "changes": [_edit(change) for change in error.changes]}
    if isinstance(error, StaleEscalationError):
        more = {"revision": error.revision, "changes": [_decision(error.found)]}
    return Problem(status, slug, title, str(error.args[0]), error.hint, headers, more)


def from_http(error: HTTPException) -> Problem:
    """The problem for what the framework refuses by itself: no such route, wrong method, unreadable body."""
    title = HTTPStatus(error.status_code).phrase
    slug = title.lower().replace(" ", "-")
    words = _HTTP_WORDS.get(error.status_code, (f"{title}.", "See /api/v1/openapi.json."))
    return Problem(error.status_code, slug, title, *words, headers=dict(error.headers or {}))


_HTTP_WORDS = {
    400: ("The request cannot be read.", "Check the body against the OpenAPI document."),
    404: ("There is nothing at this address.", "The OpenAPI document lists every address."),
    405: ("This address does not know this method.", "The header Allow lists the methods it knows."),
    413: ("The body of the request is too large.", "Keep it under 1 MB."),
}


def from_validation(error: RequestValidationError) -> Problem:
    """A 422 that names every field and what is wrong with it; never repeats what was sent."""
    errors = [{"where": _where(found["loc"]), "problem": str(found["msg"])} for found in error.errors()]
    return Problem(
        422,
        "unreadable",
        "Cannot be used",
        "; ".join(f"{found['where']}: {found['problem']}" for found in errors[:3]) + ".",
        "The OpenAPI document says what each field may hold.",
        more={"errors": errors[:20]},
    )


def internal() -> Problem:
    return Problem(
        500,
        "internal",
        "Something failed inside",
        "The request could not be answered because of a mistake of the program.",
        "Try again; if it stays, send the log of the server to whoever runs it.",
    )


def too_large() -> Problem:
    return from_http(HTTPException(413))


def wrong_host() -> Problem:
    return Problem(
        421,
        "wrong-host",
        "Unknown host name",
        "The request names a host that this server does not answer to.",
        "Open it by its address, or set WASPADA_PUBLIC_HOST to the name it is offered under.",
    )


def cross_site() -> Problem:
    return Problem(
        403,
        "forbidden",
        "Not allowed",
        "A page of another site sent this.",
        "Open the console itself and do it there.",
    )


def _where(location: Sequence[Any]) -> str:
    """`query.limit`, `body.to`; a name that came from outside is shortened to what is printable in ASCII."""
    return ".".join("".join(c for c in str(part) if c.isascii() and c.isprintable())[:40] for part in location)


def _change(change: Any) -> dict[str, Any]:
    return {
        "at": change.at.isoformat(),
        "actor": change.actor,
        "action": change.action,
        "to_state": change.to_state,
        "fields": [{"field": one.field, "before": one.before, "after": one.after} for one in change.fields],
    }


def _decision(found: Escalation) -> dict[str, Any]:
    at, actor = found.decided_at or found.ended_at, found.decided_by or found.proposed_by
    return {"at": (at or found.proposed_at).isoformat(), "actor": actor, "action": "decided", "to_state": found.state}


def _edit(change: StoryEdit) -> dict[str, Any]:
    return {"at": change.at.isoformat(), "actor": change.actor, "action": change.kind, "to_state": None}
