"""Erasing words of field reports also where they were passed on, and of periodic reports; a restore repeats it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.api.sample import NOW
from tests.jobs.test_purge import _columns_with
from tests.reports.people import DISTRICT, ELSEWHERE, KEYS, OTHER_VILLAGE, REGENCY, VILLAGE, add_reporter, new_report
from waspada.backups import erasures
from waspada.corrections import repository as corrections
from waspada.corrections import service as requests
from waspada.corrections.types import CorrectionRequest, Effect, RequestKind
from waspada.errors import InputError, NotFoundError
from waspada.jobs.erase import STRUCK
from waspada.reports import repository, service
from waspada.reports.types import PeriodicReport, ReportState, Rhythm
from waspada.search.index import forget_removed
from waspada.store import Store
from waspada.store.tables import ErasedItemRow, ErasureRow, FieldReportRow, PeriodicReportRow

MARK = "tandaluka"
WORDS = f"Warga {MARK} di ujung gang disebut memulai keributan."
MONDAY = NOW.date() - timedelta(days=9)
LATER = NOW + timedelta(hours=1)


def sent(session: Session, number: int, region: str = VILLAGE, text: str = WORDS) -> int:
    me = add_reporter(session, f"kader-{number}", region)
    return service.send(session, KEYS, me, new_report(number, region, text=text), NOW).report_id


def forwarded(session: Session, ids: list[int], text: str = f"Dari desa: {WORDS}") -> int:
    for id_ in ids:
        revision = session.get_one(FieldReportRow, id_).revision
        service.decide(session, id_, ReportState.CLARIFIED, "Dicek.", actor="meja", revision=revision, now=NOW)
    return service.forward(session, ids, text, actor="meja", now=NOW).id


def granted(session: Session, kind: RequestKind, about: str, effect: Effect, **given: Any) -> CorrectionRequest:
    found = requests.ask(session, kind, about, "Menyebut tetangga saya.", actor="meja", now=LATER)
    return requests.grant(session, found.id, effect, "Beralasan.", 1, actor="admin", now=LATER, **given)


def item_of(session: Session, id_: int) -> int:
    return repository.report(session, id_).item_id or 0


def periodic(session: Session, text: str = WORDS, *, is_nil: bool = False) -> PeriodicReport:
    return service.send_periodic(
        session, DISTRICT, MONDAY, text, is_nil=is_nil, rhythm=Rhythm.WEEKLY, now=NOW, today=NOW.date()
    )


class TestTheLevelsAbove:
    def test_what_is_erased_below_goes_on_every_level(self, store: Store) -> None:
        with store.write() as session:
            child, sibling, stranger = (
                sent(session, 1),
                sent(session, 2, OTHER_VILLAGE, "Jalan putus."),
                sent(session, 3),
            )
            parent = forwarded(session, [child, sibling])
            top = forwarded(session, [parent])
            items = [item_of(session, id_) for id_ in (parent, top)]
            assert corrections.reach_of(session, f"item/{item_of(session, child)}").above == sorted(items)
            done = granted(session, RequestKind.ERASE, f"item/{item_of(session, child)}", Effect.ERASE)
            assert (done.effects["above"], done.effects["above_left"]) == (2, [])
            session.expire_all()
            for id_ in (child, parent, top):
                found = repository.report(session, id_)
                assert (found.text, found.item_id, found.note) == ("", None, "")
                assert not any(event.text for event in found.history)
            assert repository.report(session, sibling).text == "Jalan putus."
            assert repository.report(session, stranger).text == WORDS, "what is not below it stays"

    def test_nothing_of_it_is_left_in_the_database(self, store: Store) -> None:
        with store.write() as session:
            child = sent(session, 1)
            forwarded(session, [forwarded(session, [child])])
        assert "item_versions.text" in _columns_with(store, MARK)
        with store.write() as session:
            granted(session, RequestKind.ERASE, f"item/{item_of(session, child)}", Effect.ERASE)
        forget_removed(store)  # as api.v1.corrections does
        assert _columns_with(store, MARK) == set()

    def test_a_passage_is_taken_out_above_and_what_has_other_words_is_named(self, store: Store) -> None:
        with store.write() as session:
            child = sent(session, 1)
            parent = forwarded(session, [child], f"DARI DESA: {WORDS.upper()}")
            top = forwarded(session, [parent], "Ada keributan antarwarga.")
            done = granted(
                session, RequestKind.CORRECT, f"item/{item_of(session, child)}", Effect.STRIKE, passage=f"warga {MARK}"
            )
            assert (done.effects["above"], done.effects["above_left"]) == (1, [item_of(session, top)])
            session.expire_all()
            for id_ in (child, parent):
                found = repository.report(session, id_)
                assert STRUCK in found.text
                assert MARK not in found.text.lower()
                assert not any(event.text for event in found.history)
            assert repository.report(session, top).text == "Ada keributan antarwarga."
            noted = session.scalars(select(ErasedItemRow.what)).all()
            assert noted == ["passage", "passage"], "a restore takes it out of both"

    def test_nothing_goes_downwards(self, store: Store) -> None:
        with store.write() as session:
            child = sent(session, 1)
            parent = forwarded(session, [child])
            reach = corrections.reach_of(session, f"item/{item_of(session, parent)}")
            assert (reach.items, reach.above) == ([item_of(session, parent)], [])


class TestPeriodicReports:
    @pytest.mark.parametrize("is_nil", [False, True])
    def test_its_words_go_and_that_it_came_stays(self, store: Store, is_nil: bool) -> None:
        with store.write() as session:
            one = periodic(session, is_nil=is_nil)
            done = granted(session, RequestKind.ERASE, f"periodic/{one.id}", Effect.ERASE)
            assert (done.region, done.effects["counts"]) == (DISTRICT, {"field_reports": 1})
            session.expire_all()
            [found] = repository.periodic(session, [one.span])
            assert (found.text, found.is_nil, found.is_erased) == ("", is_nil, True)
            assert session.scalars(select(ErasureRow.cause)).all() == ["request"]
            again = granted(session, RequestKind.ERASE, f"periodic/{one.id}", Effect.ERASE)
            assert again.effects["counts"] == {}
        assert _columns_with(store, MARK) == set()

    def test_a_passage_is_taken_out(self, store: Store) -> None:
        with store.write() as session:
            one = periodic(session)
            for passage in ("tidak ada di sana", "x"):
                with pytest.raises(InputError):
                    granted(session, RequestKind.CORRECT, f"periodic/{one.id}", Effect.STRIKE, passage=passage)
            with pytest.raises(InputError):
                granted(session, RequestKind.CORRECT, f"periodic/{one.id}", Effect.READ_AGAIN)
            granted(session, RequestKind.CORRECT, f"periodic/{one.id}", Effect.STRIKE, passage=f"Warga {MARK}")
            session.expire_all()
            [found] = repository.periodic(session, [one.span])
            assert found.text == f"{STRUCK} di ujung gang disebut memulai keributan."
            assert found.is_erased

    @pytest.mark.parametrize("within", [ELSEWHERE, VILLAGE])
    def test_another_area_has_none(self, store: Store, within: str) -> None:
        with store.write() as session:
            one = periodic(session)
            for about in (f"periodic/{one.id}", "periodic/999"):
                with pytest.raises(NotFoundError):
                    requests.ask(session, RequestKind.ERASE, about, "x", actor="m", now=NOW, within=within)
            kept = requests.ask(
                session, RequestKind.ERASE, f"periodic/{one.id}", "x", actor="m", now=NOW, within=REGENCY
            )
            assert kept.region == DISTRICT

    @pytest.mark.parametrize("effect", [Effect.ERASE, Effect.STRIKE])
    def test_a_restore_takes_them_out_again(self, store: Store, effect: Effect) -> None:
        with store.write() as session:
            one = periodic(session)
            granted(session, RequestKind.ERASE, f"periodic/{one.id}", effect, passage=f"Warga {MARK}")
            row = session.get_one(PeriodicReportRow, one.id)
            listed = list(erasures.listed(session))
            if effect is Effect.STRIKE:
                assert erasures.repeat(session, listed) == (0, 0), "a backup that is newer has it without the passage"
            row.text, row.erased_at = WORDS, None  # as an older backup has it
            session.flush()
            assert erasures.repeat(session, listed) == (0, 1)
            session.expire_all()
            assert (row.text, row.erased_at is not None) == ("", True)
            row.text, row.sent_at = WORDS, listed[-1].at + timedelta(days=1)
            session.flush()
            assert erasures.repeat(session, listed) == (0, 0), "another report that came later is another one"
