"""The demo from end to end: serve the sample outlets, crawl them, tag, rank, show the table, write the digest."""

from __future__ import annotations

import csv
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.markup import escape
from rich.table import Column, Table
from sqlalchemy import func, select

import nlp
from crawler.process import collect_once
from waspada.alerts.exits import mask
from waspada.alerts.repository import search
from waspada.alerts.types import AlertFilter, AlertSummary
from waspada.alerts.wording import LABEL_WORDS
from waspada.cli.collect_commands import show_progress
from waspada.cli.common import messages, progress_bar, results
from waspada.cli.demo.people import add_people
from waspada.cli.demo.site import OutletSite, hosts, serve
from waspada.cli.demo.world import DAYS, World
from waspada.cli.processes import address, children, listen
from waspada.cli.supervisor import Supervisor
from waspada.clock import local_day, utc_now
from waspada.digests.formats import SUFFIXES, Format, written
from waspada.digests.service import keep, of_day
from waspada.digests.types import Wanted
from waspada.errors import SettingsError
from waspada.jobs.lock import LOCK_FILE, data_dir_lock
from waspada.jobs.pipeline import run_waiting
from waspada.jobs.rank import RankingData
from waspada.places import full_name
from waspada.settings import Settings, load_settings, prepare_data_dir
from waspada.sources.service import add_source
from waspada.sources.types import NewSource, SourceKind, SourceRole
from waspada.store import Store, open_store
from waspada.store.tables import ItemRow

#: Marks a folder as the demo's own, so that a later demo may start over in it.
_MARKER = ".waspada-demo"
_CALENDAR = "stages.csv"
LOOPBACK_ADDRESS = "127.0.0.1"
_TOP = 15
#: The demo's servers are its own: it need not be as patient with them as with an outlet.
_DELAY_SECONDS = 0.0
REGION = "63"


def run_demo(data: Path | None, *, exit_after: bool, port: int | None) -> None:
    """Runs the demo in a folder of its own; without `exit_after` the desk then stays up until Ctrl-C."""
    if port is None and not exit_after:
        port = 0  # a free one
    settings = _settings(data or Path.home() / ".local" / "share" / "waspada-demo", port)
    _refuse_other_folder(settings.data_dir)
    prepare_data_dir(settings)
    with data_dir_lock(settings.data_dir), _listening(settings, exit_after) as listener:
        if listener is not None:
            settings = replace_port(settings, listener.getsockname()[1])
        _clear(settings.data_dir)
        world = World(utc_now())
        _write_calendar(settings, world)
        with serve(world) as sites:
            store = open_store(settings)
            _add_sources(store, world, sites)
            _crawl(settings, sites)
            _process(settings, store)
            _show_table(store)
            _write_digests(store, settings)
            if listener is not None:
                _serve_desk(store, settings, listener, hosts(sites))
            store.close()


def _settings(folder: Path, port: int | None) -> Settings:
    """The demo's own: whatever the environment names, it never touches a desk's database and stays on loopback."""
    return load_settings(
        data_dir=folder,
        database_url="",
        host=LOOPBACK_ADDRESS,
        port=port,
        region=REGION,
        delivery="files",
        calendar_file=folder / _CALENDAR,
        alert_news_days=DAYS + 1,  # the campaign is 14 days long and is collected on its last
    )


@contextmanager
def _listening(settings: Settings, exit_after: bool) -> Iterator[socket.socket | None]:
    """The console's socket, taken before the work so that the digest can name its address; None without a console."""
    if exit_after:
        yield None
        return
    listener = listen(settings)
    try:
        yield listener
    finally:
        listener.close()


def _refuse_other_folder(folder: Path) -> None:
    """Raises SettingsError for a folder that holds anything but an earlier demo."""
    try:
        names = {path.name for path in folder.iterdir()} if folder.exists() else set()
    except OSError as error:
        raise SettingsError(
            f"The folder {folder} cannot be read: {error.strerror}.", hint="Name an empty one with --data."
        ) from None
    if names - {LOCK_FILE} and _MARKER not in names:
        raise SettingsError(f"The folder {folder} holds something else.", hint="Name an empty one with --data.")


def _clear(folder: Path) -> None:
    """Removes an earlier demo, all but the lock that is held, and marks the folder as the demo's own."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name not in {LOCK_FILE, _MARKER}:
            path.unlink()
    (folder / _MARKER).touch()


def _write_calendar(settings: Settings, world: World) -> None:
    """The fictional campaign's own calendar: the vote is four days after the last day."""
    path = settings.data_dir / _CALENDAR
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["election", "region", "stage", "start", "end", "status", "source"])
        vote = world.vote_day.isoformat()
        writer.writerow(["pilkada-demo", "", "Pemungutan suara", vote, vote, "fictional", "waspada demo"])


