"""What leaves the team: institutions outside it, permissions for some of them, and reports proposed and approved."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column

from waspada.store.tables.base import Base, BigKey, Json


class RecipientRow(Base):
    """The office address of an institution outside the team (waspada.recipients); never somebody's own."""

    __tablename__ = "recipients"
    id: Mapped[int] = mapped_column(primary_key=True)
    institution: Mapped[str]
    kind: Mapped[str] = mapped_column(String(15))  # waspada.recipients.types.RecipientKind; never changed
    region: Mapped[str] = mapped_column(String(13))  # that it is responsible for
    channel: Mapped[str] = mapped_column(String(10))  # mail
    address: Mapped[str]  # in small letters; never changed: a permission is for this address
    language: Mapped[str] = mapped_column(String(2))  # id | en
    active: Mapped[bool] = mapped_column(default=True, server_default=true())
    added_by: Mapped[str]
    added_at: Mapped[datetime]
    changed_by: Mapped[str | None]  # who switched it off or on last
    changed_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("address", "region"), Index("ix_recipients_region", "region"))


class RecipientGrantRow(Base):
    """A permission to send to the police or to intelligence: asked for by one account, approved by another."""

    __tablename__ = "recipient_grants"
    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("recipients.id"), index=True)
    region: Mapped[str] = mapped_column(String(13))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    approved: Mapped[bool | None]  # None: nobody decided yet
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str] = mapped_column(default="")
    revoked_by: Mapped[str | None]
    revoked_at: Mapped[datetime | None]
    revoke_reason: Mapped[str] = mapped_column(default="")


class EscalationRow(Base):
    """A report on an alert: to institutions outside (proposed by one account, approved by another), or raised to a desk
    of the team itself (`desk`). `bodies` is the exact masked text by language; `revision` guards against two deciders.
    """

    __tablename__ = "escalations"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), index=True)
    alert_revision: Mapped[int]  # of the alert when it was proposed
    kind: Mapped[str] = mapped_column(String(10))  # informasi | atensi | khusus | ralat | naik
    desk: Mapped[str | None] = mapped_column(String(13))  # of the team, one level up; None: outside the team
    regions: Mapped[list[str]] = mapped_column(JSON)  # of the alert when it was proposed: what a permission must hold
    bodies: Mapped[Json]  # language -> {subject, text}; emptied when its words are past their time
    body_sha256: Mapped[str] = mapped_column(String(64))  # stays when the words go
    remark: Mapped[str] = mapped_column(default="")
    reason: Mapped[str]
    state: Mapped[str] = mapped_column(String(10))
    revision: Mapped[int] = mapped_column(default=1)
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("escalations.id", ondelete="CASCADE"), index=True)
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]  # without an answer; None: a correction waits for one
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str] = mapped_column(default="")
    ended_at: Mapped[datetime | None]  # sent, failed, refused, withdrawn or expired
    problem: Mapped[str] = mapped_column(default="")
    __table_args__ = (Index("ix_escalations_state", "state", "id"), Index("ix_escalations_desk", "desk", "alert_id"))


class EscalationRecipientRow(Base):
    """To whom a report goes, and how that ended; `kind` is the institution's, for counting."""

    __tablename__ = "escalation_recipients"
    escalation_id: Mapped[int] = mapped_column(ForeignKey("escalations.id", ondelete="CASCADE"), primary_key=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("recipients.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(15))
    sent_at: Mapped[datetime | None] = mapped_column(index=True)
    problem: Mapped[str] = mapped_column(default="")
