"""`waspada users`, `tokens`, `audit`, `purge`: who may do what, what was done, what is removed."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

import typer
from rich.table import Table
from sqlalchemy.orm import Session

from waspada.access import credentials, directory, service
from waspada.access.types import Role, Scope
from waspada.archive.service import archive_of
from waspada.audit.checkpoints import Break, Checked, against_heads, whole
from waspada.audit.export import lines, planned
from waspada.audit.service import audit_log
from waspada.audit.types import AuditAction
from waspada.cli.common import ACTOR, DataOption, at_desk, audited, messages, new_file, results, settings_of
from waspada.clock import utc_now
from waspada.errors import InputError
from waspada.jobs.checkpoint import checkpoint
from waspada.jobs.purge_report import as_text, purge_audited, removals
from waspada.store import open_store

users_app = typer.Typer(no_args_is_help=True, help="Accounts of this product.")
tokens_app = typer.Typer(no_args_is_help=True, help="Personal API tokens.")
audit_app = typer.Typer(no_args_is_help=True, help="The append-only log.")


def register(app: typer.Typer) -> None:
    app.add_typer(users_app, name="users")
    app.add_typer(tokens_app, name="tokens")
    app.add_typer(audit_app, name="audit")
    app.command()(purge)


@users_app.command("add")
def users_add(
    name: str,
    role: Annotated[Role, typer.Option(help="What the account may do.")] = Role.LIAISON,
    region: Annotated[str | None, typer.Option(help="Kemendagri code that the account is bound to.")] = None,
    data: DataOption = None,
) -> None:
    """Adds an account; `waspada users password NAME` then prints a link with which it sets its password."""
    with audited(data, AuditAction.USER_ADDED, f"user/{name}") as (session, now):
        service.add_user(session, name, role, region, actor=ACTOR, now=now)
    messages.print(f"Account {name} ({role.value}) added.")


@users_app.command("list")
def users_list(data: DataOption = None) -> None:
    """All accounts."""
    with open_store(settings_of(data)).read() as session:
        table = Table("name", "role", "region", "active", "password", "second step")
        for user in service.list_users(session):
            has = credentials.standing(session, user.id)
            marks = ("yes" if one else "no" for one in (user.active, has.has_password, has.has_totp))
            table.add_row(user.name, user.role, user.region or "all", *marks)
    results.print(table)


@users_app.command("disable")
def users_disable(name: str, data: DataOption = None) -> None:
    """Closes an account and ends its tokens and sessions."""
    with audited(data, AuditAction.USER_DISABLED, f"user/{name}") as (session, now):
        service.disable_user(session, name, actor=ACTOR, now=now)
    messages.print(f"Account {name} closed.")


@users_app.command("enable")
def users_enable(name: str, data: DataOption = None) -> None:
    """Opens a closed account again; its tokens stay ended."""
    with audited(data, AuditAction.USER_CHANGED, f"user/{name}") as (session, now):
        service.enable_user(session, name, actor=ACTOR, now=now)
    messages.print(f"Account {name} open.")


@users_app.command("set")
def users_set(
    name: str,
    role: Annotated[Role | None, typer.Option(help="What the account may do.", show_default="as it is")] = None,
    region: Annotated[
        str | None, typer.Option(help="Kemendagri code; all for every region.", show_default="as it is")
    ] = None,
    data: DataOption = None,
) -> None:
    """Gives an account another role or region; its sessions end."""
    with at_desk(data) as desk:
        known = service.find_user(desk.session, name)
        wanted = known.region if region is None else None if region == "all" else region
        changed = service.change_user(
            desk.session, name, role=role or known.role, region=wanted, actor=ACTOR, now=desk.now
        )
        desk.note(AuditAction.USER_CHANGED, f"user/{name}", dict(changed.changes))
    messages.print(f"Account {name}: {changed.user.role.value}, {changed.user.region or 'every region'}.")


@users_app.command("password")
def users_password(name: str, data: DataOption = None) -> None:
    """Prints a one-time link with which the account sets its password, good for a day. It is shown only now."""
    with at_desk(data) as desk:
        issued = credentials.password_link(desk.session, name, desk.now)
        desk.note(AuditAction.LOGIN_CHANGED, f"user/{name}", {"what": "link"})
        link = desk.settings.link(f"/login/set?{urlencode({'code': issued.secret})}")
    results.print(link, soft_wrap=True, markup=False)


@users_app.command("totp-reset")
def users_totp_reset(name: str, data: DataOption = None) -> None:
    """Takes the second step from an account whose holder has lost the phone; its sessions end."""
    with at_desk(data) as desk:
        own = credentials.Credentials(desk.settings.secret_key)
        had = own.remove_totp(desk.session, service.find_user(desk.session, name).id, desk.now, keep=None)
        desk.note(AuditAction.LOGIN_CHANGED, f"user/{name}", {"what": "totp reset"})
    messages.print(f"Account {name}: " + ("second step taken away." if had else "there was no second step."))


@users_app.command("end-sessions")
def users_end_sessions(name: str, data: DataOption = None) -> None:
    """Ends every session of the console that an account has open."""
    with at_desk(data) as desk:
        ended = service.end_sessions(desk.session, name, now=desk.now)
        desk.note(AuditAction.SESSION_ENDED, f"user/{name}", {"ended": ended})
    messages.print(f"Account {name}: {ended} sessions ended.")


@users_app.command("directory")
def users_directory(
    name: str,
    claim: Annotated[str, typer.Argument(help="What the directory calls its holder; empty takes it away.")],
    data: DataOption = None,
) -> None:
    """Notes what the organisation's directory calls the holder of an account (WASPADA_OIDC_CLAIM)."""
    with at_desk(data) as desk:
        directory.note_claim(desk.session, name, desk.settings.oidc_issuer, claim, desk.now)
        desk.note(AuditAction.LOGIN_CHANGED, f"user/{name}", {"what": "directory"})
    messages.print(f"Account {name}: noted.")


