"""Processes that kill themselves in the middle of their work, for tests of kill -9."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Sized
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import event

from waspada.store import Store, open_url

ROOT = Path(__file__).resolve().parents[1]


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
    """Runs `python -m module arguments` in the checkout: exit status, and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=ROOT,
    )
    return done.returncode, done.stdout + done.stderr


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
    """
    calm_url = f"sqlite:///{folder / 'calm.db'}"
    code, said = run_module(module, calm_url, 0)
    assert code == 0, said
    statements, rng = int(said.split()[-1]), random.Random(seed)
    for _ in range(kills):
        code, said = run_module(module, url, rng.randint(1, statements))
        if code == 0:
            break  # it finished before it could be killed
        assert code == -signal.SIGKILL, said
        check(store)
    code, said = run_module(module, url, 0)
    assert code == 0, said
    check(store)
    calm = open_url(calm_url)
    expected, found = picture(calm), picture(store)
    calm.close()
    assert found == expected
    return found
