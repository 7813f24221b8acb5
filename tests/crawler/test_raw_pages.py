"""The archive behind a real crawl: off unless asked for, byte for byte, and never worth an item."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from tests.crawler import badweb
from tests.crawler.badweb import BadWeb, article, entry, feed
from tests.crawler.desk import Desk, open_desk
from waspada.archive import repository
from waspada.archive.service import archive_of
from waspada.archive.types import ArchivedPage
from waspada.clock import utc_now
from waspada.sources import service
from waspada.store.tables import RejectRow

DATE = "Sun, 03 Nov 2024 01:00:00 +0000"


def _crawl(desk: Desk, web: BadWeb) -> str:
    link = web.put("/berita/drainase-kota-1", badweb.html(article("Drainase dibersihkan")))
    desk.add("kabar", web.put("/feed.xml", badweb.xml(feed(entry(link, "Drainase dibersihkan", DATE)))))
    desk.crawl(web.allowed)
    return link


def _archived(desk: Desk) -> list[ArchivedPage]:
    with desk.store.read() as session:
        return list(repository.everything(session))


def _rejects(desk: Desk) -> list[tuple[str, str]]:
    with desk.store.read() as session:
        return [(row.stage, row.problem) for row in session.scalars(select(RejectRow))]


def test_pages_are_not_kept_unless_asked_for(tmp_path: Path) -> None:
    desk = open_desk(tmp_path / "data")
    with BadWeb() as web:
        _crawl(desk, web)
    assert (len(desk.items()), _archived(desk)) == (1, [])
    assert not (tmp_path / "data" / "archive").exists()
    desk.store.close()


def test_the_page_of_an_item_is_kept_as_it_was_received(tmp_path: Path) -> None:
    desk = open_desk(tmp_path / "data", archive_pages=True)
    with BadWeb() as web:
        link = _crawl(desk, web)
        (page,) = _archived(desk)
        (item,) = desk.items()
        assert (page.item_id, page.url, page.status) == (item.id, link, 200)
        assert page.headers["content-type"].startswith("text/html")
        body = archive_of(desk.settings).read(desk.store, page, utc_now())
        assert body == article("Drainase dibersihkan").encode()
    desk.store.close()


def test_an_archive_that_cannot_be_written_costs_no_item(tmp_path: Path) -> None:
    desk = open_desk(tmp_path / "data", archive_pages=True)
    (tmp_path / "data" / "archive").write_text("in the way")
    with BadWeb() as web:
        _crawl(desk, web)
    assert [page.state for page in desk.pages()] == ["done"]
    assert (len(desk.items()), _archived(desk)) == (1, [])
    ((stage, problem),) = _rejects(desk)
    assert stage == "archive"
    assert "could not be archived" in problem
    desk.store.close()


def test_pages_of_post_streams_are_never_kept(tmp_path: Path) -> None:
    """They name who wrote them, and a name must not reach the disk (design, rule 2)."""
    desk = open_desk(tmp_path / "data", archive_pages=True)
    with BadWeb() as web:
        link = web.put("/forum/jalan-berlubang-di-gambut", badweb.html(article("Jalan berlubang di Gambut")))
        desk.add("forum", web.put("/feed.xml", badweb.xml(feed(entry(link, "Jalan berlubang di Gambut", DATE)))))
        with desk.store.write() as session:
            service.find(session, "forum").role = "post"
        desk.crawl(web.allowed)
    assert (len(desk.items()), _archived(desk)) == (1, [])
    desk.store.close()
