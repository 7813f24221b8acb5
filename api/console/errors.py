"""Errors on a page: in the reader's language, with a way on."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from api.console import render, words
from api.context import context_of
from api.problems import Problem


def page(request: Request, problem: Problem) -> Response:
    """The page for a problem; who is not signed in goes to the sign-in page and comes back from there."""
    if problem.status == 401:
        asked = request.url.path if request.method == "GET" else "/"
        query = f"?{urlencode({'next': asked})}" if asked != "/" else ""
        return RedirectResponse(f"/login{query}", 303)
    if problem.slug == "purpose-missing":
        asked = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
        return RedirectResponse(f"/purpose?{urlencode({'next': asked})}", 303)
    title, text = words.PROBLEMS.get(problem.slug, words.OTHER_PROBLEM)
    response = render.page(
        request,
        context_of(request),
        "error.html",
        None,
        status=problem.status,
        title=title,
        text=text,
        fields=[found["where"] for found in problem.more.get("errors", [])],
    )
    for name, value in problem.headers.items():
        response.headers[name] = value
    return response
