"""What a person does with an alert."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from waspada.access.repository import user_row
from waspada.alerts import decisions, repository
from waspada.alerts.policy import MAX_NOTE_CHARACTERS, check_step, reopens
from waspada.alerts.types import AlertMoved, AlertState, StaleRevisionError
from waspada.errors import ConflictError, InputError
from waspada.items.policy import clean_text
from waspada.privacy import mask_contacts
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
    now: datetime,
    within: str | None = None,
) -> AlertMoved:
    """Takes one step with an alert and writes it to its history.

    `revision` is the one that the actor looked at: of two people who move the same alert at once, the second gets a
    StaleRevisionError that says what the first did. Also raises NotFoundError (not there, or outside `within`),
    ConflictError (no such step from this state) and InputError (reason or note unfit). Runs in the caller's
    transaction, which must be a writing one.
    """
    seen = repository.summary(session, alert_id, within=within)
    if seen.revision != revision:
        raise _stale(session, alert_id)
    if seen.merged_into is not None:
        raise ConflictError(
            f"Alert {alert_id} was merged into alert {seen.merged_into}.", hint=f"Decide on alert {seen.merged_into}."
        )
    fitting = check_step(seen.state, to_state, reason)
    text = _note(note)
    sight = decisions.seen(session, session.get_one(AlertRow, alert_id))
    moved = session.execute(
        update(AlertRow)
        .where(AlertRow.id == alert_id, AlertRow.revision == revision)
        .values(state=to_state.value, reason=fitting, changed_at=now, revision=revision + 1)
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise _stale(session, alert_id)
    session.add(
        AlertEventRow(
            alert_id=alert_id,
            at=now,
            actor=actor,
            action="reopened" if reopens(seen.state) else "moved",
            from_state=seen.state.value,
            to_state=to_state.value,
            reason=fitting,
            note=text,
            detail=sight,
        )
    )
    session.flush()
    return AlertMoved(actor, alert_id, seen.story_id, seen.state, to_state, fitting, revision + 1, now)


def assign(
    session: Session,
    alert_id: int,
    owner: str | None,
    *,
    actor: str,
    revision: int,
    now: datetime,
    within: str | None = None,
) -> int:
    """Says who has an alert in hand (None: nobody) and writes it to its history; returns the new revision.

    Raises NotFoundError (no such alert in the region, no such account), StaleRevisionError, and ConflictError for an
    alert that was merged into another, or an account that is disabled. Runs in the caller's writing transaction.
    """
    seen = repository.summary(session, alert_id, within=within)
    if seen.revision != revision:
        raise _stale(session, alert_id)
    if seen.merged_into is not None:
        raise ConflictError(
            f"Alert {alert_id} was merged into alert {seen.merged_into}.", hint=f"Take alert {seen.merged_into}."
        )
    if owner is not None and not user_row(session, owner).active:
        raise ConflictError(f"The account {owner} is disabled.", hint="Name somebody who can sign in.")
    taken = session.execute(
        update(AlertRow)
        .where(AlertRow.id == alert_id, AlertRow.revision == revision)
        .values(owner=owner, changed_at=now, revision=revision + 1)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        raise _stale(session, alert_id)
    detail = {"owner": owner, "before": seen.owner}
    session.add(AlertEventRow(alert_id=alert_id, at=now, actor=actor, action="assigned", detail=detail))
    session.flush()
    return revision + 1


def _note(note: str) -> str:
    text = mask_contacts(clean_text(note))
    if len(text) > MAX_NOTE_CHARACTERS:
        raise InputError(
            f"The note is too long ({len(text)} characters).", hint=f"Keep it under {MAX_NOTE_CHARACTERS}."
        )
    return text


def _stale(session: Session, alert_id: int) -> ConflictError:
    session.expire_all()
    current = session.scalar(select(AlertRow.revision).where(AlertRow.id == alert_id)) or 0
    return StaleRevisionError(alert_id, current, repository.recent_changes(session, alert_id))
