"""Signs of life: written by a thread, of the living only, and judged without a database."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waspada.processes import repository
from waspada.processes.heart import Heart, beating, host_key
from waspada.processes.policy import SILENT_AFTER, STUCK_AFTER, life_checks, life_of
from waspada.processes.service import readiness
from waspada.processes.types import Life, Process, ProcessRole
from waspada.settings import Settings
from waspada.store import Store

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


def process(
    role: ProcessRole = ProcessRole.WORKER, *, beat: timedelta = timedelta(0), touched: timedelta | None = None
) -> Process:
    return Process(role, "abc", 1, NOW, NOW - beat, NOW - touched if touched is not None else None, "1", {})


@pytest.mark.parametrize(
    ("one", "life"),
    [
        (process(), Life.ALIVE),
        (process(beat=SILENT_AFTER), Life.ALIVE),
        (process(beat=SILENT_AFTER + timedelta(seconds=1)), Life.SILENT),
        (process(beat=-timedelta(hours=5)), Life.ALIVE),
        (process(touched=STUCK_AFTER), Life.ALIVE),
        (process(touched=STUCK_AFTER + timedelta(seconds=1)), Life.STUCK),
    ],
)
def test_how_a_process_is(one: Process, life: Life) -> None:
    assert life_of(one, NOW) is life


@given(st.lists(st.integers(0, 300), max_size=6))
def test_one_living_of_a_kind_is_enough(ages: list[int]) -> None:
    found = [process(beat=timedelta(seconds=age)) for age in ages]
    check = next(one for one in life_checks(found, NOW) if one.name == "worker")
    assert check.fine == (not ages or min(ages) <= SILENT_AFTER.total_seconds())


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "desk")


def test_a_heart_beats_and_says_what_it_is(store: Store, settings: Settings) -> None:
    with beating(store, settings, ProcessRole.WORKER, model="waspada-id-v1") as heart:
        heart.touch()
        heart.beat()
        with store.read() as session:
            (one,) = repository.processes(session)
    assert (one.role, one.pid, one.detail) == (ProcessRole.WORKER, os.getpid(), {"model": "waspada-id-v1"})
    assert one.touched_at is not None
    assert one.host == host_key(settings.secret_key)
    with store.read() as session:
        assert len(repository.processes(session)) == 1, "the last beat stays, so that its end is seen"


def test_a_restarted_process_takes_the_place_of_the_dead(store: Store, settings: Settings) -> None:
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    with store.write() as session:
        for pid, host in ((int(dead.stdout), host_key(settings.secret_key)), (1, "another")):
            repository.beat(session, "worker", host, pid, started_at=NOW, now=NOW, version="1", detail={"model": "old"})
    Heart(store, settings, ProcessRole.WORKER).beat()
    with store.read() as session:
        assert {one.pid for one in repository.processes(session)} == {os.getpid(), 1}, "another machine's stays"


def test_beating_twice_is_one_row(store: Store, settings: Settings) -> None:
    heart = Heart(store, settings, ProcessRole.API)
    heart.beat()
    heart.beat()
    with store.read() as session:
        assert len(repository.processes(session)) == 1


def test_an_empty_desk_is_ready_to_be_read(store: Store) -> None:
    with store.read() as session:
        checks = readiness(session, NOW)
    assert all(check.fine for check in checks)
    assert [check.name for check in checks] == ["database", "migrations", "collector", "worker", "model"]


def test_a_row_of_a_newer_version_is_left_out(store: Store) -> None:
    with store.write() as session:
        repository.beat(session, "oracle", "abc", 1, started_at=NOW, now=NOW, version="9", detail={})
        assert repository.processes(session) == []
