"""Rows for tests and pictures of the console: a small desk in South Kalimantan. All texts and people are made up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from waspada.alerts.regions import write_regions
from waspada.items.policy import content_sha256, url_key
from waspada.models import repository, service
from waspada.models.types import (
    Against,
    Comparison,
    Difference,
    Effect,
    Gates,
    ModelMove,
    Moved,
    Verdict,
)
from waspada.store.tables import (
    AlertEventRow,
    AlertPlaceRow,
    AlertRow,
    ItemRow,
    ItemVersionRow,
    PlaceRow,
    RejectRow,
    SourceEventRow,
    SourceRow,
    StoryItemRow,
    StoryRow,
    TagRow,
)
from waspada.taxonomy import EMBEDDING_DIM, Label

NOW = datetime(2024, 11, 20, 3, 0, tzinfo=UTC)
BASE, MODEL = "uji-id-v1", "uji-id-v1~1.abcdef"


@dataclass
class Report:
    """One item of a sample alert; sentences between « and » are its evidence for the alert's label."""

    outlet: str
    title: str
    text: str
    hours_ago: float = 2.0
    kind: str = "article"
    how: str = "event"
    url: str | None = None
    earlier: Sequence[str] = ()


@dataclass
class Sample:
    """One alert to be stored."""

    label: Label
    level: int
    parts: dict[str, float]
    headline: str
    regions: Sequence[str]
    reports: Sequence[Report]
    confidence: float = 0.9
    labels: dict[str, float] = field(default_factory=dict)
    state: str = "new"
    reason: str | None = None
    why: str = "Tingkat 2 (rangkuman harian). Belum diverifikasi."
    voices: int = 0
    hours_ago: float = 2.0
    notes: dict[str, str] = field(default_factory=dict)


def add_source(session: Session, name: str, *, heard: bool = True, **given: Any) -> str:
    """A source of this name; its id is the name in small letters with dashes."""
    id_ = name.lower().replace(" ", "-")
    values: dict[str, Any] = {
        "id": id_,
        "name": name,
        "outlet": name,
        "url": f"https://{id_}.example/feed",
        "kind": "rss",
        "region": "63",
        "tier": "B",
        "reliability": 0.7,
        "added_at": NOW - timedelta(days=20),
        "next_poll_at": NOW + timedelta(minutes=12),
        "state": "ok" if heard else "broken",
        "last_poll_at": NOW - timedelta(minutes=18),
        "last_success_at": NOW - (timedelta(minutes=18) if heard else timedelta(days=3)),
        "last_item_at": NOW - timedelta(hours=1 if heard else 75),
        "newest_entry_at": NOW - timedelta(hours=1 if heard else 75),
    }
    session.add(SourceRow(**values | given))
    session.flush()
    outcome = "ok" if heard else "broken"
    session.add(
        SourceEventRow(
            source_id=id_, at=NOW - timedelta(minutes=18), outcome=outcome, http_status=200 if heard else 503,
            entries=20, new_entries=2,
        )
    )  # fmt: skip
    return id_


