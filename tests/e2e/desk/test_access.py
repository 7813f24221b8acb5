"""Signing in, the second step, sessions, tokens and accounts, in a real browser on a screen and on a phone."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.access.provider import CLIENT, SECRET, Provider, running
from tests.e2e.desk.served import Served, fits, served
from waspada.access import Role, add_user, totp
from waspada.access.credentials import Credentials, new_hash, password_link
from waspada.access.directory import note_claim
from waspada.clock import utc_now

GOOD = "kereta malam lewat jembatan"
OTHER = "lima perahu di muara"
#: A desk without anything in it, in the time of the clock.
serving = partial(served, fill=lambda _: {}, clock=utc_now)


def account(desk: Served, name: str, role: Role, password: str = GOOD) -> None:
    hashed = new_hash(password, name)
    with desk.store.write() as session:
        id_ = add_user(session, name, role, None, actor="test", now=utc_now()).user.id
        Credentials(desk.settings.secret_key).set_password(session, id_, hashed, utc_now(), keep=None)


def link(desk: Served, name: str) -> str:
    with desk.store.write() as session:
        secret = password_link(session, name, utc_now()).secret
    return f"{desk.base}/login/set?code={secret}"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path) as found:
        yield found


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running() as found:
        found.now = time.time
        yield found


def sign_in(page: Any, desk: Served, name: str, password: str = GOOD) -> None:
    page.goto(f"{desk.base}/login?lang=en")
    page.get_by_label("Account").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def watched(page: Any) -> list[str]:
    """What the browser complains of: errors of scripts, refusals by the content policy."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def test_from_a_link_to_the_second_step(page: Any, phone_page: Any, desk: Served) -> None:
    """An analyst gets a link, sets a password, enrols a phone, signs out and in again."""
    said = watched(page)
    with desk.store.write() as session:
        add_user(session, "siti-1", Role.ANALYST, None, actor="test", now=utc_now())
    address = link(desk, "siti-1")
    page.goto(f"{desk.base}/login?lang=en")
    page.goto(address)
    assert "wsp_" not in page.url
    page.get_by_label("New password").fill(GOOD)
    page.get_by_label("The same again").fill(GOOD)
    page.get_by_role("button", name="Set the password").click()
    page.get_by_text("The password is set.").wait_for()
    sign_in(page, desk, "siti-1")
    page.get_by_role("heading", name="Set up the second step").wait_for()
    picture = page.locator("img.qr")
    assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
    page.get_by_text("Type it instead").click()
    secret = re.sub(r"\s", "", page.locator("code.secret").inner_text())
    now = utc_now()
    page.get_by_label("Code", exact=True).fill(totp.code_at(secret, totp.step_of(now)))
    page.get_by_role("button", name="Confirm").click()
    codes = page.locator(".recovery code").all_inner_texts()
    assert len(codes) == 10
    page.get_by_role("link", name="I have kept them, go on").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_text("You are signed out.").wait_for()
    sign_in(page, desk, "siti-1")
    page.get_by_label(re.compile("Code of your app")).fill(codes[0])
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url(f"{desk.base}/alerts")
    page.goto(f"{desk.base}/account")
    assert "9 recovery codes left." in page.content()
    assert said == []
    sign_in(phone_page, desk, "siti-1")
    phone_page.get_by_label(re.compile("Code of your app")).wait_for()
    assert fits(phone_page)


def test_sessions_are_seen_and_ended_from_another_browser(page: Any, phone_page: Any, desk: Served) -> None:
    said = watched(page)
    account(desk, "liaison-1", Role.LIAISON)
    sign_in(page, desk, "liaison-1")
    sign_in(phone_page, desk, "liaison-1")
    phone_page.goto(f"{desk.base}/account")
    assert fits(phone_page)
    page.goto(f"{desk.base}/account")
    expect(page.locator("[aria-label='Sessions'] tbody tr")).to_have_count(2)
    expect(page.get_by_text("Chrome, Linux")).to_have_count(2)
    page.get_by_role("button", name="End all others").click()
    page.get_by_text("The sessions have ended.").wait_for()
    phone_page.reload()
    assert phone_page.url.startswith(f"{desk.base}/login")
    assert said == []


