"""`waspada digest`: what a subscriber gets."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from waspada.audit.types import AuditAction, Scalar
from waspada.cli.common import DataOption, at_desk, day_of, messages
from waspada.clock import local_day, zone_of
from waspada.digests import service
from waspada.digests.formats import Format, written
from waspada.digests.policy import MIN_LEVEL
from waspada.digests.types import Kind, Order, Period, Wanted
from waspada.errors import InputError


def register(app: typer.Typer) -> None:
    app.command()(digest)


def digest(
    region: Annotated[str, typer.Option("--region", help="Kemendagri code, for example 63 or 63.03.")] = "",
    day: Annotated[str | None, typer.Option("--date", help="Day as YYYY-MM-DD.", show_default="today")] = None,
    format: Annotated[Format, typer.Option("--format", help="What to write.")] = Format.TEXT,
    labels: Annotated[str, typer.Option("--labels", help="Only these, by commas.", show_default="all")] = "",
    min_level: Annotated[int, typer.Option("--min-level", help="Least level of an alert, 1 to 3.")] = MIN_LEVEL,
    language: Annotated[str, typer.Option("--language", help="id or en; quotes stay as they are.")] = "id",
    zone: Annotated[
        str, typer.Option("--zone", help="WIB, WITA, WIT or an IANA name.", show_default="the desk's")
    ] = "",
    period: Annotated[Period, typer.Option("--period", help="How far it looks back.")] = Period.DAILY,
    report: Annotated[Kind | None, typer.Option("--report", help="A report of this kind, on some alerts.")] = None,
    alert: Annotated[list[int] | None, typer.Option("--alert", help="An alert of it; may be repeated.")] = None,
    remark: Annotated[str, typer.Option("--remark", help="What a person adds to it; names are masked.")] = "",
    keep: Annotated[bool, typer.Option("--keep", help="Keep it in the archive.")] = False,
    kept: Annotated[int | None, typer.Option("--kept", help="Number of a kept digest, written as it was.")] = None,
    data: DataOption = None,
) -> None:
    """The digest of a region for a day, as it would be sent now; or one that was kept, byte for byte."""
    with at_desk(data) as desk:
        if kept is not None:
            found = service.kept(desk.session, kept)
            text = written(found.content, format, found.layout)
            desk.note(AuditAction.DIGEST_READ, f"digest/{kept}", {"format": format.value})
        elif not region:
            raise InputError("Which region?", hint="Give --region CODE, or --kept ID for one that was kept.")
        else:
            where = zone_of(zone) if zone else desk.settings.zone_info
            named = tuple(sorted({name.strip() for name in labels.split(",")} - {""}))
            wanted = Wanted(region, named, min_level, language, where.key, period)
            on = day_of(day) if day else local_day(desk.now, where)
            if report is not None:
                order = Order(report, wanted, alert or (), remark)
                made = service.ordered(desk.session, order, desk.settings, desk.now)
            else:
                made = service.of_day(desk.session, wanted, on, desk.settings, desk.now)
            text = written(made.content, format)
            detail: dict[str, Scalar | list[str] | list[int]] = {
                "day": on.isoformat(),
                "alerts": made.content.alert_ids,
            }
            if keep:
                detail["digest"] = service.keep(desk.session, made, desk.now)
                messages.print(f"Kept as digest {detail['digest']}.")
            desk.note(AuditAction.DIGEST_MADE, f"region/{region}", detail)
    sys.stdout.buffer.write(text)
    sys.stdout.buffer.flush()
