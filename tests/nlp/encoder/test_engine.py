"""The arithmetic follows the processor."""

from __future__ import annotations

import pytest

from nlp.encoder.engine import abilities_of, arithmetic_of, available_cores


@pytest.mark.parametrize(
    ("abilities", "arithmetic"),
    [
        (["FP32"], "f32"),
        (["FP32", "BF16"], "bf16"),
        (["FP32", "INT8"], "int8"),
        (["FP32", "INT8", "BF16"], "int8 and bf16"),
        (["FP32", "INT8", "BF16", "AMX"], "bf16"),
    ],
)
def test_the_fastest_arithmetic_that_a_processor_has_is_chosen(abilities: list[str], arithmetic: str) -> None:
    assert arithmetic_of(abilities) == arithmetic


@pytest.mark.parametrize(
    ("cpu_info", "arithmetic"),
    [
        ("flags : avx2 fma", "f32"),
        ("flags : avx2 avx_vnni", "int8"),
        ("flags : avx512f avx512_vnni", "int8"),
        ("flags : avx512_vnni amx_tile", "bf16"),
        ("", "f32"),
    ],
)
def test_what_the_engine_says_of_int8_counts_only_with_vnni(cpu_info: str, arithmetic: str) -> None:
    assert arithmetic_of(abilities_of(["FP32", "INT8"], cpu_info)) == arithmetic


def test_at_least_one_core_is_used() -> None:
    assert available_cores() >= 1
