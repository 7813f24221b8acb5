"""Subscriptions: added, confirmed, changed, paused, ended; by a manager, or by the person through a signed link.

Everything runs in the caller's writing transaction; the caller writes the audit line in the same one, which names the
subscription by its id alone.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from waspada import places
from waspada.access.policy import check_reach
from waspada.clock import ZONES, local_day
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.escalations import gate
from waspada.notify import outbox
from waspada.notify.contacts.policy import clean_address
from waspada.notify.messages import Channel, Message
from waspada.notify.rendering import rendered
from waspada.settings import Settings
from waspada.store.tables import DeliveryRow, SubscriptionRow, WebhookRow
from waspada.store.turns import take_turns
from waspada.subscriptions import policy, repository, wording
from waspada.subscriptions.links import LinkKind, SubscriptionLinks
from waspada.subscriptions.sealing import AddressBook
from waspada.subscriptions.types import (
    CORRECTION,
    SUBSCRIBER,
    EndReason,
    NewSubscription,
    Rhythm,
    Send,
    SendKind,
    Subscription,
    SubscriptionFilter,
    Topic,
    target_of,
)

_DAY = timedelta(days=1)
_ASK_KEY = 0x77617370_61736B73  # nobody is asked twice at the same moment
SENDS_SHOWN = 100


class _ForbiddenError(InputError):
    """An address of the police, the military or intelligence without a live permission."""


def listed(
    session: Session,
    asked: SubscriptionFilter,
    settings: Settings,
    now: datetime,
    *,
    before_id: int | None = None,
    limit: int = 100,
) -> list[Subscription]:
    """The newest first."""
    book = AddressBook(settings.secret_key)
    rows = repository.search(session, asked, now, before_id=before_id, limit=limit)
    return [repository.as_subscription(row, book) for row in rows]


def find(session: Session, subscription_id: int, settings: Settings, *, within: str | None = None) -> Subscription:
    """Raises NotFoundError."""
    row = repository.row_of(session, subscription_id, within=within)
    return repository.as_subscription(row, AddressBook(settings.secret_key))


def sends_of(session: Session, subscription_id: int, *, within: str | None = None) -> list[Send]:
    """What it was sent, the newest `SENDS_SHOWN` first. Raises NotFoundError."""
    repository.row_of(session, subscription_id, within=within)
    return repository.sends_of(session, subscription_id, limit=SENDS_SHOWN)


def add(
    session: Session,
    new: NewSubscription,
    settings: Settings,
    *,
    actor: str,
    now: datetime,
    within: str | None = None,
) -> Subscription:
    """A new subscription. By mail and Telegram it is asked to confirm and sends nothing before; a webhook was set up by
    an admin and needs no asking.

    Raises InputError (no such address, region, label, hour; an address of the police or of intelligence without a live
    permission), NotFoundError (a region outside the manager's, no such webhook) and ConflictError (the address has the
    same already, has too many, or was asked too often).
    """
    channel = policy.checked_channel(new.channel)
    topic, rhythm = policy.checked_topic(new.topic), policy.checked_rhythm(new.rhythm)
    check_reach(topic.region, within)
    address = _checked_address(session, channel, new.address, topic.region, now)
    book = AddressBook(settings.secret_key)
    if address:
        _refuse_twice(session, book.digest(channel.value, address), topic, rhythm)
    row = SubscriptionRow(
        channel=channel.value,
        sealed="",
        digest="",
        created_at=now,
        created_by=actor,
        **_columns(topic, rhythm),
    )
    session.add(row)
    session.flush()
    _settle_at(session, row, address, settings, now)
    return repository.as_subscription(row, book)


def ask_strangers(session: Session, new: NewSubscription, settings: Settings, *, now: datetime) -> Subscription | None:
    """The same for a form that anybody may fill in: what it answers must not tell whether an address is known, so that
    one that has it already or was asked too often is passed over in silence (None), and neither whose directory holds
    it: so is one of the police or of intelligence without a live permission.

    Raises InputError (no such address) and NotFoundError as `add` does, and ConflictError where strangers asked for too
    many today.
    """
    if new.channel is not Channel.MAIL:
        raise InputError("Only mail addresses are taken here.", hint="A manager adds other channels.")
    if repository.made_since(session, SUBSCRIBER, now - _DAY) >= policy.MOST_STRANGERS_A_DAY:
        raise ConflictError("Too many subscriptions were asked for today.", hint="Try again tomorrow.")
    try:
        with session.begin_nested():
            return add(session, new, settings, actor=SUBSCRIBER, now=now)
    except (ConflictError, _ForbiddenError):
        return None


def ask_again(
    session: Session, subscription_id: int, settings: Settings, *, now: datetime, within: str | None = None
) -> Subscription:
    """Asks once more for a confirmation. Raises NotFoundError, and ConflictError (confirmed, ended, without an address,
    asked a moment ago or too often today)."""
    row = repository.row_of(session, subscription_id, within=within, lock=True)
    _refuse_ended(row)
    if row.confirmed_at is not None:
        raise ConflictError("This subscription is confirmed already.", hint="Nothing is left to be done.")
    if not row.sealed:
        raise ConflictError("There is no address yet.", hint="The person sends the word to the bot first.")
    _ask(session, row, settings, now)
    return repository.as_subscription(row, AddressBook(settings.secret_key))


def open_link(
    session: Session, settings: Settings, kind: LinkKind, word: str, now: datetime, *, lock: bool = False
) -> SubscriptionRow:
    """The subscription of a good link. Raises NotFoundError for one that is not, or not any more."""
    ticket = SubscriptionLinks(settings.secret_key).read(kind, word, now)
    missing = NotFoundError("This link is not good.", hint="It was changed, has run out, or was replaced.")
    if ticket is None:
        raise missing
    row = session.get(SubscriptionRow, ticket.subscription_id, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise missing
    stands = row.link_version if kind is LinkKind.MANAGE else row.address_version
    if ticket.version != stands or (row.ended_at is not None and kind is not LinkKind.UNSUBSCRIBE):
        raise missing
    return row


def confirm(session: Session, row: SubscriptionRow, *, now: datetime) -> bool:
    """Digests go there from now on; whether this was the press that did it. Raises ConflictError for one that ended."""
    _refuse_ended(row)
    if row.confirmed_at is not None:
        return False
    row.confirmed_at = now
    _schedule(row, now)
    session.flush()
    return True


def found_chat(session: Session, row: SubscriptionRow, settings: Settings, chat: str, *, now: datetime) -> None:
    """The chat from which the word of this subscription was sent to the bot: whoever sent it, wants it.

    Raises InputError (no number of a private chat) and ConflictError (ended, has an address, the chat has the same).
    """
    _refuse_ended(row)
    if row.sealed or row.channel != Channel.TELEGRAM:
        raise ConflictError("This subscription has an address already.", hint="Change it instead.")
    book, address = AddressBook(settings.secret_key), clean_address(Channel.TELEGRAM, chat)
    digest = book.digest(row.channel, address)
    _refuse_twice(session, digest, repository.as_topic(row), repository.as_rhythm(row))
    book.seal(row, address)
    confirm(session, row, now=now)


def change(session: Session, row: SubscriptionRow, topic: Topic, rhythm: Rhythm, *, now: datetime) -> None:
    """Another filter or hour from the next digest on. Raises InputError and ConflictError (ended)."""
    _refuse_ended(row)
    columns = _columns(policy.checked_topic(topic), policy.checked_rhythm(rhythm))
    for name, value in columns.items():
        setattr(row, name, value)
    _schedule(row, now)
    session.flush()


def change_address(
    session: Session, row: SubscriptionRow, settings: Settings, channel: Channel, given: str, *, now: datetime
) -> None:
    """Another address, which is asked to confirm before anything goes there (a webhook needs no asking); links to the
    old one end. Who is to send the word to the bot has as long for it as anybody who was asked.

    Raises InputError, NotFoundError and ConflictError as `add` does.
    """
    _refuse_ended(row)
    address = _checked_address(session, policy.checked_channel(channel), given, row.region, now)
    book = AddressBook(settings.secret_key)
    digest = book.digest(channel.value, address)
    if digest == row.digest:
        raise ConflictError("This is the address already.", hint="Nothing is left to be done.")
    if address:
        _refuse_twice(session, digest, repository.as_topic(row), repository.as_rhythm(row))
    outbox.drop_waiting(session, target_of(row.id), now)
    row.channel, row.sealed, row.digest, row.confirmed_at = channel.value, "", "", None
    row.address_version, row.link_version = row.address_version + 1, row.link_version + 1
    row.bounces, row.opt_in_at = 0, now
    _settle_at(session, row, address, settings, now)


def revoke_links(session: Session, row: SubscriptionRow) -> None:
    """Every link that changes something ends; the next digest brings a new one."""
    row.link_version += 1
    session.flush()


def pause(session: Session, row: SubscriptionRow, until: datetime, *, now: datetime) -> None:
    """Nothing is sent before then: the digests that wait are dropped, corrections go after it. Raises InputError, and
    ConflictError for one that ended or waits for its confirmation."""
    _refuse_ended(row)
    if row.confirmed_at is None:
        raise ConflictError("This subscription is not confirmed.", hint="Nothing is sent there anyway.")
    policy.check_pause(until, now)
    row.paused_until = until
    target = target_of(row.id)
    outbox.drop_waiting(session, target, now, but=f"{target}/{CORRECTION}")
    _schedule(row, now)
    session.flush()


def resume(session: Session, row: SubscriptionRow, *, now: datetime) -> None:
    """Digests come again. Twice is no error. Raises ConflictError for one that ended."""
    _refuse_ended(row)
    row.paused_until = None
    _schedule(row, now)
    session.flush()


def end(session: Session, row: SubscriptionRow, reason: EndReason, *, now: datetime) -> bool:
    """Nothing more is sent, what waits is dropped, and its address goes some days later; whether this did it.

    A message that is being handed over at this moment may still arrive.
    """
    outbox.drop_waiting(session, target_of(row.id), now)
    return _ended(session, row, reason, now)


def note_bounce(session: Session, row: SubscriptionRow, *, is_final: bool, now: datetime) -> bool:
    """Something came back. There is no such mailbox: it ends. It may pass: it ends after several in a row; whether it
    ended by this. What waits finds no address any more, and says so."""
    in_a_row = row.bounces
    if row.bounced_at is not None and repository.arrived_since(session, row.id, row.bounced_at):
        in_a_row = 0
    row.bounced_at, row.bounces = now, in_a_row + 1
    session.flush()
    if is_final:
        return _ended(session, row, EndReason.BOUNCED, now)
    return row.bounces >= policy.MOST_BOUNCES and _ended(session, row, EndReason.FULL, now)


def _ended(session: Session, row: SubscriptionRow, reason: EndReason, now: datetime) -> bool:
    if row.ended_at is not None:
        return False
    row.ended_at, row.end_reason, row.next_due_at = now, reason.value, None
    session.flush()
    return True


def send_again(session: Session, delivery_id: int, *, now: datetime, within: str | None = None) -> int:
    """Puts a digest again of which nobody knows whether it arrived: somebody asked for it, knowing that it may come
    twice. Returns the new delivery. Raises NotFoundError and ConflictError (not uncertain, put again already)."""
    old = session.get(DeliveryRow, delivery_id)
    row = repository.subscription_of_delivery(session, delivery_id)
    if old is None or row is None:
        raise NotFoundError(f"There is no digest with the delivery {delivery_id}.", hint="It may have been purged.")
    repository.row_of(session, row.id, within=within)
    _refuse_ended(row)
    if old.failed_at is None or old.handed_at is None:
        raise ConflictError("This digest is not uncertain.", hint="Only those are sent again by hand.")
    message = Message(
        channel=Channel(old.channel),
        target=old.target,
        about=old.about,
        body=old.body,
        key=f"{old.key.partition('/again/')[0]}/again/{delivery_id}",
        bulk=True,
    )
    put = outbox.put(session, message, now=now)
    if put is None:
        raise ConflictError("It was put again already.", hint="See the newer delivery.")
    repository.replace_delivery(session, delivery_id, put)
    return put


def pause_end(text_day: str, zone: str) -> datetime:
    """The first moment of a day in the subscriber's zone. Raises InputError."""
    try:
        day = datetime.fromisoformat(text_day)
    except ValueError:
        raise InputError("This is no day.", hint="Write it as 2026-12-01.") from None
    return day.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=ZONES[zone])


