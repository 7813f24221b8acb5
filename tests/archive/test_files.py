"""The archive folder: whole files or none, once for each content, and nothing false is read back."""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from waspada.archive.files import ArchiveFiles
from waspada.archive.policy import file_name, sha256_of
from waspada.archive.types import FileState

BODY = "<html><p>Air surut di Astambul.</p></html>".encode("utf-16")


@pytest.fixture
def files(tmp_path: Path) -> ArchiveFiles:
    return ArchiveFiles(tmp_path / "archive")


def _all(files: ArchiveFiles) -> list[Path]:
    return sorted(path for path in files.folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x00\xff" * 10, id="short"),
        pytest.param(BODY, id="page"),
        pytest.param(b"a" * 2_000_000, id="even"),
        pytest.param(os.urandom(300_000), id="random"),
    ],
)
def test_what_was_written_is_read_back(files: ArchiveFiles, body: bytes) -> None:
    kept = files.write(body)
    assert kept.sha256 == hashlib.sha256(body).hexdigest()
    assert files.load(kept.sha256, len(body)).body == body
    (path,) = _all(files)
    assert path == files.folder / kept.sha256[:2] / f"{kept.sha256}.gz"
    assert (kept.body_bytes, kept.stored_bytes) == (len(body), path.stat().st_size)
    assert path.stat().st_mode & 0o077 == 0


def test_one_content_is_one_file_and_becomes_young_again(files: ArchiveFiles) -> None:
    kept = files.write(BODY)
    (path,) = _all(files)
    os.utime(path, (1, 1))
    assert files.write(BODY) == kept
    assert _all(files) == [path]
    assert path.stat().st_mtime > 1


def test_a_killed_writer_leaves_no_half_file(files: ArchiveFiles) -> None:
    """Really killed, while it writes one file after another."""
    program = (
        "import os, sys; from pathlib import Path; from waspada.archive.files import ArchiveFiles\n"
        "files = ArchiveFiles(Path(sys.argv[1]))\n"
        "while True:\n"
        "    files.write(os.urandom(300_000)); sys.stdout.write('.'); sys.stdout.flush()"
    )
    writer = subprocess.Popen([sys.executable, "-c", program, str(files.folder)], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    assert writer.stdout.read(5) == b"....."
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    writer.stdout.close()
    stored = list(files.stored())
    whole = [file.sha256 for file in stored if file.sha256]
    assert len(whole) >= 5
    assert {files.load(sha256, 300_000).state for sha256 in whole} == {FileState.WHOLE}
    assert sum(file.is_draft for file in stored) <= 1


def test_a_truncated_draft_is_seen_as_one(files: ArchiveFiles) -> None:
    kept = files.write(BODY)
    draft = files.folder / kept.sha256[:2] / f".{kept.sha256}.99.abcd.tmp"
    draft.write_bytes(gzip.compress(BODY)[:10])
    assert sorted((file.sha256, file.is_draft) for file in files.stored() if file.is_draft) == [(None, True)]
    assert files.load(kept.sha256, len(BODY)).state is FileState.WHOLE


def test_a_full_disk_leaves_nothing_behind(files: ArchiveFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("waspada.archive.files.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        files.write(BODY)
    assert _all(files) == []


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"not gzip at all",
        gzip.compress(BODY)[:-9],
        gzip.compress(BODY[:-1]),
        gzip.compress(BODY + b"x"),
        gzip.compress(b"y" * len(BODY)),
        gzip.compress(b"\x00" * 5_000_000),
    ],
    # by name, for gzip notes the second in which it was made
    ids=("empty", "no gzip", "cut off", "shorter", "longer", "another body", "a bomb"),
)
def test_a_changed_file_is_never_read_as_what_it_was(files: ArchiveFiles, damage: bytes) -> None:
    kept = files.write(BODY)
    (path,) = _all(files)
    path.write_bytes(damage)
    assert files.load(kept.sha256, len(BODY)).state is FileState.DAMAGED
    assert files.write(BODY) == kept  # fetched again: whole once more, the damaged one kept aside
    assert files.load(kept.sha256, len(BODY)).body == BODY
    (aside,) = (files.folder / "aside").iterdir()
    assert aside.read_bytes() == damage


def test_a_missing_file_is_missing(files: ArchiveFiles) -> None:
    assert files.load("0" * 64, 1).state is FileState.MISSING
    assert list(files.stored()) == []


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "0" * 63, f"{'0' * 64}/x"])
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        file_name(name)
    assert sha256_of(f"{name}.gz") is None


def test_foreign_files_are_passed_over(files: ArchiveFiles) -> None:
    files.write(BODY)
    (files.folder / "catatan.txt").write_text("milik operator")
    (files.folder / "ab").mkdir(exist_ok=True)
    (files.folder / "ab" / "catatan.gz").write_text("milik operator")
    assert len(list(files.stored())) == 1
