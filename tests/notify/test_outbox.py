"""The outbox: each message once in the table, at least once at the other side, never by two workers at a time."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from waspada.errors import NotFoundError
from waspada.notify.attempts import LONGEST_ASKED_WAIT, LONGEST_WAIT, MAX_ATTEMPTS, next_try
from waspada.notify.messages import Channel, Delivery, GivenUp, Held, Message, Outcome, Retry, Sent, Unknown
from waspada.notify.outbox import (
    LEASE,
    MOST_A_RUN,
    SUBSCRIBERS_A_RUN,
    Ran,
    drop_waiting,
    put,
    run_bulk,
    run_once,
    settle,
    take,
)
from waspada.store import Store
from waspada.store.tables import DeliveryRow

NOW = datetime(2024, 11, 25, 4, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PROGRAM = """
import os, signal, sys
from datetime import datetime
from waspada.notify.outbox import run_once
from waspada.store import open_url

class Killed:
    channel = "mail"
    def send(self, delivery):
        with open(sys.argv[2], "a") as sent:
            sent.write(delivery.key + "\\n")
        os.kill(os.getpid(), signal.SIGKILL)

run_once(open_url(sys.argv[1]), [Killed()], lambda: datetime.fromisoformat(sys.argv[3]))
"""


def message(number: int = 1, **given: Any) -> Message:
    columns: dict[str, Any] = {
        "channel": Channel.MAIL,
        "target": "petugas@kesbang.example",
        "about": f"notice/{number}",
        "body": {"subject": "Peringatan: Kabupaten Banjar", "n": number},
        "key": f"notice/{number}/mail",
        **given,
    }
    return Message(**columns)


@dataclass
class Recorder:
    """A sender that says what the test wants the other side to say, and keeps what it was given."""

    outcome: Outcome | Exception = field(default_factory=Sent)
    channel: str = "mail"
    seen: list[Delivery] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None

    def send(self, delivery: Delivery) -> Outcome:
        self.seen.append(delivery)
        self.meanwhile()
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    @property
    def keys(self) -> list[str]:
        return [one.key for one in self.seen]


def put_all(store: Store, *messages: Message, now: datetime = NOW) -> list[int | None]:
    with store.write() as session:
        return [put(session, one, now=now) for one in messages]


def row(store: Store, id_: int | None) -> DeliveryRow:
    with store.read() as session:
        return session.scalars(select(DeliveryRow).where(DeliveryRow.id == id_)).one()


def run(store: Store, *senders: Recorder, at: datetime = NOW) -> Ran:
    return run_once(store, senders, lambda: at)


class TestNextTry:
    def test_waits_double_up_to_an_hour_and_end(self) -> None:
        waits = [(found - NOW) if (found := next_try(n, "k", NOW)) else None for n in range(1, MAX_ATTEMPTS + 1)]
        whole = [timedelta(seconds=30), *(n * MINUTE for n in (1, 2, 4, 8, 16, 32)), *[LONGEST_WAIT] * 4, None]
        assert len(waits) == len(whole)
        for wait, most in zip(waits, whole, strict=True):
            assert (wait is None) == (most is None)
            assert wait is None or most is None or most * 0.75 <= wait <= most

    @given(st.integers(1, MAX_ATTEMPTS - 1), st.text(), st.timedeltas(timedelta(0), timedelta(days=3)))
    def test_never_before_what_was_asked_and_the_same_each_time(
        self, attempts: int, key: str, asked: timedelta
    ) -> None:
        again = next_try(attempts, key, NOW, asked)
        assert again is not None
        assert again == next_try(attempts, key, NOW, asked)
        assert min(asked, LONGEST_ASKED_WAIT) <= again - NOW <= max(LONGEST_WAIT, LONGEST_ASKED_WAIT)

    def test_what_failed_together_is_not_tried_together(self) -> None:
        assert len({next_try(8, f"notice/{n}", NOW) for n in range(50)}) == 50


class TestMessage:
    @pytest.mark.parametrize("about", ["", "notice", "notice/", "/12", "Notice/1", "notice/1 2", "notice//1", "a/\n"])
    def test_what_it_is_about_is_a_kind_and_an_id(self, about: str) -> None:
        with pytest.raises(ValueError, match="notice/12"):
            message(about=about)

    def test_key_and_target_are_needed(self) -> None:
        for key in ("", "k" * 121):
            with pytest.raises(ValueError, match="key"):
                message(key=key)
        with pytest.raises(ValueError, match="target"):
            message(target="")


class TestPut:
    def test_a_key_is_put_once(self, store: Store) -> None:
        first, second, other = put_all(store, message(), message(body={"other": True}), message(2))
        assert first is not None
        assert second is None
        assert other not in (first, None)
        assert row(store, first).body["n"] == 1

    def test_twice_at_once(self, store: Store) -> None:
        ids: list[int | None] = []

        def one() -> None:
            ids.extend(store.retrying(lambda session: [put(session, message(n), now=NOW) for n in range(1, 21)]))

        threads = [threading.Thread(target=one) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(id_ is not None for id_ in ids) == 20
        assert len(ids) == 40

    def test_what_is_rolled_back_was_never_put(self, store: Store) -> None:
        with store.write() as session:
            assert put(session, message(), now=NOW) is not None
            session.rollback()
        assert put_all(store, message()) != [None]

    def test_a_body_comes_back_whole(self, store: Store) -> None:
        body = {"teks": "Banjir \N{WAVE DASH} \U0001f30a", "n": [1, None, {"a": True}], "panjang": "x" * 200_000}
        put_all(store, message(body=body))
        sender = Recorder()
        assert run(store, sender).sent == 1
        assert sender.seen[0].body == body


class TestTake:
    def test_what_waited_longest_comes_first_and_nothing_before_its_time(self, store: Store) -> None:
        put_all(
            store,
            message(1, due_at=NOW - MINUTE),
            message(2, due_at=NOW + MINUTE),
            message(3, due_at=NOW - 3 * MINUTE),
            message(4),
        )
        with store.write() as session:
            assert [one.about for one in take(session, NOW, 2)] == ["notice/3", "notice/1"]
            assert [one.about for one in take(session, NOW, 9)] == ["notice/4"]
            assert take(session, NOW, 9) == []

    def test_a_lease_ends(self, store: Store) -> None:
        put_all(store, message())
        with store.write() as session:
            (first,) = take(session, NOW)
        assert (first.attempt, first.leased_until) == (1, NOW + LEASE)
        with store.write() as session:
            assert take(session, NOW + LEASE - MINUTE) == []
            assert [one.attempt for one in take(session, NOW + LEASE)] == [2]

    @pytest.mark.parametrize("dialect", ["postgresql"])  # SQLite has one writer by itself
    def test_another_worker_takes_the_next_ones_and_does_not_wait(self, store: Store) -> None:
        put_all(store, *(message(n) for n in range(6)))
        with store.write() as one, store.write() as other:
            mine, others = take(one, NOW, 3), take(other, NOW, 9)
        assert sorted(found.id for found in (*mine, *others)) == sorted({found.id for found in (*mine, *others)})
        assert (len(mine), len(others)) == (3, 3)

    def test_one_that_ends_its_worker_each_time_is_given_up(self, store: Store) -> None:
        (id_,) = put_all(store, message())
        at = NOW
        for attempt in range(1, MAX_ATTEMPTS + 1):
            with store.write() as session:
                assert [one.attempt for one in take(session, at)] == [attempt]
            at += LEASE
        with store.write() as session:
            assert take(session, at) == []
        assert row(store, id_).failed_at == at
        assert "ended while" in row(store, id_).last_problem


class TestSettle:
    def test_sent_once(self, store: Store) -> None:
        (id_,) = put_all(store, message())
        sender = Recorder()
        assert run(store, sender) == Ran(sent=1)
        assert run(store, sender, at=NOW + timedelta(days=1)) == Ran()
        assert (row(store, id_).sent_at, row(store, id_).attempts, len(sender.seen)) == (NOW, 1, 1)

    def test_what_fails_is_tried_again_and_given_up_at_last(self, store: Store) -> None:
        (id_,) = put_all(store, message())
        sender = Recorder(Retry("kotak penuh"))
        at, tries = NOW, 0
        while row(store, id_).failed_at is None:
            at = row(store, id_).next_try_at
            ran = run(store, sender, at=at)
            tries += 1
            assert ran == (Ran(retried=1) if tries < MAX_ATTEMPTS else Ran(given_up=1))
        assert tries == MAX_ATTEMPTS
        assert timedelta(hours=3) < at - NOW < timedelta(hours=6)
        assert row(store, id_).last_problem == "kotak penuh"
        assert run(store, sender, at=at + timedelta(days=9)) == Ran()

    def test_the_other_side_may_ask_for_a_pause(self, store: Store) -> None:
        (id_,) = put_all(store, message())
        run(store, Recorder(Retry("terlalu sering", wait=timedelta(minutes=20))))
        assert row(store, id_).next_try_at == NOW + timedelta(minutes=20)

    def test_given_up_is_not_tried_again(self, store: Store) -> None:
        (id_,) = put_all(store, message())
        assert run(store, Recorder(GivenUp("alamat tidak ada" + "!" * 900))) == Ran(given_up=1)
        assert run(store, Recorder(), at=NOW + timedelta(days=1)) == Ran()
        assert row(store, id_).last_problem.startswith("alamat tidak ada!")
        assert len(row(store, id_).last_problem) == 500

    def test_the_word_of_a_worker_whose_lease_ended_does_not_count_unless_it_sent(self, store: Store) -> None:
        (id_,) = put_all(store, message())
        assert id_ is not None
        with store.write() as session:
            take(session, NOW)
            (second,) = take(session, NOW + LEASE)
            settle(session, id_, GivenUp("terlambat"), NOW + LEASE, attempt=1)
        assert row(store, id_).failed_at is None
        assert row(store, id_).next_try_at == second.leased_until
        with store.write() as session:
            settle(session, id_, GivenUp("ditolak"), NOW + LEASE, attempt=2)
            settle(session, id_, Sent(), NOW + LEASE, attempt=1)
        assert (row(store, id_).sent_at, row(store, id_).failed_at) == (NOW + LEASE, None)

    def test_one_that_was_purged_meanwhile(self, store: Store) -> None:
        with store.write() as session:
            assert settle(session, 999, Sent(), NOW) is None


class TestDropWaiting:
    def test_what_is_about_it_and_below_and_nothing_else(self, store: Store) -> None:
        abouts = ["notice/12", "notice/12/mail", "notice/120", "notice/1", "webhook/12", "notice/1_"]
        ids = put_all(store, *(message(n, about=about) for n, about in enumerate(abouts)))
        with store.write() as session:
            assert drop_waiting(session, "notice/12", NOW) == 2
            assert drop_waiting(session, "notice/12", NOW) == 0
            assert drop_waiting(session, "notice/_", NOW) == 0
        assert [row(store, id_).dropped_at is not None for id_ in ids] == [True, True, False, False, False, False]
        with store.write() as session:
            assert drop_waiting(session, "notice/", NOW) == 3
        assert run(store, Recorder()) == Ran(sent=1)

    def test_what_was_sent_stays_sent(self, store: Store) -> None:
        (id_,) = put_all(store, message())
        run(store, Recorder())
        with store.write() as session:
            assert drop_waiting(session, "notice/1", NOW) == 0
        assert row(store, id_).dropped_at is None

    def test_one_dropped_while_others_are_sent_does_not_go(self, store: Store) -> None:
        put_all(store, message(1, due_at=NOW - MINUTE), message(2))

        def drop() -> None:
            with store.write() as session:
                drop_waiting(session, "notice/2", NOW)

        sender = Recorder(meanwhile=drop)
        assert run(store, sender) == Ran(sent=1)
        assert sender.keys == ["notice/1/mail"]

    def test_one_dropped_while_it_is_sent_counts_as_sent(self, store: Store) -> None:
        (id_,) = put_all(store, message())

        def drop() -> None:
            with store.write() as session:
                assert drop_waiting(session, "notice/1", NOW) == 1

        assert run(store, Recorder(meanwhile=drop)) == Ran(sent=1)
        assert (row(store, id_).sent_at, row(store, id_).dropped_at) == (NOW, None)


class TestRunOnce:
    def test_each_channel_has_its_sender_and_the_rest_waits(self, store: Store) -> None:
        ids = put_all(
            store, message(1), message(2, channel=Channel.WEBHOOK), message(3), message(4, channel=Channel.PUSH)
        )
        with store.write() as session:
            session.execute(update(DeliveryRow).where(DeliveryRow.id == ids[0]).values(channel="pigeon"))
        mail, webhook = Recorder(), Recorder(channel="webhook")
        assert run(store, mail, webhook) == Ran(sent=2, unsent=2)
        assert (mail.keys, webhook.keys) == (["notice/3/mail"], ["notice/2/mail"])
        assert (row(store, ids[0]).attempts, row(store, ids[0]).failed_at) == (0, None)
        assert run(store, at=NOW) == Ran(unsent=2)

    @pytest.mark.parametrize("error", [RuntimeError("isi rahasia"), KeyError("isi rahasia"), OSError("isi rahasia")])
    def test_a_sender_that_fails_stops_nobody_and_tells_nothing_of_the_body(
        self, store: Store, error: Exception, caplog: pytest.LogCaptureFixture
    ) -> None:
        ids = put_all(store, message(1), message(2, channel=Channel.TELEGRAM))
        assert run(store, Recorder(error), Recorder(channel="telegram")) == Ran(sent=1, retried=1)
        assert row(store, ids[0]).last_problem == f"The sender failed ({type(error).__name__})."
        assert "rahasia" not in caplog.text

    def test_an_error_of_this_product_is_told(self, store: Store) -> None:
        (id_,) = put_all(store, message())
        run(store, Recorder(NotFoundError("Webhook 4 is gone.", hint="Add it again.")))
        assert row(store, id_).last_problem == "Webhook 4 is gone. Add it again."

    def test_no_transaction_is_open_while_it_sends(self, store: Store, another_store: Callable[[], Store]) -> None:
        put_all(store, message())
        other = another_store()  # waits 0.2 seconds for a lock

        def put_another() -> None:
            put_all(other, message(7), now=NOW + MINUTE)

        assert run(store, Recorder(meanwhile=put_another)).sent == 1
        assert run(store, Recorder(), at=NOW + MINUTE).sent == 1

    def test_a_slow_one_uses_up_its_own_lease_only(self, store: Store) -> None:
        put_all(store, message(1, due_at=NOW - MINUTE), message(2))
        clock = [NOW]

        def slow() -> None:
            clock[0] += LEASE

        sender = Recorder(meanwhile=slow)
        assert run_once(store, [sender], lambda: clock[0]).sent == 1
        assert run_once(store, [sender], lambda: clock[0]).sent == 1
        assert sender.keys == ["notice/1/mail", "notice/2/mail"]

    def test_a_flood_is_sent_in_runs(self, store: Store) -> None:
        put_all(store, *(message(n) for n in range(MOST_A_RUN + 5)))
        sender = Recorder()
        assert [run(store, sender).sent for _ in range(3)] == [MOST_A_RUN, 5, 0]
        assert max(Counter(sender.keys).values()) == 1

    def test_a_thousand_who_are_asked_to_confirm_stand_before_no_call(self, store: Store) -> None:
        asked = [message(n, target=f"subscription/{n}", due_at=NOW - 60 * MINUTE) for n in range(30)]
        put_all(store, *asked, *(message(n) for n in range(100, 112)))
        sender = Recorder()
        assert run(store, sender).sent == 12 + SUBSCRIBERS_A_RUN
        assert sender.keys == [f"notice/{n}/mail" for n in (*range(100, 112), *range(SUBSCRIBERS_A_RUN))]
        put_all(store, message(200))  # called while they wait
        assert run(store, sender).sent == 1 + SUBSCRIBERS_A_RUN
        assert sender.keys[12 + SUBSCRIBERS_A_RUN] == "notice/200/mail"
        while run(store, sender).sent:
            pass
        assert len(set(sender.keys)) == len(sender.keys) == 43

    def test_two_workers_send_each_once(self, store: Store, another_store: Callable[[], Store]) -> None:
        put_all(store, *(message(n) for n in range(60)))
        sender = Recorder()
        begin = threading.Barrier(2)
        failed: list[BaseException] = []

        def work(of: Store) -> None:
            begin.wait()
            try:
                run_once(of, [sender], lambda: NOW)
            except BaseException as error:
                failed.append(error)
                raise

        threads = [threading.Thread(target=work, args=(of,)) for of in (store, another_store())]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []
        assert sorted(sender.keys) == sorted(f"notice/{n}/mail" for n in range(60))

    def test_killed_between_sending_and_noting_it_sends_a_second_time_and_no_third(
        self, store: Store, store_url: str, tmp_path: Path
    ) -> None:
        put_all(store, message())
        file = tmp_path / "sent"
        worker = [sys.executable, "-c", PROGRAM, store_url, str(file), NOW.isoformat()]
        assert subprocess.run(worker, timeout=60, check=False).returncode == -9
        again = Recorder()
        assert run(store, again, at=NOW + LEASE - MINUTE) == Ran()
        assert run(store, again, at=NOW + LEASE) == Ran(sent=1)
        assert run(store, again, at=NOW + 9 * LEASE) == Ran()
        assert file.read_text().split() + again.keys == ["notice/1/mail", "notice/1/mail"]


class TestBulk:
    """Digests: a run and a pace of their own, and handed over once."""

    def run(self, store: Store, sender: Any, at: datetime = NOW, **given: Any) -> Ran:
        known: dict[str, Any] = {"prepare": lambda delivery: delivery, "pace": {"mail": 100}, **given}
        return run_bulk(store, [sender], lambda: at, **known)

    def test_what_is_urgent_waits_behind_none_of_them(self, store: Store) -> None:
        put_all(store, *(message(n, bulk=True) for n in range(30)), message(99))
        urgent, many = Recorder(), Recorder()
        assert run(store, urgent).sent == 1
        assert urgent.keys == ["notice/99/mail"]
        assert self.run(store, many).sent == 30

    def test_so_many_a_minute_whatever_becomes_of_them(self, store: Store) -> None:
        put_all(store, *(message(n, bulk=True) for n in range(30)))
        sender = Recorder(Retry("later"))
        counts = [self.run(store, sender, NOW + n * MINUTE / 2, pace={"mail": 12}).retried for n in range(4)]
        assert counts == [12, 0, 12, 0]

    def test_one_that_was_handed_over_is_not_sent_again(self, store: Store) -> None:
        (id_,) = put_all(store, message(bulk=True))

        class Dies(Recorder):
            def send(self, delivery: Delivery) -> Outcome:
                delivery.handing()
                raise KeyboardInterrupt  # as a kill: nothing is noted after it

        with pytest.raises(KeyboardInterrupt):
            self.run(store, Dies())
        again = Recorder()
        for later in (MINUTE, LEASE + MINUTE, 2 * LEASE):
            assert self.run(store, again, NOW + later).sent == 0
        assert again.seen == []
        found = row(store, id_)
        assert found.failed_at is not None
        assert found.handed_at == NOW

    def test_one_that_was_not_is(self, store: Store) -> None:
        put_all(store, message(bulk=True))

        class Dies(Recorder):
            def send(self, delivery: Delivery) -> Outcome:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            self.run(store, Dies())
        assert self.run(store, Recorder(), NOW + LEASE).sent == 1

    def test_the_last_look_is_at_the_handing_over(self, store: Store) -> None:
        (id_,) = put_all(store, message(bulk=True))
        handed: list[str] = []

        class Slow(Recorder):
            def send(self, delivery: Delivery) -> Outcome:
                with store.write() as session:
                    drop_waiting(session, "notice/1", NOW)
                delivery.handing()
                handed.append(delivery.key)
                return Sent()

        self.run(store, Slow())
        assert handed == []
        assert row(store, id_).dropped_at == NOW

    def test_a_lease_that_ends_before_the_handing_over_costs_a_try_and_not_the_message(self, store: Store) -> None:
        (id_,) = put_all(store, message(bulk=True))
        clock, handed = [NOW], list[str]()

        class Slow(Recorder):
            def send(self, delivery: Delivery) -> Outcome:
                clock[0] = NOW + LEASE
                delivery.handing()
                handed.append(delivery.key)
                return Sent()

        run_bulk(store, [Slow()], lambda: clock[0], lambda whole: whole, {"mail": 100})
        assert handed == []
        assert row(store, id_).failed_at is None
        assert self.run(store, Recorder(), NOW + 2 * LEASE).sent == 1

    @pytest.mark.parametrize("error", [RuntimeError("x"), NotFoundError("Gone.", hint="Look.")])
    @pytest.mark.parametrize("is_handed", [True, False])
    def test_a_sender_that_fails_after_the_handing_over_may_have_sent(
        self, store: Store, error: Exception, is_handed: bool
    ) -> None:
        (id_,) = put_all(store, message(bulk=True))

        class Fails(Recorder):
            def send(self, delivery: Delivery) -> Outcome:
                if is_handed:
                    delivery.handing()
                raise error

        self.run(store, Fails())
        assert (row(store, id_).failed_at is not None, row(store, id_).handed_at is not None) == (is_handed, is_handed)
        assert self.run(store, Recorder(), NOW + LEASE).sent == (0 if is_handed else 1)

    @pytest.mark.parametrize(("bulk", "failed"), [(True, True), (False, False)])
    def test_no_answer_is_an_end_for_digests_alone(self, store: Store, bulk: bool, failed: bool) -> None:
        (id_,) = put_all(store, message(bulk=bulk))
        sender = Recorder(Unknown("no answer"))
        _ = self.run(store, sender) if bulk else run(store, sender)
        assert (row(store, id_).failed_at is not None) is failed

    def test_one_that_is_held_costs_no_try(self, store: Store) -> None:
        (id_,) = put_all(store, message(bulk=True))
        assert self.run(store, Recorder(), prepare=lambda _: Held(NOW + 3 * MINUTE)).held == 1
        assert (row(store, id_).attempts, row(store, id_).next_try_at) == (0, NOW + 3 * MINUTE)
        assert self.run(store, Recorder(), NOW + 3 * MINUTE).sent == 1

    def test_what_a_stopping_worker_did_not_begin_is_free_at_once(self, store: Store) -> None:
        put_all(store, *(message(n, bulk=True) for n in range(5)))
        sender = Recorder()
        assert self.run(store, sender, stopping=lambda: len(sender.seen) >= 2).sent == 2
        assert self.run(store, sender).sent == 3
