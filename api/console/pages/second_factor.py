"""The second step of signing in by password: a code, or the enrolment that the role asks for."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from api.console import render, words
from api.console.qr import picture
from api.context import Context, Ctx
from api.door import (
    Step,
    guard_holds,
    guard_nonce,
    knocking,
    know_device,
    open_browser,
    put_guard,
    step_in,
    turned_away,
)
from waspada.access import totp
from waspada.access.credentials import WrongCodeError, standing
from waspada.access.service import HOW_PASSWORD, start_session, user_of
from waspada.access.types import TooManyTriesError
from waspada.audit import AuditAction
from waspada.errors import ConflictError

routes = APIRouter()
Text = Annotated[str, Form(max_length=100)]


@routes.get("/login/code")
def code_page(request: Request, ctx: Ctx) -> Response:
    step = step_in(request, ctx)
    return _back() if step is None else _page(request, ctx, "login_code.html")


@routes.post("/login/code")
def take_code(request: Request, ctx: Ctx, code: Text = "", csrf: Text = "") -> Response:
    """A code of the app or a recovery code, each once. Failures are counted by address and account."""
    step = step_in(request, ctx)
    if step is None:
        return _back()
    if not guard_holds(request, ctx, csrf):
        return _page(request, ctx, "login_code.html", error=words.DOOR["stale"], status=403)
    targets, now = knocking(request, ctx, user_id=step.user_id), ctx.clock()
    try:
        ctx.throttle.enter(targets, now)
        with ctx.store.write() as session:
            is_recovery = ctx.credentials.use_code(session, step.user_id, code, now)
    except TooManyTriesError as error:
        return _slow(request, ctx, "login_code.html", error)
    except WrongCodeError:
        turned_away(request, ctx, "code", _name(ctx, step))
        return _page(request, ctx, "login_code.html", error=words.DOOR["code"], status=401)
    ctx.throttle.passed(targets)
    response = RedirectResponse(step.going, 303)
    _enter(request, ctx, response, step, "recovery" if is_recovery else "code")
    return response


@routes.get("/login/enrol")
def enrol_page(request: Request, ctx: Ctx) -> Response:
    """The picture for the app; the secret is kept unconfirmed until its first code comes."""
    step = step_in(request, ctx)
    if step is None or _has_code(ctx, step):
        return _back()
    with ctx.store.write() as session:
        secret = ctx.credentials.begin_totp(session, step.user_id, ctx.clock())
    return _page(request, ctx, "login_enrol.html", secret=secret, picture="/login/enrol.svg")


@routes.get("/login/enrol.svg")
def enrol_picture(request: Request, ctx: Ctx) -> Response:
    step = step_in(request, ctx)
    if step is None or _has_code(ctx, step):
        return _back()
    with ctx.store.read() as session:
        secret = ctx.credentials.pending_totp(session, step.user_id, ctx.clock())
    return _back() if secret is None else picture(totp.app_address(secret, _name(ctx, step)))


@routes.post("/login/enrol")
def enrol(request: Request, ctx: Ctx, code: Text = "", csrf: Text = "") -> Response:
    """The first code ends the enrolment and opens the session; the recovery codes are on this one page."""
    step = step_in(request, ctx)
    if step is None or _has_code(ctx, step):
        return _back()
    if not guard_holds(request, ctx, csrf):
        return _again(request, ctx, step, words.DOOR["stale"], 403)
    targets, now = knocking(request, ctx, user_id=step.user_id), ctx.clock()
    try:
        ctx.throttle.enter(targets, now)
        with ctx.store.write() as session:
            codes = ctx.credentials.confirm_totp(session, step.user_id, code, now, keep=None)
            ctx.audit.append(
                session,
                actor=_name(ctx, step),
                action=AuditAction.LOGIN_CHANGED,
                object=f"user/{_name(ctx, step)}",
                detail={"what": "totp"},
                now=now,
            )
    except TooManyTriesError as error:
        return _slow(request, ctx, "login_enrol.html", error, secret="", picture="")
    except ConflictError:
        return RedirectResponse("/login/enrol", 303)
    except WrongCodeError:
        turned_away(request, ctx, "code", _name(ctx, step))
        return _again(request, ctx, step, words.DOOR["code"], 401)
    ctx.throttle.passed(targets)
    response = render.page(request, ctx, "recovery.html", None, codes=codes, going=step.going)
    _enter(request, ctx, response, step, "code")
    return response


def _enter(request: Request, ctx: Context, response: Response, step: Step, how: str) -> None:
    identity = open_browser(
        request,
        ctx,
        response,
        lambda session, now, browser: start_session(session, step.user_id, HOW_PASSWORD, now, browser),
        step.purpose,
        f"{HOW_PASSWORD} and {how}",
    )
    know_device(request, ctx, response, identity.name)


def _again(request: Request, ctx: Context, step: Step, error: str, status: int) -> Response:
    with ctx.store.write() as session:
        secret = ctx.credentials.begin_totp(session, step.user_id, ctx.clock())
    return _page(
        request, ctx, "login_enrol.html", error=error, status=status, secret=secret, picture="/login/enrol.svg"
    )


def _slow(request: Request, ctx: Context, template: str, error: TooManyTriesError, **values: str) -> Response:
    response = _page(request, ctx, template, error=words.DOOR["slow"], status=429, **values)
    response.headers["Retry-After"] = str(error.wait_seconds)
    return response


def _page(
    request: Request, ctx: Context, template: str, *, error: str = "", status: int = 200, **values: Any
) -> Response:
    nonce = guard_nonce(request)
    response = render.page(
        request, ctx, template, None, status=status, form_token=ctx.signer.form_token(nonce), error=error, **values
    )
    put_guard(request, response, nonce)
    return response


def _has_code(ctx: Context, step: Step) -> bool:
    """Whether the account has a second factor: then none is enrolled here, where only the password was shown."""
    with ctx.store.read() as session:
        return standing(session, step.user_id).has_totp


def _name(ctx: Context, step: Step) -> str:
    with ctx.store.read() as session:
        return user_of(session, step.user_id).name


def _back() -> Response:
    return RedirectResponse("/login", 303)
