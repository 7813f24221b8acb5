"""Documents of accounts and their tokens."""

from __future__ import annotations

from datetime import datetime

from pydantic import ConfigDict, Field

from api.schemas.common import Document
from waspada.access.types import Action, Role, Scope


class MeOut(Document):
    """Who the token at hand belongs to and what it may do."""

    name: str = Field(examples=["liaison-1"])
    role: Role
    scope: Scope
    region: str | None = Field(examples=["63"])
    may: list[Action]


class TokenOut(Document):
    id: int = Field(examples=[3])
    name: str = Field(examples=["laptop"])
    scope: Scope
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class NewToken(Document):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "laptop", "scope": "read", "days": 90}]}
    )
    name: str = Field(min_length=1, max_length=60)
    scope: Scope
    days: int = Field(default=90, ge=1, le=365)


class IssuedTokenOut(TokenOut):
    secret: str = Field(description="Shown once; only its hash is kept.", examples=["wsp_..."])


class UserOut(Document):
    name: str = Field(examples=["liaison-1"])
    role: Role
    region: str | None = Field(examples=["63"])
    active: bool
    created_at: datetime


class NewUser(Document):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "liaison-1", "role": "liaison", "region": "63"}]}
    )
    name: str = Field(max_length=80)
    role: Role
    region: str | None = Field(default=None, max_length=13)
