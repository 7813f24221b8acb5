"""Pretraining reads no article that judges."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="not run: torch is not installed (extra: train)")

from nlp.training.encoder.data import judging_keys, keys_of
from nlp.training.encoder.pretrain import read_pairs
from waspada.taxonomy import FIELDS, ItemText


def test_articles_that_judge_are_no_pairs(tmp_path: Path) -> None:
    titles = [f"Judul berita nomor {n} dari Gambut" for n in range(40)]
    rows = [
        {"title": title, "text": f"{title if n % 2 else 'Gambut'} - Isi {n} " + "warga menanam padi " * 20}
        for n, title in enumerate(titles)
    ]
    path = tmp_path / "articles.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    both = [pair.title for held_out in (True, False) for pair in read_pairs(path, held_out=held_out)]
    assert sorted(both) == sorted(row["title"] for row in rows)
    dev = [ItemText("", rows[3]["title"], "lain"), *(ItemText("", "lain", rows[n]["text"]) for n in (5, 6))]
    apart = {key for item in dev for key in keys_of(item)}
    left = {pair.title for held_out in (True, False) for pair in read_pairs(path, held_out=held_out, left_out=apart)}
    assert left == set(both) - {rows[n]["title"] for n in (3, 5, 6)}


def test_gold_dev_judges(tmp_path: Path) -> None:
    assert judging_keys(tmp_path) == set()
    (tmp_path / "gold").mkdir()
    labels = dict.fromkeys(FIELDS, 0)
    row = {"id": "1", "title": "Banjir di Barabai", "text": "Air naik. " * 60, "labels": labels}
    (tmp_path / "gold" / "dev.jsonl").write_text(json.dumps(row))
    assert judging_keys(tmp_path) & keys_of(ItemText("x", "banjir di BARABAI", "lain"))
    assert judging_keys(tmp_path) & keys_of(ItemText("x", "", str(row["text"])))
    assert not judging_keys(tmp_path) & keys_of(ItemText("x", "Banjir di Kandangan", ""))
