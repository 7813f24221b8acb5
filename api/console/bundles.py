"""The one stylesheet and the one script of the console, joined from their parts when the application starts, and the
script of the form for field reports, which reporters alone load.

A part is a file of its own in `assets/parts` or `assets/scripts`, joined in the order of the names. The address holds
a hash of the content: a browser may keep it for a year, and asks again when it has another one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from api.replies import is_known

ASSETS = Path(__file__).parent / "assets"
_KEPT = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Bundle:
    path: str
    media_type: str
    body: bytes

    @property
    def tag(self) -> str:
        return hashlib.sha256(self.body).hexdigest()[:16]

    @property
    def address(self) -> str:
        return f"{self.path}?v={self.tag}"

    def reply(self, request: Request) -> Response:
        """The file, to be kept for long under the address that names its content; 304 when the reader has it."""
        named = request.query_params.get("v") == self.tag
        headers = {"ETag": f'"{self.tag}"', "Cache-Control": _KEPT if named else "no-cache"}
        if is_known(request.headers.get("if-none-match", ""), self.tag):
            return Response(status_code=304, headers=headers)
        return Response(self.body, headers=headers, media_type=self.media_type)


def style() -> Bundle:
    return Bundle("/assets/console.css", "text/css", _joined("parts", "*.css"))


def script() -> Bundle:
    return Bundle("/assets/desk.js", "text/javascript", _joined("scripts", "*.js"))


def form_script() -> Bundle:
    return Bundle("/assets/report-form.js", "text/javascript", (ASSETS / "reports" / "form.js").read_bytes())


def _joined(folder: str, pattern: str) -> bytes:
    return b"\n".join(part.read_bytes() for part in sorted((ASSETS / folder).glob(pattern)))
