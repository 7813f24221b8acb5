"""What a candidate would do to the alerts of the last two weeks: it reads their items beside the model in use, and each
story is assessed once by either's tags, by the ranking's own rules. Nothing that people see changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from waspada.alerts import weight_versions, writer
from waspada.alerts.scoring import Assessment, assess
from waspada.alerts.volume import Volumes
from waspada.items.repository import of_ids
from waspada.items.standing import stands
from waspada.items.types import Stage
from waspada.jobs.rank import RankingData, surroundings
from waspada.jobs.tag import read_beside
from waspada.models.types import Effect, ModelMove, Moved
from waspada.sources.types import SourceRole
from waspada.store import Store
from waspada.store.tables import AlertRow, ItemRow, SourceRow, StoryItemRow, TagRow
from waspada.taxonomy import Tagger

DAYS = 14
#: So many alerts that would move are kept; all are counted.
MOST_MOVED = 200
#: An alert that stays at its level counts as moved when it enters or leaves the lines that a desk reads in a day.
DESK_LINES = 10
_BATCH = 32
#: (done, of how many)
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a story stands by one model: level 0 is no alert."""

    level: int
    score: float
    label: str


def read_recent_beside(store: Store, tagger: Tagger, now: datetime, progress: Progress, days: int = DAYS) -> int:
    """Has a candidate read the items of the last days that it has not read; returns how many those were. Stopped, it
    goes on where it was: what was read is stored."""
    with store.read() as session:
        read = select(TagRow.item_id).where(
            TagRow.item_id == ItemRow.id, TagRow.version == ItemRow.version, TagRow.model == tagger.model
        )
        recent = select(ItemRow.id).where(ItemRow.found_at > now - timedelta(days=days), ItemRow.stage == Stage.GROUPED)
        ids = session.scalars(recent.where(~read.exists()).order_by(ItemRow.id.desc())).all()
    for start in range(0, len(ids), _BATCH):
        with store.read() as session:
            batch = [one for one in of_ids(session, ids[start : start + _BATCH]) if one.content.text]
        read_beside(store, tagger, batch, now)
        progress(min(start + _BATCH, len(ids)), len(ids))
    return len(ids)


def effect_of(
    store: Store, data: RankingData, candidate: str, other: str, now: datetime, progress: Progress, days: int = DAYS
) -> Effect:
    """How the alerts of the last days would stand with the candidate's tags, by what it has read."""
    with store.read() as session:
        stories = _stories(session, candidate, now - timedelta(days=days))
        volumes = Volumes(now)
        before, after = dict[int, _Place](), dict[int, _Place]()
        for number, story_id in enumerate(stories, start=1):
            before[story_id] = _place(session, story_id, None, data, volumes)
            after[story_id] = _place(session, story_id, candidate, data, volumes)
            progress(number, len(stories))
        alerts = _alerts(session, stories)
    moved = moves(before, after, alerts)
    counts = Counter(one.what for one in moved)
    return Effect(other, days, len(stories), dict(counts), moved[:MOST_MOVED])


def moves(before: dict[int, _Place], after: dict[int, _Place], alerts: dict[int, int]) -> list[Moved]:
    """What stands elsewhere, the highest levels first: pure."""
    ranks_before, ranks_after = _ranks(before), _ranks(after)
    found = []
    for story_id, old in before.items():
        new = after[story_id]
        was, now = ranks_before.get(story_id), ranks_after.get(story_id)
        what = _move(old.level, new.level, was, now)
        if what is not None:
            label = new.label or old.label
            alert = alerts.get(story_id)
            found.append(Moved(story_id, alert, what, label, old.level, new.level, was, now))
    order = list(ModelMove)
    return sorted(found, key=lambda one: (-max(one.level_before, one.level_after), order.index(one.what), one.story))


def _move(old: int, new: int, was: int | None, now: int | None) -> ModelMove | None:
    if old != new:
        if not old:
            return ModelMove.APPEARS
        if not new:
            return ModelMove.VANISHES
        return ModelMove.RISES if new > old else ModelMove.FALLS
    read = [rank is not None and rank <= DESK_LINES for rank in (was, now)]
    return ModelMove.RANK if read[0] != read[1] else None


def _ranks(places: dict[int, _Place]) -> dict[int, int]:
    standing = [(-place.score, -story_id) for story_id, place in places.items() if place.level > 0]
    return {-negative: rank for rank, (_, negative) in enumerate(sorted(standing), start=1)}


def _stories(session: Session, candidate: str, since: datetime) -> Sequence[int]:
    """Stories with an item found since, and one that either model says something of."""
    read = or_(stands(), TagRow.model == candidate)
    recent = (
        select(StoryItemRow.story_id)
        .join(ItemRow, ItemRow.id == StoryItemRow.item_id)
        .join(SourceRow, SourceRow.id == ItemRow.source_id)
        .where(ItemRow.found_at > since, SourceRow.role != SourceRole.EXERCISE)
    )
    said = (
        select(StoryItemRow.story_id)
        .join(TagRow, TagRow.item_id == StoryItemRow.item_id)
        .where(StoryItemRow.story_id.in_(recent), read, TagRow.alert_level > 0)
    )
    return session.scalars(said.distinct().order_by(StoryItemRow.story_id)).all()


def _place(session: Session, story_id: int, model: str | None, data: RankingData, volumes: Volumes) -> _Place:
    members = writer.members(session, story_id, model)
    around = surroundings(session, story_id, members, data, volumes)
    found: Assessment | None = assess(members, around, data.weights or weight_versions.in_use(session))
    return _Place(0, 0.0, "") if found is None else _Place(found.level, found.score, found.label.value)


def _alerts(session: Session, stories: Sequence[int]) -> dict[int, int]:
    query = select(AlertRow.story_id, AlertRow.id).where(AlertRow.story_id.in_(stories))
    return {story_id: id_ for story_id, id_ in session.execute(query)}  # noqa: C416 (a row is no tuple)
