"""`waspada rota`, `waspada calls` and `waspada notify`: who is on duty, who was called, and whether the way works."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table
from sqlalchemy import select

from waspada.access.repository import user_row
from waspada.audit.types import AuditAction
from waspada.cli.common import ACTOR, DataOption, at_desk, day_of, messages, results, settings_of
from waspada.clock import local_day, parse_when, utc_now
from waspada.errors import ConflictError, InputError
from waspada.jobs.lock import holder
from waspada.notify import outbox
from waspada.notify.calls import report, repository
from waspada.notify.contacts import service as contacts
from waspada.notify.contacts.sealing import Sealer
from waspada.notify.contacts.types import ContactState
from waspada.notify.duty import calendar, policy, service
from waspada.notify.duty.types import DutyShift, RotaView, Span
from waspada.notify.senders import channels_of, senders_of
from waspada.notify.service import desk_of
from waspada.settings import Settings
from waspada.store import Store, open_store
from waspada.store.tables import DeliveryRow

rota_app = typer.Typer(no_args_is_help=True, help="Who is on duty for a desk, and when.")
notify_app = typer.Typer(no_args_is_help=True, help="Messages to people: try whether they arrive.")
DeskOption = Annotated[str | None, typer.Option(help="Region of a desk.", show_default="WASPADA_REGION")]
WeekOption = Annotated[str | None, typer.Option(help="A day of the week, as 2026-11-30.", show_default="this week")]
_SHOWN = 100
#: So long a test is followed while the service sends it.
_FOLLOWED_SECONDS = 60.0
_FIGURES_DAYS = 7


def register(app: typer.Typer) -> None:
    app.add_typer(rota_app, name="rota")
    app.add_typer(notify_app, name="notify")
    app.command()(calls)


@rota_app.command("show")
def rota_show(week: WeekOption = None, desk: DeskOption = None, data: DataOption = None) -> None:
    """A week of a desk, with gaps and double duty."""
    settings = settings_of(data)
    chosen, monday = desk_of(None, desk, settings), _monday(week, settings)
    with at_desk(data) as here:
        view = service.view(here.session, chosen, monday, policy.WEEK, settings.zone_info)
        here.note(AuditAction.ROTA_READ, f"desk/{chosen}", {"first": monday.isoformat()})
    _print(view, settings)


@rota_app.command("add")
def rota_add(
    account: str,
    start: Annotated[str, typer.Argument(help="Beginning, as 2026-11-30T07:00 in the zone of the desk.")],
    end: Annotated[str, typer.Argument(help="End, as 2026-11-30T19:00.")],
    position: Annotated[int, typer.Option(min=1, max=policy.MAX_POSITION, help="1 is called first.")] = 1,
    desk: DeskOption = None,
    data: DataOption = None,
) -> None:
    """Puts an account on duty."""
    settings = settings_of(data)
    times = [_moment(text, settings) for text in (start, end)]
    chosen = desk_of(None, desk, settings)
    with at_desk(data) as here:
        made = service.add(
            here.session, chosen, account, times[0], times[1], position, settings, actor=ACTOR, now=here.now
        )
        here.note(AuditAction.ROTA_CHANGED, f"duty/{made.id}", {"step": "add", "desk": chosen, "account": account})
    messages.print(f"Shift {made.id}: {account} is on duty for {chosen} as number {position}.")


@rota_app.command("remove")
def rota_remove(shift_id: int, data: DataOption = None) -> None:
    """Takes a shift out of the rota."""
    with at_desk(data) as here:
        gone = service.remove(here.session, shift_id)
        detail = {"step": "remove", "desk": gone.desk, "account": gone.user}
        here.note(AuditAction.ROTA_CHANGED, f"duty/{shift_id}", detail)
    messages.print(f"Shift {shift_id} of {gone.user} removed.")


@rota_app.command("copy")
def rota_copy(
    from_week: Annotated[str, typer.Argument(help="A day of the week to be copied.")],
    to_week: Annotated[str, typer.Argument(help="A day of the week to copy it to.")],
    desk: DeskOption = None,
    data: DataOption = None,
) -> None:
    """Copies the shifts that begin in one week to another; twice changes nothing."""
    settings = settings_of(data)
    chosen, days = desk_of(None, desk, settings), (day_of(from_week), day_of(to_week))
    with at_desk(data) as here:
        found = service.copy_week(here.session, chosen, *days, settings, actor=ACTOR, now=here.now)
        here.note(AuditAction.ROTA_CHANGED, f"desk/{chosen}", {"step": "copy", "added": len(found.added)})
    messages.print(f"{len(found.added)} shifts copied, {found.left_out} left out.")


@rota_app.command("export")
def rota_export(
    week: WeekOption = None,
    weeks: Annotated[int, typer.Option(min=1, max=8, help="So many weeks.")] = 1,
    desk: DeskOption = None,
    data: DataOption = None,
) -> None:
    """Writes the rota as iCalendar to standard output."""
    settings = settings_of(data)
    chosen, monday = desk_of(None, desk, settings), _monday(week, settings)
    with at_desk(data) as here:
        view = service.view(here.session, chosen, monday, weeks * policy.WEEK, settings.zone_info)
        here.note(AuditAction.ROTA_READ, f"desk/{chosen}", {"first": monday.isoformat(), "weeks": weeks})
    sys.stdout.buffer.write(calendar.written(chosen, _shifts(view), here.now))


@rota_app.command("import")
def rota_import(
    file: Annotated[Path, typer.Argument(help="iCalendar file; an event's summary is `1 liaison-1`.")],
    desk: DeskOption = None,
    data: DataOption = None,
) -> None:
    """Adds the shifts of a calendar; exits with 1 where some could not be added."""
    settings = settings_of(data)
    try:
        entries = calendar.read(file.read_bytes(), settings.zone_info)
    except OSError as error:
        raise InputError(f"The file {file} cannot be read: {error.strerror}.") from None
    chosen = desk_of(None, desk, settings)
    with at_desk(data) as here:
        found = service.add_entries(here.session, chosen, entries, settings, actor=ACTOR, now=here.now)
        here.note(AuditAction.ROTA_CHANGED, f"desk/{chosen}", {"step": "import", "added": len(found.added)})
    messages.print(f"{len(found.added)} shifts added, {len(found.left_out)} left out.")
    for number, why in found.left_out:
        messages.print(f"event {number}: {escape(why)}", soft_wrap=True)
    if found.left_out:
        raise typer.Exit(1)


def calls(desk: DeskOption = None, data: DataOption = None) -> None:
    """The newest calls: to whom, sent and answered when, or why not; and the figures of seven days."""
    settings = settings_of(data)
    chosen = desk_of(None, desk, settings)
    with at_desk(data) as here:
        found = repository.search(here.session, chosen, limit=_SHOWN)
        since = repository.since(here.session, here.now - timedelta(days=_FIGURES_DAYS), chosen)
        here.note(AuditAction.ROTA_READ, f"desk/{chosen}", {"part": "calls"})
    table = Table("id", "made", "level", "alerts", "to", "how", "sent", "outcome", title=f"Panggilan {chosen}")
    for one in found:
        sent = _clock(one.sent_at, settings) or (one.problem or "held" if one.failed_at or one.held_at else "waiting")
        outcome = f"answered by {one.acknowledged_by}" if one.acknowledged_by else one.end_reason or "open"
        facts = (
            str(one.level),
            ", ".join(map(str, one.alert_ids)),
            one.user or "nobody",
            one.how,
            escape(sent),
            outcome,
        )
        table.add_row(str(one.id), _clock(one.made_at, settings), *facts)
    results.print(table)
    figures = report.figures(since)
    results.print(
        f"{_FIGURES_DAYS} days: {figures.calls} calls, {figures.answered} of {figures.chains} of level 3 answered, "
        f"{figures.failed} not sent, {figures.held} held back.",
        soft_wrap=True,
    )


@notify_app.command("test")
def notify_test(account: str, data: DataOption = None) -> None:
    """Sends a test message to every contact that an account proved, and says what came of each.

    A service that runs sends it; else it is sent here, with whatever else is due.
    """
    settings = settings_of(data)
    if not channels_of(settings):
        raise ConflictError("No channel is set up.", hint="See docs/notify.md for mail, Telegram and push.")
    with at_desk(data) as here:
        user = user_row(here.session, account)
        mine = contacts.contacts_of(here.session, user.id, Sealer(settings.secret_key))
        ready = [one for one in mine if one.state is ContactState.READY and one.channel in channels_of(settings)]
        if not ready:
            raise ConflictError(f"{account!r} has no contact to be called.", hint="They prove one under Akun, Saluran.")
        ids = [contacts.send_test(here.session, user.id, one.id, settings.link("/"), now=here.now) for one in ready]
        here.note(AuditAction.CALL_TESTED, f"user/{account}", {"contacts": len(ids)})
    store = open_store(settings)
    try:
        rows = _followed(store, settings, ids)
    finally:
        store.close()
    for one, row in zip(ready, rows, strict=True):
        said = "handed over" if row.sent_at else row.last_problem or "not sent yet: is the service running?"
        results.print(f"{one.channel} {one.shown}: {escape(said)}", soft_wrap=True)
    if not all(row.sent_at for row in rows):
        raise typer.Exit(1)


def _followed(store: Store, settings: Settings, ids: Sequence[int]) -> list[DeliveryRow]:
    """The deliveries when all of them ended, or after a minute."""
    runs = holder(settings.data_dir) is not None
    end = time.monotonic() + _FOLLOWED_SECONDS
    while True:
        if not runs:
            outbox.run_once(store, senders_of(settings, store), utc_now)
        with store.read() as session:
            rows = list(session.scalars(select(DeliveryRow).where(DeliveryRow.id.in_(ids)).order_by(DeliveryRow.id)))
            session.expunge_all()
        ended = all(row.sent_at or row.failed_at or row.last_problem for row in rows)
        if ended or not runs or time.monotonic() > end:
            return rows
        time.sleep(1)


def _print(view: RotaView, settings: Settings) -> None:
    zone = settings.zone_info
    table = Table("day", "from", "until", "number", "account", "id", title=f"Jaga {view.desk}")
    for day in view.days:
        for one in day.shifts:
            doubt = "" if one.is_active else " (closed)"
            doubt = doubt or ("" if one.is_reachable else " (no channel)")
            facts = (_clock(one.starts_at, settings), _clock(one.ends_at, settings), str(one.position))
            table.add_row(f"{day.day:%a %d %b}", *facts, f"{one.user}{doubt}", str(one.id))
        for gap in day.gaps:
            table.add_row(
                f"{day.day:%a %d %b}", _clock(gap.start, settings), _clock(gap.end, settings), "", "nobody", ""
            )
    results.print(table)
    for double in view.doubles:
        at = _span(double.span, zone.key, settings)
        results.print(f"Twice on duty: {double.user} {at} ({', '.join(double.desks)})", soft_wrap=True)


def _shifts(view: RotaView) -> list[DutyShift]:
    return list({one.id: one for day in view.days for one in day.shifts}.values())


def _span(span: Span, zone: str, settings: Settings) -> str:
    return f"{_clock(span.start, settings)} to {_clock(span.end, settings)} {zone}"


def _clock(moment: datetime | None, settings: Settings) -> str:
    return f"{moment.astimezone(settings.zone_info):%Y-%m-%d %H:%M}" if moment else ""


def _monday(week: str | None, settings: Settings) -> date:
    return policy.monday_of(day_of(week) if week else local_day(utc_now(), settings.zone_info))


def _moment(text: str, settings: Settings) -> datetime:
    found = parse_when(text, settings.zone_info)
    if found is None:
        raise InputError(f"{text!r} is no time.", hint="Write it as 2026-11-30T07:00.")
    return found.astimezone(UTC)
