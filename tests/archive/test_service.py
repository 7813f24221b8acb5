"""Keeping, reading back, retention, ceiling, erasure and the sweep of the folder."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

from tests.rows import NOW, add_item
from waspada.archive import policy, repository
from waspada.archive.service import Archive
from waspada.archive.types import ArchivedPage, KeptBody, RawPage
from waspada.errors import NotFoundError, StoreError
from waspada.items.addresses import article_key
from waspada.items.policy import url_key
from waspada.jobs.purge import purge
from waspada.privacy.retention import ARTICLE_TEXT_RETENTION
from waspada.store import Store
from waspada.store.tables import ArchivedPageRow, ItemRow, RejectRow

DAYS = timedelta(days=30)
URL = "https://kabar-banjar.example/berita/tanggul-jebol-di-astambul"


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive", DAYS, 10_000_000)


def _raw(body: bytes, url: str = URL) -> RawPage:
    return RawPage(
        url, 200, policy.headers_that_matter({"Content-Type": "text/html", "ETag": None, "Set-Cookie": "a"}), body
    )


def _keep(
    store: Store,
    archive: Archive,
    body: bytes,
    url: str = URL,
    *,
    after: timedelta = timedelta(),
    kind: str = "article",
) -> int:
    """Keeps a page of the item at this address; returns the item's id."""
    kept = archive.keep(store, _raw(body, url))
    assert isinstance(kept, KeptBody)
    with store.write() as session:
        known = session.scalar(select(ItemRow.id).where(ItemRow.url_key == url_key(url)))
        item_id = known or add_item(session, url=url, kind=kind, article_key=article_key(url))
        repository.note_page(session, item_id, url_key(url), _raw(body, url), kept, NOW + after)
    for file in archive.files.stored():  # as old as its row
        os.utime(file.path, ((NOW + after).timestamp(),) * 2)
    return item_id


def _pages(store: Store, url: str = URL) -> list[ArchivedPage]:
    with store.read() as session:
        return repository.find(session, url)


def _rows(store: Store) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(ArchivedPageRow)) or 0


def _files(archive: Archive) -> int:
    return len(list(archive.files.stored()))


def test_page_is_found_by_every_address_of_its_article(store: Store, archive: Archive) -> None:
    item_id = _keep(store, archive, b"<html>satu</html>")
    (page,) = _pages(store)
    assert (page.item_id, page.status, page.headers, page.fetched_at) == (
        item_id,
        200,
        {"content-type": "text/html"},
        NOW,
    )
    assert archive.read(store, page, NOW) == b"<html>satu</html>"
    assert _pages(store, f"{URL}/amp") == _pages(store, URL.replace("kabar", "m.kabar")) == [page]
    assert _pages(store, "https://kabar-banjar.example/berita/yang-lain-lagi") == []


def test_a_number_alone_finds_no_page_of_another_article(store: Store, archive: Archive) -> None:
    article, photo = "read/7654321/tanggul-jebol-di-astambul", "foto/7654321/lomba-perahu-hias"
    _keep(store, archive, b"tanggul", f"https://kabar-banjar.example/{article}")
    _keep(store, archive, b"lomba", f"https://kabar-banjar.example/{photo}", after=timedelta(hours=1))
    (page,) = _pages(store, f"http://kabar-banjar.example/kalsel/{article}")
    assert archive.read(store, page, NOW) == b"tanggul"


def test_twice_is_once(store: Store, archive: Archive) -> None:
    _keep(store, archive, b"satu")
    _keep(store, archive, b"satu", after=timedelta(days=2))
    assert (_rows(store), _files(archive), _pages(store)[0].fetched_at) == (1, 1, NOW)
    _keep(store, archive, b"dua", after=timedelta(days=2))
    assert [page.fetched_at for page in _pages(store)] == [NOW + timedelta(days=2), NOW]


def test_one_content_of_two_pages_is_one_file_until_both_are_gone(store: Store, archive: Archive) -> None:
    first = _keep(store, archive, b"sama")
    second = _keep(store, archive, b"sama", f"{URL}-dua")
    assert (_rows(store), _files(archive)) == (2, 1)
    with store.read() as session:
        assert repository.total_bytes(session) == _pages(store)[0].stored_bytes
    for item_id, left in ((first, 1), (second, 0)):
        with store.write() as session:
            session.execute(delete(ItemRow).where(ItemRow.id == item_id))
        purge(store, NOW + timedelta(hours=2), archive)
        assert (_rows(store), _files(archive)) == (left, left)


