"""feedparser's own test-suite through our reader: nothing may crash, and no entry may go without a listed reason.

The suite is not part of this repository: the source package of the installed version is downloaded into a cache folder
with pip. The peer is feedparser itself on the same bytes and headers. Lost is an entry that feedparser finds with an
article address (or an id that is one) and that our reader neither announces nor leaves out for a reason that holds.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import feedparser
from rich.table import Table

from benchmarks.shared import NotRunError, Report, table_of
from crawler import urls
from crawler.feeds import parse_feed
from waspada.clock import ZONES
from waspada.sources.policy import MAX_ENTRIES

BASE = "https://kabar.example.com/feeds/suite.xml"
KINDS = ("wellformed", "illformed")
_HEADER = re.compile(rb"^\s*Header:\s*([A-Za-z0-9-]+)\s*:\s*(.*?)\s*$", re.MULTILINE)


@dataclass(slots=True)
class Tally:
    """What one kind of files gave."""

    files: int = 0
    peer_crashes: int = 0
    peer_entries: int = 0
    announced: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    crashes: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def tables(cache: Path, report: Report) -> Iterator[Table]:
    """Raises NotRunError."""
    archive = _downloaded(cache)
    files = list(_files(archive))
    found = {kind: Tally() for kind in KINDS}
    for number, (kind, name, body) in enumerate(files):
        report("feedparser's suite", number, len(files))
        _judge(found[kind], f"{kind}/{name}", body)
    heads = ("files", "entries: feedparser", "announced", "left out", "crashes", "peer's", "lost", "must be 0 and 0")
    table = table_of(f"{archive.name.removesuffix('.tar.gz')}'s test-suite", "files", *heads)
    for kind, tally in found.items():
        figures = (tally.files, tally.peer_entries, tally.announced, sum(tally.reasons.values()))
        counts = (*figures, len(tally.crashes), tally.peer_crashes, len(tally.lost))
        said = "met" if not tally.crashes and not tally.lost else "[bold]missed[/bold]"
        table.add_row(kind, *map(str, counts), said)
    yield table
    reasons = table_of("Why entries were left out", "reason", *KINDS)
    for reason in sorted({reason for tally in found.values() for reason in tally.reasons}):
        reasons.add_row(reason, *(str(found[kind].reasons[reason]) for kind in KINDS))
    yield reasons
    wrong = table_of("Crashed or lost", "file")
    for tally in found.values():
        for name in (*tally.crashes, *tally.lost):
            wrong.add_row(name)
    if wrong.row_count:
        yield wrong


def _downloaded(cache: Path) -> Path:
    version = feedparser.__version__
    archive = cache / f"feedparser-{version}.tar.gz"
    if archive.exists():
        return archive
    cache.mkdir(parents=True, exist_ok=True)
    asked = [f"feedparser=={version}", "--no-binary", ":all:", "--no-deps", "--dest", str(cache)]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", *asked]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        raise NotRunError("pip download took more than five minutes") from None
    if not archive.exists():
        raise NotRunError(f"pip download failed: {done.stderr.strip().splitlines()[-1:] or done.returncode}")
    return archive


def _files(archive: Path) -> Iterator[tuple[str, str, bytes]]:
    """Kind, name and bytes of every feed of the suite; nothing is unpacked on disk."""
    with tarfile.open(archive) as tar:
        for member in tar:
            parts = Path(member.name).parts
            if member.isfile() and len(parts) > 3 and parts[1] == "tests" and parts[2] in KINDS:
                content = tar.extractfile(member)
                if content is not None and member.name.endswith((".xml", ".html")):
                    yield parts[2], "/".join(parts[3:]), content.read()


def _judge(tally: Tally, name: str, body: bytes) -> None:
    tally.files += 1
    headers = {key.decode().lower(): value.decode("latin-1") for key, value in _HEADER.findall(body[:4096])}
    headers.setdefault("content-location", BASE)
    try:
        entries = feedparser.parse(io.BytesIO(body), response_headers=headers, sanitize_html=False)["entries"]
    except Exception:
        tally.peer_crashes += 1
        entries = []
    tally.peer_entries += len(entries)
    try:
        parsed = parse_feed(body, BASE, zone=ZONES["WITA"], content_type=headers.get("content-type", ""))
    except Exception as error:
        tally.crashes.append(f"{name}: {type(error).__name__}: {error}")
        return
    tally.announced += len(parsed.announcements)
    reasons = [_reason(entry, number) for number, entry in enumerate(entries)]
    tally.reasons.update(reason for reason in reasons if reason)
    if min(len(entries), MAX_ENTRIES) > parsed.entries:  # not even counted: no reason stands
        tally.lost += [
            f"{name}: {_link(entry) or entry.get('id')}" for entry in entries if _link(entry) or "id" in entry
        ]
    elif len(parsed.announcements) < reasons.count(None):
        tally.lost += [f"{name}: {_link(entry)}" for entry, why in zip(entries, reasons, strict=True) if why is None]


def _reason(entry: Any, number: int) -> str | None:
    """Why an entry is rightly left out, judged from what feedparser says; None for one that must be announced.

    Each of these is counted in the poll's event as an entry without an article address.
    """
    if number >= MAX_ENTRIES:
        return "beyond 2,000 entries"
    link = _link(entry)
    if not link:
        return _without_link(entry)
    address = urls.canonical(link, BASE)
    if address is None:
        return "not an http address"
    return "a front page" if urls.is_home(address) else None


def _without_link(entry: Any) -> str:
    if entry.get("links"):
        return "only links to an enclosure, a licence or the like"
    return "an id that is no address" if entry.get("id") else "neither link nor id"


def _link(entry: Any) -> str:
    """The article's address: the link, else an id that is one, else an alternate link."""
    identity = str(entry.get("id") or "")
    alternate = (str(each.get("href", "")) for each in entry.get("links", ()) if each.get("rel") == "alternate")
    known = identity if identity.startswith(("http://", "https://")) else ""
    return str(entry.get("link") or "") or known or next(alternate, "")
