"""Items as JSONL: what a line may be, and what is said of one that may not."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waspada.clock import zone_of
from waspada.items.jsonl import MAX_LINE_BYTES, JsonlItem, Parsed, parse_lines
from waspada.taxonomy import ItemKind


def parse(value: Any, zone: str = "WITA") -> Parsed:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    (parsed,) = parse_lines([raw], zone_of(zone))
    return parsed


def item_of(value: Any, zone: str = "WITA") -> JsonlItem:
    parsed = parse(value, zone)
    assert parsed.problem is None
    assert parsed.item is not None
    return parsed.item


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{", "not JSON"),
        (b"[1, 2]", "not a JSON object"),
        (b'"teks"', "not a JSON object"),
        (b"null", "not a JSON object"),
        (b"\xff\xfe{\x00", "not UTF-8"),
        (b'{"title": "caf\xe9"}', "not UTF-8"),
        (b"[" * 100_000, "not JSON"),
        (b'{"id": NaN, "title": "x"}', "NaN is no JSON value"),
        (b'{"id": -Infinity, "title": "x"}', "-Infinity is no JSON value"),
        (b'{"id": 1}', "title and text are both empty"),
        (b'{"title": null, "text": ""}', "title and text are both empty"),
        (b'{"title": "  ", "text": "\\n"}', "title and text are both empty"),
        (b'{"title": "' + b"a" * MAX_LINE_BYTES + b'"}', "longer than 32 MiB"),
    ],
)
def test_bad_line_says_why(line: bytes, said: str) -> None:
    parsed = parse(line)
    assert parsed.item is None
    assert said in (parsed.problem or "")


@pytest.mark.parametrize("empty", [None, ""])
@pytest.mark.parametrize("name", ["url", "published_at", "outlet", "voice", "text", "kind"])
def test_absent_null_and_empty_are_the_same(name: str, empty: str | None) -> None:
    line = {"id": "a", "title": "Rapat pleno"}
    parsed = parse({**line, name: empty})
    assert parsed.item == item_of(line)
    assert parsed.warnings == []


@pytest.mark.parametrize("id_", ["a", 7, 7.5, None, "", True, ["x"], {"k": 1}])
def test_id_is_kept_as_it_came(id_: Any) -> None:
    assert item_of({"id": id_, "text": "Rapat pleno"}).id == id_


def test_missing_id_is_null() -> None:
    assert item_of({"text": "Rapat pleno"}).id is None


@pytest.mark.parametrize(
    ("given_date", "zone", "moment"),
    [
        ("2024-11-27", "WITA", datetime(2024, 11, 26, 16, tzinfo=UTC)),
        ("2024-11-27", "WIB", datetime(2024, 11, 26, 17, tzinfo=UTC)),
        ("2024-11-27T08:30:00", "WITA", datetime(2024, 11, 27, 0, 30, tzinfo=UTC)),
        ("2024-11-27T08:30:00+07:00", "WITA", datetime(2024, 11, 27, 1, 30, tzinfo=UTC)),
        ("2024-11-27T08:30:00Z", "WITA", datetime(2024, 11, 27, 8, 30, tzinfo=UTC)),
        ("2024-11-27 08:30", "WIT", datetime(2024, 11, 26, 23, 30, tzinfo=UTC)),
        ("2024-11", "WITA", datetime(2024, 10, 31, 16, tzinfo=UTC)),
        ("2024", "WITA", datetime(2023, 12, 31, 16, tzinfo=UTC)),
        ("Wed, 27 Nov 2024 08:30:00 +0800", "WITA", datetime(2024, 11, 27, 0, 30, tzinfo=UTC)),
    ],
)
def test_dates(given_date: str, zone: str, moment: datetime) -> None:
    assert item_of({"title": "Rapat", "published_at": given_date}, zone).published_at == moment


@pytest.mark.parametrize("given_date", ["kemarin sore", "2024-13-45", "0000-00-00", "99999-01-01", "-", 17, ["x"]])
def test_unreadable_date_is_null_with_a_warning_and_the_item_stays(given_date: Any) -> None:
    parsed = parse({"title": "Rapat", "published_at": given_date})
    assert parsed.item is not None
    assert parsed.item.published_at is None
    assert any("published_at" in warning and "null" in warning for warning in parsed.warnings)


def test_unknown_kind_is_an_article_with_a_warning() -> None:
    parsed = parse({"title": "Rapat", "kind": "video"})
    assert parsed.item is not None
    assert parsed.item.kind is ItemKind.ARTICLE
    assert parsed.warnings == ["kind 'video' is not known and was read as article"]


@pytest.mark.parametrize("kind", [1, [], {}, ["post"], {"a": 1}, True])
def test_kind_of_another_type_is_an_article(kind: Any) -> None:
    assert item_of({"title": "Rapat", "kind": kind}).kind is ItemKind.ARTICLE


def test_number_where_a_string_belongs_is_read_with_a_warning() -> None:
    parsed = parse({"title": 2024, "text": ["a"]})
    assert parsed.item is not None
    assert (parsed.item.title, parsed.item.text) == ("2024", '["a"]')
    assert len(parsed.warnings) == 2


def test_blank_lines_are_passed_over_but_counted() -> None:
    lines = [b"\n", b'{"id": 1, "title": "a"}\n', b"   \n", b"\r\n", b"nonsense\n", b'{"id": 2, "title": "b"}']
    parsed = list(parse_lines(lines))
    assert [(p.line, p.item.id if p.item else p.problem and "bad") for p in parsed] == [(2, 1), (5, "bad"), (6, 2)]


def test_byte_order_mark_is_no_part_of_the_first_line() -> None:
    (parsed,) = parse_lines([b"\xef\xbb\xbf" + b'{"title": "Rapat"}'])
    assert parsed.item is not None


def test_escaped_lone_surrogate_is_kept_for_the_reader_to_survive() -> None:
    assert item_of(b'{"title": "rapat \\ud800 pleno"}').title == "rapat \ud800 pleno"


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
_NAMES = st.sampled_from(["id", "title", "text", "kind", "url", "published_at", "outlet", "voice", "lain"])


@given(st.lists(st.binary(max_size=80)))
def test_no_bytes_make_it_raise(lines: list[bytes]) -> None:
    parsed = list(parse_lines(lines))
    assert all((p.item is None) != (p.problem is None) for p in parsed)
    assert [p.line for p in parsed] == [n for n, line in enumerate(lines, 1) if _strip(n, line)]


@given(st.dictionaries(_NAMES, _VALUES))
def test_no_object_makes_it_raise(value: dict[str, Any]) -> None:
    parsed = parse(value)
    assert (parsed.item is None) == (parsed.problem == "title and text are both empty")


def _strip(number: int, line: bytes) -> bytes:
    return (line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line).strip()
