"""Import and export: nothing is lost on the way round, and what is broken is named and left out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from defusedxml import ElementTree
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.labelled import read_labelled
from tests.contracts.command import CONTRACTS, problems
from tests.labels.records import AT, BLAZE, PEOPLE, as_bytes, bad, files, good, without_proposals
from waspada.labels.codebook import VERSION, nothing
from waspada.labels.formats import argilla, jsonl, label_studio
from waspada.labels.formats.utf16 import from_utf16, to_utf16
from waspada.labels.types import LabelRecord, LabelSpan
from waspada.taxonomy import FIELDS, TextField


def lines(*records: LabelRecord) -> list[dict[str, Any]]:
    return [json.loads(line) for line in jsonl.write(records)]


def tasks(*records: LabelRecord) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads("".join(label_studio.write(records)))
    return found


def entries(*records: LabelRecord) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads("".join(argilla.write(records)))
    return found


def raw(*values: Any) -> list[bytes]:
    return [json.dumps(list(values)).encode()]


# Round trips ---------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(files())
def test_our_own_lines_lose_nothing(records: list[LabelRecord]) -> None:
    text = "".join(jsonl.write(records))
    assert good(jsonl.read(line.encode() for line in text.split("\n"))) == records
    assert [problems("labels", json.loads(line)) for line in text.split("\n") if line] == [[]] * len(records)


@settings(deadline=None)
@given(files(), st.integers(1, 200))
def test_label_studio_loses_nothing(records: list[LabelRecord], size: int) -> None:
    assert good(label_studio.read(as_bytes(label_studio.write(records), size))) == without_proposals(records)


@settings(deadline=None)
@given(files(), st.integers(1, 200))
def test_argilla_loses_nothing(records: list[LabelRecord], size: int) -> None:
    assert good(argilla.read(as_bytes(argilla.write(records), size))) == without_proposals(records)


@given(files())
def test_one_format_becomes_another_and_back(records: list[LabelRecord]) -> None:
    studio = good(label_studio.read(as_bytes(label_studio.write(records))))
    hub = good(argilla.read(as_bytes(argilla.write(studio))))
    assert good(jsonl.read(line.encode() for line in jsonl.write(hub))) == without_proposals(records)


def test_training_reads_what_is_exported(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text("".join(jsonl.write([BLAZE, replace(BLAZE, actor="budi", values=nothing(), spans=())])))
    first, second = read_labelled(path)
    assert (first.item.id, first.item.text, first.labels) == ("k-9", PEOPLE, BLAZE.values)
    assert second.group == first.group


def test_items_without_an_answer_go_out_to_be_labelled() -> None:
    bare = LabelRecord("a", {}, text="Teks", proposed=nothing() | {"fraud": 1})
    assert lines(bare) == []
    (task,), (entry,) = tasks(bare), entries(bare)
    assert (task["annotations"], entry["responses"]) == ([], {})
    said = {one["from_name"]: one["value"]["choices"] for one in task["predictions"][0]["result"]}
    assert said["fraud"] == ["1"]
    assert entry["suggestions"]["fraud"] == {"value": "1", "score": None, "agent": "waspada"}
    assert good(label_studio.read(raw(task))) == good(argilla.read(raw(entry))) == []


# Label Studio --------------------------------------------------------------------------------------------------------


def test_the_configuration_has_a_control_for_everything_that_is_written() -> None:
    xml = label_studio.configuration({"fraud": 'A "B" & <C>'}, {"conflict": ("none", "tension", "incident", "grave")})
    view = ElementTree.fromstring(xml)
    controls = {one.get("name"): one.get("toName") for one in view if one.get("toName")}
    written = {(one["from_name"], one["to_name"]) for one in tasks(BLAZE)[0]["annotations"][0]["result"]}
    assert written <= set(controls.items())
    choices = {one.get("name"): [c.get("alias") for c in one] for one in view.iter("Choices")}
    assert choices == {name: [str(n) for n in range(highest + 1)] for name, highest in FIELDS.items()}
    for labels in view.iter("Labels"):
        assert [one.get("alias") for one in labels] == list(FIELDS)
    assert {one.get("value") for one in view.iter("Text")} == {"$title", "$text"}
    assert 'value="2 incident"' in xml
    assert {one.get("value") for one in view.iter("Label") if one.get("alias") == "fraud"} == {'A "B" & <C>'}


def _marked(start: int, end: int, text: str | None = None, **more: Any) -> dict[str, Any]:
    value = {"start": start, "end": end, "labels": ["disaster"]} | ({} if text is None else {"text": text}) | more
    span = {"from_name": "text_spans", "to_name": "text", "type": "labels", "value": value}
    on = {"from_name": "disaster", "to_name": "text", "type": "choices", "value": {"choices": ["1"]}}
    return {"id": 4, "data": {"id": "k-9", "text": PEOPLE}, "annotations": [{"id": 7, "result": [on, span]}]}


def _spans(task: dict[str, Any]) -> list[str]:
    (record,) = good(label_studio.read(raw(task)))
    return [PEOPLE[span.start : span.end] for span in record.spans]


def test_spans_are_found_however_their_ends_are_counted() -> None:
    """Today's code points, the UTF-16 of versions before 1.5, and either in a text whose line ends were made single."""
    fire = PEOPLE.index("Api"), len(PEOPLE)
    assert _spans(_marked(*fire)) == ["Api 🔥 padam."]
    assert _spans(_marked(*fire, "Api 🔥 padam.")) == ["Api 🔥 padam."]
    wide = to_utf16(PEOPLE, fire[0]), to_utf16(PEOPLE, fire[1])
    assert wide != fire
    assert _spans(_marked(*wide, "Api 🔥 padam.")) == ["Api 🔥 padam."]
    assert _spans(_marked(fire[0] - 1, fire[1] - 1, "Api 🔥 padam.")) == ["Api 🔥 padam."]
    assert _spans(_marked(wide[0] - 1, wide[1] - 1, "Api 🔥 padam.")) == ["Api 🔥 padam."]
    both = _marked(PEOPLE.index("berlari"), len(PEOPLE), "berlari.\\nApi 🔥 padam.")
    assert _spans(both) == ["berlari.\r\nApi 🔥 padam."]


