"""The canary: every night a fictional article goes the whole way from its feed to an alert, or somebody is told.

The article is served on loopback (`waspada run`), and read, tagged, grouped and ranked by the same stages as all
others; only when its source is asked is set here. What comes of it is marked as an exercise and counts nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from waspada.notify.calls import repository as calls
from waspada.notify.contacts.service import had_contact
from waspada.notify.duty.service import people_of
from waspada.notify.exercise import OUTLET, SOURCE_ID, newest_time
from waspada.notify.senders import channels_of
from waspada.settings import Settings
from waspada.sources.service import RELIABILITY
from waspada.sources.types import SourceKind, SourceRole, SourceState
from waspada.store import Store
from waspada.store.asking import ask
from waspada.store.tables import AlertRow, ItemRow, SourceRow, StoryItemRow

#: An alert must be there so long after the time that was set.
WITHIN = timedelta(minutes=30)
#: The message of the exercise must have been handed to a channel so long after that time.
TOLD_WITHIN = WITHIN + timedelta(minutes=5)
#: Later nobody is called of an exercise any more.
CALLED_UNTIL = timedelta(hours=2)
#: While the article of the night is not there, its source is asked this often.
_ASK_EVERY = timedelta(minutes=2)


class CanaryState(StrEnum):
    OFF = "off"
    WAITING = "waiting"  # no exercise is over yet since it was switched on
    OK = "ok"
    LATE = "late"  # an alert came, but not within the time
    MISSING = "missing"
    UNSENT = "unsent"  # an alert came in time, but no message of it was handed over in time


@dataclass(frozen=True, slots=True)
class Canary:
    """How the newest exercise that can be judged went."""

    state: CanaryState
    planned_at: datetime | None = None
    surfaced_at: datetime | None = None
    alert_id: int | None = None

    @property
    def is_fine(self) -> bool:
        return self.state not in (CanaryState.LATE, CanaryState.MISSING, CanaryState.UNSENT)


def switch_on(session: Session, url: str, settings: Settings, now: datetime) -> None:
    """Puts the source of the exercises into the queue, at the address where it is served this time."""
    row = session.get(SourceRow, SOURCE_ID)
    if row is None or not row.enabled:
        _put(session, row, url, settings, now)
    else:
        row.url, row.region = url, settings.region
        row.state, row.parked, row.failures, row.next_poll_at = SourceState.NEW, False, 0.0, now
        row.etag = row.last_modified = row.body_sha256 = row.last_full_fetch_at = None
    session.flush()


def switch_off(session: Session) -> None:
    row = session.get(SourceRow, SOURCE_ID)
    if row is not None:
        row.enabled = False


def keep_time(store: Store, settings: Settings, now: datetime) -> Canary:
    """Lets the collector ask for the article when its time has come; returns how the newest exercise went."""
    with store.read() as session:
        found, ask_at = look(session, settings, now), _ask_at(session, settings, now)
    if ask_at is not None:

        def ask(session: Session) -> None:
            row = session.get(SourceRow, SOURCE_ID)
            if row is not None:
                row.next_poll_at = min(row.next_poll_at, ask_at)

        store.retrying(ask)
    return found


#: Every page asks for it.
_SOURCE = select(SourceRow.enabled, SourceRow.added_at).where(SourceRow.id == SOURCE_ID)


def look(session: Session, settings: Settings, now: datetime) -> Canary:
    """How the newest exercise went: the one of tonight when it surfaced or its time is over, else the one before."""
    row = ask(session, _SOURCE).first()
    if row is None or not row.enabled:
        return Canary(CanaryState.OFF)
    newest = newest_time(settings, now)
    tonight = _judged(session, settings, newest)
    if tonight.state is CanaryState.MISSING and now < newest + WITHIN:
        newest -= timedelta(days=1)
        tonight = _judged(session, settings, newest)
    if newest < row.added_at and tonight.state is not CanaryState.OK:
        return Canary(CanaryState.WAITING)
    if tonight.state is CanaryState.OK and not _was_told(session, settings, tonight, now):
        return replace(tonight, state=CanaryState.UNSENT)
    return tonight


def to_be_called(session: Session, settings: Settings, now: datetime) -> tuple[int, datetime] | None:
    """The alert of tonight's exercise and when it surfaced, while somebody is still to be told of it."""
    row = session.get(SourceRow, SOURCE_ID)
    planned_at = newest_time(settings, now)
    if not settings.canary_call or row is None or not row.enabled or now >= planned_at + CALLED_UNTIL:
        return None
    found = _judged(session, settings, planned_at)
    if found.alert_id is None or found.surfaced_at is None or calls.has_call(session, found.alert_id):
        return None
    return found.alert_id, found.surfaced_at


