"""The stream of changes: what it tells and to whom, how it resumes and ends, and that it holds no shutdown up."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text, update

from api import live, middleware
from api.server import Server
from api.v1 import stream
from tests.api.conftest import Desk
from tests.api.sample import CLASH, NEUTRALITY, add_alert
from tests.plans import Asked
from waspada.access import Role, Scope
from waspada.access.service import disable_user, list_tokens, revoke_token
from waspada.alerts import feed
from waspada.alerts.service import move
from waspada.alerts.types import AlertFilter, AlertState
from waspada.store.tables import AlertEventRow, AlertRow

PATIENCE_SECONDS = 30.0
#: Beats keep a stream open that tells nothing.
LONGEST_SECONDS = 300


@dataclass
class Event:
    name: str
    data: dict[str, Any]
    id: str


def events(answer: httpx.Response, *, beats: bool = False) -> Iterator[Event]:
    """The events of a stream as they come, until it ends; a busy machine may put beats anywhere between them."""
    found: dict[str, str] = {}
    for line in answer.iter_lines():
        if line:
            name, _, value = line.partition(": ")
            found[name] = value
        elif found:
            if beats or found["event"] != "beat":
                yield Event(found["event"], json.loads(found["data"]), found.get("id", ""))
            found = {}


@dataclass
class Served:
    """The application behind a real server on a real socket."""

    base: str
    server: Server
    thread: threading.Thread

    @contextmanager
    def open(self, token: str, query: str = "", **headers: str) -> Iterator[httpx.Response]:
        """An open stream of somebody with this token; one that tells nothing ends, and with it the test."""
        if "seconds=" not in query:
            query += f"{'&' if query else '?'}seconds={LONGEST_SECONDS}"
        given = {"Authorization": f"Bearer {token}", **headers}
        with (
            httpx.Client(base_url=self.base, timeout=PATIENCE_SECONDS) as client,
            client.stream("GET", f"/api/v1/alerts/stream{query}", headers=given) as answer,
        ):
            yield answer

    def end(self) -> None:
        self.server.should_exit = True
        self.thread.join(PATIENCE_SECONDS)


@pytest.fixture
def served(desk: Desk) -> Iterator[Served]:
    desk.app.state.context.live._every_seconds = 0.05
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(desk.app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    found = Served(f"http://127.0.0.1:{listener.getsockname()[1]}", server, thread)
    wait_for(lambda: server.started)
    yield found
    found.end()
    listener.close()


def wait_for(found: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not found():
        assert time.monotonic() < end
        time.sleep(0.02)


def acknowledge(desk: Desk, name: str) -> None:
    alert_id = desk.alerts[name]
    with desk.store.write() as session:
        revision = session.get_one(AlertRow, alert_id).revision
        move(session, alert_id, AlertState.ACKNOWLEDGED, actor="a", revision=revision, now=desk.clock.now)


def test_a_change_is_told_as_id_and_revision_and_nothing_else(desk: Desk, served: Served) -> None:
    with served.open(desk.token(Role.LIAISON), "?group=open") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        assert "content-encoding" not in answer.headers
        told = events(answer)
        assert next(told).name == "hello"
        acknowledge(desk, "clash")
        one = next(told)
        assert (one.name, one.data) == (
            "alerts", {"alerts": [{"id": desk.alerts["clash"], "revision": 2, "fits": True}], "fits": 1},
        )  # fmt: skip
        with desk.store.write() as session:
            fresh = add_alert(session, CLASH)
        assert next(told).data["alerts"] == [{"id": fresh, "revision": 1, "fits": True}]
        with desk.store.write() as session:  # it leaves the list
            move(
                session, desk.alerts["hoax"], AlertState.NOT_A_THREAT, reason="old_news", actor="a", revision=1,
                now=desk.clock.now,
            )  # fmt: skip
        assert next(told).data == {"alerts": [{"id": desk.alerts["hoax"], "revision": 2, "fits": False}], "fits": 0}


def test_what_happens_before_the_first_look_is_told(
    desk: Desk, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine somebody changes an alert after the greeting and before the watch has begun."""
    begin = live.Live._begin

    def late(self: live.Live) -> None:
        time.sleep(0.5)
        begin(self)

    monkeypatch.setattr(live.Live, "_begin", late)
    with served.open(desk.token(Role.LIAISON), "?seconds=5") as answer:
        told = events(answer)
        assert next(told).name == "hello"
        acknowledge(desk, "clash")
        assert [one.name for one in told] == ["alerts"]


def test_a_bound_reader_is_told_of_their_region_only(desk: Desk, served: Served) -> None:
    with served.open(desk.token(Role.LIAISON, region="63.71")) as answer:
        told = events(answer)
        next(told)
        acknowledge(desk, "clash")
        with desk.store.write() as session:
            mine = add_alert(session, NEUTRALITY)
        assert [one["id"] for one in next(told).data["alerts"]] == [mine]


