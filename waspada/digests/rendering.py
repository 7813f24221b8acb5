"""A content -> mail, plain text, chat and PDF. Pure: the same content in the same layout is the same bytes.

The layout is templates only; they see the content as JSON and hold no words of their own. What is one reader's own
(the ways to change or end a subscription) is set in last.
"""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from itertools import count
from typing import Any

from jinja2 import Template
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape

from waspada.digests import chat
from waspada.digests.jsonable import sha256_of, text_of
from waspada.digests.types import NOBODY, Content, Layout, Personal, Rendered

#: Gmail cuts a mail at 102 KB, and with it the way to end a subscription.
MOST_HTML_BYTES = 100_000
#: Stands where a reader's own part goes. No text of a content holds it: control characters are taken out of all.
_MARK = "\x1e"
_OWN_BYTES = 4_000
_OWN_HTML = (
    '<p class="dim" style="margin:8px 0 0;font-size:13px;line-height:1.4;color:#4a5a6a">'
    '<a href="{url}" class="link" style="color:#0b4f8a;text-decoration:underline">{words}</a></p>\n'
)


@lru_cache(maxsize=1)
def layout() -> Layout:
    """The layout of this release."""
    folder = files("waspada.digests") / "templates"
    html, text, pdf = (
        (folder / name).read_text(encoding="utf-8") for name in ("layout.html", "layout.txt", "layout.typ")
    )
    return Layout(sha256_of("\x00".join((html, text, pdf))), html, text, pdf)


def rendered(content: Content, personal: Personal = NOBODY, form: Layout | None = None) -> Rendered:
    """A content as one reader gets it, in the layout that it was kept with (this release's if none is given)."""
    base = (personal.base_url or content.base_url).rstrip("/")
    html, text = _bodies(text_of(content), base, form or layout())
    own = [(content.words["manage"], personal.manage_url), (content.words["unsubscribe"], personal.unsubscribe_url)]
    ways = [(words, url) for words, url in own if url]
    html_own = "".join(_OWN_HTML.format(url=escape(url), words=escape(words)) for words, url in ways)
    text_own = "".join(f"\n{words}: {url}" for words, url in ways)
    return Rendered(
        subject=content.subject,
        text=text.replace(_MARK, text_own).rstrip() + "\n",
        html=html.replace(_MARK, html_own),
        chat=chat.written(content, base, ways),
    )


def pdf(content: Content, form: Layout | None = None) -> bytes:
    """A content on A4: the same bytes for the same content, layout and release of the typesetter."""
    import typst  # takes 80 MB of memory: only where one is made

    given = json.dumps(_seen(json.loads(text_of(content)), content.base_url.rstrip("/")), ensure_ascii=False)
    made = typst.compile(
        (form or layout()).pdf.encode("utf-8"),
        sys_inputs={"content": given},
        timestamp=content.at.replace(microsecond=0),
        ignore_system_fonts=True,
    )
    return bytes(made)


@lru_cache(maxsize=64)
def _bodies(content: str, base_url: str, form: Layout) -> tuple[str, str]:
    """Mail and plain text with the mark of the reader's own part. A mail that would be cut has fewer entries."""
    whole = json.loads(content)
    entries = sum(len(section["entries"]) for section in whole["sections"])
    seen = _seen(whole, base_url)
    text = _template(form.text, html=False).render(seen, personal=_MARK)
    for shown in range(entries, -1, -1):
        html = _template(form.html, html=True).render(_seen(whole, base_url, shown), personal=Markup(_MARK))  # noqa: S704
        if len(html.encode("utf-8")) + _OWN_BYTES <= MOST_HTML_BYTES:
            break
    return html, text


def _seen(content: dict[str, Any], base_url: str, shown: int | None = None) -> dict[str, Any]:
    """What a template sees, the entries numbered; with `shown`, so many of them and how many were left out."""
    words, sections, numbers, left_out = content["words"], [], count(1), 0
    for section in content["sections"]:
        entries = section["entries"] if shown is None else section["entries"][: max(0, shown)]
        left_out += len(section["entries"]) - len(entries)
        shown = None if shown is None else shown - len(entries)
        if entries or section["lines"]:
            sections.append({**section, "entries": [{**entry, "number": next(numbers)} for entry in entries]})
    content = {**content, "sections": sections}
    return {
        "content": content,
        "base_url": base_url,
        "left_out": words["left_out"].format(count=left_out) if left_out else "",
        "erased": words["erased"].format(count=content["erased"]) if content["erased"] else "",
    }


@lru_cache(maxsize=16)
def _template(source: str, *, html: bool) -> Template:
    environment = SandboxedEnvironment(autoescape=html, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(source)
