"""No request of the collector ever reaches a private address (server-side request forgery), nor a site whose terms
forbid this use, whatever lists it or leads there.

Three doors, all needed: `check_url` before a request and after every redirect (spelled-out addresses, ports, schemes),
and `GuardedResolver` at connect time, where every host name is turned into the addresses that are then connected to.
The last one cannot be fooled by a name that changes its address between check and use, nor by odd spellings
(`http://2130706433/`, `http://0177.1/`), because it judges the address itself. What an address is, `waspada.net` knows.

`allowed` holds exact "host:port" exceptions. They are passed by code (the demo and tests serve pages on loopback) and
can never come from the environment or a setting file. With `only_allowed` nothing but them is asked: neither the demo
nor a test of recorded pages ever reaches the internet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from twisted.internet.interfaces import IAddress, IHostnameResolver, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

from waspada.net import is_public, refusal
from waspada.sources.terms import forbidden_by

ALLOWED_SETTING = "WASPADA_ALLOWED_HOSTS"
ONLY_ALLOWED_SETTING = "WASPADA_ONLY_ALLOWED_HOSTS"


class RefusedAddressError(IgnoreRequest):
    """The address is private, or the URL is not one that a collector may ask for."""


def check_url(url: str, allowed: Iterable[str] = frozenset(), *, only_allowed: bool = False) -> None:
    """Raises RefusedAddressError for a URL that must not be requested; host names are judged again when connecting."""
    if owner := forbidden_by(url):
        raise RefusedAddressError(f"refused: the terms of {owner} forbid this use")
    if reason := refusal(url, frozenset(allowed), only_allowed=only_allowed):
        raise RefusedAddressError(reason)


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
