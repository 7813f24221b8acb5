"""Articles split over pages: what is a further page and what is not, and how a real crawl joins them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from crawler.extraction import parse_html
from crawler.parts import MAX_PAGES, ONE_PAGE, Joining, Parts, next_parts
from crawler.types import SourceReport
from tests.crawler import badweb
from tests.crawler.badweb import PARAGRAPHS, BadWeb, article, entry, feed
from tests.crawler.desk import Desk, open_desk
from waspada.archive import repository as archive
from waspada.cli.main import app
from waspada.store.tables import RejectRow

SITE = "https://kabar.example"
OWN = f"{SITE}/daerah/tanggul-jebol-lagi"


def parts_of(links: str, url: str = OWN, first: str = "") -> Parts:
    tree = parse_html(f"<html><body><article><h1>Tanggul jebol lagi</h1>{links}</article></body></html>")
    return next_parts(tree, url, first)


@pytest.mark.parametrize(
    ("links", "whole", "pages"),
    [
        ("<a href='?page=2'>2</a><a href='?page=3'>3</a>", "", {2: "?page=2", 3: "?page=3"}),
        ("<a href='?page=1'>1</a><a href='?halaman=2'>Halaman selanjutnya</a>", "", {2: "?halaman=2"}),
        ("<a href='/daerah/tanggul-jebol-lagi/2/'>2</a>", "", {2: "/2/"}),
        ("<a href='/daerah/tanggul-jebol-lagi/halaman/2'>2</a>", "", {2: "/halaman/2"}),
        ("<a href='?showall=&amp;start=1'>Berikutnya</a>", "", {2: "?showall=&start=1"}),
        ("<link rel=next href='?hal=2'>", "", {2: "?hal=2"}),
        ("<a href='?page=2'>2</a><a href='?page=all'>Semua</a>", "?page=all", {2: "?page=2"}),
        ("<a href='?single=1'>Satu halaman</a>", "?single=1", {}),
        ("<a href='?tampil=penuh'>Tampilkan semua halaman</a>", "?tampil=penuh", {}),
        ("<a href='?p=2'>2</a><a href='?lengkap=ya'>Selengkapnya »</a>", "?lengkap=ya", {2: "?p=2"}),
        ("<nav class=pagination><a href='/daerah/tanggul-jebol-lagi?pg=2'>2</a></nav>", "", {2: "?pg=2"}),
    ],
)
def test_links_to_the_rest_of_an_article(links: str, whole: str, pages: dict[int, str]) -> None:
    pages = {number: OWN + ending for number, ending in pages.items()}
    assert parts_of(links) == Parts(OWN + whole if whole else "", pages)


def test_an_address_with_www_or_another_scheme_is_the_same_article() -> None:
    address = "http://www.kabar.example/daerah/tanggul-jebol-lagi?page=2"
    assert parts_of(f"<a href='{address}'>2</a>").pages == {2: address}


@pytest.mark.parametrize(
    "links",
    [
        "<a href='#2'>2</a>",
        "<a href='?page=1'>1</a>",
        "<a href='?page=2#komentar'>2</a>",
        "<a href='/daerah/tanggul-jebol-lagi/comment-page-2/#comments'>Komentar lama</a>",
        "<a href='?cpage=2'>2</a>",
        "<a href='?replytocom=12'>Balas</a>",
        "<div id=comments><a href='?page=2'>2</a></div>",
        "<div class='komentar-list'><a href='?page=2'>2</a></div>",
        "<div class='berita-terkait'><ul><li><a href='?page=2'>2</a></li></ul></div>",
        "<aside><a href='?page=2'>2</a></aside>",
        "<a href='/daerah?page=2'>2</a>",
        "<a href='/daerah/page/2'>2</a>",
        "<a href='/?page=2'>2</a>",
        "<link rel=next href='/daerah/jembatan-baru-dibuka'>",
        "<a rel=next href='/daerah/tanggul-jebol-lagi-2'>Selanjutnya</a>",
        "<a href='/daerah/12'>Artikel selanjutnya</a>",
        "<a href='https://lain.example/daerah/tanggul-jebol-lagi?page=2'>2</a>",
        "<a href='?id=12&amp;page=2'>2</a>",
        "<a href='?tahun=12'>12</a>",
        "<a href='?page=2024'>2024</a>",
        "<a href='?urut=semua'>Semua</a>",
        "<a href='/indeks'>Selengkapnya</a>",
        "<a href='https://[buruk?page=2'>2</a>",
    ],
)
def test_links_to_something_else(links: str) -> None:
    assert parts_of(links) == ONE_PAGE


@pytest.mark.parametrize(
    ("own", "links", "pages"),
    [
        # An old news system: the next article differs in the field that names it.
        (f"{SITE}/index.php?id=7", "<a href='?id=8'>Selanjutnya</a><a href='?id=7&amp;page=2'>2</a>", [2]),
        (f"{SITE}/berita/7", "<a href='/berita/8'>Selanjutnya</a>", []),
        (f"{SITE}/?p=123", "<a href='/?p=123&amp;page=2'>2</a><a href='/?p=124'>Selanjutnya</a>", [2]),
        (f"{SITE}/", "<a href='/2/'>2</a><a href='?page=2'>2</a>", []),
        (f"{OWN}?page=all", "<a href='?page=2'>2</a><a href='?page=all'>Semua</a>", []),
        ("bukan alamat", "<a href='?page=2'>2</a>", []),
    ],
)
def test_what_belongs_to_an_article_depends_on_its_own_address(own: str, links: str, pages: list[int]) -> None:
    assert list(parts_of(links, own).pages) == pages


def test_a_later_page_is_read_by_the_address_of_the_first() -> None:
    links = "<a href='/daerah/tanggul-jebol-lagi/'>1</a><a href='/daerah/tanggul-jebol-lagi/3/'>3</a>"
    assert parts_of(links, f"{OWN}/2/", OWN).pages == {3: f"{OWN}/3/"}


def page_text(number: int) -> str:
    return "\n".join(f"Paragraf {n} dari halaman {number} tentang tanggul yang jebol di Amuntai." for n in range(4))


def joined(first: Parts, answers: dict[str, tuple[str, Parts]]) -> tuple[Joining, list[str]]:
    """Asks to the end; an address that `answers` lacks is not found."""
    joining, asked = Joining(page_text(1), first), []
    while (url := joining.next()) is not None:
        asked.append(url)
        if url in answers:
            joining.took(*answers[url])
        else:
            joining.failed("the server answered 404")
    return joining, asked


def chain(number: int) -> Parts:
    return Parts(pages={number + 1: str(number + 1)})


class TestJoining:
    def test_pages_are_joined_in_order_without_what_each_repeats(self) -> None:
        lead = "Amuntai - Tanggul di tepi sungai jebol lagi pada Senin malam, kata warga."
        answers = {"3": (f"{lead}\n{page_text(3)}", ONE_PAGE), "2": (f"{lead}\nYa.\n{page_text(2)}\nYa.", ONE_PAGE)}
        joining, asked = joined(Parts(pages={3: "3", 2: "2"}), answers)
        assert asked == ["2", "3"]
        assert joining.text == f"{page_text(1)}\n{lead}\nYa.\n{page_text(2)}\nYa.\n{page_text(3)}"
        assert not joining.missing

    def test_an_endless_chain_ends_and_says_so(self) -> None:
        answers = {str(n): (page_text(n), chain(n)) for n in range(2, 50)}
        joining, asked = joined(chain(1), answers)
        assert asked == [str(n) for n in range(2, MAX_PAGES + 1)]
        assert joining.missing == [f"it goes on after page {MAX_PAGES}, which is more than is read"]
        assert page_text(MAX_PAGES) in joining.text

    def test_a_page_that_shows_an_earlier_one_again_ends_the_article(self) -> None:
        answers = {"2": (page_text(2), chain(2)), "3": (page_text(1), chain(3)), "4": (page_text(4), ONE_PAGE)}
        joining, asked = joined(chain(1), answers)
        assert asked == ["2", "3"]
        assert joining.text == f"{page_text(1)}\n{page_text(2)}"

    def test_the_whole_on_one_page_is_asked_for_alone(self) -> None:
        whole = f"{page_text(1)}\n{page_text(2)}"
        joining, asked = joined(Parts("all", {2: "2"}), {"all": (whole, ONE_PAGE)})
        assert (asked, joining.text) == (["all"], whole)

    @pytest.mark.parametrize("all_", [{}, {"all": (page_text(1), ONE_PAGE)}, {"all": (page_text(9) * 3, ONE_PAGE)}])
    def test_a_whole_that_is_none_is_left_for_the_pages(self, all_: dict[str, tuple[str, Parts]]) -> None:
        joining, asked = joined(Parts("all", {2: "2"}), {**all_, "2": (page_text(2), ONE_PAGE)})
        assert (asked, joining.text) == (["all", "2"], f"{page_text(1)}\n{page_text(2)}")
        assert not joining.missing

    def test_a_missing_page_leaves_the_others(self) -> None:
        joining, asked = joined(Parts(pages={2: "2", 3: "3"}), {"3": (page_text(3), ONE_PAGE)})
        assert asked == ["2", "3"]
        assert joining.text == f"{page_text(1)}\n{page_text(3)}"
        assert joining.missing == ["2: the server answered 404"]

    def test_a_site_that_does_not_answer_is_not_asked_on(self) -> None:
        joining = Joining(page_text(1), Parts("all", {2: "2"}))
        joining.failed("no complete answer in time", passing=True)
        assert joining.next() is None
        assert joining.missing == ["all: no complete answer in time"]

    def test_no_more_is_read_than_is_kept(self) -> None:
        joining, _ = joined(chain(1), {"2": ("Kata.\n" * 50_000, chain(2))})
        assert joining.missing == ["it goes on after page 2, which is more than is read"]


DATE = "Sun, 03 Nov 2024 01:00:00 +0000"
SECOND = (
    "Di Kelayan, warga menutup celah tanggul dengan karung pasir sambil menunggu alat berat dari balai sungai.",
    "Camat setempat menghitung delapan puluh rumah yang terendam sampai Selasa pagi, sebagian besar di bantaran.",
)
THIRD = (
    "Balai sungai menyebut perbaikan tetap baru dapat dimulai setelah air turun, paling cepat pekan depan.",
    "Posko kesehatan dibuka di balai desa dan dijaga bergantian oleh perawat dari dua puskesmas terdekat.",
)
LINKS = "<div class=paging>Halaman: <a href='?page=2'>2</a> <a href='?page=3'>3</a></div>"


@dataclass
class Case:
    """An article of the site: its pages by what follows its address, and what a crawl should make of it."""

    title: str
    pages: dict[str, badweb.Answer]
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    problem: str = ""
    asked: tuple[str, ...] = ()


def shown(title: str, *paragraphs: str, links: str = LINKS, head: str = "") -> badweb.Answer:
    text = article(title, *paragraphs, head=head)
    return badweb.html(text.replace("</article>", f"{links}</article>"))


def next_link(ending: str) -> str:
    return f"<a href='{ending}'>Selanjutnya »</a>"


def endless(title: str) -> dict[str, badweb.Answer]:
    texts = (f"Babak {n} dari kisah itu, kata warga {n} di tepi sungai." for n in range(2, 20))
    return {
        f"?page={n}": shown(title, text, links=next_link(f"?page={n + 1}")) for n, text in enumerate(texts, start=2)
    }


def cases(other: BadWeb) -> dict[str, Case]:
    """By the last part of their address, which says the title too."""
    elsewhere = other.put("/lain", shown("Pindah rumah sementara", *SECOND))
    found: dict[str, Case] = {}

    def case(name: str, first: badweb.Answer, pages: dict[str, badweb.Answer], **expected: Any) -> None:
        asked = expected.pop("asked", ("", *pages))
        found[name] = Case(title_of(name), {"": first, **pages}, asked=asked, **expected)

    def page(name: str, *paragraphs: str, suffix: str = "", **given: str) -> badweb.Answer:
        return shown(title_of(name) + suffix, *paragraphs, **given)

    name = "tanggul-jebol-di-tiga-tempat"
    second = page(name, PARAGRAPHS[0], *SECOND, suffix=" - Halaman 2 dari 3")
    third = page(name, *THIRD, suffix=" - Halaman 3 dari 3")
    case(name, page(name), {"?page=2": second, "?page=3": third}, has=(*PARAGRAPHS, *SECOND, *THIRD))

    name = "semua-di-satu-halaman"
    whole = page(name, *PARAGRAPHS, *SECOND, *THIRD)
    first = page(name, links=f"{LINKS}<a href='?page=all'>Tampilkan semua</a>")
    case(name, first, {"?page=all": whole}, has=(*PARAGRAPHS, *THIRD))

    name = "halaman-menurut-wordpress"
    links = f"<div class=page-links><a class=post-page-numbers href='/berita/{name}/2/'>2</a></div>"
    first = page(name, links=links, head="<link rel=next href=/berita/semua-di-satu-halaman>")
    case(name, first, {"/2/": page(name, *SECOND, links="")}, has=(*PARAGRAPHS, *SECOND))

    asked: tuple[str, ...]
    name = "halaman-kedua-yang-hilang"
    asked = ("", "?page=2", "?page=3")
    problem = "?page=2: the server answered 404"
    case(name, page(name), {"?page=3": page(name, *THIRD)}, has=(*PARAGRAPHS, *THIRD), problem=problem, asked=asked)

    name = "kisah-yang-tanpa-akhir"
    asked = ("", *(f"?page={n}" for n in range(2, MAX_PAGES + 1)))
    expected = {"has": ("Babak 10 ",), "lacks": ("Babak 11 ",), "problem": "after page 10", "asked": asked}
    case(name, page(name, links=next_link("?page=2")), endless(title_of(name)), **expected)

    name = "berputar-putar-saja-terus"
    back = badweb.redirect(f"/berita/{name}")
    case(name, page(name), {"?page=2": back}, has=PARAGRAPHS, asked=("", "", "?page=2"))

    name = "pindah-rumah-sementara"
    foreign = next_link(other.url(f"/berita/{name}?page=3"))
    expected = {"has": PARAGRAPHS, "lacks": SECOND, "problem": "leads to another host"}
    first = page(name, links=next_link("?page=2") + foreign)
    case(name, first, {"?page=2": badweb.redirect(elsewhere)}, **expected)

    name = "pasar-murah-di-kantor-camat"
    expected = {"has": PARAGRAPHS, "lacks": SECOND, "problem": "shows another article"}
    case(
        name, page(name, links=next_link("?page=2")), {"?page=2": shown("Jembatan gantung dicat", *SECOND)}, **expected
    )

    name = "komentar-yang-berhalaman"
    case(name, page(name, links=f"<div id=comments>{LINKS}</div>"), {}, has=PARAGRAPHS)

    name = "terlarang-oleh-robots"
    case(name, page(name, links=next_link("?page=2")), {}, has=PARAGRAPHS, problem="robots.txt")
    return found


def title_of(name: str) -> str:
    return name.replace("-", " ").capitalize()


@dataclass
class Crawled:
    desk: Desk
    web: BadWeb
    cases: dict[str, Case]
    row: SourceReport

    def text(self, name: str) -> str:
        (item,) = [item for item in self.desk.items() if item.url.endswith(f"/{name}")]
        (text,) = self.desk.texts(item.id)
        return text

    def asked(self, name: str) -> list[str]:
        start = f"/berita/{name}"
        return sorted(path.removeprefix(start) for _, path in self.web.times if path.startswith(start))


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    desk = open_desk(tmp_path_factory.mktemp("parts"), request_timeout_seconds=30, archive_pages=True)
    robots = b"User-agent: *\nDisallow: /berita/terlarang-oleh-robots?page=2\n"
    with BadWeb(robots) as web, BadWeb() as other:
        given = cases(other)
        for name, case in given.items():
            for ending, answer in case.pages.items():
                web.put(f"/berita/{name}{ending}", answer)
        entries = [entry(web.url(f"/berita/{name}"), case.title, DATE) for name, case in given.items()]
        desk.add("kabar", web.put("/feed.xml", badweb.xml(feed(*entries))))
        row = desk.crawl(web.allowed | other.allowed)["kabar"]
        assert set(given) == set(CASES)
        assert other.asked("/berita/pindah-rumah-sementara?page=3") == 0
        yield Crawled(desk, web, given, row)
    desk.store.close()


CASES = [
    "tanggul-jebol-di-tiga-tempat",
    "semua-di-satu-halaman",
    "halaman-menurut-wordpress",
    "halaman-kedua-yang-hilang",
    "kisah-yang-tanpa-akhir",
    "berputar-putar-saja-terus",
    "pindah-rumah-sementara",
    "pasar-murah-di-kantor-camat",
    "komentar-yang-berhalaman",
    "terlarang-oleh-robots",
]


@pytest.mark.parametrize("name", CASES)
def test_a_split_article_is_one_text(crawled: Crawled, name: str) -> None:
    case, text = crawled.cases[name], crawled.text(name)
    assert all(text.count(each) == 1 for each in case.has), text
    assert not any(each in text for each in case.lacks)
    assert crawled.asked(name) == sorted(case.asked)


def test_what_could_not_be_had_is_kept_aside_and_told(crawled: Crawled) -> None:
    told = {f"item {item.id}": item.url.rpartition("/")[2] for item in crawled.desk.items()}
    with crawled.desk.store.read() as session:
        rejects = {told[row.object]: (row.stage, row.problem) for row in session.scalars(select(RejectRow))}
    assert set(rejects) == {name for name, case in crawled.cases.items() if case.problem}
    assert all(rejects[name][0] == "parts" and crawled.cases[name].problem in rejects[name][1] for name in rejects)
    assert crawled.row.why in [problem for _, problem in rejects.values()]
    assert crawled.row.new == len(crawled.cases)
    assert {page.state for page in crawled.desk.pages()} == {"done"}


def test_the_archive_keeps_every_page_and_the_first_as_the_newest(crawled: Crawled) -> None:
    start = crawled.web.url("/berita/tanggul-jebol-di-tiga-tempat")
    with crawled.desk.store.read() as session:
        kept = archive.find(session, start)
    assert [page.url for page in kept] == [start, f"{start}?page=2", f"{start}?page=3"]


def test_a_known_article_is_not_cut_by_a_page_that_fails_for_now(tmp_path: Path) -> None:
    desk = open_desk(tmp_path / "data")
    with BadWeb() as web:
        link = web.put(
            "/berita/tanggul-jebol-lagi", shown("Tanggul jebol", *PARAGRAPHS, links="<a href='?page=2'>2</a>")
        )
        web.put("/berita/tanggul-jebol-lagi?page=2", shown("Tanggul jebol", *SECOND))
        desk.add("kabar", web.put("/feed.xml", badweb.xml(feed(entry(link, "Tanggul jebol", DATE)))))
        desk.crawl(web.allowed)
        web.put("/berita/tanggul-jebol-lagi?page=2", badweb.html("sibuk", 503))
        web.put("/feed.xml", badweb.xml(feed(entry(link, "Tanggul jebol, disunting", DATE))))
        row = desk.crawl(web.allowed)["kabar"]
    ((item,), (page,)) = desk.items(), desk.pages()
    assert (item.version, page.state, page.attempts) == (1, "waiting", 1)
    assert "?page=2: the server answered 503" in row.why
    assert SECOND[0] in desk.texts(item.id)[0]
    desk.store.close()


def test_extract_names_the_parts_of_a_saved_page(tmp_path: Path) -> None:
    saved = tmp_path / "halaman.html"
    saved.write_text(article("Tanggul jebol lagi").replace("</article>", f"{LINKS}</article>"), "utf-8")
    answer = CliRunner().invoke(app, ["extract", str(saved), "--url", OWN])
    assert answer.exit_code == 0
    assert f"goes on at {OWN}?page=2, {OWN}?page=3" in " ".join(answer.stderr.split())
