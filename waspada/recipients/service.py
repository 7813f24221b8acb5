"""What people do with recipients: add, switch off and on, and permit the police or intelligence for a time.

Everything runs in the caller's writing transaction; the caller writes the audit line in the same one.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from waspada.access.policy import check_reach
from waspada.access.types import ForbiddenError, Role
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.places import is_within, place
from waspada.privacy.reasons import reason_of
from waspada.recipients import policy, repository
from waspada.recipients.types import Grant, GrantState, NewRecipient, Recipient, RecipientView
from waspada.store.tables import RecipientGrantRow, RecipientRow, UserRow


def list_recipients(session: Session, *, within: str | None = None) -> list[RecipientView]:
    return repository.search(session, within=within)


def add_recipient(
    session: Session, new: NewRecipient, *, actor: str, now: datetime, within: str | None = None
) -> Recipient:
    """Adds an institution. Raises InputError (`policy.checked`), NotFoundError for a region outside the actor's, and
    ConflictError where the address stands for this region already."""
    given = policy.checked(new)
    check_reach(given.region, within)
    row = RecipientRow(
        institution=given.institution,
        kind=given.kind.value,
        region=given.region,
        channel=given.channel.value,
        address=given.address,
        language=given.language,
        added_by=actor,
        added_at=now,
    )
    known = select(RecipientRow.id).where(RecipientRow.address == given.address, RecipientRow.region == given.region)
    try:
        with session.begin_nested():
            if session.scalar(known) is not None:
                raise _twice(given)
            session.add(row)
            session.flush()
    except IntegrityError:  # somebody else added it at this moment
        raise _twice(given) from None
    return repository.as_recipient(row)


def switch(
    session: Session, recipient_id: int, active: bool, *, actor: str, now: datetime, within: str | None = None
) -> Recipient:
    """Switches a recipient off or on; what waits for it is not sent while it is off. Raises NotFoundError, and
    ConflictError where it stands so already."""
    row = repository.recipient_row(session, recipient_id, within=within)
    if within is not None and not is_within(row.region, within):
        raise NotFoundError(
            f"The recipient {recipient_id} is of a wider region than yours.", hint="Ask an admin of it."
        )
    changed = session.execute(
        update(RecipientRow)
        .where(RecipientRow.id == recipient_id, RecipientRow.active.is_(not active))
        .values(active=active, changed_by=actor, changed_at=now)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        stands = "on" if active else "off"
        raise ConflictError(f"The recipient {recipient_id} is {stands} already.", hint="Nothing is left to be done.")
    session.refresh(row)
    return repository.as_recipient(row)


def ask_grant(
    session: Session,
    recipient_id: int,
    region: str,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    *,
    actor: str,
    now: datetime,
    within: str | None = None,
) -> Grant:
    """An admin asks that the police or intelligence be switched on for a region and a period; nothing goes before
    another account approved it.

    Raises NotFoundError, InputError (no region, a period that is too long or over, no reason) and ConflictError for a
    recipient that needs no permission.
    """
    row = repository.recipient_row(session, recipient_id, within=within)
    if not repository.as_recipient(row).is_guarded:
        raise ConflictError(
            f"The recipient {recipient_id} needs no permission.", hint="Only police and intelligence do."
        )
    if place(region) is None:
        raise InputError(f"The region {region!r} is not known.", hint="Give a Kemendagri code such as 63.03.")
    if not is_within(region, row.region) and not is_within(row.region, region):
        raise InputError(f"The recipient is not of the region {region}.", hint=f"Its own is {row.region}.")
    check_reach(region, within)
    policy.check_period(starts_at, ends_at, now)
    grant = RecipientGrantRow(
        recipient_id=recipient_id,
        region=region,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason_of(reason, is_needed=True),
        asked_by=actor,
        asked_at=now,
    )
    session.add(grant)
    session.flush()
    return repository.as_grant(grant)


def decide_grant(
    session: Session,
    grant_id: int,
    approved: bool,
    reason: str,
    *,
    actor: str,
    now: datetime,
    within: str | None = None,
) -> Grant:
    """A second account approves or refuses a permission; a refusal needs its reason.

    Raises NotFoundError, InputError, ForbiddenError (whoever asked cannot decide) and ConflictError (decided, revoked
    or over already; or whoever asked is no admin any more).
    """
    row = repository.grant_row(session, grant_id, within=within)
    check_reach(row.region, within)
    text = reason_of(reason, is_needed=not approved)
    if row.asked_by == actor:
        raise ForbiddenError("Whoever asks for a permission cannot approve it.", hint="Another account must.")
    state = policy.grant_state(repository.as_grant(row), now)
    if state is not GrantState.ASKED:
        raise ConflictError(f"The permission {grant_id} is {state} already.", hint="Ask for a new one.")
    if approved and not _is_admin(session, row.asked_by):
        raise ConflictError(
            f"{row.asked_by!r} asked for this permission and is no admin any more.", hint="Ask for a new one."
        )
    decided = session.execute(
        update(RecipientGrantRow)
        .where(
            RecipientGrantRow.id == grant_id,
            RecipientGrantRow.decided_at.is_(None),
            RecipientGrantRow.revoked_at.is_(None),
            RecipientGrantRow.asked_by != actor,
        )
        .values(approved=approved, decided_by=actor, decided_at=now, decision_reason=text)
    )
    if decided.rowcount != 1:  # type: ignore[attr-defined]
        raise ConflictError(f"Somebody else decided on the permission {grant_id}.", hint="Look at it again.")
    session.refresh(row)
    return repository.as_grant(row)


def revoke_grant(
    session: Session, grant_id: int, reason: str, *, actor: str, now: datetime, within: str | None = None
) -> Grant:
    """Ends a permission, or takes the asking for one back; what waits for it is not sent any more.

    Raises NotFoundError, InputError without a reason, and ConflictError for one that is over.
    """
    row = repository.grant_row(session, grant_id, within=within)
    text = reason_of(reason, is_needed=True)
    state = policy.grant_state(repository.as_grant(row), now)
    if state not in (GrantState.ASKED, GrantState.COMING, GrantState.LIVE):
        raise ConflictError(f"The permission {grant_id} is {state} already.", hint="Nothing is left to be done.")
    ended = session.execute(
        update(RecipientGrantRow)
        .where(RecipientGrantRow.id == grant_id, RecipientGrantRow.revoked_at.is_(None))
        .values(revoked_by=actor, revoked_at=now, revoke_reason=text)
    )
    if ended.rowcount != 1:  # type: ignore[attr-defined]
        raise ConflictError(f"The permission {grant_id} was revoked already.", hint="Nothing is left to be done.")
    session.refresh(row)
    return repository.as_grant(row)


def _is_admin(session: Session, name: str) -> bool:
    query = select(UserRow.id).where(UserRow.name == name, UserRow.role == Role.ADMIN.value, UserRow.active)
    return session.scalar(query) is not None


def _twice(given: NewRecipient) -> ConflictError:
    return ConflictError(f"{given.address} stands for {given.region} already.", hint="Switch that one on or off.")
