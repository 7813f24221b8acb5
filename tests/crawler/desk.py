"""A store in a folder, with the few steps that every crawl test needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

from sqlalchemy import select

import crawler.process
from crawler.process import ProgressCallback, backfill, collect_once, collector_main
from crawler.types import CrawlReport, FilledSource, SourceReport
from tests.empty import put_empty_store
from waspada.clock import Days, utc_now
from waspada.settings import Settings, load_settings
from waspada.sources import service
from waspada.sources.types import NewSource, SourceKind
from waspada.store.engine import Store, open_store
from waspada.store.tables import ItemRow, ItemVersionRow, PageRow, SourceRow


@dataclass
class Desk:
    settings: Settings
    store: Store

    def add(
        self, id_: str, url: str, kind: SourceKind = SourceKind.RSS, zone: str = "WITA", outlet: str = "Kabar Uji"
    ) -> str:
        with self.store.write() as session:
            return service.add_source(
                session, NewSource(url=url, id=id_, kind=kind, zone=zone, outlet=outlet), utc_now()
            )

    def crawl(
        self,
        allowed: frozenset[str],
        *ids: str,
        progress: ProgressCallback | None = None,
        only_allowed: bool = False,
    ) -> dict[str, SourceReport]:
        report = self.report(allowed, *ids, progress=progress, only_allowed=only_allowed)
        return {row.source_id: row for row in report.rows}

    def report(
        self,
        allowed: frozenset[str],
        *ids: str,
        progress: ProgressCallback | None = None,
        only_allowed: bool = False,
    ) -> CrawlReport:
        return collect_once(
            self.settings,
            source_ids=ids or None,
            allowed_hosts=allowed,
            only_allowed=only_allowed,
            domain_delay_seconds=0,
            progress=progress,
        )

    def backfill(
        self,
        allowed: frozenset[str],
        first: str,
        last: str,
        *ids: str,
        progress: ProgressCallback | None = None,
        walk_only: bool = False,
    ) -> dict[str, FilledSource]:
        report = backfill(
            self.settings,
            Days(date.fromisoformat(first), date.fromisoformat(last)),
            source_ids=ids or None,
            allowed_hosts=allowed,
            only_allowed=True,
            domain_delay_seconds=0,
            walk_only=walk_only,
            progress=progress,
        )
        return {row.source_id: row for row in report.rows}

    def source(self, id_: str) -> SourceRow:
        with self.store.read() as session:
            return service.find(session, id_)

    def items(self, source_id: str | None = None) -> list[ItemRow]:
        query = select(ItemRow).order_by(ItemRow.id)
        with self.store.read() as session:
            return list(session.scalars(query.where(ItemRow.source_id == source_id) if source_id else query))

    def pages(self, source_id: str | None = None) -> list[PageRow]:
        query = select(PageRow).order_by(PageRow.id)
        with self.store.read() as session:
            return list(session.scalars(query.where(PageRow.source_id == source_id) if source_id else query))

    def texts(self, item_id: int) -> list[str]:
        query = select(ItemVersionRow.text).where(ItemVersionRow.item_id == item_id).order_by(ItemVersionRow.version)
        with self.store.read() as session:
            return list(session.scalars(query))

    def age_full_fetch(self, id_: str, by: timedelta) -> None:
        with self.store.write() as session:
            row = service.find(session, id_)
            assert row.last_full_fetch_at is not None
            row.last_full_fetch_at -= by

    def make_due(self, id_: str) -> None:
        with self.store.write() as session:
            service.find(session, id_).next_poll_at = utc_now()


def open_desk(folder: Path, **given: object) -> Desk:
    put_empty_store(folder)
    settings = load_settings(data_dir=folder, **given)
    return Desk(settings, open_store(settings))


def start_collector(desk: Desk, allowed: frozenset[str]) -> BaseProcess:
    """The long-lived collector, as `waspada run` starts it."""
    process = crawler.process.CONTEXT.Process(
        target=collector_main,
        args=(desk.settings,),
        kwargs={"allowed_hosts": allowed, "domain_delay_seconds": 0, "tick_seconds": 0.2},
    )
    process.start()
    return process
