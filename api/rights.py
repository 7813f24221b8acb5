"""Every address, who may use it, and how: read from the code, written into docs/access.md.

    python -m api.rights           prints the table
    python -m api.rights --write   puts it into docs/access.md

A test compares the two. What needs no right is named as open; a page that forgot its right would stand there, and
another test knows by heart which ones may.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from waspada.access.policy import BASIC_AREAS, NEEDED_SCOPE, allowed, area_of
from waspada.access.types import Action, Role, Scope

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "access.md"
BEGIN, END = "<!-- rights: begin (python -m api.rights --write) -->", "<!-- rights: end -->"
#: Actions whose readers may send a token as a password.
BASIC_ACTIONS = frozenset(action for action in Action if area_of(action) in BASIC_AREAS)


@dataclass(frozen=True, slots=True)
class Right:
    """One method of one address, and the action it needs; None where it is open to all."""

    method: str
    path: str
    action: Action | None


def routes(app: FastAPI) -> Iterator[APIRoute]:
    """Every route of the application that answers by a function of ours."""

    def walk(found: object) -> Iterator[APIRoute]:
        for route in getattr(found, "routes", []):
            if isinstance(route, APIRoute):
                yield route
            else:
                yield from walk(getattr(route, "original_router", None) or getattr(route, "router", None))

    yield from walk(app)


def needs(dependant: Dependant) -> list[Action]:
    """The actions that a route asks for, by `api.auth.Needs`."""
    from api.auth import Needs

    own = [dependant.call.action] if isinstance(dependant.call, Needs) else []
    return own + [action for below in dependant.dependencies for action in needs(below)]


def action_of(route: object) -> Action | None:
    """The action that a route needs; None for what is open, and for what is no route of ours."""
    found = needs(route.dependant) if isinstance(route, APIRoute) else []
    return found[0] if found else None


def every(app: FastAPI) -> list[Right]:
    """All rights, by address. Raises ValueError for a route that asks twice: which one holds would be a guess."""
    found = []
    for route in routes(app):
        if len(needs(route.dependant)) > 1:
            raise ValueError(f"{route.path} asks for two rights")
        found += [Right(method, route.path, action_of(route)) for method in sorted(route.methods or ())]
    return sorted(found, key=lambda right: (not right.path.startswith("/api/"), right.path, right.method))


def table(rights: Sequence[Right]) -> str:
    """The rights as a Markdown table; a mark where a role may, with a token of that scope or a session."""
    roles = [role.value for role in Role]
    lines = [
        f"| method | address | action | scope | {' | '.join(roles)} |",
        f"|---|---|---|---|{'---|' * len(roles)}",
    ]
    for right in rights:
        if right.action is None:
            marks, action, scope = ["open"] * len(roles), "", ""
        else:
            may = [allowed(role, Scope.ADMIN, right.action) for role in Role]
            marks = ["yes" if one else "" for one in may]
            action, scope = f"`{right.action}`", NEEDED_SCOPE[right.action].value
        lines.append(f"| {right.method} | `{right.path}` | {action} | {scope} | {' | '.join(marks)} |")
    return "\n".join(lines)


def documented(text: str) -> str:
    """The table that stands in the document. Raises ValueError where it has no place for one."""
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise ValueError(f"{DOCUMENT.name} has no place for the table of rights")
    return text.partition(BEGIN)[2].partition(END)[0].strip()


def written_into(text: str, made: str) -> str:
    """The document with this table."""
    documented(text)
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n{made}\n{END}{rest.partition(END)[2]}"


def main() -> int:
    from api.app import bare_app

    parser = argparse.ArgumentParser(description="The table of rights, read from the code.")
    parser.add_argument("--write", action="store_true", help="put it into docs/access.md")
    made = table(every(bare_app()))
    if parser.parse_args().write:
        DOCUMENT.write_text(written_into(DOCUMENT.read_text(encoding="utf-8"), made), encoding="utf-8")
    else:
        sys.stdout.write(f"{made}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
