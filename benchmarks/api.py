"""How fast the first page of alerts comes with 100,000 alerts and 1,000,000 items stored.

    python -m benchmarks.api [--on sqlite postgresql] [--seconds 30] [--rate 50] [--store FOLDER] [--browser]

Fills a store (once: with --store it is kept for the next run), serves the application in a process of its own as
`waspada run` does, and asks from another process for the console's page and the JSON of the same choice at a fixed
rate. The loop is open: a request is sent when its time has come, whether or not others were answered, and a latency
counts from that time, so that a server which falls behind cannot hide it. Every answer is audited, as always. In the
same run a page of two words from the same server program tells what the machine can do at all (the peer). PostgreSQL
is the tests' own server, with durability as it stands there; `--url` names another one, empty. `--browser` weighs a
cold first page in Chromium. Floors of the design: p95 under 60 ms embedded, 40 ms on PostgreSQL; 60 kB; 1 s.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import re
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import httpx
from fastapi import FastAPI
from sqlalchemy import func, select

from api.app import create_app
from api.server import Server
from benchmarks.api_rows import fill
from benchmarks.screenshots import FLAGS, sign_in
from benchmarks.shared import Report, reporting, results, table_of
from waspada.access.service import add_user, issue_token
from waspada.access.types import Role, Scope
from waspada.settings import Settings
from waspada.store import Store, open_url
from waspada.store.tables import AlertRegionRow, AlertRow

FLOORS = {"sqlite": 60.0, "postgresql": 40.0}
WEIGHT_FLOOR_KB, PAINT_FLOOR_SECONDS = 60.0, 1.0
_CONNECTIONS = 32
_WARM_UP_SECONDS = 3
_spawn = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody signed in: the console's cookies, and a token for the API."""

    cookies: str
    token: str


@dataclass(frozen=True, slots=True)
class Case:
    """One address, asked as one reader."""

    name: str
    path: str
    headers: Mapping[str, str]


@dataclass
class Timing:
    """Milliseconds from when a request was due to the last byte of its answer."""

    milliseconds: list[float] = field(default_factory=list)
    failed: int = 0
    bytes_each: int = 0
    #: Processor time of the server a request, in milliseconds: says more than a latency on a machine that others use.
    processor_each: float = 0.0

    def at(self, share: float) -> float:
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--on", nargs="+", choices=tuple(FLOORS), default=["sqlite"])
    parser.add_argument("--alerts", type=int, default=100_000)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--rate", type=float, default=50.0, help="requests a second")
    parser.add_argument("--seconds", type=float, default=30.0, help="of each case")
    parser.add_argument("--store", type=Path, help="keeps the SQLite store in this folder for the next run")
    parser.add_argument("--url", help="an empty PostgreSQL database to use in place of the tests' server")
    parser.add_argument("--only", help="cases whose names hold this")
    parser.add_argument("--browser", action="store_true", help="weigh the page in Chromium too")
    given = parser.parse_args()
    fine = True
    with reporting() as report:
        for dialect in given.on:
            with _store(dialect, given, report) as (store, now):
                fine = _measure(store, dialect, now, given) and fine
    return 0 if fine else 1


@contextmanager
def _store(dialect: str, given: argparse.Namespace, report: Report) -> Iterator[tuple[Store, datetime]]:
    """The filled store, and the moment of its newest alert: the clock of the server starts there."""
    with tempfile.TemporaryDirectory() as temporary:
        if dialect == "sqlite":
            folder: Path = given.store or Path(temporary)
            folder.mkdir(parents=True, exist_ok=True)
            yield from _filled(f"sqlite:///{folder / f'api-{given.alerts}-{given.items}.db'}", given, report)
        elif given.url:
            yield from _filled(given.url, given, report)
        else:
            from tests.postgres import running_server

            with running_server() as server:
                yield from _filled(server.url(server.create()), given, report)


def _filled(url: str, given: argparse.Namespace, report: Report) -> Iterator[tuple[Store, datetime]]:
    store = open_url(url)
    with store.read() as session:
        newest = session.scalar(select(func.max(AlertRow.last_item_at)))
    if newest is None:
        report(f"filling {store.engine.dialect.name}", 0, 0)
        newest = datetime.now(UTC).replace(microsecond=0)
        started = time.monotonic()
        fill(store, given.alerts, given.items, newest)
        results.print(
            f"filled with {given.alerts:,} alerts, {given.items:,} items in {time.monotonic() - started:.0f} s"
        )
    try:
        yield store, newest
    finally:
        store.close()


