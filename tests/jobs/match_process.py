"""A worker that matches, in a process of its own, for tests that kill it.

    python -m tests.jobs.match_process DATABASE_URL STATEMENTS

Stores fact-checks and items, matches, brings in further fact-checks and edits, and matches again. After that many SQL
statements it kills itself with SIGKILL, in the middle of whatever it does; 0 lets it finish. Every step can be done
again.
"""

from __future__ import annotations

import sys

from tests.jobs.tiny import TinyTagger
from tests.killed import kill_after
from tests.rows import NOW, add_source
from waspada.claims.service import import_claims
from waspada.claims.types import FactCheck
from waspada.items.policy import url_key
from waspada.items.service import store_item
from waspada.items.types import FoundItem
from waspada.jobs.pipeline import run_waiting
from waspada.jobs.rank import RankingData
from waspada.settings import load_settings
from waspada.store import Store, open_url
from waspada.taxonomy import ItemKind

RUMOURS = (
    "Pulpen di bilik suara TPS berisi tinta yang hilang setelah dua jam",
    "Kotak suara di Barabai sudah terisi penuh sebelum TPS dibuka",
    "Gempa besar akan mengguncang Banjarmasin pada hari pemungutan",
    "Bantuan sembako hanya dibagikan kepada pendukung satu calon",
    "Kartu keluarga lama tidak dapat dipakai untuk memilih besok",
    "Air ledeng di Banjarbaru diracun menjelang hari pencoblosan",
)
ITEMS = 24
EDITED = "Panen jeruk di Barito Kuala ramai dikunjungi pedagang"


def found(number: int, text: str) -> FoundItem:
    url = f"https://media.example/{number}"
    source = "cek" if number % 8 == 7 else "media"
    title = f"[SALAH] {text}" if source == "cek" else ""
    kind = ItemKind.ARTICLE
    return FoundItem(source, kind, source, url, url_key(url), title, f"{text}. Keterangan {number}.", NOW)


def main(url: str, statements: int) -> None:
    store = open_url(url)
    ran = kill_after(store, statements)
    data = RankingData.load(load_settings())
    _bring(store, 0, 3)
    for number in range(ITEMS):
        with store.write() as session:
            add_source(session, "media"), add_source(session, "cek", role="factcheck")
            store_item(session, found(number, RUMOURS[number % len(RUMOURS)]), NOW)
    run_waiting(store, TinyTagger(), data, lambda: NOW)
    _bring(store, 3, len(RUMOURS))
    for number in (0, 1):
        with store.write() as session:
            store_item(session, found(number, EDITED), NOW)
    run_waiting(store, TinyTagger(), data, lambda: NOW)
    store.close()
    sys.stdout.write(f"{ran.statements}\n")


def _bring(store: Store, start: int, end: int) -> None:
    with store.write() as session:
        import_claims(session, [FactCheck(n, RUMOURS[n]) for n in range(start, end)], "analyst", NOW)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
