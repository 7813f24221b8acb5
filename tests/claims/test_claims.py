"""Fact-checks: reading them, and noting those of a fact-checker."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from tests.rows import NOW, add_item, add_source
from waspada.claims.folding import split_verdict
from waspada.claims.jsonl import parse_claims
from waspada.claims.types import FactCheck
from waspada.jobs.group import group_tagged
from waspada.store import Store
from waspada.store.tables import FactCheckRow


def lines(*values: Any) -> list[bytes]:
    return [json.dumps(value).encode() for value in values]


class TestReading:
    def test_whole_line(self) -> None:
        line = {
            "id": 7,
            "claim": "Pulpen palsu",
            "title": "Keliru",
            "verdict": "SALAH",
            "url": "https://cek.example/7",
            "date": "2024-11-20T01:00:00Z",
        }
        (found,) = parse_claims(lines(line))
        assert found == (
            1,
            FactCheck(7, "Pulpen palsu", "Keliru", "SALAH", "https://cek.example/7", date(2024, 11, 20)),
        )

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            (b"nonsense", "not JSON"),
            (b"[]", "not a JSON object"),
            (b'{"claim": "Pulpen"}', "has no id"),
            (b'{"id": "", "claim": "Pulpen"}', "has no id"),
            (b'{"id": null, "claim": "Pulpen"}', "has no id"),
            (b'{"id": 1}', "claim and title are both empty"),
            (b'{"id": 1, "claim": " ", "title": null}', "claim and title are both empty"),
        ],
    )
    def test_bad_line_says_why(self, line: bytes, said: str) -> None:
        ((number, problem),) = parse_claims([line])
        assert number == 1
        assert isinstance(problem, str)
        assert said in problem

    def test_numbers_count_every_line(self) -> None:
        found = list(
            parse_claims(
                [b"\xef\xbb\xbf" + lines({"id": 1, "claim": "a"})[0], b"\n", b"x", *lines({"id": 0, "title": "b"})]
            )
        )
        assert [(number, isinstance(claim, str)) for number, claim in found] == [(1, False), (3, True), (4, False)]

    @pytest.mark.parametrize("given_date", ["kemarin", "2024-13-40", 20241120, ["2024-11-20"]])
    def test_unreadable_date_is_none_with_a_warning(self, given_date: Any) -> None:
        said: list[tuple[int, str]] = []
        read = parse_claims([b"", *lines({"id": 1, "claim": "a", "date": given_date})], lambda *one: said.append(one))
        ((_, claim),) = read
        assert isinstance(claim, FactCheck)
        assert claim.checked_on is None
        assert said == [(2, f"date {given_date!r} cannot be read and is taken as null")]

    @pytest.mark.parametrize(
        ("given_date", "day"),
        [
            ("2024-11-20", date(2024, 11, 20)),
            ("20/11/2024", date(2024, 11, 20)),
            ("2024-11-20T00:30:00+08:00", date(2024, 11, 20)),
            ("2024-11-19T16:30:00Z", date(2024, 11, 20)),
            ("2024-11-20 23:59", date(2024, 11, 20)),
            (None, None),
            ("", None),
        ],
    )
    def test_date_is_the_day_in_the_product_s_zone(self, given_date: str | None, day: date | None) -> None:
        said: list[tuple[int, str]] = []
        read = parse_claims(lines({"id": 1, "claim": "a", "date": given_date}), lambda *one: said.append(one))
        ((_, claim),) = read
        assert isinstance(claim, FactCheck)
        assert claim.checked_on == day
        assert said == []

    @given(st.lists(st.binary(max_size=60)))
    def test_no_bytes_make_it_raise(self, raw: list[bytes]) -> None:
        list(parse_claims(raw))


@pytest.mark.parametrize(
    ("title", "split"),
    [
        ("[SALAH] Surat suara tercoblos", ("SALAH", "Surat suara tercoblos")),
        ("(Keliru): Gempa besok", ("KELIRU", "Gempa besok")),
        ("Cek Fakta: Pulpen palsu", ("CEK FAKTA", "Pulpen palsu")),
        ("Hoaks! Pulpen palsu", ("HOAKS", "Pulpen palsu")),
        ("[VIDEO] Banjir di Martapura", ("", "[VIDEO] Banjir di Martapura")),
        ("[Sebagian Benar] TPS tutup siang", ("SEBAGIAN BENAR", "TPS tutup siang")),
        ("Benarkah pulpen palsu?", ("", "Benarkah pulpen palsu?")),
        ("", ("", "")),
    ],
)
def test_verdict_and_claim_of_a_headline(title: str, split: tuple[str, str]) -> None:
    assert split_verdict(title) == split


def test_article_of_a_fact_checker_becomes_a_fact_check(store: Store) -> None:
    with store.write() as session:
        add_source(session, "cek", role="factcheck")
        add_item(session, source="cek", title="[SALAH] Pulpen palsu di TPS", text="Tidak benar.")
        add_item(session, url="https://kabar-banjar.example/2", title="[SALAH] ketik")
    group_tagged(store, NOW)
    with store.read() as session:
        (check,) = session.scalars(select(FactCheckRow)).all()
    assert (check.id, check.claim, check.verdict, check.item_id) == ("item-1", "Pulpen palsu di TPS", "SALAH", 1)
    assert check.checked_on == NOW.date()


def test_day_of_a_noted_fact_check_is_the_day_in_the_product_s_zone(store: Store) -> None:
    """Half an hour past midnight in Banjarmasin is still the day before in UTC."""
    published = datetime(2024, 11, 25, 16, 30, tzinfo=UTC)
    with store.write() as session:
        add_source(session, "cek", role="factcheck")
        add_item(session, source="cek", title="[SALAH] Pulpen palsu di TPS", published_at=published)
    group_tagged(store, NOW)
    with store.read() as session:
        assert session.scalars(select(FactCheckRow.checked_on)).all() == [date(2024, 11, 26)]
