"""Feeds of saved views: valid, stable, masked, unverified by default, behind a token, audited."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ET
from datetime import datetime, timedelta
from typing import Any

import feedparser
import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import select

from api.feeds import MOST_ENTRIES
from tests.api.conftest import Client, Desk
from tests.api.sample import CLASH, NOW, add_alert
from waspada.access import Role, Scope
from waspada.store.tables import AlertRow, AuditRow

ATOM = "{http://www.w3.org/2005/Atom}"
#: RFC 4287, 4.1.1 and 4.1.2: what a feed and an entry must and may have, and how often.
FEED_ONCE, ENTRY_ONCE = ("id", "title", "updated"), ("id", "title", "updated", "published", "summary")
FEED_MAY = {
    *FEED_ONCE,
    "author",
    "category",
    "contributor",
    "generator",
    "icon",
    "logo",
    "link",
    "rights",
    "subtitle",
    "entry",
}
ENTRY_MAY = {*ENTRY_ONCE, "author", "category", "content", "contributor", "link", "rights", "source"}
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
TAG = re.compile(r"tag:[a-z0-9.-]+,\d{4}(-\d\d){0,2}:\S+")
#: The parts of jsonfeed.org/version/1.1 that we write.
JSON_FEED = {
    "type": "object",
    "required": ["version", "title", "items"],
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "home_page_url": {"type": "string", "pattern": "^https?://"},
        "feed_url": {"type": "string", "pattern": "^https?://"},
        "authors": {"type": "array", "items": {"type": "object", "minProperties": 1}},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "content_text"],
                "properties": {
                    "id": {"type": "string", "minLength": 1},
                    "url": {"type": "string", "pattern": "^https?://"},
                    "title": {"type": "string"},
                    "content_text": {"type": "string"},
                    "date_published": {"type": "string", "pattern": STAMP.pattern},
                    "date_modified": {"type": "string", "pattern": STAMP.pattern},
                    "tags": {"type": "array", "items": {"type": "string"}},
                },
                "additionalProperties": False,
            },
        },
    },
}


def saved(client: Client, **given: Any) -> str:
    """The address of a new view, without the name of its feed."""
    answer = client.post("/api/v1/views", json={"title": "Kalsel", "region": "63", "state": "any", **given})
    assert answer.status_code == 201, answer.text
    return f"/api/v1/views/{answer.json()['id']}"


def basic(secret: str, name: str = "pembaca") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()}


def check_atom(text: str) -> ET.Element:
    """The rules of RFC 4287 that a document can break without ceasing to be XML."""
    root = ET.fromstring(text)  # noqa: S314 (our own)
    assert root.tag == f"{ATOM}feed"
    names = [child.tag.removeprefix(ATOM) for child in root]
    assert set(names) <= FEED_MAY
    assert all(names.count(name) == 1 for name in FEED_ONCE)
    assert root.find(f"{ATOM}author/{ATOM}name") is not None  # so no entry needs one
    assert names == [*[name for name in names if name != "entry"], *["entry"] * names.count("entry")]
    links = [(link.get("rel"), link.get("type")) for link in root.findall(f"{ATOM}link")]
    assert ("self", "application/atom+xml") in links
    assert len(set(links)) == len(links)
    ids = [root.findtext(f"{ATOM}id", "")]
    for entry in root.findall(f"{ATOM}entry"):
        inside = [child.tag.removeprefix(ATOM) for child in entry]
        assert set(inside) <= ENTRY_MAY
        assert all(inside.count(name) == 1 for name in ENTRY_ONCE)
        assert any(link.get("rel") == "alternate" for link in entry.findall(f"{ATOM}link"))
        assert all(category.get("term") for category in entry.findall(f"{ATOM}category"))
        assert entry.findtext(f"{ATOM}published", "") <= entry.findtext(f"{ATOM}updated", "")
        ids.append(entry.findtext(f"{ATOM}id", ""))
    assert len(set(ids)) == len(ids)
    assert all(TAG.fullmatch(one) for one in ids), ids
    assert all(
        STAMP.fullmatch(one.text or "") for one in root.iter() if one.tag in (f"{ATOM}updated", f"{ATOM}published")
    )
    return root


def test_the_atom_feed_is_valid_and_read_by_a_feed_reader(desk: Desk) -> None:
    client = desk.program(Role.LIAISON)
    answer = client.get(f"{saved(client)}/feed.atom")
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    check_atom(answer.text)
    read = feedparser.parse(answer.content)
    assert not read.bozo
    assert read.version == "atom10"
    assert read.feed.title == "Waspada: Kalsel"
    ids = sorted((desk.alerts[name] for name in ("clash", "neutrality", "hoax", "logistics")), reverse=True)
    assert [int(entry.link.rpartition("/")[2]) for entry in read.entries] == ids
    titles = {int(entry.link.rpartition("/")[2]): entry.title for entry in read.entries}
    verified = desk.alerts["logistics"]
    for id_, title in titles.items():
        assert title.startswith("Belum diverifikasi: ") == (id_ != verified)


def test_the_json_feed_says_the_same(desk: Desk) -> None:
    client = desk.program(Role.LIAISON)
    path = saved(client)
    answer = client.get(f"{path}/feed.json")
    assert answer.headers["content-type"] == "application/feed+json"
    feed = answer.json()
    Draft202012Validator(JSON_FEED).validate(feed)
    atom = feedparser.parse(client.get(f"{path}/feed.atom").content)
    pairs = [(entry.id, entry.title, entry.link, entry.summary) for entry in atom.entries]
    assert [(one["id"], one["title"], one["url"], one["content_text"]) for one in feed["items"]] == pairs


def test_ids_stay_and_stamps_move_only_with_the_alert(desk: Desk) -> None:
    client = desk.program(Role.LIAISON)
    path = f"{saved(client)}/feed.json"
    first = client.get(path).json()["items"]
    desk.clock.forward(timedelta(hours=3))
    assert client.get(path).json()["items"] == first
    clash = desk.alerts["clash"]
    moved = client.post(f"/api/v1/alerts/{clash}/moves", json={"to": "acknowledged"}, headers={"If-Match": "1"})
    assert moved.status_code == 200, moved.text
    second = client.get(path).json()["items"]
    assert [one["id"] for one in second] == [one["id"] for one in first]
    changed = [new for old, new in zip(first, second, strict=True) if old["date_modified"] != new["date_modified"]]
    assert [one["url"].rpartition("/")[2] for one in changed] == [str(clash)]


@pytest.mark.parametrize("format", ["atom", "json"])
def test_what_has_not_changed_is_not_sent_again(desk: Desk, format: str) -> None:
    client = desk.program(Role.LIAISON)
    path = f"{saved(client)}/feed.{format}"
    tag = client.get(path).headers["etag"]
    desk.clock.forward(timedelta(minutes=10))
    again = client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    with desk.store.write() as session:
        add_alert(session, CLASH)
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_a_feed_reader_signs_in_with_a_read_token_as_its_password(desk: Desk) -> None:
    path = f"{saved(desk.program(Role.LIAISON), shared=True)}/feed.atom"
    token = desk.token(Role.ANALYST, Scope.READ, areas=["feeds"])
    stranger = desk.stranger()
    assert stranger.get(path, headers=basic(token)).status_code == 200
    assert stranger.get(path, headers={"Authorization": f"Bearer {token}"}).status_code == 200
    asked = stranger.get(path)
    assert asked.status_code == 401
    assert 'Basic realm="Waspada"' in asked.headers["www-authenticate"]
    wide = stranger.get(path, headers=basic(desk.token(Role.LIAISON, Scope.WRITE, region="63")))
    assert wide.status_code == 401  # it could do more, and a reader keeps it in its settings
    bad = (
        basic("wsp_" + "x" * 43), basic(""), {"Authorization": "Basic"}, {"Authorization": "Basic ==="},
        {"Authorization": "Basic " + "A" * 5000}, {"Authorization": "Basic /w=="}, {"Authorization": f"Digest {token}"},
    )  # fmt: skip
    for headers in bad:
        assert stranger.get(path, headers=headers).status_code in (401, 429), headers  # the sixth has to wait
    assert stranger.get("/api/v1/alerts", headers=basic(token)).status_code == 403  # it is for feeds alone
    assert stranger.get(f"{path}?token={token}").status_code == 422  # never in an address


def test_a_feed_shows_what_its_reader_may_see(desk: Desk) -> None:
    desk_wide = desk.program(Role.ANALYST)
    path = f"{saved(desk_wide, shared=True)}/feed.json"
    bound = desk.program(Role.LIAISON, region="63.71")
    assert [one["url"].rpartition("/")[2] for one in bound.get(path).json()["items"]] == [
        str(desk.alerts["neutrality"])
    ]
    own = f"{saved(bound, title='Kota', region='63.71')}/feed.json"
    assert desk_wide.get(own).status_code == 404
    assert desk.program(Role.AUDITOR).get(path).status_code == 403


def test_reading_a_feed_is_audited_before_it_leaves(desk: Desk) -> None:
    client = desk.program(Role.LIAISON)
    path = saved(client)
    tag = client.get(f"{path}/feed.atom").headers["etag"]
    client.get(f"{path}/feed.atom", headers={"If-None-Match": tag})
    client.get(f"{path}/feed.json")
    with desk.store.read() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.action == "feed.read")).all()
        assert [(row.object, row.detail["format"]) for row in rows] == [
            ("view/1", "atom"), ("view/1", "atom"), ("view/1", "json"),
        ]  # fmt: skip
        south = {id_ for name, id_ in desk.alerts.items() if name != "dismissed"}
        assert [set(row.detail["alerts"]) for row in rows] == [south] * 3


def test_hostile_words_and_names_leave_as_harmless_text(desk: Desk) -> None:
    headline = (
        "<script>alert(1)</script> &amp; ]]> \u202egnol\u202c \x00\x0b\ufffe Warga bernama Rudi Hartono (34) terluka"
    )
    with desk.store.write() as session:
        row = session.get_one(AlertRow, desk.alerts["clash"])
        row.headline = headline.replace("\x00", "")  # PostgreSQL holds none
        row.why = "Keluarga Rudi Hartono (34) \U0001f4a5" + "x" * 100_000
    client = desk.program(Role.LIAISON)
    path = saved(client)
    atom = client.get(f"{path}/feed.atom").text
    check_atom(atom)
    for text in (atom, client.get(f"{path}/feed.json").text):
        assert "Rudi" not in text
        assert "[nama]" in text
        assert not re.search("[\u202a-\u202e\u2066-\u2069\ufffe]", text)
    assert "<script>" not in atom
    titles = [entry.title for entry in feedparser.parse(atom.encode(), sanitize_html=False).entries]
    assert any(title.startswith("Belum diverifikasi: <script>") or "&lt;script&gt;" in title for title in titles)


def test_a_feed_ends_somewhere_and_an_empty_one_is_valid(desk: Desk) -> None:
    client = desk.program(Role.LIAISON)
    empty = saved(client, title="Kosong", label="fraud")
    root = check_atom(client.get(f"{empty}/feed.atom").text)
    assert datetime.fromisoformat(root.findtext(f"{ATOM}updated", "")) == NOW
    with desk.store.write() as session:
        for _ in range(MOST_ENTRIES + 5):
            add_alert(session, CLASH)
    assert len(client.get(f"{saved(client)}/feed.json").json()["items"]) == MOST_ENTRIES
