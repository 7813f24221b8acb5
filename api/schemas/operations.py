"""Documents of the machine: processes, queues, storage."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from api.schemas.common import Document
from waspada.processes.types import Life, ProcessRole


class CheckOut(Document):
    name: str = Field(examples=["worker"])
    fine: bool
    words: str = Field(examples=["alive"])


class ProcessOut(Document):
    """One process and its last sign of life; each writes one every 15 seconds. `host` is a keyed hash."""

    role: ProcessRole
    life: Life
    host: str = Field(examples=["9f86d081884c"])
    pid: int = Field(examples=[4242])
    version: str = Field(examples=["0.6.0"])
    started_at: datetime
    beat_at: datetime
    touched_at: datetime | None = Field(description="When its work last went on, where it says so.")


class QueuesOut(Document):
    """Rows that wait."""

    pages: int = Field(description="Announced pages to be fetched.")
    to_tag: int
    to_group: int
    to_match: int = Field(description="Items to be matched with fact-checks.")
    to_topics: int = Field(description="Items to be compared with topics.")
    stories: int = Field(description="Stories whose alert is out of date.")
    deliveries: int
    deliveries_late: int = Field(description="Due for more than five minutes.")
    deliveries_failed: int = Field(description="Given up in the last day.")
    rejects: int = Field(description="What could not be handled.")


class StorageOut(Document):
    database_bytes: int | None
    wal_bytes: int | None = Field(description="null with PostgreSQL.")
    free_bytes: int | None = Field(description="On the disk of the data folder.")
    backup_at: datetime | None = Field(description="The last `waspada backup`.")


class MachineOut(Document):
    ready: bool
    checks: list[CheckOut]
    processes: list[ProcessOut]
    queues: QueuesOut
    storage: StorageOut
