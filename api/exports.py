"""Alerts as files: CSV for spreadsheets and GeoJSON for maps (RFC 7946). Every text is masked on its way out."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from api import shape
from waspada import places
from waspada.alerts.exits import mask
from waspada.alerts.types import AlertSummary
from waspada.alerts.wording import LABEL_WORDS, LEVEL_WORDS, UNVERIFIED
from waspada.reports.types import EventKind, Recap

#: No export has more rows; what was cut is said in the file.
MOST_ROWS = 5000
_BATCH = 200
#: A spreadsheet program takes a cell that begins so for a formula (OWASP, "CSV Injection"); their wide forms too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
#: Tells spreadsheet programs that the file is UTF-8.
_BOM = "\ufeff"
COLUMNS = (
    "id", "story_id", "opened_at", "last_item_at", "state", "verified", "level", "level_words", "label",
    "label_words", "other_labels", "confidence", "score", "place_code", "place", "regency_code", "regency",
    "headline", "why", "outlets", "voices", "items", "link",
)  # fmt: skip
CUT = "Terpotong: hanya {count} peringatan teratas. Persempit wilayah, waktu atau tingkatnya untuk mendapat sisanya."


@dataclass(frozen=True, slots=True)
class Format:
    name: str
    media_type: str

    def file_name(self, day: str) -> str:
        return f"waspada-{day}.{self.name}"


CSV = Format("csv", "text/csv; charset=utf-8")
GEOJSON = Format("geojson", "application/geo+json")


def batches(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), _BATCH):
        yield ids[start : start + _BATCH]


def cell(text: str) -> str:
    """A text that no spreadsheet program runs as a formula, on one line, without direction marks."""
    plain = " ".join(mask(text).split())
    return f"'{plain}" if plain.startswith(_FORMULA) or text.startswith(_FORMULA) else plain


def csv_lines(alerts: Iterable[AlertSummary], *, link: str, cut: int | None) -> Iterator[str]:
    """The file piece by piece. `link` is the address of the console; `cut` the number of rows where it has the first
    of more."""
    yield _BOM + _line(COLUMNS)
    for alert in alerts:
        yield _line(_row(alert, link))
    if cut is not None:
        yield _line([CUT.format(count=cut)])


def recap_lines(found: Recap) -> Iterator[str]:
    """How many field reports stand on one level, by region and by week: numbers, and no word of a report."""
    kinds = list(EventKind)
    yield _BOM + _line(["part", "key", "name", *kinds, "total", "unclarified", "refuted"])
    for part, rows in (("region", found.by_region), ("week", found.by_week)):
        for row in rows:
            name = places.full_name(row.key) if part == "region" else row.key
            counts = [str(row.kinds.get(kind, 0)) for kind in kinds]
            yield _line([part, row.key, cell(name), *counts, str(row.total), str(row.unclarified), str(row.refuted)])


def geojson(alerts: Iterable[AlertSummary], *, link: str, cut: int | None) -> Iterator[str]:
    """The same as a FeatureCollection. The point is the seat of the kabupaten or kota, not where it happened; null
    where an alert has no place, or a province alone."""
    note = {"note": CUT.format(count=cut)} if cut is not None else {}
    head = {"type": "FeatureCollection", "cut": cut is not None, **note}
    yield json.dumps(head, ensure_ascii=False).removesuffix("}") + ', "features": ['
    for number, alert in enumerate(alerts):
        yield (",\n" if number else "\n") + json.dumps(_feature(alert, link), ensure_ascii=False)
    yield "\n]}\n"


def _feature(alert: AlertSummary, link: str) -> dict[str, object]:
    facts = _facts(alert, link)
    point = places.points().get(str(facts["regency_code"]))
    geometry = {"type": "Point", "coordinates": [point[1], point[0]]} if point else None
    return {
        "type": "Feature",
        "id": alert.id,
        "geometry": geometry,
        "properties": {**facts, "other_labels": [name for name in alert.labels if name != alert.label]},
    }


def _row(alert: AlertSummary, link: str) -> list[str]:
    facts = _facts(alert, link)
    return [cell(value) if isinstance(value, str) else str(value) for value in (facts[name] for name in COLUMNS)]


def _facts(alert: AlertSummary, link: str) -> dict[str, str | int | float]:
    """Every column by its name; the texts that came from outside are masked."""
    verified = shape.is_verified(alert.state)
    code = alert.regions[0] if alert.regions else ""
    regency = (places.regency_of(code) or "") if code else ""
    return {
        "id": alert.id,
        "story_id": alert.story_id,
        "opened_at": alert.opened_at.isoformat(timespec="seconds"),
        "last_item_at": alert.last_item_at.isoformat(timespec="seconds"),
        "state": alert.state.value,
        "verified": "diverifikasi" if verified else UNVERIFIED.rstrip("."),
        "level": alert.level,
        "level_words": LEVEL_WORDS[alert.level],
        "label": alert.label,
        "label_words": LABEL_WORDS.get(alert.label, alert.label),  # type: ignore[call-overload]
        "other_labels": " ".join(name for name in alert.labels if name != alert.label),
        "confidence": round(alert.confidence, 2),
        "score": alert.score,
        "place_code": code,
        "place": places.full_name(code) if code else "",
        "regency_code": regency,
        "regency": places.full_name(regency) if regency else "",
        "headline": mask(alert.headline),
        "why": mask(alert.why),
        "outlets": alert.outlet_count,
        "voices": alert.voice_count,
        "items": alert.item_count,
        "link": f"{link}/alerts/{alert.id}",
    }


def _line(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(cells)
    return out.getvalue()
