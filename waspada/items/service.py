"""Storing what a collector found."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from waspada.clock import plausible
from waspada.items import policy, repository
from waspada.items.types import FoundItem, Stage, StoreOutcome
from waspada.privacy import mask_contacts
from waspada.privacy.voices import voice_of
from waspada.store.tables import ItemRow, ItemVersionRow, SourceRow
from waspada.taxonomy import ItemKind


def store_item(session: Session, found: FoundItem, now: datetime) -> StoreOutcome:
    """Stores an item, a new version of a known one, or nothing when it is unchanged. Storing twice changes nothing.

    Masks contacts of posts and replaces the author's handle before anything reaches the database (design, rule 2).
    A publication time that cannot be (before 1995, over a day ahead) is dropped: the item then counts from `now`.
    """
    title, text = policy.clean_title(found.title), policy.clean_text(found.text)
    if found.kind is ItemKind.POST:
        title, text = mask_contacts(title), mask_contacts(text)
    digest = policy.content_sha256(title, text)
    published_at = plausible(found.published_at, now)
    item = repository.by_url_key(session, found.url_key)
    if item is None:
        _insert(session, found, title, text, digest, published_at, now)
        return StoreOutcome.NEW
    if repository.current_version(session, item).sha256 == digest:
        return StoreOutcome.UNCHANGED
    _add_version(session, item, title, text, digest, now)
    return StoreOutcome.NEW_VERSION


def _insert(
    session: Session,
    found: FoundItem,
    title: str,
    text: str,
    digest: str,
    published_at: datetime | None,
    now: datetime,
) -> None:
    item = ItemRow(
        source_id=found.source_id,
        kind=found.kind,
        outlet=found.outlet,
        url=policy.url_without_handle(found.url, found.handle) if found.kind is ItemKind.POST else found.url,
        url_key=found.url_key,
        title=title,
        lang=found.lang,
        voice=found.voice or voice_of(session, found.handle, now),
        published_at=published_at,
        found_at=now,
        version=1,
        stage=Stage.NEW,
    )
    session.add(item)
    session.flush()
    session.add(ItemVersionRow(item_id=item.id, version=1, title=title, text=text, sha256=digest, seen_at=now))
    source = session.get(SourceRow, found.source_id)
    if source is not None:
        source.last_item_at = now


def _add_version(session: Session, item: ItemRow, title: str, text: str, digest: str, now: datetime) -> None:
    item.version += 1
    item.title = title
    item.stage = Stage.NEW
    session.add(
        ItemVersionRow(item_id=item.id, version=item.version, title=title, text=text, sha256=digest, seen_at=now)
    )
