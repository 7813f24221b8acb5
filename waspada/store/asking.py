"""Asking with statements that were put together once.

SQLAlchemy remembers what it made of a statement by its shape; to find that again it walks the whole statement, unless
it is the same object. A page asks the same dozen things of the store whoever looks: their statements are made once (at
import, or by a function with a bounded memory), with `bindparam` for what changes, and asked here as plain rows.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Result, Select
from sqlalchemy.orm import Session


def ask(session: Session, statement: Select[Any], values: dict[str, Any] | None = None) -> Result[Any]:
    """The rows of a statement in the transaction of `session`, which sees what was added to it so far."""
    session.flush()
    return session.connection().execute(statement, values)
