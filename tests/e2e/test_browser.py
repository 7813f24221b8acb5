"""The console in a real Chromium, on a screen and on a phone, over what the demo left."""

from __future__ import annotations

import shutil
import struct
import zlib
from pathlib import Path

import httpx
import pytest

from benchmarks.screenshots import shoot, sign_in
from tests.conftest import not_run
from tests.e2e.desks import answers
from tests.e2e.programs import Program

_SIZES = ((1280, 900), (360, 800))
_PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        not_run("chromium is not installed")
    return found


def test_console_is_drawn_on_a_screen_and_on_a_phone(chromium: str, demo_copy: Path, tmp_path: Path) -> None:
    service = Program("run", "--data", str(demo_copy), "--port", "0")
    try:
        base = service.address()
        token = service.one_time_token()
        service.wait_for(lambda: answers(base), "an answer of the console")
        with httpx.Client(base_url=base, follow_redirects=True, timeout=30) as reader:
            cookies = sign_in(reader, token)
            assert '<li class="card' in reader.get("/alerts").text
        for size in _SIZES:
            file = tmp_path / f"console-{size[0]}.png"
            shoot(chromium, base, cookies, "/alerts", file, size)
            width, height, different_rows = _picture(file.read_bytes())
            assert (width, height) == size
            print(f"{width} px: {file.stat().st_size // 1024} KiB, {different_rows} of {height} rows differ")
            assert different_rows > height / 3, "an empty page"
    finally:
        service.close()


def _picture(data: bytes) -> tuple[int, int, int]:
    """Width and height of a PNG, and how many of its rows differ: an empty page has one row again and again."""
    assert data.startswith(_PNG)
    header, packed, at = b"", b"", len(_PNG)
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        header = body if kind == b"IHDR" else header
        packed += body if kind == b"IDAT" else b""
        at += 12 + length
    width, height = struct.unpack(">II", header[:8])
    raw = zlib.decompress(packed)
    row_bytes = len(raw) // height
    return width, height, len({raw[start : start + row_bytes] for start in range(0, len(raw), row_bytes)})
