"""Which tags of an item are read where several models read it: those of the model in use, else the newest of the models
that were in use before. What a model says beside the one in use is read by nobody.

The newest promotion or roll-back says which model is in use, so a switch changes one row and no tags. Without any, the
newest tags are read: there never was but one model.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Case, ColumnElement, ScalarSelect, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from waspada.store.tables import ItemRow, ModelEventRow, StoryItemRow, TagRow

#: Events (waspada.models.types.Step) after which another model is in use.
SWITCHES = ("promote", "rollback")


def in_use() -> ScalarSelect[str]:
    """The model that the newest switch put in use; NULL without any."""
    newest = select(ModelEventRow.model).where(ModelEventRow.what.in_(SWITCHES))
    return newest.order_by(ModelEventRow.id.desc()).limit(1).scalar_subquery()


def stands() -> ColumnElement[bool]:
    """Whether a row of tags may be read."""
    return or_(~TagRow.beside, TagRow.model == in_use())


def last_is_read() -> tuple[Case[Any], InstrumentedAttribute[datetime], InstrumentedAttribute[str]]:
    """The order of an item's tags of one version in which the last is the one that is read."""
    return case((TagRow.model == in_use(), 1), else_=0), TagRow.tagged_at, TagRow.model


def embedded_by(base: str) -> ColumnElement[bool]:
    """Whether tags hold an embedding of this model: its own, or those of other heads on it (`embedding_of`)."""
    return or_(TagRow.model == base, TagRow.model.startswith(f"{base}~", autoescape=True))


def last_switch(session: Session) -> ModelEventRow | None:
    """The promotion or roll-back after which the model in use is."""
    newest = select(ModelEventRow).where(ModelEventRow.what.in_(SWITCHES))
    return session.scalar(newest.order_by(ModelEventRow.id.desc()).limit(1))


def heard_since(session: Session, story_ids: list[int], since: datetime) -> set[int]:
    """Those of the stories with a text (an item or an edit of one) that no model had read before `since`."""
    first = (
        select(StoryItemRow.story_id)
        .join(ItemRow, ItemRow.id == StoryItemRow.item_id)
        .join(TagRow, (TagRow.item_id == ItemRow.id) & (TagRow.version == ItemRow.version))
        .where(StoryItemRow.story_id.in_(story_ids))
        .group_by(StoryItemRow.story_id, ItemRow.id)
        .having(func.min(TagRow.tagged_at) >= since)
    )
    return set(session.scalars(first))
