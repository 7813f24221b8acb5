"""Stored matches: who is matched with what, what a person says, and that nothing is lost or chained."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.claims.test_matching import by_words
from tests.jobs.tiny import TinyTagger
from tests.rows import NOW, add_item, add_source
from waspada.alerts.types import SYSTEM
from waspada.claims import queue, repository, service
from waspada.claims.deciding import PRIOR
from waspada.claims.matching import ClaimIndex, Embedder
from waspada.claims.matching import _background as background
from waspada.claims.service import LOOK_BACK, StaleMatchError
from waspada.claims.types import FactCheck, Imported, Match, MatchState, MatchView, Thresholds
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.jobs import match as match_job
from waspada.jobs.group import group_tagged
from waspada.jobs.match import KEPT_AN_ITEM, Matcher, embed_checks, look_back, match_step, match_waiting
from waspada.jobs.purge import purge
from waspada.privacy.retention import ARTICLE_TEXT_RETENTION, WORDS_RETENTION
from waspada.store import Store
from waspada.store.tables import (
    ClaimMatchEventRow,
    ClaimMatchRow,
    ClaimThresholdRow,
    FactCheckEventRow,
    FactCheckRow,
    ItemRow,
    ItemVersionRow,
    RejectRow,
    UnmatchedItemRow,
)
from waspada.stories.likeness import SCALES
from waspada.taxonomy import EMBEDDING_DIM, ItemText, Tags

PEN = "Pulpen di bilik suara TPS berisi tinta yang hilang setelah dua jam, bawa pulpen sendiri dari rumah."
BOX = "Kotak suara di Barabai sudah terisi penuh sebelum TPS dibuka pada pagi hari."
CALM = "Panen raya jeruk di Barito Kuala ramai dikunjungi pedagang dari kota tetangga."
LATER = NOW + timedelta(hours=2)
#: Whose ids imported fact-checks have.
SOURCE = "cek"


def run(store: Store, matcher: Matcher | None = None, now: Any = NOW) -> int:
    """Groups and matches until nothing waits; returns how many items were matched."""
    index, total = matcher or Matcher(), 0
    while group_tagged(store, now):
        pass
    while True:
        embedded, looked = embed_checks(store, index, now), look_back(store, index, now)
        count = match_waiting(store, index, now)
        total += count
        if not (embedded or looked or count):
            return total


def imported(store: Store, *claims: FactCheck, actor: str = "analyst", now: Any = NOW) -> Imported:
    with store.write() as session:
        return service.import_claims(session, claims, actor, now, SOURCE)


def put(store: Store, text: str, **given: Any) -> int:
    with store.write() as session:
        number = (session.scalar(select(func.count()).select_from(ItemRow)) or 0) + 1
        given.setdefault("url", f"https://kabar-banjar.example/{number}")
        given.setdefault("title", "")
        return add_item(session, text=text, **given)


def edit(store: Store, item_id: int, text: str) -> None:
    with store.write() as session:
        item = session.get_one(ItemRow, item_id)
        item.version += 1
        item.stage = "tagged"
        row = ItemVersionRow(item_id=item_id, version=item.version, title="", text=text, sha256="", seen_at=NOW)
        session.add(row)
        session.execute(text_of_tags(), {"item": item_id, "version": item.version})


def text_of_tags() -> Any:
    return text("UPDATE tags SET version = :version WHERE item_id = :item")


def matches(store: Store, item_id: int) -> list[MatchView]:
    with store.read() as session:
        return repository.of_item(session, item_id)


def states(store: Store, item_id: int) -> dict[str, str]:
    return {one.check.id: one.state.value for one in matches(store, item_id)}


def steps(store: Store, item_id: int) -> list[tuple[str | None, str | None, str]]:
    with store.read() as session:
        query = select(ClaimMatchEventRow).where(ClaimMatchEventRow.item_id == item_id)
        rows = session.scalars(query.order_by(ClaimMatchEventRow.id))
        return [(row.from_state, row.to_state, row.actor) for row in rows]


def waiting(store: Store) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(UnmatchedItemRow)) or 0


def decide(store: Store, match: MatchView, confirmed: bool, reason: str = "klaim lain", **given: Any) -> Any:
    with store.write() as session:
        return service.decide(
            session, match.id, confirmed, given.get("actor", "analyst"), reason, match.revision, LATER
        )


CLAIMS = (
    FactCheck("pulpen", PEN, "[SALAH] Pulpen di TPS Berisi Tinta Hilang", "SALAH", "https://cek.example/1"),
    FactCheck("kotak", BOX, "[SALAH] Kotak Suara Barabai Terisi", "SALAH", "https://cek.example/2"),
)


@pytest.fixture
def desk(store: Store) -> Store:
    imported(store, *CLAIMS)
    return store


class TestMatching:
    def test_new_item_is_matched_and_the_step_is_kept(self, desk: Store) -> None:
        item, calm = put(desk, PEN), put(desk, CALM)
        assert run(desk) == 2
        (found,) = matches(desk, item)
        assert (found.check.id, found.state, found.origin, found.actor) == (
            "imp-cek/pulpen", MatchState.CONFIRMED, "machine", SYSTEM,
        )  # fmt: skip
        assert steps(desk, item) == [(None, "confirmed", SYSTEM)]
        assert states(desk, calm) == {}
        assert waiting(desk) == 0

    def test_matching_again_changes_nothing(self, desk: Store) -> None:
        item = put(desk, PEN)
        run(desk)
        before = matches(desk, item)
        with desk.write() as session:
            queue.ask(session, [item])
            queue.ask(session, [item])
        assert run(desk, now=LATER) == 1
        assert matches(desk, item) == before
        assert len(steps(desk, item)) == 1

    def test_edit_that_drops_the_claim_takes_the_match_back_and_keeps_its_history(self, desk: Store) -> None:
        item = put(desk, PEN)
        run(desk)
        edit(desk, item, CALM)
        assert run(desk, now=LATER) == 1
        assert states(desk, item) == {}
        assert steps(desk, item) == [(None, "confirmed", SYSTEM), ("confirmed", None, SYSTEM)]

    def test_edit_that_brings_another_claim(self, desk: Store) -> None:
        item = put(desk, CALM)
        run(desk)
        edit(desk, item, BOX)
        run(desk)
        assert states(desk, item) == {"imp-cek/kotak": "confirmed"}

    def test_fact_check_that_comes_after_the_rumour_finds_it(self, store: Store) -> None:
        item, matcher = put(store, PEN), Matcher()
        run(store, matcher)
        assert states(store, item) == {}
        imported(store, *CLAIMS)
        run(store, matcher)
        assert states(store, item) == {"imp-cek/pulpen": "confirmed"}

    def test_fact_check_of_an_outlet_that_comes_after_finds_it_too(self, store: Store) -> None:
        item = put(store, PEN)
        run(store)
        body = f"Beredar pesan berantai.\nNarasi\n“{PEN}”\nPenjelasan\nTidak ditemukan pulpen seperti itu."
        check = put(store, body, source=_checker(store), title="[SALAH] Pulpen TPS", url="https://cek.example/9")
        run(store)
        assert states(store, item) == {f"item-{check}": "confirmed"}
        assert states(store, check) == {}

    def test_items_long_gone_are_not_looked_at_again(self, store: Store) -> None:
        old = put(store, PEN, found_at=NOW - LOOK_BACK - timedelta(days=1))
        new = put(store, PEN, found_at=NOW - LOOK_BACK + timedelta(days=1))
        run(store)
        imported(store, *CLAIMS)
        assert run(store) == 1
        assert (states(store, old), states(store, new)) == ({}, {"imp-cek/pulpen": "confirmed"})

    def test_fact_checks_do_not_match_each_other(self, desk: Store) -> None:
        check = put(desk, PEN, source=_checker(desk), title="[SALAH] Pulpen TPS", url="https://cek.example/9")
        assert run(desk) == 0
        assert states(desk, check) == {}

    def test_a_match_never_leads_to_another(self, desk: Store) -> None:
        """B repeats A's further words, not the claim: though A is confirmed by a person, B matches nothing."""
        more = "Petugas gudang Simpang Empat menukar dua karung beras cadangan dengan jagung pipilan basah."
        first = put(desk, f"{PEN} {more}")
        run(desk)
        decide(desk, matches(desk, first)[0], confirmed=True, reason="")
        second = put(desk, more)
        matcher = Matcher()
        run(desk, matcher)
        with desk.write() as session:
            queue.ask(session, [first, second])
        run(desk, matcher)
        assert states(desk, second) == {}
        with desk.read() as session:
            assert {claim.id for claim in repository.claims_after(session, -1)} == {"imp-cek/pulpen", "imp-cek/kotak"}

    def test_at_most_a_few_are_kept(self, store: Store) -> None:
        imported(store, *(FactCheck(n, PEN, outlet) for n, outlet in enumerate(["Cek Fakta"] * 9)))
        item = put(store, PEN)
        run(store)
        assert len(matches(store, item)) == KEPT_AN_ITEM

    @pytest.mark.parametrize("words", ["", " ", "\x00\ud800", "a" * 200_000, "🗳️" * 500, "' OR 1=1 --", "%s {0}"])
    def test_hostile_texts_leave_the_line(self, desk: Store, words: str) -> None:
        put(desk, words.replace("\x00", "").encode("utf-8", "ignore").decode())
        assert run(desk) == 1
        assert waiting(desk) == 0
        with desk.read() as session:
            assert session.scalars(select(RejectRow.problem)).all() == []

    def test_what_makes_the_index_raise_is_kept_aside_and_stops_nothing(self, desk: Store) -> None:
        class Poisoned(ClaimIndex):
            def match(self, title: str, text: str, on: date | None = None, vector: Any = None) -> list[Match]:
                if "beracun" in text:
                    raise RuntimeError("this text cannot be matched")
                return super().match(title, text, on, vector)

        put(desk, "Air sungai beracun."), put(desk, PEN)
        assert run(desk, Matcher(Poisoned)) == 2
        assert states(desk, 2) == {"imp-cek/pulpen": "confirmed"}
        with desk.read() as session:
            row = session.scalars(select(RejectRow)).one()
        assert (row.stage, row.object) == ("match", "item 1")

    def test_index_is_told_the_day_of_an_item(self, desk: Store) -> None:
        """Half an hour past midnight in Banjarmasin is still the day before in UTC."""
        days: list[date | None] = []

        class Watching(ClaimIndex):
            def match(self, title: str, text: str, on: date | None = None, vector: Any = None) -> list[Match]:
                days.append(on)
                return super().match(title, text, on, vector)

        put(desk, PEN, published_at=datetime(2024, 11, 24, 16, 30, tzinfo=UTC))
        put(desk, PEN, published_at=None)
        run(desk, Matcher(Watching))
        assert set(days) == {date(2024, 11, 25), NOW.date()}

    def test_index_that_cannot_be_made_holds_nothing_up(self, desk: Store) -> None:
        def broken(*_: Any) -> ClaimIndex:
            raise MemoryError("no room")

        put(desk, PEN)
        assert run(desk, Matcher(broken)) == 0
        assert waiting(desk) == 1
        assert run(desk) == 1


