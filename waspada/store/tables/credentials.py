"""What accounts of this product sign in with, and how often somebody failed to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from waspada.store.tables.base import Base

_ONE_EACH = text("kind <> 'recovery'")


class CredentialRow(Base):
    """A password, a TOTP secret or one recovery code of an account (waspada.access.credentials).

    `secret` is the Argon2 hash of a password, the sealed secret of TOTP, the keyed hash of a recovery code.
    """

    __tablename__ = "credentials"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(10))  # password | totp | totp_next | recovery
    secret: Mapped[str]
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]  # of TOTP: when its first code was right
    last_used_step: Mapped[int | None]  # of TOTP: no code of this step or an earlier one is taken again
    __table_args__ = (
        Index(
            "uq_credentials_one_each",
            "user_id",
            "kind",
            unique=True,
            sqlite_where=_ONE_EACH,
            postgresql_where=_ONE_EACH,
        ),
    )


class ExternalLoginRow(Base):
    """An account in the organisation's directory that opens an account here (waspada.access.directory).

    `subject` is empty until the first sign-in binds it; `claim` is what an admin said that the directory will tell.
    """

    __tablename__ = "external_logins"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    issuer: Mapped[str] = mapped_column(String(300))
    subject: Mapped[str | None] = mapped_column(String(255))
    claim: Mapped[str | None] = mapped_column(String(255))
    by_groups: Mapped[bool] = mapped_column(default=False)  # the role follows the groups at each sign-in
    created_at: Mapped[datetime]
    bound_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("issuer", "subject"),
        UniqueConstraint("issuer", "claim"),
    )


class SignInFailureRow(Base):
    """How often in a row somebody failed at the door, by a keyed hash of the address or the account."""

    __tablename__ = "sign_in_failures"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(index=True)
