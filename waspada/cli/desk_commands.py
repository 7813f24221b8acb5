"""`waspada digest`: what a subscriber gets."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from waspada.audit.service import audit_log
from waspada.audit.types import AuditAction
from waspada.cli.common import ACTOR, DataOption, day_of, settings_of
from waspada.clock import local_day, utc_now
from waspada.digests.service import make_digest, render
from waspada.store import open_store


def register(app: typer.Typer) -> None:
    app.command()(digest)


def digest(
    region: Annotated[str, typer.Option("--region", help="Kemendagri code, for example 63 or 63.03.")],
    day: Annotated[str | None, typer.Option("--date", help="Day as YYYY-MM-DD.", show_default="today")] = None,
    format: Annotated[str, typer.Option("--format", help="html or text.")] = "text",
    data: DataOption = None,
) -> None:
    """The digest of a region for a day, as it would be sent now."""
    settings = settings_of(data)
    now = utc_now()
    store = open_store(settings)
    with store.write() as session:
        made = make_digest(session, region, day_of(day) if day else local_day(now, settings.zone_info), settings)
        text = render(made, format, settings.zone_info)
        audit_log(settings).append(
            session,
            actor=ACTOR,
            action=AuditAction.DIGEST_MADE,
            object=f"region/{region}",
            detail={"day": made.day.isoformat(), "alerts": [e.alert.id for e in (*made.verified, *made.unverified)]},
            now=now,
        )
    store.close()
    sys.stdout.write(text)
