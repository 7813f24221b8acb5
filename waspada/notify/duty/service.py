"""What is done with the rota, and what is seen of it. Everything runs in the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from waspada.access.policy import RIGHTS
from waspada.access.repository import user_row
from waspada.access.types import Action, Role
from waspada.clock import day_bounds
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.notify import repository
from waspada.notify.contacts.service import IS_READY
from waspada.notify.duty import policy
from waspada.notify.duty.calendar import Entry
from waspada.notify.duty.types import Copied, DutyShift, Imported, RotaView, Span
from waspada.places import is_within
from waspada.settings import Settings
from waspada.store.tables import ContactRow, DutyShiftRow, UserRow

MAX_DAYS = 62
#: The roles that are told of alerts.
CALLED = tuple(role for role in Role if {Action.READ_ALERTS, Action.MOVE_ALERTS} <= RIGHTS[role])


def may_be_called(user: UserRow, desk: str) -> bool:
    """Whether an account may read whatever a desk is told."""
    fits = user.region is None or is_within(desk, user.region)
    return user.active and user.role in CALLED and fits


def people_of(session: Session, desk: str, settings: Settings) -> list[UserRow]:
    """The accounts bound to a desk: to its region, or to none where it is the installation's own."""
    bound = UserRow.region == desk
    if desk == settings.region:
        bound |= UserRow.region.is_(None)
    query = select(UserRow).where(UserRow.active, UserRow.role.in_(CALLED), bound).order_by(UserRow.name)
    return list(session.scalars(query))


def choosable(session: Session, desk: str) -> list[UserRow]:
    """The accounts that may be put on duty for a desk, by name."""
    query = select(UserRow).where(UserRow.active, UserRow.role.in_(CALLED)).order_by(UserRow.name)
    return [user for user in session.scalars(query) if may_be_called(user, desk)]


def on_duty(session: Session, desk: str, now: datetime) -> list[DutyShift]:
    """Who is on duty for a desk now, the one called first at the top."""
    query = _shifts().where(DutyShiftRow.desk == desk, DutyShiftRow.starts_at <= now, DutyShiftRow.ends_at > now)
    return policy.on_duty(_views(session, query), now)


def view(session: Session, desk: str, first: date, count: int, zone: ZoneInfo) -> RotaView:
    """So many days of a desk (at most `MAX_DAYS`), with gaps and double duty."""
    count = max(1, min(count, MAX_DAYS))
    span = Span(day_bounds(first, zone)[0], day_bounds(first + timedelta(days=count - 1), zone)[1])
    meeting = _shifts().where(DutyShiftRow.starts_at < span.end, DutyShiftRow.ends_at > span.start)
    everywhere = _views(session, meeting)
    here = [one for one in everywhere if one.desk == desk]
    mine = {one.user_id for one in here}
    twice = policy.doubles((one for one in everywhere if one.user_id in mine), span)
    return RotaView(desk, policy.days(here, first, count, zone), twice)


def shifts_between(session: Session, desk: str, span: Span) -> list[DutyShift]:
    """Shifts of a desk that meet a span, in order."""
    query = _shifts().where(
        DutyShiftRow.desk == desk, DutyShiftRow.starts_at < span.end, DutyShiftRow.ends_at > span.start
    )
    return _views(session, query.order_by(DutyShiftRow.starts_at, DutyShiftRow.position, DutyShiftRow.id))


def add(
    session: Session,
    desk: str,
    user: str,
    starts_at: datetime,
    ends_at: datetime,
    position: int,
    settings: Settings,
    *,
    actor: str,
    now: datetime,
    within: str | None = None,
) -> DutyShift:
    """Puts an account on duty.

    Raises NotFoundError (no such account, a desk outside the actor's area), InputError (an odd time or position, an
    account that may not read what the desk is told) and ConflictError (on duty for this desk then already).
    """
    _check_desk(session, desk, settings, within)
    _check_times(starts_at, ends_at, now)
    if not 1 <= position <= policy.MAX_POSITION:
        raise InputError(f"{position} is no position.", hint=f"1 is called first; {policy.MAX_POSITION} is the last.")
    if not user.isprintable():  # a database may not even be able to look for it
        raise NotFoundError("There is no such account.", hint="`waspada users list` shows all.")
    row = user_row(session, user)
    if not may_be_called(row, desk):
        raise InputError(
            f"The account {user!r} may not read what the desk {desk} is told.",
            hint="It must be open, read alerts, and be bound to no smaller region.",
        )
    if _busy(session, desk, row.id, starts_at, ends_at):
        raise ConflictError(f"{user!r} is on duty for {desk} in that time already.", hint="Remove that shift first.")
    return _insert(session, desk, row, starts_at, ends_at, position, actor, now)


def remove(session: Session, shift_id: int, *, within: str | None = None) -> DutyShift:
    """Raises NotFoundError: not there, or outside the actor's area."""
    found = _views(session, _shifts().where(DutyShiftRow.id == shift_id))
    if not found or (within is not None and not is_within(found[0].desk, within)):
        raise NotFoundError(f"There is no shift {shift_id} in your area.", hint="It may have been removed already.")
    session.delete(session.get_one(DutyShiftRow, shift_id))
    session.flush()
    return found[0]


