"""Bluesky as a stream from a Jetstream on loopback: filtered, resumed from the cursor, deletions honoured."""

from __future__ import annotations

import multiprocessing
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from atproto_subscription.websocket import WebsocketClientBase  # imported here, for it takes long: not within a test
from sqlalchemy import select, update

from crawler.posts import reader, stream
from crawler.posts.batches import Heard, reduced
from crawler.posts.bluesky import address_key
from crawler.posts.reader import Reader, pause_seconds
from crawler.posts.stream import StreamWriter, stream_main
from crawler.posts.types import AccountGone, Gone
from tests.crawler.desk import Desk
from tests.patience import PATIENCE_SECONDS, until
from tests.posts.fakes import FakeJetstream, fake_jetstream
from tests.posts.payloads import CONTACTS, DID, NAMES, account, commit
from tests.posts.test_polling import event, everything
from waspada.cli.processes import children, listen
from waspada.items.service import store_item
from waspada.settings import load_settings
from waspada.sources import repository
from waspada.sources.addresses import Stream
from waspada.sources.types import Announcement, SourceKind
from waspada.store.engine import Store
from waspada.store.tables import RejectRow, SourceRow

Script = list[dict[str, Any] | str | None]
OTHER = "did:plc:zyxwvutsrqponmlkjihgfedc"
CURSOR = 1732507200000000  # of an event with seq 0
REWOUND = 5_000_000  # microseconds that are read again after a reconnect


@contextmanager
def reading(desk: Desk, server: FakeJetstream) -> Iterator[StreamWriter]:
    """The stream's main loop in a thread of this process, as `stream_main` runs it, with short batches and pauses."""
    stop = Event()
    writer = StreamWriter(desk.store, desk.settings.secret_key, frozenset({server.host}), reload_seconds=0.2)
    thread = threading.Thread(target=writer.run, args=(stop,))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream, "FLUSH_SECONDS", 0.05)
        patch.setattr(reader, "FIRST_PAUSE_SECONDS", 0.05)
        patch.setattr(WebsocketClientBase, "_get_reconnection_delay", lambda _: 0.05)
        thread.start()
        try:
            yield writer
        finally:
            stop.set()
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive()


def texts(desk: Desk) -> list[str]:
    """The newest text of each item; one that is erased while this looks has none."""
    return sorted(text for item in desk.items() for text in desk.texts(item.id)[-1:])


def test_posts_with_the_words_are_kept_and_the_rest_is_not(desk: Desk) -> None:
    script: Script = [
        commit("a", "Banjir di Martapura", seq=1),
        commit("b", "Selamat pagi semuanya", seq=2),
        commit("c", "Flood in Martapura", seq=3, langs=["en"]),
        commit("d", "Pilkada di Barabai aman", seq=4, did=OTHER),
        commit("e", "Martapura", seq=5) | {"collection": "app.bsky.feed.like"},
        "{", "[]", '{"$type":"message"}', '{"$type":"message","payload":{"$type":"baru"}}',
        commit("f", "Kaganangan Martapura, kada banjir lagi", seq=6),
    ]  # fmt: skip
    with fake_jetstream(lambda _number, _cursor: script) as server:
        desk.add("satu", f"{server.url}?words=martapura&langs=id,bjn", SourceKind.BLUESKY)
        desk.add("dua", f"{server.url}?words=barabai,pilkada", SourceKind.BLUESKY)
        with reading(desk, server):
            until(lambda: len(desk.items()) == 3 and desk.source("satu").state == "ok")
    assert texts(desk) == ["Banjir di Martapura", "Kaganangan Martapura, kada banjir lagi", "Pilkada di Barabai aman"]
    assert [len(desk.items(id_)) for id_ in ("satu", "dua")] == [2, 1]
    assert {item.lang for item in desk.items()} == {"id", "bjn"}
    assert len({item.voice for item in desk.items()}) == 2
    assert server.queries[0]["collections"] == ["app.bsky.feed.post"]
    assert server.queries[0]["kinds"] == ["commit", "account"]
    assert server.queries[0]["maxMessageSizeBytes"] == ["131072"]
    assert server.cursors[0] is None
    assert None not in server.cursors[1:], "one connection for both sources, made again where a slow machine lost it"


