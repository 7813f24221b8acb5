"""What a person does with an alert: steps, who has it in hand and until when, notes.

All run in the caller's transaction, which must be a writing one, and lock the alert first. `revision` is the one that
the actor looked at: of two people who change the same alert at once, the second gets a StaleRevisionError that says
what the first did. What the machine changed alone stands in the way of verdicts only (`policy.in_the_way`); a note
stands in nobody's way and asks for no revision.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from waspada.alerts import changes, decisions, owners, repository
from waspada.alerts.policy import (
    MAX_NOTE_CHARACTERS,
    MAX_OFFICE_CHARACTERS,
    check_due,
    check_step,
    in_the_way,
    reopens,
)
from waspada.alerts.types import (
    OPEN_STATES,
    AlertAssigned,
    AlertMoved,
    AlertState,
    AlertSummary,
    Reason,
    StaleRevisionError,
)
from waspada.errors import ConflictError, InputError
from waspada.items.policy import clean_text
from waspada.privacy import mask_contacts
from waspada.privacy.persons import name_spans
from waspada.store.tables import AlertEventRow, AlertRow


def move(
    session: Session,
    alert_id: int,
    to_state: AlertState,
    *,
    actor: str,
    revision: int,
    reason: str | None = None,
    note: str = "",
    office: str = "",
    duplicate_of: int | None = None,
    now: datetime,
    within: str | None = None,
) -> AlertMoved:
    """Takes one step with an alert and writes it to its history.

    Whoever takes an alert in hand that is nobody's owns it from then on. A step to `needs_clarification` names the
    `office` that is asked, and asks in `note`; one to `duplicate` may name the alert that it is a duplicate of.

    Raises NotFoundError (not there, or outside `within`), StaleRevisionError, ConflictError (no such step from this
    state, merged) and InputError (reason, note, office or the other alert unfit).
    """
    seen, row = _locked(session, alert_id, revision, to_state, within)
    fitting = check_step(seen.state, to_state, reason)
    asked = _asked(to_state, note, office)
    twin = _twin(session, alert_id, to_state, duplicate_of, within)
    detail = {**decisions.seen(session, row), **asked, **twin}
    if row.owner is None and to_state in OPEN_STATES:
        detail |= changes.owner_detail(None, actor)
        row.owner = actor
    if reopens(seen.state, to_state) and row.due_at is not None:
        detail |= changes.due_detail(row.due_at, None)
        row.due_at = None
    row.state, row.reason = to_state.value, fitting
    _changed(row, now)
    action = "reopened" if reopens(seen.state, to_state) else "moved"
    line = AlertEventRow(from_state=seen.state.value, to_state=to_state.value, reason=fitting, note=text_of(note))
    _write(session, row, line, action, actor, now, detail)
    return _moved(row, actor, seen, to_state, fitting, now)


def assign(
    session: Session,
    alert_id: int,
    owner: str | None,
    *,
    actor: str,
    revision: int,
    now: datetime,
    within: str | None = None,
) -> AlertAssigned:
    """Gives an alert to an account (oneself or another), or with None to nobody.

    Raises NotFoundError, StaleRevisionError, ConflictError (merged or finished, or it has this owner already) and
    InputError (no active account that may see this alert and take steps with it).
    """
    seen, row = _locked(session, alert_id, revision, None, within)
    _check_open(seen)
    if owner is not None and owner not in owners.candidates(session, alert_id):
        raise InputError(
            "This account cannot have the alert in hand.",
            hint="Name an active account that takes steps with alerts of this region.",
        )
    if owner == row.owner:
        raise ConflictError(f"Alert {alert_id} is {owner or 'nobody'}'s already.", hint="Nothing is left to be done.")
    detail = changes.owner_detail(row.owner, owner)
    row.owner = owner
    _changed(row, now)
    _write(session, row, AlertEventRow(), "assigned", actor, now, detail)
    return AlertAssigned(actor, alert_id, row.owner, row.due_at, row.revision, now)


def set_due(
    session: Session,
    alert_id: int,
    due_at: datetime | None,
    *,
    actor: str,
    revision: int,
    now: datetime,
    within: str | None = None,
) -> AlertAssigned:
    """Says until when an open alert is to be done; None takes that back.

    Raises NotFoundError, StaleRevisionError, ConflictError (merged or finished, or it is so already) and InputError
    (in the past, or too far away).
    """
    seen, row = _locked(session, alert_id, revision, None, within)
    _check_open(seen)
    check_due(due_at, now)
    if due_at == row.due_at:
        raise ConflictError(f"Alert {alert_id} is due then already.", hint="Nothing is left to be done.")
    detail = changes.due_detail(row.due_at, due_at)
    row.due_at = due_at
    _changed(row, now)
    _write(session, row, AlertEventRow(), "due_set", actor, now, detail)
    return AlertAssigned(actor, alert_id, row.owner, row.due_at, row.revision, now)


def note(session: Session, alert_id: int, text: str, *, actor: str, now: datetime, within: str | None = None) -> int:
    """Writes a note to the history of an alert, in whatever state; returns the id of the line.

    It changes no revision: two notes never conflict. Raises NotFoundError, ConflictError (merged) and InputError (empty
    or too long).
    """
    seen = repository.summary(session, alert_id, within=within)
    _check_whole(seen)
    kept = text_of(text)
    if not kept.strip():
        raise InputError("The note is empty.", hint="Write what the next one should know.")
    line = AlertEventRow(alert_id=alert_id, at=now, actor=actor, action="noted", note=kept, detail={})
    session.add(line)
    session.flush()
    return line.id


def text_of(given: str) -> str:
    """What a person wrote, without contacts of others. Raises InputError where it is too long."""
    text = mask_contacts(clean_text(given))
    if len(text) > MAX_NOTE_CHARACTERS:
        raise InputError(
            f"The note is too long ({len(text)} characters).", hint=f"Keep it under {MAX_NOTE_CHARACTERS}."
        )
    return text


def office_of(given: str) -> str:
    """The name of an office that is asked, on one line.

    Raises InputError where it is missing, too long, or names a person: an office is asked, not somebody.
    """
    text = " ".join(clean_text(given).split())
    if not text:
        raise InputError("An office to ask is needed.", hint="Name it: KPU Kabupaten Banjar, Polsek Martapura.")
    if len(text) > MAX_OFFICE_CHARACTERS:
        raise InputError("The name of the office is too long.", hint=f"Keep it under {MAX_OFFICE_CHARACTERS}.")
    if mask_contacts(text) != text or name_spans(text):
        raise InputError("This names a person or a contact.", hint="Name the office alone, without who works there.")
    return text


def _locked(
    session: Session, alert_id: int, revision: int, to_state: AlertState | None, within: str | None
) -> tuple[AlertSummary, AlertRow]:
    """The alert as it stands now, locked to the end of the transaction, for somebody who looked at `revision`.

    Raises NotFoundError, StaleRevisionError and ConflictError (merged).
    """
    locked = select(AlertRow).where(AlertRow.id == alert_id).with_for_update()
    row = session.scalar(locked.execution_options(populate_existing=True))
    seen = repository.summary(session, alert_id, within=within)
    assert row is not None  # noqa: S101 (the summary is of it)
    if seen.revision != revision:
        told = changes.since(session, alert_id, revision, seen.revision) if revision < seen.revision else None
        if told is None or in_the_way(told, to_state):
            said = changes.recent(session, alert_id) if told is None else told[: changes.CHANGES_SHOWN]
            raise StaleRevisionError(alert_id, seen.revision, said)
    _check_whole(seen)
    return seen, row


def _check_whole(seen: AlertSummary) -> None:
    if seen.merged_into is not None:
        raise ConflictError(
            f"Alert {seen.id} was merged into alert {seen.merged_into}.", hint=f"Decide on alert {seen.merged_into}."
        )


def _check_open(seen: AlertSummary) -> None:
    if seen.state not in OPEN_STATES:
        raise ConflictError(f"Alert {seen.id} is {seen.state}.", hint="Re-open it first: only an open alert is due.")


def _asked(to_state: AlertState, note: str, office: str) -> dict[str, object]:
    """The office that is asked; the question is the note. Raises InputError where either is missing."""
    if to_state is not AlertState.NEEDS_CLARIFICATION:
        if office:
            raise InputError(f"The step to {to_state} asks no office.", hint="Leave the office out; use the note.")
        return {}
    found = office_of(office)
    if not text_of(note).strip():
        raise InputError("A question is needed.", hint="Say in the note what is to be clarified.")
    return {"office": found}


def _twin(
    session: Session, alert_id: int, to_state: AlertState, other_id: int | None, within: str | None
) -> dict[str, object]:
    """The alert that a duplicate doubles. Raises InputError where it is none, and NotFoundError."""
    if other_id is None:
        return {}
    if to_state is not AlertState.DUPLICATE:
        raise InputError(f"The step to {to_state} names no other alert.", hint="Leave it out; use the note.")
    if other_id == alert_id:
        raise InputError("An alert is no duplicate of itself.", hint="Name the other one.")
    other = repository.summary(session, other_id, within=within)
    if other.merged_into is not None:
        raise InputError(f"Alert {other_id} was merged.", hint=f"Name alert {other.merged_into}.")
    if other.state is AlertState.DUPLICATE:
        raise InputError(f"Alert {other_id} is a duplicate itself.", hint="Name the one that stays.")
    return {"alert": other_id}


def _changed(row: AlertRow, now: datetime) -> None:
    row.changed_at = now
    row.revision += 1


def _write(
    session: Session,
    row: AlertRow,
    line: AlertEventRow,
    action: str,
    actor: str,
    now: datetime,
    detail: Mapping[str, object],
) -> None:
    line.alert_id, line.at, line.actor, line.action = row.id, now, actor, action
    line.revision, line.detail = row.revision, dict(detail)
    session.add(line)
    session.flush()


def _moved(
    row: AlertRow, actor: str, seen: AlertSummary, to_state: AlertState, reason: Reason | None, now: datetime
) -> AlertMoved:
    return AlertMoved(actor, row.id, seen.story_id, seen.state, to_state, reason, row.revision, now)
