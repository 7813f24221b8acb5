"""From what the store says of accounts to the documents of the API."""

from __future__ import annotations

from api import schemas
from waspada.access.credentials import Standing
from waspada.access.directory import Noted
from waspada.access.types import Token, User


def token(view: Token) -> schemas.TokenOut:
    return schemas.TokenOut(**_token_fields(view))


def issued_token(view: Token, secret: str) -> schemas.IssuedTokenOut:
    return schemas.IssuedTokenOut(**_token_fields(view), secret=secret)


def session(view: Token, current: int) -> schemas.SessionOut:
    """`current` is the id of the session that asks."""
    return schemas.SessionOut(
        id=view.id,
        started_at=view.created_at,
        last_used_at=view.last_used_at,
        ends_at=view.expires_at,
        how=view.how,
        browser=view.browser,
        current=view.id == current,
    )


def user(view: User, has: Standing, noted: Noted | None) -> schemas.UserOut:
    return schemas.UserOut(
        name=view.name,
        role=view.role,
        region=view.region,
        active=view.active,
        created_at=view.created_at,
        has_password=has.has_password,
        has_totp=has.has_totp,
        directory=_directory(noted),
    )


def _directory(noted: Noted | None) -> str | None:
    return None if noted is None else noted.claim or ""


def _token_fields(view: Token) -> dict[str, object]:
    names = ("id", "name", "scope", "created_at", "expires_at", "revoked_at", "last_used_at")
    areas = None if view.areas is None else sorted(view.areas)
    return {**{name: getattr(view, name) for name in names}, "areas": areas}
