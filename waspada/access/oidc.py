"""Signing in through an OpenID provider: authorization code with PKCE, state and nonce (OpenID Connect Core 1.0).

The provider is the one that the settings name, so its addresses may be private ones; they must be https, or loopback.
What it answers is not trusted: sizes and times are limited, no redirect is followed, and an ID token is taken only with
a signature of one of its keys, for this client, in time, with the nonce of this very attempt.
"""

from __future__ import annotations

import base64
import json
import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import get_well_known_url
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from waspada.access.types import ForbiddenError
from waspada.errors import WaspadaError
from waspada.settings import LOOPBACK, Settings

#: Signatures with a key pair only: with a shared secret (HS256) or none at all, anybody could make one.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
CLOCK_SKEW = timedelta(minutes=2)
_KEPT_FOR = timedelta(hours=1)
_ASKED_AGAIN = timedelta(minutes=1)
_TIMEOUT_SECONDS = 10.0
_MOST_BYTES = 1024 * 1024


class ProviderError(WaspadaError):
    """The provider cannot be asked, or answers what cannot be used."""

    hint = "Try again; the operator finds the reason in the log. Tokens and passwords work without it."


class RefusedByProviderError(ForbiddenError):
    """The provider did not vouch for anybody, or its word does not hold."""

    hint = "Begin again from the sign-in page."


@dataclass(frozen=True, slots=True)
class Attempt:
    """What belongs to one attempt and must come back with it; kept sealed in the browser meanwhile."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Provider:
    """What the discovery document says of the provider; `issuer` as it writes itself, also with a slash at the end."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str
    takes_post_secret: bool


class OpenIdClient:
    """This installation as a client of one provider. Holds the discovery document and the keys for an hour."""

    def __init__(self, issuer: str, client_id: str, client_secret: str, scopes: str, redirect_uri: str) -> None:
        self.issuer = issuer
        self._client_id, self._client_secret = client_id, client_secret
        self._scopes, self._redirect_uri = scopes, redirect_uri
        self._lock = threading.Lock()
        self._provider: tuple[Provider, datetime] | None = None
        self._keys: tuple[KeySet, datetime] | None = None

    def begin(self, now: datetime) -> tuple[str, Attempt]:
        """Where to send the browser, and what to keep until it comes back. Raises ProviderError."""
        attempt = Attempt(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))
        address = prepare_grant_uri(
            self._found(now).authorization_endpoint,
            self._client_id,
            "code",
            redirect_uri=self._redirect_uri,
            scope=self._scopes,
            state=attempt.state,
            nonce=attempt.nonce,
            code_challenge=create_s256_code_challenge(attempt.verifier),
            code_challenge_method="S256",
        )
        return str(address), attempt

    def finish(self, code: str, attempt: Attempt, now: datetime) -> Mapping[str, Any]:
        """The claims of whoever the provider vouches for. Raises ProviderError and RefusedByProviderError."""
        provider = self._found(now)
        answer = self._redeem(provider, code, attempt)
        token = answer.get("id_token")
        if not isinstance(token, str) or not token.isascii():
            raise RefusedByProviderError("The provider sent no ID token.")
        return self._checked(provider, token, attempt, answer.get("access_token"), now)

    def way_out(self, back: str, now: datetime) -> str | None:
        """Where a browser ends its session at the provider, too (RP-initiated logout); None where it has no such."""
        end = self._found(now).end_session_endpoint
        if not end:
            return None
        mark = "&" if "?" in end else "?"
        return f"{end}{mark}{urlencode({'client_id': self._client_id, 'post_logout_redirect_uri': back})}"

    def look(self, now: datetime) -> int:
        """Asks the provider for what a sign-in needs; how many keys it signs with. Raises ProviderError."""
        self._found(now)
        return len(self._asked_keys().keys)

    def _found(self, now: datetime) -> Provider:
        with self._lock:
            if self._provider is None or now - self._provider[1] > _KEPT_FOR:
                document = _json(_ask("GET", str(get_well_known_url(self.issuer, external=True))))
                self._provider = (_provider(document, self.issuer), now)
            return self._provider[0]

    def _redeem(self, provider: Provider, code: str, attempt: Attempt) -> Mapping[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": attempt.verifier,
            "client_id": self._client_id,
        }
        auth = None
        if self._client_secret and provider.takes_post_secret:
            form["client_secret"] = self._client_secret
        elif self._client_secret:
            auth = httpx.BasicAuth(_form_encoded(self._client_id), _form_encoded(self._client_secret))
        answer = _ask("POST", provider.token_endpoint, data=form, auth=auth)
        if 400 <= answer.status < 500:
            raise RefusedByProviderError("The provider did not take the code of this attempt.")
        return _json(answer)

    def _checked(
        self, provider: Provider, token: str, attempt: Attempt, access_token: object, now: datetime
    ) -> Mapping[str, Any]:
        header = _header(token)
        try:
            signed = jwt.decode(token, self._key_for(header, now), algorithms=list(ALGORITHMS))
            claims = CodeIDToken(
                signed.claims,
                signed.header,
                options={
                    "iss": {"essential": True, "value": provider.issuer},
                    "aud": {"essential": True, "value": self._client_id},
                },
                params={"nonce": attempt.nonce, "client_id": self._client_id, "access_token": access_token},
            )
            claims.validate(int(now.timestamp()), int(CLOCK_SKEW.total_seconds()))
        except (JoseError, ValueError, TypeError) as error:
            raise RefusedByProviderError("The ID token of the provider does not hold.") from error
        subject = claims.get("sub")
        if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isprintable():
            raise RefusedByProviderError("The ID token of the provider names nobody.")
        return dict(claims)

    def _key_for(self, header: Mapping[str, Any], now: datetime) -> KeySet:
        """The provider's keys, asked for again where they do not hold the one that the token names."""
        kid = header.get("kid")
        with self._lock:
            known = self._keys
            stale = known is None or now - known[1] > _KEPT_FOR
            lacking = known is not None and kid is not None and kid not in {key.kid for key in known[0].keys}
            if known is None or stale or (lacking and now - known[1] >= _ASKED_AGAIN):
                known = self._keys = (self._asked_keys(), now)
        keys = known[0]
        named = [key for key in keys.keys if kid is None or key.kid == kid]
        if not named or (kid is None and len(named) != 1):
            raise RefusedByProviderError("The ID token names a key that the provider does not have.")
        return KeySet(named)

    def _asked_keys(self) -> KeySet:
        provider = self._provider[0] if self._provider else None
        if provider is None:
            raise ProviderError("The provider has not been found yet.")
        document = _json(_ask("GET", provider.jwks_uri))
        found = document.get("keys")
        try:
            return KeySet.import_key_set({"keys": _signing(found if isinstance(found, list) else [])})
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise ProviderError("The keys of the provider cannot be read.") from error


