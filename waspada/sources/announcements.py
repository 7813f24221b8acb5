"""SQL about what a poll announced: what of it is new, edited, or a repeat under another address. Never commits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from waspada.items.addresses import Address, read_address
from waspada.sources import policy
from waspada.sources.aliases import KnownArticles, names
from waspada.sources.pages import CORRECTED, ENDED, ERASED, HOLDS_TITLE, SAME_ADDRESS, SAME_TITLE
from waspada.sources.types import Announcement, PageState, PollSaved
from waspada.store.tables import PageRow, SourceRow

#: SQLite allows 32,766 variables a statement, PostgreSQL 65,535.
_CHUNK = 500
#: Of the pages under one article key the newest are looked at; a site whose addresses all look alike has thousands.
_SAME_KEY = 20


def announce_posts(session: Session, source_id: str, posts: Sequence[Announcement], now: datetime) -> PollSaved:
    """Saves the pages of posts that came without a poll (a stream)."""
    return announce(session, source_id, posts, now, complete=True)


def announce(
    session: Session, source_id: str, announced: Sequence[Announcement], now: datetime, complete: bool
) -> PollSaved:
    unique = list({entry.url_key: entry for entry in reversed(announced)}.values())[::-1]
    known = _pages_by_key(session, [entry.url_key for entry in unique])
    fresh = [entry for entry in unique if entry.url_key not in known]
    read = {} if complete else {entry.url_key: read_address(entry.url) for entry in fresh}
    repeats = set() if complete else _known_titles(session, source_id, fresh, now)
    articles = _known_articles(session, source_id, read.values())
    erased = set() if complete else _erased(session, source_id, read.values())
    new: list[Announcement] = []
    # Feeds list the newest first, and pages are fetched in the order of their ids: of two addresses the plain one.
    oldest_first = fresh[::-1]
    for entry in sorted(oldest_first, key=lambda each: _is_variant(read.get(each.url_key))):
        address = read.get(entry.url_key)
        page = _new_page(source_id, entry, address, now, complete)
        if not complete:
            is_erased = address is not None and (address.key, entry.title_key) in erased
            page.detail = ERASED if is_erased else _why_repeated(entry, address, repeats, articles)
            page.state = PageState.SKIPPED.value if page.detail else page.state
            if is_erased:
                page.url = page.title = page.summary = ""
        if not page.detail:
            articles.add(address, entry.title_key)
        if entry.title_key:
            repeats.add(entry.title_key)
        session.add(page)
        if not page.detail:
            new.append(entry)
    for page in known.values():
        if page.backfill_id is not None and page.state == PageState.WAITING:
            page.backfill_id = None  # a source lists it as news: it waits behind no backfill
    mine = [e for e in unique if e.url_key in known and known[e.url_key].source_id == source_id]
    owners = {} if complete else _owners(session, source_id, [known[entry.url_key] for entry in mine])
    edited = _edited(known, mine, owners, now, complete)
    newest_at = _newest_at(unique, known, {entry.url_key for entry in new}, now)
    return PollSaved(tuple(new), tuple(edited), len(fresh) - len(new), len(known), newest_at)


def known_keys(session: Session, keys: Iterable[str]) -> set[str]:
    """Which of these URL keys some source announced before."""
    return set(_pages_by_key(session, list(keys)))


def _newest_at(
    entries: Sequence[Announcement], known: Mapping[str, PageRow], new: Collection[str], now: datetime
) -> datetime | None:
    """When the newest of these entries was said: published, or first seen (by any source) where that is earlier or all
    that is known. A repeat under a new address says nothing by itself: only its date counts."""
    said = []
    for entry in entries:
        seen_at = known[entry.url_key].seen_at if entry.url_key in known else now
        if entry.published_at is not None:
            said.append(min(entry.published_at, seen_at))
        elif entry.url_key in known or entry.url_key in new:
            said.append(seen_at)
    return max(said, default=None)


def _is_variant(address: Address | None) -> bool:
    return address is not None and address.is_variant


def _new_page(source_id: str, entry: Announcement, address: Address | None, now: datetime, complete: bool) -> PageRow:
    return PageRow(
        source_id=source_id,
        url=entry.url,
        url_key=entry.url_key,
        title="" if complete else entry.title,
        title_key=None if complete else entry.title_key,
        summary="" if complete else entry.summary,
        published_at=entry.published_at,
        seen_at=now,
        state=(PageState.DONE if complete else PageState.WAITING).value,
        detail="",
        checked_at=now if complete else None,
        article_key=address.key if address is not None else None,
    )


def _why_repeated(
    entry: Announcement, address: Address | None, titles: Collection[str], articles: KnownArticles
) -> str:
    """Why an entry announces an article that is known at another address; "" where it is new.

    The address comes before the title: only what shares it is let go again when the chosen page cannot be had.
    """
    if articles.hold(address, entry.title_key):
        return SAME_ADDRESS
    if articles.hold_a_variant(address, entry.title_key):
        return ""  # read as AMP or page by page before: the plain address may say more, and is edited
    return SAME_TITLE if entry.title_key is not None and entry.title_key in titles else ""


def _known_articles(session: Session, source_id: str, read: Collection[Address | None]) -> KnownArticles:
    """Articles of this source's outlet that were read, or will be: by a source that is on and before any backlog."""
    found = KnownArticles()
    will_be = and_(PageRow.state == PageState.WAITING, PageRow.backfill_id.is_(None), SourceRow.enabled)
    which = or_(PageRow.state == PageState.DONE, will_be)
    for page in _under_keys(session, source_id, {address.key for address in read if address is not None}, which):
        found.add(read_address(page.url), page.title_key)
    return found


