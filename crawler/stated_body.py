"""The body that a page states for machines (`articleBody` of its JSON-LD), for pages that show it only by script."""

from __future__ import annotations

from typing import Any

from crawler.body import token_f1
from crawler.boilerplate import without_boilerplate
from crawler.dates import is_news
from crawler.feeds import html_text

_LEAST = 200


def body_in(things: list[dict[str, Any]]) -> str:
    """The longest stated body, one paragraph a line where it has such; "" for none."""
    stated = [thing["articleBody"] for thing in things if is_news(thing) and isinstance(thing.get("articleBody"), str)]
    text = max(stated, key=len, default="")
    return without_boilerplate(html_text(text))


def preferred(shown: str, stated: str) -> str:
    """What the page shows, unless that is next to nothing or another text than it states."""
    if len(stated) < _LEAST or len(stated) <= 0.6 * len(shown):
        return shown
    return stated if len(shown) < _LEAST or token_f1(shown, stated) < 0.4 else shown