def test_how_one_reads_a_token_and_another_password(page: Any, desk: Served) -> None:
    said = watched(page)
    account(desk, "liaison-1", Role.LIAISON)
    sign_in(page, desk, "liaison-1")
    page.goto(f"{desk.base}/account")
    page.get_by_label("Zone of times").select_option("WIT")
    page.get_by_label("Language").last.select_option("en")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    expect(page.locator("[aria-label='Sessions'] tbody")).to_contain_text(" WIT")
    page.get_by_label("Name", exact=True).fill("feed reader")
    page.get_by_text("Only for some things").click()
    page.get_by_label("Feeds", exact=True).check()
    page.get_by_role("button", name="Make a token").click()
    assert re.fullmatch(r"wsp_[\w-]{43}", page.locator("code.secret").inner_text())
    expect(page.locator("[aria-label='Tokens'] tbody")).to_contain_text("only: Feeds")
    page.get_by_text("Change the password").click()
    page.locator("#old").fill(GOOD)
    page.locator("#password").fill(OTHER)
    page.locator("#again").fill(OTHER)
    page.get_by_role("button", name="Change it").click()
    page.get_by_text("The password is changed.").wait_for()
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, desk, "liaison-1", OTHER)
    page.wait_for_url(f"{desk.base}/alerts")
    assert said == []


def test_an_admin_keeps_the_accounts(page: Any, tmp_path: Path) -> None:
    said = watched(page)
    with serving(tmp_path, require_totp="none") as desk:
        account(desk, "admin-1", Role.ADMIN)
        sign_in(page, desk, "admin-1")
        page.goto(f"{desk.base}/users")
        page.get_by_label("Name", exact=True).fill("liaison-2")
        page.get_by_label("Region code").fill("63.71")
        page.get_by_role("button", name="Add the account").click()
        page.get_by_text("The account is there.").wait_for()
        page.get_by_role("button", name="Make a link for a password").click()
        expect(page.locator("code.secret")).to_contain_text("/login/set?code=wsp_")
        page.get_by_label("Role", exact=True).select_option("auditor")
        page.get_by_role("button", name="Save").click()
        page.get_by_text(re.compile("Saved. Where role")).wait_for()
        page.get_by_role("button", name="Close the account").click()
        page.get_by_text("The account is closed; its tokens").wait_for()
        page.set_viewport_size({"width": 360, "height": 780})
        for path in ("/users", "/users/liaison-2", "/account"):
            page.goto(f"{desk.base}{path}")
            assert fits(page), path
    assert said == []


def test_through_the_directory_and_out_again(page: Any, provider: Provider, tmp_path: Path) -> None:
    """The session cookie is Strict: the page after the provider must show it all the same."""
    provider.url = provider.url.replace("127.0.0.1", "localhost")  # another site than the desk's
    given: dict[str, Any] = {"oidc_issuer": provider.url, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
    with serving(tmp_path, **given) as desk:
        with desk.store.write() as session:
            add_user(session, "liaison-1", Role.LIAISON, None, actor="test", now=utc_now())
            note_claim(session, "liaison-1", provider.url, "siti.n", utc_now())
        page.goto(f"{desk.base}/login?lang=en&next=/account")
        page.get_by_role("link", name="Sign in through your organisation").click()
        page.wait_for_url(f"{desk.base}/account")
        assert "through the directory" in page.content()
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("link", name="Sign out of the directory, too").wait_for()


def test_the_door_works_without_scripts(browser: Any, desk: Served) -> None:
    account(desk, "liaison-1", Role.LIAISON)
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 780})
    page = context.new_page()
    sign_in(page, desk, "liaison-1")
    page.wait_for_url(f"{desk.base}/alerts")
    page.goto(f"{desk.base}/account")
    assert page.get_by_role("heading", name="What you sign in with").is_visible()
    context.close()
