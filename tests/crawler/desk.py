"""A store in a folder, with the few steps that every crawl test needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from crawler.process import ProgressCallback, collect_once
from crawler.types import CrawlReport, SourceReport
from waspada.clock import utc_now
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


def open_desk(folder: Path, **given: object) -> Desk:
    settings = load_settings(data_dir=folder, request_timeout_seconds=2, **given)
    return Desk(settings, open_store(settings))
