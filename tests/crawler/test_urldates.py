"""The days that an address names, of articles and of sitemaps."""

from __future__ import annotations

from datetime import date

import pytest

from crawler.urldates import days_of_article, days_of_sitemap
from waspada.clock import Days

BASE = "https://kabar.example"


@pytest.mark.parametrize(
    ("path", "first", "last"),
    [
        ("/2025/02/14/judul", "2025-02-14", "2025-02-14"),
        ("/read/2025/2/4/88/judul", "2025-02-04", "2025-02-04"),
        ("/berita/judul-2025-02-14", "2025-02-14", "2025-02-14"),
        ("/read/20250214/judul", "2025-02-14", "2025-02-14"),
        ("/2024/02/judul", "2024-02-01", "2024-02-29"),
        ("/2024/12/02/2024/judul", "2024-12-02", "2024-12-02"),
    ],
)
def test_of_an_article(path: str, first: str, last: str) -> None:
    assert days_of_article(BASE + path) == Days(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    "path",
    [
        "/judul-pilkada-2024-12-kursi",
        "/read/202502/judul",
        "/2025/02/31/judul",
        "/read/120250214/x",
        "/",
        "/2025-judul",
        "",
    ],
)
def test_of_an_article_that_names_none(path: str) -> None:
    found = days_of_article(BASE + path)
    assert found is None or found == Days(date(2025, 2, 1), date(2025, 2, 28))  # of 31 February the month is left


@pytest.mark.parametrize(
    ("path", "first", "last"),
    [
        ("/sitemap-2025-02.xml", "2025-02-01", "2025-02-28"),
        ("/sitemap-pt-post-2025-02.xml", "2025-02-01", "2025-02-28"),
        ("/sitemap-pt-post-p1-2025-02.xml", "2025-02-01", "2025-02-28"),
        ("/sitemap_202502.xml.gz", "2025-02-01", "2025-02-28"),
        ("/sitemap/2025/02/14.xml", "2025-02-14", "2025-02-14"),
        ("/sitemap/2025/2.xml", "2025-02-01", "2025-02-28"),
        ("/sitemap-2024.xml", "2024-01-01", "2024-12-31"),
        ("/sitemap-2024-2.xml", "2024-01-01", "2024-12-31"),
        ("/sitemap.xml?yyyy=2025&mm=02&dd=14", "2025-02-14", "2025-02-14"),
        ("/sitemap.xml?year=2025&month=2", "2025-02-01", "2025-02-28"),
    ],
)
def test_of_a_sitemap(path: str, first: str, last: str) -> None:
    assert days_of_sitemap(BASE + path) == Days(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    "path", ["/post-sitemap12.xml", "/post-sitemap2024.xml", "/sitemap.xml?page=2025", "/sitemap-3.xml"]
)
def test_of_a_sitemap_that_names_none(path: str) -> None:
    assert days_of_sitemap(BASE + path) is None
