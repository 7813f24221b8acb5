"""What the worker does with field reports: cases that nobody closes, and reminders of periodic reports that are due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from waspada.notify import outbox
from waspada.notify.contacts.service import ready_contacts
from waspada.notify.contacts.types import target_of
from waspada.notify.messages import Channel, Message
from waspada.notify.rendering import Link, Note, rendered
from waspada.places import full_name
from waspada.reports import owing, service
from waspada.reports import repository as reports
from waspada.reports.types import Owed, Rhythm
from waspada.settings import Settings
from waspada.store import Store


def follow_field_reports(store: Store, settings: Settings, now: datetime) -> int:
    """One round; returns how many cases were closed and reminders put. It looks without a lock first, and takes into
    the writing transaction only what was not put before."""
    with store.read() as session:
        missing = owing.missing_now(owing.owed(session, Rhythm(settings.report_rhythm), now, settings.zone_info), now)
        reminders = _reminders(session, missing, settings)
        if not reminders and not reports.to_close(session, now):
            return 0

    def work(session: Session) -> int:
        put = sum(outbox.put(session, message, now=now) is not None for message in reminders)
        return service.close_old(session, now) + put

    return store.retrying(work)


def _reminders(session: Session, missing: Sequence[Owed], settings: Settings) -> list[Message]:
    """What is still to be put: one reminder for each person of a kecamatan who has a channel, on the one tried first;
    once each, also when they put another channel first meanwhile."""
    if not missing:
        return []
    people = owing.bound(session)
    reached = ready_contacts(session, sorted({id_ for one in missing for id_ in people.get(one.region, [])}))
    wanted = {
        f"{owing.about(one)}/account/{id_}": (one, reached[id_][0])
        for one in missing
        for id_ in people.get(one.region, [])
        if id_ in reached
    }
    for key in outbox.known_keys(session, list(wanted)):
        del wanted[key]
    return [_message(key, one, contact, settings) for key, (one, contact) in wanted.items()]


def _message(key: str, one: Owed, contact: tuple[int, Channel], settings: Settings) -> Message:
    contact_id, channel = contact
    return Message(
        channel=channel,
        target=target_of(contact_id),
        about=owing.about(one),
        body=rendered(_note(one, settings), channel),
        key=key,
    )


def _note(one: Owed, settings: Settings) -> Note:
    return Note(
        subject=f"Waspada: laporan berkala {full_name(one.region)} belum masuk",
        paragraphs=[
            [
                f"Laporan berkala {one.span.first:%d/%m/%Y} sampai {one.span.last:%d/%m/%Y} belum masuk.",
                "Bila tidak ada kejadian, kirimlah laporan nihil.",
            ]
        ],
        links=[Link("Kirim laporan", settings.link("/reports/periodic"))],
        tag="waspada-periodic",
    )