def _add_sources(store: Store, world: World, sites: dict[str, OutletSite]) -> None:
    now = utc_now()
    with store.write() as session:
        for outlet in world.outlets.values():
            new = NewSource(
                url=sites[outlet.id].feed_url,
                id=outlet.id,
                name=outlet.name,
                outlet=outlet.name,
                kind=SourceKind(outlet.kind),
                role=SourceRole(outlet.role),
                region=outlet.region,
                tier="A",
                verified=True,
            )
            add_source(session, new, now)


def _crawl(settings: Settings, sites: dict[str, OutletSite]) -> None:
    """Crawls everything, lets the outlets edit what they edit, and crawls again."""
    with progress_bar() as bar:
        task = bar.add_task("Mengumpulkan", total=None)
        report = collect_once(
            settings,
            allowed_hosts=hosts(sites),
            only_allowed=True,
            domain_delay_seconds=_DELAY_SECONDS,
            progress=lambda at: show_progress(bar, task, at),
        )
        for site in sites.values():
            site.edited = True
        again = collect_once(
            settings,
            source_ids=sorted(sites),
            allowed_hosts=hosts(sites),
            only_allowed=True,
            domain_delay_seconds=_DELAY_SECONDS,
        )
    table = Table(
        Column("sumber", no_wrap=True), "keadaan", "baru", "suntingan", "diblokir", "gagal", "sebab", title="Sumber"
    )
    edits = {row.source_id: row.changed for row in again.rows}
    for row in report.rows:
        table.add_row(
            row.source_id,
            row.state,
            str(row.new),
            str(edits.get(row.source_id, 0)),
            str(row.blocked),
            str(row.failed),
            escape(row.why),
        )
    results.print(table)


def _process(settings: Settings, store: Store) -> None:
    with store.read() as session:
        total = session.scalar(select(func.count()).select_from(ItemRow)) or 0
    with progress_bar() as bar:
        tasks = {
            "tag": bar.add_task("Menandai", total=total),
            "group": bar.add_task("Mengelompokkan", total=total),
            "match": bar.add_task("Mencocokkan klaim", total=None),
            "topics": bar.add_task("Membandingkan dengan topik", total=None),
            "rank": bar.add_task("Memeringkat", total=None),
        }
        data = RankingData.load(settings)
        run_waiting(store, nlp.load(settings.model_dir), data, utc_now, lambda stage, n: bar.advance(tasks[stage], n))


def _show_table(store: Store) -> None:
    with store.read() as session:
        alerts = search(session, AlertFilter(region=REGION, min_level=1), limit=_TOP)
    table = Table(title=f"{len(alerts)} peringatan teratas (belum diverifikasi)", show_lines=False)
    for column in ("#", "skor", "tk", "label", "wilayah", "media", "kejadian"):
        table.add_column(column, justify="right" if column in {"#", "skor", "tk", "media"} else "left")
    for number, alert in enumerate(alerts, start=1):
        table.add_row(*_row(number, alert))
    results.print(table)


def _row(number: int, alert: AlertSummary) -> tuple[str, ...]:
    sources = f"{alert.outlet_count}" + (f"+{alert.voice_count}" if alert.voice_count else "")
    label = next(words for name, words in LABEL_WORDS.items() if name.value == alert.label)
    region = full_name(alert.regions[0]) if alert.regions else "-"
    headline = escape(mask(alert.headline))  # "[nama]" is a mask, no markup
    return (str(number), f"{alert.score:.2f}", str(alert.level), label, region, sources, headline)


def _write_digests(store: Store, settings: Settings) -> None:
    today = local_day(utc_now(), settings.zone_info)
    with store.write() as session:
        digest = of_day(session, Wanted(REGION, zone=settings.zone_info.key), today, settings)
        keep(session, digest)
    for format in (Format.HTML, Format.TEXT):
        path = settings.data_dir / f"laporan-harian-{today}.{SUFFIXES[format]}"
        path.write_bytes(written(digest.content, format))
        messages.print(f"Laporan harian: {escape(str(path))}", soft_wrap=True)


def _serve_desk(store: Store, settings: Settings, listener: socket.socket, allowed: frozenset[str]) -> None:
    from waspada.cli.serve_commands import announce, say

    announce(store, settings, address(listener))
    with store.write() as session:  # after the first account, which is the admin's
        add_people(session, settings, utc_now())
    messages.print("Ctrl-C ends the demo.")
    Supervisor(children(settings, listener, allowed, only_allowed=True), say).run()


def replace_port(settings: Settings, port: int) -> Settings:
    """The settings with the port that the system gave."""
    return settings.model_copy(update={"port": port})
