"""Whom a sign-in through the organisation's directory opens an account for.

An account must exist and an admin must have noted at it what the directory calls its holder; or a setting maps a group
of the directory to a role, explicitly. Once bound, an account is known by the directory's issuer and subject, which no
change of name or mail address gives to somebody else (OpenID Connect Core 1.0, 5.7).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from waspada.access import service
from waspada.access.repository import as_user, end_all_sessions_of, user_row
from waspada.access.types import ForbiddenError, Role, User, UserAdded, UserChanged
from waspada.errors import ConflictError, InputError
from waspada.store.tables import ExternalLoginRow, UserRow

_GROUP = re.compile(r"(?P<group>[^=,@]{1,200})=(?P<role>[a-z-]+)(?:@(?P<region>\d{2}(?:\.\d{2}){0,2}))?")
_MOST_CHARACTERS = 255
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")


class UnknownHereError(ForbiddenError):
    """The directory knows somebody for whom there is no account here."""

    hint = "Ask an admin for an account that names you as the directory does."


class NoGroupError(UnknownHereError):
    """An account that groups made, of somebody who is in none any more; its sessions are to end."""

    def __init__(self, user_id: int) -> None:
        super().__init__("You are in no group any more that may use this desk.")
        self.user_id = user_id


@dataclass(frozen=True, slots=True)
class Grant:
    """What a group of the directory gives."""

    role: Role
    region: str | None


@dataclass(frozen=True, slots=True)
class External:
    """Somebody whom the directory has vouched for. `claim` is what admins note at accounts, in small letters; empty
    where the directory did not tell it."""

    issuer: str
    subject: str
    claim: str
    groups: Sequence[str]


@dataclass(frozen=True, slots=True)
class Admitted:
    """The account that opens, and what was done for it: added, its role changed, bound for the first time."""

    user: User
    added: UserAdded | None = None
    changed: UserChanged | None = None
    bound: bool = False


@dataclass(frozen=True, slots=True)
class Noted:
    """What is noted at an account of its holder in the directory."""

    claim: str | None
    bound_at: datetime | None
    by_groups: bool


def read_groups(text: str) -> Mapping[str, Grant]:
    """The mapping in the setting `oidc_roles`, in its order. Raises ValueError."""
    found: dict[str, Grant] = {}
    for part in (piece.strip() for piece in text.split(",")):
        if not part:
            continue
        match = _GROUP.fullmatch(part)
        if match is None or match["role"] not in set(Role):
            raise ValueError("groups are written as group=role or group=role@63.71, with commas between them")
        if match["role"] == Role.ADMIN:
            raise ValueError("no group makes admins; an admin gives that role")
        found[match["group"].strip()] = Grant(Role(match["role"]), match["region"])
    return found


def read_claims(claims: Mapping[str, object], issuer: str, claim_name: str, groups_name: str) -> External:
    """What matters here of the claims of an ID token that has been checked. A mail address counts only where the
    directory says that it has verified it."""
    claim = claims.get(claim_name)
    told = claim.strip().casefold() if isinstance(claim, str) and len(claim) <= _MOST_CHARACTERS else ""
    if claim_name == "email" and claims.get("email_verified") is not True:
        told = ""
    groups = claims.get(groups_name)
    listed = [str(one) for one in groups] if isinstance(groups, list) else []
    return External(issuer, str(claims["sub"]), "".join(c for c in told if c.isprintable()), listed)


def granted(groups: Sequence[str], mapping: Mapping[str, Grant]) -> Grant | None:
    """What the first mapped group gives that somebody is in."""
    return next((grant for group, grant in mapping.items() if group in groups), None)


def admit(session: Session, external: External, mapping: Mapping[str, Grant], now: datetime) -> Admitted:
    """The account that this person of the directory opens. Raises UnknownHereError, also for a closed account, and
    NoGroupError."""
    row = _row(session, external.issuer, subject=external.subject)
    if row is not None:
        return _known(session, row, external, mapping, now)
    row = _row(session, external.issuer, claim=external.claim) if external.claim else None
    if row is not None and row.subject is None:
        row.subject, row.bound_at = external.subject, now
        session.flush()
        return _open(session, row, bound=True)
    grant = granted(external.groups, mapping)
    if row is not None or grant is None:  # the name belongs to somebody else, or nobody here knows it
        raise UnknownHereError("There is no account here for you.")
    return _newcomer(session, external, grant, now)


def note_claim(session: Session, name: str, issuer: str, claim: str, now: datetime) -> None:
    """Notes at an account what the directory calls its holder; "" takes it away, and a binding with it.

    Raises NotFoundError; InputError for an odd one; ConflictError where another account has it.
    """
    owner = user_row(session, name)
    told = claim.strip().casefold()
    if len(told) > _MOST_CHARACTERS or not told.isprintable():
        raise InputError("This name cannot be used.", hint="Write it as the directory tells it.")
    old = session.scalar(select(ExternalLoginRow).where(ExternalLoginRow.user_id == owner.id))
    if old is not None:
        session.delete(old)
        session.flush()
    end_all_sessions_of(session, owner.id, now)
    if not told:
        return
    if not issuer:
        raise ConflictError("No directory is set up.", hint="See WASPADA_OIDC_ISSUER in docs/settings.md.")
    if _row(session, issuer, claim=told) is not None:
        raise ConflictError("Another account has this name of the directory.", hint="Take it away there first.")
    session.add(ExternalLoginRow(user_id=owner.id, issuer=issuer, claim=told, by_groups=False, created_at=now))
    session.flush()


def noted_at(session: Session, user_id: int) -> Noted | None:
    """What is noted at an account."""
    row = session.scalar(select(ExternalLoginRow).where(ExternalLoginRow.user_id == user_id))
    return None if row is None else Noted(row.claim, row.bound_at, row.by_groups)


def _row(session: Session, issuer: str, **given: str) -> ExternalLoginRow | None:
    return session.scalar(select(ExternalLoginRow).filter_by(issuer=issuer, **given))


def _known(
    session: Session, row: ExternalLoginRow, external: External, mapping: Mapping[str, Grant], now: datetime
) -> Admitted:
    if not row.by_groups:
        return _open(session, row)
    grant = granted(external.groups, mapping)
    if grant is None:
        raise NoGroupError(row.user_id)
    name = session.get_one(UserRow, row.user_id).name
    changed = service.change_user(session, name, role=grant.role, region=grant.region, actor=service.DIRECTORY, now=now)
    return _open(session, row, changed=changed if changed.changes else None)


def _open(
    session: Session, row: ExternalLoginRow, *, changed: UserChanged | None = None, bound: bool = False
) -> Admitted:
    user = as_user(session.get_one(UserRow, row.user_id))
    if not user.active:
        raise UnknownHereError("There is no account here for you.")
    return Admitted(user, changed=changed, bound=bound)


def _newcomer(session: Session, external: External, grant: Grant, now: datetime) -> Admitted:
    """A new account by a mapped group, named as the directory names its holder (of a mail address, what is before
    the @). An account that is there already is never taken over by its name."""
    name = re.sub(r"[^a-z0-9._-]", "-", external.claim.partition("@")[0])[:40]
    if not _NAME.fullmatch(name):
        raise UnknownHereError("The directory gives no name that an account could have.")
    try:
        added = service.add_user(session, name, grant.role, grant.region, actor=service.DIRECTORY, now=now)
    except ConflictError:
        raise UnknownHereError("An account of this name is somebody else's.") from None
    session.add(
        ExternalLoginRow(
            user_id=added.user.id,
            issuer=external.issuer,
            subject=external.subject,
            claim=None,
            by_groups=True,
            created_at=now,
            bound_at=now,
        )
    )
    session.flush()
    return Admitted(added.user, added=added, bound=True)