def copy_week(
    session: Session,
    desk: str,
    from_monday: date,
    to_monday: date,
    settings: Settings,
    *,
    actor: str,
    now: datetime,
    within: str | None = None,
) -> Copied:
    """Copies the shifts that begin in one week to another, at the same times of day in the zone of the desk.

    Those of accounts that are closed by now, or on duty there already, are left out: copied twice, nothing changes.
    Raises as `add`, and InputError where both weeks are the same.
    """
    _check_desk(session, desk, settings, within)
    from_monday, to_monday = policy.monday_of(from_monday), policy.monday_of(to_monday)
    by_days = (to_monday - from_monday).days
    if by_days == 0:
        raise InputError("A week is not copied to itself.", hint="Name another week.")
    zone = settings.zone_info
    start, end = day_bounds(from_monday, zone)[0], day_bounds(from_monday + timedelta(days=policy.WEEK), zone)[0]
    _check_times(policy.moved(start, by_days, zone), policy.moved(start, by_days + 1, zone), now)
    query = _shifts().where(DutyShiftRow.desk == desk, DutyShiftRow.starts_at >= start, DutyShiftRow.starts_at < end)
    added, left_out = [], 0
    for one in _views(session, query.order_by(DutyShiftRow.starts_at, DutyShiftRow.id)):
        begin, finish = policy.moved(one.starts_at, by_days, zone), policy.moved(one.ends_at, by_days, zone)
        if not one.is_active or _busy(session, desk, one.user_id, begin, finish):
            left_out += 1
            continue
        user = session.get_one(UserRow, one.user_id)
        added.append(_insert(session, desk, user, begin, finish, one.position, actor, now))
    return Copied(added, left_out)


def add_entries(
    session: Session,
    desk: str,
    entries: Iterable[Entry],
    settings: Settings,
    *,
    actor: str,
    now: datetime,
    within: str | None = None,
) -> Imported:
    """Adds the shifts of a calendar that was read; what cannot be one is left out with the reason.

    Raises NotFoundError for a desk outside the actor's area.
    """
    _check_desk(session, desk, settings, within)
    added, left_out = [], []
    for number, entry in enumerate(entries, 1):
        if entry.starts_at is None or entry.ends_at is None:
            left_out.append((number, entry.problem))
            continue
        try:
            one = add(
                session,
                desk,
                entry.user,
                entry.starts_at,
                entry.ends_at,
                entry.position,
                settings,
                actor=actor,
                now=now,
                within=within,
            )
        except (InputError, ConflictError, NotFoundError) as error:
            left_out.append((number, str(error.args[0])))
        else:
            added.append(one)
    return Imported(added, left_out)


def desks(session: Session, settings: Settings, within: str | None) -> list[str]:
    """The desks that somebody may look at."""
    return [desk for desk in repository.desks(session, settings) if within is None or is_within(desk, within)]


def _check_desk(session: Session, desk: str, settings: Settings, within: str | None) -> None:
    known = desks(session, settings, within)
    if desk not in known:
        raise NotFoundError(
            f"There is no desk {desk!r} in your area.",
            hint=f"A desk is a region to which an account is bound; there are: {', '.join(known) or 'none'}.",
        )


def _check_times(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    if not policy.SHORTEST <= ends_at - starts_at <= policy.LONGEST:
        raise InputError("A shift lasts a quarter of an hour to seven days.", hint="Check its beginning and its end.")
    if abs(starts_at - now) > policy.FARTHEST:
        raise InputError("The shift lies too far from today.", hint="Check its year.")


def _busy(session: Session, desk: str, user_id: int, starts_at: datetime, ends_at: datetime) -> bool:
    query = select(DutyShiftRow.id).where(
        DutyShiftRow.desk == desk,
        DutyShiftRow.user_id == user_id,
        DutyShiftRow.starts_at < ends_at,
        DutyShiftRow.ends_at > starts_at,
    )
    return session.scalar(query.limit(1)) is not None


def _insert(
    session: Session,
    desk: str,
    user: UserRow,
    starts_at: datetime,
    ends_at: datetime,
    position: int,
    actor: str,
    now: datetime,
) -> DutyShift:
    row = DutyShiftRow(
        desk=desk,
        starts_at=starts_at.astimezone(UTC),
        ends_at=ends_at.astimezone(UTC),
        user_id=user.id,
        position=position,
        actor=actor,
        at=now,
    )
    session.add(row)
    session.flush()
    return _as_view(row, user, reachable_ids(session, [user.id]))


def reachable_ids(session: Session, user_ids: Collection[int]) -> set[int]:
    """Those of the accounts that have a contact that can be called."""
    query = select(ContactRow.user_id).where(ContactRow.user_id.in_(user_ids), IS_READY)
    return set(session.scalars(query.distinct()))


def _shifts() -> Select[DutyShiftRow, UserRow]:
    return select(DutyShiftRow, UserRow).join(UserRow, UserRow.id == DutyShiftRow.user_id)


def _views(session: Session, query: Select[DutyShiftRow, UserRow]) -> list[DutyShift]:
    rows: Sequence[tuple[DutyShiftRow, UserRow]] = [(row, user) for row, user in session.execute(query)]
    reachable = reachable_ids(session, _ids(rows))
    return [_as_view(row, user, reachable) for row, user in rows]


def _ids(rows: Iterable[tuple[DutyShiftRow, UserRow]]) -> set[int]:
    return {user.id for _, user in rows}


def _as_view(row: DutyShiftRow, user: UserRow, reachable: Collection[int]) -> DutyShift:
    return DutyShift(
        id=row.id,
        desk=row.desk,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        user_id=user.id,
        user=user.name,
        position=row.position,
        is_active=may_be_called(user, row.desk),
        is_reachable=user.id in reachable,
    )
