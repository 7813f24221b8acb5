"""`waspada doctor`: what is wrong here, and what to do about it."""

from __future__ import annotations

import shutil
from collections import Counter
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
from waspada.jobs import repair
from waspada.jobs.canary import Canary, CanaryState, look
from waspada.jobs.lock import holder
from waspada.notify.calls import report
from waspada.notify.exercise import SOURCE_ID
from waspada.settings import Settings, prepare_data_dir
from waspada.sources import service
from waspada.sources.coverage import regions_in
from waspada.sources.extras import unread
from waspada.sources.health import unasked_for
from waspada.sources.types import GOOD_STATES, UNHEARD_STATES, CoverageState, HealthState, SourceHealth, SourceRole
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
        real = (SourceRow.enabled, SourceRow.role != SourceRole.EXERCISE)
        sources = session.scalar(select(func.count()).select_from(SourceRow).where(*real)) or 0
        parked = list(session.scalars(select(SourceRow.id).where(*real, SourceRow.parked)))
        counted = select(func.count()).select_from(ItemRow).where(ItemRow.source_id != SOURCE_ID)
        items = session.scalar(counted) or 0
        waiting = session.scalar(select(func.count()).select_from(ItemRow).where(ItemRow.stage == Stage.NEW)) or 0
        unsettled = repair.backlog(session, utc_now())
        rejects = session.scalar(select(func.count()).select_from(RejectRow)) or 0
        hearing = [*_unread(session), *_hearing(session, settings)]
        audit = _audit(session, settings)
        exercise = look(session, settings, utc_now())
        calling = list(report.findings(session, settings, utc_now()))
    yield Finding("sources", not parked, f"{sources} enabled" + (f"; parked: {', '.join(parked)}" if parked else ""))
    yield from hearing
    yield Finding("items", True, f"{items} stored, {waiting} waiting for tags")
    yield Finding("stories", True, f"{unsettled} waiting for repair")
    yield Finding(
        "rejects", not rejects, f"{rejects} kept aside" + ("; GET /api/v1/rejects lists them" if rejects else "")
    )
    yield _exercise(exercise)
    yield from (Finding(one.subject, one.fine, one.message) for one in calling)
    yield audit


def _exercise(found: Canary) -> Finding:
    """Whether the fictional article of the last night became an alert in time."""
    if found.planned_at is None:
        words = {CanaryState.OFF: "off; WASPADA_CANARY=1 switches it on"}.get(found.state, "no night is over yet")
        return Finding("exercise", True, words)
    at = f"{found.planned_at.astimezone(UTC):%Y-%m-%d %H:%M}Z"
    if found.surfaced_at is None:
        hint = "; look whether collector and worker run, and at the rejects"
        return Finding("exercise", False, f"the article of {at} did not become an alert{hint}")
    minutes = round((found.surfaced_at - found.planned_at).total_seconds() / 60)
    unsent = "; no message of it was handed over in time, see the page Panggilan"
    told = unsent if found.state is CanaryState.UNSENT else ""
    return Finding("exercise", found.is_fine, f"the article of {at} became an alert after {minutes} min{told}")


def _unread(session: Session) -> Iterator[Finding]:
    """Sources that this installation cannot read."""
    for sentence in unread(service.list_sources(session)):
        yield Finding("extra", False, sentence)


def _hearing(session: Session, settings: Settings) -> Iterator[Finding]:
    """Sources that are not heard, and the regions of the desk that nobody can hear; nothing before the first poll."""
    now = utc_now()
    found = service.healths(session, now)
    if not any(one.source.last_poll_at for one in found):
        return
    asked_at = service.last_asked(session, now)
    unheard = [f"{one.source.id} ({fault})" for one in found if (fault := _fault(one, asked_at))]
    hint = f": {', '.join(unheard)}; see `waspada sources health`" if unheard else ""
    yield Finding("unheard sources", not unheard, f"{len(unheard)} not heard{hint}")
    covered = service.coverages(session, found, regions_in(settings.region), now, within=settings.region)
    counts = Counter(one.state for one in covered)
    deaf = [one.region.name for one in covered if one.state in UNHEARD_STATES]
    words = ", ".join(f"{counts[state]} {state}" for state in CoverageState)
    hushed = f"; nobody is heard of {', '.join(deaf)}" if deaf else ""
    yield Finding("coverage", not deaf, f"{settings.region}: {words}{hushed}")


def _fault(one: SourceHealth, asked_at: datetime | None) -> str:
    """Why a source is not heard, "" where it is; that nobody collects is the service's fault, not the source's."""
    if unasked_for(one.source, asked_at):
        return "not asked"
    fails = one.state is HealthState.BROKEN and one.source.poll_state not in GOOD_STATES
    return one.state.value if one.alarm or fails or one.state is HealthState.BLOCKED else ""


def _audit(session: Session, settings: Settings) -> Finding:
    try:
        chain = audit_log(settings).verify(session)
    except WaspadaError as error:
        return Finding("audit", False, str(error))
    if chain.broken_id is not None:
        return Finding("audit", False, f"the chain breaks at row {chain.broken_id}: somebody changed it")
    return Finding("audit", True, f"{chain.rows} rows")
