"""Finding the fact-checks that a text may repeat, and deciding which it does."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from benchmarks.fit_claims import claims as authored_claims
from waspada.claims.deciding import PRIOR, Features, probability
from waspada.claims.dense import DenseIndex, Embedder, usable
from waspada.claims.folding import claim_text, message_text, without_verdict, words_of
from waspada.claims.matching import BEST, CONFIRMED_FROM, SUGGESTED_FROM, ClaimIndex, terms
from waspada.claims.types import FactCheck, MatchState
from waspada.places.gazetteer import upper_rows

CHECKS = [
    FactCheck("kartu", "Kartu keluarga lama tidak dapat dipakai untuk memilih di TPS mulai besok."),
    FactCheck("pulpen", "Pulpen di bilik suara berisi tinta yang hilang setelah dua jam."),
    FactCheck("gempa", "Gempa besar akan mengguncang Banjarmasin pada hari pemungutan suara."),
    FactCheck("bansos", "Bantuan sembako hanya dibagikan kepada pendukung satu pasangan calon."),
    FactCheck("kotak", "", "Kotak suara di Barabai sudah terisi sebelum TPS dibuka"),
]
INDEX = ClaimIndex(CHECKS)
TODAY = date(2024, 11, 1)
NOUNS = [
    "buaya",
    "kelapa",
    "lampu",
    "sepeda",
    "jukung",
    "payung",
    "cermin",
    "gunung",
    "jendela",
    "kerbau",
    "rotan",
    "karet",
    "durian",
    "madu",
    "kopi",
    "meja",
    "kursi",
    "lemari",
    "sapu",
    "panci",
    "kuali",
    "sendok",
    "garpu",
    "pisau",
    "tikar",
    "bantal",
    "selimut",
    "celana",
    "topi",
    "sepatu",
    "sandal",
    "kaus",
    "jaket",
    "sarung",
    "gelang",
    "cincin",
    "kalung",
    "anting",
    "jam",
    "tas",
]


def by_words(texts: Sequence[str]) -> NDArray[np.float32]:
    """A stand-in for a model: each word a direction by chance, a text their sum."""
    directions = np.random.default_rng(1).normal(size=(997, 64)).astype(np.float32)
    rows = [[zlib.crc32(word.encode("utf-8", "replace")) % 997 for word in words_of(text) or ["-"]] for text in texts]
    return usable(np.stack([directions[row].sum(axis=0) for row in rows]))


class TestMatching:
    def test_repeated_claim_is_found_first_and_confirmed(self) -> None:
        best = ClaimIndex(CHECKS).match("", CHECKS[1].claim)[0]
        assert (best.claim_id, best.state) == ("pulpen", MatchState.CONFIRMED)
        assert best.score >= 0.9

    def test_other_words_for_the_same_are_found(self) -> None:
        best = ClaimIndex(CHECKS).match(
            "", "Awas tinta pulpennya hilang sendiri sesudah 2 jam, bawa pulpen dari rumah!"
        )[0]
        assert best.claim_id == "pulpen"

    @pytest.mark.parametrize(
        "text",
        [
            "P3N4 D1 B1L1K SU4RA? PULP3N B3RISI T1NTA H1LANG",
            "Pulpen di bilik tu tintanya hilang saurang imbah dua jam, kada kawa dipakai",
            "𝘗𝘶𝘭𝘱𝘦𝘯 𝘥𝘪 𝘣𝘪𝘭𝘪𝘬 𝘴𝘶𝘢𝘳𝘢 𝘵𝘪𝘯𝘵𝘢𝘯𝘺𝘢 𝘩𝘪𝘭𝘢𝘯𝘨",
            "#PulpenBilikSuara tinta hilaaaang 2 jam",
            "Assalamualaikum wr wb. Diteruskan dari grup sebelah. Mohon viralkan! Pena dan pulpen di bilik suara "
            "tintanya bisa hilang setelah dua jam. Semoga bermanfaat. Aamiin.",
        ],
    )
    def test_disguise_dialect_and_dressing_hide_nothing(self, text: str) -> None:
        assert ClaimIndex(CHECKS).match("", text)[0].claim_id == "pulpen"

    @pytest.mark.parametrize(
        "text",
        [
            "Harga cabai di Pasar Martapura turun menjelang akhir pekan.",
            "KPU mengajak warga tidak mudah percaya kabar bohong menjelang pencoblosan.",
            "Gempa magnitudo 3,1 tercatat di Kotabaru, tidak dirasakan warga.",
        ],
    )
    def test_true_news_on_the_same_topics_is_not_confirmed(self, text: str) -> None:
        assert all(match.state != MatchState.CONFIRMED for match in ClaimIndex(CHECKS).match("", text))

    def test_always_the_best_ten_whatever_the_score(self) -> None:
        many = [FactCheck(n, f"Klaim nomor {n} tentang kartu pemilih") for n in range(40)]
        for text in ("kartu pemilih nomor 7", "sesuatu yang lain sama sekali", "", "xyzzy"):
            found = ClaimIndex(many).match("", text)
            assert len(found) == BEST
            assert len({match.claim_id for match in found}) == BEST
            scores = [match.score for match in found]
            assert scores == sorted(scores, reverse=True)

    def test_fewer_only_when_there_are_fewer(self) -> None:
        assert len(ClaimIndex(CHECKS).match("", "kartu")) == len(CHECKS)
        assert ClaimIndex([]).match("", "kartu") == []

    def test_thresholds_set_only_the_state(self) -> None:
        for match in ClaimIndex(CHECKS).match("Kartu keluarga lama", "tidak dapat dipakai memilih di TPS"):
            assert match.state == PRIOR.state_of(match.score)
        states = [PRIOR.state_of(score) for score in (0.0, SUGGESTED_FROM, CONFIRMED_FROM, 1.0)]
        assert states == ["candidate", "suggested", "confirmed", "confirmed"]

    def test_title_of_a_fact_check_counts_too(self) -> None:
        assert ClaimIndex(CHECKS).match("Kotak suara Barabai terisi", "")[0].claim_id == "kotak"

    def test_fact_check_with_title_and_claim_is_listed_once(self) -> None:
        both = FactCheck(1, "Pulpen berisi tinta yang hilang", "[SALAH] Tinta Pulpen di Bilik Hilang")
        assert [match.claim_id for match in ClaimIndex([both]).match("", "tinta pulpen hilang")] == [1]

    def test_between_two_claims_that_are_as_near_a_person_chooses(self) -> None:
        one = FactCheck("tapin", "Kotak suara di Tapin dibawa lari orang bertopeng pada malam hari")
        two = FactCheck("kapuas", "Kotak suara di Kapuas dibawa lari orang bertopeng pada malam hari")
        text = "kotak suara dibawa lari orang bertopeng pada malam hari"
        assert ClaimIndex([one]).match("", text)[0].state == MatchState.CONFIRMED
        matches = ClaimIndex([one, two, FactCheck("lain", "Listrik padam tiga hari di seluruh pulau")]).match("", text)
        assert {match.claim_id for match in matches[:2]} == {"tapin", "kapuas"}
        assert [match.state for match in matches[:2]] == [MatchState.SUGGESTED] * 2

    def test_two_outlets_on_one_claim_do_not_stand_in_each_others_way(self) -> None:
        again = FactCheck("pulpen-2", "", "[SALAH] " + CHECKS[1].claim)
        states = {match.claim_id: match.state for match in ClaimIndex([*CHECKS, again]).match("", CHECKS[1].claim)}
        assert states["pulpen"] == states["pulpen-2"] == MatchState.CONFIRMED

    def test_of_two_alike_the_one_checked_nearer_in_time_comes_first(self) -> None:
        claim = "Listrik padam tiga hari di seluruh pulau"
        old, new = FactCheck("dulu", claim, checked_on=date(2019, 3, 1)), FactCheck("kini", claim, checked_on=TODAY)
        index = ClaimIndex([old, new])
        assert index.match("", claim, TODAY)[0].claim_id == "kini"
        assert index.match("", claim, date(2019, 3, 3))[0].claim_id == "dulu"
        assert index.match("", claim)[0].claim_id == "kini"  # an undated item is taken for a new one

    def test_old_claim_that_comes_back_is_still_confirmed(self) -> None:
        old = FactCheck("dulu", CHECKS[1].claim, checked_on=date(2015, 3, 1))
        new = FactCheck("kini", "Harga bensin naik dua kali lipat", checked_on=TODAY)
        best = ClaimIndex([old, new]).match("", CHECKS[1].claim, TODAY)[0]
        assert (best.claim_id, best.state) == ("dulu", MatchState.CONFIRMED)

    @given(st.text(max_size=300), st.text(max_size=300))
    def test_scores_stay_between_nought_and_one(self, title: str, text: str) -> None:
        assert all(0 <= match.score <= 1 for match in INDEX.match(title, text))

    @given(st.permutations(CHECKS))
    @settings(max_examples=20)
    def test_order_of_fact_checks_does_not_matter(self, checks: list[FactCheck]) -> None:
        def found(index: ClaimIndex) -> dict[Any, float]:
            matches = index.match("", "tinta pulpen hilang dan kotak suara terisi di Banjarmasin")
            return {match.claim_id: match.score for match in matches}

        assert found(ClaimIndex(checks)) == pytest.approx(found(INDEX))

    def test_terms_are_words_and_runs(self) -> None:
        assert list(terms(["tps"])) == ["tps", "~_tps", "~tps_"]


class TestJoining:
    def test_new_fact_check_is_found_at_once(self) -> None:
        index = ClaimIndex(CHECKS)
        index.add([FactCheck("naga", "Naga terlihat di Danau Panggang")])
        assert index.match("", "ada naga di danau panggang")[0].claim_id == "naga"
        assert len(index) == len(CHECKS) + 1
        assert index.match("", CHECKS[1].claim)[0].claim_id == "pulpen"

    def test_joining_an_empty_index(self) -> None:
        index = ClaimIndex([])
        index.add(CHECKS)
        assert index.match("", CHECKS[2].claim)[0].claim_id == "gempa"
        assert len(index.match("", "")) == len(CHECKS)

    def test_same_id_takes_the_place_of_the_older_one(self) -> None:
        index = ClaimIndex(CHECKS)
        index.add([FactCheck("pulpen", "Beras plastik dijual di pasar")])
        assert len(index) == len(CHECKS)
        matches = index.match("", CHECKS[1].claim)
        assert [match.claim_id for match in matches].count("pulpen") == 1
        assert matches[0].state == MatchState.CANDIDATE
        assert index.match("", "beras plastik di pasar")[0].claim_id == "pulpen"

    def test_ids_of_different_types_stay_apart(self) -> None:
        index = ClaimIndex(
            [FactCheck(1, "Beras plastik"), FactCheck("1", "Telur palsu"), FactCheck({"a": [1]}, "Naga")]
        )
        assert len(index) == 3
        assert index.match("", "naga")[0].claim_id == {"a": [1]}

    @pytest.mark.parametrize("embedder", [None, by_words], ids=["words", "embeddings"])
    def test_many_that_joined_one_by_one_are_found_as_when_built_at_once(self, embedder: Embedder | None) -> None:
        claims = [
            FactCheck(n, f"Warga desa {NOUNS[n % 40]} melihat {NOUNS[n // 40]} raksasa nomor {n}") for n in range(700)
        ]
        index = ClaimIndex(claims[:50], embedder)
        for at in range(50, 700, 130):
            index.add(claims[at : at + 130])
        for n in (3, 49, 50, 400, 699):
            assert index.match("", claims[n].claim)[0].claim_id == n
            assert (
                index.match("", claims[n].claim)[0].claim_id
                == ClaimIndex(claims, embedder).match("", claims[n].claim)[0].claim_id
            )


class TestEmbeddings:
    def test_what_shares_no_word_is_found_by_meaning(self) -> None:
        def meaning(texts: Sequence[str]) -> NDArray[np.float32]:
            """Of "anak" and "bocah" the same vector, of anything else its words'."""
            return by_words([text.replace("bocah", "anak").replace("lenyap", "hilang") for text in texts])

        index = ClaimIndex([*CHECKS, FactCheck("anak", "Anak hilang")], meaning)
        assert index.match("", "bocah lenyap")[0].claim_id == "anak"

    @pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0])
    def test_bad_vectors_leave_the_words(self, bad: float) -> None:
        def broken(texts: Sequence[str]) -> NDArray[np.float32]:
            return np.full((len(texts), 384), bad, dtype=np.float32)

        best = ClaimIndex(CHECKS, broken).match("", CHECKS[1].claim)[0]
        assert best.claim_id == "pulpen"
        assert 0 <= best.score <= 1

    def test_cells_find_what_a_full_search_finds(self) -> None:
        chance = np.random.default_rng(3)
        vectors = usable(chance.normal(size=(7_000, 32)).astype(np.float32))
        index = DenseIndex(vectors)
        assert len(index._centres) > 16
        found = [index.nearest(index.whitened(vectors[[n]])[0], 1).tolist() for n in range(0, 7_000, 350)]
        assert found == [[n] for n in range(0, 7_000, 350)]

    def test_vectors_that_join_are_found_in_their_cells(self) -> None:
        chance = np.random.default_rng(4)
        vectors = usable(chance.normal(size=(7_100, 32)).astype(np.float32))
        index = DenseIndex(vectors[:7_000])
        index.extend(vectors[7_000:])
        assert [int(index.nearest(index.whitened(vectors[[n]])[0], 1).item()) for n in (7_000, 7_099, 12)] == [
            7_000,
            7_099,
            12,
        ]


