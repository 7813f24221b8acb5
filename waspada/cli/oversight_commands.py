"""`waspada collection`, `privacy`, `transparency`: the switch, the table of retention, the monthly report."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

import nlp
from waspada.audit.types import AuditAction
from waspada.cli.common import ACTOR, DataOption, at_desk, messages, new_file, results, settings_of
from waspada.clock import last_month, month_of, utc_now
from waspada.errors import InputError, ModelError
from waspada.privacy import retention
from waspada.stops import repository, service
from waspada.store import open_store
from waspada.transparency.service import make_report, model_figures, render
from waspada.transparency.types import ModelFigures

collection_app = typer.Typer(no_args_is_help=True, help="Stopping the collection, and letting it go on.")
privacy_app = typer.Typer(no_args_is_help=True, help="What is kept for how long.")

ReasonOption = Annotated[str, typer.Option("--reason", help="Why; everybody sees it.")]


def register(app: typer.Typer) -> None:
    app.add_typer(collection_app, name="collection")
    app.add_typer(privacy_app, name="privacy")
    app.command()(transparency)


@collection_app.command("stop")
def collection_stop(
    reason: ReasonOption,
    source: Annotated[str | None, typer.Option("--source", help="Only this source.")] = None,
    region: Annotated[str | None, typer.Option("--region", help="Only sources at home in this region.")] = None,
    data: DataOption = None,
) -> None:
    """Stops the collection within a minute: of everything, of a source, or of a region."""
    with at_desk(data) as desk:
        found = service.stop(desk.session, reason, source_id=source, region=region, actor=ACTOR, now=desk.now)
        desk.note(AuditAction.COLLECTION_STOPPED, f"stop/{found.id}", {"stops": found.about})
    messages.print(f"Stop {found.id} is in force: {found.about}.", soft_wrap=True)


@collection_app.command("resume")
def collection_resume(stop_id: int, reason: ReasonOption, data: DataOption = None) -> None:
    """Lifts a stop. An auditor's is lifted in the console or the API, by another account."""
    with at_desk(data) as desk:
        found = service.lift(desk.session, stop_id, reason, actor=ACTOR, now=desk.now)
        desk.note(AuditAction.COLLECTION_RESUMED, f"stop/{stop_id}", {"stopped": found.about})
    messages.print(f"Stop {stop_id} is lifted: {found.about}.", soft_wrap=True)


@collection_app.command("status")
def collection_status(data: DataOption = None) -> None:
    """The stops of the collection, newest first; exits with 1 while one is in force."""
    store = open_store(settings_of(data))
    with store.read() as session:
        stops = repository.all_stops(session)
    store.close()
    table = Table("id", "stops", "since", "by", "reason", "lifted", "by", "why")
    for stop in stops:
        lifted = f"{stop.lifted_at:%Y-%m-%d %H:%M}Z" if stop.lifted_at else "in force"
        columns = (
            str(stop.id),
            stop.about,
            f"{stop.at:%Y-%m-%d %H:%M}Z",
            stop.actor,
            stop.reason,
            lifted,
            stop.lifted_by or "",
            stop.lifted_why,
        )
        table.add_row(*map(escape, columns))
    results.print(table)
    if any(stop.in_force for stop in stops):
        raise typer.Exit(1)


@privacy_app.command("table")
def privacy_table(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, with the periods of this desk.")] = False,
    write: Annotated[Path | None, typer.Option("--write", help="Put it between the marks of this page.")] = None,
    data: DataOption = None,
) -> None:
    """The retention table that the program obeys, as Markdown."""
    if as_json:
        periods = retention.periods_of(settings_of(data))
        rows = [
            {
                "key": one.key,
                "data": one.data,
                "tables": one.tables,
                "kept_for": retention.kept_for(one, periods),
                "ground": one.ground,
                "erasure": retention.erasure_of(one, periods),
            }
            for one in retention.CLASSES
        ]
        results.file.write(json.dumps(rows, ensure_ascii=False, indent=2) + "\n")
        return
    if write is None:
        results.file.write(retention.markdown() + "\n")
        return
    try:
        write.write_text(retention.with_table(write.read_text("utf-8")), "utf-8")
    except (OSError, ValueError) as error:
        raise InputError(f"The page {write} cannot be written: {error}.") from None
    messages.print(f"The table stands in {escape(str(write))}.", soft_wrap=True)


def transparency(
    month: Annotated[str | None, typer.Option("--month", help="2026-10.", show_default="the last full month")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="File to write; never over another.")] = None,
    format: Annotated[str, typer.Option("--format", help="html or json.")] = "html",
    data: DataOption = None,
) -> None:
    """The transparency report of a month: counts, without persons and accounts."""
    if format not in ("html", "json"):
        raise InputError(f"The format {format!r} is not available.", hint="Use one of: html, json.")
    with at_desk(data) as desk:
        zone = desk.settings.zone_info
        first = month_of(month) if month else last_month(desk.now, zone)
        report = make_report(desk.session, desk.settings, first, utc_now(), model=_model(desk.settings.model_dir))
        desk.note(AuditAction.TRANSPARENCY_READ, f"month/{report.month}")
    if format == "html":
        text = render(report, zone, desk.settings.complaints_contact)
    else:
        text = json.dumps(report.as_json(), ensure_ascii=False, indent=2) + "\n"
    with new_file(out or "-") as file:
        file.write(text)
    if out is not None:
        messages.print(f"The report of {report.month} stands in {escape(str(out))}.", soft_wrap=True)


def _model(folder: Path | None) -> ModelFigures | None:
    try:
        return model_figures(folder or files("models").joinpath(nlp.DEFAULT_MODEL))
    except ModelError as error:
        messages.print(f"[yellow]{escape(str(error))}[/yellow]", soft_wrap=True)
        return None
