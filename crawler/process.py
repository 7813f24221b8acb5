"""Running the collector. Twisted's reactor cannot start twice, so a single crawl runs in a process of its own.

The child writes nothing on standard output: its report, or its error, comes back through a pipe. It may be killed at
any moment; what it had saved is whole, and the next crawl goes on from there.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any

import waspada.errors
from crawler.types import CheckResult, CrawlReport, Job, Mode, Progress, Tally
from waspada.errors import WaspadaError
from waspada.settings import Settings
from waspada.sources import service
from waspada.sources.types import SourceState
from waspada.store.engine import open_store

STOP_WITHIN_SECONDS = 5.0
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
    job = Job(Mode.ONCE, _ids(source_ids), allowed_hosts, 0.5, os.getpid(), only_allowed)
    tally = _in_child(settings, job, domain_delay_seconds, progress)
    rows = tuple(sorted(tally.rows.values(), key=lambda row: row.source_id))
    return CrawlReport(rows, time.monotonic() - started, tally.requests)


def check_sources(
    settings: Settings,
    ids: Sequence[str] | None = None,
    *,
    allowed_hosts: frozenset[str] = frozenset(),
    domain_delay_seconds: float | None = None,
    fix: bool = False,
    progress: ProgressCallback | None = None,
) -> list[CheckResult]:
    """Tries each source and reports; changes nothing, unless `fix` sets which are verified (readable, with entries)."""
    job = Job(Mode.CHECK, _ids(ids), allowed_hosts, 0.5, os.getpid())
    results = _in_child(settings, job, domain_delay_seconds, progress).checks
    return sorted(_verified(settings, results, fix), key=lambda result: result.source_id)


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
    job = Job(Mode.SERVICE, None, allowed_hosts, tick_seconds, os.getppid(), only_allowed)
    _run(settings, job, domain_delay_seconds, lambda _: None)


def _ids(ids: Sequence[str] | None) -> tuple[str, ...] | None:
    return tuple(ids) if ids else None


def _in_child(
    settings: Settings, job: Job, domain_delay_seconds: float | None, progress: ProgressCallback | None
) -> Tally:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(
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
    """One crawl in this process, to its end. The reactor is gone afterwards."""
    from scrapy.crawler import AsyncCrawlerProcess

    from crawler.keeper import Keeper
    from crawler.settings import scrapy_settings
    from crawler.spider import CollectorSpider

    store = open_store(settings)
    try:
        keeper = Keeper(store, job)
        process = AsyncCrawlerProcess(
            scrapy_settings(settings, job.allowed, domain_delay_seconds, only_allowed=job.only_allowed)
        )
        crawler = process.create_crawler(CollectorSpider)
        process.crawl(crawler, keeper=keeper, job=job, max_body_bytes=settings.max_body_bytes, emit=emit)
        _stop_on_signals(crawler)
        process.start(install_signal_handlers=False)
        spider: Any = crawler.spider
        if spider is not None and spider.fatal is not None:
            raise spider.fatal
        return keeper.tally
    finally:
        store.close()


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


def _verified(settings: Settings, results: Sequence[CheckResult], fix: bool) -> list[CheckResult]:
    from dataclasses import replace

    readable = {SourceState.OK.value, SourceState.MOVED.value}
    store = open_store(settings)
    try:
        with store.write() as session:
            found = []
            for result in results:
                row = service.find(session, result.source_id)
                was = row.verified
                if fix:
                    row.verified = result.state in readable and result.entries > 0
                found.append(replace(result, was_verified=was, now_verified=row.verified))
            return found
    finally:
        store.close()
