"""Documents of the checks of the audit log, and of the tables that are printed from the program."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from api.schemas.common import Document
from waspada.audit.checkpoints import Break


class CheckpointOut(Document):
    """The chain was whole up to a row. Keep `head` elsewhere: it shows a log that was cut or made anew."""

    at: datetime
    actor: str
    row_id: int
    rows: int
    head: str


class CheckedOut(Document):
    """How a check from the last checkpoint on ended; `left` rows wait for the next one."""

    ok: bool
    rows: int
    left: int
    broken: Break | None
    broken_id: int | None
    head: str


class RetentionOut(Document):
    """A class of data: for how long it is kept, on which ground, and what erasure does to it."""

    key: str = Field(examples=["posts"])
    data: str
    tables: list[str]
    kept_for: str = Field(examples=["90 days"])
    ground: str
    erasure: str


class TransparencyOut(Document):
    """The report of a month; numbers under 5 that could point at somebody read "<5"."""

    report: dict[str, Any]
