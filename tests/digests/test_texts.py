"""The texts around digests: what may stand in them, their versions, and reports on some alerts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.digests.rows import NOON, add_alert
from waspada.digests import repository
from waspada.digests.rendering import rendered
from waspada.digests.service import Maker, keep, kept, reset_texts, save_texts
from waspada.digests.texts import BadTextError, Block, Flaw, checked, filled, number_of, shipped
from waspada.digests.types import Kind, Part, Wanted
from waspada.errors import ConflictError, InputError
from waspada.recipients.types import LANGUAGES
from waspada.settings import Settings, load_settings
from waspada.store import Store

LATER = NOON + timedelta(hours=1)
GOOD = {
    "title": "Laporan {wilayah} {tanggal}",
    "signature": "Kesbangpol {wilayah}",
    "closing": "Nomor {nomor}: {jumlah}",
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data_dir=tmp_path / "data", zone="WITA")


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_ships_would_be_taken(kind: Kind, language: str) -> None:
    blocks = {block.value: text for block, text in shipped(kind, language).blocks.items()}
    assert checked(blocks) == blocks


@pytest.mark.parametrize(
    ("given", "flaw"),
    [
        ({"title": ""}, Flaw.NO_TITLE),
        ({"title": " \n "}, Flaw.NO_TITLE),
        ({"title": "x" * 1001}, Flaw.TOO_LONG),
        ({**GOOD, "opening": "x" * 1001}, Flaw.TOO_LONG),
        ({**GOOD, "opening": "{nama}"}, Flaw.PLACEHOLDER),
        ({**GOOD, "opening": "{}"}, Flaw.PLACEHOLDER),
        ({**GOOD, "opening": "{wilayah.__class__}"}, Flaw.PLACEHOLDER),
        ({**GOOD, "opening": "{wilayah!r}"}, Flaw.PLACEHOLDER),
        ({**GOOD, "opening": "{ wilayah }"}, Flaw.PLACEHOLDER),
        ({**GOOD, "opening": "{wilayah"}, Flaw.BRACE),
        ({**GOOD, "opening": "{{wilayah}}"}, Flaw.BRACE),
        ({**GOOD, "closing": "Pelaku sudah diketahui"}, Flaw.GUILT),
        ({**GOOD, "closing": "Melanggar Pasal 170"}, Flaw.GUILT),
        ({**GOOD, "body": "x"}, Flaw.UNKNOWN),
    ],
)
def test_what_cannot_stand_is_refused_by_name(given: dict[str, str], flaw: Flaw) -> None:
    with pytest.raises(BadTextError) as error:
        checked(given)
    assert error.value.flaw is flaw


def test_values_are_set_in_and_nothing_else_is_read() -> None:
    blocks = {Block.TITLE: "{wilayah} {tanggal} {lain}", Block.OPENING: "{{x}} %s {0}"}
    found = filled(blocks, {"wilayah": "{tanggal}", "tanggal": "27/11/2024"})
    assert found[Block.TITLE] == "{tanggal} 27/11/2024 {lain}"
    assert found[Block.OPENING] == "{{x}} %s {0}"
    assert number_of(Kind.HARIAN, "63.03", "2024-11-27") == "LH/63.03/20241127"


def test_texts_have_versions_and_go_back(store: Store, settings: Settings) -> None:
    with store.write() as session:
        add_alert(session, 1)
        assert repository.template(session, Kind.HARIAN, "id").version == 0
        old = keep(session, Maker(session, LATER, settings).make(Wanted("63.03")), LATER)
        one = save_texts(session, Kind.HARIAN, "id", GOOD, version=0, actor="ani", now=LATER)
        assert (one.version, one.actor, one.at) == (1, "ani", LATER)
        content = Maker(session, LATER, settings).make(Wanted("63.03")).content
        assert content.title == "Laporan Kabupaten Banjar 27/11/2024"
        assert content.signature == "Kesbangpol Kabupaten Banjar"
        assert content.closing == "Nomor LH/63.03/20241127: 1"
        assert content.letterhead == content.opening == ""
        assert kept(session, old).content.title == "Laporan harian kewaspadaan dini"
        two = reset_texts(session, Kind.HARIAN, "id", version=1, actor="budi", now=LATER)
        assert (two.version, two.blocks) == (2, shipped(Kind.HARIAN, "id").blocks)
        assert [one.version for one in repository.templates(session, Kind.HARIAN, "id")] == [2, 1]
        assert repository.template(session, Kind.HARIAN, "en").version == 0
        for stale in (0, 1, 3):
            with pytest.raises(ConflictError):
                save_texts(session, Kind.HARIAN, "id", GOOD, version=stale, actor="ani", now=LATER)
        assert repository.template(session, Kind.HARIAN, "id").version == 2


class TestReports:
    def test_a_report_on_some_alerts(self, store: Store, settings: Settings) -> None:
        with store.write() as session:
            ids = [add_alert(session, number, state="verified") for number in (1, 2, 3)]
            maker = Maker(session, LATER, settings)
            digest = maker.about(
                Kind.REKOMENDASI, Wanted("63"), [ids[2], ids[0]], "Tambah penjagaan, kata Rahmad Hidayatullah."
            )
            assert kept(session, keep(session, digest, LATER)).content == digest.content
        assert list(digest.shown) == [ids[2], ids[0]]
        assert digest.content.kind is Kind.REKOMENDASI
        assert digest.content.title == "Rekomendasi kewaspadaan dini"
        text = rendered(digest.content).text
        assert "CATATAN DAN SARAN" in text
        assert "Tambah penjagaan" in text
        assert "Bentrok ke-2" not in text
        assert [section.part for section in digest.content.sections] == [Part.VERIFIED, Part.REMARK]

    def test_what_cannot_be_reported(self, store: Store, settings: Settings) -> None:
        with store.write() as session:
            good = add_alert(session, 1, state="verified")
            new, drill = add_alert(session, 2), add_alert(session, 3, state="verified", exercise=True)
            elsewhere = add_alert(session, 4, state="verified", region="62.71")
            maker = Maker(session, LATER, settings)
            for kind, ids, remark in (
                (Kind.HARIAN, [good], ""),
                (Kind.KHUSUS, [], ""),
                (Kind.KHUSUS, [good] * 1 + list(range(100, 111)), ""),
                (Kind.KHUSUS, [new], ""),
                (Kind.KHUSUS, [drill], ""),
                (Kind.KHUSUS, [elsewhere], ""),
                (Kind.KHUSUS, [good, 999], ""),
                (Kind.KHUSUS, [good], "x" * 2001),
                (Kind.REKOMENDASI, [good], " "),
            ):
                with pytest.raises(InputError):
                    maker.about(kind, Wanted("63"), ids, remark)
