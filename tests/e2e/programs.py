"""Running `waspada` as people do: a process of its own, whose output is read and whose children are counted."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import IO, TypeVar

from tests.forked import ROOT, Ended, cold, run

MODULE = "waspada.cli.main"
PATIENCE_SECONDS = 600.0
COMMAND_SECONDS = 600.0
#: After this long a program that was asked to end hangs; how long it takes on a busy machine is no matter.
END_SECONDS = 60.0
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
_TOKEN = re.compile(r"wsp_[\w-]+")
_T = TypeVar("_T")


def environment(**more: str) -> dict[str, str]:
    """What a program of the tests sees: no setting of the machine's owner, tables wide enough to be read."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WASPADA_")}
    return kept | {"COLUMNS": "250", "PYTHONPATH": str(ROOT)} | more


def waspada(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end."""
    return _completed(run(MODULE, *arguments, environment=environment(**settings), timeout=COMMAND_SECONDS))


def waspada_anew(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """The same by an interpreter that starts as for people."""
    return _completed(cold(MODULE, *arguments, environment=environment(**settings), timeout=COMMAND_SECONDS))


def _completed(ended: Ended) -> subprocess.CompletedProcess[str]:
    return subprocess.CompletedProcess([MODULE], ended.code, ended.out.decode(), ended.err.decode())


class Program:
    """A long-lived program in a session of its own. `said` grows with what it writes on standard error."""

    def __init__(self, *arguments: str, module: str = MODULE, **settings: str) -> None:
        self.said: list[str] = []
        self.shown: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=environment(**settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self._readers = [
            Thread(target=_collect, args=(self.process.stdout, self.shown), daemon=True),
            Thread(target=_collect, args=(self.process.stderr, self.said), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    @property
    def text(self) -> str:
        return "".join(self.said)

    @property
    def all_text(self) -> str:
        """What it showed and what it said, for the one who asks why a test failed."""
        return "".join([*self.shown, *self.said])

    def wait_for(self, found: Callable[[], _T | None], what: str, seconds: float = PATIENCE_SECONDS) -> _T:
        """The first answer that is true; fails with what the program said when it ends or takes too long."""
        end = time.monotonic() + seconds
        while not (answer := found()):
            assert self.process.poll() is None, f"it ended ({self.process.returncode}) before {what}:\n{self.all_text}"
            assert time.monotonic() < end, f"{what} did not happen in {seconds:.0f} s:\n{self.all_text}"
            time.sleep(0.05)
        return answer

    def address(self) -> str:
        """The console's address, once it is printed."""
        return self.wait_for(lambda: _ADDRESS.search(self.text), "its address was said")[0]

    def one_time_token(self) -> str:
        return self.wait_for(lambda: _TOKEN.search(self.text), "its token was said")[0]

    def interrupt(self) -> float:
        """Ctrl-C, as a terminal sends it: to the whole group. Returns the seconds until the program had ended."""
        started = time.monotonic()
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(END_SECONDS)
        self._finish_reading()
        return time.monotonic() - started

    def is_gone(self) -> bool:
        """Whether neither the program nor any child of it, nor theirs, is left."""
        return not members(self.process.pid)

    def kill(self) -> None:
        """`kill -9` of the program alone; its children stay for now."""
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        """Ends what is left of it, however the test went."""
        for pid in [self.process.pid, *members(self.process.pid)]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait()
        self._finish_reading()
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()

    def _finish_reading(self) -> None:
        for reader in self._readers:
            reader.join(5)


def members(session: int) -> set[int]:
    """The living processes of a session (children and theirs), whoever their parent is now."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _parent, _group, own, *_ = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(own) == session and state not in "ZX":
            found.add(int(folder.name))
    return found


def until(true: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"{what} did not happen in {seconds:.0f} s"
        time.sleep(0.05)


def _collect(stream: IO[str], lines: list[str]) -> None:
    for line in stream:
        lines.append(line)
