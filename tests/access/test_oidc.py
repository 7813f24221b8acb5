"""Signing in through a provider: a real one on loopback, honest and lying."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.access.provider import CLIENT, SECRET, Provider, running
from waspada.access.oidc import (
    CLOCK_SKEW,
    OpenIdClient,
    ProviderError,
    RefusedByProviderError,
    client_of,
)
from waspada.settings import Settings

NOW = datetime(2024, 11, 20, 3, 0, tzinfo=UTC)
BACK = "http://127.0.0.1:8765/login/directory/back"
SECOND = RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running() as found:
        found.now = NOW.timestamp
        yield found


def client(provider: Provider) -> OpenIdClient:
    return OpenIdClient(provider.url, CLIENT, SECRET, "openid profile", BACK)


def code_of(address: str) -> str:
    return parse_qs(urlsplit(address).query)["code"][0]


def sign_in(provider: Provider, own: OpenIdClient, now: datetime = NOW) -> dict[str, Any]:
    address, attempt = own.begin(now)
    return dict(own.finish(code_of(provider.consent(address)), attempt, now))


def refused(provider: Provider, own: OpenIdClient | None = None) -> str:
    with pytest.raises(RefusedByProviderError) as found:
        sign_in(provider, own or client(provider))
    return str(found.value)


def test_the_provider_says_who_it_is(provider: Provider) -> None:
    own = client(provider)
    claims = sign_in(provider, own)
    assert (claims["sub"], claims["preferred_username"]) == ("p-1", "Siti.N")
    sign_in(provider, own)
    assert provider.answers["/.well-known/openid-configuration"] == 1
    assert provider.answers["/keys"] == 1
    later = NOW + timedelta(hours=2)
    provider.now = later.timestamp
    sign_in(provider, own, later)
    assert provider.answers["/keys"] == 2


def test_the_secret_goes_where_the_provider_wants_it(provider: Provider) -> None:
    provider.methods = ["client_secret_post"]
    assert sign_in(provider, client(provider))["sub"] == "p-1"


def test_every_attempt_has_its_own_state_nonce_and_verifier(provider: Provider) -> None:
    own = client(provider)
    attempts = [own.begin(NOW)[1] for _ in range(5)]
    for name in ("state", "nonce", "verifier"):
        assert len({getattr(attempt, name) for attempt in attempts}) == 5
    address = own.begin(NOW)[0]
    assert not any(attempt.verifier in address for attempt in attempts)
    assert parse_qs(urlsplit(address).query)["redirect_uri"] == [BACK]


def test_a_code_is_good_once_and_with_its_verifier(provider: Provider) -> None:
    own = client(provider)
    address, attempt = own.begin(NOW)
    code = code_of(provider.consent(address))
    own.finish(code, attempt, NOW)
    with pytest.raises(RefusedByProviderError):
        own.finish(code, attempt, NOW)
    stolen = code_of(provider.consent(own.begin(NOW)[0]))
    with pytest.raises(RefusedByProviderError):
        own.finish(stolen, attempt, NOW)


def change(**claims: object) -> Callable[[dict[str, Any]], None]:
    return lambda found: found.update(claims)


def without(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda found: found.pop(name) and None


LATE = int((NOW - CLOCK_SKEW - timedelta(seconds=1)).timestamp())
EARLY = int((NOW + CLOCK_SKEW + timedelta(seconds=1)).timestamp())


@pytest.mark.parametrize(
    "bend",
    [
        change(nonce="another"),
        change(nonce=""),
        without("nonce"),
        change(aud="another-client"),
        change(aud=["another-client"]),
        change(aud=[]),
        change(aud=None),
        without("aud"),
        change(aud=[CLIENT, "another"], azp="another"),
        change(aud=[CLIENT, "another"]),
        change(iss="https://elsewhere.example"),
        without("iss"),
        change(exp=LATE),
        change(exp="tomorrow"),
        without("exp"),
        change(iat=EARLY),
        without("iat"),
        change(nbf=EARLY),
        change(sub=""),
        change(sub=7),
        change(sub=None),
        change(sub="x" * 256),
        change(sub="a\nb"),
        without("sub"),
    ],
)
def test_a_token_that_is_not_for_this_attempt_is_refused(
    provider: Provider, bend: Callable[[dict[str, Any]], None]
) -> None:
    provider.bend = bend
    refused(provider)


@pytest.mark.parametrize("seconds", [-100, 100])
def test_clocks_may_differ_a_little(provider: Provider, seconds: int) -> None:
    at = int((NOW + timedelta(seconds=seconds)).timestamp())
    provider.bend = change(iat=at, nbf=at, exp=at + (5 if seconds < 0 else 300))
    assert sign_in(provider, client(provider))["sub"] == "p-1"


def test_two_audiences_need_us_as_the_authorized_party(provider: Provider) -> None:
    provider.bend = change(aud=[CLIENT, "another"], azp=CLIENT)
    assert sign_in(provider, client(provider))["sub"] == "p-1"


def part(value: dict[str, Any] | bytes) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unsigned(claims: dict[str, Any]) -> str:
    return f"{part({'alg': 'none', 'kid': 'one'})}.{part(claims)}."


def by_shared_secret(claims: dict[str, Any], secret: bytes) -> str:
    body = f"{part({'alg': 'HS256', 'kid': 'one'})}.{part(claims)}"
    return f"{body}.{part(hmac.digest(secret, body.encode(), hashlib.sha256))}"


def always(text: str) -> Callable[[dict[str, Any]], str]:
    return lambda _: text


def test_what_is_not_signed_by_a_key_of_the_provider_is_refused(provider: Provider) -> None:
    """No signature; the client secret as one; the public key as a shared secret; a foreign key under the known name."""
    public = provider.key.as_pem(private=False)
    foreign = RSAKey.generate_key(2048, {"kid": "one"})
    for sign in (
        unsigned,
        lambda claims: by_shared_secret(claims, SECRET.encode()),
        lambda claims: by_shared_secret(claims, public),
        lambda claims: jwt.encode({"alg": "RS256", "kid": "one"}, claims, foreign),
        lambda claims: jwt.encode({"alg": "RS256", "kid": "unknown"}, claims, provider.key),
        lambda claims: jwt.encode({"alg": "RS256", "kid": "one"}, claims, provider.key)[:-4] + "AAAA",
        *(always(text) for text in ("", "a.b", "é.b.c", "." * 1000)),
    ):
        provider.sign = sign
        refused(provider)


def test_a_new_key_of_the_provider_is_asked_for_but_not_at_every_lie(provider: Provider) -> None:
    own = client(provider)
    sign_in(provider, own)
    provider.published = [provider.key, SECOND]
    provider.sign = lambda claims: jwt.encode({"alg": "RS256", "kid": "two"}, claims, SECOND)
    refused(provider, own)  # asked a moment ago: a flood of lies does not become a flood of questions
    later = NOW + timedelta(minutes=2)
    provider.now = later.timestamp
    assert sign_in(provider, own, later)["sub"] == "p-1"
    assert provider.answers["/keys"] == 2


def test_a_token_without_a_name_of_its_key_is_taken_where_there_is_one_key_only(provider: Provider) -> None:
    provider.sign = lambda claims: jwt.encode({"alg": "RS256"}, claims, provider.key)
    assert sign_in(provider, client(provider))["sub"] == "p-1"
    provider.published = [provider.key, SECOND]
    refused(provider)


@pytest.mark.parametrize(
    "more",
    [
        {"issuer": "https://elsewhere.example"},
        {"authorization_endpoint": None},
        {"token_endpoint": "http://idp.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "https://"},
        {"end_session_endpoint": "javascript:alert(1)"},
    ],
)
def test_an_odd_discovery_document_is_refused(provider: Provider, more: dict[str, Any]) -> None:
    provider.more = more
    with pytest.raises(ProviderError):
        client(provider).begin(NOW)


def test_a_provider_that_is_not_there_is_an_error_of_ours(provider: Provider) -> None:
    for url in ("http://127.0.0.1:9", f"{provider.url}/nowhere", "http://127.0.0.1:1/\x00"):
        with pytest.raises(ProviderError):
            OpenIdClient(url, CLIENT, SECRET, "openid", BACK).begin(NOW)


def test_the_way_out(provider: Provider) -> None:
    out = client(provider).way_out("https://waspada.example/login", NOW)
    assert out is not None
    assert out.startswith(f"{provider.url}/out?")
    assert parse_qs(urlsplit(out).query) == {
        "client_id": [CLIENT],
        "post_logout_redirect_uri": ["https://waspada.example/login"],
    }
    provider.more = {"end_session_endpoint": None}
    assert client(provider).way_out("https://waspada.example/login", NOW) is None


def test_the_settings_make_the_client(tmp_path: Path) -> None:
    def made(**given: str) -> OpenIdClient | None:
        return client_of(Settings(data_dir=tmp_path, **given))  # type: ignore[arg-type]

    assert made() is None
    assert made(oidc_issuer="https://idp.example") is None
    own = made(oidc_issuer="https://idp.example/", oidc_client_id="x", base_url="https://waspada.example")
    assert own is not None
    assert own.issuer == "https://idp.example"
