"""Documents for those who look after the product: rejects and the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from api.schemas.common import Document


class RejectOut(Document):
    """Something that could not be handled and was kept aside."""

    id: int = Field(examples=[5])
    at: datetime
    stage: str = Field(examples=["tag"])
    object: str = Field(examples=["item 301"])
    problem: str


class AuditOut(Document):
    """One line of the audit log: ids and keyed hashes, never content."""

    id: int = Field(examples=[900])
    at: datetime
    actor: str = Field(examples=["liaison-1"])
    action: str = Field(examples=["alert.read"])
    object: str = Field(examples=["alert/12"])
    purpose: str = Field(examples=["daily watch"])
    detail: dict[str, Any]
    hash: str


class VerificationOut(Document):
    """Whether the chain of the audit log is whole. Note `head` elsewhere: it shows a log cut short at its end."""

    ok: bool
    rows: int = Field(examples=[900])
    broken_id: int | None = Field(examples=[None])
    head: str
