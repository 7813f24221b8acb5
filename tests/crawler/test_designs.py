"""Every page design gives its article: body, title, time and section; a page recorded with the command is held to the
same."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crawler.body import token_f1
from crawler.extraction import Extracted, extract
from crawler.recording import Recorded, record_page, recorded_pages
from tests.crawler import designs
from tests.crawler.badweb import article
from tests.crawler.designs.stories import stories
from waspada.cli.main import app
from waspada.clock import ZONES
from waspada.errors import ConflictError, InputError

#: Pages written for this project and recorded with the command: an index page.
RECORDED = Path(__file__).parent / "designs" / "recorded"
PAGES: list[Recorded] = [*designs.pages(), *recorded_pages(RECORDED)]
LEAST_F1 = 0.95


def extracted(page: Recorded) -> Extracted:
    fed = page.feed_published if isinstance(page, designs.Page) else None
    return extract(page.body, page.url, zone=page.zone, feed_published=fed, now=page.recorded_at)


def is_near(found: datetime | None, expected: datetime | None) -> bool:
    """Whether two times are within a minute, or both absent."""
    if found is None or expected is None:
        return found is expected
    return abs(found - expected) <= timedelta(minutes=1)


def test_there_are_enough_designs_and_articles() -> None:
    assert len(designs.designs()) >= 50
    assert len(stories()) >= 12
    assert all(len(page.text.split()) >= 30 for page in designs.pages())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_design_gives_its_article(page: Recorded) -> None:
    found = extracted(page)
    assert found.is_article == page.is_article
    assert found.title == page.title
    assert is_near(found.published_at, page.published_at), found.published_at
    assert found.section == page.section
    if page.is_article:
        assert token_f1(found.text, page.text) >= LEAST_F1, found.text


@pytest.mark.parametrize(
    ("name", "body"), list(designs.lists()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_front_page_or_an_index_is_no_article(name: str, body: bytes) -> None:
    assert not extract(body, f"https://warta.example/{name}", zone=ZONES["WITA"], now=designs.NOW).is_article


def test_bodies_of_the_designs_are_right_on_average() -> None:
    scores = [token_f1(extracted(page).text, page.text) for page in designs.pages(per_design=2)]
    assert sum(scores) / len(scores) >= 0.985


def test_a_recorded_page_is_held_to_what_was_recorded(tmp_path: Path) -> None:
    page = next(designs.pages())
    saved = tmp_path / "banjir.html"
    saved.write_bytes(page.body)
    folder = tmp_path / "rekaman"
    answer = CliRunner().invoke(
        app, ["extract", str(saved), "--url", page.url, "--zone", "WIB", "--record", str(folder)]
    )
    assert answer.exit_code == 0
    assert json.loads(answer.stdout)["title"] == page.title
    assert "correct it" in answer.stderr
    [recorded] = recorded_pages(folder)
    assert recorded.name == "banjir"
    assert recorded.body == page.body
    test_a_design_gives_its_article(recorded)


def test_a_wrong_expectation_fails(tmp_path: Path) -> None:
    page = next(designs.pages())
    expected = record_page(tmp_path, "salah", page.body, extracted(page), page.zone)
    data = json.loads(expected.read_text("utf-8"))
    expected.write_text(json.dumps({**data, "title": "Judul lain"}), "utf-8")
    with pytest.raises(AssertionError):
        test_a_design_gives_its_article(recorded_pages(tmp_path)[0])


def test_a_page_of_a_later_year_is_judged_at_the_time_it_was_recorded(tmp_path: Path) -> None:
    later = designs.NOW + timedelta(days=400)
    body = article("Drainase kota dibersihkan warga", date=(later - timedelta(hours=1)).isoformat())
    url, zone = "https://kabar.example.com/berita/drainase-kota-dibersihkan-12", ZONES["WITA"]
    found = extract(body, url, zone=zone, now=later)
    record_page(tmp_path, "kelak", body.encode(), found, zone, recorded_at=later)
    [recorded] = recorded_pages(tmp_path)
    assert recorded.recorded_at == later
    assert recorded.published_at == later - timedelta(hours=1)
    test_a_design_gives_its_article(recorded)


def test_nothing_is_recorded_over(tmp_path: Path) -> None:
    page = next(designs.pages())
    expected = record_page(tmp_path, "satu", page.body, extracted(page), page.zone)
    before = expected.read_text("utf-8")
    with pytest.raises(ConflictError, match="nothing was written"):
        record_page(tmp_path, "satu", b"<p>lain</p>", extracted(page), page.zone)
    expected.unlink()
    with pytest.raises(ConflictError, match=r"satu\.html"):
        record_page(tmp_path, "satu", b"<p>lain</p>", extracted(page), page.zone)
    assert (tmp_path / "satu.html").read_bytes() == page.body
    assert before


def test_a_folder_that_is_a_file_and_an_expectation_that_is_none(tmp_path: Path) -> None:
    page = next(designs.pages())
    (tmp_path / "berkas").write_text("x")
    with pytest.raises(InputError, match="cannot be written"):
        record_page(tmp_path / "berkas", "satu", page.body, extracted(page), page.zone)
    (tmp_path / "rusak.expected.json").write_text("{")
    with pytest.raises(InputError, match=r"rusak\.expected\.json"):
        recorded_pages(tmp_path)
