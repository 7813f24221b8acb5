"""Being a good guest: one request at a time to a site, robots.txt with its Crawl-delay, a pause when asked for one."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response
from scrapy.robotstxt import RobotParser

from crawler.types import Reply
from waspada.sources.outlets import registrable_domain
from waspada.sources.policy import MAX_RETRY_AFTER

MAX_CRAWL_DELAY_SECONDS = 120.0
#: A site that did not answer this often in a row is not asked again for a while: its pages wait, uncounted.
STRIKES, SILENCE = 3, timedelta(minutes=10)
ROBOTS_FOR_SECONDS = 24 * 3600.0
_PAUSES = (429, 503)
_PAUSE_AFTER_429 = timedelta(minutes=10)


class HeldBackError(IgnoreRequest):
    """The site asked for a pause (429, 503 with Retry-After) or did not answer at all; the pause is not over."""

    def __init__(self, slot: str, wait: timedelta) -> None:
        super().__init__(f"{slot} is left alone for {round(wait.total_seconds() / 60)} minutes")
        self.wait = wait


def slot_of(url: str) -> str:
    """The queue a request waits in: the registrable domain, or host:port for an IP address."""
    return registrable_domain(url)


class SlotMiddleware:
    """Puts every request, redirects and robots.txt included, in the queue of its site, and keeps pauses."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._held: dict[str, float] = {}
        self._delays: dict[str, float] = {}
        self._strikes: dict[str, int] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> SlotMiddleware:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        slot = slot_of(request.url)
        request.meta["download_slot"] = slot
        wait = self._held.get(slot, 0.0) - time.monotonic()
        if wait > 0:
            raise HeldBackError(slot, timedelta(seconds=wait))

    def hold(self, url: str, wait: timedelta) -> None:
        """No further request to this site before the pause is over."""
        slot = slot_of(url)
        self._held[slot] = max(self._held.get(slot, 0.0), time.monotonic() + wait.total_seconds())

    def answered(self, reply: Reply) -> None:
        """Notes an answer; a pause that it asks for holds from now on."""
        self._strikes.pop(slot_of(reply.url), None)
        wait = reply.retry_after or (_PAUSE_AFTER_429 if reply.status == 429 else None)
        if reply.status in _PAUSES and wait:
            self.hold(reply.url, min(wait, MAX_RETRY_AFTER))

    def silent(self, url: str) -> None:
        """Counts a request without any answer; after three in a row the site is left alone for a while."""
        slot = slot_of(url)
        self._strikes[slot] = self._strikes.get(slot, 0) + 1
        if self._strikes[slot] >= STRIKES:
            del self._strikes[slot]
            self.hold(url, SILENCE)

    def slow_down(self, request: Request, delay_seconds: float) -> None:
        """Keeps at least this pause between two requests to a site, whatever AutoThrottle thinks."""
        name = slot_of(request.url)
        self._delays[name] = max(self._delays.get(name, 0.0), delay_seconds)
        engine: Any = self._crawler.engine
        engine.downloader._get_slot(request)
        self.keep_delay(name)

    def keep_delay(self, name: str) -> None:
        """Lifts the site's pause to the Crawl-delay it asked for."""
        engine: Any = self._crawler.engine
        slot = engine.downloader.slots.get(name)
        if slot is not None and name in self._delays:
            slot.delay, slot.jitter = max(slot.delay, self._delays[name]), 0.0


class PoliteThrottle(AutoThrottle):
    """AutoThrottle that never goes below a site's Crawl-delay."""

    def _response_downloaded(self, response: Response, request: Request, spider: Spider) -> None:
        super()._response_downloaded(response, request, spider)
        slots = self.crawler.get_downloader_middleware(SlotMiddleware)
        if slots is not None:
            slots.keep_delay(request.meta.get("download_slot", ""))


class RobotsMiddleware(RobotsTxtMiddleware):
    """Scrapy's, and: Crawl-delay is kept, a server error means "no" (RFC 9309), nothing is remembered over a day."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._fetched_at: dict[str, float] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def robot_parser(self, request: Request) -> RobotParser | None:
        netloc = request.url.split("/", 3)[2]
        if time.monotonic() - self._fetched_at.get(netloc, time.monotonic()) > ROBOTS_FOR_SECONDS:
            self._parsers.pop(netloc, None)
            self._fetched_at.pop(netloc)
        self._fetched_at.setdefault(netloc, time.monotonic())
        # Scrapy 2.19 lets all waiting requests await one Deferred; only the first gets the rules from it, the others
        # get None and would pass. One at a time, each finds the parsed rules.
        async with self._locks.setdefault(netloc, asyncio.Lock()):
            return await super().robot_parser(request)

    def sitemaps(self, url: str) -> tuple[str, ...]:
        """What the `Sitemap:` lines of the robots.txt of this host say, if it was read."""
        parser = self._parsers.get(url.split("/", 3)[2])
        return tuple(getattr(getattr(parser, "rp", None), "sitemaps", ()))

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status >= 500 or response.status == 429:
            body = b"User-agent: *\nDisallow: /\n"
            self._fetched_at[netloc] = time.monotonic() - ROBOTS_FOR_SECONDS + 600  # asked again in 10 minutes
        elif response.status != 200:
            body = b""
        else:
            body = response.body
        await super()._parse_robots(response.replace(body=body), netloc, request)

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        super().process_request_2(rp, request)
        delay = rp.crawl_delay(self._default_useragent) if rp is not None else None
        slots = self.crawler.get_downloader_middleware(SlotMiddleware)
        if delay and slots is not None:
            slots.slow_down(request, min(float(delay), MAX_CRAWL_DELAY_SECONDS))
