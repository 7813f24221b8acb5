"""Peak memory of the collector on a hostile server, and whether it comes to an end.

The server (loopback, threads of this process) drips, never stops, sends bombs, redirects ten thousand times, lies about
charsets and serves pages of a million links; one source has articles of 2 MB, no two alike, of which something must
be remembered; `--crowd` sites send endless bodies at the same time. The peer is the
plain loop of httpx, feedparser and lxml on the same addresses; it is ended at `PEER_SECONDS` or `PEER_BYTES`.
Memory is VmHWM of /proc/PID/status: what a process ever held, so the last reading is the peak. Linux only.
"""

from __future__ import annotations

import multiprocessing
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

from rich.table import Table

from benchmarks.collect_peers import plain_pages
from benchmarks.shared import Report, table_of
from crawler.process import collect_once
from waspada.clock import utc_now
from waspada.errors import WaspadaError
from waspada.settings import load_settings
from waspada.sources.service import add_sources
from waspada.sources.types import NewSource, SourceKind
from waspada.store import open_store

MIB = 1024 * 1024
FLOOR_BYTES, GOAL_BYTES = 500 * MIB, 250 * MIB
PEER_SECONDS, PEER_BYTES = 60.0, 1024 * MIB
BOMB_MIB = 512
REDIRECTS = 10_000
LINKS = 1_000_000
LARGE_PAGES = 50
_BLOCK = b"<item><title>satu dua tiga</title></item>" * 1600

Answer = Callable[["_Handler"], None]


def tables(seconds: float, crowd: int, report: Report) -> Iterator[Table]:
    with _served(crowd) as port:
        ours = _ours(port, seconds, crowd, report)
        peer = _peer(port, crowd, report)
    title = f"Hostile server, {len(SOURCES)} sources and {crowd} endless bodies at once, time-out {seconds:.0f} s"
    table = table_of(title, "way", "peak MiB", "seconds", "ended by itself", "ceiling: floor 500, goal 250")
    for name, (peak, spent, ended) in (("waspada", ours), ("httpx, feedparser, lxml", peer)):
        said = _verdict(peak, ended) if name == "waspada" else ""
        table.add_row(name, f"{peak / MIB:,.0f}", f"{spent:.0f}", "yes" if ended else "no", said)
    yield table


Figures = tuple[int, float, bool]


def _ours(port: int, seconds: float, crowd: int, report: Report) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(data_dir=Path(folder), request_timeout_seconds=seconds)
        urls = _urls(port, crowd)
        store = open_store(settings)
        with store.write() as session:
            news = [NewSource(url=url, id=f"s{n}", outlet="Kabar Uji", kind=kind) for n, (url, kind) in enumerate(urls)]
            add_sources(session, news, utc_now())
        store.close()
        started, ended = time.monotonic(), True
        with _watched(lambda: _pid_of("waspada-collector")) as watch:
            try:
                collect_once(
                    settings,
                    allowed_hosts=frozenset(url.split("/")[2] for url, _ in urls),
                    only_allowed=True,
                    domain_delay_seconds=0,
                    progress=lambda each: report("hostile: waspada", each.sources_done, each.sources_total),
                )
            except WaspadaError:
                ended = False
        return watch.peak_bytes, time.monotonic() - started, ended


def _peer(port: int, crowd: int, report: Report) -> Figures:
    report("hostile: httpx, feedparser, lxml", 0, 0)
    urls = [url for url, _ in _urls(port, crowd)]
    process = multiprocessing.get_context("spawn").Process(target=plain_pages, args=(urls,), daemon=True)
    started = time.monotonic()
    process.start()
    with _watched(lambda: process.pid) as watch:
        while process.is_alive() and time.monotonic() - started < PEER_SECONDS and watch.peak_bytes < PEER_BYTES:
            process.join(0.2)
        ended = not process.is_alive() and process.exitcode == 0
        process.kill()
        process.join()
    return watch.peak_bytes, time.monotonic() - started, ended


class _Watch:
    def __init__(self) -> None:
        self.peak_bytes = 0