def add_alert(session: Session, sample: Sample) -> int:
    """Stores an alert with its story, items, tags, places and the line that opened it; returns its id."""
    at = NOW - timedelta(hours=sample.hours_ago)
    story = StoryRow(opened_at=at, last_item_at=at, headline=sample.headline, stale=False)
    session.add(story)
    session.flush()
    for report in sample.reports:
        _add_item(session, story.id, sample, report)
    labels = {sample.label.value: sample.confidence, **sample.labels}
    row = AlertRow(
        story_id=story.id, state=sample.state, label=sample.label.value, level=sample.level,
        score=sum(sample.parts.values()), parts=sample.parts, confidence=sample.confidence, headline=sample.headline,
        why=sample.why, labels=labels, item_count=len(sample.reports),
        outlet_count=len({r.outlet for r in sample.reports if r.kind == "article"}), voice_count=sample.voices,
        opened_at=at, changed_at=at, last_item_at=at, ranked_at=NOW - timedelta(minutes=4), reason=sample.reason,
        notes=sample.notes,
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.add(
        AlertEventRow(
            alert_id=row.id, at=at, actor="waspada", action="opened", detail={"level": sample.level, "score": row.score}
        )
    )
    for position, code in enumerate(sample.regions):
        session.add(AlertPlaceRow(alert_id=row.id, code=code, position=position))
    write_regions(session, row.id, sample.regions, row.score)
    session.flush()
    return row.id


def _add_item(session: Session, story_id: int, sample: Sample, report: Report) -> None:
    at = NOW - timedelta(hours=report.hours_ago)
    source_id = report.outlet.lower().replace(" ", "-")
    if session.get(SourceRow, source_id) is None:
        add_source(session, report.outlet)
    text, evidence = _evidence(report.text, sample.label.value)
    url = report.url or f"https://{source_id}.example/{abs(hash((report.title, report.text))) % 10**8}"
    texts = [*report.earlier, text]
    item = ItemRow(
        source_id=source_id, kind=report.kind, outlet=report.outlet, url=url, url_key=url_key(url + str(story_id)),
        title=report.title, lang="id", voice="v-secret-pseudonym" if report.kind == "post" else None,
        published_at=at, found_at=at, version=len(texts), stage="grouped",
    )  # fmt: skip
    session.add(item)
    session.flush()
    for number, body in enumerate(texts, start=1):
        session.add(
            ItemVersionRow(
                item_id=item.id, version=number, title=report.title, text=body,
                sha256=content_sha256(report.title, body), seen_at=at + timedelta(minutes=number),
            )
        )  # fmt: skip
    on = {sample.label.value: sample.confidence, **sample.labels}
    session.add(
        TagRow(
            item_id=item.id, version=len(texts), model="sample-1",
            labels={name.value: {"p": on.get(name.value, 0.02), "on": name.value in on} for name in Label},
            aux={"hate": {"p": 0.01, "on": False}}, conflict_level=2 if sample.label is Label.CONFLICT else 0,
            alert_level=sample.level, evidence=evidence, embedding=np.zeros(EMBEDDING_DIM, dtype=np.float32),
            tagged_at=at,
        )
    )  # fmt: skip
    for code in sample.regions[:1]:
        session.add(
            PlaceRow(item_id=item.id, code=code, name=code, level="regency", mention=code, field="text", start=0, end=1)
        )
    session.add(StoryItemRow(item_id=item.id, story_id=story_id, how=report.how, likeness=0.8, at=at))


def _evidence(text: str, label: str) -> tuple[str, list[dict[str, Any]]]:
    """The text without the marks, and the spans that they stood around."""
    plain, found = "", []
    for number, piece in enumerate(text.replace("»", "«").split("«")):
        if number % 2:
            end = len(plain) + len(piece)
            found.append({"label": label, "field": "text", "sentence": piece, "start": len(plain), "end": end})
        plain += piece
    return plain, found


def parts(
    level: float, severity: float, confidence: float, outlets: float, novelty: float, **more: float
) -> dict[str, float]:
    """Score parts in the order of the ranking."""
    return {
        "level": level, "expectation": more.get("expectation", 0.0), "focus": 4.0, "severity": severity,
        "confidence": confidence, "outlets": outlets, "burst": more.get("burst", 0.0), "novelty": novelty,
        "stage": more.get("stage", 3.5), "vulnerability": more.get("vulnerability", 1.0),
        "reliability": more.get("reliability", 1.5), "feedback": more.get("feedback", 0.0),
    }  # fmt: skip


CLASH = Sample(
    label=Label.CONFLICT,
    level=3,
    parts=parts(38, 6, 5.75, 5.5, 5.5, expectation=9.25, burst=3.25, feedback=1.75),
    headline="Massa dua kubu saling lempar batu di depan kantor kecamatan, tujuh orang luka",
    regions=["63.03.05", "63.03"],
    confidence=0.94,
    labels={"election": 0.97, "polarization": 0.61},
    why=(
        "Tingkat 3 (segera dilihat): konflik, keyakinan 94 %; 3 media; Kabupaten Banjar; ada kekerasan; lebih ramai "
        "dari biasanya di wilayah ini; baru dalam 12 jam; poin terbanyak dari tingkat peringatan 38, perkiraan tingkat "
        "9,25, beratnya konflik 6. Belum diverifikasi."
    ),
    notes={
        "burst": "4 kejadian lain dalam 3 hari, biasanya 0,8",
        "stage": "7 hari menjelang Pemungutan suara (pilkada-2024)",
        "vulnerability": "netral: tidak ada indeks untuk wilayah ini",
        "feedback": "5 dari 6 peringatan serupa diverifikasi",
    },
    hours_ago=1.5,
    reports=[
        Report(
            "Warta Intan",
            "Massa dua kubu saling lempar batu di depan kantor kecamatan, tujuh orang luka",
            "Martapura - Rapat pleno rekapitulasi suara di kantor kecamatan sempat terhenti pada Rabu pagi. "
            "«Dua kelompok pendukung saling lempar batu di depan kantor kecamatan sekitar pukul 09.30 Wita.» "
            "«Tujuh orang luka, dua di antaranya dirawat di rumah sakit.» "
            "Seorang warga, Rudi Hartono (34), terkena batu di kepala saat melintas. "
            "Polisi memisahkan kedua kelompok dan menutup jalan sampai siang. Camat meminta warga menahan diri dan "
            "menunggu hasil resmi. Penghitungan dilanjutkan dengan penjagaan.",
            hours_ago=1.5,
            how="first",
            earlier=["Martapura - Rapat pleno di kantor kecamatan sempat terhenti karena keributan."],
        ),
        Report(
            "Kabar Banua Kita",
            "Rekapitulasi ricuh, kaca kantor camat pecah",
            "«Kaca depan kantor camat pecah terkena lemparan batu saat rekapitulasi berlangsung.» Aparat berjaga.",
            hours_ago=2.2,
        ),
        Report(
            "Harian Riam",
            "Rekapitulasi ricuh, kaca kantor camat pecah",
            "«Kaca depan kantor camat pecah terkena lemparan batu saat rekapitulasi berlangsung.» Aparat berjaga.",
            hours_ago=2.0,
            how="copy",
        ),
    ],
)
NEUTRALITY = Sample(
    label=Label.NEUTRALITY,
    level=2,
    parts=parts(22, 0, 5.25, 0, 4.25, expectation=5, feedback=-1.25),
    headline="Bawaslu periksa lurah yang hadir di deklarasi dukungan pasangan calon",
    regions=["63.71"],
    confidence=0.86,
    labels={"election": 0.99},
    hours_ago=6,
    state="acknowledged",
    reports=[
        Report(
            "Suara Martapura",
            "Bawaslu periksa lurah yang hadir di deklarasi dukungan pasangan calon",
            "«Bawaslu kota memeriksa seorang lurah yang terekam hadir di deklarasi dukungan.» Pemeriksaan tertutup.",
            hours_ago=6,
        )
    ],
)
HOAX = Sample(
    label=Label.MISINFORMATION,
    level=2,
    parts=parts(22, 0, 4.75, 1.5, 3.25, expectation=4.5, feedback=-1.75),
    headline="Beredar pesan berantai TPS ditutup lebih awal, KPU: itu tidak benar",
    regions=["63.72"],
    confidence=0.8,
    labels={"election": 0.92},
    voices=6,
    hours_ago=11,
    reports=[
        Report(
            "Kabar Banua Kita",
            "Beredar pesan berantai TPS ditutup lebih awal, KPU: itu tidak benar",
            "«Pesan berantai menyebut TPS di Banjarbaru ditutup pukul 10.00.» KPU kota menyatakan itu tidak benar.",
            hours_ago=11,
        ),
        Report(
            "Mastodon Banua",
            "",
            "Dapat pesan di grup, «katanya TPS sini tutup jam 10 pagi», ada yang tahu?",
            hours_ago=12,
            kind="post",
            url="https://sosial.example/@seseorang/1123",
        ),
    ],
)
LOGISTICS = Sample(
    label=Label.LOGISTICS,
    level=1,
    parts=parts(8, 0, 4.25, 0, 1.5, expectation=2.5),
    headline="Surat suara untuk dua desa di hulu sungai terlambat karena jalan putus",
    regions=["63.07"],
    confidence=0.73,
    hours_ago=20,
    state="verified",
    reports=[
        Report(
            "Harian Riam",
            "Surat suara untuk dua desa di hulu sungai terlambat karena jalan putus",
            "«Surat suara untuk dua desa belum tiba karena jalan putus diterjang banjir.» Petugas memakai perahu.",
            hours_ago=20,
        )
    ],
)
DISMISSED = Sample(
    label=Label.POLARIZATION,
    level=1,
    parts=parts(8, 0, 3.25, 0, 0.25, expectation=1.75),
    headline="Ikrar damai digelar di alun-alun",
    regions=["64.72"],
    confidence=0.55,
    state="not_a_threat",
    reason="prevention_only",
    hours_ago=50,
    reports=[Report("Warta Intan", "Ikrar damai digelar di alun-alun", "Ikrar damai digelar.", hours_ago=50)],
)
ALL = (CLASH, NEUTRALITY, HOAX, LOGISTICS, DISMISSED)


def add_compared_model(session: Session) -> None:
    """A model that was compared: better in one figure, with its gates, and one alert that would rise."""
    service.register(
        session, MODEL, MODEL, kind="heads", actor="tuan", now=NOW, base=BASE, made_of={"answers": 240, "training": 1}
    )
    lines = [
        Difference("secondary_macro_f1", "", 40, 0.8, 0.7, 0.02, 0.18, Verdict.BETTER),
        Difference("f1 fraud", "region 63", 24, 0.7, 0.75, -0.2, 0.1, Verdict.SAME),
        Difference("quiet_raised", "kind article", 90, 0.02, 0.02, -0.01, 0.01, Verdict.SAME),
    ]
    moved = [Moved(1, 1, ModelMove.RISES, "conflict", 1, 2, 6, 2)]
    effect = Effect(BASE, 14, 5, {ModelMove.RISES: 1}, moved)
    against = [Against(other, Verdict.BETTER, lines) for other in (BASE, "baseline-uji-v1")]
    found = Comparison(MODEL, 130, "test fold", against, effect, groups=60)
    gates = Gates(0.9, "prevention_logistics", 0.7, True, 1, 320, 0.0175, True)
    repository.save_comparison(session, MODEL, found, gates, NOW)


def fill(session: Session) -> dict[str, int]:
    """The whole desk; the ids of its alerts by what they are about."""
    add_source(session, "Pantau Hulu", heard=False)
    add_source(session, "Radio Sungai", heard=False, state="blocked", parked=True)
    add_source(session, "Kanal Lama", enabled=False)
    add_source(session, "Pos Pesisir", verified=True, region="63.02", role="official")
    session.add(RejectRow(at=NOW, stage="tag", object="item/99", problem="The text is empty."))
    names = ("clash", "neutrality", "hoax", "logistics", "dismissed")
    return {name: add_alert(session, sample) for name, sample in zip(names, ALL, strict=True)}
