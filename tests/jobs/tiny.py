"""A tagger of a few words, and a campaign of items for it. What is under test are the jobs, not the model."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from tests.rows import NOW, add_source
from waspada.items.policy import normalised, url_key
from waspada.items.types import FoundItem
from waspada.places import place
from waspada.places.types import PlaceMention
from waspada.taxonomy import (
    EMBEDDING_DIM,
    Aux,
    Evidence,
    ItemKind,
    ItemText,
    Label,
    LabelTag,
    MisinformationKind,
    Tags,
    TextField,
)

WORDS = {
    Label.CONFLICT: "bentrok",
    Label.POLARIZATION: "menghasut",
    Label.NEUTRALITY: "netralitas",
    Label.MISINFORMATION: "hoaks",
    Label.FRAUD: "mencoblos",
    Label.LOGISTICS: "tertukar",
    Label.DISASTER: "banjir",
    Label.ELECTION: "suara",
}
PLACES = {"Martapura": "63.03", "Banjarmasin": "63.71", "Banjarbaru": "63.72", "Barabai": "63.07"}
POISON = "beracun"


class TinyTagger:
    """A label is on where its word stands; an item that holds the word `beracun` makes the tagger fail."""

    model = "tiny-1"

    def classify(self, items: Sequence[ItemText]) -> list[Tags]:
        if any(POISON in item.text for item in items):
            raise RuntimeError("this text cannot be tagged")
        return [_tags(item) for item in items]


def _tags(item: ItemText) -> Tags:
    labels = {label: _label(label, word in item.text) for label, word in WORDS.items()}
    conflict = labels[Label.CONFLICT].on
    level = 2 if any(labels[name].on for name in Label if name is not Label.ELECTION) else 0
    return Tags(
        id=item.id,
        model=TinyTagger.model,
        labels=labels,
        aux={Aux.HATE: LabelTag(0.01, False)},
        conflict_level=2 if conflict else 0,
        alert_level=3 if conflict else level,
        evidence=[
            Evidence(label, TextField.TEXT, word, item.text.index(word), item.text.index(word) + len(word))
            for label, word in WORDS.items()
            if labels[label].on
        ],
        places=[_mention(name, code, item.text.index(name)) for name, code in PLACES.items() if name in item.text],
        embedding=embedding_of(item.text),
    )


def _label(label: Label, on: bool) -> LabelTag:
    kind = MisinformationKind.REPORT if label is Label.MISINFORMATION and on else None
    return LabelTag(0.875 if on else 0.0625, on, kind)


def _mention(name: str, code: str, start: int) -> PlaceMention:
    found = place(code)
    assert found is not None
    return PlaceMention(code, found.name, found.level, name, "text", start, start + len(name))


def embedding_of(text: str) -> NDArray[np.float32]:
    """Words hashed into 384 dimensions, norm 1."""
    vector = np.zeros(EMBEDDING_DIM, dtype=np.float32)
    for word in normalised(text).split():
        vector[int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big") % EMBEDDING_DIM] += 1
    return vector / max(1.0, float(np.linalg.norm(vector)))


_EVENTS = (
    "Dua rombongan pendukung bentrok di simpang jalan {place} pada malam hari, petugas melerai dan mencatat {n} saksi.",
    "Genangan banjir di {place} naik sejak subuh sehingga {n} keluarga pindah ke gedung sekolah yang lebih tinggi.",
    "Kotak berisi kertas suara tertukar antara dua gudang di {place} dan dihitung kembali oleh {n} orang petugas.",
    "Pasar tani di {place} ramai pada akhir pekan dan {n} pedagang menata lapak baru di bawah pohon trembesi.",
)


def campaign(count: int) -> list[FoundItem]:
    """Items of four outlets over some days: events, wire copies of them (every fifth item), and public posts."""
    return [_item(number) for number in range(count)]


def _item(number: int) -> FoundItem:
    original = number - 1 if number % 5 == 4 else number  # a copy of the one before, by the next outlet
    name = list(PLACES)[(original // 4) % len(PLACES)]
    text = _EVENTS[original % len(_EVENTS)].format(place=name, n=17 + original)
    is_post = number % 7 == 6
    outlet = f"media-{number % 4}" if not is_post else "sosial"
    url = f"https://{outlet}.example/{number}"
    return FoundItem(
        source_id=outlet,
        kind=ItemKind.POST if is_post else ItemKind.ARTICLE,
        outlet=outlet,
        url=url,
        url_key=url_key(url),
        title="" if is_post else f"Kabar ke-{original} dari {name}",
        text=f"{text} Keterangan ke-{original} menyusul dari {name} besok pagi setelah rapat.",
        published_at=NOW - timedelta(hours=3 * (number % 20)),
        handle=f"@warga{number % 11}@sosial.example" if is_post else None,
    )


def add_sources(session: Session) -> None:
    for number in range(4):
        add_source(session, f"media-{number}", region="63", reliability=0.6)
    add_source(session, "sosial", kind="mastodon-rss", role="post", region="63", reliability=0.2)
