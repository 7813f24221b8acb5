"""One article, one address; two articles, two addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import urls


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTPS://Kabar.Example.com:443/Berita/1?utm_source=x&fbclid=y#top", "https://kabar.example.com/Berita/1"),
        ("https://kabar.example.com/a/../berita/1", "https://kabar.example.com/berita/1"),
        ("https://kabar.example.com/berita?id=7&cid=3", "https://kabar.example.com/berita?cid=3&id=7"),
        ("https://kabar.example.com/berita/1?page=all", "https://kabar.example.com/berita/1?page=all"),
        ("https://kabar.example.com/berita/1?single=1&utm_medium=z", "https://kabar.example.com/berita/1?single=1"),
        ("https://user:pw@kabar.example.com/1", "https://kabar.example.com/1"),
        (" https://kabar.example.com/\n1 ", "https://kabar.example.com/1"),
        ("/berita/2", "https://kabar.example.com/berita/2"),
        ("//lain.example.com/3", "https://lain.example.com/3"),
        ("javascript:alert(1)", None),
        ("mailto:redaksi@example.com", None),
        ("https://[bad/", None),
        ("https://kabar.example.com/" + "x" * 2048, None),
    ],
)
def test_canonical(url: str, expected: str | None) -> None:
    assert urls.canonical(url, "https://kabar.example.com/feed") == expected


@given(st.text(max_size=80))
def test_canonical_never_raises_and_is_stable(text: str) -> None:
    for url in (text, f"https://kabar.example.com/{text}"):
        found = urls.canonical(url)
        assert found is None or urls.canonical(found) == found


@pytest.mark.parametrize("path", ["", "/", "/index.html", "/index.php", "/home"])
def test_front_pages(path: str) -> None:
    assert urls.is_home(f"https://kabar.example.com{path}")


@pytest.mark.parametrize("path", ["/?p=12", "/berita", "/index.php?id=3"])
def test_what_is_no_front_page(path: str) -> None:
    assert not urls.is_home(f"https://kabar.example.com{path}")


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("https://kabar.example.com/berita/pompa-baru-kota", "https://kabar.example.com/berita/pompa-baru-kota"),
        ("https://m.example.com/berita/pompa-baru-kota", "https://m.example.com/berita/pompa-baru-kota"),
        ("https://lain.example.org/berita/pompa-baru-kota", "https://kabar.example.com/m/pompa-baru-kota-12"),
        ("https://kabar.example.com/", "https://kabar.example.com/m/pompa-baru-kota-12"),
        ("https://kabar.example.com/berita", "https://kabar.example.com/m/pompa-baru-kota-12"),
        (None, "https://kabar.example.com/m/pompa-baru-kota-12"),
        ("::::", "https://kabar.example.com/m/pompa-baru-kota-12"),
    ],
)
def test_a_declared_canonical_is_believed_only_where_it_can_be(declared: str | None, expected: str) -> None:
    assert urls.page_identity("https://kabar.example.com/m/pompa-baru-kota-12", declared) == expected


def test_split_articles_are_asked_for_whole() -> None:
    assert urls.whole_article("https://regional.kompas.com/read/1") == "https://regional.kompas.com/read/1?page=all"
    assert (
        urls.whole_article("https://news.detik.com/berita/d-1?a=b") == "https://news.detik.com/berita/d-1?a=b&single=1"
    )
    assert urls.whole_article("https://kabar.example.com/1") == "https://kabar.example.com/1"
