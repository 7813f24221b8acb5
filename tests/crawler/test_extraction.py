"""From a page to an article: fields, times, boilerplate, listings, and pages that no parser likes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.blocked import blocked_page, is_paywalled
from crawler.boilerplate import is_boilerplate, without_boilerplate
from crawler.dates import read_when
from crawler.extraction import ExtractionError, TooManyTagsError, decoded, extract, parse_html
from crawler.furniture import furniture
from crawler.lines import page_lines
from crawler.listing import parse_listing
from tests.crawler.badweb import PARAGRAPHS, article
from waspada.clock import ZONES

URL = "https://kabar.example.com/berita/drainase-kota-dibersihkan-12"
WITA, WIB = ZONES["WITA"], ZONES["WIB"]
NOW = datetime(2024, 11, 10, tzinfo=UTC)


def test_the_contract_of_an_ordinary_page() -> None:
    head = '<meta property="og:site_name" content="Kabar Uji"><link rel="canonical" href="/berita/drainase-kota-12">'
    found = extract(article("Drainase dibersihkan", head=head), URL, now=NOW)
    assert found.as_contract() == {
        "url": URL,
        "canonical_url": "https://kabar.example.com/berita/drainase-kota-12",
        "title": "Drainase dibersihkan",
        "text": "\n".join(PARAGRAPHS),
        "published_at": "2024-11-03T01:30:00Z",
        "outlet": "Kabar Uji",
        "lang": "id",
        "is_article": True,
    }


def test_boilerplate_leaves_the_body() -> None:
    noise = (
        "Baca juga: Pompa lama rusak lagi di simpang empat",
        '<a href="/berita/lain-1">Warga minta jembatan gantung segera diperbaiki</a>',
        "Bagikan: Facebook Twitter WhatsApp",
        "Ikuti saluran WhatsApp kami untuk update berita terbaru",
        "Simak juga video berikut ini",
        "Editor: Nama Samaran",
    )
    mixed = [text for pair in zip(PARAGRAPHS, noise[:3], strict=True) for text in pair] + list(noise[3:])
    assert extract(article("Drainase dibersihkan", *mixed), URL, now=NOW).text == "\n".join(PARAGRAPHS)


@pytest.mark.parametrize(
    "line",
    [
        "BACA JUGA: Judul lain",
        "Lihat juga",
        "Artikel terkait",
        "Facebook Twitter",
        "[Gambas:Video 20detik]",
        "ADVERTISEMENT",
        "Halaman 1 dari 2",
        "Lihat semua 24 foto",
        "18.07 WIB2 jam lalu",
        "Translator: Nama Samaran",
        "Oleh Nama Samaran",
        "Anda telah membaca tiga artikel gratis. Mulai berlangganan untuk akses tanpa batas.",
        "#banjir #Barabai",
        "12 komentar",
        '[irp posts="11" name="Judul lain"]',
        "Artikel terkait: Siapa yang membayar pompa itu?",
        "Lihat Foto Warga memperbaiki tanggul, Sabtu (23/6/2018).",
        "Simak video berikut ini.",
        "Simak berita terbaru kami di Google News.",
        "Pantau terus update seputar Kalimantan di kanal Telegram Kabar Uji.",
        "Mari bergabung di Grup Telegram Kabar Uji, caranya klik tautan di bawah.",
        "Ikuti saluran WhatsApp Kabar Uji.",
        "Unduh aplikasi Kabar Uji di Play Store.",
        "Dilarang keras mengambil konten tanpa izin tertulis dari redaksi.",
        "Cek video terkait banjir",
    ],
)
def test_lines_that_are_no_part_of_an_article(line: str) -> None:
    assert is_boilerplate(line)


@pytest.mark.parametrize(
    "line",
    [
        "Baca puisi di alun-alun menjadi acara penutup festival.",
        "Lihatlah, kata dia, warga tetap rukun.",
        "Ia meminta warga ikut menjaga kebersihan.",
        "BANJARMASIN, KOMPAS.com - Hujan turun sejak pagi.",
        "Tag dan label harga wajib dipasang pedagang, kata kepala dinas.",
        "Kirim bantuan ke Palu, Kalsel siapkan tiga truk beras.",
        "Hak cipta lagu daerah didaftarkan pemerintah kabupaten.",
        "Komentar warga soal rencana itu masih beragam.",
        "Oleh warga, jembatan itu dibangun kembali dengan bambu.",
        "(abc/xyz)",
        "Ajakan tawuran itu beredar di grup Telegram pelajar sejak Kamis malam.",
        "Tim menemukan 12 grup Telegram berisi ujaran kebencian terhadap satu suku di Kalimantan Tengah.",
        "Hoaks tersebut menyebar lewat saluran WhatsApp dan grup Telegram warga Tapin, kata polisi.",
        "“Kami sudah menutup grup Telegram itu,” kata kepala dinas.",
        "Penipu meminta korban bergabung ke grup Telegram lalu klik tautan.",
        "Cek video yang beredar, polisi memastikan kerusuhan itu terjadi di luar Kalimantan.",
        "Tonton video itu, ratusan warga mendatangi kantor desa dan melempar batu.",
        "Video terkait kerusuhan itu disebut polisi sebagai rekaman lama.",
        "Video lainnya memperlihatkan massa membakar ban di depan kantor desa.",
        "Pantau surat suara, Bawaslu Tabalong membuka saluran aduan bagi warga.",
        "Dilarang mengambil pasir, penambang melempari petugas.",
        "Unduh aplikasi Sirekap gagal, petugas KPPS di Tapin menghitung manual.",
    ],
)
def test_lines_that_only_look_like_it(line: str) -> None:
    assert not is_boilerplate(line)


def test_an_inserted_headline_at_the_end_of_a_paragraph_goes() -> None:
    assert without_boilerplate("Air surut, kata dia. Baca juga: Pompa rusak") == "Air surut, kata dia."


def test_a_lead_beside_a_picture_is_no_caption() -> None:
    lead = f'<img src="a.jpg"><strong>BARABAI</strong> - {PARAGRAPHS[0]}'
    page = extract(article("Air surut di Barabai sejak Kamis", lead, *PARAGRAPHS[1:]), URL, now=NOW)
    assert page.text.startswith(f"BARABAI - {PARAGRAPHS[0]}")


@pytest.mark.parametrize("row", ['<div class="{}">{{}}</div>', '<td width="{}">{{}}</td>'])
def test_a_narrow_column_is_no_part_of_the_article(row: str) -> None:
    wide, narrow = ("900", "200") if "width" in row else ("col-lg-8", "col-12 col-lg-4")
    beside = "Kami menyatakan sanggup menyelenggarakan pelayanan sesuai standar yang telah ditetapkan bersama."
    body = "".join(f"<div>{text}</div>" for text in PARAGRAPHS * 2)
    cells = row.format(wide).format(body) + row.format(narrow).format(f"<p>{beside}</p>")
    page = f"<h1>Air surut di Barabai sejak Kamis</h1><table><tr>{cells}</tr></table>"
    assert beside not in extract(page if "td" in row else f"<div>{cells}</div>", URL, now=NOW).text


@pytest.mark.parametrize("title", ["Pedoman Media Siber", "Tentang Kami", "Redaksi", "Halaman tidak ditemukan"])
def test_a_standing_page_is_no_article(title: str) -> None:
    assert not extract(article(title, *PARAGRAPHS), URL, now=NOW).is_article


def test_a_time_in_the_prose_is_not_when_the_page_was_published() -> None:
    prose = f"{PARAGRAPHS[0].rstrip('.')}, kata dia pada rapat di kantor kecamatan, Rabu (6/11/2024) pukul 09.00 WITA."
    stamp = "<p>Kamis, 07/11/2024 17:40 WITA</p>"
    page = f"<h1>Air surut di Barabai sejak Kamis</h1>{{}}<p>{prose}</p><p>{PARAGRAPHS[1]}</p>"
    seen = extract(page.format(stamp), URL, zone=ZONES["WITA"], now=NOW).published_at
    assert seen == datetime(2024, 11, 7, 9, 40, tzinfo=UTC)
    assert extract(page.format(""), URL, zone=ZONES["WITA"], now=NOW).published_at != datetime(
        2025, 2, 12, 1, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("heading", "is_over_comments"),
    [
        ("12 Komentar", True),
        ("Komentar (3)", True),
        ("Tanggapan pembaca", True),
        ("3 tanggapan untuk “Air surut”", True),
        ("Tinggalkan Balasan Batalkan balasan", True),
        ("Leave a Reply", True),
        ("Tanggapan Bupati", False),
        ("Tanggapan Pemerintah Daerah", False),
        ("Tanggapan", False),
        ("Komentar Warga", False),
        ("Tulis Komentar Rasis di Media Sosial", False),
        ("Kronologi", False),
    ],
)
def test_only_a_heading_over_a_comment_box_ends_the_article(heading: str, is_over_comments: bool) -> None:
    first, *others = (f"<p>{text}</p>" for text in PARAGRAPHS)
    tree = parse_html(f"<div>{first}{first}<h3>{heading}</h3>{''.join(others)}</div>")
    dropped = furniture(page_lines(tree), "")
    assert bool(dropped) == is_over_comments


def test_a_selector_wins() -> None:
    first, second = (f"<p>{text}</p>" for text in PARAGRAPHS[:2])
    page = f"<html><body><div id=a>{first}</div><div id=b>{second}</div></body></html>"
    assert extract(page, URL, selector="#b", now=NOW).text == PARAGRAPHS[1]
    assert PARAGRAPHS[0] in extract(page, URL, selector="#absent", now=NOW).text
    assert extract(page, URL, selector="][", now=NOW).text


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        (
            '<meta property="article:published_time" content="2024-11-03 09:30:00">',
            "",
            datetime(2024, 11, 3, 1, 30, tzinfo=UTC),
        ),
        (
            '<script type="application/ld+json">{"@graph":[{"@type":["NewsArticle"],'
            '"datePublished":"2024-11-03T09:30:00+07:00"}]}</script>'
            '<meta property="article:published_time" content="2024-11-05T00:00:00Z">',
            "",
            datetime(2024, 11, 3, 2, 30, tzinfo=UTC),
        ),
        (
            '<script type="application/ld+json">{broken</script>',
            "Minggu, 3 November 2024 | 09:30 WIB",
            datetime(2024, 11, 3, 2, 30, tzinfo=UTC),
        ),
        ("", "Minggu, 03 Nopember 2024 09.30 WITA", datetime(2024, 11, 3, 1, 30, tzinfo=UTC)),
        ("", "03/11/2024 09:30", datetime(2024, 11, 3, 1, 30, tzinfo=UTC)),
        ('<meta property="article:published_time" content="2099-01-01T00:00:00Z">', "", None),
        ("", "", None),
    ],
)
def test_publication_times(head: str, body: str, expected: datetime | None) -> None:
    text = "".join(f"<p>{each}</p>" for each in PARAGRAPHS)
    head = f"<head><title>Judul uji</title>{head}</head>"
    page = f"<html>{head}<body><h1>Judul uji</h1><div>{body}</div>{text}</body></html>"
    assert extract(page, URL, zone=WITA, now=NOW).published_at == expected


@pytest.mark.parametrize(
    ("meta", "shown", "hour"),
    [
        ("2024-11-03", "Minggu, 3 November 2024 | 09:30 WITA", 1.5),  # a day alone: the reader's clock
        ("2024-11-03T09:30:00+00:00", "3 November 2024 09:30 WITA", 1.5),  # a local clock written as UTC
        ("2024-11-03T09:30:00+00:00", "3 November 2024 09:30", 9.5),  # no zone named: the machine's word
        ("2024-11-03T09:30:00+00:00", "3 November 2024 11:00 WITA", 9.5),  # another clock: no such mistake
        ("", "November 3, 2024 9:30 am", 1.5),
        ("", "2024-11-03 09:30:00", 1.5),
        ("", "Diperbarui: 4 November 2024 10:00 WITA, terbit: 3 November 2024 09:30 WITA", 1.5),
    ],
)
def test_what_is_stated_and_what_is_shown(meta: str, shown: str, hour: float) -> None:
    head = f'<meta property="article:published_time" content="{meta}">'
    text = "".join(f"<p>{each}</p>" for each in PARAGRAPHS)
    page = f"<html><head><title>Judul uji</title>{head}</head><body><h1>Judul uji</h1><div>{shown}</div>{text}"
    found = extract(page, URL, zone=WITA, now=NOW).published_at
    assert found == datetime(2024, 11, 3, int(hour), 30, tzinfo=UTC)


def test_a_day_of_the_page_takes_the_clock_of_the_feed() -> None:
    fed = datetime(2024, 11, 2, 23, 15, tzinfo=UTC)
    page, url = article("Judul uji", date=""), "https://kabar.example.com/2024/11/03/judul-uji-baru"
    assert extract(page, url, feed_published=fed, now=NOW).published_at == fed
    assert extract(page, url, feed_published=None, now=NOW).published_at == datetime(2024, 11, 2, 16, tzinfo=UTC)
    other_day = datetime(2024, 11, 5, 1, tzinfo=UTC)
    assert extract(page, url, feed_published=other_day, now=NOW).published_at == datetime(2024, 11, 2, 16, tzinfo=UTC)


def test_the_feed_speaks_when_the_page_does_not_and_never_now() -> None:
    page = article("Judul uji", date="")
    fed = datetime(2024, 11, 2, 3, 4, 5, tzinfo=UTC)
    assert extract(page, URL, feed_published=fed, now=NOW).published_at == fed
    assert extract(page, URL, now=NOW).published_at is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sun, 03 Nov 2024 09:30:00 +0700", datetime(2024, 11, 3, 2, 30, tzinfo=UTC)),
        ("Sun, 03 Nov 2024 09:30:00", datetime(2024, 11, 3, 1, 30, tzinfo=UTC)),
        ("3 Agustus 2024 pukul 09.30 WIT", datetime(2024, 8, 3, 0, 30, tzinfo=UTC)),
        ("2024-11-03 09:30 WIB", datetime(2024, 11, 3, 2, 30, tzinfo=UTC)),
        ("2024-11-03T09-30-00Z", datetime(2024, 11, 3, 9, 30, tzinfo=UTC)),
        ("1730597400", datetime(2024, 11, 3, 1, 30, tzinfo=UTC)),
        ("31 Februari 2024 10:00", None),
        ("kemarin", None),
        ("", None),
        ("0001-01-01T00:00:00Z", None),
        ("2031-01-01T00:00:00Z", None),
    ],
)
def test_times_in_the_wild(text: str, expected: datetime | None) -> None:
    assert read_when(text, WITA, NOW) == expected


@given(st.text(max_size=60))
def test_no_text_of_a_date_raises(text: str) -> None:
    found = read_when(text, WITA, NOW)
    assert found is None or found <= NOW


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Pompa baru tiba - Kabar Uji", "Pompa baru tiba"),
        ("Pompa baru tiba | Kabar Uji", "Pompa baru tiba"),
        ("Kabar Uji: Pompa baru tiba", "Pompa baru tiba"),
        ("Banjir - Pompa baru tiba", "Banjir - Pompa baru tiba"),
    ],
)
def test_titles_lose_the_name_of_the_site(title: str, expected: str) -> None:
    head = f'<meta property="og:site_name" content="Kabar Uji"><meta property="og:title" content="{title}">'
    page = f"<html><head>{head}<title>{title}</title></head><body><p>{PARAGRAPHS[0]}</p></body></html>"
    assert extract(page, URL, now=NOW).title == expected


def test_an_index_of_teasers_is_no_article_though_it_says_so() -> None:
    teasers = "".join(
        f'<div><h3><a href="/berita/judul-{n}-panjang-sekali">Judul berita nomor {n} yang cukup panjang</a></h3>'
        f"<span>Minggu, {n + 1} November 2024 | 1{n}:00 WIB</span><p>{PARAGRAPHS[n % 3][:90]}.</p></div>"
        for n in range(9)
    )
    head = '<head><meta property="og:type" content="article"><title>Indeks Berita</title></head>'
    page = f"<html>{head}<body><h1>Indeks Berita</h1>{teasers}</body></html>"
    assert not extract(page, "https://kabar.example.com/indeks", now=NOW).is_article
    listed = parse_listing(parse_html(page), "https://kabar.example.com/indeks")
    assert len(listed.announcements) == 9


def test_a_front_page_is_no_article() -> None:
    assert not extract(article("Kabar Uji"), "https://kabar.example.com/", now=NOW).is_article


@pytest.mark.parametrize(
    "page",
    ["", " ", "<", "<html>", "<html></html>", "\x00\x01", "<p>" * 5000, "<title>x</title>" + "<div>" * 3000 + "teks"],
)
def test_odd_pages_give_no_article_and_no_surprise(page: str) -> None:
    try:
        found = extract(page, URL, now=NOW)
    except ExtractionError:
        return
    assert not found.is_article


def test_a_page_of_a_million_links_is_refused() -> None:
    with pytest.raises(TooManyTagsError, match="no article"):
        extract("<html><body>" + "<a href=/b/1>Judul</a>" * 1_000_000, URL, now=NOW)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_else(body: bytes) -> None:
    try:
        extract(b"<html><head><script type='application/ld+json'>" + body + b"</script><body><p>" + body, URL, now=NOW)
    except ExtractionError:
        return


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        ("Kafé".encode(), "iso-8859-1"),
        ("Kafé".encode("cp1252"), None),
        ("Kafé".encode("cp1252"), "utf-8"),
        ("Kafé".encode("utf-16"), None),
        (b"<meta charset=iso-8859-1>Kaf\xe9", None),
    ],
)
def test_charsets_by_what_the_bytes_say(body: bytes, charset: str | None) -> None:
    assert decoded(body, charset).endswith("Kafé")


@pytest.mark.parametrize(
    "page",
    [
        b"<title>Just a moment...</title>",
        b"<title>Attention Required! | Cloudflare</title>",
        b"<title>x</title><script src='/cdn-cgi/challenge-platform/h/b/x.js'></script><script>_cf_chl_opt={}</script>",
        b"<title>Before you continue</title><form action='https://consent.google.com/save'>",
        b"<form><div class='g-recaptcha'></div></form>",
        b"<title>403 Forbidden</title>",
    ],
)
def test_what_a_site_shows_instead_of_an_article(page: bytes) -> None:
    assert blocked_page(page)


def test_an_article_about_captchas_with_a_widget_is_an_article() -> None:
    page = article(
        "Situs dinas memakai captcha",
        *PARAGRAPHS,
        *PARAGRAPHS,
        head="<script src='https://www.google.com/recaptcha/api.js'></script>",
    )
    assert blocked_page(page.encode()) is None
    assert not is_paywalled(page.encode(), 2000)
    assert is_paywalled(b'<p>Teaser</p><script>{"isAccessibleForFree": "False"}</script>', 120)
