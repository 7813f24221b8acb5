"""Modules run as programs, each in a process of its own that is forked from one which has imported everything before.

`run("tests.jobs.match_process", url, 0)` does what `python -m tests.jobs.match_process URL 0` does: own process, own
arguments, environment, folder and standard streams, a real exit code, and it can be killed. What it spares is the
import, which takes longer than most of these programs work. It is no test of the import itself, nor of what a fresh
interpreter brings (the seed of its hashes): that a program starts, and says the same, is for `cold`.
"""

from __future__ import annotations

import atexit
import gc
import multiprocessing
import os
import runpy
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from functools import cache
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import TypedDict, Unpack
from unittest.mock import patch

ROOT = Path(__file__).resolve().parents[1]
_STREAMS = ("in", "out", "err")


@dataclass(frozen=True)
class Ended:
    """What a program did: its exit code (-9 where it was killed), what it wrote on each stream."""

    code: int
    out: bytes
    err: bytes

    @property
    def said(self) -> str:
        return (self.out + self.err).decode("utf-8", "replace")


class Given(TypedDict, total=False):
    """What a program is given beside its arguments; without `environment` that of the tests."""

    stdin: bytes
    environment: Mapping[str, str] | None
    cwd: Path


class Forked:
    """A program that runs. `close` ends what is left of it. One thread waits for its end, as for any `Process`."""

    def __init__(
        self,
        module: str,
        *arguments: object,
        stdin: bytes = b"",
        environment: Mapping[str, str] | None = None,
        cwd: Path = ROOT,
    ) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="waspada-forked-"))
        (self._folder / "in").write_bytes(stdin)
        given = dict(os.environ if environment is None else environment)
        self._process = warmed().Process(
            target=_become, args=(module, [str(one) for one in arguments], self._folder, given, cwd)
        )
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def is_alive(self) -> bool:
        return self._process.is_alive()

    def terminate(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()

    def join(self, timeout: float | None = None) -> None:
        self._process.join(timeout)

    def wait(self, timeout: float) -> Ended:
        """Raises TimeoutError where it has not ended by then."""
        self.join(timeout)
        if self._process.exitcode is None:
            raise TimeoutError(f"it has not ended within {timeout:.0f} s; it said: {self._read('out', 'err')!r}")
        return Ended(self._process.exitcode, self._read("out"), self._read("err"))

    def close(self) -> None:
        self.kill()
        self.join()
        self._process.close()
        shutil.rmtree(self._folder)

    def _read(self, *streams: str) -> bytes:
        return b"".join((self._folder / name).read_bytes() for name in streams if (self._folder / name).exists())


@contextmanager
def running(module: str, *arguments: object, **given: Unpack[Given]) -> Iterator[Forked]:
    process = Forked(module, *arguments, **given)
    try:
        yield process
    finally:
        process.close()


def run(module: str, *arguments: object, timeout: float = 180, **given: Unpack[Given]) -> Ended:
    """Runs it to its end."""
    with running(module, *arguments, **given) as process:
        return process.wait(timeout)


def cold(module: str, *arguments: object, timeout: float = 180, **given: Unpack[Given]) -> Ended:
    """The same by a fresh interpreter: `python -m module arguments`."""
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        input=given.get("stdin", b""),
        capture_output=True,
        env=given.get("environment"),
        cwd=given.get("cwd", ROOT),
        timeout=timeout,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


@cache
def warmed() -> ForkServerContext:
    """Where children come from. The server starts here, so that neither the folder nor a setting of the test that
    happens to be the first goes into all of them."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.warm"])
    with patch.dict(os.environ), chdir(ROOT):
        for name in [name for name in os.environ if name.startswith("WASPADA_")]:
            del os.environ[name]
        forkserver.ensure_running()
    return context


def _become(module: str, arguments: list[str], folder: Path, environment: dict[str, str], cwd: Path) -> None:
    """Runs in the child."""
    _redirect(folder)
    assert "tests.warm" in sys.modules, "the fork server has imported nothing: does `python -c 'import tests.warm'` do?"
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(cwd)
    sys.argv = [module, *arguments]
    _take_warnings(environment.get("PYTHONWARNINGS", ""))
    sys.modules.pop(module, None)
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    finally:
        gc.collect()  # as an interpreter does that ends, so that whatever was left open is told
        atexit._run_exitfuncs()


def _redirect(folder: Path) -> None:
    for number, name in enumerate(_STREAMS):
        flags = os.O_RDONLY if name == "in" else os.O_WRONLY | os.O_CREAT | os.O_APPEND
        opened = os.open(folder / name, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115


def _take_warnings(options: str) -> None:
    """Of the `PYTHONWARNINGS` that an interpreter reads as it starts, the one that tests give."""
    if options == "error":
        sys.warnoptions[:] = [options]
        warnings.simplefilter("error")
