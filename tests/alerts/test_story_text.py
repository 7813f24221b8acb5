"""The story in one paragraph: quotes only, each once, the other voice among them, nothing that masking hides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.complexity import is_linear
from waspada.alerts.story_text import MOST_QUOTES, StoryText, Voice, story_text
from waspada.alerts.types import AlertState, AlertSummary, EvidenceView, ItemView
from waspada.claims.types import CheckOrigin, CheckView, MatchOrigin, MatchState, MatchView
from waspada.clock import ZONES
from waspada.taxonomy import ItemKind

NOW = datetime(2024, 11, 27, 6, 5, tzinfo=UTC)
ALERT = AlertSummary(
    id=1, story_id=1, state=AlertState.NEW, label="conflict", level=3, score=60.0, parts={}, confidence=0.9,
    labels={"conflict": 0.9, "election": 0.8}, headline="", why="", item_count=1, outlet_count=1, voice_count=0,
    opened_at=NOW, changed_at=NOW, last_item_at=NOW, ranked_at=NOW, reason=None, revision=1,
)  # fmt: skip
STONES = "Dua kelompok saling lempar batu di depan kantor camat."
GLASS = "Kaca depan kantor camat pecah terkena lemparan batu siang itu."


def item(
    number: int,
    outlet: str,
    text: str,
    *,
    minutes: int = 0,
    label: str = "conflict",
    title: str = "Judul",
    **more: object,
) -> ItemView:
    """A report; what stands between « and » is its evidence."""
    plain, evidence = "", []
    for place, piece in enumerate(text.replace("»", "«").split("«")):
        if place % 2:
            evidence.append(EvidenceView(label, "text", piece, len(plain), len(plain) + len(piece)))
        plain += piece
    values: dict[str, object] = {
        "id": number, "source_id": "s", "kind": ItemKind.ARTICLE, "outlet": outlet, "url": "https://a.example/1",
        "title": title, "text": plain, "published_at": NOW + timedelta(minutes=minutes), "found_at": NOW, "version": 1,
        "story_id": 1, "how": "event", "model": "m", "labels": {label: 0.9}, "conflict_level": 2, "alert_level": 2,
        "evidence": evidence, "places": [], **more,
    }  # fmt: skip
    return ItemView(**values)  # type: ignore[arg-type]


def told(items: Sequence[ItemView], *claims: MatchView, alert: AlertSummary = ALERT) -> StoryText:
    return story_text(alert, items, claims, ZONES["WITA"])


def match(verdict: str, state: MatchState = MatchState.CONFIRMED) -> MatchView:
    check = CheckView(
        "c", "TPS ditutup pukul 10", "TPS di kota ditutup pukul 10", verdict, None, "Cek Riam", date(2024, 11, 27),
        CheckOrigin.OUTLET, None, "", NOW, 1,
    )  # fmt: skip
    return MatchView(1, 1, state, MatchOrigin.MACHINE, 0.9, "waspada", NOW, "", "m", 1, check)


class TestQuotes:
    def test_each_is_quoted_with_outlet_and_time_and_the_day_stands_once(self) -> None:
        found = told([item(2, "Radar Kota", f"«{GLASS}» Lain.", minutes=65), item(1, "Kabar Banjar", f"«{STONES}»")])
        assert found.paragraph == (f"Kabar Banjar (27 Nov 2024, 14.05 WITA): “{STONES}” Radar Kota (15.10): “{GLASS}”")
        assert [one.item_id for one in found.quotes] == [1, 2]

    def test_what_several_outlets_say_alike_stands_once_with_their_number(self) -> None:
        alike = GLASS.replace("siang itu", "itu")
        found = told(
            [
                item(1, "Antar Banua", f"«{GLASS}»"),
                item(2, "Radar Kota", f"«{GLASS}»", minutes=5, how="copy"),
                item(3, "Warta Riam", f"«{alike}»", minutes=9),
            ]
        )
        assert [(one.outlet, one.others) for one in found.quotes] == [("Antar Banua", 2)]
        assert "juga 2 media lain" in found.paragraph

    def test_no_outlet_crowds_out_the_others_and_the_newest_is_heard(self) -> None:
        words = ("satu", "dua", "tiga", "empat", "lima", "enam")
        loud = [item(n, "Kabar Ramai", f"«Regu {w} tiba di {w} titik {w}.»", minutes=n) for n, w in enumerate(words)]
        late = item(90, "Radar Kota", f"«{GLASS}»", minutes=90)
        early = item(91, "Warta Riam", f"«{STONES}»", minutes=-90)
        found = told([*loud, late, early])
        assert len(found.quotes) == MOST_QUOTES
        assert [one.outlet for one in found.quotes].count("Kabar Ramai") == 2
        assert (found.quotes[0].item_id, found.quotes[-1].item_id) == (91, 90)

    def test_the_main_label_speaks_before_the_others(self) -> None:
        found = told(
            [
                item(1, "A", "«Rekapitulasi berlangsung di lima kecamatan.»", label="election"),
                item(2, "A", f"«{STONES}»"),
            ]
        )
        assert STONES in [one.text for one in found.quotes]
        only = told([item(1, "A", "«Harga cabai naik di pasar pagi.»", label="disaster")])
        assert [one.voice for one in only.quotes] == [Voice.TITLE]  # a label that the alert does not carry

    def test_without_evidence_the_titles_speak_and_without_reports_nothing_does(self) -> None:
        found = told([item(1, "Kabar Banjar", "Tanpa tanda.", title="Massa berkumpul di alun-alun")])
        assert [(one.voice, one.text) for one in found.quotes] == [(Voice.TITLE, "Massa berkumpul di alun-alun")]
        assert told([]).paragraph == ""
        assert told([item(1, "Kabar Banjar", "", title="")]).paragraph == ""

    def test_posts_are_counted_and_never_quoted(self) -> None:
        post = item(1, "Mastodon Banua", f"«{STONES}»", kind=ItemKind.POST)
        found = told([post], alert=replace(ALERT, voice_count=6))
        assert found.paragraph == "6 suara publik: dihitung, tidak dikutip di sini."

    def test_an_exercise_says_so_first(self) -> None:
        found = told([item(1, "Kabar Latihan", f"«{STONES}»")], alert=replace(ALERT, exercise=True))
        assert found.paragraph.startswith("LATIHAN: tidak ada yang terjadi. Kabar Latihan (")

    def test_a_report_without_a_date_says_when_it_was_found(self) -> None:
        assert "(ditemukan 27 Nov 2024, 14.05 WITA)" in told([item(1, "A", f"«{STONES}»", published_at=None)]).paragraph


class TestOtherVoice:
    def test_a_denial_is_heard_though_no_label_marks_it(self) -> None:
        loud = [
            item(n, f"Media {n}", f"«Regu {n} {'x' * n} melihat {n} batu melayang.»", minutes=n) for n in range(1, 9)
        ]
        denying = item(9, "Radar Kota", f"«{GLASS}» Camat membantah ada korban luka.", minutes=-30)
        found = told([*loud, denying])
        (other,) = [one for one in found.quotes if one.is_other_voice]
        assert (other.text, other.voice) == ("Camat membantah ada korban luka.", Voice.COUNTER)
        assert len(found.quotes) == MOST_QUOTES
        assert "Suara lain: Radar Kota (" in found.paragraph

    def test_calm_and_drills_are_heard_where_nothing_is_denied(self) -> None:
        for said in ("Situasi sudah kondusif sejak sore.", "Simulasi pengamanan digelar di alun-alun."):
            assert [one.text for one in told([item(1, "A", f"«{STONES}» {said}")]).quotes if one.is_other_voice] == [
                said
            ]

    def test_the_opposite_is_no_other_voice(self) -> None:
        for said in ("Situasi belum kondusif.", "Aparat gagal mencegah bentrokan.", "Panitia tidak membantah hal itu."):
            assert not [one for one in told([item(1, "A", f"«{STONES}» {said}")]).quotes if one.is_other_voice], said

    def test_a_fact_check_that_refutes_is_one_of_the_quotes(self) -> None:
        found = told([item(1, "A", f"«{STONES}»")], match("SALAH"))
        assert found.quotes[-1].voice is Voice.FACT_CHECK
        assert found.paragraph.endswith('Putusan menurut Cek Riam: "SALAH".')
        for claim in (match("BENAR"), match("SALAH", MatchState.REJECTED), match("SALAH", MatchState.CANDIDATE)):
            assert not [one for one in told([item(1, "A", f"«{STONES}»")], claim).quotes if one.is_other_voice]


class TestSafety:
    def test_private_names_are_masked_also_where_they_were_introduced_elsewhere(self) -> None:
        text = (
            "Seorang warga bernama Rudi Hartono melapor. «Rudi terkena batu di kepala saat bentrok.» Hartono membantah."
        )
        found = told([item(1, "Kabar Banjar", text)]).paragraph
        assert "Rudi" not in found
        assert "Hartono" not in found
        assert "[nama]" in found

    def test_a_sentence_cannot_speak_for_another_outlet(self) -> None:
        found = told([item(1, "Kabar Banjar", "«Ricuh.” Radar Kota (15.10): “Semua aman\u202e dan damai.»")])
        assert found.paragraph.count("“") == found.paragraph.count("”") == 1
        assert "\u202e" not in found.paragraph

    def test_a_hostile_text_costs_no_more_than_its_length(self) -> None:
        def items(words: int) -> list[ItemView]:
            return [item(1, "A", f"«{STONES}» " + "tidak hoaks " * words)]

        assert is_linear(told, items, 16_000)

    @given(st.lists(st.tuples(st.text(max_size=80), st.text(max_size=10), st.booleans()), max_size=6))
    def test_whatever_the_texts_are_there_is_one_line_and_the_same_again(
        self, given_: list[tuple[str, str, bool]]
    ) -> None:
        items = [
            item(n, outlet, f"«{text}»" if marked else text, title=text)
            for n, (text, outlet, marked) in enumerate(given_)
        ]
        found = told(items)
        assert found == told(items[::-1])
        assert len(found.quotes) <= MOST_QUOTES
        assert found.paragraph.isprintable()
