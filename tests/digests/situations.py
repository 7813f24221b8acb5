"""The situations whose digests are kept as golden files: a store of its own for each, and what is wanted of it.

`python -m tests.digests.situations --write` writes the files anew; look at what changed before it is committed.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from tests.rows import add_item, add_source
from waspada.alerts.regions import write_regions
from waspada.claims.types import MatchOrigin, MatchState
from waspada.digests.jsonable import as_json
from waspada.digests.rendering import rendered
from waspada.digests.service import Maker, corrections_due, keep, kept
from waspada.digests.types import Content, Period, Personal, Rendered, Wanted
from waspada.settings import Settings, load_settings
from waspada.store import open_store
from waspada.store.tables import (
    AlertEventRow,
    AlertPlaceRow,
    AlertRow,
    ClaimMatchRow,
    CollectionStopRow,
    FactCheckRow,
    StoryItemRow,
    StoryRow,
    TagRow,
)
from waspada.taxonomy import Label

GOLDEN = Path(__file__).parent / "golden"
#: Situations whose contents are the examples of the contract.
EXAMPLES = ("hari-biasa", "ralat", "hoaks")
EXAMPLE_FILE = Path(__file__).parents[2] / "docs" / "contracts" / "digest.example.jsonl"
#: 18.00 WITA on a day of the campaign.
EVENING = datetime(2024, 11, 12, 10, 0, tzinfo=UTC)
READER = Personal(
    manage_url="https://waspada.example/subscription/manage?token=contoh",
    unsubscribe_url="https://waspada.example/subscription/end?token=contoh",
    base_url="https://waspada.example",
)


@dataclass(frozen=True, slots=True)
class News:
    """An alert as it is told: the first outlet reports first."""

    headline: str
    sentence: str
    region: str
    label: Label = Label.CONFLICT
    outlets: Sequence[str] = ("Kabar Banua",)
    level: int = 2
    state: str = "new"
    confidence: float = 0.88
    hours_ago: float = 5
    opened_hours_ago: float | None = None
    voices: int = 0
    reason: str | None = None


BRAWL = News(
    "Dua kelompok pendukung saling dorong di Martapura",
    "Dua kelompok pendukung saling dorong di depan gedung pertemuan Martapura, dan petugas memisahkan keduanya.",
    "63.03",
    outlets=("Kabar Banua", "Suara Martapura"),
    state="verified",
    level=3,
    confidence=0.96,
)
FLOOD = News(
    "Banjir rendam tiga desa di Kabupaten Banjar, gudang logistik dipindahkan",
    "Air setinggi lutut merendam tiga desa sejak subuh, dan kotak suara dipindahkan ke lantai dua.",
    "63.03.04",
    label=Label.DISASTER,
    outlets=("Kabar Banua", "Radio Barito", "Warta Hulu"),
    state="verified",
    confidence=0.91,
    hours_ago=3,
)
OFFICIAL = News(
    "Lurah di Banjarbaru hadir di acara dukungan pasangan calon",
    "Seorang lurah terlihat hadir dengan seragam dinas di acara dukungan pasangan calon, kata pengawas kecamatan.",
    "63.72",
    label=Label.NEUTRALITY,
    confidence=0.79,
    hours_ago=7,
)
BALLOTS = News(
    "Surat suara tujuh TPS di Kotabaru terlambat karena kapal menunggu cuaca",
    "Kapal pembawa surat suara untuk tujuh TPS menunggu cuaca reda sejak pagi.",
    "63.02",
    label=Label.LOGISTICS,
    outlets=("Warta Saijaan",),
    confidence=0.83,
    hours_ago=2,
)
ENVELOPES = News(
    "Warga Banjarmasin melaporkan pembagian amplop sebelum fajar",
    "Warga melaporkan pembagian amplop berisi uang di dua gang sebelum fajar.",
    "63.71",
    label=Label.FRAUD,
    state="needs_clarification",
    confidence=0.58,
    hours_ago=9,
    voices=7,
)
HOAX = News(
    "Beredar pesan bahwa TPS di Banjarmasin ditutup pukul sepuluh",
    "Pesan berantai itu menyebut semua TPS di Banjarmasin ditutup pukul sepuluh pagi.",
    "63.71",
    label=Label.MISINFORMATION,
    outlets=("Cek Banua", "Kabar Banua"),
    confidence=0.93,
    hours_ago=4,
)


@dataclass(frozen=True, slots=True)
class Situation:
    """What is in the store, and the digest that is wanted of it; a correction is what `corrections_due` keeps."""

    name: str
    wanted: Wanted
    at: datetime
    fill: Callable[[Session, datetime], None]
    correction: bool = False
    before: Callable[[Session, datetime, Settings], None] | None = None


def add(session: Session, news: News, at: datetime) -> int:
    """An alert with one article an outlet; returns its id."""
    newest = at - timedelta(hours=news.hours_ago)
    opened = at - timedelta(hours=news.opened_hours_ago if news.opened_hours_ago is not None else news.hours_ago)
    story = StoryRow(opened_at=opened, last_item_at=newest, headline=news.headline, stale=False)
    session.add(story)
    session.flush()
    for number, outlet in enumerate(news.outlets):
        source = outlet.lower().replace(" ", "-")
        add_source(session, source, name=outlet, outlet=outlet, added_at=at - timedelta(days=90), next_poll_at=at)
        text = f"{news.headline}. {news.sentence} Petugas masih mengumpulkan keterangan."
        item = add_item(
            session,
            url=f"https://{source}.example/{story.id}",
            title=news.headline,
            text=text,
            source=source,
            on=[news.label],
            level=news.level,
            places=[news.region],
            outlet=outlet,
            published_at=newest - timedelta(minutes=number),
            found_at=newest,
            stage="grouped",
        )
        start = text.index(news.sentence)
        evidence = {"label": news.label.value, "field": "text", "sentence": news.sentence}
        tag = session.get_one(TagRow, (item, 1, "none"))
        tag.evidence = [{**evidence, "start": start, "end": start + len(news.sentence)}]
        session.add(StoryItemRow(item_id=item, story_id=story.id, how="first", likeness=1.0, at=newest))
    alert = AlertRow(
        story_id=story.id,
        state=news.state,
        label=news.label.value,
        level=news.level,
        score=30.0 * news.level + 10 * news.confidence,
        parts={},
        confidence=news.confidence,
        headline=news.headline,
        why="",
        labels={news.label.value: news.confidence},
        item_count=len(news.outlets),
        outlet_count=len(news.outlets),
        voice_count=news.voices,
        opened_at=opened,
        changed_at=newest,
        last_item_at=newest,
        ranked_at=newest,
        reason=news.reason,
    )
    session.add(alert)
    session.flush()
    session.add(AlertPlaceRow(alert_id=alert.id, code=news.region, position=0))
    write_regions(session, alert.id, [news.region], alert.score)
    return alert.id


def moved(session: Session, alert_id: int, at: datetime, to_state: str, reason: str | None = None) -> None:
    """A person takes an alert to a state."""
    row = session.get_one(AlertRow, alert_id)
    session.add(
        AlertEventRow(
            alert_id=alert_id,
            at=at,
            actor="petugas",
            action="moved",
            from_state=row.state,
            to_state=to_state,
            reason=reason,
            detail={},
        )
    )
    row.state, row.reason, row.changed_at = to_state, reason, at
    session.flush()


def changed_level(session: Session, alert_id: int, at: datetime, before: int, after: int) -> None:
    action = "raised" if after > before else "lowered"
    detail = {"from": before, "to": after}
    session.add(AlertEventRow(alert_id=alert_id, at=at, actor="waspada", action=action, detail=detail))
    session.get_one(AlertRow, alert_id).level = after
    session.flush()


def checked(session: Session, story_of: int, at: datetime) -> None:
    """A fact-check that the items of an alert's story repeat."""
    session.add(
        FactCheckRow(
            id="cek-banua-12",
            claim="Semua TPS di Banjarmasin ditutup pukul sepuluh",
            title="Tidak benar TPS di Banjarmasin ditutup pukul sepuluh",
            verdict="Salah",
            url="https://cek-banua.example/12",
            outlet="Cek Banua",
            checked_on=date(2024, 11, 12),
        )
    )
    session.flush()
    story_id = session.get_one(AlertRow, story_of).story_id
    for member in session.query(StoryItemRow).filter_by(story_id=story_id):
        session.add(
            ClaimMatchRow(
                item_id=member.item_id,
                claim_id="cek-banua-12",
                score=0.91,
                state=MatchState.CONFIRMED.value,
                origin=MatchOrigin.PERSON.value,
                actor="analis",
                at=at,
                model="claims-3",
            )
        )
    session.flush()


