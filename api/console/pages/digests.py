"""The pages of kept digests: the archive, one digest to read and print, and the texts around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from api.auth import Caller, Needs, NeedsPurpose, audited, noted
from api.console import render
from api.console.forms import check_form
from api.console.frame import Nav
from api.console.i18n import N_
from api.console.regions import own_choices
from api.context import Context, Ctx
from api.paging import MAX_CURSOR_CHARACTERS, read_id_cursor
from api.schemas.common import REGION_PATTERN
from api.v1.digests import file_audited, page_audited, read_audited, search_audited
from api.v1.params import Id
from waspada.access.policy import may
from waspada.access.types import Action, ForbiddenError
from waspada.audit import AuditAction
from waspada.digests import repository, service, texts
from waspada.digests.archive import LOOKED_THROUGH, ArchiveFilter
from waspada.digests.formats import Format
from waspada.digests.rendering import rendered
from waspada.digests.texts import MAX_CHARACTERS, BadTextError, Block, Template
from waspada.digests.types import PERIOD_OF, KeptLine, Kind, Period, Rendered, Wanted
from waspada.errors import ConflictError, InputError
from waspada.recipients.types import LANGUAGES
from waspada.search.query import MAX_CHARACTERS as MAX_WORDS
from waspada.search.types import PersonSearchError

routes = APIRouter()
NAV = Nav("digests", "/digests", N_("Digests"), Action.READ_DIGESTS, 40)
Reader = Annotated[Caller, Depends(Needs(Action.READ_DIGESTS))]
Searcher = Annotated[Caller, Depends(NeedsPurpose(Action.SEARCH_TEXT))]


class NeedsWholeDesk(Needs):
    """`Needs`, for what holds in every region: nobody who is bound to one may do it. Raises ForbiddenError."""

    def check(self, caller: Caller) -> Caller:
        found = super().check(caller)
        if found.identity.region is not None:
            raise ForbiddenError("These texts stand around the digests of all regions, and yours is one of them.")
        return found


Writer = Annotated[Caller, Depends(NeedsWholeDesk(Action.WRITE_DIGEST_TEXTS))]
Language = Annotated[Literal["id", "en"], Path()]
Csrf = Annotated[str, Form(max_length=200)]
#: A text that is far too long is refused by `texts.checked`, in words.
Text = Annotated[str, Form(max_length=20 * MAX_CHARACTERS)]
_A_PAGE = 40

_UNREADABLE = N_("Nothing can be looked for with this: write one to twelve words, and not only words to leave out.")
_PERSON = N_("These words may name a person, and nothing was looked for: no search here is about people.")
_FASTER = N_("Somebody else changed these texts first. Nothing of yours was kept; look at theirs below.")


class ArchiveForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    region: str = Field(default="", pattern=rf"^$|{REGION_PATTERN}")
    kind: Kind | Literal[""] = ""
    first: date | Literal[""] = ""
    last: date | Literal[""] = ""
    cursor: str | None = Field(default=None, max_length=MAX_CURSOR_CHARACTERS)
    lang: Literal["id", "en"] | None = None

    def as_filter(self) -> ArchiveFilter:
        return ArchiveFilter(self.region or None, self.kind or None, self.first or None, self.last or None)

    def query(self, **more: str) -> str:
        chosen = {"region": self.region, "kind": self.kind, "first": self.first, "last": self.last, **more}
        return urlencode({name: str(value) for name, value in chosen.items() if value})


class SearchForm(ArchiveForm):
    words: str = Field(default="", max_length=8 * MAX_WORDS)
    csrf: str = Field(default="", max_length=200)


@routes.get("/digests")
def digests_page(request: Request, ctx: Ctx, caller: Reader, form: Annotated[ArchiveForm, Query()]) -> Response:
    found, more = page_audited(ctx, caller, form.as_filter(), read_id_cursor(form.cursor), _A_PAGE)
    return _archive(request, ctx, caller, form, found, next_page=f"/digests?{form.query(cursor=more)}" if more else "")


@routes.post("/digests/search")
def search_digests(request: Request, ctx: Ctx, caller: Searcher, form: Annotated[SearchForm, Form()]) -> Response:
    check_form(ctx, caller, form.csrf)
    try:
        found = search_audited(ctx, caller, form.as_filter(), form.words, _A_PAGE)
    except PersonSearchError:
        return _archive(request, ctx, caller, form, [], asked=form.words, status=422, error=_PERSON)
    except InputError:
        return _archive(request, ctx, caller, form, [], asked=form.words[:MAX_WORDS], status=422, error=_UNREADABLE)
    return _archive(request, ctx, caller, form, found, asked=form.words)


@routes.get("/digests/templates")
def templates_page(request: Request, ctx: Ctx, caller: Writer) -> Response:
    with ctx.store.read() as session:
        found = [repository.template(session, kind, language) for kind in Kind for language in LANGUAGES]
    return render.page(request, ctx, "digest_templates.html", caller, templates=found)


@routes.get("/digests/templates/{kind}/{language}")
def template_page(request: Request, ctx: Ctx, caller: Writer, kind: Kind, language: Language) -> Response:
    return _template(request, ctx, caller, kind, language)


@routes.post("/digests/templates/{kind}/{language}")
def save_template(
    request: Request,
    ctx: Ctx,
    caller: Writer,
    kind: Kind,
    language: Language,
    version: Annotated[int, Form(ge=0, le=2**31 - 1)],
    step: Annotated[Literal["preview", "save", "reset"], Form()] = "preview",
    letterhead: Text = "",
    title: Text = "",
    opening: Text = "",
    closing: Text = "",
    signature: Text = "",
    csrf: Csrf = "",
) -> Response:
    """Shows how a digest would look, keeps the texts, or takes what the program ships again."""
    check_form(ctx, caller, csrf)
    given = {
        Block.LETTERHEAD.value: letterhead,
        Block.TITLE.value: title,
        Block.OPENING.value: opening,
        Block.CLOSING.value: closing,
        Block.SIGNATURE.value: signature,
    }
    try:
        if step == "preview":
            written = Template(kind, language, version, {Block(k): v for k, v in texts.checked(given).items()})
            return _template(request, ctx, caller, kind, language, given=given, preview=_preview(ctx, caller, written))
        _change(ctx, caller, kind, language, None if step == "reset" else given, version)
    except ConflictError:
        return _template(request, ctx, caller, kind, language, status=409, error=_FASTER)
    except BadTextError as error:
        return _template(request, ctx, caller, kind, language, given=given, status=422, flaw=error)
    return RedirectResponse(f"/digests/templates/{kind}/{language}", 303)


@routes.get("/digests/{digest_id}")
def digest_page(request: Request, ctx: Ctx, caller: Reader, digest_id: Id) -> Response:
    found = read_audited(ctx, caller, digest_id)
    content = found.content
    erased = content.words["erased"].format(count=content.erased) if content.erased else ""
    return render.page(request, ctx, "digest.html", caller, digest=found, content=content, erased=erased)


@routes.get("/digests/{digest_id}/file/{format}")
def digest_download(ctx: Ctx, caller: Reader, digest_id: Id, format: Format) -> Response:
    return file_audited(ctx, caller, digest_id, format)


def _archive(
    request: Request,
    ctx: Context,
    caller: Caller,
    form: ArchiveForm,
    found: Sequence[KeptLine],
    *,
    asked: str = "",
    next_page: str = "",
    status: int = 200,
    error: str = "",
) -> Response:
    within = caller.identity.region
    home = within or ctx.settings.region
    return render.page(
        request,
        ctx,
        "digests.html",
        caller,
        status=status,
        digests=found,
        form=form,
        regions=own_choices(within, home, form.region or home),
        asked=asked,
        may_search=may(caller.identity, Action.SEARCH_TEXT),
        may_make=may(caller.identity, Action.MAKE_DIGESTS),
        may_write=within is None and may(caller.identity, Action.WRITE_DIGEST_TEXTS),
        purpose=caller.purpose,
        most=MAX_WORDS,
        looked_through=LOOKED_THROUGH,
        next_page=next_page,
        error=error,
    )


def _template(
    request: Request,
    ctx: Context,
    caller: Caller,
    kind: Kind,
    language: str,
    *,
    given: Mapping[str, str] | None = None,
    preview: Rendered | None = None,
    status: int = 200,
    error: str = "",
    flaw: BadTextError | None = None,
) -> Response:
    with ctx.store.read() as session:
        current = repository.template(session, kind, language)
        history = repository.templates(session, kind, language)
    return render.page(
        request,
        ctx,
        "digest_template.html",
        caller,
        status=status,
        kind=kind.value,
        language=language,
        version=current.version,
        blocks=dict(given) if given is not None else {block.value: text for block, text in current.blocks.items()},
        history=history,
        preview=preview,
        most=MAX_CHARACTERS,
        error=error,
        flaw=flaw,
    )


def _preview(ctx: Context, caller: Caller, template: Template) -> Rendered:
    """The digest of now with these texts, whatever kind they are for."""
    region = ctx.settings.region
    period = PERIOD_OF.get(template.kind, Period.DAILY)
    wanted = Wanted(region, language=template.language, zone=ctx.settings.zone_info.key, period=period)
    with ctx.store.read() as session:
        made = service.Maker(session, ctx.clock(), ctx.settings).make(wanted, template)
    audited(ctx, caller, AuditAction.DIGEST_MADE, f"region/{region}", {"how": "preview"})
    return rendered(made.content)


def _change(
    ctx: Context, caller: Caller, kind: Kind, language: str, given: Mapping[str, str] | None, version: int
) -> None:
    """New texts, or those that ship, with the line in the audit log. Raises InputError, ConflictError."""
    now = ctx.clock()
    with ctx.store.write() as session:
        if given is None:
            made = service.reset_texts(session, kind, language, version=version, actor=caller.name, now=now)
        else:
            made = service.save_texts(session, kind, language, given, version=version, actor=caller.name, now=now)
        detail = {"version": made.version, "reset": given is None}
        noted(
            session, ctx, caller, AuditAction.DIGEST_TEXTS_CHANGED, f"digest_texts/{kind}/{language}", detail, now=now
        )
