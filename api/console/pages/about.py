"""What is watched here, by which rules, and how to complain: for everybody, without signing in and without data."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.console import render
from api.context import Ctx
from waspada.privacy.retention import periods_of

routes = APIRouter()


@routes.get("/about")
def about_page(request: Request, ctx: Ctx) -> Response:
    settings = ctx.settings
    periods = periods_of(settings)
    return render.page(
        request,
        ctx,
        "about.html",
        None,
        region=settings.region,
        complaints=settings.complaints_contact,
        complaints_link=_link(settings.complaints_contact),
        oversight=settings.oversight_contact,
        oversight_link=_link(settings.oversight_contact),
        post_days=periods.posts.days,
        article_days=periods.articles.days,
        min_voices=settings.min_voices,
    )


def _link(contact: str) -> str:
    """Where a contact leads: a web address, or a mail; "" for anything else, which is shown as it is."""
    if contact.startswith(("https://", "http://", "mailto:")):
        return contact
    return f"mailto:{contact}" if "@" in contact and " " not in contact else ""
