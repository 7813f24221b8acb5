"""Reports that a person silenced, one by one: for notices they count no more until the silence ends.

The alert itself is not touched: its level, score and lists stay as they are. A report that its outlet edited since it
was silenced counts again: what is new in it nobody has silenced.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from waspada.alerts.scoring import Assessment, Surroundings, assess
from waspada.alerts.writer import members
from waspada.notify.types import Facts, Rules, Subject
from waspada.store.tables import ItemVersionRow, SilenceRow, StoryItemRow
from waspada.taxonomy import EVENT_LABELS


@dataclass(frozen=True, slots=True)
class Muted:
    """The silenced reports of one story: item -> the silence that holds it, the one that lasts longest."""

    items: Mapping[int, int]
    last_id: int


def of_stories(session: Session, stories: Sequence[int], now: datetime) -> dict[int, Muted]:
    """The silenced reports of stories by story; those without any are left out."""
    edited = select(ItemVersionRow.item_id).where(
        ItemVersionRow.item_id == SilenceRow.item_id, ItemVersionRow.seen_at > SilenceRow.at
    )
    query = (
        select(StoryItemRow.story_id, SilenceRow.item_id, SilenceRow.id)
        .join(StoryItemRow, StoryItemRow.item_id == SilenceRow.item_id)
        .where(
            StoryItemRow.story_id.in_(stories),
            SilenceRow.ended_at.is_(None),
            SilenceRow.at <= now,
            SilenceRow.until > now,
            ~edited.exists(),
        )
        .order_by(SilenceRow.until, SilenceRow.id)
    )
    found: dict[int, Muted] = {}
    for story_id, item_id, silence_id in session.execute(query):
        assert item_id is not None  # noqa: S101 (joined by it)
        before = found.get(story_id, Muted({}, 0))
        found[story_id] = Muted({**before.items, item_id: silence_id}, silence_id)
    return found


def without(session: Session, alert: Subject, story_id: int, muted: Muted, rules: Rules, now: datetime) -> Subject:
    """The alert as quieting sees it without the silenced reports of its story.

    Where what is left would interrupt nobody, the alert is as it is, and the silence holds it (`muted_by`).
    """
    rest = [one for one in members(session, story_id) if one.item_id not in muted.items]
    found = assess(rest, Surroundings(now=now, min_voices=rules.min_voices))
    return _seen(alert, found, rules, muted)


def _seen(alert: Subject, found: Assessment | None, rules: Rules, muted: Muted) -> Subject:
    if found is None or found.level < rules.min_level:
        return replace(alert, muted_by=muted.last_id)
    facts = Facts(
        level=min(alert.facts.level, found.level),
        labels=frozenset(label.value for label in found.labels).intersection(EVENT_LABELS),
        places=frozenset(code[:5] for code in found.regions),
        outlets=found.outlet_count,
        texts=max(0, alert.facts.texts - len(muted.items)),
    )
    return replace(alert, facts=facts, last_item_at=found.last_item_at)
