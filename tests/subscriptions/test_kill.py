"""kill -9 while digests are sent, at any point: nobody gets one twice, and whoever may not have got one is listed."""

from __future__ import annotations

import os
import random
import signal
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest
from aiosmtpd.smtp import Envelope
from sqlalchemy import func, select

from tests.forked import Forked, running
from tests.patience import until
from tests.subscriptions.mailserver import Post, serving
from tests.subscriptions.people import crowd, digest_rows, settings_in
from waspada.store import Store
from waspada.store.tables import SubscriptionRow, SubscriptionSendRow
from waspada.subscriptions.repository import state_of
from waspada.subscriptions.sealing import AddressBook
from waspada.subscriptions.types import SendState, subscription_of

#: Minutes that pass until the next worker starts: the lease of what the killed one held is over then.
_LATER = 11


def _worker(
    url: str, folder: Path, port: int, *, statements: int = 0, minute: int = 0, per_minute: int = 100
) -> AbstractContextManager[Forked]:
    return running("tests.subscriptions.digest_process", url, folder, port, statements, minute, per_minute)


def _finish(process: Forked) -> int:
    ended = process.wait(1_200)
    assert ended.code in (0, -signal.SIGKILL), ended.said
    return ended.code


def _check(store: Store, folder: Path, post: Post, addresses: list[str], kills: int) -> None:
    """Each recipient exactly one; of the uncertain, at most one a kill, at most one."""
    assert set(post.received.values()) == {1}
    assert set(post.received) <= set(addresses)
    rows = digest_rows(store)
    assert {state_of(row) for row in rows} <= {SendState.SENT, SendState.UNCERTAIN}
    uncertain = {_address(store, folder, row.target) for row in rows if state_of(row) is SendState.UNCERTAIN}
    assert len(uncertain) <= kills
    assert set(addresses) - set(post.received) <= uncertain
    assert {row.key for row in rows} == {f"digest/{subscription_of(row.target)}/2024-11-20" for row in rows}
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(SubscriptionSendRow)) == len(addresses) == len(rows)


def _address(store: Store, folder: Path, target: str) -> str:
    with store.read() as session:
        row = session.get_one(SubscriptionRow, subscription_of(target))
        return AddressBook(settings_in(folder).secret_key).open(row)


def _campaign(store: Store, url: str, folder: Path, people: int, kills: int, per_minute: int, seed: int) -> None:
    """Half of the workers die at a random SQL statement, half as the server has a message and answers nothing yet."""
    with store.write() as session:
        addresses = crowd(session, settings_in(folder), people)
    rng, post, minute, died = random.Random(seed), Post(), 0, 0
    with serving(post) as port:
        for number in range(kills):
            if number % 2:
                died += _killed_by_server(url, folder, port, post, rng.randint(1, people // kills), minute, per_minute)
            else:
                at = rng.randint(1, people * 8 // kills)
                with _worker(url, folder, port, statements=at, minute=minute, per_minute=per_minute) as process:
                    died += _finish(process) != 0
            minute += _LATER
            assert set(post.received.values()) <= {1}
        with _worker(url, folder, port, minute=minute, per_minute=per_minute) as process:
            assert _finish(process) == 0
    assert died == kills
    _check(store, folder, post, addresses, kills)


def _killed_by_server(url: str, folder: Path, port: int, post: Post, after: int, minute: int, per_minute: int) -> bool:
    """The worker dies when the server has one more message whole and has not said so."""
    with _worker(url, folder, port, minute=minute, per_minute=per_minute) as process:
        have = len(post.got)

        def kill(_: Envelope) -> None:
            if len(post.got) == have + after:
                os.kill(process.pid, signal.SIGKILL)
                until(lambda: not Path(f"/proc/{process.pid}").exists(), "its death")

        post.on_data = kill
        code = _finish(process)
        post.on_data = lambda _: None
        return code != 0


def test_each_recipient_has_exactly_one_whatever_dies(store: Store, store_url: str, tmp_path: Path) -> None:
    _campaign(store, store_url, tmp_path / "data", people=120, kills=4, per_minute=60, seed=8)


@pytest.mark.full
@pytest.mark.parametrize("dialect", ["sqlite"])
def test_five_thousand_recipients(store: Store, store_url: str, tmp_path: Path) -> None:
    _campaign(store, store_url, tmp_path / "data", people=5_000, kills=6, per_minute=1_000, seed=88)


def test_two_workers_at_once_send_each_digest_once(store: Store, store_url: str, tmp_path: Path) -> None:
    folder, post = tmp_path / "data", Post()
    with store.write() as session:
        addresses = crowd(session, settings_in(folder), 60)
    with serving(post) as port, _worker(store_url, folder, port) as one, _worker(store_url, folder, port) as other:
        assert [_finish(one), _finish(other)] == [0, 0]
    assert set(post.received) == set(addresses)
    _check(store, folder, post, addresses, kills=0)


def test_the_pace_holds_in_every_minute(store: Store, store_url: str, tmp_path: Path) -> None:
    folder, post = tmp_path / "data", Post()
    with store.write() as session:
        crowd(session, settings_in(folder), 50)
    with serving(post) as port, _worker(store_url, folder, port, per_minute=20) as process:
        assert _finish(process) == 0
    tried = sorted(row.tried_at for row in digest_rows(store) if row.tried_at is not None)
    assert len(tried) == 50
    for moment in tried:
        assert sum(moment <= one < moment + timedelta(minutes=1) for one in tried) <= 20
