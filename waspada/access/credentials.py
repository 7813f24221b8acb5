"""What an account signs in with: its password, its codes by time (TOTP), its recovery codes.

Functions that take a `Session` run in the caller's transaction. Hashing a password takes long on purpose, so it is done
outside of any transaction: `Credentials.check_password` does its own reading, and what is stored is given ready-made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from waspada.access import passwords, totp
from waspada.access.passwords import PasswordFlaw, flaw_of
from waspada.access.repository import as_user, end_all_sessions_of, revoke_named, user_row
from waspada.access.secrets import looks_like_token, token_hash
from waspada.access.service import new_link
from waspada.access.types import LINK_PREFIX, ForbiddenError, IssuedToken, NotSignedInError, Role, User
from waspada.access.vault import Vault
from waspada.errors import ConflictError, InputError
from waspada.store.engine import Store
from waspada.store.tables import CredentialRow, TokenRow, UserRow

LINK_LIFETIME = timedelta(hours=24)
PASSWORD_LINK = f"{LINK_PREFIX}password"
#: How long the secret of an unfinished enrolment stays the same, so that the picture does not change under the camera.
ENROLMENT_LIFETIME = timedelta(minutes=15)
_PASSWORD, _TOTP, _NEXT, _RECOVERY = "password", "totp", "totp_next", "recovery"
_FLAWS = {
    PasswordFlaw.TOO_SHORT: f"The password is too short; take {passwords.MIN_CHARACTERS} characters or more.",
    PasswordFlaw.TOO_LONG: f"The password is too long; take at most {passwords.MAX_CHARACTERS} characters.",
    PasswordFlaw.HOLDS_NAME: "The password holds the name of the account.",
    PasswordFlaw.COMMON: "Many people take this password.",
    PasswordFlaw.SIMPLE: "The password is a simple pattern.",
}


class WeakPasswordError(InputError):
    """A new password that is not taken; `flaw` says why."""

    hint = "Several words that have nothing to do with each other are good."

    def __init__(self, flaw: PasswordFlaw) -> None:
        super().__init__(_FLAWS[flaw])
        self.flaw = flaw


class WrongPasswordError(ForbiddenError):
    """The password that was asked for once more is not the right one."""

    hint = "Type the password that you sign in with."


class WrongCodeError(ForbiddenError):
    """A code that does not fit, has been used, or belongs to another time."""

    hint = "Take the code that the app shows now; each is good once. Check the clock of the phone."


@dataclass(frozen=True, slots=True)
class Standing:
    """What an account has to sign in with."""

    password_at: datetime | None
    totp_at: datetime | None
    recovery_codes: int

    @property
    def has_password(self) -> bool:
        return self.password_at is not None

    @property
    def has_totp(self) -> bool:
        return self.totp_at is not None


@dataclass(frozen=True, slots=True)
class Known:
    """An account whose password was right. `mark` changes with the password."""

    user: User
    mark: str


class Credentials:
    """The credentials of one installation; holds its keys and nothing else."""

    def __init__(self, secret_key: bytes) -> None:
        self._secret_key = secret_key
        self._vault = Vault(secret_key, "totp")

    # Passwords

    def check_password(self, store: Store, name: str, password: str, now: datetime) -> Known | None:
        """The account of this name and password; None for a wrong one, an unknown or closed account and one without a
        password, after as much work. A hash made with older parameters is made anew."""
        with store.read() as session:
            found = session.execute(
                select(UserRow, CredentialRow.secret)
                .join(CredentialRow, CredentialRow.user_id == UserRow.id)
                .where(UserRow.name == _storable(name), UserRow.active, CredentialRow.kind == _PASSWORD)
            ).first()
            user = None if found is None else as_user(found[0])
            hashed = None if found is None else found[1]
        fits, renewed = passwords.verify(password, hashed)
        if not fits or user is None or hashed is None:
            return None
        if renewed is not None:
            with store.write() as session:
                same = (CredentialRow.user_id == user.id, CredentialRow.secret == hashed)
                session.execute(update(CredentialRow).where(*same).values(secret=renewed))
        return Known(user, _mark(renewed or hashed))

    def set_password(self, session: Session, user_id: int, hashed: str, now: datetime, *, keep: int | None) -> None:
        """Stores the hash of a new password (`new_hash`). Sessions of the account end, but for `keep`, and links do."""
        _hold(session, user_id)
        _remove(session, user_id, (_PASSWORD,))
        session.add(CredentialRow(user_id=user_id, kind=_PASSWORD, secret=hashed, created_at=now, confirmed_at=now))
        revoke_named(session, user_id, PASSWORD_LINK, now)
        end_all_sessions_of(session, user_id, now, but=keep)
        session.flush()

    def mark_holds(self, session: Session, user_id: int, mark: str) -> bool:
        """Whether the account is open and its password still the one that `mark` was made of."""
        owner, row = session.get(UserRow, user_id), _one(session, user_id, _PASSWORD)
        return owner is not None and owner.active and row is not None and _mark(row.secret) == mark

    # Codes by time

    def begin_totp(self, session: Session, user_id: int, now: datetime) -> str:
        """The secret of an enrolment under way; a new one where there is none of the last minutes."""
        _hold(session, user_id)
        row = _one(session, user_id, _NEXT)
        if row is not None and now - row.created_at < ENROLMENT_LIFETIME:
            known = self._vault.open(row.secret, str(user_id))
            if known is not None:
                return known
        _remove(session, user_id, (_NEXT,))
        secret = totp.new_secret()
        sealed = self._vault.seal(secret, str(user_id))
        session.add(CredentialRow(user_id=user_id, kind=_NEXT, secret=sealed, created_at=now))
        session.flush()
        return secret

    def pending_totp(self, session: Session, user_id: int, now: datetime) -> str | None:
        """The secret of an enrolment under way."""
        row = _one(session, user_id, _NEXT)
        if row is None or now - row.created_at >= ENROLMENT_LIFETIME:
            return None
        return self._vault.open(row.secret, str(user_id))

    def confirm_totp(self, session: Session, user_id: int, code: str, now: datetime, *, keep: int | None) -> list[str]:
        """Ends an enrolment by its first code: the new secret holds, ten new recovery codes are given out once, and
        all other sessions of the account end. Raises WrongCodeError; ConflictError where none is under way."""
        _hold(session, user_id)
        secret = self.pending_totp(session, user_id, now)
        row = _one(session, user_id, _NEXT)
        if secret is None or row is None:
            raise ConflictError("There is no enrolment under way.", hint="Begin it again.")
        step = totp.fitting_step(secret, code, now, None)
        if step is None:
            raise WrongCodeError("The code does not fit.")
        _remove(session, user_id, (_TOTP,))
        row.kind, row.confirmed_at, row.last_used_step = _TOTP, now, step
        codes = self._new_recovery_codes(session, user_id, now)
        end_all_sessions_of(session, user_id, now, but=keep)
        return codes

    def use_code(self, session: Session, user_id: int, code: str, now: datetime) -> bool:
        """Takes a code by time or a recovery code, once; True for a recovery code. Raises WrongCodeError.

        The database decides who was first: of two who send the same code at once, one is refused.
        """
        if totp.looks_like_recovery_code(code):
            hashed = totp.recovery_hash(self._secret_key, user_id, code)
            mine = (CredentialRow.user_id == user_id, CredentialRow.kind == _RECOVERY, CredentialRow.secret == hashed)
            if session.execute(delete(CredentialRow).where(*mine)).rowcount == 1:  # type: ignore[attr-defined]
                return True
            raise WrongCodeError("The recovery code does not fit, or was used.")
        row = _one(session, user_id, _TOTP)
        secret = self._vault.open(row.secret, str(user_id)) if row is not None else None
        step = totp.fitting_step(secret, code, now, row.last_used_step) if secret and row is not None else None
        if step is None or row is None:
            raise WrongCodeError("The code does not fit.")
        newer = or_(CredentialRow.last_used_step.is_(None), CredentialRow.last_used_step < step)
        taken = update(CredentialRow).where(CredentialRow.id == row.id, newer).values(last_used_step=step)
        if session.execute(taken).rowcount != 1:  # type: ignore[attr-defined]
            raise WrongCodeError("The code was used already.")
        return False

    def renew_recovery_codes(self, session: Session, user_id: int, code: str, now: datetime) -> list[str]:
        """Ten new recovery codes; the old ones are good no more. Raises WrongCodeError."""
        _hold(session, user_id)
        self.use_code(session, user_id, code, now)
        return self._new_recovery_codes(session, user_id, now)

    def remove_totp(self, session: Session, user_id: int, now: datetime, *, keep: int | None) -> bool:
        """Takes codes by time and recovery codes from an account; its other sessions end. Whether there were any."""
        had = standing(session, user_id).has_totp
        _remove(session, user_id, (_TOTP, _NEXT, _RECOVERY))
        end_all_sessions_of(session, user_id, now, but=keep)
        return had

    def _new_recovery_codes(self, session: Session, user_id: int, now: datetime) -> list[str]:
        _remove(session, user_id, (_RECOVERY,))
        codes = totp.new_recovery_codes()
        for code in codes:
            hashed = totp.recovery_hash(self._secret_key, user_id, code)
            session.add(CredentialRow(user_id=user_id, kind=_RECOVERY, secret=hashed, created_at=now))
        session.flush()
        return codes


def new_hash(password: str, name: str) -> str:
    """The hash of a new password of the account `name`. Raises WeakPasswordError. Slow: call it outside of a
    transaction."""
    if flaw := flaw_of(password, name):
        raise WeakPasswordError(flaw)
    return passwords.hash_password(password)


def any_password(session: Session) -> bool:
    """Whether any account signs in by password; before that, everybody comes with a token."""
    return session.scalar(select(CredentialRow.id).where(CredentialRow.kind == _PASSWORD).limit(1)) is not None


def standing(session: Session, user_id: int) -> Standing:
    """What an account has to sign in with."""
    password, code = _one(session, user_id, _PASSWORD), _one(session, user_id, _TOTP)
    left = select(func.count()).where(CredentialRow.user_id == user_id, CredentialRow.kind == _RECOVERY)
    return Standing(
        password_at=password.created_at if password else None,
        totp_at=code.confirmed_at if code else None,
        recovery_codes=session.scalar(left) or 0,
    )


def password_link(session: Session, name: str, now: datetime) -> IssuedToken:
    """A one-time link with which an account sets its password, good for a day; earlier ones end.

    Raises NotFoundError; ConflictError for a closed account.
    """
    owner = user_row(session, name)
    if not owner.active:
        raise ConflictError(f"The account {name!r} is closed.", hint="Open it again first.")
    revoke_named(session, owner.id, PASSWORD_LINK, now)
    return new_link(session, owner, PASSWORD_LINK, LINK_LIFETIME, now)


def link_owner(session: Session, secret: str, now: datetime) -> User:
    """The account that a password link was made for. It is not used up by looking. Raises NotSignedInError."""
    if looks_like_token(secret):
        row = session.scalar(
            select(TokenRow).where(TokenRow.sha256 == token_hash(secret), TokenRow.name == PASSWORD_LINK)
        )
        owner = session.get(UserRow, row.user_id) if row else None
        if row and owner and owner.active and row.revoked_at is None and row.expires_at and now < row.expires_at:
            return as_user(owner)
    raise NotSignedInError("This link is not valid: it is unknown, expired or used up.")


def use_link(session: Session, secret: str, now: datetime) -> User:
    """The same, and uses the link up: of two who use it at once, one is refused. Raises NotSignedInError."""
    owner = link_owner(session, secret, now)
    unused = (TokenRow.sha256 == token_hash(secret), TokenRow.revoked_at.is_(None))
    taken = update(TokenRow).where(*unused).values(revoked_at=now, last_used_at=now)
    if session.execute(taken).rowcount != 1:  # type: ignore[attr-defined]
        raise NotSignedInError("This link is not valid: it is unknown, expired or used up.")
    return owner


def must_have_totp(role: Role, required: Collection[str]) -> bool:
    """Whether an account of this role signs in by password only with a second factor."""
    return role.value in required


def _hold(session: Session, user_id: int) -> None:
    """One change of an account's credentials at a time, to the end of the transaction."""
    session.scalar(select(UserRow.id).where(UserRow.id == user_id).with_for_update())


def _one(session: Session, user_id: int, kind: str) -> CredentialRow | None:
    return session.scalar(select(CredentialRow).where(CredentialRow.user_id == user_id, CredentialRow.kind == kind))


def _remove(session: Session, user_id: int, kinds: Collection[str]) -> None:
    session.execute(delete(CredentialRow).where(CredentialRow.user_id == user_id, CredentialRow.kind.in_(kinds)))


def _mark(hashed: str) -> str:
    return hashlib.sha256(hashed.encode()).hexdigest()[:16]


def _storable(name: str) -> str:
    """A name that any database can be asked for: it holds neither zero bytes nor lone surrogates."""
    return name.replace("\x00", "").encode("utf-8", "replace").decode()
