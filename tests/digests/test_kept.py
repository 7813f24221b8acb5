"""Kept digests: once each, the same bytes for ever, without what was erased since, corrected once."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.digests.rows import NOON, SENTENCE, add_alert
from tests.digests.situations import EVENING, HOAX, add, changed_level, checked, moved
from waspada.backups.erasures import repeat
from waspada.backups.types import Erasure
from waspada.digests import words
from waspada.digests.formats import Format, written
from waspada.digests.jsonable import content_of, sha256_of, text_of
from waspada.digests.service import Maker, corrections_due, keep, kept
from waspada.digests.types import Kept, Kind, Part, Wanted
from waspada.errors import NotFoundError
from waspada.jobs.erase import Cause, erase_items
from waspada.jobs.purge import purge
from waspada.settings import Settings, load_settings
from waspada.store import Store
from waspada.store.tables import AlertRow, DigestEntryRow, DigestLayoutRow, DigestRow, ItemRow, StoryItemRow, StoryRow
from waspada.taxonomy import ItemKind

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data_dir=tmp_path / "data", zone="WITA")


def kept_now(store: Store, settings: Settings, wanted: Wanted | None = None, at: datetime = NOON + HOUR) -> Kept:
    with store.write() as session:
        id_ = keep(session, Maker(session, at, settings).make(wanted or Wanted("63")), at)
        return kept(session, id_)


def again(store: Store, id_: int) -> Kept:
    with store.read() as session:
        return kept(session, id_)


def texts_of(found: Kept, part: Part) -> list[str]:
    return [line.text for one in found.content.sections if one.part is part for line in one.lines]


def test_the_same_content_of_the_same_moment_is_one_row(store: Store, settings: Settings) -> None:
    with store.write() as session:
        add_alert(session, 1)
    first, second = kept_now(store, settings), kept_now(store, settings)
    later = kept_now(store, settings, at=NOON + 2 * HOUR)
    assert first.id == second.id != later.id
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(DigestRow)) == 2
        assert session.scalar(select(func.count()).select_from(DigestLayoutRow)) == 1


def test_it_is_written_again_byte_for_byte_whatever_words_change(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.write() as session:
        alert = add_alert(session, 1, state="verified")
    found = kept_now(store, settings)
    before = {format: written(found.content, format, found.layout) for format in Format}
    with store.write() as session:
        moved(session, alert, NOON + 2 * HOUR, "closed", "resolved")
    monkeypatch.setitem(words.FRAME["id"], "open", "Lihat")
    monkeypatch.setitem(words.TITLES["id"], Part.VERIFIED, "Benar")
    monkeypatch.setattr("waspada.digests.rendering.layout", lambda: pytest.fail("the layout of another release"))
    found = again(store, found.id)
    assert {format: written(found.content, format, found.layout) for format in Format} == before
    assert sha256_of(before[Format.HTML].decode()) == found.html_sha256
    assert sha256_of(before[Format.TEXT].decode()) == found.text_sha256
    assert found.is_whole
    assert sha256_of(text_of(found.content)) == found.sha256


def test_a_kept_text_is_read_as_what_it_was(store: Store, settings: Settings) -> None:
    with store.write() as session:
        add_alert(session, 1)
        digest = Maker(session, NOON + HOUR, settings).make(Wanted("63", ("conflict",), 1, "en", "Asia/Jakarta"))
    assert content_of(text_of(digest.content)) == digest.content


def test_an_erased_article_leaves_it_and_it_says_so(store: Store, settings: Settings) -> None:
    with store.write() as session:
        gone, stays = add_alert(session, 1), add_alert(session, 2)
        item = _item_of(session, gone)
    found = kept_now(store, settings)
    with store.write() as session:
        counts = erase_items(session, [item], NOON + 3 * HOUR, cause=Cause.REQUEST)
    assert counts["digests"] == 1
    after = again(store, found.id)
    assert not after.is_whole
    assert (after.sha256, after.html_sha256) == (found.sha256, found.html_sha256)
    for format in (Format.TEXT, Format.HTML, Format.CHAT, Format.JSON):
        text = written(after.content, format, after.layout).decode()
        assert "Bentrok ke-1" not in text
        assert "Bentrok ke-2" in text
        assert format is Format.JSON or "1 entri laporan ini dihapus" in text
    assert b"%PDF" in written(after.content, Format.PDF, after.layout)
    assert {entry.alert_id for entry in after.content.entries} == {gone, stays}
    with store.write() as session:
        assert "digests" not in erase_items(session, [item], NOON + 4 * HOUR, cause=Cause.REQUEST)
    assert again(store, found.id).content == after.content


def test_an_article_whose_story_was_merged_since_leaves_it_too(store: Store, settings: Settings) -> None:
    with store.write() as session:
        first, second = add_alert(session, 1), add_alert(session, 2)
        item = _item_of(session, first)
    found = kept_now(store, settings)
    with store.write() as session:
        stories = [_story_of(session, one) for one in (first, second)]
        session.get_one(StoryItemRow, item).story_id = stories[1]
        session.get_one(StoryRow, stories[0]).merged_into = stories[1]
        session.flush()
        erase_items(session, [item], NOON + 3 * HOUR, cause=Cause.REQUEST)
    assert "Bentrok ke-1" not in text_of(again(store, found.id).content)


def test_what_was_erased_is_erased_again_after_a_backup_comes_back(store: Store, settings: Settings) -> None:
    with store.write() as session:
        item = session.get_one(ItemRow, _item_of(session, add_alert(session, 1)))
        erased = Erasure(item.url_key, "item", NOON + 3 * HOUR)
    found = kept_now(store, settings)
    with store.write() as session:
        assert repeat(session, [erased])[0] == 1
    assert "Bentrok ke-1" not in text_of(again(store, found.id).content)


def test_a_post_that_goes_takes_nothing_since_none_is_quoted(store: Store, settings: Settings) -> None:
    with store.write() as session:
        alert = add_alert(session, 1)
        post = add_alert(session, 2)
        item = _item_of(session, post)
        session.get_one(ItemRow, item).kind = ItemKind.POST.value
        session.get_one(StoryItemRow, item).story_id = _story_of(session, alert)
    found = kept_now(store, settings)
    entry = next(one for one in found.content.entries if one.alert_id == alert)
    assert entry.quote == SENTENCE
    with store.write() as session:
        erase_items(session, [item], NOON + 3 * HOUR, cause=Cause.PLACE)
    assert again(store, found.id).is_whole


def test_an_erased_fact_check_leaves_the_entries_that_name_it(store: Store, settings: Settings) -> None:
    from waspada.store.tables import FactCheckRow

    with store.write() as session:
        alert = add(session, HOAX, EVENING)
        checked(session, alert, EVENING)
        article = _item_of(session, add_alert(session, 7, at=EVENING - 5 * DAY))
        session.get_one(FactCheckRow, "cek-banua-12").item_id = article
    found = kept_now(store, settings, at=EVENING)
    assert "Tidak benar TPS" in found.content.entries[0].claim
    with store.write() as session:
        erase_items(session, [article], EVENING + HOUR, cause=Cause.REQUEST)
    (entry,) = again(store, found.id).content.entries
    assert (entry.headline, entry.claim) == (HOAX.headline, "[dihapus]")


def test_it_goes_when_its_time_is_over(store: Store, settings: Settings) -> None:
    with store.write() as session:
        add_alert(session, 1)
    found = kept_now(store, settings)
    purge(store, NOON + timedelta(days=360))
    assert again(store, found.id).id == found.id
    assert purge(store, NOON + timedelta(days=367)).digests == 1
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(DigestEntryRow)) == 0
        with pytest.raises(NotFoundError):
            kept(session, found.id)


def test_only_the_reader_s_region_is_given_out(store: Store, settings: Settings) -> None:
    found = kept_now(store, settings, Wanted("63.03"))
    with store.read() as session:
        for within in (None, "63", "63.03"):
            assert kept(session, found.id, within=within).id == found.id
        for within in ("62", "63.71", "63.03.04", "630"):
            with pytest.raises(NotFoundError):
                kept(session, found.id, within=within)


class TestCorrections:
    @pytest.mark.parametrize(
        ("state", "reason", "said"),
        [
            ("not_a_threat", "not_a_threat", "bukan ancaman"),
            ("not_a_threat", "wrong_place", "tempat kejadiannya keliru"),
            ("not_a_threat", "old_news", "kejadian lama"),
            ("not_a_threat", "not_enough", "dasarnya tidak cukup"),
            ("not_a_threat", "prevention_only", "tidak ada kejadian"),
            ("duplicate", "duplicate", "mengulang peristiwa yang sudah dilaporkan"),
            ("closed", "old_news", "kejadian lama"),
            ("closed", "duplicate", "mengulang peristiwa yang sudah dilaporkan"),
        ],
    )
    def test_what_was_taken_back_is_corrected_once(
        self, store: Store, settings: Settings, state: str, reason: str, said: str
    ) -> None:
        with store.write() as session:
            alert = add_alert(session, 1)
            add_alert(session, 2)
        found = kept_now(store, settings)
        other = kept_now(store, settings, Wanted("63", language="en"))
        elsewhere = kept_now(store, settings, Wanted("63.71"))
        with store.write() as session:
            moved(session, alert, NOON + 2 * HOUR, state, reason)
            due = corrections_due(session, settings, NOON + 3 * HOUR)
            assert corrections_due(session, settings, NOON + 3 * HOUR) == []
            assert corrections_due(session, settings, NOON + 4 * HOUR) == []
        assert sorted(list(one.corrects) for one in due) == [[found.id], [other.id]]
        assert elsewhere.id not in [id_ for one in due for id_ in one.corrects]
        told = {one.corrects[0]: again(store, one.correction) for one in due}
        correction = told[found.id]
        assert correction.content.kind is Kind.RALAT
        assert told[other.id].content.wanted.language == "en"
        (line,) = texts_of(correction, Part.CORRECTIONS)
        assert f"Peringatan nomor {alert} (konflik, Kabupaten Banjar)" in line
        assert said in line
        assert "Bentrok ke-1" not in text_of(correction.content)

    def test_all_digests_of_the_same_are_corrected_by_one(self, store: Store, settings: Settings) -> None:
        with store.write() as session:
            alert = add_alert(session, 1)
        ids = [kept_now(store, settings, at=NOON + number * HOUR).id for number in (1, 2, 3)]
        with store.write() as session:
            moved(session, alert, NOON + 4 * HOUR, "not_a_threat", "old_news")
            (due,) = corrections_due(session, settings, NOON + 5 * HOUR)
        assert list(due.corrects) == ids
        assert len(texts_of(again(store, due.correction), Part.CORRECTIONS)) == 1

    def test_a_correction_names_all_that_was_wrong(self, store: Store, settings: Settings) -> None:
        with store.write() as session:
            alerts = [add_alert(session, number) for number in range(14)]
        for hour in (1, 2):  # ten each, the others after the first four were closed
            kept_now(store, settings, at=NOON + hour * HOUR)
            with store.write() as session:
                for alert in alerts[-4:]:
                    session.get_one(AlertRow, alert).level = 1
        with store.write() as session:
            for alert in alerts:
                moved(session, alert, NOON + 4 * HOUR, "not_a_threat", "old_news")
            (due,) = corrections_due(session, settings, NOON + 5 * HOUR)
        assert len(texts_of(again(store, due.correction), Part.CORRECTIONS)) == 14
        later = kept_now(store, settings, at=NOON + DAY)
        assert len(texts_of(later, Part.CORRECTIONS)) == 11
        assert texts_of(later, Part.CORRECTIONS)[-1] == "Dan 4 lagi."

    def test_another_mistake_is_another_correction(self, store: Store, settings: Settings) -> None:
        with store.write() as session:
            alerts = [add_alert(session, number) for number in (1, 2)]
        kept_now(store, settings)
        with store.write() as session:
            moved(session, alerts[0], NOON + 2 * HOUR, "not_a_threat", "old_news")
            assert len(corrections_due(session, settings, NOON + 3 * HOUR)) == 1
            moved(session, alerts[1], NOON + 4 * HOUR, "not_a_threat", "wrong_place")
            (due,) = corrections_due(session, settings, NOON + 5 * HOUR)
        (line,) = texts_of(again(store, due.correction), Part.CORRECTIONS)
        assert f"nomor {alerts[1]} " in line

    def test_erased_news_are_corrected_without_a_word_of_them(self, store: Store, settings: Settings) -> None:
        with store.write() as session:
            item = _item_of(session, add_alert(session, 1))
        found = kept_now(store, settings)
        with store.write() as session:
            erase_items(session, [item], NOON + 2 * HOUR, cause=Cause.REQUEST)
            (due,) = corrections_due(session, settings, NOON + 3 * HOUR)
        assert list(due.corrects) == [found.id]
        (line,) = texts_of(again(store, due.correction), Part.CORRECTIONS)
        assert "ditarik, dikoreksi, atau dihapus" in line

    def test_what_stands_is_not_corrected(self, store: Store, settings: Settings) -> None:
        with store.write() as session:
            alert, back = add_alert(session, 1), add_alert(session, 2)
        kept_now(store, settings)
        with store.write() as session:
            moved(session, alert, NOON + 2 * HOUR, "closed", "resolved")
            moved(session, back, NOON + 2 * HOUR, "not_a_threat", "old_news")
            moved(session, back, NOON + 3 * HOUR, "acknowledged")
            assert corrections_due(session, settings, NOON + 4 * HOUR) == []

    def test_the_next_digest_of_the_same_tells_it_and_only_that_one(self, store: Store, settings: Settings) -> None:
        with store.write() as session:
            alert = add_alert(session, 1)
        kept_now(store, settings)
        with store.write() as session:
            moved(session, alert, NOON + 2 * HOUR, "not_a_threat", "old_news")
        second = kept_now(store, settings, at=NOON + DAY)
        third = kept_now(store, settings, at=NOON + 2 * DAY)
        stranger = kept_now(store, settings, Wanted("63", min_level=1), at=NOON + DAY)
        assert len(texts_of(second, Part.CORRECTIONS)) == 1
        assert texts_of(third, Part.CORRECTIONS) == texts_of(stranger, Part.CORRECTIONS) == []


class TestChanges:
    def changes(self, store: Store, settings: Settings, wanted: Wanted | None = None) -> list[str]:
        with store.read() as session:
            content = Maker(session, NOON + DAY, settings).make(wanted or Wanted("63")).content
        return [line.text for one in content.sections if one.part is Part.CHANGES for line in one.lines]

    def test_what_became_of_what_was_known(self, store: Store, settings: Settings) -> None:
        with store.write() as session:
            ids = [add_alert(session, number, at=NOON - HOUR) for number in range(1, 7)]
            changed_level(session, ids[0], NOON + HOUR, 2, 3)
            changed_level(session, ids[1], NOON + HOUR, 2, 1)
            moved(session, ids[2], NOON + 2 * HOUR, "verified")
            moved(session, ids[3], NOON + 3 * HOUR, "closed", "passed_on")
            moved(session, ids[4], NOON + 4 * HOUR, "not_a_threat", "old_news")
            changed_level(session, ids[5], NOON + HOUR, 2, 3)
            changed_level(session, ids[5], NOON + 2 * HOUR, 3, 2)
        told = self.changes(store, settings)
        assert [line.partition(":")[0] for line in told] == [
            "Dicabut (yang diberitakan adalah kejadian lama)",
            "Ditutup (sudah diteruskan)",
            "Baru diverifikasi",
            "Turun dari tingkat 2 ke 1",
            "Naik dari tingkat 2 ke 3",
        ]
        assert self.changes(store, settings, Wanted("63.71")) == []
        assert self.changes(store, settings, Wanted("63", labels=("disaster",))) == []
        assert len(self.changes(store, settings, Wanted("63.03", min_level=3))) == 1

    def test_what_is_new_or_an_exercise_or_before_is_no_change(self, store: Store, settings: Settings) -> None:
        with store.write() as session:
            new = add_alert(session, 1, at=NOON + HOUR)
            drill = add_alert(session, 2, at=NOON - HOUR, exercise=True)
            old = add_alert(session, 3, at=NOON - DAY)
            moved(session, new, NOON + 2 * HOUR, "verified")
            moved(session, drill, NOON + 2 * HOUR, "verified")
            moved(session, old, NOON - HOUR, "verified")
        assert self.changes(store, settings) == []

    def test_they_are_since_the_last_digest_of_the_same(self, store: Store, settings: Settings) -> None:
        with store.write() as session:
            alert = add_alert(session, 1, at=NOON - 2 * DAY)
            moved(session, alert, NOON + HOUR, "verified")
        assert len(self.changes(store, settings)) == 1
        kept_now(store, settings, at=NOON + 2 * HOUR)
        assert self.changes(store, settings) == []
        assert len(self.changes(store, settings, Wanted("63", min_level=1))) == 1


def _story_of(session: Session, alert_id: int) -> int:
    return int(session.get_one(AlertRow, alert_id).story_id)


def _item_of(session: Session, alert_id: int) -> int:
    story = _story_of(session, alert_id)
    return session.scalars(select(StoryItemRow.item_id).where(StoryItemRow.story_id == story).limit(1)).one()
