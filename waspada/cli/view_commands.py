"""`waspada views`: the saved views of all accounts, for whoever looks after the desk."""

from __future__ import annotations

import typer
from rich.markup import escape
from rich.table import Table

from waspada.alerts.exits import mask
from waspada.audit.types import AuditAction
from waspada.cli.common import DataOption, at_desk, messages, results
from waspada.views import repository, service
from waspada.views.types import ViewFilter

views_app = typer.Typer(no_args_is_help=True, help="Saved views of the alert list.")


def register(app: typer.Typer) -> None:
    app.add_typer(views_app, name="views")


@views_app.command("list")
def views_list(data: DataOption = None) -> None:
    """The views of every account, and what each is narrowed by."""
    with at_desk(data) as desk:
        found = repository.every(desk.session)
        desk.note(AuditAction.VIEWS_READ, "views", {"found": len(found)})
    table = Table("id", "account", "title", "shared", "narrowed by")
    for one in found:
        shared = "yes" if one.shared else "no"
        table.add_row(str(one.id), escape(one.owner), escape(mask(one.title)), shared, _choices(one.filter))
    results.print(table)


@views_app.command("remove")
def views_remove(view_id: int, data: DataOption = None) -> None:
    """Erases a view with its feed."""
    with at_desk(data) as desk:
        found = service.remove_any(desk.session, view_id)
        desk.note(AuditAction.VIEW_REMOVED, f"view/{view_id}", {"shared": found.shared})
    messages.print(f"View {view_id} of {escape(found.owner)} removed.")


def _choices(chosen: ViewFilter) -> str:
    said = (
        f"region {chosen.region}" if chosen.region else "",
        chosen.label or "",
        f"level {chosen.min_level}+" if chosen.min_level else "",
        f"state {chosen.state}",
        f"time {chosen.period}",
        f"topic {chosen.topic}" if chosen.topic else "",
        "mine" if chosen.mine else "",
    )
    return ", ".join(filter(None, said))
