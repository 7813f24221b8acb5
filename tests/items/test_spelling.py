"""Spellings that are meant to get past filters are undone; what only looks like them stays as it is."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.features import FeatureSpec, count_features
from waspada.spelling import plain_spelling
from waspada.taxonomy import ItemText

#: Characters that disguises are made of, so that hypothesis finds shapes and not only letters.
_DISGUISES = st.text(alphabet="abAB013457@ .*-_/:é😀\ud800", max_size=80)


@pytest.mark.parametrize(
    ("disguised", "plain"),
    [
        ("k4fir", "kafir"),
        ("K4FIR", "KAFIR"),
        ("K4fir", "Kafir"),
        ("c3bong", "cebong"),
        ("anj1ng", "anjing"),
        ("b@bi", "babi"),
        ("k4dr0n", "kadron"),
        ("p3n1pu", "penipu"),
        ("d1a p3ngkhi4nat", "d1a pengkhianat"),
    ],
)
def test_a_digit_between_letters_is_the_letter_that_it_stands_for(disguised: str, plain: str) -> None:
    assert plain_spelling(disguised) == plain


@pytest.mark.parametrize(
    ("disguised", "plain"),
    [
        ("k a f i r", "kafir"),
        ("K A F I R", "KAFIR"),
        ("p  k  i", "pki"),
        ("dasar k a f i r semua", "dasar kafir semua"),
        ("p e m i l u 2024", "pemilu 2024"),
    ],
)
def test_single_letters_parted_by_blanks_are_joined(disguised: str, plain: str) -> None:
    assert plain_spelling(disguised) == plain


@pytest.mark.parametrize(
    ("disguised", "plain"),
    [
        ("k.a.d.r.u.n", "kadrun"),
        ("P*K*I", "PKI"),
        ("b-a-b-i", "babi"),
        ("K.A.D.R.U.N", "KADRUN"),
        ("si k.a.f.i.r.", "si kafir."),
        ("(c*e*b*o*n*g)", "(cebong)"),
    ],
)
def test_single_letters_parted_by_one_sign_are_joined(disguised: str, plain: str) -> None:
    assert plain_spelling(disguised) == plain


@pytest.mark.parametrize(
    "text",
    [
        "G30S",
        "C1",
        "TPS 03",
        "formulir C1 di TPS 03",
        "S.H.",
        "Drs. H. Ahmad, S.H., M.H.",
        "D.P.R.",
        "a.n. warga",
        "Rp 1.000.000",
        "Rp500ribu",
        "COVID-19",
        "Covid19",
        "pilkada2024",
        "1 2 3 4 5",
        "07.30 WITA",
        "2.500 suara",
        "pukul 8 malam",
        "3kali",
        "a b",
        "o-k",
        "k.a-f.i",
        "anak-anak",
        "di-PHK",
        "#k4fir",
        "https://contoh.id/k4fir",
        "",
        " \n",
    ],
)
def test_what_only_looks_like_a_disguise_stays(text: str) -> None:
    assert plain_spelling(text) == text


@pytest.mark.parametrize("text", ["@k4fir", "lihat @b4yu", "kirim ke a1da@contoh.id", "nama@contoh.id"])
def test_handles_and_addresses_stay_what_they_are(text: str) -> None:
    """Else nlp/features.py no longer sees a handle and cannot make it one word."""
    assert plain_spelling(text) == text


def test_a_link_is_read_no_further_than_its_first_word() -> None:
    """Links need not be perfect: the features make one word of a link either way."""
    assert plain_spelling("https://contoh.id/berita-c4ra") == "https://contoh.id/berita-cara"


def test_ordinary_text_is_returned_as_the_same_object() -> None:
    text = "Dua kelompok warga bentrok di Gambut, tiga rumah dibakar. Polisi berjaga."
    assert plain_spelling(text) is text


@pytest.mark.parametrize("text", ["dasar k4fir", "dasar k a f i r"])
@pytest.mark.parametrize("spelled_out", [True, False])
def test_features_see_the_plain_word_only_where_the_model_asks_for_it(text: str, spelled_out: bool) -> None:
    spec = FeatureSpec(plain_spelling=spelled_out)
    plain, found = (count_features(ItemText("1", "", given), spec) for given in ("dasar kafir", text))
    assert (found.buckets.tolist() == plain.buckets.tolist()) is spelled_out


@given(st.one_of(st.text(alphabet=st.characters(codec=None)), _DISGUISES))
def test_any_text_is_read_without_a_word(text: str) -> None:
    plain = plain_spelling(text)
    assert len(plain) <= len(text)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz \n,", max_size=200).filter(lambda t: not _spaced(t)))
def test_words_of_letters_alone_are_never_touched(text: str) -> None:
    assert plain_spelling(text) is text


def _spaced(text: str) -> bool:
    words = text.replace(",", " , ").split()
    return any(len(a) == len(b) == 1 for a, b in pairwise(words))


@pytest.mark.parametrize(
    "text",
    ["a " * 50_000, "a1" * 50_000, "a." * 50_000, "a*" * 50_000, "a - " * 30_000, "1" * 100_000, "a" * 100_000,
     "@" * 50_000, "a@" * 50_000, "a   b   " * 12_000, "4 " * 50_000, "-a" * 50_000, "a_1" * 30_000, "aa1a" * 25_000],
    ids=["a ", "a1", "a.", "a*", "a - ", "1", "a", "@", "a@", "a   b", "4 ", "-a", "a_1", "aa1a"],
)  # fmt: skip
def test_hostile_text_takes_no_longer_than_its_length(text: str) -> None:
    assert len(plain_spelling(text)) <= len(text)
