"""Documents of accounts and their tokens."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import ConfigDict, Field

from api.schemas.common import Document
from waspada.access.policy import AREAS
from waspada.access.types import Action, Role, Scope

Area = StrEnum("Area", {area.upper(): area for area in AREAS})  # type: ignore[misc]


class MeOut(Document):
    """Who the token at hand belongs to and what it may do."""

    name: str = Field(examples=["liaison-1"])
    role: Role
    scope: Scope
    region: str | None = Field(examples=["63"])
    areas: list[str] | None = Field(
        description="What the token is limited to; null for no limit.", examples=[["feeds"]]
    )
    zone: str | None = Field(description="Zone in which this account reads times; null for the desk's.")
    language: str | None
    may: list[Action]


class Reading(Document):
    """How an account reads."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"zone": "WITA", "language": "id"}]})
    zone: Literal["WIB", "WITA", "WIT"] | None
    language: Literal["id", "en"] | None


class SessionOut(Document):
    """A session of the console; no address is kept."""

    id: int = Field(examples=[7])
    started_at: datetime
    last_used_at: datetime | None
    ends_at: datetime | None
    how: str | None = Field(description="token, password or directory.")
    browser: str | None = Field(examples=["Firefox, Windows"])
    current: bool = Field(description="The one that asks.")


class TokenOut(Document):
    id: int = Field(examples=[3])
    name: str = Field(examples=["laptop"])
    scope: Scope
    areas: list[str] | None = Field(
        description="What the token is limited to; null for no limit.", examples=[["feeds"]]
    )
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
    areas: list[Area] | None = Field(
        default=None, description="What the token is limited to; null for all that the role may."
    )


class IssuedTokenOut(TokenOut):
    secret: str = Field(description="Shown once; only its hash is kept.", examples=["wsp_..."])


class UserOut(Document):
    name: str = Field(examples=["liaison-1"])
    role: Role
    region: str | None = Field(examples=["63"])
    active: bool
    created_at: datetime
    has_password: bool
    has_totp: bool
    directory: str | None = Field(description="What the organisation's directory calls its holder.")


class NewUser(Document):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "liaison-1", "role": "liaison", "region": "63"}]}
    )
    name: str = Field(max_length=80)
    role: Role
    region: str | None = Field(default=None, max_length=13)


class UserChange(Document):
    """What an account is to be; all of it is given, so that nothing changes by being left out."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"role": "liaison", "region": "63.71", "active": True}]}
    )
    role: Role
    region: str | None = Field(max_length=13)
    active: bool


class DirectoryName(Document):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"claim": "siti@kesbang.example"}]})
    claim: str = Field(max_length=255, description='What the directory tells of its holder; "" takes it away.')


class LinkOut(Document):
    """A one-time link with which an account sets its password."""

    link: str = Field(description="Shown once.", examples=["https://waspada.example/login/set?code=wsp_..."])
    expires_at: datetime
