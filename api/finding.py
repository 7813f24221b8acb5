"""Finds the modules that answer requests by their names, so that there is no list of them to keep."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable
from importlib import import_module
from types import ModuleType

from fastapi import APIRouter
from fastapi.routing import APIRoute


def modules_with_routes(package: ModuleType) -> list[ModuleType]:
    """The modules right in a package that have `routes`, by name."""
    names = sorted(found.name for found in pkgutil.iter_modules(package.__path__))
    modules = (import_module(f"{package.__name__}.{name}") for name in names)
    return [module for module in modules if isinstance(getattr(module, "routes", None), APIRouter)]


def joined(modules: Iterable[ModuleType]) -> list[APIRoute]:
    """The routes of all modules, in an order in which none hides another (`place`).

    Raises TypeError for a router within a router: its routes could not be put in order.
    """
    found: list[APIRoute] = []
    for module in modules:
        for route in module.routes.routes:
            if not isinstance(route, APIRoute):
                raise TypeError(f"{module.__name__}: its router may hold routes only, not {type(route).__name__}")
            found.append(route)
    found.sort(key=lambda route: place(route.path))
    return found


def place(path: str) -> tuple[tuple[bool, str], ...]:
    """Where a route stands: written-out segments before parameters, so that /sources/health is no source's id."""
    return tuple((segment.startswith("{"), segment) for segment in path.split("/"))
