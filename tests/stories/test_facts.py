"""Figures with their units, hashed proper words, and that facts survive the store."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.stories.texts import DRILL, FLOOD, WIRE
from waspada.stories.facts import (
    MAX_FIGURES,
    Facts,
    Figure,
    Manner,
    Unit,
    facts_of,
    figures_in,
    figures_of,
    pack_facts,
    proper_terms,
    title_terms,
    told,
    unpack_facts,
)
from waspada.stories.terms import bucket


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("Sebanyak 12 orang tewas dalam kejadian itu.", 12, Unit.DEAD),
        ("Tiga orang luka-luka dibawa ke puskesmas.", 3, Unit.HURT),
        ("Ada 1.250 rumah terendam.", 1250, Unit.HOUSES),
        ("Ada 45 unit rumah rusak.", 45, Unit.HOUSES),
        ("Air merendam 2,5 hektare sawah.", 2.5, "hektare"),
        ("Bantuan Rp 1,5 miliar disalurkan.", 1.5e9, Unit.RUPIAH),
        ("Bantuan Rp300 ribu per keluarga.", 3e5, Unit.RUPIAH),
        ("Naik 2,5 persen dari tahun lalu.", 2.5, Unit.PERCENT),
        ("Kericuhan di TPS 05 Desa Sungai Batang.", 5, Unit.STATION),
        ("Kejadian pada Senin (25/11/2024) malam.", 1125, Unit.DATE),
        ("Berlangsung pada 3 Mei lalu.", 503, Unit.DATE),
        ("Mulai pukul 09.30 Wita.", 930, Unit.CLOCK),
        ("Sebanyak 40 personel berjaga.", 40, "persone"),
    ],
)
def test_figure_is_read_with_its_unit(text: str, value: float, unit: str) -> None:
    assert Figure(value, unit) in figures_of(text)


def test_how_many_stations_is_not_the_number_of_one() -> None:
    assert Unit.STATION not in {figure.unit for figure in figures_of("Sebanyak 17 TPS terendam.")}


@pytest.mark.parametrize("text", ["", "Tanpa angka.", "Pilkada 2024 dan 2029", "99/99/2024", "pada 45 Mei"])
def test_what_is_no_figure_of_an_event(text: str) -> None:
    assert all(figure.unit != Unit.DATE for figure in figures_of(text))
    assert Figure(2024, "") not in figures_of(text)


def test_a_table_of_figures_is_cut() -> None:
    assert len(figures_of(" ".join(f"{n} karung," for n in range(1, 500)))) <= MAX_FIGURES


def test_proper_words_are_hashed_and_sentence_starts_left_out() -> None:
    found = proper_terms("Petugas bernama Rahma menjaga gudang. Kemudian ia pulang ke Astambul.")
    assert found.keys() == {bucket("rahma"), bucket("astambul")}


def test_manners_of_titles() -> None:
    assert facts_of("Polisi Imbau Warga Tenang", "").manners == {Manner.PREVENTION}
    assert facts_of("Prakiraan Cuaca Kalsel Besok", "").manners == {Manner.SERIES}
    assert facts_of("Dua Rumah Terbakar", "").manners == frozenset()


@pytest.mark.parametrize(("title", "text"), [("", ""), ("Banjir di Astambul", FLOOD), ("x", WIRE), ("Simulasi", DRILL)])
def test_facts_survive_the_store(title: str, text: str) -> None:
    facts = facts_of(title, text)
    kept = unpack_facts(pack_facts(facts))
    assert kept.figures == facts.figures
    assert kept.manners == facts.manners
    assert kept.title.keys() == facts.title.keys()
    assert kept.proper.keys() == facts.proper.keys()
    assert all(kept.proper[term] == pytest.approx(weight, abs=1e-3) for term, weight in facts.proper.items())


def test_a_row_from_before_has_no_facts() -> None:
    assert unpack_facts(None) == Facts()


@given(st.text(max_size=400), st.text(max_size=60))
def test_any_text_has_facts_that_survive(text: str, title: str) -> None:
    facts = facts_of(title, text)
    assert unpack_facts(pack_facts(facts)).figures == facts.figures


def test_no_name_can_be_read_from_what_is_kept() -> None:
    kept = pack_facts(facts_of("Rahma Menang", "Calon bernama Rahma Alfianor disambut 12 orang."))
    assert b"ahma" not in kept.lower()
    assert b"lfianor" not in kept.lower()


def test_titles_are_weighed_by_rare_words() -> None:
    weights = title_terms("Banjir di Astambul")
    assert weights[bucket("astambul")] > weights[bucket("di")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Tujuh orang luka dan 1.200 rumah terendam", {(7, Unit.PEOPLE), (1200, Unit.HOUSES)}),
        ("sebanyak 7 orang dirawat", {(7, Unit.PEOPLE)}),
        ("dua belas warga dan tiga puluh petugas", {(12, Unit.PEOPLE), (30, "petugas")}),
        ("dua puluh lima orang luka", {(25, Unit.PEOPLE)}),
        ("Dua puluh-lima orang tewas", {(25, Unit.PEOPLE)}),
        ("lima orang dua rumah", {(5, Unit.PEOPLE), (2, Unit.HOUSES)}),
        ("seratus rumah", {(100, Unit.HOUSES)}),
        ("seluas 1.200,5 ha", {(1200.5, "hektare")}),
        ("dua ribu lima ratus warga", {(2500, Unit.PEOPLE)}),
        ("seratus dua puluh unit rumah", {(120, Unit.HOUSES)}),
        ("tiga ratus ribu pemilih, sejuta suara", {(3e5, "pemilih"), (1e6, "suara")}),
        ("naik 2,5 persen, turun 3%", {(2.5, Unit.PERCENT), (3, Unit.PERCENT)}),
        ("seluas 4 hektare; 4 hektar; 4 ha", {(4, "hektare")}),
        ("pada 25 November 2024 pukul 10.30 Wita, pasal 28 ayat 2", set()),
        ("TPS 05 dan 3 TPS lain", {(3, "tps")}),
        ("versi 1.2.3 orang", set()),
        ("salah satu warga, ratusan rumah", set()),
        ("", set()),
    ],
)
def test_what_a_report_counts(text: str, found: set[tuple[float, str]]) -> None:
    """In digits and in words; no dates, clocks and bare numbers, and people whatever befell them."""
    assert {(figure.value, figure.unit) for figure in told(figures_of(text))} == found


def test_figures_are_read_back_alone() -> None:
    facts = facts_of("Banjir di Astambul, 12 rumah terendam", FLOOD)
    assert figures_in(pack_facts(facts)) == facts.figures != frozenset()
    assert figures_in(None) == frozenset()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("l\u0130ma orang luka", Figure(5, Unit.HURT)),
        ("\u017fatu orang tewas", Figure(1, Unit.DEAD)),
        ("pada 3 \u017fep lalu", Figure(903, Unit.DATE)),
        ("Rp 2 m\u0131liar", Figure(2e9, Unit.RUPIAH)),
        ("12 \u212aK", Figure(12, "kk")),
    ],
)
def test_letters_that_pass_for_others_are_read_as_those(text: str, found: Figure) -> None:
    """A page in a Turkish locale, or somebody who wants to go unseen, writes such."""
    assert found in figures_of(text)
