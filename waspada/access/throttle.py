"""Slows down guessing at the door: a few failures are free, then the wait doubles up to a limit.

Counted by address and by account, in the database: a restart forgets nothing, and all processes count together. A try
is counted before it is looked at and taken back when it was right, so that many at once do not slip through together.
An address waits long; an account never longer than `ACCOUNT.longest_wait`, so that nobody can lock somebody else out,
and a browser that the account has used before is counted apart from strangers.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, select, update
from sqlalchemy.orm import Session

from waspada.access.types import TooManyTriesError
from waspada.store.engine import Store
from waspada.store.tables import SignInFailureRow
from waspada.store.upsert import insert_into

FORGET_AFTER = timedelta(hours=1)
_MOST_DOUBLINGS = 16  # far past any limit


@dataclass(frozen=True, slots=True)
class Rule:
    """So many failures are free; the next one waits `first_wait`, each further one twice as long."""

    free: int
    first_wait: timedelta
    longest_wait: timedelta


ADDRESS = Rule(free=10, first_wait=timedelta(seconds=10), longest_wait=timedelta(minutes=15))
ACCOUNT = Rule(free=5, first_wait=timedelta(seconds=5), longest_wait=timedelta(minutes=1))


@dataclass(frozen=True, slots=True)
class Failures:
    """So many in a row, the last one then."""

    count: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Target:
    """What is counted: `kind` and `value` name it, and are hashed before they are stored."""

    kind: str
    value: str
    rule: Rule


def by_address(address: str) -> Target:
    """The address that a try comes from; of IPv6 the network of 64 bits, which one household or server has whole."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return Target("address", address, ADDRESS)
    if found.version == 6 and found.ipv4_mapped is None:
        return Target("address", str(ipaddress.ip_network((found, 64), strict=False)), ADDRESS)
    return Target("address", str(found.ipv4_mapped or found) if found.version == 6 else str(found), ADDRESS)


def by_account(name: str, device: str = "") -> Target:
    """The account that a password is tried for, known or not; `device` is the mark of a browser it has used before."""
    return Target("device", f"{name}/{device}", ACCOUNT) if device else Target("account", name, ACCOUNT)


def by_code(user_id: int) -> Target:
    """The account that a second factor is tried for, counted apart: a right password must not forgive wrong codes."""
    return Target("code", str(user_id), ACCOUNT)


def wait_after(failures: int, rule: Rule) -> timedelta:
    """How long to wait after this many failures in a row."""
    if failures < rule.free:
        return timedelta(0)
    doublings = min(failures - rule.free, _MOST_DOUBLINGS)
    return min(timedelta(seconds=rule.first_wait.total_seconds() * 2.0**doublings), rule.longest_wait)


def seconds_left(seen: Failures | None, rule: Rule, now: datetime) -> int:
    """Whole seconds that are still to wait; 0 when the next try may come."""
    if seen is None or now - seen.last_at > FORGET_AFTER:
        return 0
    left = seen.last_at + wait_after(seen.count, rule) - now
    return max(0, -int(-left.total_seconds() // 1))


class Throttle:
    """The failures of one installation."""

    def __init__(self, store: Store, secret_key: bytes) -> None:
        self._store = store
        self._key = hmac.digest(secret_key, b"waspada/access/throttle", hashlib.sha256)

    def wait_seconds(self, targets: Sequence[Target], now: datetime) -> int:
        """Whole seconds until the next try of all these; 0 when it may come."""
        keys = self._keys(targets)
        with self._store.read() as session:
            return _longest(_seen(session, list(keys)), keys, now)

    def enter(self, targets: Sequence[Target], now: datetime) -> None:
        """Counts a try as failed, before it is looked at; `passed` takes it back. Raises TooManyTriesError."""
        keys = self._keys(targets)
        with self._store.write() as session:
            if wait := _longest(_seen(session, list(keys), lock=True), keys, now):
                raise TooManyTriesError(wait)
            for key in keys:
                _count(session, key, now)

    def passed(self, targets: Sequence[Target]) -> None:
        """The try was right: of an account all is forgotten, of an address this one try.

        (Whoever has one good account must not wash away what their address did to others.)
        """
        keys = self._keys(targets)
        with self._store.write() as session:
            for key, target in keys.items():
                row = SignInFailureRow.key == key
                if target.rule is ADDRESS:
                    fewer = update(SignInFailureRow).where(row).values(count=SignInFailureRow.count - 1)
                    session.execute(fewer)
                    row = (SignInFailureRow.key == key) & (SignInFailureRow.count <= 0)
                session.execute(delete(SignInFailureRow).where(row))

    def _keys(self, targets: Sequence[Target]) -> Mapping[str, Target]:
        """In the order of the keys, so that two processes take the rows in the same one."""
        return dict(sorted({self._hash(target): target for target in targets}.items(), key=lambda pair: pair[0]))

    def _hash(self, target: Target) -> str:
        text = f"{target.kind}\x00{target.value}".encode("utf-8", "replace")
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()


def _longest(seen: Mapping[str, Failures], keys: Mapping[str, Target], now: datetime) -> int:
    return max((seconds_left(seen.get(key), target.rule, now) for key, target in keys.items()), default=0)


def _seen(session: Session, keys: Sequence[str], *, lock: bool = False) -> Mapping[str, Failures]:
    query = select(SignInFailureRow).where(SignInFailureRow.key.in_(keys)).order_by(SignInFailureRow.key)
    rows = session.scalars(query.with_for_update() if lock else query)
    return {row.key: Failures(row.count, row.last_at) for row in rows}


def _count(session: Session, key: str, now: datetime) -> None:
    """One more, or the first one where there is none, or none of the last hour."""
    fresh = SignInFailureRow.last_at >= now - FORGET_AFTER
    statement = insert_into(session, SignInFailureRow).values(key=key, count=1, last_at=now)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[SignInFailureRow.key],
            set_={"count": case((fresh, SignInFailureRow.count + 1), else_=1), "last_at": now},
        )
    )