def test_hypertext_spans_are_read_by_their_global_offsets() -> None:
    task = _marked(0, 0)
    region = task["annotations"][0]["result"][1]
    begin = PEOPLE.index("Warga")
    offsets = {"start": begin, "end": begin + 5}
    region["type"] = "hypertextlabels"
    region["value"] = {"start": "/p[1]", "end": "/p[1]", "globalOffsets": offsets, "hypertextlabels": ["disaster"]}
    assert _spans(task) == ["Warga"]


def test_a_span_whose_text_stands_elsewhere_is_refused() -> None:
    (problem,) = bad(label_studio.read(raw(_marked(0, 3, "tidak ada"))))
    assert problem.reason == "annotation 1: the text of a span of disaster does not stand where it should"


@pytest.mark.parametrize(
    ("by", "actor"),
    [
        (12, "12"),
        ({"id": 12, "email": "ani@desk.example"}, "ani"),
        ({"id": 13, "email": "x@desk.example"}, "x@desk.example"),
        (None, ""),
        ({"id": 14}, "budi"),
    ],
)
def test_accounts_of_label_studio_get_our_names(by: Any, actor: str) -> None:
    task = _marked(0, 3)
    task["annotations"][0] |= {"completed_by": by, "updated_at": "2024-11-27T03:05:00.000000Z"}
    (record,) = good(label_studio.read(raw(task), actors={"ani@desk.example": "ani", "14": "budi"}))
    assert (record.actor, record.at, record.codebook) == (actor, AT, VERSION)


def test_what_was_left_in_label_studio_is_no_answer_and_what_was_not_chosen_is_0() -> None:
    task = _marked(0, 3)
    task["annotations"].append({"was_cancelled": True, "result": []})
    (record,) = good(label_studio.read(raw(task)))
    assert record.values == nothing() | {"disaster": 1}


