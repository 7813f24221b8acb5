"""Stories: which items are one event, what grouping compares, and what was joined and parted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from waspada.store.tables.base import Base, BigKey, Json

_IS_MERGED = text("merged_into IS NOT NULL")


class StoryRow(Base):
    """Items about one event."""

    __tablename__ = "stories"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    opened_at: Mapped[datetime]
    last_item_at: Mapped[datetime]
    headline: Mapped[str]
    stale: Mapped[bool] = mapped_column(default=True)  # its alert has to be computed again
    to_repair: Mapped[bool] = mapped_column(default=True)  # whether its items belong together has to be looked at
    merged_into: Mapped[int | None] = mapped_column(BigKey)  # the story that took its items; it has none left
    __table_args__ = (
        Index("ix_stories_stale", "stale", "id"),
        Index("ix_stories_repair", "to_repair", "last_item_at"),
        Index("ix_stories_merged_into", "merged_into", sqlite_where=_IS_MERGED, postgresql_where=_IS_MERGED),
    )


class StoryItemRow(Base):
    """An item belongs to exactly one story; `how` and `likeness` say why it joined."""

    __tablename__ = "story_items"
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), primary_key=True)
    story_id: Mapped[int] = mapped_column(ForeignKey("stories.id", ondelete="CASCADE"), index=True)
    how: Mapped[str] = mapped_column(String(20))  # first | copy | event
    likeness: Mapped[float]
    at: Mapped[datetime]


class FingerprintRow(Base):
    """What grouping compares of an item's current version, kept so that a candidate costs no reading of texts."""

    __tablename__ = "fingerprints"
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), primary_key=True)
    terms: Mapped[bytes] = mapped_column(LargeBinary)  # waspada.stories.terms.pack
    regions: Mapped[list[str]] = mapped_column(JSON)
    labels: Mapped[list[str]] = mapped_column(JSON)  # event labels that are on
    is_placed: Mapped[bool] = mapped_column(default=True)  # the text names its regions; they are not the outlet's home
    facts: Mapped[bytes | None] = mapped_column(LargeBinary)  # waspada.stories.facts.pack_facts


class BandRow(Base):
    """Keys by which an item finds others: locality-sensitive hash bands of its shingles, and its rarest terms by day.

    Candidates for copies and for events in other words cost one index look-up a key.
    """

    __tablename__ = "bands"
    value: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), primary_key=True, index=True)


class StoryPlaceRow(Base):
    """Region of a story, and its province, in a time window: candidates for the same event and the region's volume.

    `eventful` says that an item of the story has an event label on, `label_groups` of which groups they are
    (waspada.stories.groups). Volumes count a story in the time of its first report.
    """

    __tablename__ = "story_places"
    code: Mapped[str] = mapped_column(String(13), primary_key=True)
    story_id: Mapped[int] = mapped_column(ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True, index=True)
    last_item_at: Mapped[datetime]
    eventful: Mapped[bool] = mapped_column(default=False)
    first_item_at: Mapped[datetime | None]
    label_groups: Mapped[int] = mapped_column(default=0, server_default="0")
    __table_args__ = (
        Index("ix_story_places_recent", "code", "last_item_at", "eventful"),
        Index("ix_story_places_began", "code", "first_item_at", "label_groups", "story_id"),
    )


class StoryEditRow(Base):
    """Items moved from one story to another, by a person or by the machine's repair; never changed, only undone.

    `story_id` is where the items came from, `into_id` where they went: of a merge the story that ended, of a split the
    one that was parted.
    """

    __tablename__ = "story_edits"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    binding: Mapped[bool]  # a person did it: the machine never goes against it
    kind: Mapped[str] = mapped_column(String(10))  # merge | split | undo
    story_id: Mapped[int] = mapped_column(ForeignKey("stories.id", ondelete="CASCADE"), index=True)
    into_id: Mapped[int] = mapped_column(ForeignKey("stories.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str] = mapped_column(default="")
    alerts: Mapped[Json]  # how the alerts of both stood before: states, levels, points; no words
    undoes: Mapped[int | None] = mapped_column(ForeignKey("story_edits.id", ondelete="CASCADE"), unique=True)


class StoryEditItemRow(Base):
    """An item's part in an edit, and why it stood in its story before; the row goes with its item."""

    __tablename__ = "story_edit_items"
    edit_id: Mapped[int] = mapped_column(ForeignKey("story_edits.id", ondelete="CASCADE"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), primary_key=True, index=True)
    part: Mapped[str] = mapped_column(String(10))  # waspada.stories.edits.EditPart
    how: Mapped[str] = mapped_column(String(20))
    likeness: Mapped[float]


class StoryHeadlineRow(Base):
    """A headline that a story had from a moment on; the row goes with the item whose title it is."""

    __tablename__ = "story_headlines"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    story_id: Mapped[int] = mapped_column(ForeignKey("stories.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    headline: Mapped[str]
    item_id: Mapped[int | None] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), index=True)