class TestHostile:
    def test_claim_of_a_megabyte(self) -> None:
        huge = FactCheck("besar", "Naga terlihat di danau. " + "kata " * 200_000)
        index = ClaimIndex([*CHECKS, huge])
        assert index.match("", "naga terlihat di danau")[0].claim_id == "besar"
        assert index.match("", CHECKS[1].claim)[0].claim_id == "pulpen"

    def test_text_of_ten_megabytes(self) -> None:
        assert ClaimIndex(CHECKS).match("", CHECKS[1].claim + " lagi" * 2_000_000)[0].claim_id == "pulpen"

    @pytest.mark.parametrize(
        "text", ["[" * 5_000, "a-" * 5_000, "#" * 5_000, "ﷺ" * 5_000, "k a " * 3_000, "\ud800", "\x00"]
    )
    def test_odd_texts_are_answered(self, text: str) -> None:
        index = ClaimIndex([FactCheck(1, text or "x"), *CHECKS])
        assert len(index.match(text, text)) == len(CHECKS) + 1

    def test_fact_check_without_words_is_listed_last(self) -> None:
        assert ClaimIndex([FactCheck("titik", "..."), *CHECKS]).match("", CHECKS[0].claim)[0].claim_id == "kartu"


@pytest.mark.parametrize(
    ("headline", "bare"),
    [
        ("[SALAH] Gempa besok", "Gempa besok"),
        ("(KELIRU): Gempa besok", "Gempa besok"),
        ("Cek Fakta: Gempa besok? Hoaks", "Gempa besok"),
        ("Hoaks! Pulpen palsu", "Pulpen palsu"),
        ("Gempa besok, Cek Faktanya!", "Gempa besok"),
        ("Salah Tangkap di Barabai", "Salah Tangkap di Barabai"),
        ("[SALAH]", "[SALAH]"),
        ("", ""),
    ],
)
def test_verdict_is_no_part_of_the_claim(headline: str, bare: str) -> None:
    assert without_verdict(headline) == bare


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("V4KS1N P0LIO", "vaksin polio"),
        ("#SuratSuara", "surat suara"),
        ("kada kawa mamilih", "tidak bisa memilih"),
        ("yg dtg anak2", "yang dtg anak anak"),
        ("Bismillah. Tolong sebarkan! Waduk jebol https://wa.example/x @akun", ". ! waduk jebol"),
        ("sebarkan!", "sebarkan!"),
        ("TPS 03 dan G30S", "tps 03 dan g30s"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert message_text(text) == folded


def test_data_files_are_what_they_say() -> None:
    """Every authored claim is whole, and the background holds exactly their headlines."""
    rows = authored_claims()
    assert len(rows) >= 150
    assert len({row["id"] for row in rows}) == len(rows)
    assert all(len(row["versions"]) >= 3 and len(row["negatives"]) >= 2 for row in rows)
    background = files("waspada.claims").joinpath("data", "background.txt").read_text(encoding="utf-8").splitlines()
    assert background == [row["headline"] for row in rows]


def test_no_place_is_folded_away() -> None:
    """ "Banjar" and "Tapin" stay what they are: no name of a region is a Banjarese or shortened word."""
    for _, name in [row for row in upper_rows() if len(row[0]) == 5]:
        assert words_of(claim_text(name)) == words_of(name.lower()), name


def test_more_likeness_never_speaks_against_a_match() -> None:
    base = Features(0.4, 3.0, 0.0, 0.0, 0.0, 3.0)
    for with_embeddings in (True, False):
        p = probability(base, with_embeddings)
        assert probability(replace(base, words=0.8), with_embeddings) > p
        assert probability(replace(base, lead=6.0), with_embeddings) > p
        assert probability(replace(base, place_other=1.0), with_embeddings) < p
        assert probability(replace(base, number_other=1.0), with_embeddings) < p


def test_an_old_claim_that_comes_back_is_found_before_a_recent_look_alike() -> None:
    old = FactCheck("lama", "Ribuan surat suara di gudang KPU Tapin sudah tercoblos.", checked_on=date(2024, 2, 1))
    new = FactCheck("baru", "Ratusan surat suara di gudang KPU Tabalong sudah rusak.", checked_on=date(2026, 10, 1))
    found = ClaimIndex([old, new]).match(
        "", "Ribuan surat suara di gudang KPU Tapin sudah tercoblos!", date(2026, 11, 1)
    )
    assert [one.claim_id for one in found] == ["lama", "baru"]
    assert found[0].state is not MatchState.CANDIDATE
