"""How fast 5,000 personal digests are made, kept and written: mail, plain text and chat of each.

    python -m benchmarks.digest [--digests 5000] [--alerts 60000] [--busy 1000] [--on sqlite postgresql]

The store is made up (`api_rows`): years of alerts, and on the last day as many as a country has in a polling week, with
articles of usual length that name people, so that masking costs what it costs. Every digest is wanted differently:
province, kabupaten or kota (where much happens more often), labels, level, language, zone and period by chance; one in
ten is weekly. Making asks the store (`Maker`), keeping writes mail and text once for their hashes and puts the row,
writing makes the three forms with the reader's own links.

In the same run a peer makes a part of them in the plain way: one search a digest, and for each entry what it rests on,
asked anew. It keeps nothing. Floor of the issue: 5,000 in under 120 s on 2 cores.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from benchmarks.api_rows import fill
from benchmarks.shared import Report, reporting, results, table_of
from tests.postgres import running_server
from waspada.alerts.repository import search
from waspada.clock import zone_of
from waspada.digests import words
from waspada.digests.composing import composed, entry
from waspada.digests.gathering import Gathered
from waspada.digests.policy import choose, filter_of, since_of
from waspada.digests.rendering import rendered
from waspada.digests.repository import template
from waspada.digests.service import Maker, keep
from waspada.digests.types import KIND_OF, Content, Line, Part, Period, Personal, Section, Wanted
from waspada.settings import Settings, load_settings
from waspada.store import Store, open_url
from waspada.store.tables import AlertRegionRow, AlertRow, ItemRow, ItemVersionRow, StoryItemRow, StoryRow, TagRow
from waspada.taxonomy import EMBEDDING_DIM, Label

FLOOR_SECONDS = 120.0
NOW = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
READER = Personal("https://waspada.example/manage?t=1", "https://waspada.example/end?t=1", "https://waspada.example")
_PEER_PART = 0.04
_BATCH = 100
_SENTENCE = "Warga {n} melihat dua rombongan saling dorong di dekat kantor desa pada malam hari."
_TEXT = (
    "Kejadian bermula ketika rombongan melintas di jalan desa. {sentence} Menurut keterangan Rahmad Hidayatullah (43), "
    "warga setempat, suasana sempat tegang. Petugas meminta semua pihak menahan diri. Camat setempat mengatakan bahwa "
    "keadaan sudah terkendali sejak tengah malam. "
)


@dataclass(slots=True)
class Spent:
    """Seconds by step."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def on(self, step: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.seconds[step] = self.seconds.get(step, 0.0) + time.perf_counter() - begun

    @property
    def total(self) -> float:
        return sum(self.seconds.values())


def wanted_by_many(store: Store, count: int, seed: int = 8) -> list[Wanted]:
    """As many different choices, of places where much happens far more often than of others."""
    chance = random.Random(seed)
    with store.read() as session:
        newest = select(AlertRow.id).order_by(AlertRow.id.desc()).limit(2000)
        places = session.scalars(select(AlertRegionRow.code).where(AlertRegionRow.alert_id.in_(newest))).all()
    found: dict[str, Wanted] = {}
    while len(found) < count:
        wanted = Wanted(
            region=chance.choice(places),
            labels=tuple(sorted(chance.sample([label.value for label in Label], chance.choice((0, 0, 1, 2, 3))))),
            min_level=chance.choice((1, 2, 2, 2, 3)),
            language=chance.choice(("id", "id", "id", "en")),
            zone=chance.choice(("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")),
            period=Period.WEEKLY if chance.random() < 0.1 else Period.DAILY,
        )
        found[wanted.key] = wanted
    return list(found.values())


def fill_day(store: Store, busy: int) -> None:
    """Makes the newest alerts those of the last day, on articles with evidence."""
    chance = random.Random(9)
    with store.write() as session:
        newest = session.execute(
            select(AlertRow.id, AlertRow.story_id, AlertRow.label).order_by(AlertRow.id.desc()).limit(busy)
        )
        for alert_id, story_id, label in newest.all():
            at = NOW - timedelta(hours=24 * chance.random() + 0.01)
            moved = {"last_item_at": at, "opened_at": at}
            session.execute(update(AlertRow).where(AlertRow.id == alert_id).values(**moved))
            session.execute(update(StoryRow).where(StoryRow.id == story_id).values(**moved))
            members = session.scalars(select(StoryItemRow.item_id).where(StoryItemRow.story_id == story_id)).all()
            sentence = _SENTENCE.format(n=alert_id)
            text = _TEXT.format(sentence=sentence) * 5
            start = text.index(sentence)
            line = {"label": label, "field": "text", "sentence": sentence, "start": start, "end": start + len(sentence)}
            session.execute(update(ItemRow).where(ItemRow.id.in_(members)).values(published_at=at))
            session.execute(update(ItemVersionRow).where(ItemVersionRow.item_id.in_(members)).values(text=text))
            session.execute(insert(TagRow), [_tag(item_id, label, line) for item_id in members])


