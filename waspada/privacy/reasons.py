"""What a person says of a step: the reason or note that others read later. It is kept without contacts."""

from __future__ import annotations

from waspada.errors import InputError
from waspada.items.policy import clean_text
from waspada.privacy.door import mask_contacts

MAX_REASON_CHARACTERS = 500


def reason_of(given: str, *, is_needed: bool = False) -> str:
    """The reason on one line, with contacts masked. Raises InputError: a needed one is empty, or it is too long."""
    text = mask_contacts(" ".join(clean_text(given).split()))
    if is_needed and not text:
        raise InputError("A reason is needed.", hint="Say in a few words why; others will read it.")
    if len(text) > MAX_REASON_CHARACTERS:
        raise InputError(
            f"The reason is too long ({len(text)} characters).", hint=f"Keep it under {MAX_REASON_CHARACTERS}."
        )
    return text