def _settle_at(session: Session, row: SubscriptionRow, address: str, settings: Settings, now: datetime) -> None:
    """The address of a new subscription, or another one ("" for a chat that is to be found): it is asked to confirm,
    where it needs to be. Raises ConflictError where it was asked too often."""
    if address:
        AddressBook(settings.secret_key).seal(row, address)
    if row.channel == Channel.WEBHOOK:
        row.confirmed_at = now
    elif address:
        _ask(session, row, settings, now)
    _schedule(row, now)
    session.flush()


def _schedule(row: SubscriptionRow, now: datetime) -> None:
    """Notes when the next digest is due; what was due before now is not caught up."""
    row.next_due_at = None
    if row.confirmed_at is not None and row.ended_at is None:
        start = max(now, row.paused_until - timedelta(seconds=1)) if row.paused_until else now
        row.next_due_at = policy.after(repository.as_rhythm(row), start).due_at


def _ask(session: Session, row: SubscriptionRow, settings: Settings, now: datetime) -> None:
    """Puts the message that asks for a confirmation. Raises ConflictError where the address was asked too often,
    by whichever subscription."""
    take_turns(session, _ASK_KEY)
    asked = repository.asked_since(session, row.digest, now - _DAY)
    if asked and now < asked[-1] + policy.OPT_IN_EVERY:
        raise ConflictError("This address was asked to confirm within the last hour.", hint="Try again later.")
    if len(asked) >= policy.MOST_OPT_INS_A_DAY:
        raise ConflictError("This address was asked too often today.", hint="Try again tomorrow.")
    number = repository.opt_ins_of(session, row.id) + 1
    occasion, channel = f"opt-in/{number}", Channel(row.channel)
    url = settings.link(SubscriptionLinks(settings.secret_key).confirm(row.id, row.address_version, now))
    about = f"{target_of(row.id)}/{occasion}"
    message = Message(
        channel=channel,
        target=target_of(row.id),
        about=about,
        body=rendered(wording.opt_in(row.language, places.full_name(row.region), url), channel),
        key=about,
    )
    day = local_day(now, ZONES[row.zone]).isoformat()
    send_id = repository.note_send(session, row.id, SendKind.OPT_IN, occasion, day=day, now=now)
    delivery_id = outbox.put(session, message, now=now)
    assert send_id is not None and delivery_id is not None  # noqa: S101, PT018 (numbered one after the other)
    repository.set_delivery(session, send_id, delivery_id)
    row.opt_in_at = now


