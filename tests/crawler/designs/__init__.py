"""Page designs written for this project: each a template, filled with articles written for it, and what is in them.

`pages()` gives every page with its expectation. A template is one way in which Indonesian outlets, agencies and offices
build a page; the articles tell of fictional people in real places. Adding a file under `templates/` adds a design.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jinja2

from crawler.recording import Recorded
from tests.crawler.designs.stories import Story, english_stories, forms, stories
from waspada.clock import ZONES

HERE = Path(__file__).resolve().parent
#: After every article, so that none lies ahead.
NOW = datetime(2025, 12, 1, tzinfo=UTC)
#: Designs that state no usable time: what the page's feed says is then the time.
_TIME_IN_FEED = frozenset({"relative_and_feed"})
#: The page gives only its day: the day's first moment is right.
_DAY_ONLY = frozenset({"url_day"})
_ENCODINGS = {"legacy_charset": "windows-1252", "table_2012": "iso-8859-1"}
#: Text that a design adds to the article and that belongs to it.
_BEFORE = {
    "tribun_like": "TRIBUNNYAMERATUS.EXAMPLE, {TOWN} - ",
    "antara_like": "{town} (ANTARAnya) - ",
    "detik_like": "{town} - ",
    "br_paragraphs": "{town} - ",
    "joomla15": "{TOWN} - ",
    "promedia_all": "RADARBAUNTUNG.EXAMPLE - ",
    "english_edition": "{town} (Borneo Courier) - ",
    "wp_promos": "{TOWN}, SUARABAUNTUNG.EXAMPLE – ",
    "radio_wire": "KBRW, {town} - ",
    "font_table": "{TOWN} - ",
    "video_transcript": "{town}, TV Enggang - ",
}
#: Section stated where a machine or a reader finds it; elsewhere a page has none.
_WITH_SECTION = frozenset(
    {
        "wordpress_classic",
        "wordpress_block",
        "joomla",
        "drupal",
        "amp",
        "json_only_body",
        "detik_like",
        "kompas_like",
        "section_suffix",
        "tagdiv",
        "joomla15",
        "promedia_all",
        "nuxt_hashed",
        "wp_promos",
    }
)


@dataclass(frozen=True, slots=True)
class Page(Recorded):
    """A page of a design. `feed_published` is what the feed said of it, if it did."""

    feed_published: datetime | None = None


def designs() -> list[str]:
    """The names of all designs."""
    return sorted(path.stem for path in (HERE / "templates").glob("[a-z]*.html"))


def pages(per_design: int = 1) -> Iterator[Page]:
    """Every design filled with `per_design` articles of its own choice (one where it has an article of its form)."""
    told = stories()
    for number, design in enumerate(designs()):
        form = forms().get(design)
        chosen = [form] if form else [told[(number + 5 * n) % len(told)] for n in range(per_design)]
        for story in chosen:
            yield page_of(design, story)


def english_pages() -> Iterator[Page]:
    """Every design that takes an ordinary article, filled with one in English."""
    told = english_stories()
    for number, design in enumerate(name for name in designs() if name not in forms()):
        yield page_of(design, told[number % len(told)])
    yield page_of("english_edition", forms()["english_edition"])


def lists() -> Iterator[tuple[str, bytes]]:
    """Name and bytes of the pages under `lists/`: front pages and indexes, none of which is an article."""
    for path in sorted((HERE / "lists").glob("[a-z]*.html")):
        yield path.stem, _templates().get_template(f"lists/{path.name}").render(others=stories()).encode()


def page_of(design: str, story: Story) -> Page:
    """One design filled with one article; the other articles fill its lists and teasers."""
    others = [each for each in stories() if each.slug != story.slug]
    url = f"https://{design.replace('_', '-')}.example/{story.published:%Y/%m/%d}/{story.slug}"
    shift = len(design) % len(others)
    html = _templates().get_template(f"{design}.html").render(s=story, others=others[shift:] + others[:shift], url=url)
    first, _, rest = story.text.partition("\n")
    before = _BEFORE.get(design, "").format(town=story.town, TOWN=story.town.upper())
    moment = story.published.astimezone(UTC)
    if design in _DAY_ONLY:
        moment = story.published.replace(hour=0, minute=0).astimezone(UTC)
    text = f"{before}{first}\n{rest}"
    return Page(
        name=f"{design}-{story.slug}",
        url=url if design in _DAY_ONLY else f"https://{design.replace('_', '-')}.example/berita/{story.slug}",
        body=html.encode(_ENCODINGS.get(design, "utf-8"), "xmlcharrefreplace"),
        title=story.title,
        text=text.replace('"', "”") if design == "legacy_charset" else text,
        published_at=moment,
        section=story.section if design in _WITH_SECTION else None,
        is_article=True,
        zone=ZONES[story.zone],
        recorded_at=NOW,
        feed_published=moment + timedelta(seconds=20) if design in _TIME_IN_FEED else None,
    )


def _templates() -> jinja2.Environment:
    loader = jinja2.FileSystemLoader([HERE / "templates", HERE])
    return jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
