"""Passwords: which are taken, and how they are kept."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from waspada.access.passwords import (
    MAX_CHARACTERS,
    MIN_CHARACTERS,
    PasswordFlaw,
    _common,
    flaw_of,
    hash_password,
    verify,
)

GOOD = "kereta malam lewat jembatan"


@pytest.mark.parametrize(
    ("password", "flaw"),
    [
        ("", PasswordFlaw.TOO_SHORT),
        ("Xk9#mQ2$vL7", PasswordFlaw.TOO_SHORT),
        ("x" * 129, PasswordFlaw.TOO_LONG),
        ("Liaison-1 masuk pagi", PasswordFlaw.HOLDS_NAME),
        ("sandi 1-nosiail rahsia", PasswordFlaw.HOLDS_NAME),
        ("rahasia12345!", PasswordFlaw.COMMON),
        ("BISMILLAH1234", PasswordFlaw.COMMON),
        ("123password456", PasswordFlaw.COMMON),
        ("IndonesiaRaya", PasswordFlaw.COMMON),
        ("passwordpassword", PasswordFlaw.COMMON),
        ("Ｒａｈａｓｉａ１２３４５", PasswordFlaw.COMMON),
        ("kesbangpol2024", PasswordFlaw.COMMON),
        ("waspada!waspada!", PasswordFlaw.SIMPLE),
        ("aaaaaaaaaaaaaaa", PasswordFlaw.SIMPLE),
        ("abcabcabcabcabc", PasswordFlaw.SIMPLE),
        ("kucing9kucing9", PasswordFlaw.SIMPLE),
        ("qwertyuiop12345", PasswordFlaw.COMMON),
        ("dfghjklqwerty", PasswordFlaw.SIMPLE),
        ("1234567890123", PasswordFlaw.SIMPLE),
        ("poiuytrewq-4321", PasswordFlaw.SIMPLE),
        (GOOD, None),
        ("sungai lima belas kilo", None),
        ("tujuh-hujan-tujuh-payung", None),
        ("パスワードは長いほど良い", None),
        ("👍🏽 kopi pahit tanpa gula", None),
    ],
)
def test_which_passwords_are_taken(password: str, flaw: PasswordFlaw | None) -> None:
    assert flaw_of(password, "liaison-1") == flaw


def test_a_short_name_forbids_no_word() -> None:
    assert flaw_of(GOOD, "ma") is None


@given(st.text(max_size=400), st.from_regex(r"[a-z0-9][a-z0-9._-]{1,39}", fullmatch=True))
def test_no_text_breaks_the_policy(password: str, name: str) -> None:
    flaw = flaw_of(password, name)
    if flaw is None:  # a character of the keyboard counts, not one that it composed: ¼ is three
        assert MIN_CHARACTERS <= len(unicodedata.normalize("NFKC", password)) <= MAX_CHARACTERS


def test_the_list_is_in_small_letters_and_each_word_is_refused() -> None:
    assert len(_common()) > 150
    for word in _common():
        assert word == word.casefold().strip()
        assert flaw_of(f"{word}2024!".ljust(MIN_CHARACTERS, "!"), "x-nobody") is not None, word


def test_a_password_is_kept_as_an_argon2_hash_with_salt() -> None:
    one, two = hash_password(GOOD), hash_password(GOOD)
    assert one.startswith("$argon2id$")
    assert one != two
    assert GOOD not in one
    assert verify(GOOD, one) == (True, None)
    assert verify(GOOD + " ", one) == (False, None)
    assert verify("", one) == (False, None)


def test_the_same_keys_fit_whatever_composes_them() -> None:
    assert verify("cafe\u0301 di tepi sungai", hash_password("café di tepi sungai"))[0]


def test_nobody_without_a_password_gets_in_and_the_work_is_done_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    real = PasswordHash.verify_and_update

    def counted(self: PasswordHash, password: str | bytes, hashed: str | bytes) -> tuple[bool, str | None]:
        done.append(str(hashed))
        return real(self, password, hashed)

    monkeypatch.setattr(PasswordHash, "verify_and_update", counted)
    known = hash_password(GOOD)
    assert verify("tidak ada orangnya", None) == (False, None)
    assert verify("salah semua katanya", known) == (False, None)
    unknown_cost, known_cost = (text.split("$")[3] for text in done)
    assert unknown_cost == known_cost


def test_a_hash_of_older_parameters_is_made_anew() -> None:
    old = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8192, parallelism=1),)).hash(GOOD)
    fits, renewed = verify(GOOD, old)
    assert fits
    assert renewed is not None
    assert "m=47104,t=2,p=1" in renewed
    assert verify(GOOD, renewed) == (True, None)
    assert verify("salah semua katanya", old) == (False, None)


@pytest.mark.parametrize("odd", ["x", "$argon2id$", "$2b$12$abcdefghijklmnopqrstuv", "\x00"])
def test_a_broken_hash_fits_nothing(odd: str) -> None:
    assert verify(GOOD, odd) == (False, None)
