"""Which story an item joins: the table of decisions, and that the order of candidates does not matter."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rows import NOW
from tests.stories.prints import fingerprint, vector, with_likeness
from tests.stories.texts import FLOOD, WIRE
from waspada.stories import policy
from waspada.stories.fingerprint import jaccard, shingles
from waspada.stories.likeness import OF_ARTICLES, OF_POSTS, pair_score
from waspada.stories.policy import (
    COPY_JACCARD,
    COPY_WINDOW,
    EVENT_P,
    EVENT_P_UNDATED,
    EVENT_WINDOW,
    SURE_JACCARD,
    decide,
    event_likeness,
)
from waspada.stories.types import Candidate, Fingerprint, How, Join
from waspada.stories.vetoes import Veto, veto
from waspada.taxonomy import ItemKind, Label

ITEM = replace(fingerprint("Warga Datangi Kecamatan", WIRE, item_id=100), labels=frozenset({Label.CONFLICT}))
NEW_STORY = Join(None, How.FIRST, 1.0)


def member(story: int, dense: float = 0.95, **changes: object) -> Candidate:
    """A member of another story in words of its own, with a vector whose cosine to the item's is `dense`."""
    other = replace(with_likeness(ITEM, dense, story), shingles=shingles("", f"{FLOOD} {story}"))
    return Candidate(story, replace(other, **changes))  # type: ignore[arg-type]


def copy_in(story: int, **changes: object) -> Candidate:
    return Candidate(story, replace(ITEM, item_id=story, **changes))  # type: ignore[arg-type]


def test_first_of_its_kind_opens_a_story() -> None:
    assert decide(ITEM, []) == NEW_STORY


def test_the_very_same_text_joins_whatever_place_it_has() -> None:
    far = copy_in(5, regions=("31.71",), at=NOW - COPY_WINDOW, labels=frozenset())
    assert decide(ITEM, [far]) == Join(5, How.COPY, 1.0)
    undated = copy_in(6, at=None)
    assert decide(ITEM, [undated]) == Join(6, How.COPY, 1.0)


@pytest.mark.parametrize(
    ("is_one", "changes"),
    [
        (True, {}),
        (True, {"at": None}),
        (False, {"regions": ("62.03",)}),
        (False, {"at": NOW - EVENT_WINDOW - timedelta(seconds=1)}),
    ],
)
def test_the_same_few_words_are_one_event_only_at_one_place_and_time(is_one: bool, changes: dict[str, object]) -> None:
    remark = fingerprint("", "banjir lagi", kind=ItemKind.POST)
    other = replace(remark, item_id=2, **changes)  # type: ignore[arg-type]
    assert decide(other, [Candidate(5, remark)]).how is (How.COPY if is_one else How.FIRST)
    assert decide(remark, [Candidate(5, other)]).how is (How.COPY if is_one else How.FIRST)


def test_the_same_text_in_a_series_of_another_day_stays_apart() -> None:
    today = fingerprint("Prakiraan Cuaca Banjarmasin", WIRE)
    assert decide(today, [Candidate(5, replace(today, item_id=2))]).how is How.COPY
    assert decide(replace(today, at=NOW + timedelta(days=1)), [Candidate(5, today)]) == NEW_STORY


def _notice(own: str, *numbers: int) -> frozenset[str]:
    """100 shingles, 57 of them those of every other notice: a Jaccard of 0.4."""
    common = {f"bersama {one} {other}" for one in "abcdefghijklmnopqrs" for other in "abc"}
    figures = {f"{own} sebanyak {number}" for number in numbers}
    words = sorted(f"{own} {one} {other}" for one in "abcdefghijk" for other in "abcd")[: 43 - len(figures)]
    return frozenset(common | figures | set(words))


@pytest.mark.parametrize(
    ("is_copy", "numbers", "changes"),
    [
        (True, (412, 87), {}),
        (True, (412, 9), {"regions": ("63.71", "63.03")}),
        (True, (), {"regions": ("63",)}),
        (True, (412, 87, 5, 6, 7), {"regions": ()}),
        (True, (412, 87), {"regions": ("63.71",), "is_placed": False}),
        (False, (5, 9), {}),
        (False, (5, 6, 9), {"regions": ()}),
        (False, (412, 87), {"regions": ("63.71",)}),
        (False, (), {"regions": ("63.71", "63.04")}),
    ],
)
def test_notices_in_one_wording_are_copies_only_with_place_and_figures(
    is_copy: bool, numbers: tuple[int, ...], changes: dict[str, object]
) -> None:
    item = Fingerprint(1, ItemKind.ARTICLE, NOW, _notice("satu", 412, 87), {}, ("63.03",), frozenset())
    other = replace(item, item_id=2, shingles=_notice("lain", *numbers), **changes)  # type: ignore[arg-type]
    assert COPY_JACCARD < jaccard(item.shingles, other.shingles) < SURE_JACCARD
    expected = How.COPY if is_copy else How.FIRST
    assert decide(item, [Candidate(5, other)]).how is expected
    assert decide(other, [Candidate(5, item)]).how is expected


