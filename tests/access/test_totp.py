"""Codes by time: what fits and what does not. RFC 6238 has the reference values."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waspada.access import totp

SECRET = base64.b32encode(b"12345678901234567890").decode()
NOW = datetime(2024, 11, 20, 3, 0, 10, tzinfo=UTC)
STEP = totp.step_of(NOW)


@pytest.mark.parametrize(
    ("second", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_the_values_of_the_standard(second: int, code: str) -> None:
    """RFC 6238, appendix B, SHA-1, the last six of its eight digits."""
    now = datetime.fromtimestamp(second, UTC)
    assert totp.code_at(SECRET, totp.step_of(now)) == code
    assert totp.fitting_step(SECRET, code, now, None) == totp.step_of(now)


@pytest.mark.parametrize(("skew", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_fits_one_step_around_its_own(skew: int, fits: bool) -> None:
    code = totp.code_at(SECRET, STEP + skew)
    assert (totp.fitting_step(SECRET, code, NOW, None) == STEP + skew) is fits


def test_no_step_is_taken_twice_nor_an_earlier_one_after_it() -> None:
    assert totp.fitting_step(SECRET, totp.code_at(SECRET, STEP), NOW, STEP) is None
    assert totp.fitting_step(SECRET, totp.code_at(SECRET, STEP - 1), NOW, STEP) is None
    assert totp.fitting_step(SECRET, totp.code_at(SECRET, STEP + 1), NOW, STEP) == STEP + 1
    assert totp.fitting_step(SECRET, totp.code_at(SECRET, STEP + 1), NOW + timedelta(seconds=30), STEP) == STEP + 1


def test_spaces_in_a_code_are_passed_over() -> None:
    code = totp.code_at(SECRET, STEP)
    assert totp.fitting_step(SECRET, f" {code[:3]} {code[3:]}\n", NOW, None) == STEP


@pytest.mark.parametrize(
    "odd", ["", "1", "1234567", "abcdef", "١٢٣٤٥٦", "１２３４５６", "-12345", "12e456", "\x00" * 6]
)
def test_what_is_no_code_fits_nothing(odd: str) -> None:
    assert totp.fitting_step(SECRET, odd, NOW, None) is None


@given(st.text(max_size=50))
def test_no_text_breaks_it(text: str) -> None:
    found = totp.fitting_step(SECRET, text, NOW, None)
    assert found in (None, STEP - 1, STEP, STEP + 1)
    totp.looks_like_recovery_code(text)


def test_the_app_reads_account_and_issuer() -> None:
    address = totp.app_address(SECRET, "liaison-1")
    assert address.startswith("otpauth://totp/Waspada:liaison-1?secret=")
    assert "issuer=Waspada" in address


def test_secrets_and_recovery_codes_are_long_and_different() -> None:
    assert len({totp.new_secret() for _ in range(20)}) == 20
    assert len(totp.new_secret()) == 32
    codes = totp.new_recovery_codes()
    assert len(set(codes)) == 10
    assert all(totp.looks_like_recovery_code(code) for code in codes)
    assert not any(totp.looks_like_recovery_code(code) for code in ("", "123456", "abcde-2345", "abcde-2345o"))


def test_a_recovery_code_counts_for_its_account_and_installation() -> None:
    code = totp.new_recovery_codes()[0]
    one = totp.recovery_hash(b"k" * 32, 1, code)
    assert totp.recovery_hash(b"k" * 32, 1, f" {code.upper().replace('-', ' ')} ") == one
    assert totp.recovery_hash(b"k" * 32, 2, code) != one
    assert totp.recovery_hash(b"x" * 32, 1, code) != one
    assert code not in one
