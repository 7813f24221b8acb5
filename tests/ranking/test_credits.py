"""The agency that a text credits, and the network of an outlet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waspada.sources.credits import agency_of
from waspada.sources.outlets import network_of


@given(st.text(max_size=400))
def test_no_text_is_too_odd(text: str) -> None:
    assert agency_of("Kabar Banua", text, text) in (None, "ANTARA")


@pytest.mark.parametrize(
    ("head", "tail"),
    [
        ("Banjarmasin (ANTARA) - Petugas memindahkan kotak suara.", ""),
        ("Jakarta, ANTARA - Petugas memindahkan kotak suara.", ""),
        ("Petugas memindahkan kotak.", "Warga kembali ke rumah. (ant)"),
        ("Petugas memindahkan kotak.", "Warga kembali ke rumah. (*/Antara)\n"),
        ("Petugas memindahkan kotak.", "Warga kembali ke rumah. (Antara/rel)."),
        ("Petugas memindahkan kotak.", "Warga kembali ke rumah.\nSumber: Antara"),
    ],
)
def test_credit_of_an_agency_is_seen(head: str, tail: str) -> None:
    assert agency_of("Kabar Banua", head, tail) == "ANTARA"
    assert agency_of("ANTARA News", head, tail) is None


@pytest.mark.parametrize(
    "text",
    [
        "Banjarmasin (Kabar Banua) - Jalan antara dua desa terputus.",
        "Jalan antara Martapura dan Banjarbaru (arah antara barat) terputus.",
        "Seorang wartawan kantor berita Antara hadir di rapat itu.",
        "Pertandingan berakhir (tant).",
        "",
    ],
)
def test_the_word_antara_is_no_credit(text: str) -> None:
    assert agency_of("Kabar Banua", text, text) is None


def test_networks_come_from_the_table() -> None:
    assert network_of("Banjarmasin Post") == network_of("Tribun Kaltim") == network_of("KOMPAS.com")
    assert network_of("Radar Banjarmasin") == network_of("JPNN") != network_of("Kompas")
    assert network_of(" Kabar  Banua ") == "kabar banua"
    assert network_of("") == ""
