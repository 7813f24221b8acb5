"""What the masking reaches on held-out name-tagged sentences does not fall unnoticed (skipped without them)."""

from __future__ import annotations

import pytest

from benchmarks import masker_data as data
from benchmarks.masking import measured, office_flags, person_words

REASON = data.missing_reason(data.data_folder())


def test_tokens_are_joined_as_people_write_and_offsets_follow() -> None:
    words = ["Menurut", "Budi", "Santoso", ",", "warga", "(", "Martapura", ")", ",", '"', "aman", '"', "."]
    tags = ["O", "B-PER", "I-PER", "O", "O", "O", "B-LOC", "O", "O", "O", "O", "O", "O"]
    row = data.from_tokens(words, tags, "own")
    assert row.text == 'Menurut Budi Santoso, warga (Martapura), "aman".'
    assert [(row.text[start:end], kind) for start, end, kind in row.entities] == [
        ("Budi Santoso", "PER"),
        ("Martapura", "LOC"),
    ]
    assert data.to_bio(row)[1][1:3] == ["B-PER", "I-PER"]


def test_the_parts_are_apart_and_stay_the_same() -> None:
    rows = [data.Tagged(f"kalimat nomor {number}", (), "own") for number in range(400)]
    parts = data.split(rows)
    texts = [{row.text for row in parts[name]} for name in ("train", "dev", "test")]
    assert sum(map(len, texts)) == 400
    assert not texts[0] & texts[2]
    assert data.split(rows[::-1])["test"] == parts["test"][::-1]
    assert 50 < len(parts["test"]) < 110


@pytest.mark.skipif(REASON is not None, reason=str(REASON))
def test_the_floor_on_news_is_held() -> None:
    parts = data.split(data.read_tagged(data.data_folder()))
    rows = [row for row in parts["test"] if row.source == "ner_idner_news_2k.jsonl"]
    shares = measured(rows, [office_flags(row) for row in rows], person_words(parts["train"]))
    assert shares["recall, private"].value >= 0.90
    assert shares["precision"].value >= 0.88
    assert shares["hit, places"].value <= 0.03
    assert shares["hit, organisations"].value <= 0.04
    assert shares["kept, office"].value >= 0.90
