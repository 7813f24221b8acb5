"""From Scrapy's answer to ours."""

from __future__ import annotations

from scrapy.http import Response

from crawler.outcomes import retry_after
from crawler.types import Reply
from waspada.clock import utc_now


def reply_of(response: Response) -> Reply:
    """The answer, with the headers that matter and where permanent redirects led."""
    meta = response.request.meta if response.request is not None else {}
    reasons = meta.get("redirect_reasons", [])
    permanent = bool(reasons) and all(reason in (301, 308) for reason in reasons)
    content_type = _header(response, "Content-Type") or ""
    return Reply(
        url=response.url,
        status=response.status,
        body=response.body,
        content_type=content_type,
        charset=_charset(content_type),
        etag=_header(response, "ETag"),
        last_modified=_header(response, "Last-Modified"),
        retry_after=retry_after(_header(response, "Retry-After"), utc_now()),
        moved_to=response.url if permanent else None,
        complete="dataloss" not in response.flags,
    )


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1").strip() or None if value else None


def _charset(content_type: str) -> str | None:
    rest = content_type.lower().partition("charset=")[2]
    return rest.split(";")[0].strip("\"' ") or None
