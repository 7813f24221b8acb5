"""The rooms keep their arrows, the packages carry their data, files stay readable."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("waspada", "crawler", "nlp", "api", "models")
#: Needed for training only: the service must install and run without them.
TRAINING = ("torch", "transformers", "sentence_transformers", "sklearn", "scipy", "cleanlab")
#: Where they may be imported.
TRAINING_ROOMS = ("nlp/training", "nlp/evaluation")


def test_import_contracts_hold() -> None:
    program = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([str(program), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_contracts_name_every_package_of_the_domain() -> None:
    """A new folder of the domain must not escape the contracts by being forgotten in them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    domain = next(one for one in contracts if one["name"] == "the domain knows no other room")
    folders = {path.parent.name for path in (ROOT / "waspada").glob("*/__init__.py")} - {"cli"}
    modules = {path.stem for path in (ROOT / "waspada").glob("*.py")} - {"__init__", "__main__"}
    assert {f"waspada.{name}" for name in folders | modules} <= set(domain["source_modules"])


def _runtime_files() -> Iterator[Path]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield path.relative_to(ROOT)


@pytest.mark.parametrize("room", ROOMS)
def test_service_imports_no_training_library(room: str) -> None:
    wrong = [
        f"{path}: {name}"
        for path in _runtime_files()
        if path.parts[0] == room and not str(path).startswith(TRAINING_ROOMS)
        for name in _imported(path)
        if name.split(".")[0] in TRAINING
    ]
    assert wrong == []


def test_nothing_but_the_command_line_prints() -> None:
    """A library that prints breaks `waspada classify - | jq`; programs of training and the crawler's own logs apart."""
    wrong = [
        f"{path}:{node.lineno}"
        for path in _runtime_files()
        if not str(path).startswith(("waspada/cli", *TRAINING_ROOMS))
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert wrong == []


def test_nothing_shipped_is_ignored_by_git() -> None:
    """What git ignores is left out of the wheel too: data files of a package must not match .gitignore."""
    if not (ROOT / ".git").exists():
        pytest.skip("not run: this is no git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "--others", "--ignored", "--exclude-standard", "--", *ROOMS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert [name for name in listed if "__pycache__" not in name and not name.endswith((".pyc", ".so"))] == []


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
