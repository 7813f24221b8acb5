"""The page that makes a digest or a report of now: preview first, then keep it. Nothing is sent from here."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from api.auth import Caller, Needs, audited
from api.console import render, views
from api.console.forms import check_form
from api.console.i18n import N_
from api.console.regions import own_choices
from api.context import Context, Ctx
from api.paging import MAX_ID
from api.schemas.common import REGION_PATTERN
from api.v1.alerts import search_detail
from api.v1.digests import make_audited, shown_audited
from waspada.access.types import Action
from waspada.alerts import repository as alerts
from waspada.alerts.types import AlertFilter, AlertState
from waspada.audit import AuditAction
from waspada.digests.policy import MAX_ENTRIES, MAX_REMARK, MIN_LEVEL, ON_ALERTS
from waspada.digests.types import PERIOD_OF, Kind, Order, Rendered, Wanted
from waspada.errors import InputError, NotFoundError
from waspada.recipients.types import LANGUAGES
from waspada.taxonomy import EVENT_LABELS, MAX_LEVEL

routes = APIRouter()
Author = Annotated[Caller, Depends(Needs(Action.MAKE_DIGESTS))]
KINDS = (*PERIOD_OF, *ON_ALERTS)
#: Verified alerts of so long ago can be chosen, and so many.
_VERIFIED_WITHIN = timedelta(days=30)
_OFFERED = 60

_UNFIT = N_(
    "This cannot be made so. A report needs one to ten verified alerts of its region, a recommendation its advice, and "
    "no text may be too long."
)


class OrderForm(BaseModel):
    """What the form sends; `kind` decides which of it counts."""

    model_config = ConfigDict(extra="forbid")
    kind: Kind = Kind.HARIAN
    region: str = Field(default="", pattern=rf"^$|{REGION_PATTERN}")
    language: Literal["id", "en"] = "id"
    labels: list[str] = Field(default=[], max_length=20)
    min_level: int = Field(default=MIN_LEVEL, ge=1, le=MAX_LEVEL)
    alert: list[Annotated[int, Field(ge=1, le=MAX_ID)]] = Field(default=[], max_length=200)
    remark: str = Field(default="", max_length=10 * MAX_REMARK)
    lang: Literal["id", "en"] | None = None

    def as_order(self, zone: str) -> Order:
        wanted = Wanted(self.region, tuple(self.labels), self.min_level, self.language, zone)
        return Order(self.kind, wanted, self.alert, self.remark)


class FilledForm(OrderForm):
    step: Literal["preview", "keep"] = "preview"
    csrf: str = Field(default="", max_length=200)


@routes.get("/digests/new")
def new_page(request: Request, ctx: Ctx, caller: Author, form: Annotated[OrderForm, Query()]) -> Response:
    return _page(request, ctx, caller, form)


@routes.post("/digests/new")
def make(request: Request, ctx: Ctx, caller: Author, form: Annotated[FilledForm, Form()]) -> Response:
    """Shows it as it would be made now, or keeps it."""
    check_form(ctx, caller, form.csrf)
    order = form.as_order(ctx.settings.zone_info.key)
    try:
        if form.step == "preview":
            return _page(request, ctx, caller, form, preview=shown_audited(ctx, caller, order))
        made = make_audited(ctx, caller, order)
    except (InputError, NotFoundError):
        return _page(request, ctx, caller, form, status=422, error=_UNFIT)
    return RedirectResponse(f"/digests/{made.id}", 303)


def _page(
    request: Request,
    ctx: Context,
    caller: Caller,
    form: OrderForm,
    *,
    preview: Rendered | None = None,
    status: int = 200,
    error: str = "",
) -> Response:
    within = caller.identity.region
    home = within or ctx.settings.region
    chosen = form.region or home
    about_alerts = form.kind in ON_ALERTS
    return render.page(
        request,
        ctx,
        "digest_new.html",
        caller,
        status=status,
        form=form,
        chosen=chosen,
        kinds=KINDS,
        about_alerts=about_alerts,
        alerts=_offered(ctx, caller, chosen) if about_alerts else [],
        regions=own_choices(within, home, chosen),
        labels=EVENT_LABELS,
        levels=range(1, MAX_LEVEL + 1),
        tongues=LANGUAGES,
        most=MAX_ENTRIES,
        most_characters=MAX_REMARK,
        preview=preview,
        error=error,
    )


def _offered(ctx: Context, caller: Caller, region: str) -> list[views.Card]:
    """Verified alerts of the region, the most pressing first."""
    wanted = AlertFilter(
        region=region,
        states=[AlertState.VERIFIED],
        since=ctx.clock() - _VERIFIED_WITHIN,
        within=caller.identity.region,
    )
    with ctx.store.read() as session:
        found = [views.card(one) for one in alerts.search(session, wanted, limit=_OFFERED) if not one.exercise]
    audited(ctx, caller, AuditAction.ALERTS_SEARCHED, "alerts", search_detail(wanted, len(found)))
    return found
