"""Fact-checks, and the items that may repeat them."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from waspada.store.tables.base import Base, BigKey, Json
from waspada.store.types import Vector


class FactCheckRow(Base):
    """A verdict on a claim: of an outlet of the role `factcheck`, imported, or of an analyst of this desk.

    `claim` is what circulated as far as it is quoted, `title` the headline. `seq` grows with every change of any row
    but one of its vectors, which are those of its texts (waspada.claims.matching.texts_of), one behind another.
    """

    __tablename__ = "fact_checks"
    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    claim: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    verdict: Mapped[str] = mapped_column(default="")
    url: Mapped[str | None]
    outlet: Mapped[str] = mapped_column(default="")
    checked_on: Mapped[date | None] = mapped_column(Date)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("items.id", ondelete="SET NULL"), unique=True)
    origin: Mapped[str] = mapped_column(String(10), default="outlet")  # waspada.claims.types.CheckOrigin
    actor: Mapped[str | None]  # who imported it or gave the verdict
    reason: Mapped[str] = mapped_column(default="")  # what an own verdict rests on
    added_at: Mapped[datetime | None]
    seq: Mapped[int] = mapped_column(BigInteger, default=0, index=True)
    looked_back: Mapped[bool] = mapped_column(default=False, index=True)  # recent items wait to be matched with it
    vectors_of: Mapped[str | None] = mapped_column(String(80), index=True)  # way of scoring they are for; None: none
    vectors: Mapped[NDArray[np.float32] | None] = mapped_column(Vector, deferred=True)


class FactCheckEventRow(Base):
    """A verdict of this desk as somebody gave it; a later one on the same words leaves it. A trigger refuses UPDATE."""

    __tablename__ = "fact_check_events"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    claim_id: Mapped[str] = mapped_column(ForeignKey("fact_checks.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    verdict: Mapped[str]
    url: Mapped[str | None]
    reason: Mapped[str]


class ClaimMatchRow(Base):
    """A fact-check that an item may repeat. What a person said stays; `revision` guards against two of them."""

    __tablename__ = "claim_matches"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"))
    claim_id: Mapped[str] = mapped_column(ForeignKey("fact_checks.id", ondelete="CASCADE"), index=True)
    score: Mapped[float]
    state: Mapped[str] = mapped_column(String(10), index=True)  # suggested | confirmed | rejected
    origin: Mapped[str] = mapped_column(String(10))  # who set the state: machine | person
    actor: Mapped[str]
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(default="")
    model: Mapped[str] = mapped_column(String(80))  # what gave the score
    revision: Mapped[int] = mapped_column(default=1)
    __table_args__ = (UniqueConstraint("item_id", "claim_id"),)


class ClaimMatchEventRow(Base):
    """Every step of a match, kept also when the machine takes its suggestion back. A trigger refuses UPDATE."""

    __tablename__ = "claim_match_events"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), index=True)
    claim_id: Mapped[str] = mapped_column(ForeignKey("fact_checks.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    from_state: Mapped[str | None] = mapped_column(String(10))
    to_state: Mapped[str | None] = mapped_column(String(10))  # None: taken back by the machine
    reason: Mapped[str] = mapped_column(default="")
    score: Mapped[float]
    model: Mapped[str] = mapped_column(String(80))


class UnmatchedItemRow(Base):
    """An item that waits to be matched: new, edited, or asked for again by a new fact-check (`again`).

    `asked` counts the requests, so that one which comes while a worker matches is not lost.
    """

    __tablename__ = "unmatched_items"
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), primary_key=True)
    again: Mapped[bool] = mapped_column(default=False)
    asked: Mapped[int] = mapped_column(default=1)
    __table_args__ = (Index("ix_unmatched_items_order", "again", "item_id"),)


class ClaimThresholdRow(Base):
    """From which score a match is suggested and confirmed, for one way of scoring; the newest row is in use."""

    __tablename__ = "claim_thresholds"
    id: Mapped[int] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(String(80), index=True)
    suggested_from: Mapped[float]
    confirmed_from: Mapped[float]
    actor: Mapped[str]
    at: Mapped[datetime]
    detail: Mapped[Json] = mapped_column(default=dict)
