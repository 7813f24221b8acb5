"""CAP 1.2 messages of verified alerts, for programs of institutions: an Atom index and the documents."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator
from starlette.responses import Response

from api.auth import Caller, Needs, audited
from api.context import Ctx
from api.replies import is_known
from api.schemas.common import REGION_PATTERN
from api.v1.params import in_our_time, no_query
from api.v1.routing import READ, problems, router
from waspada.access.types import Action
from waspada.audit import AuditAction
from waspada.cap import atom, repository, xml
from waspada.errors import NotFoundError
from waspada.places import full_name

routes = router("cap")
Reader = Annotated[Caller, Depends(Needs(Action.READ_CAP))]
Identifier = Annotated[str, Path(pattern=r"^[A-Za-z0-9._:-]{1,160}$", examples=["waspada.kesbang.example-12-1"])]


class CapParams(BaseModel):
    model_config = ConfigDict(extra="forbid")
    region: str | None = Field(
        default=None, pattern=REGION_PATTERN, description="Kemendagri code; holds all regions below.", examples=["63"]
    )
    since: AwareDatetime | None = Field(default=None, description="Sent not before this.")
    limit: int = Field(default=100, ge=1, le=500)

    @field_validator("since")
    @classmethod
    def _in_our_time(cls, moment: AwareDatetime | None) -> AwareDatetime | None:
        return in_our_time(moment)


def _of_type(content_type: str, words: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": words, "content": {content_type: {"schema": {"type": "string"}}}}}


@routes.get(
    "/cap",
    response_class=Response,
    responses={**_of_type(atom.CONTENT_TYPE, "An Atom feed, the newest message first"), **READ},
)
def list_messages(request: Request, ctx: Ctx, caller: Reader, params: Annotated[CapParams, Query()]) -> Response:
    """The index of CAP messages as an Atom feed. Ask again with the ETag in If-None-Match: 304 where nothing is new."""
    within = caller.identity.region
    with ctx.store.read() as session:
        found = repository.newest(session, within=within, region=params.region, since=params.since, limit=params.limit)
    audited(ctx, caller, AuditAction.CAP_READ, "cap", {"region": params.region, "found": len(found)})
    name = f"Waspada {full_name(within or ctx.settings.region)}"
    epoch = params.since or ctx.clock().replace(hour=0, minute=0, second=0, microsecond=0)
    body = atom.write(found, title=f"Peringatan CAP, {name}", author=name, link=ctx.settings.link, now=epoch)
    return _reply(request, body, atom.CONTENT_TYPE)


@routes.get(
    "/cap/{identifier}",
    response_class=Response,
    responses={**_of_type(xml.CONTENT_TYPE, "A CAP 1.2 message"), **READ, **problems(404)},
    dependencies=[Depends(no_query)],
)
def read_message(request: Request, ctx: Ctx, caller: Reader, identifier: Identifier) -> Response:
    """One CAP message as it was issued. It never changes: what is new comes as another message that refers to it."""
    with ctx.store.read() as session:
        found = repository.message(session, identifier, within=caller.identity.region)
    audited(ctx, caller, AuditAction.CAP_READ, f"cap/{found.identifier}", {"alert": found.alert_id})
    if not found.xml:
        raise NotFoundError("The words of this message were removed.", hint="They are past their time, or erased.")
    return _reply(request, found.xml, xml.CONTENT_TYPE)


def _reply(request: Request, body: str, content_type: str) -> Response:
    data = body.encode()
    tag = hashlib.sha256(data).hexdigest()[:24]
    headers = {"ETag": f'"{tag}"', "Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}
    if is_known(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    return Response(data, 200, headers, f"{content_type}; charset=utf-8")
