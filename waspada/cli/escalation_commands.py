"""`waspada recipients`, `waspada escalations` and `waspada cap`: what leaves the team, for the operator.

Nothing is approved here: that takes two accounts, and the command line is none.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from waspada.alerts.exits import mask
from waspada.audit.types import AuditAction, Detail
from waspada.cap import repository as cap_messages
from waspada.cli.common import ACTOR, DataOption, at_desk, messages, results, settings_of
from waspada.errors import NotFoundError
from waspada.escalations import repository
from waspada.escalations.types import EscalationState
from waspada.places import full_name, resolve_region
from waspada.recipients import policy, service
from waspada.recipients.types import GrantState, NewRecipient, RecipientKind

recipients_app = typer.Typer(no_args_is_help=True, help="Institutions outside the team that reports can go to.")
escalations_app = typer.Typer(no_args_is_help=True, help="Reports that left the team, or wait for a second account.")
cap_app = typer.Typer(no_args_is_help=True, help="CAP 1.2 messages of verified alerts.")
_SHOWN = 100


def register(app: typer.Typer) -> None:
    app.add_typer(recipients_app, name="recipients")
    app.add_typer(escalations_app, name="escalations")
    app.add_typer(cap_app, name="cap")


@recipients_app.command("list")
def recipients_list(data: DataOption = None) -> None:
    """All institutions, and how the permissions of the police and intelligence stand."""
    settings = settings_of(data)
    with at_desk(data) as desk:
        found = service.list_recipients(desk.session)
        desk.note(AuditAction.RECIPIENTS_READ, "recipients", {"found": len(found)})
        now = desk.now
    table = Table("id", "institution", "kind", "region", "address", "language", "state", "permissions")
    for view in found:
        one = view.recipient
        grants = ", ".join(
            f"{grant.id}: {policy.grant_state(grant, now)} {grant.region} "
            f"until {grant.ends_at.astimezone(settings.zone_info):%Y-%m-%d}"
            for grant in view.grants
        )
        state = "off" if not one.active else "needs a permission" if one.is_guarded else "on"
        where = f"{one.region} {full_name(one.region)}"
        name = escape(mask(one.institution))
        table.add_row(str(one.id), name, one.kind, where, escape(one.address), one.language, state, grants)
    results.print(table)


@recipients_app.command("add")
def recipients_add(
    institution: Annotated[str, typer.Argument(help="What it is called; no person's name or office.")],
    kind: Annotated[RecipientKind, typer.Option(help="What it is.")],
    region: Annotated[str, typer.Option(help="Name or Kemendagri code that it is responsible for.")],
    address: Annotated[str, typer.Option(help="Mail address of its office.")],
    language: Annotated[str, typer.Option(help="id or en.")] = "id",
    data: DataOption = None,
) -> None:
    """Adds an institution. Police and intelligence stay off until two accounts switch them on in the console."""
    new = NewRecipient(institution, kind, resolve_region(region) or region, address, language=language)
    with at_desk(data) as desk:
        found = service.add_recipient(desk.session, new, actor=ACTOR, now=desk.now)
        detail: Detail = {"step": "added", "kind": found.kind.value, "region": found.region}
        desk.note(AuditAction.RECIPIENT_CHANGED, f"recipient/{found.id}", detail)
    messages.print(f"Recipient {found.id}: {escape(found.institution)}.")


@recipients_app.command("off")
def recipients_off(recipient_id: int, data: DataOption = None) -> None:
    """Switches an institution off; what waits for it is not sent."""
    _switch(recipient_id, False, data)


@recipients_app.command("on")
def recipients_on(recipient_id: int, data: DataOption = None) -> None:
    """Switches an institution on again."""
    _switch(recipient_id, True, data)


@recipients_app.command("revoke")
def recipients_revoke(
    grant_id: int,
    reason: Annotated[str, typer.Option(help="Why; others will read it.")],
    data: DataOption = None,
) -> None:
    """Ends a permission to send to the police or to intelligence at once."""
    with at_desk(data) as desk:
        found = service.revoke_grant(desk.session, grant_id, reason, actor=ACTOR, now=desk.now)
        detail: Detail = {
            "step": "revoked",
            "grant": grant_id,
            "region": found.region,
            "state": GrantState.REVOKED.value,
        }
        desk.note(AuditAction.RECIPIENT_GRANTED, f"recipient/{found.recipient_id}", detail)
    messages.print(f"Permission {grant_id} ended.")


@escalations_app.command("list")
def escalations_list(
    state: Annotated[EscalationState | None, typer.Option(help="Only those in this state.")] = None,
    data: DataOption = None,
) -> None:
    """The newest reports: to whom, proposed and decided by whom, and how they ended."""
    settings = settings_of(data)
    with at_desk(data) as desk:
        found = repository.search(desk.session, [state] if state else [], limit=_SHOWN)
        desk.note(AuditAction.ESCALATIONS_READ, "escalations", {"found": len(found)})
    table = Table("id", "alert", "kind", "to", "state", "proposed", "decided", "problem")
    for one in found:
        to = one.desk or ", ".join(mask(sent.recipient.institution) for sent in one.recipients)
        proposed = f"{one.proposed_at.astimezone(settings.zone_info):%Y-%m-%d %H:%M} {one.proposed_by}"
        decided, problem = one.decided_by or "", escape(one.problem)
        table.add_row(str(one.id), str(one.alert_id), one.kind, escape(to), one.state, proposed, decided, problem)
    results.print(table)


@escalations_app.command("show")
def escalations_show(
    escalation_id: int,
    language: Annotated[str, typer.Option(help="id or en.")] = "id",
    data: DataOption = None,
) -> None:
    """Exactly what was sent, or would be: the subject, an empty line, the text."""
    with at_desk(data) as desk:
        found = repository.escalation(desk.session, escalation_id)
        desk.note(AuditAction.ESCALATIONS_READ, f"escalation/{escalation_id}", {"alert": found.alert_id})
    body = found.bodies.get(language)
    if body is None:
        raise NotFoundError(
            f"The report {escalation_id} has no words in {language!r}.", hint="They are past their time, or erased."
        )
    sys.stdout.write(f"{body.subject}\n\n{body.text}")


@cap_app.command("list")
def cap_list(data: DataOption = None) -> None:
    """The newest CAP messages."""
    settings = settings_of(data)
    with at_desk(data) as desk:
        found = cap_messages.newest(desk.session, limit=_SHOWN)
        desk.note(AuditAction.CAP_READ, "cap", {"found": len(found)})
    table = Table("identifier", "alert", "type", "status", "sent", "refers to")
    for one in found:
        sent = f"{one.sent_at.astimezone(settings.zone_info):%Y-%m-%d %H:%M}"
        table.add_row(one.identifier, str(one.alert_id), one.msg_type, one.status, sent, str(len(one.refs)))
    results.print(table)


@cap_app.command("show")
def cap_show(identifier: str, data: DataOption = None) -> None:
    """One CAP message, as XML."""
    with at_desk(data) as desk:
        found = cap_messages.message(desk.session, identifier)
        desk.note(AuditAction.CAP_READ, f"cap/{identifier}", {"alert": found.alert_id})
    if not found.xml:
        raise NotFoundError("The words of this message were removed.", hint="They are past their time, or erased.")
    sys.stdout.write(found.xml)


def _switch(recipient_id: int, active: bool, data: DataOption) -> None:
    with at_desk(data) as desk:
        service.switch(desk.session, recipient_id, active, actor=ACTOR, now=desk.now)
        step = "on" if active else "off"
        desk.note(AuditAction.RECIPIENT_CHANGED, f"recipient/{recipient_id}", {"step": step})
    messages.print(f"Recipient {recipient_id} is {step}.")
