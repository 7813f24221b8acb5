"""Lines that an outlet repeats leave its articles; what stands once, or for a while, never does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.keeper import Keeper
from crawler.types import Job, Mode
from tests.crawler import badweb
from tests.crawler.designs.stories import Story, stories
from tests.crawler.desk import open_desk
from waspada.items.recurring import (
    DAYS_APART,
    KEPT_TEXTS,
    MOST_LINES,
    Habits,
    line_key,
    recurring_lines,
    without_recurring,
)

SLOGAN = "Kabar Uji, bacaan keluarga di tepi sungai sejak lama"
BACKGROUND = (
    "Banjir di Hulu Sungai Tengah sejak 12 November menewaskan dua orang dan merendam 4.120 rumah "
    "di sembilan kecamatan."
)
FIRST = date(2024, 11, 12)
TEXTS = [story.text for story in stories()]


def _dated(texts: Sequence[str], every: timedelta = timedelta(days=5)) -> list[tuple[date, str]]:
    return [(FIRST + n * every, text) for n, text in enumerate(texts)]


WITH_SLOGAN = _dated([f"{text}\n{SLOGAN}" for text in TEXTS])


def test_a_line_of_many_articles_is_learned_and_nothing_else() -> None:
    assert recurring_lines(WITH_SLOGAN) == {line_key(SLOGAN)}
    assert recurring_lines(_dated(TEXTS)) == frozenset()


def test_the_background_of_a_running_story_is_not_learned() -> None:
    """Eight follow-ups in thirteen days: the sentence with the place and the figures stays in every one."""
    followed = [f"{text}\n{BACKGROUND}" for text in TEXTS[:8]]
    assert recurring_lines(_dated(followed, (DAYS_APART - timedelta(days=1)) / 7)) == frozenset()
    assert recurring_lines(_dated(followed, DAYS_APART / 7)) == {line_key(BACKGROUND)}


def test_the_texts_of_one_day_are_not_all_that_is_looked_at() -> None:
    """A busy outlet: twenty articles a day would fill the last texts with two days."""
    busy = [(FIRST + timedelta(days=n // 20), f"{_some(n)}\n{SLOGAN}") for n in range(20 * DAYS_APART.days + 1)]
    assert recurring_lines(busy[:-1]) == frozenset()
    assert recurring_lines(busy) == {line_key(SLOGAN)}


def test_one_article_crawled_many_times_teaches_nothing() -> None:
    again = [WITH_SLOGAN[0][1]] * 30 + [WITH_SLOGAN[0][1] + "\nDiperbarui dengan keterangan polisi."]
    assert recurring_lines(_dated(again)) == frozenset()


def test_three_articles_are_too_few() -> None:
    assert recurring_lines(WITH_SLOGAN[:3]) == frozenset()
    assert recurring_lines(WITH_SLOGAN[:4]) == {line_key(SLOGAN)}


def test_verdicts_and_short_headings_stay() -> None:
    verdict, heading = "Kesimpulan: klaim tersebut salah dan menyesatkan", "Penjelasan"
    assert recurring_lines(_dated([f"{text}\n{heading}\n{verdict}" for text in TEXTS])) == frozenset()


@given(st.lists(st.text(max_size=200), max_size=8, unique=True))
def test_a_line_that_stands_once_is_never_learned(texts: list[str]) -> None:
    counts = [set(map(line_key, text.splitlines())) for text in texts]
    assert all(sum(key in keys for keys in counts) > 1 for key in recurring_lines(_dated(texts)))


def test_a_text_never_becomes_empty() -> None:
    whole = TEXTS[0]
    first = whole.splitlines()[0]
    assert without_recurring(whole, frozenset({line_key(first)})) == whole.partition("\n")[2]
    everything = frozenset(map(line_key, whole.splitlines()))
    assert without_recurring(whole, everything) == whole
    assert without_recurring("", everything) == ""


def test_what_the_last_texts_lack_is_forgotten_and_what_they_have_is_not() -> None:
    met, gone = Habits(texts=WITH_SLOGAN), Habits(texts=WITH_SLOGAN)
    start = WITH_SLOGAN[-1][0]
    for number in range(1, 2 * KEPT_TEXTS):
        met.add(start + timedelta(days=number), f"{_some(number)}\n{SLOGAN}" if number % 30 == 0 else _some(number))
        gone.add(start + timedelta(days=number), _some(number))
    assert line_key(SLOGAN) in met.lines
    assert gone.lines == frozenset()
    assert Habits(gone.last_met, [(start, _some(1))]).lines == frozenset()


def test_another_process_learns_beside() -> None:
    habits = Habits(texts=WITH_SLOGAN)
    habits.join({"00000000000000ff": FIRST, line_key(SLOGAN): FIRST})
    assert habits.last_met == {line_key(SLOGAN): WITH_SLOGAN[-1][0], "00000000000000ff": FIRST}


def test_of_an_endless_page_little_is_held() -> None:
    habits = Habits(texts=[(FIRST, "\n".join(f"Baris nomor {n} dari halaman tanpa akhir" for n in range(50_000)))])
    (held,) = habits._texts
    assert len(held.sizes) == MOST_LINES


def test_the_collector_learns_from_the_store(tmp_path: Path) -> None:
    """The line goes with the fourth article of a source, also in a new process; the days count, not the crawls."""
    with badweb.BadWeb() as web:
        desk = open_desk(tmp_path)
        desk.add("uji", web.url("/feed"))
        for batch in (stories()[:4], stories()[4:5]):
            web.put("/feed", badweb.xml(badweb.feed(*(_offer(web, story) for story in batch))))
            desk.crawl(web.allowed, "uji")
        texts = [desk.texts(item.id)[-1] for item in desk.items("uji")]
        desk.store.close()
    assert [SLOGAN in text for text in texts] == [True, True, True, False, False]


def test_a_line_learned_in_between_is_no_edit_also_in_a_new_process(tmp_path: Path) -> None:
    """Asked for again, the first articles keep the line with which they were stored: their wording did not change.
    Where the outlet edits one of them, its edit is all that the new version shows."""
    edited = replace(stories()[0], marked=(*stories()[0].marked, "Keterangan ini ditambahkan pada sore hari."))
    with badweb.BadWeb() as web:
        desk = open_desk(tmp_path)
        desk.add("uji", web.url("/feed"))
        for edition, first in enumerate([stories()[0], stories()[0], edited]):
            entries = (_offer(web, story, edition) for story in (first, *stories()[1:6]))
            web.put("/feed", badweb.xml(badweb.feed(*entries)))
            desk.make_due("uji")
            desk.crawl(web.allowed, "uji")
        versions = {item.url.rpartition("/")[2]: desk.texts(item.id) for item in desk.items("uji")}
        assert web.asked(f"/berita/{edited.slug}") > 1
        desk.store.close()
    old, new = versions.pop(edited.slug)
    assert [len(texts) for texts in versions.values()] == [1] * 5
    assert [line for line in new.splitlines() if line not in old.splitlines()] == [edited.paragraphs[-1]]
    assert set(old.splitlines()) <= set(new.splitlines())


def test_the_habits_of_few_sources_are_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.keeper.KEPT_HABITS", 2)
    desk = open_desk(tmp_path)
    keeper = Keeper(desk.store, Job(Mode.ONCE, None, frozenset(), 0.5, True))
    for source in ("satu", "dua", "satu", "tiga"):
        keeper._habits_of(source)
    assert list(keeper._habits) == ["satu", "tiga"]
    desk.store.close()


def _some(number: int) -> str:
    return f"Berita nomor {number} tentang hal lain yang terjadi di kota pada hari ke-{number}, kata warga {number}."


def _offer(web: badweb.BadWeb, story: Story, edition: int = 0) -> str:
    """An entry of the feed; its title there, not on the page, says which edition it is."""
    page = badweb.article(story.title, *story.paragraphs, SLOGAN, date=story.iso)
    address = web.put(f"/berita/{story.slug}", badweb.html(page))
    return badweb.entry(address, f"{story.title} {edition or ''}".strip(), date=story.iso)
