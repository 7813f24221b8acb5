"""Which kind of browser a session was opened in: coarse on purpose, so that a list of sessions tracks nobody."""

from __future__ import annotations

#: In this order: Edge and Opera also say Chrome, Chrome also says Safari.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_LONGEST = 1000


def browser_kind(user_agent: str) -> str:
    """ "Firefox, Windows" from a User-Agent header: no version and no words of the header itself; "" for others."""
    header = user_agent[:_LONGEST]
    found = (next((name for mark, name in marks if mark in header), "") for marks in (_BROWSERS, _SYSTEMS))
    return ", ".join(name for name in found if name)
