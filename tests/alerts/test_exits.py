"""The one door: what it hides, and that highlights stay where they belong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waspada.alerts.exits import Span, mask, masked
from waspada.privacy import mask_persons

TEXT = "Bentrok di Martapura. Seorang warga, Rudi Hartono (34), luka. Jalan ditutup sampai siang."


def test_private_persons_are_masked_as_everywhere() -> None:
    assert "Rudi" not in mask(TEXT)
    assert mask(TEXT) == mask_persons(TEXT)


def test_a_highlight_is_found_again_behind_a_mask() -> None:
    start = TEXT.index("Jalan ditutup")
    safe = masked(TEXT, [Span(start, len(TEXT))])
    assert safe.quotes() == ["Jalan ditutup sampai siang."]


def test_a_highlight_over_a_name_shows_the_mask_not_the_name() -> None:
    start, end = TEXT.index("Seorang"), TEXT.index(" Jalan")
    safe = masked(TEXT, [Span(start, end)])
    assert "Rudi" not in safe.quotes()[0]
    assert safe.quotes()[0].startswith("Seorang warga, [nama]")
    inside = masked(TEXT, [Span(TEXT.index("udi Har"), TEXT.index("tono"))])
    assert inside.quotes() == ["[nama]"]


def test_pieces_are_the_text() -> None:
    safe = masked(TEXT, [Span(0, 21), Span(10, 30)])
    assert "".join(piece for piece, _ in safe.pieces()) == safe.text
    assert safe.pieces()[0][1]
    assert not safe.pieces()[-1][1]
    assert all(a[1] != b[1] for a, b in zip(safe.pieces(), safe.pieces()[1:], strict=False))


@pytest.mark.parametrize("span", [Span(-1, 5), Span(5, 5), Span(9, 3), Span(0, 10_000)])
def test_spans_that_do_not_fit_are_left_out(span: Span) -> None:
    assert masked(TEXT, [span]).spans == ()


def test_control_and_direction_characters_do_no_harm() -> None:
    safe = mask("a\x00b\u202ec\ud800d\u200be\nf\tg")
    assert safe == "a b c d e\nf\tg"
    safe.encode()


@given(st.text(max_size=200), st.integers(0, 200), st.integers(0, 200))
def test_any_text_and_any_span_leave_in_one_piece(text: str, start: int, end: int) -> None:
    safe = masked(text, [Span(start, end)])
    safe.text.encode()
    assert "".join(piece for piece, _ in safe.pieces()) == safe.text
    assert all(0 <= span.start <= span.end <= len(safe.text) for span in safe.spans)
