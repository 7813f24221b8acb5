"""Accounts, tokens and sessions on a real store."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from waspada.access import (
    ForbiddenError,
    NotSignedInError,
    Role,
    Scope,
    add_user,
    disable_user,
    first_token,
    identify,
    identify_session,
    issue_token,
    list_tokens,
    list_users,
    open_session,
    revoke_token,
)
from waspada.access.service import SESSION_LIFETIME, note_use
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.store import Store
from waspada.store.tables import TokenRow

NOW = datetime(2024, 11, 20, 3, 0, tzinfo=UTC)


def user(store: Store, name: str = "liaison-1", role: Role = Role.LIAISON) -> None:
    with store.write() as session:
        add_user(session, name, role, "63", actor="admin", now=NOW)


def token(store: Store, name: str = "liaison-1", scope: Scope = Scope.WRITE, **given: object) -> tuple[int, str]:
    with store.write() as session:
        issued = issue_token(session, name, "laptop", scope, now=NOW, **given)  # type: ignore[arg-type]
    return issued.token.id, issued.secret


def test_only_the_hash_of_a_token_is_stored(store: Store) -> None:
    user(store)
    _, secret = token(store)
    assert secret.startswith("wsp_")
    assert len(secret) == 47
    with store.read() as session:
        row = session.scalars(select(TokenRow)).one()
        assert secret not in str({c.name: getattr(row, c.name) for c in TokenRow.__table__.columns})
        me = identify(session, secret, NOW)
    assert (me.name, me.role, me.scope, me.region) == ("liaison-1", Role.LIAISON, Scope.WRITE, "63")


@pytest.mark.parametrize("secret", ["", "wsp_", "wsp_" + "A" * 43, "Bearer x", "wsp_" + "\x00" * 43, "\ud800" * 47])
def test_what_is_no_token_identifies_nobody(store: Store, secret: str) -> None:
    user(store)
    token(store)
    with store.read() as session, pytest.raises(NotSignedInError):
        identify(session, secret, NOW)


def test_a_token_ends_by_time_and_by_revoking(store: Store) -> None:
    user(store)
    id_, secret = token(store, lifetime=timedelta(days=1))
    with store.read() as session:
        identify(session, secret, NOW + timedelta(hours=23))
        with pytest.raises(NotSignedInError):
            identify(session, secret, NOW + timedelta(days=1))
    with store.write() as session:
        revoke_token(session, id_, actor="admin", now=NOW)
        revoke_token(session, id_, actor="admin", now=NOW + timedelta(hours=1))
    with store.read() as session:
        with pytest.raises(NotSignedInError):
            identify(session, secret, NOW)
        assert list_tokens(session, "liaison-1")[0].revoked_at == NOW


def test_a_disabled_user_loses_every_token_and_session(store: Store) -> None:
    user(store)
    _, secret = token(store)
    with store.write() as session:
        _, opened = open_session(session, secret, NOW)
    with store.write() as session:
        disable_user(session, "liaison-1", actor="admin", now=NOW)
    with store.read() as session:
        with pytest.raises(NotSignedInError):
            identify(session, secret, NOW)
        with pytest.raises(NotSignedInError):
            identify_session(session, opened.id, NOW)
        assert all(t.revoked_at == NOW for t in list_tokens(session))
    with store.write() as session, pytest.raises(ConflictError):
        issue_token(session, "liaison-1", "again", Scope.READ, now=NOW)


def test_the_last_admin_stays(store: Store) -> None:
    first_token(store, NOW)
    with store.write() as session, pytest.raises(ConflictError, match="last admin"):
        disable_user(session, "admin", actor="admin", now=NOW)
    user(store, "second", Role.ADMIN)
    with store.write() as session:
        disable_user(session, "admin", actor="second", now=NOW)


def test_the_first_token_comes_once_and_signs_in_once(store: Store) -> None:
    secret = first_token(store, NOW)
    assert secret is not None
    assert first_token(store, NOW) is None
    with store.write() as session:
        me, opened = open_session(session, secret, NOW)
        assert (me.name, me.role, me.scope) == ("admin", Role.ADMIN, Scope.ADMIN)
    with store.write() as session, pytest.raises(NotSignedInError):
        open_session(session, secret, NOW)
    with store.read() as session:
        with pytest.raises(NotSignedInError):
            identify(session, secret, NOW)
        assert identify_session(session, opened.id, NOW).name == "admin"


def test_the_first_token_dies_after_a_day(store: Store) -> None:
    secret = first_token(store, NOW)
    assert secret is not None
    with store.write() as session, pytest.raises(NotSignedInError):
        open_session(session, secret, NOW + timedelta(days=1))


def test_two_first_starts_make_one_admin(store: Store, another_store: Callable[[], Store]) -> None:
    other = another_store()
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda chosen: first_token(chosen, NOW), [store, other]))
    assert sum(secret is not None for secret in found) == 1
    with store.read() as session:
        assert [u.name for u in list_users(session)] == ["admin"]


def test_a_session_ends_with_its_token_and_after_twelve_hours(store: Store) -> None:
    user(store)
    id_, secret = token(store)
    with store.write() as session:
        _, opened = open_session(session, secret, NOW)
    with store.read() as session:
        identify_session(session, opened.id, NOW + SESSION_LIFETIME - timedelta(seconds=1))
        with pytest.raises(NotSignedInError):
            identify_session(session, opened.id, NOW + SESSION_LIFETIME)
    with store.write() as session:
        revoke_token(session, id_, actor="admin", now=NOW)
    with store.read() as session, pytest.raises(NotSignedInError):
        identify_session(session, opened.id, NOW)


def test_a_session_never_outlives_its_token(store: Store) -> None:
    user(store)
    _, secret = token(store, lifetime=timedelta(hours=1))
    with store.write() as session:
        _, opened = open_session(session, secret, NOW)
    assert opened.expires_at == NOW + timedelta(hours=1)


def test_a_token_is_no_wider_than_role_and_issuer(store: Store) -> None:
    user(store)
    with store.write() as session, pytest.raises(ForbiddenError, match="no use"):
        issue_token(session, "liaison-1", "x", Scope.ADMIN, now=NOW)
    _, secret = token(store, scope=Scope.READ)
    with store.write() as session:
        reader = identify(session, secret, NOW)
        with pytest.raises(ForbiddenError, match="cannot hand out"):
            issue_token(session, "liaison-1", "x", Scope.WRITE, now=NOW, issuer=reader)


@pytest.mark.parametrize("name", ["", "a", "Admin", "dua kata", "x" * 41, "../etc", "-a", "a\x00b", "ａｂ"])
def test_odd_user_names_are_refused(store: Store, name: str) -> None:
    with store.write() as session, pytest.raises(InputError):
        add_user(session, name, Role.LIAISON, None, actor="admin", now=NOW)


def test_names_regions_and_tokens_are_checked(store: Store) -> None:
    user(store)
    with store.write() as session:
        with pytest.raises(ConflictError):
            add_user(session, "liaison-1", Role.ADMIN, None, actor="admin", now=NOW)
        with pytest.raises(InputError):
            add_user(session, "liaison-2", Role.LIAISON, "banjar", actor="admin", now=NOW)
        with pytest.raises(InputError):
            issue_token(session, "liaison-1", "session:3", Scope.READ, now=NOW)
        with pytest.raises(InputError):
            issue_token(session, "liaison-1", " \x00 ", Scope.READ, now=NOW)
        with pytest.raises(NotFoundError):
            issue_token(session, "nobody", "x", Scope.READ, now=NOW)
        with pytest.raises(NotFoundError):
            revoke_token(session, 999, actor="admin", now=NOW)


def test_use_is_noted_to_the_minute(store: Store) -> None:
    user(store)
    id_, _ = token(store)
    for seconds in (0, 30, 90):
        with store.write() as session:
            note_use(session, id_, NOW + timedelta(seconds=seconds))
    with store.read() as session:
        assert list_tokens(session)[0].last_used_at == NOW + timedelta(seconds=90)
