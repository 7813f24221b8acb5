"""The JSONL commands as outside programs call them: real processes, real model."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.command import CONTRACTS, Answer, jsonl, problems, read_jsonl, waspada
from waspada.items.jsonl import MAX_LINE_BYTES

ITEMS = CONTRACTS / "item.example.jsonl"
CLAIMS = CONTRACTS / "claim.example.jsonl"
COMMANDS: dict[str, tuple[str | Path, ...]] = {
    "classify": (),
    "embed": (),
    "match": ("--claims", CLAIMS),
    "cluster": (),
    "backtest": (),
}
#: Commands that answer every good line, in order.
LINE_BY_LINE = ("classify", "embed", "match", "cluster")

#: Good and bad lines together; `None` where no answer is due, else the id of the answer.
MIXED: list[tuple[bytes, Any]] = [
    (b'\xef\xbb\xbf{"id": "satu", "title": "Rapat pleno ditunda di Amuntai"}\n', "satu"),
    (b"\n", None),
    (b'{"id": 2, "text": "Banjir merendam Barabai", "title": null, "url": null, "outlet": "", "voice": null}\r\n', 2),
    (b"ini bukan JSON\n", None),
    (b'["daftar"]\n', None),
    (b'{"title": "Tanpa id"}\n', ...),
    ('{"id": "latin", "title": "café"}\n'.encode("latin-1"), None),
    (b'{"id": "kosong", "title": " ", "text": null}\n', None),
    (b'{"id": "tanggal", "title": "Tanggal aneh", "published_at": "kemarin sore"}\n', "tanggal"),
    (b'{"id": "jenis", "title": "Jenis aneh", "kind": "video", "published_at": "2024-11"}\n', "jenis"),
    (b'{"id": {"a": [1]}, "title": "Emoji \\ud83d\\ude00 dan \\ud800 sendiri di Martapura"}\n', {"a": [1]}),
    (b'{"id": "besar", "text": "' + b"kata " * (MAX_LINE_BYTES // 5 + 1) + b'"}\n', None),
    (b'{"id": "panjang", "text": "' + b"Warga menunggu di kantor. " * 4_000 + b'"}\n', "panjang"),
    (b'{"id": NaN, "title": "x"}\n', None),
    (b'{"id": "akhir", "title": "Baris terakhir tanpa baris baru"}', "akhir"),
]
BAD_LINES = [4, 5, 7, 8, 12, 14]
GOOD_IDS = [None if id_ is ... else id_ for _, id_ in MIXED if id_ is not None]


@pytest.fixture(scope="module", params=list(COMMANDS))
def command(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def example(command: str) -> Answer:
    return waspada(command, ITEMS, *COMMANDS[command], fresh=True)


@pytest.fixture(scope="module")
def mixed(command: str) -> Answer:
    return waspada(command, "-", *COMMANDS[command], stdin=b"".join(line for line, _ in MIXED))


def ids(answer: Answer) -> list[Any]:
    return [line["id"] for line in answer.lines]


def test_example_is_answered_as_the_contract_says(command: str, example: Answer) -> None:
    assert example.code == 0, example.errors
    assert example.lines
    for line in example.lines:
        assert problems(command, line) == []


def test_nothing_but_answers_on_standard_output(command: str, example: Answer, mixed: Answer) -> None:
    for answer in (example, mixed):
        assert answer.out == b"" or answer.out.endswith(b"\n")
        assert all(isinstance(line, dict) for line in answer.lines)


def test_order_is_that_of_the_lines(command: str, example: Answer) -> None:
    if command == "backtest":
        keys = [(line["day"], line["rank"]) for line in example.lines]
        assert keys == sorted(keys)
    else:
        assert ids(example) == [item.get("id") for item in read_jsonl(ITEMS)]


def test_bad_lines_are_reported_by_number_and_the_rest_goes_on(command: str, mixed: Answer) -> None:
    assert mixed.code == 1
    reported = [line for line in mixed.errors.splitlines() if line.startswith("line ") and "warning" not in line]
    numbers = [int(line.split()[1].rstrip(":")) for line in reported if "left out" not in line]
    assert numbers == BAD_LINES
    assert "Traceback" not in mixed.errors
    if command in LINE_BY_LINE:
        assert ids(mixed) == GOOD_IDS
        assert [problems(command, line) for line in mixed.lines] == [[]] * len(GOOD_IDS)


def test_unreadable_date_is_null_with_a_warning_and_the_item_stays(command: str, mixed: Answer) -> None:
    assert "line 9: warning: published_at 'kemarin sore' cannot be read and is taken as null" in mixed.errors
    assert "line 10: warning: kind 'video' is not known" in mixed.errors
    if command in LINE_BY_LINE:
        assert "tanggal" in ids(mixed)
    else:
        assert "line 9: no publication time; left out of the backtest" in mixed.errors


def test_empty_file(command: str, tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_bytes(b"")
    assert waspada(command, empty, *COMMANDS[command]) == Answer(0, b"", "")


def test_standard_input_gives_what_the_file_gives(command: str, example: Answer) -> None:
    assert waspada(command, "-", *COMMANDS[command], stdin=ITEMS.read_bytes()) == example


def test_file_in_another_encoding_is_all_bad_lines(tmp_path: Path) -> None:
    path = tmp_path / "utf16.jsonl"
    path.write_bytes('{"id": 1, "title": "Rapat"}\n'.encode("utf-16"))
    answer = waspada("classify", path)
    assert (answer.code, answer.out) == (1, b"")
    assert "line 1: the line is not UTF-8" in answer.errors


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("classify", "none.jsonl"), "The file none.jsonl cannot be read: No such file or directory"),
        (("match", ITEMS, "--claims", "none.jsonl"), "The file none.jsonl cannot be read: No such file or directory"),
        (("backtest", ITEMS, "--zone", "Asia/Nowhere"), "time zone 'Asia/Nowhere' is not known"),
        (("extract", "none.html", "--url", "https://kabar.example/x"), "none.html cannot be read"),
        (("backtest", ITEMS, "--top", "0"), "--top"),
    ],
)
def test_what_stops_a_command_is_one_message(arguments: tuple[str | Path, ...], said: str) -> None:
    answer = waspada(*arguments)
    assert (answer.code, answer.out) == (2, b"")
    assert said in answer.errors
    assert "Traceback" not in answer.errors


class TestClassify:
    def test_offsets_are_code_points_of_the_field_as_it_came(self) -> None:
        texts = [
            "😀😀 Dua kelompok pendukung bentrok di Martapura\u0301 dan lempar batu. 😀 Lima luka di Banjarmasin.",
            "Bari\u0000s\u200b satu.\r\n\r\nMassa bentrok dan membakar kantor di Kecamatan Astambul, Kabupaten Banjar!",
        ]
        items = [{"id": n, "title": "🔥 Bentrok pecah di Banjarbaru", "text": text} for n, text in enumerate(texts)]
        answer = waspada("classify", "-", stdin=jsonl(items))
        assert answer.code == 0
        found = 0
        for item, line in zip(items, answer.lines, strict=True):
            assert line["labels"]["conflict"]["on"]
            for piece, name in [(e, "sentence") for e in line["evidence"]] + [(p, "mention") for p in line["places"]]:
                assert str(item[piece["field"]])[piece["start"] : piece["end"]] == piece[name]
                found += 1
        assert found >= 6

    def test_home_of_a_known_outlet_is_the_prior_for_places(self) -> None:
        item = {"id": 1, "title": "Rapat", "text": "Warga Kecamatan Banjarmasin Timur menunggu di kelurahan."}
        (line,) = waspada("classify", "-", stdin=jsonl([item])).lines
        assert "63.71" in {place["code"][:5] for place in line["places"]}


class TestEmbed:
    def test_norm_is_one_also_for_odd_texts(self) -> None:
        texts = ["Banjir di Barabai", "!!!", "😀", "a", "\u200b.", "ก ข ค", "x" * 50_000]
        lines = waspada("embed", "-", stdin=jsonl([{"id": n, "text": text} for n, text in enumerate(texts)])).lines
        assert len(lines) == len(texts)
        for line in lines:
            assert math.sqrt(sum(x * x for x in line["embedding"])) == pytest.approx(1.0, abs=1e-4)


class TestMatch:
    def test_always_the_best_ten(self, tmp_path: Path) -> None:
        many = tmp_path / "claims.jsonl"
        many.write_bytes(jsonl([{"id": n, "claim": f"Klaim ke-{n} tentang surat suara"} for n in range(25)]))
        for line in waspada("match", ITEMS, "--claims", many).lines:
            assert len(line["matches"]) == 10
            scores = [match["score"] for match in line["matches"]]
            assert scores == sorted(scores, reverse=True)

    def test_bad_fact_check_is_reported_with_its_file_and_line(self, tmp_path: Path) -> None:
        claims = tmp_path / "claims.jsonl"
        claims.write_bytes(b'{"claim": "tanpa id"}\n{"id": "b", "claim": "Pulpen palsu"}\nx\n')
        answer = waspada("match", ITEMS, "--claims", claims)
        assert answer.code == 1
        assert f"{claims}, line 1: the fact-check has no id" in answer.errors
        assert f"{claims}, line 3: the line is not JSON" in answer.errors
        assert len(answer.lines) == len(read_jsonl(ITEMS))

    def test_without_any_fact_check_nothing_matches(self, tmp_path: Path) -> None:
        empty = tmp_path / "claims.jsonl"
        empty.write_bytes(b"")
        answer = waspada("match", ITEMS, "--claims", empty)
        assert answer.code == 0
        assert [line["matches"] for line in answer.lines] == [[]] * len(read_jsonl(ITEMS))
        assert "holds no fact-check" in answer.errors

    def test_same_id_again_is_said_and_the_last_line_counts(self, tmp_path: Path) -> None:
        claims = tmp_path / "claims.jsonl"
        rows = [
            {"id": 1, "claim": "Beras plastik"},
            {"id": "1", "claim": "Telur palsu"},
            {"id": 1, "claim": "Kabut asap"},
        ]
        claims.write_bytes(jsonl(rows))
        answer = waspada("match", "-", "--claims", claims, stdin=jsonl([{"id": "a", "text": "Kabut asap lagi"}]))
        assert answer.code == 0
        assert "line 3: warning: the id 1 stood before" in answer.errors
        (line,) = answer.lines
        assert [match["claim_id"] for match in line["matches"]] == [1, "1"]

    def test_very_many_fact_checks_are_compared_by_words(self, tmp_path: Path) -> None:
        many = tmp_path / "claims.jsonl"
        many.write_bytes(jsonl([{"id": n, "claim": f"Klaim ke-{n} tentang surat suara"} for n in range(20_001)]))
        answer = waspada("match", "-", "--claims", many, stdin=jsonl([{"id": 1, "text": "klaim ke-777 surat suara"}]))
        assert answer.code == 0
        assert "compared by their words only" in answer.errors
        (line,) = answer.lines
        assert len(line["matches"]) == 10
        assert line["matches"][0]["claim_id"] == 777

    def test_claim_of_a_megabyte_is_one_claim(self, tmp_path: Path) -> None:
        claims = tmp_path / "claims.jsonl"
        claims.write_bytes(jsonl([{"id": "besar", "claim": "Naga terlihat di danau. " + "kata " * 200_000}]))
        answer = waspada("match", "-", "--claims", claims, stdin=jsonl([{"id": 1, "text": "naga di danau"}]))
        assert [match["claim_id"] for match in answer.lines[0]["matches"]] == ["besar"]


class TestCluster:
    def test_wire_copies_are_one_story_with_and_without_dates(self) -> None:
        first, copy, other = read_jsonl(ITEMS)[0], read_jsonl(ITEMS)[1], read_jsonl(ITEMS)[2]
        for dated in (True, False):
            items = [{**item, "published_at": item["published_at"] if dated else None} for item in (first, copy, other)]
            stories = [line["story"] for line in waspada("cluster", "-", stdin=jsonl(items)).lines]
            assert stories[0] == stories[1] != stories[2]

    def test_ids_need_not_be_unique(self) -> None:
        items = [{"id": "sama", "text": f"Kabar nomor {n} dari Barabai tentang pasar {n}."} for n in range(3)]
        assert [line["id"] for line in waspada("cluster", "-", stdin=jsonl(items)).lines] == ["sama"] * 3


EVENTS = (
    "Dua kelompok pendukung pasangan calon bentrok di depan kantor kecamatan di {place}. Saling lempar batu "
    "berlangsung satu jam, {n} orang luka dan dua sepeda motor dibakar massa.",
    "Banjir merendam {n} rumah di {place} sejak subuh. Warga mengungsi ke gedung sekolah dan petugas mendirikan "
    "dapur umum setelah tanggul sungai jebol diterjang arus.",
)
PLACES = ("Martapura", "Barabai", "Kandangan", "Amuntai", "Rantau", "Pelaihari")


def events(days: int) -> list[dict[str, Any]]:
    """A clash and a flood on each day, each told by two outlets."""
    return [
        {
            "id": f"{day}-{n}-{outlet[:1]}",
            "title": f"{event.split(maxsplit=1)[0]} Dilaporkan di {PLACES[(day + n) % 6]}",
            "text": event.format(place=PLACES[(day + n) % 6], n=day + n + 3),
            "published_at": f"2024-11-{10 + day:02d}T{9 + 5 * n:02d}:{minute:02d}:00+08:00",
            "outlet": outlet,
        }
        for day in range(days)
        for n, event in enumerate(EVENTS)
        for minute, outlet in ((10, "Kabar Banua"), (40, "Warta Barito"))
    ]


def backtest(items: list[dict[str, Any]], *options: str) -> list[dict[str, Any]]:
    answer = waspada("backtest", "-", *options, stdin=jsonl(items))
    assert answer.code == 0, answer.errors
    for line in answer.lines:
        assert problems("backtest", line) == []
        assert sum(line["parts"].values()) == line["score"]
    return answer.lines


@pytest.fixture(scope="module")
def four_days() -> list[dict[str, Any]]:
    return backtest(events(4))


class TestBacktest:
    def test_days_ranks_and_scores(self, four_days: list[dict[str, Any]]) -> None:
        days = sorted({line["day"] for line in four_days})
        assert days == ["2024-11-10", "2024-11-11", "2024-11-12", "2024-11-13"]
        for day in days:
            of_day = [line for line in four_days if line["day"] == day]
            assert [line["rank"] for line in of_day] == list(range(1, len(of_day) + 1))
            assert [line["score"] for line in of_day] == sorted((line["score"] for line in of_day), reverse=True)
            assert all(id_.startswith(f"{int(day[-2:]) - 10}-") for line in of_day for id_ in line["items"])

    def test_nothing_of_a_later_day_changes_an_earlier_one(self, four_days: list[dict[str, Any]]) -> None:
        prefix = [line for line in four_days if line["day"] <= "2024-11-11"]
        assert backtest(events(2)) == prefix

    def test_order_of_the_file_changes_nothing(self, four_days: list[dict[str, Any]]) -> None:
        assert backtest(events(4)[::-1]) == four_days

    def test_top(self, four_days: list[dict[str, Any]]) -> None:
        assert max(line["rank"] for line in four_days) >= 2
        assert backtest(events(4), "--top", "1") == [line for line in four_days if line["rank"] == 1]

    @pytest.mark.parametrize(
        ("zone", "day_of"),
        [
            ("Asia/Makassar", {"late": "2024-11-20", "early": "2024-11-10", "local": "2024-11-15"}),
            ("Asia/Jayapura", {"late": "2024-11-21", "early": "2024-11-10", "local": "2024-11-15"}),
            ("Asia/Jakarta", {"late": "2024-11-20", "early": "2024-11-09", "local": "2024-11-15"}),
        ],
    )
    def test_day_ends_at_midnight_of_the_zone(self, zone: str, day_of: dict[str, str]) -> None:
        """`local` has no zone of its own: it is taken in that of the backtest."""
        times = {
            "late": "2024-11-20T23:30:00+08:00",
            "early": "2024-11-10T00:10:00+08:00",
            "local": "2024-11-15T00:10:00",
        }
        items = [
            {**events(1)[0], "id": name, "text": EVENTS[0].format(place=place, n=4), "published_at": moment}
            for (name, moment), place in zip(times.items(), PLACES, strict=False)
        ]
        lines = backtest(items, "--zone", zone)
        assert {id_: line["day"] for line in lines for id_ in line["items"]} == day_of

    def test_items_without_a_date_are_listed_and_left_out(self) -> None:
        items = [*events(1), {"id": "tanpa", "title": "Bentrok di Martapura", "published_at": None}]
        answer = waspada("backtest", "-", stdin=jsonl(items))
        assert answer.code == 0
        assert f"line {len(items)}: no publication time; left out of the backtest" in answer.errors
        assert "tanpa" not in json.dumps(answer.lines)


class TestExtract:
    PAGE = CONTRACTS / "extract.example.html"
    URL = "https://kabar-banua.example/amuntai/rapat-pleno-dilanjutkan?utm_source=x"

    def test_page(self) -> None:
        answer = waspada("extract", self.PAGE, "--url", self.URL, fresh=True)
        assert (answer.code, answer.errors) == (0, "")
        (line,) = answer.lines
        assert problems("extract", line) == []
        assert line["url"] == self.URL
        assert line["canonical_url"] == "https://kabar-banua.example/amuntai/rapat-pleno-dilanjutkan"
        assert line["title"] == "Rapat Pleno di Amuntai Dilanjutkan Malam Ini"
        assert line["published_at"] == "2024-12-02T08:45:00Z"
        assert line["is_article"] is True
        assert "pencocokan selesai pada sore hari" in line["text"]
        assert "Anyaman Purun" not in line["text"]
        assert "Beranda" not in line["text"]

    @pytest.mark.parametrize("page", [b"", b"\xff\xfe\x00", b"<html", b"{}"])
    def test_odd_page_is_a_line_or_one_message(self, tmp_path: Path, page: bytes) -> None:
        path = tmp_path / "odd.html"
        path.write_bytes(page)
        answer = waspada("extract", path, "--url", "https://kabar-banua.example/x")
        assert "Traceback" not in answer.errors
        if answer.code == 0:
            (line,) = answer.lines
            assert problems("extract", line) == []
            assert line["is_article"] is False
        else:
            assert (answer.code, answer.out) == (2, b"")
            assert answer.errors.startswith("waspada: The page")
