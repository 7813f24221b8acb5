"""Storing what a collector found."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from waspada.clock import plausible
from waspada.items import addresses, policy, repository
from waspada.items.language import language_of
from waspada.items.recurring import line_keys, without_recurring
from waspada.items.types import FoundItem, Stage, Stored, StoreOutcome
from waspada.privacy import mask_contacts
from waspada.privacy.voices import voice_of
from waspada.store.tables import ItemRow, ItemVersionRow, SourceRow
from waspada.taxonomy import ItemKind


def store_item(session: Session, found: FoundItem, now: datetime) -> StoreOutcome:
    """`keep_item` for whoever needs no more than its outcome."""
    return keep_item(session, found, now).outcome


def keep_item(session: Session, found: FoundItem, now: datetime, recurring: frozenset[str] = frozenset()) -> Stored:
    """Stores an item, a new version of a known one, or nothing when it is unchanged. Storing twice changes nothing.

    Masks contacts of posts and field reports, and replaces the author's handle, before anything reaches the database
    (design, rule 2).
    A publication time that cannot be (before 1995, over a day ahead) is dropped: the item then counts from `now`.
    An article that its outlet shows at a second address is the item of the first; where that address only shows it in
    another way (mobile, AMP, a page of it), or with words that it had before, its wording is no new version.
    `recurring` lines, those that the outlet puts on page after page, are left out, but not of an article that was
    stored with them: that they are known now is no edit.
    """
    title, whole = policy.clean_title(found.title), policy.clean_text(found.text)
    if found.kind is not ItemKind.ARTICLE:
        title, whole = mask_contacts(title), mask_contacts(whole)
    text = without_recurring(whole, recurring)
    digest = policy.content_sha256(title, text)
    lang = found.lang or language_of(f"{title}\n{text}")
    item, is_elsewhere = repository.by_url_key(session, found.url_key), False
    if item is None and found.kind is ItemKind.ARTICLE and found.outlet:
        item, is_elsewhere = _at_another_address(session, found, title, text, digest, now), True
    if item is None:
        item = _insert(session, replace(found, lang=lang), title, text, digest, plausible(found.published_at, now), now)
        return Stored(item.id, StoreOutcome.NEW)
    known = repository.current_version(session, item)
    if recurring:
        text = without_recurring(whole, recurring - line_keys(known.text))
        digest = policy.content_sha256(title, text)
    if known.sha256 == digest or (is_elsewhere and _says_nothing_new(session, item, found, digest)):
        return Stored(item.id, StoreOutcome.UNCHANGED)
    _add_version(session, item, title, text, digest, now)
    item.lang = lang
    return Stored(item.id, StoreOutcome.NEW_VERSION)


def _at_another_address(
    session: Session, found: FoundItem, title: str, text: str, digest: str, now: datetime
) -> ItemRow | None:
    """The item that this outlet showed at another address: by the address, by article number, by the headline in the
    address, or word for word."""
    address, published_at = addresses.read_address(found.url), plausible(found.published_at, now)
    key = address.key if address is not None else None
    for item in repository.by_article_key(session, found.outlet, key) if key else ():
        if addresses.same_address(item.url, found.url):
            return item
        known = repository.current_version(session, item)
        if address is not None and address.number:
            if policy.is_same_article((known.title, known.text), (title, text)):
                return item
        elif _is_recent(item, published_at, now) and policy.is_same_text(known.text, text):
            return item
    if not text:
        return None
    return repository.by_content(session, found.outlet, digest, now - policy.SAME_CONTENT_FOR, published_at)


def _is_recent(item: ItemRow, published_at: datetime | None, now: datetime) -> bool:
    """Whether an article of the same headline may be this one by its time, as with one of the very same words."""
    if item.published_at is not None and published_at is not None:
        return abs(item.published_at - published_at) <= policy.SAME_CONTENT_WITHIN
    return item.found_at > now - policy.SAME_CONTENT_FOR


def _says_nothing_new(session: Session, item: ItemRow, found: FoundItem, digest: str) -> bool:
    is_shown_again = addresses.is_variant(found.url) and addresses.same_address(item.url, found.url)
    return is_shown_again or repository.had_content(session, item.id, digest)


def _insert(
    session: Session,
    found: FoundItem,
    title: str,
    text: str,
    digest: str,
    published_at: datetime | None,
    now: datetime,
) -> ItemRow:
    item = ItemRow(
        source_id=found.source_id,
        kind=found.kind,
        outlet=found.outlet,
        url=policy.url_without_handle(found.url, found.handle) if found.kind is ItemKind.POST else found.url,
        url_key=found.url_key,
        article_key=addresses.article_key(found.url) if found.kind is ItemKind.ARTICLE else None,
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
    return item


def _add_version(session: Session, item: ItemRow, title: str, text: str, digest: str, now: datetime) -> None:
    item.version += 1
    item.title = title
    item.stage = Stage.NEW
    session.add(
        ItemVersionRow(item_id=item.id, version=item.version, title=title, text=text, sha256=digest, seen_at=now)
    )