# Argilla -------------------------------------------------------------------------------------------------------------


def test_the_settings_ask_every_question_that_is_answered() -> None:
    made = json.loads(argilla.settings({"fraud": "Kecurangan"}, {"alert": ("a", "b", "c", "d")}, "Bacalah."))
    questions = {one["name"]: one["settings"] for one in made["questions"]}
    assert set(entries(BLAZE)[0]["responses"]) <= set(questions)
    for name, highest in FIELDS.items():
        assert [one["value"] for one in questions[name]["options"]] == [str(n) for n in range(highest + 1)]
        assert questions[name]["visible_options"] in (None, highest + 1)
    assert questions["alert"]["options"][2]["text"] == "2 c"
    for field in TextField:
        spans = questions[f"{field.value}_spans"]
        assert (spans["field"], spans["type"]) == (field.value, "span")
        assert [one["value"] for one in spans["options"]] == list(FIELDS)
    assert {one["name"] for one in made["fields"]} == set(entries(BLAZE)[0]["fields"])
    assert made["allow_extra_metadata"] is True
    assert made["guidelines"] == "Bacalah."


def test_argilla_counts_as_its_pages_do() -> None:
    (span,) = entries(BLAZE)[0]["responses"]["text_spans"][0]["value"]
    units = PEOPLE.encode("utf-16-le")
    assert units[2 * span["start"] : 2 * span["end"]].decode("utf-16-le") == "Api 🔥 padam."


def test_users_of_argilla_get_our_names_and_ours_their_numbers() -> None:
    number = "5f0c9c9e-3f0b-4b8e-9d5e-0d3f4a5b6c7d"
    (entry,) = json.loads("".join(argilla.write([BLAZE], {"ani": number})))
    assert {one["user_id"] for given in entry["responses"].values() for one in given} == {number}
    entry["metadata"] = {}
    (found,) = good(argilla.read(raw(entry), actors={number: "ani"}))
    assert (found.actor, found.at, found.codebook) == ("ani", None, VERSION)
    assert good(argilla.read(raw(entry)))[0].actor == number


def test_drafts_and_discarded_records_of_argilla_are_no_answers() -> None:
    (entry,) = entries(BLAZE, replace(BLAZE, actor="budi"))
    for responses in entry["responses"].values():
        responses[0]["status"] = "draft"
    assert [one.actor for one in good(argilla.read(raw(entry)))] == ["budi"]


# What is broken ------------------------------------------------------------------------------------------------------

_LINE: list[tuple[dict[str, Any], str]] = [
    ({"labels": None}, "labels is missing"),
    ({"labels": [1]}, "labels is not an object"),
    ({"labels": nothing() | {"hate": 1}}, "no field 'hate'"),
    ({"labels": {"fraud": 1}}, "no value for conflict"),
    ({"labels": nothing() | {"fraud": 2}}, "fraud 2 is outside 0..1"),
    ({"labels": nothing() | {"alert": -1}}, "alert -1 is outside"),
    ({"labels": nothing() | {"fraud": True}}, "fraud is not a whole number"),
    ({"labels": nothing() | {"fraud": 1.0}}, "fraud is not a whole number"),
    ({"labels": nothing() | {"fraud": "1"}}, "fraud is not a whole number"),
    ({"id": None}, "the id is missing"),
    ({"id": "  "}, "the id is missing"),
    ({"id": ["a"]}, "id is not a text"),
    ({"id": "x" * 201}, "longer than 200"),
    ({"title": "", "text": None, "spans": []}, "both empty"),
    ({"text": {"a": 1}}, "text is not a text"),
    ({"text": "a\0b", "spans": []}, "text holds a NUL character"),
    ({"text": "a\ud800b", "spans": []}, "lone surrogate"),
    ({"kind": "video"}, "kind 'video' is not known"),
    ({"note": 3}, "note is not a text"),
    ({"actor": "x" * 201}, "actor is longer"),
    ({"at": "2024-11-27T03:05:00"}, "at has no time zone"),
    ({"at": "yesterday"}, "at is not a time"),
    ({"spans": {}}, "spans is not a list"),
    ({"spans": ["a"]}, "a span is not an object"),
    ({"spans": [{"label": [], "field": "text", "start": 0, "end": 1}]}, "no field of the codebook"),
    ({"spans": [{"label": "fraud", "field": "text", "start": 0, "end": 1}]}, "fraud, which is 0"),
    ({"spans": [{"label": "alert", "field": "url", "start": 0, "end": 1}]}, "neither title nor text"),
    ({"spans": [{"label": "alert", "field": "text", "start": 0, "end": 1e9}]}, "not a whole number"),
    ({"spans": [{"label": "alert", "field": "text", "start": 0, "end": 999}]}, "ends after the text"),
    ({"spans": [{"label": "alert", "field": "text", "start": 3, "end": 3}]}, "ends before it begins"),
    ({"spans": [{"label": "alert", "field": "text", "start": -1, "end": 3}]}, "ends before it begins"),
    ({"spans": [{"label": "alert", "field": "text", "start": 0, "end": 1}] * 41}, "more than 40 spans"),
    ({"proposed": {"alert": 9}}, "no value for"),
]


