"""A hostile little internet on loopback: a real server whose every path answers as the test says.

`BadWeb.allowed` is the exact host:port that a test hands to the collector; everything else stays refused.
"""

from __future__ import annotations

import gzip
import time
from collections import Counter
from collections.abc import Callable, Mapping
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any
from xml.sax.saxutils import escape

from waspada.clock import utc_now

Answer = Callable[["Handler"], None]
ROBOTS = b"User-agent: *\nDisallow: /larangan/\n"


class BadWeb:
    """Start with `with BadWeb() as web:`; then `web.put(path, answer)`."""

    def __init__(self, robots: bytes | None = ROBOTS) -> None:
        self.routes: dict[str, Answer] = {}
        self.hits: Counter[str] = Counter()
        self.times: list[tuple[float, str]] = []
        self.headers: dict[str, Mapping[str, str]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.web = self  # type: ignore[attr-defined]
        if robots is not None:
            self.put("/robots.txt", body(robots, "text/plain"))

    def __enter__(self) -> BadWeb:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def allowed(self) -> frozenset[str]:
        return frozenset({self.host})

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def put(self, path: str, answer: Answer) -> str:
        self.routes[path] = answer
        return self.url(path)

    def asked(self, path: str) -> int:
        """How often a path was requested."""
        return self.hits[path]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        web: BadWeb = self.server.web  # type: ignore[attr-defined]
        web.hits[self.path] += 1
        web.times.append((time.monotonic(), self.path))
        web.headers[self.path] = dict(self.headers.items())
        answer = web.routes.get(self.path, body(b"not here", "text/plain", 404))
        try:
            answer(self)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def send(self, status: int, content: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        return


def body(content: bytes, kind: str = "text/html; charset=utf-8", status: int = 200, **headers: str) -> Answer:
    extra = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler: handler.send(status, content, {"Content-Type": kind, **extra})


def html(text: str, status: int = 200) -> Answer:
    return body(text.encode(), status=status)


def xml(text: str | bytes, kind: str = "application/rss+xml") -> Answer:
    return body(text if isinstance(text, bytes) else text.encode(), kind)


def redirect(target: str, status: int = 302) -> Answer:
    return lambda handler: handler.send(status, b"", {"Location": target})


def cut(content: bytes, kind: str, missing_bytes: int = 5000) -> Answer:
    """Promises more than it sends."""

    def answer(handler: Handler) -> None:
        handler.send(200, content, {"Content-Type": kind, "Content-Length": str(len(content) + missing_bytes)})
        handler.close_connection = True
        handler.wfile.flush()
        handler.connection.shutdown(2)

    return answer


def endless(kind: str, chunk: bytes, chunks: int, pause_seconds: float = 0.0) -> Answer:
    """Sends a body without a length, chunk by chunk."""

    def answer(handler: Handler) -> None:
        handler.close_connection = True
        handler.send_response(200)
        handler.send_header("Content-Type", kind)
        handler.send_header("Connection", "close")
        handler.end_headers()
        for _ in range(chunks):
            handler.wfile.write(chunk)
            handler.wfile.flush()
            time.sleep(pause_seconds)

    return answer


def gzip_bomb(megabytes: int) -> Answer:
    packed = gzip.compress(b"\0" * (megabytes * 1024 * 1024), 9)
    return body(packed, "application/rss+xml", Content_Encoding="gzip")


def feed(*entries: str, title: str = "Kabar Uji") -> str:
    head = f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>{title}</title>'
    return f"{head}{''.join(entries)}</channel></rss>"


def entry(url: str, title: str, date: str | None = None, summary: str = "", extra: str = "") -> str:
    date = format_datetime(utc_now()) if date is None else date
    when = f"<pubDate>{date}</pubDate>" if date else ""
    return (
        f"<item><title>{escape(title)}</title><link>{escape(url)}</link>{when}"
        f"<description>{escape(summary)}</description>{extra}</item>"
    )


def article(title: str, *paragraphs: str, head: str = "", date: str = "2024-11-03T09:30:00+08:00") -> str:
    text = "".join(f"<p>{each}</p>" for each in paragraphs or PARAGRAPHS)
    meta = f'<meta property="article:published_time" content="{date}">' if date else ""
    return (
        f"<!doctype html><html lang=id><head><title>{title} - Kabar Uji</title>{meta}{head}</head>"
        f"<body><nav><a href=/>Beranda</a></nav><article><h1>{title}</h1>{text}</article>"
        "<footer>Hak cipta Kabar Uji</footer></body></html>"
    )


PARAGRAPHS = (
    "BANJARMASIN - Warga dua kelurahan di Banjarmasin Timur bersama-sama membersihkan drainase yang tersumbat sejak"
    " hujan deras akhir pekan lalu, dibantu petugas dari dinas pekerjaan umum.",
    "Ketua panitia mengatakan kegiatan itu akan diulang setiap bulan karena genangan di simpang jalan utama sudah"
    " mengganggu lalu lintas dan membuat pedagang kecil kehilangan pembeli.",
    "Pemerintah kota berjanji menambah dua pompa sebelum puncak musim hujan, dan meminta warga melapor lewat kelurahan"
    " bila saluran di lingkungannya kembali tersumbat.",
)
