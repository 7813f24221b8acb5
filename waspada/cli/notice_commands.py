"""`waspada notices` and `waspada silences`: when the desk is interrupted, and what holds that back."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from waspada.alerts.exits import mask
from waspada.audit.types import AuditAction, Detail
from waspada.cli.common import ACTOR, DataOption, at_desk, messages, results, settings_of
from waspada.clock import parse_when, utc_now
from waspada.errors import InputError
from waspada.notify import repository, service
from waspada.notify.policy import rules_of
from waspada.notify.types import NoticeState, NoticeView
from waspada.places import place, resolve_region

silences_app = typer.Typer(no_args_is_help=True, help="Silences: notices held back for a time. No alert is hidden.")
_SHOWN = 100
#: More hours than this are as many: a date must not run over before the service can say that it is too long.
_ANY_HOURS = 24.0 * 365


def register(app: typer.Typer) -> None:
    app.command()(notices)
    app.add_typer(silences_app, name="silences")


def notices(
    desk: Annotated[str | None, typer.Option(help="Region of a desk.", show_default="WASPADA_REGION")] = None,
    state: Annotated[NoticeState | None, typer.Option(help="Only those in this state.")] = None,
    data: DataOption = None,
) -> None:
    """The newest notices: ready, held back and why, or dropped; and how full the shift is."""
    settings = settings_of(data)
    chosen = service.desk_of(None, desk, settings)
    with at_desk(data) as here:
        found = repository.search(here.session, chosen, [state] if state else [], limit=_SHOWN)
        shift = service.shift_view(here.session, chosen, rules_of(settings), here.now)
        here.note(AuditAction.NOTICES_READ, f"desk/{chosen}")
    zone = settings.zone_info
    table = Table(title=f"Pemberitahuan {chosen}: {shift.used} dari {shift.cap} sela dalam giliran ini")
    for column in ("id", "kind", "state", "why", "due", "level", "alert", "headline"):
        table.add_column(column)
    for view in found:
        one = view.notice
        facts = (str(one.facts.level), str(one.alert_id), escape(mask(view.headline)))
        due = f"{one.due_at.astimezone(zone):%Y-%m-%d %H:%M}"
        table.add_row(str(one.id), one.kind, view.state, escape(_why(view)), due, *facts)
    results.print(table)
    if shift.held:
        counts = ", ".join(f"{label} {count}" for label, count in shift.held_by_label.items())
        results.print(f"Ditahan oleh batas dalam giliran ini: {counts}.")


@silences_app.command("list")
def silences_list(
    all_: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False, data: DataOption = None
) -> None:
    """Silences in force, with what they hold back."""
    settings = settings_of(data)
    with at_desk(data) as desk:
        found = service.list_silences(desk.session, desk.now, active_only=not all_)
        desk.note(AuditAction.SILENCES_READ, "silences")
    table = Table("id", "region", "label", "until", "holds", "by", "reason", "state")
    for view in found:
        one = view.silence
        where = place(one.region)
        until = f"{one.until.astimezone(settings.zone_info):%Y-%m-%d %H:%M}"
        state = "in force" if view.is_active else f"ended by {one.ended_by}" if one.ended_by else "over"
        name = f"{one.region} {where.name if where else ''}".strip()
        reason = escape(mask(one.reason))
        if one.alert_id is not None:
            name = f"alert {one.alert_id}, {name}"
        elif one.item_id is not None:
            name = f"report {one.item_id}, {name}"
        table.add_row(str(one.id), name, one.label or "all", until, str(view.holds), one.actor, reason, state)
    results.print(table)


@silences_app.command("add")
def silences_add(
    region: Annotated[str, typer.Argument(help="Name or Kemendagri code.")],
    reason: Annotated[str, typer.Option(help="Why; others will read it.")],
    label: Annotated[str | None, typer.Option(help="Only alerts of this label.")] = None,
    hours: Annotated[float | None, typer.Option(min=0.1, help="Hours from now until it ends.")] = None,
    until: Annotated[str | None, typer.Option(help="Time at which it ends, at most 14 days from now.")] = None,
    data: DataOption = None,
) -> None:
    """Holds the notices of a region until a time. It hides no alert, and level 3 breaks through."""
    settings, now = settings_of(data), utc_now()
    if (hours is None) == (until is None):
        raise InputError("A silence needs an end.", hint="Give either --hours or --until.")
    end = now + timedelta(hours=min(hours, _ANY_HOURS)) if hours is not None else parse_when(until, settings.zone_info)
    if end is None:
        raise InputError(f"{until!r} is no time.", hint="Write it as 2025-02-14T18:00.")
    code = resolve_region(region) or region
    with at_desk(data) as desk:
        added = service.add_silence(desk.session, code, label, end, reason, actor=ACTOR, now=desk.now)
        detail: Detail = {"region": code, "label": label, "until": end.isoformat()}
        desk.note(AuditAction.SILENCE_ADDED, f"silence/{added.id}", detail)
    messages.print(f"Silence {added.id} of {code} until {end.astimezone(settings.zone_info):%Y-%m-%d %H:%M}.")


@silences_app.command("end")
def silences_end(silence_id: int, data: DataOption = None) -> None:
    """Ends a silence before its time."""
    with at_desk(data) as desk:
        service.end_silence(desk.session, silence_id, actor=ACTOR, now=desk.now)
        desk.note(AuditAction.SILENCE_ENDED, f"silence/{silence_id}")
    messages.print(f"Silence {silence_id} ended.")


def _why(view: NoticeView) -> str:
    one = view.notice
    held = f"{one.held_reason} ({one.held_by})" if one.held_reason else ""
    told = ", ".join(change.value for change in one.changes)
    return "; ".join(filter(None, (held, one.drop_reason or "", told)))
