"""Rights, signatures and the throttle: no database needed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from waspada.access.policy import NEEDED_SCOPE, RIGHTS, allowed, widest_scope
from waspada.access.secrets import BrowserSession, Signer
from waspada.access.types import Action, Role, Scope

NOW = datetime(2024, 11, 20, 3, 0, tzinfo=UTC)
SESSION = BrowserSession(7, NOW + timedelta(hours=1), "nonce", "daily watch")


def test_every_role_and_action_is_in_the_tables() -> None:
    assert set(RIGHTS) == set(Role)
    assert set(NEEDED_SCOPE) == set(Action)


def test_what_is_not_named_is_forbidden() -> None:
    granted = {(role, action) for role in Role for action in Action if allowed(role, Scope.ADMIN, action)}
    assert granted == {(role, action) for role, actions in RIGHTS.items() for action in actions}
    assert not allowed(Role.ADMIN, Scope.ADMIN, "unheard.of")  # type: ignore[arg-type]


@pytest.mark.parametrize("role", Role)
def test_a_read_token_changes_nothing(role: Role) -> None:
    changing = (
        Action.MOVE_ALERTS,
        Action.DECIDE_CLAIMS,
        Action.MANAGE_CLAIMS,
        Action.MANAGE_OWN_TOKENS,
        Action.MANAGE_USERS,
    )
    assert not any(allowed(role, Scope.READ, action) for action in changing)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.OPERATOR, Role.SUBSCRIBER_MANAGER])
def test_those_who_run_and_check_the_machine_read_no_content(role: Role) -> None:
    assert not allowed(role, Scope.ADMIN, Action.READ_ALERTS)
    assert not allowed(role, Scope.ADMIN, Action.READ_ITEMS)
    assert not allowed(role, Scope.ADMIN, Action.READ_CLAIMS)


def test_only_auditors_and_admins_read_the_log() -> None:
    assert [role for role in Role if allowed(role, Scope.READ, Action.READ_AUDIT)] == [Role.AUDITOR, Role.ADMIN]


def test_only_admins_have_a_use_for_an_admin_token() -> None:
    assert [role for role in Role if widest_scope(role) is Scope.ADMIN] == [Role.ADMIN]


def test_a_cookie_comes_back_as_it_was() -> None:
    signer = Signer(b"s" * 32)
    assert signer.read_cookie(signer.cookie(SESSION), NOW) == SESSION


@pytest.mark.parametrize("odd", ["", ".", "x", "a.b", "é.b", "x" * 5000, "bnVsbA." + "0" * 64, "\ud800.x"])
def test_a_foreign_cookie_is_nobody(odd: str) -> None:
    assert Signer(b"s" * 32).read_cookie(odd, NOW) is None


def test_a_changed_late_or_otherwise_signed_cookie_is_nobody() -> None:
    signer = Signer(b"s" * 32)
    cookie = signer.cookie(SESSION)
    body, _, signature = cookie.partition(".")
    assert signer.read_cookie(f"{body[:-2]}AA.{signature}", NOW) is None
    assert signer.read_cookie(cookie, NOW + timedelta(hours=1)) is None
    assert Signer(b"t" * 32).read_cookie(cookie, NOW) is None


def test_a_form_token_fits_its_session_only() -> None:
    signer = Signer(b"s" * 32)
    assert signer.form_token_fits("one", signer.form_token("one"))
    assert not signer.form_token_fits("two", signer.form_token("one"))
    assert not signer.form_token_fits("one", "")
    assert not signer.form_token_fits("one", "é")
