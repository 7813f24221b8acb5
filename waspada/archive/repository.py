"""SQL about archived pages. Nothing here commits: the caller does."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, or_, select
from sqlalchemy.orm import Session

from waspada.archive.types import ArchivedPage, KeptBody, RawPage
from waspada.items.addresses import article_key, same_address
from waspada.items.policy import url_key as key_of
from waspada.store.tables import ArchivedPageRow, ItemRow, PageRow

#: No article has more addresses than this; a site whose addresses all look alike would have.
_SAME_KEY = 500


def note_page(session: Session, item_id: int, url_key: str, raw: RawPage, kept: KeptBody, now: datetime) -> None:
    """Writes down that this page held this body. The first time counts: fetched again it is not kept longer."""
    known = select(ArchivedPageRow.id).where(ArchivedPageRow.url_key == url_key, ArchivedPageRow.sha256 == kept.sha256)
    if session.scalar(known) is not None:
        return
    session.add(
        ArchivedPageRow(
            sha256=kept.sha256,
            url_key=url_key,
            item_id=item_id,
            url=raw.url,
            status=raw.status,
            headers=dict(raw.headers),
            fetched_at=now,
            body_bytes=kept.body_bytes,
            stored_bytes=kept.stored_bytes,
        )
    )


def total_bytes(session: Session) -> int:
    """What the files of all pages take, each content once."""
    files = select(func.max(ArchivedPageRow.stored_bytes).label("size")).group_by(ArchivedPageRow.sha256).subquery()
    return int(session.scalar(select(func.sum(files.c.size))) or 0)


def find(session: Session, address: str) -> list[ArchivedPage]:
    """Pages of an article, newest first, by its canonical address or any that surely leads to it."""
    url_key = key_of(address)
    of_item = select(ItemRow.id).where(ItemRow.url_key == url_key)
    of_page = select(PageRow.item_id).where(PageRow.url_key == url_key)
    conditions = [
        ArchivedPageRow.url_key == url_key,
        ArchivedPageRow.item_id.in_(of_item),
        ArchivedPageRow.item_id.in_(of_page),
        ArchivedPageRow.item_id.in_(_items_at(session, address)),
    ]
    query = _pages().where(or_(*conditions)).order_by(ArchivedPageRow.fetched_at.desc(), ArchivedPageRow.id.desc())
    return [_page(row, url) for row, url in session.execute(query)]


def _items_at(session: Session, address: str) -> set[int]:
    """Items that an address leads to by its words; an article number alone may be that of a photo page."""
    key = article_key(address)
    if key is None:
        return set()
    of_items = select(ItemRow.id, ItemRow.url).where(ItemRow.article_key == key)
    of_pages = select(PageRow.item_id, PageRow.url).where(PageRow.article_key == key, PageRow.item_id.is_not(None))
    rows = session.execute(of_items.union(of_pages).limit(_SAME_KEY))
    return {item_id for item_id, url in rows if same_address(url, address)}


def between(session: Session, start: datetime, end: datetime) -> Iterator[ArchivedPage]:
    """Pages fetched from `start` on and before `end`, oldest first."""
    query = _pages().where(ArchivedPageRow.fetched_at >= start, ArchivedPageRow.fetched_at < end)
    for row, url in session.execute(query.order_by(ArchivedPageRow.fetched_at, ArchivedPageRow.id)):
        yield _page(row, url)


def everything(session: Session) -> Iterator[ArchivedPage]:
    for row, url in session.execute(_pages().order_by(ArchivedPageRow.id)):
        yield _page(row, url)


def old_pages(before: datetime) -> Select[int]:
    """Ids of pages fetched before a moment."""
    return select(ArchivedPageRow.id).where(ArchivedPageRow.fetched_at < before)


def newest_first(session: Session) -> Sequence[tuple[int, str, int]]:
    """(id, sha256, stored_bytes) of every page."""
    columns = (ArchivedPageRow.id, ArchivedPageRow.sha256, ArchivedPageRow.stored_bytes)
    rows = session.execute(select(*columns).order_by(ArchivedPageRow.fetched_at.desc(), ArchivedPageRow.id.desc()))
    return [(id_, sha256, size) for id_, sha256, size in rows]


def known_contents(session: Session, sha256s: Collection[str]) -> set[str]:
    """Which of these contents some page still holds."""
    return set(session.scalars(select(ArchivedPageRow.sha256).where(ArchivedPageRow.sha256.in_(sha256s))))


def forget_items(session: Session, item_ids: Sequence[int]) -> None:
    """Removes the rows of these items; their files are left over then, and go with the sweep of the folder."""
    session.execute(delete(ArchivedPageRow).where(ArchivedPageRow.item_id.in_(item_ids)))


def forget_pages(session: Session, ids: Sequence[int]) -> None:
    session.execute(delete(ArchivedPageRow).where(ArchivedPageRow.id.in_(ids)))


def _pages() -> Select[*tuple[Any, ...]]:
    return select(ArchivedPageRow, ItemRow.url).join(ItemRow, ItemRow.id == ArchivedPageRow.item_id)


def _page(row: ArchivedPageRow, page_url: str) -> ArchivedPage:
    return ArchivedPage(
        id=row.id,
        item_id=row.item_id,
        page_url=page_url,
        url=row.url,
        status=row.status,
        headers=row.headers,
        fetched_at=row.fetched_at,
        sha256=row.sha256,
        body_bytes=row.body_bytes,
        stored_bytes=row.stored_bytes,
    )
