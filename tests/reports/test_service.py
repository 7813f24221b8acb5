"""Sending, asking, clarifying, forwarding and forgetting, on both databases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from tests.api.sample import NOW
from tests.reports.people import (
    DISTRICT,
    ELSEWHERE,
    KEYS,
    OTHER_VILLAGE,
    REGENCY,
    TEXT,
    VILLAGE,
    add_reporter,
    new_report,
    send,
)
from waspada.access import Role, add_user
from waspada.access.types import ForbiddenError
from waspada.errors import ConflictError, InputError, NotFoundError, TooManyError
from waspada.items.jsonl import parse_lines
from waspada.jobs.erase import Cause, erase_items
from waspada.jobs.purge import purge
from waspada.privacy.retention import Periods
from waspada.reports import policy, repository, service
from waspada.reports.sealing import Keys
from waspada.reports.types import (
    REPORTER,
    EventKind,
    Level,
    ReportFilter,
    ReportState,
    Rhythm,
    Sending,
    StaleReportError,
    Step,
)
from waspada.store import Store
from waspada.store.tables import (
    FieldReportDraftRow,
    FieldReportEventRow,
    FieldReportRow,
    FieldReportSenderRow,
    ItemRow,
    ItemVersionRow,
    SourceRow,
)
from waspada.taxonomy import ItemKind


def decided(session: Session, id_: int, state: ReportState = ReportState.CLARIFIED) -> None:
    service.decide(session, id_, state, "Dicek ke ketua RT.", actor="meja", revision=revision_of(session, id_), now=NOW)


def revision_of(session: Session, id_: int) -> int:
    return session.get_one(FieldReportRow, id_).revision


class TestSending:
    def test_a_report_is_an_item_that_waits_for_its_tags(self, store: Store) -> None:
        with store.write() as session:
            me = add_reporter(session, "kader-1", VILLAGE)
            found = repository.report(session, send(session, me))
            item = session.get_one(ItemRow, found.item_id)
            assert (item.kind, item.stage, item.title, item.voice, item.url) == (
                "report", "new", "", None, f"urn:waspada:report:{found.id}",
            )  # fmt: skip
            assert (found.text, found.state, found.level) == (TEXT, ReportState.SENT, Level.VILLAGE)
            source = session.get_one(SourceRow, item.source_id)
            assert (source.role, source.enabled) == ("report", False)

    def test_sent_twice_it_is_one(self, store: Store) -> None:
        with store.write() as session:
            me = add_reporter(session, "kader-1", VILLAGE)
            first = service.send(session, KEYS, me, new_report(), NOW)
            again = service.send(session, KEYS, me, new_report(text=f"  {TEXT}\r\n"), NOW)
            assert again == Sending(first.report_id, False)
            assert repository.report(session, first.report_id).text == TEXT
            other = add_reporter(session, "kader-2", VILLAGE)
            assert service.send(session, KEYS, other, new_report(), NOW).is_new, "another account's key is another"

    @pytest.mark.parametrize(
        "other", [{"text": "Isi yang lain sama sekali."}, {"kind": EventKind.HOAX}, {"place": VILLAGE}]
    )
    def test_another_report_under_a_used_key_is_refused(self, store: Store, other: dict[str, Any]) -> None:
        with store.write() as session:
            me = add_reporter(session, "kader-1", DISTRICT)
            id_ = service.send(session, KEYS, me, new_report(place=DISTRICT), NOW).report_id
            with pytest.raises(ConflictError):
                service.send(session, KEYS, me, new_report(**{"place": DISTRICT, **other}), NOW)
            assert repository.report(session, id_).text == TEXT

    def test_it_is_the_same_with_contacts_in_it_and_when_it_was_erased(self, store: Store) -> None:
        told = "Hubungi 0812-3456-7890 atau akun @siapa_saja di balai desa."
        with store.write() as session:
            me = add_reporter(session, "kader-1", VILLAGE)
            first = service.send(session, KEYS, me, new_report(text=told), NOW)
            again = Sending(first.report_id, False)
            assert service.send(session, KEYS, me, new_report(text=told), NOW) == again
            item_id = repository.report(session, first.report_id).item_id
            assert item_id is not None
            erase_items(session, [item_id], NOW, cause=Cause.REQUEST)
            session.expire_all()
            assert service.send(session, KEYS, me, new_report(text=told), NOW) == again

    def test_an_account_sends_only_so_much_in_an_hour(self, store: Store) -> None:
        with store.write() as session:
            me, other = add_reporter(session, "kader-1", VILLAGE), add_reporter(session, "kader-2", VILLAGE)
            for number in range(policy.MOST_AN_HOUR):
                service.send(session, KEYS, me, new_report(number), NOW)
            with pytest.raises(TooManyError):
                service.send(session, KEYS, me, new_report(99), NOW)
            assert not service.send(session, KEYS, me, new_report(1), NOW).is_new  # sent before: still one
            assert service.send(session, KEYS, other, new_report(99), NOW).is_new
            later = NOW + timedelta(hours=1, seconds=1)
            assert service.send(session, KEYS, me, new_report(99), later).is_new

    def test_two_tries_at_once_make_one(self, store: Store) -> None:
        with store.write() as session:
            me = add_reporter(session, "kader-1", VILLAGE)
        found: list[Sending] = []

        def work() -> None:
            found.append(store.retrying(lambda session: service.send(session, KEYS, me, new_report(), NOW)))

        threads = [Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(one.is_new for one in found) == [False, False, False, True]
        assert len({one.report_id for one in found}) == 1
        with store.read() as session:
            assert len(session.scalars(select(ItemRow.id)).all()) == 1

    def test_contacts_are_masked_before_anything_is_stored(self, store: Store) -> None:
        with store.write() as session:
            me = add_reporter(session, "kader-1", VILLAGE)
            told = "Hubungi 0812-3456-7890 atau warga@contoh.example, akun @siapa_saja, NIK 6303051203900001."
            send(session, me, text=told)
            [kept] = session.scalars(select(ItemVersionRow.text)).all()
            for word in ("0812", "contoh.example", "siapa_saja", "6303051203900001"):
                assert word not in kept

    @pytest.mark.parametrize(
        "odd", ["<script>alert(1)</script> di balai desa", "a\x00b\ud800c di balai desa", "=cmd|'/C calc'!A0"]
    )
    def test_odd_text_is_only_text(self, store: Store, odd: str) -> None:
        with store.write() as session:
            me = add_reporter(session, "kader-1", VILLAGE)
            kept = repository.report(session, send(session, me, text=odd)).text
            assert "\x00" not in kept
            assert kept.isprintable()


class TestWhoSentIt:
    def test_the_database_alone_does_not_tell(self, store: Store) -> None:
        with store.write() as session:
            me, other = add_reporter(session, "kader-1", VILLAGE), add_reporter(session, "kader-2", VILLAGE)
            mine = [send(session, me, number) for number in (1, 2)]
            send(session, other, 3)
            rows = session.scalars(select(FieldReportSenderRow)).all()
            marks = {row.report_id: row.mark for row in rows}
            assert len(set(marks.values())) == 3, "two reports of one account have nothing in common"
            everything = _all_values(session)
            for word in ("kader-1", "kader-2"):
                assert [place for place, value in everything if word in value] == ["users.name"]
            assert [one.id for one in service.own(session, KEYS, me.user_id, VILLAGE)] == mine[::-1]
            assert service.own(session, Keys(b"x" * 32), me.user_id, VILLAGE) == []

    def test_two_copies_of_the_database_do_not_tell_either(self, store: Store) -> None:
        """A draft shares nothing with the report that it becomes, nor with another draft of the same account."""
        tables = ("field_report_drafts", "field_reports", "field_report_senders")

        def codes(session: Session) -> Counter[str]:
            session.flush()
            found = [value for place, value in _all_values(session) if place.startswith(tables)]
            return Counter(value for value in found if len(value) >= 32)

        with store.write() as session:
            me = add_reporter(session, "kader-1", VILLAGE)
            for number in (1, 2):
                service.save_draft(session, KEYS, me.user_id, new_report(number).key, {"text": TEXT}, NOW)
            before = codes(session)
            assert len(before) == 6, "a key, a mark and the sealed words, each twice"
            assert max(before.values()) == 1
            for number in (1, 2):
                send(session, me, number)
            after = codes(session)
            assert len(after) == 6
            assert not before.keys() & after.keys()

    def test_its_own_list_asks_as_often_for_many_as_for_few(self, store: Store) -> None:
        asked: list[str] = []

        def count(*given: Any) -> None:
            asked.append(given[2])

        with store.write() as session:
            me = add_reporter(session, "kader-1", VILLAGE)
            numbers = []
            for first, last in ((1, 2), (3, 8)):
                for number in range(first, last + 1):
                    send(session, me, number)
                session.expire_all()
                asked.clear()
                event.listen(store.engine, "before_cursor_execute", count)
                found = service.own(session, KEYS, me.user_id, VILLAGE)
                event.remove(store.engine, "before_cursor_execute", count)
                numbers.append(len(asked))
                assert [one.history[0].step for one in found] == [Step.SENT] * last
                assert [one.id for one in found] == sorted((one.id for one in found), reverse=True)
            assert numbers[0] == numbers[1]

    def test_only_the_clarifier_of_its_level_opens_it(self, store: Store) -> None:
        with store.write() as session:
            me = add_reporter(session, "kader-1", VILLAGE)
            id_ = send(session, me)
            for bound in (VILLAGE, DISTRICT):
                found = service.open_sender(session, KEYS, id_, bound=bound, actor="meja", now=NOW)
                assert (found.name, found.user_id) == ("kader-1", me.user_id)
            for wider in (None, "63", REGENCY):
                with pytest.raises(ForbiddenError):
                    service.open_sender(session, KEYS, id_, bound=wider, actor="meja", now=NOW)
            for bound in (OTHER_VILLAGE, ELSEWHERE):
                with pytest.raises(NotFoundError):
                    service.open_sender(session, KEYS, id_, bound=bound, actor="meja", now=NOW)
            steps = [event.step for event in repository.report(session, id_).history]
            assert steps == [Step.SENT, Step.SENDER_OPENED, Step.SENDER_OPENED]

    def test_sealed_for_one_report_it_opens_for_no_other(self, store: Store) -> None:
        with store.write() as session:
            me = add_reporter(session, "kader-1", VILLAGE)
            one, other = send(session, me, 1), send(session, me, 2)
            session.get_one(FieldReportSenderRow, other).sealed = session.get_one(FieldReportSenderRow, one).sealed
            with pytest.raises(ConflictError):
                service.open_sender(session, KEYS, other, bound=DISTRICT, actor="meja", now=NOW)

    def test_it_goes_with_the_case(self, store: Store) -> None:
        with store.write() as session:
            me = add_reporter(session, "kader-1", VILLAGE)
            id_, still_open = send(session, me, 1), send(session, me, 2)
            decided(session, id_)
            service.close(session, id_, actor="meja", revision=revision_of(session, id_), now=NOW)
        kept = Periods(report_senders=timedelta(days=10))
        assert purge(store, NOW + timedelta(days=9), periods=kept).report_senders == 0
        assert purge(store, NOW + timedelta(days=11), periods=kept).report_senders == 1
        with store.read() as session:
            assert session.scalars(select(FieldReportSenderRow.report_id)).all() == [still_open]
            found = repository.report(session, id_)
            assert not found.has_sender
            assert found.history[-1].step is Step.SENDER_EXPIRED
            assert [one.id for one in service.own(session, KEYS, me.user_id, VILLAGE)] == [still_open]

    def test_a_case_that_nobody_ends_is_ended(self, store: Store) -> None:
        with store.write() as session:
            me = add_reporter(session, "kader-1", VILLAGE)
            left, done = send(session, me, 1), send(session, me, 2)
            decided(session, done)
        with store.write() as session:
            assert service.close_old(session, NOW + policy.CLOSED_AFTER) == 1
            assert repository.report(session, done).closed_at is not None
            assert service.close_old(session, NOW + policy.GIVEN_UP_AFTER) == 1
            assert repository.report(session, left).state is ReportState.SENT
            assert service.close_old(session, NOW + policy.GIVEN_UP_AFTER) == 0


class TestClarifying:
    def test_a_question_and_its_answer_name_nobody(self, store: Store) -> None:
        with store.write() as session:
            me, other = add_reporter(session, "kader-1", VILLAGE), add_reporter(session, "kader-2", VILLAGE)
            id_ = send(session, me)
            service.ask(session, id_, "Kapan tepatnya?", actor="meja", revision=1, now=NOW, within=DISTRICT)
            with pytest.raises(NotFoundError):
                service.answer(session, KEYS, other.user_id, id_, "Bukan laporan saya.", NOW)
            found = service.answer(session, KEYS, me.user_id, id_, "Jam sembilan, telepon 0812-3456-7890.", NOW)
            assert found.state is ReportState.SENT
            assert [event.actor for event in found.history] == [REPORTER, "meja", REPORTER]
            assert "0812" not in found.history[-1].text
            with pytest.raises(ConflictError):
                service.answer(session, KEYS, me.user_id, id_, "Sekali lagi.", NOW)

    def test_whoever_is_late_is_told(self, store: Store) -> None:
        with store.write() as session:
            id_ = send(session, add_reporter(session, "kader-1", VILLAGE))
            decided(session, id_)
            with pytest.raises(StaleReportError):
                service.decide(session, id_, ReportState.REFUTED, "Lain.", actor="lain", revision=1, now=NOW)
            assert repository.report(session, id_).state is ReportState.CLARIFIED

    @pytest.mark.parametrize("within", [ELSEWHERE, OTHER_VILLAGE, "63.71"])
    def test_another_area_has_no_such_report(self, store: Store, within: str) -> None:
        with store.write() as session:
            id_ = send(session, add_reporter(session, "kader-1", VILLAGE))
            steps: list[Callable[[], object]] = [
                lambda: repository.report(session, id_, within=within),
                lambda: service.ask(session, id_, "Apa?", actor="m", revision=1, now=NOW, within=within),
                lambda: service.decide(
                    session, id_, ReportState.REFUTED, "x", actor="m", revision=1, now=NOW, within=within
                ),
                lambda: service.close(session, id_, actor="m", revision=1, now=NOW, within=within),
                lambda: service.forward(session, [id_], TEXT, actor="m", now=NOW, within=within),
            ]
            for step in steps:
                with pytest.raises(NotFoundError):
                    step()
            assert repository.search(session, ReportFilter(within=within)) == []
            assert repository.inbox(session, within=within) == []


class TestClimbing:
    def test_what_goes_up_cites_its_children_and_goes_once(self, store: Store) -> None:
        with store.write() as session:
            me, other = add_reporter(session, "kader-1", VILLAGE), add_reporter(session, "kader-2", OTHER_VILLAGE)
            ids = [send(session, me, 1), send(session, other, 2)]
            with pytest.raises(ConflictError):
                service.forward(session, ids, TEXT, actor="meja", now=NOW, within=DISTRICT)
            decided(session, ids[0])
            decided(session, ids[1], ReportState.CANNOT_TELL)
            parent = service.forward(
                session, ids, "Dua desa melapor hal serupa.", actor="meja", now=NOW, within=DISTRICT
            )
            assert (parent.region, parent.level, parent.place) == (DISTRICT, Level.DISTRICT, DISTRICT)
            assert (parent.cites, parent.has_sender, parent.state) == (tuple(ids), False, ReportState.SENT)
            for wanted in (ids, ids[:1]):
                with pytest.raises(ConflictError):
                    service.forward(session, wanted, "Sekali lagi.....", actor="meja", now=NOW, within=DISTRICT)
            decided(session, parent.id)
            top = service.forward(
                session, [parent.id], "Ke kabupaten, ringkas.", actor="meja", now=NOW, within=DISTRICT
            )
            assert (top.region, top.cites) == (REGENCY, (parent.id,))
            assert repository.report(session, ids[0]).cited_by == parent.id

    def test_refuted_children_stay_below_and_show_in_the_parent(self, store: Store) -> None:
        with store.write() as session:
            me = add_reporter(session, "kader-1", VILLAGE)
            good, bad = send(session, me, 1), send(session, me, 2)
            decided(session, good)
            decided(session, bad, ReportState.REFUTED)
            with pytest.raises(ConflictError):
                service.forward(session, [good, bad], TEXT, actor="meja", now=NOW)
            parent = service.forward(session, [good], TEXT, actor="meja", now=NOW)
            decided(session, good, ReportState.REFUTED)
            [child] = repository.by_ids(session, parent.cites)
            assert child.state is ReportState.REFUTED

    def test_two_levels_do_not_go_up_together(self, store: Store) -> None:
        with store.write() as session:
            desa, kecamatan = add_reporter(session, "kader-1", VILLAGE), add_reporter(session, "kader-2", DISTRICT)
            ids = [send(session, desa, 1), send(session, kecamatan, 2)]
            for id_ in ids:
                decided(session, id_)
            with pytest.raises(InputError):
                service.forward(session, ids, TEXT, actor="meja", now=NOW)


class TestPeriodic:
    def test_it_comes_once_also_when_there_was_nothing(self, store: Store) -> None:
        monday, today = NOW.date() - timedelta(days=9), NOW.date()  # Monday the 11th; Wednesday the 20th
        with store.write() as session:
            found = service.send_periodic(
                session, DISTRICT, monday, "", is_nil=True, rhythm=Rhythm.WEEKLY, now=NOW, today=today
            )
            assert (found.is_nil, found.span.days) == (True, 7)
            with pytest.raises(ConflictError):
                service.send_periodic(
                    session, DISTRICT, monday, "", is_nil=True, rhythm=Rhythm.WEEKLY, now=NOW, today=today
                )
            with pytest.raises(ConflictError):
                service.send_periodic(
                    session,
                    DISTRICT,
                    monday + timedelta(7),
                    "",
                    is_nil=True,
                    rhythm=Rhythm.WEEKLY,
                    now=NOW,
                    today=today,
                )
            for region, day in ((VILLAGE, monday), (DISTRICT, monday + timedelta(1))):
                with pytest.raises(InputError):
                    service.send_periodic(
                        session, region, day, "", is_nil=True, rhythm=Rhythm.WEEKLY, now=NOW, today=today
                    )


class TestForgetting:
    def test_drafts_are_sealed_and_expire(self, store: Store) -> None:
        with store.write() as session:
            me, other = add_reporter(session, "kader-1", VILLAGE), add_reporter(session, "kader-2", VILLAGE)
            service.save_draft(session, KEYS, me.user_id, "draft-number-001", {"text": "Rahasia sekali"}, NOW)
            assert not [value for _, value in _all_values(session) if "Rahasia" in value]
            [draft] = service.drafts(session, KEYS, me.user_id)
            assert draft.fields["text"] == "Rahasia sekali"
            assert service.drafts(session, KEYS, other.user_id) == []
            with pytest.raises(InputError):
                service.save_draft(session, KEYS, me.user_id, "draft-number-002", {"text": "a" * 10**7}, NOW)
        assert purge(store, NOW + timedelta(days=8)).report_drafts == 1

    def test_an_account_has_only_so_many_drafts_and_removes_its_own(self, store: Store) -> None:
        with store.write() as session:
            me, other = add_reporter(session, "kader-1", VILLAGE), add_reporter(session, "kader-2", VILLAGE)
            keys = [f"draft-number-{number:03}" for number in range(policy.MAX_DRAFTS)]
            for key in keys:
                service.save_draft(session, KEYS, me.user_id, key, {"text": TEXT}, NOW)
            service.save_draft(session, KEYS, me.user_id, keys[0], {"text": "Diubah."}, NOW + timedelta(minutes=1))
            with pytest.raises(ConflictError):
                service.save_draft(session, KEYS, me.user_id, "draft-number-more", {"text": TEXT}, NOW)
            service.save_draft(session, KEYS, other.user_id, keys[0], {"text": "Punya lain."}, NOW)
            service.remove_draft(session, KEYS, other.user_id, keys[1])
            found = service.drafts(session, KEYS, me.user_id)
            assert sorted(draft.key for draft in found) == keys
            assert found[0].fields["text"] == "Diubah."
            service.remove_draft(session, KEYS, me.user_id, keys[0])
            assert len(service.drafts(session, KEYS, me.user_id)) == policy.MAX_DRAFTS - 1
            assert [draft.fields["text"] for draft in service.drafts(session, KEYS, other.user_id)] == ["Punya lain."]

    def test_a_sent_report_has_no_draft(self, store: Store) -> None:
        with store.write() as session:
            me = add_reporter(session, "kader-1", VILLAGE)
            service.save_draft(session, KEYS, me.user_id, new_report().key, {"text": TEXT}, NOW)
            send(session, me)
            assert session.scalars(select(FieldReportDraftRow)).all() == []
            service.save_draft(session, KEYS, me.user_id, new_report().key, {"text": TEXT}, NOW)
            assert session.scalars(select(FieldReportDraftRow)).all() == [], "one that comes late leads to nobody"

    def test_erasing_takes_the_words_and_the_sender_and_leaves_the_count(self, store: Store) -> None:
        with store.write() as session:
            me = add_reporter(session, "kader-1", VILLAGE)
            id_ = send(session, me)
            decided(session, id_)
            item = repository.report(session, id_).item_id
            counts = erase_items(session, [item or 0], NOW, cause=Cause.REQUEST)
            assert counts["field_reports"] >= 1
            session.expire_all()
            found = repository.report(session, id_)
            assert (found.text, found.note, found.item_id, found.has_sender) == ("", "", None, False)
            assert session.scalars(select(FieldReportEventRow.text)).all() == ["", ""]
            assert found.state is ReportState.CLARIFIED

    def test_reports_past_their_time_go_with_their_items(self, store: Store) -> None:
        with store.write() as session:
            send(session, add_reporter(session, "kader-1", VILLAGE))
        assert purge(store, NOW + timedelta(days=366)).field_reports == 1
        with store.read() as session:
            for table in (FieldReportRow, FieldReportSenderRow, FieldReportEventRow, ItemRow):
                assert session.scalars(select(table)).all() == []


def test_a_reporter_without_a_place_is_none(store: Store) -> None:
    with store.write() as session:
        for region in (None, "63", REGENCY, "63.03.99"):
            with pytest.raises(InputError):
                add_user(session, "kader-9", Role.REPORTER, region, actor="test", now=NOW)


def test_the_recapitulation_counts_one_level_by_region_and_week(store: Store) -> None:
    from zoneinfo import ZoneInfo

    zone = ZoneInfo("Asia/Makassar")
    with store.write() as session:
        me, other = add_reporter(session, "kader-1", VILLAGE), add_reporter(session, "kader-2", OTHER_VILLAGE)
        first, second = send(session, me, 1), send(session, other, 2, kind=EventKind.HOAX)
        send(session, me, 3, now=NOW - timedelta(days=8))
        decided(session, first)
        decided(session, second, ReportState.REFUTED)
        service.forward(session, [first], TEXT, actor="meja", now=NOW)
        weeks = policy.weeks(NOW.date(), 3)
        found = repository.recap(session, DISTRICT, Level.VILLAGE, weeks, zone)
        assert {row.key: row.total for row in found.by_region} == {VILLAGE: 2, OTHER_VILLAGE: 1}
        assert [row.total for row in found.by_week] == [0, 1, 2]
        assert [(row.unclarified, row.refuted) for row in found.by_week] == [(0, 0), (1, 0), (0, 1)]
        above = repository.recap(session, REGENCY, Level.DISTRICT, weeks, zone)
        assert [(row.key, row.total) for row in above.by_region] == [(DISTRICT, 1)]
        assert repository.recap(session, REGENCY, Level.VILLAGE, weeks, zone, within=ELSEWHERE).total == 0


def _all_values(session: Session) -> list[tuple[str, str]]:
    """Every value of every table as text, with where it stands."""
    from waspada.store.tables import Base

    found = []
    for table in Base.metadata.sorted_tables:
        for row in session.execute(text(f'SELECT * FROM "{table.name}"')).mappings():  # noqa: S608
            found += [(f"{table.name}.{name}", str(value)) for name, value in row.items()]
    return found


def test_no_file_brings_field_reports_in() -> None:
    """`waspada classify`, `backtest` and labels know articles and posts: a file cannot pass something off as one."""
    [line] = parse_lines([b'{"id": "1", "text": "Dua kelompok saling dorong", "kind": "report"}'])
    assert line.item is not None
    assert line.item.kind is ItemKind.ARTICLE
    assert any("report" in warning for warning in line.warnings)
