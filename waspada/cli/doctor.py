"""`waspada doctor`: what is wrong here, and what to do about it.

The facts are gathered here and judged in `doctor_checks`.
"""

from __future__ import annotations

import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

import nlp
from waspada.access.oidc import ProviderError, client_of
from waspada.audit.service import audit_log
from waspada.audit.types import AuditAction
from waspada.backups.restoring import ASIDE
from waspada.cli import doctor_checks as checks
from waspada.cli.doctor_checks import Finding
from waspada.clock import utc_now
from waspada.errors import WaspadaError
from waspada.items.types import Stage
from waspada.jobs import repair
from waspada.jobs.canary import Canary, CanaryState, look
from waspada.jobs.lock import holder
from waspada.notify.calls import report
from waspada.notify.exercise import SOURCE_ID
from waspada.processes import repository as machine
from waspada.processes.service import lives, storage
from waspada.settings import Settings, prepare_data_dir
from waspada.sources import service
from waspada.sources.coverage import regions_in
from waspada.sources.extras import unread
from waspada.sources.health import unasked_for
from waspada.sources.types import GOOD_STATES, OWN_ROLES, UNHEARD_STATES, CoverageState, HealthState, SourceHealth
from waspada.store import Store, open_store
from waspada.store.migrate import head
from waspada.store.tables import AuditRow, ItemRow, ProcessRow, RejectRow, SourceRow, WebhookRow
from waspada.subscriptions import repository as subscriptions

#: This version was made after that day: a clock before it is wrong.
_RELEASED = datetime(2026, 11, 1, tzinfo=UTC)
#: Variables that begin like settings and are read elsewhere.
_NO_SETTINGS = {"WASPADA_ENV_FILE", "WASPADA_DATA"}

_NO_DIRECTORY = "look at WASPADA_OIDC_ISSUER and the way there; passwords and tokens work without it"

__all__ = ["Finding", "examine"]


def examine(load: Callable[[], Settings]) -> list[Finding]:
    """Looks at everything; what fails is a finding, never an exception of the product."""
    wall, steady = time.time(), time.monotonic()
    try:
        settings = load()
        prepare_data_dir(settings)
    except WaspadaError as error:
        return [_of_error("settings", error)]
    findings = [
        checks.fine("settings", f"data folder {settings.data_dir}, zone {settings.zone}"),
        *checks.names(_variables(), _known()),
        checks.rights("data folder", _mode(settings.data_dir), is_folder=True),
        checks.rights("secret key", _mode(settings.data_dir / "secret.key"), is_folder=False),
        *checks.channels(settings),
        *checks.address(settings),
        *_directory(settings),
        *_model(settings),
    ]
    try:
        store = open_store(settings)
    except WaspadaError as error:
        free = shutil.disk_usage(settings.data_dir).free
        return [*findings, checks.disk(free, None), _of_error("database", error)]
    try:
        findings += [checks.fine("database", store.engine.dialect.name), *_machine(store, settings)]
        findings += _contents(store, settings)
    except WaspadaError as error:
        findings.append(_of_error("database", error))
    finally:
        store.close()
    return [*findings, *checks.ticks(time.time() - wall, time.monotonic() - steady)]


def _of_error(subject: str, error: WaspadaError) -> Finding:
    return checks.bad(subject, str(error.args[0]), error.hint)


def _variables() -> list[str]:
    """Names that begin like settings: of the environment and of the file of settings."""
    found = [name for name in os.environ if name.startswith("WASPADA_")]
    file = os.environ.get("WASPADA_ENV_FILE")
    if file and Path(file).is_file():
        lines = Path(file).read_text(errors="replace").splitlines()
        written = (line.split("=", 1)[0].removeprefix("export ").strip() for line in lines if "=" in line)
        found += [name for name in written if name.startswith("WASPADA_")]
    return found


def _known() -> set[str]:
    return {f"WASPADA_{name.upper()}" for name in Settings.model_fields} | _NO_SETTINGS