@tokens_app.command("issue")
def tokens_issue(
    user: str,
    name: Annotated[str, typer.Option(help="What the token is for.")] = "command line",
    scope: Annotated[Scope, typer.Option(help="What the token may do.")] = Scope.READ,
    days: Annotated[int, typer.Option(min=1, max=366, help="Days until it expires.")] = 90,
    area: Annotated[list[str] | None, typer.Option(help="Limits it to this, such as feeds; may be repeated.")] = None,
    data: DataOption = None,
) -> None:
    """Prints a new token for an account. It is shown only now."""
    with audited(data, AuditAction.TOKEN_ISSUED, f"user/{user}") as (session, now):
        issued = service.issue_token(
            session, user, name, scope, now=now, lifetime=timedelta(days=days), areas=area or None
        )
    results.print(issued.secret, soft_wrap=True)


@tokens_app.command("list")
def tokens_list(data: DataOption = None) -> None:
    """All tokens, without their secret."""
    with open_store(settings_of(data)).read() as session:
        table = Table("id", "user", "name", "scope", "areas", "expires", "revoked", "last used")
        for token in service.list_tokens(session):
            areas = "all" if token.areas is None else " ".join(sorted(token.areas)) or "none"
            moments = (token.expires_at, token.revoked_at, token.last_used_at)
            shown = [f"{moment:%Y-%m-%d %H:%M}Z" if moment else "" for moment in moments]
            table.add_row(str(token.id), token.user, token.name, token.scope, areas, *shown)
    results.print(table)


@tokens_app.command("revoke")
def tokens_revoke(token_id: int, data: DataOption = None) -> None:
    """Ends a token and the browser sessions opened with it."""
    with audited(data, AuditAction.TOKEN_REVOKED, f"token/{token_id}") as (session, now):
        service.revoke_token(session, token_id, actor=ACTOR, now=now)
    messages.print(f"Token {token_id} revoked.")


