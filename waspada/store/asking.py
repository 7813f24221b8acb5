"""Asking with statements that were put together once.

SQLAlchemy remembers what it made of a statement by its shape; to find that again it walks the whole statement, unless
it is the same object. A page asks the same dozen things of the store whoever looks: their statements are made once (at
import, or by a function with a bounded memory), with `bindparam` for what changes, and asked here as plain rows.
"""

from __future__ import annotations

from typing import Any, TypeAlias, TypeVarTuple

from sqlalchemy import Result, Row, Select
from sqlalchemy.orm import Session

Columns = TypeVarTuple("Columns")
#: A statement and a row of it whose columns the type checker does not follow.
Asked: TypeAlias = Select[*tuple[Any, ...]]
Answer: TypeAlias = Row[*tuple[Any, ...]]


def ask(session: Session, statement: Select[*Columns], values: dict[str, Any] | None = None) -> Result[*Columns]:
    """The rows of a statement in the transaction of `session`, which sees what was added to it so far."""
    session.flush()
    return session.connection().execute(statement, values)
