"""Serves the recorded real feeds and pages on loopback; the pages are offered through a sitemap, which the feeds' own
links do not meet. Found by WASPADA_DATA or beside the repository; never part of it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from xml.sax.saxutils import escape

DATA = Path(os.environ.get("WASPADA_DATA") or Path(__file__).resolve().parents[2].parent / "shared" / "data")
WHY_ABSENT = f"the recorded feeds and pages are not at {DATA} (set WASPADA_DATA)"


@dataclass(frozen=True)
class Expected:
    """What the recorder says a page holds."""

    name: str
    title: str
    text: str
    published_at: datetime
    outlet: str | None


def is_present() -> bool:
    return (DATA / "feeds").is_dir() and (DATA / "pages").is_dir()


def feeds() -> list[str]:
    return sorted(path.name for path in (DATA / "feeds").glob("*.xml"))


def pages() -> list[str]:
    return sorted(path.name for path in (DATA / "pages").glob("*.html"))


def listings() -> list[str]:
    return [name for name in pages() if "mainpage" in name]


def expectations() -> list[Expected]:
    """One for each article page that has an expectation."""
    found = []
    for name in pages():
        path = DATA / "pages" / name.replace(".html", ".expected.json")
        if name not in listings() and path.exists():
            found.append(_expected(name, json.loads(path.read_text("utf-8"))))
    return found


@contextmanager
def served() -> Iterator[str]:
    """The base URL of a server with /feeds/*, /sitemap.xml, and the pages at addresses that articles have."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(DATA))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


class _Handler(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path != "/sitemap.xml":
            self.path = re.sub(r"^/read/\d+/", "/pages/", self.path)
            super().do_GET()
            return
        base = f"http://{self.headers['Host']}"
        rows = "".join(
            f"<url><loc>{escape(f'{base}/read/{number}/{name}')}</loc></url>"
            for number, name in enumerate(pages(), 100_000)
        )
        body = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'.encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        return


def _expected(name: str, data: dict[str, Any]) -> Expected:
    if "content" in data:
        moment = datetime.fromisoformat(data["date_iso_utc"])
        return Expected(name, data["title"], data["content"], moment.astimezone(UTC), data["source"])
    body = data["body"]
    parts = [*body["summary"], *(p for s in body["sections"] for p in [*s["headline"], *s["paragraphs"]])]
    moment = datetime.fromisoformat(data["publishing_date"])
    return Expected(name, data["title"], "\n".join(parts), moment.astimezone(UTC), None)
