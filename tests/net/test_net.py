"""Only addresses of the public internet are asked, however they are spelled, resolved or connected to."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waspada.net import RefusedAddressError, check_url, connect, is_public, refusal, resolved


@pytest.fixture
def listening() -> Iterator[int]:
    """The port of a server on loopback that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("address", ["8.8.8.8", "103.10.20.30", "2001:4860:4860::8888", "::ffff:8.8.8.8"])
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:7f00:1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "nonsense",
    ],
)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "kait.example",
        "http://127.1/",
        "http://2130706433/",
        "http://[::ffff:10.0.0.1]/",
        "http://LOCALHOST:8080/",
        "https://user:kata@10.0.0.1/",
        "https://db.internal/kait",
        "file:///etc/passwd",
        "https://kait.example:notaport/",
        "https://[::1/",
    ],
)
def test_urls_that_are_refused(url: str) -> None:
    with pytest.raises(RefusedAddressError, match=r"refused: .*Name an address"):
        check_url(url)


def test_urls_that_may_be_asked() -> None:
    check_url("https://kait.example/waspada?a=b")
    check_url("http://103.10.20.30:8080/")
    check_url("http://127.0.0.1:8123/", {"127.0.0.1:8123"})
    assert refusal("http://127.0.0.1:8124/", {"127.0.0.1:8123"}) == "refused: 127.0.0.1 is not a public address"
    assert refusal("https://kait.example/", {"127.0.0.1:8123"}, only_allowed=True) is not None


@given(st.text(max_size=60))
def test_any_text_is_judged_without_an_error(text: str) -> None:
    for url in (text, f"https://{text}", f"https://{text}/kait"):
        reason = refusal(url)
        assert reason is None or reason.startswith("refused: ")


@given(
    st.ip_addresses(network="10.0.0.0/8") | st.ip_addresses(network="127.0.0.0/8") | st.ip_addresses(network="fc00::/7")
)
def test_no_spelling_of_a_private_address_passes(address: object) -> None:
    host = str(address)
    assert refusal(f"https://[{host}]/" if ":" in host else f"https://{host}/") is not None
    assert not is_public(host)


def test_a_name_that_leads_to_loopback_is_refused_but_for_the_exception(listening: int) -> None:
    with pytest.raises(RefusedAddressError, match="not a public address"):
        resolved("localhost", listening)
    assert "127.0.0.1" in resolved("localhost", listening, {f"localhost:{listening}"})
    with pytest.raises(RefusedAddressError, match="leads nowhere"):
        resolved("tidak-ada.invalid", 443)
    with pytest.raises(RefusedAddressError, match="leads nowhere"):
        resolved("a" * 70 + ".example", 443)


def test_a_connection_is_judged_by_where_it_leads(listening: int) -> None:
    with pytest.raises(RefusedAddressError, match="not a public address"):
        connect("127.0.0.1", listening)
    with connect("127.0.0.1", listening, {f"127.0.0.1:{listening}"}) as opened:
        assert opened.getpeername() == ("127.0.0.1", listening)
