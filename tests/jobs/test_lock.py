"""One data folder, one owner: the second is refused with the pid; the lock dies with its process, however it dies."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from waspada.errors import AlreadyRunningError
from waspada.jobs.lock import LOCK_FILE, data_dir_lock, holder

PROGRAM = (
    "import sys; from pathlib import Path; from waspada.jobs.lock import data_dir_lock\n"
    "with data_dir_lock(Path(sys.argv[1])):\n"
    "    print('held', flush=True); sys.stdin.readline()"
)


@contextmanager
def other_process(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_second_process_is_refused_with_the_pid(tmp_path: Path) -> None:
    with other_process(tmp_path) as other:
        with pytest.raises(AlreadyRunningError, match=rf"{tmp_path} \(pid {other.pid}\).*Stop it first"):
            data_dir_lock(tmp_path).__enter__()
        assert holder(tmp_path) == other.pid


def test_lock_is_free_after_a_kill(tmp_path: Path) -> None:
    with other_process(tmp_path) as other:
        other.kill()
        other.wait()
        assert holder(tmp_path) is None
        with data_dir_lock(tmp_path):
            assert (tmp_path / LOCK_FILE).read_text() == str(os.getpid())


def test_lock_is_free_after_a_clean_end(tmp_path: Path) -> None:
    with other_process(tmp_path) as other:
        other.communicate(b"\n")
        assert other.returncode == 0
        with data_dir_lock(tmp_path):
            pass


def test_refusal_leaves_the_owner_its_lock(tmp_path: Path) -> None:
    with other_process(tmp_path) as other:
        for _ in range(2):
            with pytest.raises(AlreadyRunningError):
                data_dir_lock(tmp_path).__enter__()
        assert other.poll() is None
        assert holder(tmp_path) == other.pid


def test_two_folders_do_not_mind_each_other(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    with other_process(tmp_path), data_dir_lock(tmp_path / "b"):
        pass


def test_nobody_holds_a_folder_that_was_never_used(tmp_path: Path) -> None:
    assert holder(tmp_path) is None
    assert holder(tmp_path / "none") is None