@audit_app.command("verify")
def audit_verify(
    heads: Annotated[
        Path | None, typer.Option("--heads", help="Compare with this file of heads (WASPADA_AUDIT_HEAD_FILE).")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Only what was added since the last check.")] = False,
    data: DataOption = None,
) -> None:
    """Walks the hash chain of the whole log and its checkpoints; exits with 1 where it breaks."""
    settings = settings_of(data)
    store = open_store(settings)
    if quick:
        found = checkpoint(store, settings, utc_now(), actor=ACTOR)
    else:
        with store.read() as session:
            found = whole(session, audit_log(settings))
    if found.ok and heads is not None:
        with store.read() as session:
            found = _against(session, heads, found)
    store.close()
    if not found.ok:
        where = "checkpoint" if found.broken is Break.CHECKPOINT else "row"
        messages.print(
            f"[red]The log is broken at {where} {found.broken_id}[/red] ({found.broken})"
            f" after {found.rows} sound rows.",
            soft_wrap=True,
        )
        raise typer.Exit(1)
    results.print(f"{found.rows} rows, unbroken. Head: {found.head}", soft_wrap=True)


@audit_app.command("list")
def audit_list(
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    actor: Annotated[str | None, typer.Option(help="Only this account.")] = None,
    action: Annotated[str | None, typer.Option(help="Only this action.")] = None,
    object: Annotated[str | None, typer.Option(help="Only this object, as alert/12.")] = None,
    data: DataOption = None,
) -> None:
    """The newest rows of the log."""
    settings = settings_of(data)
    with open_store(settings).read() as session:
        table = Table("id", "at", "actor", "action", "object", "purpose")
        found = audit_log(settings).entries(session, limit=limit, actor=actor, action=action, object=object)
        for row in found:
            table.add_row(str(row.id), f"{row.at:%Y-%m-%d %H:%M:%S}Z", row.actor, row.action, row.object, row.purpose)
    results.print(table)


@audit_app.command("export")
def audit_export(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A new file, or - for standard output.")],
    purpose: Annotated[str, typer.Option("--purpose", help="What it is for; it stands in the log.")] = "",
    actor: Annotated[str | None, typer.Option(help="Only this account.")] = None,
    action: Annotated[str | None, typer.Option(help="Only this action.")] = None,
    object: Annotated[str | None, typer.Option(help="Only this object, as alert/12.")] = None,
    data: DataOption = None,
) -> None:
    """Writes the log as JSON Lines with its hashes, oldest row first."""
    if not purpose.strip():
        raise InputError("The log leaves, so a purpose is needed.", hint="Name it with --purpose TEXT.")
    with new_file(file) as out:
        settings = settings_of(data)
        log, store = audit_log(settings), open_store(settings)
        try:
            with store.write() as session:
                export = planned(session, log, actor=actor, action=action, object=object)
                log.append(
                    session, actor=ACTOR, action=AuditAction.EXPORTED, object="audit", purpose=purpose.strip(),
                    detail=export.detail, now=utc_now(),
                )  # fmt: skip
            out.writelines(lines(store, log, export))
        finally:
            store.close()
    messages.print(f"{export.rows} rows.")


def purge(
    report: Annotated[
        str | None, typer.Option("--report", metavar="text|json", help="Also what went in the last days, by class.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=3660, help="Days of that report.")] = 30,
    data: DataOption = None,
) -> None:
    """Removes what is past its retention (docs/privacy.md)."""
    if report not in (None, "text", "json"):
        raise InputError(f"The report {report!r} is not available.", hint="Use one of: text, json.")
    settings = settings_of(data)
    store = open_store(settings)
    now = utc_now()
    detail = asdict(purge_audited(store, settings, now, archive_of(settings), actor=ACTOR))
    if report is not None:
        end = now + timedelta(seconds=1)  # the line of this purge is of now
        with store.read() as session:
            found = removals(session, settings, end - timedelta(days=days), end)
        text = json.dumps(found.as_json(), ensure_ascii=False, indent=2) if report == "json" else as_text(found)
        results.file.write(text + "\n")
    store.close()
    if report != "json":
        line = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in detail.items())
        results.print(f"Removed: {line}.")


def _against(session: Session, heads: Path, found: Checked) -> Checked:
    """The log compared with a file of heads; what was found before where they agree."""
    try:
        compared = against_heads(session, heads.read_text("utf-8").splitlines())
    except (OSError, ValueError) as error:
        raise InputError(f"The file of heads {heads} cannot be read: {error}.") from None
    return found if compared.ok else compared
