"""Gold on a time line, and what may stand beside it. All texts are made up."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from benchmarks.ranking_items import (
    DAYS,
    FIRST_DAY,
    days_for,
    on_time_line,
    read_distractors,
    read_gold,
)
from benchmarks.shared import NotRunError
from waspada.items.jsonl import JsonlItem
from waspada.taxonomy import ItemKind

NOTHING = dict.fromkeys(
    ("conflict", "polarization", "neutrality", "misinformation", "fraud", "logistics", "disaster", "election"), 0
)
CLASH = (
    "Dua kelompok pemuda bentrok di depan pasar Martapura pada Senin malam dan beberapa kaca kios pecah, "
    "polisi menjaga tempat itu sampai pagi dan meminta keterangan enam orang saksi."
)


def row(id_: str, text: str, *, alert: int = 0, pool: str = "ordinary", **given: Any) -> dict[str, Any]:
    labels = {**NOTHING, "alert": alert, "foreign": 0, **given}
    return {"id": id_, "kind": "article", "title": "", "text": text, "labels": labels, "pool": pool}


def gold_file(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in rows), encoding="utf-8")
    return path


def lines(*texts: str) -> list[JsonlItem]:
    return [JsonlItem(0, f"i{n}", "", text) for n, text in enumerate(texts)]


def test_prevention_is_chosen_by_pool_and_labels(tmp_path: Path) -> None:
    rows = [
        row("p", "Kapolres mengajak warga menjaga damai.", pool="third:prevention"),
        row("l", "Apel kesiapan digelar.", pool="third:prevention", alert=1),
        row("t", "Patroli dilempari batu.", pool="third:prevention", conflict=2, alert=1),
        row("h", "Petugas diserang.", pool="third:prevention", alert=2),
        row("o", "Kapolres mengajak damai di kantor camat.", pool="conflict"),
    ]
    gold = read_gold(gold_file(tmp_path / "dev.jsonl", rows))
    assert {one.item.id for one in gold if one.is_prevention} == {"p", "l"}


def test_one_text_counts_once(tmp_path: Path) -> None:
    gold = read_gold(gold_file(tmp_path / "dev.jsonl", [row("a", "Banjir di Barabai."), row("b", "banjir di barabai")]))
    assert [one.item.id for one in gold] == ["b"]


def test_a_file_that_is_not_there_is_a_reason_not_to_run(tmp_path: Path) -> None:
    with pytest.raises(NotRunError, match="WASPADA_DATA"):
        read_gold(tmp_path / "none.jsonl")
    with pytest.raises(NotRunError, match="WASPADA_DATA"):
        read_distractors(tmp_path, 5, [])


def test_each_item_stands_on_one_of_the_days_whatever_else_is_there() -> None:
    items = lines(*(f"Kabar nomor {n} dari kecamatan {n * 7} tentang jembatan." for n in range(200)))
    placed = on_time_line(items, DAYS)
    times = [item.published_at for item in placed]
    assert all(at is not None and FIRST_DAY <= at < FIRST_DAY + timedelta(days=DAYS) for at in times)
    assert len({at.date() for at in times if at}) == DAYS
    assert [item.line for item in placed] == list(range(1, 201))
    assert [item.published_at for item in on_time_line(items[:50], DAYS)] == times[:50]


def test_copies_stand_on_one_day_in_their_order() -> None:
    others = [f"Berita lain ke-{n} tentang lomba perahu di sungai dan hadiahnya." for n in range(30)]
    placed = on_time_line(lines(CLASH, *others, CLASH + " Demikian kabarnya.", f"{CLASH} Tamat."), DAYS)
    times = [item.published_at for item in (placed[0], placed[-2], placed[-1]) if item.published_at]
    assert len({at.date() for at in times}) == 1
    assert times == sorted(times)


def test_a_larger_set_gets_more_days() -> None:
    assert (days_for(10), days_for(653), days_for(1306)) == (DAYS, DAYS, 2 * DAYS)


def news_folder(path: Path, articles: list[dict[str, Any]], posts: list[dict[str, Any]]) -> Path:
    for name, rows in (("articles", articles), ("headlines", []), ("posts", posts)):
        with gzip.open(path / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(one) + "\n" for one in rows)
    return path


def test_nothing_equal_or_near_to_gold_is_drawn(tmp_path: Path) -> None:
    gold = read_gold(gold_file(tmp_path / "dev.jsonl", [row("g", CLASH, alert=2)]))
    articles = [
        {"title": "", "text": CLASH.upper()},
        {"title": "", "text": CLASH.replace("enam", "tujuh")},
        {"title": "Panen", "text": "Panen raya di Anjir Pasar."},
        {"title": "Panen", "text": "Panen raya di Anjir Pasar!"},
        {"title": "Pasar", "text": "Harga cabai turun di Kandangan."},
    ]
    drawn = read_distractors(news_folder(tmp_path, articles, [{"text": "jalan rusak lagi"}]), 100, gold)
    assert {(item.title, item.kind) for item in drawn} == {
        ("Panen", ItemKind.ARTICLE),
        ("Pasar", ItemKind.ARTICLE),
        ("", ItemKind.POST),
    }


def test_every_file_gives_its_share_and_the_draw_is_the_same_again(tmp_path: Path) -> None:
    articles = [{"title": f"Judul {n}", "text": f"Isi artikel {n}"} for n in range(30)]
    folder = news_folder(tmp_path, articles, [{"text": f"komentar {n}"} for n in range(10)])
    drawn = read_distractors(folder, 20, [])
    assert [item.kind for item in drawn].count(ItemKind.POST) == 5
    assert len(drawn) == 20
    assert read_distractors(folder, 20, []) == drawn
    assert all(item.voice for item in drawn if item.kind is ItemKind.POST)
