"""The plain loops that `benchmarks.collect` is compared with: httpx, feedparser and lxml, nothing of the product."""

from __future__ import annotations

import asyncio
import time
from multiprocessing.connection import Connection

import feedparser
import httpx
from lxml import html


def plain_feeds(pipe: Connection, urls: list[str], at_a_time: int) -> None:
    """Reads all feeds twice; sends (done, total) and at last the figures of the second time."""
    asyncio.run(_feed_loop(pipe, urls, at_a_time))


async def _feed_loop(pipe: Connection, urls: list[str], at_a_time: int) -> None:
    tags: dict[str, str] = {}
    counts = {"unchanged": 0, "read": 0, "failed": 0, "done": 0}
    limits = httpx.Limits(max_connections=at_a_time, max_keepalive_connections=at_a_time)
    places = asyncio.Semaphore(at_a_time)

    async def read(client: httpx.AsyncClient, url: str) -> None:
        async with places:
            reply = await client.get(url, headers={"If-None-Match": tags[url]} if url in tags else {})
        if reply.status_code == 304:
            counts["unchanged"] += 1
        else:
            tags[url] = reply.headers.get("ETag", "")
            entries = feedparser.parse(reply.content)["entries"]
            counts["read" if entries else "failed"] += 1
        counts["done"] += 1
        if counts["done"] % 50 == 0:
            pipe.send((counts["done"], 2 * len(urls)))

    async with httpx.AsyncClient(limits=limits, timeout=60, trust_env=False) as client:
        await asyncio.gather(*(read(client, url) for url in urls))
        counts.update(unchanged=0, read=0, failed=0)
        started, cpu = time.monotonic(), time.process_time()
        await asyncio.gather(*(read(client, url) for url in urls))
    seconds, spent = time.monotonic() - started, time.process_time() - cpu
    pipe.send((seconds, spent, counts["unchanged"], counts["read"], counts["failed"]))


def plain_pages(urls: list[str]) -> None:
    """The same for anything: what is no feed is read as a web page."""

    async def read(client: httpx.AsyncClient, url: str) -> None:
        try:
            reply = await client.get(url, follow_redirects=True)
            if not feedparser.parse(reply.content)["entries"]:
                html.fromstring(reply.content)
        except Exception as error:
            print(f"{url}: {type(error).__name__}")

    async def all_of_them() -> None:
        async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
            await asyncio.gather(*(read(client, url) for url in urls))

    asyncio.run(all_of_them())