NOTICE = (
    "Komisi Pemilihan Umum Kabupaten {kab} menetapkan jadwal penghitungan ulang surat suara pada {tanggal} 2024. Rapat "
    "pleno terbuka digelar di aula kantor dan dihadiri saksi pasangan calon, panitia pengawas serta aparat. Dari {a} "
    "surat suara yang dibuka kembali, {b} dinyatakan tidak sah karena salah coblos. Saksi menandatangani berita acara "
    "setelah kotak dibuka dan dihitung di depan peserta rapat. Keberatan dicatat dalam formulir kejadian khusus dan "
    "dibawa ke tingkat provinsi. Kotak suara kemudian disegel dan disimpan di gudang logistik dengan penjagaan selama "
    "dua puluh empat jam. Masyarakat diminta menunggu hasil resmi dan tidak menyebarkan kabar yang belum jelas asalnya "
    "sampai seluruh tahapan selesai dan diumumkan oleh penyelenggara di papan pengumuman kantor masing-masing."
)


def _filled(code: str, **words: object) -> Fingerprint:
    plain = {"kab": "Tapin", "tanggal": "28 November", "a": 1412, "b": 87, **words}
    return replace(fingerprint("Jadwal Hitung Ulang", NOTICE.format(**plain)), regions=(code,))


@pytest.mark.parametrize(
    ("reason", "other"),
    [
        (Veto.PLACE, _filled("63.07", kab="Barabai")),
        (Veto.FIGURES, _filled("63.05", a=930, b=12)),
        (Veto.DATE, _filled("63.05", tanggal="30 November", a=930, b=12)),
        (None, _filled("63.05", a=1412, b=88)),
    ],
)
def test_few_changed_words_of_a_template_are_another_event(reason: Veto | None, other: Fingerprint) -> None:
    """The same notice for another kabupaten, day or figure is no copy however many words they share."""
    item = _filled("63.05")
    assert jaccard(item.shingles, other.shingles) >= SURE_JACCARD
    assert veto(item, other, is_one_wording=True) is reason
    joined = decide(replace(item, item_id=2), [Candidate(5, other)])
    assert (joined.story_id is None) is (reason is not None)


def test_the_same_words_a_season_later_are_about_something_else() -> None:
    assert decide(ITEM, [copy_in(5, at=NOW - COPY_WINDOW - timedelta(seconds=1))]) == NEW_STORY


def test_copy_wins_over_a_closer_event() -> None:
    assert decide(ITEM, [member(4, 0.99), copy_in(9)]).story_id == 9