class TestRefreshing:
    def test_new_fact_checks_join_without_making_the_index_anew(self, desk: Store) -> None:
        made, added = _Counting.reset()
        matcher = Matcher(_Counting)
        item = put(desk, CALM)
        run(desk, matcher)
        imported(desk, FactCheck("jeruk", CALM))
        run(desk, matcher)
        assert (made, added) == ([2, 2, 1], [1])  # for looking back, for matching, for looking back
        assert states(desk, item) == {"imp-cek/jeruk": "confirmed"}

    def test_changed_ones_join_and_a_loss_makes_it_anew(self, desk: Store) -> None:
        made, added = _Counting.reset()
        matcher = Matcher(_Counting)
        item = put(desk, PEN)
        run(desk, matcher)
        imported(desk, FactCheck("pulpen", CALM))
        run(desk, matcher)
        assert states(desk, item) == {}
        with desk.write() as session:
            service.remove_claim(session, "imp-cek/kotak")
            queue.ask(session, [item])
        run(desk, matcher)
        assert (made, added) == ([2, 2, 1, 1], [1])

    def test_one_gone_and_one_come_is_noticed(self, desk: Store) -> None:
        made, _ = _Counting.reset()
        matcher = Matcher(_Counting)
        item = put(desk, CALM)
        run(desk, matcher)
        with desk.write() as session:
            service.remove_claim(session, "imp-cek/kotak")
        imported(desk, FactCheck("jeruk", CALM))
        run(desk, matcher)
        assert states(desk, item) == {"imp-cek/jeruk": "confirmed"}
        assert made == [2, 2, 1, 2]

    def test_two_workers_with_an_index_each_find_the_same(
        self, desk: Store, another_store: Callable[[], Store]
    ) -> None:
        one, two, other = Matcher(), Matcher(), another_store()
        first = put(desk, CALM)
        run(desk, one), run(other, two)
        imported(desk, FactCheck("jeruk", CALM))
        run(other, two)
        second = put(desk, CALM, url="https://kabar-banjar.example/lagi")
        run(desk, one)
        assert states(desk, first) == states(desk, second) == {"imp-cek/jeruk": "confirmed"}

    def test_two_workers_that_match_the_same_items_at_once_keep_each_match_once(
        self, desk: Store, another_store: Callable[[], Store]
    ) -> None:
        """Both have read the line and computed before either saves."""
        gate = Barrier(2)

        class Meeting(ClaimIndex):
            def match(self, title: str, text: str, on: date | None = None, vector: Any = None) -> list[Match]:
                if "pertama" in text:
                    gate.wait(20)
                return super().match(title, text, on, vector)

        items = [put(desk, f"{PEN} {word}") for word in ("pertama", "kedua", "ketiga")]
        while group_tagged(desk, NOW):
            pass
        stores = [another_store(), another_store()]
        with ThreadPoolExecutor(2) as pool:
            counts = list(pool.map(lambda store: match_waiting(store, Matcher(Meeting), NOW), stores))
        assert counts == [3, 3]
        assert waiting(desk) == 0
        for item in items:
            assert steps(desk, item) == [(None, "confirmed", SYSTEM)]

    def test_what_comes_while_a_worker_matches_is_not_lost(self, desk: Store) -> None:
        """A fact-check is stored, and asks for the item, between the matching of the item and its saving."""
        item = put(desk, CALM)

        class Slow(ClaimIndex):
            def match(self, title: str, text: str, on: date | None = None, vector: Any = None) -> list[Match]:
                found = super().match(title, text, on, vector)
                if not late:
                    late.append(imported(desk, FactCheck("jeruk", CALM)))
                    with desk.write() as session:
                        queue.look_back(session, NOW - LOOK_BACK)
                return found

        late: list[Imported] = []
        run(desk, Matcher(Slow))
        assert states(desk, item) == {"imp-cek/jeruk": "confirmed"}

    def test_edit_while_a_worker_matches_is_not_lost(self, desk: Store) -> None:
        item = put(desk, PEN)

        class Slow(ClaimIndex):
            def match(self, title: str, text: str, on: date | None = None, vector: Any = None) -> list[Match]:
                if not edited:
                    edited.append(BOX)
                    edit(desk, item, BOX)
                return super().match(title, text, on, vector)

        edited: list[str] = []
        while group_tagged(desk, NOW):
            pass
        match_waiting(desk, Matcher(Slow), NOW)
        assert states(desk, item) == {}  # the old version's matches are not written
        run(desk)
        assert states(desk, item) == {"imp-cek/kotak": "confirmed"}