def heard(session: Session, at: datetime, *ids: str, region: str = "63", silent_days: float = 0) -> None:
    """Sources that speak by their rhythm, or fell silent so long ago."""
    newest = at - timedelta(days=silent_days, hours=1)
    for name in ids:
        add_source(
            session,
            name.lower().replace(" ", "-"),
            name=name,
            outlet=name,
            region=region,
            state="unchanged",
            added_at=at - timedelta(days=90),
            last_poll_at=at - timedelta(minutes=20),
            last_success_at=at - timedelta(minutes=20),
            newest_entry_at=newest,
        )


def _sources(session: Session, at: datetime) -> None:
    heard(session, at, "Kabar Banua", "Radio Barito", "Warta Hulu", "Warta Saijaan", "Cek Banua")
    heard(session, at, "Suara Martapura", region="63.03")


def quiet(session: Session, at: datetime) -> None:
    _sources(session, at)


def ordinary(session: Session, at: datetime) -> None:
    _sources(session, at)
    for news in (BRAWL, FLOOD, OFFICIAL, BALLOTS, ENVELOPES):
        add(session, news, at)
    known = {"opened_hours_ago": 40.0, "hours_ago": 30.0}
    raised = add(session, _old("Adu mulut saksi di kantor kecamatan Pelaihari", "63.01", **known), at)
    changed_level(session, raised, at - timedelta(hours=6), 1, 3)
    verified = add(session, _old("Baliho pasangan calon dirusak di Rantau", "63.05", **known), at)
    moved(session, verified, at - timedelta(hours=8), "verified")
    closed = add(session, _old("Pohon tumbang menutup jalan ke gudang logistik di Amuntai", "63.08", **known), at)
    moved(session, closed, at - timedelta(hours=2), "closed", "resolved")
    none = add(session, _old("Keributan di pasar Kandangan", "63.06", **known), at)
    moved(session, none, at - timedelta(hours=1), "not_a_threat", "prevention_only")


