"""No request of the collector ever reaches a private address (server-side request forgery), nor a site whose terms
forbid this use, whatever lists it or leads there.

Three doors, all needed: `check_url` before a request and after every redirect (spelled-out addresses, ports, schemes),
and `GuardedResolver` at connect time, where every host name is turned into the addresses that are then connected to.
The last one cannot be fooled by a name that changes its address between check and use, nor by odd spellings
(`http://2130706433/`, `http://0177.1/`), because it judges the address itself.

`allowed` holds exact "host:port" exceptions. They are passed by code (the demo and tests serve pages on loopback) and
can never come from the environment or a setting file. With `only_allowed` nothing but them is asked: neither the demo
nor a test of recorded pages ever reaches the internet.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from twisted.internet.interfaces import IAddress, IHostnameResolver, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

from waspada.sources.terms import forbidden_by

ALLOWED_SETTING = "WASPADA_ALLOWED_HOSTS"
ONLY_ALLOWED_SETTING = "WASPADA_ONLY_ALLOWED_HOSTS"
_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
#: Host names that mean this machine or this network without any look-up.
_LOCAL_NAMES = ("localhost", "localhost.localdomain", "broadcasthost")
_LOCAL_ENDINGS = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa", ".onion")


class RefusedAddressError(IgnoreRequest):
    """The address is private, or the URL is not one that a collector may ask for."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet; addresses within addresses are unwrapped first."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    refused = (
        ip.is_private,
        ip.is_loopback,
        ip.is_link_local,
        ip.is_multicast,
        ip.is_reserved,
        ip.is_unspecified,
        not ip.is_global,
    )
    return not any(refused)


def check_url(url: str, allowed: Iterable[str] = frozenset(), *, only_allowed: bool = False) -> None:
    """Raises RefusedAddressError for a URL that must not be requested; host names are judged again when connecting."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        raise RefusedAddressError(f"refused: {url[:200]!r} is not a URL") from None
    if parts.scheme not in _PORTS or not host:
        raise RefusedAddressError(f"refused: {parts.scheme or 'no'} scheme")
    if owner := forbidden_by(url):
        raise RefusedAddressError(f"refused: the terms of {owner} forbid this use")
    if f"{host}:{port}" in frozenset(allowed):
        return
    if _spells_private(host):
        raise RefusedAddressError(f"refused: {host} is not a public address")
    if only_allowed:
        raise RefusedAddressError(f"refused: {host} is not one of the servers that this crawl was given")


def _spells_private(host: str) -> bool:
    if host in _LOCAL_NAMES or host.endswith(_LOCAL_ENDINGS):
        return True
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return _is_odd_number(host)
    return not is_public(host)


def _is_odd_number(host: str) -> bool:
    """`2130706433`, `0x7f.1`, `0177.0.0.1`: spellings of IPv4 that no honest site uses."""
    return all(label and (label.isdigit() or label.lower().startswith("0x")) for label in host.split("."))


class GuardMiddleware:
    """The door before every request, robots.txt and redirect targets included."""

    def __init__(self, allowed: frozenset[str], only_allowed: bool) -> None:
        self._allowed = allowed
        self._only_allowed = only_allowed

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> GuardMiddleware:
        settings = crawler.settings
        return cls(frozenset(settings.getlist(ALLOWED_SETTING)), settings.getbool(ONLY_ALLOWED_SETTING))

    def process_request(self, request: Request) -> None:
        check_url(request.url, self._allowed, only_allowed=self._only_allowed)


@implementer(IHostnameResolver)
class GuardedResolver:
    """Resolves names as Twisted does, and passes on public addresses only."""

    #: (host, port) pairs refused in this process, so that an error can say why there was no address.
    refused: set[tuple[str, int]] = set()  # noqa: RUF012 (one process, one crawl)

    def __init__(self, reactor: Any, allowed: frozenset[str]) -> None:
        self._reactor = reactor
        self._original: Any = reactor.nameResolver
        self._allowed = allowed

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> GuardedResolver:
        return cls(reactor, frozenset(crawler.settings.getlist(ALLOWED_SETTING)))

    def install_on_reactor(self) -> None:
        self._reactor.installNameResolver(self)

    def resolveHostName(  # noqa: N802 (the interface's name)
        self,
        resolutionReceiver: Any,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type[IAddress]] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> Any:
        receiver = resolutionReceiver
        if f"{hostName}:{portNumber}" not in self._allowed:
            receiver = _PublicOnly(resolutionReceiver, hostName, portNumber, self.refused)
        return self._original.resolveHostName(receiver, hostName, portNumber, addressTypes, transportSemantics)


@implementer(IResolutionReceiver)
class _PublicOnly:
    """Passes public addresses on to the receiver behind it, and notes that others were refused."""

    def __init__(self, receiver: Any, host: str, port: int, refused: set[tuple[str, int]]) -> None:
        self._receiver = receiver
        self._name = (host, port)
        self._refused = refused

    def resolutionBegan(self, resolutionInProgress: Any) -> None:  # noqa: N802, N803
        self._receiver.resolutionBegan(resolutionInProgress)

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        if is_public(getattr(address, "host", "")):
            self._receiver.addressResolved(address)
        else:
            self._refused.add(self._name)

    def resolutionComplete(self) -> None:  # noqa: N802
        self._receiver.resolutionComplete()
