"""The regions that an item names, weighed by where they stand."""

from __future__ import annotations

import pytest

from waspada.places import find_places, main_regions

FILLER = "Kegiatan berlangsung tertib sampai selesai menurut panitia. " * 15


@pytest.mark.parametrize(
    ("title", "text", "home", "expected"),
    [
        ("", "Tidak ada nama tempat di sini.", "63.03", []),
        ("Bentrok di Barabai", "Barabai kini aman. Bantuan datang dari Banjarmasin.", None, ["63.07", "63.71"]),
        ("", "JAKARTA, (ANTARA) - Banjir merendam Kabupaten Tapin.", None, ["63.05", "31"]),
        ("Pilkada Kalsel Lancar", "Gubernur berterima kasih.", None, ["63"]),
        ("Banjir di Kalsel", "Air naik di Kecamatan Gambut, Kabupaten Banjar.", None, ["63.03"]),
        (
            "",
            "Ricuh di Desa Sungai Rangas Tengah, Kec. Martapura Barat. " + FILLER + "Serupa di Tapin.",
            None,
            ["63.03", "63.05"],
        ),
        (
            "Warga Tolak Tambang",
            FILLER + "Aksi serupa di Kotabaru dan Kotabaru lagi. Juga di Tapin.",
            None,
            ["63.02", "63.05"],
        ),
    ],
)
def test_main_regions(title: str, text: str, home: str | None, expected: list[str]) -> None:
    assert main_regions(find_places(title, text, home), home) == expected


def test_home_breaks_a_tie_and_no_more() -> None:
    mentions = find_places("", "Rapat antara Pemkab Barito Kuala dan Pemkab Kapuas Hulu.", None)
    assert main_regions(mentions, None) == ["61.06", "63.04"]
    assert main_regions(mentions, "63") == ["63.04", "61.06"]
    title_wins = find_places("Kapuas Hulu Siaga", "Pemkab Barito Kuala membantu.", None)
    assert main_regions(title_wins, "63")[0] == "61.06"