def polling_day(session: Session, at: datetime) -> None:
    _sources(session, at)
    add(session, BRAWL, at)
    add(session, BALLOTS, at)
    for number in range(11):
        headline = f"Antrean panjang di TPS {number + 1} karena daftar pemilih tertukar"
        sentence = f"Petugas TPS {number + 1} menukar daftar pemilih, dan pemungutan suara tertunda satu jam."
        label = Label.LOGISTICS if number % 3 else Label.FRAUD
        confidence = 0.6 + number / 50
        add(
            session, News(headline, sentence, "63.71", label=label, confidence=confidence, hours_ago=1 + number / 4), at
        )
    alert = add(session, HOAX, at)
    checked(session, alert, at)


def unverified(session: Session, at: datetime) -> None:
    _sources(session, at)
    add(session, OFFICIAL, at)
    add(session, ENVELOPES, at)


def hoax(session: Session, at: datetime) -> None:
    _sources(session, at)
    alert = add(session, HOAX, at)
    checked(session, alert, at)
    add(session, BRAWL, at)


def silent(session: Session, at: datetime) -> None:
    heard(session, at, "Kabar Banua")
    heard(session, at, "Suara Martapura", "Warta Hulu", region="63.03", silent_days=29)
    session.add(
        CollectionStopRow(
            at=at - timedelta(hours=3), actor="auditor", role="auditor", region="63", reason="pemeriksaan"
        )
    )


