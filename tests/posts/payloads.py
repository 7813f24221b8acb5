"""What the three APIs answer, written by hand after their documentation: fictional people, real places."""

from __future__ import annotations

import json
from typing import Any

DID = "did:plc:abcdefghijklmnopqrstuvwx"
EVENTS = "network.bsky.jetstream.subscribeEvents"
#: Words that must never be found in a store.
NAMES = ("siti_rahmah", "UCpenulisfiktif", DID)
CONTACTS = ("@camat_fiktif", "0812-5555-0101", "0812 5555 0101")


def status(id_: str = "111", text: str = "Air naik di Martapura", **given: Any) -> dict[str, Any]:
    """A public status. Account fields are given as `account_...`."""
    account = {
        "id": "9",
        "username": "siti_rahmah",
        "acct": "siti_rahmah",
        "display_name": "Siti Rahmah",
        "note": "",
        "bot": False,
        "locked": False,
        "noindex": False,
        "url": "https://sosial.example/@siti_rahmah",
    }
    account |= {name.removeprefix("account_"): given.pop(name) for name in list(given) if name.startswith("account_")}
    return {
        "id": id_,
        "created_at": "2024-11-25T03:00:00.000Z",
        "edited_at": None,
        "visibility": "public",
        "language": "id",
        "spoiler_text": "",
        "uri": f"https://sosial.example/users/siti_rahmah/statuses/{id_}",
        "url": f"https://sosial.example/@siti_rahmah/{id_}",
        "content": f"<p>{text}</p>",
        "reblog": None,
        "account": account,
        "media_attachments": [],
        "mentions": [],
        "tags": [{"name": "kalsel", "url": "https://sosial.example/tags/kalsel"}],
    } | given


def comment(id_: str = "Ugfiktif1", text: str = "Banjir sampai pasar", **given: Any) -> dict[str, Any]:
    snippet = {
        "channelId": "UCsaluranfiktif0000000000",
        "videoId": "abcdefghijk",
        "textDisplay": text,
        "textOriginal": text,
        "authorDisplayName": "@siti_rahmah",
        "authorChannelUrl": "http://www.youtube.com/@siti_rahmah",
        "authorChannelId": {"value": "UCpenulisfiktif"},
        "likeCount": 3,
        "publishedAt": "2024-11-25T02:00:00Z",
        "updatedAt": "2024-11-25T02:00:00Z",
    }
    return {"kind": "youtube#comment", "etag": "x", "id": id_, "snippet": snippet | given}


def thread(id_: str = "Ugfiktif1", text: str = "Banjir sampai pasar", **given: Any) -> dict[str, Any]:
    replies = given.pop("replies", [])
    return {
        "kind": "youtube#commentThread",
        "etag": "x",
        "id": id_,
        "snippet": {
            "channelId": "UCsaluranfiktif0000000000",
            "videoId": "abcdefghijk",
            "topLevelComment": comment(id_, text, **given),
            "canReply": True,
            "totalReplyCount": len(replies),
            "isPublic": True,
        },
    } | ({"replies": {"comments": replies}} if replies else {})


def refusal(code: int, reason: str) -> dict[str, Any]:
    errors = [{"message": "x", "domain": "youtube.quota", "reason": reason}]
    return {"error": {"code": code, "message": "x", "errors": errors}}


def commit(
    rkey: str = "3lbqxk2aaaa2b",
    text: str = "Banjir di Martapura #kalsel",
    *,
    seq: int = 1,
    operation: str = "create",
    did: str = DID,
    **record: Any,
) -> dict[str, Any]:
    event = {
        "$type": f"{EVENTS}#commit",
        "seq": seq,
        "did": did,
        "time": f"2024-11-25T04:00:00.{seq:06d}Z",
        "witnessedAt": f"2024-11-25T04:00:00.{seq:06d}Z",
        "rev": "3lbqxk2aaaa2a",
        "operation": operation,
        "collection": "app.bsky.feed.post",
        "rkey": rkey,
    }
    if operation != "delete":
        event["record"] = {
            "$type": "app.bsky.feed.post",
            "text": text,
            "langs": ["id"],
            "createdAt": "2024-11-25T03:59:59Z",
        } | record
    return event


def account(state: str = "deleted", *, seq: int = 1, active: bool = False, did: str = DID) -> dict[str, Any]:
    inner = {"active": active, "did": did, "seq": seq, "status": state, "time": "2024-11-25T04:00:00Z"}
    return {
        "$type": f"{EVENTS}#account",
        "seq": seq,
        "did": did,
        "time": f"2024-11-25T04:00:00.{seq:06d}Z",
        "account": inner,
    }


def frame(event: dict[str, Any]) -> str:
    """An event as it travels (atproto's `xrpc.v1.json` frames)."""
    return json.dumps({"$type": "message", "payload": event})
