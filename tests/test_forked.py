"""A program that is forked does what one does that a fresh interpreter starts."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.forked import ROOT, Ended, cold, run, running

Start = Callable[..., Ended]


@pytest.fixture(params=[run, cold], ids=["forked", "cold"])
def start(request: pytest.FixtureRequest) -> Start:
    found: Start = request.param
    return found


def _given(**more: str) -> dict[str, str]:
    return dict(os.environ) | {"PYTHONPATH": str(ROOT)} | more


def test_it_has_streams_folder_and_environment_of_its_own(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WASPADA_HERE", "1")
    told = start("tests.told", "well", stdin="halo é".encode(), environment=_given(WASPADA_THERE="2"), cwd=tmp_path)
    assert told == Ended(0, f"halo é {tmp_path} 1 2\n".encode(), b"")
    bare = start("tests.told", "well", environment={"PYTHONPATH": str(ROOT)}, cwd=tmp_path)
    assert bare == Ended(0, f" {tmp_path} None None\n".encode(), b"")
    assert Path.cwd() != tmp_path


@pytest.mark.parametrize(
    ("what", "warning", "code", "said"),
    [
        ("well", "error", 0, ""),
        ("badly", "", 1, "buruk"),
        ("warns", "", 0, "UserWarning: awas"),
        ("warns", "error", 1, "Traceback"),
        ("leaves", "", 0, ""),
        ("leaves", "error", 0, "ResourceWarning: unclosed file"),
        ("dies", "", -signal.SIGKILL, ""),
    ],
)
def test_it_ends_in_the_same_way(start: Start, what: str, warning: str, code: int, said: str) -> None:
    ended = start("tests.told", what, environment=_given(PYTHONWARNINGS=warning))
    assert ended.code == code, ended.said
    assert ended.out.startswith(f" {ROOT}".encode())
    assert said in ended.err.decode()
    assert bool(said) == bool(ended.err)


def test_it_may_be_killed_and_what_hangs_is_told() -> None:
    with running("http.server", "0", "--bind", "127.0.0.1") as process:
        with pytest.raises(TimeoutError, match="not ended"):
            process.wait(0.1)
        process.kill()
        assert process.wait(60).code == -signal.SIGKILL