@pytest.mark.parametrize(("change", "reason"), _LINE)
def test_a_line_that_cannot_be_taken_says_why_and_the_rest_goes_on(change: dict[str, Any], reason: str) -> None:
    broken = json.dumps(lines(BLAZE)[0] | change).encode()
    fine = json.dumps(lines(replace(BLAZE, id="k-10"))[0]).encode()
    found = list(jsonl.read([b"\n", broken, fine]))
    assert [type(one).__name__ for one in found] == ["BadRecord", "LabelRecord"]
    (problem,) = bad(found)
    assert problem.number == 2
    assert reason in problem.reason


@pytest.mark.parametrize(
    ("change", "ours"),
    [({"published_at": "kemarin"}, None), ({"published_at": "2024-11"}, datetime(2024, 10, 31, 16, tzinfo=UTC))],
)
def test_a_date_that_cannot_be_read_drops_no_record(change: dict[str, Any], ours: datetime | None) -> None:
    (record,) = good(jsonl.read([json.dumps(lines(BLAZE)[0] | change).encode()]))
    assert record.published_at == ours


def test_numbers_are_ids_too() -> None:
    (record,) = good(jsonl.read([json.dumps(lines(BLAZE)[0] | {"id": 12}).encode()]))
    assert record.id == "12"


def _read_lines(*records: LabelRecord, known: set[str] | None = None) -> list[Any]:
    return list(jsonl.read((line.encode() for line in jsonl.write(records)), known))


def _read_tasks(*records: LabelRecord, known: set[str] | None = None) -> list[Any]:
    return list(label_studio.read(as_bytes(label_studio.write(records)), known))


def _read_entries(*records: LabelRecord, known: set[str] | None = None) -> list[Any]:
    return list(argilla.read(as_bytes(argilla.write(records)), known))


READERS = [_read_lines, _read_tasks, _read_entries]


@pytest.mark.parametrize("read", READERS)
def test_twice_the_same_account_for_the_same_item_counts_once(read: Callable[..., list[Any]]) -> None:
    other = replace(BLAZE, id="other")
    found = read(BLAZE, replace(BLAZE, actor="budi"), other, BLAZE)
    assert good(one for one in found if isinstance(one, LabelRecord)) == [BLAZE, replace(BLAZE, actor="budi"), other]
    (problem,) = bad(found)
    assert problem.reason == "a second answer for 'k-9' by 'ani'"


@pytest.mark.parametrize("read", READERS)
def test_a_label_of_an_unknown_item_is_reported(read: Callable[..., list[Any]]) -> None:
    stranger = replace(BLAZE, id="stranger")
    found = read(stranger, BLAZE, known={"k-9"})
    assert found[1:] == [BLAZE]
    assert bad(found)[0].reason == "no item 'stranger' is known"


