"""Events of Bluesky's Jetstream (network.bsky.jetstream.subscribeEvents) as announcements and deletions: pure.

The address of a post names its author, so what is stored is `https://bsky.app/profile/-/post/RKEY`, which is not
unique; a post is known by a keyed hash of its whole address (`at://DID/...`), with the installation's secret key. A
plain hash would lead back to the author: accounts can be listed and tried.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from crawler.posts.types import AccountGone, Gone, Said, mapping, moment, post, string
from waspada.items.language import language_of
from waspada.privacy.door import AKUN
from waspada.sources.addresses import Stream

POSTS = "app.bsky.feed.post"
EVENTS = "network.bsky.jetstream.subscribeEvents"
#: States in which an account's posts are no longer public; the others concern the transport.
_HIDDEN_STATES = frozenset({"deleted", "takendown", "deactivated", "suspended"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SEPARATORS = re.compile(r"[\W_]+")
#: A record key as the AT Protocol has it (atproto.com/specs/record-key).
_RECORD_KEY = re.compile(r"[A-Za-z0-9._:~-]{1,512}")
#: Accounts as Bluesky writes them, beyond the mentions that the door masks: identifiers, and names without an "@".
_ACCOUNT = re.compile(
    r"did:(?:plc|web):[\w.:%-]{0,300}\w|(?<![\w@.-])(?:[\w-]{1,63}\.){1,4}bsky\.social\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class BlueskyAdapter:
    """`streams` maps source ids to their filters; the first that fits takes a post. `secret` keys the hashes."""

    secret: bytes = field(repr=False)
    streams: Mapping[str, Stream]

    def read(self, raw: Mapping[str, Any]) -> Iterator[Said]:
        kind, did = string(raw.get("$type")).rpartition("#")[2], string(raw.get("did"))
        if kind == "account":
            account = mapping(raw.get("account"))
            if did and account.get("active") is False and account.get("status") in _HIDDEN_STATES:
                yield AccountGone(did)
        elif kind == "commit" and did and raw.get("collection") == POSTS:
            rkey = string(raw.get("rkey"))
            if _RECORD_KEY.fullmatch(rkey):
                yield from self._commit(raw, did, rkey)

    def source_of(self, raw: Mapping[str, Any]) -> str | None:
        """The source whose filter an event's post fits."""
        record = mapping(raw.get("record"))
        return next((id_ for id_, stream in self.streams.items() if fits(record, stream)), None)

    def _commit(self, raw: Mapping[str, Any], did: str, rkey: str) -> Iterator[Said]:
        key, operation = address_key(self.secret, did, rkey), raw.get("operation")
        if operation == "delete":
            yield Gone(key)
        elif operation in ("create", "update"):
            fitting = self.source_of(raw) is not None
            found = self._post(raw, did, rkey, key) if fitting else None
            if found is not None:
                yield found
            elif operation == "update":  # it no longer says what it was kept for
                yield Gone(key)

    def _post(self, raw: Mapping[str, Any], did: str, rkey: str, key: str) -> Said | None:
        record = mapping(raw.get("record"))
        edited = raw.get("time") if raw.get("operation") == "update" else None
        return post(
            f"https://bsky.app/profile/-/post/{rkey}",
            key,
            _ACCOUNT.sub(AKUN, string(record.get("text"))),
            handle=did,
            published_at=record.get("createdAt"),
            updated_at=edited,
        )


def address_key(secret: bytes, did: str, rkey: str) -> str:
    """HMAC-SHA256 (hex) of a post's address: the identity of its item and page."""
    return hmac.digest(secret, f"at://{did}/{POSTS}/{rkey}".encode("utf-8", "surrogatepass"), "sha256").hex()


def fits(record: Mapping[str, Any], stream: Stream) -> bool:
    """Whether a post has one of the words, as whole words of its text or as a hashtag, and one of the languages.

    The language is the declared one or the one that its words tell: apps declare the language of the phone. Where
    neither says anything the words of the filter, places and topics of a region, are enough.
    """
    text = string(record.get("text"))
    spaced = f" {_plain(text)} "
    tags = {tag.casefold() for tag in _tags(record)}
    if not any(word in tags or f" {_plain_word(word)} " in spaced for word in stream.words):
        return False
    langs = record.get("langs")
    declared = {each.partition("-")[0].lower() for each in (langs if isinstance(langs, list) else ()) if string(each)}
    if not stream.langs or not declared.isdisjoint(stream.langs):
        return True
    told = language_of(text)
    return told in stream.langs or not (told or declared)


def cursor_of(raw: Mapping[str, Any]) -> str | None:
    """Where the stream goes on after this event: microseconds since 1970, which every instance understands."""
    when = moment(raw.get("witnessedAt")) or moment(raw.get("time"))
    return None if when is None else str((when - _EPOCH) // timedelta(microseconds=1))


def is_cursor(text: str | None) -> bool:
    return text is not None and text.isascii() and text.isdigit()


@lru_cache(maxsize=4096)
def _plain_word(word: str) -> str:
    return _plain(word)


def _plain(text: str) -> str:
    return _SEPARATORS.sub(" ", text.casefold()).strip()


def _tags(record: Mapping[str, Any]) -> Iterator[str]:
    tags = record.get("tags")
    yield from (tag for tag in (tags if isinstance(tags, list) else ()) if isinstance(tag, str))
    facets = record.get("facets")
    for facet in facets if isinstance(facets, list) else ():
        features = mapping(facet).get("features")
        for feature in features if isinstance(features, list) else ():
            yield string(mapping(feature).get("tag"))