def _was_told(session: Session, settings: Settings, found: Canary, now: datetime) -> bool:
    """Whether the exercise reached somebody in time, or there was nobody to be reached, or there still is time."""
    assert found.planned_at is not None and found.alert_id is not None  # noqa: S101, PT018 (it surfaced)
    if not settings.canary_call or not channels_of(settings) or now < found.planned_at + TOLD_WITHIN:
        return True
    call = calls.first_call(session, found.alert_id)
    if call is not None:
        sent_at = calls.outcomes(session, [call])[call.id].sent_at
        return sent_at is not None and sent_at <= found.planned_at + TOLD_WITHIN
    bound = [user.id for user in people_of(session, settings.region, settings)]
    return not had_contact(session, bound, found.planned_at)


def _judged(session: Session, settings: Settings, planned_at: datetime) -> Canary:
    found = session.execute(
        select(AlertRow.id, AlertRow.opened_at)
        .join(StoryItemRow, StoryItemRow.story_id == AlertRow.story_id)
        .join(ItemRow, ItemRow.id == StoryItemRow.item_id)
        .where(_of_night(settings, planned_at), AlertRow.level > 0)
        .order_by(AlertRow.opened_at)
        .limit(1)
    ).first()
    if found is None:
        return Canary(CanaryState.MISSING, planned_at)
    alert_id, at = found
    state = CanaryState.OK if at <= planned_at + WITHIN else CanaryState.LATE
    return Canary(state, planned_at, at, alert_id)


def _ask_at(session: Session, settings: Settings, now: datetime) -> datetime | None:
    """When the source should be asked, where it would be asked later by itself; None where all is well."""
    row = session.get(SourceRow, SOURCE_ID)
    planned_at = newest_time(settings, now)
    if row is None or not row.enabled or now >= planned_at + WITHIN:
        return None
    is_there = select(func.count()).select_from(ItemRow).where(_of_night(settings, planned_at))
    if session.scalar(is_there):
        return None
    asked = row.last_poll_at
    at = now if asked is None or asked < planned_at else asked + _ASK_EVERY
    return at if at < row.next_poll_at else None


def _of_night(settings: Settings, planned_at: datetime) -> ColumnElement[bool]:
    day = planned_at.astimezone(settings.zone_info).date()
    return and_(ItemRow.source_id == SOURCE_ID, ItemRow.url.endswith(f"/{day.isoformat()}"))


def _put(session: Session, row: SourceRow | None, url: str, settings: Settings, now: datetime) -> None:
    if row is None:
        row = SourceRow(id=SOURCE_ID, name=OUTLET, outlet=OUTLET, kind=SourceKind.RSS, role=SourceRole.EXERCISE)
        session.add(row)
    row.url, row.region, row.zone = url, settings.region, settings.zone
    row.tier, row.verified, row.enabled = "A", True, True
    row.reliability = RELIABILITY[SourceRole.EXERCISE]["A"]
    row.terms = "Made by the program itself, as an exercise."
    row.added_at, row.next_poll_at = now, now
    row.state, row.parked, row.failures = SourceState.NEW, False, 0.0
