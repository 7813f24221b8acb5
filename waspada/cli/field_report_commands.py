"""`waspada reports`: field reports for the operator. Who sent one is not to be had here."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from waspada.alerts.exits import mask
from waspada.audit.types import AuditAction
from waspada.cli.common import DataOption, at_desk, results, settings_of
from waspada.clock import local_day
from waspada.errors import NotFoundError
from waspada.places import full_name, resolve_region
from waspada.reports import owing, policy, repository
from waspada.reports.types import EventKind, Level, ReportFilter, ReportState, Rhythm

reports_app = typer.Typer(no_args_is_help=True, help="Field reports (laporan lapangan) of desa and kecamatan.")
_SHOWN = 100
_CHARACTERS = 80
RegionOption = Annotated[str, typer.Option(help="Name or Kemendagri code; it and all below it.")]


def register(app: typer.Typer) -> None:
    app.add_typer(reports_app, name="reports")


@reports_app.command("list")
def reports_list(
    region: RegionOption = "",
    state: Annotated[ReportState | None, typer.Option(help="Only those in this state.")] = None,
    kind: Annotated[EventKind | None, typer.Option(help="Only those of this kind.")] = None,
    data: DataOption = None,
) -> None:
    """The newest reports, masked."""
    zone = settings_of(data).zone_info
    wanted = ReportFilter(region=_region(region), states=[state] if state else [], kinds=[kind] if kind else [])
    with at_desk(data) as desk:
        found = repository.search(desk.session, wanted, limit=_SHOWN)
        desk.note(AuditAction.REPORTS_READ, "reports", {"reports": [one.id for one in found]})
    table = Table("id", "from", "place", "kind", "state", "sent", "cites", "text")
    for one in found:
        words = escape(mask(one.text)[:_CHARACTERS])
        sent = f"{one.sent_at.astimezone(zone):%Y-%m-%d %H:%M}"
        cites = " ".join(map(str, one.cites))
        table.add_row(str(one.id), one.region, full_name(one.place), one.kind, one.state, sent, cites, words)
    results.print(table)


@reports_app.command("show")
def reports_show(report_id: int, data: DataOption = None) -> None:
    """One report, masked, with its history."""
    zone = settings_of(data).zone_info
    with at_desk(data) as desk:
        found = repository.report(desk.session, report_id)
        desk.note(AuditAction.REPORTS_READ, f"report/{report_id}", {"state": found.state.value})
    results.print(f"{found.id} {found.kind} {found.state} {found.region} {full_name(found.place)}", highlight=False)
    results.print(escape(mask(found.text)) or "(erased)", highlight=False)
    for event in found.history:
        words = escape(mask(event.text))
        at = f"{event.at.astimezone(zone):%Y-%m-%d %H:%M}"
        state = event.state or event.other_id or ""
        results.print(f"{at} {event.actor} {event.step} {state} {words}".rstrip(), highlight=False)


@reports_app.command("overdue")
def reports_overdue(region: RegionOption = "", data: DataOption = None) -> None:
    """Kecamatan whose periodic report is missing, the newest span first."""
    settings = settings_of(data)
    with at_desk(data) as desk:
        owed = owing.owed(
            desk.session, Rhythm(settings.report_rhythm), desk.now, settings.zone_info, within=_region(region)
        )
        found = owing.missing_now(owed, desk.now)
        desk.note(AuditAction.REPORTS_READ, "reports/periodic", {"found": len(found)})
    table = Table("kecamatan", "name", "first day", "last day", "due", "can be reminded")
    for one in found:
        due = f"{one.due_at.astimezone(settings.zone_info):%Y-%m-%d %H:%M}"
        told = "yes" if one.can_be_told else "no"
        table.add_row(one.region, full_name(one.region), f"{one.span.first}", f"{one.span.last}", due, told)
    results.print(table)


@reports_app.command("recap")
def reports_recap(
    region: RegionOption = "",
    level: Annotated[Level, typer.Option(help="The level that reports are counted on.")] = Level.VILLAGE,
    weeks: Annotated[int, typer.Option(min=1, max=policy.MAX_WEEKS, help="How many weeks back.")] = 8,
    data: DataOption = None,
) -> None:
    """How many reports of a level there are, by the region below and by week."""
    settings = settings_of(data)
    with at_desk(data) as desk:
        chosen = _region(region) or settings.region
        mondays = policy.weeks(local_day(desk.now, settings.zone_info), weeks)
        found = repository.recap(desk.session, chosen, level, mondays, settings.zone_info)
        desk.note(AuditAction.REPORTS_READ, "reports/recap", {"region": chosen, "found": found.total})
    for title, rows in (("region", found.by_region), ("week", found.by_week)):
        table = Table(title, *EventKind, "all", "not clarified", "refuted")
        for row in rows:
            name = full_name(row.key) if title == "region" else row.key
            counts = [str(row.kinds.get(kind, 0)) for kind in EventKind]
            table.add_row(name, *counts, str(row.total), str(row.unclarified), str(row.refuted))
        results.print(table)


def _region(given: str) -> str | None:
    """Raises NotFoundError."""
    if not given:
        return None
    found = resolve_region(given)
    if found is None:
        raise NotFoundError(f"There is no region {given!r}.", hint="Use a name or a code such as 63.03.05.")
    return found
