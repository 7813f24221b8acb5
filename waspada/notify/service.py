"""What people do to quieten a desk: silences, and saying which alert speaks for another. And what they see of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from waspada import places
from waspada.access.policy import check_reach
from waspada.alerts import repository as alerts
from waspada.alerts.types import OPEN_STATES, AlertState, AlertSummary
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.notify import policy, repository
from waspada.notify.types import HeldReason, Rules, ShiftView, Silence, SilenceView
from waspada.places import is_within
from waspada.privacy.reasons import reason_of
from waspada.settings import Settings
from waspada.store.tables import AlertParentRow, AlertRow, SilenceRow, StoryItemRow
from waspada.taxonomy import EVENT_LABELS, MAX_LEVEL

#: A silence that lasts longer is a rule that nobody remembers.
MAX_SILENCE = timedelta(days=14)
SILENCES_SHOWN = 200


def desk_of(bound_to: str | None, asked: str | None, settings: Settings) -> str:
    """The desk that a reader looks at: the one asked for, else their own.

    Raises NotFoundError for one outside their region, and for what is no region.
    """
    own = bound_to or settings.region
    desk = asked or own
    if places.place(desk) is None:
        raise NotFoundError(f"There is no region {desk}.", hint="A desk has the Kemendagri code of its region.")
    if bound_to is not None and not is_within(desk, bound_to):
        raise NotFoundError(f"There is no desk of {desk} in your area.", hint=f"Yours is {bound_to}.")
    return desk


def shift_view(session: Session, desk: str, rules: Rules, moment: datetime) -> ShiftView:
    """The shift of a moment: how often the desk was interrupted, and what the cap held back."""
    shift = policy.shift_of(moment, rules)
    held = repository.held_in(session, desk, shift)
    counts: dict[str, int] = {}
    for view in held:
        counts[view.label] = counts.get(view.label, 0) + 1
    used = repository.ready_count(session, desk, shift)
    return ShiftView(desk, shift, rules.per_shift, used, held, dict(sorted(counts.items())))


def list_silences(
    session: Session, now: datetime, *, active_only: bool = False, within: str | None = None
) -> list[SilenceView]:
    """Silences that touch a region (all without one), the newest `SILENCES_SHOWN` first."""
    found = repository.silences(session, active_at=now if active_only else None, within=within, limit=SILENCES_SHOWN)
    causes = {one.id: f"{HeldReason.SILENCE}/{one.id}" for one in found}
    holds = repository.held_by(session, causes.values())
    return [SilenceView(one, one.is_active(now), holds.get(causes[one.id], 0)) for one in found]


def add_silence(
    session: Session,
    region: str,
    label: str | None,
    until: datetime,
    reason: str,
    *,
    actor: str,
    now: datetime,
    within: str | None = None,
) -> Silence:
    """Holds the notices of a region, of one label or of all, until then. Runs in the caller's writing transaction.

    Raises InputError for an unknown region or label, an end in the past or beyond 14 days, and a reason that is missing
    or too long; NotFoundError for a region outside the actor's; ConflictError where it is silenced already.
    """
    if places.place(region) is None:
        raise InputError(f"The region {region!r} is not known.", hint="Give a Kemendagri code such as 63 or 63.03.")
    check_reach(region, within)
    if label is not None and label not in EVENT_LABELS:
        raise InputError(f"Alerts have no label {label!r}.", hint=f"Use one of: {', '.join(EVENT_LABELS)}.")
    _check_end(until, now)
    text = reason_of(reason, is_needed=True)
    _refuse_twice(session, region, label, now)
    row = SilenceRow(region=region, label=label, until=until, actor=actor, reason=text, at=now)
    session.add(row)
    session.flush()
    return repository.as_silence(row)


def silence_alert(
    session: Session,
    alert_id: int,
    until: datetime,
    reason: str,
    *,
    actor: str,
    now: datetime,
    home: str,
    within: str | None = None,
) -> Silence:
    """Holds the notices of one alert until then, as long as its level does not rise over what it is now.

    `home` is the region that stands for an alert without a place. Raises NotFoundError, InputError (end, reason), and
    ConflictError: merged, finished, silenced already, or of the highest level while nobody has it in hand.
    """
    seen = _silenceable(session, alert_id, within)
    if seen.level >= MAX_LEVEL and seen.state is AlertState.NEW:
        raise ConflictError(
            f"Alert {alert_id} is of level {MAX_LEVEL}, and nobody has it in hand.", hint="Acknowledge it first."
        )
    own = SilenceRow.alert_id == alert_id
    return _silence_one(session, seen, own, until, reason, actor, now, home, within, alert_id=alert_id)


def silence_item(
    session: Session,
    item_id: int,
    until: datetime,
    reason: str,
    *,
    actor: str,
    now: datetime,
    home: str,
    within: str | None = None,
) -> Silence:
    """Lets one report of an alert count no more for notices until then, or until its outlet edits it.

    Raises NotFoundError (no such report in an alert of the actor's region), InputError and ConflictError as
    `silence_alert` does, but of the highest level, too.
    """
    alert_id = session.scalar(
        select(AlertRow.id)
        .join(StoryItemRow, StoryItemRow.story_id == AlertRow.story_id)
        .where(StoryItemRow.item_id == item_id)
    )
    if alert_id is None:
        raise NotFoundError(f"No alert has a report {item_id}.", hint="Only reports of alerts interrupt anybody.")
    seen = _silenceable(session, alert_id, within)
    own = SilenceRow.item_id == item_id
    return _silence_one(session, seen, own, until, reason, actor, now, home, within, item_id=item_id)


def silences_of(session: Session, alert_id: int, item_ids: Collection[int], now: datetime) -> list[Silence]:
    """The silences in force of an alert and of its reports, the one that ends first first."""
    rows = session.scalars(
        select(SilenceRow)
        .where(
            or_(SilenceRow.alert_id == alert_id, SilenceRow.item_id.in_(item_ids)),
            SilenceRow.ended_at.is_(None),
            SilenceRow.until > now,
        )
        .order_by(SilenceRow.until, SilenceRow.id)
    )
    return [repository.as_silence(row) for row in rows]


def end_silence(session: Session, silence_id: int, *, actor: str, now: datetime, within: str | None = None) -> Silence:
    """Ends a silence before its time. Raises NotFoundError (not there, or outside the actor's region) and ConflictError
    for one that is over already, by its own end or by somebody else."""
    row = session.get(SilenceRow, silence_id)
    if row is None or (within is not None and not is_within(row.region, within)):
        raise NotFoundError(f"There is no silence {silence_id} in your area.", hint="It may be of a wider region.")
    ended = session.execute(
        update(SilenceRow)
        .where(SilenceRow.id == silence_id, SilenceRow.ended_at.is_(None), SilenceRow.until > now)
        .values(ended_at=now, ended_by=actor)
    )
    if ended.rowcount != 1:  # type: ignore[attr-defined]
        raise ConflictError(f"The silence {silence_id} is over already.", hint="Nothing is left to be done.")
    session.refresh(row)
    return repository.as_silence(row)


def set_parent(
    session: Session,
    alert_id: int,
    parent_id: int | None,
    reason: str,
    *,
    actor: str,
    now: datetime,
    within: str | None = None,
) -> None:
    """Says that another alert speaks for this one, or (None) that none does any more.

    Raises NotFoundError (an alert that is not there, or outside the actor's region), InputError (an alert as its own
    parent, no reason) and ConflictError (a finished parent, one of the two was merged into another, or stands in such a
    relation the other way round: there is one step from child to parent, never a chain). Relations of alerts that are
    finished or merged are none, and end where they would make a chain.
    """
    repository.lock(session)
    child = alerts.summary(session, alert_id, within=within)
    row = session.get(AlertParentRow, alert_id)
    if parent_id is None:
        if row is None:
            raise ConflictError(f"No alert speaks for alert {alert_id}.", hint="Nothing is left to be done.")
        session.delete(row)
        session.flush()
        return
    text = reason_of(reason, is_needed=True)
    if parent_id == alert_id:
        raise InputError("An alert cannot speak for itself.", hint="Name another one.")
    parent = alerts.summary(session, parent_id, within=within)
    for one in (child, parent):
        if one.merged_into is not None:
            raise ConflictError(f"Alert {one.id} was merged into alert {one.merged_into}.", hint="Name that one.")
    if parent.state not in OPEN_STATES:
        raise ConflictError(f"Alert {parent_id} is {parent.state}.", hint="Only an open alert speaks for another.")
    chained = (AlertParentRow.parent_id == alert_id) | (AlertParentRow.alert_id == parent_id)
    if session.execute(repository.relations().where(chained).limit(1)).first() is not None:
        raise ConflictError("One of the two alerts has a parent or a child already.", hint="Name the uppermost one.")
    session.execute(delete(AlertParentRow).where(chained))  # of finished alerts: they would live again with these
    if row is not None:
        session.delete(row)
        session.flush()
    session.add(AlertParentRow(alert_id=alert_id, parent_id=parent_id, actor=actor, reason=text, at=now))
    session.flush()


def _check_end(until: datetime, now: datetime) -> None:
    if until <= now:
        raise InputError("The end of the silence lies in the past.", hint="Name a time that is still to come.")
    if until > now + MAX_SILENCE:
        raise InputError("The silence is too long.", hint=f"It may last {MAX_SILENCE.days} days at most.")


def _silenceable(session: Session, alert_id: int, within: str | None) -> AlertSummary:
    seen = alerts.summary(session, alert_id, within=within)
    if seen.merged_into is not None:
        raise ConflictError(f"Alert {alert_id} was merged into alert {seen.merged_into}.", hint="Silence that one.")
    if seen.state not in OPEN_STATES:
        raise ConflictError(f"Alert {alert_id} is {seen.state}.", hint="It interrupts nobody any more.")
    return seen


def _silence_one(
    session: Session,
    seen: AlertSummary,
    own: ColumnElement[bool],
    until: datetime,
    reason: str,
    actor: str,
    now: datetime,
    home: str,
    within: str | None,
    **what: int,
) -> Silence:
    _check_end(until, now)
    text = reason_of(reason, is_needed=True)
    known = select(SilenceRow.id).where(own, SilenceRow.ended_at.is_(None), SilenceRow.until > now)
    if (id_ := session.scalar(known.limit(1))) is not None:
        raise ConflictError(f"The silence {id_} of it lasts already.", hint="End it first to set another end.")
    there = next((code for code in seen.regions if within is None or is_within(code, within)), within or home)
    row = SilenceRow(region=there, until=until, actor=actor, reason=text, at=now, level=seen.level, **what)
    session.add(row)
    session.flush()
    return repository.as_silence(row)


def _refuse_twice(session: Session, region: str, label: str | None, now: datetime) -> None:
    for one in repository.silences(session, active_at=now, within=region):
        if one.is_of_region and (one.region, one.label) == (region, label):
            raise ConflictError(
                f"The silence {one.id} of {region} lasts until {one.until:%Y-%m-%d %H:%M} UTC already.",
                hint="End it first to set another end.",
            )