class TestEmbeddings:
    def test_are_kept_once_and_found_by(self, desk: Store) -> None:
        tagger = Meaning()
        assert [embed_checks(desk, Matcher(tagger=tagger), NOW) for _ in range(2)] == [2, 0]
        item = put(desk, "Bolpoin di TPS berisi dawat.")
        assert len(tagger.asked) == 4
        run(desk, Matcher(tagger=tagger))
        assert not {text for text in tagger.asked[4:] if "bilik suara" in text}  # the index was made of what is kept
        (found,) = matches(desk, item)
        assert (found.check.id, found.model) == ("imp-cek/pulpen", "claims-3 waspada-id-test")

    def test_without_them_words_alone_count(self, desk: Store) -> None:
        item, plain = put(desk, "Bolpoin di TPS berisi dawat."), put(desk, PEN)
        for tagger in (None, TinyTagger(), Meaning("baseline-id-v1")):
            assert embed_checks(desk, Matcher(tagger=tagger), NOW) == 0
        run(desk, Matcher(tagger=TinyTagger()))
        assert (states(desk, item), states(desk, plain)) == ({}, {"imp-cek/pulpen": "confirmed"})

    def test_a_family_that_only_stories_know_is_matched_by_words(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(SCALES, "lain-id", 0.4)
        assert Matcher(tagger=Meaning("lain-id-v1")).embedder is None
        assert Matcher(tagger=Meaning()).embedder is not None

    def test_another_model_makes_them_anew_and_recent_items_are_looked_at_again(self, desk: Store) -> None:
        item = put(desk, "Bolpoin di TPS berisi dawat.")
        run(desk, Matcher(tagger=TinyTagger()))
        for name in ("waspada-id-test", "waspada-id-test+2"):
            run(desk, Matcher(tagger=Meaning(name)))
            assert [one.model for one in matches(desk, item)] == [f"claims-3 {name}"]
            with desk.read() as session:
                assert set(session.scalars(select(FactCheckRow.vectors_of))) == {f"claims-3 {name}"}

    def test_an_edit_and_an_erasure_take_them_along(self, store: Store) -> None:
        body = f"Narasi: {PEN}\nPenjelasan: tidak ada."
        check = put(store, body, source=_checker(store), title="[SALAH] Judul lain", url="https://cek.example/9")
        imported(store, *CLAIMS)
        run(store, Matcher(tagger=Meaning()))
        imported(store, FactCheck("pulpen", BOX))
        with store.write() as session:
            repository.forget_claims(session, [check])
        with store.read() as session:
            rows = session.execute(select(FactCheckRow.id, FactCheckRow.vectors_of, FactCheckRow.vectors)).all()
        assert {row.id for row in rows if row.vectors is None} == {row.id for row in rows if not row.vectors_of}
        assert {row.id for row in rows if row.vectors is not None} == {"imp-cek/kotak"}

    def test_one_that_the_model_cannot_read_is_known_by_its_words_and_listed(self, desk: Store) -> None:
        imported(desk, FactCheck("racun", "Air sungai xracun di hulu Martapura sejak kemarin sore"))
        matcher = Matcher(tagger=Meaning())
        assert (embed_checks(desk, matcher, NOW), embed_checks(desk, matcher, NOW)) == (3, 0)
        with desk.read() as session:
            row = session.scalars(select(RejectRow)).one()
            assert (row.object, row.problem) == ("fact-check imp-cek/racun", "no embedding: RuntimeError")
            vectors = {one.id: one.vectors for one in repository.claims_after(session, -1, matcher.model)}
        assert {id_ for id_, of in vectors.items() if of is not None and of.any()} == {
            "imp-cek/pulpen",
            "imp-cek/kotak",
        }
        assert vectors["imp-cek/racun"] is not None

    def test_what_changed_while_it_was_embedded_waits_again(self, desk: Store) -> None:
        class Slow(Meaning):
            def embed(self, items: Sequence[ItemText]) -> NDArray[np.float32]:
                if not self.asked:
                    imported(desk, FactCheck("pulpen", CALM))
                return super().embed(items)

        matcher = Matcher(tagger=Slow())
        assert [embed_checks(desk, matcher, NOW) for _ in range(3)] == [2, 1, 0]

    def test_a_model_that_fails_leaves_them_waiting(self, desk: Store, caplog: pytest.LogCaptureFixture) -> None:
        class Short(Meaning):
            def embed(self, items: Sequence[ItemText]) -> NDArray[np.float32]:
                if not room:
                    raise MemoryError("no room")
                return super().embed(items)

        room: list[int] = []
        matcher = Matcher(tagger=Short())
        assert [embed_checks(desk, matcher, NOW) for _ in range(2)] == [0, 0]
        assert caplog.text.count("embeds nothing") == 1
        with desk.read() as session:
            assert session.scalars(select(FactCheckRow.vectors_of)).all() == [None, None]
            assert session.scalars(select(RejectRow)).all() == []
        room.append(1)
        item = put(desk, PEN)
        while group_tagged(desk, NOW):
            pass
        assert embed_checks(desk, matcher, NOW) == 2
        matcher.refresh(desk)
        room.clear()
        assert (match_waiting(desk, matcher, NOW), waiting(desk)) == (0, 1)
        room.append(1)
        assert match_waiting(desk, matcher, NOW) == 1
        assert states(desk, item) == {"imp-cek/pulpen": "confirmed"}

    def test_items_are_matched_by_words_while_many_are_embedded(
        self, desk: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(match_job, "EMBEDDED", 1)
        imported(desk, *(FactCheck(n, f"Klaim {n} tentang tanggul sungai di Martapura") for n in range(9)))
        plain, meant = put(desk, PEN), put(desk, "Bolpoin di TPS berisi dawat.")
        while group_tagged(desk, NOW):
            pass
        matcher = Matcher(tagger=Meaning())

        def step() -> int:
            embedded = embed_checks(desk, matcher, NOW, limit=1)
            return embedded + match_waiting(desk, matcher, NOW)

        assert step() == 3
        assert [(one.check.id, one.state, one.model) for one in matches(desk, plain)] == [
            ("imp-cek/pulpen", MatchState.CONFIRMED, "claims-3")
        ]
        while match_step(desk, matcher, NOW):
            pass
        assert {one.model for item in (plain, meant) for one in matches(desk, item)} == {"claims-3 waspada-id-test"}
        assert states(desk, meant) != {}

    def test_step_matches_items_beside_the_embedding(self, desk: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        imported(desk, *(FactCheck(n, f"Klaim {n} tentang tanggul sungai di Martapura") for n in range(150)))
        item = put(desk, PEN)
        while group_tagged(desk, NOW):
            pass
        match_step(desk, Matcher(tagger=Meaning()), NOW)
        assert states(desk, item) == {"imp-cek/pulpen": "confirmed"}

    def test_two_workers_with_two_models_do_not_replace_each_others_for_ever(
        self, desk: Store, caplog: pytest.LogCaptureFixture
    ) -> None:
        one, other = Matcher(tagger=Meaning("waspada-id-one")), Matcher(tagger=Meaning("waspada-id-other"))
        counts = [embed_checks(desk, matcher, NOW) for _ in range(4) for matcher in (one, other)]
        assert counts == [2, 2, 0, 0, 0, 0, 0, 0]
        assert caplog.text.count("let all workers run one model") == 1
        imported(desk, FactCheck("jeruk", CALM))
        assert [embed_checks(desk, one, NOW), embed_checks(desk, other, NOW)] == [1, 1]
        item = put(desk, PEN)
        run(desk, one)
        assert states(desk, item) == {"imp-cek/pulpen": "confirmed"}

    def test_index_is_made_outside_any_transaction(self, desk: Store) -> None:
        in_use: list[int] = []

        class Watching(ClaimIndex):
            def __init__(self, claims: Sequence[FactCheck], embedder: Embedder | None = None) -> None:
                super().__init__(claims, embedder)
                in_use.append(desk.engine.pool.checkedout())  # type: ignore[attr-defined]

            def add(self, claims: Sequence[FactCheck]) -> None:
                super().add(claims)
                in_use.append(desk.engine.pool.checkedout())  # type: ignore[attr-defined]

        matcher = Matcher(Watching)
        put(desk, PEN)
        run(desk, matcher)
        imported(desk, FactCheck("jeruk", CALM))
        put(desk, CALM)
        run(desk, matcher)
        assert len(in_use) >= 3
        assert set(in_use) == {0}


class TestLookingBack:
    def test_only_what_the_new_one_is_about_is_matched_again(self, desk: Store) -> None:
        items = [put(desk, PEN), put(desk, BOX), *(put(desk, f"{CALM} Bagian {n}.") for n in range(30))]
        matcher = Matcher()
        run(desk, matcher)
        imported(desk, FactCheck("jeruk", "Gempa besar akan mengguncang Banjarmasin besok pagi."))
        assert run(desk, matcher) == 0
        imported(desk, FactCheck("kotak2", BOX))
        assert run(desk, matcher) == 1
        assert set(states(desk, items[1])) == {"imp-cek/kotak", "imp-cek/kotak2"}

    def test_many_at_once_ask_for_all_recent_items(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(match_job, "FEW", 1)
        item, _ = put(store, PEN), put(store, CALM)
        run(store)
        imported(store, *CLAIMS)
        assert run(store) == 2
        assert states(store, item) == {"imp-cek/pulpen": "confirmed"}

    def test_what_matched_an_older_wording_is_asked_for_however_old(self, desk: Store) -> None:
        item = put(desk, PEN, found_at=NOW - LOOK_BACK - timedelta(days=9))
        run(desk)
        imported(desk, FactCheck("pulpen", CALM))
        run(desk)
        assert states(desk, item) == {}

    def test_many_at_once_ask_for_it_too(self, desk: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(match_job, "FEW", 1)
        item = put(desk, PEN, found_at=NOW - LOOK_BACK - timedelta(days=9))
        run(desk)
        assert states(desk, item) == {"imp-cek/pulpen": "confirmed"}
        imported(desk, FactCheck("pulpen", CALM), FactCheck("kotak", f"{CALM} Lagi."))
        run(desk)
        assert states(desk, item) == {}

    def test_words_that_go_with_their_retention_ask_for_nothing(self, desk: Store) -> None:
        put(desk, PEN, kind="article")
        matcher = Matcher(tagger=Meaning())
        run(desk, matcher)
        later = NOW + WORDS_RETENTION + timedelta(days=1)
        assert purge(desk, later).claims == 2
        assert embed_checks(desk, matcher, later) == 2
        with desk.read() as session:
            assert session.scalars(select(FactCheckRow.looked_back)).all() == [True, True]

    def test_a_pass_cut_short_begins_again(self, desk: Store) -> None:
        put(desk, BOX), put(desk, PEN)
        run(desk)
        imported(desk, FactCheck("lagi", PEN))
        look_back(desk, Matcher(), NOW, limit=1)
        with desk.read() as session:
            assert session.scalar(select(FactCheckRow.looked_back).where(FactCheckRow.id == "imp-cek/lagi")) is False
        run(desk)
        assert "imp-cek/lagi" in states(desk, 2)


class TestDeciding:
    @pytest.fixture
    def match(self, desk: Store) -> MatchView:
        item = put(desk, PEN, places=["63.03"])
        run(desk)
        return matches(desk, item)[0]

    def test_who_when_and_why_are_kept(self, desk: Store, match: MatchView) -> None:
        done = decide(desk, match, confirmed=False, reason="Ini pulpen sekolah, hubungi 0812 3456 7890")
        assert (done.from_state, done.to_state, done.revision) == (MatchState.CONFIRMED, MatchState.REJECTED, 2)
        (now,) = matches(desk, match.item_id)
        assert (now.state, now.origin, now.actor, now.at) == (MatchState.REJECTED, "person", "analyst", LATER)
        assert now.reason == "Ini pulpen sekolah, hubungi [telepon]"
        with desk.read() as session:
            last = repository.history(session, now)[0]
        assert (last.from_state, last.to_state, last.actor, last.reason) == (
            "confirmed", "rejected", "analyst", now.reason,
        )  # fmt: skip

    def test_two_at_once_the_second_sees_what_changed(self, desk: Store, match: MatchView) -> None:
        decide(desk, match, confirmed=True, reason="")
        with pytest.raises(StaleMatchError) as caught:
            decide(desk, match, confirmed=False, actor="liaison")
        assert caught.value.revision == 2
        assert [(one.actor, one.to_state) for one in caught.value.changes] == [
            ("analyst", "confirmed"), (SYSTEM, "confirmed"),
        ]  # fmt: skip
        assert states(desk, match.item_id) == {"imp-cek/pulpen": "confirmed"}

    def test_of_many_at_the_same_moment_one_is_kept(
        self, desk: Store, another_store: Callable[[], Store], match: MatchView
    ) -> None:
        gate = Barrier(4)

        def say(store: Store, number: int) -> bool:
            gate.wait(20)
            try:
                store.retrying(
                    lambda session: service.decide(
                        session, match.id, number % 2 == 0, f"petugas-{number}", "alasan", match.revision, LATER
                    ),
                    attempts=20,
                )
            except StaleMatchError:
                return False
            return True

        stores = [another_store() for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            said = list(pool.map(say, stores, range(4)))
        assert sum(said) == 1
        (now,) = matches(desk, match.item_id)
        assert (now.actor, now.revision) == (f"petugas-{said.index(True)}", 2)
        assert len(steps(desk, match.item_id)) == 2

    def test_machine_never_overrules_a_person(self, desk: Store, match: MatchView) -> None:
        decide(desk, match, confirmed=False)
        with desk.write() as session:
            queue.ask(session, [match.item_id])
        run(desk)
        edit(desk, match.item_id, f"{PEN} Sebarkan!")
        run(desk)
        assert states(desk, match.item_id) == {"imp-cek/pulpen": "rejected"}
        edit(desk, match.item_id, CALM)
        run(desk)
        assert states(desk, match.item_id) == {"imp-cek/pulpen": "rejected"}
        assert len(steps(desk, match.item_id)) == 2

    def test_confirmed_by_a_person_stays_when_the_text_changes(self, desk: Store, match: MatchView) -> None:
        decide(desk, match, confirmed=True, reason="")
        edit(desk, match.item_id, CALM)
        run(desk)
        assert states(desk, match.item_id) == {"imp-cek/pulpen": "confirmed"}

    def test_a_person_may_change_their_mind(self, desk: Store, match: MatchView) -> None:
        decide(desk, match, confirmed=False)
        decide(desk, matches(desk, match.item_id)[0], confirmed=True, reason="dibaca lagi")
        assert states(desk, match.item_id) == {"imp-cek/pulpen": "confirmed"}
        with pytest.raises(ConflictError, match="confirmed already"):
            decide(desk, matches(desk, match.item_id)[0], confirmed=True)

    @pytest.mark.parametrize("reason", ["", "   ", "\u200b", "x" * 501])
    def test_rejection_needs_a_fit_reason(self, desk: Store, match: MatchView, reason: str) -> None:
        with pytest.raises(InputError):
            decide(desk, match, confirmed=False, reason=reason)
        assert len(steps(desk, match.item_id)) == 1

    def test_other_regions_matches_are_not_there(self, desk: Store, match: MatchView) -> None:
        for within, found in (("63.03", True), ("63", True), ("63.71", False), ("64", False)):
            with desk.read() as session:
                if found:
                    assert service.match_of(session, match.id, within=within)[0].id == match.id
                else:
                    with pytest.raises(NotFoundError, match="no match"):
                        service.match_of(session, match.id, within=within)
        with desk.write() as session, pytest.raises(NotFoundError):
            service.decide(session, match.id, True, "liaison", "", 1, NOW, within="64")

    def test_history_cannot_be_rewritten(self, desk: Store, match: MatchView) -> None:
        with pytest.raises(DBAPIError, match="never change"), desk.engine.begin() as connection:
            connection.execute(update(ClaimMatchEventRow).values(actor="orang lain"))


class TestImporting:
    def test_twice_the_same_changes_nothing(self, store: Store) -> None:
        assert imported(store, *CLAIMS) == Imported(new=2)
        with store.read() as session:
            before = [(row.id, row.seq) for row in session.scalars(select(FactCheckRow).order_by(FactCheckRow.id))]
        assert imported(store, *CLAIMS, actor="lain", now=LATER) == Imported(same=2)
        with store.read() as session:
            assert before == [(r.id, r.seq) for r in session.scalars(select(FactCheckRow).order_by(FactCheckRow.id))]
            assert set(session.scalars(select(FactCheckRow.actor))) == {"analyst"}

    def test_changed_line_is_changed_and_the_later_of_two_wins(self, store: Store) -> None:
        imported(store, *CLAIMS)
        edited = FactCheck("pulpen", PEN, "Judul baru", "SALAH", "https://cek.example/1")
        assert imported(store, CLAIMS[0], edited) == Imported(changed=1, same=1)
        with store.read() as session:
            assert repository.check(session, "imp-cek/pulpen").title == "Judul baru"

    @pytest.mark.parametrize(
        "url",
        [
            "javascript:alert(1)",
            "ftp://cek.example",
            "//x",
            "https://",
            "http://a@b.example",
            "x" * 3000,
            "http://[::1",
        ],
    )
    def test_odd_addresses_are_left_out(self, store: Store, url: str) -> None:
        assert imported(store, FactCheck(1, PEN, url=url)) == Imported(new=1)
        with store.read() as session:
            assert repository.check(session, "imp-cek/1").url is None

    @pytest.mark.parametrize(
        "id_", ["item-1", "own-1", "x" * 500, "a b", "../..", "\x00", "\ud800", {"a": [1]}, 10**400, 1.5, True]
    )
    def test_ids_stay_in_a_room_of_their_own(self, store: Store, id_: Any) -> None:
        imported(store, FactCheck(id_, PEN))
        with store.read() as session:
            (found,) = session.scalars(select(FactCheckRow.id))
        assert found.startswith("imp-cek/")
        assert len(found) <= 80
        assert found.isascii()

    def test_hostile_texts_are_cleaned_and_cut(self, store: Store) -> None:
        claims = [
            FactCheck(1, "Klaim " * 200_000), FactCheck(2, "\u202eKlaim\x00 hubungi 0812 3456 7890 sekarang"),
            FactCheck(3, "\u200b\x07", "\x00"),
            FactCheck(4, "", "<b>Judul</b> klaim", "V" * 500, checked_on=date(1, 1, 1)),
            FactCheck(5, "\ud800 rusak sekali"),
        ]  # fmt: skip
        assert imported(store, *claims) == Imported(new=4, bad=1)
        with store.read() as session:
            one, two, four = (repository.check(session, f"imp-cek/{n}") for n in (1, 2, 4))
        assert len(one.claim) <= service.MAX_CLAIM
        assert two.claim == "Klaim hubungi [telepon] sekarang"
        assert (four.title, len(four.verdict), four.checked_on) == ("Judul klaim", service.MAX_VERDICT, None)

    def test_verdict_is_read_off_the_headline_where_none_is_given(self, store: Store) -> None:
        imported(store, FactCheck(1, "", "[KLARIFIKASI] Gudang logistik Astambul"))
        with store.read() as session:
            assert repository.check(session, "imp-cek/1").verdict == "KLARIFIKASI"

    def test_pages_of_the_list_neither_skip_nor_repeat(self, store: Store) -> None:
        imported(store, *(FactCheck(n, f"Klaim nomor {n} tentang surat suara") for n in range(23)))
        with store.write() as session:  # the same number for some, as a purge gives it
            session.execute(update(FactCheckRow).where(FactCheckRow.id.like("imp-cek/1%")).values(seq=7))
        seen: list[str] = []
        after = None
        with store.read() as session:
            while page := repository.checks(session, after=after, limit=4):
                seen += [one.id for one in page]
                after = (page[-1].seq, page[-1].id)
        assert sorted(seen) == sorted(f"imp-cek/{n}" for n in range(23))

    def test_each_source_has_ids_of_its_own(self, store: Store) -> None:
        with store.write() as session:
            for source in ("satu", "dua", None):
                service.import_claims(session, [FactCheck(1, PEN), FactCheck("1", BOX)], "analyst", NOW, source)
            service.import_claims(session, [FactCheck(1, CALM, url="https://tiga.example/x")], "analyst", NOW)
        with store.read() as session:
            claims = {one.id: one.claim for one in repository.claims_after(session, -1)}
        assert len(claims) == 7
        assert [claims[f"imp-{of}1"] for of in ("satu/", "dua/", "", "tiga.example/")] == [PEN, PEN, PEN, CALM]

    def test_those_of_before_sources_had_ids_are_found_again(self, desk: Store) -> None:
        at = {"origin": "imported", "actor": "analyst", "added_at": NOW, "looked_back": True}
        with desk.write() as session:
            session.add(FactCheckRow(id="imp-7", claim=PEN, outlet="cek.example", **at))
            session.add(FactCheckRow(id="imp-8", claim=PEN, outlet="lain.example", **at))
            session.add(FactCheckRow(id="imp-9", claim=PEN, outlet="", **at))
        url = "https://www.cek.example/x"
        lines = [FactCheck(id_, claim, url=url) for id_, claim in (("7", BOX), (7, CALM), (8, BOX))]
        lines.append(FactCheck(9, BOX))
        assert imported(desk, *lines) == Imported(new=3, changed=1)
        assert imported(desk, *lines) == Imported(same=4)
        with desk.read() as session:
            claims = {one.id: one.claim for one in repository.claims_after(session, -1)}
        assert (claims["imp-7"], claims["imp-8"], claims["imp-9"]) == (BOX, PEN, PEN)
        assert (claims["imp-cek/7"], claims["imp-cek/8"], claims["imp-cek/9"]) == (CALM, BOX, BOX)

    def test_words_past_their_retention_do_not_come_back(self, desk: Store) -> None:
        later = NOW + WORDS_RETENTION + timedelta(days=1)
        assert imported(desk, *CLAIMS, now=later) == Imported(same=2)  # the purge comes later
        assert purge(desk, later).claims == 2
        assert imported(desk, *CLAIMS, now=later) == Imported(same=2)
        assert purge(desk, later).claims == 0
        edited = FactCheck("pulpen", f"{PEN} Lagi.", "[BENAR] Pulpen di TPS Berisi Tinta Hilang", "BENAR")
        assert imported(desk, edited, now=later) == Imported(changed=1)
        with desk.read() as session:
            found = repository.check(session, "imp-cek/pulpen")
        assert (found.claim, found.verdict) == ("", "BENAR")

    @pytest.mark.parametrize("source", ["x" * 90, "Cek & Fakta", "../..", "\x00", "\ud800"])
    def test_odd_sources_are_hashed(self, store: Store, source: str) -> None:
        with store.write() as session:
            service.import_claims(session, [FactCheck("z" * 90, PEN)], "analyst", NOW, source)
            (found,) = session.scalars(select(FactCheckRow.id))
        assert re.fullmatch("imp-[0-9a-f]{12}/[0-9a-f]{40}", found)

    def test_what_persons_said_counts_no_more_for_another_claim_under_the_id(self, desk: Store) -> None:
        one, two = put(desk, PEN), put(desk, f"{PEN} Bagikan!")
        run(desk)
        decide(desk, matches(desk, one)[0], confirmed=True, reason="sama")
        decide(desk, matches(desk, two)[0], confirmed=False)
        imported(desk, FactCheck("pulpen", PEN, "[SALAH] Pulpen di TPS Berisi Tinta yang Hilang", "SALAH"))  # an edit
        run(desk)
        assert [one.origin for item in (1, 2) for one in matches(desk, item)] == ["person", "person"]
        imported(desk, FactCheck("pulpen", CALM, "[SALAH] Panen Jeruk"), now=LATER)
        assert [(m.state, m.origin, m.revision, m.at) for m in matches(desk, one)] == [
            ("suggested", "machine", 3, LATER)
        ]
        run(desk)
        assert (states(desk, one), states(desk, two)) == ({}, {})
        assert [step[:2] for step in steps(desk, one)] == [
            (None, "confirmed"), ("confirmed", "confirmed"), ("confirmed", "suggested"), ("suggested", None),
        ]  # fmt: skip


class TestOwnVerdicts:
    def add(self, store: Store, claim: str = PEN, **given: Any) -> Any:
        values = {"verdict": "SALAH", "reason": "Diperiksa di TPS 3.", "actor": "analyst", "now": NOW, **given}
        with store.write() as session:
            return service.add_verdict(session, claim, values.pop("verdict"), **values)

    def test_is_matched_like_any_other(self, store: Store) -> None:
        item = put(store, PEN)
        run(store)
        added = self.add(store)
        assert added.is_new
        run(store)
        assert states(store, item) == {added.claim_id: "confirmed"}
        (found,) = matches(store, item)
        assert (found.check.origin, found.check.actor, found.check.reason) == ("own", "analyst", "Diperiksa di TPS 3.")

    def test_same_words_again_replace_the_verdict_only_where_it_was_seen(self, store: Store) -> None:
        first = self.add(store)
        other: dict[str, Any] = {"claim": f" {PEN.upper()} ", "verdict": "BENAR", "actor": "lain", "now": LATER}
        with pytest.raises(ConflictError, match='analyst gave the verdict "SALAH"'):
            self.add(store, **other)
        with store.read() as session:
            seen = repository.check(session, first.claim_id)
        again = self.add(store, **other, revision=seen.seq)
        assert (again.claim_id, again.is_new) == (first.claim_id, False)
        with store.read() as session:
            assert repository.check(session, first.claim_id).verdict == "BENAR"
            given = repository.verdicts(session, first.claim_id)
        assert [(one.actor, one.at, one.verdict) for one in given] == [
            ("lain", LATER, "BENAR"),
            ("analyst", NOW, "SALAH"),
        ]
        with pytest.raises(ConflictError):
            self.add(store, **{**other, "verdict": "SALAH"}, revision=seen.seq)
        with pytest.raises(DBAPIError, match="never change"), store.engine.begin() as connection:
            connection.execute(update(FactCheckEventRow).values(actor="orang lain"))

    def test_the_same_again_changes_nothing(self, store: Store) -> None:
        first = self.add(store)
        assert (self.add(store, now=LATER).at, first.at) == (NOW, NOW)
        assert _rows(store, FactCheckEventRow) == [1]

    def test_the_same_again_brings_back_words_that_went(self, store: Store) -> None:
        item, matcher = put(store, PEN), Matcher()
        first = self.add(store)
        run(store, matcher)
        decide(store, matches(store, item)[0], confirmed=True, reason="")
        later = NOW + WORDS_RETENTION + timedelta(days=1)
        assert purge(store, later).claims == 1
        again = self.add(store, now=later)
        assert (again.claim_id, again.is_new) == (first.claim_id, False)
        with store.read() as session:
            found = repository.check(session, first.claim_id)
        assert (found.claim, found.added_at) == (PEN, later)
        assert [one.origin for one in matches(store, item)] == ["person"]
        assert purge(store, later).claims == 0

    @pytest.mark.parametrize(
        "given", [{"claim": "dua kata"}, {"claim": ""}, {"verdict": " "}, {"reason": ""}, {"url": "javascript:1"}]
    )
    def test_what_is_missing_is_said(self, store: Store, given: dict[str, Any]) -> None:
        with pytest.raises(InputError):
            self.add(store, **given)

    def test_outlets_own_articles_cannot_be_removed_here(self, desk: Store) -> None:
        check = put(desk, PEN, source=_checker(desk), title="[SALAH] Pulpen TPS", url="https://cek.example/9")
        run(desk)
        with desk.write() as session, pytest.raises(ConflictError):
            service.remove_claim(session, f"item-{check}")


class TestErasure:
    def test_matches_go_with_their_item(self, desk: Store) -> None:
        item = put(desk, PEN)
        run(desk)
        with desk.write() as session:
            queue.ask(session, [item])
            session.execute(delete(ItemRow).where(ItemRow.id == item))
        assert _rows(desk, ClaimMatchRow, ClaimMatchEventRow, UnmatchedItemRow) == [0, 0, 0]

    def test_matches_go_with_their_fact_check_and_are_not_found_again(self, desk: Store) -> None:
        item, matcher = put(desk, PEN), Matcher()
        run(desk, matcher)
        with desk.write() as session:
            assert service.remove_claim(session, "imp-cek/pulpen") == 1
            queue.ask(session, [item])
        run(desk, matcher)
        assert "imp-cek/pulpen" not in states(desk, item)
        with desk.read() as session:
            assert "imp-cek/pulpen" not in set(session.scalars(select(ClaimMatchEventRow.claim_id)))

    def test_narrative_goes_with_its_article_also_from_the_index(self, store: Store) -> None:
        body = f"Narasi: {PEN}\nPenjelasan: tidak ada."
        check = put(store, body, source=_checker(store), title="[SALAH] Judul lain", url="https://cek.example/9")
        item, matcher = put(store, PEN), Matcher()
        run(store, matcher)
        assert states(store, item) == {f"item-{check}": "confirmed"}
        with store.write() as session:
            repository.forget_claims(session, [check])
            queue.ask(session, [item])
        run(store, matcher)
        assert states(store, item) == {}
        with store.read() as session:
            assert repository.check(session, f"item-{check}").claim == ""

    def test_words_of_imports_and_own_verdicts_go_after_two_years(self, desk: Store) -> None:
        item, matcher = put(desk, PEN, kind="article"), Matcher(tagger=Meaning())
        with desk.write() as session:
            own = service.add_verdict(session, BOX, "SALAH", reason="KPU", actor="analyst", now=NOW).claim_id
        run(desk, matcher)
        assert purge(desk, NOW + ARTICLE_TEXT_RETENTION - timedelta(days=1)).claims == 0
        assert purge(desk, NOW + ARTICLE_TEXT_RETENTION + timedelta(days=1)).claims == 3
        assert purge(desk, NOW + ARTICLE_TEXT_RETENTION + timedelta(days=1)).claims == 0
        with desk.read() as session:
            left = [repository.check(session, id_) for id_ in (own, "imp-cek/pulpen")]
            assert [(one.claim, one.verdict) for one in left] == [("", "SALAH")] * 2
            assert left[1].title.startswith("[SALAH] Pulpen")
            assert session.scalars(select(FactCheckRow.vectors).where(FactCheckRow.claim == "")).all() == [None] * 3
        matcher.refresh(desk)
        found = {m.claim_id for m in matcher.match(queue.WaitingText(1, "", BOX, NOW.date()))}
        assert found == {"imp-cek/pulpen", "imp-cek/kotak"}  # a verdict without words is looked for no more
        assert matches(desk, item)[0].check.id == "imp-cek/pulpen"


class TestThresholds:
    def test_fitted_ones_set_the_states_and_older_ones_are_kept(self, desk: Store) -> None:
        item = put(desk, PEN)
        run(desk)
        score = matches(desk, item)[0].score
        for pair in (Thresholds(0.5, 2.0), Thresholds(0.4, score)):
            with desk.write() as session:
                repository.save_thresholds(session, Matcher().model, pair, {}, "analyst", NOW)
                queue.ask(session, [item])
            run(desk)
            expected = "suggested" if pair.confirmed_from > 1 else "confirmed"
            assert states(desk, item) == {"imp-cek/pulpen": expected}
        assert [to for _, to, _ in steps(desk, item)] == ["confirmed", "suggested", "confirmed"]
        assert _rows(desk, ClaimThresholdRow) == [2]

    def test_unclear_match_is_never_confirmed_by_the_machine(self, desk: Store) -> None:
        imported(desk, FactCheck("kembar", PEN.replace("dua jam", "tiga hari"), "Pulpen TPS Berisi Tinta Hilang Lagi"))
        text = "Pulpen di bilik suara TPS berisi tinta yang hilang, bawa pulpen sendiri dari rumah."
        item = put(desk, text)
        with desk.write() as session:
            repository.save_thresholds(session, Matcher().model, Thresholds(0.3, 0.3), {}, "analyst", NOW)
        run(desk)
        assert set(states(desk, item)) >= {"imp-cek/pulpen", "imp-cek/kembar"}
        assert set(states(desk, item).values()) == {"suggested"}

    def test_those_of_another_way_of_scoring_are_not_used(self, desk: Store) -> None:
        with desk.write() as session:
            repository.save_thresholds(session, "another", Thresholds(2.0, 2.0), {}, "analyst", NOW)
        item = put(desk, PEN)
        run(desk)
        assert states(desk, item) == {"imp-cek/pulpen": "confirmed"}

    def test_few_decisions_leave_the_prior(self, desk: Store) -> None:
        item = put(desk, PEN)
        run(desk)
        decide(desk, matches(desk, item)[0], confirmed=True)
        with desk.write() as session:
            fitted = service.refit_thresholds(session, "analyst", NOW)
        assert not fitted.used
        assert "are needed" in fitted.why
        assert _rows(desk, ClaimThresholdRow) == [0]

    def test_enough_decisions_move_them_and_a_reset_takes_them_back(self, desk: Store) -> None:
        lowest = PRIOR.suggested_from
        with desk.write() as session:
            for number in range(200):
                _decided(session, number, score=lowest + number / 200 * (1 - lowest), confirmed=number >= 100)
            fitted = service.refit_thresholds(session, "analyst", NOW)
        assert fitted.used, fitted
        assert fitted.thresholds.confirmed_from == pytest.approx((1 + lowest) / 2, abs=0.03)
        with desk.write() as session:
            assert service.current_thresholds(session) == fitted.thresholds
            service.refit_thresholds(session, "analyst", NOW)  # the same again writes no second row
            service.reset_thresholds(session, "analyst", NOW)
            assert service.current_thresholds(session) == PRIOR
            assert [one.actor for one in repository.all_thresholds(session)] == ["analyst"] * 2


class _Counting(ClaimIndex):
    """Counts how large the indexes were that were made, and how much was added to them."""

    made: list[int] = []  # noqa: RUF012
    added: list[int] = []  # noqa: RUF012

    @classmethod
    def reset(cls) -> tuple[list[int], list[int]]:
        cls.made, cls.added = [], []
        return cls.made, cls.added

    def __init__(self, claims: Sequence[FactCheck], embedder: Embedder | None = None) -> None:
        super().__init__(claims, embedder)
        type(self).made.append(len(claims))

    def add(self, claims: Sequence[FactCheck]) -> None:
        type(self).added.append(len(claims))
        super().add(claims)


def _checker(store: Store) -> str:
    with store.write() as session:
        return add_source(session, "cek", role="factcheck")


def _decided(session: Session, number: int, *, score: float, confirmed: bool) -> None:
    item = add_item(session, url=f"https://kabar-banjar.example/d{number}", stage="grouped")
    claim = f"imp-d{number % 60}"
    if session.get(FactCheckRow, claim) is None:
        session.add(FactCheckRow(id=claim, claim=f"Klaim {number}", looked_back=True))
        session.flush()
    session.add(
        ClaimMatchRow(
            item_id=item, claim_id=claim, score=score, state="confirmed" if confirmed else "rejected", origin="person",
            actor=f"petugas-{number % 3}", at=NOW, reason="", model=Matcher().model,
        )
    )  # fmt: skip
    session.flush()


def _rows(store: Store, *tables: type) -> list[int]:
    with store.read() as session:
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


_PEN = re.compile("pulpen|bolpoin", re.IGNORECASE)


class Meaning:
    """A tagger to which all that names a pen says the same; a text with the word `xracun` makes it fail."""

    def __init__(self, model: str = "waspada-id-test") -> None:
        self.model, self.asked = model, list[str]()

    def classify(self, items: Sequence[ItemText]) -> list[Tags]:
        return TinyTagger().classify(items)

    def embed(self, items: Sequence[ItemText]) -> NDArray[np.float32]:
        if any("xracun" in item.text for item in items):
            raise RuntimeError("this text cannot be embedded")
        self.asked += [item.text for item in items if item.text not in background()]
        texts = ["pulpen" if _PEN.search(item.text) else item.text for item in items]
        found = by_words(texts)
        return np.pad(found, ((0, 0), (0, EMBEDDING_DIM - found.shape[1])))
