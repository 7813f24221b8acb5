"""What is sealed opens with the same key, for the same purpose, about the same thing; and in no other way."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waspada.access.vault import Vault

KEY = b"k" * 32


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
def test_what_was_sealed_comes_back(text: str, about: str) -> None:
    vault = Vault(KEY, "totp")
    sealed = vault.seal(text, about)
    assert sealed.isascii()
    assert vault.open(sealed, about) == text
    assert vault.seal(text, about) != sealed


def test_another_key_purpose_or_thing_opens_nothing() -> None:
    sealed = Vault(KEY, "totp").seal("rahasia", "1")
    assert Vault(b"x" * 32, "totp").open(sealed, "1") is None
    assert Vault(KEY, "browser").open(sealed, "1") is None
    assert Vault(KEY, "totp").open(sealed, "2") is None


def test_one_changed_bit_is_seen() -> None:
    vault = Vault(KEY, "totp")
    data = bytearray(base64.urlsafe_b64decode(vault.seal("rahasia", "1")))
    for place in range(len(data)):
        data[place] ^= 1
        assert vault.open(base64.urlsafe_b64encode(bytes(data)).decode(), "1") is None
        data[place] ^= 1


@pytest.mark.parametrize("odd", ["", "x", "AAAA", "é", "\ud800", "A" * 10_000, "=", "\x00"])
def test_what_was_never_sealed_opens_nothing(odd: str) -> None:
    assert Vault(KEY, "totp").open(odd, "1") is None
