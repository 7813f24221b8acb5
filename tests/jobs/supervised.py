"""Children to supervise, and a supervisor in a process of its own that tests may kill.

    python -m tests.jobs.supervised FOLDER

Runs two children that write their pid to FOLDER and sleep.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from waspada.cli.supervisor import ChildSpec, Supervisor


def sleeper(folder: Path, name: str) -> None:
    _write_pid(folder, name)
    time.sleep(600)


def stubborn(folder: Path, name: str) -> None:
    """Does not listen to SIGTERM."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _write_pid(folder, name)
    while True:
        time.sleep(1)


def mortal(folder: Path, name: str, code: int) -> None:
    """Writes that it started and ends with an exit code."""
    with (folder / name).open("a") as file:
        file.write(f"{time.monotonic()}\n")
    sys.exit(code)


def _write_pid(folder: Path, name: str) -> None:
    draft = folder / f".{name}"
    draft.write_text(str(os.getpid()))
    draft.rename(folder / name)


def main(folder: Path) -> None:
    specs = [ChildSpec(name, sleeper, (folder, name)) for name in ("one", "two")]
    Supervisor(specs, lambda line: print(line, flush=True)).run()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
