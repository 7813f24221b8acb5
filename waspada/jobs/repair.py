"""grouped -> grouped better: stories that turn out to be one event join; an item that fits nowhere in its story leaves.

Items find their story one by one, as they come: two reports that were far apart may be bridged by later ones, and an
edited article may tell of something else. This pass looks again at every story with news that changed, by the policy's
own decision, and does less than it could: what persons said stands (`waspada.stories.bans`), alerts that people work on
are joined by people, and each edit is noted and can be undone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from waspada.alerts.types import SYSTEM, AlertState
from waspada.alerts.writer import FINISHED
from waspada.items.repository import reject
from waspada.jobs.batches import done_or_set_aside
from waspada.store import Store
from waspada.store.tables import AlertRow, StoryItemRow, StoryRow
from waspada.stories import bans, merging, repository
from waspada.stories.fingerprint import jaccard
from waspada.stories.likeness import pair_score
from waspada.stories.merging import By
from waspada.stories.policy import COPY_JACCARD, EVENT_WINDOW, decide, event_likeness
from waspada.stories.types import Candidate, Fingerprint

BATCH_STORIES = 64
#: A story is judged by its newest items, and compared with so many others.
MAX_MEMBERS = 12
MAX_NEAR = 5
#: Both stories of a pair are looked at from the items of each: every one of the smaller story, and at least this share
#: of the larger one, would join the other.
LARGER_SHARE = 0.5
#: An item leaves when with every other item it is less likely than this to share an event, and shares less than half of
#: the words of a copy.
FAR_P = 0.2
FAR_WORDS = 0.5


def repair_recent(store: Store, now: datetime, limit: int = BATCH_STORIES) -> int:
    """Looks at the stories with news of the last 72 hours that changed since they were looked at, the newest first.

    At most `limit` of them, each in a transaction of its own; returns how many items left or stories joined.
    """
    with store.read() as session:
        query = select(StoryRow.id).where(StoryRow.to_repair, StoryRow.last_item_at > now - EVENT_WINDOW)
        waiting = session.scalars(query.order_by(StoryRow.last_item_at.desc(), StoryRow.id).limit(limit)).all()
    edits = 0
    for story_id in waiting:
        found: list[int] = []

        def work(session: Session, ids: Sequence[int], found: list[int] = found) -> None:
            found[:] = [_repair(session, id_, now) for id_ in ids]

        def give_up(session: Session, id_: int, error: Exception) -> None:
            session.execute(update(StoryRow).where(StoryRow.id == id_).values(to_repair=False))
            reject(session, "repair", f"story {id_}", f"{type(error).__name__}: {error}", now)

        done_or_set_aside(store, [story_id], work, give_up)
        edits += sum(found)
    return edits


def _repair(session: Session, story_id: int, now: datetime) -> int:
    """Repairs one story; returns how many edits that took."""
    story = session.get_one(StoryRow, story_id, with_for_update=True, populate_existing=True)
    if not story.to_repair or story.merged_into is not None:
        return 0
    story.to_repair = False
    session.flush()
    members = _newest(session, story_id)
    strangers = _strangers(session, story_id, members)
    for member in strangers:
        merging.part(session, story, [member.item_id], By(SYSTEM, now, False))
    return len(strangers) or _join_one(session, story, members[:MAX_MEMBERS], now)


def _strangers(session: Session, story_id: int, members: Sequence[Fingerprint]) -> list[Fingerprint]:
    """Items that fit to no other one of their story, but never all of it: the oldest stays. None of a large story."""
    if len(members) > MAX_MEMBERS:
        return []
    far = [m for m in members if _is_far_from_all(m, members) and not bans.is_bound(session, m.item_id, story_id)]
    return far[:-1] if len(far) == len(members) else far


def _join_one(session: Session, story: StoryRow, members: Sequence[Fingerprint], now: datetime) -> int:
    """Joins the story with the first one near it that is the same event; the next look goes on from there."""
    for other_id in _near(session, story.id, members):
        theirs = _newest(session, other_id)[:MAX_MEMBERS]
        likeness = would_join(members, theirs)
        if likeness is None or not bans.may_meet(session, story.id, other_id):
            continue
        rows = merging.lock(session, (story.id, other_id))
        if any(row.merged_into is not None for row in rows) or not _alerts_may_join(session, story.id, other_id):
            continue
        into, loser = rows
        merging.join(session, loser, into, By(SYSTEM, now, False), likeness)
        return 1
    return 0


def would_join(ours: Sequence[Fingerprint], theirs: Sequence[Fingerprint]) -> float | None:
    """How alike two stories are, the mean of what the policy says of their items; None where they are not one event."""
    smaller, larger = sorted((ours, theirs), key=len)
    joining = [_decided(item, larger) for item in smaller]
    others = [_decided(item, smaller) for item in larger]
    found = [value for value in (*joining, *others) if value is not None]
    if not smaller or None in joining or sum(v is not None for v in others) < LARGER_SHARE * len(others):
        return None
    return round(sum(found) / len(found), 4)


def _decided(item: Fingerprint, members: Sequence[Fingerprint]) -> float | None:
    join = decide(item, [Candidate(1, member) for member in members])
    return join.likeness if join.story_id is not None else None


def _is_far_from_all(item: Fingerprint, members: Sequence[Fingerprint]) -> bool:
    others = [member for member in members if member.item_id != item.item_id]
    return bool(others) and all(
        event_likeness(item, other) is None
        and pair_score(item, other).p < FAR_P
        and jaccard(item.shingles, other.shingles) < FAR_WORDS * COPY_JACCARD
        for other in others
    )


def _newest(session: Session, story_id: int) -> list[Fingerprint]:
    """The newest items of a story, newest first: one more than is compared tells that there are others."""
    query = select(StoryItemRow.item_id).where(StoryItemRow.story_id == story_id)
    ids = session.scalars(query.order_by(StoryItemRow.item_id.desc()).limit(MAX_MEMBERS + 1)).all()
    found = repository.fingerprints(session, ids)
    return [found[id_] for id_ in ids if id_ in found]


def _near(session: Session, story_id: int, members: Sequence[Fingerprint]) -> list[int]:
    """Other stories with items near the newest ones of this, the likest first."""
    found = repository.likest_stories(session, members[:MAX_NEAR])
    return [other_id for other_id in found if other_id != story_id][:MAX_NEAR]


def _alerts_may_join(session: Session, *story_ids: int) -> bool:
    """Not where people work on both, and not where the new one would vanish in one that they have finished with."""
    states = session.scalars(select(AlertRow.state).where(AlertRow.story_id.in_(story_ids))).all()
    touched = [state for state in states if state != AlertState.NEW]
    return len(states) < 2 or not touched or (len(touched) == 1 and touched[0] not in FINISHED)
