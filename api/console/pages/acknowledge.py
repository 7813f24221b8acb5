"""The page behind the signed link of a message: one button, for whoever was called, without signing in.

Opening it does nothing: programs that look at the links of a mail open it, too. It shows no more than the message said.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.console import render
from api.context import Context, Ctx
from waspada.audit import AuditAction
from waspada.audit.types import Detail
from waspada.errors import NotFoundError
from waspada.notify.calls import links, service
from waspada.notify.calls.service import Answered, GoodLink

routes = APIRouter()
Word = Annotated[str, Path(max_length=100)]


@routes.get(links.PATH + "/{word}")
def acknowledge_page(request: Request, ctx: Ctx, word: Word) -> Response:
    try:
        with ctx.store.read() as session:
            found = service.open_link(session, _signer(ctx), word, ctx.clock())
    except NotFoundError:
        return _page(request, ctx, None, status=404)
    return _page(request, ctx, found)


@routes.post(links.PATH + "/{word}")
def acknowledge(request: Request, ctx: Ctx, word: Word) -> Response:
    """Answers a call as the account that was called. The signed word is the secret that another site cannot know, as
    the token of a form is elsewhere."""
    try:
        found, done = ctx.store.retrying(partial(_answered, ctx=ctx, word=word))
    except NotFoundError:
        return _page(request, ctx, None, status=404)
    return _page(request, ctx, found, done=done)


def _answered(session: Session, ctx: Context, word: str) -> tuple[GoodLink, Answered]:
    """The answer and its lines in the audit log, all or none. Raises NotFoundError."""
    now = ctx.clock()
    found = service.open_link(session, _signer(ctx), word, now)
    done = service.answer(session, found.call.id, by=found.user, region=found.region, now=now)
    detail: Detail = {"alerts": [one.alert_id for one in done.moved], "first": done.is_first, "by": "link"}
    _note(ctx, session, found.user, AuditAction.CALL_ACKNOWLEDGED, f"call/{found.call.id}", detail)
    for one in done.moved:
        step: Detail = {"from": one.from_state, "to": one.to_state, "reason": None}
        _note(ctx, session, found.user, AuditAction.ALERT_MOVED, f"alert/{one.alert_id}", step)
    return found, done


def _signer(ctx: Context) -> links.LinkSigner:
    return links.LinkSigner(ctx.settings.secret_key)


def _note(ctx: Context, session: Session, account: str, action: AuditAction, object_: str, detail: Detail) -> None:
    ctx.audit.append(session, actor=account, action=action, object=object_, detail=detail, now=ctx.clock())


def _page(
    request: Request, ctx: Context, found: GoodLink | None, *, done: Answered | None = None, status: int = 200
) -> Response:
    call = found.call if found else None
    return render.page(
        request,
        ctx,
        "acknowledge.html",
        None,
        status=status,
        found=found,
        call=call,
        by=done.by if done else call.acknowledged_by if call else None,
        at=done.at if done else call.acknowledged_at if call else None,
        is_done=done is not None,
        is_first=done.is_first if done else False,
    )