def test_pages_go_after_their_time_and_not_before(store: Store, archive: Archive) -> None:
    _keep(store, archive, b"satu")
    done = purge(store, NOW + DAYS, archive)
    assert (done.raw_pages, done.archive_files, _files(archive)) == (0, 0, 1)
    done = purge(store, NOW + DAYS + timedelta(seconds=1), archive)
    assert (done.raw_pages, done.archive_files, _rows(store), _files(archive)) == (1, 1, 0, 0)
    assert purge(store, NOW + DAYS + timedelta(seconds=1), archive).archive_files == 0


def test_no_page_outlives_the_text_of_its_item(store: Store, tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive", timedelta(days=730), 10_000_000)
    _keep(store, archive, b"awal")
    _keep(store, archive, b"suntingan", after=timedelta(days=700))
    done = purge(store, NOW + ARTICLE_TEXT_RETENTION + timedelta(seconds=1), archive)
    assert (done.article_texts, done.archive_files, _rows(store), _files(archive)) == (1, 2, 0, 0)


def test_over_its_ceiling_the_oldest_pages_go(store: Store, tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive", DAYS, 1_000_000)
    for number in range(10):
        _keep(store, archive, os.urandom(80_000), f"{URL}-{number}", after=timedelta(hours=number))
    archive.max_bytes = 500_000
    done = purge(store, NOW + timedelta(days=1), archive)
    assert (done.raw_pages, done.archive_files, _rows(store), _files(archive)) == (5, 5, 5, 5)
    assert [len(_pages(store, f"{URL}-{number}")) for number in range(10)] == [0] * 5 + [1] * 5


def test_a_full_archive_takes_nothing_and_says_so(store: Store, tmp_path: Path) -> None:
    now = [0.0]
    archive = Archive(tmp_path / "archive", DAYS, 100_000, clock=lambda: now[0])
    _keep(store, archive, os.urandom(80_000))
    refused = archive.keep(store, _raw(os.urandom(80_000)))
    assert isinstance(refused, str)
    assert "WASPADA_ARCHIVE_MAX_BYTES" in refused
    assert _files(archive) == 1
    with store.write() as session:
        session.execute(delete(ArchivedPageRow))
    assert isinstance(archive.keep(store, _raw(os.urandom(80_000))), str)  # counting reads every row: not for each page
    now[0] += 60
    assert isinstance(archive.keep(store, _raw(os.urandom(80_000))), KeptBody)  # another process made room


def test_a_full_archive_takes_pages_again_after_the_next_purge(store: Store, tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive", DAYS, 1_000_000)
    for number in range(12):
        _keep(store, archive, os.urandom(80_000), f"{URL}-{number}", after=timedelta(hours=number))
    assert isinstance(archive.keep(store, _raw(os.urandom(80_000))), str)
    assert purge(store, NOW + timedelta(days=1), archive).raw_pages == 1
    assert [len(_pages(store, f"{URL}-{number}")) for number in (0, 1, 11)] == [0, 1, 1]
    assert isinstance(archive.keep(store, _raw(os.urandom(80_000))), KeptBody)


@pytest.mark.parametrize("archive_is_a_file", [True, False])
def test_a_folder_that_cannot_be_written_is_a_reason_and_no_exception(
    store: Store, archive: Archive, archive_is_a_file: bool
) -> None:
    blocked = archive.files.folder if archive_is_a_file else archive.files.folder / "aa"
    blocked.parent.mkdir(exist_ok=True)
    blocked.write_text("")
    body = next(body for n in range(9999) if _sha(body := f"isi {n}".encode()).startswith("aa"))
    problem = archive.keep(store, _raw(body))
    assert isinstance(problem, str)
    assert "could not be archived" in problem
    assert purge(store, NOW, archive).archive_files == 0


def test_what_nothing_needs_is_swept_and_what_is_young_is_not(store: Store, archive: Archive) -> None:
    _keep(store, archive, b"dengan baris")
    orphan = archive.files.folder / policy.file_name(archive.files.write(b"tanpa baris").sha256)
    draft = orphan.with_name(f".{orphan.stem}.1.ab.tmp")
    draft.write_bytes(b"half")
    aside = archive.files.folder / "aside" / "lama"
    aside.parent.mkdir()
    aside.write_bytes(b"rusak")
    for path in (orphan, draft, aside):
        os.utime(path, (NOW.timestamp(),) * 2)
    assert archive.sweep(store, NOW + policy.UNSETTLED) == 0
    assert archive.sweep(store, NOW + policy.UNSETTLED + timedelta(seconds=1)) == 2
    assert (orphan.exists(), draft.exists(), aside.exists(), _files(archive)) == (False, False, True, 2)
    assert archive.sweep(store, NOW + DAYS + timedelta(seconds=1)) == 1
    assert [file.sha256 for file in archive.files.stored()] == [_pages(store)[0].sha256]


def test_what_was_kept_aside_of_a_page_goes_with_it(store: Store, archive: Archive) -> None:
    item_id = _keep(store, archive, b"asli")
    archive.files.set_aside(_pages(store)[0].sha256)
    assert archive.sweep(store, NOW + timedelta(days=1)) == 0
    with store.write() as session:
        repository.forget_items(session, [item_id])  # erased
    assert archive.sweep(store, NOW + timedelta(days=1)) == 1
    assert _files(archive) == 0


def test_a_file_written_again_while_the_folder_is_swept_stays(archive: Archive) -> None:
    sha256 = archive.files.write(b"sama").sha256
    os.utime(archive.files.folder / policy.file_name(sha256), (NOW.timestamp(),) * 2)
    (seen,) = archive.files.stored()
    archive.files.write(b"sama")  # by a collector, for a row that the sweep did not find
    assert not archive.files.remove(seen)
    assert [file.sha256 for file in archive.files.stored()] == [sha256]


def test_a_damaged_file_is_kept_aside_listed_and_never_shown(store: Store, archive: Archive) -> None:
    item_id = _keep(store, archive, b"asli")
    (page,) = _pages(store)
    path = archive.files.folder / policy.file_name(page.sha256)
    path.write_bytes(b"palsu")
    with pytest.raises(StoreError, match="changed or is damaged"):
        archive.read(store, page, NOW)
    (aside,) = (archive.files.folder / "aside").iterdir()
    assert (path.exists(), aside.read_bytes()) == (False, b"palsu")
    with store.read() as session:
        row = session.scalars(select(RejectRow)).one()
        assert (row.stage, row.object) == ("archive", f"item {item_id}")
    with pytest.raises(NotFoundError, match="no file any more"):
        archive.read(store, page, NOW)
    _keep(store, archive, b"asli", after=timedelta(days=1))  # fetched again
    assert archive.read(store, page, NOW) == b"asli"


def test_check_counts_what_is_whole_missing_and_damaged(store: Store, archive: Archive) -> None:
    for number, damage in enumerate((None, b"rusak", "gone")):
        _keep(store, archive, f"isi {number}".encode(), f"{URL}-{number}")
        path = archive.files.folder / policy.file_name(_pages(store, f"{URL}-{number}")[0].sha256)
        if isinstance(damage, bytes):
            path.write_bytes(damage)
        elif damage:
            path.unlink()
    report = archive.check(store, NOW)
    assert (report.whole, len(report.damaged), len(report.missing), report.is_fine) == (1, 1, 1, False)
    again = archive.check(store, NOW)
    assert (again.whole, len(again.damaged), len(again.missing)) == (1, 0, 2)


@pytest.mark.parametrize(
    ("pages", "ceiling", "going"),
    [
        ([], 10, []),
        ([(2, "b", 5), (1, "a", 4)], 10, []),
        ([(2, "b", 5), (1, "a", 5)], 10, [1]),
        ([(2, "b", 5), (1, "a", 6)], 10, [1]),
        ([(3, "c", 5), (2, "b", 5), (1, "c", 5)], 9, [2]),
        ([(3, "c", 50), (2, "b", 5), (1, "a", 5)], 20, [3, 2, 1]),
    ],
)
def test_what_goes_over_the_ceiling(pages: list[tuple[int, str, int]], ceiling: int, going: list[int]) -> None:
    assert policy.beyond_ceiling(pages, ceiling) == going


def _sha(body: bytes) -> str:
    import hashlib

    return hashlib.sha256(body).hexdigest()
