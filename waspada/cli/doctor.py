"""`waspada doctor`: what is wrong here, and what to do about it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import nlp
from waspada.audit.service import audit_log
from waspada.clock import utc_now
from waspada.errors import WaspadaError
from waspada.items.types import Stage
from waspada.jobs.lock import holder
from waspada.settings import Settings, prepare_data_dir
from waspada.store import Store, open_store
from waspada.store.tables import ItemRow, RejectRow, SourceRow

_LEAST_FREE_BYTES = 500 * 1024 * 1024
#: This version was made after that day: a clock before it is wrong.
_RELEASED = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    subject: str
    fine: bool
    message: str


def examine(load: Callable[[], Settings]) -> list[Finding]:
    """Looks at everything; what fails is a finding, never an exception of the product."""
    try:
        settings = load()
        prepare_data_dir(settings)
    except WaspadaError as error:
        return [Finding("settings", False, str(error))]
    findings = [
        Finding("settings", True, f"data folder {settings.data_dir}"),
        _disk(settings),
        _clock(),
        _model(settings),
    ]
    try:
        store = open_store(settings)
    except WaspadaError as error:
        return [*findings, Finding("database", False, str(error))]
    findings += [Finding("database", True, store.engine.dialect.name), *_contents(store, settings)]
    store.close()
    return findings


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.data_dir).free
    message = f"{free / 2**30:.1f} GiB free"
    return Finding("disk", free > _LEAST_FREE_BYTES, message + ("" if free > _LEAST_FREE_BYTES else "; make room"))


def _clock() -> Finding:
    now = utc_now()
    return Finding(
        "clock", now > _RELEASED, f"{now:%Y-%m-%d %H:%M} UTC" + ("" if now > _RELEASED else "; set it right")
    )


def _model(settings: Settings) -> Finding:
    try:
        return Finding("model", True, nlp.load(settings.model_dir).model)
    except WaspadaError as error:
        return Finding("model", False, str(error))


def _contents(store: Store, settings: Settings) -> Iterator[Finding]:
    pid = holder(settings.data_dir)
    yield Finding("service", True, f"running (pid {pid})" if pid else "not running; start it with `waspada run`")
    with store.read() as session:
        sources = session.scalar(select(func.count()).select_from(SourceRow).where(SourceRow.enabled)) or 0
        parked = list(session.scalars(select(SourceRow.id).where(SourceRow.enabled, SourceRow.parked)))
        items = session.scalar(select(func.count()).select_from(ItemRow)) or 0
        waiting = session.scalar(select(func.count()).select_from(ItemRow).where(ItemRow.stage == Stage.NEW)) or 0
        rejects = session.scalar(select(func.count()).select_from(RejectRow)) or 0
        audit = _audit(session, settings)
    yield Finding("sources", not parked, f"{sources} enabled" + (f"; parked: {', '.join(parked)}" if parked else ""))
    yield Finding("items", True, f"{items} stored, {waiting} waiting for tags")
    yield Finding(
        "rejects", not rejects, f"{rejects} kept aside" + ("; GET /api/v1/rejects lists them" if rejects else "")
    )
    yield audit


def _audit(session: Session, settings: Settings) -> Finding:
    try:
        chain = audit_log(settings).verify(session)
    except WaspadaError as error:
        return Finding("audit", False, str(error))
    if chain.broken_id is not None:
        return Finding("audit", False, f"the chain breaks at row {chain.broken_id}: somebody changed it")
    return Finding("audit", True, f"{chain.rows} rows")
