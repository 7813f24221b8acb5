"""Sentences are cut where a reader would cut them, and their offsets point into the text as given."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.sentences import split_sentences


def _pieces(text: str) -> list[str]:
    return [text[span.start : span.end] for span in split_sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Warga bentrok. Polisi datang!", ["Warga bentrok.", "Polisi datang!"]),
        ('Ia berkata, "Kami menolak." Massa bubar.', ['Ia berkata, "Kami menolak."', "Massa bubar."]),
        ("Rumah di Jl. Ahmad Yani No. 5 terbakar.", ["Rumah di Jl. Ahmad Yani No. 5 terbakar."]),
        ("Camat H. M. Noor hadir. Acara selesai.", ["Camat H. M. Noor hadir.", "Acara selesai."]),
        ("Biaya Rp. 5.000 saja. 12 orang ikut.", ["Biaya Rp. 5.000 saja.", "12 orang ikut."]),
        ("baris satu\n\n  baris dua  \r\nbaris tiga", ["baris satu", "baris dua", "baris tiga"]),
        ("tanpa titik sama sekali", ["tanpa titik sama sekali"]),
        ("naik 5,5 persen. kata pejabat", ["naik 5,5 persen. kata pejabat"]),
        ("  \n \t ", []),
        ("", []),
    ],
)
def test_text_is_cut_into_sentences(text: str, expected: list[str]) -> None:
    assert _pieces(text) == expected


def test_the_limit_counts_code_points_and_cuts_the_last_sentence() -> None:
    text = "😀😀 satu. Dua tiga."
    assert [text[s.start : s.end] for s in split_sentences(text, 11)] == ["😀😀 satu.", "Du"]


@given(st.text(max_size=300))
def test_sentences_are_ordered_trimmed_and_leave_out_only_white_space(text: str) -> None:
    spans = split_sentences(text)
    end = 0
    for span in spans:
        assert text[end : span.start].strip() == ""
        piece = text[span.start : span.end]
        assert piece
        assert piece == piece.strip()
        end = span.end
    assert text[end:].strip() == ""
