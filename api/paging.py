"""Cursors: where a page ended, as an opaque word. A bad one is a 422, never a fault."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from typing import Any

from waspada.alerts.types import RankPosition
from waspada.errors import InputError

MAX_LIMIT = 200
DEFAULT_LIMIT = 50
#: The largest key that both databases hold.
MAX_ID = 2**63 - 1
MAX_CURSOR_CHARACTERS = 200
_WORD = re.compile(r"[A-Za-z0-9_-]*")


def rank_cursor(position: RankPosition) -> str:
    return _encode([position.score, position.id])


def read_rank_cursor(cursor: str | None) -> RankPosition | None:
    """Raises InputError for a cursor that this program did not give out."""
    if cursor is None:
        return None
    match _decode(cursor):
        case [float() | int() as score, int() as id_] if _is_number(score) and _is_id(id_):
            return RankPosition(float(score), id_)
    raise bad_cursor()


def id_cursor(id_: int) -> str:
    return _encode([id_])


def read_id_cursor(cursor: str | None) -> int | None:
    """Raises InputError."""
    if cursor is None:
        return None
    match _decode(cursor):
        case [int() as id_] if _is_id(id_):
            return id_
    raise bad_cursor()


def name_cursor(name: str) -> str:
    return _encode([name])


def read_name_cursor(cursor: str | None) -> str | None:
    """Raises InputError."""
    if cursor is None:
        return None
    match _decode(cursor):
        case [str() as name] if name.isprintable():
            return name
    raise bad_cursor()


def _is_number(score: float) -> bool:
    return not isinstance(score, bool) and abs(score) < 1e9 and math.isfinite(score)


def _is_id(id_: int) -> bool:
    return not isinstance(id_, bool) and 0 < id_ <= MAX_ID


def _encode(value: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode().rstrip("=")


def _decode(cursor: str) -> Any:
    if len(cursor) > MAX_CURSOR_CHARACTERS or not _WORD.fullmatch(cursor):
        raise bad_cursor()
    try:
        return json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        raise bad_cursor() from None


def bad_cursor() -> InputError:
    return InputError("The cursor cannot be used.", hint="Take `next` of the page before, or leave the cursor out.")
