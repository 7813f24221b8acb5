"""Documents of stories."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from api.paging import MAX_ID
from api.schemas.common import Document, Page
from api.schemas.items import ItemOut
from waspada.privacy.reasons import MAX_REASON_CHARACTERS
from waspada.stories.edits import EditKind


class HeadlineOut(Document):
    """A headline of a story and since when it stood; `item_id` is the item whose title it is, where there is one."""

    at: datetime
    headline: str
    item_id: int | None = Field(examples=[301])


class StoryEditOut(Document):
    """Items went from `story_id` to `into_id`: by an account of this product, or by "waspada" itself."""

    id: int = Field(examples=[4])
    at: datetime
    actor: str = Field(examples=["analyst-1"])
    kind: EditKind
    story_id: int = Field(description="Of a merge the story that ended, of a split the one parted.", examples=[41])
    into_id: int = Field(examples=[40])
    item_ids: list[int] = Field(description="The items that moved, as far as they still exist.", examples=[[301, 307]])
    reason: str
    undoes: int | None = Field(description="The edit that an undo takes back.", examples=[None])
    undone_by: int | None = Field(description="The undo of this edit.", examples=[None])


class StoryEditedOut(StoryEditOut):
    stayed: list[int] = Field(description="After an undo: items that came since and stay where they are.")


class StoryOut(Document):
    """Items about one event, newest first. Its edits and headlines: the newest 100 of each."""

    id: int = Field(examples=[40])
    headline: str
    opened_at: datetime
    last_item_at: datetime
    item_count: int = Field(examples=[6])
    alert_id: int | None = Field(examples=[12])
    revision: int = Field(description="Its newest edit, 0 where there is none. Send it back in If-Match.", examples=[4])
    merged_into: int | None = Field(description="The story that has its items now.", examples=[None])
    edits: list[StoryEditOut]
    headlines: list[HeadlineOut]
    items: Page[ItemOut]


class MergeStories(Document):
    """Joins the story with another one, into the older of the two; their alerts become one."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"story_id": 41, "reason": "Satu kejadian."}]}
    )
    story_id: int = Field(ge=1, le=MAX_ID, description="The other story.")
    revision: int | None = Field(default=None, ge=0, le=MAX_ID, description="Of the other story, where you read it.")
    reason: str = Field(default="", max_length=MAX_REASON_CHARACTERS)


class SplitStory(Document):
    """Moves some of its items out of the story into a new one."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"item_ids": [301, 307], "reason": "Kejadian lain."}]}
    )
    item_ids: list[Annotated[int, Field(ge=1, le=MAX_ID)]] = Field(min_length=1, max_length=1000)
    reason: str = Field(default="", max_length=MAX_REASON_CHARACTERS)


class UndoEdit(Document):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "Keliru."}]})
    reason: str = Field(default="", max_length=MAX_REASON_CHARACTERS)