def test_closest_copy_wins() -> None:
    half = Candidate(3, replace(ITEM, shingles=frozenset(sorted(ITEM.shingles)[: len(ITEM.shingles) * 2 // 3])))
    assert decide(ITEM, [half, copy_in(8)]).story_id == 8


def test_same_event_in_other_words_joins_with_its_probability() -> None:
    joined = decide(ITEM, [member(7)])
    assert (joined.story_id, joined.how) == (7, How.EVENT)
    assert joined.likeness == pytest.approx(pair_score(ITEM, member(7).fingerprint).p, abs=1e-3)


def test_most_alike_story_wins() -> None:
    assert decide(ITEM, [member(7, 0.93), member(8, 0.97), member(9, 0.94)]).story_id == 8


def test_tie_goes_to_the_older_story() -> None:
    tied = [Candidate(story, member(1).fingerprint) for story in (12, 5, 9)]
    assert decide(ITEM, tied).story_id == 5
    assert decide(ITEM, [copy_in(12), copy_in(5)]).story_id == 5


@pytest.mark.parametrize(
    ("why_not", "candidate"),
    [
        ("too long ago", member(7, at=NOW - EVENT_WINDOW - timedelta(seconds=1))),
        ("too far ahead", member(7, at=NOW + EVENT_WINDOW + timedelta(seconds=1))),
        ("not alike", member(7, 0.5)),
        ("no vector, and few words in common", member(7, dense=0.0)),
    ],
)
def test_other_event_stays_apart(why_not: str, candidate: Candidate) -> None:
    assert decide(ITEM, [candidate]) == NEW_STORY, why_not


def test_place_is_a_part_and_no_gate() -> None:
    """A report whose place was not found, or is another, still meets its story when the rest is alike."""
    nowhere = member(7, 0.99, regions=(), is_placed=False)
    assert decide(ITEM, [nowhere]).story_id == 7
    same, far = pair_score(ITEM, member(7).fingerprint), pair_score(ITEM, member(7, regions=("31.71",)).fingerprint)
    assert same.p > far.p


def test_without_a_date_more_is_needed() -> None:
    levels = np.linspace(0.5, 1.0, 400)
    needed = {
        at: next(level for level in levels if decide(ITEM, [member(7, float(level), at=at)]).story_id == 7)
        for at in (NOW, None)
    }
    assert needed[NOW] < needed[None]
    assert EVENT_P < EVENT_P_UNDATED


def test_one_odd_member_makes_no_chain() -> None:
    """A story whose other members have nothing of the item does not take it for one that does."""
    bridge = next(
        level for level in np.linspace(0.5, 1.0, 400) if decide(ITEM, [member(7, float(level))]).story_id == 7
    )
    odd = member(7, float(bridge))
    strangers = [Candidate(7, replace(member(n, 0.5).fingerprint, terms={})) for n in (1, 2)]
    assert decide(ITEM, [odd]).story_id == 7
    assert decide(ITEM, [odd, *strangers]) == NEW_STORY


def test_pages_of_one_article_are_one_story() -> None:
    title = "Menelusuri Jejak Kapal Kayu di Muara Kuin"
    first = fingerprint(title, WIRE, item_id=1, outlet="Kabar Banua", regions=())
    second = fingerprint(title, FLOOD, item_id=2, outlet="Kabar Banua", regions=(), dense=vector(1, 0.4))
    assert decide(second, [Candidate(5, first)]).story_id == 5
    assert decide(replace(second, outlet="Suara Meratus"), [Candidate(5, first)]) == NEW_STORY
    assert decide(replace(second, at=NOW + timedelta(days=2)), [Candidate(5, first)]) == NEW_STORY
    short = [
        fingerprint("Foto Hari Ini", text, item_id=n, outlet="Kabar Banua", dense=vector(n, 0.4))
        for n, text in ((1, WIRE), (2, FLOOD))
    ]
    assert decide(short[1], [Candidate(5, short[0])]) == NEW_STORY


def test_series_of_another_day_stays_apart() -> None:
    words = "Harga emas batangan di gerai Banjarmasin {} menjadi Rp1.41{}.000 per gram, kata petugas gerai pagi ini."
    today, tomorrow = (
        fingerprint("Harga Emas Hari Ini", words.format(way, n), item_id=n, at=NOW + timedelta(days=n))
        for n, way in ((0, "naik"), (1, "turun"))
    )
    assert veto(today, tomorrow) is Veto.SERIES
    assert decide(tomorrow, [Candidate(5, today)]) == NEW_STORY
    assert veto(today, replace(tomorrow, at=NOW + timedelta(hours=2))) is not Veto.SERIES


def test_event_likeness_is_a_probability_or_nothing() -> None:
    alike = event_likeness(ITEM, member(7).fingerprint)
    assert alike is not None
    assert EVENT_P <= alike <= 1
    assert event_likeness(ITEM, member(7, 0.5).fingerprint) is None


_CANDIDATES = st.lists(
    st.builds(
        lambda story, dense, region, hours, kind: (
            copy_in(story)
            if kind == "copy"
            else member(
                story,
                dense,
                regions=(region,),
                at=None if kind == "undated" else NOW + timedelta(hours=hours),
                labels=frozenset() if kind == "quiet" else ITEM.labels,
                kind=ItemKind.POST if kind == "post" else ItemKind.ARTICLE,
            )
        ),
        st.integers(1, 6),
        st.sampled_from([0.3, 0.7, 0.9, 0.95, 0.99]),
        st.sampled_from(["63.03", "63.71", "63", "63.03.05"]),
        st.integers(-100, 100),
        st.sampled_from(["copy", "event", "event", "undated", "quiet", "post"]),
    ),
    max_size=8,
)


@given(_CANDIDATES, st.randoms(use_true_random=False))
def test_order_of_candidates_does_not_matter(candidates: list[Candidate], rng: object) -> None:
    shuffled = list(candidates)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    assert decide(ITEM, shuffled) == decide(ITEM, candidates)


@given(_CANDIDATES)
def test_only_a_candidate_story_is_joined(candidates: list[Candidate]) -> None:
    joined = decide(ITEM, candidates)
    assert joined == NEW_STORY or joined.story_id in {c.story_id for c in candidates}
    assert 0 <= joined.likeness <= 1


@given(_CANDIDATES)
def test_likeness_is_symmetric(candidates: list[Candidate]) -> None:
    for candidate in candidates:
        one, other = event_likeness(ITEM, candidate.fingerprint), event_likeness(candidate.fingerprint, ITEM)
        assert (one is None) == (other is None)
        assert one is None or one == pytest.approx(other)
        assert veto(ITEM, candidate.fingerprint) == veto(candidate.fingerprint, ITEM)


def test_docs_name_thresholds_and_weights() -> None:
    page = (Path(__file__).parents[2] / "docs" / "stories.md").read_text(encoding="utf-8")
    for value in (policy.SURE_JACCARD, policy.COPY_JACCARD, policy.EVENT_P, policy.EVENT_P_UNDATED):
        assert str(value) in page
    for weights in (OF_ARTICLES, OF_POSTS):
        assert str(weights.bias) in page
        for part, weight in weights.of.items():
            rows = [line for line in page.splitlines() if line.startswith(f"| `{part}` |")]
            assert any(f"| {weight} |" in row for row in rows)
