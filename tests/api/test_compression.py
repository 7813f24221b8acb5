"""Answers are compressed, and nothing secret stays the same beside what a stranger may choose."""

from __future__ import annotations

from api.app import COMPRESSED_FROM_BYTES
from tests.api.conftest import Desk, form_token
from waspada.access import Role
from waspada.access.secrets import Signer


def test_texts_are_compressed_for_those_who_take_it(desk: Desk) -> None:
    browser = desk.browser(Role.LIAISON)
    for path in ("/alerts", "/api/v1/alerts"):
        packed = browser.get(path, headers={"Accept-Encoding": "gzip"})
        plain = browser.get(path, headers={"Accept-Encoding": "identity"})
        assert packed.headers["content-encoding"] == "gzip"
        assert "Accept-Encoding" in packed.headers["vary"]
        assert int(packed.headers["content-length"]) < len(plain.content) / 3
        assert "content-encoding" not in plain.headers
    small = browser.get("/api/v1/health", headers={"Accept-Encoding": "gzip"})
    assert len(small.content) < COMPRESSED_FROM_BYTES
    assert "content-encoding" not in small.headers
    assert browser.ask("HEAD", "/alerts", headers={"Accept-Encoding": "gzip"}).content == b""


def test_an_unchanged_document_is_still_known_by_its_tag(desk: Desk) -> None:
    client = desk.program(Role.LIAISON)
    tag = client.get("/api/v1/alerts").headers["etag"]
    assert client.get("/api/v1/alerts", headers={"If-None-Match": tag}).status_code == 304


def test_the_form_token_is_another_one_in_each_page_and_all_of_them_fit(desk: Desk) -> None:
    browser = desk.browser(Role.LIAISON)
    tokens = {form_token(browser.get("/alerts").text) for _ in range(5)}
    assert len(tokens) == 5
    assert {token[:16] for token in tokens} != {next(iter(tokens))[:16]}
    for token in tokens:
        assert browser.post("/alerts/seen", data={"csrf": token}).status_code == 303


def test_only_whole_tokens_of_the_same_session_fit() -> None:
    signer, other = Signer(b"k" * 32), Signer(b"x" * 32)
    token = signer.form_token("nonce")
    assert signer.form_token_fits("nonce", token)
    for wrong in ("", token[:-1], token + "0", token[:16], "0" * 16 + token[16:], token.upper(), "é" * 80, "x" * 80):
        assert not signer.form_token_fits("nonce", wrong), wrong
    assert not signer.form_token_fits("another", token)
    assert not other.form_token_fits("nonce", token)
