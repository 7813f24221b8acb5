"""Which addresses lead to one article, and which only look as if they did."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waspada.items.addresses import article_key, is_variant, read_address, same_address

PLAIN = "https://kabar.example.com/daerah/pompa-baru-dipasang-di-kota"
NUMBERED = "https://www.kabar.example.com/kalsel/read/7654321/pompa-baru-dipasang-di-kota"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (PLAIN, "http://kabar.example.com/daerah/pompa-baru-dipasang-di-kota/"),
        (PLAIN, "https://m.kabar.example.com/daerah/pompa-baru-dipasang-di-kota"),
        (PLAIN, "https://www.kabar.example.com/daerah/pompa-baru-dipasang-di-kota"),
        (PLAIN, "https://amp.kabar.example.com/daerah/pompa-baru-dipasang-di-kota"),
        (PLAIN, "https://kabar.example.com/amp/daerah/pompa-baru-dipasang-di-kota"),
        (PLAIN, "https://kabar.example.com/daerah/pompa-baru-dipasang-di-kota/amp/"),
        (PLAIN, "https://kabar.example.com/daerah/pompa-baru-dipasang-di-kota.amp.html"),
        (PLAIN, "https://kabar.example.com/daerah/pompa-baru-dipasang-di-kota?amp=1"),
        (PLAIN, "https://kabar.example.com/daerah/pompa-baru-dipasang-di-kota?page=2"),
        (PLAIN, "https://kabar.example.com/daerah/pompa-baru-dipasang-di-kota?page=all"),
        (PLAIN, "https://kabar.example.com/daerah/pompa-baru-dipasang-di-kota?single=1&m=1"),
        (PLAIN, "https://kabar.example.com/daerah/pompa-baru-dipasang-di-kota?output=amp"),
        (NUMBERED, "https://kabar.example.com/pilkada/read/7654321/pompa-baru-dipasang-di-kota"),
        (NUMBERED, "https://m.kabar.example.com/berita/d-7654321/pompa-baru-dipasang-di-kota"),
        (NUMBERED, "https://kabar.example.com/pompa-baru-dipasang-di-kota-7654321.html"),
        (NUMBERED, "https://kabar.example.com/7654321-pompa-baru-dipasang-di-kota"),
        ("https://kabar.example.com/read/7654321/", "https://kabar.example.com/read/7654321?page=2"),
        (
            "https://regional.kabar.example.com/read/2024/11/03/101500878/pompa-baru-dipasang",
            "https://amp.kabar.example.com/kalsel/read/2024/11/03/101500878/pompa-baru-dipasang",
        ),
    ],
)
def test_one_article(one: str, other: str) -> None:
    assert same_address(one, other)
    assert article_key(one) == article_key(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (PLAIN, "https://kabar.example.com/daerah/pompa-lama-dibongkar-di-kota"),
        (PLAIN, "https://lain.example.org/daerah/pompa-baru-dipasang-di-kota"),
        (PLAIN, "https://kabar.example.com/foto/pompa-baru-dipasang-di-kota/2"),
        (PLAIN, "https://kabar.example.com/daerah/pompa-baru-dipasang-di-kota?id=7"),
        ("https://kabar.example.com/daerah/pompa-baru", "https://kabar.example.com/foto/pompa-baru"),
        ("https://kabar.example.com/hulu-sungai-utara-raya/1", "https://kabar.example.com/hulu-sungai-utara-raya/2"),
        ("https://kabar.example.com/?p=12", "https://kabar.example.com/?p=13"),
        ("https://kabar.example.com/?page=12", "https://kabar.example.com/?page=13"),
        (
            "https://kabar.example.com/index.php?page=berita&id=7",
            "https://kabar.example.com/index.php?page=berita&id=8",
        ),
        ("https://kabar.example.com/berita.php?id=7", "https://kabar.example.com/berita.php?id=8"),
        (NUMBERED, "https://kabar.example.com/kalsel/read/7654322/pompa-baru-dipasang-di-kota"),
        (NUMBERED, "https://lain.example.org/kalsel/read/7654321/pompa-baru-dipasang-di-kota"),
        (
            "https://regional.kabar.example.com/read/2024/11/03/101500878/pompa-baru-dipasang",
            "https://regional.kabar.example.com/read/2024/11/04/101500878/pompa-baru-dipasang",
        ),
        (
            "https://kabar.example.com/20241103/rapat-pleno-ditunda",
            "https://kabar.example.com/20241103/rapat-pleno-digelar",
        ),
        ("https://kabar.example.com/berita/12345", "https://kabar.example.com/foto/12345"),
        *(
            (
                f"https://kabar.example.com/{one}harga-emas-hari-ini",
                f"https://kabar.example.com/{other}harga-emas-hari-ini",
            )
            for one, other in (
                ("202411/05/", "202411/06/"),
                ("05112024/", "06112024/"),
                ("2024/11/05/101500/", "2024/11/06/101500/"),
                ("202411/05/101500/", "202411/06/101500/"),
                ("05-11-2024/101500/", "06-11-2024/101500/"),
                ("2023/101500/", "2024/101500/"),
            )
        ),
        (
            "https://kabar.example.com/read/7654321/bantuan-cair-rp-3282812",
            "https://kabar.example.com/read/7654322/bantuan-cair-rp-3282812",
        ),
        ("https://kabar.example.com/index.php?page=12", "https://kabar.example.com/index.php?page=13"),
        (
            "https://kabar.example.com/hulu-sungai-utara/v.php?page=1",
            "https://kabar.example.com/hulu-sungai-utara/v.php?page=2",
        ),
    ],
)
def test_two_articles(one: str, other: str) -> None:
    assert not same_address(one, other)
    assert article_key(one) != article_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (PLAIN, "https://kabar.example.com/foto/pompa-baru-dipasang-di-kota"),
        (PLAIN, "https://banjar.kabar.example.com/pompa-baru-dipasang-di-kota.html"),
        ("https://kabar.example.com/daerah/a-b-c-rp-3282812", "https://kabar.example.com/hukum/a-b-c-rp-3282812"),
        ("https://kabar.example.com/a/2024/11/03/a-b-c-d", "https://kabar.example.com/b/2024/11/3/a-b-c-d/"),
    ],
)
def test_the_words_of_a_headline_are_a_hint_and_no_proof(one: str, other: str) -> None:
    """The content has to decide, and the time: an outlet's regions may use them of two events."""
    assert article_key(one) == article_key(other)
    assert not same_address(one, other)


