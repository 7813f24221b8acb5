"""SQL about fact-checks."""

from __future__ import annotations

import re

from sqlalchemy.orm import Session

from waspada.clock import DEFAULT_ZONE, local_day
from waspada.store.tables import FactCheckRow, ItemRow

_VERDICT = re.compile(
    r"^\s*[\[(]([^\])]{2,40})[\])]\s*:?\s*|^\s*(cek fakta|hoaks?|disinformasi)\s*[:!]\s*", re.IGNORECASE
)


def note_fact_check(session: Session, item: ItemRow, text: str) -> None:
    """Keeps an article of a fact-checking outlet as a fact-check; an edit replaces what stood there."""
    verdict, claim = split_title(item.title)
    session.merge(
        FactCheckRow(
            id=f"item-{item.id}",
            claim=claim or text[:500],
            title=item.title,
            verdict=verdict,
            url=item.url,
            outlet=item.outlet,
            checked_on=local_day(item.at, DEFAULT_ZONE),
            item_id=item.id,
        )
    )


def split_title(title: str) -> tuple[str, str]:
    """Verdict and claim of a fact-check's headline: "[SALAH] Surat suara..." -> ("SALAH", "Surat suara...")."""
    found = _VERDICT.match(title)
    if found is None:
        return "", title.strip()
    return (found[1] or found[2]).strip().upper(), title[found.end() :].strip()
