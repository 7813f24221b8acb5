"""`waspada crawl` and `waspada sources`: the source list, and collecting from it once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import Progress as Bar
from rich.progress import TaskID
from rich.table import Table

from crawler.process import check_sources, collect_once
from crawler.types import CheckResult, CrawlReport, Progress
from waspada.cli.common import DataOption, messages, progress_bar, results, settings_of
from waspada.clock import utc_now
from waspada.errors import InputError
from waspada.jobs.lock import data_dir_lock
from waspada.settings import Settings, prepare_data_dir
from waspada.sources import repository, service
from waspada.sources.opml import read_opml, write_opml
from waspada.sources.service import ImportReport
from waspada.sources.types import NewSource, SourceKind, SourceRole
from waspada.store import Store, open_store

sources_app = typer.Typer(no_args_is_help=True, help="The source list.")

SourceOption = Annotated[list[str] | None, typer.Option("--source", help="Only this source; may be repeated.")]


def register(app: typer.Typer) -> None:
    app.command()(crawl)
    app.add_typer(sources_app, name="sources")


def crawl(
    once: Annotated[bool, typer.Option("--once", help="Poll every source once, fetch what it announces, end.")] = False,
    source: SourceOption = None,
    data: DataOption = None,
) -> None:
    """Collects once and shows a table of the sources. `waspada run` collects for good."""
    if not once:
        raise InputError("`waspada crawl` needs --once.", hint="For good, use `waspada run`.")
    settings, store = _with_sources(data)
    store.close()
    with data_dir_lock(settings.data_dir), progress_bar() as bar:
        task = bar.add_task("Mengumpulkan", total=None)
        report = collect_once(settings, source_ids=source, progress=lambda at: show_progress(bar, task, at))
    results.print(crawl_table(report))


def show_progress(bar: Bar, task: TaskID, at: Progress) -> None:
    """One step of a crawl on a bar: sources and pages together."""
    total = at.sources_total + at.pages_total
    bar.update(task, completed=at.sources_done + at.pages_done, total=total or None)


def crawl_table(report: CrawlReport) -> Table:
    table = Table(title=f"{report.new} new items from {len(report.rows)} sources in {report.seconds:.0f} s")
    for column in ("source", "state", "new", "changed", "unchanged", "blocked", "failed", "why"):
        table.add_column(column, justify="left" if column in {"source", "state", "why"} else "right")
    for row in report.rows:
        counts = (row.new, row.changed, row.unchanged, row.blocked, row.failed)
        table.add_row(row.source_id, row.state, *map(str, counts), escape(row.why))
    return table


@sources_app.command("list")
def sources_list(data: DataOption = None) -> None:
    """Every source with its state."""
    _, store = _with_sources(data)
    table = Table("id", "name", "kind", "region", "verified", "enabled", "state", "next poll")
    with store.read() as session:
        for row in service.list_sources(session):
            flags = ["yes" if flag else "no" for flag in (row.verified, row.enabled)]
            state = "parked" if row.parked else row.state
            next_poll = f"{row.next_poll_at:%Y-%m-%d %H:%M}Z"
            table.add_row(row.id, escape(row.name), row.kind, row.region or "", *flags, state, next_poll)
    results.print(table)


@sources_app.command("add")
def sources_add(
    url: str,
    name: Annotated[str, typer.Option(help="Name of the source.")] = "",
    outlet: Annotated[str, typer.Option(help="Name of the outlet.")] = "",
    kind: Annotated[SourceKind, typer.Option(help="What stands at the address.")] = SourceKind.RSS,
    role: Annotated[SourceRole, typer.Option(help="Who speaks there.")] = SourceRole.NEWS,
    region: Annotated[str | None, typer.Option(help="Home region, a name or a Kemendagri code.")] = None,
    zone: Annotated[str, typer.Option(help="Zone of times without one.")] = "WITA",
    data: DataOption = None,
) -> None:
    """Adds a source; it is polled at the next turn."""
    _, store = _with_sources(data)
    new = NewSource(url=url, name=name, outlet=outlet, kind=kind, role=role, region=region, zone=zone)
    source_id = store.retrying(lambda session: service.add_source(session, new, utc_now()))
    messages.print(f"Source {source_id} added, unverified. Try it with: waspada sources check {source_id}")


@sources_app.command("check")
def sources_check(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Sources to try; all if none.")] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Note which are verified.")] = False,
    data: DataOption = None,
) -> None:
    """Tries sources and reports; stores no items."""
    settings, store = _with_sources(data)
    store.close()
    with progress_bar() as bar:
        task = bar.add_task("Memeriksa", total=None)
        found = check_sources(settings, ids or None, fix=fix, progress=lambda at: show_progress(bar, task, at))
    results.print(_check_table(found))


def _check_table(found: list[CheckResult]) -> Table:
    table = Table("source", "state", "HTTP", "entries", "newest", "verified", "problem")
    for one in found:
        newest = f"{one.newest:%Y-%m-%d %H:%M}Z" if one.newest else ""
        verified = "yes" if one.now_verified else "no"
        status = str(one.http_status or "")
        table.add_row(one.source_id, one.state, status, str(one.entries), newest, verified, escape(one.problem))
    return table


@sources_app.command("failures")
def sources_failures(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, newest first.")] = 50,
    data: DataOption = None,
) -> None:
    """Articles that were announced and never got: given up or refused, and why."""
    _, store = _with_sources(data)
    table = Table("source", "state", "tries", "why", "address")
    with store.read() as session:
        for page in repository.failed_pages(session, limit):
            table.add_row(page.source_id, page.state, str(page.attempts), escape(page.detail), escape(page.url))
    results.print(table)


@sources_app.command("disable")
def sources_disable(source_id: str, data: DataOption = None) -> None:
    """Stops polling a source; what it gave stays."""
    _switch(source_id, False, data)


@sources_app.command("enable")
def sources_enable(source_id: str, data: DataOption = None) -> None:
    """Polls a source again."""
    _switch(source_id, True, data)


def _switch(source_id: str, on: bool, data: Path | None) -> None:
    _, store = _with_sources(data)
    store.retrying(lambda session: service.set_enabled(session, source_id, on))
    messages.print(f"Source {source_id} is {'on' if on else 'off'}.")


@sources_app.command("import")
def sources_import(file: Path, data: DataOption = None) -> None:
    """Adds the feeds of an OPML file."""
    _, store = _with_sources(data)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise InputError(f"The file {file} cannot be read: {error.strerror}.") from None
    new = read_opml(content)
    _show_import(store.retrying(lambda session: service.add_sources(session, new, utc_now())))


def _show_import(report: ImportReport) -> None:
    messages.print(f"{len(report.added)} added, {len(report.known)} known already.")
    for problem in report.problems:
        messages.print(f"[red]not added:[/red] {escape(problem)}", soft_wrap=True)
    if report.problems:
        raise typer.Exit(1)


@sources_app.command("export")
def sources_export(data: DataOption = None) -> None:
    """The source list as OPML, on standard output."""
    _, store = _with_sources(data)
    with store.read() as session:
        sys.stdout.buffer.write(write_opml(service.list_sources(session), utc_now()))


def _with_sources(data: Path | None) -> tuple[Settings, Store]:
    """The store with the default sources in it, whichever command comes first."""
    settings = settings_of(data)
    if settings.is_embedded:
        prepare_data_dir(settings)
    store = open_store(settings)
    store.retrying(lambda session: service.ensure_defaults(session, utc_now(), settings.sources_file))
    return settings, store
