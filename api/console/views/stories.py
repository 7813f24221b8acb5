"""What the page of a story shows: every text already masked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from waspada.alerts.exits import mask
from waspada.alerts.types import StoryView
from waspada.stories.edits import EditKind, StoryEdit, StoryHistory
from waspada.stories.headlines import HeadlineVersion


@dataclass(frozen=True, slots=True)
class StoryHead:
    id: int
    headline: str
    opened_at: datetime
    last_item_at: datetime
    reports: int
    alert_id: int | None
    revision: int
    merged_into: int | None


@dataclass(frozen=True, slots=True)
class NearStory:
    id: int
    headline: str
    reports: int
    last_item_at: datetime


@dataclass(frozen=True, slots=True)
class EditLine:
    id: int
    at: datetime
    actor: str
    kind: EditKind
    story_id: int
    into_id: int
    reports: int
    reason: str
    undoes: int | None
    undone_by: int | None
    can_be_undone: bool


@dataclass(frozen=True, slots=True)
class HeadlineLine:
    at: datetime
    headline: str
    item_id: int | None


def head(story: StoryView, known: StoryHistory) -> StoryHead:
    return StoryHead(
        id=story.id,
        headline=mask(story.headline),
        opened_at=story.opened_at,
        last_item_at=story.last_item_at,
        reports=story.item_count,
        alert_id=story.alert_id,
        revision=known.revision,
        merged_into=known.merged_into,
    )


def near(story: StoryView) -> NearStory:
    return NearStory(story.id, mask(story.headline), story.item_count, story.last_item_at)


def edit(view: StoryEdit) -> EditLine:
    return EditLine(
        id=view.id,
        at=view.at,
        actor=view.actor,
        kind=view.kind,
        story_id=view.story_id,
        into_id=view.into_id,
        reports=len(view.item_ids),
        reason=mask(view.reason),
        undoes=view.undoes,
        undone_by=view.undone_by,
        can_be_undone=view.can_be_undone,
    )


def headline(view: HeadlineVersion) -> HeadlineLine:
    return HeadlineLine(view.at, mask(view.headline), view.item_id)
