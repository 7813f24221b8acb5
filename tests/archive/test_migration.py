"""What was collected before there was an archive is known at its other addresses after the migration."""

from __future__ import annotations

from sqlalchemy import select

from tests.rows import NOW, add_item, add_source
from waspada.items.addresses import article_key
from waspada.items.policy import url_key
from waspada.store import open_url
from waspada.store.migrate import downgrade, upgrade
from waspada.store.tables import ItemRow, PageRow

URL = "https://kabar-banjar.example/read/7654321/tanggul-jebol-di-astambul"
FRONT = "https://kabar-banjar.example/"
POST = "https://sosial.example/11223344"


def test_items_and_pages_from_before_get_their_keys(empty_url: str) -> None:
    store = open_url(empty_url)
    with store.write() as session:
        item_id = add_item(session, url=URL)
        add_item(session, url=POST, kind="post", source=add_source(session, "sosial", kind="mastodon-rss", role="post"))
        for url, source_id in ((URL, "kabar-banjar"), (FRONT, "kabar-banjar"), (POST, "sosial")):
            session.add(PageRow(source_id=source_id, url=url, url_key=url_key(url), seen_at=NOW, state="done"))
    downgrade(store.engine, "0002")
    upgrade(store.engine)
    with store.read() as session:
        pages = [(page.url, page.item_id, page.article_key) for page in session.scalars(select(PageRow))]
        items = [(item.url, item.article_key) for item in session.scalars(select(ItemRow))]
    assert sorted(pages) == [(FRONT, None, None), (URL, item_id, article_key(URL)), (POST, None, None)]
    assert sorted(items) == [(URL, article_key(URL)), (POST, None)]
    store.close()
