"""Mastodon and YouTube in the polling queue, against servers on loopback: reading, deletions, quota, the door."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, select, table, text, update

from crawler.keeper import Keeper
from crawler.posts import mastodon_api, polls
from crawler.posts.polls import PostApis
from crawler.posts.saving import save_posts
from crawler.posts.sessions import TooSlowAnswerError, guarded_session
from crawler.posts.youtube import YoutubeCursor, pacific_day
from crawler.types import Job, Mode
from tests.crawler.desk import Desk, open_desk
from tests.posts.fakes import FakeApi, Query, fake_api
from tests.posts.payloads import CONTACTS, NAMES, comment, refusal, status, thread
from waspada.clock import utc_now
from waspada.items.policy import url_key
from waspada.jobs.purge import purge
from waspada.privacy.retention import YOUTUBE_RETENTION
from waspada.sources import announcements, repository
from waspada.sources.types import Announcement, SourceKind
from waspada.store.tables import ItemRow, ItemVersionRow, PageRow, SourceEventRow, SourceRow

VIDEO = "https://www.youtube.com/watch?v=abcdefghijk"
CHANNEL = "https://www.youtube.com/channel/UC" + "a" * 22
TAG, LOCAL, THREADS, COMMENTS = (
    "/api/v1/timelines/tag/kalsel",
    "/api/v1/timelines/public",
    "/youtube/v3/commentThreads",
    "/youtube/v3/comments",
)


@pytest.fixture
def desk_options() -> dict[str, object]:
    return {
        "youtube_api_key": "kunci-rahasia",
        "youtube_daily_units": 20,
        "request_timeout_seconds": 60,
        "domain_delay_seconds": 0,
    }


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with fake_api() as api:
        yield api


def poll(desk: Desk, api: FakeApi, source_id: str) -> SourceRow:
    """One poll of a source, as the collector does it; returns the source's row afterwards."""
    keeper = Keeper(desk.store, Job(Mode.ONCE))
    with desk.store.read() as session:
        (source,) = repository.enabled_sources(session, [source_id])
    apis = PostApis(desk.settings, frozenset({api.host}), youtube_endpoint=api.url)
    keeper.save_poll(source, apis.poll(source, keeper.errand(source)))
    return desk.source(source_id)


def event(desk: Desk, source_id: str) -> SourceEventRow:
    with desk.store.read() as session:
        return repository.events(session, source_id)[0]


def age_checks(desk: Desk, by: timedelta = timedelta(days=2)) -> None:
    with desk.store.write() as session:
        session.execute(update(PageRow).values(checked_at=utc_now() - by))


def everything(desk: Desk) -> str:
    """All that the database holds, as text."""
    with desk.store.read() as session:
        names = inspect(desk.store.engine).get_table_names()
        return "\n".join(
            str(row) for name in names for row in session.execute(select(text("*")).select_from(table(name)))
        )


