"""Pseudonyms of who posted, with keys that live in the store and die with their period (design, rule 2)."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from waspada.privacy.pseudonyms import KEY_BYTES, normalised_handle, period_of, periods_to_destroy, pseudonym
from waspada.store.tables import PseudonymKeyRow


def voice_of(session: Session, handle: str | None, now: datetime) -> str | None:
    """The pseudonym of a handle in the period of `now`; None for no handle, or one without a name ("@")."""
    if not handle or not normalised_handle(handle):
        return None
    return pseudonym(handle, _key_of(session, period_of(now)))


def voices_of(session: Session, handle: str) -> list[str]:
    """The pseudonyms of a handle under every key that is held.

    For removing what an account that was deleted at its place had posted (`waspada/jobs/erase.py`): the one use beside
    counting, allowed because it serves erasure (UU 27/2022, Pasal 43).
    """
    if not normalised_handle(handle):
        return []
    return [pseudonym(handle, key) for key in session.scalars(select(PseudonymKeyRow.key))]


def destroy_old_keys(session: Session, now: datetime) -> list[str]:
    """Deletes the keys of the periods that are over; returns them."""
    held = session.scalars(select(PseudonymKeyRow.period)).all()
    gone = list(periods_to_destroy(held, now))
    session.execute(delete(PseudonymKeyRow).where(PseudonymKeyRow.period.in_(gone)))
    return gone


def _key_of(session: Session, period: str) -> bytes:
    row = session.get(PseudonymKeyRow, period)
    if row is not None:
        return row.key
    try:
        with session.begin_nested():
            session.add(PseudonymKeyRow(period=period, key=secrets.token_bytes(KEY_BYTES)))
    except IntegrityError:  # another process made the key of this period in the same moment: its key stands
        session.expire_all()
    return session.get_one(PseudonymKeyRow, period).key
