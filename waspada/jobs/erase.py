"""What was deleted at its place is removed here: the same way on which retention removes a post (design, rule 10).

Only the key of a post's address is needed to find it. A page row without address and words stays, so that the post is
not collected again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from waspada.jobs.purge import remove_posts
from waspada.privacy.voices import voices_of
from waspada.store.tables import ItemRow, PageRow, SourceRow
from waspada.taxonomy import ItemKind

#: SQLite allows 32,766 variables a statement.
_CHUNK = 500


def erase_gone(session: Session, url_keys: Collection[str]) -> int:
    """Removes the posts with these keys; returns how many there were. Articles are never touched."""
    keys = sorted(url_keys)
    return sum(_erase(session, keys[start : start + _CHUNK]) for start in range(0, len(keys), _CHUNK))


def stored_posts(session: Session, url_keys: Collection[str]) -> list[str]:
    """Which of these keys are those of stored posts."""
    keys, found = sorted(url_keys), list[str]()
    for start in range(0, len(keys), _CHUNK):
        chunk = keys[start : start + _CHUNK]
        found += session.scalars(
            select(ItemRow.url_key).where(ItemRow.url_key.in_(chunk), ItemRow.kind == ItemKind.POST)
        )
    return found


def posts_of_accounts(session: Session, handles: Collection[str], kind: str) -> list[str]:
    """The keys of the posts of accounts that were deleted at their place, from sources of a kind.

    They are found by the accounts' pseudonyms under the keys that are still held: a second use of the pseudonym beside
    counting (design, rule 2), which serves erasure and nothing else (UU 27/2022, Pasal 43; docs/privacy.md). A post
    whose key was destroyed cannot be found by it and goes with its retention.
    """
    voices = sorted({voice for handle in handles for voice in voices_of(session, handle)})
    found = list[str]()
    for start in range(0, len(voices), _CHUNK):
        query = (
            select(ItemRow.url_key)
            .join(SourceRow, SourceRow.id == ItemRow.source_id)
            .where(
                ItemRow.kind == ItemKind.POST,
                ItemRow.voice.in_(voices[start : start + _CHUNK]),
                SourceRow.kind == kind,
            )
        )
        found += session.scalars(query)
    return found


def _erase(session: Session, keys: Sequence[str]) -> int:
    query = select(ItemRow.id).where(ItemRow.url_key.in_(keys), ItemRow.kind == ItemKind.POST)
    ids = session.scalars(query).all()
    if not ids:
        return 0
    known = select(ItemRow.url_key).where(ItemRow.id.in_(ids))
    session.execute(
        update(PageRow).where(PageRow.url_key.in_(known)).values(url="", title="", title_key=None, summary="")
    )
    remove_posts(session, ids)
    return len(ids)
