"""The messenger beside the worker: it sends while the worker is busy, goes on after a trouble, and ends when told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy.orm import Session

from tests.api.sample import CLASH, NOW, add_alert
from tests.jobs.calling import Recorder, add_person, calls, on_duty, settings_in
from tests.notify.senders.test_mail import Mailbox, Start, start
from tests.patience import until
from waspada.errors import StoreBusyError
from waspada.jobs import beside
from waspada.jobs.messages import messenger, one_round
from waspada.jobs.notify import notify_due
from waspada.notify.messages import Channel
from waspada.settings import Settings
from waspada.store import Store

__all__ = ["start"]  # the fixture of a mail server
T = TypeVar("T")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path / "desk")


def ready(store: Store, settings: Settings) -> None:
    """An alert of level 3 whose notice is ready, and somebody on duty."""
    with store.write() as session:
        add_alert(session, CLASH)
        on_duty(session, add_person(session, settings, "ana", Channel.MAIL))
    notify_due(store, settings, NOW)


def test_a_level_3_alert_is_in_the_mailbox_while_the_worker_does_something_else(
    store: Store, tmp_path: Path, start: Start
) -> None:
    box = Mailbox()
    sender, _ = start(box, "")
    settings = settings_in(tmp_path / "desk", mail_url=f"smtp://127.0.0.1:{sender._port}", telegram_token=None)
    ready(store, settings)
    with messenger(store, settings, threading.Event(), lambda: NOW):
        until(lambda: bool(calls(store)) and calls(store)[0].sent_at is not None, "the call was sent and noted")
    (mail,) = box.mails
    assert mail["To"] == "ana@kesbang.example"
    assert [thread.name for thread in threading.enumerate() if thread.name == "messenger"] == []


def test_it_does_not_run_without_a_channel(store: Store, tmp_path: Path) -> None:
    with messenger(store, settings_in(tmp_path, mail_url=None, telegram_token=None), threading.Event(), lambda: NOW):
        assert [thread.name for thread in threading.enumerate() if thread.name == "messenger"] == []


def test_it_ends_with_the_worker(store: Store, settings: Settings) -> None:
    stop = threading.Event()
    with messenger(store, settings, stop, lambda: NOW):
        running = [thread for thread in threading.enumerate() if thread.name == "messenger"]
        stop.set()
        until(lambda: not running[0].is_alive(), "the thread ended")


class Troubled(Store):
    """A store that is locked at the first two looks, and fails in an unknown way at the third."""

    def __init__(self, store: Store) -> None:
        super().__init__(store.engine)
        self.looks = 0

    def retrying(self, work: Callable[[Session], T], *, attempts: int = 5, pause_seconds: float = 0.2) -> T:
        self.looks += 1
        if self.looks <= 2:
            raise StoreBusyError("The database is locked by another process.")
        if self.looks == 3:
            raise RuntimeError("rahasia: kata dari sebuah butir")
        return super().retrying(work, attempts=attempts, pause_seconds=pause_seconds)


def test_it_goes_on_after_troubles_and_says_them_without_words(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(beside, "MAX_PAUSE_SECONDS", 0.01)
    ready(store, settings)
    mail, stop = Recorder(), threading.Event()
    troubled = Troubled(store)

    def round_of_it(_stop: threading.Event) -> None:
        one_round(troubled, settings, [mail], lambda: NOW)

    thread = threading.Thread(target=beside.keep_going, args=("messenger", round_of_it, stop, 0.01))
    thread.start()
    until(lambda: bool(mail.seen), "the message was sent")
    stop.set()
    thread.join()
    assert len(mail.seen) == 1
    assert "locked" in caplog.text
    assert "RuntimeError" in caplog.text
    assert "rahasia" not in caplog.text
