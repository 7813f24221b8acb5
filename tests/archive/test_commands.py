"""`waspada archive`: metadata, content and WARC files, each with its row in the audit log."""

from __future__ import annotations

import errno
import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from tests.rows import NOW, add_item
from waspada.archive import policy, repository
from waspada.archive.service import archive_of
from waspada.archive.types import KeptBody, RawPage
from waspada.cli.main import app
from waspada.errors import InputError, MissingExtraError, NotFoundError, StoreFullError, WaspadaError
from waspada.items.addresses import article_key
from waspada.items.policy import url_key
from waspada.settings import load_settings
from waspada.store import open_store
from waspada.store.tables import AuditRow

URL = "https://kabar-banjar.example/berita/tanggul-jebol-di-astambul"
BODIES = (b"<html>Banjir \xff</html>", b"<html>Surut</html>\r\n\r\nHTTP/1.1 200 OK")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with two archived pages of 25 November 2024, 12.00 WITA."""
    folder = tmp_path / "data"
    settings = load_settings(data_dir=folder)
    store, archive = open_store(settings), archive_of(settings)
    for number, body in enumerate(BODIES):
        url = f"{URL}-{number}"
        raw = RawPage(url, 200, {"content-type": "text/html", "etag": '"a"'}, body)
        kept = archive.keep(store, raw)
        assert isinstance(kept, KeptBody)
        with store.write() as session:
            item_id = add_item(session, url=url, article_key=article_key(url))
            repository.note_page(session, item_id, url_key(url), raw, kept, NOW)
    store.close()
    return folder


def _run(data: Path, *words: str) -> str:
    """Output of the command. Raises what the command raised."""
    result = CliRunner().invoke(app, ["archive", *words, "--data", str(data)], env={"COLUMNS": "400"})
    if isinstance(result.exception, WaspadaError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def _audit(data: Path) -> list[tuple[str, str, str, Any]]:
    store = open_store(load_settings(data_dir=data))
    with store.read() as session:
        rows = [(row.action, row.object, row.purpose, row.detail) for row in session.scalars(select(AuditRow))]
    store.close()
    return rows


def _export(data: Path, warc: Path, *more: str, first: str = "2024-11-25", last: str = "2024-11-25") -> str:
    return _run(data, "export", "--from", first, "--to", last, "--warc", str(warc), *more)


@pytest.mark.usefixtures("wide_tables")
def test_show_tells_about_a_page_without_its_content(data: Path) -> None:
    said = _run(data, "show", f"{URL}-0/amp?utm_source=x")
    assert "text/html" in said
    assert f"{URL}-0" in said
    assert "Banjir" not in said
    assert _audit(data) == [("archive.read", "item/1", "", {"pages": [1]})]


def test_content_goes_to_a_file_for_a_purpose_and_never_over_another(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "halaman.html"
    with pytest.raises(InputError, match="--purpose"):
        _run(data, "show", f"{URL}-0", "--out", str(out))
    _run(data, "show", f"{URL}-0", "--out", str(out), "--purpose", "sengketa hak jawab")
    assert out.read_bytes() == BODIES[0]
    assert out.stat().st_mode & 0o077 == 0
    ((action, object_, purpose, detail),) = _audit(data)
    assert (action, object_, purpose) == ("export.make", "item/1", "sengketa hak jawab")
    assert set(detail) == {"sha256"}
    with pytest.raises(InputError, match="there already"):
        _run(data, "show", f"{URL}-0", "--out", str(out), "--purpose", "lagi")


def test_without_its_row_in_the_audit_log_no_content_leaves(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StoreFullError("The disk is full.")

    monkeypatch.setattr("waspada.audit.service.AuditLog.append", full)
    out = tmp_path / "halaman.html"
    with pytest.raises(StoreFullError):
        _run(data, "show", f"{URL}-0", "--out", str(out), "--purpose", "uji")
    assert not out.exists()


@pytest.mark.parametrize("url", ["https://kabar-banjar.example/berita/tidak-pernah-ada", "javascript:1", ""])
def test_what_was_not_kept_is_said(data: Path, url: str) -> None:
    with pytest.raises((NotFoundError, InputError)):
        _run(data, "show", url)
    assert _audit(data) == []


def test_warc_holds_every_page_byte_for_byte(data: Path, tmp_path: Path) -> None:
    pytest.importorskip("warcio", reason="not run: warcio is not installed")
    from warcio.archiveiterator import ArchiveIterator

    warc = tmp_path / "november.warc.gz"
    _export(data, warc, "--purpose", "arsip triwulan")
    with warc.open("rb") as file:
        records = [
            (
                record.rec_type,
                record.rec_headers.get_header("WARC-Target-URI"),
                record.rec_headers.get_header("WARC-Date"),
                record.content_stream().read(),
            )
            for record in ArchiveIterator(file, check_digests=True)
        ]
    assert records[0][0] == "warcinfo"
    assert records[1:] == [("response", f"{URL}-{n}", "2024-11-25T04:00:00Z", body) for n, body in enumerate(BODIES)]
    assert warc.stat().st_mode & 0o077 == 0
    ((action, object_, purpose, detail),) = _audit(data)
    assert (action, object_, purpose) == ("export.make", "archive", "arsip triwulan")
    assert (detail["pages"], detail["unreadable"], len(detail["sha256"])) == (2, 0, 64)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "november.warc.gz"]


def test_a_damaged_page_is_left_out_of_the_warc_and_named(data: Path, tmp_path: Path) -> None:
    pytest.importorskip("warcio", reason="not run: warcio is not installed")
    store = open_store(load_settings(data_dir=data))
    with store.read() as session:
        sha256 = next(repository.everything(session)).sha256
    store.close()
    (data / "archive" / policy.file_name(sha256)).write_bytes(b"palsu")
    words = ["export", "--from", "2024-11-25", "--to", "2024-11-25", "--warc", str(tmp_path / "a.warc.gz")]
    result = CliRunner().invoke(app, ["archive", *words, "--purpose", "uji", "--data", str(data)])
    assert result.exit_code == 1
    assert "left out" in result.output
    assert [(row[0], row[3]["pages"], row[3]["unreadable"]) for row in _audit(data)] == [("export.make", 1, 1)]


@pytest.mark.parametrize("taken", [False, True])
def test_a_file_system_without_hard_links_gets_a_copy(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: bool
) -> None:
    pytest.importorskip("warcio", reason="not run: warcio is not installed")
    warc = tmp_path / "november.warc.gz"

    def no_links(source: Path, target: Path, link: Callable[..., None] = os.link) -> None:
        if target != warc:
            return link(source, target)
        if taken:
            warc.write_text("milik orang lain")
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr("waspada.archive.warc.os.link", no_links)
    if taken:
        with pytest.raises(InputError, match="there already"):
            _export(data, warc, "--purpose", "uji")
        assert warc.read_text() == "milik orang lain"
    else:
        _export(data, warc, "--purpose", "uji")
        assert _audit(data)[0][3]["sha256"] == hashlib.sha256(warc.read_bytes()).hexdigest()
        assert warc.stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "november.warc.gz"]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"first": "2024-11-26"}, "before the first"),
        ({"first": "kemarin"}, "is no date"),
        ({"first": "2024-11-24", "last": "2024-11-24"}, "No raw page was kept"),
    ],
)
def test_days_that_cannot_be_exported(data: Path, tmp_path: Path, given: dict[str, str], problem: str) -> None:
    pytest.importorskip("warcio", reason="not run: warcio is not installed")
    with pytest.raises(WaspadaError, match=problem):
        _export(data, tmp_path / "a.warc.gz", "--purpose", "uji", **given)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    assert _audit(data) == []


def test_an_export_needs_a_purpose_a_free_name_and_a_folder(data: Path, tmp_path: Path) -> None:
    pytest.importorskip("warcio", reason="not run: warcio is not installed")
    there = tmp_path / "ada.warc.gz"
    there.write_text("milik orang lain")
    with pytest.raises(InputError, match="--purpose"):
        _export(data, tmp_path / "a.warc.gz")
    with pytest.raises(InputError, match="there already"):
        _export(data, there, "--purpose", "uji")
    with pytest.raises(InputError, match="cannot be written"):
        _export(data, tmp_path / "tidak" / "ada.warc.gz", "--purpose", "uji")
    assert there.read_text() == "milik orang lain"
    assert _audit(data) == []


def test_without_warcio_the_command_says_what_to_install(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "warcio", None)
    monkeypatch.setitem(sys.modules, "warcio.warcwriter", None)
    with pytest.raises(MissingExtraError, match=r"waspada\[warc\]"):
        _export(data, tmp_path / "a.warc.gz", "--purpose", "uji")


def test_check_is_quiet_when_all_is_whole(data: Path) -> None:
    assert "2 whole, 0 missing, 0 damaged" in _run(data, "check")
