"""Accounts of this product and their tokens."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from waspada.store.tables.base import Base


class UserRow(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    region: Mapped[str | None] = mapped_column(String(13))  # None: every region
    active: Mapped[bool] = mapped_column(default=True)
    zone: Mapped[str | None] = mapped_column(String(10))  # WIB | WITA | WIT; None: as the desk
    language: Mapped[str | None] = mapped_column(String(2))  # id | en; None: as the browser says
    created_at: Mapped[datetime]


class TokenRow(Base):
    """A personal API token, a session of the console or a one-time link; only its SHA-256 is kept.

    `waspada.access.repository` says by which names they are told apart.
    """

    __tablename__ = "tokens"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    scope: Mapped[str] = mapped_column(String(10))  # read | write | admin
    #: Prefixes of actions (waspada.access.policy.AREAS); None: all that the role may.
    areas: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    single_use: Mapped[bool] = mapped_column(default=False)
    how: Mapped[str | None] = mapped_column(String(10))  # of a session: token | password | directory
    browser: Mapped[str | None] = mapped_column(String(40))  # of a session, coarse: "Firefox, Windows"