def _checked_address(session: Session, channel: Channel, given: str, region: str, now: datetime) -> str:
    if channel is Channel.WEBHOOK:
        webhook = session.get(WebhookRow, int(given)) if given.isascii() and given.isdecimal() else None
        if webhook is None or not places.is_within(region, webhook.region or region):
            raise NotFoundError("There is no such webhook here.", hint="An admin sets one up first, under Webhooks.")
        if not webhook.internal:
            raise InputError(
                "This webhook is told only of what a person verified.",
                hint="Digests hold more: only a webhook of the own team gets them.",
            )
        return str(webhook.id)
    if channel is Channel.TELEGRAM and not given.strip():
        return ""
    address = clean_address(channel, given)
    if channel is Channel.MAIL and not gate.may_get_digests(session, address, region, now):
        raise _ForbiddenError(
            "No digest may go to this address.",
            hint="It is of the police, the military or intelligence: two accounts permit it first, by /recipients.",
        )
    return address


def _refuse_twice(session: Session, digest: str, topic: Topic, rhythm: Rhythm) -> None:
    known = repository.at_address(session, digest)
    same = topic, rhythm.period
    if any((repository.as_topic(one), repository.as_rhythm(one).period) == same for one in known):
        raise ConflictError("This address has the same digest already.", hint="Change that subscription instead.")
    if len(known) >= policy.MOST_AN_ADDRESS:
        raise ConflictError(
            f"An address has {policy.MOST_AN_ADDRESS} subscriptions at most.", hint="End one of them first."
        )


def _refuse_ended(row: SubscriptionRow) -> None:
    if row.ended_at is not None:
        raise ConflictError("This subscription has ended.", hint="Add a new one.")


def _columns(topic: Topic, rhythm: Rhythm) -> dict[str, object]:
    return {
        "region": topic.region,
        "labels": list(topic.labels),
        "min_level": topic.min_level,
        "language": topic.language,
        "zone": rhythm.zone,
        "period": rhythm.period.value,
        "days": policy.bits_of(rhythm.days),
        "hour": rhythm.hour,
        "quiet_from": rhythm.quiet_from,
        "quiet_until": rhythm.quiet_until,
    }
