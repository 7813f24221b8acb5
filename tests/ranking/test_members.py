"""The members of a story as ranking reads them from the store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.rows import NOW, add_item
from waspada.alerts import writer
from waspada.alerts.scoring import news_at
from waspada.items.repository import WaitingItem, save_tags
from waspada.sources.outlets import network_of
from waspada.store import Store
from waspada.store.tables import StoryItemRow, StoryRow, TagRow
from waspada.stories.facts import Figure, Unit
from waspada.stories.repository import fingerprints, refresh
from waspada.taxonomy import Aux, ItemText, Label, LabelTag, Tags


def test_a_giant_story_is_judged_by_its_newest_reports_not_by_what_came_last(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backfill brings in old articles with the highest ids."""
    monkeypatch.setattr(writer, "MAX_MEMBERS", 2)
    ages = {"Kabar baru": 1, "Kabar kemarin": 24, "Kabar lama": 9000, "Kabar terlama": 9001}
    with store.write() as session:
        session.add(StoryRow(id=1, opened_at=NOW, last_item_at=NOW, headline=""))
        session.flush()
        for number, (title, hours) in enumerate(ages.items()):
            at = NOW - timedelta(hours=hours)
            item = add_item(session, url=f"https://kabar-banjar.example/{number}", title=title, published_at=at)
            session.add(StoryItemRow(item_id=item, story_id=1, how="event", likeness=0.9, at=NOW))
        session.flush()
        assert [member.title for member in writer.members(session, 1)] == ["Kabar kemarin", "Kabar baru"]


def test_a_giant_story_does_not_tell_its_old_figures_anew(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What only reports told that are too many to be looked at is known nevertheless; what no report told is news."""
    monkeypatch.setattr(writer, "MAX_MEMBERS", 2)
    titles = ["Tujuh orang luka", "Warga mengungsi", "Jalan ditutup", "Tujuh orang luka dirawat"]
    with store.write() as session:
        session.add(StoryRow(id=1, opened_at=NOW, last_item_at=NOW, headline=""))
        for number, title in enumerate(titles):
            at = NOW - timedelta(hours=10 * (len(titles) - number))
            item = add_item(
                session, url=f"https://kabar-banjar.example/{number}", title=title, text="", published_at=at,
                on=[Label.CONFLICT],
            )  # fmt: skip
            session.add(StoryItemRow(item_id=item, story_id=1, how="event", likeness=0.9, at=NOW))
            refresh(session, fingerprints(session, [item])[item], 1)
        members = writer.members(session, 1)
        told = writer.told_before(session, 1, members)
        assert news_at(members) == members[-1].at
        assert news_at(members, told) < NOW - timedelta(days=365)  # no news, however many tell it again
        assert writer.told_before(session, 1, members[:1]) is None


@pytest.mark.parametrize(
    ("text", "is_wire"),
    [
        ("Tujuh orang luka. Petugas berjaga. (ant)", True),
        ("Tujuh orang luka. " + "Petugas berjaga di simpang jalan. " * 200 + "(ANTARA)", True),
        ("Tujuh orang luka. " + "Petugas berjaga di simpang jalan. " * 200, False),
        ("Tujuh orang luka (ant), kata petugas. " + "Warga pulang. " * 40, False),
        ("", False),
    ],
)
def test_what_ranking_reads_of_a_text(store: Store, text: str, is_wire: bool) -> None:
    """Its figures, its network, and the agency that it credits at its end, however long it is."""
    with store.write() as session:
        session.add(StoryRow(id=1, opened_at=NOW, last_item_at=NOW, headline=""))
        item = add_item(session, title="Dua rumah rusak", text=text, outlet="Tribun Kaltim")
        session.add(StoryItemRow(item_id=item, story_id=1, how="event", likeness=0.9, at=NOW))
        refresh(session, fingerprints(session, [item])[item], 1)
        session.query(TagRow).update({"alert_p": [0.9, 0.4, 0.1]})
        session.flush()
        session.expire_all()
        (member,) = writer.members(session, 1)
    assert member.is_wire is is_wire
    houses, hurt = Figure(2, Unit.HOUSES), Figure(7, Unit.PEOPLE)
    assert member.figures == ({houses, hurt} if text else {houses})
    assert member.network == network_of("Banjarmasin Post")
    assert member.alert_p == (0.9, 0.4, 0.1)


def test_tags_keep_how_sure_the_levels_are(store: Store) -> None:
    with store.write() as session:
        item = add_item(session, stage="new")
        for alert_p, kept in [((0.9, 0.4, 0.1), [0.9, 0.4, 0.1]), (None, None)]:
            tags = Tags("1", "m", dict.fromkeys(Label, LabelTag(0.1, False)), {Aux.HATE: LabelTag(0.1, False)}, 0, 0)
            save_tags(session, WaitingItem(item, 1, ItemText("1")), replace(tags, alert_p=alert_p), NOW)
            session.flush()
            assert session.get_one(TagRow, (item, 1, "m")).alert_p == kept
            assert "alert_p" not in tags.as_contract()
