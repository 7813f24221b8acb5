"""`waspada backfill`: what the sources published between two days."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TaskID, TextColumn
from rich.progress import Progress as Bar
from rich.table import Table

from crawler.process import backfill as fill
from crawler.types import BackfillReport, Progress
from waspada.cli.collect_commands import SourceOption, with_sources
from waspada.cli.common import DataOption, day_of, messages, results
from waspada.clock import Days, local_day, utc_now
from waspada.errors import InputError
from waspada.jobs.lock import data_dir_lock

MAX_DAYS = 3660
_STOP_RUN = (
    "Stop `waspada run` meanwhile; with --walk-only that is for minutes, and the articles come when it runs again."
)


def register(app: typer.Typer) -> None:
    app.command()(backfill)


def backfill(
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="First day, such as 2025-02-01.")],
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="Last day, included.")],
    source: SourceOption = None,
    walk_only: Annotated[
        bool, typer.Option("--walk-only", help="Only find the articles; `waspada run` fetches them after the news.")
    ] = False,
    data: DataOption = None,
) -> None:
    """Fills in what the sources published between two days; stopped at any moment, the same command goes on.

    The past is read from the sitemaps of a site, else from the older pages of a WordPress feed. A source that is one
    section of a site gets the articles of the whole host. `waspada run` must be stopped meanwhile: with --walk-only
    that is for minutes, and the articles are fetched when it runs again.
    """
    settings, store = with_sources(data)
    store.close()
    span = days_of(first, last, local_day(utc_now(), settings.zone_info))
    with data_dir_lock(settings.data_dir, hint=_STOP_RUN), _bar() as bar:
        task = bar.add_task("Mengisi", total=None, left="")
        report = fill(settings, span, source_ids=source, walk_only=walk_only, progress=lambda at: _show(bar, task, at))
    results.print(table_of(report, span))


def days_of(first: str, last: str, today: date) -> Days:
    """The span of two ISO dates. Raises InputError for one that is none, turned around, ahead, or over ten years."""
    span = Days(day_of(first), day_of(last))
    if span.first > span.last:
        raise InputError(f"The span ends ({last}) before it begins ({first}).", hint="Swap --from and --to.")
    if span.last > today:
        raise InputError(f"The day {last} is still ahead.", hint=f"Take {today.isoformat()} at most.")
    if (span.last - span.first).days >= MAX_DAYS:
        raise InputError("The span is longer than ten years.", hint="Fill in one part after the other.")
    return span


def table_of(report: BackfillReport, span: Days) -> Table:
    """One row a source."""
    title = f"{report.new} new items of {span.first} to {span.last} from {len(report.rows)} sources"
    table = Table(title=f"{title} in {report.seconds:.0f} s")
    words = {"source", "way", "why"}
    for column in ("source", "way", "announced", "new", "known", "outside", "skipped", "failed", "waiting", "why"):
        table.add_column(column, justify="left" if column in words else "right")
    for row in report.rows:
        counts = (row.announced, row.new, row.known, row.outside, row.skipped, row.failed, row.waiting)
        table.add_row(row.source_id, row.method or "-", *map(str, counts), escape(row.why))
    return table


def time_left(seconds: float | None) -> str:
    """An estimate in the reader's words; "" where there is none yet."""
    if seconds is None:
        return ""
    if seconds < 90:
        return f"kira-kira {max(1, round(seconds))} detik lagi"
    if seconds < 5400:
        return f"kira-kira {round(seconds / 60)} menit lagi"
    return f"kira-kira {round(seconds / 3600)} jam lagi"


def _bar() -> Bar:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[left]}"),
    )
    return Bar(*columns, console=messages, transient=True, disable=not messages.is_terminal)


def _show(bar: Bar, task: TaskID, at: Progress) -> None:
    bar.update(
        task,
        completed=at.pages_done,
        total=at.pages_total or None,
        description=f"Mengisi: {at.sources_done}/{at.sources_total} sumber ditelusuri",
        left=time_left(at.seconds_left),
    )
