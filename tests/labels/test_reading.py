"""Cutting a file into its records: whole, in any pieces, broken, and huge."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waspada.errors import InputError
from waspada.items.jsonl import MAX_LINE_BYTES
from waspada.labels.formats.reading import array_of, lines_of

_json: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)
_objects = st.lists(st.dictionaries(st.text(max_size=5), _json, max_size=4), max_size=6)


def chunks(raw: bytes, size: int) -> list[bytes]:
    return [raw[begin : begin + size] for begin in range(0, len(raw), size)]


@given(_objects, st.integers(1, 40), st.booleans(), st.sampled_from([None, 2]))
def test_an_array_is_read_in_any_pieces(
    members: list[dict[str, Any]], size: int, ascii_: bool, indent: int | None
) -> None:
    raw = json.dumps(members, ensure_ascii=ascii_, indent=indent).encode()
    assert list(array_of(chunks(raw, size))) == list(enumerate(members, start=1))


@given(_objects, st.integers(1, 40))
def test_objects_one_after_another_are_read_too(members: list[dict[str, Any]], size: int) -> None:
    raw = "\n".join(json.dumps(one) for one in members).encode()
    assert list(array_of(chunks(raw, size))) == list(enumerate(members, start=1))


@given(st.binary(max_size=200), st.integers(1, 50))
def test_no_bytes_break_it(raw: bytes, size: int) -> None:
    for read in (array_of, lines_of):
        try:
            found = list(read(chunks(raw, size)))
        except InputError:
            continue
        assert all(isinstance(value, dict) or value for _number, value in found)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", []),
        (b" \n ", []),
        (b"[]", []),
        (b"\xef\xbb\xbf[{}]", [(1, {})]),
        (b'[{"a": 1}, {"a": }, {"a": 3}]', [(1, {"a": 1}), (2, "not JSON"), (3, {"a": 3})]),
        (b'[{"a": "\xff"}, {}]', [(1, "not UTF-8"), (2, {})]),
        (b"[1, null, [2], {}]", [(1, "not a JSON object"), (2, "not a JSON"), (3, "not a JSON"), (4, {})]),
        (b'[{"a": NaN}]', [(1, "NaN")]),
        (b'[{"a": 1}, {"b": [', [(1, {"a": 1}), (2, "ends in the middle")]),
        (b'[{"a": 1}', [(1, "ends in the middle")]),
        (b'[{}] {"more": 1}', [(1, {}), (2, "after the end")]),
        (b"[" * 100_000, [(1, "ends in the middle")]),
        (b"[" + b"[" * 100_000 + b"]" * 100_000 + b", {}]", [(1, "record is not"), (2, {})]),
        (b'{"a": 1}\n{"a": 2}', [(1, {"a": 1}), (2, {"a": 2})]),
        (b"id,label\n1,2\n", [(1, "not JSON")]),
    ],
)
def test_what_is_broken_is_reported_and_the_rest_is_read(raw: bytes, expected: list[tuple[int, Any]]) -> None:
    found = list(array_of([raw]))
    assert [number for number, _ in found][: len(expected)] == [number for number, _ in expected]
    for (_, value), (_, wanted) in zip(found, expected, strict=False):
        assert wanted in value if isinstance(wanted, str) else value == wanted


def test_a_record_that_is_too_long_is_refused_and_not_kept() -> None:
    def endless() -> Iterator[bytes]:
        yield b'[{"a": "'
        for _ in range(MAX_LINE_BYTES // 2**20 + 3):
            yield b"x" * 2**20
        yield b'"}, {"b": 1}]'

    (first, why), second = list(array_of(endless()))
    assert (first, second) == (1, (2, {"b": 1}))
    assert "longer than" in str(why)


@pytest.mark.parametrize("read", [array_of, lines_of])
def test_utf16_is_named_as_what_it_is(read: Any) -> None:
    with pytest.raises(InputError, match="UTF-16"):
        list(read(['[{"a": 1}]'.encode("utf-16")]))


def test_lines_keep_their_numbers() -> None:
    raw = [b'\xef\xbb\xbf{"a": 1}\n', b"\n", b"no\n", b'{"a": "\xff"}\n', b'{"a": 2}']
    numbers = [(number, isinstance(value, dict)) for number, value in lines_of(raw)]
    assert numbers == [(1, True), (3, False), (4, False), (5, True)]