def client_of(settings: Settings) -> OpenIdClient | None:
    """The client that the settings describe; None where they name no provider, or not as what it knows us."""
    if not settings.oidc_issuer or not settings.oidc_client_id:
        return None
    secret = settings.oidc_client_secret.get_secret_value() if settings.oidc_client_secret else ""
    back = settings.link("/login/directory/back")
    return OpenIdClient(settings.oidc_issuer, settings.oidc_client_id, secret, settings.oidc_scopes, back)


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes


def _ask(method: str, url: str, **given: Any) -> _Answer:
    """One request without redirects, with limits on time and size. Raises ProviderError."""
    body = b""
    try:
        with (
            httpx.Client(timeout=_TIMEOUT_SECONDS, follow_redirects=False) as client,
            client.stream(method, url, headers={"Accept": "application/json"}, **given) as answer,
        ):
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > _MOST_BYTES:
                    raise ProviderError("The provider answers too much.")
            return _Answer(answer.status_code, body)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ProviderError("The provider cannot be reached.") from error


def _json(answer: _Answer) -> Mapping[str, Any]:
    """The object in a good answer. Raises ProviderError."""
    try:
        document = json.loads(answer.body) if answer.status == 200 else None
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise ProviderError("The provider answers what cannot be read.")
    return document


def _provider(document: Mapping[str, Any], issuer: str) -> Provider:
    """The discovery document, checked. Raises ProviderError."""
    if str(document.get("issuer", "")).rstrip("/") != issuer:
        raise ProviderError("The provider calls itself otherwise than the setting WASPADA_OIDC_ISSUER does.")
    needed = {}
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        url = document.get(name)
        if not isinstance(url, str):
            raise ProviderError(f"The provider does not tell its {name}.")
        _check_secure(url, name)
        needed[name] = url
    end = document.get("end_session_endpoint")
    if isinstance(end, str):
        _check_secure(end, "end_session_endpoint")
    methods = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    takes_basic = not isinstance(methods, list) or "client_secret_basic" in methods
    out = end if isinstance(end, str) else ""
    return Provider(str(document["issuer"]), **needed, end_session_endpoint=out, takes_post_secret=not takes_basic)


def _signing(keys: Sequence[object]) -> list[dict[str, Any]]:
    """Of published keys those of a pair that are for signatures."""
    pairs = [key for key in keys if isinstance(key, dict) and key.get("kty") in ("RSA", "EC", "OKP")]
    return [key for key in pairs if key.get("use", "sig") == "sig"]


def _check_secure(url: str, name: str) -> None:
    """Raises ProviderError for an address over which anybody on the way could read and change."""
    try:
        parts = urlsplit(url)
        is_near = parts.scheme == "http" and parts.hostname in LOOPBACK
        fine = bool(parts.hostname) and (parts.scheme == "https" or is_near)
    except ValueError:
        fine = False
    if not fine:
        raise ProviderError(f"{name} is no https address.")


def _header(token: str) -> Mapping[str, Any]:
    """The header of a signed token, before anything of it is believed. Raises RefusedByProviderError."""
    try:
        part = token.split(".", maxsplit=1)[0]
        header = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict) or header.get("alg") not in ALGORITHMS:
        raise RefusedByProviderError("The ID token of the provider is not signed as it must be.")
    if not isinstance(header.get("kid", ""), str):
        raise RefusedByProviderError("The ID token names no key.")
    return header


def _form_encoded(text: str) -> str:
    """As RFC 6749, 2.3.1 wants names and secrets before they go into Basic."""
    return urlencode({"": text})[1:]
