"""Names of outlets by the host of their pages, and the registrable domain that tells one site from another.

`data/outlets.csv` maps hosts to outlets; the longest ending of a host counts, so that a regional newsroom under a
national domain keeps its own name while the desks of one agency share theirs. Its column `network` names the group that
an outlet belongs to, where there is one: newsrooms of one owner share their reports.
"""

from __future__ import annotations

import csv
import ipaddress
import re
from functools import lru_cache
from importlib import resources
from urllib.parse import urlsplit

import tldextract

#: The snapshot of the Public Suffix List that ships with tldextract: no request is ever made for a newer one.
_SUFFIXES = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


def host_of(url: str) -> str:
    """The host of a URL in lower case, without port; "" where there is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_address(host: str) -> bool:
    """Whether a host is an IP address or this machine: it then names no outlet."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return host == "localhost"
    return True


def registrable_domain(url: str) -> str:
    """ "kaltim.antaranews.com" -> "antaranews.com". For IP addresses and localhost it is host:port."""
    host = host_of(url)
    if is_address(host):
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    return _SUFFIXES(host).top_domain_under_public_suffix or host


def bare_address(url: str) -> str:
    """A URL without what makes no other address of it: scheme, "www." and the last slash. Raises ValueError."""
    parts = urlsplit(url)
    return parts.netloc.lower().removeprefix("www.") + parts.path.rstrip("/") + "?" + parts.query


def host_labels(url: str) -> list[str]:
    """The labels of a host that say something: "www.banjarmasin.tribunnews.com" -> ["banjarmasin", "tribunnews"].

    Empty for IP addresses and localhost.
    """
    host = host_of(url)
    if is_address(host):
        return []
    parts = _SUFFIXES(host)
    return [label for label in (*parts.subdomain.split("."), parts.domain) if label and label != "www"]


def known_outlet(url: str) -> str | None:
    """The outlet's name from the table, by the longest matching ending of the URL's host."""
    labels = host_of(url).split(".")
    names = _names()
    return next((names[key] for i in range(len(labels)) if (key := ".".join(labels[i:])) in names), None)


def named_outlet(name: str) -> str | None:
    """The table's spelling for a name that a page gives itself ("KOMPAS.com", "ANTARA News", "news.detik.com")."""
    if re.fullmatch(r"[\w-]+(?:\.[\w-]+)+", name) and (found := known_outlet(f"http://{name.lower()}")):
        return found
    return _bare_names().get(_bare_name(name))


def default_outlet(url: str) -> str:
    """The name a source gets when nobody gives one: from the table, else its domain.

    "" for an address on this machine or network, where each page names its own outlet.
    """
    return known_outlet(url) or ("" if is_address(host_of(url)) else registrable_domain(url))


def network_of(outlet: str) -> str:
    """The group that an outlet belongs to; the outlet itself, in small letters, where none is known."""
    known = named_outlet(outlet) or outlet
    return _networks().get(known) or " ".join(known.lower().split())


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    return {row["host"]: row["outlet"] for row in _rows()}


@lru_cache(maxsize=1)
def _networks() -> dict[str, str]:
    return {row["outlet"]: row["network"] for row in _rows() if row["network"]}


@lru_cache(maxsize=1)
def _rows() -> list[dict[str, str]]:
    text = resources.files("waspada.sources").joinpath("data").joinpath("outlets.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


@lru_cache(maxsize=1)
def _bare_names() -> dict[str, str]:
    return {_bare_name(name): name for name in _names().values()}


def _bare_name(name: str) -> str:
    """Letters and digits without the words that many outlets add to their name."""
    plain = re.sub(r"[\W_]+(?:com|co\.?id|co|id|net|news|online|media)$", "", name.strip().lower())
    return re.sub(r"[\W_]+", "", plain)
