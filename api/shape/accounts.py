"""From what the store says of accounts to the documents of the API."""

from __future__ import annotations

from api import schemas
from waspada.access.types import Token, User


def token(view: Token) -> schemas.TokenOut:
    return schemas.TokenOut(**_token_fields(view))


def issued_token(view: Token, secret: str) -> schemas.IssuedTokenOut:
    return schemas.IssuedTokenOut(**_token_fields(view), secret=secret)


def _token_fields(view: Token) -> dict[str, object]:
    names = ("id", "name", "scope", "created_at", "expires_at", "revoked_at", "last_used_at")
    return {name: getattr(view, name) for name in names}


def user(view: User) -> schemas.UserOut:
    return schemas.UserOut(
        name=view.name, role=view.role, region=view.region, active=view.active, created_at=view.created_at
    )
