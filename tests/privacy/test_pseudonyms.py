"""Posters become pseudonyms whose key lives for a month and dies after the next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waspada.errors import InputError
from waspada.privacy import period_of, periods_to_destroy, pseudonym
from waspada.privacy.pseudonyms import normalised_handle, period_before

KEY = bytes(range(32))
NOVEMBER = datetime(2024, 11, 27, 3, tzinfo=UTC)


def test_a_pseudonym_is_hmac_sha256_cut_to_128_bits() -> None:
    assert pseudonym("budi", b"k" * 16) == "76117ca99308a24e2c645cc1f6782f78"


@pytest.mark.parametrize("spelling", ["budi", "@budi", " @Budi ", "BUDI", "ＢＵＤＩ", "@@budi"])
def test_spellings_of_a_handle_are_one_voice(spelling: str) -> None:
    assert pseudonym(spelling, KEY) == pseudonym("budi", KEY)


def test_other_handles_other_servers_and_other_keys_are_other_voices() -> None:
    made = {
        pseudonym("budi", KEY),
        pseudonym("budi2", KEY),
        pseudonym("budi@mastodon.contoh.id", KEY),
        pseudonym("budi", KEY[::-1]),
    }
    assert len(made) == 4


@pytest.mark.parametrize("handle", ["", " ", "@", " @ "])
def test_an_empty_handle_is_refused(handle: str) -> None:
    with pytest.raises(InputError, match="handle"):
        pseudonym(handle, KEY)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(InputError, match="16 bytes"):
        pseudonym("budi", b"short")


@given(st.text(min_size=1))
def test_a_pseudonym_shows_nothing_of_the_handle(handle: str) -> None:
    if not normalised_handle(handle):
        return
    made = pseudonym(handle, KEY)
    assert len(made) == 32
    assert set(made) <= set("0123456789abcdef")
    assert made == pseudonym(normalised_handle(handle), KEY)


def test_a_period_is_the_month_in_utc() -> None:
    wita = timezone(timedelta(hours=8))
    assert period_of(NOVEMBER) == "2024-11"
    assert period_of(datetime(2024, 12, 1, 7, 59, tzinfo=wita)) == "2024-11"
    assert period_of(datetime(2024, 12, 1, 8, 0, tzinfo=wita)) == "2024-12"


def test_a_moment_without_zone_has_no_period() -> None:
    with pytest.raises(InputError, match="zone"):
        period_of(datetime(2024, 11, 27, 3))


@pytest.mark.parametrize(("period", "before"), [("2024-11", "2024-10"), ("2024-01", "2023-12"), ("2024-10", "2024-09")])
def test_the_period_before(period: str, before: str) -> None:
    assert period_before(period) == before


@pytest.mark.parametrize("period", ["", "2024", "2024-13", "2024-00", "24-11", "2024-1", "2024-11-01", "٢٠٢٤-١١"])
def test_what_is_no_month_is_no_period(period: str) -> None:
    with pytest.raises(InputError, match="no period"):
        period_before(period)


def test_keys_older_than_the_previous_month_are_to_be_destroyed() -> None:
    held = ["2024-11", "2024-10", "2024-09", "2023-12", "2024-09", "2024-12"]
    assert periods_to_destroy(held, NOVEMBER) == ["2023-12", "2024-09"]
    assert periods_to_destroy(["2023-12", "2023-11"], datetime(2024, 1, 1, tzinfo=UTC)) == ["2023-11"]
