"""The one spider: takes due sources and waiting pages from the store, asks for them, hands the answers to the keeper.

`start()` never ends in service mode; it wakes up when something was finished or after a tick. All database work and all
parsing happen in one worker thread, so that slow pages and a locked database never stop the network.
"""

from __future__ import annotations

import asyncio
import math
import multiprocessing
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from threading import Thread
from typing import Any, TypeVar

from scrapy import Request, Spider
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler import urls
from crawler.backfill import Ask, Step, Walk
from crawler.filler import Filler
from crawler.keeper import NOTHING, Keeper, SplitPage
from crawler.lanes import Lanes
from crawler.outcomes import PollRead, Problem, problem_of, read_poll
from crawler.polite import HeldBackError, SlotMiddleware, slot_of
from crawler.posts.polls import PostApis
from crawler.replies import reply_of
from crawler.types import Job, Mode, Progress, Reply
from waspada.clock import utc_now
from waspada.errors import WaspadaError
from waspada.sources import policy
from waspada.sources.types import API_KINDS, Fault, PollOutcome, Source, SourceState, WaitingPage

T = TypeVar("T")
#: Pages taken from the database at a time; the rest wait there.
MAX_PAGES_IN_FLIGHT, MAX_BACKFILLED_IN_FLIGHT = 200, 100
#: Polls of APIs at a time: each is a few calls, one after another.
MAX_API_POLLS = 4


