"""Listing pages of fictional outlets in different designs, each with the articles that it links to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

#: East of Greenwich.
WITA = timedelta(hours=8)
HEADLINES = (
    "Warga Sungai Lulut bersihkan drainase sebelum puncak hujan",
    "Jembatan darurat Barabai selesai dua pekan lebih cepat",
    "Petani Kandangan panen padi unggul di lahan rawa",
    "Pemkot Banjarbaru tambah dua pompa di simpang empat",
    "KPU Tabalong lipat ribuan surat suara dengan lima puluh petugas",
    "Pasar terapung Lok Baintan ramai lagi setelah jalan diperbaiki",
    "Posko siaga karhutla dibuka di tiga desa Martapura Barat",
    "Lomba perahu hias Kotabaru diikuti dua puluh kelompok",
)
#: Sections, tags and pages of the outlet that stand on nearly every design.
MENU = (
    '<a href="/">Beranda</a> <a href="/hukum">Hukum</a> <a href="/kategori/ekonomi-bisnis">Ekonomi & Bisnis</a>'
    ' <a href="/olahraga/">Olahraga</a> <a href="/indeks">Indeks Berita</a>'
)
FOOTER = (
    '<a href="/pedoman-pemberitaan-media-siber">Pedoman Pemberitaan Media Siber</a>'
    ' <a href="/tentang-kami">Tentang Kami</a>'
    ' <a href="/redaksi">Susunan Redaksi Kabar Rawa</a> <a href="https://facebook.com/kabar">Ikuti kami di Facebook</a>'
)


@dataclass(frozen=True)
class Page:
    """`articles` maps the address of each article to its headline; `dates` to the time shown beside it."""

    name: str
    url: str
    html: str
    articles: dict[str, str]
    dates: dict[str, datetime] | None = None


def slug(text: str) -> str:
    return "-".join(text.lower().split())


def _document(body: str, head: str = "") -> str:
    return f"<!doctype html><html lang=id><head><title>Berita Terbaru</title>{head}</head><body>{body}</body></html>"


def _wordpress() -> Page:
    """Cards with a picture link, a headline link, tags and the writer; a sidebar repeats the popular ones."""
    base = "https://kabarrawa.example/"
    cards, articles = "", {}
    for number, title in enumerate(HEADLINES):
        link = f"{base}2025/02/{number + 1:02}/{slug(title)}/"
        articles[link] = title
        cards += (
            f'<article class="post-{number} post type-post category-hukum tag-banjir">'
            f'<a href="{link}"><img src=a.jpg></a>'
            f'<h2 class="entry-title"><a href="{link}">{title}</a></h2><span class="author vcard">'
            f'<a href="{base}author/sari-redaktur/">Oleh Sari dari Redaksi</a></span>'
            f'<span class="cat-links"><a href="{base}category/hukum-kriminal/">Hukum dan Kriminal</a></span>'
            f'<p>Ringkasan.</p><a class="more" href="{link}">Baca selengkapnya</a></article>'
        )
    popular = "".join(f'<li><a href="{link}">{title}</a></li>' for link, title in list(articles.items())[:3])
    body = (
        f'<div class="main-navigation">{MENU}</div><main>{cards}<div class="pagination"><a href="/page/2/">2</a>'
        f'<a href="/page/3/">Halaman berikutnya dari daftar ini</a></div></main>'
        f"<aside><h3>Terpopuler</h3><ul>{popular}</ul>"
        '<div class="tagcloud"><a href="/tag/banjir-kota-banjarmasin-selatan/">banjir kota banjarmasin'
        " selatan</a></div>"
        f"</aside><footer>{FOOTER}</footer>"
    )
    return Page("wordpress", base, _document(body), articles)


def _relative_table() -> Page:
    """An old portal of tables: relative links to a script, told apart by a number only."""
    base = "http://www.suarabarito.example/index.php"
    rows, articles = "", {}
    for number, title in enumerate(HEADLINES):
        link = f"<a href='berita.php?id={number + 7}'>{title}</a>"
        rows += f"<tr><td>{number + 1}/02/2025 10:3{number} WITA</td><td>{link}</td></tr>"
        articles[f"http://www.suarabarito.example/berita.php?id={number + 7}"] = title
    dates = {link: datetime(2025, 2, number + 1, 2, 30 + number, tzinfo=UTC) for number, link in enumerate(articles)}
    body = (
        f"<table><tr><td><a href='index.php'>Depan</a> <a href='kontak.php'>Kontak</a>"
        f"<a href='berita.php?kategori=3'>Berita hukum dan kriminal kota</a></td></tr></table><table>{rows}</table>"
        "<a href='berita.php?hal=2'>Lihat berita sebelumnya di halaman dua</a>"
    )
    return Page("relative table", base, _document(body), articles, dates)


def _base_href() -> Page:
    """`<base href>` moves every relative link; section names vary within one pattern."""
    base = "https://www.lensahulu.example/berita/terbaru"
    sections = ("hukum", "ekonomi", "politik", "desa")
    items, articles = "", {}
    for number, title in enumerate(HEADLINES):
        path = f"{sections[number % 4]}/{4100 + number}/{slug(title)}.html"
        items += f"<li><h3><a href='{path}'>{title}</a></h3></li>"
        articles[f"https://www.lensahulu.example/id/{path}"] = title
    body = f"<nav>{MENU}</nav><ul>{items}</ul><div id=footer-links>{FOOTER}</div>"
    return Page("base href", base, _document(body, "<base href='/id/'>"), articles)


def _whole_card_links() -> Page:
    """The whole card is one link: section, date, headline and teaser in it."""
    base = "https://portalmeratus.example/"
    cards, articles, dates = "", {}, {}
    for number, title in enumerate(HEADLINES):
        link = f"https://portalmeratus.example/read/{88100 + number}/{slug(title)}"
        cards += (
            f"<a class='card' href='{link}'><span>Daerah</span>"
            f"<span>Jumat, {14 + number} Februari 2025 08:0{number} WITA"
            f"</span><strong>{title}</strong><p>Sebuah ringkasan yang panjang tentang kejadian itu.</p></a>"
        )
        articles[link] = title
        dates[link] = datetime(2025, 2, 14 + number, 0, number, tzinfo=UTC)
    body = f"<header><div class=menu>{MENU}</div></header><div class=list>{cards}</div><footer>{FOOTER}</footer>"
    return Page("whole cards", base, _document(body), articles, dates)


def _subdomains() -> Page:
    """A front page whose articles live on the outlet's subdomains; an advertiser's link looks like an article."""
    base = "https://www.example.com/"
    items, articles = "", {}
    for number, title in enumerate(HEADLINES):
        host = ("banjar", "hst", "tapin", "www")[number % 4]
        link = f"https://{host}.example.com/2025/02/14/{900 + number}/{slug(title)}"
        items += f"<div class='news-item'><a href='{link}' title='{title}'>{title}</a></div>"
        articles[link] = title
    advert = (
        "<a href='https://rumahmurah.example/promo-rumah-murah-di-kota'>Promo rumah murah di kota Anda sekarang</a>"
    )
    body = f"<div id='top-menu'>{MENU}</div>{items}{advert}<div class='social-box'>{FOOTER}</div>"
    return Page("subdomains", base, _document(body), articles)


def _pictures_only() -> Page:
    """A gallery: links hold pictures only, the headline stands in a heading beside a button."""
    base = "https://warta.hulusungai.example/berita"
    cards, articles = "", {}
    for title in HEADLINES:
        link = f"https://warta.hulusungai.example/berita/{slug(title)}"
        cards += (
            f"<div class='col'><a href='{link}'><img src='x.jpg' alt=''></a><h4>{title}</h4>"
            f"<a class='btn' href='{link}'>Read more</a></div>"
        )
        articles[link] = title
    body = f"<nav>{MENU}</nav><div class='row'>{cards}</div><footer>{FOOTER}</footer>"
    return Page("pictures", base, _document(body), articles)


def _government() -> Page:
    """A press office: `/detailberita/12/judul`, dates in `<time>`, a column of announcements as PDF files."""
    base = "https://diskominfo.hst.example/berita"
    items, articles, dates = "", {}, {}
    for number, title in enumerate(HEADLINES):
        link = f"https://diskominfo.hst.example/detailberita/{number + 12}/{slug(title)}"
        items += (
            f"<li><time datetime='2025-02-{number + 10}T09:00:00+08:00'>{number + 10} Feb</time>"
            f"<a href='/detailberita/{number + 12}/{slug(title)}'>{title}</a></li>"
        )
        articles[link] = title
        dates[link] = datetime(2025, 2, number + 10, 1, tzinfo=UTC)
    files = "".join(
        f"<a href='/unduh/pengumuman-hasil-seleksi-tahap-{n}.pdf'>Pengumuman hasil seleksi tahap {n}</a>"
        for n in range(9)
    )
    body = f"<div role='navigation'>{MENU}</div><ul>{items}</ul><div>{files}</div><footer>{FOOTER}</footer>"
    return Page("government", base, _document(body), articles, dates)


def _short_slugs() -> Page:
    """Short slugs without numbers: nothing in an address tells, only what the links say does."""
    base = "https://radiopelaihari.example/kabar"
    items, articles = "", {}
    for title in HEADLINES:
        link = f"https://radiopelaihari.example/kabar/{slug(' '.join(title.split()[:2]))}"
        items += f"<p><a href='{link}'>{title}</a></p>"
        articles[link] = title
    body = f"<nav>{MENU}</nav><div>{items}</div><a href='/jadwal'>Jadwal Siaran</a><footer>{FOOTER}</footer>"
    return Page("short slugs", base, _document(body), articles)


def _menu_around_everything() -> Page:
    """A careless theme: one wrapper named "menu" holds the whole page, and tags look like slugs."""
    base = "https://rilisbanua.example/"
    items, articles = "", {}
    for title in HEADLINES:
        items += f"<div class='item'><h3><a href='/{slug(title)}'>{title}</a></h3></div>"
        articles[f"https://rilisbanua.example/{slug(title)}"] = title
    tags = "".join(
        f"<a href='/topik/{slug(t)}'>{t}</a>"
        for t in ("Pilkada serentak Kalimantan Selatan", "Banjir rob pesisir Tanah Laut")
    )
    inside = f"<div class='tags'>{tags}</div>{items}<div class='footer'>{FOOTER}</div>"
    body = f"<div id='menu'><div class='navbar'>{MENU}</div>{inside}</div>"
    return Page("menu around everything", base, _document(body), articles)


def _upper_case_and_dots() -> Page:
    """Slugs with dots and an extension, headlines in capitals, comment counters as links to the same article."""
    base = "http://koranbatulicin.example/news"
    items, articles = "", {}
    for number, title in enumerate(HEADLINES):
        path = f"/read/{14550000 + number}/{'.'.join(title.split())}.html"
        items += (
            f"<dt><a href='{path}'>{title.upper()}</a></dt><dd><a href='{path}#komentar'>{number} komentar</a></dd>"
        )
        articles[f"http://koranbatulicin.example{path}"] = title.upper()
    body = f"<div class='nav-menu'>{MENU}</div><dl>{items}</dl><div class='copyright'>{FOOTER}</div>"
    return Page("capitals and dots", base, _document(body), articles)


def _data_href() -> Page:
    """Rows that a script makes clickable: a plain address in `data-href`; others call a script and stay out."""
    base = "https://infotabalong.example/indeks"
    items, articles = "", {}
    for number, title in enumerate(HEADLINES):
        link = f"https://infotabalong.example/2025/02/{number + 1}/{slug(title)}"
        items += f"<a class='row' data-href='{link}'><h5>{title}</h5></a>"
        articles[link] = title
    scripts = (
        "<a href='javascript:buka(7)' data-id=7>Video langsung rapat paripurna dewan hari ini</a>"
        "<a href='#'>Kembali ke atas halaman ini</a>"
    )
    body = f"<nav>{MENU}</nav>{items}{scripts}<footer>{FOOTER}</footer>"
    return Page("data-href", base, _document(body), articles)


def _two_columns() -> Page:
    """News beside a wide column of sections with long names, each as often linked as an article."""
    base = "https://mediarantau.example/"
    items, articles = "", {}
    for number, title in enumerate(HEADLINES):
        link = f"https://mediarantau.example/berita/{slug(title)}-{2000 + number}"
        items += f"<li class='list'><a href='{link}?utm_source=depan'>{title}</a> <em>0{number + 1}/02/2025</em></li>"
        articles[link] = title
    dates = {link: datetime(2025, 2, n, tzinfo=UTC) - WITA for n, link in enumerate(articles, start=1)}
    sections = "".join(
        f"<li><a href='/kanal/{slug(name)}'>{name}</a></li>"
        for name in (
            "Hukum dan kriminal kota",
            "Ekonomi dan usaha kecil",
            "Seni budaya dan wisata",
            "Sekolah dan kampus kita",
        )
        * 2
    )
    body = (
        f"<div class='left'><ul>{sections}</ul></div><div class='right'><ul>{items}</ul></div><footer>{FOOTER}</footer>"
    )
    return Page("two columns", base, _document(body), articles, dates)


def _few() -> Page:
    """A quiet outlet: two articles only, on a page full of other things."""
    base = "https://buletinamuntai.example/"
    items, articles = "", {}
    for title in HEADLINES[:2]:
        items += f"<h2><a href='/post/{slug(title)}'>{title}</a></h2>"
        articles[f"https://buletinamuntai.example/post/{slug(title)}"] = title
    body = f"<nav>{MENU}</nav>{items}<p><a href='/jadwal-sholat'>Jadwal sholat</a></p><footer>{FOOTER}</footer>"
    return Page("few", base, _document(body), articles)


def _headings_with_markup() -> Page:
    """Headlines cut by markup and line breaks; the same article in a slider and in the list."""
    base = "https://www.gawisabarataan.example/category/berita"
    items, articles = "", {}
    for number, title in enumerate(HEADLINES):
        link = f"https://www.gawisabarataan.example/berita/2025-02-1{number}/{slug(title)}"
        first, _, rest = title.partition(" ")
        shown = f"<small>1{number} Feb 2025 | 0{number}:15</small>"
        items += f"<div><a href='{link}'><b>{first}</b>\n   <i>{rest}</i></a><br>{shown}</div>"
        articles[link] = title
    slider = "".join(f"<a href='{link}'><img alt='{title}'></a>" for link, title in articles.items())
    body = f"<nav>{MENU}</nav><div class='slider'>{slider}</div>{items}<footer>{FOOTER}</footer>"
    dates = {link: datetime(2025, 2, 10 + n, n, 15, tzinfo=UTC) - WITA for n, link in enumerate(articles)}
    return Page("markup", base, _document(body), articles, dates)


PAGES = (
    _wordpress(),
    _relative_table(),
    _base_href(),
    _whole_card_links(),
    _subdomains(),
    _pictures_only(),
    _government(),
    _short_slugs(),
    _menu_around_everything(),
    _upper_case_and_dots(),
    _data_href(),
    _two_columns(),
    _few(),
    _headings_with_markup(),
)
