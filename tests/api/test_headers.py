"""What every answer carries to protect its reader, over all addresses; and what every form asks first."""

from __future__ import annotations

import pytest

from tests.api.conftest import BASE, Desk, name_purpose, sign_in
from tests.api.test_rights import OPEN, address, every
from waspada.access import Role

SECURE = "https://127.0.0.1:8765"
ALWAYS = {
    "content-security-policy", "cross-origin-opener-policy", "cross-origin-resource-policy", "permissions-policy",
    "referrer-policy", "x-content-type-options", "x-frame-options", "cache-control",
}  # fmt: skip


@pytest.fixture
def dialect() -> str:
    return "sqlite"


@pytest.mark.parametrize("base", [BASE, SECURE])
def test_every_address_answers_with_every_header(desk: Desk, base: str) -> None:
    browser = desk.new_client(base)
    assert sign_in(browser, desk.token(Role.ADMIN)).status_code == 303
    stranger = desk.new_client(base)
    paths = [address(desk, one.path) for one in every(desk.app) if one.method == "GET"]
    for path in (*paths, "/assets/console.css", "/assets/desk.js", "/nothing-here", "/api/v1/nothing-here"):
        for client in (browser, stranger):
            answer = client.get(path)
            assert answer.headers.keys() >= ALWAYS, path
            assert ("strict-transport-security" in answer.headers) is (base == SECURE), path
            policy = answer.headers["content-security-policy"]
            for line in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "form-action 'self'"):
                assert line in policy, path
            assert "unsafe" not in policy
            assert answer.status_code < 500, path
            for cookie in answer.headers.get_list("set-cookie"):
                assert "HttpOnly" in cookie, path
                assert "samesite" in cookie.lower(), path
                assert ("Secure" in cookie) is (base == SECURE), path
                if base == SECURE and not cookie.startswith("waspada_lang="):
                    assert cookie.startswith("__Host-waspada_"), path
                    assert "Path=/" in cookie, path
                    assert "Domain" not in cookie, path


def test_every_form_of_the_console_refuses_what_is_not_from_its_own_pages(desk: Desk) -> None:
    """No form, whoever wrote it, takes a step without the token of the session; and none takes one from a program."""
    browser = name_purpose(desk.browser(Role.ADMIN))
    program = desk.program(Role.ADMIN, None, "63", **{"X-Purpose": "uji"})
    forms = [one for one in every(desk.app) if one.method != "GET" and not one.path.startswith("/api/")]
    assert len(forms) > 30
    for one in forms:
        if (one.method, one.path) in OPEN:
            continue
        for client in (browser, program):
            answer = client.ask(one.method, address(desk, one.path), data={"csrf": "0" * 64})
            if one.path == "/logout" and client is program:
                continue  # a program has no session to end: nothing happens
            # 422: a field is missing, which is looked at before the token of the form; 405 has no form behind it
            assert answer.status_code in (403, 422), (one.path, answer.status_code)
    assert browser.get("/account").status_code == 200  # nothing of it was done


def test_every_changing_address_of_the_api_refuses_a_session_without_its_token(desk: Desk) -> None:
    browser = desk.browser(Role.ADMIN)
    for one in every(desk.app):
        if one.method == "GET" or not one.path.startswith("/api/") or one.action is None:
            continue
        answer = browser.ask(one.method, address(desk, one.path), headers={"X-CSRF-Token": "0" * 64})
        assert answer.status_code == 403, one.path


def test_a_session_from_plain_http_is_none_over_https(desk: Desk) -> None:
    """A cookie that somebody on the way could have planted does not count where cookies are bound to the host."""
    plain = desk.browser(Role.LIAISON)
    value = plain.http.cookies["waspada_session"]
    secure = desk.new_client(SECURE, Cookie=f"waspada_session={value}")
    assert secure.get("/alerts").status_code == 303
    bound = desk.new_client(SECURE, Cookie=f"__Host-waspada_session={value}")
    assert bound.get("/alerts").status_code == 200
