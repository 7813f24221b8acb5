"""Running the collector. Twisted's reactor cannot start twice, so a single crawl runs in a process of its own.

The child writes nothing on standard output: its report, or its error, comes back through a pipe. It may be killed at
any moment; what it had saved is whole, and the next crawl goes on from there.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, SpawnContext
from typing import Any

from sqlalchemy.orm import Session

import waspada.errors
from crawler.types import BackfillReport, CheckResult, CrawlReport, Discovery, Job, Mode, Progress, Tally
from waspada import logs
from waspada.archive.service import archive_of
from waspada.clock import Days, utc_now
from waspada.errors import WaspadaError
from waspada.processes.heart import beating
from waspada.processes.types import ProcessRole
from waspada.settings import Settings
from waspada.sources import service
from waspada.sources.types import GOOD_STATES, PollOutcome, SourceState
from waspada.store.engine import open_store

STOP_WITHIN_SECONDS = 5.0
#: How the child comes to be: a fresh interpreter shares nothing with its parent.
CONTEXT: SpawnContext | ForkServerContext = multiprocessing.get_context("spawn")
ProgressCallback = Callable[[Progress], None]


def collect_once(
    settings: Settings,
    *,
    source_ids: Sequence[str] | None = None,
    allowed_hosts: frozenset[str] = frozenset(),
    only_allowed: bool = False,
    domain_delay_seconds: float | None = None,
    progress: ProgressCallback | None = None,
) -> CrawlReport:
    """Polls the named sources (or every enabled one) once and fetches all waiting pages; returns what came of it.

    Sources that failed last time or asked for a pause are left alone unless named. `allowed_hosts` are exact
    "host:port" exceptions from the guard against private addresses, for servers that the caller itself runs; with
    `only_allowed` nothing else is asked. Raises
    NotFoundError for an unknown id, StoreError when the database cannot be used, WaspadaError when the process died.
    """
    started = time.monotonic()
    job = Job(Mode.ONCE, _ids(source_ids), allowed_hosts, 0.5, only_allowed)
    tally = _in_child(settings, job, domain_delay_seconds, progress)
    rows = tuple(sorted(tally.rows.values(), key=lambda row: row.source_id))
    return CrawlReport(rows, time.monotonic() - started, tally.requests)


def backfill(
    settings: Settings,
    span: Days,
    *,
    source_ids: Sequence[str] | None = None,
    allowed_hosts: frozenset[str] = frozenset(),
    only_allowed: bool = False,
    domain_delay_seconds: float | None = None,
    walk_only: bool = False,
    progress: ProgressCallback | None = None,
) -> BackfillReport:
    """Fetches what the named sources (or every enabled one) published in `span`, days in the zone of each source.

    With `walk_only` the articles are put into the queue and left to the long-lived collector. Killed at any moment
    it goes on with the next call of the same span. Raises as `collect_once` does.
    """
    started = time.monotonic()
    job = Job(Mode.BACKFILL, _ids(source_ids), allowed_hosts, 0.5, only_allowed, span=span, walk_only=walk_only)
    tally = _in_child(settings, job, domain_delay_seconds, progress)
    rows = tuple(sorted(tally.filled.values(), key=lambda row: row.source_id))
    return BackfillReport(rows, time.monotonic() - started, tally.requests)


def check_sources(
    settings: Settings,
    ids: Sequence[str] | None = None,
    *,
    allowed_hosts: frozenset[str] = frozenset(),
    domain_delay_seconds: float | None = None,
    fix: bool = False,
    progress: ProgressCallback | None = None,
) -> list[CheckResult]:
    """Tries each source and reports; changes nothing, unless `fix`: then what is readable with entries is verified, no
    longer parked, and kept at the address that its server calls permanent; what fails for good is parked
    (`service.note_check`). When none of several can be read the fault is likely the desk's, and none is parked. Streams
    are read all the time and stay as they are, and so do sources that were not asked."""
    job = Job(Mode.CHECK, _ids(ids), allowed_hosts, 0.5)
    results = _in_child(settings, job, domain_delay_seconds, progress).checks
    return sorted(_noted(settings, results, fix), key=lambda result: result.source_id)


def discover(
    settings: Settings,
    url: str,
    *,
    region: str | None = None,
    allowed_hosts: frozenset[str] = frozenset(),
    domain_delay_seconds: float | None = None,
    progress: ProgressCallback | None = None,
) -> Discovery:
    """Looks what can be followed at an address, with at most 18 requests (`discovery.MAX_REQUESTS`); saves nothing.

    `region` is the outlet's home where somebody gave it. An address without a scheme is tried with https, then http.
    Raises InputError for what is no address, and for a site whose terms forbid this use.
    """
    service.check_url(url if "://" in url else f"https://{url}")
    job = Job(Mode.DISCOVER, None, allowed_hosts, 0.5, url=url, region=region)
    found = _in_child(settings, job, domain_delay_seconds, progress).discovery
    if found is None:
        raise WaspadaError(f"Looking at {url} was stopped before its end.", hint="Try it again.")
    return found


def collector_main(
    settings: Settings,
    *,
    allowed_hosts: frozenset[str] = frozenset(),
    only_allowed: bool = False,
    domain_delay_seconds: float | None = None,
    tick_seconds: float = 2.0,
) -> None:
    """The long-lived collector, to be the target of a process: polls what is due until SIGTERM or SIGINT, or until its
    parent is gone. Raises StoreError when the database cannot be used any more (the supervisor starts it again).
    """
    job = Job(Mode.SERVICE, None, allowed_hosts, tick_seconds, only_allowed)
    logs.configure(settings, "collector")
    store = open_store(settings)
    try:
        with beating(store, settings, ProcessRole.COLLECTOR):
            _run(settings, job, domain_delay_seconds, lambda _: None)
    finally:
        store.close()


def _ids(ids: Sequence[str] | None) -> tuple[str, ...] | None:
    return tuple(ids) if ids else None


def _in_child(
    settings: Settings, job: Job, domain_delay_seconds: float | None, progress: ProgressCallback | None
) -> Tally:
    ours, theirs = CONTEXT.Pipe(duplex=False)
    child = CONTEXT.Process(
        target=_child_main, args=(theirs, settings, job, domain_delay_seconds), name="waspada-collector", daemon=True
    )
    child.start()
    theirs.close()
    try:
        return _listen(ours, progress)
    except EOFError:
        child.join(STOP_WITHIN_SECONDS)
        raise WaspadaError(
            f"The collector process ended before its report (exit code {child.exitcode}).",
            hint="Nothing is lost: what it had fetched is saved, and the next crawl goes on from there.",
        ) from None
    finally:
        ours.close()
        _end(child)


def _listen(pipe: Connection, progress: ProgressCallback | None) -> Tally:
    while True:
        kind, value = pipe.recv()
        if kind == "report":
            tally: Tally = value
            return tally
        if kind == "error":
            name, message = value
            raise getattr(waspada.errors, name, WaspadaError)(message)
        if progress is not None:
            progress(value)


def _end(child: Any) -> None:
    child.join(1.0)
    if child.is_alive():
        child.terminate()
        child.join(STOP_WITHIN_SECONDS)
    if child.is_alive():
        child.kill()
        child.join()


def _child_main(pipe: Connection, settings: Settings, job: Job, domain_delay_seconds: float | None) -> None:
    def emit(progress: Progress) -> None:
        pipe.send(("progress", progress))

    try:
        pipe.send(("report", _run(settings, job, domain_delay_seconds, emit)))
    except WaspadaError as error:
        pipe.send(("error", (type(error).__name__, str(error))))
    except BrokenPipeError:
        return  # nobody listens any more
    except Exception as error:
        pipe.send(("error", ("WaspadaError", f"The collector failed ({type(error).__name__}: {error}).")))
        raise


def _run(settings: Settings, job: Job, domain_delay_seconds: float | None, emit: ProgressCallback) -> Tally:
    """One job in this process, to its end. The reactor is gone afterwards."""
    if job.mode is Mode.DISCOVER:
        return _discover(settings, job, domain_delay_seconds, emit)
    from crawler.filler import Filler
    from crawler.keeper import Keeper
    from crawler.posts.polls import PostApis
    from crawler.spider import CollectorSpider

    store = open_store(settings)
    try:
        archive = archive_of(settings) if settings.archive_pages else None
        keeper = Filler(store, job, archive) if job.mode is Mode.BACKFILL else Keeper(store, job, archive)
        apis = PostApis(settings, job.allowed, only_allowed=job.only_allowed)
        given = {"keeper": keeper, "job": job, "apis": apis}
        _scrape(CollectorSpider, settings, job, domain_delay_seconds, emit, given)
        return keeper.tally
    finally:
        store.close()


def _discover(settings: Settings, job: Job, domain_delay_seconds: float | None, emit: ProgressCallback) -> Tally:
    from crawler.discovery import explore
    from crawler.explorer import ExplorerSpider

    listed = service.read_default_sources(settings.sources_file)
    steps = explore(job.url, listed, settings.max_body_bytes, job.region)
    spider = _scrape(ExplorerSpider, settings, job, domain_delay_seconds, emit, {"steps": steps})
    return Tally(discovery=spider.found)


def _scrape(
    spider_class: type,
    settings: Settings,
    job: Job,
    domain_delay_seconds: float | None,
    emit: ProgressCallback,
    given: Mapping[str, Any],
) -> Any:
    """Runs one spider to its end and returns it. Raises what it calls fatal."""
    from scrapy.crawler import AsyncCrawlerProcess

    from crawler.settings import scrapy_settings

    configured = scrapy_settings(settings, job.allowed, domain_delay_seconds, only_allowed=job.only_allowed)
    configured["LOG_INSTALL_ROOT_HANDLER"] = job.mode is not Mode.SERVICE  # the service has its own (waspada.logs)
    process = AsyncCrawlerProcess(configured)
    # It warns at every start that no Referer is sent on, as is meant. The process has just reset the levels below it.
    logging.getLogger("scrapy.downloadermiddlewares.redirect").setLevel(logging.ERROR)
    crawler = process.create_crawler(spider_class)
    process.crawl(crawler, max_body_bytes=settings.max_body_bytes, emit=emit, **given)
    _stop_on_signals(crawler)
    process.start(install_signal_handlers=False)
    spider: Any = crawler.spider
    if spider is None:
        raise WaspadaError("The collector could not start.", hint="`waspada doctor` looks for the reason.")
    if spider.fatal is not None:
        raise spider.fatal
    return spider


def _stop_on_signals(crawler: Any) -> None:
    """The first signal ends the crawl; requests in the air get a moment, then the process goes (nothing is lost)."""
    from twisted.internet import reactor as installed

    reactor: Any = installed

    def stop() -> None:
        reactor.callLater(STOP_WITHIN_SECONDS, os._exit, 0)
        if crawler.spider is not None:
            crawler.spider.stop()
        if crawler._engine is not None and crawler.engine.running:
            import asyncio

            asyncio.ensure_future(crawler.stop_async())  # noqa: RUF006 (the reactor ends with it)

    def handle(_signum: int, _frame: object) -> None:
        reactor.callFromThread(stop)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)


def _noted(settings: Settings, results: Sequence[CheckResult], fix: bool) -> list[CheckResult]:
    """The results with what is known of each source; with `fix` they are written down first."""
    asked = [result for result in results if result.asked]
    parks = len(asked) == 1 or any(result.state in GOOD_STATES for result in asked)
    store = open_store(settings)
    try:
        with store.write() as session:
            return [_noted_one(session, result, fix, parks) for result in results]
    finally:
        store.close()


def _noted_one(session: Session, result: CheckResult, fix: bool, parks: bool) -> CheckResult:
    row = service.find(session, result.source_id)
    was, notes = row.verified, [result.problem]
    if fix and result.asked:
        outcome = PollOutcome(SourceState(result.state), result.fault, entries=result.entries)
        service.note_check(row, outcome, utc_now(), parks=parks)
        if result.moved_to and result.entries and service.follow_move(session, row, result.moved_to):
            notes.append("the list has its new address now")
    if fix and row.parked:
        notes.append("parked")
    return replace(result, was_verified=was, now_verified=row.verified, problem="; ".join(filter(None, notes)))
