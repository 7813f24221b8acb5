"""The one spider: takes due sources and waiting pages from the store, asks for them, hands the answers to the keeper.

`start()` never ends in service mode; it wakes up when something was finished or after a tick. All database work and all
parsing happen in one worker thread, so that slow pages and a locked database never stop the network.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from scrapy import Request, Spider
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler import urls
from crawler.keeper import NOTHING, Keeper
from crawler.lanes import Lanes
from crawler.outcomes import PollRead, Problem, problem_of, read_poll
from crawler.polite import HeldBackError, SlotMiddleware, slot_of
from crawler.replies import reply_of
from crawler.types import Job, Mode, Progress, Reply
from waspada.clock import utc_now
from waspada.errors import WaspadaError
from waspada.sources import policy
from waspada.sources.types import Fault, PollOutcome, Source, SourceState, WaitingPage

T = TypeVar("T")
#: Pages taken from the database at a time; the rest wait there.
MAX_PAGES_IN_FLIGHT = 200
_PAUSES = (429, 503)
_PAUSE_AFTER_429 = timedelta(minutes=10)


class CollectorSpider(Spider):
    name = "waspada"

    def __init__(
        self, keeper: Keeper, job: Job, max_body_bytes: int, emit: Callable[[Progress], None], **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self._keeper = keeper
        self._job = job
        self._limit = max_body_bytes
        self._emit = emit
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="waspada-keeper")
        self._lanes = Lanes()
        self._polling: set[str] = set()
        self._fetching: set[int] = set()
        self._wake = asyncio.Event()
        self._stopping = False
        self.fatal: WaspadaError | None = None

    async def start(self) -> AsyncIterator[Request]:
        """Requests for as long as there are any (once, check) or until stopped (service)."""
        try:
            if self._job.mode is not Mode.SERVICE:
                self._queue_polls(await self._work(self._keeper.first_sources))
            while not self._is_over():
                self._wake.clear()
                await self._refill()
                for request in self._lanes.take():
                    yield request
                if not self._polling and not self._fetching and self._job.mode is not Mode.SERVICE:
                    return
                await self._pause()
        except WaspadaError as error:
            self.stop(error)

    def stop(self, error: WaspadaError | None = None) -> None:
        """No new requests; `error` is what the operator is told."""
        self.fatal = self.fatal or error
        self._stopping = True
        self._wake.set()

    def closed(self, reason: str) -> None:
        self._worker.shutdown(wait=True)

    def _is_over(self) -> bool:
        orphaned = self._job.parent_pid is not None and os.getppid() != self._job.parent_pid
        return self._stopping or orphaned

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), self._job.tick_seconds)
        except TimeoutError:
            return

    async def _refill(self) -> None:
        """Queues what is due; a page stays in the database until there is room for it."""
        if self._job.mode is Mode.SERVICE:
            due = await self._work(self._keeper.due_sources)
            self._queue_polls([source for source in due if source.id not in self._polling])
        if self._job.mode is not Mode.CHECK and len(self._fetching) <= MAX_PAGES_IN_FLIGHT // 4:
            room = MAX_PAGES_IN_FLIGHT - len(self._fetching)
            for page in await self._work(partial(self._keeper.waiting_pages, room, list(self._fetching))):
                self._fetching.add(page.id)
                self._lanes.add(self._page_request(page))

    def _queue_polls(self, sources: list[Source]) -> None:
        for source in reversed(sources):
            self._polling.add(source.id)
            self._lanes.add(self._poll_request(source), first=True)

    def _poll_request(self, source: Source) -> Request:
        headers = {} if self._job.mode is Mode.CHECK else policy.validators(source.poll, utc_now())
        return Request(
            source.url,
            callback=self.on_poll,
            errback=self.on_poll_failed,
            cb_kwargs={"source": source, "conditional": bool(headers)},
            headers=headers,
            dont_filter=True,
            meta={"download_slot": slot_of(source.url)},
        )

    def _page_request(self, page: WaitingPage) -> Request:
        url = urls.whole_article(page.url)
        self._keeper.tally.pages_total += 1
        return Request(
            url,
            callback=self.on_page,
            errback=self.on_page_failed,
            cb_kwargs={"page": page},
            dont_filter=True,
            meta={"download_slot": slot_of(url)},
        )

    async def on_poll(self, response: Response, source: Source, conditional: bool) -> None:
        reply = self._taken(response)
        await self._settle_poll(source, self._poll_answered(reply, source, conditional))

    async def on_poll_failed(self, failure: Failure) -> None:
        request: Request = failure.request  # type: ignore[attr-defined]
        error = failure.value
        problem = Problem(str(error), Fault.SOFT) if isinstance(error, HeldBackError) else self._problem(error, request)
        wait = error.wait if isinstance(error, HeldBackError) else None
        source: Source = request.cb_kwargs["source"]
        await self._settle_poll(source, self._poll_failed(source, problem, wait))

    async def on_page(self, response: Response, page: WaitingPage) -> None:
        reply = self._taken(response)
        self._free(page.url)
        await self._settle_page(page, self._work(partial(self._keeper.read_page, page, reply)))

    async def on_page_failed(self, failure: Failure) -> None:
        request: Request = failure.request  # type: ignore[attr-defined]
        page: WaitingPage = request.cb_kwargs["page"]
        error = failure.value
        if isinstance(error, HeldBackError):
            work = partial(self._keeper.hold_page, page, error.wait, str(error))
        else:
            problem = self._problem(error, request)
            if problem.fault is not Fault.HARD and (slots := self._slots()):
                slots.silent(request.url)
            final, blocked = problem.fault is Fault.HARD, problem.state is SourceState.BLOCKED
            work = partial(self._keeper.fail_page, page, problem.detail, final=final, blocked=blocked)
        self._free(page.url)
        await self._settle_page(page, self._work(work))

    async def _poll_answered(self, reply: Reply, source: Source, conditional: bool) -> None:
        if self._job.mode is Mode.CHECK:  # judged as if never read before
            source = replace(source, poll=replace(source.poll, body_sha256=None))
        read = await self._work(partial(self._read, source, reply, conditional))
        if read.parsed.children:
            read = await self._with_children(source, read)
        save = self._keeper.note_check if self._job.mode is Mode.CHECK else self._keeper.save_poll
        await self._work(partial(save, source, read))

    async def _poll_failed(self, source: Source, problem: Problem, wait: timedelta | None = None) -> None:
        outcome = PollOutcome(problem.state, problem.fault, retry_after=wait, detail=problem.detail)
        save = self._keeper.note_check if self._job.mode is Mode.CHECK else self._keeper.save_poll
        await self._work(partial(save, source, PollRead(outcome, NOTHING)))

    async def _with_children(self, source: Source, index: PollRead) -> PollRead:
        """A sitemap index is read with the sitemaps it points to, as one poll; the index alone proves no change."""
        announced, entries, notes = list(index.parsed.announcements), index.parsed.entries, [index.outcome.detail]
        for url in index.parsed.children:
            request = Request(url, dont_filter=True, meta={"download_slot": slot_of(url)})
            try:
                engine: Any = self.crawler.engine
                reply = self._taken(await engine.download_async(request))
                child = await self._work(partial(self._read, replace(source, url=reply.url), reply, False))
            except Exception as error:
                notes.append(f"{url}: {self._problem(error, request).detail}")
                continue
            notes.append("" if child.outcome.is_good else f"{url}: {child.outcome.detail}")
            announced.extend(child.parsed.announcements)
            entries += child.parsed.entries
        announced = announced[: policy.MAX_ENTRIES]
        moved = index.outcome.state is SourceState.MOVED
        state = SourceState.MOVED if moved else SourceState.OK if entries else SourceState.EMPTY
        detail = "; ".join(filter(None, notes))
        outcome = replace(
            index.outcome, state=state, entries=entries, detail=detail, etag=None, last_modified=None, body_sha256=None
        )
        return PollRead(outcome, replace(index.parsed, announcements=tuple(announced), entries=entries))

    def _read(self, source: Source, reply: Reply, conditional: bool) -> PollRead:
        return read_poll(source, reply, conditional=conditional, limit_bytes=self._limit, now=utc_now())

    def _problem(self, error: BaseException | None, request: Request) -> Problem:
        return problem_of(error, request.url, self._limit)

    def _taken(self, response: Response) -> Reply:
        """The answer; a pause that it asks for holds from now on."""
        reply = reply_of(response)
        self._keeper.tally.requests += 1
        slots = self._slots()
        if slots is not None:
            slots.answered(reply.url)
            wait = reply.retry_after or (_PAUSE_AFTER_429 if reply.status == 429 else None)
            if reply.status in _PAUSES and wait:
                slots.hold(reply.url, min(wait, policy.MAX_RETRY_AFTER))
        return reply

    def _slots(self) -> SlotMiddleware | None:
        return self.crawler.get_downloader_middleware(SlotMiddleware)

    def _free(self, url: str) -> None:
        self._lanes.free(url)
        self._wake.set()

    async def _settle_poll(self, source: Source, work: Awaitable[None]) -> None:
        async def broke(error: Exception) -> None:
            detail = f"this answer could not be handled ({type(error).__name__}: {error})"
            await self._poll_failed(source, Problem(detail, Fault.SOFT))

        await self._settle(work, broke)
        self._polling.discard(source.id)
        self._free(source.url)
        self._emit(self._keeper.tally.progress(source.id))

    async def _settle_page(self, page: WaitingPage, work: Awaitable[Any]) -> None:
        async def broke(error: Exception) -> None:
            detail = f"this page could not be handled ({type(error).__name__}: {error})"
            await self._work(partial(self._keeper.fail_page, page, detail))

        await self._settle(work, broke)
        self._fetching.discard(page.id)
        self._wake.set()
        self._emit(self._keeper.tally.progress(page.url))

    async def _settle(self, work: Awaitable[Any], broke: Callable[[Exception], Awaitable[None]]) -> None:
        """Handles one answer. A store that cannot be used ends the collector; any other error ends this answer only,
        with the reason kept where the operator looks."""
        try:
            try:
                await work
            except WaspadaError:
                raise
            except Exception as error:
                await broke(error)
        except WaspadaError as error:
            self.stop(error)

    async def _work(self, function: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._worker, function)