def test_all_goes_through_the_door(desk: Desk) -> None:
    written = "Martapura: hubungi @camat_fiktif.bsky.social atau 0812 5555 0101"
    with fake_jetstream(lambda _number, _cursor: [commit("a", written)]) as server:
        desk.add("satu", f"{server.url}?words=martapura", SourceKind.BLUESKY)
        with reading(desk, server):
            until(lambda: len(desk.items()) == 1)
    (item,) = desk.items()
    assert desk.texts(item.id) == ["Martapura: hubungi [akun] atau [telepon]"]
    assert (item.kind, len(item.voice or ""), item.url) == ("post", 32, "https://bsky.app/profile/-/post/a")
    assert not [word for word in (*NAMES, *CONTACTS) if word in everything(desk)]


def test_a_deleted_post_is_removed_and_a_foreign_one_with_the_same_name_stays(desk: Desk) -> None:
    """Record keys are chosen by their owners: nobody can take back what another account wrote."""
    script: Script = [
        commit("a", "Banjir di Martapura", seq=1),
        commit("a", "Martapura siaga", seq=2, did=OTHER),
        commit("b", "Martapura surut", seq=3),
    ]
    more: Script = [commit("a", seq=4, operation="delete"), commit("b", "Martapura aman", seq=5, operation="update")]
    with fake_jetstream(lambda number, _cursor: [*script, None] if number == 1 else more) as server:
        desk.add("satu", f"{server.url}?words=martapura", SourceKind.BLUESKY)
        with reading(desk, server):
            until(lambda: texts(desk) == ["Martapura aman", "Martapura siaga"])
    assert "Banjir di Martapura" not in everything(desk)


def test_an_account_that_is_gone_takes_its_posts_with_it(desk: Desk) -> None:
    script: Script = [commit("a", "Banjir di Martapura", seq=1), commit("b", "Martapura siaga", seq=2, did=OTHER), None]
    with fake_jetstream(lambda number, _cursor: script if number == 1 else [account(seq=3)]) as server:
        desk.add("satu", f"{server.url}?words=martapura", SourceKind.BLUESKY)
        with reading(desk, server):
            until(lambda: len(server.cursors) >= 2 and texts(desk) == ["Martapura siaga"])


def test_a_restart_goes_on_from_the_cursor_and_repeats_change_nothing(desk: Desk) -> None:
    events = {n: commit(str(n), f"Martapura {n}", seq=n) for n in (1, 2)}

    def script(_number: int, cursor: int | None) -> Script:
        return [event for n, event in events.items() if CURSOR + n >= (cursor or 0)]

    with fake_jetstream(script) as server:
        desk.add("satu", f"{server.url}?words=martapura", SourceKind.BLUESKY)
        for _ in range(2):
            with reading(desk, server):
                before = len(server.cursors)
                until(lambda before=before: len(server.cursors) > before)  # type: ignore[misc]
                until(lambda: len(desk.items()) == 2)
    assert desk.source("satu").cursor == str(CURSOR + 2)
    assert server.cursors == [None, CURSOR + 2 - REWOUND]
    assert {item.version for item in desk.items()} == {1}


def test_a_server_that_hangs_up_is_connected_to_again(desk: Desk) -> None:
    script: Script = [commit("a", "Martapura satu", seq=1), None]
    with fake_jetstream(
        lambda number, _cursor: script if number < 3 else [commit("b", "Martapura dua", seq=9)]
    ) as server:
        desk.add("satu", f"{server.url}?words=martapura", SourceKind.BLUESKY)
        with reading(desk, server):
            until(lambda: texts(desk) == ["Martapura dua", "Martapura satu"])
    assert server.cursors[2] == CURSOR + 1 - REWOUND


def test_a_source_that_is_switched_off_or_changed_is_followed(desk: Desk) -> None:
    going = Event()

    def script(_number: int, _cursor: int | None) -> Script:
        going.wait(PATIENCE_SECONDS)
        return [commit("a", "Martapura siaga", seq=1), commit("b", "Barabai siaga", seq=2)]

    with fake_jetstream(script) as server:
        desk.add("satu", f"{server.url}?words=martapura", SourceKind.BLUESKY)
        with reading(desk, server) as writer:
            until(lambda: len(server.cursors) == 1)
            desk.add("dua", f"{server.url}?words=barabai", SourceKind.BLUESKY)
            with desk.store.write() as session:
                from waspada.sources import service

                service.set_enabled(session, "satu", False)
            until(lambda: _watched(writer) == {"dua"})
            going.set()
            until(lambda: texts(desk) == ["Barabai siaga"])