def test_a_number_alone_is_a_hint_and_no_proof() -> None:
    """Photo pages and articles are numbered apart: the content has to decide."""
    photo = "https://kabar.example.com/foto/7654321/lomba-perahu-hias-meriah"
    assert article_key(photo) == article_key(NUMBERED)
    assert not same_address(photo, NUMBERED)


@pytest.mark.parametrize(
    "url", ["https://m.kabar.example.com/a-b-c", "https://kabar.example.com/a-b-c/amp", f"{PLAIN}?page=2"]
)
def test_variants(url: str) -> None:
    assert is_variant(url)


@pytest.mark.parametrize("url", [PLAIN, NUMBERED, "https://kabar.example.com/?p=12", "https://kabar.example.com/m"])
def test_plain_addresses(url: str) -> None:
    assert not is_variant(url)


@pytest.mark.parametrize(
    "url", ["", "javascript:alert(1)", "https://[bad/", "https://kabar.example.com", "https://a:99999/x", "//x"]
)
def test_what_has_no_key(url: str) -> None:
    assert article_key(url) is None
    assert not same_address(url, url) or read_address(url) is not None


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_address_is_too_odd(one: str, other: str) -> None:
    for url in (one, f"https://kabar.example.com/{one}"):
        key = article_key(url)
        assert key is None or len(key) == 64
    first, second = f"https://kabar.example.com/{one}", f"https://kabar.example.com/{other}"
    if same_address(first, second):
        assert article_key(first) == article_key(second)
