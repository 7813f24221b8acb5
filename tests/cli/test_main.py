"""Each command is found with its own module alone, and none is missing from the table of them."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pkgutil import iter_modules

import pytest
import typer
from typer.testing import CliRunner

import waspada.cli
from waspada.cli.main import PARTS, build, needed_for


def registered(part: str) -> set[str]:
    app = typer.Typer()
    import_module(f"waspada.cli.{part}").register(app)
    commands = {one.name or str(one.callback.__name__) for one in app.registered_commands if one.callback}
    return commands | {str(one.name) for one in app.registered_groups}


def test_the_table_has_every_command_of_every_module() -> None:
    modules = {one.name for one in iter_modules(waspada.cli.__path__)}
    with_commands = {name for name in modules if hasattr(import_module(f"waspada.cli.{name}"), "register")}
    assert {part: registered(part) for part in with_commands} == {part: set(names) for part, names in PARTS.items()}


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["classify", "run"], ["text_commands"]),
        (["--version"], []),
        ([], list(PARTS)),
        (["clasify"], list(PARTS)),
        (["-", "audit", "verify"], ["access_commands"]),
    ],
)
def test_which_modules_a_command_line_needs(arguments: list[str], parts: list[str]) -> None:
    assert needed_for(arguments) == parts


def test_a_command_alone_is_called_by_its_name_as_among_all() -> None:
    said = CliRunner().invoke(build(needed_for(["digest"])), ["digest", "--help"])
    assert said.exit_code == 0, "one command alone must not become the whole command line"
    assert "digest" in said.stdout


def test_a_command_loads_no_other_room() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys, waspada.cli.main as m; m.build(m.needed_for(['classify'])); "
         "print(sorted({'fastapi', 'scrapy', 'torch'} & set(sys.modules)))"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"
