"""From what the store says of stories to the documents of the API."""

from __future__ import annotations

from typing import Any

from api import schemas
from waspada.alerts.exits import mask
from waspada.stories.edits import StoryEdit, StoryEdited
from waspada.stories.headlines import HeadlineVersion


def headline(view: HeadlineVersion) -> schemas.HeadlineOut:
    return schemas.HeadlineOut(at=view.at, headline=mask(view.headline), item_id=view.item_id)


def story_edit(view: StoryEdit) -> schemas.StoryEditOut:
    return schemas.StoryEditOut(**_edit_fields(view))


def story_edited(done: StoryEdited) -> schemas.StoryEditedOut:
    return schemas.StoryEditedOut(**_edit_fields(done.edit), stayed=list(done.stayed))


def _edit_fields(view: StoryEdit) -> dict[str, Any]:
    return {
        "id": view.id,
        "at": view.at,
        "actor": view.actor,
        "kind": view.kind,
        "story_id": view.story_id,
        "into_id": view.into_id,
        "item_ids": list(view.item_ids),
        "reason": mask(view.reason),
        "undoes": view.undoes,
        "undone_by": view.undone_by,
    }
