"""Numbers in digits and in words."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waspada.stories.numerals import IN_DIGITS, IN_WORDS, value_of

_ONES = ["", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan"]


def spelled(number: int) -> str:
    """A number from 1 to 999,999 in words, as schools teach it."""
    if number >= 1000:
        thousands = "seribu" if number < 2000 else f"{spelled(number // 1000)} ribu"
        return f"{thousands} {spelled(number % 1000)}".strip() if number % 1000 else thousands
    hundreds, rest = divmod(number, 100)
    head = ["", "seratus"][hundreds] if hundreds < 2 else f"{_ONES[hundreds]} ratus"
    if rest in (10, 11):
        tail = {10: "sepuluh", 11: "sebelas"}[rest]
    elif 11 < rest < 20:
        tail = f"{_ONES[rest - 10]} belas"
    else:
        tail = f"{_ONES[rest // 10]} puluh {_ONES[rest % 10]}" if rest >= 20 else _ONES[rest]
    return f"{head} {tail}".strip()


@given(st.integers(1, 999_999))
def test_every_number_in_words_is_read_whole(number: int) -> None:
    words = spelled(number)
    assert re.fullmatch(IN_WORDS, words)
    assert value_of(words) == value_of(words.title()) == number


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1.250", 1250),
        ("1,250", 1250),
        ("1.200,5", 1200.5),
        ("2,5", 2.5),
        ("2.5", 2.5),
        ("007", 7),
        ("sejuta dua ratus", 1_000_200),
        ("tiga miliar", 3e9),
        ("dua tiga", 3),
        ("dua-puluh-lima", 25),
    ],
)
def test_number_is_read(written: str, value: float) -> None:
    assert re.fullmatch(f"{IN_DIGITS}|{IN_WORDS}", written)
    assert value_of(written) == value


@pytest.mark.parametrize("text", ["puluh", "ribuan", "duapuluh", "persatuan", "belas ratus", "salah satu", ""])
def test_what_is_no_number(text: str) -> None:
    assert not re.search(rf"\b(?:{IN_DIGITS}|{IN_WORDS})", text)


@given(
    st.lists(st.sampled_from(["satu", "seratus", "seribu", "sejuta", "belas", "puluh", "ratus", "ribu"]), max_size=9)
)
def test_no_run_of_number_words_is_too_odd(words: list[str]) -> None:
    for match in re.finditer(IN_WORDS, " ".join(words)):
        assert value_of(match.group()) >= 0