@contextmanager
def _watched(pid_of: Callable[[], int | None]) -> Iterator[_Watch]:
    """Reads the peak memory of a process until the block ends."""
    watch, over = _Watch(), Event()

    def look() -> None:
        while not over.wait(0.05):
            pid = pid_of()
            if pid is not None:
                watch.peak_bytes = max(watch.peak_bytes, _peak_bytes(pid))

    thread = Thread(target=look, daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        over.set()
        thread.join()


def _peak_bytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return 0
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def _pid_of(name: str) -> int | None:
    return next((child.pid for child in multiprocessing.active_children() if child.name == name), None)


def _urls(port: int, crowd: int) -> list[tuple[str, SourceKind]]:
    """Each source on a site of its own, so that all are asked at once."""
    paths = [*SOURCES.items(), *((f"/endless?{n}", SourceKind.RSS) for n in range(crowd))]
    return [(f"http://127.0.1.{n + 1}:{port}{path}", kind) for n, (path, kind) in enumerate(paths)]


SOURCES = {
    "/drip": SourceKind.RSS,
    "/drip-head": SourceKind.RSS,
    "/endless": SourceKind.RSS,
    "/bomb": SourceKind.RSS,
    "/bomb.xml.gz": SourceKind.NEWS_SITEMAP,
    "/redirect/0": SourceKind.RSS,
    "/charset/utf-16": SourceKind.RSS,
    "/charset/utf-32": SourceKind.HTML,
    "/charset/utf-7": SourceKind.HTML,
    "/charset/no-such": SourceKind.RSS,
    "/links": SourceKind.HTML,
    "/links-that-fit": SourceKind.HTML,
    "/items-that-fit": SourceKind.RSS,
    "/deep": SourceKind.HTML,
    "/pages": SourceKind.RSS,
    "/large": SourceKind.RSS,
}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.close_connection = True
        try:
            _answer_of(path)(self)
        except OSError:
            return  # the collector hung up, as it should

    def send(self, content: bytes, kind: str, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def send_blocks(self, block: bytes, pause_seconds: float) -> None:
        """Without a length and without an end."""
        self.send_response(200)
        self.send_header("Content-Type", "application/rss+xml")
        self.end_headers()
        while True:
            self.wfile.write(block)
            self.wfile.flush()
            time.sleep(pause_seconds)

    def drip_head(self) -> None:
        for number in range(1, 100_000):
            self.wfile.write(b"HTTP/1.1 200 OK\r\n" if number == 1 else b"X-%d: ya\r\n" % number)
            self.wfile.flush()
            time.sleep(0.2)

    def log_message(self, format: str, *args: Any) -> None:
        return


def _answer_of(path: str) -> Answer:
    name, _, rest = path.strip("/").partition("/")
    answers: dict[str, Answer] = {
        "drip": lambda h: h.send_blocks(b"<", 0.2),
        "drip-head": _Handler.drip_head,
        "endless": lambda h: h.send_blocks(_BLOCK, 0.0),
        "bomb": lambda h: h.send(_bomb(), "application/rss+xml", Content_Encoding="gzip"),
        "bomb.xml.gz": lambda h: h.send(_bomb(), "application/gzip"),
        "redirect": lambda h: h.send(b"", "text/html", 302, Location=f"/redirect/{min(REDIRECTS, int(rest) + 1)}"),
        "charset": lambda h: h.send(_odd_letters(), f"text/xml; charset={rest}"),
        "links": lambda h: h.send(_links(b"<a href=/berita/satu-dua-tiga-%d>satu dua tiga empat</a>"), "text/html"),
        "links-that-fit": lambda h: h.send(b"<a href>" * LINKS, "text/html"),
        "items-that-fit": lambda h: h.send(b"<rss version='2.0'><channel>" + b"<item/>" * LINKS, "text/xml"),
        "deep": lambda h: h.send(b"<b>" * (2 * LINKS), "text/html"),
        "pages": lambda h: h.send(_announcing(h.headers["Host"], _TRAPS), "text/xml"),
        "large": lambda h: h.send(
            _announcing(h.headers["Host"], [f"large-page/{n}" for n in range(LARGE_PAGES)]), "text/xml"
        ),
        "large-page": lambda h: h.send(_large_page(int(rest)), "text/html"),
    }
    return answers.get(name, lambda h: h.send(b"", "text/plain", 404))


@lru_cache(maxsize=1)
def _bomb() -> bytes:
    """Half a gigabyte of zeros in half a megabyte."""
    packer = zlib.compressobj(9, wbits=31)
    block = b"\0" * MIB
    return b"".join(packer.compress(block) for _ in range(BOMB_MIB)) + packer.flush()


@lru_cache(maxsize=1)
def _links(pattern: bytes) -> bytes:
    return b"".join(pattern % number for number in range(LINKS))


def _odd_letters() -> bytes:
    return "<rss version='2.0'><channel><title>Kafé di tepi sungai</title></channel></rss>".encode("cp1252") * 2000


_TRAPS = ("links", "links-that-fit", "items-that-fit", "deep", "bomb", "redirect/0", "charset/utf-32")


def _large_page(number: int) -> bytes:
    """An article of 400 paragraphs of 5,000 characters."""
    day = date(2026, 1, 1) + timedelta(days=number)
    text = "".join(f"<p>Alinea {n} halaman {number} {'tentang warga di tepi sungai ' * 170}.</p>" for n in range(400))
    head = f"<title>Halaman besar {number}</title><meta property=article:published_time content={day}T08:00:00+08:00>"
    body = f"<article><h1>Halaman besar {number}</h1>{text}</article>"
    return f"<html><head>{head}</head><body>{body}</body></html>".encode()


def _announcing(host: str, traps: Sequence[str]) -> bytes:
    """A feed with these articles."""
    items = "".join(
        f"<item><title>Perangkap nomor {n}</title><link>http://{host}/{trap}?{n}</link></item>"
        for n, trap in enumerate(traps)
    )
    return f"<rss version='2.0'><channel><title>Kabar Uji</title>{items}</channel></rss>".encode()


@contextmanager
def _served(crowd: int) -> Iterator[int]:
    """One server for each site, all on one port."""
    first = ThreadingHTTPServer(("127.0.1.1", 0), _Handler)
    port: int = first.server_address[1]
    sites = len(SOURCES) + crowd
    servers = [first, *(ThreadingHTTPServer((f"127.0.1.{n + 1}", port), _Handler) for n in range(1, sites))]
    for server in servers:
        server.daemon_threads = True
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.5}, daemon=True).start()
    try:
        yield port
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


def _verdict(peak: int, ended: bool) -> str:
    if not ended or peak > FLOOR_BYTES:
        return "[bold]floor missed[/bold]"
    return "goal met" if peak <= GOAL_BYTES else "floor met"
