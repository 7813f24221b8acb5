"""Canonical URLs: one address for one article, without dropping what tells two articles apart."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from courlan.clean import normalize_url
from w3lib.url import canonicalize_url

from waspada.sources.outlets import registrable_domain

MAX_URL = 2048
#: Parameters that only say how a reader came here. Kept by name: `page=all` (Kompas, Tribun) and `single=1` (detik)
#: show a split article whole, and old news systems tell articles apart by `id`, `cid`, `eid`.
_TRACKERS = re.compile(
    r"^(?:utm_.*|(?:mc|mtm|pk|itm|oly|vero|ga|gs)_.*|_ga|fbclid|gclid|dclid|msclkid|yclid|igshid|twclid|wbraid|gbraid"
    r"|ref|ref_src|ref_url|referrer|source|xtor|tag_from|browse_type|_x_tr_.*)$",
    re.IGNORECASE,
)
_WHOLE = {"kompas.com": ("page", "all"), "tribunnews.com": ("page", "all"), "detik.com": ("single", "1")}
_HOME = re.compile(r"^/?(?:index\.(?:html?|php|aspx?)|home|beranda)?/?$", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x20\x7f]+")


def canonical(url: str, base: str = "") -> str | None:
    """The normalised absolute http(s) URL, or None where there is none (another scheme, no host, too long).

    Lower-cases scheme and host, resolves dots, drops default port, fragment, tracking parameters and passwords, sorts
    what is left of the query.
    """
    url = _CONTROL.sub("", url.strip()) if "\n" in url or "\t" in url else url.strip()
    try:
        absolute = urljoin(base, url) if base else url
        parts = urlsplit(absolute)
        if parts.scheme not in ("http", "https") or not parts.hostname or len(absolute) > MAX_URL:
            return None
        netloc = parts.netloc.rpartition("@")[2]
        cleaned = normalize_url(urlunsplit((parts.scheme, netloc, parts.path or "/", "", "")))
        found = canonicalize_url(_with_query(str(cleaned), parts.query))
        urlsplit(found).port  # noqa: B018 (raises for a port that is no number)
    except (ValueError, UnicodeError):
        return None
    return found if len(found) <= MAX_URL else None


def is_home(url: str) -> bool:
    """Whether a URL is the front page of a site, which is never an article."""
    parts = urlsplit(url)
    return bool(_HOME.match(parts.path)) and not parts.query


def same_site(one: str, other: str) -> bool:
    """Whether two URLs belong to the same registrable domain (same host and port for IP addresses)."""
    return registrable_domain(one) == registrable_domain(other)


def page_identity(page_url: str, declared: str | None) -> str:
    """The URL an article is known by: what `rel=canonical` declares, where that can be believed, else its own.

    It is believed inside the registrable domain only, and only when it looks like an article's address: sites that
    declare their front page or a section on every page would melt all articles into one.
    """
    own = canonical(page_url) or page_url
    wanted = canonical(declared, own) if declared else None
    if wanted is None or not same_site(own, wanted) or is_home(wanted):
        return own
    return wanted if looks_like_article(wanted) or not looks_like_article(own) else own


def whole_article(url: str) -> str:
    """The address that shows a split article on one page, for the outlets known to split theirs.

    It only saves the request for the first page: of every outlet the parts are found by `crawler.parts`.
    """
    wanted = _WHOLE.get(registrable_domain(url))
    parts = urlsplit(url)
    if wanted is None or any(name == wanted[0] for name, _ in parse_qsl(parts.query)):
        return url
    query = f"{parts.query}&{urlencode([wanted])}" if parts.query else urlencode([wanted])
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def looks_like_article(url: str) -> bool:
    """Whether an address has a number or a slug of three words."""
    parts = urlsplit(url)
    last = parts.path.rstrip("/").rpartition("/")[2]
    return bool(re.search(r"\d", parts.path + "?" + parts.query) or last.count("-") >= 2 or last.count("_") >= 2)


def _with_query(url: str, query: str) -> str:
    kept = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if not _TRACKERS.match(name)]
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(kept), ""))
