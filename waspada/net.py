"""Which addresses this product may ask: those of the public internet, and no other (server-side request forgery).

Two doors, both needed. `refusal` (or `check_url`, which raises) judges an address as it is written, before a request
and after every redirect: scheme, port, spelled-out private addresses. `judged_socket` judges the address that a
connection really has, before a byte is sent: that cannot be fooled by a name that changes its address between check
and use, nor by odd spellings (`http://2130706433/`, `http://0177.1/`). `resolved` is for who wants to know early
whether a name leads anywhere; it stands for neither door.

`allowed` holds exact "host:port" exceptions. They are passed by code (the demo and tests serve on loopback) and can
never come from the environment or a setting file.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection
from urllib.parse import urlsplit

from waspada.errors import InputError

PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
#: Host names that mean this machine or this network without any look-up.
_LOCAL_NAMES = ("localhost", "localhost.localdomain", "broadcasthost")
_LOCAL_ENDINGS = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa", ".onion")


class RefusedAddressError(InputError):
    """The address is private, or the URL is not one that may be asked for."""

    hint = "Name an address of the public internet."


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


def refusal(url: str, allowed: Collection[str] = frozenset(), *, only_allowed: bool = False) -> str | None:
    """Why a URL must not be requested; None where it may, as far as it can be told without a connection.

    With `only_allowed` nothing but the exceptions is asked. The words start with "refused:".
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        return f"refused: {url[:200]!r} is not a URL"
    if parts.scheme not in PORTS or not host:
        return f"refused: {parts.scheme or 'no'} scheme"
    if f"{host}:{port}" in allowed:
        return None
    if _spells_private(host):
        return f"refused: {host} is not a public address"
    if only_allowed:
        return f"refused: {host} is not one of the servers that this crawl was given"
    return None


def check_url(url: str, allowed: Collection[str] = frozenset()) -> None:
    """Raises RefusedAddressError for a URL that must not be requested."""
    if reason := refusal(url, allowed):
        raise RefusedAddressError(f"The address is {reason}.")


def resolved(host: str, port: int, allowed: Collection[str] = frozenset()) -> list[str]:
    """The public IP addresses of a host name, at least one. Raises RefusedAddressError, also for a name of nothing."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise RefusedAddressError(f"The name {host} leads nowhere.", hint="Check how it is written.") from None
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    public = [address for address in addresses if f"{host}:{port}" in allowed or is_public(address)]
    if not public:
        raise RefusedAddressError(f"The address is refused: {host} is not a public address.")
    return public


def judged_socket(opened: socket.socket, host: str, port: int, allowed: Collection[str] = frozenset()) -> socket.socket:
    """A connection that stands, if it leads to a public address. Closes it and raises RefusedAddressError if not."""
    try:
        peer = str(opened.getpeername()[0])
    except OSError:
        opened.close()
        raise
    if f"{host}:{port}" not in allowed and not is_public(peer):
        opened.close()
        raise RefusedAddressError(f"The address is refused: {host} is not a public address.")
    return opened


def connect(
    host: str, port: int, allowed: Collection[str] = frozenset(), *, timeout_seconds: float = 10.0
) -> socket.socket:
    """A connection to a public address. Raises OSError and RefusedAddressError."""
    return judged_socket(socket.create_connection((host, port), timeout_seconds), host, port, allowed)


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
