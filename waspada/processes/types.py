"""The shapes of what is known of the machine's processes and queues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class ProcessRole(StrEnum):
    COLLECTOR = "collector"
    STREAM = "stream"
    WORKER = "worker"
    API = "api"


class Life(StrEnum):
    """How a process is, by its last beat."""

    ALIVE = "alive"
    STUCK = "stuck"  # it beats, and its work has not gone on for long
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Process:
    """One process. `touched_at` is when its work last went on, None where it says nothing of that."""

    role: ProcessRole
    host: str
    pid: int
    started_at: datetime
    beat_at: datetime
    touched_at: datetime | None
    version: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Queues:
    """What waits, in rows. `oldest` is the age of the first of a queue's rows in seconds, where that is known."""

    pages: int
    to_tag: int
    to_group: int
    to_match: int
    to_topics: int
    stories: int
    deliveries: int
    deliveries_late: int
    deliveries_failed: int
    rejects: int


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that readiness depends on; `words` say what is wrong, without a secret."""

    name: str
    fine: bool
    words: str


@dataclass(frozen=True, slots=True)
class Storage:
    """Bytes. `free` and `backup_at` are None where the database is on another machine and nobody tells."""

    database: int | None
    wal: int | None
    free: int | None
    backup_at: datetime | None


@dataclass(frozen=True, slots=True)
class Machine:
    """All of it, for one look."""

    processes: Sequence[tuple[Process, Life]]
    queues: Queues
    storage: Storage
    checks: Sequence[Check]
