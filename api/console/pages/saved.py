"""Saved views: kept from the alert list, opened, renamed, shared and removed."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Form, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from api.auth import Caller, Needs, audited
from api.console import render
from api.console.filters import FilterForm
from api.console.forms import check_form
from api.console.frame import Nav
from api.console.i18n import N_
from api.console.views.saved import choices_of, view_line
from api.context import Context, Ctx
from api.v1.params import SmallId, no_query
from api.v1.views import change_audited, remove_audited, save_audited, views_audited
from waspada.access.policy import may
from waspada.access.types import Action, Role
from waspada.audit import AuditAction
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.topics.repository import names as topic_names
from waspada.views import service
from waspada.views.service import MAX_TITLE, ViewTitleError
from waspada.views.types import NewView

routes = APIRouter()
NAV = Nav("views", "/views", N_("Saved views"), Action.READ_ALERTS, 55)
Reader = Annotated[Caller, Depends(Needs(Action.READ_ALERTS))]
Saver = Annotated[Caller, Depends(Needs(Action.SAVE_VIEWS))]
Text = Annotated[str, Form(max_length=500)]
_Title = Annotated[str, Form(max_length=4 * MAX_TITLE)]

_PERSON = N_("A view may not be called after a person. Name the place or the matter instead.")
_LENGTH = N_("Give the view a short title.")
_TWICE = N_("You have a view of this title already, or too many views.")
_CHOICE = N_("These choices cannot be kept: one of them lies outside your area or is gone.")


@routes.get("/views")
def views_page(request: Request, ctx: Ctx, caller: Reader) -> Response:
    return _list_page(request, ctx, caller)


@routes.get("/views/new")
def new_view_page(request: Request, ctx: Ctx, caller: Saver) -> Response:
    """The form for a title; the choices come from the alert list, in the address."""
    return _new_page(request, ctx, caller, _choices(request.url.query))


@routes.post("/views")
def save_view(
    request: Request,
    ctx: Ctx,
    caller: Saver,
    title: _Title = "",
    choices: Text = "",
    shared: Annotated[bool, Form()] = False,
    csrf: Text = "",
) -> Response:
    """Keeps the choices of `choices` (as in the address of the list) under a title."""
    check_form(ctx, caller, csrf)
    form = _choices(choices)
    try:
        saved = save_audited(ctx, caller, NewView(title, form.as_view(), shared))
    except ViewTitleError as error:
        said = _PERSON if error.names_somebody else _LENGTH
        return _new_page(request, ctx, caller, form, status=422, error=said, title=title, shared=shared)
    except ConflictError:
        return _new_page(request, ctx, caller, form, status=409, error=_TWICE, title=title, shared=shared)
    except (InputError, NotFoundError):
        return _new_page(request, ctx, caller, form, status=422, error=_CHOICE, title=title, shared=shared)
    return RedirectResponse(FilterForm.of_view(saved.filter).address(), 303)


@routes.get("/views/{view_id}", dependencies=[Depends(no_query)])
def open_view(ctx: Ctx, caller: Reader, view_id: SmallId) -> Response:
    """Goes to the alerts of the view; what stands there counts as seen."""
    with ctx.store.read() as session:
        found = service.view(session, view_id, caller.identity, ctx.clock())
    audited(ctx, caller, AuditAction.VIEWS_READ, f"view/{view_id}", {"new": found.new})
    with ctx.store.write() as session:
        service.look(session, view_id, caller.identity.user_id)
    return RedirectResponse(FilterForm.of_view(found.filter).address(), 303)


@routes.post("/views/{view_id}")
def change_view(
    request: Request,
    ctx: Ctx,
    caller: Saver,
    view_id: SmallId,
    title: _Title = "",
    shared: Annotated[bool, Form()] = False,
    csrf: Text = "",
) -> Response:
    check_form(ctx, caller, csrf)
    try:
        change_audited(ctx, caller, view_id, title, shared)
    except ViewTitleError as error:
        return _list_page(request, ctx, caller, status=422, error=_PERSON if error.names_somebody else _LENGTH)
    except ConflictError:
        return _list_page(request, ctx, caller, status=409, error=_TWICE)
    return RedirectResponse("/views", 303)


@routes.post("/views/{view_id}/remove")
def remove_view(ctx: Ctx, caller: Saver, view_id: SmallId, csrf: Text = "") -> Response:
    check_form(ctx, caller, csrf)
    remove_audited(ctx, caller, view_id)
    return RedirectResponse("/views", 303)


def _choices(query: str) -> FilterForm:
    """The choices in the query of an address. Raises InputError for what the list would not take either."""
    given = dict(parse_qsl(query))
    try:
        return FilterForm.model_validate({**given, "cursor": None})
    except ValidationError:
        raise InputError(
            "These choices cannot be read.", hint="Go to the list of alerts and save from there."
        ) from None


def _new_page(
    request: Request,
    ctx: Context,
    caller: Caller,
    form: FilterForm,
    *,
    status: int = 200,
    error: str = "",
    title: str = "",
    shared: bool = False,
) -> Response:
    with ctx.store.read() as session:
        topics = {one.id: one.title for one in topic_names(session, within=caller.identity.region)}
    return render.page(
        request,
        ctx,
        "view_new.html",
        caller,
        status=status,
        choices=choices_of(form.as_view()),
        topic=topics.get(form.topic, ""),
        query=form.at("").removeprefix("?"),
        back=form.address(),
        error=error,
        title=title,
        shared=shared,
        max_title=MAX_TITLE,
    )


def _list_page(request: Request, ctx: Context, caller: Caller, *, status: int = 200, error: str = "") -> Response:
    found = views_audited(ctx, caller)
    saves = may(caller.identity, Action.SAVE_VIEWS)
    is_admin = saves and caller.identity.role is Role.ADMIN
    with ctx.store.read() as session:
        topics = {one.id: one.title for one in topic_names(session, within=caller.identity.region)}
    return render.page(
        request,
        ctx,
        "views.html",
        caller,
        status=status,
        saved_views=[view_line(one, caller, is_admin=is_admin) for one in found],
        topics=topics,
        may_save=saves,
        may_read_feeds=may(caller.identity, Action.READ_FEEDS),
        error=error,
        max_title=MAX_TITLE,
    )
