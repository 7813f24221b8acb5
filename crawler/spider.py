"""The one spider: takes due sources and waiting pages from the store, asks for them, hands the answers to the keeper.

`start()` never ends in service mode; it wakes up when something was finished or after a tick. All database work and all
parsing happen in one worker thread, so that slow pages and a locked database never stop the network.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler import urls
from crawler.feeds import Parsed
from crawler.keeper import Keeper
from crawler.outcomes import PollRead, Problem, problem_of, read_poll, retry_after
from crawler.polite import HeldBackError, SlotMiddleware, slot_of
from crawler.types import Job, Mode, Progress, Reply
from waspada.clock import utc_now
from waspada.errors import WaspadaError
from waspada.sources import policy
from waspada.sources.types import Fault, PollOutcome, Source, SourceState, WaitingPage

T = TypeVar("T")
#: Pages asked for at a time; the rest wait in the database.
MAX_PAGES_IN_FLIGHT = 200
_PAUSES = (429, 503)


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
        self._polling: set[str] = set()
        self._fetching: set[int] = set()
        self._wake = asyncio.Event()
        self.stopping = False
        self.fatal: WaspadaError | None = None

    async def start(self) -> AsyncIterator[Request]:
        """Requests for as long as there are any (once, check) or until stopped (service)."""
        try:
            if self._job.mode is not Mode.SERVICE:
                for source in await self._work(self._keeper.first_sources):
                    yield self._poll_request(source)
            while not self._is_over():
                self._wake.clear()
                found = await self._next_requests()
                for request in found:
                    yield request
                if not found and not self._polling and not self._fetching and self._job.mode is not Mode.SERVICE:
                    return
                await self._pause()
        except WaspadaError as error:
            self.stop(error)

    def stop(self, error: WaspadaError | None = None) -> None:
        """No new requests; `error` is what the operator is told."""
        self.fatal = self.fatal or error
        self.stopping = True
        self._wake.set()

    def _is_over(self) -> bool:
        orphaned = self._job.parent_pid is not None and os.getppid() != self._job.parent_pid
        return self.stopping or orphaned

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), self._job.tick_seconds)
        except TimeoutError:
            return

    async def _next_requests(self) -> list[Request]:
        if self._job.mode is Mode.CHECK:
            return []
        found = []
        if self._job.mode is Mode.SERVICE:
            due = await self._work(self._keeper.due_sources)
            found = [self._poll_request(source) for source in due if source.id not in self._polling]
        room = MAX_PAGES_IN_FLIGHT - len(self._fetching)
        if room >= MAX_PAGES_IN_FLIGHT // 4:
            pages = await self._work(lambda: self._keeper.waiting_pages(room, list(self._fetching)))
            found += [self._page_request(page) for page in pages]
        return found

    def _poll_request(self, source: Source) -> Request:
        self._polling.add(source.id)
        check = self._job.mode is Mode.CHECK
        headers = {} if check else policy.validators(source.poll, utc_now())
        return self._request(
            source.url, self.on_poll, self.on_poll_failed, {"source": source, "conditional": bool(headers)}, headers, 10
        )

    def _page_request(self, page: WaitingPage) -> Request:
        self._fetching.add(page.id)
        self._keeper.tally.pages_total += 1
        return self._request(urls.whole_article(page.url), self.on_page, self.on_page_failed, {"page": page}, {}, 0)

    def _request(
        self, url: str, callback: Any, errback: Any, arguments: dict[str, Any], headers: dict[str, str], priority: int
    ) -> Request:
        return Request(
            url,
            callback=callback,
            errback=errback,
            cb_kwargs=arguments,
            headers=headers,
            priority=priority,
            dont_filter=True,
            meta={"download_slot": slot_of(url)},
        )

    async def on_poll(self, response: Response, source: Source, conditional: bool) -> None:
        async def work() -> None:
            reply = self._reply(response)
            self._hold_if_asked(reply)
            if self._job.mode is Mode.CHECK:  # judged as if never read before
                bare = replace(source, poll=replace(source.poll, body_sha256=None))
                read = await self._work(lambda: self._read(bare, reply, conditional))
                await self._work(lambda: self._keeper.note_check(source, read))
                return
            read = await self._with_children(source, await self._work(lambda: self._read(source, reply, conditional)))
            await self._work(lambda: self._keeper.save_poll(source, read))

        await self._finally(
            work(), lambda: self._polling.discard(source.id), source.id, lambda e: self._poll_broke(source, e)
        )

    async def on_poll_failed(self, failure: Failure) -> None:
        source: Source = failure.request.cb_kwargs["source"]  # type: ignore[attr-defined]
        error = failure.value

        async def work() -> None:
            held = isinstance(error, HeldBackError)
            problem = Problem(str(error), Fault.SOFT) if held else problem_of(error, source.url, self._limit)
            wait = error.wait if isinstance(error, HeldBackError) else None
            await self._work(lambda: self._poll_failed(source, problem, wait))

        await self._finally(
            work(), lambda: self._polling.discard(source.id), source.id, lambda e: self._poll_broke(source, e)
        )

    async def on_page(self, response: Response, page: WaitingPage) -> None:
        async def work() -> None:
            reply = self._reply(response)
            self._hold_if_asked(reply)
            await self._work(lambda: self._keeper.read_page(page, reply))

        await self._finally(
            work(), lambda: self._fetching.discard(page.id), page.url, lambda e: self._page_broke(page, e)
        )

    async def on_page_failed(self, failure: Failure) -> None:
        page: WaitingPage = failure.request.cb_kwargs["page"]  # type: ignore[attr-defined]
        error = failure.value

        async def work() -> None:
            if isinstance(error, HeldBackError):
                await self._work(lambda: self._keeper.hold_page(page, error.wait, str(error)))
                return
            url = str(failure.request.url)  # type: ignore[attr-defined]
            problem = problem_of(error, url, self._limit)
            if problem.fault is not Fault.HARD and (slots := self._slots()):
                slots.silent(url)
            final, blocked = problem.fault is Fault.HARD, problem.state is SourceState.BLOCKED
            await self._work(lambda: self._keeper.fail_page(page, problem.detail, final=final, blocked=blocked))

        await self._finally(
            work(), lambda: self._fetching.discard(page.id), page.url, lambda e: self._page_broke(page, e)
        )

    def _read(self, source: Source, reply: Reply, conditional: bool) -> PollRead:
        return read_poll(source, reply, conditional=conditional, limit_bytes=self._limit, now=utc_now())

    async def _with_children(self, source: Source, read: PollRead) -> PollRead:
        """An index is read with the sitemaps it points to, as one poll."""
        if not read.parsed.children:
            return read
        announced, entries = list(read.parsed.announcements), read.parsed.entries
        notes = []
        for url in read.parsed.children:
            try:
                response = await self._engine.download_async(self._child_request(url))
                reply = self._reply(response)
                child = await self._work(partial(self._read, replace(source, url=reply.url), reply, False))
            except Exception as error:
                notes.append(f"{url}: {problem_of(error, url, self._limit).detail}")
                continue
            if not child.outcome.is_good:
                notes.append(f"{url}: {child.outcome.detail}")
            announced.extend(child.parsed.announcements)
            entries += child.parsed.entries
        state = read.outcome.state if entries else SourceState.EMPTY
        state = SourceState.OK if entries and state is SourceState.EMPTY else state
        outcome = replace(
            read.outcome,
            state=state,
            entries=entries,
            detail="; ".join(filter(None, [read.outcome.detail, *notes]))[:500],
            body_sha256=None,  # the index may stay the same while its sitemaps grow
            etag=None,
            last_modified=None,
        )
        return PollRead(
            outcome, replace(read.parsed, announcements=tuple(announced[: policy.MAX_ENTRIES]), entries=entries)
        )

    def _child_request(self, url: str) -> Request:
        return Request(url, dont_filter=True, meta={"download_slot": slot_of(url)})

    def _reply(self, response: Response) -> Reply:
        self._keeper.tally.requests += 1
        request = response.request
        meta = request.meta if request is not None else {}
        reasons = meta.get("redirect_reasons", [])
        permanent = bool(reasons) and all(reason in (301, 308) for reason in reasons)
        return Reply(
            url=response.url,
            status=response.status,
            body=response.body,
            content_type=_header(response, "Content-Type") or "",
            charset=_charset(_header(response, "Content-Type")),
            etag=_header(response, "ETag"),
            last_modified=_header(response, "Last-Modified"),
            retry_after=retry_after(_header(response, "Retry-After"), utc_now()),
            moved_to=response.url if permanent else None,
            complete="dataloss" not in response.flags,
        )

    def _hold_if_asked(self, reply: Reply) -> None:
        if slots := self._slots():
            slots.answered(reply.url)
        if reply.status not in _PAUSES:
            return
        wait = min(reply.retry_after or timedelta(minutes=10 if reply.status == 429 else 0), policy.MAX_RETRY_AFTER)
        if wait and (slots := self._slots()):
            slots.hold(reply.url, wait)

    def _slots(self) -> SlotMiddleware | None:
        return self.crawler.get_downloader_middleware(SlotMiddleware)

    def _poll_failed(self, source: Source, problem: Problem, wait: timedelta | None) -> None:
        if self._job.mode is Mode.CHECK:
            outcome = PollOutcome(problem.state, problem.fault, detail=problem.detail)
            self._keeper.note_check(source, PollRead(outcome, Parsed(False)))
            return
        self._keeper.save_failure(source, problem, wait)

    async def _poll_broke(self, source: Source, error: Exception) -> None:
        problem = Problem(f"this answer could not be handled ({type(error).__name__}: {error})", Fault.SOFT)
        await self._work(lambda: self._poll_failed(source, problem, None))

    async def _page_broke(self, page: WaitingPage, error: Exception) -> None:
        detail = f"this page could not be handled ({type(error).__name__}: {error})"
        await self._work(lambda: self._keeper.fail_page(page, detail))

    async def _finally(self, work: Any, done: Callable[[], None], doing: str, broke: Any) -> None:
        """Runs the handling of one answer. A store that cannot be used ends the collector; any other error ends this
        one answer, with the reason kept where the operator looks."""
        try:
            try:
                await work
            except WaspadaError:
                raise
            except Exception as error:
                await broke(error)
        except WaspadaError as error:
            self.stop(error)
        finally:
            done()
            self._emit(self._keeper.tally.progress(doing))
            self._wake.set()

    async def _work(self, function: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._worker, function)

    @property
    def _engine(self) -> Any:
        return self.crawler.engine

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> CollectorSpider:
        return super().from_crawler(crawler, *args, **kwargs)

    def closed(self, reason: str) -> None:
        self._worker.shutdown(wait=True)


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1").strip() or None if value else None


def _charset(content_type: str | None) -> str | None:
    _, _, rest = (content_type or "").lower().partition("charset=")
    return rest.split(";")[0].strip("\"' ") or None
