"""The index of the words of items. The database keeps it in step by itself (migration 0019), whoever writes.

Every version of an item is indexed, under item and version in one number; a search takes the current ones. On SQLite it
is an FTS5 table that holds no text (`item_words`), on PostgreSQL a generated column with a GIN index.
"""

from __future__ import annotations

import re

from sqlalchemy import text
from sqlalchemy.orm import Session

from waspada.store import Store

#: Pages merged in one transaction: some 50 ms.
_MERGED_PAGES = 500
_INDEX = re.compile(r"item_words(_data|_idx|_content|_docsize|_config)?|ix_item_versions_words|words")


def is_word_index(name: str) -> bool:
    """Whether a table, column or index of the database belongs to the index: none of `waspada.store.tables` does."""
    return _INDEX.fullmatch(name) is not None


def forget_removed(store: Store) -> None:
    """Takes the words of removed texts out of the file, in short transactions; no search found them any more.

    SQLite marks them as deleted and keeps them until parts of the index are merged. Merging all of it writes it anew.
    """
    if not store.is_sqlite:
        return
    pages = -_MERGED_PAGES  # below zero begins to merge everything into one part
    while store.retrying(lambda session, pages=pages: _merge(session, pages)):  # type: ignore[misc]
        pages = _MERGED_PAGES


def _merge(session: Session, pages: int) -> bool:
    """Whether there is more to merge: sqlite.org/fts5.html, "The 'merge' Command"."""
    before = _changes(session)
    session.execute(text("INSERT INTO item_words (item_words, rank) VALUES ('merge', :pages)"), {"pages": pages})
    return _changes(session) - before >= 2


def _changes(session: Session) -> int:
    return int(session.execute(text("SELECT total_changes()")).scalar_one())