def told_wrong(session: Session, at: datetime, settings: Settings) -> None:
    """The day before, two of three were told that were none."""
    yesterday = at - timedelta(days=1)
    _sources(session, at)
    wrong = add(session, OFFICIAL, yesterday)
    old = add(session, BALLOTS, yesterday)
    add(session, FLOOD, yesterday)
    keep(session, Maker(session, yesterday, settings).make(Wanted("63")), yesterday)
    moved(session, wrong, at - timedelta(hours=5), "not_a_threat", "wrong_place")
    moved(session, old, at - timedelta(hours=4), "not_a_threat", "old_news")


def nothing(session: Session, at: datetime) -> None:
    """What there is was there before."""


def _old(headline: str, region: str, *, opened_hours_ago: float, hours_ago: float) -> News:
    sentence = f"{headline}, kata warga setempat."
    return News(headline, sentence, region, hours_ago=hours_ago, opened_hours_ago=opened_hours_ago)


VOTE = datetime(2024, 11, 27, 10, 0, tzinfo=UTC)
SITUATIONS: tuple[Situation, ...] = (
    Situation("hari-tenang", Wanted("63"), EVENING, quiet),
    Situation("hari-biasa", Wanted("63"), EVENING, ordinary),
    Situation("hari-pemungutan", Wanted("63"), VOTE, polling_day),
    Situation("ralat", Wanted("63"), EVENING, nothing, correction=True, before=told_wrong),
    Situation("setelah-keliru", Wanted("63"), EVENING, nothing, before=told_wrong),
    Situation("belum-diverifikasi", Wanted("63"), EVENING, unverified),
    Situation("zona-wib", Wanted("63", zone="Asia/Jakarta"), EVENING, ordinary),
    Situation("english", Wanted("63", language="en"), EVENING, ordinary),
    Situation("disaring", Wanted("63.03", labels=("conflict", "disaster"), min_level=3), EVENING, ordinary),
    Situation("hoaks", Wanted("63.71"), EVENING, hoax),
    Situation("sumber-diam", Wanted("63.03"), EVENING, silent),
    Situation("mingguan", Wanted("63", period=Period.WEEKLY), EVENING, ordinary),
)


def content_of(situation: Situation, settings: Settings) -> Content:
    """The digest of a situation, made and kept in a store of its own."""
    store = open_store(settings)
    try:
        with store.write() as session:
            if situation.before is not None:
                situation.before(session, situation.at, settings)
            situation.fill(session, situation.at)
            session.flush()
            if situation.correction:
                (due,) = corrections_due(session, settings, situation.at)
                return kept(session, due.correction).content
            return Maker(session, situation.at, settings).make(situation.wanted).content
    finally:
        store.close()


def settings_in(folder: Path) -> Settings:
    return load_settings(data_dir=folder, zone="WITA", base_url="https://waspada.example")


def files(written: Rendered) -> dict[str, str]:
    return {"html": written.html, "txt": written.text, "chat.txt": written.chat}


def as_line(content: Content) -> str:
    """A content as a line of the contract's examples."""
    return json.dumps(as_json(content), ensure_ascii=False) + "\n"


def write() -> None:
    GOLDEN.mkdir(exist_ok=True)
    examples = []
    for situation in SITUATIONS:
        with tempfile.TemporaryDirectory() as folder:
            content = content_of(situation, settings_in(Path(folder)))
        examples += [as_line(content)] if situation.name in EXAMPLES else []
        for suffix, text in files(rendered(content, READER)).items():
            (GOLDEN / f"{situation.name}.{suffix}").write_text(text, encoding="utf-8")
            sys.stdout.write(f"{situation.name}.{suffix}\n")
    EXAMPLE_FILE.write_text("".join(examples), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit("usage: python -m tests.digests.situations --write")
    write()