def _watched(writer: StreamWriter) -> set[str]:
    """The sources whose words the connected reader looks for now."""
    (one,) = writer._readers.values()
    return set(one._adapter.streams)


def test_a_private_address_is_never_connected_to(desk: Desk) -> None:
    with fake_jetstream(lambda _number, _cursor: []) as server:
        desk.add("satu", f"{server.url}?words=martapura", SourceKind.BLUESKY)
        stop = Event()
        writer = StreamWriter(desk.store, b"k" * 32, frozenset())
        thread = threading.Thread(target=writer.run, args=(stop,))
        thread.start()
        until(lambda: desk.source("satu").state == "broken")
        stop.set()
        thread.join(PATIENCE_SECONDS)
        assert server.cursors == []
    assert event(desk, "satu").detail == "refused: 127.0.0.1 is not a public address"


def test_a_name_that_leads_to_a_private_address_is_not_connected_to(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Judged where the connection stands: also behind the name of a Jetstream, and whatever a proxy setting says."""
    import socket

    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *args, **given: real("127.0.0.1" if "bsky" in host else host, *args, **given),
    )
    with fake_jetstream(lambda _number, _cursor: []) as server:
        monkeypatch.setenv("HTTP_PROXY", f"http://{server.host}")
        base = f"http://jetstream.kota.bsky.network:{server.host.partition(':')[2]}"
        one = Reader(base, b"k" * 32, queue.Queue(), None)
        one.start()
        until(lambda: one.problem != "")
        one.stop()
        assert server.cursors == []
    assert one.problem == "refused: jetstream.kota.bsky.network is not a public address"


def test_an_event_that_no_model_takes_stops_nothing(desk: Desk) -> None:
    """Reading goes on at the last good event: a connection that ended at an odd one would end there for ever."""
    odd: list[dict[str, Any] | str | None] = [
        {name: value for name, value in commit("a", "Martapura", seq=1).items() if name != "rev"},
        commit("b\x00c", "Martapura", seq=2),
        commit("c", "Martapura", seq=3, did="\x00") | {"seq": "tiga", "time": None, "witnessedAt": 7},
        commit("d", "Martapura", seq=4, createdAt="0001-01-01T00:00:00+08:00", langs=7),
        account(seq=5) | {"account": "hilang"},
        '{"$type":"message","payload":{"$type":"x","text":"\\ud800"}}',
        "[" * 100_000,
    ]
    with fake_jetstream(lambda _number, _cursor: [*odd, commit("z", "Martapura aman", seq=9)]) as server:
        desk.add("satu", f"{server.url}?words=martapura", SourceKind.BLUESKY)
        with reading(desk, server):
            until(lambda: "Martapura aman" in texts(desk) and desk.source("satu").cursor == str(CURSOR + 9))
        assert None not in server.cursors[1:]


def test_a_source_that_is_no_stream_any_more_does_not_stop_the_others(desk: Desk) -> None:
    with fake_jetstream(lambda _number, _cursor: [commit("a", "Martapura siaga")]) as server:
        desk.add("satu", f"{server.url}?words=martapura", SourceKind.BLUESKY)
        desk.add("lama", f"{server.url}?words=barabai", SourceKind.BLUESKY)
        with desk.store.write() as session:
            session.execute(update(SourceRow).where(SourceRow.id == "lama").values(url=f"{server.url}?words=seseorang"))
            session.execute(update(SourceRow).where(SourceRow.id == "satu").values(cursor="rusak"))
        with reading(desk, server):
            until(lambda: texts(desk) == ["Martapura siaga"] and desk.source("lama").state == "broken")
    assert "neither a place nor a topic" in event(desk, "lama").detail


def test_a_post_that_cannot_be_stored_is_listed_and_the_others_are_stored(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(session: Any, found: Any, now: Any) -> Any:
        if "pecah" in found.text:
            raise RecursionError("pecah")
        return store_item(session, found, now)

    monkeypatch.setattr("crawler.posts.saving.store_item", failing)
    script: Script = [commit("a", "Martapura pecah", seq=1), commit("b", "Martapura siaga", seq=2)]
    with fake_jetstream(lambda _number, _cursor: script) as server:
        desk.add("satu", f"{server.url}?words=martapura", SourceKind.BLUESKY)
        with reading(desk, server):
            until(lambda: texts(desk) == ["Martapura siaga"] and desk.source("satu").cursor == str(CURSOR + 2))
    with desk.store.read() as session:
        (rejected,) = session.scalars(select(RejectRow))
    assert (rejected.object, rejected.problem) == (
        address_key(desk.settings.secret_key, DID, "a"), "this post could not be stored (RecursionError)"
    )  # fmt: skip
    assert "pecah" not in everything(desk)


def test_what_is_read_again_is_no_edit(desk: Desk) -> None:
    """After a reconnect the first wording comes once more, without the edit that followed it."""
    script: Script = [commit("a", "Martapura siaga", seq=1)]
    edit: Script = [commit("a", "Martapura aman", seq=2, operation="update")]
    again: Script = [*script, commit("b", "Martapura surut", seq=3)]
    with fake_jetstream(lambda number, _cursor: [[*script, None], [*edit, None], again][min(number, 3) - 1]) as server:
        desk.add("satu", f"{server.url}?words=martapura", SourceKind.BLUESKY)
        with reading(desk, server):
            until(lambda: texts(desk) == ["Martapura aman", "Martapura surut"])
    (item, _) = desk.items()
    assert item.version <= 2


def test_a_stream_that_no_longer_holds_the_past_is_told_to_the_operator(desk: Desk) -> None:
    info = {"$type": "network.bsky.jetstream.subscribeEvents#info", "name": "OutdatedCursor", "message": "x"}
    with fake_jetstream(lambda _number, _cursor: [info, commit("a", "Martapura siaga")]) as server:
        desk.add("satu", f"{server.url}?words=martapura", SourceKind.BLUESKY)
        with desk.store.write() as session:
            session.execute(update(SourceRow).values(cursor=str(CURSOR - 86_400_000_000)))
        with reading(desk, server):
            until(lambda: desk.source("satu").state == "ok")
    told = event(desk, "satu").detail
    assert "2024-11-24 04:00 UTC: posts are missing, and what was deleted meanwhile is not known" in told


def test_a_reader_that_is_stopped_before_it_connected_never_does() -> None:
    with fake_jetstream(lambda _number, _cursor: []) as server:
        one = Reader(server.url.rstrip("/"), b"k" * 32, queue.Queue(), None, frozenset({server.host}))
        one.stop()
        one._read()
        assert server.cursors == []


def test_a_stream_that_refuses_is_told_to_the_operator(desk: Desk) -> None:
    from tests.posts.fakes import fake_api

    with fake_api() as api:
        api.answers["/xrpc/network.bsky.jetstream.subscribeEvents"] = (400, {"error": "InvalidRequest"})
        desk.add("satu", f"{api.url}/?words=martapura", SourceKind.BLUESKY)
        with reading(desk, api):  # type: ignore[arg-type]
            until(lambda: desk.source("satu").state == "broken")
    assert event(desk, "satu").detail == "the stream was refused (JetstreamError)"


def test_silence_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "SILENT_SECONDS", -1.0)
    assert Reader("https://jetstream.example", b"k" * 32, queue.Queue(), None).problem == "nothing came for -1 s"


def test_a_full_queue_makes_the_reader_wait_and_stop_ends_it() -> None:
    heard: queue.Queue[Heard] = queue.Queue(maxsize=2)
    script: Script = [commit(str(n), "Martapura", seq=n) for n in range(1, 8)]
    with fake_jetstream(lambda _number, _cursor: script) as server:
        one = Reader(server.url.rstrip("/"), b"k" * 32, heard, None, frozenset({server.host}))
        one.watch({"satu": Stream(server.url, ("martapura",))})
        one.start()
        until(heard.full)
        found = [heard.get(timeout=5) for _ in range(7)]
        one.stop()
    assert [each.cursor for each in found] == [str(CURSOR + n) for n in range(1, 8)]


def test_a_database_in_trouble_loses_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from waspada.errors import StoreBusyError

    monkeypatch.setattr(stream, "TROUBLE_SECONDS", 0.1)
    real, troubles = Store.retrying, [0]

    def failing(self: Store, work: Callable[[Any], Any], **given: Any) -> Any:
        troubles[0] += 1
        if troubles[0] <= 2:
            raise StoreBusyError("The database is locked by another process.")
        return real(self, work, **given)

    with fake_jetstream(lambda _number, _cursor: [commit("a", "Martapura siaga")]) as server:
        desk.add("satu", f"{server.url}?words=martapura", SourceKind.BLUESKY)
        monkeypatch.setattr(Store, "retrying", failing)
        with reading(desk, server):
            until(lambda: texts(desk) == ["Martapura siaga"])
    assert troubles[0] > 2


def test_what_came_without_a_cursor_is_written_too(desk: Desk) -> None:
    """The first event of a fresh source may have no readable time."""
    desk.add("satu", "https://jetstream.us-east.bsky.network/?words=martapura", SourceKind.BLUESKY)
    with desk.store.read() as session:
        sources = {each.id: each for each in repository.stream_sources(session)}
    key = address_key(b"k" * 32, DID, "a")
    post = Announcement("https://bsky.app/profile/-/post/a", key, text="Martapura siaga", handle=DID)
    writer = StreamWriter(desk.store, b"k" * 32, frozenset())
    writer._sources = sources
    for said in (post, Gone(key)):
        writer._save(reduced([Heard("b", (said,), "satu", None)]))
        assert len(desk.items()) == (said is post)


def test_the_last_word_on_a_post_counts() -> None:
    key = address_key(b"k" * 32, DID, "a")
    post = Announcement("https://bsky.app/profile/-/post/a", key, text="x", handle=DID)

    def batch(*said: Any) -> tuple[set[str], set[str]]:
        found = reduced(Heard("b", (each,), "satu", str(n)) for n, each in enumerate(said))
        assert found.cursors == {"b": str(len(said) - 1)}
        return set(found.posts), found.gone

    assert batch(post) == ({key}, set())
    assert batch(post, Gone(key)) == (set(), {key})
    assert batch(Gone(key), post) == ({key}, {key}), "what is stored of it goes, whatever is written there anew"
    assert batch(post, AccountGone(DID)) == (set(), set())
    edited = replace(post, text="y", updated_at=datetime(2024, 11, 25, tzinfo=UTC))
    found = reduced(Heard("b", (each,), "satu", "1") for each in (post, edited, post))
    assert found.posts[key][1].text == "y", "read again after a reconnect"


@pytest.mark.parametrize(("failures", "seconds"), [(0, 1), (1, 1), (2, 2), (4, 8), (9, 256), (10_000, 300)])
def test_pauses_grow_to_five_minutes(failures: int, seconds: float) -> None:
    assert pause_seconds(failures) == seconds


@pytest.mark.full
def test_the_process_writes_and_stops_when_told(desk: Desk) -> None:
    with fake_jetstream(lambda _number, _cursor: [commit("a", "Martapura siaga")]) as server:
        desk.add("satu", f"{server.url}?words=martapura", SourceKind.BLUESKY)
        process = multiprocessing.get_context("spawn").Process(
            target=stream_main,
            args=(desk.settings,),
            kwargs={"allowed_hosts": frozenset({server.host}), "reload_seconds": 0.2},
        )
        process.start()
        until(lambda: len(desk.items()) == 1)  # a fresh interpreter imports the library
        process.terminate()
        process.join(PATIENCE_SECONDS)
        assert process.exitcode == 0


def test_the_service_runs_it_beside_the_collector(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path, port=0)
    with listen(settings) as listener:
        assert [child.name for child in children(settings, listener)] == ["collector", "stream", "worker", "api"]
        demo = children(settings, listener, frozenset({"127.0.0.1:1"}), only_allowed=True)
        assert [child.name for child in demo] == ["collector", "worker", "api"]


def test_the_service_needs_none_of_the_libraries() -> None:
    """In an interpreter that has none of them: every runtime module imports, and what `waspada run` needs is built."""
    program = """
import sys
for name in ("atproto", "atproto_client", "atproto_jetstream", "mastodon", "googleapiclient", "httplib2", "websockets"):
    sys.modules[name] = None
from tests import runtime_imports
runtime_imports.FORBIDDEN = ()
assert runtime_imports.main() == 0
from crawler.posts.polls import PostApis
from waspada.settings import load_settings
from waspada.sources.extras import missing_extra
from waspada.sources.types import API_KINDS, STREAM_KINDS
PostApis(load_settings())
assert all(missing_extra(kind) for kind in API_KINDS | STREAM_KINDS)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_without_the_extra_there_is_no_stream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("waspada.cli.processes.missing_extra", lambda _kind: "missing")
    settings = load_settings(data_dir=tmp_path, port=0)
    with listen(settings) as listener:
        assert [child.name for child in children(settings, listener)] == ["collector", "worker", "api"]
