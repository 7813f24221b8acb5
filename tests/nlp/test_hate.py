"""Texts for the head `hate`: which labels of a public set count, own marks by hash, and comments in pairs."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from nlp.labelled import LabelledItem, text_key
from nlp.training.hate import (
    AUTHORED,
    HATE_FILE,
    PUBLIC_SETS,
    is_clean_news,
    read_authored_hate,
    read_hate,
    read_own_hate,
)
from waspada.taxonomy import FIELDS, ItemKind, ItemText

ALAMSYAH = ("threat", "identity_attack", "insult", "profanity", "sexually_explicit")


def _public(folder: Path, name: str, rows: list[tuple[str, dict[str, int]]]) -> Path:
    path = folder / f"{name}.jsonl"
    lines = [json.dumps({"id": f"{name}-{at}", "text": text, "labels": own}) for at, (text, own) in enumerate(rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _marks(*on: str) -> dict[str, int]:
    return {name: int(name in on) for name in ALAMSYAH}


def _posts(data: Path, *texts: str) -> None:
    (data / "news").mkdir()
    with gzip.open(data / "news" / "posts.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps({"text": text}) + "\n" for text in texts)


def _own(path: Path, marks: dict[str, int]) -> Path:
    path.write_text("key,hate,group\n" + "".join(f"{text_key(text)},{hate},0\n" for text, hate in marks.items()))
    return path


def _row(kind: ItemKind, pool: str, **labels: int) -> LabelledItem:
    return LabelledItem(ItemText("1", "", "teks", kind), dict.fromkeys(FIELDS, 0) | labels, "g", pool)


@pytest.mark.parametrize("label", ALAMSYAH)
def test_threat_attack_and_insult_count_and_profanity_alone_does_not(tmp_path: Path, label: str) -> None:
    path = _public(tmp_path, "alamsyah_toxicity_type", [("suatu komentar", _marks(label))])
    (row,) = read_hate(path)
    assert row.hateful is (label in {"threat", "identity_attack", "insult"})


def test_rows_are_posts_with_their_ids_and_texts(tmp_path: Path) -> None:
    rows = [("komentar satu", _marks("insult", "profanity")), ("komentar dua", _marks())]
    first, second = read_hate(_public(tmp_path, "alamsyah_toxicity_type", rows))
    assert first.item == ItemText("alamsyah_toxicity_type-0", "", "komentar satu", ItemKind.POST)
    assert (first.hateful, second.hateful) == (True, False)
    assert first.group == text_key("komentar satu") != second.group


def test_in_the_other_set_its_own_label_counts(tmp_path: Path) -> None:
    rows = [("satu", {"HS": 1, "Abusive": 0}), ("dua", {"HS": 0, "Abusive": 1})]
    assert [row.hateful for row in read_hate(_public(tmp_path, "id_multilabel_hs", rows))] == [True, False]


def test_links_and_handles_which_betray_the_source_are_taken_out(tmp_path: Path) -> None:
    texts = ["RT @si_anu lihat https://contoh.id/a?b=1 ya", "lihat www.contoh.id ya", "lihat => ya <="]
    rows = read_hate(_public(tmp_path, "alamsyah_toxicity_type", [(text, _marks()) for text in texts]))
    # All three say the same without their links, so they are one.
    assert [row.item.text.split() for row in rows] == [["lihat", "ya"]]
    (start,) = read_hate(_public(tmp_path, "id_multilabel_hs", [("START dan ART", {"HS": 0})]))
    assert start.item.text == "START dan ART"


def test_copies_are_taken_once_and_the_first_mark_stands(tmp_path: Path) -> None:
    rows = [("Dasar penipu!", _marks("insult")), ("dasar   PENIPU", _marks()), ("lain", _marks())]
    found = read_hate(_public(tmp_path, "alamsyah_toxicity_type", rows))
    assert [(row.item.id[-1], row.hateful) for row in found] == [("0", True), ("2", False)]


def test_an_own_reading_of_a_public_text_stands_for_its_mark(tmp_path: Path) -> None:
    rows = [("anjir macet", _marks("insult")), ("usir @anu sekarang", _marks()), ("lain", _marks("threat"))]
    _own(tmp_path / "hate_alamsyah_toxicity_type.csv", {"anjir macet": 0, "usir @anu sekarang": 1})
    path = _public(tmp_path, "alamsyah_toxicity_type", rows)
    assert [row.hateful for row in read_hate(path, tmp_path)] == [False, True, True]
    assert [row.hateful for row in read_hate(path, tmp_path / "nowhere")] == [True, False, True]


def test_a_set_that_nobody_described_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        read_hate(_public(tmp_path, "other_set", [("satu", {"HS": 1})]))
    assert HATE_FILE.removesuffix(".jsonl") in PUBLIC_SETS


def test_own_marks_are_found_by_hash_among_the_posts(tmp_path: Path) -> None:
    _posts(tmp_path, "usir mereka semua!", "panen padi", "selamat pagi", "Usir mereka, semua")
    marks = _own(tmp_path / "hate.csv", {"usir mereka semua": 1, "selamat pagi": 0, "tidak di sini": 1})
    found = read_own_hate(tmp_path, marks)
    assert [(row.item.id, row.item.text, row.hateful) for row in found] == [
        ("o0000", "usir mereka semua!", True),
        ("o0001", "selamat pagi", False),
    ]
    assert all(row.item.kind is ItemKind.POST for row in found)


def test_a_post_is_looked_up_as_it_was_given_and_kept_without_its_links(tmp_path: Path) -> None:
    _posts(tmp_path, "usir mereka @anu https://contoh.id/x")
    marks = _own(tmp_path / "hate.csv", {"usir mereka @anu https://contoh.id/x": 1})
    (row,) = read_own_hate(tmp_path, marks)
    assert row.item.text.split() == ["usir", "mereka"]
    assert row.group == text_key("usir mereka")


def test_without_posts_there_are_no_own_marks(tmp_path: Path) -> None:
    assert read_own_hate(tmp_path, _own(tmp_path / "hate.csv", {"usir": 1})) == []
    assert read_own_hate(tmp_path) == []


def test_readings_have_rounds_and_a_file_without_them_was_one(tmp_path: Path) -> None:
    _posts(tmp_path, "usir mereka semua", "selamat pagi")
    path = tmp_path / "hate.csv"
    marks = {"usir mereka semua": 1, "selamat pagi": 3}
    path.write_text("key,hate,group,round\n" + "".join(f"{text_key(t)},1,0,{n}\n" for t, n in marks.items()))
    assert [len(read_own_hate(tmp_path, path, least_round=least)) for least in (1, 2, 4)] == [2, 1, 0]
    assert len(read_own_hate(tmp_path, _own(path, dict.fromkeys(marks, 1)), least_round=1)) == 2


def test_authored_comments_in_a_pair_share_a_group(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"id": "f1", "pair": "t1", "language": "id", "text": "usir mereka", "hate": 1},
        {"id": "f2", "pair": "t1", "language": "id", "text": "sambut mereka @anu", "hate": 0},
        {"id": "f3", "pair": "t2", "language": "id", "text": "selamat pagi", "hate": 0},
    ]
    (tmp_path / "b.jsonl").write_text(json.dumps(rows[2]) + "\n")
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(row) for row in rows[:2]))
    found = read_authored_hate([tmp_path / "a.jsonl", tmp_path / "b.jsonl"])
    assert [(row.item.id, row.group, row.hateful) for row in found] == [
        ("f1", "t1", True), ("f2", "t1", False), ("f3", "t2", False),
    ]  # fmt: skip
    assert found[1].item.text.split() == ["sambut", "mereka"]
    assert read_authored_hate([]) == []


def test_the_shipped_comments_stand_once_and_most_have_a_look_alike() -> None:
    rows = read_authored_hate()
    assert len(rows) >= 400
    assert len({row.item.id for row in rows}) == len(rows)
    assert len({text_key(row.item.text) for row in rows}) == len(rows)
    assert all(row.item.text.strip() and row.item.kind is ItemKind.POST for row in rows)
    kinds = {pair: {row.hateful for row in rows if row.group == pair} for pair in {row.group for row in rows}}
    both = sum(found == {True, False} for found in kinds.values())
    assert both >= 200


def test_the_shipped_comments_carry_no_link_handle_or_number() -> None:
    lines = [line for path in AUTHORED.glob("*.jsonl") for line in path.read_text(encoding="utf-8").splitlines()]
    comments = [json.loads(line)["text"] for line in lines]
    assert not [c for c in comments if "http" in c or "@" in c or sum(map(str.isdigit, c)) >= 8]


def test_the_shipped_comments_stand_in_no_public_set(data_root: Path) -> None:
    own = {text_key(row.item.text) for row in read_authored_hate()}
    for name in (HATE_FILE, "id_multilabel_hs.jsonl", "banjar_hs_alkaff2023.jsonl"):
        with (data_root / "labelled" / name).open(encoding="utf-8") as lines:
            assert not own & {text_key(json.loads(line)["text"]) for line in lines}, name


def test_an_article_without_polarization_may_serve_as_a_negative_and_a_strangers_post_may_not() -> None:
    assert is_clean_news(_row(ItemKind.ARTICLE, "conflict_1", conflict=2))
    assert not is_clean_news(_row(ItemKind.ARTICLE, "random", polarization=1))
    assert not is_clean_news(_row(ItemKind.POST, "random"))
    assert is_clean_news(_row(ItemKind.POST, "-"))
    assert is_clean_news(_row(ItemKind.POST, "protected:satire"))
    assert not is_clean_news(_row(ItemKind.POST, "protected:satire", polarization=1))
