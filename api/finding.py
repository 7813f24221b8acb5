"""Finds the modules that answer requests by their names, so that there is no list of them to keep."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable
from importlib import import_module
from types import ModuleType

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope


def modules_with_routes(package: ModuleType) -> list[ModuleType]:
    """The modules right in a package that have `routes`, by name."""
    names = sorted(found.name for found in pkgutil.iter_modules(package.__path__))
    modules = (import_module(f"{package.__name__}.{name}") for name in names)
    return [module for module in modules if isinstance(getattr(module, "routes", None), APIRouter)]


def joined(modules: Iterable[ModuleType]) -> APIRouter:
    """The routes of all modules in one router, in an order in which none hides another (`place`).

    Raises TypeError for a router within a router: its routes could not be put in order.
    """
    found: list[APIRoute] = []
    for module in modules:
        for route in module.routes.routes:
            if not isinstance(route, APIRoute):
                raise TypeError(f"{module.__name__}: its router may hold routes only, not {type(route).__name__}")
            found.append(route)
    found.sort(key=lambda route: place(route.path))
    return Joined(routes=[*found])


class Joined(APIRouter):
    """A router that sees from the first segment of an address that none of its routes answers it.

    The framework tries the routes one by one, which for the hundred of the API costs a page as much as a statement.
    """

    def __init__(self, *, routes: list[APIRoute]) -> None:
        super().__init__(routes=[*routes])
        self._roots = frozenset(_root(route.path) for route in routes)
        self._is_open = any(root.startswith("{") for root in self._roots)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] == "http" and not scope.get("root_path") and not self._knows(scope["path"]):
            return Match.NONE, {}
        return super().matches(scope)

    def _knows(self, path: str) -> bool:
        return self._is_open or _root(path) in self._roots


def _root(path: str) -> str:
    """The first segment of a path."""
    return path[1:].partition("/")[0]


def place(path: str) -> tuple[tuple[bool, str], ...]:
    """Where a route stands: written-out segments before parameters, so that /sources/health is no source's id."""
    return tuple((segment.startswith("{"), segment) for segment in path.split("/"))
