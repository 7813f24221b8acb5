"""Corrections: who gets one, how many a day, and that they hold nobody up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.digests.rows import add_alert
from tests.digests.situations import moved
from tests.patience import until
from tests.subscriptions.mailserver import Post
from tests.subscriptions.people import DAY, DUE, HOUR, MINUTE, NOW, digest_rows, subscribed, wanted
from tests.subscriptions.test_delivery import FAILED, SENT, UNCERTAIN, Desk, mail_desk
from waspada.jobs.digest import digesting
from waspada.notify.messages import Channel
from waspada.store import Store
from waspada.store.tables import DigestRow, SubscriptionRow, SubscriptionSendRow
from waspada.subscriptions import repository, sending, service
from waspada.subscriptions.sending import put_corrections
from waspada.subscriptions.types import SendKind


@contextmanager
def desk_with(store: Store, folder: Path, post: Post, alerts: int = 1) -> Iterator[tuple[Desk, list[int]]]:
    with store.write() as session:
        ids = [add_alert(session, number, at=NOW) for number in range(alerts)]
    with mail_desk(store, folder, post) as desk:
        yield desk, ids


def refute(store: Store, alert_id: int, at: datetime) -> None:
    with store.write() as session:
        moved(session, alert_id, at, "not_a_threat", "not_a_threat")


def subjects(post: Post) -> list[str]:
    return ["ralat" if "ralat" in str(mail["Subject"]).lower() else "laporan" for mail in post.mails]


def texts(post: Post) -> list[str]:
    return [mail.get_body(("plain",)).get_content() for mail in post.mails]  # type: ignore[union-attr]


class TestWhoGetsOne:
    @pytest.mark.parametrize("is_corrected", [True, False])
    def test_a_wrong_digest_that_waits_is_made_anew(self, store: Store, tmp_path: Path, is_corrected: bool) -> None:
        post = Post(rcpt=lambda _: "450 4.2.1 greylisted")
        with desk_with(store, tmp_path, post) as (desk, (alert,)):
            desk.run()
            refute(store, alert, DUE + MINUTE)
            if is_corrected:
                assert put_corrections(store, desk.settings, DUE + 2 * MINUTE) == 0
            post.rcpt = lambda _: ""
            desk.run(DUE + 3 * MINUTE)
            assert put_corrections(store, desk.settings, DUE + 5 * MINUTE) == 0  # nobody has the wrong one
        assert subjects(post) == ["laporan"]
        assert "Bentrok ke-0" not in texts(post)[0]

    def test_what_is_handed_over_at_that_moment_is_corrected(self, store: Store, tmp_path: Path) -> None:
        post = Post()
        with desk_with(store, tmp_path, post) as (desk, (alert,)):
            put: list[int] = []

            def take_back(_: object) -> None:
                refute(store, alert, DUE + MINUTE)
                put.append(put_corrections(store, desk.settings, DUE + 2 * MINUTE))
                post.on_data = lambda _: None

            post.on_data = take_back
            desk.run()
            assert put == [1]
            desk.run(DUE + 3 * MINUTE)
        assert subjects(post) == ["laporan", "ralat"]

    def test_what_was_handed_over_after_the_correction_was_made_is_corrected(
        self, store: Store, tmp_path: Path
    ) -> None:
        """The server takes its time between the last look at the digest and its word that it wants it."""
        post = Post()
        with desk_with(store, tmp_path, post) as (desk, (alert,)):

            def take_back(_: str) -> str:
                refute(store, alert, DUE + MINUTE)
                assert put_corrections(store, desk.settings, DUE + 2 * MINUTE) == 0
                post.rcpt = lambda _: ""
                return ""

            post.rcpt = take_back
            desk.run()
            assert put_corrections(store, desk.settings, DUE + 3 * MINUTE) == 1
            desk.run(DUE + 4 * MINUTE)
        assert subjects(post) == ["laporan", "ralat"]

    @pytest.mark.parametrize("waits_already", [False, True])
    def test_who_paused_gets_it_after_the_pause(self, store: Store, tmp_path: Path, waits_already: bool) -> None:
        post = Post()
        with desk_with(store, tmp_path, post) as (desk, (alert,)):

            def pause() -> None:
                with store.write() as session:
                    service.pause(session, session.get_one(SubscriptionRow, 1), DUE + 5 * DAY, now=DUE + 2 * HOUR)

            desk.run()
            if not waits_already:
                pause()
            refute(store, alert, DUE + HOUR)
            assert put_corrections(store, desk.settings, DUE + HOUR + MINUTE) == 1
            if waits_already:
                pause()
            assert desk.run(DUE + 4 * DAY).sent == 0
            desk.run(DUE + 5 * DAY)
        assert sorted(subjects(post)) == ["laporan", "laporan", "ralat"]

    def test_a_new_person_at_another_address_gets_none(self, store: Store, tmp_path: Path) -> None:
        with desk_with(store, tmp_path, Post()) as (desk, (alert,)):
            desk.run()
            move_house(desk)
            refute(store, alert, DUE + 3 * HOUR)
            assert put_corrections(store, desk.settings, DUE + 4 * HOUR) == 0

    def test_nor_what_was_put_again_for_the_one_before(self, store: Store, tmp_path: Path) -> None:
        post = Post(drop=True)
        with desk_with(store, tmp_path, post) as (desk, _):
            desk.run()
            post.drop = False
            move_house(desk)
            with store.write() as session:
                service.send_again(session, digest_rows(store)[0].id, now=DUE + 3 * HOUR)
            desk.run(DUE + 3 * HOUR)
            assert desk.states == [*UNCERTAIN, *FAILED]
        assert set(post.received) == {"camat@kantor.example"}


def move_house(desk: Desk) -> None:
    with desk.store.write() as session:
        row = session.get_one(SubscriptionRow, 1)
        service.change_address(session, row, desk.settings, Channel.MAIL, "lurah@kantor.example", now=DUE + HOUR)
        service.confirm(session, row, now=DUE + 2 * HOUR)


class TestHowMany:
    def test_ten_refutations_in_ten_minutes_are_two_corrections(self, store: Store, tmp_path: Path) -> None:
        post = Post()
        with desk_with(store, tmp_path, post, alerts=10) as (desk, alerts):
            desk.run()
            for number, alert in enumerate(alerts):
                refute(store, alert, DUE + number * MINUTE)
                put_corrections(store, desk.settings, DUE + (number + 1) * MINUTE)
            put_corrections(store, desk.settings, DUE + 2 * HOUR)
            desk.run(DUE + 2 * HOUR)
        assert subjects(post) == ["laporan", "ralat", "ralat"]
        told = "".join(texts(post)[1:])
        assert all(f"nomor {alert} " in " ".join(told.split()) for alert in alerts)

    def test_three_a_day_and_the_next_day_s_digest_comes_all_the_same(self, store: Store, tmp_path: Path) -> None:
        post = Post()
        with desk_with(store, tmp_path, post, alerts=8) as (desk, alerts):
            desk.run()
            with store.write() as session:
                row = session.get_one(SubscriptionRow, 1)
                row.quiet_from = row.quiet_until = 0
            for number, alert in enumerate(alerts):  # two hours apart: from 08.00 to 22.00
                refute(store, alert, DUE + (2 * number + 1) * HOUR)
                desk.now = DUE + (2 * number + 1) * HOUR + MINUTE
                put_corrections(store, desk.settings, desk.now)
                desk.run()
            assert subjects(post) == ["laporan", "ralat", "ralat", "ralat"]
            put_corrections(store, desk.settings, DUE + 18 * HOUR)  # 01.00 of the next day
            desk.run(DUE + 18 * HOUR)
            desk.run(DUE + DAY)
        assert subjects(post)[4:] == ["ralat", "laporan"]
        assert all(f"nomor {alert} " in " ".join(texts(post)[4].split()) for alert in alerts[3:])

    def test_what_is_over_the_most_of_a_day_goes_on_the_next(self, store: Store, tmp_path: Path) -> None:
        """Where it had corrections of digests of another filter."""
        post = Post()
        with desk_with(store, tmp_path, post) as (desk, (alert,)):
            desk.run()
            with store.write() as session:
                for number in (101, 102, 103):
                    repository.note_send(
                        session, 1, SendKind.CORRECTION, f"ralat/{number}", day="2024-11-20", now=DUE + MINUTE
                    )
            refute(store, alert, DUE + HOUR)
            assert put_corrections(store, desk.settings, DUE + 2 * HOUR) == 1
            assert desk.run(DUE + 3 * HOUR).sent == 0
            assert desk.run(DUE + DAY).sent == 2
        assert sorted(subjects(post)) == ["laporan", "laporan", "ralat"]


class TestTheRounds:
    def test_nothing_is_written_where_nothing_is_due(
        self, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with desk_with(store, tmp_path, Post()) as (desk, (alert,)):
            desk.run()
            refute(store, alert, DUE + MINUTE)
            assert put_corrections(store, desk.settings, DUE + HOUR) == 1

            def no(_: Callable[..., object]) -> None:
                raise AssertionError("It wrote.")

            monkeypatch.setattr(store, "retrying", no)
            assert put_corrections(store, desk.settings, DUE + 2 * HOUR) == 0

    def test_many_are_put_some_at_a_time(self, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sending, "PUT_AT_ONCE", 2)
        with desk_with(store, tmp_path, Post()) as (desk, (alert,)):
            with store.write() as session:
                for number in range(4):
                    new = wanted(
                        f"p{number}@kantor.example", min_level=1 + number % 2, language=("id", "en")[number // 2]
                    )
                    subscribed(session, desk.settings, new)
            assert desk.run().sent == 5
            refute(store, alert, DUE + MINUTE)
            writes, retrying = list[object](), store.retrying

            def counted(work: Callable[[Session], int]) -> int:
                writes.append(work)
                return retrying(work)

            monkeypatch.setattr(store, "retrying", counted)
            assert put_corrections(store, desk.settings, DUE + HOUR) == 5
            assert len(writes) == 2 + 3  # four corrections, five readers
            assert desk.run(DUE + HOUR).sent == 5

    def test_corrections_that_fail_hold_up_no_digest(
        self, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object) -> int:
            raise ValueError("of a digest that nobody can read")

        monkeypatch.setattr("waspada.jobs.digest.put_corrections", fail)
        with mail_desk(store, tmp_path, Post()) as desk, digesting(store, desk.settings, Event(), lambda: DUE):
            until(lambda: desk.states == SENT)


def test_no_digest_is_kept_that_nobody_gets(store: Store, tmp_path: Path) -> None:
    """The occasion was dealt with before, by another hour of the same day."""
    with mail_desk(store, tmp_path, Post()) as desk:
        with store.write() as session:
            repository.note_send(session, 1, SendKind.DIGEST, "2024-11-20", day="2024-11-20", now=NOW)
        assert desk.run().sent == 0
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(DigestRow)) == 0
        assert (
            session.scalar(
                select(func.count()).select_from(SubscriptionSendRow).where(SubscriptionSendRow.kind == SendKind.DIGEST)
            )
            == 1
        )
