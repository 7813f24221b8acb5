"""The archive of digests over the API and in the console, and the texts around them."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.api.conftest import Client, Desk, form_token, name_purpose
from tests.api.sample import NOW
from waspada.access import Role
from waspada.digests.service import Maker, keep
from waspada.digests.types import Kind, Wanted
from waspada.jobs.erase import Cause, erase_items
from waspada.settings import Settings
from waspada.store.tables import AlertRegionRow, AlertRow, AuditRow, StoryItemRow

READERS = (Role.LIAISON, Role.ANALYST, Role.SUBSCRIBER_MANAGER, Role.ADMIN)
PLACES = ("63", "63.07", "63.71")


@pytest.fixture
def kept(desk: Desk, settings: Settings) -> dict[str, int]:
    """Digests of three regions, kept a minute ago; by region."""
    at = NOW - timedelta(minutes=1)
    with desk.store.write() as session:
        maker = Maker(session, at, settings)
        return {region: keep(session, maker.make(Wanted(region)), at) for region in PLACES}


@pytest.fixture
def settings(tmp_path: Any) -> Settings:
    return Settings(data_dir=tmp_path / "settings")


def verified(desk: Desk) -> int:
    """An alert of Kalimantan Selatan that a person verified."""
    with desk.store.write() as session:
        found = session.scalars(
            select(AlertRow)
            .join(AlertRegionRow, AlertRegionRow.alert_id == AlertRow.id)
            .where(AlertRegionRow.code.startswith("63"))
            .order_by(AlertRow.id)
        ).first()
        assert found is not None
        found.state = "verified"
        found.headline = "Warga dan Rahmad Hidayatullah di gudang"
        return found.id


def audit(desk: Desk, action: str) -> list[AuditRow]:
    with desk.store.read() as session:
        return list(session.scalars(select(AuditRow).where(AuditRow.action == action).order_by(AuditRow.id)))


def shown(client: Client, **params: str) -> list[str]:
    answer = client.get("/api/v1/digests", params=params)
    assert answer.status_code == 200, answer.text
    return [one["region"]["code"] for one in answer.json()["data"]]


def searcher(desk: Desk, role: Role, region: str | None = None) -> Client:
    return desk.new_client(Authorization=f"Bearer {desk.token(role, region=region)}", **{"X-Purpose": "insiden"})


class TestApi:
    def test_the_newest_first_narrowed_and_paged(self, desk: Desk, kept: dict[str, int]) -> None:
        reader = desk.program(Role.LIAISON)
        assert shown(reader) == ["63.71", "63.07", "63"]
        assert shown(reader, region="63.07") == ["63.07"]
        assert shown(reader, region="62") == []
        assert shown(reader, kind="harian", first="2024-11-20", last="2024-11-20") == ["63.71", "63.07", "63"]
        assert (
            shown(reader, kind="mingguan")
            == shown(reader, first="2024-11-21")
            == shown(reader, last="2024-11-19")
            == []
        )
        first = reader.get("/api/v1/digests?limit=2").json()
        rest = reader.get("/api/v1/digests", params={"limit": "2", "cursor": first["next"]}).json()
        assert [one["id"] for one in (*first["data"], *rest["data"])] == sorted(kept.values(), reverse=True)
        assert rest["next"] is None
        assert reader.get("/api/v1/digests?kind=lain").status_code == 422
        assert reader.get("/api/v1/digests?word=x").status_code == 422

    def test_one_in_full_and_its_read_is_written_down(self, desk: Desk, kept: dict[str, int]) -> None:
        reader = desk.program(Role.LIAISON)
        found = reader.get(f"/api/v1/digests/{kept['63']}").json()
        assert found["kind"] == "harian"
        assert found["wanted"] == {
            "labels": [],
            "min_level": 2,
            "language": "id",
            "zone": "Asia/Makassar",
            "period": "daily",
        }
        entries = [entry for section in found["sections"] for entry in section["entries"]]
        assert found["entries"] == len(entries) > 0
        assert entries[0]["alert_id"] in desk.alerts.values()
        (line,) = audit(desk, "digest.read")
        assert (line.object, line.actor) == (f"digest/{kept['63']}", "liaison-write-all")
        assert line.detail["alerts"][0] == entries[0]["alert_id"]
        assert reader.get("/api/v1/digests/99").status_code == 404

    @pytest.mark.parametrize("format", ["text", "html", "pdf", "chat", "json"])
    def test_files_are_the_same_bytes_each_time(self, desk: Desk, kept: dict[str, int], format: str) -> None:
        reader = desk.program(Role.LIAISON)
        path = f"/api/v1/digests/{kept['63']}"
        once, twice = reader.get(f"{path}/file/{format}"), reader.get(f"{path}/file/{format}")
        assert once.status_code == 200
        assert once.content == twice.content
        assert "attachment" in once.headers["content-disposition"]
        assert once.headers["cache-control"] == "private, no-store"
        if format in ("html", "text"):
            assert hashlib.sha256(once.content).hexdigest() == reader.get(path).json()[f"{format}_sha256"]
        assert [line.detail["format"] for line in audit(desk, "digest.read") if "format" in line.detail] == [format] * 2
        assert reader.get(f"{path}/file/docx").status_code == 422

    def test_who_may_read(self, desk: Desk, kept: dict[str, int]) -> None:
        for role in Role:
            status = desk.program(role).get("/api/v1/digests").status_code
            assert status == (200 if role in READERS else 403), role

    def test_a_region_s_account_reads_its_region(self, desk: Desk, kept: dict[str, int]) -> None:
        bound = desk.program(Role.LIAISON, region="63.07")
        assert shown(bound) == ["63.07"]
        assert bound.get(f"/api/v1/digests/{kept['63.07']}").status_code == 200
        for region in ("63", "63.71"):
            assert bound.get(f"/api/v1/digests/{kept[region]}").status_code == 404
            assert bound.get(f"/api/v1/digests/{kept[region]}/file/pdf").status_code == 404

    def test_what_was_erased_is_out_of_every_form(self, desk: Desk, kept: dict[str, int]) -> None:
        reader = desk.program(Role.LIAISON)
        path = f"/api/v1/digests/{kept['63']}"
        entry = next(one for part in reader.get(path).json()["sections"] for one in part["entries"])
        with desk.store.write() as session:
            story = session.get_one(AlertRow, entry["alert_id"]).story_id
            items = session.scalars(select(StoryItemRow.item_id).where(StoryItemRow.story_id == story)).all()
            erase_items(session, items, NOW, cause=Cause.REQUEST)
        assert reader.get(path).json()["erased_at"] is not None
        for form in ("text", "html", "chat", "json"):
            assert entry["headline"] not in reader.get(f"{path}/file/{form}").text
        assert "1 entri laporan ini dihapus" in reader.get(f"{path}/file/text").text

    def test_a_search_needs_a_purpose_and_leaves_no_words(self, desk: Desk, kept: dict[str, int]) -> None:
        asked = {"words": "lemparan batu"}
        analyst = desk.program(Role.ANALYST)
        assert analyst.post("/api/v1/digests/search", json=asked).status_code == 428
        assert searcher(desk, Role.LIAISON).post("/api/v1/digests/search", json=asked).status_code == 403
        named = searcher(desk, Role.ANALYST, "63")
        found = named.post("/api/v1/digests/search", json=asked)
        assert found.status_code == 200, found.text
        assert kept["63"] in [one["id"] for one in found.json()["data"]]
        assert kept["63.71"] not in [one["id"] for one in found.json()["data"]]
        assert named.post("/api/v1/digests/search", json={"words": "headline sections"}).json()["data"] == []
        assert named.post("/api/v1/digests/search", json={**asked, "kind": "bulanan"}).json()["data"] == []
        (line, *_) = audit(desk, "digest.search")
        assert "batu" not in str(line.detail)
        assert kept["63"] in line.detail["digests"]
        refused = named.post("/api/v1/digests/search", json={"words": "Rahmad Hidayatullah"})
        assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (422, "names-a-person")

    def test_a_region_s_analyst_finds_in_its_region(self, desk: Desk, kept: dict[str, int]) -> None:
        bound = searcher(desk, Role.ANALYST, "63.71")
        found = bound.post("/api/v1/digests/search", json={"words": "laporan"}).json()["data"]
        assert [one["id"] for one in found] == [kept["63.71"]]


class TestMaking:
    def test_a_report_on_alerts_is_shown_and_kept(self, desk: Desk) -> None:
        maker, one = desk.program(Role.LIAISON), verified(desk)
        asked = {"kind": "atensi", "region": "63", "alerts": [one], "remark": "Kata Rahmad Hidayatullah, jaga gudang."}
        shown = maker.post("/api/v1/digests/preview", json=asked)
        assert shown.status_code == 200, shown.text
        assert "LAPORAN ATENSI" in shown.json()["text"]
        assert maker.get("/api/v1/digests").json()["data"] == []
        made = maker.post("/api/v1/digests", json=asked)
        assert made.status_code == 201, made.text
        assert made.json()["kind"] == "atensi"
        text = maker.get(f"/api/v1/digests/{made.json()['id']}/file/text").text
        assert "jaga gudang" in text
        assert "Hidayatullah" not in text
        preview, kept = audit(desk, "digest.make")
        assert preview.detail == {"how": "preview", "kind": "atensi", "alerts": [one]}
        assert kept.detail == {"kind": "atensi", "digest": made.json()["id"], "alerts": [one]}

    def test_a_digest_of_a_period_takes_the_filter(self, desk: Desk) -> None:
        asked = {"kind": "mingguan", "region": "63", "labels": ["disaster"], "min_level": 3, "language": "en"}
        made = desk.program(Role.ANALYST).post("/api/v1/digests", json={**asked, "zone": "WIB"}).json()
        assert made["wanted"] == {
            "labels": ["disaster"],
            "min_level": 3,
            "language": "en",
            "zone": "Asia/Jakarta",
            "period": "weekly",
        }

    def test_what_cannot_be_made(self, desk: Desk) -> None:
        maker, one = desk.program(Role.LIAISON), verified(desk)
        unverified = next(id_ for id_ in desk.alerts.values() if id_ != one)
        for asked in (
            {"kind": "ralat", "region": "63", "alerts": [one]},
            {"kind": "atensi", "region": "63"},
            {"kind": "atensi", "region": "63", "alerts": [unverified]},
            {"kind": "rekomendasi", "region": "63", "alerts": [one], "remark": " "},
            {"kind": "atensi", "region": "99", "alerts": [one]},
            {"kind": "atensi", "region": "63", "alerts": [one], "remark": "x" * 2001},
            {"region": "63", "zone": "Bulan"},
            {"region": "63", "labels": ["lain"]},
        ):
            for path in ("/api/v1/digests", "/api/v1/digests/preview"):
                assert maker.post(path, json=asked).status_code == 422, asked
        assert maker.get("/api/v1/digests").json()["data"] == []
        bound = desk.program(Role.LIAISON, region="62")
        assert bound.post("/api/v1/digests", json={"region": "63"}).status_code == 404

    def test_who_may_make_one(self, desk: Desk) -> None:
        for role in Role:
            status = desk.program(role).post("/api/v1/digests/preview", json={"region": "63"}).status_code
            assert status == (200 if role in (Role.LIAISON, Role.ANALYST, Role.ADMIN) else 403), role

    def test_the_page(self, desk: Desk) -> None:
        client, one = desk.browser(Role.LIAISON), verified(desk)
        assert 'href="/digests/new"' in client.get("/digests").text
        assert f'href="/digests/new?kind=informasi&amp;alert={one}"' in client.get(f"/alerts/{one}").text
        page = client.get("/digests/new", params={"kind": "khusus", "alert": str(one)}).text
        assert f'name="alert" value="{one}" checked' in page
        assert "Warga dan" in page
        assert "Hidayatullah" not in page
        form = {"csrf": form_token(page), "kind": "khusus", "region": "63", "alert": str(one), "remark": "Awasi."}
        preview = client.post("/digests/new", data={**form, "step": "preview"})
        assert "LAPORAN KHUSUS" in preview.text
        assert f'name="alert" value="{one}" checked' in preview.text
        kept = client.post("/digests/new", data={**form, "step": "keep"})
        assert kept.status_code == 303
        assert "Awasi." in client.get(kept.headers["location"]).text
        assert client.post("/digests/new", data={**form, "alert": "", "step": "keep"}).status_code == 422
        none = {name: value for name, value in form.items() if name != "alert"}
        refused = client.post("/digests/new", data={**none, "step": "keep"})
        assert refused.status_code == 422
        assert "satu sampai sepuluh peringatan" in refused.text
        assert client.post("/digests/new", data={**form, "csrf": "x", "step": "keep"}).status_code == 403
        daily = client.get("/digests/new").text
        made = client.post("/digests/new", data={"csrf": form_token(daily), "region": "63.07", "step": "keep"})
        assert "Laporan harian" in client.get(made.headers["location"]).text
        assert 'href="/digests/new"' not in desk.browser(Role.SUBSCRIBER_MANAGER).get("/digests").text

    def test_a_desk_of_a_region_makes_its_own(self, desk: Desk) -> None:
        bound = desk.browser(Role.LIAISON, region="63.07")
        page = bound.get("/digests/new", params={"kind": "atensi"}).text
        assert 'value="63.71"' not in page
        form = {"csrf": form_token(page), "kind": "harian", "region": "63.71", "step": "keep"}
        assert bound.post("/digests/new", data=form).status_code == 422


class TestConsole:
    def test_the_archive_and_a_digest(self, desk: Desk, kept: dict[str, int]) -> None:
        client = desk.browser(Role.LIAISON)
        page = client.get("/digests").text
        assert page.index(f'href="/digests/{kept["63.71"]}"') < page.index(f'href="/digests/{kept["63"]}"')
        assert 'action="/digests/search"' not in page
        assert "/digests/templates" not in page
        narrowed = client.get(
            "/digests", params={"region": "63.07", "kind": "harian", "first": "", "last": "2024-11-20"}
        )
        assert f'href="/digests/{kept["63.07"]}"' in narrowed.text
        assert f'href="/digests/{kept["63"]}"' not in narrowed.text
        one = client.get(f"/digests/{kept['63']}").text
        assert "Laporan harian kewaspadaan dini" in one
        assert "Belum diverifikasi" in one
        assert f'href="/digests/{kept["63"]}/file/pdf"' in one
        assert client.get(f"/digests/{kept['63']}/file/pdf").content.startswith(b"%PDF")
        assert client.get("/digests/99").status_code == 404
        bound = desk.browser(Role.LIAISON, region="63.07")
        assert f'href="/digests/{kept["63.07"]}"' in bound.get("/digests").text
        assert f'href="/digests/{kept["63"]}"' not in bound.get("/digests").text
        assert bound.get(f"/digests/{kept['63']}").status_code == 404

    def test_a_search_in_the_console(self, desk: Desk, kept: dict[str, int]) -> None:
        client = name_purpose(desk.browser(Role.ANALYST))
        csrf = form_token(client.get("/digests").text)
        form = {"words": "lemparan batu", "region": "", "kind": "", "first": "", "last": "", "csrf": csrf}
        found = client.post("/digests/search", data=form)
        assert found.status_code == 200
        assert f'href="/digests/{kept["63"]}"' in found.text
        assert client.post("/digests/search", data={**form, "csrf": "x"}).status_code == 403
        assert client.post("/digests/search", data={**form, "words": "-"}).status_code == 422
        assert client.post("/digests/search", data={**form, "words": "Rahmad Hidayatullah"}).status_code == 422

    def test_the_texts_are_looked_at_kept_and_reset(self, desk: Desk, kept: dict[str, int]) -> None:
        client = desk.browser(Role.SUBSCRIBER_MANAGER)
        assert "/digests/templates/harian/id" in client.get("/digests/templates").text
        path = "/digests/templates/harian/id"
        page = client.get(path)
        form = {"csrf": form_token(page.text), "version": "0", "title": "Kabar {wilayah}", "closing": "Salam {tanggal}"}
        preview = client.post(path, data={**form, "step": "preview"})
        assert preview.status_code == 200
        (line,) = audit(desk, "digest.make")
        assert (line.object, line.detail) == ("region/63", {"how": "preview"})
        assert "KABAR KALIMANTAN SELATAN" in preview.text
        assert "Salam 20/11/2024" in preview.text
        assert client.post(path, data={**form, "step": "save"}).status_code == 303
        assert "Kabar {wilayah}" in client.get(path).text
        late = client.post(path, data={**form, "step": "save"})
        assert late.status_code == 409
        bad = client.post(path, data={**form, "version": "1", "opening": "{nama}", "step": "save"})
        assert bad.status_code == 422
        assert "{nama}" in bad.text
        assert "tidak mewakili apa pun" in bad.text
        assert client.post(path, data={**form, "version": "1", "step": "reset"}).status_code == 303
        assert "Laporan harian kewaspadaan dini" in client.get(path).text
        lines = audit(desk, "digest.texts")
        assert [line.detail for line in lines] == [{"version": 1, "reset": False}, {"version": 2, "reset": True}]
        assert lines[0].object == "digest_texts/harian/id"

    def test_every_kind_has_its_texts(self, desk: Desk) -> None:
        client = desk.browser(Role.ADMIN)
        for kind in Kind:
            for language in ("id", "en"):
                path = f"/digests/templates/{kind}/{language}"
                page = client.get(path)
                assert page.status_code == 200
                form = {"csrf": form_token(page.text), "version": "0", "title": "Judul", "step": "preview"}
                assert "JUDUL" in client.post(path, data=form).text
        assert client.get("/digests/templates/lain/id").status_code in (404, 422)

    def test_who_may_write_them(self, desk: Desk) -> None:
        for role in (Role.LIAISON, Role.ANALYST, Role.AUDITOR, Role.OPERATOR):
            assert desk.browser(role).get("/digests/templates").status_code == 403

    def test_nobody_who_is_bound_to_a_region_writes_those_of_all(self, desk: Desk) -> None:
        bound, path = desk.browser(Role.SUBSCRIBER_MANAGER, region="63.03"), "/digests/templates/harian/id"
        page = bound.get("/digests")
        assert "/digests/templates" not in page.text
        form = {"csrf": form_token(page.text), "version": "0", "title": "Kabar", "step": "save"}
        assert bound.get(path).status_code == bound.post(path, data=form).status_code == 403
        assert audit(desk, "digest.texts") == []
