"""Processes that kill themselves in the middle of their work, for tests of kill -9."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable, Sized
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import event

from tests.empty import put_empty_store
from tests.forked import cold, run
from waspada.store import Store, open_url


@dataclass(slots=True)
class Ran:
    """How many SQL statements and commits a process ran."""

    statements: int = 0


def kill_after(store: Store, statements: int) -> Ran:
    """After that many SQL statements the process dies by SIGKILL; 0 lets it finish."""
    ran = Ran()

    @event.listens_for(store.engine, "before_cursor_execute")
    @event.listens_for(store.engine, "commit")
    def _count(*_: object) -> None:
        ran.statements += 1
        if ran.statements == statements:
            os.kill(os.getpid(), signal.SIGKILL)

    return ran


def run_module(module: str, *arguments: object) -> tuple[int, str]:
    """Runs a module of the tests in a process of its own: exit status, and what it said."""
    ended = run(module, *arguments)
    return ended.code, ended.said


@cache
def _left_alone(module: str) -> tuple[int, bytes]:
    """How many statements it runs, and the database that it leaves."""
    with TemporaryDirectory() as folder:
        path = put_empty_store(Path(folder))
        ended = cold(module, f"sqlite:///{path}", 0)
        assert ended.code == 0, ended.said
        return int(ended.out.split()[-1]), path.read_bytes()


def same_after_kills(
    module: str,
    store: Store,
    url: str,
    kills: int,
    seed: int,
    folder: Path,
    picture: Callable[[Store], Sized],
    check: Callable[[Store], None] = lambda _: None,
) -> Sized:
    """Kills workers (`module URL STATEMENTS`) at random moments and lets one finish; returns what then stands there.

    That is what a worker leaves that was never killed, in a database in `folder`. `check` holds after every kill.
    The one that is left alone is started by a fresh interpreter, whose hashes have another seed.
    """
    statements, left = _left_alone(module)
    calm_path, rng = folder / "calm.db", random.Random(seed)
    calm_path.write_bytes(left)
    for _ in range(kills):
        code, said = run_module(module, url, rng.randint(1, statements))
        if code == 0:
            break  # it finished before it could be killed
        assert code == -signal.SIGKILL, said
        check(store)
    code, said = run_module(module, url, 0)
    assert code == 0, said
    check(store)
    calm = open_url(f"sqlite:///{calm_path}")
    expected, found = picture(calm), picture(store)
    calm.close()
    assert found == expected
    return found
