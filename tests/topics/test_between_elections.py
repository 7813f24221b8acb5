"""Between elections the calendar rests and the product serves: floods and land disputes of a year without a ballot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.jobs.tiny import TinyTagger
from tests.rows import add_source
from tests.topics.texts import LAND, add
from waspada.alerts import repository
from waspada.alerts.types import AlertFilter
from waspada.items.policy import url_key
from waspada.items.service import store_item
from waspada.items.types import FoundItem
from waspada.jobs.pipeline import run_waiting
from waspada.jobs.rank import RankingData
from waspada.settings import load_settings
from waspada.store import Store
from waspada.taxonomy import ItemKind

QUIET_YEAR = datetime(2027, 3, 10, 4, 0, tzinfo=UTC)
FLOOD = "Genangan banjir di Barabai naik sejak subuh sehingga ratusan keluarga pindah ke gedung sekolah."
LAND_CLASH = "Warga dan petani bentrok soal batas lahan sawit perusahaan di Martapura, petugas melerai."


def test_alerts_open_without_a_stage_and_are_found_by_topic(store: Store) -> None:
    with store.write() as session:
        topic = add(session, LAND, QUIET_YEAR - timedelta(days=1))
        for number, text in enumerate((FLOOD, LAND_CLASH)):
            source = f"media-{number}"
            add_source(session, source, reliability=0.6)
            url = f"https://{source}.example/1"
            at = QUIET_YEAR - timedelta(hours=2)
            found = FoundItem(source, ItemKind.ARTICLE, source, url, url_key(url), "", text, at)
            store_item(session, found, QUIET_YEAR)
    run_waiting(store, TinyTagger(), RankingData.load(load_settings()), lambda: QUIET_YEAR)
    with store.read() as session:
        alerts = repository.search(session, AlertFilter())
        assert {alert.label for alert in alerts} == {"disaster", "conflict"}
        assert all(alert.parts["stage"] == 0 for alert in alerts)
        (land,) = repository.search(session, AlertFilter(topic=topic.id))
        assert land.label == "conflict"
        assert [one.title for one in land.topics] == [LAND.title]
