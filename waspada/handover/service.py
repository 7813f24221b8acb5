"""The hand-over of a desk from one shift to the next: its summary, the note, and who took over."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from waspada.alerts import repository as alerts
from waspada.alerts.types import AlertFilter, AlertState
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.handover import repository
from waspada.handover.types import LINES_SHOWN, MAX_NOTE_CHARACTERS, Figure, Handover, StaleHandoverError, Summary
from waspada.items.policy import clean_text
from waspada.notify import policy
from waspada.notify import repository as notices
from waspada.notify import service as quieting
from waspada.notify.types import Rules, Shift
from waspada.places import is_within
from waspada.privacy import mask_contacts
from waspada.store.tables import HandoverRow

#: A note can be written while its shift lasts, and in the one after it.
WRITABLE_FOR = policy.SHIFT


def summary(session: Session, desk: str, moment: datetime, rules: Rules, now: datetime) -> Summary:
    """How a desk stands, seen from the shift of `moment`: what came in and was decided in that shift, and what is open,
    overdue, asked, silenced and silent now."""
    shift = policy.shift_of(moment, rules)
    following, before = policy.shift_of(shift.end, rules), policy.shift_of(shift.start - policy.SHIFT, rules)
    came_in, came_in_count = repository.came_in(session, desk, shift, desk)
    in_hand, in_hand_count = repository.in_hand(session, desk, desk)
    overdue, overdue_count = repository.overdue(session, desk, now, desk)
    decided, decided_count = repository.decided(session, desk, shift, desk)
    asked = repository.asked(session, desk, desk)
    new = AlertFilter(region=desk, states=(AlertState.NEW,), min_level=rules.min_level, since=now - policy.LIVE_FOR)
    told = quieting.shift_view(session, desk, rules, shift.start)
    ending = [one for one in notices.silences(session, active_at=now, within=desk) if one.until < following.end]
    heard = alerts.coverage(session, desk, now)
    return Summary(
        desk=desk,
        shift=shift,
        following=following,
        is_current=shift.start <= now < shift.end,
        came_in=came_in,
        in_hand=in_hand,
        waiting=alerts.search(session, new, limit=LINES_SHOWN),
        overdue=overdue,
        asked=asked,
        decided=decided,
        held=told.held,
        interruptions=told.used,
        cap=told.cap,
        ending=sorted(ending, key=lambda one: (one.until, one.id)),
        silent=heard.silent,
        enabled=heard.enabled,
        counts={
            Figure.CAME_IN: came_in_count,
            Figure.IN_HAND: in_hand_count,
            Figure.WAITING: alerts.count(session, new),
            Figure.OVERDUE: overdue_count,
            Figure.ASKED: len(asked),
            Figure.DECIDED: decided_count,
            Figure.HELD: len(told.held),
            Figure.ENDING: len(ending),
            Figure.SILENT: len(heard.silent),
        },
        note=repository.of_shift(session, desk, shift.start),
        before=repository.of_shift(session, desk, before.start),
    )


def write(
    session: Session, desk: str, moment: datetime, note: str, *, actor: str, revision: int, rules: Rules, now: datetime
) -> Handover:
    """Writes the note of a shift for the next one, with the counts of this moment. `revision` is 0 where none stood.

    Raises InputError (empty or too long), StaleHandoverError (somebody wrote it since), and ConflictError: the shift is
    still to come or over for longer than a shift, or the next one took over already.
    """
    shift = policy.shift_of(moment, rules)
    _check_time(shift, now)
    text = _text(note)
    stands = repository.of_shift(session, desk, shift.start, locked=True)
    if stands is not None and stands.received_at is not None:
        raise ConflictError(
            f"{stands.received_by} took this shift over already.", hint="Write it into the note of the shift of now."
        )
    if stands is not None and stands.revision != revision:
        raise StaleHandoverError(stands)
    counts = {name.value: count for name, count in summary(session, desk, moment, rules, now).counts.items()}
    if stands is None:
        return _new(session, desk, shift, actor, now, text, counts)
    session.execute(
        update(HandoverRow)
        .where(HandoverRow.id == stands.id)
        .values(actor=actor, at=now, note=text, figures=counts, revision=stands.revision + 1)
    )
    return _read(session, stands.id)


def receive(session: Session, handover_id: int, *, actor: str, now: datetime, within: str | None = None) -> Handover:
    """`actor` says that they took the shift over. Raises NotFoundError, and ConflictError: done already, or by the one
    who wrote it."""
    row = session.get(HandoverRow, handover_id, with_for_update=True)
    if row is None or (within is not None and not is_within(row.desk, within)):
        raise NotFoundError(f"There is no hand-over {handover_id} in your area.", hint="It may be of another desk.")
    if row.received_at is not None:
        raise ConflictError(f"{row.received_by} took it over already.", hint="Nothing is left to be done.")
    if row.actor == actor:
        raise ConflictError("You wrote it yourself.", hint="Somebody of the next shift takes it over.")
    row.received_by, row.received_at = actor, now
    session.flush()
    return repository.as_handover(row)


def _check_time(shift: Shift, now: datetime) -> None:
    if shift.start > now:
        raise ConflictError("This shift is still to come.", hint="Write the note of the shift of now.")
    if shift.end + WRITABLE_FOR <= now:
        raise ConflictError("This shift is long over.", hint="Write the note of the shift of now.")


def _text(note: str) -> str:
    text = mask_contacts(clean_text(note)).strip()
    if not text:
        raise InputError("The note is empty.", hint="Write what the next shift should know.")
    if len(text) > MAX_NOTE_CHARACTERS:
        raise InputError(
            f"The note is too long ({len(text)} characters).", hint=f"Keep it under {MAX_NOTE_CHARACTERS}."
        )
    return text


def _new(
    session: Session, desk: str, shift: Shift, actor: str, now: datetime, text: str, counts: dict[str, int]
) -> Handover:
    row = HandoverRow(
        desk=desk, shift_start=shift.start, shift_end=shift.end, actor=actor, at=now, note=text, figures=counts,
        revision=1,
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # somebody else was as fast
        stands = repository.of_shift(session, desk, shift.start)
        if stands is None:
            raise
        raise StaleHandoverError(stands) from None
    return repository.as_handover(row)


def _read(session: Session, handover_id: int) -> Handover:
    row = session.get_one(HandoverRow, handover_id, populate_existing=True)
    return repository.as_handover(row)
