"""Models of this installation: made, compared, shown beside, promoted, rolled back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from waspada.store.tables.base import Base, BigKey, Json


class ModelRow(Base):
    """A model folder in the store of models. Rows and folders stay, whatever becomes of the model."""

    __tablename__ = "models"
    name: Mapped[str] = mapped_column(String(80), primary_key=True)  # name and version: what stands with every tag
    folder: Mapped[str]  # below the model store; of a shipped one its name in the package
    shipped: Mapped[bool] = mapped_column(default=False)
    kind: Mapped[str] = mapped_column(String(20))
    base: Mapped[str | None] = mapped_column(String(80))
    made_of: Mapped[Json]  # recipe, counts and hashes of what it learned from
    comparison: Mapped[Json | None] = mapped_column(JSON(none_as_null=True))  # waspada.models.types.Comparison
    gates: Mapped[Json | None] = mapped_column(JSON(none_as_null=True))
    compared_at: Mapped[datetime | None]
    actor: Mapped[str]
    at: Mapped[datetime]


class ModelEventRow(Base):
    """A decision on a model: shown beside, no longer, promoted, rolled back. The newest says what is used."""

    __tablename__ = "model_events"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    what: Mapped[str] = mapped_column(String(10))  # waspada.models.types.Step
    model: Mapped[str] = mapped_column(String(80))
    previous: Mapped[str | None] = mapped_column(String(80))
    reason: Mapped[str]
    overridden: Mapped[list[str]] = mapped_column(JSON)  # what spoke against it and was set aside
    actor: Mapped[str]
    at: Mapped[datetime]
    walked_to: Mapped[int | None] = mapped_column(BigKey)  # items above it were read anew; 0: done, None: none yet


class TrainingRow(Base):
    """A training that was asked for. What it learned so far lies in its folder, so that it goes on after a stop."""

    __tablename__ = "trainings"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))  # waspada.models.types.TrainingKind
    state: Mapped[str] = mapped_column(String(10))  # waspada.models.types.TrainingState
    asked: Mapped[Json]  # what it is to learn from: counts, last label, base
    stage: Mapped[str] = mapped_column(default="")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    log: Mapped[str] = mapped_column(default="")
    problem: Mapped[str] = mapped_column(default="")
    cancel: Mapped[bool] = mapped_column(default=False)
    model: Mapped[str | None] = mapped_column(String(80))
    actor: Mapped[str]
    at: Mapped[datetime]
    started_at: Mapped[datetime | None]  # of its last start
    beat_at: Mapped[datetime | None]  # its process is alive
    ended_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)  # starts since somebody asked for it
    __table_args__ = (Index("ix_trainings_state", "state", "id"),)


class ModelReportRow(Base):
    """The report of a month about the model in use: rates, calibration, drift. Counts and shares, no words of items."""

    __tablename__ = "model_reports"
    month: Mapped[str] = mapped_column(String(7), primary_key=True)  # YYYY-MM
    model: Mapped[str] = mapped_column(String(80))
    document: Mapped[Json]
    at: Mapped[datetime]