class TestMastodon:
    def test_a_hashtag_is_read_and_then_only_what_is_new(self, desk: Desk, api: FakeApi) -> None:
        desk.add("tag", f"{api.url}/tags/kalsel", SourceKind.MASTODON)
        api.answers[TAG] = [status("12", "Air surut di sini"), status("11")]
        row = poll(desk, api, "tag")
        assert (row.state, row.cursor, row.role) == ("ok", "12", "post")
        assert sorted(desk.texts(item.id)[0] for item in desk.items()) == ["Air naik di Martapura", "Air surut di sini"]
        api.answers[TAG] = [status("13", "Air surut lagi"), status("12", "Air surut di sini"), status("11")]
        assert poll(desk, api, "tag").cursor == "13"
        assert (len(desk.items()), event(desk, "tag").new_entries) == (3, 1)
        assert [query.get("min_id") for path, query, _ in api.asked if path == TAG] == [None, None]
        assert "Waspada/" in api.asked[0][2]["User-Agent"]

    def test_a_timeline_that_says_nothing_is_unchanged(self, desk: Desk, api: FakeApi) -> None:
        desk.add("tag", f"{api.url}/tags/kalsel", SourceKind.MASTODON)
        api.answers[TAG] = [status("11")]
        poll(desk, api, "tag")
        api.answers[TAG] = []
        row = poll(desk, api, "tag")
        assert (row.state, row.cursor) == ("unchanged", "11")

    def test_a_post_that_arrives_late_from_elsewhere_is_read(self, desk: Desk, api: FakeApi) -> None:
        """Its id is of the time of its writing, below what was read before it came."""
        desk.add("tag", f"{api.url}/tags/kalsel", SourceKind.MASTODON)
        api.answers[TAG] = [status("12", "Air surut")]
        poll(desk, api, "tag")
        api.answers[TAG] = [status("12", "Air surut"), status("10", "Jembatan putus di Barabai")]
        assert poll(desk, api, "tag").cursor == "12"
        assert len(desk.items()) == 2

    def test_a_gap_is_filled_page_by_page(self, desk: Desk, api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mastodon_api, "PAGE_SIZE", 4)
        desk.add("publik", f"{api.url}/public/local", SourceKind.MASTODON)
        top = 4

        def page(query: Query) -> object:
            assert (query["local"], query["limit"]) == (["1"], ["4"])
            low = int(query["min_id"][0]) if "min_id" in query else top - 4
            return [status(str(n), f"kabar {n}") for n in range(min(low + 4, top), low, -1)]

        api.answers[LOCAL] = page
        assert poll(desk, api, "publik").cursor == "4"
        top = 13
        assert poll(desk, api, "publik").cursor == "13"
        assert (len(desk.items()), event(desk, "publik").detail) == (13, "")
        top = 43
        assert poll(desk, api, "publik").cursor == "29", "four pages of what came in between, and the newest"
        assert "the next one goes on" in event(desk, "publik").detail
        assert poll(desk, api, "publik").cursor == "43"
        assert len(desk.items()) == 43

    def test_reading_twice_changes_nothing(self, desk: Desk, api: FakeApi) -> None:
        desk.add("tag", f"{api.url}/tags/kalsel", SourceKind.MASTODON)
        api.answers[TAG] = [status("11")]
        poll(desk, api, "tag")
        poll(desk, api, "tag")
        (item,) = desk.items()
        assert item.version == 1

    @pytest.mark.parametrize("code", [404, 410])
    def test_a_post_deleted_at_its_place_is_removed_here(self, desk: Desk, api: FakeApi, code: int) -> None:
        desk.add("tag", f"{api.url}/tags/kalsel", SourceKind.MASTODON)
        api.answers[TAG] = [status("12", "Air surut"), status("11")]
        poll(desk, api, "tag")
        age_checks(desk)
        api.answers |= {"/api/v1/statuses/11": (code, {"error": "x"}), "/api/v1/statuses/12": status("12", "Air surut")}
        poll(desk, api, "tag")
        (left,) = desk.items()
        assert desk.texts(left.id) == ["Air surut"]
        assert "1 posts deleted at their place" in event(desk, "tag").detail
        assert "Martapura" not in everything(desk)
        assert f"{api.url}/11" not in everything(desk)
        api.answers[TAG] = [status("11")]
        poll(desk, api, "tag")
        assert len(desk.items()) == 1, "a post that was erased here stays erased"

    def test_an_edit_found_by_a_recheck_is_a_new_version(self, desk: Desk, api: FakeApi) -> None:
        desk.add("tag", f"{api.url}/tags/kalsel", SourceKind.MASTODON)
        api.answers[TAG] = [status("11")]
        poll(desk, api, "tag")
        age_checks(desk)
        api.answers[TAG] = []
        api.answers["/api/v1/statuses/11"] = status("11", "Air sudah surut", edited_at="2024-11-25T05:00:00Z")
        poll(desk, api, "tag")
        (item,) = desk.items()
        assert desk.texts(item.id) == ["Air naik di Martapura", "Air sudah surut"]
        asked = len(api.asked)
        poll(desk, api, "tag")
        assert "/api/v1/statuses/11" not in api.paths()[asked:], "looked at once a day"

    @pytest.mark.parametrize("given", [{"account_noindex": True}, {"visibility": "unlisted"}, {"content": ""}])
    def test_a_post_that_is_no_longer_for_programs_is_removed(
        self, desk: Desk, api: FakeApi, given: dict[str, Any]
    ) -> None:
        desk.add("tag", f"{api.url}/tags/kalsel", SourceKind.MASTODON)
        api.answers[TAG] = [status("11")]
        poll(desk, api, "tag")
        age_checks(desk)
        api.answers |= {TAG: [], "/api/v1/statuses/11": status("11", **given)}
        poll(desk, api, "tag")
        assert desk.items() == []

    def test_one_refused_recheck_does_not_stop_the_others(self, desk: Desk, api: FakeApi) -> None:
        """The posts that were not looked at for the longest come first: one of them must not stand in the way."""
        desk.add("tag", f"{api.url}/tags/kalsel", SourceKind.MASTODON)
        api.answers[TAG] = [status("12", "Air surut"), status("11"), status("10", "Jalan putus")]
        poll(desk, api, "tag")
        age_checks(desk)
        api.answers |= {
            TAG: [],
            "/api/v1/statuses/10": (500, {"error": "x"}),
            "/api/v1/statuses/11": status("99", "sebuah jawaban lain"),
        }
        poll(desk, api, "tag")
        assert sorted(item.url.rpartition("/")[2] for item in desk.items()) == ["10", "11"]

    def test_posts_that_are_refused_for_good_do_not_hide_a_deleted_one(self, desk: Desk, api: FakeApi) -> None:
        """They stay the longest not looked at, but not the longest not asked for."""
        desk.add("tag", f"{api.url}/tags/kalsel", SourceKind.MASTODON)
        last = mastodon_api.MAX_REFUSALS + 1
        api.answers[TAG] = [status(str(10 + n), f"kabar {n}") for n in range(last + 1)]
        poll(desk, api, "tag")
        age_checks(desk)
        api.answers |= {f"/api/v1/statuses/{10 + n}": (403, {"error": "x"}) for n in range(last + 1)}
        with desk.store.read() as session:  # the last one that is asked for is gone
            oldest_first = [row.url for row in session.scalars(select(PageRow).order_by(PageRow.id))]
        del api.answers[f"/api/v1/statuses/{oldest_first[-1].rpartition('/')[2]}"]
        api.answers[TAG] = []
        poll(desk, api, "tag")
        assert len(desk.items()) == last + 1
        poll(desk, api, "tag")
        assert len(desk.items()) == last, "the deleted post went with the second poll"

    def test_requests_are_paced_and_a_pause_holds_for_the_whole_instance(
        self, desk: Desk, api: FakeApi, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        slept: list[float] = []
        monkeypatch.setattr(time, "sleep", slept.append)
        apis = PostApis(desk.settings.model_copy(update={"domain_delay_seconds": 3600.0}), frozenset({api.host}))
        keeper = Keeper(desk.store, Job(Mode.ONCE))
        for name in ("kalsel", "banjir"):
            desk.add(name, f"{api.url}/tags/{name}", SourceKind.MASTODON)
        with desk.store.read() as session:
            kalsel, banjir = sorted(
                repository.enabled_sources(session, ["kalsel", "banjir"]), key=lambda each: each.id, reverse=True
            )
        api.answers |= {TAG: [status("11")], "/api/v1/timelines/tag/banjir": (429, {"error": "x"})}
        assert apis.poll(kalsel, keeper.errand(kalsel)).outcome.is_good
        assert apis.poll(banjir, keeper.errand(banjir)).outcome.http_status == 429
        (paused,) = [each for each in slept if each > 1]
        assert paused <= 3600
        asked = len(api.asked)
        outcome = apis.poll(kalsel, keeper.errand(kalsel)).outcome
        assert (outcome.detail, len(api.asked)) == ("the instance asked for a pause", asked)
        assert outcome.retry_after is not None
        assert outcome.retry_after > timedelta(minutes=4)

    def test_deletions_are_followed_where_the_timeline_is_closed(self, desk: Desk, api: FakeApi) -> None:
        desk.add("tag", f"{api.url}/tags/kalsel", SourceKind.MASTODON)
        api.answers[TAG] = [status("11")]
        poll(desk, api, "tag")
        age_checks(desk)
        api.answers[TAG] = (401, {"error": "This method requires an authenticated user"})
        assert poll(desk, api, "tag").state == "blocked"
        assert desk.items() == []

    def test_an_instance_that_is_gone_says_nothing_of_its_posts(self, desk: Desk, api: FakeApi) -> None:
        desk.add("tag", f"{api.url}/tags/kalsel", SourceKind.MASTODON)
        api.answers[TAG] = [status("11")]
        poll(desk, api, "tag")
        age_checks(desk)
        del api.answers[TAG]
        assert poll(desk, api, "tag").state == "gone"
        assert len(desk.items()) == 1

    def test_rss_of_the_same_instance_words_no_post_anew(self, desk: Desk, api: FakeApi) -> None:
        """Else each reading of the one and of the other would be a new version."""
        desk.add("tag", f"{api.url}/tags/kalsel", SourceKind.MASTODON)
        desk.add("rss", f"{api.url}/tags/kalsel.rss", SourceKind.MASTODON_RSS)
        api.answers[TAG] = [status("11", "isi", spoiler_text="Tentang banjir")]
        poll(desk, api, "tag")
        with desk.store.read() as session:
            (rss,) = repository.enabled_sources(session, ["rss"])
        url = f"{api.url}/11"
        with desk.store.write() as session:
            assert save_posts(session, rss, (), [Announcement(url, url_key(url), text="isi saja")], utc_now()) == 0
        (item,) = desk.items()
        assert desk.texts(item.id) == ["Tentang banjir\nisi"]

    def test_a_post_that_the_rss_brought_is_looked_at_again_by_the_api(self, desk: Desk, api: FakeApi) -> None:
        """Of the same instance only: another one may have a post of this number, or none."""
        desk.add("tag", f"{api.url}/tags/kalsel", SourceKind.MASTODON)
        desk.add("rss", f"{api.url}/tags/kalsel.rss", SourceKind.MASTODON_RSS)
        addresses = [f"{api.url}/11", f"{api.url}/notes/12", "https://lain.example/13"]
        found = [Announcement(each, url_key(each), text="Air naik di Martapura") for each in addresses]
        with desk.store.write() as session:
            (rss,) = repository.enabled_sources(session, ["rss"])
            saved = announcements.announce_posts(session, "rss", found, utc_now())
            assert save_posts(session, rss, saved.new, found, utc_now()) == 3
        age_checks(desk)
        api.answers[TAG] = []
        poll(desk, api, "tag")
        assert sorted(item.url for item in desk.items()) == sorted(addresses[1:])

    def test_a_dripping_answer_ends(self, desk: Desk) -> None:
        """Each byte comes in time for a single read; the whole never would."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            host = f"127.0.0.1:{server.getsockname()[1]}"

            def drip() -> None:
                connection, _ = server.accept()
                with connection, contextlib.suppress(OSError):
                    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                    while True:
                        connection.sendall(b" ")
                        time.sleep(0.1)

            threading.Thread(target=drip, daemon=True).start()
            with guarded_session(frozenset({host}), most_seconds=1.0) as session, pytest.raises(TooSlowAnswerError):
                session.get(f"http://{host}/", timeout=30)

    @pytest.mark.parametrize("code", [401, 403, 429, 500, 503])
    def test_a_refused_recheck_says_nothing_of_a_post(self, desk: Desk, api: FakeApi, code: int) -> None:
        desk.add("tag", f"{api.url}/tags/kalsel", SourceKind.MASTODON)
        api.answers[TAG] = [status("11")]
        poll(desk, api, "tag")
        age_checks(desk)
        api.answers |= {TAG: [], "/api/v1/statuses/11": (code, {"error": "x"})}
        assert poll(desk, api, "tag").state == "unchanged"
        assert len(desk.items()) == 1

    @pytest.mark.parametrize(
        ("answer", "state", "http_status", "failures"),
        [
            ((404, {"error": "x"}), "gone", 404, 0.5),
            ((401, {"error": "x"}), "blocked", 401, 1.0),
            ((422, {"error": "This method requires an authenticated user"}), "blocked", 422, 1.0),
            ((503, {"error": "x"}), "broken", 503, 0.5),
            ((200, b"<html>rahasia"), "broken", None, 0.5),
            ((200, b"x" * (9 * 1024 * 1024)), "broken", None, 0.5),
        ],
    )
    def test_a_failure_has_its_state(
        self, desk: Desk, api: FakeApi, answer: object, state: str, http_status: int | None, failures: float
    ) -> None:
        desk.add("tag", f"{api.url}/tags/kalsel", SourceKind.MASTODON)
        api.answers[TAG] = answer
        row = poll(desk, api, "tag")
        assert (row.state, row.failures) == (state, failures)
        assert (event(desk, "tag").http_status, desk.items()) == (http_status, [])
        assert "rahasia" not in everything(desk)

    def test_too_many_requests_are_obeyed(self, desk: Desk, api: FakeApi) -> None:
        desk.add("tag", f"{api.url}/tags/kalsel", SourceKind.MASTODON)
        reset = (datetime.now(UTC) + timedelta(hours=3)).isoformat()
        api.answers[TAG] = (429, {"error": "Too many requests"}, {"X-RateLimit-Reset": reset, "X-RateLimit-Limit": "1"})
        row = poll(desk, api, "tag")
        assert (row.state, event(desk, "tag").http_status) == ("broken", 429)
        assert row.next_poll_at > utc_now() + timedelta(hours=2, minutes=50)

    def test_a_private_address_is_never_asked(self, desk: Desk, api: FakeApi) -> None:
        desk.add("tag", f"{api.url}/tags/kalsel", SourceKind.MASTODON)
        keeper = Keeper(desk.store, Job(Mode.ONCE))
        with desk.store.read() as session:
            (source,) = repository.enabled_sources(session, ["tag"])
        read = PostApis(desk.settings).poll(source, keeper.errand(source))
        assert read.outcome.detail == "refused: 127.0.0.1 is not a public address"
        assert api.asked == []

    def test_a_name_that_leads_to_a_private_address_is_not_asked_either(
        self, desk: Desk, api: FakeApi, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The address is judged where the connection stands, whatever the name was."""
        real = socket.getaddrinfo
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda host, *args: real("127.0.0.1" if "sosial" in host else host, *args)
        )
        port = api.host.partition(":")[2]
        desk.add("tag", f"http://sosial.example:{port}/tags/kalsel", SourceKind.MASTODON)
        assert poll(desk, api, "tag").state == "broken"
        assert "sosial.example is not a public address" in event(desk, "tag").detail
        assert api.asked == []