def _erased(session: Session, source_id: str, read: Collection[Address | None]) -> set[tuple[str | None, str | None]]:
    """Article key and title key of what this outlet announced and was erased or corrected on request: the same article
    at another address is left out too."""
    keys = {address.key for address in read if address is not None}
    kept_out = PageRow.detail.in_((ERASED, CORRECTED))
    found = _under_keys(session, source_id, keys, kept_out)
    return {(page.article_key, page.title_key) for page in found if page.title_key is not None}


def _under_keys(
    session: Session, source_id: str, keys: Collection[str | None], which: ColumnElement[bool]
) -> Iterator[PageRow]:
    """The newest pages of this source's outlet under each of these article keys."""
    outlet = select(SourceRow.outlet).where(SourceRow.id == source_id).scalar_subquery()
    place = func.row_number().over(partition_by=PageRow.article_key, order_by=PageRow.id.desc()).label("place")
    ranked = select(PageRow.id, place).join(SourceRow, SourceRow.id == PageRow.source_id)
    ranked = ranked.where(SourceRow.outlet == outlet, which)
    wanted = sorted(key for key in keys if key is not None)
    for start in range(0, len(wanted), _CHUNK):
        ids = ranked.where(PageRow.article_key.in_(wanted[start : start + _CHUNK])).subquery()
        query = select(PageRow).join(ids, ids.c.id == PageRow.id).where(ids.c.place <= _SAME_KEY)
        yield from session.scalars(query.order_by(PageRow.id))


def _owners(session: Session, source_id: str, pages: Sequence[PageRow]) -> dict[int, PageRow]:
    """By the id of an alias among these pages of a source: the page that is asked for in its place."""
    aliases = [page for page in pages if page.state == PageState.SKIPPED]
    by_item = {page.item_id: page for page in _pages_of_items(session, {page.item_id for page in aliases})}
    unread = [page for page in aliases if page.item_id is None and page.detail == SAME_ADDRESS]
    by_name: dict[str, PageRow] = {}
    for page in _under_keys(session, source_id, {page.article_key for page in unread}, PageRow.state.in_(ENDED)):
        by_name.update(dict.fromkeys(_names_of(page), page))
    found = {page.id: by_item[page.item_id] for page in aliases if page.item_id in by_item}
    for page in unread:
        owner = next((by_name[name] for name in _names_of(page) if name in by_name), None)
        found |= {page.id: owner} if owner is not None else {}
    return found


def _pages_of_items(session: Session, item_ids: Collection[int | None]) -> Iterator[PageRow]:
    wanted = sorted(item_id for item_id in item_ids if item_id is not None)
    for start in range(0, len(wanted), _CHUNK):
        of_items = PageRow.item_id.in_(wanted[start : start + _CHUNK])
        yield from session.scalars(select(PageRow).where(of_items, PageRow.state.in_(ENDED)))


def _names_of(page: PageRow) -> frozenset[str]:
    address = read_address(page.url)
    return names(address, page.title_key) if address is not None else frozenset()


def _edited(
    known: dict[str, PageRow],
    entries: Sequence[Announcement],
    owners: Mapping[int, PageRow],
    now: datetime,
    complete: bool,
) -> list[Announcement]:
    """Known entries that say their article changed; their pages, or those read in their place, wait for another fetch.

    Only the source that announced a page first is heard: two feeds of one outlet may word a title differently.
    """
    read = [owners.get(known[entry.url_key].id, known[entry.url_key]) for entry in entries]
    checked = [page.checked_at for page in read]
    claims = [policy.is_edited("", "", e.updated_at, at, now) for e, at in zip(entries, checked, strict=True)]
    believable = policy.updates_are_believable(claims)
    edited = []
    for entry, owner, checked_at in zip(entries, read, checked, strict=True):
        page = known[entry.url_key]
        if page.detail in (ERASED, CORRECTED):  # no word of it comes back this way
            continue
        updated_at = entry.updated_at if believable else None
        changed = policy.is_edited(page.title, entry.title, updated_at, checked_at, now)
        if entry.title and not complete:
            page.title, page.title_key = entry.title, entry.title_key
        if not changed:
            continue
        edited.append(entry)
        if complete:
            page.checked_at = now
        elif owner.state in ENDED:
            owner.state, owner.attempts, owner.next_try_at, owner.detail = PageState.WAITING.value, 0, None, "edited"
    return edited


def _known_titles(session: Session, source_id: str, entries: Sequence[Announcement], now: datetime) -> set[str]:
    wanted = [entry.title_key for entry in entries if entry.title_key]
    found: set[str] = set()
    for start in range(0, len(wanted), _CHUNK):
        query = select(PageRow.title_key).where(
            PageRow.source_id == source_id,
            PageRow.title_key.in_(wanted[start : start + _CHUNK]),
            PageRow.seen_at > now - policy.SAME_TITLE_FOR,
            HOLDS_TITLE,
        )
        found.update(key for key in session.scalars(query) if key)
    return found


def _pages_by_key(session: Session, keys: Sequence[str]) -> dict[str, PageRow]:
    found: dict[str, PageRow] = {}
    for start in range(0, len(keys), _CHUNK):
        rows = session.scalars(select(PageRow).where(PageRow.url_key.in_(keys[start : start + _CHUNK])))
        found.update({row.url_key: row for row in rows})
    return found
