"""Feeds handled a minute: one collector process beside a plain loop of httpx and feedparser, on the same server.

The server is a process of its own on loopback and answers at once. Feeds with an even number never change and say 304
to a condition; the others have one new entry at every request. Both sides read everything once before the clock starts.
Ours does all that the service does with a poll (robots.txt, parsing, one transaction each), but fetches no articles;
the plain loop parses and keeps nothing. Wall time and processor time of the process are both given.
"""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from rich.table import Table

from benchmarks.collect_peers import plain_feeds
from benchmarks.collect_server import served
from benchmarks.shared import NotRunError, Report, table_of, verdict
from crawler.keeper import Keeper
from crawler.settings import CONCURRENT_REQUESTS
from crawler.types import Job, Mode, Progress
from waspada.clock import utc_now
from waspada.settings import Settings, load_settings
from waspada.sources.service import add_sources
from waspada.sources.types import NewSource, Source, WaitingPage
from waspada.store import open_store

FLOOR, GOAL = 1500, 4000


def tables(feeds: int, report: Report) -> Iterator[Table]:
    with served(feeds) as urls:
        ours = _ours(urls, report)
        plain = _in_process(plain_feeds, (urls, CONCURRENT_REQUESTS), report, "feeds: httpx and feedparser")
    heads = ("feeds a minute", "processor ms a feed", "304", "read", "failed", "floor 1,500, goal 4,000")
    table = table_of(f"{feeds:,} feeds, half of them unchanged, {CONCURRENT_REQUESTS} at a time", "way", *heads)
    for name, (seconds, cpu, unchanged, read, failed) in (("waspada", ours), ("httpx and feedparser", plain)):
        rate = 60 * feeds / seconds
        said = verdict(rate, FLOOR, GOAL) if name == "waspada" else ""
        table.add_row(
            name, f"{rate:,.0f}", f"{1000 * cpu / feeds:.1f}", f"{unchanged:,}", f"{read:,}", f"{failed:,}", said
        )
    yield table


Figures = tuple[float, float, int, int, int]


class FeedsOnly(Keeper):
    """The keeper without articles: they wait in the database, as they do while a crawl is busy."""

    started, spent_before = 0.0, 0.0

    def first_sources(self) -> list[Source]:
        found = super().first_sources()
        FeedsOnly.started, FeedsOnly.spent_before = time.monotonic(), time.process_time()
        return found

    def waiting_pages(self, limit: int, skip: Sequence[int]) -> list[WaitingPage]:
        return []


def _ours(urls: list[str], report: Report) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(data_dir=Path(folder))
        _add(settings, urls)
        _in_process(_crawl, (settings, urls), report, "feeds: waspada, the first time")
        return _in_process(_crawl, (settings, urls), report, "feeds: waspada")


def _in_process(work: Any, arguments: tuple[Any, ...], report: Report, name: str) -> Figures:
    """Runs one side in a process of its own, which sends (done, total) and at last its figures."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(theirs, *arguments), daemon=True)
    process.start()
    theirs.close()
    while True:
        try:
            message = ours.recv()
        except EOFError:
            process.join()
            raise NotRunError(f"{name}: the process ended with {process.exitcode}") from None
        if len(message) > 2:
            process.join()
            figures: Figures = message
            return figures
        report(name, *message)


def _add(settings: Settings, urls: list[str]) -> None:
    store = open_store(settings)
    with store.write() as session:
        add_sources(
            session, [NewSource(url=url, id=f"s{n}", outlet="Kabar Uji") for n, url in enumerate(urls)], utc_now()
        )
    store.close()


def _crawl(pipe: Connection, settings: Settings, urls: list[str]) -> None:
    """One crawl in this process; the reactor is gone afterwards."""
    import crawler.keeper
    from crawler.process import _run

    crawler.keeper.Keeper = FeedsOnly  # type: ignore[misc]
    allowed = frozenset(url.split("/")[2] for url in urls)

    def show(progress: Progress) -> None:
        if progress.sources_done % 20 == 0:
            pipe.send((progress.sources_done, progress.sources_total))

    tally = _run(settings, Job(Mode.ONCE, None, allowed, 0.5, True), 0.0, show)
    states = [row.state for row in tally.rows.values()]
    unchanged, read = states.count("unchanged"), states.count("ok")
    seconds = time.monotonic() - FeedsOnly.started
    pipe.send((seconds, time.process_time() - FeedsOnly.spent_before, unchanged, read, len(states) - unchanged - read))
