"""The spider behind `waspada sources add URL`: asks for one address after another, as the pure part wants them.

It has the collector's doors and manners (guard, robots.txt, pauses, limits) and touches no database.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from typing import Any

from scrapy import Request, Spider

from crawler.discovery import MAX_REQUESTS, Answer, Exploring
from crawler.outcomes import problem_of
from crawler.polite import HeldBackError, RobotsMiddleware, SlotMiddleware, slot_of
from crawler.replies import reply_of
from crawler.types import Discovery, Progress
from waspada.errors import WaspadaError
from waspada.sources.types import Fault

#: Redirects followed for one address; a site's front page may need scheme, "www." and a path.
_REDIRECTS = 4


class ExplorerSpider(Spider):
    name = "waspada-explorer"

    def __init__(self, steps: Exploring, max_body_bytes: int, emit: Callable[[Progress], None], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._steps = steps
        self._limit = max_body_bytes
        self._emit = emit
        self._parent = os.getppid()
        self._stopping = False
        self.found: Discovery | None = None
        self.fatal: WaspadaError | None = None

    async def start(self) -> AsyncIterator[Request]:
        """Yields nothing: the answers decide what is asked next, so each is waited for here."""
        try:
            wanted = next(self._steps)
            while not self._stopping and os.getppid() == self._parent:
                answer = await self._answer(wanted)
                self._emit(Progress(0, 0, min(answer.requests, MAX_REQUESTS), MAX_REQUESTS, 0, wanted))
                wanted = self._steps.send(answer)
        except StopIteration as end:
            self.found = end.value
        except WaspadaError as error:
            self.fatal = error
        except Exception as error:  # what a site sends must end in words, not in a lost process
            self.fatal = WaspadaError(
                f"What this address answers could not be handled ({type(error).__name__}: {error}).",
                hint="Give its feed and `--kind rss`, and report the address.",
            )
        nothing: tuple[Request, ...] = ()
        for request in nothing:
            yield request

    def stop(self, error: WaspadaError | None = None) -> None:
        self.fatal = self.fatal or error
        self._stopping = True

    async def _answer(self, url: str) -> Answer:
        slots = self.crawler.get_downloader_middleware(SlotMiddleware)
        robots = self.crawler.get_downloader_middleware(RobotsMiddleware)
        engine: Any = self.crawler.engine
        try:
            meta = {"download_slot": slot_of(url), "redirect_ttl": _REDIRECTS}
            reply = reply_of(await engine.download_async(Request(url, dont_filter=True, meta=meta)))
        except Exception as error:
            problem = problem_of(error, url, self._limit)
            pause = isinstance(error, HeldBackError)
            if slots is not None and not pause and problem.fault is not Fault.HARD:
                slots.silent(url)
            return Answer(url, problem=problem.detail, pause=pause, requests=self._requests())
        if slots is not None:
            slots.answered(reply)
        sitemaps = robots.sitemaps(reply.url) if robots is not None else ()
        return Answer(url, reply, sitemaps=sitemaps, requests=self._requests())

    def _requests(self) -> int:
        """Requests sent so far: redirects and robots.txt count too."""
        stats = self.crawler.stats
        return int(stats.get_value("downloader/request_count", 0)) if stats is not None else 0
