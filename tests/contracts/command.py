"""Running the real commands as an outside program does."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from tests.forked import ROOT, cold, run

CONTRACTS = ROOT / "docs" / "contracts"


@dataclass(frozen=True)
class Answer:
    """What a command did: its exit code, the lines on standard output, and what stood on standard error."""

    code: int
    out: bytes
    errors: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.decode("utf-8").splitlines()]


def waspada(*arguments: str | Path, stdin: bytes = b"", fresh: bool = False) -> Answer:
    """Runs `python -m waspada.cli.main` without settings from outside. A warning is an error.

    With `fresh` by an interpreter that starts anew, so that warnings of imports count, too; else by one that has
    imported everything before.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WASPADA_")}
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}
    start = cold if fresh else run
    ended = start("waspada.cli.main", *arguments, stdin=stdin, environment=environment)
    return Answer(ended.code, ended.out, ended.err.decode("utf-8"))


@lru_cache
def validator(name: str) -> Draft202012Validator:
    schema = json.loads((CONTRACTS / f"{name}.schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema, format_checker=FormatChecker())


def problems(name: str, value: Any) -> list[str]:
    return [f"{list(error.path)}: {error.message[:200]}" for error in validator(name).iter_errors(value)]


def read_jsonl(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def jsonl(values: list[Any]) -> bytes:
    return b"".join(json.dumps(value, ensure_ascii=False).encode() + b"\n" for value in values)
