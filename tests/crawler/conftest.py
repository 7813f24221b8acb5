"""What tests of the collector share: a desk of their own, and children that start quickly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler import process
from tests.crawler.desk import Desk, open_desk
from tests.forked import warmed


@pytest.fixture(scope="session", autouse=True)
def _warm_children() -> Iterator[None]:
    """A crawl is a child of a process that has imported everything before (tests/warm.py)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "CONTEXT", warmed())
        yield


@pytest.fixture
def desk_options() -> dict[str, object]:
    """Settings of `desk`; a module with needs of its own has a fixture of this name."""
    return {}


@pytest.fixture
def desk(tmp_path: Path, desk_options: dict[str, object]) -> Iterator[Desk]:
    desk = open_desk(tmp_path / "data", **desk_options)
    yield desk
    desk.store.close()
