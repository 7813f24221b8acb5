"""Who else is part of the demo's desk: two reporters with what they sent, and two who get the digest by mail.

All are made up. Mails go nowhere: the demo writes them to files, which the page of deliveries shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from waspada.access.service import add_user
from waspada.access.types import Role
from waspada.clock import local_day, zone_of
from waspada.digests.types import Period
from waspada.notify.messages import Channel
from waspada.reports import policy, service
from waspada.reports.sealing import Keys
from waspada.reports.types import EventKind, HowKnown, NewReport, ReportState, Rhythm, Sender
from waspada.settings import Settings
from waspada.store.tables import SubscriptionRow
from waspada.subscriptions import service as subscriptions
from waspada.subscriptions.policy import EVERY_DAY
from waspada.subscriptions.types import NewSubscription, Topic
from waspada.subscriptions.types import Rhythm as DigestRhythm

ACTOR = "demo"
ZONE = "WITA"


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What a reporter sent so long ago, and what the desk found out about it."""

    kind: EventKind
    known: HowKnown
    text: str
    ago: timedelta
    verdict: ReportState | None = None
    note: str = ""


REPORTERS: dict[str, tuple[str, Sequence[DemoReport]]] = {
    "kader-amuntai": (
        "63.08.05",
        (
            DemoReport(
                EventKind.CONFLICT,
                HowKnown.SEEN,
                "Massa masih berkumpul di depan kantor KPU HSU di Amuntai. Ban dibakar di gerbang dan jalan ditutup. "
                "Petugas di dalam belum bisa keluar. Belum terlihat ada yang luka.",
                timedelta(minutes=50),
                ReportState.CLARIFIED,
                "Dicek lewat telepon ke kantor kecamatan.",
            ),
            DemoReport(
                EventKind.LOGISTICS,
                HowKnown.TOLD,
                "Menurut ketua RT, kotak suara dua TPS di tepi sungai belum tiba karena perahu dipakai mengungsi.",
                timedelta(minutes=20),
            ),
        ),
    ),
    "kader-martapura": (
        "63.03.05",
        (
            DemoReport(
                EventKind.HOAX,
                HowKnown.SOCIAL,
                "Di grup warga beredar kabar ada pendukung pasangan calon yang meninggal dipukuli di Martapura.",
                timedelta(hours=9),
                ReportState.REFUTED,
                "Rumah sakit: tidak ada yang meninggal. Lihat cek faktanya.",
            ),
            DemoReport(
                EventKind.DISASTER,
                HowKnown.SEEN,
                "Air di halaman balai desa setinggi lutut. Lokasi TPS di sebelahnya tidak bisa dipakai besok.",
                timedelta(hours=2),
            ),
        ),
    ),
}
#: Address -> (region, whether it confirmed).
SUBSCRIBERS: dict[str, tuple[str, bool]] = {
    "camat@kantor.example": ("63.03", True),
    "fkdm@warga.example": ("63", False),
}


def add_people(session: Session, settings: Settings, now: datetime) -> None:
    """Puts them into a store that has none of them. The reports wait for the worker like any item."""
    keys = Keys(settings.secret_key)
    for name, (region, reports) in REPORTERS.items():
        sender = Sender(add_user(session, name, Role.REPORTER, region, actor=ACTOR, now=now).user.id, name, region)
        for number, one in enumerate(reports):
            _send(session, keys, sender, f"{name}-{number:08}", one, now)
    _send_nothing(session, now)
    for address, (region, confirmed) in SUBSCRIBERS.items():
        _subscribe(session, settings, address, region, confirmed=confirmed, now=now)


def _send(session: Session, keys: Keys, sender: Sender, key: str, one: DemoReport, now: datetime) -> None:
    at = now - one.ago
    new = NewReport(key, sender.region, one.kind, one.known, one.text, at - timedelta(minutes=10))
    id_ = service.send(session, keys, sender, new, at).report_id
    if one.verdict is not None:
        service.decide(session, id_, one.verdict, one.note, actor=ACTOR, revision=1, now=now)


def _send_nothing(session: Session, now: datetime) -> None:
    """The last week of one kecamatan: nihil."""
    today = local_day(now, zone_of(ZONE))
    last = policy.span_of(policy.span_of(today, Rhythm.WEEKLY).first - timedelta(days=1), Rhythm.WEEKLY)
    region = REPORTERS["kader-martapura"][0]
    service.send_periodic(session, region, last.first, "", is_nil=True, rhythm=Rhythm.WEEKLY, now=now, today=today)


def _subscribe(
    session: Session, settings: Settings, address: str, region: str, *, confirmed: bool, now: datetime
) -> None:
    hour = min(max(now.astimezone(zone_of(ZONE)).hour + 1, 5), 20)  # the next one outside the quiet hours
    new = NewSubscription(Channel.MAIL, address, Topic(region), DigestRhythm(Period.DAILY, EVERY_DAY, hour, ZONE))
    made = subscriptions.add(session, new, settings, actor=ACTOR, now=now)
    if confirmed:
        subscriptions.confirm(session, session.get_one(SubscriptionRow, made.id), now=now)
