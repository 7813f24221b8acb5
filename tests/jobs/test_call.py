"""From a ready notice to a person: who is called, who next, and that nothing is lost or doubled; on both databases."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from tests.api.sample import CLASH, NOW, Sample, add_alert
from tests.jobs.calling import MINUTE, Recorder, add_person, calls, deliveries, link_word, on_duty, settings_in
from tests.jobs.test_notify import FLOOD
from tests.killed import run_module
from waspada.errors import NotFoundError
from waspada.jobs.call import call_due
from waspada.jobs.erase import Cause, erase_items
from waspada.jobs.messages import one_round
from waspada.jobs.notify import notify_due
from waspada.notify.calls import repository, service
from waspada.notify.calls.links import GOOD_FOR, LinkSigner
from waspada.notify.messages import Channel, GivenUp, Retry, Sent
from waspada.settings import Settings
from waspada.store import Store
from waspada.store.tables import (
    AlertEventRow,
    AlertRow,
    CallNoticeRow,
    NoticeRow,
    RejectRow,
    StoryItemRow,
    StoryRow,
    UserRow,
)

WAIT = timedelta(minutes=10)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path / "desk")


def fill(store: Store, settings: Settings, *samples: Sample) -> list[int]:
    """Stores alerts and decides their notices."""
    with store.write() as session:
        ids = [add_alert(session, sample) for sample in samples]
    notify_due(store, settings, NOW)
    return ids


def people(store: Store, settings: Settings, *names: str, duty: bool = True) -> list[int]:
    """Accounts on duty in this order, each with a mail address."""
    with store.write() as session:
        ids = [add_person(session, settings, name, Channel.MAIL) for name in names]
        for position, id_ in enumerate(ids, 1):
            if duty:
                on_duty(session, id_, position)
    return ids


def answer(store: Store, settings: Settings, number: int, now: datetime) -> service.Answered:
    """Uses the link of a call, as its page does."""
    row = calls(store)[number]
    with store.write() as session:
        found = service.open_link(session, LinkSigner(settings.secret_key), link_word(settings, row, row.made_at), now)
        return service.answer(session, found.call.id, by=found.user, region=found.region, now=now)


def state_of(store: Store, alert_id: int) -> tuple[str, str | None]:
    with store.read() as session:
        row = session.get_one(AlertRow, alert_id)
        return row.state, row.owner


def test_level_3_reaches_who_is_on_duty_first(store: Store, settings: Settings) -> None:
    first, _ = people(store, settings, "ana", "budi")
    (alert_id,) = fill(store, settings, CLASH)
    mail = Recorder()
    one_round(store, settings, [mail], lambda: NOW + 3 * timedelta(seconds=1))
    (call,) = calls(store)
    assert (call.user_id, call.how, call.step, call.level) == (first, "rota", 1, 3)
    assert call.sent_at is not None
    assert call.sent_at - call.ready_at < MINUTE
    (sent,) = mail.seen
    assert sent.body["subject"].startswith("Waspada tingkat 3: Martapura, Kabupaten Banjar: Massa dua kubu")
    assert f"https://waspada.example/alerts/{alert_id}" in sent.body["text"]
    assert "Belum diverifikasi" in sent.body["text"]
    assert sent.target.startswith("contact/")
    assert call_due(store, settings, NOW + 5 * MINUTE) == 0


def test_nothing_is_called_while_nobody_proved_a_contact(store: Store, settings: Settings) -> None:
    with store.write() as session:
        on_duty(session, add_person(session, settings, "ana"))
    fill(store, settings, CLASH)
    assert call_due(store, settings, NOW) == 0
    assert calls(store) == []


def test_nothing_is_called_without_a_channel(store: Store, tmp_path: Path) -> None:
    bare = settings_in(tmp_path, mail_url=None, telegram_token=None)
    people(store, bare, "ana")
    fill(store, bare, CLASH)
    assert call_due(store, bare, NOW) == 0


def test_silence_goes_along_the_rota_then_to_everybody_and_is_kept(store: Store, settings: Settings) -> None:
    ids = people(store, settings, "ana", "budi")
    rest = people(store, settings, "citra", "dewi", duty=False)
    fill(store, settings, CLASH)
    mail = Recorder()
    for minutes in range(40):
        one_round(store, settings, [mail], lambda at=NOW + minutes * MINUTE: at)  # type: ignore[misc]
    rows = calls(store)
    assert [(row.user_id, row.how, row.step) for row in rows] == [
        (ids[0], "rota", 1), (ids[1], "rota", 2), (rest[0], "everybody", 3), (rest[1], "everybody", 3)
    ]  # fmt: skip
    assert [row.made_at - NOW for row in rows] == [0 * WAIT, WAIT, 2 * WAIT, 2 * WAIT]
    assert [row.escalated_to for row in rows] == [rows[1].id, rows[2].id, None, None]
    assert {row.end_reason for row in rows} == {"silent"}
    assert len(mail.seen) == 4
    with store.read() as session:
        (kept,) = session.scalars(select(RejectRow))
        assert (kept.stage, kept.object) == ("call", f"call {rows[0].id}")


def test_a_desk_without_a_rota_falls_back_to_everybody_marked(store: Store, settings: Settings) -> None:
    people(store, settings, "ana", "budi", duty=False)
    fill(store, settings, CLASH)
    mail = Recorder()
    one_round(store, settings, [mail], lambda: NOW)
    assert [row.how for row in calls(store)] == ["fallback", "fallback"]
    assert all("Tidak ada yang terjadwal jaga" in sent.body["text"] for sent in mail.seen)


def test_who_cannot_be_reached_is_passed_over_at_once(store: Store, settings: Settings) -> None:
    with store.write() as session:
        mute = add_person(session, settings, "tanpa-saluran")
        on_duty(session, mute)
        second = add_person(session, settings, "budi", Channel.MAIL)
        on_duty(session, second, 2)
    fill(store, settings, CLASH)
    call_due(store, settings, NOW)
    assert [row.user_id for row in calls(store)] == [second]


def test_what_no_channel_takes_goes_on_at_once(store: Store, settings: Settings) -> None:
    _, second = people(store, settings, "ana", "budi")
    fill(store, settings, CLASH)
    refusing, taking = Recorder(outcome=GivenUp("The mailbox is refused (550).")), Recorder()
    one_round(store, settings, [refusing], lambda: NOW)
    one_round(store, settings, [taking], lambda: NOW + MINUTE)
    rows = calls(store)
    assert [row.user_id for row in rows][1:] == [second]
    assert (rows[0].problem, rows[0].sent_at) == ("The mailbox is refused (550).", None)
    assert rows[1].sent_at == NOW + MINUTE


def test_a_call_that_waits_while_its_words_are_erased_reaches_the_same_person_in_others(
    store: Store, settings: Settings
) -> None:
    ana, _ = people(store, settings, "ana", "budi")
    (alert_id,) = fill(store, settings, CLASH)
    mail = Recorder(outcome=Retry("busy"))
    one_round(store, settings, [mail], lambda: NOW)
    assert CLASH.headline in mail.seen[0].body["text"]
    with store.write() as session:
        of_story = select(StoryItemRow.item_id).join(AlertRow, AlertRow.story_id == StoryItemRow.story_id)
        gone = session.scalars(of_story.where(AlertRow.id == alert_id)).all()
        erase_items(session, gone, NOW + MINUTE, cause=Cause.REQUEST)
    assert deliveries(store) == []
    mail.outcome = Sent()
    one_round(store, settings, [mail], lambda: NOW + MINUTE)
    assert CLASH.headline not in mail.seen[-1].body["text"]
    assert len(mail.seen) == 2
    (call,) = calls(store)
    one_round(store, settings, [mail], lambda: NOW + 2 * MINUTE)
    assert (len(mail.seen), call.user_id) == (2, ana)


def test_a_retried_message_is_not_taken_for_sent(store: Store, settings: Settings) -> None:
    people(store, settings, "ana")
    fill(store, settings, CLASH)
    one_round(store, settings, [Recorder(outcome=Retry("busy"))], lambda: NOW)
    (row,) = calls(store)
    assert (row.sent_at, row.failed_at) == (None, None)


def test_level_3_rings_on_every_channel_and_level_2_on_the_first(store: Store, settings: Settings) -> None:
    with store.write() as session:
        on_duty(session, add_person(session, settings, "ana", Channel.TELEGRAM, Channel.MAIL))
    fill(store, settings, CLASH)
    call_due(store, settings, NOW)
    assert Counter(row.channel for row in deliveries(store)) == {"telegram": 1, "mail": 1}
    fill(store, settings, FLOOD)
    with store.write() as session:  # the cap of the desk is not what is looked at here
        session.execute(update(NoticeRow).values(ready_at=NOW))
    call_due(store, settings, NOW + MINUTE)
    assert Counter(row.channel for row in deliveries(store)) == {"telegram": 2, "mail": 1}


def test_what_is_ready_together_is_one_message(store: Store, settings: Settings) -> None:
    people(store, settings, "ana")
    ids = fill(store, settings, CLASH, replace(CLASH, headline="Kantor dirusak massa", regions=["63.07"]))
    mail = Recorder()
    one_round(store, settings, [mail], lambda: NOW)
    (call,) = calls(store)
    (sent,) = mail.seen
    assert "(+1)" in sent.body["subject"]
    assert "Kantor dirusak massa" in sent.body["text"]
    answer(store, settings, 0, NOW + MINUTE)
    assert [state_of(store, id_) for id_ in ids] == [("acknowledged", "ana")] * 2
    assert call.level == 3


def test_level_2_is_told_and_never_escalates(store: Store, settings: Settings) -> None:
    people(store, settings, "ana", "budi")
    fill(store, settings, FLOOD)
    mail = Recorder()
    for minutes in range(0, 60, 5):
        one_round(store, settings, [mail], lambda at=NOW + minutes * MINUTE: at)  # type: ignore[misc]
    assert [(row.step, row.end_reason) for row in calls(store)] == [(1, "told")]
    assert "petugas berikutnya" not in mail.seen[0].body["text"]


def test_an_account_is_interrupted_twice_a_shift_and_hears_what_was_held(store: Store, settings: Settings) -> None:
    generous = settings.model_copy(update={"notify_per_shift": 2})
    (ana,) = people(store, settings, "ana")
    with store.write() as session:
        for n in range(3):
            id_ = add_alert(session, replace(FLOOD, headline=f"Banjir ke-{n}"))
            session.add(_notice(id_, n, level=2))
    for minute in range(3):
        with store.write() as session:
            session.execute(
                update(NoticeRow).where(NoticeRow.number == minute + 1).values(ready_at=NOW + minute * MINUTE)
            )
        call_due(store, generous, NOW + minute * MINUTE)
    rows = calls(store)
    assert [(row.user_id, row.held_at is not None, row.end_reason) for row in rows][2] == (ana, True, "cap")
    assert len(deliveries(store)) == 2
    with store.write() as session:
        id_ = add_alert(session, CLASH)
        notice = _notice(id_, 3, level=3)
        notice.ready_at = NOW + 4 * MINUTE
        session.add(notice)
    call_due(store, generous, NOW + 4 * MINUTE)  # level 3 is held from nobody
    last = deliveries(store)[-1]
    assert "yang ditahan dalam giliran ini: 1" in last.body["text"]


def _notice(alert_id: int, number: int, level: int) -> NoticeRow:
    facts = {"level": level, "labels": ["disaster"], "places": ["63.07"], "outlets": 1, "texts": 1, "changes": []}
    return NoticeRow(
        alert_id=alert_id, desk="63", number=number + 1, kind="first", revision=1, facts=facts, due_at=NOW, held_by=""
    )


def test_an_answer_by_the_link_ends_the_chain_and_takes_the_alert(store: Store, settings: Settings) -> None:
    people(store, settings, "ana", "budi")
    (alert_id,) = fill(store, settings, CLASH)
    mail = Recorder()
    one_round(store, settings, [mail], lambda: NOW)
    done = answer(store, settings, 0, NOW + 2 * MINUTE)
    assert (done.by, done.is_first, [one.alert_id for one in done.moved]) == ("ana", True, [alert_id])
    assert state_of(store, alert_id) == ("acknowledged", "ana")
    again = answer(store, settings, 0, NOW + 3 * MINUTE)
    assert (again.is_first, again.by, again.at, again.moved) == (False, "ana", NOW + 2 * MINUTE, ())
    for minutes in (5, 15, 30):
        one_round(store, settings, [mail], lambda at=NOW + minutes * MINUTE: at)  # type: ignore[misc]
    assert len(mail.seen) == 1
    with store.read() as session:
        lines = session.scalars(select(AlertEventRow).where(AlertEventRow.alert_id == alert_id)).all()
        assert [line.actor for line in lines if line.to_state == "acknowledged"] == ["ana"]


def test_the_first_on_the_rota_may_answer_late(store: Store, settings: Settings) -> None:
    people(store, settings, "ana", "budi")
    (alert_id,) = fill(store, settings, CLASH)
    call_due(store, settings, NOW)
    call_due(store, settings, NOW + WAIT)
    assert len(calls(store)) == 2
    answer(store, settings, 0, NOW + WAIT + MINUTE)
    assert state_of(store, alert_id) == ("acknowledged", "ana")
    assert {row.end_reason for row in calls(store)} == {"acknowledged"}
    assert answer(store, settings, 1, NOW + WAIT + 2 * MINUTE).by == "ana"


def test_who_took_it_in_the_console_ends_the_calls(store: Store, settings: Settings) -> None:
    people(store, settings, "ana", "budi")
    fill(store, settings, CLASH)
    call_due(store, settings, NOW)
    with store.write() as session:
        session.execute(update(AlertRow).values(state="acknowledged", owner="dewi"))
    call_due(store, settings, NOW + MINUTE)
    (row,) = calls(store)
    assert row.end_reason == "taken"
    assert [one.dropped_at for one in deliveries(store)] == [NOW + MINUTE]
    mail = Recorder()
    one_round(store, settings, [mail], lambda: NOW + WAIT)
    assert mail.seen == []


@pytest.mark.parametrize("change", ["closed", "other-role", "other-region", "late", "forged", "other-account"])
def test_a_link_that_is_not_good_opens_nothing(store: Store, settings: Settings, change: str) -> None:
    ana, budi = people(store, settings, "ana", "budi")
    fill(store, settings, CLASH)
    call_due(store, settings, NOW)
    (row,) = calls(store)
    signer = LinkSigner(settings.secret_key)
    word, now = signer.word(row.id, ana, NOW), NOW + MINUTE
    columns: dict[str, dict[str, object]] = {
        "closed": {"active": False},
        "other-role": {"role": "operator"},
        "other-region": {"region": "64"},
    }
    if change in columns:
        with store.write() as session:
            session.execute(update(UserRow).where(UserRow.id == ana).values(**columns[change]))
    now = NOW + GOOD_FOR if change == "late" else now
    word = LinkSigner(b"x" * 32).word(row.id, ana, NOW) if change == "forged" else word
    word = signer.word(row.id, budi, NOW) if change == "other-account" else word
    with store.read() as session, pytest.raises(NotFoundError, match="This link is not valid"):
        service.open_link(session, signer, word, now)


def test_a_merged_alert_is_taken_where_it_went(store: Store, settings: Settings) -> None:
    people(store, settings, "ana")
    first, second = fill(store, settings, CLASH, replace(CLASH, headline="Rapat ricuh"))
    call_due(store, settings, NOW)
    with store.write() as session:
        into = session.get_one(AlertRow, second).story_id
        session.execute(
            update(StoryRow).where(StoryRow.id == session.get_one(AlertRow, first).story_id).values(merged_into=into)
        )
    assert call_due(store, settings, NOW + WAIT - MINUTE) == 0
    answer(store, settings, 0, NOW + MINUTE)
    assert state_of(store, second) == ("acknowledged", "ana")
    assert state_of(store, first)[0] == "new"


def test_who_took_the_alert_that_it_was_merged_into_ends_the_calls(store: Store, settings: Settings) -> None:
    people(store, settings, "ana", "budi")
    (first,) = fill(store, settings, CLASH)
    call_due(store, settings, NOW)
    with store.write() as session:
        second = add_alert(session, replace(CLASH, headline="Rapat ricuh", state="acknowledged"))
        into = session.get_one(AlertRow, second).story_id
        session.execute(
            update(StoryRow).where(StoryRow.id == session.get_one(AlertRow, first).story_id).values(merged_into=into)
        )
    call_due(store, settings, NOW + WAIT)
    assert [row.end_reason for row in calls(store)] == ["taken"]


def test_after_an_outage_only_what_is_fresh_interrupts(store: Store, settings: Settings) -> None:
    people(store, settings, "ana")
    fill(store, settings, CLASH)
    assert call_due(store, settings, NOW + repository.FRESH) == 0


def test_nobody_reachable_is_written_down_once(store: Store, settings: Settings) -> None:
    with store.write() as session:
        add_person(session, settings, "jauh", Channel.MAIL, region="64")
    fill(store, settings, CLASH)
    for minutes in (0, 1, 20):
        call_due(store, settings, NOW + minutes * MINUTE)
    rows = [row for row in calls(store) if row.desk == "63"]
    assert [(row.how, row.user_id, row.end_reason) for row in rows] == [("nobody", None, "failed")]
    with store.read() as session:
        assert [row.stage for row in session.scalars(select(RejectRow))] == ["call"]


def test_two_workers_make_one_call(store: Store, settings: Settings) -> None:
    people(store, settings, "ana", "budi")
    fill(store, settings, CLASH)
    for at in (NOW, NOW + WAIT):
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _, at=at: call_due(store, settings, at), range(4)))
    assert [row.step for row in calls(store)] == [1, 2]
    assert len(deliveries(store)) == 2


def test_two_who_answer_at_once_are_one_answer(store: Store, settings: Settings) -> None:
    people(store, settings, "ana", "budi")
    (alert_id,) = fill(store, settings, CLASH)
    call_due(store, settings, NOW)
    call_due(store, settings, NOW + WAIT)
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda n: answer(store, settings, n, NOW + WAIT + MINUTE), (0, 1)))
    assert sorted(one.is_first for one in found) == [False, True]
    assert len({one.by for one in found}) == 1
    assert state_of(store, alert_id)[1] == found[0].by


def test_killed_at_any_moment_every_call_is_made_once(store: Store, store_url: str, settings: Settings) -> None:
    people(store, settings, "ana", "budi")
    fill(store, settings, CLASH, FLOOD)
    code, said = run_module("tests.jobs.call_process", store_url, settings.data_dir, 0, 1)
    assert code == 0, said
    rng = random.Random(7)
    for _ in range(4):
        run_module("tests.jobs.call_process", store_url, settings.data_dir, rng.randint(1, 60), 30)
    code, said = run_module("tests.jobs.call_process", store_url, settings.data_dir, 0, 30)
    assert code == 0, said
    rows = calls(store)
    assert sorted(Counter((row.chain_id, row.step) for row in rows).values())[-1] == 1
    assert [row.step for row in rows if row.level == 3] == [1, 2]
    with store.read() as session:
        told = session.scalars(select(CallNoticeRow.notice_id).join(AlertRow, AlertRow.id == CallNoticeRow.alert_id))
        assert len(told.all()) >= 2
    keys = [row.key for row in deliveries(store)]
    assert len(keys) == len(set(keys)) == len(rows)