class CollectorSpider(Spider):
    name = "waspada"

    def __init__(
        self,
        keeper: Keeper,
        job: Job,
        max_body_bytes: int,
        emit: Callable[[Progress], None],
        apis: PostApis,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._keeper = keeper
        self._job = job
        self._limit = max_body_bytes
        self._emit = emit
        self._apis = apis
        self._api_turns = asyncio.Semaphore(MAX_API_POLLS)
        self._api_polls: set[asyncio.Task[None]] = set()
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="waspada-keeper")
        self._lanes = Lanes()
        self._polling: set[str] = set()
        self._fetching: set[int] = set()
        self._backfilling: set[int] = set()
        self._backfilled_at = -math.inf
        self._walking: set[str] = set()
        self._stopped: frozenset[str] = frozenset()
        self._stops_read_at = -math.inf
        self._wake = asyncio.Event()
        self._stopping = False
        self.fatal: WaspadaError | None = None

    async def start(self) -> AsyncIterator[Request]:
        """Requests for as long as there are any (once, check) or until stopped (service)."""
        try:
            if isinstance(self._keeper, Filler):
                await self._start_walks(self._keeper)
            elif self._job.mode is not Mode.SERVICE:
                self._queue_polls(await self._work(self._keeper.first_sources))
            while not self._is_over():
                self._wake.clear()
                await self._refill()
                for request in self._lanes.take():
                    yield request
                if self._is_idle() and self._job.mode is not Mode.SERVICE:
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
        parent = multiprocessing.parent_process()
        return self._stopping or (parent is not None and not parent.is_alive())

    def _is_idle(self) -> bool:
        return not (self._polling or self._fetching or self._backfilling or self._walking)

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), self._job.tick_seconds)
        except TimeoutError:
            return

    async def _refill(self) -> None:
        """Queues what is due; a page stays in the database until there is room for it. What waits of a source whose
        collection was stopped meanwhile is let go: its pages wait in the database."""
        if time.monotonic() - self._stops_read_at >= self._job.tick_seconds:
            self._stops_read_at = time.monotonic()
            self._let_go(frozenset(await self._work(self._keeper.stopped)))
        if self._job.mode is Mode.SERVICE:
            due = await self._work(self._keeper.due_sources)
            self._queue_polls([source for source in due if source.id not in self._polling])
        if self._job.mode is not Mode.CHECK and len(self._fetching) <= MAX_PAGES_IN_FLIGHT // 4:
            room = MAX_PAGES_IN_FLIGHT - len(self._fetching)
            for page in await self._work(partial(self._keeper.waiting_pages, room, list(self._fetching))):
                self._fetching.add(page.id)
                self._lanes.add(self._page_request(page))
        if self._may_take_backfilled():
            self._backfilled_at = time.monotonic()
            room = MAX_BACKFILLED_IN_FLIGHT - len(self._backfilling)
            for page in await self._work(partial(self._keeper.backfilled_pages, room, list(self._backfilling))):
                self._backfilling.add(page.id)
                self._lanes.add(self._page_request(page), later=True)

    def _let_go(self, stopped: frozenset[str]) -> None:
        self._stopped = stopped
        if not stopped:
            return
        for request in self._lanes.drop(lambda request: _source_of(request) in stopped):
            given = request.cb_kwargs
            if "page" in given:
                self._fetching.discard(given["page"].id)
                self._backfilling.discard(given["page"].id)
            elif "walk" in given:
                self._walking.discard(given["walk"].source.id)
            else:
                self._polling.discard(given["source"].id)

    def _may_take_backfilled(self) -> bool:
        """Once a tick: what many backfills left is too much to look through after every page. A backfill
        that has nothing else to do asks at once, for it ends when nothing is left."""
        if self._job.mode is Mode.CHECK or len(self._backfilling) > MAX_BACKFILLED_IN_FLIGHT // 4:
            return False
        is_out = self._job.mode is Mode.BACKFILL and not self._backfilling
        return is_out or time.monotonic() - self._backfilled_at >= self._job.tick_seconds

    def _queue_polls(self, sources: list[Source]) -> None:
        for source in reversed(sources):
            self._polling.add(source.id)
            if source.kind in API_KINDS:
                task = asyncio.get_running_loop().create_task(self._poll_api(source))
                self._api_polls.add(task)
                task.add_done_callback(self._api_polls.discard)
            else:
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
        if self._job.mode is not Mode.BACKFILL:  # there the queue itself is counted
            self._keeper.tally.pages_total += 1
        return Request(
            url,
            callback=self.on_page,
            errback=self.on_page_failed,
            cb_kwargs={"page": page},
            dont_filter=True,
            meta={"download_slot": slot_of(url)},
        )

    async def _start_walks(self, filler: Filler) -> None:
        for walk in await self._work(filler.first_walks):
            await self._go_on(filler, walk, walk.next())

    async def _go_on(self, filler: Filler, walk: Walk, step: Step | None) -> None:
        """Asks for the next step of a walk, before any page of its site; or ends the walk."""
        if step is None or self._is_over():
            self._walking.discard(walk.source.id)
            if step is None:
                await self._work(partial(filler.end_walk, walk))
            return
        self._walking.add(walk.source.id)
        request = Request(
            step.url,
            callback=self.on_step,
            errback=self.on_step_failed,
            cb_kwargs={"filler": filler, "walk": walk, "step": step},
            dont_filter=True,
            # robots.txt itself may always be read (RFC 9309)
            meta={"download_slot": slot_of(step.url), "dont_obey_robotstxt": step.ask is Ask.ROBOTS},
        )
        self._lanes.add(request, first=True)

    async def on_step(self, response: Response, filler: Filler, walk: Walk, step: Step) -> None:
        reply = self._taken(response)
        work = self._work(partial(filler.take_step, walk, step, reply, self._limit))
        await self._settle_step(filler, walk, step, work)

    async def on_step_failed(self, failure: Failure) -> None:
        request: Request = failure.request  # type: ignore[attr-defined]
        error = failure.value
        given = request.cb_kwargs
        filler, walk, step = given["filler"], given["walk"], given["step"]
        held = isinstance(error, HeldBackError)
        problem = self._problem(error, request)
        lasting = problem.fault is Fault.HARD
        work = self._work(partial(filler.fail_step, walk, step, problem.detail, held=held, lasting=lasting))
        await self._settle_step(filler, walk, step, work)

    async def _settle_step(self, filler: Filler, walk: Walk, step: Step, work: Awaitable[Step | None]) -> None:
        self._lanes.free(step.url)

        async def go() -> None:
            await self._go_on(filler, walk, await work)

        async def broke(error: Exception) -> None:
            detail = f"this answer could not be handled ({type(error).__name__}: {error})"
            failed = partial(filler.fail_step, walk, step, detail, lasting=True)
            await self._go_on(filler, walk, await self._work(failed))

        await self._settle(go(), broke)
        self._wake.set()
        self._emit(self._keeper.progress(walk.source.id))

    async def on_poll(self, response: Response, source: Source, conditional: bool) -> None:
        reply = self._taken(response)
        await self._settle_poll(source, self._poll_answered(reply, source, conditional))

    async def on_poll_failed(self, failure: Failure) -> None:
        request: Request = failure.request  # type: ignore[attr-defined]
        error = failure.value
        source: Source = request.cb_kwargs["source"]
        if isinstance(error, HeldBackError):
            work = self._work(partial(self._keeper.hold_poll, source, error.wait, str(error)))
        else:
            work = self._poll_failed(source, self._problem(error, request))
        await self._settle_poll(source, work)

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
            problem = self._no_answer(error, request)
            final, blocked = problem.fault is Fault.HARD, problem.state is SourceState.BLOCKED
            work = partial(self._keeper.fail_page, page, problem.detail, final=final, blocked=blocked)
        self._free(page.url)
        await self._settle_page(page, self._work(work))

    def _part_request(self, page: WaitingPage, split: SplitPage, url: str) -> Request:
        """A further page of an article: in the lane of its site, before any other page of it."""
        return Request(
            url,
            callback=self.on_part,
            errback=self.on_part_failed,
            cb_kwargs={"page": page, "split": split, "url": url},
            dont_filter=True,
            meta={"download_slot": slot_of(url)},
        )

    async def on_part(self, response: Response, page: WaitingPage, split: SplitPage, url: str) -> None:
        reply = self._taken(response)
        self._free(url)
        await self._settle_page(page, self._work(partial(self._keeper.read_part, page, split, reply)))

    async def on_part_failed(self, failure: Failure) -> None:
        request: Request = failure.request  # type: ignore[attr-defined]
        error, given = failure.value, request.cb_kwargs
        held = isinstance(error, HeldBackError)
        problem = Problem(str(error), Fault.SOFT) if held else self._no_answer(error, request)
        passing = problem.fault is not Fault.HARD
        work = partial(self._keeper.fail_part, given["page"], given["split"], problem.detail, passing=passing)
        self._free(given["url"])
        await self._settle_page(given["page"], self._work(work))

    async def _poll_api(self, source: Source) -> None:
        async with self._api_turns:
            if source.id in self._stopped:  # it waited for its turn meanwhile
                self._polling.discard(source.id)
                self._wake.set()
                return
            await self._settle_poll(source, self._api_answered(source))

    async def _api_answered(self, source: Source) -> None:
        errand = await self._work(partial(self._keeper.errand, source))
        read = await _in_thread(partial(self._apis.poll, source, errand))
        save = self._keeper.note_check if self._job.mode is Mode.CHECK else self._keeper.save_poll
        await self._work(partial(save, source, read))

    async def _poll_answered(self, reply: Reply, source: Source, conditional: bool) -> None:
        if self._job.mode is Mode.CHECK:  # judged as if never read before
            source = replace(source, poll=replace(source.poll, body_sha256=None))
        read = await self._work(partial(self._read, source, reply, conditional))
        if read.parsed.children:
            read = await self._with_children(source, read)
        save = self._keeper.note_check if self._job.mode is Mode.CHECK else self._keeper.save_poll
        await self._work(partial(save, source, read))

    async def _poll_failed(self, source: Source, problem: Problem) -> None:
        save = self._keeper.note_check if self._job.mode is Mode.CHECK else self._keeper.save_poll
        await self._work(partial(save, source, _unread(problem)))

    async def _with_children(self, source: Source, index: PollRead) -> PollRead:
        """A sitemap index is read with the sitemaps it points to, as one poll; the index alone proves no change. Where
        none of them can be read, the poll ends as the first of them."""
        announced, entries, notes = list(index.parsed.announcements), index.parsed.entries, [index.outcome.detail]
        outcomes: list[PollOutcome] = []
        for url in index.parsed.children:
            child = await self._child(source, url)
            outcomes.append(child.outcome)
            notes.append("" if child.outcome.is_good else f"{url}: {child.outcome.detail}")
            announced.extend(child.parsed.announcements)
            entries += child.parsed.entries
        if not any(outcome.is_good for outcome in outcomes):
            return PollRead(replace(outcomes[0], detail="; ".join(filter(None, notes))), NOTHING)
        announced = announced[: policy.MAX_ENTRIES]
        moved = index.outcome.state is SourceState.MOVED
        state = SourceState.MOVED if moved else SourceState.OK if entries else SourceState.EMPTY
        detail = "; ".join(filter(None, notes))
        outcome = replace(
            index.outcome, state=state, entries=entries, detail=detail, etag=None, last_modified=None, body_sha256=None
        )
        return PollRead(outcome, replace(index.parsed, announcements=tuple(announced), entries=entries))

    async def _child(self, source: Source, url: str) -> PollRead:
        request = Request(url, dont_filter=True, meta={"download_slot": slot_of(url)})
        try:
            engine: Any = self.crawler.engine
            reply = self._taken(await engine.download_async(request))
            return await self._work(partial(self._read, replace(source, url=reply.url), reply, False))
        except Exception as error:
            wait = error.wait if isinstance(error, HeldBackError) else None
            return _unread(self._problem(error, request), wait)

    def _read(self, source: Source, reply: Reply, conditional: bool) -> PollRead:
        return read_poll(source, reply, conditional=conditional, limit_bytes=self._limit, now=utc_now())

    def _problem(self, error: BaseException | None, request: Request) -> Problem:
        if isinstance(error, HeldBackError):
            return Problem(str(error), Fault.SOFT)
        return problem_of(error, request.url, self._limit)

    def _no_answer(self, error: BaseException | None, request: Request) -> Problem:
        """Why a page got no answer; a site that stays silent is left alone for a while."""
        problem = self._problem(error, request)
        if problem.fault is not Fault.HARD and (slots := self._slots()):
            slots.silent(request.url)
        return problem

    def _taken(self, response: Response) -> Reply:
        reply = reply_of(response)
        self._keeper.tally.requests += 1
        if slots := self._slots():
            slots.answered(reply)
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
        if source.kind not in API_KINDS:  # they hold no lane
            self._lanes.free(source.url)
        self._wake.set()
        self._emit(self._keeper.progress(source.id))

    async def _settle_page(self, page: WaitingPage, work: Awaitable[SplitPage | None]) -> None:
        """Ends the work on a page, or asks for the next page of its article."""

        async def broke(error: Exception) -> None:
            detail = f"this page could not be handled ({type(error).__name__}: {error})"
            await self._work(partial(self._keeper.fail_page, page, detail))

        split = await self._settle(work, broke)
        if split is not None and (url := split.joining.next()) is not None:
            self._lanes.add(self._part_request(page, split, url), first=True)
        else:
            self._fetching.discard(page.id)
            self._backfilling.discard(page.id)
        self._wake.set()
        self._emit(self._keeper.progress(page.url))

    async def _settle(self, work: Awaitable[T], broke: Callable[[Exception], Awaitable[None]]) -> T | None:
        """Handles one answer. A store that cannot be used ends the collector; any other error ends this answer only,
        with the reason kept where the operator looks."""
        try:
            try:
                return await work
            except WaspadaError:
                raise
            except Exception as error:
                await broke(error)
        except WaspadaError as error:
            self.stop(error)
        return None

    async def _work(self, function: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._worker, function)


def _source_of(request: Request) -> str:
    """The id of the source that a request is made for."""
    given = request.cb_kwargs
    if "page" in given:
        found: str = given["page"].source_id
    else:
        found = given["walk"].source.id if "walk" in given else given["source"].id
    return found


def _unread(problem: Problem, wait: timedelta | None = None) -> PollRead:
    return PollRead(PollOutcome(problem.state, problem.fault, retry_after=wait, detail=problem.detail), NOTHING)


async def _in_thread(function: Callable[[], T]) -> T:
    """Runs a blocking call in a thread that the end of the process does not wait for."""
    done: Future[T] = Future()

    def run() -> None:
        try:
            done.set_result(function())
        except BaseException as error:
            done.set_exception(error)

    Thread(target=run, name="waspada-api", daemon=True).start()
    return await asyncio.wrap_future(done)
