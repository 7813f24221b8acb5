"""What is read of an item is its title and the sentences of its lead, as offsets into what was given."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from nlp.segments import Segment, segments_of
from nlp.sentences import Span
from waspada.taxonomy import ItemText, TextField

_ANY = st.text(alphabet=st.characters(codec=None), max_size=300)


def _said(item: ItemText, lead_chars: int = 1500) -> list[tuple[TextField, str]]:
    return [(segment.field, segment.of(item)) for segment in segments_of(item, lead_chars)]


def test_the_title_comes_first_and_then_the_sentences() -> None:
    item = ItemText("1", "Warga bentrok. Rumah dibakar", "Dua luka. Polisi berjaga!\nPasar ramai")
    assert _said(item) == [
        (TextField.TITLE, "Warga bentrok. Rumah dibakar"),
        (TextField.TEXT, "Dua luka."),
        (TextField.TEXT, "Polisi berjaga!"),
        (TextField.TEXT, "Pasar ramai"),
    ]


def test_offsets_are_code_points_of_the_field_as_it_was_given() -> None:
    item = ItemText("1", "  😀 Warga \n", " 🔥 Dua luka. Selesai.")
    assert segments_of(item, 1500) == [
        Segment(TextField.TITLE, Span(2, 9)),
        Segment(TextField.TEXT, Span(1, 12)),
        Segment(TextField.TEXT, Span(13, 21)),
    ]


def test_blank_fields_have_no_segment() -> None:
    assert segments_of(ItemText("1"), 1500) == []
    assert segments_of(ItemText("1", " \n\t ", "\n\n  "), 1500) == []
    assert _said(ItemText("1", "", "Satu.")) == [(TextField.TEXT, "Satu.")]
    assert _said(ItemText("1", "Satu.", " ")) == [(TextField.TITLE, "Satu.")]


def test_only_the_lead_is_read() -> None:
    item = ItemText("1", "", "Satu dua. Tiga empat.")
    assert _said(item, 9) == [(TextField.TEXT, "Satu dua.")]
    assert _said(item, 14) == [(TextField.TEXT, "Satu dua."), (TextField.TEXT, "Tiga")]
    assert _said(item, 0) == []


def test_only_the_first_four_hundred_characters_of_a_title_are_read() -> None:
    (segment,) = segments_of(ItemText("1", "judul " * 200), 1500)
    assert (segment.span.start, segment.span.end) == (0, 400)
    # A title that is blank for so long says nothing, whatever follows.
    assert segments_of(ItemText("1", " " * 400 + "judul"), 1500) == []


@given(_ANY, _ANY, st.integers(0, 400))
def test_segments_of_any_text_are_in_order_apart_and_never_blank(title: str, text: str, lead_chars: int) -> None:
    item = ItemText("1", title, text)
    segments = segments_of(item, lead_chars)
    assert [s.field for s in segments] == sorted((s.field for s in segments), key=list(TextField).index)
    assert sum(s.field is TextField.TITLE for s in segments) == bool(title[:400].strip())
    for segment in segments:
        assert segment.of(item).strip() == segment.of(item) != ""
    spans = [s.span for s in segments if s.field is TextField.TEXT]
    assert all(a.end <= b.start for a, b in pairwise(spans))
    assert all(span.end <= lead_chars for span in spans)
