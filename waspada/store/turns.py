"""One after another: writers that must not decide at the same moment."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

_TAKE = text("SELECT pg_advisory_xact_lock(:key)")


def take_turns(session: Session, key: int) -> None:
    """Waits until nobody else is in a transaction that took this key; holds it to the end of this one.

    SQLite has one writer at a time by itself, so that nothing is to be done there.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(_TAKE, {"key": key})
