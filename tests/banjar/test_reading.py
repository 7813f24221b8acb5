"""Banjarese is read in Indonesian words, Indonesian stays as it is, and nothing that stands between words is lost."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.build_banjar import turned
from nlp.training.banjar import read_words
from waspada.banjar.parts import parts_of, phrase_at
from waspada.banjar.reading import homographs, in_indonesian, is_banjarese, words


def said(text: str) -> str:
    return in_indonesian([text])[0]


@pytest.mark.parametrize(
    ("banjar", "indonesian"),
    [
        ("ulun kada handak umpat", "saya tidak mau ikut"),
        ("inya kada ada di rumah lawan mamanya", "dia tidak ada di rumah dengan ibunya"),
        ("Kada bujur habar itu!", "Tidak benar berita itu!"),
        ("KADA BUJUR habar itu", "TIDAK BENAR berita itu"),
        ("bungulnya ikam, kada paham jua", "bodohnya kamu, tidak paham juga"),
    ],
)
def test_a_banjarese_text_is_turned(banjar: str, indonesian: str) -> None:
    assert said(banjar) == indonesian


@pytest.mark.parametrize(
    "text",
    [
        "",
        "KPU minta warga waspada hoaks, lawan berita bohong.",
        "Lawan politik itu pulang ke rumah lain di Sungai Tabuk.",
        "Kata orang, ikam itu ikan.",  # one word of the table
        "Petugas menyebut warga kada hadir, sementara pihak lain tetap melanjutkan rapat hingga malam di kantor camat.",
        "Kada ada gangguan, kata petugas yang memantau jalannya rekapitulasi di tingkat kecamatan sejak pagi sampai "
        "sore, meski ada saksi yang handak bertanya soal daftar hadir dan kotak suara.",  # two, under a tenth
        "🙏🙏 !!! 2024",
    ],
)
def test_what_is_not_banjarese_stays(text: str) -> None:
    assert not is_banjarese([text])
    assert said(text) == text


def test_the_parts_of_a_text_are_judged_together() -> None:
    assert in_indonesian(["Ulun takut", "kada wani bulik"]) == ["Saya takut", "tidak berani balik"]
    assert said("Ulun takut") == "Ulun takut"


def test_links_handles_and_names_stay() -> None:
    text = "kada bujur jar @kada di https://kabar.example/kada #kada, rumah di Sungai Lawas"
    assert said(text) == "tidak benar kata @kada di https://kabar.example/kada #kada, rumah di Sungai Lawas"


def test_the_table_holds_no_indonesian_word_of_the_lexicon() -> None:
    table = words()
    assert len(table) > 3000
    assert not set(table) & set(read_words())
    assert not set(table) & set(homographs())
    assert all(word == word.lower() and said.strip() for word, said in table.items())


@given(st.text(max_size=80))
def test_any_text_is_read_and_what_is_no_word_stays(text: str) -> None:
    assert "".join(parts_of(text)) == text
    assert _between(said(text)) == _between(text)


def _between(text: str) -> str:
    """What is neither a letter nor what a phrase of several words brings with it."""
    return re.sub(r"[^\W\d_]|[ -]", "", text)


def test_the_table_is_the_lexicon_turned_round() -> None:
    lexicon = {"tidak": ("kada", "kd"), "tak": ("kada",), "kering": ("karing", "kering"), "pusar": ("pusat",)}
    frequency = {"tidak": 90, "tak": 80, "kering": 5}
    assert turned(lexicon, {"pusat"}, frequency) == {"kada": "tidak", "karing": "kering"}


def test_the_longest_phrase_is_found() -> None:
    table = {"kada": "tidak", "kada ada": "tiada"}
    assert "".join(phrase_at(parts_of("kada ada lagi"), 0, table)) == "kada ada"
    assert not phrase_at(parts_of("ada lagi"), 0, table)


def test_a_huge_text_is_read() -> None:
    assert said("kada bujur " * 100_000) == "tidak benar " * 100_000