def _tag(item_id: int, label: str, line: dict[str, object]) -> dict[str, object]:
    import numpy as np

    return {
        "item_id": item_id, "version": 1, "model": "none", "labels": {label: {"p": 0.9, "on": True}}, "aux": {},
        "conflict_level": 0, "alert_level": 2, "evidence": [line], "tagged_at": NOW,
        "embedding": np.zeros(EMBEDDING_DIM, dtype=np.float32),
    }  # fmt: skip


def ours(store: Store, settings: Settings, wanted: Sequence[Wanted], report: Report) -> tuple[Spent, int, int]:
    """Makes, keeps and writes them as the sending job does; returns the seconds by step, the bytes of the mails and how
    many entries they have."""
    spent, size, entries = Spent(), 0, 0
    with store.read() as session, store.write() as writing:
        maker = Maker(session if not store.is_sqlite else writing, NOW, settings)
        for number, one in enumerate(wanted, start=1):
            with spent.on("making"):
                digest = maker.make(one)
            entries += len(digest.shown)
            with spent.on("keeping"):
                keep(writing, digest, NOW)
            with spent.on("writing"):
                size += len(rendered(digest.content, READER).html)
            if number % _BATCH == 0:
                report("Maker", number, len(wanted))
        with spent.on("keeping"):
            writing.flush()
    return spent, size, entries


def plain(session: Session, settings: Settings, wanted: Sequence[Wanted], report: Report) -> float:
    """The peer: each digest by itself."""
    begun = time.perf_counter()
    for number, one in enumerate(wanted, start=1):
        rendered(_alone(session, settings, one), READER)
        report("plain", number, len(wanted))
    return time.perf_counter() - begun


def _alone(session: Session, settings: Settings, wanted: Wanted) -> Content:
    found, zone, language = Gathered(session, NOW, settings), zone_of(wanted.zone), wanted.language
    choice = choose(search(session, filter_of(wanted, NOW), limit=200))
    told = [
        Section(part, words.TITLES[language][part], tuple(entry(language, one, found.rests(one)) for one in alerts))
        for part, alerts in ((Part.VERIFIED, choice.verified), (Part.UNVERIFIED, choice.unverified))
    ]
    coverage = tuple(Line(text) for text in words.coverage_words(language, found.coverage(wanted.region)))
    return composed(
        wanted,
        template(session, KIND_OF[wanted.period], language),
        NOW,
        base_url="https://waspada.example",
        scope=words.span_words(language, since_of(NOW, wanted.period, zone), NOW, zone, wanted.period),
        day=words.day_of(NOW, zone),
        notices=(),
        sections=[*told, Section(Part.COVERAGE, "Liputan", lines=coverage)],
        empty="" if choice.shown else words.empty_words(language, wanted.labels, wanted.min_level),
    )


def run(store: Store, name: str, given: argparse.Namespace, folder: Path) -> bool:
    settings = load_settings(data_dir=folder, base_url="https://waspada.example")
    with reporting() as report:
        fill(store, given.alerts, given.alerts * 4, NOW)
        fill_day(store, given.busy)
        wanted = wanted_by_many(store, given.digests)
        sample = wanted[:: max(1, round(1 / _PEER_PART))]
        with store.read() as session:
            peer = plain(session, settings, sample, report) / len(sample)
        spent, size, entries = ours(store, settings, wanted, report)
    table = table_of(
        f"{len(wanted):,} digests, {given.busy:,} alerts in a day, {name}", "", "seconds", "share", "a second"
    )
    for step, seconds in spent.seconds.items():
        table.add_row(step, f"{seconds:.1f}", f"{seconds / spent.total:.0%}", f"{len(wanted) / seconds:,.0f}")
    table.add_row("all", f"{spent.total:.1f}", "", f"{len(wanted) / spent.total:,.0f}")
    table.add_row(f"plain ({len(sample)}, for all)", f"{peer * len(wanted):.1f}", "", f"{1 / peer:,.0f}")
    results.print(table)
    reached = spent.total * 5000 / len(wanted) < FLOOR_SECONDS
    results.print(f"On average a mail has {size / len(wanted) / 1000:.1f} kB and {entries / len(wanted):.1f} entries.")
    results.print(f"Floor (5,000 in under {FLOOR_SECONDS:.0f} s): {'reached' if reached else 'MISSED'}.")
    return reached


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--digests", type=int, default=5000)
    parser.add_argument("--alerts", type=int, default=60_000, help="stored alerts, four items each")
    parser.add_argument("--busy", type=int, default=1000, help="alerts of the last day")
    parser.add_argument("--on", nargs="+", default=["sqlite"], choices=["sqlite", "postgresql"])
    given = parser.parse_args()
    reached = True
    with tempfile.TemporaryDirectory() as folder:
        for name in given.on:
            if name == "sqlite":
                store = open_url(f"sqlite:///{folder}/waspada.db")
                reached &= run(store, name, given, Path(folder))
                store.close()
            else:
                with running_server() as server:
                    store = open_url(server.url(server.create()))
                    reached &= run(store, name, given, Path(folder))
                    store.close()
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
