"""Accounts, tokens and sessions: every step that changes them, and the check of who is asking.

Functions that take a `Session` run in the caller's transaction (`Store.write`) and return the event of what happened;
the caller writes it to the audit log in the same transaction.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from waspada.access import repository
from waspada.access.policy import covers, widest_scope
from waspada.access.secrets import looks_like_token, new_token, token_hash
from waspada.access.types import (
    ForbiddenError,
    Identity,
    IssuedToken,
    NotSignedInError,
    Role,
    Scope,
    Token,
    TokenRevoked,
    User,
    UserAdded,
    UserDisabled,
)
from waspada.errors import ConflictError, InputError
from waspada.store.engine import Store
from waspada.store.tables import TokenRow, UserRow

FIRST_USER = "admin"
FIRST_TOKEN_LIFETIME = timedelta(hours=24)
SESSION_LIFETIME = timedelta(hours=12)
DEFAULT_TOKEN_LIFETIME = timedelta(days=90)
_USE_NOTED_EVERY = timedelta(minutes=1)
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
_REGION = re.compile(r"\d{2}(\.\d{2}(\.\d{2}(\.\d{4})?)?)?")
_TOKEN_NAME_CHARACTERS = 60


def add_user(session: Session, name: str, role: Role, region: str | None, *, actor: str, now: datetime) -> UserAdded:
    """A new account, without a token yet. Raises InputError for an odd name or region, ConflictError when it exists."""
    if not _NAME.fullmatch(name):
        raise InputError(
            f"The user name {name!r} cannot be used.",
            hint="Take 2 to 40 of the characters a-z, 0-9, dot, dash and underscore.",
        )
    if region is not None and not _REGION.fullmatch(region):
        raise InputError(f"{region!r} is not a region code.", hint="Use a Kemendagri code such as 63 or 63.71.")
    if session.scalar(select(UserRow.id).where(UserRow.name == name)) is not None:
        raise ConflictError(f"There is a user {name!r} already.", hint="Take another name.")
    row = UserRow(name=name, role=role.value, region=region, active=True, created_at=now)
    session.add(row)
    session.flush()
    return UserAdded(actor, repository.as_user(row), now)


def list_users(session: Session) -> Sequence[User]:
    return repository.users(session)


def disable_user(session: Session, name: str, *, actor: str, now: datetime) -> UserDisabled:
    """Closes an account, ends its tokens and sessions, and erases where it is called.

    Raises NotFoundError; ConflictError for the last admin.
    """
    row = repository.user_row(session, name)
    if row.role == Role.ADMIN and row.active and not _other_admin(session, row.id):
        raise ConflictError(f"{name!r} is the last admin.", hint="Add another admin first.")
    row.active = False
    repository.revoke_all_of(session, row.id, now)
    repository.forget_contacts_of(session, row.id)
    return UserDisabled(actor, repository.as_user(row), now)


def issue_token(
    session: Session,
    user: str,
    name: str,
    scope: Scope,
    *,
    now: datetime,
    lifetime: timedelta | None = DEFAULT_TOKEN_LIFETIME,
    single_use: bool = False,
    issuer: Identity | None = None,
) -> IssuedToken:
    """A new token; its secret is in the answer and nowhere else. `lifetime` None never expires.

    Raises NotFoundError for the user, ConflictError for a disabled one, InputError for an odd name, and ForbiddenError
    when the scope is more than the role can use, or more than the issuer's own token has.
    """
    owner = repository.user_row(session, user)
    if not owner.active:
        raise ConflictError(f"The user {user!r} is disabled.", hint="Add a new account.")
    label = "".join(c for c in name if c.isprintable()).strip()[:_TOKEN_NAME_CHARACTERS]
    if not label or label.startswith(repository.SESSION_PREFIX):
        raise InputError("The token needs a name.", hint="Name the program or machine that will use it.")
    if not covers(widest_scope(Role(owner.role)), scope):
        raise ForbiddenError(f"The role {owner.role} has no use for a token of the scope {scope.value}.")
    if issuer is not None and not covers(issuer.scope, scope):
        raise ForbiddenError(f"A {issuer.scope.value} token cannot hand out one of the scope {scope.value}.")
    return _new_token(session, owner, label, scope, now=now, lifetime=lifetime, single_use=single_use)


def list_tokens(session: Session, user: str | None = None) -> Sequence[Token]:
    """Tokens of one user or of all, newest first. Raises NotFoundError for an unknown user."""
    return repository.tokens(session, repository.user_row(session, user).id if user is not None else None)


def revoke_token(session: Session, token_id: int, *, actor: str, now: datetime) -> TokenRevoked:
    """Ends a token and the browser sessions opened with it; ending one twice is no error. Raises NotFoundError."""
    row = repository.token_row(session, token_id)
    row.revoked_at = row.revoked_at or now
    repository.end_sessions_of(session, token_id, now)
    owner = session.get_one(UserRow, row.user_id)
    return TokenRevoked(actor, repository.as_token(row, owner.name), now)


def first_token(store: Store, now: datetime) -> str | None:
    """On a store without users: makes the user `admin` and a one-time token for it. None when there are users.

    The token is good for one sign-in in the console (which uses it up) and, until then, as a bearer token; it dies
    after 24 hours. Two processes starting together get one token between them.
    """
    try:
        with store.write() as session:
            if repository.has_users(session):
                return None
            add_user(session, FIRST_USER, Role.ADMIN, None, actor="waspada", now=now)
            issued = issue_token(
                session, FIRST_USER, "first start", Scope.ADMIN, now=now, lifetime=FIRST_TOKEN_LIFETIME, single_use=True
            )
            return issued.secret
    except (IntegrityError, ConflictError):  # another process was faster
        return None


def identify(session: Session, secret: str, now: datetime) -> Identity:
    """Who a token belongs to. Raises NotSignedInError, with the same words whatever is wrong with it."""
    found = repository.find(session, sha256=token_hash(secret)) if looks_like_token(secret) else None
    return _good(found, now)


def identify_session(session: Session, token_id: int, now: datetime) -> Identity:
    """Who a browser session belongs to: its token row is looked at every time, so that it can be ended at once."""
    return _good(repository.find(session, token_id=token_id), now)


def open_session(session: Session, secret: str, now: datetime) -> tuple[Identity, Token]:
    """Signs in with a token: makes a token row of its own for the browser, and uses up a one-time token.

    Raises NotSignedInError.
    """
    found = repository.find(session, sha256=token_hash(secret)) if looks_like_token(secret) else None
    _good(found, now)
    assert found is not None  # noqa: S101 (for the type checker: _good has raised otherwise)
    used, owner = found
    used.last_used_at = now
    if used.single_use:
        used.revoked_at = now
    left = used.expires_at - now if used.expires_at and not used.single_use else SESSION_LIFETIME
    issued = _new_token(
        session,
        owner,
        f"{repository.SESSION_PREFIX}{used.id}",
        Scope(used.scope),
        now=now,
        lifetime=min(left, SESSION_LIFETIME),
        single_use=False,
    )
    row = repository.token_row(session, issued.token.id)
    return repository.as_identity(row, owner), issued.token


def note_use(session: Session, token_id: int, now: datetime) -> None:
    """Remembers when a token was last used, to the minute."""
    row = session.get(TokenRow, token_id)
    if row is not None and use_is_stale(row.last_used_at, now):
        row.last_used_at = now


def use_is_stale(last_used_at: datetime | None, now: datetime) -> bool:
    return last_used_at is None or now - last_used_at >= _USE_NOTED_EVERY


def _good(found: tuple[TokenRow, UserRow] | None, now: datetime) -> Identity:
    if found is not None:
        token, user = found
        if user.active and repository.as_token(token, user.name).usable(now):
            return repository.as_identity(token, user)
    raise NotSignedInError("This token is not valid: it is unknown, expired, used up or revoked.")


def _other_admin(session: Session, user_id: int) -> bool:
    others = select(UserRow.id).where(UserRow.role == Role.ADMIN, UserRow.active, UserRow.id != user_id).limit(1)
    return session.scalar(others) is not None


def _new_token(
    session: Session,
    owner: UserRow,
    name: str,
    scope: Scope,
    *,
    now: datetime,
    lifetime: timedelta | None,
    single_use: bool,
) -> IssuedToken:
    secret = new_token()
    row = TokenRow(
        user_id=owner.id,
        name=name,
        sha256=token_hash(secret),
        scope=scope.value,
        created_at=now,
        expires_at=now + lifetime if lifetime is not None else None,
        single_use=single_use,
    )
    session.add(row)
    session.flush()
    return IssuedToken(secret, repository.as_token(row, owner.name))