class TestYoutube:
    def test_comments_of_a_video_then_only_newer_ones(self, desk: Desk, api: FakeApi) -> None:
        desk.add("video", VIDEO, SourceKind.YOUTUBE)
        api.answers[THREADS] = {"items": [thread("Ug1", replies=[comment("Ug1.r", "Benar, saya lihat")])]}
        assert poll(desk, api, "video").state == "ok"
        newer = thread("Ug2", "Sudah surut", publishedAt="2024-11-25T03:00:00Z")
        api.answers[THREADS] = {"items": [newer, thread("Ug1")], "nextPageToken": "lagi"}
        row = poll(desk, api, "video")
        assert len(desk.items()) == 3
        assert (event(desk, "video").entries, event(desk, "video").new_entries) == (2, 1)
        cursor = YoutubeCursor.read(row.cursor)
        assert (cursor.units, cursor.newest) == (2, datetime(2024, 11, 25, 3, 0, tzinfo=UTC))
        query = api.asked[0][1]
        assert (query["videoId"], query["order"], query["textFormat"]) == (["abcdefghijk"], ["time"], ["plainText"])

    def test_replies_and_reviewed_comments_below_newer_ones_are_read(self, desk: Desk, api: FakeApi) -> None:
        desk.add("video", VIDEO, SourceKind.YOUTUBE)
        api.answers[THREADS] = {"items": [thread("Ug2", publishedAt="2024-11-25T03:00:00Z")]}
        poll(desk, api, "video")
        later = thread("Ug2", publishedAt="2024-11-25T03:00:00Z", replies=[comment("Ug2.r", "Benar, saya lihat")])
        api.answers[THREADS] = {"items": [later, thread("Ug1", "Ditahan dulu", publishedAt="2024-11-25T02:00:00Z")]}
        poll(desk, api, "video")
        assert len(desk.items()) == 3

    def test_what_was_too_much_for_a_poll_is_told(self, desk: Desk, api: FakeApi) -> None:
        desk.add("video", VIDEO, SourceKind.YOUTUBE)
        api.answers[THREADS] = {"items": [thread("Ug0", publishedAt="2024-11-20T00:00:00Z")]}
        poll(desk, api, "video")
        api.answers[THREADS] = {"items": [thread("Ug1")], "nextPageToken": "lagi"}
        poll(desk, api, "video")
        assert len(api.asked) == 1 + 5
        assert "older ones are missing" in event(desk, "video").detail

    @pytest.mark.parametrize(
        ("code", "reason", "state"), [(404, "videoNotFound", "gone"), (403, "commentsDisabled", "blocked")]
    )
    def test_comments_go_with_their_video(self, desk: Desk, api: FakeApi, code: int, reason: str, state: str) -> None:
        desk.add("video", VIDEO, SourceKind.YOUTUBE)
        api.answers[THREADS] = {"items": [thread("Ug1")]}
        poll(desk, api, "video")
        age_checks(desk)
        api.answers |= {THREADS: (code, refusal(code, reason)), COMMENTS: {"items": []}}
        row = poll(desk, api, "video")
        assert (row.state, desk.items()) == (state, [])
        assert YoutubeCursor.read(row.cursor).units == 3

    def test_a_404_to_a_recheck_is_no_answer_for_all_of_them(self, desk: Desk, api: FakeApi) -> None:
        desk.add("video", VIDEO, SourceKind.YOUTUBE)
        api.answers[THREADS] = {"items": [thread(f"Ug{n}", f"kabar {n}") for n in range(4)]}
        poll(desk, api, "video")
        age_checks(desk)
        there = {"Ug0", "Ug1", "Ug3"}

        def answer(query: Query) -> object:
            asked = query["id"][0].split(",")
            if set(asked) - there:
                return 404, refusal(404, "commentNotFound")
            return {"items": [comment(id_, f"kabar {id_[2]}") for id_ in asked]}

        api.answers |= {THREADS: {"items": []}, COMMENTS: answer}
        poll(desk, api, "video")
        assert {item.url.partition("lc=")[2] for item in desk.items()} == there

    @pytest.mark.parametrize("answer", [(400, refusal(400, "processingFailure")), {}, [], {"items": None}])
    def test_a_recheck_that_fails_costs_no_new_comment_and_removes_nothing(
        self, desk: Desk, api: FakeApi, answer: object
    ) -> None:
        desk.add("video", VIDEO, SourceKind.YOUTUBE)
        api.answers[THREADS] = {"items": [thread("Ug1")]}
        poll(desk, api, "video")
        age_checks(desk)
        newer = thread("Ug2", "Sudah surut", publishedAt="2024-11-25T03:00:00Z")
        api.answers |= {THREADS: {"items": [newer, thread("Ug1")]}, COMMENTS: answer}
        assert poll(desk, api, "video").state == "ok"
        assert len(desk.items()) == 2
        assert "could not be looked at again" in event(desk, "video").detail

    def test_an_id_that_the_api_does_not_take_spoils_no_other(self, desk: Desk, api: FakeApi) -> None:
        desk.add("video", VIDEO, SourceKind.YOUTUBE)
        api.answers[THREADS] = {"items": [thread(f"Ug{n}", f"kabar {n}") for n in range(4)]}
        poll(desk, api, "video")
        age_checks(desk)

        def answer(query: Query) -> object:
            asked = query["id"][0].split(",")
            return (400, refusal(400, "invalidValue")) if "Ug2" in asked else {"items": []}

        api.answers |= {THREADS: {"items": []}, COMMENTS: answer}
        poll(desk, api, "video")
        assert [item.url.partition("lc=")[2] for item in desk.items()] == ["Ug2"]
        assert "1 stored comments could not be looked at again" in event(desk, "video").detail
        asked = len(api.asked)
        poll(desk, api, "video")
        assert COMMENTS not in api.paths()[asked:], "its next turn is a day later"

    def test_polls_side_by_side_share_the_units(self, desk: Desk, api: FakeApi) -> None:
        """Each knows what was saved before it began; what the other spends meanwhile is counted all the same."""
        desk.add("video", VIDEO, SourceKind.YOUTUBE)
        api.answers[THREADS] = {"items": [thread()]}
        keeper = Keeper(desk.store, Job(Mode.ONCE))
        with desk.store.read() as session:
            (source,) = repository.enabled_sources(session, ["video"])
        errand, apis = keeper.errand(source), PostApis(desk.settings, youtube_endpoint=api.url)
        reads = [apis.poll(source, errand) for _ in range(25)]
        assert len(api.asked) == 20
        assert "quota" in reads[-1].outcome.detail

    def test_channel_pages_end_at_the_known(self, desk: Desk, api: FakeApi) -> None:
        desk.add("saluran", CHANNEL, SourceKind.YOUTUBE)
        api.answers[THREADS] = {"items": [thread("Ug0", publishedAt="2024-11-20T00:00:00Z")]}
        poll(desk, api, "saluran")
        days = [thread(f"Ug{day}", publishedAt=f"2024-11-2{day}T00:00:00Z") for day in range(4)]
        pages = {
            None: {"items": [days[3]], "nextPageToken": "b"},
            "b": {"items": [days[2], days[0]], "nextPageToken": "c"},
        }
        api.answers[THREADS] = lambda query: pages[query.get("pageToken", [None])[0]]
        poll(desk, api, "saluran")
        assert len(desk.items()) == 3
        assert api.asked[0][1]["allThreadsRelatedToChannelId"] == ["UC" + "a" * 22]

    def test_key_travels_in_a_header_and_is_nowhere_else(self, desk: Desk, api: FakeApi) -> None:
        desk.add("video", VIDEO, SourceKind.YOUTUBE)
        api.answers[THREADS] = (400, refusal(400, "badRequest"))
        poll(desk, api, "video")
        (_, query, headers) = api.asked[0]
        assert {name.lower(): value for name, value in headers.items()}["x-goog-api-key"] == "kunci-rahasia"
        assert "kunci-rahasia" not in str(query) + everything(desk) + repr(desk.settings)

    def test_the_day_never_costs_more_than_its_quota(self, desk: Desk, api: FakeApi) -> None:
        desk.add("video", VIDEO, SourceKind.YOUTUBE)
        desk.add("saluran", CHANNEL, SourceKind.YOUTUBE)
        api.answers[THREADS] = {"items": [thread()], "nextPageToken": "lagi"}
        for _ in range(15):
            for id_ in ("video", "saluran"):
                poll(desk, api, id_)
        assert len(api.asked) == desk.settings.youtube_daily_units == 20
        row = desk.source("video")
        assert (row.state, row.parked) == ("broken", False)
        assert "quota" in event(desk, "video").detail
        with desk.store.write() as session:
            session.execute(update(SourceRow).values(cursor="2020-01-01 20 -"))
        poll(desk, api, "video")
        assert len(api.asked) == 21, "a new day has new units"

    def test_a_check_is_counted_and_reads_nothing_for_good(self, desk: Desk, api: FakeApi) -> None:
        desk.add("video", VIDEO, SourceKind.YOUTUBE)
        api.answers[THREADS] = {"items": [thread()]}
        keeper = Keeper(desk.store, Job(Mode.CHECK))
        apis = PostApis(desk.settings, youtube_endpoint=api.url)
        for _ in range(2):
            with desk.store.read() as session:
                (source,) = repository.enabled_sources(session, ["video"])
            keeper.note_check(source, apis.poll(source, keeper.errand(source)))
        cursor = YoutubeCursor.read(desk.source("video").cursor)
        assert (cursor.units, cursor.newest, desk.items()) == (2, None, [])
        assert [each.entries for each in keeper.tally.checks] == [1, 1]

    def test_polls_are_spread_over_the_day(self, desk: Desk, api: FakeApi) -> None:
        desk.add("video", VIDEO, SourceKind.YOUTUBE)
        api.answers[THREADS] = {"items": [thread()]}
        assert poll(desk, api, "video").next_poll_at >= utc_now() + timedelta(minutes=71)  # 24 hours / 20 units

    @pytest.mark.parametrize(
        ("code", "reason", "state", "failures"),
        [
            (403, "quotaExceeded", "broken", 0.5),
            (403, "rateLimitExceeded", "broken", 0.5),
            (429, "rateLimitExceeded", "broken", 0.5),
            (403, "commentsDisabled", "blocked", 1.0),
            (404, "videoNotFound", "gone", 0.5),
            (400, "keyInvalid", "broken", 1.0),
            (500, "backendError", "broken", 0.5),
        ],
    )
    def test_a_refusal_has_its_state_and_is_counted(
        self, desk: Desk, api: FakeApi, code: int, reason: str, state: str, failures: float
    ) -> None:
        desk.add("video", VIDEO, SourceKind.YOUTUBE)
        api.answers[THREADS] = (code, refusal(code, reason))
        before = pacific_day(utc_now())  # midnight may pass meanwhile
        row = poll(desk, api, "video")
        assert (row.state, row.failures, event(desk, "video").http_status) == (state, failures, code)
        spent = YoutubeCursor.read(row.cursor)
        assert spent in (YoutubeCursor(before, 1), YoutubeCursor(pacific_day(utc_now()), 1))
        if reason == "quotaExceeded":
            assert row.next_poll_at <= utc_now() + timedelta(hours=25)

    @pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"error": 3}', b"\xff\xfe"])
    def test_an_odd_answer_is_a_failure_with_a_reason(self, desk: Desk, api: FakeApi, body: bytes) -> None:
        desk.add("video", VIDEO, SourceKind.YOUTUBE)
        api.answers[THREADS] = (403, body)
        assert poll(desk, api, "video").state == "broken"
        assert event(desk, "video").detail

    def test_a_deleted_comment_is_removed_here(self, desk: Desk, api: FakeApi) -> None:
        desk.add("video", VIDEO, SourceKind.YOUTUBE)
        api.answers[THREADS] = {
            "items": [thread("Ug1"), thread("Ug2", "Sudah surut", publishedAt="2024-11-25T01:00:00Z")]
        }
        poll(desk, api, "video")
        age_checks(desk)
        api.answers[COMMENTS] = {"items": [comment("Ug2", "Sudah surut", videoId=None)]}
        poll(desk, api, "video")
        (left,) = desk.items()
        assert (desk.texts(left.id), left.url) == (["Sudah surut"], f"{VIDEO}&lc=Ug2")
        assert "Ug1" not in everything(desk)

    def test_without_a_key_it_says_what_to_set(self, tmp_path: Path, api: FakeApi) -> None:
        desk = open_desk(tmp_path / "lain")
        desk.add("video", VIDEO, SourceKind.YOUTUBE)
        poll(desk, api, "video")
        assert "WASPADA_YOUTUBE_API_KEY" in event(desk, "video").detail
        assert api.asked == []
        desk.store.close()

    def test_nothing_of_youtube_is_kept_beyond_30_days(self, desk: Desk, api: FakeApi) -> None:
        desk.add("video", VIDEO, SourceKind.YOUTUBE)
        api.answers[THREADS] = {"items": [thread("Ug1", "Banjir di Astambul")]}
        poll(desk, api, "video")
        assert purge(desk.store, utc_now() + YOUTUBE_RETENTION - timedelta(minutes=1)).posts == 0
        assert purge(desk.store, utc_now() + YOUTUBE_RETENTION + timedelta(minutes=1)).posts == 1
        assert not {word for word in ("Astambul", "Ug1") if word in everything(desk)}
        poll(desk, api, "video")
        assert desk.items() == [], "what has had its time is not collected again"


