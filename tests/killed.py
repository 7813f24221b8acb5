"""Processes that kill themselves in the middle of their work, for tests of kill -9."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import event

from waspada.store import Store

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
