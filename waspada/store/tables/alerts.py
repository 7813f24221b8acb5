"""Alerts, where they are, their history, and the weights that score them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from waspada.store.tables.base import Base, BigKey, Json

#: SQLite keeps the length that the column was made with, and holds no word to it.
_STATE = String(20).with_variant(String(15), "sqlite")


_IS_DUE = text("due_at IS NOT NULL")


class AlertRow(Base):
    """A story that a person should look at. `revision` guards against two people overwriting each other."""

    __tablename__ = "alerts"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    story_id: Mapped[int] = mapped_column(ForeignKey("stories.id"), unique=True)
    state: Mapped[str] = mapped_column(_STATE, default="new")
    label: Mapped[str] = mapped_column(String(20))
    level: Mapped[int]
    score: Mapped[float]
    parts: Mapped[Json]
    confidence: Mapped[float]  # calibrated probability of `label` in its strongest item
    headline: Mapped[str]
    why: Mapped[str]
    labels: Mapped[Json]  # label -> highest probability among the items where it is on
    item_count: Mapped[int]
    outlet_count: Mapped[int]
    voice_count: Mapped[int]
    opened_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    last_item_at: Mapped[datetime]
    ranked_at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(String(30))
    revision: Mapped[int] = mapped_column(default=1)
    weights_version: Mapped[int | None]  # of ranking_weights, by which it was scored; None is the prior
    notes: Mapped[Json | None] = mapped_column(JSON(none_as_null=True))  # part -> what stands behind its points
    exercise: Mapped[bool] = mapped_column(default=False, server_default=false())  # of the canary: in no list or count
    owner: Mapped[str | None]  # the account that took it in hand
    due_at: Mapped[datetime | None]  # until when the owner is to be done with it
    __table_args__ = (
        Index("ix_alerts_rank", "score", "id"),
        Index("ix_alerts_state", "state", "score"),
        Index("ix_alerts_time", "last_item_at"),
        Index("ix_alerts_opened", "opened_at"),
        Index("ix_alerts_owner", "owner", "score"),
        Index("ix_alerts_due", "due_at", sqlite_where=_IS_DUE, postgresql_where=_IS_DUE),
    )


class AlertPlaceRow(Base):
    """Regions of an alert, best first (`position` 0 is where it happened)."""

    __tablename__ = "alert_places"
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(String(13), primary_key=True, index=True)
    position: Mapped[int]
    __table_args__ = (Index("ix_alert_places_alert", "code", "alert_id", "position"),)


class AlertRegionRow(Base):
    """A region that holds a place of an alert, with the alert's score beside it (waspada.alerts.regions)."""

    __tablename__ = "alert_regions"
    code: Mapped[str] = mapped_column(String(13), primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True, index=True)
    score: Mapped[float]
    __table_args__ = (Index("ix_alert_regions_rank", "code", "score", "alert_id"),)


class AlertEventRow(Base):
    """The history of an alert: opened, raised, lowered, every step a person took, and what they noted."""

    __tablename__ = "alert_events"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str]
    action: Mapped[str] = mapped_column(String(20))
    from_state: Mapped[str | None] = mapped_column(_STATE)
    to_state: Mapped[str | None] = mapped_column(_STATE)
    reason: Mapped[str | None] = mapped_column(String(30))
    note: Mapped[str] = mapped_column(default="")
    revision: Mapped[int | None]  # of the alert after it; None for a note, and before migration 0022
    detail: Mapped[Json] = mapped_column(default=dict)


class RankingWeightsRow(Base):
    """Points of the parts of a score, as learned at a time. One version at most is in use, else the prior.

    Append-only but for `in_use`: an alert names the version by which it was scored.
    """

    __tablename__ = "ranking_weights"
    version: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]  # the account that had them learned
    points: Mapped[Json]
    figures: Mapped[Json]  # waspada.alerts.weights.Figures: what they were learned from and how they did
    in_use: Mapped[bool] = mapped_column(default=False)
