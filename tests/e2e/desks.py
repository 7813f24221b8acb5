"""A data folder under test: its sources, what stands in its store, and the service that runs on it."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlalchemy import func, select

import nlp
from tests.e2e.programs import Program
from waspada.clock import utc_now
from waspada.sources.service import add_source
from waspada.sources.types import NewSource
from waspada.store import Store
from waspada.store.tables import ItemRow, ItemVersionRow, PageRow, RejectRow, StoryItemRow, StoryRow, TagRow

WEB_PORT_FREE = 0
CHILDREN = ("api", "collector", "stream", "worker")


@dataclass
class Desk:
    """`store` looks at the same database from outside; `url` names it when it is not the folder's own."""

    data: Path
    store: Store
    url: str | None = None
    max_delay_seconds: float = 60.0

    @property
    def settings(self) -> dict[str, str]:
        """How the service is set. The smaller model tags: what is tested here is that nothing is lost, not the tags,
        and the encoder would take most of the time."""
        return {
            "WASPADA_MODEL_DIR": str(nlp.shipped(nlp.BASELINE)),
            **({"WASPADA_DATABASE_URL": self.url} if self.url else {}),
        }

    def add(self, *sources: NewSource) -> None:
        with self.store.write() as session:
            for source in sources:
                add_source(session, source, utc_now())

    def start(self, allowed: frozenset[str], port: int = WEB_PORT_FREE) -> Program:
        """Starts the service; `pids` knows its children."""
        self._pids.unlink(missing_ok=True)
        options = (str(self.data), str(self._pids), str(port), str(self.max_delay_seconds))
        return Program(*options, *sorted(allowed), module="tests.e2e.service", **self.settings)

    def pids(self) -> dict[str, int]:
        """Name -> pid of the service's living children; empty before they are started."""
        try:
            found: dict[str, int] = json.loads(self._pids.read_text())
        except FileNotFoundError:
            return {}
        return found

    def kill(self, program: Program, name: str) -> None:
        """`kill -9` of one child."""
        pid = program.wait_for(lambda: self.pids().get(name), f"{name} ran")
        os.kill(pid, signal.SIGKILL)

    def count(self, stage: str | None = None) -> int:
        query = select(func.count()).select_from(ItemRow)
        with self.store.read() as session:
            return session.scalar(query.where(ItemRow.stage == stage) if stage else query) or 0

    def waiting(self) -> int:
        with self.store.read() as session:
            query = select(func.count()).select_from(PageRow).where(PageRow.state == "waiting")
            return session.scalar(query) or 0

    def keys(self) -> list[str]:
        """What tells items apart, sorted, with repetitions if there were any."""
        with self.store.read() as session:
            return sorted(session.scalars(select(ItemRow.url_key)))

    def stale(self) -> int:
        with self.store.read() as session:
            return session.scalar(select(func.count()).select_from(StoryRow).where(StoryRow.stale)) or 0

    def check_whole(self) -> None:
        """Every item exactly once, in one version, tagged once, in one story; nothing waits or was put aside."""
        with self.store.read() as session:
            ids = sorted(session.scalars(select(ItemRow.id)))
            assert set(session.scalars(select(ItemRow.stage))) == {"grouped"}
            assert sorted(session.scalars(select(ItemVersionRow.item_id))) == ids
            assert sorted(session.scalars(select(TagRow.item_id))) == ids
            assert sorted(session.scalars(select(StoryItemRow.item_id))) == ids
            stories = set(session.scalars(select(StoryItemRow.story_id)))
            assert set(session.scalars(select(StoryRow.id).where(StoryRow.merged_into.is_(None)))) == stories
            assert set(session.scalars(select(PageRow.state))) <= {"done", "blocked"}
            assert session.scalars(select(RejectRow.problem)).all() == []
            keys = session.scalars(select(ItemRow.url_key)).all()
            assert len(keys) == len(set(keys))

    @property
    def _pids(self) -> Path:
        return self.data.parent / "pids.json"


def answers(base: str) -> bool:
    """Whether the console is ready."""
    try:
        return httpx.get(f"{base}/api/v1/ready", timeout=5).status_code == 200
    except httpx.TransportError:
        return False