def test_exercises_are_told_to_nobody(desk: Desk) -> None:
    with desk.store.write() as session:
        session.execute(update(AlertRow).where(AlertRow.id == desk.alerts["clash"]).values(exercise=True))
        rows = feed.after(session, 0)
        assert desk.alerts["clash"] not in {one.alert_id for one in rows}
        assert len(rows) == len(desk.alerts) - 1


def test_a_stream_goes_on_where_the_last_one_broke_off(desk: Desk, served: Served) -> None:
    token = desk.token(Role.LIAISON)
    with served.open(token, "?seconds=0") as answer:
        line = next(events(answer)).id
    acknowledge(desk, "clash")
    for query, headers in ((f"?seconds=0&after={line}", {}), ("?seconds=0", {"Last-Event-ID": line})):
        with served.open(token, query, **headers) as answer:
            told = list(events(answer))
        assert [one.name for one in told] == ["hello", "alerts"]
        assert told[1].data["alerts"][0]["id"] == desk.alerts["clash"]
    with served.open(token, "?seconds=0", **{"Last-Event-ID": "999999999"}) as answer:  # of another database
        assert [one.name for one in events(answer)] == ["hello"]


def test_who_missed_too_much_is_told_to_load_again(desk: Desk, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "MOST", 3)
    monkeypatch.setattr(feed.after, "__kwdefaults__", {"limit": 3})
    with served.open(desk.token(Role.LIAISON), "?seconds=0&after=0") as answer:
        assert [one.name for one in events(answer)] == ["hello", "missed"]


def test_a_stream_ends_when_the_session_does(desk: Desk, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "BEAT_SECONDS", 0.05)
    with served.open(desk.token(Role.LIAISON)) as answer:
        told = events(answer, beats=True)
        assert [next(told).name for _ in range(2)] == ["hello", "beat"]
        with desk.store.write() as session:
            disable_user(session, "liaison-write-all", actor="test", now=desk.clock.now)
        names = [one.name for one in told]
    assert names[-1] == "end"
    with served.open(desk.token(Role.ANALYST)) as answer:
        told = events(answer)
        next(told)
        desk.clock.forward(timedelta(days=365))
        assert [one.name for one in told][-1] == "end"


def test_a_program_listens_on_until_its_token_is_revoked(
    desk: Desk, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "BEAT_SECONDS", 0.05)
    with served.open(desk.token(Role.LIAISON)) as answer:
        told = events(answer, beats=True)
        assert [next(told).name for _ in range(9)] == ["hello", *["beat"] * 8]
        with desk.store.write() as session:
            (own,) = list_tokens(session, "liaison-write-all")
            revoke_token(session, own.id, actor="test", now=desk.clock.now)
        ended = [one for one in told if one.name != "beat"]
    assert [(one.name, one.data) for one in ended] == [("end", {"reason": "session"})]


def test_an_account_has_so_many_streams_and_no_more(desk: Desk, served: Served) -> None:
    token = desk.token(Role.LIAISON)
    with ExitStack() as stack:
        for _ in range(live.MOST_OF_AN_ACCOUNT):
            stack.enter_context(served.open(token))
        with served.open(token) as refused:
            assert refused.status_code == 429
            assert refused.headers["retry-after"] == "30"
            refused.read()
            assert refused.json()["type"].endswith("too-many")
        with served.open(desk.token(Role.ANALYST), "?seconds=0") as other:
            assert other.status_code == 200
    wait_for(lambda: len(desk.app.state.context.live) == 0)
    with served.open(token, "?seconds=0") as answer:
        assert answer.status_code == 200


def test_all_listeners_share_one_look_at_the_database(desk: Desk, served: Served) -> None:
    shared = desk.app.state.context.live
    asked = Asked(desk.store)
    tokens = [desk.token(role) for role in (Role.LIAISON, Role.ANALYST, Role.ADMIN)]
    with ExitStack() as stack:
        for token in tokens * 3:
            stack.enter_context(served.open(token))
        before = shared.looks
        wait_for(lambda: shared.looks >= before + 5)
        looks, statements = shared.looks, len(asked.about("JOIN alerts ON alerts.id = alert_events.alert_id"))
        assert len(shared) == 9
    assert statements <= looks + 2  # one a look, whoever listens, and the first one


