"""Running the real commands as an outside program does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

ROOT = Path(__file__).resolve().parents[2]
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


def waspada(*arguments: str | Path, stdin: bytes = b"") -> Answer:
    """Runs `python -m waspada.cli.main` without settings from outside."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WASPADA_")}
    done = subprocess.run(
        [sys.executable, "-m", "waspada.cli.main", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        env=environment | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"},
        timeout=180,
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr.decode("utf-8"))


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
