"""Addresses by kind; those whose terms forbid this use; words that may be followed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from waspada.errors import InputError
from waspada.sources import addresses, service
from waspada.sources.addresses import Comments, Stream, Timeline
from waspada.sources.extras import missing_extra
from waspada.sources.opml import read_opml, write_opml
from waspada.sources.terms import forbidden_by
from waspada.sources.types import POST_KINDS, NewSource, SourceKind, SourceRole
from waspada.sources.watchwords import check_watchword
from waspada.store.engine import Store, open_url

NOW = datetime(2024, 11, 3, 8, 0, tzinfo=UTC)
GOOD = {
    SourceKind.MASTODON: "https://sosial.example/tags/kalsel",
    SourceKind.BLUESKY: "https://jetstream.us-east.bsky.network/?words=kalsel,Hulu+Sungai+Tengah&langs=id,bjn",
    SourceKind.YOUTUBE: "https://www.youtube.com/watch?v=abcdefghijk",
}


@pytest.fixture
def store() -> Iterator[Store]:
    store = open_url("sqlite://")
    yield store
    store.close()


@pytest.mark.parametrize(
    ("url", "whose"),
    [
        ("https://x.com/kalsel", "X"),
        ("https://mobile.twitter.com/kalsel", "X"),
        ("https://t.me/s/kalsel", "Telegram"),
        ("https://web.telegram.org/k/", "Telegram"),
        ("https://www.facebook.com/groups/1", "Meta"),
        ("https://m.facebook.com./groups/1", "Meta"),
        ("https://INSTAGRAM.com/kalsel", "Meta"),
        ("https://www.threads.net/@kalsel", "Meta"),
        ("https://chat.whatsapp.com/abc", "Meta"),
        ("https://www.messenger.com/t/1", "Meta"),
        ("https://xcancel.com/kalsel", "X"),
    ],
)
@pytest.mark.parametrize("kind", [SourceKind.RSS, SourceKind.HTML, SourceKind.MASTODON])
def test_addresses_whose_terms_forbid_it_are_refused_with_the_reason(
    store: Store, url: str, whose: str, kind: SourceKind
) -> None:
    with store.write() as session, pytest.raises(InputError, match=rf"the terms of {whose} forbid this use"):
        service.add_source(session, NewSource(url=url, kind=kind), NOW)


@pytest.mark.parametrize("url", ["https://box.com/feed", "https://notx.com/feed", "https://x.com.example/feed"])
def test_others_are_not(store: Store, url: str) -> None:
    assert forbidden_by(url) is None
    with store.write() as session:
        assert service.add_source(session, NewSource(url=url), NOW)


@pytest.mark.parametrize("kind", GOOD)
def test_kinds_of_posts_have_their_role_and_terms(store: Store, kind: SourceKind) -> None:
    with store.write() as session:
        id_ = service.add_source(session, NewSource(url=GOOD[kind], kind=kind), NOW)
    with store.read() as session:
        row = service.find(session, id_)
        assert (row.role, row.kind, row.cursor) == ("post", kind, None)
        assert "handles are never stored" in row.terms
        assert "have not been read by a person yet" in row.terms
        (back,) = read_opml(write_opml([row], NOW))
    assert (back.kind, back.url) == (kind, GOOD[kind])
    assert kind in POST_KINDS


def test_every_kind_has_its_terms() -> None:
    assert set(service.TERMS) == set(SourceKind)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://sosial.example/tags/kalsel", Timeline("https://sosial.example", "kalsel")),
        ("https://sosial.example/tags/Pilkada2024/", Timeline("https://sosial.example", "Pilkada2024")),
        ("https://sosial.example/public", Timeline("https://sosial.example")),
        ("https://sosial.example:8443/public/local", Timeline("https://sosial.example:8443", local=True)),
    ],
)
def test_timelines(url: str, expected: Timeline) -> None:
    assert addresses.timeline(url) == expected


@pytest.mark.parametrize("path", ["", "/", "/home", "/@siti", "/tags/", "/tags/a/b", "/tags/a%2Fb", "/tags/kal sel"])
def test_what_is_no_timeline(path: str) -> None:
    with pytest.raises(InputError, match="no timeline"):
        addresses.timeline(f"https://sosial.example{path}")


@pytest.mark.parametrize("path", ["/tags/kalsel.rss", "/tags/Pilkada2024.rss?local=true"])
@pytest.mark.parametrize("role", [None, SourceRole.OFFICIAL])
def test_feeds_of_hashtags_are_posts_of_the_public(store: Store, path: str, role: SourceRole | None) -> None:
    new = NewSource(url=f"https://sosial.example{path}", kind=SourceKind.MASTODON_RSS, role=role)
    with store.write() as session:
        assert service.find(session, service.add_source(session, new, NOW)).role == "post"


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("/tags/SitiRahmah.rss", "neither a place nor a topic"),
        ("/tags/kalsel.rss?any[]=SitiRahmah", "no feed of a hashtag"),
        ("/tags/kalsel", "no feed of a hashtag"),
        ("/feed", "no feed of a hashtag"),
        ("/@sitirahmah.rss", "persons are not followed"),
        ("/%40sitirahmah.rss", "persons are not followed"),
        ("/users/sitirahmah.rss", "persons are not followed"),
        ("/@sitirahmah/tagged/kalsel.rss", "persons are not followed"),
        ("/users/sitirahmah/feed.atom", "persons are not followed"),
    ],
)
@pytest.mark.parametrize("role", [None, SourceRole.POST, SourceRole.FACTCHECK])
def test_no_feed_of_posts_follows_a_person(path: str, problem: str, role: SourceRole | None) -> None:
    with pytest.raises(InputError, match=problem):
        addresses.check_address(SourceKind.MASTODON_RSS, f"https://sosial.example{path}", role)


@pytest.mark.parametrize("role", [SourceRole.OFFICIAL, SourceRole.NEWS])
def test_the_account_of_an_institution_is_followed_when_somebody_says_so(store: Store, role: SourceRole) -> None:
    url = "https://sosial.example/@bpbdkalsel.rss"
    with pytest.raises(InputError, match="--kind mastodon-rss"):
        addresses.check_address(SourceKind.RSS, url, role)
    with store.write() as session:
        id_ = service.add_source(session, NewSource(url=url, kind=SourceKind.MASTODON_RSS, role=role), NOW)
        row = service.find(session, id_)
        assert row.role == role
        (back,) = read_opml(write_opml([row], NOW))
    addresses.check_address(back.kind, back.url, back.role)


def test_the_hashtag_of_a_feed_has_an_address_of_the_api() -> None:
    assert addresses.timeline_of_feed("https://sosial.example/tags/kalsel.rss") == GOOD[SourceKind.MASTODON]
    assert addresses.timeline_of_feed("https://sosial.example/@bpbd.rss") is None


def test_stream() -> None:
    found = addresses.stream(GOOD[SourceKind.BLUESKY])
    base = "https://jetstream.us-east.bsky.network"
    assert found == Stream(base, ("kalsel", "hulu sungai tengah"), ("id", "bjn"))
    assert addresses.stream(f"{base}/?words=%23Kalsel,kalsel").words == ("kalsel",)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("https://bsky.app/?words=kalsel", "no Jetstream"),
        ("https://jetstream1.us-east.bsky.network/?words=kalsel", "no Jetstream"),
        ("https://jetstream.us-east.bsky.network/", "needs 1 to 100 words"),
        ("https://jetstream.us-east.bsky.network/?words=,&langs=id", "needs 1 to 100 words"),
        ("https://jetstream.us-east.bsky.network/?words=kalsel&langs=indonesia", "no language code"),
        ("https://jetstream.us-east.bsky.network/?words=siti+rahmah", "neither a place nor a topic"),
    ],
)
def test_what_is_no_stream(url: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        addresses.stream(url)


def test_comments() -> None:
    assert addresses.comments(GOOD[SourceKind.YOUTUBE]) == Comments(video="abcdefghijk")
    channel = "UC" + "a" * 22
    assert addresses.comments(f"https://youtube.com/channel/{channel}") == Comments(channel=channel)
    for url in ("https://www.youtube.com/@stasiun", "https://www.youtube.com/watch?v=x", "https://vimeo.com/1"):
        with pytest.raises(InputError, match="by its id"):
            addresses.comments(url)


@pytest.mark.parametrize(
    "word",
    [
        "kalsel",
        "Banjarmasin",
        "hulu sungai tengah",
        "hulusungaitengah",
        "infokalsel",
        "pilkada2024",
        "pilkada_banjar",
        "banjir",
        "netralitasasn",
        "KPU",
        "save kalsel",
        "pilkada2024aman",
        "banjarbarubersih",
        "serangan fajar",
    ],
)
def test_places_and_topics_may_be_followed(word: str) -> None:
    check_watchword(word)


@pytest.mark.parametrize(
    "word",
    ["fajar", "fajarbanjar", "siti rahmah", "rahmah",
     "banjir siti", "2024x", "", "__", "sitirahmah", "pilkadasitirahmah", "banjarrahmah",
     "rahmahpilkada2024", "kami", "2024", "081255550101", "kalsel081255550101", "banjar" * 20],
)  # fmt: skip
def test_persons_may_not(word: str) -> None:
    with pytest.raises(InputError, match="neither a place nor a topic"):
        check_watchword(word)


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        (GOOD[SourceKind.BLUESKY], SourceKind.BLUESKY),
        (GOOD[SourceKind.YOUTUBE], SourceKind.YOUTUBE),
        ("https://sosial.example/public/local/", SourceKind.MASTODON),
        ("https://kabar.example/tags/kalsel", None),  # of an instance, or of an outlet
        ("https://kabar.example/feed", None),
    ],
)
def test_some_addresses_tell_their_kind(url: str, kind: SourceKind | None) -> None:
    assert addresses.post_kind(url) is kind


@pytest.mark.parametrize("url", ["https://www.youtube.com/@kanal", "https://jetstream.us-east.bsky.network/"])
def test_an_address_of_a_known_kind_that_cannot_be_read_is_no_page_to_look_at(url: str) -> None:
    with pytest.raises(InputError):
        addresses.post_kind(url)


def test_an_extra_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [missing_extra(kind) for kind in SourceKind] == [None] * len(SourceKind)
    monkeypatch.setattr("waspada.sources.extras.find_spec", lambda _name: None)
    assert missing_extra(SourceKind.RSS) is None
    for kind, package in (("mastodon", "Mastodon.py"), ("bluesky", "atproto"), ("youtube", "google-api-python-client")):
        problem = missing_extra(SourceKind(kind))
        assert problem == f"sources of the kind {kind} need {package}; install it with: pip install 'waspada[posts]'"
