"""Posts into the store: the polling keeper and the stream save them the same way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.orm import Session

from crawler.articles import post_item
from waspada.items import repository as items
from waspada.items.service import store_item
from waspada.items.types import StoreOutcome
from waspada.sources.types import Announcement, Source, SourceKind

STAGE = "posts"


def save_posts(
    session: Session, source: Source, new: Sequence[Announcement], announced: Sequence[Announcement], now: datetime
) -> int:
    """Stores new posts, and the present text of known ones; a post that was erased here stays erased.

    A post that cannot be stored is listed among the rejects, by the key of its address, and the others are stored.
    Returns how many are new items.
    """
    fresh = {each.url_key for each in new}
    return sum(
        _stored(session, source, post, now) is StoreOutcome.NEW
        for post in announced
        if post.url_key in fresh or _is_heard_on(session, source, post)
    )


def _is_heard_on(session: Session, source: Source, post: Announcement) -> bool:
    """Whether a source may word a stored post anew. The API and the RSS of a Mastodon instance word a post differently,
    so that only the source which found it is heard; all Bluesky sources read one record."""
    item = items.by_url_key(session, post.url_key)
    return item is not None and (item.source_id == source.id or source.kind is SourceKind.BLUESKY)


def _stored(session: Session, source: Source, post: Announcement, now: datetime) -> StoreOutcome | None:
    found = post_item(source, post)
    if not (found.title or found.text):
        return None
    try:
        with session.begin_nested():
            return store_item(session, found, now)
    except (OperationalError, InterfaceError, InternalError):  # the store's trouble, not the post's
        raise
    except Exception as error:  # one odd post must not stop all that come after it; its words are not repeated here
        items.reject(session, STAGE, post.url_key, f"this post could not be stored ({type(error).__name__})", now)
        return None