def test_a_stream_outlives_a_short_trouble_and_ends_in_a_long_one(
    desk: Desk, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stream that is silent because nobody can look must not be taken for a calm region."""
    shared = desk.app.state.context.live
    with served.open(desk.token(Role.LIAISON)) as answer:
        told = events(answer)
        next(told)
        _rename(desk, "alert_events", "elsewhere")
        looks = shared.looks
        wait_for(lambda: shared.looks >= looks + 5)
        _rename(desk, "elsewhere", "alert_events")
        acknowledge(desk, "clash")
        assert next(told).name == "alerts"
        monkeypatch.setattr(live, "PATIENCE_SECONDS", 0.1)
        _rename(desk, "alert_events", "elsewhere")
        assert list(told) == []
    wait_for(lambda: len(shared) == 0)
    _rename(desk, "elsewhere", "alert_events")


def _rename(desk: Desk, table: str, name: str) -> None:
    with desk.store.write() as session:
        session.execute(text(f"ALTER TABLE {table} RENAME TO {name}"))


def test_an_open_stream_does_not_hold_the_shutdown_up(desk: Desk, served: Served) -> None:
    with served.open(desk.token(Role.LIAISON)) as answer:
        told = events(answer)
        next(told)
        served.end()
        assert list(told) == []  # it ended by itself: a cut connection would raise here
    assert not served.thread.is_alive()


def test_opening_is_audited_once_and_refused_to_those_without_the_right(desk: Desk, served: Served) -> None:
    token = desk.token(Role.LIAISON, Scope.READ)
    with served.open(token, "?region=63&seconds=0") as answer:
        answer.read()
    log = desk.program(Role.AUDITOR).get("/api/v1/audit?action=alert.listen").json()["data"]
    assert [(line["actor"], line["object"], line["detail"]["region"]) for line in log] == [
        ("liaison-read-all", "alerts", "63")
    ]
    for role in (Role.AUDITOR, Role.OPERATOR):
        with served.open(desk.token(role, Scope.READ), "?seconds=0") as answer:
            assert answer.status_code == 403


@pytest.mark.parametrize("query", ["cursor=x", "after=-1", "seconds=9999", "q=word", "topic=99", "group=x"])
def test_odd_questions_are_refused(desk: Desk, query: str) -> None:
    answer = desk.program(Role.LIAISON).get(f"/api/v1/alerts/stream?seconds=0&{query}")
    assert answer.status_code in (404, 422)


@pytest.mark.parametrize("line", ["x", "-1", "1e3", "9" * 30, "١"])
def test_an_odd_last_event_is_refused(desk: Desk, line: str) -> None:
    client = desk.program(Role.LIAISON)
    answer = client.get("/api/v1/alerts/stream?seconds=0", headers={"Last-Event-ID": line.encode()})
    assert answer.status_code == 422


def test_a_head_ends_at_once(desk: Desk) -> None:
    answer = desk.program(Role.LIAISON).ask("HEAD", "/api/v1/alerts/stream")
    assert (answer.status_code, answer.content) == (200, b"")
    assert middleware.HEAD_ONLY not in answer.headers
    assert len(desk.app.state.context.live) == 0


def test_lines_that_become_visible_late_are_told(desk: Desk) -> None:
    """On PostgreSQL a line with a smaller id can be committed after a larger one was read."""
    shared = live.Live(desk.store)
    with desk.store.write() as session:
        late = session.scalars(select(AlertEventRow).order_by(AlertEventRow.id)).first()
        assert late is not None
        kept = {name: getattr(late, name) for name in ("id", "alert_id", "at", "actor", "action", "detail")}
        session.delete(late)
    shared._begin()
    filters = {"all": AlertFilter()}
    assert shared._changes(filters) == ([], {})
    with desk.store.write() as session:
        session.add(AlertEventRow(**kept))
    found, told = shared._changes(filters)
    assert [one.line for one in found] == [kept["id"]]
    assert [one.alert_id for one in told["all"]] == [kept["alert_id"]]
    assert shared._changes(filters) == ([], {})


def test_a_slow_listener_is_told_to_load_again(desk: Desk) -> None:
    listener = live.Listener(1, AlertFilter())
    for line in range(200):
        listener.tell(live.News(line))
    waiting = [listener.queue.get_nowait() for _ in range(listener.queue.qsize())]
    assert any(news is not None and news.missed for news in waiting)
    assert waiting[-1] == live.News(199)
    for line in range(200):
        listener.tell(live.News(line))
    listener.tell(None)
    assert [listener.queue.get_nowait() for _ in range(listener.queue.qsize())][-1] is None


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_look_reads_from_the_newest_lines_only(desk: Desk, dialect: str) -> None:
    asked = Asked(desk.store)
    with desk.store.read() as session:
        feed.position(session)
        feed.told(session, feed.after(session, 3), AlertFilter(within="63"))
    steps = asked.plan("alert")
    assert steps
    assert not [step for step in steps if step.startswith("SCAN")], steps


def test_an_answer_waits_for_no_word_of_its_reader(desk: Desk, served: Served) -> None:
    """The body would else wait until the head is acknowledged, which a system puts off by 40 ms."""
    with served.open(desk.token(Role.LIAISON), "?group=open"):
        (connection,) = served.server.server_state.connections
        transport: Any = getattr(connection, "transport")  # noqa: B009 (uvicorn's types know the other protocol only)
        assert transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