@pytest.mark.parametrize("read", READERS)
def test_a_known_item_may_come_without_its_text(read: Callable[..., list[Any]]) -> None:
    bare = replace(BLAZE, title="", text="", spans=())
    assert read(bare, known={"k-9"}) == [bare]
    assert "both empty" in bad(read(bare))[0].reason


def _task(change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    (task,) = tasks(BLAZE)
    change(task)
    return task


def _result(part: dict[str, Any]) -> Callable[[dict[str, Any]], Any]:
    return lambda task: task["annotations"][0]["result"].append(part)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda task: task.pop("data"), "data is missing"),
        (lambda task: task["data"].pop("id"), "the id is missing"),
        (lambda task: task.update(annotations={}), "annotations is not a list"),
        (lambda task: task.update(annotations=["x"]), "annotation 1: it is not an object"),
        (lambda task: task["annotations"][0].update(result=7), "annotation 1: result is not a list"),
        (_result({"from_name": "hate", "type": "choices", "value": {"choices": ["1"]}}), "'hate' ('choices') is no"),
        (_result({"from_name": ["x"], "type": "choices", "value": {}}), "from_name is not a text"),
        (_result({"from_name": "fraud", "type": "rating", "value": {"rating": 1}}), "is no part of the labelling"),
        (_result({"from_name": "fraud", "type": "choices", "value": {"choices": ["0", "1"]}}), "fraud has 2 choices"),
        (_result({"from_name": "fraud", "type": "choices", "value": {"choices": ["7"]}}), "fraud 7 is outside"),
        (_result({"from_name": "fraud", "type": "choices", "value": {"choices": ["ya"]}}), "'ya' is no value"),
        (_result({"from_name": "fraud", "type": "choices", "value": {"choices": ["²"]}}), "is no value"),
        (_result({"from_name": "note", "type": "textarea", "value": {"text": [1]}}), "note is not a text"),
        (_result({"from_name": "text_spans", "type": "labels", "value": {"start": 0, "end": "3", "labels": ["alert"]}}),
         "not a whole number"),
        (_result({"from_name": "text_spans", "type": "hypertextlabels", "value": {"hypertextlabels": ["alert"]}}),
         "globalOffsets is missing"),
        (_result({"from_name": "text_spans", "type": "labels",
                  "value": {"start": 0, "end": 3, "labels": ["alert"] * 41}}), "more than 40 spans"),
        (lambda task: task["data"]["answers"].update({task["annotations"][0]["unique_id"]: {"actor": 5}}),
         "actor is not a text"),
    ],
)  # fmt: skip
def test_a_task_that_cannot_be_taken_says_why(change: Callable[[dict[str, Any]], Any], reason: str) -> None:
    found = list(label_studio.read(raw(_task(change), *tasks(replace(BLAZE, id="next")))))
    assert [one.reason for one in bad(found) if reason not in one.reason] == []
    assert len(bad(found)) == 1
    assert bad(found)[0].number == 1
    assert found[-1] == replace(BLAZE, id="next")


def test_one_bad_annotation_leaves_the_others() -> None:
    (task,) = tasks(BLAZE, replace(BLAZE, actor="budi"))
    task["annotations"][0]["result"] = "x"
    found = list(label_studio.read(raw(task)))
    assert [one.actor for one in found if isinstance(one, LabelRecord)] == ["budi"]
    assert len(bad(found)) == 1


