"""Documents of searches for words. A search is made once and kept nowhere."""

from __future__ import annotations

from datetime import datetime

from pydantic import ConfigDict, Field

from api.paging import MAX_CURSOR_CHARACTERS
from api.schemas.common import Document
from waspada.alerts.types import AlertState
from waspada.search.query import MAX_CHARACTERS
from waspada.search.service import HITS_A_PAGE, MOST_HITS
from waspada.search.types import SearchOrder


class SearchIn(Document):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"words": '"surat suara" terlambat -banjir', "order": "newest"}]},
    )
    words: str = Field(
        max_length=4 * MAX_CHARACTERS,
        description='All of the words; "words in a row"; -word must not be there. Names no person.',
    )
    order: SearchOrder = SearchOrder.NEWEST
    cursor: str | None = Field(default=None, max_length=MAX_CURSOR_CHARACTERS, description="`next` of the page before.")
    limit: int = Field(default=HITS_A_PAGE, ge=1, le=MOST_HITS)


class SnippetOut(Document):
    text: str = Field(examples=["surat suara"])
    found: bool = Field(description="Whether these are words that were looked for.", examples=[True])


class HitOut(Document):
    """An item that has the words. Private persons are masked, and what stands behind a mask is never found."""

    item_id: int = Field(examples=[301])
    kind: str = Field(examples=["article"])
    outlet: str = Field(examples=["Warta Intan"])
    url: str | None = Field(description="null for posts, whose address names the author.")
    published_at: datetime | None
    found_at: datetime
    title: list[SnippetOut]
    excerpt: list[SnippetOut]


class HitGroupOut(Document):
    """Hits of one story."""

    story_id: int | None = Field(examples=[40])
    alert_id: int | None = Field(description="null where the story has no alert in your region.", examples=[12])
    headline: str | None = Field(description="Of the alert.")
    level: int | None = Field(examples=[2])
    state: AlertState | None
    hits: list[HitOut]


class SearchOut(Document):
    groups: list[HitGroupOut]
    next: str | None = Field(description="The cursor of the next page, null on the last one.", examples=["WzMwMV0"])
