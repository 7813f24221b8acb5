"""What a search for words and an export are for has to be said, once a session, by whoever asks for one.

The purpose that a sign-in fills in by itself does not count: it says nothing of a search. Programs send `X-Purpose`.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from api.auth import Caller, Needs, caller_of
from api.console import words
from api.problems import PurposeMissingError


class NeedsPurpose(Needs):
    """As `Needs`, and only for a purpose that was named. Raises PurposeMissingError."""

    def __call__(self, caller: Annotated[Caller, Depends(caller_of)]) -> Caller:
        found = super().__call__(caller)
        if not has_purpose(found):
            raise PurposeMissingError(
                "A search or an export needs a purpose.",
                hint='Send it in the header X-Purpose, for example "X-Purpose: clarification of a report".',
            )
        return found


def has_purpose(caller: Caller) -> bool:
    return bool(caller.purpose) and (caller.browser is None or caller.purpose != default_purpose())


def default_purpose() -> str:
    """What stands in the sign-in form before somebody chooses."""
    return next(iter(words.PURPOSES))


def purposes_to_name() -> dict[str, str]:
    """The purposes that say something of a search or an export, with their words."""
    return {key: word for key, word in words.PURPOSES.items() if key != default_purpose()}
