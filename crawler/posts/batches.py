"""What a stretch of the stream comes to: which posts are kept and which go. Pure, but for the last step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from crawler.posts.saving import save_posts
from crawler.posts.types import AccountGone, Gone, Said
from waspada.jobs.erase import erase_gone, posts_of_accounts, stored_posts
from waspada.sources import announcements, repository
from waspada.sources.types import Announcement, Source, SourceKind


@dataclass(frozen=True, slots=True)
class Heard:
    """What one event says to us, with the source that takes its post, and the cursor of `base` after it."""

    base: str
    said: tuple[Said, ...]
    source_id: str | None
    cursor: str | None


@dataclass(slots=True)
class Batch:
    """Events in their order, reduced: the last word on a post counts. `accounts` and handles live in memory only.

    A post that was deleted and written again under its old address stands in `posts` and in `gone`: what is stored of
    it goes first.
    """

    posts: dict[str, tuple[str, Announcement]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    accounts: set[str] = field(default_factory=set, repr=False)
    cursors: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.posts or self.gone or self.accounts or self.cursors)


def reduced(heard: Iterable[Heard]) -> Batch:
    batch = Batch()
    for each in heard:
        for said in each.said:
            _take(batch, said, each.source_id)
        if each.cursor is not None:
            batch.cursors[each.base] = each.cursor
    return batch


def doomed(session: Session, batch: Batch) -> set[str]:
    """The keys of stored posts that a batch takes back: of the network's many deletions, those that concern us."""
    found = set(stored_posts(session, batch.gone))
    found.update(posts_of_accounts(session, batch.accounts, SourceKind.BLUESKY))
    return found


def save_batch(
    session: Session,
    batch: Batch,
    gone: set[str],
    sources: Mapping[str, Source],
    base_of: Mapping[str, str],
    now: datetime,
) -> dict[str, int]:
    """Removes, stores, and moves the cursors on; returns how many new posts each source got.

    `sources` are those that are read, `base_of` the Jetstream of each. All or nothing with the caller's transaction.
    """
    erase_gone(session, gone)
    counts: dict[str, int] = {}
    for source_id, source in sources.items():
        posts = [post for taker, post in batch.posts.values() if taker == source_id]
        if posts:
            saved = announcements.announce_posts(session, source_id, posts, now)
            # What is read again after a reconnect is no edit: an older wording must not replace a newer one.
            said = [*saved.new, *(post for post in posts if post.updated_at is not None)]
            counts[source_id] = save_posts(session, source, saved.new, said, now)
    for base, cursor in batch.cursors.items():
        repository.save_cursor(session, [id_ for id_, theirs in base_of.items() if theirs == base], cursor)
    return counts


def _take(batch: Batch, said: Said, source_id: str | None) -> None:
    if isinstance(said, Gone):
        batch.posts.pop(said.url_key, None)
        batch.gone.add(said.url_key)
    elif isinstance(said, AccountGone):
        batch.accounts.add(said.handle)
        theirs = [key for key, (_, post) in batch.posts.items() if post.handle == said.handle]
        for key in theirs:
            del batch.posts[key]
    elif source_id is not None:
        before = batch.posts.get(said.url_key)
        if before is None or said.updated_at is not None or before[1].updated_at is None:
            batch.posts[said.url_key] = (source_id, said)  # what is read again after its edit is no later word
