"""Cookies of this product: out of reach of scripts and of other sites; over https bound to this host.

Over https every name has the prefix `__Host-`: a browser takes such a cookie only when it is Secure, for the whole host
and from no other one, so that no neighbour (another name below the same domain) can plant a session.
"""

from __future__ import annotations

from typing import Literal

from fastapi import Request
from starlette.responses import Response

from api.middleware import is_https
from waspada.access.secrets import BrowserSession, Signer

SESSION_COOKIE = "waspada_session"
#: Marks a browser in which an account has signed in before (waspada.access.throttle).
DEVICE_COOKIE = "waspada_device"
#: Between the password and the second factor; between us and the directory.
STEP_COOKIE = "waspada_step"
DIRECTORY_COOKIE = "waspada_directory"
LINK_COOKIE = "waspada_link"
_HOST_PREFIX = "__Host-"


def cookie_name(request: Request, name: str) -> str:
    """What a cookie is called in this request's scheme."""
    return f"{_HOST_PREFIX}{name}" if is_https(request) else name


def read_cookie(request: Request, name: str) -> str:
    """The value of one of our cookies, "" where it is not there."""
    return request.cookies.get(cookie_name(request, name), "")


def set_cookie(
    request: Request,
    response: Response,
    name: str,
    value: str,
    *,
    seconds: int,
    samesite: Literal["strict", "lax"] = "strict",
) -> None:
    response.set_cookie(
        cookie_name(request, name),
        value,
        max_age=seconds,
        path="/",
        httponly=True,
        samesite=samesite,
        secure=is_https(request),
    )


def drop_cookie(request: Request, response: Response, name: str) -> None:
    response.delete_cookie(
        cookie_name(request, name), path="/", httponly=True, samesite="strict", secure=is_https(request)
    )


def set_session(request: Request, response: Response, signer: Signer, browser: BrowserSession, *, seconds: int) -> None:
    """The session of the console. Whoever changes something that it holds (a purpose) sets it anew with this."""
    set_cookie(request, response, SESSION_COOKIE, signer.cookie(browser), seconds=seconds)
