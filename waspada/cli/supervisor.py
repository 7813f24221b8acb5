"""Keeping the processes of `waspada run` alive: start, restart with back-off, and end them all.

Every child is a fresh interpreter (`spawn`): the crawler's reactor cannot restart, and a child must share nothing.
Children ignore Ctrl-C and obey SIGTERM; they end by themselves when the supervisor is gone.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing import resource_tracker
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from types import FrameType
from typing import Any

from waspada.logs import log_fault

_spawn = multiprocessing.get_context("spawn")

FIRST_DELAY_SECONDS = 1.0
MAX_DELAY_SECONDS = 60.0
#: A child that ran this long is healthy: its next death starts counting anew.
HEALTHY_SECONDS = 60.0
#: All children together get this long after SIGTERM before they are killed.
STOP_SECONDS = 8.0

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """A process to keep alive; `target` must be importable and its arguments picklable."""

    name: str
    target: Callable[..., None]
    args: tuple[Any, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class _Child:
    spec: ChildSpec
    process: SpawnProcess | None = None
    deaths: int = 0
    started_at: float = 0.0
    start_at: float = field(default_factory=time.monotonic)


def restart_delay_seconds(deaths: int) -> float:
    """Pause before the next start after so many deaths in a row: 1, 2, 4 ... 60 seconds."""
    return float(min(MAX_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2 ** (max(1, deaths) - 1)))


def death_reason(exit_code: int | None) -> str:
    """What an exit code says, in words."""
    if exit_code is None:
        return "gone without a trace"
    if exit_code < 0:
        return f"ended by {signal.Signals(-exit_code).name}"
    return f"ended with exit code {exit_code}" + (" (see its message above)" if exit_code else "")


class Supervisor:
    """Runs children until `stop()` or a signal. `say` gets one line for every start and death."""

    def __init__(self, specs: Sequence[ChildSpec], say: Say) -> None:
        self._children = [_Child(spec) for spec in specs]
        self._say = say
        self._stopping = False
        self._wake_read, self._wake_write = os.pipe()

    def run(self) -> None:
        """Blocks until stopped, then ends every child within `STOP_SECONDS` and a little."""
        handlers = {name: signal.signal(name, self._on_signal) for name in (signal.SIGINT, signal.SIGTERM)}
        try:
            while not self._stopping:
                self._start_due()
                self._wait_for_a_death()
                self._bury_dead()
        finally:
            self._end_all()
            for name, handler in handlers.items():
                signal.signal(name, handler)

    def stop(self) -> None:
        self._stopping = True
        os.write(self._wake_write, b".")

    def pids(self) -> dict[str, int]:
        """Name -> pid of the living children."""
        alive = [(c.spec.name, c.process) for c in self._children]
        return {name: p.pid for name, p in alive if p is not None and p.pid is not None and p.is_alive()}

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.stop()

    def _start_due(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.process is None and child.start_at <= now:
                child.process = start_child(child.spec)
                child.started_at = now

    def _wait_for_a_death(self) -> None:
        alive: list[Any] = [c.process.sentinel for c in self._children if c.process is not None]
        due = [c.start_at for c in self._children if c.process is None]
        timeout = max(0.0, min(due) - time.monotonic()) if due else None
        wait([*alive, self._wake_read], timeout)

    def _bury_dead(self) -> None:
        for child in self._children:
            if child.process is None or child.process.is_alive() or self._stopping:
                continue
            child.process.join()
            ran_seconds = time.monotonic() - child.started_at
            child.deaths = 1 if ran_seconds > HEALTHY_SECONDS else child.deaths + 1
            delay = restart_delay_seconds(child.deaths)
            reason = death_reason(child.process.exitcode)
            self._say(f"{child.spec.name} {reason} after {ran_seconds:.0f} s; starting it again in {delay:.0f} s")
            child.process = None
            child.start_at = time.monotonic() + delay

    def _end_all(self) -> None:
        alive = [c.process for c in self._children if c.process is not None]
        for process in alive:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in alive:
            process.join(max(0.0, deadline - time.monotonic()))
            if process.is_alive():
                process.kill()
                process.join()


def start_child(spec: ChildSpec) -> SpawnProcess:
    """The running process of a spec."""
    process = _spawn.Process(target=_child_main, args=(spec,), name=f"waspada-{spec.name}")
    _start_deaf(process)
    return process


def _start_deaf(process: SpawnProcess) -> None:
    """Starts a child with Ctrl-C blocked: it belongs to the supervisor also while the child is still importing."""
    resource_tracker.ensure_running()  # otherwise the start of the tracker, within, would unblock it
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _child_main(spec: ChildSpec) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        spec.target(*spec.args, **spec.options)
    except Exception as error:  # Python would print its text, which may quote what it worked on
        log_fault(spec.name, error)
        sys.exit(1)


def _end_with_parent() -> None:
    """Asks this process to end when its parent is gone, and insists a little later."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(STOP_SECONDS)
        os._exit(1)
