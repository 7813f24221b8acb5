"""Webhooks, against a real receiver: signed, once, only what a person verified, and let alone when they fail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import delete, select

from tests.api.sample import CLASH, NOW, add_alert, fill
from tests.conftest import REPOSITORY
from tests.webhooks.receiver import Receiver, drip, plain, receiving, signature_fits
from waspada.alerts.service import move
from waspada.alerts.types import AlertState
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.jobs.webhooks import tell_webhooks
from waspada.notify import outbox
from waspada.settings import Settings
from waspada.store import Store
from waspada.store.tables import AlertEventRow, AlertRow, DeliveryRow, WebhookRow
from waspada.webhooks import events, service
from waspada.webhooks.policy import PAUSED_AFTER
from waspada.webhooks.sender import Request, post
from waspada.webhooks.types import DeliveryState, Filter, NewWebhook


class Place:
    """A desk with a webhook, a receiver and a clock."""

    def __init__(self, store: Store, settings: Settings, receiver: Receiver) -> None:
        self.store, self.settings, self.receiver = store, settings, receiver
        self.now = NOW + timedelta(minutes=1)
        self.secret, self.id = "", 0
        with store.write() as session:
            self.alerts = fill(session)

    def add(self, *, internal: bool = False, told_of: Filter | None = None) -> int:
        new = NewWebhook(
            "Posko", self.receiver.url, told_of or Filter(), internal, "Program tim sendiri" if internal else ""
        )
        with self.store.write() as session:
            issued = service.add(
                session, new, installation=self.settings.secret_key, actor="admin-1", now=self.now,
                allowed={self.receiver.host},
            )  # fmt: skip
        self.secret, self.id = issued.secret, issued.webhook.id
        return self.id

    def move(self, alert: str, to: AlertState, **given: Any) -> None:
        self.now += timedelta(seconds=1)
        with self.store.write() as session:
            id_ = self.alerts[alert]
            revision = session.get_one(AlertRow, id_).revision
            move(session, id_, to, actor="liaison-1", revision=revision, now=self.now, **given)

    def run(self) -> outbox.Ran:
        self.now += timedelta(seconds=1)
        return tell_webhooks(self.store, self.settings, lambda: self.now, {self.receiver.host})

    def documents(self) -> list[dict[str, Any]]:
        return [json.loads(got.body) for got in self.receiver.got]

    def row(self) -> WebhookRow:
        with self.store.read() as session:
            return session.get_one(WebhookRow, self.id)


@pytest.fixture
def place(store: Store, tmp_path: Path) -> Iterator[Place]:
    with receiving() as receiver:
        yield Place(store, Settings(data_dir=tmp_path / "settings", base_url="https://waspada.example"), receiver)


def test_only_what_a_person_verified_leaves(place: Place) -> None:
    place.add()
    place.move("clash", AlertState.ACKNOWLEDGED)
    assert place.run().sent == 0
    place.move("clash", AlertState.VERIFIED)
    assert place.run().sent == 2  # that somebody took it in hand may be told now, too
    place.move("clash", AlertState.DISMISSED, reason="not_a_threat")
    assert place.run().sent == 1  # who was warned hears that it was none
    kinds = [(one["type"], one["data"]["change"]["to_state"]) for one in place.documents()]
    assert sorted(kinds) == [
        ("alert.state", "acknowledged"), ("alert.state", "dismissed"), ("alert.state", "verified"),
    ]  # fmt: skip
    assert place.documents()[-1]["data"]["alert"]["verified"] is False
    assert place.run().sent == 0


def test_a_target_of_the_team_is_told_before_and_says_so(place: Place) -> None:
    place.add(internal=True)
    place.move("clash", AlertState.ACKNOWLEDGED)
    assert place.run().sent == 1
    told = place.documents()[0]["data"]["alert"]
    assert (told["verified"], told["caution"]) == (False, "Belum diverifikasi.")


def test_messages_are_signed_masked_and_as_the_schema_says(place: Place) -> None:
    with place.store.write() as session:
        row = session.get_one(AlertRow, place.alerts["clash"])
        row.headline = "Korban bernama Sarwanto Dilaga (17) dipukul di Martapura, hubungi 0812-3456-7890"
    place.add(internal=True)
    place.move("clash", AlertState.ACKNOWLEDGED, note="kata rahasia dari catatan")
    place.run()
    got = place.receiver.got[0]
    assert signature_fits(place.secret, got)
    assert not signature_fits(place.secret, replace(got, body=got.body + b" "))
    assert got.headers["webhook-id"] == f"webhook_{place.id}_{json_event(place)}"
    text = got.body.decode()
    for hidden in ("Sarwanto", "Dilaga", "liaison-1", "catatan"):
        assert hidden not in text
    document = json.loads(text)
    schema = json.loads((REPOSITORY / "docs/contracts/webhook.schema.json").read_text())
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(document)
    assert document["data"]["alert"]["url"] == f"https://waspada.example/alerts/{place.alerts['clash']}"


def json_event(place: Place) -> int:
    with place.store.read() as session:
        return int(session.scalars(select(DeliveryRow.body)).one()["event"])


@pytest.mark.parametrize(
    ("told_of", "count"),
    [
        (Filter(), 1), (Filter(region="63.03"), 1), (Filter(region="63"), 1), (Filter(region="64"), 0),
        (Filter(label="conflict"), 1), (Filter(label="logistics"), 0), (Filter(min_level=3), 1),
        (Filter(state="acknowledged"), 1), (Filter(state="closed"), 0),
    ],
)  # fmt: skip
def test_filters_narrow(place: Place, told_of: Filter, count: int) -> None:
    place.add(internal=True, told_of=told_of)
    place.move("clash", AlertState.ACKNOWLEDGED)
    assert place.run().sent == count


def test_exercises_are_nobodys_news(place: Place) -> None:
    place.add(internal=True)
    with place.store.write() as session:
        session.get_one(AlertRow, place.alerts["clash"]).exercise = True
    place.move("clash", AlertState.ACKNOWLEDGED)
    assert place.run() == outbox.Ran()


def test_what_was_before_it_was_set_up_is_not_told(place: Place) -> None:
    place.move("clash", AlertState.ACKNOWLEDGED)
    place.now += timedelta(seconds=1)
    place.add(internal=True)
    assert place.run().sent == 0


def test_a_new_alert_and_a_higher_level_are_told(place: Place) -> None:
    place.add(internal=True)
    with place.store.write() as session:
        alert_id = add_alert(session, CLASH)
        first = session.scalars(select(AlertEventRow).where(AlertEventRow.alert_id == alert_id)).first()
        assert first is not None
        first.at = place.now + timedelta(seconds=1)
        session.add(
            AlertEventRow(
                alert_id=alert_id, at=place.now, actor="waspada", action="raised", detail={"from": 1, "to": 3}
            )
        )
    place.now += timedelta(seconds=2)
    place.run()
    told = place.documents()
    assert [one["type"] for one in told] == ["alert.opened", "alert.raised"]
    assert told[1]["data"]["change"]["from_level"] == 1


@pytest.mark.parametrize("status", [301, 400, 404, 500, 503])
def test_a_refusal_is_tried_again_with_the_same_id(place: Place, status: int) -> None:
    place.add(internal=True)
    place.receiver.behave = lambda handler: plain(handler, status, b"rahasia", Location=place.receiver.url)
    place.move("clash", AlertState.ACKNOWLEDGED)
    assert place.run().retried == 1
    assert len(place.receiver.got) == 1, "a redirect was followed"
    place.receiver.behave = lambda handler: plain(handler, 200)
    place.now += timedelta(minutes=5)
    assert place.run().sent == 1
    one, two = place.receiver.got
    assert one.headers["webhook-id"] == two.headers["webhook-id"]
    assert one.headers["webhook-timestamp"] != two.headers["webhook-timestamp"]
    with place.store.read() as session:
        (seen,) = service.deliveries(session, place.id)
    assert [(t.outcome, t.status) for t in seen.attempts] == [("sent", 200), ("retry", status)]
    assert "rahasia" not in repr(seen)
    assert place.row().failures == 0


def test_gone_is_given_up(place: Place) -> None:
    place.add(internal=True)
    place.receiver.behave = lambda handler: plain(handler, 410)
    place.move("clash", AlertState.ACKNOWLEDGED)
    assert place.run().given_up == 1


def test_a_receiver_that_asks_for_a_pause_gets_it(place: Place) -> None:
    place.add(internal=True)
    place.receiver.behave = lambda handler: plain(handler, 429, Retry_After="3600")
    place.move("clash", AlertState.ACKNOWLEDGED)
    place.run()
    place.now += timedelta(minutes=50)
    place.run()
    assert len(place.receiver.got) == 1


def test_after_too_many_failures_it_is_paused_and_says_so(place: Place) -> None:
    place.add(internal=True)
    place.receiver.behave = lambda handler: plain(handler, 500)
    place.move("clash", AlertState.ACKNOWLEDGED)
    place.move("hoax", AlertState.ACKNOWLEDGED)
    for _ in range(PAUSED_AFTER):
        place.run()
        place.now += timedelta(hours=2)
    row = place.row()
    assert (row.active, row.failures) == (False, PAUSED_AFTER)
    assert row.paused_at is not None
    count = len(place.receiver.got)
    place.move("logistics", AlertState.CLOSED, reason="resolved")
    place.run()
    assert len(place.receiver.got) == count
    with place.store.write() as session:
        service.resume(session, place.id, now=place.now)
    place.receiver.behave = lambda handler: plain(handler, 200)
    assert place.run().sent == 0, "what happened while it was paused is not told afterwards"
    place.move("hoax", AlertState.VERIFIED)
    assert place.run().sent == 1


def test_a_delivery_that_ended_can_be_sent_again(place: Place) -> None:
    place.add(internal=True)
    place.move("clash", AlertState.ACKNOWLEDGED)
    place.run()
    with place.store.write() as session:
        (first,) = service.deliveries(session, place.id)
        service.redeliver(session, place.id, first.id, now=place.now)
    assert place.run().sent == 1
    one, two = place.receiver.got
    assert one.headers["webhook-id"] == two.headers["webhook-id"]
    with place.store.write() as session:
        waits = service.redeliver(session, place.id, first.id, now=place.now)
        with pytest.raises(ConflictError):
            service.redeliver(session, place.id, waits, now=place.now)
        with pytest.raises(NotFoundError):
            service.redeliver(session, place.id + 1, first.id, now=place.now)


def test_what_was_erased_meanwhile_is_not_sent(place: Place) -> None:
    place.add(internal=True)
    place.move("clash", AlertState.ACKNOWLEDGED)
    events.put_due(place.store, place.now)
    with place.store.write() as session:
        session.execute(delete(AlertEventRow).where(AlertEventRow.alert_id == place.alerts["clash"]))
    assert place.run().given_up == 1
    assert place.receiver.got == []


def test_a_killed_worker_sends_twice_at_most_and_the_receiver_can_tell(place: Place) -> None:
    place.add(internal=True)
    place.move("clash", AlertState.ACKNOWLEDGED)
    events.put_due(place.store, place.now)
    with place.store.write() as session:  # it took the message, sent it, and died
        outbox.take(session, place.now)
    place.now += outbox.LEASE + timedelta(seconds=1)
    assert place.run().sent == 1
    assert place.run().sent == 0


def test_put_twice_by_two_workers_is_sent_once(place: Place) -> None:
    place.add(internal=True)
    place.move("clash", AlertState.ACKNOWLEDGED)
    assert [events.put_due(place.store, place.now) for _ in range(2)] == [1, 0]


def test_an_event_that_commits_late_is_still_told(place: Place) -> None:
    """On PostgreSQL an event with a lower id can appear after one with a higher id."""
    place.add(internal=True)
    with place.store.write() as session:
        newest = session.scalars(select(AlertEventRow.id).order_by(AlertEventRow.id.desc())).first() or 0
        session.add(_acknowledged(place, newest + 2))
    events.put_due(place.store, place.now + timedelta(seconds=1))
    with place.store.write() as session:
        session.get_one(WebhookRow, place.id).seen_event_id = newest + 2
        session.add(_acknowledged(place, newest + 1))
    assert events.put_due(place.store, place.now + timedelta(seconds=2)) == 1


def _acknowledged(place: Place, id_: int) -> AlertEventRow:
    at = place.now + timedelta(milliseconds=id_)
    return AlertEventRow(
        id=id_, alert_id=place.alerts["clash"], at=at, actor="liaison-1", action="moved", from_state="new",
        to_state="acknowledged", detail={},
    )  # fmt: skip


def test_a_test_message_goes_without_any_content(place: Place) -> None:
    place.add()
    with place.store.write() as session:
        service.send_test(session, place.id, now=place.now)
    assert place.run().sent == 1
    assert place.documents()[0]["data"] == {"webhook": place.id}


def test_a_new_secret_ends_the_old_one(place: Place) -> None:
    place.add(internal=True)
    old = place.secret
    with place.store.write() as session:
        new = service.renew_secret(session, place.id, installation=place.settings.secret_key).secret
    place.move("clash", AlertState.ACKNOWLEDGED)
    place.run()
    assert signature_fits(new, place.receiver.got[0])
    assert not signature_fits(old, place.receiver.got[0])
    with place.store.read() as session:
        assert new not in repr([row.__dict__ for row in session.scalars(select(WebhookRow))])


@pytest.mark.parametrize(
    "url",
    [
        "http://waspada-penerima.example/x", "https://127.0.0.1/x", "https://localhost/x", "https://10.0.0.8/x",
        "https://169.254.169.254/latest", "https://[::1]/x", "https://2130706433/x", "ftp://contoh.example/x",
        "https://nama:sandi@contoh.example/x", "https://contoh.example/#x", "https://contoh.example/ x",
        "https://contoh.example/" + "x" * 600, "", "javascript:alert(1)", "https://desk.internal/x",
    ],
)  # fmt: skip
def test_addresses_that_are_refused(store: Store, url: str) -> None:
    with store.write() as session, pytest.raises(InputError):
        service.add(session, NewWebhook("Posko", url, Filter()), installation=b"k" * 32, actor="admin-1", now=NOW)


@pytest.mark.parametrize(
    ("new", "error"),
    [
        (NewWebhook("", "https://contoh.example/x", Filter()), InputError),
        (NewWebhook("Posko", "https://contoh.example/x", Filter(), internal=True), InputError),
        (NewWebhook("Posko", "https://contoh.example/x", Filter(region="99.99")), InputError),
        (NewWebhook("Posko", "https://contoh.example/x", Filter(label="nama orang")), InputError),
        (NewWebhook("Posko", "https://contoh.example/x", Filter(state="apa saja")), InputError),
        (NewWebhook("Posko", "https://contoh.example/x", Filter(region="64")), NotFoundError),
    ],
)
def test_what_does_not_fit_is_refused(store: Store, new: NewWebhook, error: type[Exception]) -> None:
    within = "63" if error is NotFoundError else None
    with store.write() as session, pytest.raises(error):
        service.add(session, new, installation=b"k" * 32, actor="admin-1", now=NOW, within=within)


def _request(url: str) -> Request:
    return Request(url, "webhook_1_1", datetime.fromisoformat("2024-11-20T03:00:00+00:00"), b"{}", "v1,x")


def test_a_name_that_leads_inside_is_never_asked() -> None:
    with receiving() as receiver:
        answer = post(_request(receiver.url))
        assert (answer.status, answer.word) == (None, "retry")
        assert "not a public address" in answer.problem
        assert receiver.got == []


def test_one_that_drips_ends_in_time() -> None:
    with receiving() as receiver:
        receiver.behave = drip(receiver)
        answer = post(_request(receiver.url), {receiver.host}, limit_seconds=0.5)
        assert answer.status is None
        assert answer.word == "retry"


def test_a_huge_answer_is_not_read() -> None:
    with receiving() as receiver:

        def huge(handler: Any) -> None:
            handler.send_response(200)
            handler.send_header("Content-Length", str(10**12))
            handler.end_headers()
            while not receiver.over.is_set():
                handler.wfile.write(b"x" * 65536)

        receiver.behave = huge
        assert post(_request(receiver.url), {receiver.host}).status == 200


def test_hanging_up_and_nonsense_are_answers() -> None:
    with receiving() as receiver:
        receiver.behave = lambda handler: handler.wfile.write(b"\x00\xffnonsense\r\n\r\n")  # type: ignore[assignment]
        assert post(_request(receiver.url), {receiver.host}).word == "retry"
    assert post(_request(receiver.url), {receiver.host}).word == "retry"  # nobody listens there any more


def test_a_sent_delivery_says_so(place: Place) -> None:
    place.add(internal=True)
    place.move("clash", AlertState.ACKNOWLEDGED)
    place.run()
    with place.store.read() as session:
        (seen,) = service.deliveries(session, place.id)
    assert (seen.state, seen.alert_id) == (DeliveryState.SENT, place.alerts["clash"])