def _entry(change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    (entry,) = entries(BLAZE)
    change(entry)
    return entry


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda entry: entry.pop("fields"), "fields is missing"),
        (lambda entry: entry.update(id=""), "the id is missing"),
        (lambda entry: entry.update(metadata=[1]), "metadata is not an object"),
        (lambda entry: entry.update(responses=[1]), "responses is not an object"),
        (lambda entry: entry["responses"].update(fraud={}), "the responses to 'fraud' is not a list"),
        (lambda entry: entry["responses"].update(fraud=["1"]), "a response is not an object"),
        (lambda entry: entry["responses"]["fraud"].append(entry["responses"]["fraud"][0]), "two responses"),
        (lambda entry: entry["responses"]["fraud"][0].update(value=1), "fraud is not a text"),
        (lambda entry: entry["responses"]["fraud"][0].update(value="5"), "fraud 5 is outside"),
        (lambda entry: entry["responses"].update(hate=entry["responses"]["fraud"]), "'hate' is no question"),
        (lambda entry: entry["responses"]["text_spans"][0].update(value="x"), "text_spans is not a list"),
        (lambda entry: entry["responses"]["text_spans"][0]["value"][0].update(start=1), "ends inside a character"),
        (lambda entry: entry["responses"]["text_spans"][0]["value"][0].update(end=9999), "after the text"),
    ],
)
def test_an_entry_that_cannot_be_taken_says_why(change: Callable[[dict[str, Any]], Any], reason: str) -> None:
    found = list(argilla.read(raw(_entry(change), *entries(replace(BLAZE, id="next")))))
    (problem,) = bad(found)
    assert problem.number == 1
    assert reason in problem.reason
    assert found[-1] == replace(BLAZE, id="next")


_any: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 9) | st.sampled_from(["text", "fraud", "1", "labels", "choices"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["id", "data", "annotations", "result", "value", "from_name", "type", "labels", "start", "end",
                         "text", "fields", "responses", "user_id", "choices", "spans", "fraud", "metadata"]),
        inner, max_size=6,
    ),
    max_leaves=25,
)  # fmt: skip


@given(st.lists(_any, max_size=4))
def test_no_shape_of_json_breaks_a_reader(values: list[Any]) -> None:
    for read in (label_studio.read, argilla.read):
        assert len(list(read(raw(*values)))) <= 20 * len(values)
    list(jsonl.read(json.dumps(one).encode() for one in values))


@pytest.mark.parametrize("read", [label_studio.read, argilla.read, jsonl.read])
def test_an_empty_file_holds_nothing(read: Callable[..., Any]) -> None:
    assert list(read([])) == list(read([b""])) == list(read([b"\xef\xbb\xbf"])) == []
    assert "".join(label_studio.write([])) == "".join(argilla.write([])) == "[]\n"


# Offsets and the contract --------------------------------------------------------------------------------------------


@given(st.text(max_size=40), st.integers(0, 40))
def test_offsets_go_to_utf16_and_back(text: str, offset: int) -> None:
    text = "".join(character for character in text if not "\ud800" <= character <= "\udfff")
    offset = min(offset, len(text))
    assert to_utf16(text, offset) == len(text[:offset].encode("utf-16-le")) // 2
    assert from_utf16(text, to_utf16(text, offset)) == offset


def test_an_offset_inside_a_character_is_none() -> None:
    assert [from_utf16("🚒a", n) for n in (-1, 0, 1, 2, 3, 4)] == [None, 0, None, 1, 2, None]


def test_the_example_of_the_contract_is_read_whole() -> None:
    raw_lines = (CONTRACTS / "labels.example.jsonl").read_bytes().splitlines()
    records = good(jsonl.read(raw_lines))
    assert len(records) == len(raw_lines)
    assert [json.loads(line) for line in jsonl.write(records)] == lines(*records)
    assert any(one.spans for one in records)
    assert all(one.at is None or one.at - AT < timedelta(days=365) for one in records)


@pytest.mark.parametrize(
    "change",
    [{"labels": {}}, {"labels": nothing() | {"alert": 4}}, {"spans": [{"label": "alert"}]}, {"note": 3}, {"id": None}],
)
def test_the_contract_refuses_what_the_reader_refuses(change: dict[str, Any]) -> None:
    line = lines(BLAZE)[0] | change
    assert problems("labels", line)
    assert bad(jsonl.read([json.dumps(line).encode()]))


def test_spans_of_the_record_are_code_points() -> None:
    (record,) = good(jsonl.read(line.encode() for line in jsonl.write([BLAZE])))
    assert record.spans[1] == LabelSpan("disaster", TextField.TEXT, PEOPLE.index("Api"), len(PEOPLE))
