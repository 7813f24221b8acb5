"""Whatever comes in from outside leaves as harmless, short text, in every form."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.digests.rows import NOON, add_alert
from waspada.digests.chat import MOST_CHARACTERS, length
from waspada.digests.composing import MOST_HEADLINE, short
from waspada.digests.formats import Format, written
from waspada.digests.jsonable import content_of, text_of
from waspada.digests.rendering import MOST_HTML_BYTES, rendered
from waspada.digests.service import Maker
from waspada.digests.types import Content, Entry, Kind, Line, Part, Personal, Section, Wanted
from waspada.digests.words import FRAME
from waspada.settings import load_settings
from waspada.store import Store
from waspada.store.tables import StoryItemRow, TagRow
from waspada.taxonomy import Label

BAD = (
    "</td></table><script>alert('x')</script><img src=//evil.example onerror=x> {{ 7 * 7 }} {% raw %} #import \"x\" $x$"
)
ODD = "a\u202egnirts\u202c \x1b[31m \u200fteks\u2066 \U0001f525\U0001f468\u200d\U0001f469 \ufeff"
READER = Personal('https://x.example/?a=1&b="<x>', "https://x.example/end?t=<script>", "https://x.example")


def content_with(text: str, entries: int = 10) -> Content:
    entry = Entry(1, 2, "conflict", text, text, text, text, "/alerts/1", text, text)
    line = Line(text, 2, "/alerts/2")
    return Content(
        Kind.HARIAN, Wanted("63"), NOON, "https://waspada.example", text, text, text, text, text, (text,), text, text,
        (Section(Part.VERIFIED, text, (entry,) * entries, (line,) * 10),), text, text, FRAME["id"], 1,
    )  # fmt: skip


def test_markup_in_every_field_is_text() -> None:
    found = rendered(content_with(BAD), READER)
    assert "<script" not in found.html
    assert "<img" not in found.html
    assert "&lt;script&gt;" in found.html
    assert "{{ 7 * 7 }}" in found.html
    assert "49" not in re.sub(r"#[0-9a-f]{6}|&#\d+;", "", found.html)
    assert 'href="https://x.example/?a=1&amp;b=&#34;&lt;x&gt;"' in found.html
    assert found.html.count("<table") == found.html.count("</table>")
    assert written(content_with(BAD), Format.PDF).startswith(b"%PDF")
    json.loads(written(content_with(BAD), Format.JSON))


def test_everything_too_long_is_cut_and_says_what_is_left_out() -> None:
    found = rendered(content_with("<&'\"" * 100), READER)
    assert len(found.html.encode()) <= MOST_HTML_BYTES
    assert length(found.chat) <= MOST_CHARACTERS
    assert "entri lagi ada di laporan lengkap" in found.html
    assert "</html>" in found.html


def test_a_long_correction_by_chat_says_how_many_lines_it_leaves_out() -> None:
    lines = tuple(Line(f"Peringatan nomor {n}: {'kabar ini tidak benar, ' * 10}", n) for n in range(40))
    made = replace(content_with("Ralat", 0), sections=(Section(Part.CORRECTIONS, "Ralat", lines=lines),))
    text = rendered(made, READER).chat
    told = text.count("Peringatan nomor")
    assert 0 < told < 40
    assert f"{40 - told} entri lagi" in text
    assert text.count("https://") == 2
    assert length(text) <= MOST_CHARACTERS


def test_the_links_of_a_chat_are_never_cut() -> None:
    made = content_with("x" * 1000)
    text = rendered(made, READER).chat
    assert length(text) <= MOST_CHARACTERS
    assert text.endswith(f": {READER.unsubscribe_url}\n")
    assert READER.manage_url in text
    assert "20 entri lagi" in text


def test_chat_leaves_out_whole_entries_and_counts_them() -> None:
    base = content_with("Bentrok di pasar desa. " * 14)
    sections = (Section(Part.VERIFIED, "Sudah diverifikasi", base.sections[0].entries),)
    short_ones: dict[str, Any] = {
        "title": "T",
        "scope": "w",
        "choice": "",
        "opening": "",
        "empty": "",
        "closing": "",
        "signature": "",
    }
    made = replace(base, sections=sections, notices=(), **short_ones)
    text = rendered(made, READER).chat
    shown = len(re.findall(r"^\d+\. ", text, re.M))
    assert 0 < shown < 10
    assert f"{10 - shown} entri lagi ada di laporan lengkap." in text
    assert text.count("https://x.example/alerts/1") == shown
    assert "https://x.example/end?t=<script>" in text


@given(st.text(alphabet=st.characters(), max_size=400))
def test_any_text_is_one_line_within_its_bounds(text: str) -> None:
    cut = short(text, MOST_HEADLINE)
    assert len(cut) <= MOST_HEADLINE
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", cut)
    cut.encode("utf-8")


def test_half_a_character_and_controls_become_blanks() -> None:
    assert short("a\ud800b\x00c\u202ed\U0001f525", MOST_HEADLINE) == "a b c d\U0001f525"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=60))
def test_any_content_survives_being_kept(text: str) -> None:
    made = content_with(text, 2)
    assert content_of(text_of(made)) == made
    rendered(made, READER).html.encode("utf-8")


@pytest.mark.parametrize("field", ["headline", "text", "outlet"])
def test_ten_megabytes_in_one_field_come_out_cut(store: Store, tmp_path: Path, field: str) -> None:
    huge = f"{BAD} {ODD} " + "kata " * 2_000_000
    settings = load_settings(data_dir=tmp_path / "d", zone="WITA")
    with store.write() as session:
        if field == "outlet":
            add_alert(session, 1)
            from waspada.store.tables import ItemRow

            session.query(ItemRow).one().outlet = huge
        elif field == "headline":
            add_alert(session, 1, headline=huge)
        else:
            add_alert(session, 1, text=huge)
            item = session.query(StoryItemRow).one().item_id
            line = {"label": Label.CONFLICT.value, "field": "text", "sentence": "", "start": 0, "end": len(huge)}
            session.get_one(TagRow, (item, 1, "none")).evidence = [line]
        session.flush()
        content = Maker(session, NOON + timedelta(hours=1), settings).make(Wanted("63")).content
    found = rendered(content, READER)
    assert len(content.entries) == 1
    for text in (found.html, found.text, found.chat):
        assert len(text) < 12_000
        assert not re.search(r"[\x00\x1b\u202e\u2066]", text)
    assert "<script" not in found.html
    assert len(written(content, Format.PDF)) < 200_000


def test_the_pdf_of_the_same_is_the_same_bytes() -> None:
    once, twice = (written(content_with(f"{BAD} {ODD}"), Format.PDF) for _ in range(2))
    assert once == twice
