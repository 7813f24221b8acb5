"""What the worker does with field reports: cases that nobody closes, and reminders of periodic reports that are due."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from waspada.notify import outbox
from waspada.notify.contacts.service import ready_contacts
from waspada.notify.contacts.types import target_of
from waspada.notify.messages import Message
from waspada.notify.rendering import Link, Note, rendered
from waspada.places import full_name
from waspada.reports import owing, service
from waspada.reports import repository as reports
from waspada.reports.types import Owed, Rhythm
from waspada.settings import Settings
from waspada.store import Store


def follow_field_reports(store: Store, settings: Settings, now: datetime) -> int:
    """One round; returns how many cases were closed and reminders put. It looks without a lock first."""
    with store.read() as session:
        missing = owing.missing_now(owing.owed(session, Rhythm(settings.report_rhythm), now, settings.zone_info), now)
        if not missing and not reports.to_close(session, now):
            return 0

    def work(session: Session) -> int:
        return service.close_old(session, now) + sum(_remind(session, one, settings, now) for one in missing)

    return store.retrying(work)


def _remind(session: Session, one: Owed, settings: Settings, now: datetime) -> int:
    """Puts one reminder for each person of a kecamatan who has a channel, on the channel tried first; once each."""
    people = owing.bound(session, within=one.region).get(one.region, [])
    put = 0
    for contacts in ready_contacts(session, people).values():
        contact_id, channel = contacts[0]
        about = owing.about(one)
        message = Message(
            channel=channel,
            target=target_of(contact_id),
            about=about,
            body=rendered(_note(one, settings), channel),
            key=f"{about}/{contact_id}",
        )
        put += outbox.put(session, message, now=now) is not None
    return put


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
