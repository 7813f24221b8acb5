"""The console in a real Chromium, on a screen and on a phone, over what the demo left."""

from __future__ import annotations

import shutil
import struct
import zlib
from collections import Counter
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
            width, height, colours = _picture(file.read_bytes())
            assert (width, height) == size
            print(f"{size[0]} px: {file.stat().st_size // 1024} KiB, {len(colours)} colours")
            most_common = colours.most_common(1)[0][1]
            assert len(colours) >= 20
            assert most_common < 0.97 * width * height, "an empty page"
    finally:
        service.close()


def _picture(data: bytes) -> tuple[int, int, Counter[bytes]]:
    """Width, height and how many pixels each colour has, of a PNG with 8 bits a channel."""
    assert data.startswith(_PNG)
    header, packed, at = b"", b"", len(_PNG)
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        header = body if kind == b"IHDR" else header
        packed += body if kind == b"IDAT" else b""
        at += 12 + length
    width, height, depth, colour_type = struct.unpack(">IIBB", header[:10])
    channels = {2: 3, 6: 4}[colour_type]
    assert depth == 8
    return width, height, _colours(zlib.decompress(packed), width * channels, channels)


def _colours(raw: bytes, row_bytes: int, channels: int) -> Counter[bytes]:
    """Undoes the filter of each row (PNG specification, section 9) and counts the pixels."""
    counts: Counter[bytes] = Counter()
    above = bytearray(row_bytes)
    for start in range(0, len(raw), row_bytes + 1):
        row = _unfiltered(raw[start], bytearray(raw[start + 1 : start + 1 + row_bytes]), above, channels)
        counts.update(bytes(row[at : at + channels]) for at in range(0, row_bytes, channels))
        above = row
    return counts


def _unfiltered(filter_type: int, row: bytearray, above: bytearray, channels: int) -> bytearray:
    if filter_type == 0:
        return row
    for at in range(len(row)):
        left = row[at - channels] if at >= channels else 0
        up = above[at]
        corner = above[at - channels] if at >= channels else 0
        guess = (left, up, (left + up) // 2, _paeth(left, up, corner))[filter_type - 1]
        row[at] = (row[at] + guess) & 0xFF
    return row


def _paeth(left: int, up: int, corner: int) -> int:
    near = left + up - corner
    return min((left, up, corner), key=lambda value: abs(near - value))
