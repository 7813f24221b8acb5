"""Signing in, the second step, sessions, tokens and accounts, in a real browser on a screen and on a phone."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from api.app import create_app
from tests.access.provider import CLIENT, SECRET, Provider, running
from tests.empty import put_empty_store
from waspada.access import Role, add_user, totp
from waspada.access.credentials import Credentials, new_hash, password_link
from waspada.access.directory import note_claim
from waspada.clock import utc_now
from waspada.settings import Settings
from waspada.store import Store, open_store

GOOD = "kereta malam lewat jembatan"
OTHER = "lima perahu di muara"


@dataclass
class Served:
    """A desk that answers on loopback, over a store of its own."""

    url: str
    store: Store
    settings: Settings

    def account(self, name: str, role: Role, password: str = GOOD) -> None:
        hashed = new_hash(password, name)
        with self.store.write() as session:
            id_ = add_user(session, name, role, None, actor="test", now=utc_now()).user.id
            Credentials(self.settings.secret_key).set_password(session, id_, hashed, utc_now(), keep=None)

    def link(self, name: str) -> str:
        with self.store.write() as session:
            secret = password_link(session, name, utc_now()).secret
        return f"{self.url}/login/set?code={secret}"


@contextmanager
def serving(folder: Path, **given: Any) -> Iterator[Served]:
    put_empty_store(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = Settings(data_dir=folder, port=port, **given)
    store = open_store(settings)
    config = uvicorn.Config(create_app(store, settings), port=port, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    for _ in range(200):
        if server.started:
            break
        time.sleep(0.05)
    assert server.started
    try:
        yield Served(f"http://127.0.0.1:{port}", store, settings)
    finally:
        server.should_exit = True
        thread.join(10)
        store.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path / "desk") as found:
        yield found


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running() as found:
        found.now = time.time
        yield found


def sign_in(page: Any, served: Served, name: str, password: str = GOOD) -> None:
    page.goto(f"{served.url}/login?lang=en")
    page.get_by_label("Account").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def watched(page: Any) -> list[str]:
    """What the browser complains of: errors of scripts, refusals by the content policy."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def fits(page: Any) -> bool:
    """Whether nothing of the page stands out to the right."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_from_a_link_to_the_second_step(page: Any, phone_page: Any, served: Served) -> None:
    """An analyst gets a link, sets a password, enrols a phone, signs out and in again."""
    said = watched(page)
    with served.store.write() as session:
        add_user(session, "siti-1", Role.ANALYST, None, actor="test", now=utc_now())
    link = served.link("siti-1")
    page.goto(f"{served.url}/login?lang=en")
    page.goto(link)
    assert "wsp_" not in page.url
    page.get_by_label("New password").fill(GOOD)
    page.get_by_label("The same again").fill(GOOD)
    page.get_by_role("button", name="Set the password").click()
    page.get_by_text("The password is set.").wait_for()
    sign_in(page, served, "siti-1")
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
    sign_in(page, served, "siti-1")
    page.get_by_label(re.compile("Code of your app")).fill(codes[0])
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url(f"{served.url}/alerts")
    page.goto(f"{served.url}/account")
    assert "9 recovery codes left." in page.content()
    assert said == []
    sign_in(phone_page, served, "siti-1")
    assert fits(phone_page)


def test_sessions_are_seen_and_ended_from_another_browser(page: Any, phone_page: Any, served: Served) -> None:
    said = watched(page)
    served.account("liaison-1", Role.LIAISON)
    sign_in(page, served, "liaison-1")
    sign_in(phone_page, served, "liaison-1")
    phone_page.goto(f"{served.url}/account")
    assert fits(phone_page)
    page.goto(f"{served.url}/account")
    assert page.locator("[aria-label='Sessions'] tbody tr").count() == 2
    assert page.get_by_text("Chrome, Linux").count() == 2
    page.get_by_role("button", name="End all others").click()
    page.get_by_text("The sessions have ended.").wait_for()
    phone_page.reload()
    assert phone_page.url.startswith(f"{served.url}/login")
    assert said == []


def test_how_one_reads_a_token_and_another_password(page: Any, served: Served) -> None:
    said = watched(page)
    served.account("liaison-1", Role.LIAISON)
    sign_in(page, served, "liaison-1")
    page.goto(f"{served.url}/account")
    page.get_by_label("Zone of times").select_option("WIT")
    page.get_by_label("Language").last.select_option("en")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    assert " WIT" in page.locator("[aria-label='Sessions'] tbody").inner_text()
    page.get_by_label("Name", exact=True).fill("feed reader")
    page.get_by_text("Only for some things").click()
    page.get_by_label("Feeds", exact=True).check()
    page.get_by_role("button", name="Make a token").click()
    assert re.fullmatch(r"wsp_[\w-]{43}", page.locator("code.secret").inner_text())
    assert "only: Feeds" in page.locator("[aria-label='Tokens'] tbody").inner_text()
    page.get_by_text("Change the password").click()
    page.locator("#old").fill(GOOD)
    page.locator("#password").fill(OTHER)
    page.locator("#again").fill(OTHER)
    page.get_by_role("button", name="Change it").click()
    page.get_by_text("The password is changed.").wait_for()
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, served, "liaison-1", OTHER)
    page.wait_for_url(f"{served.url}/alerts")
    assert said == []


def test_an_admin_keeps_the_accounts(page: Any, served: Served, tmp_path: Path) -> None:
    said = watched(page)
    with serving(tmp_path / "other", require_totp="none") as desk:
        desk.account("admin-1", Role.ADMIN)
        sign_in(page, desk, "admin-1")
        page.goto(f"{desk.url}/users")
        page.get_by_label("Name", exact=True).fill("liaison-2")
        page.get_by_label("Region code").fill("63.71")
        page.get_by_role("button", name="Add the account").click()
        page.get_by_text("The account is there.").wait_for()
        page.get_by_role("button", name="Make a link for a password").click()
        assert "/login/set?code=wsp_" in page.locator("code.secret").inner_text()
        page.get_by_label("Role", exact=True).select_option("auditor")
        page.get_by_role("button", name="Save").click()
        page.get_by_text(re.compile("Saved. Where role")).wait_for()
        page.get_by_role("button", name="Close the account").click()
        page.get_by_text("The account is closed; its tokens").wait_for()
        page.set_viewport_size({"width": 360, "height": 780})
        for path in ("/users", "/users/liaison-2", "/account"):
            page.goto(f"{desk.url}{path}")
            assert fits(page), path
    assert said == []


def test_through_the_directory_and_out_again(page: Any, provider: Provider, tmp_path: Path) -> None:
    """The session cookie is Strict: the page after the provider must show it all the same."""
    provider.url = provider.url.replace("127.0.0.1", "localhost")  # another site than the desk's
    given = {"oidc_issuer": provider.url, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
    with serving(tmp_path / "desk", **given) as desk:
        with desk.store.write() as session:
            add_user(session, "liaison-1", Role.LIAISON, None, actor="test", now=utc_now())
            note_claim(session, "liaison-1", provider.url, "siti.n", utc_now())
        page.goto(f"{desk.url}/login?lang=en&next=/account")
        page.get_by_role("link", name="Sign in through your organisation").click()
        page.wait_for_url(f"{desk.url}/account")
        assert "through the directory" in page.content()
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("link", name="Sign out of the directory, too").wait_for()


def test_the_door_works_without_scripts(browser: Any, served: Served) -> None:
    served.account("liaison-1", Role.LIAISON)
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 780})
    page = context.new_page()
    sign_in(page, served, "liaison-1")
    page.wait_for_url(f"{served.url}/alerts")
    page.goto(f"{served.url}/account")
    assert page.get_by_role("heading", name="What you sign in with").is_visible()
    context.close()
