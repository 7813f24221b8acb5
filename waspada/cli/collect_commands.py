"""`waspada crawl` and `waspada sources`: the source list, and collecting from it once."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import Progress as Bar
from rich.progress import TaskID
from rich.table import Table

from crawler.process import check_sources, collect_once
from crawler.types import CheckResult, CrawlReport, Progress
from waspada.cli.add_source import Given, add_found, with_scheme
from waspada.cli.common import DataOption, messages, progress_bar, results, settings_of
from waspada.clock import DEFAULT_ZONE_NAME, utc_now
from waspada.errors import InputError, NotFoundError
from waspada.jobs.lock import data_dir_lock
from waspada.places import resolve_region
from waspada.settings import Settings, prepare_data_dir
from waspada.sources import pages, service
from waspada.sources.addresses import post_kind
from waspada.sources.coverage import regions_in
from waspada.sources.extras import missing_extra, unread
from waspada.sources.health import silent_for
from waspada.sources.home import zone_of_region
from waspada.sources.opml import read_opml, write_opml
from waspada.sources.service import ImportReport
from waspada.sources.types import (
    WORKING_STATES,
    NewSource,
    RegionCoverage,
    SourceHealth,
    SourceKind,
    SourceRole,
)
from waspada.store import Store, open_store

sources_app = typer.Typer(no_args_is_help=True, help="The source list.")

_KIND_HELP = (
    "Take the address as it is; this stands there. Public posts: mastodon (https://INSTANCE/tags/NAME, .../public),"
    " bluesky (https://jetstream.us-east.bsky.network/?words=kalsel,banjarmasin&langs=id),"
    " youtube (https://www.youtube.com/channel/ID, .../watch?v=ID)."
)
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
    settings, store = with_sources(data)
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
    _, store = with_sources(data)
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
    kind: Annotated[SourceKind | None, typer.Option(help=_KIND_HELP)] = None,
    role: Annotated[SourceRole | None, typer.Option(help="Who speaks there.")] = None,
    region: Annotated[str | None, typer.Option(help="Home region, a name or a Kemendagri code.")] = None,
    zone: Annotated[str | None, typer.Option(help="Zone of times without one.")] = None,
    pick: Annotated[int | None, typer.Option(min=1, help="Take this number of what is found.")] = None,
    discovery: Annotated[
        bool, typer.Option("--discovery/--no-discovery", help="Look what stands at the address.")
    ] = True,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Add the best without asking.")] = False,
    listing_selector: Annotated[
        str | None, typer.Option(help="CSS of the links on a listing page, where they are not found without.")
    ] = None,
    data: DataOption = None,
) -> None:
    """Looks what can be followed at an address, shows it, asks, and adds it; it is polled at the next turn.

    What you give wins over what is found. With --kind or --no-discovery the address is taken as it is, and so is one
    of YouTube, of Bluesky's Jetstream, or of an instance's public timeline.
    """
    if kind is None and (kind := _kind_by_address(url)) is not None:
        url = with_scheme(url)
        messages.print(f"Taken as the kind {kind}, by its address; nothing was asked for.")
    looks = discovery and kind is None
    if pick is not None and not looks:
        raise InputError("`--pick` chooses among what is found.", hint="Leave out --kind and --no-discovery.")
    if listing_selector is not None and not looks and kind is not SourceKind.HTML:
        raise InputError("`--listing-selector` is for a page of headlines.", hint="Add `--kind html`.")
    settings, store = with_sources(data)
    if looks:
        given = Given(name, outlet, role, region, zone, listing_selector)
        source_id = add_found(settings, store, url, given, pick=pick, yes=yes)
        messages.print(f"Source {source_id} added; it is polled at the next turn.")
        return
    new = NewSource(
        url=url,
        name=name,
        outlet=outlet,
        kind=kind or SourceKind.RSS,
        role=role,
        region=region,
        zone=zone or _zone_at(region),
        listing_selector=listing_selector,
    )
    source_id = store.retrying(lambda session: service.add_source(session, new, utc_now()))
    messages.print(f"Source {source_id} added, unverified. Try it with: waspada sources check {source_id}")
    if missing := missing_extra(new.kind):
        messages.print(f"[red]It is not read yet:[/red] {escape(missing)}", soft_wrap=True)


def _zone_at(region: str | None) -> str:
    code = service.region_code(region)
    return zone_of_region(code) if code else DEFAULT_ZONE_NAME


def _kind_by_address(url: str) -> SourceKind | None:
    address = with_scheme(url)
    service.check_url(address)
    return post_kind(address)


@sources_app.command("check")
def sources_check(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Sources to try; all if none.")] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Note which are verified and where they moved; park those that fail.")
    ] = False,
    data: DataOption = None,
) -> None:
    """Tries sources and reports; stores no items."""
    settings, store = with_sources(data)
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


@sources_app.command("health")
def sources_health(
    region: Annotated[
        str | None,
        typer.Option(
            help="Only this region and who speaks for it, a name or a Kemendagri code.",
            show_default="WASPADA_REGION, and all sources",
        ),
    ] = None,
    data: DataOption = None,
) -> None:
    """Which sources are silent beyond their habit, and how well each kabupaten/kota can be heard."""
    asked = None if region is None else _region_code(region)
    settings, store = with_sources(data)
    code, now = asked or settings.region, utc_now()
    with store.read() as session:
        found = service.healths(session, now)
        covered = service.coverages(session, found, regions_in(code), now, within=code)
    speaking = {one.health.source.id for each in covered for one in each.sources}
    results.print(_health_table([one for one in found if asked is None or one.source.id in speaking], now))
    results.print(_coverage_table(covered))


def _region_code(region: str) -> str:
    code = resolve_region(region)
    if code is None:
        raise NotFoundError(f"There is no region {region!r}.", hint="Use a name or a Kemendagri code such as 63.03.")
    return code


def _health_table(found: list[SourceHealth], now: datetime) -> Table:
    table = Table("source", "state", "last item", "usual gap", "alarm", "7 days", "28 days", title="Sources")
    for one in sorted(found, key=lambda one: (not one.alarm, one.state in WORKING_STATES, one.state, one.source.id)):
        rings = (
            f"since {_moment(one.rings_at)}" if one.alarm else f"from {_moment(one.rings_at)}" if one.rings_at else ""
        )
        gap = f"{one.usual_gap / timedelta(hours=1):.0f} h" if one.usual_gap else "rhythm unknown"
        last = f"{_moment(one.last_at)} ({silent_for(one, now) // timedelta(hours=1)} h ago)" if one.last_at else "none"
        counts = (str(one.items_7_days), str(one.items_28_days))
        table.add_row(one.source.id, one.state, last, gap, rings, *counts)
    return table


def _coverage_table(covered: list[RegionCoverage]) -> Table:
    table = Table("code", "kabupaten/kota", "coverage", "sources", "last item", "7 days", "28 days", title="Coverage")
    for one in covered:
        working = sum(each.health.state in WORKING_STATES for each in one.sources)
        counts = (str(one.items_7_days), str(one.items_28_days))
        sources = f"{working} of {len(one.sources)} work"
        table.add_row(one.region.code, escape(one.region.name), one.state, sources, _moment(one.last_at), *counts)
    return table


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}Z" if moment else ""


@sources_app.command("failures")
def sources_failures(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, newest first.")] = 50,
    data: DataOption = None,
) -> None:
    """Articles that were announced and never got: given up or refused, and why."""
    _, store = with_sources(data)
    table = Table("source", "state", "tries", "why", "address")
    with store.read() as session:
        for page in pages.failed_pages(session, limit):
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
    _, store = with_sources(data)
    store.retrying(lambda session: service.set_enabled(session, source_id, on))
    messages.print(f"Source {source_id} is {'on' if on else 'off'}.")


@sources_app.command("terms")
def sources_terms(
    source_id: str,
    terms: Annotated[str, typer.Argument(help="What the outlet's terms say of this use, and who read them when.")],
    data: DataOption = None,
) -> None:
    """Notes beside a source what a person read in its terms."""
    _, store = with_sources(data)
    store.retrying(lambda session: service.set_terms(session, source_id, terms))
    messages.print(f"The terms of {source_id} are noted.")


@sources_app.command("set")
def sources_set(
    source_id: str,
    url: Annotated[str | None, typer.Option(help="New address, of the same kind.")] = None,
    region: Annotated[str | None, typer.Option(help="Home region, a name, a Kemendagri code, or `nasional`.")] = None,
    zone: Annotated[str | None, typer.Option(help="Zone of times without one.")] = None,
    selector: Annotated[str | None, typer.Option(help='CSS of an article\'s body; "" removes it.')] = None,
    listing_selector: Annotated[
        str | None, typer.Option(help='CSS of the links on a listing page; "" removes it.')
    ] = None,
    data: DataOption = None,
) -> None:
    """Changes what is given of a source; the rest, and what it gave, stays."""
    given = {"url": url, "region": region, "zone": zone, "selector": selector, "listing_selector": listing_selector}
    if all(value is None for value in given.values()):
        raise InputError("Nothing to change was given.", hint="See `waspada sources set --help`.")
    _, store = with_sources(data)
    store.retrying(lambda session: service.change_source(session, source_id, utc_now(), **given))
    messages.print(f"Source {source_id} changed. Try it with: waspada sources check {source_id}")


@sources_app.command("import")
def sources_import(file: Path, data: DataOption = None) -> None:
    """Adds the feeds of an OPML file."""
    _, store = with_sources(data)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise InputError(f"The file {file} cannot be read: {error.strerror}.") from None
    new = read_opml(content)
    report = store.retrying(lambda session: service.add_sources(session, new, utc_now()))
    with store.read() as session:
        for sentence in unread(row for row in service.list_sources(session) if row.id in report.added):
            messages.print(f"[red]{escape(sentence)}[/red]", soft_wrap=True)
    _show_import(report)


def _show_import(report: ImportReport) -> None:
    messages.print(f"{len(report.added)} added, {len(report.known)} known already.")
    _show_problems(report)
    if report.problems:
        raise typer.Exit(1)


def _show_problems(report: ImportReport) -> None:
    for problem in report.problems:
        messages.print(f"[red]not added:[/red] {escape(problem)}", soft_wrap=True)


@sources_app.command("export")
def sources_export(data: DataOption = None) -> None:
    """The source list as OPML, on standard output."""
    _, store = with_sources(data)
    with store.read() as session:
        sys.stdout.buffer.write(write_opml(service.list_sources(session), utc_now()))


def with_sources(data: Path | None) -> tuple[Settings, Store]:
    """The store with the default sources in it, whichever command comes first."""
    settings = settings_of(data)
    if settings.is_embedded:
        prepare_data_dir(settings)
    store = open_store(settings)
    report = store.retrying(lambda session: service.ensure_defaults(session, utc_now(), settings.sources_file))
    _show_problems(report)
    return settings, store