@pytest.mark.parametrize("kind", [SourceKind.MASTODON, SourceKind.YOUTUBE])
def test_all_goes_through_the_door(desk: Desk, api: FakeApi, kind: SourceKind) -> None:
    written = "Hubungi <a>@camat_fiktif</a> atau 0812-5555-0101, air naik"
    if kind is SourceKind.MASTODON:
        desk.add("a", f"{api.url}/tags/kalsel", kind)
        api.answers[TAG] = [status("11", written)]
    else:
        desk.add("a", VIDEO, kind)
        api.answers[THREADS] = {"items": [thread("Ug1", "Hubungi @camat_fiktif atau 0812-5555-0101, air naik")]}
    poll(desk, api, "a")
    (item,) = desk.items()
    assert desk.texts(item.id) == ["Hubungi [akun] atau [telepon], air naik"]
    assert item.kind == "post"
    assert item.voice is not None
    assert len(item.voice) == 32
    assert item.lang == "id"
    assert not [word for word in (*NAMES, *CONTACTS, "Siti") if word in everything(desk)]


@pytest.mark.parametrize("kind", [SourceKind.MASTODON, SourceKind.YOUTUBE])
def test_without_the_extra_a_source_says_what_to_install(
    desk: Desk, api: FakeApi, kind: SourceKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polls, "missing_extra", lambda kind: f"{kind} needs: pip install 'waspada[posts]'")
    desk.add("a", VIDEO if kind is SourceKind.YOUTUBE else f"{api.url}/tags/kalsel", kind)
    assert poll(desk, api, "a").state == "broken"
    assert "pip install 'waspada[posts]'" in event(desk, "a").detail


def test_a_crawl_reads_an_instance_beside_the_feeds(desk: Desk, api: FakeApi) -> None:
    """End to end, in the collector's own process; a stream is left to `waspada run`."""
    desk.add("tag", f"{api.url}/tags/kalsel", SourceKind.MASTODON)
    desk.add("bsky", f"{api.url}/?words=kalsel", SourceKind.BLUESKY)
    api.answers[TAG] = [status("11")]
    rows = desk.crawl(frozenset({api.host}), only_allowed=True)
    assert (rows["tag"].state, rows["tag"].new) == ("ok", 1)
    assert (rows["bsky"].state, rows["bsky"].why) == ("waiting", "a stream: `waspada run` reads it all the time")
    with desk.store.read() as session:
        assert session.scalars(select(ItemRow.url)).all() == [f"{api.url}/11"]
        assert session.scalars(select(ItemVersionRow.text)).all() == ["Air naik di Martapura"]
