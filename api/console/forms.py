"""What every form of the console is asked first."""

from __future__ import annotations

from api.auth import Caller, check_form_token
from api.context import Context
from waspada.access.types import ForbiddenError


def check_form(ctx: Context, caller: Caller, csrf: str) -> None:
    """Raises ForbiddenError where the form did not come from a page of this session."""
    if caller.browser is None:
        raise ForbiddenError("Forms belong to the console.", hint="Programs use /api/v1.")
    check_form_token(ctx, caller.browser, csrf)


def number_in(text: str) -> int:
    """The number that somebody wrote, with or without "#"; 0, which nothing has, for what is none."""
    plain = text.strip().lstrip("#")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 19 else 0
