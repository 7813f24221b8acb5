"""Keeping processes alive: back-off and a reason after a death, an end of all within ten seconds, no orphans."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.jobs.supervised import mortal, sleeper, stubborn
from waspada.cli import supervisor as supervisor_module
from waspada.cli.supervisor import (
    MAX_DELAY_SECONDS,
    STOP_SECONDS,
    ChildSpec,
    Supervisor,
    death_reason,
    restart_delay_seconds,
)

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 20.0


@pytest.mark.parametrize(("deaths", "seconds"), [(0, 1), (1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (500, 60)])
def test_pause_doubles_up_to_a_minute(deaths: int, seconds: float) -> None:
    assert restart_delay_seconds(deaths) == seconds <= MAX_DELAY_SECONDS


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (-9, "ended by SIGKILL"),
        (-15, "ended by SIGTERM"),
        (0, "ended with exit code 0"),
        (2, "ended with exit code 2 (see its message above)"),
        (None, "gone without a trace"),
    ],
)
def test_reason_in_words(code: int | None, said: str) -> None:
    assert death_reason(code) == said


def test_all_get_less_than_ten_seconds_to_end() -> None:
    assert STOP_SECONDS < 9


def test_child_that_dies_is_started_again_with_growing_pauses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor_module, "FIRST_DELAY_SECONDS", 0.2)
    said: list[str] = []
    kid = Supervisor([ChildSpec("kid", mortal, (tmp_path, "kid", 3))], said.append)
    _run_until(kid, lambda: len(said) >= 3)
    assert all(line.startswith("kid ended with exit code 3 (see its message above) after") for line in said)
    starts = [float(line) for line in (tmp_path / "kid").read_text().split()]
    assert len(starts) >= 3
    assert starts[1] - starts[0] >= 0.2
    assert starts[2] - starts[1] >= 0.4


def test_killed_child_is_started_again_and_the_others_stay(tmp_path: Path) -> None:
    said: list[str] = []
    specs = [ChildSpec(name, sleeper, (tmp_path, name)) for name in ("one", "two")]
    both = Supervisor(specs, said.append)
    seen: list[dict[str, int]] = []

    def killed_and_back() -> bool:
        pids = _pids(tmp_path)
        if len(pids) == 2 and not seen:
            seen.append(pids)
            os.kill(pids["one"], signal.SIGKILL)
        return bool(seen) and pids.get("one") not in (None, seen[0]["one"])

    _run_until(both, killed_and_back)
    assert [line.split(" after ")[0] for line in said] == ["one ended by SIGKILL"]
    assert said[0].endswith("starting it again in 1 s")
    now = _pids(tmp_path)
    assert now["two"] == seen[0]["two"]
    assert not any(_alive(pid) for pid in (*now.values(), seen[0]["one"]))


def test_child_that_does_not_listen_is_killed_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor_module, "STOP_SECONDS", 1.0)
    specs = [ChildSpec("deaf", stubborn, (tmp_path, "deaf")), ChildSpec("two", sleeper, (tmp_path, "two"))]
    stopped_at = _run_until(Supervisor(specs, lambda _: None), lambda: len(_pids(tmp_path)) == 2)
    assert time.monotonic() - stopped_at >= 1.0
    assert not any(_alive(pid) for pid in _pids(tmp_path).values())


class TestOwnProcess:
    @pytest.fixture
    def running(self, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.jobs.supervised", str(tmp_path)], cwd=ROOT, start_new_session=True
        )
        _wait_for(lambda: len(_pids(tmp_path)) == 2)
        yield process
        if process.poll() is None:
            process.kill()
        process.wait()

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_signal_ends_all(self, running: subprocess.Popen[bytes], tmp_path: Path, number: signal.Signals) -> None:
        """Ctrl-C reaches the whole group: the children leave it to the supervisor."""
        if number is signal.SIGINT:
            os.killpg(running.pid, number)
        else:
            running.send_signal(number)
        assert running.wait(PATIENCE_SECONDS) == 0
        assert not any(_alive(pid) for pid in _pids(tmp_path).values())

    def test_children_end_when_the_supervisor_is_killed(self, running: subprocess.Popen[bytes], tmp_path: Path) -> None:
        running.kill()
        running.wait()
        _wait_for(lambda: not any(_alive(pid) for pid in _pids(tmp_path).values()))


def _run_until(supervisor: Supervisor, done: Callable[[], bool]) -> float:
    """Runs the supervisor until `done`, then stops it; returns when it was told to. It must not end by itself."""
    stopped: list[float] = []

    def watch() -> None:
        try:
            _wait_for(done)
        finally:
            stopped.append(time.monotonic())
            supervisor.stop()

    watcher = threading.Thread(target=watch)
    watcher.start()
    supervisor.run()
    watcher.join()
    assert done()
    return stopped[0]


def _wait_for(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def _pids(folder: Path) -> dict[str, int]:
    return {path.name: int(path.read_text()) for path in folder.glob("[!.]*")}


def _alive(pid: int) -> bool:
    """Whether a process runs; one that ended and waits to be collected does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
