"""Accounts, tokens and sessions: every step that changes them, and the check of who is asking.

Functions that take a `Session` run in the caller's transaction (`Store.write`) and return the event of what happened;
the caller writes it to the audit log in the same transaction.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from waspada.access import repository
from waspada.access.policy import AREAS, RIGHTS, areas_of, covers, widest_scope
from waspada.access.secrets import looks_like_token, new_token, token_hash
from waspada.access.types import (
    LINK_PREFIX,
    SESSION_PREFIX,
    Action,
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
    UserChanged,
    UserDisabled,
)
from waspada.alerts import owners
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.places import is_within
from waspada.reports.policy import is_reporters_region
from waspada.store.engine import Store
from waspada.store.tables import TokenRow, UserRow

FIRST_USER = "admin"
FIRST_TOKEN_LIFETIME = timedelta(hours=24)
SESSION_LIFETIME = timedelta(hours=12)
DEFAULT_TOKEN_LIFETIME = timedelta(days=90)
HOW_TOKEN, HOW_PASSWORD, HOW_DIRECTORY = "token", "password", "directory"
#: Who acts when the organisation's directory decides a role (waspada.access.directory).
DIRECTORY = "directory"
READER_ZONES = ("WIB", "WITA", "WIT")
READER_LANGUAGES = ("id", "en")
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
    _check_region(region, role)
    if session.scalar(select(UserRow.id).where(UserRow.name == name)) is not None:
        raise ConflictError(f"There is a user {name!r} already.", hint="Take another name.")
    row = UserRow(name=name, role=role.value, region=region, active=True, created_at=now)
    session.add(row)
    session.flush()
    return UserAdded(actor, repository.as_user(row), now)


def list_users(session: Session) -> Sequence[User]:
    return repository.users(session)


def names_at_desk(session: Session, *, within: str | None) -> list[str]:
    """The open accounts that may take alerts in hand, by name: all, or those whose region holds or lies in `within`."""
    return [
        user.name
        for user in repository.open_accounts(session)
        if Action.MOVE_ALERTS in RIGHTS[user.role]
        and (within is None or user.region is None or is_within(user.region, within) or is_within(within, user.region))
    ]


def disable_user(session: Session, name: str, *, actor: str, now: datetime) -> UserDisabled:
    """Closes an account, ends its tokens and sessions and erases where it is called; the open alerts that it had in
    hand become nobody's.

    Raises NotFoundError; ConflictError for the last admin; ForbiddenError for one's own account.
    """
    row = repository.user_row(session, name)
    _keep_an_admin(session, row)
    _refuse_own(actor, name)
    row.active = False
    repository.revoke_all_of(session, row.id, now)
    owners.release(session, name, actor=actor, now=now, why="disabled")
    repository.forget_contacts_of(session, row.id)
    return UserDisabled(actor, repository.as_user(row), now)


def enable_user(session: Session, name: str, *, actor: str, now: datetime) -> UserChanged:
    """Opens a closed account again; what it signs in with is as it was, its tokens stay ended. Raises NotFoundError."""
    row = repository.user_row(session, name)
    changes = {} if row.active else {"active": True}
    row.active = True
    return UserChanged(actor, repository.as_user(row), changes, now)


def change_user(
    session: Session, name: str, *, role: Role, region: str | None, actor: str, now: datetime
) -> UserChanged:
    """Gives an account a role and a region. Its sessions end where one of them is another, its tokens stay: both are
    looked at with every request, so that a token never keeps a right that its account has lost. Open alerts that it had
    in hand and now may not take steps with become nobody's.

    Raises NotFoundError; InputError for an odd region; ConflictError where the last admin would be gone; ForbiddenError
    for one's own account, so that nobody raises themselves. What a person decides holds: the account no longer follows
    the groups of the directory.
    """
    row = repository.user_row(session, name)
    _check_region(region, role)
    changes = {
        key: new for key, old, new in (("role", row.role, role.value), ("region", row.region, region)) if old != new
    }
    if changes:
        _refuse_own(actor, name)
        if role is not Role.ADMIN:
            _keep_an_admin(session, row)
        row.role, row.region = role.value, region
        if actor != DIRECTORY:
            repository.stop_following_groups(session, row.id)
        repository.end_all_sessions_of(session, row.id, now)
        owners.release(session, name, actor=actor, now=now, why="moved")
    return UserChanged(actor, repository.as_user(row), changes, now, ended=bool(changes))


def set_reading(session: Session, user_id: int, *, zone: str | None, language: str | None) -> None:
    """How an account reads: its zone and its language, None for the desk's and the browser's. Raises InputError."""
    if zone is not None and zone not in READER_ZONES:
        raise InputError(f"{zone!r} is not a zone of a reader.", hint=f"One of {', '.join(READER_ZONES)}.")
    if language is not None and language not in READER_LANGUAGES:
        raise InputError(f"{language!r} is not a language of the console.", hint="id or en.")
    row = session.get_one(UserRow, user_id)
    row.zone, row.language = zone, language


def find_user(session: Session, name: str) -> User:
    """Raises NotFoundError."""
    return repository.as_user(repository.user_row(session, name))


def user_of(session: Session, user_id: int) -> User:
    """The account of an id that is known to be one."""
    return repository.as_user(session.get_one(UserRow, user_id))


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
    areas: Collection[str] | None = None,
) -> IssuedToken:
    """A new token; its secret is in the answer and nowhere else. `lifetime` None never expires.

    `areas` limit it to some kinds of actions (waspada.access.policy.AREAS); None is all that the role may.

    Raises NotFoundError for the user, ConflictError for a disabled one, InputError for an odd name or area, and
    ForbiddenError when scope or areas are more than the role can use, or more than the issuer's own token has.
    """
    owner = repository.user_row(session, user)
    if not owner.active:
        raise ConflictError(f"The user {user!r} is disabled.", hint="Add a new account.")
    label = "".join(c for c in name if c.isprintable()).strip()[:_TOKEN_NAME_CHARACTERS]
    if not label or label.startswith((SESSION_PREFIX, LINK_PREFIX)):
        raise InputError("The token needs a name.", hint="Name the program or machine that will use it.")
    if not covers(widest_scope(Role(owner.role)), scope):
        raise ForbiddenError(f"The role {owner.role} has no use for a token of the scope {scope.value}.")
    if issuer is not None and not covers(issuer.scope, scope):
        raise ForbiddenError(f"A {issuer.scope.value} token cannot hand out one of the scope {scope.value}.")
    chosen = _checked_areas(areas, Role(owner.role), scope, issuer)
    return _new_token(session, owner, label, scope, now=now, lifetime=lifetime, single_use=single_use, areas=chosen)


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
    found = repository.known_by_hash(session, token_hash(secret)) if looks_like_token(secret) else None
    if found is None or found.name.startswith((SESSION_PREFIX, LINK_PREFIX)) or not _is_usable(found, now):
        raise _not_signed_in()
    return found.identity


def identify_session(session: Session, token_id: int, now: datetime, idle: timedelta | None = None) -> Identity:
    """Who a browser session belongs to: its token row is looked at every time, so that it can be ended at once.

    `idle` is how long it may lie unused. Raises NotSignedInError.
    """
    found = repository.known_by_id(session, token_id)
    if found is None or not found.name.startswith(SESSION_PREFIX) or not _is_usable(found, now):
        raise _not_signed_in()
    if _lies_since(found.created_at, found.identity.used_at, now, idle):
        raise _not_signed_in()
    return found.identity


def identify_again(session: Session, token_id: int, now: datetime) -> Identity:
    """Who a token or session belongs to that was let in before. Raises NotSignedInError where it has ended."""
    found = repository.known_by_id(session, token_id)
    if found is None or not _is_usable(found, now):
        raise _not_signed_in()
    return found.identity


def open_session(session: Session, secret: str, now: datetime, browser: str = "") -> tuple[Identity, Token]:
    """Signs in with a token: makes a token row of its own for the browser, and uses up a one-time token.

    Raises NotSignedInError, also for a token that is limited to some areas: it is for programs.
    """
    found = repository.find(session, sha256=token_hash(secret)) if looks_like_token(secret) else None
    if found is not None and (found[0].areas is not None or found[0].name.startswith(SESSION_PREFIX)):
        found = None
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
        f"{SESSION_PREFIX}{used.id}",
        Scope(used.scope),
        now=now,
        lifetime=min(left, SESSION_LIFETIME),
        single_use=False,
        how=HOW_TOKEN,
        browser=browser,
    )
    row = repository.token_row(session, issued.token.id)
    return repository.as_identity(row, owner), issued.token


def start_session(session: Session, user_id: int, how: str, now: datetime, browser: str = "") -> tuple[Identity, Token]:
    """A session for somebody who has shown who they are (`how`: "password" or "directory"), with all that the role may.

    Raises NotSignedInError for a disabled account.
    """
    owner = session.get(UserRow, user_id)
    if owner is None or not owner.active:
        raise NotSignedInError("This account is closed.")
    issued = _new_token(
        session,
        owner,
        f"{SESSION_PREFIX}{how}",
        widest_scope(Role(owner.role)),
        now=now,
        lifetime=SESSION_LIFETIME,
        single_use=False,
        how=how,
        browser=browser,
    )
    return repository.as_identity(repository.token_row(session, issued.token.id), owner), issued.token


def new_link(session: Session, owner: UserRow, name: str, lifetime: timedelta, now: datetime) -> IssuedToken:
    """The secret of a one-time link for an account. It is good for that link alone: as a token it may do nothing."""
    return _new_token(session, owner, name, Scope.READ, now=now, lifetime=lifetime, single_use=True, areas=())


def list_sessions(session: Session, user: str, now: datetime, idle: timedelta | None = None) -> Sequence[Token]:
    """The living sessions of an account, newest first. Raises NotFoundError."""
    return [
        one for one in list_tokens(session, user) if one.is_session and one.usable(now) and not _lies(one, now, idle)
    ]


def end_session(session: Session, user: str, token_id: int, *, actor: str, now: datetime) -> TokenRevoked:
    """Ends one session of an account. Raises NotFoundError."""
    found = next((one for one in list_tokens(session, user) if one.id == token_id and one.is_session), None)
    if found is None:
        raise NotFoundError(f"{user!r} has no session {token_id}.", hint="It may have ended already.")
    return revoke_token(session, token_id, actor=actor, now=now)


def end_quietly(session: Session, token_id: int, now: datetime) -> None:
    """Ends a session that a new one takes the place of; nothing where it is gone already."""
    row = session.get(TokenRow, token_id)
    if row is not None and row.name.startswith(SESSION_PREFIX):
        row.revoked_at = row.revoked_at or now


def end_sessions(session: Session, user: str, *, now: datetime, but: int | None = None) -> int:
    """Ends the sessions of an account, except the one named in `but`; how many. Raises NotFoundError."""
    living = [one for one in list_sessions(session, user, now) if one.id != but]
    repository.end_all_sessions_of(session, repository.user_row(session, user).id, now, but=but)
    return len(living)


def note_use(session: Session, token_id: int, now: datetime) -> None:
    """Remembers when a token was last used, to the minute."""
    row = session.get(TokenRow, token_id)
    if row is not None and is_stale(row.last_used_at, now):
        row.last_used_at = now


def is_stale(last_used_at: datetime | None, now: datetime) -> bool:
    """Whether `note_use` would note a use now, after this one."""
    return last_used_at is None or now - last_used_at >= _USE_NOTED_EVERY


def _good(found: tuple[TokenRow, UserRow] | None, now: datetime) -> Identity:
    if found is not None:
        token, user = found
        if user.active and repository.as_token(token, user.name).usable(now):
            return repository.as_identity(token, user)
    raise _not_signed_in()


def _is_usable(one: repository.Known, now: datetime) -> bool:
    return one.active and one.revoked_at is None and (one.expires_at is None or now < one.expires_at)


def _not_signed_in() -> NotSignedInError:
    return NotSignedInError("This token is not valid: it is unknown, expired, used up or revoked.")


def _lies(one: Token, now: datetime, idle: timedelta | None) -> bool:
    return _lies_since(one.created_at, one.last_used_at, now, idle)


def _lies_since(created_at: datetime, used_at: datetime | None, now: datetime, idle: timedelta | None) -> bool:
    """Whether a session has lain unused for too long."""
    return idle is not None and now - max(created_at, used_at or created_at) >= idle


def _keep_an_admin(session: Session, row: UserRow) -> None:
    """Raises ConflictError where this account is the only active admin."""
    if row.role == Role.ADMIN and row.active and not set(repository.lock_admins(session)) - {row.id}:
        raise ConflictError(f"{row.name!r} is the last admin.", hint="Add another admin first.")


def _refuse_own(actor: str, name: str) -> None:
    if actor == name:
        raise ForbiddenError("Nobody changes their own role, region or standing.", hint="Ask another admin.")


def _check_region(region: str | None, role: Role) -> None:
    if role is Role.REPORTER and not is_reporters_region(region):
        raise InputError(
            "A reporter is bound to a desa, kelurahan or kecamatan.",
            hint="Its code looks like 63.03.05.2001 or 63.03.05.",
        )
    if region is not None and not _REGION.fullmatch(region):
        raise InputError(f"{region!r} is not a region code.", hint="Use a Kemendagri code such as 63 or 63.71.")


def _checked_areas(
    areas: Collection[str] | None, role: Role, scope: Scope, issuer: Identity | None
) -> Collection[str] | None:
    """The areas of a new token, in order. Raises InputError and ForbiddenError."""
    if areas is None:
        if issuer is not None and issuer.areas is not None:
            raise ForbiddenError("A limited token cannot hand out one without limits.")
        return None
    chosen = sorted(set(areas))
    if not chosen or not set(chosen) <= set(AREAS):
        raise InputError("The areas of the token are not known.", hint=f"One or more of {', '.join(AREAS)}.")
    if not set(chosen) <= set(areas_of(role, scope)):
        raise ForbiddenError(f"The role {role.value} has no use for a {scope.value} token of these areas.")
    if issuer is not None and issuer.areas is not None and not set(chosen) <= issuer.areas:
        raise ForbiddenError("A limited token cannot hand out one of other areas.")
    return chosen


def _new_token(
    session: Session,
    owner: UserRow,
    name: str,
    scope: Scope,
    *,
    now: datetime,
    lifetime: timedelta | None,
    single_use: bool,
    areas: Collection[str] | None = None,
    how: str | None = None,
    browser: str | None = None,
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
        areas=None if areas is None else list(areas),
        how=how,
        browser=browser or None,
    )
    session.add(row)
    session.flush()
    return IssuedToken(secret, repository.as_token(row, owner.name))
