"""`waspada subscriptions`: who gets digests, for the operator. Addresses are shown masked here, too."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from waspada.audit.types import AuditAction, Detail
from waspada.cli.common import ACTOR, DataOption, at_desk, messages, results, settings_of
from waspada.clock import utc_now
from waspada.digests.types import Period
from waspada.errors import InputError
from waspada.jobs import bounces
from waspada.notify.messages import Channel
from waspada.places import full_name, resolve_region
from waspada.store import open_store
from waspada.store.tables import SubscriptionRow
from waspada.subscriptions import importing, repository, service
from waspada.subscriptions.bounces import MAX_MAIL_BYTES
from waspada.subscriptions.policy import EVERY_DAY
from waspada.subscriptions.types import (
    EndReason,
    NewSubscription,
    Rhythm,
    SubscriptionFilter,
    SubscriptionState,
    Topic,
)

subscriptions_app = typer.Typer(no_args_is_help=True, help="Who gets digests by mail, Telegram or webhook.")
_SHOWN = 200


def register(app: typer.Typer) -> None:
    app.add_typer(subscriptions_app, name="subscriptions")


@subscriptions_app.command("list")
def subscriptions_list(
    region: Annotated[str | None, typer.Option(help="Code or name; holds all below it.")] = None,
    state: Annotated[SubscriptionState | None, typer.Option()] = None,
    data: DataOption = None,
) -> None:
    """The newest 200, with their addresses masked."""
    settings = settings_of(data)
    asked = SubscriptionFilter(region=_region(region) if region else None, state=state)
    with at_desk(data) as desk:
        found = service.listed(desk.session, asked, settings, desk.now, limit=_SHOWN)
        desk.note(AuditAction.SUBSCRIPTIONS_READ, "subscriptions", {"found": len(found)})
        now = desk.now
    table = Table("id", "channel", "address", "region", "when", "state", "next")
    for one in found:
        when = f"{one.rhythm.period} {one.rhythm.hour:02}:00 {one.rhythm.zone}"
        due = f"{one.next_due_at.astimezone(settings.zone_info):%Y-%m-%d %H:%M}" if one.next_due_at else ""
        state_words = f"{one.state(now)} ({one.end_reason})" if one.end_reason else one.state(now).value
        where = f"{one.topic.region} {full_name(one.topic.region)}"
        table.add_row(str(one.id), one.channel, escape(one.shown), where, when, state_words, due)
    results.print(table)


@subscriptions_app.command("add")
def subscriptions_add(
    address: Annotated[str, typer.Argument(help="Mail address, number of a private chat, or id of a webhook.")],
    region: Annotated[str, typer.Option(help="Code or name.")],
    channel: Annotated[Channel, typer.Option()] = Channel.MAIL,
    label: Annotated[list[str] | None, typer.Option(help="May be repeated; all without it.")] = None,
    min_level: Annotated[int, typer.Option(min=1, max=3)] = 2,
    language: Annotated[str, typer.Option(help="id or en.")] = "id",
    zone: Annotated[str, typer.Option(help="WIB, WITA or WIT.")] = "WITA",
    period: Annotated[Period, typer.Option()] = Period.DAILY,
    days: Annotated[str, typer.Option(help='As "sen rab jum"; every day without it.')] = "",
    hour: Annotated[int, typer.Option(min=0, max=23)] = 7,
    data: DataOption = None,
) -> None:
    """Adds somebody, who is asked to confirm and gets nothing before."""
    topic = Topic(_region(region), tuple(label or ()), min_level, language)
    rhythm = Rhythm(period, importing.days_of(days) or EVERY_DAY, hour, zone.upper())
    with at_desk(data) as desk:
        new = NewSubscription(channel, address, topic, rhythm)
        made = service.add(desk.session, new, desk.settings, actor=ACTOR, now=desk.now)
        desk.note(AuditAction.SUBSCRIPTION_CHANGED, f"subscription/{made.id}", {"step": "added"})
    messages.print(f"Subscription {made.id}: {escape(made.shown)} is {made.state(utc_now())}.", soft_wrap=True)


@subscriptions_app.command("pause")
def subscriptions_pause(
    subscription_id: int,
    until: Annotated[str, typer.Option(help="First day of the next digest, as 2026-12-27.")],
    data: DataOption = None,
) -> None:
    """Sends nothing before a day."""
    with at_desk(data) as desk:
        row = repository.row_of(desk.session, subscription_id, lock=True)
        service.pause(desk.session, row, service.pause_end(until, row.zone), now=desk.now)
        desk.note(AuditAction.SUBSCRIPTION_CHANGED, f"subscription/{subscription_id}", {"step": "paused"})
    messages.print(f"Subscription {subscription_id} is paused until {until}.")


@subscriptions_app.command("end")
def subscriptions_end(subscription_id: int, data: DataOption = None) -> None:
    """Sends nothing more; the address is deleted within a week."""
    with at_desk(data) as desk:
        row: SubscriptionRow = repository.row_of(desk.session, subscription_id, lock=True)
        is_new = service.end(desk.session, row, EndReason.MANAGER, now=desk.now)
        desk.note(AuditAction.SUBSCRIPTION_CHANGED, f"subscription/{subscription_id}", {"step": "ended"})
    messages.print(f"Subscription {subscription_id} {'has ended' if is_new else 'had ended already'}.")


@subscriptions_app.command("import")
def subscriptions_import(file: Path, data: DataOption = None) -> None:
    """Adds the lines of a CSV file; ends with 1 where some could not be added."""
    try:
        text = file.read_text("utf-8", "replace")
    except OSError as error:
        raise InputError(f"The file {file} cannot be read: {error.strerror}.") from None
    with at_desk(data) as desk:
        done = importing.add_all(desk.session, text, desk.settings, actor=ACTOR, now=desk.now)
        detail: Detail = {"step": "imported", "added": len(done.added), "left_out": len(done.left_out)}
        desk.note(AuditAction.SUBSCRIPTION_CHANGED, "subscriptions", detail)
    messages.print(f"{len(done.added)} added, {len(done.left_out)} left out.")
    for line, why in done.left_out:
        messages.print(f"line {line}: {escape(why)}", soft_wrap=True)
    if done.left_out:
        raise typer.Exit(1)


@subscriptions_app.command("bounce")
def subscriptions_bounce(
    file: Annotated[str, typer.Argument(help="A mail that came back, or - for standard input.")],
    data: DataOption = None,
) -> None:
    """Reads a mail that came back, for a mail server that pipes them; ends with 1 where it is none of ours."""
    settings = settings_of(data)
    try:
        raw = sys.stdin.buffer.read(MAX_MAIL_BYTES + 1) if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise InputError(f"The file {file} cannot be read: {error.strerror}.") from None
    store = open_store(settings)
    try:
        is_ours = bounces.take(store, settings, raw, utc_now(), actor=ACTOR)
    finally:
        store.close()
    messages.print("Taken." if is_ours else "This is no bounce of a mail from here; it was put aside.")
    if not is_ours:
        raise typer.Exit(1)


def _region(given: str) -> str:
    found = resolve_region(given)
    if found is None:
        raise InputError(f"The region {given!r} is not known.", hint="Give a code such as 63 or 63.03.")
    return found
