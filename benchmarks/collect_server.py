"""The feed server of `benchmarks.collect`: a process of its own on loopback, with nothing of the product in it."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

#: Sites on loopback; a site is asked one thing at a time.
MOST_SITES = 250
ENTRIES = 20
_SENTENCE = "Petugas dan warga membersihkan saluran yang tersumbat, lalu memasang rambu di simpang pasar lama. "


@contextmanager
def served(feeds: int) -> Iterator[list[str]]:
    """The addresses of so many feeds, spread over sites 127.0.0.2 and on, served by another process."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    sites = [f"127.0.0.{n + 2}" for n in range(min(feeds, MOST_SITES))]
    server = context.Process(target=_serve, args=(theirs, sites), daemon=True)
    server.start()
    port: int = ours.recv()
    try:
        yield [f"http://{sites[n % len(sites)]}:{port}/feeds/{n}.xml" for n in range(feeds)]
    finally:
        server.terminate()
        server.join()


def _serve(pipe: Connection, sites: list[str]) -> None:
    asyncio.run(_serve_forever(pipe, sites))


async def _serve_forever(pipe: Connection, sites: list[str]) -> None:
    first = await asyncio.start_server(_answer, sites[0], 0)
    port = first.sockets[0].getsockname()[1]
    others = [await asyncio.start_server(_answer, site, port) for site in sites[1:]]
    pipe.send(port)
    await asyncio.gather(*(server.serve_forever() for server in (first, *others)))


_served_times: dict[int, int] = {}


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            writer.write(_response(head.split(" ", 2)[1], "if-none-match" in head.lower()))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


def _response(path: str, conditional: bool) -> bytes:
    if not path.startswith("/feeds/"):
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    number = int(path.removeprefix("/feeds/").removesuffix(".xml"))
    changes = number % 2 == 1
    if conditional and not changes:
        return b'HTTP/1.1 304 Not Modified\r\nETag: "same"\r\n\r\n'
    times = _served_times[number] = _served_times.get(number, 0) + changes
    body = _feed(number, times)
    tag = f"{number}-{times}" if changes else "same"
    head = (
        f'HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nETag: "{tag}"\r\nContent-Length: {len(body)}\r\n\r\n'
    )
    return head.encode() + body


def _feed(number: int, newest: int) -> bytes:
    """Twenty entries of about 600 bytes each."""
    items = "".join(
        f"<item><title>Kabar nomor {entry} dari kanal {number}</title>"
        f"<link>https://kabar{number}.example.com/berita/{entry + 1000}-saluran-dibersihkan</link>"
        f"<pubDate>Sun, 01 Nov 2026 {entry % 24:02}:15:00 +0800</pubDate>"
        f"<description>{_SENTENCE * 4}</description></item>"
        for entry in range(newest + ENTRIES, newest, -1)
    )
    head = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Kanal {number}</title>'
    return f"{head}{items}</channel></rss>".encode()
