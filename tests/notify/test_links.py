"""The signed link: good for its call and account until its end, and nothing else opens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from waspada.notify.calls.links import GOOD_FOR, LinkSigner, Ticket

NOW = datetime(2024, 11, 25, 4, 0, tzinfo=UTC)
SIGNER = LinkSigner(b"k" * 32)
WORD = SIGNER.word(12, 7, NOW)


def test_a_link_says_what_was_put_into_it_until_its_end() -> None:
    assert SIGNER.read(WORD, NOW) == Ticket(12, 7, NOW + GOOD_FOR)
    assert SIGNER.read(WORD, NOW + GOOD_FOR - timedelta(seconds=1)) is not None
    assert SIGNER.read(WORD, NOW + GOOD_FOR) is None
    assert SIGNER.path(12, 7, NOW) == f"/acknowledge/{WORD}"


@given(st.integers(0, len(WORD) - 1), st.characters())
def test_one_changed_letter_opens_nothing(at: int, letter: str) -> None:
    changed = WORD[:at] + letter + WORD[at + 1 :]
    found = SIGNER.read(changed, NOW)
    assert found is None or (changed == WORD) or found == Ticket(12, 7, NOW + GOOD_FOR)  # a spare bit of base64


@given(st.text(max_size=200))
def test_other_words_open_nothing(word: str) -> None:
    assert SIGNER.read(word, NOW) is None


def test_another_installation_opens_nothing() -> None:
    assert LinkSigner(b"x" * 32).read(WORD, NOW) is None


@given(st.integers(1, 2**63 - 1), st.integers(1, 2**31 - 1))
def test_any_call_and_account(call_id: int, user_id: int) -> None:
    word = SIGNER.word(call_id, user_id, NOW)
    assert word.replace("-", "").replace("_", "").isalnum()
    assert len(word) < 100
    assert SIGNER.read(word, NOW) == Ticket(call_id, user_id, NOW + GOOD_FOR)
