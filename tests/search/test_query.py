"""From what is typed to a query, and what of a masked text it finds. Pure."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from waspada.alerts.exits import masked
from waspada.errors import InputError
from waspada.search.query import MAX_CHARACTERS, MOST_TERMS, fits, marked, parse
from waspada.search.service import read_query
from waspada.search.types import PersonSearchError, Query, Term


def terms(given: str) -> list[str]:
    return [" ".join(term.words) for term in parse(given).terms]


def without(given: str) -> list[str]:
    return [" ".join(term.words) for term in parse(given).without]


@pytest.mark.parametrize(
    ("given", "found", "left_out"),
    [
        ("surat suara", ["surat", "suara"], []),
        ('"surat suara" terlambat', ["surat suara", "terlambat"], []),
        ("“surat suara”", ["surat suara"], []),
        ("banjir -karhutla", ["banjir"], ["karhutla"]),
        ('banjir -"surat suara"', ["banjir"], ["surat suara"]),
        ("covid-19", ["covid 19"], []),
        ("banjir - karhutla", ["banjir", "karhutla"], []),
        ("Banjir BANJIR", ["banjir"], []),
        ("surat OR suara AND NOT near(a b)", ["surat", "or", "suara", "and", "not", "near a", "b"], []),
        ("judul:banjir* ^x {a} + ~b", ["judul banjir", "x", "a", "b"], []),
        ('"tak ditutup', ["tak ditutup"], []),
        ("Qur'an", ["qur an"], []),
    ],
)
def test_plain_words_quotes_and_what_must_not_be_there(given: str, found: list[str], left_out: list[str]) -> None:
    assert (terms(given), without(given)) == (found, left_out)


@pytest.mark.parametrize("given", ["", "   ", '""', "-banjir", "...", "!?*", '- "', "_"])
def test_without_a_word_nothing_is_looked_for(given: str) -> None:
    with pytest.raises(InputError, match="no word"):
        parse(given)


def test_too_long_and_too_many_are_refused() -> None:
    with pytest.raises(InputError, match="characters"):
        parse("a" * (MAX_CHARACTERS + 1))
    assert len(parse(" ".join(f"k{n}" for n in range(MOST_TERMS))).terms) == MOST_TERMS
    with pytest.raises(InputError, match="too many"):
        parse(" ".join(f"k{n}" for n in range(MOST_TERMS + 1)))


@given(st.text(max_size=MAX_CHARACTERS))
@example('"')
@example('-"')
@example("a" * MAX_CHARACTERS)
@example("\x00'; DROP TABLE items; --")
def test_whatever_is_typed_is_words_or_an_error_of_ours(given: str) -> None:
    try:
        query = parse(given)
    except InputError:
        return
    for term in (*query.terms, *query.without):
        assert term.words
        assert all(word.isalnum() and word == word.lower() for word in term.words)


def test_the_hash_of_a_query_does_not_hang_on_its_form() -> None:
    assert parse("Banjir  surat").plain == parse("surat, banjir").plain
    assert parse("banjir surat").plain != parse('"banjir surat"').plain != parse("banjir -surat").plain


class TestMasks:
    """The index knows the words behind the masks; what is found does not."""

    TEXT = masked("Seorang warga, Rudi Hartono (34), terkena batu di kepala. Nama desa tidak disebut.")

    def test_a_masked_name_is_not_found_nor_told_by_leaving_it_out(self) -> None:
        assert "Rudi" not in self.TEXT.text
        for word in ("rudi", "hartono"):
            assert not fits(Query([Term((word,))]), self.TEXT)
            assert fits(Query([Term(("batu",))], [Term((word,))]), self.TEXT)

    def test_the_mask_itself_is_no_word_and_nothing_follows_over_it(self) -> None:
        assert "[nama]" in self.TEXT.text
        found = marked(parse("nama"), self.TEXT)
        assert found.quotes() == ["Nama"]
        assert not fits(parse('"warga terkena"'), self.TEXT)
        assert fits(parse('"terkena batu"'), self.TEXT)

    def test_what_must_not_be_there_is_looked_for_in_what_is_shown(self) -> None:
        assert not fits(parse("batu -kepala"), self.TEXT)
        assert fits(parse("batu -lutut"), self.TEXT)

    def test_accents_and_capitals_do_not_matter(self) -> None:
        found = marked(parse("pemilé BATU"), masked("Pemile dan batu dan pemilé"))
        assert found.quotes() == ["Pemile", "batu", "pemilé"]


@pytest.mark.parametrize(
    "given",
    [
        "Rudi Hartono", "rudi hartono", "aminah",
        "banjir rudi hartono", "lempar -hartono", '"siti aminah"', "paman Rudi",
        "@warga_biasa", "akun warga", "0812 3456 7890", "warga@contoh.example", "6303051201900001",
    ],
)  # fmt: skip
def test_a_search_that_names_somebody_is_refused(given: str) -> None:
    with pytest.raises(PersonSearchError):
        read_query(given)


@pytest.mark.parametrize(
    "given",
    [
        "lempar batu", "banjir Martapura", "bupati banjar", "KPU Banjarbaru", "sengketa lahan", "politik uang",
        "Nahdlatul Ulama", "PT Adaro", "pilkada 2024", "covid-19", "kelurahan Loktabat", "mahasiswa -bem",
        "nyamuk", "golok", "berita palsu", "kafir", "cabul",
    ],
)  # fmt: skip
def test_places_bodies_offices_and_events_may_be_looked_for(given: str) -> None:
    assert read_query(given).terms


def test_the_refusal_says_why_and_what_to_do() -> None:
    with pytest.raises(PersonSearchError, match=r"never for people.*Leave the name out.*tell an admin"):
        read_query("Rudi Hartono")