def _measure(store: Store, dialect: str, now: datetime, given: argparse.Namespace) -> bool:
    url = store.engine.url.render_as_string(hide_password=False)
    widest, smallest = _regions(store)
    tokens = _accounts(store, widest, now)
    with _served(url, now, is_peer=True) as server:
        peer = _driven([Case("a page of two words (the peer)", "/hello", {})], server, given)
    with _served(url, now, is_peer=False) as server:
        readers = {name: _reader(server.address, secrets) for name, secrets in tokens.items()}
        cases = [one for one in _cases(readers, smallest) if not given.only or given.only in one.name]
        found = {**peer, **_driven(cases, server, given)}
        weighed = _weighed(server.address, readers["all"].cookies) if given.browser else None
    fine = _print(found, dialect, given)
    if weighed is not None:
        kilobytes, paint = weighed
        said = "met" if kilobytes < WEIGHT_FLOOR_KB and paint < PAINT_FLOOR_SECONDS else "below the floor"
        results.print(f"cold first page: {kilobytes:.1f} kB over the wire, largest paint after {paint:.2f} s ({said})")
    return fine


def _regions(store: Store) -> tuple[str, str]:
    """The province with most alerts, and the kabupaten or kota with fewest."""
    counted = select(AlertRegionRow.code, func.count().label("n")).group_by(AlertRegionRow.code)
    with store.read() as session:
        rows = session.execute(counted).all()
    provinces = [row for row in rows if len(row[0]) == 2]
    return max(provinces, key=lambda row: row[1])[0], min(
        (row for row in rows if len(row[0]) == 5), key=lambda r: r[1]
    )[0]


def _accounts(store: Store, widest: str, now: datetime) -> dict[str, tuple[str, str]]:
    """A one-time token and an API token for somebody unbound and somebody bound to the widest region."""
    found = {}
    with store.write() as session:
        for name, region in (("all", None), ("bound", widest)):
            user = f"{name}-{time.time_ns()}"
            add_user(session, user, Role.LIAISON, region, actor="benchmark", now=now)
            once = issue_token(session, user, "console", Scope.WRITE, now=now, single_use=True).secret
            found[name] = (once, issue_token(session, user, "api", Scope.READ, now=now).secret)
    return found


def _reader(address: str, secrets: tuple[str, str]) -> Reader:
    with httpx.Client(base_url=address, follow_redirects=True, timeout=60) as client:
        return Reader(sign_in(client, secrets[0]), secrets[1])


def _cases(readers: Mapping[str, Reader], smallest: str) -> list[Case]:
    choices = [
        ("no filter", "all", "/alerts", "/api/v1/alerts?group=open&limit=25"),
        ("smallest kabupaten", "all", f"/alerts?region={smallest}", f"/api/v1/alerts?region={smallest}&limit=25"),
        ("widest bound reader", "bound", "/alerts", "/api/v1/alerts?group=open&limit=25"),
        ("verified, any time", "all", "/alerts?state=verified&period=any", "/api/v1/alerts?state=verified&limit=25"),
        ("open, any time", "bound", "/alerts?period=any", "/api/v1/alerts?group=open&limit=25"),
        ("mine", "all", f"/alerts?owner={quote('~mine')}", "/api/v1/alerts?owner=~mine&limit=25"),
    ]
    found = []
    for name, who, page, document in choices:
        found.append(Case(f"page: {name}", page, {"Cookie": readers[who].cookies, "Accept": "text/html"}))
        found.append(Case(f"JSON: {name}", document, {"Authorization": f"Bearer {readers[who].token}"}))
    return found


@dataclass(frozen=True, slots=True)
class Running:
    """A server in a process of its own."""

    address: str
    pid: int

    def processor_milliseconds(self) -> float:
        """Processor time that it has taken so far; 0 where the system does not tell."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _served(url: str, now: datetime, *, is_peer: bool) -> Iterator[Running]:
    """The application in a process of its own, on a port of the kernel's choice."""
    listener = socket.create_server(("127.0.0.1", 0))
    process = _spawn.Process(target=_serve, args=(url, now, listener, is_peer), daemon=True)
    process.start()
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    listener.close()
    try:
        _wait(address)
        yield Running(address, process.pid or 0)
    finally:
        process.terminate()
        process.join(20)


def _serve(url: str, now: datetime, listener: socket.socket, is_peer: bool) -> None:
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(
            open_url(url),
            Settings(data_dir=Path(folder)),
            clock=lambda: now + timedelta(seconds=60 + time.monotonic() - begun),
        )
        if is_peer:
            bare = FastAPI()
            bare.state.context = app.state.context
            bare.add_api_route("/hello", lambda: "halo dunia")
            bare.add_api_route("/api/v1/health", lambda: "ok")
            app = bare
        Server(app).run(sockets=[listener])


