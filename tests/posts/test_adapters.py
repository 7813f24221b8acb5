"""What the APIs give becomes announcements and deletions, without an author's name in any address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from crawler.posts.bluesky import BlueskyAdapter, address_key, cursor_of, fits
from crawler.posts.mastodon import MastodonAdapter, status_id
from crawler.posts.types import AccountGone, Adapter, Gone
from crawler.posts.youtube import (
    YoutubeAdapter,
    YoutubeCursor,
    comment_id,
    fair_wait,
    pacific_day,
    spent_units,
    until_reset,
)
from tests.posts.payloads import DID, account, comment, commit, status, thread
from waspada.items.policy import url_key
from waspada.sources.addresses import Stream
from waspada.sources.types import Announcement

SECRET = b"k" * 32
NOON = datetime(2024, 11, 25, 4, 0, tzinfo=UTC)
MASTODON = MastodonAdapter("https://sosial.example")
BLUESKY = BlueskyAdapter(
    SECRET, {"banjir": Stream("https://jetstream.example", ("kalsel", "martapura"), ("id", "bjn"))}
)


def posts(adapter: Adapter, raw: Mapping[str, Any]) -> list[Announcement]:
    return [said for said in adapter.read(raw) if isinstance(said, Announcement)]


class TestMastodon:
    def test_status(self) -> None:
        (found,) = posts(MASTODON, status("111", "Air <b>naik</b> &amp; deras<br>di Martapura"))
        assert found.url == "https://sosial.example/111"
        assert found.url_key == url_key(found.url)
        assert found.text == "Air naik & deras\ndi Martapura"
        assert found.published_at == datetime(2024, 11, 25, 3, 0, tzinfo=UTC)
        assert found.handle == "siti_rahmah@sosial.example"
        assert "siti" not in repr(found)
        assert status_id(found.url) == "111"

    def test_account_has_one_handle_whichever_instance_shows_it(self) -> None:
        (here,) = posts(MastodonAdapter("https://lain.example"), status(account_acct="siti_rahmah@sosial.example"))
        (there,) = posts(MASTODON, status())
        assert here.handle == there.handle

    def test_so_has_one_whose_instance_names_its_accounts_after_another_domain(self) -> None:
        (elsewhere,) = posts(MastodonAdapter("https://lain.example"), status(account_acct="siti_rahmah@warga.example"))
        (at_home,) = posts(MASTODON, status())
        assert elsewhere.handle == at_home.handle == "siti_rahmah@sosial.example"

    def test_date_may_come_as_the_library_casts_it(self) -> None:
        (found,) = posts(MASTODON, status(created_at=NOON, edited_at=NOON + timedelta(hours=1)))
        assert (found.published_at, found.updated_at) == (NOON, NOON + timedelta(hours=1))

    def test_warning_stands_before_the_text(self) -> None:
        (found,) = posts(MASTODON, status(text="isi", spoiler_text="Tentang banjir"))
        assert found.text == "Tentang banjir\nisi"

    @pytest.mark.parametrize(
        "given",
        [
            {"visibility": "private"},
            {"visibility": "unlisted"},
            {"visibility": "direct"},
            {"reblog": {"id": "5"}},
            {"account_bot": True},
            {"account_noindex": True},
            {"account_note": "<p>warga Banjarbaru #NoBot</p>"},
            {"account_note": '<p>warga <a href="https://sosial.example/tags/noindex">#<span>noindex</span></a></p>'},
            {"account_fields": [None, {"name": "Catatan", "value": "#nosearch"}]},
            {"account_url": "https://www.threads.net/@siti_rahmah"},
            {"content": ""},
            {"content": "<p> </p>"},
            {"id": "../../x"},
            {"id": "\u0661\u0662"},
            {"id": None},
            {"content": None},
        ],
    )
    def test_what_is_not_public_or_not_wanted_says_nothing(self, given: dict[str, Any]) -> None:
        assert list(MASTODON.read(status() | given if "account" not in next(iter(given)) else status(**given))) == []


class TestYoutube:
    def test_thread_with_replies(self) -> None:
        raw = thread("Ug1", "Banjir", replies=[comment("Ug1.r1", "Benar", videoId="abcdefghijk")])
        top, reply = posts(YoutubeAdapter(), raw)
        assert top.url == "https://www.youtube.com/watch?v=abcdefghijk&lc=Ug1"
        assert (top.text, reply.text) == ("Banjir", "Benar")
        assert top.handle == "UCpenulisfiktif"
        assert (comment_id(top.url), comment_id(reply.url), comment_id("")) == ("Ug1", "Ug1.r1", "")
        assert top.url_key != reply.url_key

    def test_single_comment_has_the_key_of_its_thread(self) -> None:
        """The API leaves the video out of comments that are asked for by id."""
        (alone,) = posts(YoutubeAdapter(), comment("Ug1", videoId=""))
        (top,) = posts(YoutubeAdapter(), thread("Ug1"))
        assert alone.url_key == top.url_key

    @pytest.mark.parametrize(
        "raw",
        [
            thread() | {"snippet": {"isPublic": False, "topLevelComment": comment()}},
            comment(moderationStatus="heldForReview"),
            comment(textDisplay="", textOriginal=""),
            thread() | {"snippet": None},
            {},
        ],
    )
    def test_what_is_not_public_says_nothing(self, raw: dict[str, Any]) -> None:
        assert list(YoutubeAdapter().read(raw)) == []

    def test_cursor_counts_a_day_and_keeps_the_newest(self) -> None:
        first = YoutubeCursor().after("2024-11-24", 3, NOON)
        assert first.after("2024-11-24", 2, NOON - timedelta(hours=1)) == YoutubeCursor("2024-11-24", 5, NOON)
        assert first.after("2024-11-25", 1, None) == YoutubeCursor("2024-11-25", 1, NOON)
        assert YoutubeCursor.read(str(first)) == first
        assert YoutubeCursor.read(str(YoutubeCursor("2024-11-24", 1))) == YoutubeCursor("2024-11-24", 1)

    @pytest.mark.parametrize("text", [None, "", "x", "2024-11-24 -3 -", "2024-11-24 ² -", "a b c d"])
    def test_odd_cursor_is_that_of_a_source_never_read(self, text: str | None) -> None:
        assert YoutubeCursor.read(text) == YoutubeCursor()

    def test_day_of_the_quota_is_pacific(self) -> None:
        before, after = datetime(2024, 11, 25, 7, 59, tzinfo=UTC), datetime(2024, 11, 25, 8, 0, tzinfo=UTC)
        assert (pacific_day(before), pacific_day(after)) == ("2024-11-24", "2024-11-25")
        assert until_reset(before) == timedelta(minutes=1)
        assert spent_units(["2024-11-24 3 -", "2024-11-24 4 -", "2024-11-23 9 -", None], "2024-11-24") == 7

    def test_sources_share_the_day(self) -> None:
        wait = fair_wait(100, 2, 10_000)
        assert 100 * 2 * timedelta(days=1) / wait <= 10_000


class TestBluesky:
    def test_post(self) -> None:
        (found,) = posts(BLUESKY, commit())
        assert found.url == "https://bsky.app/profile/-/post/3lbqxk2aaaa2b"
        assert found.url_key == address_key(SECRET, DID, "3lbqxk2aaaa2b")
        assert found.handle == DID
        assert found.published_at == datetime(2024, 11, 25, 3, 59, 59, tzinfo=UTC)
        assert BLUESKY.source_of(commit()) == "banjir"

    def test_key_needs_the_secret_and_tells_accounts_apart(self) -> None:
        keys = {address_key(s, d, "3a") for s in (SECRET, b"x" * 32) for d in (DID, "did:plc:lain")}
        assert len(keys) == 4
        assert url_key(f"at://{DID}/app.bsky.feed.post/3a") not in keys

    def test_delete_names_the_key_of_the_post(self) -> None:
        assert list(BLUESKY.read(commit(operation="delete"))) == [Gone(address_key(SECRET, DID, "3lbqxk2aaaa2b"))]

    def test_edit_that_no_longer_fits_takes_the_post_back(self) -> None:
        (said,) = BLUESKY.read(commit(text="Selamat pagi", operation="update"))
        assert said == Gone(address_key(SECRET, DID, "3lbqxk2aaaa2b"))

    @pytest.mark.parametrize("state", ["deleted", "takendown", "deactivated", "suspended"])
    def test_account_that_is_gone(self, state: str) -> None:
        (said,) = BLUESKY.read(account(state))
        assert said == AccountGone(DID)
        assert DID not in repr(said)

    @pytest.mark.parametrize(
        "raw",
        [
            commit(text="Selamat pagi"),
            commit(text="The flood in Martapura is over", langs=["en"]),
            commit() | {"collection": "app.bsky.feed.like"},
            commit() | {"record": None},
            commit() | {"record": "x"},
            commit() | {"did": None},
            commit() | {"rkey": 7},
            commit() | {"rkey": "a\x00b"},
            commit() | {"rkey": "a/b"},
            commit() | {"rkey": "x" * 513},
            commit() | {"operation": "tambah"},
            account("throttled"),
            account("deleted", active=True),
            {"$type": "network.bsky.jetstream.subscribeEvents#info", "name": "OutdatedCursor"},
            {},
        ],
    )
    def test_the_rest_says_nothing(self, raw: dict[str, Any]) -> None:
        assert list(BLUESKY.read(raw)) == []

    @pytest.mark.parametrize(
        ("record", "words", "langs", "expected"),
        [
            ({"text": "Banjir di KALSEL!"}, ("kalsel",), (), True),
            ({"text": "Banjir di kalselan"}, ("kalsel",), (), False),
            ({"text": "Hulu Sungai Tengah siaga"}, ("hulu sungai tengah",), (), True),
            ({"text": "siaga", "tags": ["Kalsel"]}, ("kalsel",), (), True),
            ({"text": "siaga", "facets": [{"features": [{"tag": "kalsel"}]}]}, ("kalsel",), (), True),
            ({"text": "siaga", "facets": [None, {"features": [7]}], "tags": 3}, ("kalsel",), (), False),
            ({"text": "Kada tahu napa di kalsel"}, ("kalsel",), ("bjn",), True),
            ({"text": "The flood in kalsel is over"}, ("kalsel",), ("bjn",), False),
            ({"text": "The flood in kalsel is over", "langs": ["en"]}, ("kalsel",), ("id",), False),
            ({"text": "Warga kalsel tidak bisa pulang", "langs": ["en"]}, ("kalsel",), ("id",), True),
            ({"text": "kalsel", "langs": []}, ("kalsel",), ("id",), True),
            ({"text": "kalsel", "langs": ["en"]}, ("kalsel",), ("id",), False),
            ({"text": "kalsel", "langs": 7}, ("kalsel",), ("id",), True),
            ({"text": "Banjir kalsel", "langs": ["id-ID"]}, ("kalsel",), ("id",), True),
            ({"text": None}, ("kalsel",), (), False),
            ({}, ("kalsel",), (), False),
        ],
    )
    def test_filter(
        self, record: dict[str, Any], words: tuple[str, ...], langs: tuple[str, ...], expected: bool
    ) -> None:
        assert fits(record, Stream("https://jetstream.example", words, langs)) is expected

    def test_cursor_is_a_time_in_microseconds(self) -> None:
        assert cursor_of(commit(seq=7)) == "1732507200000007"
        assert cursor_of({}) is None


@pytest.mark.parametrize("adapter", [MASTODON, YoutubeAdapter(), BLUESKY], ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("odd", [None, 7, "x", [], [[]], {"a": {}}])
def test_odd_answers_never_raise(adapter: Adapter, odd: object) -> None:
    for raw in (status(), thread(), comment(), commit(), account()):
        for name in raw:
            list(adapter.read(raw | {name: odd}))
        snippet = raw.get("snippet")
        for name in snippet if isinstance(snippet, dict) else ():
            list(adapter.read(raw | {"snippet": raw["snippet"] | {name: odd}}))


@pytest.mark.parametrize(
    "written",
    [f"lihat {DID}", f"https://bsky.app/profile/{DID}/post/3k", "kata siti-r.bsky.social", "di a.b.bsky.social"],
)
def test_accounts_in_the_text_of_a_bluesky_post_are_masked(written: str) -> None:
    (found,) = posts(BLUESKY, commit(text=f"{written}: Martapura banjir"))
    assert DID not in found.text
    assert "bsky.social" not in found.text
    assert found.text.endswith(": Martapura banjir")


@pytest.mark.parametrize("edge", [(1, 1, 1), (9999, 12, 31, 23)])
@pytest.mark.parametrize("hours", [-12, 0, 12])
def test_the_edges_of_the_calendar_are_no_time(edge: tuple[int, ...], hours: int) -> None:
    when = datetime(*edge, tzinfo=timezone(timedelta(hours=hours)))  # type: ignore[arg-type, misc]
    (found,) = posts(MASTODON, status(created_at=when))
    assert found.published_at is None or found.published_at.utcoffset() == timedelta(0)


def test_ids_that_no_youtube_gives_say_nothing() -> None:
    assert list(YoutubeAdapter().read(comment("Ug\ud800"))) == []
    assert list(YoutubeAdapter().read(comment("Ug1&v=lain"))) == []
    assert list(YoutubeAdapter().read(comment("Ug1", videoId="a" * 21))) == []


def test_hostile_text_is_cleaned() -> None:
    (found,) = posts(MASTODON, status(text="a\x00b\u202ec\ud800" + "<i>" * 3000 + "x" * 300_000))
    assert "\x00" not in found.text
    assert "\u202e" not in found.text
    assert len(found.text) <= 200_000
