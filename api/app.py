"""The web application: the JSON API under /api/v1 and the console at the root, behind one set of guards."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from api import problems, rights, v1
from api.console import errors as console_errors
from api.console import pages
from api.console.bundles import ASSETS
from api.console.frame import frame_of
from api.context import make_context
from api.finding import joined, modules_with_routes
from api.metering import Meter, Metering
from api.middleware import BodyLimit, HeadAsGet, HostGuard, Shield, SiteGuard
from api.schemas import ProblemOut
from waspada import __version__
from waspada.clock import utc_now
from waspada.errors import WaspadaError
from waspada.settings import Settings
from waspada.store.engine import Store

_log = logging.getLogger("waspada.api")
#: Smaller answers are sent as they are.
COMPRESSED_FROM_BYTES = 1000
#: Of zlib. Level 5 makes a page a tenth smaller (9.3 kB for 10.2) and costs three times as much processor time.
COMPRESSION = 3
_WORDS = (
    "Ranked alerts from local news and public posts, for early-warning teams. Every address but health needs a "
    "personal token (`Authorization: Bearer wsp_...`; feed readers send a token that is limited to feeds or CAP as the "
    "password of HTTP Basic). Reads are written to an audit log; say why in `X-Purpose`. "
    "Lists are paged by cursor, answers carry an ETag, errors are RFC 9457 problem details. There is "
    "no table, filter or search of persons."
)


def create_app(
    store: Store, settings: Settings, *, clock: Callable[[], datetime] = utc_now, hosts: Collection[str] = ()
) -> FastAPI:
    """The application over an open store. `hosts` are further names that it answers to, beside its own address.

    Raises SettingsError when the secret key cannot be read.
    """
    app = bare_app()
    app.state.context = make_context(store, settings, clock)
    # Texts get about eight times smaller; streams are left alone. What is secret in a page, its form token, is
    # another one in each (`Signer.form_token`), and sessions come with requests of this site only (SameSite=Strict).
    app.add_middleware(GZipMiddleware, minimum_size=COMPRESSED_FROM_BYTES, compresslevel=COMPRESSION)
    app.add_middleware(HeadAsGet)
    app.add_middleware(BodyLimit)
    app.add_middleware(SiteGuard)
    named = urlsplit(settings.base_url).hostname
    app.add_middleware(HostGuard, names=[settings.host, *([named] if named else []), *hosts])
    app.add_middleware(Metering, meter=app.state.meter, key=settings.secret_key, clock=clock)
    app.add_middleware(Shield)
    return app


def openapi_document() -> dict[str, Any]:
    """The OpenAPI document, without a store."""
    return bare_app().openapi()


def bare_app() -> FastAPI:
    """The application without a store: its routes and its document."""
    app = FastAPI(
        title="Waspada",
        version=__version__,
        description=_WORDS,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        license_info={"name": "Apache-2.0"},
    )
    found = modules_with_routes(pages)
    shown = joined(found)
    for route in shown:
        route.include_in_schema = False
    # As they are, not by `include_router`, which builds each of them once more at the first request of every app.
    # The framework tries them one by one: pages, which are asked for most, come first.
    app.router.routes.extend([*shown, *joined(modules_with_routes(v1))])
    app.state.meter = Meter()
    app.state.frame = frame = frame_of(found)
    for bundle in (frame.style, frame.script, frame.form_script):
        app.router.add_route(bundle.path, bundle.reply, include_in_schema=False)
    app.mount("/assets", StaticFiles(directory=ASSETS), name="assets")
    app.add_exception_handler(WaspadaError, _on_error)
    app.add_exception_handler(HTTPException, _on_error)
    app.add_exception_handler(RequestValidationError, _on_error)
    _describe(app)
    return app


def _on_error(request: Request, error: Exception) -> Response:
    match error:
        case WaspadaError():
            request.app.state.meter.note_error(error)
            problem = problems.from_error(error)
            if problem.status == 401 and rights.action_of(request.scope.get("route")) in rights.BASIC_ACTIONS:
                challenge = {"WWW-Authenticate": 'Bearer, Basic realm="Waspada", charset="UTF-8"'}
                problem = replace(problem, headers={**problem.headers, **challenge})
            if problem.status >= 500:
                _log.error("%s: %s", type(error).__name__, error)
        case RequestValidationError():
            problem = problems.from_validation(error)
        case HTTPException():
            problem = problems.from_http(error)
        case _:
            raise error
    path = request.url.path
    if problem.slug == "purpose-missing" and _is_navigation(request):
        return console_errors.page(request, problem)
    if path.startswith(("/api/", "/assets/")) or path == "/metrics":
        return problem.response(path)
    return console_errors.page(request, problem)


def _is_navigation(request: Request) -> bool:
    """Whether somebody followed a link in the console, be it to an address of the API (a download)."""
    return (
        request.method == "GET"
        and "authorization" not in request.headers
        and "text/html" in request.headers.get("accept", "")
    )


def _describe(app: FastAPI) -> None:
    """Adds the shape of problems to the document and takes out the framework's own shape of a 422."""
    framework = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = framework()
            shapes = document["components"]["schemas"]
            shapes[ProblemOut.__name__] = ProblemOut.model_json_schema()
            for name in ("HTTPValidationError", "ValidationError"):
                shapes.pop(name, None)
            document["servers"] = [{"url": "/"}]
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
