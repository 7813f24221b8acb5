"""grouped -> grouped better: stories that turn out to be one event join; an item that fits nowhere in its story leaves.

Items find their story one by one, as they come: two reports that were far apart may be bridged by later ones, and an
edited article may tell of something else. This pass looks again at every story with news that changed, by the policy's
own decision, and does less than it could: what persons said stands (`waspada.stories.bans`), alerts that people work on
are joined by people, and each edit is noted and can be undone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from waspada.alerts.types import SYSTEM, AlertState
from waspada.alerts.writer import FINISHED
from waspada.items.repository import reject
from waspada.jobs.batches import done_or_set_aside
from waspada.store import Store
from waspada.store.tables import AlertRow, StoryRow
from waspada.stories import bans, merging, repository
from waspada.stories.fingerprint import jaccard
from waspada.stories.likeness import pair_score
from waspada.stories.merging import By
from waspada.stories.policy import COPY_JACCARD, EVENT_WINDOW, decide, event_likeness
from waspada.stories.types import Candidate, Fingerprint

#: What an edit changed is looked at again in the next round; so many end edits that would lead back to their start.
MAX_ROUNDS = 20
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


def repair_recent(store: Store, now: datetime, stopping: Callable[[], bool] = lambda: False) -> int:
    """Looks at the stories with news of the last 72 hours that changed since they were looked at: the newest and the
    oldest by turns, so that where time does not suffice news is looked at soon and none is left out till it is old.

    Each in a transaction of its own, until all are at rest or `stopping` says so: the next call looks at the rest.
    Returns how many items left or stories joined.
    """
    return _repair_stories(store, _recent(now), now, stopping)


def repair_all(store: Store, now: datetime) -> int:
    """The same for every story that changed, however old its news: for items that come in all at once."""
    return _repair_stories(store, _changed(), now)


def backlog(session: Session, now: datetime) -> int:
    """How many stories `repair_recent` has to look at."""
    return session.scalar(select(func.count()).select_from(_recent(now).subquery())) or 0


def _changed() -> Select[int]:
    return select(StoryRow.id).where(StoryRow.to_repair)


def _recent(now: datetime) -> Select[int]:
    return _changed().where(StoryRow.last_item_at > now - EVENT_WINDOW)


def _repair_stories(
    store: Store, changed: Select[int], now: datetime, stopping: Callable[[], bool] = lambda: False
) -> int:
    edits = 0
    for _ in range(MAX_ROUNDS):
        with store.read() as session:
            waiting = session.scalars(changed.order_by(StoryRow.last_item_at.desc(), StoryRow.id)).all()
        for story_id in _by_turns(waiting):
            if stopping():
                return edits
            edits += _look(store, story_id, now)
        if not waiting:
            break
    return edits


def _by_turns(newest_first: Sequence[int]) -> Iterator[int]:
    """The first, the last, the second, the last but one, and so on."""
    waiting = deque(newest_first)
    while waiting:
        yield waiting.popleft()
        if waiting:
            yield waiting.pop()


def _look(store: Store, story_id: int, now: datetime) -> int:
    """Repairs one story in a transaction of its own; what cannot be read is kept aside. Returns how many edits."""
    edits = 0

    def work(session: Session, ids: Sequence[int]) -> None:
        nonlocal edits
        edits = sum(_repair(session, id_, now) for id_ in ids)

    def give_up(session: Session, id_: int, error: Exception) -> None:
        session.execute(update(StoryRow).where(StoryRow.id == id_).values(to_repair=False))
        reject(session, "repair", f"story {id_}", f"{type(error).__name__}: {error}", now)

    done_or_set_aside(store, [story_id], work, give_up)
    return edits


def _repair(session: Session, story_id: int, now: datetime) -> int:
    """Repairs one story; returns how many edits that took."""
    story = session.get(StoryRow, story_id, with_for_update=True, populate_existing=True)
    if story is None or not story.to_repair or story.merged_into is not None:
        return 0
    story.to_repair = False
    session.flush()
    strangers = _strangers(session, story_id)
    for member in strangers:
        merging.part(session, story, [member.item_id], By(SYSTEM, now, False))
    return len(strangers) or _join_one(session, story, now)


def _strangers(session: Session, story_id: int) -> list[Fingerprint]:
    """Items that fit to no other one of their story, but never all of it: the oldest stays. None of a large story.

    None either while an item has no tags: it may be the one that another fits to. When they come the story is looked at
    again (`repository.refresh`).
    """
    ids = repository.newest_items(session, story_id, MAX_MEMBERS + 1)
    members = _in_order(session, ids) if 1 < len(ids) <= MAX_MEMBERS else []
    if len(members) < len(ids):
        return []
    far = [m for m in members if _is_far_from_all(m, members) and not bans.is_bound(session, m.item_id, story_id)]
    return far[:-1] if len(far) == len(members) else far


def _join_one(session: Session, story: StoryRow, now: datetime) -> int:
    """Joins the story with the first one near it that is the same event; the next look goes on from there."""
    near = repository.near_stories(session, story.id, lambda item, other: _decided(item, [other]) is not None)
    members = _newest(session, story.id) if near else []
    for other_id in near[:MAX_NEAR]:
        likeness = would_join(members, _newest(session, other_id))
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
    """The items by which a story is judged, newest first."""
    return _in_order(session, repository.newest_items(session, story_id, MAX_MEMBERS))


def _in_order(session: Session, ids: Sequence[int]) -> list[Fingerprint]:
    """Without those that wait for tags."""
    found = repository.fingerprints(session, ids)
    return [found[id_] for id_ in ids if id_ in found]


def _alerts_may_join(session: Session, *story_ids: int) -> bool:
    """Not where people work on both, and not where the new one would vanish in one that they have finished with."""
    states = session.scalars(select(AlertRow.state).where(AlertRow.story_id.in_(story_ids))).all()
    touched = [state for state in states if state != AlertState.NEW]
    return len(states) < 2 or not touched or (len(touched) == 1 and touched[0] not in FINISHED)
