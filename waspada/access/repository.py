"""Users and tokens in the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from waspada.access.types import SESSION_PREFIX, Identity, Role, Scope, Token, User
from waspada.errors import NotFoundError
from waspada.store.asking import Answer, Asked, ask
from waspada.store.tables import ContactRow, ExternalLoginRow, TokenRow, UserRow


def user_row(session: Session, name: str) -> UserRow:
    """Raises NotFoundError."""
    row = session.scalar(select(UserRow).where(UserRow.name == name))
    if row is None:
        raise NotFoundError(f"There is no user {name!r}.", hint="`waspada users list` shows all.")
    return row


def token_row(session: Session, token_id: int) -> TokenRow:
    """Raises NotFoundError."""
    row = session.get(TokenRow, token_id)
    if row is None:
        raise NotFoundError(f"There is no token {token_id}.", hint="`waspada tokens list` shows all.")
    return row


@dataclass(frozen=True, slots=True)
class AtDesk:
    """An open account, as much of it as says who may take alerts in hand."""

    name: str
    role: Role
    region: str | None


_OPEN_ACCOUNTS = select(UserRow.name, UserRow.role, UserRow.region).where(UserRow.active).order_by(UserRow.name)


def open_accounts(session: Session) -> list[AtDesk]:
    """The open accounts, by name."""
    return [AtDesk(name, Role(role), region) for name, role, region in ask(session, _OPEN_ACCOUNTS)]


def has_users(session: Session) -> bool:
    return bool(session.scalar(select(func.count()).select_from(UserRow)))


def users(session: Session) -> Sequence[User]:
    return [as_user(row) for row in session.scalars(select(UserRow).order_by(UserRow.name))]


def tokens(session: Session, user_id: int | None) -> Sequence[Token]:
    """Tokens of one user or of all, newest first; browser sessions are among them."""
    query = select(TokenRow, UserRow.name).join(UserRow, UserRow.id == TokenRow.user_id).order_by(TokenRow.id.desc())
    if user_id is not None:
        query = query.where(TokenRow.user_id == user_id)
    return [as_token(row, name) for row, name in session.execute(query)]


def find(
    session: Session, *, sha256: str | None = None, token_id: int | None = None
) -> tuple[TokenRow, UserRow] | None:
    """A token by its hash or its id, with its user."""
    query = select(TokenRow, UserRow).join(UserRow, UserRow.id == TokenRow.user_id)
    query = query.where(TokenRow.sha256 == sha256) if sha256 is not None else query.where(TokenRow.id == token_id)
    found = session.execute(query).first()
    return None if found is None else (found[0], found[1])


@dataclass(frozen=True, slots=True)
class Known:
    """A token as each request looks at it, and whose it is."""

    identity: Identity
    active: bool  # the account
    name: str  # of the token
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


_KNOWN: Asked = select(
    TokenRow.id,
    TokenRow.name,
    TokenRow.scope,
    TokenRow.areas,
    TokenRow.created_at,
    TokenRow.expires_at,
    TokenRow.revoked_at,
    TokenRow.last_used_at,
    UserRow.id.label("user_id"),
    UserRow.name.label("user"),
    UserRow.role,
    UserRow.region,
    UserRow.active,
    UserRow.zone,
    UserRow.language,
).join(UserRow, UserRow.id == TokenRow.user_id)
_KNOWN_BY_HASH = _KNOWN.where(TokenRow.sha256 == bindparam("sha256"))
_KNOWN_BY_ID = _KNOWN.where(TokenRow.id == bindparam("id"))


def known_by_hash(session: Session, sha256: str) -> Known | None:
    return _known(ask(session, _KNOWN_BY_HASH, {"sha256": sha256}).first())


def known_by_id(session: Session, token_id: int) -> Known | None:
    return _known(ask(session, _KNOWN_BY_ID, {"id": token_id}).first())


def _known(row: Answer | None) -> Known | None:
    if row is None:
        return None
    identity = Identity(
        user_id=row.user_id,
        name=row.user,
        role=Role(row.role),
        scope=Scope(row.scope),
        region=row.region,
        token_id=row.id,
        areas=None if row.areas is None else frozenset(row.areas),
        zone=row.zone,
        language=row.language,
        used_at=row.last_used_at,
    )
    return Known(identity, row.active, row.name, row.created_at, row.expires_at, row.revoked_at)


def end_sessions_of(session: Session, token_id: int, now: datetime) -> None:
    _revoke_where(session, now, TokenRow.name == f"{SESSION_PREFIX}{token_id}")


def revoke_all_of(session: Session, user_id: int, now: datetime) -> None:
    _revoke_where(session, now, TokenRow.user_id == user_id)


def forget_contacts_of(session: Session, user_id: int) -> None:
    """Its addresses are of no use any more; what waits to be sent there finds none."""
    session.execute(delete(ContactRow).where(ContactRow.user_id == user_id))


def end_all_sessions_of(session: Session, user_id: int, now: datetime, *, but: int | None = None) -> None:
    """Ends the sessions of an account, except the one named in `but`."""
    of_user = and_(TokenRow.user_id == user_id, TokenRow.name.startswith(SESSION_PREFIX))
    _revoke_where(session, now, of_user if but is None else and_(of_user, TokenRow.id != but))


def revoke_named(session: Session, user_id: int, name: str, now: datetime) -> None:
    """Ends the tokens of an account that have this name."""
    _revoke_where(session, now, and_(TokenRow.user_id == user_id, TokenRow.name == name))


def stop_following_groups(session: Session, user_id: int) -> None:
    """The role of an account is decided here from now on, not by the groups of the directory."""
    session.execute(update(ExternalLoginRow).where(ExternalLoginRow.user_id == user_id).values(by_groups=False))


def lock_admins(session: Session) -> Sequence[int]:
    """Ids of the active admins, held to the end of the transaction: two of them cannot close each other's account."""
    query = select(UserRow.id).where(UserRow.role == Role.ADMIN, UserRow.active).order_by(UserRow.id)
    return session.scalars(query.with_for_update()).all()


def _revoke_where(session: Session, now: datetime, condition: ColumnElement[bool]) -> None:
    statement = update(TokenRow).where(condition, TokenRow.revoked_at.is_(None))
    session.execute(statement.values(revoked_at=now))


def as_user(row: UserRow) -> User:
    return User(row.id, row.name, Role(row.role), row.region, row.active, row.created_at, row.zone, row.language)


def as_token(row: TokenRow, user: str) -> Token:
    return Token(
        id=row.id,
        user=user,
        name=row.name,
        scope=Scope(row.scope),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
        single_use=row.single_use,
        areas=_areas(row),
        how=row.how,
        browser=row.browser,
    )


def as_identity(token: TokenRow, user: UserRow) -> Identity:
    return Identity(
        user_id=user.id,
        name=user.name,
        role=Role(user.role),
        scope=Scope(token.scope),
        region=user.region,
        token_id=token.id,
        areas=_areas(token),
        zone=user.zone,
        language=user.language,
    )


def _areas(row: TokenRow) -> frozenset[str] | None:
    return None if row.areas is None else frozenset(row.areas)