def _wait(address: str) -> None:
    for _ in range(600):
        try:
            if httpx.get(f"{address}/api/v1/health", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError("the server did not answer within a minute")


def _driven(cases: Sequence[Case], server: Running, given: argparse.Namespace) -> dict[str, Timing]:
    """Each case in turn, from a process that does nothing else."""
    found = {}
    for case in cases:
        before = server.processor_milliseconds()
        with _spawn.Pool(1) as pool:
            one = found[case.name] = pool.apply(_drive, (case, server.address, given.rate, given.seconds))
        asked = int(given.rate * _WARM_UP_SECONDS) + int(given.rate * given.seconds)
        one.processor_each = (server.processor_milliseconds() - before) / max(1, asked)
        results.print(
            f"  {case.name}: p95 {one.at(0.95):.1f} ms, processor {one.processor_each:.1f} ms each, "
            f"load {os.getloadavg()[0]:.1f}"
        )
    return found


def _drive(case: Case, address: str, rate: float, seconds: float) -> Timing:
    return asyncio.run(_asked(case, address, rate, seconds))


async def _asked(case: Case, address: str, rate: float, seconds: float) -> Timing:
    """An open loop: what is due is sent, over as many connections as it takes, up to `_CONNECTIONS`."""
    host, port = re.fullmatch(r"http://(.+):(\d+)", address).groups()  # type: ignore[union-attr]
    lines = [f"GET {case.path} HTTP/1.1", f"Host: {host}:{port}", "Accept-Encoding: gzip", "Connection: keep-alive"]
    request = "\r\n".join([*lines, *(f"{name}: {value}" for name, value in case.headers.items()), "", ""]).encode()
    pool: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(_CONNECTIONS):
        pool.put_nowait(await asyncio.open_connection(host, int(port)))
    timing, warm = Timing(), Timing()

    async def one(due: float, into: Timing) -> None:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        reader, writer = await pool.get()
        try:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(re.search(rb"content-length: (\d+)", head.lower())[1])  # type: ignore[index]
            await reader.readexactly(length)
        except (OSError, asyncio.IncompleteReadError, TypeError):
            into.failed += 1
            pool.put_nowait(await asyncio.open_connection(host, int(port)))
            return
        into.milliseconds.append(1000 * (time.perf_counter() - due))
        into.bytes_each = length
        into.failed += not head.startswith(b"HTTP/1.1 200")
        pool.put_nowait((reader, writer))

    for into, length in ((warm, _WARM_UP_SECONDS), (timing, seconds)):
        start = time.perf_counter() + 0.1
        await asyncio.gather(*(one(start + n / rate, into) for n in range(int(rate * length))))
    return timing


def _weighed(address: str, cookies: str) -> tuple[float, float] | None:
    """Kilobytes of all requests of a cold first page, and seconds to its largest contentful paint."""
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        results.print("not run: playwright is not installed")
        return None
    import shutil

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        results.print("not run: chromium is not installed")
        return None
    paints = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        for _ in range(5):  # each in a context of its own: nothing is kept
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            context.add_cookies(
                [
                    {"name": name, "value": value, "url": address}
                    for name, _, value in (pair.partition("=") for pair in cookies.split("; "))
                ]
            )
            page = context.new_page()
            devtools = context.new_cdp_session(page)
            received: list[float] = []
            devtools.send("Network.enable")
            devtools.on("Network.loadingFinished", lambda event, into=received: into.append(event["encodedDataLength"]))
            page.add_init_script(
                "new PerformanceObserver((list) => { window.paint = list.getEntries().at(-1).startTime; })"
                ".observe({ type: 'largest-contentful-paint', buffered: true });"
            )
            page.goto(f"{address}/alerts", wait_until="load")
            page.wait_for_timeout(800)
            paints.append((sum(received) / 1000, float(page.evaluate("window.paint")) / 1000))
            context.close()
        browser.close()
    return max(weight for weight, _ in paints), sorted(seconds for _, seconds in paints)[len(paints) // 2]


def _print(found: Mapping[str, Timing], dialect: str, given: argparse.Namespace) -> bool:
    floor = FLOORS[dialect]
    load = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    table = table_of(
        f"{dialect}: {given.alerts:,} alerts, {given.items:,} items, {given.rate:g} requests a second, {load}",
        "first page",
        *("p50 ms", "p95 ms", "p99 ms", "processor ms", "kB each", "failed", f"floor p95 < {floor:g}"),
    )
    fine = True
    for name, one in found.items():
        is_met = one.at(0.95) < floor and not one.failed
        fine = fine and is_met
        figures = [f"{one.at(share):.1f}" for share in (0.5, 0.95, 0.99)]
        figures.append(f"{one.processor_each:.1f}")
        table.add_row(name, *figures, f"{one.bytes_each / 1000:.1f}", str(one.failed), "met" if is_met else "missed")
    results.print(table)
    sys.stdout.flush()
    return fine


if __name__ == "__main__":
    sys.exit(main())
