"""Labels kept as hashes are found in the news at hand, and the table that ships holds hashes and digits only."""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from nlp.labelled import text_key
from nlp.training.hate import OWN_LABELS, SILVER
from nlp.training.silver import LABELS, read_labels, read_silver
from waspada.errors import InputError
from waspada.taxonomy import FIELDS, ItemKind, ItemText

HEADER = "key,labels,kind,pool,passes"
CLASH = {"title": "Warga Bentrok di Gambut", "text": "Dua orang luka."}
HARVEST = {"title": "", "text": "Panen padi melimpah."}
POST = {"text": "sebarkan, besok listrik mati"}
UNKNOWN = {"title": "Harga cabai turun", "text": "Pasar ramai."}


def _key(raw: dict[str, str]) -> str:
    return text_key(raw.get("title") or "", raw.get("text") or "")


def _table(path: Path, *lines: str) -> Path:
    path.write_text("\n".join((HEADER, *lines)) + "\n")
    return path


def _news(data: Path, name: str, rows: Iterable[dict[str, Any]]) -> None:
    (data / "news").mkdir(exist_ok=True)
    with gzip.open(data / "news" / name, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return _table(
        tmp_path / "labels.csv",
        f"{_key(CLASH)},2000000030,article,conflict_1,2",
        f"{_key(HARVEST)},0000000000,article,random,1",
        f"{_key(POST)},0001000010,post,misinformation,1",
        f"{'0' * 40},0100000000,post,polarization,1",
    )


def test_texts_are_found_by_their_hash_in_the_order_of_the_files(table: Path, tmp_path: Path) -> None:
    _news(tmp_path, "posts.jsonl.gz", [POST])
    _news(tmp_path, "articles.jsonl.gz", [UNKNOWN, HARVEST, CLASH])
    found = read_silver(tmp_path, table)
    assert [row.item for row in found] == [
        ItemText("s00000", "", HARVEST["text"], ItemKind.ARTICLE),
        ItemText("s00001", CLASH["title"], CLASH["text"], ItemKind.ARTICLE),
        ItemText("s00002", "", POST["text"], ItemKind.POST),
    ]
    assert [row.pool for row in found] == ["random", "conflict_1", "misinformation"]
    assert found[1].labels == dict.fromkeys(FIELDS, 0) | {"conflict": 2, "alert": 3}
    assert found[2].labels == dict.fromkeys(FIELDS, 0) | {"misinformation": 1, "alert": 1}
    assert [row.group for row in found] == [_key(HARVEST), _key(CLASH), _key(POST)]


def test_each_text_is_taken_once(table: Path, tmp_path: Path) -> None:
    again = {"title": CLASH["title"].upper(), "text": "Dua   orang, luka!"}
    _news(tmp_path, "articles.jsonl.gz", [CLASH, again, CLASH])
    _news(tmp_path, "headlines.jsonl.gz", [again])
    assert [row.item.title for row in read_silver(tmp_path, table)] == [CLASH["title"]]


def test_absent_news_give_nothing(table: Path, tmp_path: Path) -> None:
    assert read_silver(tmp_path, table) == []
    assert read_silver(tmp_path / "nowhere", table) == []
    _news(tmp_path, "articles.jsonl.gz", [UNKNOWN])
    assert read_silver(tmp_path, table) == []


def test_fields_that_are_null_are_empty(table: Path, tmp_path: Path) -> None:
    _news(tmp_path, "posts.jsonl.gz", [{"title": None, "text": None}, {"title": None, **POST}])
    assert [row.item.text for row in read_silver(tmp_path, table)] == [POST["text"]]


def test_the_table_is_read_by_key(table: Path) -> None:
    labels = read_labels(table)
    assert set(labels) == {_key(CLASH), _key(HARVEST), _key(POST), "0" * 40}
    clash = labels[_key(CLASH)]
    assert (clash.key, clash.kind, clash.pool, clash.passes) == (_key(CLASH), ItemKind.ARTICLE, "conflict_1", 2)


@pytest.mark.parametrize(
    "line",
    [
        "abc,000000000,article,random,1",
        "abc,00000000000,article,random,1",
        "abc,4000000000,article,random,1",
        "abc,0200000000,article,random,1",
        "abc,000000000x,article,random,1",
        "abc,0000000000,song,random,1",
        "abc,0000000000,article,random,many",
        "abc,0000000000,article",
        "abc",
    ],
    ids=["nine digits", "eleven digits", "conflict 4", "polarization 2", "a letter", "a kind of its own",
         "passes in words", "cut off", "a key alone"],
)  # fmt: skip
def test_a_broken_line_is_named(tmp_path: Path, line: str) -> None:
    path = _table(tmp_path / "labels.csv", f"{'1' * 40},0000000000,article,random,1", line)
    with pytest.raises(InputError, match=r"labels\.csv, line 3: ") as caught:
        read_labels(path)
    assert caught.value.hint


def test_a_table_without_a_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("key,labels\nabc,0000000000\n")
    with pytest.raises(InputError, match=r"labels\.csv, line 2: "):
        read_labels(path)


def test_a_wider_label_is_named_with_its_field(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="polarization=2 is outside the codebook"):
        read_labels(_table(tmp_path / "labels.csv", "abc,0200000000,article,random,1"))


def test_the_shipped_table_is_valid_and_its_keys_are_unique() -> None:
    lines = LABELS.read_text(encoding="utf-8").splitlines()
    assert lines[0] == HEADER
    table = read_labels()
    assert len(table) == len(lines) - 1 > 5000
    assert [line[:40] for line in lines[1:]] == sorted(table)


def test_the_shipped_table_holds_nothing_but_hashes_digits_and_a_word() -> None:
    words: set[str] = set()
    shape = re.compile(r"[0-9a-f]{40},[0-3]{10},(?:article|post),([a-z_]{1,24}(?:_[1-3])?),[1-9]")
    for line in LABELS.read_bytes().decode("ascii").splitlines()[1:]:
        found = shape.fullmatch(line)
        assert found, line[:80]
        words.add(found.group(1))
    assert len(words) < 20


@pytest.mark.parametrize("path", sorted(SILVER.glob("hate*.csv")), ids=lambda path: path.stem)
def test_the_shipped_marks_of_hate_hold_nothing_but_hashes_and_digits(path: Path) -> None:
    lines = path.read_bytes().decode("ascii").splitlines()
    has_rounds = lines[0] == "key,hate,group,round"
    assert has_rounds or lines[0] == "key,hate,group"
    shape = re.compile(r"[0-9a-f]{40},[01],[01]" + (",[1-9]" if has_rounds else ""))
    assert all(shape.fullmatch(line) for line in lines[1:])
    assert len({line[:40] for line in lines[1:]}) == len(lines) - 1 > 1000


def test_labels_of_the_shipped_table_agree_with_each_other() -> None:
    for label in read_labels().values():
        if label.labels["foreign"]:
            off = [label.labels[field] for field in ("conflict", "fraud", "logistics", "disaster", "alert")]
            assert not any(off), label.key


def test_no_text_of_dev_is_among_them(data_root: Path) -> None:
    lines = (data_root / "gold" / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    dev = {_key(row) for row in rows} | {text_key(row.get("text") or "") for row in rows}
    assert len(dev) > 600
    assert not dev & set(read_labels())


def test_no_near_copy_of_dev_is_among_them(data_root: Path) -> None:
    """Title and text may be parted in one place and joined in the other, and copies are edited: four-word shingles."""
    rows = [json.loads(line) for line in (data_root / "gold" / "dev.jsonl").read_text(encoding="utf-8").splitlines()]
    dev = [_shingles(f"{row.get('title') or ''} {row.get('text') or ''}") for row in rows]
    holders: dict[str, list[int]] = {}
    for number, shingles in enumerate(dev):
        for shingle in shingles:
            holders.setdefault(shingle, []).append(number)
    near = []
    for silver in read_silver(data_root):
        own = _shingles(f"{silver.item.title} {silver.item.text}")
        shared = Counter(number for shingle in own for number in holders.get(shingle, ()))
        near += [silver.group for number, n in shared.items() if n >= 0.3 * len(own | dev[number])]
    assert not near


def _shingles(text: str) -> set[str]:
    words = re.findall(r"\w+", text[:1000].lower())
    return {" ".join(words[at : at + 4]) for at in range(max(1, len(words) - 3))}


def test_no_text_of_the_labelled_sets_is_among_the_marks_of_hate(data_root: Path) -> None:
    with OWN_LABELS.open(encoding="utf-8", newline="") as file:
        own = {row["key"] for row in csv.DictReader(file)}
    files = sorted((data_root / "labelled").glob("*.jsonl"))
    assert files
    for path in files:
        with path.open(encoding="utf-8") as lines:
            keys = {text_key(json.loads(line).get("text") or "") for line in lines}
        assert not keys & own, path.name
