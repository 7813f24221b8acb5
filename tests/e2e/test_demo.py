"""`waspada demo --exit` as a stranger runs it, measured against what the authors of its texts know."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from sqlalchemy import select

from tests.e2e.conftest import DemoRun
from waspada.alerts.repository import search
from waspada.alerts.types import AlertFilter, AlertSummary
from waspada.cli.demo.site import FORBIDDEN_PATH
from waspada.cli.demo.world import DemoItem
from waspada.clock import ZONES, local_day
from waspada.store.tables import ItemRow, ItemVersionRow, PageRow, RejectRow, SourceEventRow, SourceRow, StoryItemRow
from waspada.stories.types import How
from waspada.taxonomy import EVENT_LABELS, Label

BROKEN, CHALLENGED = "harian-putus", "gerbang-banua"
TOP = 10
#: Of the quiet items (no event label), at most this share may make an alert of level 2 by themselves. Set before the
#: first measurement.
MAX_QUIET_SHARE = 0.10
_BORDERS = "┏┃┡│└├"


def test_ends_well_and_quickly(demo: DemoRun) -> None:
    print(f"demo: {demo.seconds:.0f} s")
    assert demo.code == 0, demo.said
    assert "Traceback" not in demo.said


def test_shows_two_tables_and_nothing_else(demo: DemoRun) -> None:
    lines = [line for line in demo.shown.splitlines() if line.strip()]
    titles = [line.strip() for line in lines if line[0] not in _BORDERS]
    assert titles == ["Sumber", "15 peringatan teratas (belum diverifikasi)"]
    assert sum(line.startswith("┏") for line in lines) == 2


def test_headlines_are_shown_whole_with_their_masks(demo: DemoRun) -> None:
    """A mask is written in brackets, which the table must not take for its own markup."""
    from waspada.alerts.exits import mask

    with demo.store.read() as session:
        wanted = [mask(alert.headline) for alert in search(session, AlertFilter(region="63", min_level=1), limit=15)]
    assert all(headline in demo.shown for headline in wanted)


def test_fourteen_days_of_a_campaign(demo: DemoRun) -> None:
    with demo.store.read() as session:
        items = session.scalars(select(ItemRow)).all()
    assert len(items) >= 220
    assert len({item.url_key for item in items}) == len(items)
    zone = ZONES["WITA"]
    days = {local_day(item.at, zone) for item in items}
    last = local_day(demo.world.now, zone)
    assert days == {last - timedelta(days=back) for back in range(14)}


def test_every_item_that_could_be_read_is_there(demo: DemoRun) -> None:
    stored = {item.id for item in demo.authored().values()}
    assert stored == {item.id for item in demo.world.items if item.outlet not in {BROKEN, CHALLENGED}}


def test_all_outlets_are_heard_but_the_broken_one(demo: DemoRun) -> None:
    with demo.store.read() as session:
        sources = {row.id: row for row in session.scalars(select(SourceRow))}
        giving = set(session.scalars(select(ItemRow.source_id).distinct()))
    assert len([row for row in sources.values() if row.role != "post"]) >= 10
    assert len([row for row in sources.values() if row.role == "post"]) == 2
    assert set(sources) == set(demo.world.outlets)
    assert {id_ for id_, row in sources.items() if row.last_success_at is None} == {BROKEN}
    assert giving == set(sources) - {BROKEN, CHALLENGED}


def test_broken_feed_is_shown_with_its_reason(demo: DemoRun) -> None:
    why = "a web page answers where a feed was"
    assert [line for line in demo.shown.splitlines() if BROKEN in line and "broken" in line and why in line]
    with demo.store.read() as session:
        events = session.scalars(select(SourceEventRow).where(SourceEventRow.source_id == BROKEN)).all()
    assert {(event.outcome, event.detail) for event in events} == {("broken", why)}


def test_challenge_is_blocked_and_never_an_item(demo: DemoRun) -> None:
    with demo.store.read() as session:
        pages = session.scalars(select(PageRow).where(PageRow.source_id == CHALLENGED)).all()
        items = session.scalars(select(ItemRow).where(ItemRow.source_id == CHALLENGED)).all()
    assert len(pages) == len(demo.world.of(CHALLENGED)) > 0
    assert {(page.state, page.detail) for page in pages} == {("blocked", "refused (403)")}
    assert items == []
    (line,) = (line for line in demo.shown.splitlines() if CHALLENGED in line)
    assert "refused (403)" in line


def test_forbidden_page_is_not_fetched(demo: DemoRun) -> None:
    with demo.store.read() as session:
        (page,) = session.scalars(select(PageRow).where(PageRow.url.contains(FORBIDDEN_PATH))).all()
        items = session.scalars(select(ItemRow).where(ItemRow.url.contains(FORBIDDEN_PATH))).all()
    assert (page.state, page.detail) == ("blocked", "Forbidden by robots.txt")  # fetched, it would be a 404
    assert items == []


def test_nothing_waits_and_nothing_was_put_aside(demo: DemoRun) -> None:
    with demo.store.read() as session:
        assert set(session.scalars(select(PageRow.state))) == {"done", "blocked"}
        assert set(session.scalars(select(ItemRow.stage))) == {"grouped"}
        assert session.scalars(select(RejectRow.problem)).all() == []


def test_edited_articles_are_one_item_with_two_versions(demo: DemoRun) -> None:
    authored = demo.authored()
    with demo.store.read() as session:
        versions: dict[int, list[ItemVersionRow]] = {}
        for row in session.scalars(select(ItemVersionRow).order_by(ItemVersionRow.version)):
            versions.setdefault(row.item_id, []).append(row)
    edited = {item_id for item_id, item in authored.items() if item.edited is not None}
    assert edited
    assert {item_id for item_id, found in versions.items() if len(found) > 1} == edited
    for item_id in edited:
        before, after = versions[item_id]
        item = authored[item_id]
        assert item.edited is not None
        assert (before.title, after.title) == (item.title, item.edited.title)
        assert before.sha256 != after.sha256


def test_wire_copies_stand_in_the_story_of_their_original(demo: DemoRun) -> None:
    authored = demo.authored()
    story = {item_id: story_id for story_id, members in demo.members().items() for item_id in members}
    articles = {item_id: item for item_id, item in authored.items() if item.title}
    pairs = [
        (wire, copy)
        for wire, original in articles.items()
        if original.outlet == "kbb"
        for copy, item in articles.items()
        if item.outlet != "kbb" and item.story == original.story is not None and _alike(original, item) >= 0.6
    ]
    assert len(pairs) >= 10
    apart = [(authored[a].id, authored[b].id) for a, b in pairs if story[a] != story[b]]
    assert apart == []
    with demo.store.read() as session:
        how = {row.item_id: row.how for row in session.scalars(select(StoryItemRow))}
    assert all(How.COPY in (how[a], how[b]) for a, b in pairs)


def _alike(one: DemoItem, other: DemoItem) -> float:
    """Jaccard of the three-word shingles."""

    def shingles(text: str) -> set[tuple[str, ...]]:
        words = text.split()
        return {tuple(words[at : at + 3]) for at in range(len(words) - 2)}

    a, b = shingles(one.text), shingles(other.text)
    return len(a & b) / len(a | b)


def test_handles_are_nowhere_in_the_database(demo: DemoRun) -> None:
    """In no column of any table, and in no byte of the file, not even in a page that was freed."""
    handles = sorted({item.author for item in demo.world.items if item.author})
    assert len(handles) > 50
    assert all(handle.startswith("@") for handle in handles)
    found = [
        (where, handle)
        for where, value in _every_text(demo)
        for handle in handles
        if handle.removeprefix("@").lower() in value
    ]
    assert found == []
    raw = b"".join(path.read_bytes() for path in demo.data.glob("waspada.db*")).lower()
    assert [handle for handle in handles if handle.removeprefix("@").lower().encode() in raw] == []


def _every_text(demo: DemoRun) -> Iterator[tuple[str, str]]:
    connection = sqlite3.connect(f"file:{demo.database}?mode=ro", uri=True)
    try:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        assert "items" in tables
        for table in tables:
            cursor = connection.execute(f'SELECT * FROM "{table}"')  # noqa: S608 (the name comes from the schema)
            names = [column[0] for column in cursor.description]
            for row in cursor:
                for name, value in zip(names, row, strict=True):
                    if isinstance(value, bytes):
                        yield f"{table}.{name}", value.decode("utf-8", "replace").lower()
                    elif isinstance(value, str):
                        yield f"{table}.{name}", value.lower()
    finally:
        connection.close()


def test_posts_have_pseudonyms_and_articles_none(demo: DemoRun) -> None:
    authored = demo.authored()
    with demo.store.read() as session:
        voices = {row.id: row.voice for row in session.scalars(select(ItemRow))}
    assert all((voices[item_id] is not None) == bool(item.author) for item_id, item in authored.items())
    of_author: dict[str, set[str | None]] = {}
    for item_id, item in authored.items():
        if item.author:
            of_author.setdefault(item.author, set()).add(voices[item_id])
    assert len({voice for voice in voices.values() if voice}) >= len(of_author) - 1
    print(f"authors: {len(of_author)}, pseudonyms: {len({voice for voice in voices.values() if voice})}")


class _Readable(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_digest_files_are_written_and_readable(demo: DemoRun) -> None:
    (html,) = demo.data.glob("laporan-harian-*.html")
    (text,) = demo.data.glob("laporan-harian-*.txt")
    assert str(html) in demo.said
    assert str(text) in demo.said
    plain = text.read_text("utf-8")
    page = _Readable()
    page.feed(html.read_text("utf-8"))
    page.close()
    assert {"html", "body", "h1"} <= set(page.tags)
    for version in (plain, " ".join(page.words)):
        assert "belum diverifikasi" in version.lower()
        assert "Kalimantan Selatan" in version
        assert "Harian Putus" in version  # the source that was silent is named
        assert "127.0.0.1:0/" not in version


def _top(demo: DemoRun, count: int) -> Sequence[AlertSummary]:
    with demo.store.read() as session:
        return search(session, AlertFilter(region="63", min_level=1), limit=count)


def _is_quiet(item: DemoItem) -> bool:
    return not any(item.labels[label] for label in EVENT_LABELS)


def test_first_ten_alerts_rest_on_what_matters(demo: DemoRun) -> None:
    authored, members = demo.authored(), demo.members()
    best = [max(authored[item].labels["alert"] for item in members[alert.story_id]) for alert in _top(demo, TOP)]
    print(f"highest authored alert level under each of the first {TOP}: {best}")
    assert len(best) == TOP
    assert sum(level >= 2 for level in best) >= 8


def test_no_hard_negative_alone_is_among_the_first_ten(demo: DemoRun) -> None:
    authored, members = demo.authored(), demo.members()
    wrong = [
        (alert.headline, [authored[item].id for item in members[alert.story_id]])
        for alert in _top(demo, TOP)
        if alert.level >= 2 and all(_is_quiet(authored[item]) for item in members[alert.story_id])
    ]
    assert wrong == []


def test_quiet_items_rarely_raise_an_alert_by_themselves(demo: DemoRun) -> None:
    authored, members = demo.authored(), demo.members()
    quiet = [item_id for item_id, item in authored.items() if _is_quiet(item)]
    alone = [
        authored[item].id
        for alert in _top(demo, 1000)
        if alert.level >= 2 and all(_is_quiet(authored[one]) for one in members[alert.story_id])
        for item in members[alert.story_id]
    ]
    share = len(alone) / len(quiet)
    print(f"quiet items alone in an alert of level 2 or more: {len(alone)} of {len(quiet)} ({share:.1%}): {alone}")
    assert share <= MAX_QUIET_SHARE


def test_score_is_exactly_the_sum_of_its_parts(demo: DemoRun) -> None:
    with demo.store.read() as session:
        alerts = search(session, AlertFilter(), limit=1000)
    assert len(alerts) >= 15
    for alert in alerts:
        assert sum(alert.parts.values()) == alert.score == math.fsum(alert.parts.values())
    scores = [alert.score for alert in alerts]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("label", [*Label, "alert"])
def test_every_label_of_the_codebook_is_authored(demo: DemoRun, label: str) -> None:
    kinds = {"conflict": {0, 1, 2, 3}, "alert": {0, 1, 2, 3}, "misinformation": {0, 1, 2}}
    assert {item.labels[label] for item in demo.authored().values()} == kinds.get(label, {0, 1})
