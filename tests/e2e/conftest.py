"""One demo for all: run once a session, whichever worker comes first, and read by every test that needs it."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from tests.e2e.programs import waspada_anew
from waspada.cli.demo.site import OutletSite
from waspada.cli.demo.world import DemoItem, World
from waspada.store import Store, open_url
from waspada.store.tables import ItemRow, StoryItemRow


@dataclass(frozen=True)
class DemoRun:
    """A finished `waspada demo --exit`: what it said, what it left, and what its authors know of it."""

    data: Path
    code: int
    shown: str
    said: str
    seconds: float
    world: World
    store: Store

    @property
    def database(self) -> Path:
        return self.data / "waspada.db"

    def authored(self) -> dict[int, DemoItem]:
        """Item id -> what its authors know, for every item stored."""
        truth = {_tail(site.url_of(item)): item for site in self._sites() for item in site.items()}
        with self.store.read() as session:
            return {row.id: truth[_tail(row.url)] for row in session.scalars(select(ItemRow))}

    def members(self) -> dict[int, list[int]]:
        """Story id -> its items."""
        found: dict[int, list[int]] = {}
        with self.store.read() as session:
            for row in session.scalars(select(StoryItemRow)):
                found.setdefault(row.story_id, []).append(row.item_id)
        return found

    def _sites(self) -> list[OutletSite]:
        return [OutletSite(outlet, self.world.of(outlet.id)) for outlet in self.world.outlets.values()]


def _tail(url: str) -> str:
    """What tells items apart in an address: an article's id; of a post's number the part that is not its time."""
    last = urlsplit(url).path.rsplit("/", 1)[-1]
    return last[-6:] if last.isdigit() else last


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Any:
    """The finished demo. Parallel test workers share one run: the first makes it, the others wait for it."""
    own = tmp_path_factory.getbasetemp()
    shared = own if worker_id == "master" else own.parent
    data, report = shared / "demo-data", shared / "demo.json"
    with (shared / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not report.exists():
            report.write_text(json.dumps(_run(data)))
    told = json.loads(report.read_text())
    copy = own / "demo-read" / "waspada.db"
    copy.parent.mkdir()
    shutil.copy(data / "waspada.db", copy)
    store = open_url(f"sqlite:///{copy}")
    yield DemoRun(data=data, world=World(datetime.fromtimestamp(told.pop("now"), UTC)), store=store, **told)
    store.close()


def _run(data: Path) -> dict[str, Any]:
    started = time.monotonic()
    # Neither a desk's database nor an open address in the environment may reach a demo.
    database = "postgresql://nobody@127.0.0.1:1/x"
    done = waspada_anew("demo", "--exit", "--data", str(data), WASPADA_DATABASE_URL=database)
    seconds = time.monotonic() - started
    marker = data / ".waspada-demo"
    now = marker.stat().st_mtime if marker.exists() else time.time()
    return {"code": done.returncode, "shown": done.stdout, "said": done.stderr, "seconds": seconds, "now": now}


@pytest.fixture(scope="session")
def worker_id() -> str:
    """The name of this pytest-xdist worker; `master` where tests run in one process."""
    return os.environ.get("PYTEST_XDIST_WORKER", "master")


@pytest.fixture
def demo_copy(demo: DemoRun, tmp_path: Path) -> Path:
    """The demo's data folder, to be changed at will."""
    folder = tmp_path / "desk"
    shutil.copytree(demo.data, folder)
    return folder
