"""The place of the event on its way from an item's words to the alert that a desk of any level finds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rows import NOW, add_item, add_source
from waspada.alerts import repository as alerts
from waspada.alerts.types import AlertFilter
from waspada.jobs.group import group_tagged
from waspada.jobs.rank import RankingData, rank_stale
from waspada.places import find_places
from waspada.settings import load_settings
from waspada.store import Store
from waspada.store.tables import FingerprintRow, PlaceRow, SourceRow, StoryPlaceRow, StoryRow
from waspada.stories.repository import fingerprints
from waspada.taxonomy import Label

VILLAGE = (
    "Bentrok di Desa Sungai Rangas Tengah, Kecamatan Martapura Barat, Kabupaten Banjar. Pelaku asal Kotabaru ditahan."
)
TITLES = ("Kabar petang", "Laporan dari lapangan", "Catatan hari ini")
ELSEWHERE = "Rapat di Rantau, Kabupaten Tapin. Ketua asal Kotabaru hadir."


def _add(session: Session, number: int, text: str, home: str | None = None, hours: int = 0) -> int:
    """An item as the tagger leaves it: with the places that its text names."""
    source, title = f"kabar-{number}", TITLES[number - 1]
    add_source(session, source)
    session.get_one(SourceRow, source).region = home
    item = add_item(
        session,
        url=f"https://{source}.example/1",
        title=title,
        text=text,
        source=source,
        on=[Label.CONFLICT],
        level=3,
        published_at=NOW - timedelta(hours=hours),
    )
    for one in find_places(title, text, home):
        session.add(
            PlaceRow(
                item_id=item,
                code=one.code,
                name=one.name,
                level=one.level.value,
                mention=one.mention,
                field=one.field,
                start=one.start,
                end=one.end,
            )
        )
    session.flush()
    return item


@pytest.fixture
def desk(store: Store) -> Store:
    with store.write() as session:
        _add(session, 1, VILLAGE)
        _add(session, 2, ELSEWHERE)
    group_tagged(store, NOW)
    rank_stale(store, RankingData.load(load_settings()), NOW)
    return store


@pytest.mark.parametrize(
    ("region", "found"),
    [
        ("63", 2),
        ("63.03", 1),
        ("63.03.14", 1),
        ("63.03.14.2013", 1),
        ("63.03.05", 0),
        ("63.03.14.2004", 0),
        ("63.05", 1),
        ("63.02", 0),  # only named: somebody comes from there
        ("62", 0),
        ("63.0", 0),
    ],
)
def test_a_desk_of_any_level_finds_what_happened_under_it(desk: Store, region: str, found: int) -> None:
    with desk.read() as session:
        assert len(alerts.search(session, AlertFilter(region=region))) == found
        assert len(alerts.search(session, AlertFilter(within=region))) == found
        assert alerts.count(session, AlertFilter(region=region)) == found


def test_an_alert_tells_the_finest_place_with_its_kabupaten(desk: Store) -> None:
    with desk.read() as session:
        (alert,) = alerts.search(session, AlertFilter(region="63.03"))
    assert list(alert.regions) == ["63.03.14.2013"]
    assert "Sungai Rangas Tengah, Kabupaten Banjar" in alert.why


def test_a_story_stands_under_every_region_above_its_place(desk: Store) -> None:
    with desk.read() as session:
        query = select(StoryPlaceRow.code).where(StoryPlaceRow.code.startswith("63.03")).order_by(StoryPlaceRow.code)
        assert list(session.scalars(query)) == ["63.03", "63.03.14", "63.03.14.2013"]
        assert session.scalars(select(FingerprintRow.regions)).first() == ["63.03.14.2013", "63.03.14", "63.03"]


def test_two_reports_of_one_event_meet_whether_they_tell_the_desa_or_the_kabupaten(store: Store) -> None:
    event = "Warga membakar ban dan menutup jalan karena sengketa lahan sawit, polisi menahan lima orang."
    with store.write() as session:
        _add(session, 1, f"Di Desa Sungai Rangas Tengah, Kecamatan Martapura Barat, Kabupaten Banjar. {event}")
        _add(session, 2, f"Kabupaten Banjar: warga menutup jalan, sengketa lahan sawit memanas. {event}", hours=1)
    group_tagged(store, NOW)
    with store.read() as session:
        assert len(session.scalars(select(StoryRow.id)).all()) == 1


@pytest.mark.parametrize(
    ("text", "home", "regions", "is_placed"),
    [
        ("Rapat berjalan lancar.", "63.03", ("63.03",), False),
        ("Rapat berjalan lancar.", None, (), False),
        ("JAKARTA, KABAR.COM - Presiden melantik menteri.", "63.03", ("63.03",), False),
        ("JAKARTA, KABAR.COM - Presiden melantik menteri.", None, (), False),
        ("Banjir di Tapin dan Balangan.", None, ("63.05", "63.11"), True),
        ("Gubernur Kalsel memimpin rapat provinsi.", None, ("63",), True),
    ],
)
def test_home_stands_in_only_where_no_place_is_told(
    store: Store, text: str, home: str | None, regions: tuple[str, ...], is_placed: bool
) -> None:
    with store.write() as session:
        item = _add(session, 1, text, home)
        found = fingerprints(session, [item])[item]
    assert (found.regions, found.is_placed) == (regions, is_placed)
