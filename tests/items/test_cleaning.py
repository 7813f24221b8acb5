"""Cleaning: markup, control and hidden characters go; words stay."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from waspada.items.policy import (
    MAX_TEXT,
    MAX_TITLE,
    clean_text,
    clean_title,
    content_sha256,
    normalised,
    title_key,
    url_key,
    url_without_handle,
)

_FRAGMENTS = st.lists(
    st.sampled_from(["<", ">", "/", "b", "&", "lt;", "gt;", "amp;", "#60;", "\u200b", "\u202e", " ", "i x", "3"])
).map("".join)


@pytest.mark.parametrize(
    ("given_title", "cleaned"),
    [
        ("<b>Banjir</b> di <i class='x'>Martapura</i>", "Banjir di Martapura"),
        ("&lt;b&gt;Banjir&lt;/b&gt; &amp; longsor", "Banjir & longsor"),
        ("&amp;lt;b&amp;gt;Banjir", "Banjir"),
        ("Suara 3 < 5 dan 7 > 2", "Suara 3 < 5 dan 7 > 2"),
        ("<script>alert(1)</script>Rapat pleno", "alert(1) Rapat pleno"),
        ("Rapat\x00 ple\x07no\tKPU\r\nBanjar", "Rapat ple no KPU Banjar"),
        ("Hasil \u202egnirab\u202c resmi", "Hasil gnirab resmi"),
        ("Hoa\u200bks be\u00adredar\ufeff", "Hoaks beredar"),
        ("  Banyak   spasi  ", "Banyak spasi"),
        ("Pilkada\u2028damai", "Pilkada damai"),
        ("cafe\u0301", "caf\u00e9"),
        ("surat \ud800 suara", "surat suara"),
        ("", ""),
        ("<p></p>", ""),
    ],
)
def test_title(given_title: str, cleaned: str) -> None:
    assert clean_title(given_title) == cleaned


def test_text_keeps_its_paragraphs() -> None:
    assert clean_text("Satu.\r\n\r\n \r\nDua  kata.\rTiga.") == "Satu.\nDua kata.\nTiga."


def test_text_is_not_markup() -> None:
    """Bodies come out of extraction: what looks like a tag there was written by the author."""
    assert clean_text("jika a<b dan c>d") == "jika a<b dan c>d"


def test_overlong_texts_are_cut() -> None:
    assert len(clean_title("a" * 10_000)) == MAX_TITLE
    assert len(clean_text("kata " * MAX_TEXT)) <= MAX_TEXT


@given(st.text() | _FRAGMENTS)
@example("<\u200bb>")
@example("<<b>b>")
@example("&" + "amp;" * 9 + "lt;b&gt;")
def test_title_never_holds_markup_or_hidden_characters(title: str) -> None:
    cleaned = clean_title(title)
    assert not re.search(r"</?[A-Za-z!][^<>]*>", cleaned)
    assert not any(unicodedata.category(c)[0] == "C" for c in cleaned)
    assert "\n" not in cleaned
    assert cleaned == cleaned.strip()
    cleaned.encode()


@given(st.text())
def test_cleaning_a_clean_text_changes_nothing(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)


@given(st.text())
def test_text_holds_no_control_or_direction_characters(text: str) -> None:
    assert {unicodedata.category(c)[0] for c in clean_text(text).replace("\n", "")} <= set("LMNPSZ")


def test_same_words_are_the_same_content() -> None:
    assert content_sha256("Judul!", "Teks, biasa.") == content_sha256("judul", "teks biasa")
    assert content_sha256("Judul", "teks biasa") != content_sha256("Judul", "teks lain")
    assert content_sha256("a b", "c") != content_sha256("a", "b c")


def test_normalised_compares_words_only() -> None:
    assert normalised("  KPU: Rapat -- Pleno\u200b! ") == "kpu rapat pleno"


def test_title_without_words_has_no_key() -> None:
    assert title_key(" -- !") is None
    assert title_key("Rapat pleno!") == title_key("rapat PLENO")


def test_key_of_an_odd_address() -> None:
    assert len(url_key("https://kabar.example/\ud800")) == 64


@pytest.mark.parametrize(
    ("url", "stored"),
    [
        ("https://sosial.example/@warga.banua/1122", "https://sosial.example/1122"),
        ("https://sosial.example/@warga@lain.example/1122", "https://sosial.example/1122"),
        ("https://sosial.example/users/warga.banua/statuses/1122", "https://sosial.example/statuses/1122"),
        ("https://langit.example/profile/warga.banua/post/3k", "https://langit.example/profile/-/post/3k"),
        ("https://sosial.example/%40warga.banua/1122", "https://sosial.example/1122"),
        ("https://sosial.example/@warga.banua", "https://sosial.example"),
        ("https://langit.example/profile/warga.banua", "https://langit.example/profile/-"),
        ("https://langit.example/profile/@warga.banua/post/3k", "https://langit.example/profile/-/post/3k"),
        ("https://sosial.example/u/warga.banua/1122", "https://sosial.example/1122"),
        ("https://sosial.example/%2540warga.banua/1122", "https://sosial.example/1122"),
        ("https://sosial.example/%75sers/warga.banua/statuses/1122", "https://sosial.example/statuses/1122"),
        ("https://sosial.example/users//warga.banua/statuses/1122", "https://sosial.example/statuses/1122"),
        ("https://sosial.example/warga.banua/status/1122", "https://sosial.example/status/1122"),
        ("https://warga.banua@sosial.example/1122", "https://sosial.example/1122"),
        ("https://sosial.example/1122?oleh=@warga.banua&lang=id#warga.banua", "https://sosial.example/1122?lang=id"),
        ("https://sosial.example/berita/status-jalan/1122/", "https://sosial.example/berita/status-jalan/1122/"),
    ],
)
def test_address_of_a_post_does_not_name_its_author(url: str, stored: str) -> None:
    assert url_without_handle(url) == stored
    assert url_without_handle(stored) == stored


@pytest.mark.parametrize("handle", ["warga.banua", "@Warga.Banua", "warga.banua@sosial.example", " @warga.banua "])
@pytest.mark.parametrize(
    ("url", "stored"),
    [
        ("https://sosial.example/warga.banua/1122", "https://sosial.example/1122"),
        ("https://sosial.example/p/Warga%2EBanua/1122", "https://sosial.example/p/1122"),
        ("https://sosial.example/1122?akun=warga.banua", "https://sosial.example/1122"),
        ("https://sosial.example/warga.banua.lain/1122", "https://sosial.example/warga.banua.lain/1122"),
    ],
)
def test_address_of_a_post_does_not_hold_the_announced_account(handle: str, url: str, stored: str) -> None:
    assert url_without_handle(url, handle) == stored
    assert url_without_handle(stored, handle) == stored


_PARTS = st.lists(
    st.sampled_from(["@a", "%40a", "users", "u", "profile", "status", "statuses", "a", "1", "", "-", "?", "#", "@"])
)


@given(st.text() | _PARTS.map("/".join), st.sampled_from([None, "", "a", "@a@b", "users", "1", "-", "status"]))
@example("https://[bad/@a/1", None)
def test_removing_the_author_twice_changes_nothing_more(text: str, handle: str | None) -> None:
    for url in (text, f"https://sosial.example/{text}"):
        shorter = url_without_handle(url, handle)
        assert url_without_handle(shorter, handle) == shorter


def test_an_endless_reference_is_dropped() -> None:
    assert clean_title(f"Warga &#{'9' * 5000}; bertanya") == "Warga ; bertanya"
