"""My contacts: on which channels I am called. An address goes in whole and comes out masked."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from api import schemas, shape
from api.auth import Caller, Needs, noted
from api.context import Context, Ctx
from api.replies import json_reply
from api.v1.params import SmallId, no_query
from api.v1.routing import READ, problems, router
from waspada.access.types import Action
from waspada.audit import AuditAction
from waspada.audit.types import Detail
from waspada.errors import InputError, NotFoundError
from waspada.notify.contacts import service
from waspada.notify.contacts.sealing import Sealer
from waspada.notify.contacts.types import Contact
from waspada.notify.messages import Channel
from waspada.notify.senders import channels_of, push

routes = router("contacts")
Anyone = Annotated[Caller, Depends(Needs(Action.READ_SELF))]
Owner = Annotated[Caller, Depends(Needs(Action.MANAGE_OWN_LOGIN))]
_PLAIN = [Depends(no_query)]


def sealer_of(ctx: Context) -> Sealer:
    return Sealer(ctx.settings.secret_key)


@routes.get("/contacts", response_model=schemas.Page[schemas.ContactOut], responses=READ, dependencies=_PLAIN)
def list_contacts(request: Request, ctx: Ctx, caller: Anyone) -> Response:
    """My contacts, the one tried first at the top."""
    with ctx.store.read() as session:
        found = service.contacts_of(session, caller.identity.user_id, sealer_of(ctx))
    return json_reply(request, schemas.Page[schemas.ContactOut](data=[shape.contact(one) for one in found]))


@routes.post(
    "/contacts",
    response_model=schemas.ContactOut,
    status_code=201,
    responses=problems(400, 409, 413),
    dependencies=_PLAIN,
)
def add_contact(request: Request, ctx: Ctx, caller: Owner, new: schemas.NewContact) -> Response:
    """Names a contact. A code is sent there; `/contacts/{id}/confirm` takes it, and only then it is called."""
    return json_reply(request, shape.contact(add_audited(ctx, caller, Channel(new.channel), new.address)), status=201)


@routes.get(
    "/contacts/push-key", response_model=schemas.PushKeyOut, responses={**READ, **problems(404)}, dependencies=_PLAIN
)
def read_push_key(request: Request, ctx: Ctx, caller: Anyone) -> Response:  # noqa: ARG001
    """The public key with which a browser subscribes to push messages of this installation."""
    if not push.is_set_up(ctx.settings):
        raise NotFoundError("Push messages are not set up here.", hint="See docs/notify.md.")
    return json_reply(request, schemas.PushKeyOut(key=push.public_key(ctx.settings)))


@routes.post(
    "/contacts/{contact_id}/code",
    response_model=schemas.ContactOut,
    responses=problems(404, 409),
    dependencies=_PLAIN,
)
def send_code(request: Request, ctx: Ctx, caller: Owner, contact_id: SmallId) -> Response:
    """Sends another code there."""
    return json_reply(request, shape.contact(code_audited(ctx, caller, contact_id)))


@routes.post(
    "/contacts/{contact_id}/confirm",
    response_model=schemas.ContactOut,
    responses=problems(400, 404, 409, 413),
    dependencies=_PLAIN,
)
def confirm_contact(request: Request, ctx: Ctx, caller: Owner, contact_id: SmallId, given: schemas.NewCode) -> Response:
    """Proves a contact by the code that was sent there: good for 15 minutes and five tries."""
    return json_reply(request, shape.contact(confirm_audited(ctx, caller, contact_id, given.code)))


@routes.post("/contacts/{contact_id}/test", status_code=202, responses=problems(404, 409), dependencies=_PLAIN)
def test_contact(ctx: Ctx, caller: Owner, contact_id: SmallId) -> Response:
    """Sends a test message there."""
    test_audited(ctx, caller, contact_id)
    return Response(status_code=202)


@routes.post(
    "/contacts/{contact_id}/first",
    response_model=schemas.Page[schemas.ContactOut],
    responses=problems(404),
    dependencies=_PLAIN,
)
def put_contact_first(request: Request, ctx: Ctx, caller: Owner, contact_id: SmallId) -> Response:
    """This one is tried first from now on."""
    found = first_audited(ctx, caller, contact_id)
    return json_reply(request, schemas.Page[schemas.ContactOut](data=[shape.contact(one) for one in found]))


@routes.delete("/contacts/{contact_id}", status_code=204, responses=problems(404), dependencies=_PLAIN)
def remove_contact(ctx: Ctx, caller: Owner, contact_id: SmallId) -> Response:
    """Removes a contact, and what still waits to be sent there."""
    remove_audited(ctx, caller, contact_id)
    return Response(status_code=204)


def add_audited(ctx: Context, caller: Caller, channel: Channel, address: str) -> Contact:
    """The contact and its line in the audit log, both or none. Raises as `service.add` does, and InputError for a
    channel that is not set up."""
    if channel not in channels_of(ctx.settings):
        raise InputError(f"Messages by {channel.value} are not set up here.", hint="See docs/notify.md.")
    now = ctx.clock()
    with ctx.store.write() as session:
        made = service.add(session, caller.identity.user_id, channel, address, sealer_of(ctx), now=now)
        detail = {"channel": channel.value, "step": "add"}
        noted(session, ctx, caller, AuditAction.CONTACT_CHANGED, made.target, detail, now=now)
    return made


def code_audited(ctx: Context, caller: Caller, contact_id: int) -> Contact:
    now = ctx.clock()
    with ctx.store.write() as session:
        found = service.send_code(session, caller.identity.user_id, contact_id, sealer_of(ctx), now=now)
        noted(session, ctx, caller, AuditAction.CONTACT_CHANGED, found.target, {"step": "code"}, now=now)
    return found


def confirm_audited(ctx: Context, caller: Caller, contact_id: int, code: str) -> Contact:
    """Raises InputError for a wrong code, which counts; else as `service.confirm` does."""
    now, user_id = ctx.clock(), caller.identity.user_id
    with ctx.store.write() as session:
        is_right = service.confirm(session, user_id, contact_id, code, sealer_of(ctx), now=now)
        detail: Detail = {"step": "confirm", "right": is_right}
        noted(session, ctx, caller, AuditAction.CONTACT_CHANGED, f"contact/{contact_id}", detail, now=now)
        found = next(one for one in service.contacts_of(session, user_id, sealer_of(ctx)) if one.id == contact_id)
    if not is_right:
        raise InputError("The code is not the one that was sent.", hint="Look at the newest message.")
    return found


def test_audited(ctx: Context, caller: Caller, contact_id: int) -> int:
    """Puts a test message into the outbox; returns its id there."""
    now = ctx.clock()
    with ctx.store.write() as session:
        id_ = service.send_test(session, caller.identity.user_id, contact_id, ctx.settings.link("/"), now=now)
        noted(session, ctx, caller, AuditAction.CALL_TESTED, f"contact/{contact_id}", now=now)
    return id_


def first_audited(ctx: Context, caller: Caller, contact_id: int) -> list[Contact]:
    now, user_id = ctx.clock(), caller.identity.user_id
    with ctx.store.write() as session:
        service.put_first(session, user_id, contact_id)
        noted(session, ctx, caller, AuditAction.CONTACT_CHANGED, f"contact/{contact_id}", {"step": "first"}, now=now)
        return service.contacts_of(session, user_id, sealer_of(ctx))


def remove_audited(ctx: Context, caller: Caller, contact_id: int) -> None:
    now = ctx.clock()
    with ctx.store.write() as session:
        channel = service.remove(session, caller.identity.user_id, contact_id, now=now)
        detail = {"channel": channel.value, "step": "remove"}
        noted(session, ctx, caller, AuditAction.CONTACT_CHANGED, f"contact/{contact_id}", detail, now=now)
