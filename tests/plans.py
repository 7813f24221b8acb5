"""How SQLite would look for what was asked: a statement must not read more where more is stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from waspada.store import Store


class Asked:
    """The statements that a store was asked, with their values, from when this was made."""

    def __init__(self, store: Store) -> None:
        self.statements: list[tuple[str, Any]] = []
        self._store = store
        event.listen(store.engine, "before_cursor_execute", self._note)

    def _note(self, *call: Any) -> None:
        self.statements.append((call[2], call[3]))

    def about(self, words: str) -> list[tuple[str, Any]]:
        return [one for one in self.statements if words in one[0]]

    def plan(self, words: str) -> list[str]:
        """The steps of the plans of all statements with these words. SQLite only."""
        with self._store.read() as session:
            explained: Callable[..., Any] = session.connection().exec_driver_sql
            return [
                str(step.detail)
                for statement, values in self.about(words)
                for step in explained(f"EXPLAIN QUERY PLAN {statement}", values)
            ]
