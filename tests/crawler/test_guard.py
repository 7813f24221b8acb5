"""No private address is ever requested, however it is spelled or resolved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from twisted.internet.address import IPv4Address, IPv6Address

from crawler.guard import GuardedResolver, RefusedAddressError, check_url


@pytest.mark.parametrize("url", ["https://t.me/kanal/123", "https://m.facebook.com/kabar", "https://x.com/kabar"])
def test_a_site_whose_terms_forbid_it_is_not_asked(url: str) -> None:
    with pytest.raises(RefusedAddressError, match="forbid this use"):
        check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://localhost/",
        "http://localhost./",
        "http://LOCALHOST:8080/",
        "http://db.internal/",
        "http://printer.local/",
        "http://user@10.0.0.1/",
        "file:///etc/passwd",
        "ftp://kabar.example.com/",
        "gopher://kabar.example.com/",
        "http:///nohost",
        "http://kabar.example.com:notaport/",
    ],
)
def test_urls_that_are_refused(url: str) -> None:
    with pytest.raises(RefusedAddressError, match="refused"):
        check_url(url)


def test_only_the_exact_host_and_port_is_excepted() -> None:
    allowed = frozenset({"127.0.0.1:8123"})
    check_url("http://127.0.0.1:8123/feed", allowed)
    check_url("https://kabar.example.com/feed", allowed)
    for url in ("http://127.0.0.1:8124/", "http://127.0.0.1/", "http://localhost:8123/", "http://127.0.0.2:8123/"):
        with pytest.raises(RefusedAddressError):
            check_url(url, allowed)


def test_a_crawl_can_be_kept_to_the_servers_it_was_given() -> None:
    allowed = frozenset({"127.0.0.1:8123"})
    check_url("http://127.0.0.1:8123/feed", allowed, only_allowed=True)
    with pytest.raises(RefusedAddressError, match="not one of the servers"):
        check_url("https://kabar.example.com/feed", allowed, only_allowed=True)


class _Names:
    """The seam: a resolver that says what the test wants the network to say."""

    def __init__(self, *addresses: IPv4Address | IPv6Address) -> None:
        self.addresses = addresses
        self.nameResolver = self  # what the reactor calls it

    def resolveHostName(self, receiver: Any, host: str, port: int, *rest: object) -> object:  # noqa: N802
        receiver.resolutionBegan(None)
        for address in self.addresses:
            receiver.addressResolved(address)
        receiver.resolutionComplete()
        return None


class _Receiver:
    def __init__(self) -> None:
        self.hosts: list[str] = []
        self.complete = False

    def resolutionBegan(self, resolution: object) -> None:  # noqa: N802
        pass

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        self.hosts.append(address.host)

    def resolutionComplete(self) -> None:  # noqa: N802
        self.complete = True


def _resolved(host: str, port: int, allowed: Sequence[str], *addresses: IPv4Address | IPv6Address) -> list[str]:
    receiver = _Receiver()
    GuardedResolver(_Names(*addresses), frozenset(allowed)).resolveHostName(receiver, host, port)
    assert receiver.complete
    return receiver.hosts


def test_a_public_name_with_a_private_address_is_refused_at_connect_time() -> None:
    private, public = IPv4Address("TCP", "10.0.0.7", 80), IPv4Address("TCP", "103.10.20.30", 80)
    mapped = IPv6Address("TCP", "::ffff:127.0.0.1", 80)
    assert _resolved("rebind.example.com", 80, (), private, public, mapped) == ["103.10.20.30"]
    assert _resolved("rebind.example.com", 80, (), private) == []
    assert ("rebind.example.com", 80) in GuardedResolver.refused


def test_the_exception_holds_for_its_port_only() -> None:
    loopback = IPv4Address("TCP", "127.0.0.1", 8123)
    assert _resolved("127.0.0.1", 8123, ["127.0.0.1:8123"], loopback) == ["127.0.0.1"]
    assert _resolved("127.0.0.1", 8124, ["127.0.0.1:8123"], loopback) == []