def _directory(settings: Settings) -> Iterator[Finding]:
    """The provider through which people sign in, where the settings name one; it is asked as a sign-in would."""
    client = client_of(settings)
    if client is None:
        return
    try:
        yield checks.directory(client.issuer, client.look(utc_now()))
    except ProviderError as error:
        yield checks.look("directory", f"{client.issuer}: {error.args[0]}", _NO_DIRECTORY)


def _mode(path: Path) -> int | None:
    try:
        return path.stat().st_mode & 0o7777
    except OSError:
        return None


def _model(settings: Settings) -> Iterator[Finding]:
    try:
        name = nlp.load(settings.model_dir).model
    except WaspadaError as error:
        yield _of_error("model", error)
        return
    yield checks.fine("model", name)
    folder = settings.model_dir or files("models").joinpath(nlp.DEFAULT_MODEL)
    card = folder.joinpath("MODEL_CARD.md")
    said = card.read_text(encoding="utf-8") if card.is_file() else ""
    gates = next((line.strip() for line in said.splitlines() if "release gate" in line), "")
    if not said:
        yield checks.look("model card", "there is none", "use a model that `waspada train` made: it writes its card")
    elif gates:
        yield checks.fine("model card", gates)


def _machine(store: Store, settings: Settings) -> Iterator[Finding]:
    """Disk, clock, database, processes, messages and backups."""
    now = utc_now()
    running = holder(settings.data_dir) is not None
    with store.read() as session:
        sizes = storage(session, settings)
        found = lives(session, now)
        queues = machine.queues(session, now)
        paused = list(session.scalars(select(WebhookRow.title).where(~WebhookRow.active)))
        items = session.scalar(select(func.count()).select_from(ItemRow)) or 0
        revision = machine.revision(session)
        moments = (session.scalar(select(func.max(AuditRow.at))), session.scalar(select(func.max(ProcessRow.beat_at))))
        entry = session.scalar(select(func.max(SourceRow.newest_entry_at)))
        success = session.scalar(select(func.max(SourceRow.last_success_at)))
        problem = session.execute(text("PRAGMA quick_check(1)")).scalar() if store.is_sqlite else None
        of_server = None if store.is_sqlite else _server(session)
        last = machine.last_audited(session, AuditAction.BACKUP_MADE)
        digests = subscriptions.figures(session, now)
    if sizes.free is not None:
        yield checks.disk(sizes.free, sizes.database if store.is_sqlite else None)
    stored = max((one for one in moments if one is not None), default=None)
    yield checks.clock(now, released=_RELEASED, latest_stored=stored, newest_entry=entry, last_success=success)
    yield checks.migrations(revision, head())
    if problem is not None:
        yield from checks.embedded(str(problem), sizes.wal)
    if of_server is not None:
        yield from checks.postgres(*of_server)
    yield from checks.processes(found, running)
    yield from checks.outbox(queues, paused)
    yield from checks.digests(digests)
    yield checks.backup(last, now, is_embedded=settings.is_embedded, items=items)
    folders = [path for path in settings.data_dir.glob(f"{ASIDE}*") if path.is_dir()]
    yield from checks.aside(((path.name, datetime.fromtimestamp(path.stat().st_mtime, UTC)) for path in folders), now)


def _server(session: Session) -> tuple[int, int]:
    """PostgreSQL's version as a number, and how many connections wait for a lock."""
    version = session.execute(text("SHOW server_version_num")).scalar()
    waiting = session.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar()
    return int(version or 0), int(waiting or 0)


def _contents(store: Store, settings: Settings) -> Iterator[Finding]:
    pid = holder(settings.data_dir)
    yield Finding("service", True, f"running (pid {pid})" if pid else "not running; start it with `waspada run`")
    with store.read() as session:
        real = (SourceRow.enabled, SourceRow.role.not_in(OWN_ROLES))
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
