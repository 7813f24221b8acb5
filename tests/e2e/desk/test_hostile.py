"""Hostile titles, texts, names and addresses, planted in the store itself: shown harmless wherever they come out.

They go past the door on purpose: what a door let in by mistake must still do nothing on a page, in a file or a feed.
Addresses are found by themselves, so that a new page or file is looked at without being named.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from lxml import etree, html
from sqlalchemy.orm import Session

from api.rights import every
from tests.api import sample
from tests.e2e.desk.served import Served, served
from tests.e2e.desk.test_pages import filled, opened, shown_pages
from waspada.access import Role
from waspada.store.tables import AlertEventRow, SourceRow, TopicRow

#: Each would leave something that can be found if it were taken for more than text.
TEXTS = [
    "<script id=planted>alert(1)</script>",
    '"><img src=x onerror=alert(1) id=planted>',
    "'><svg/onload=alert(1) id=planted>",
    "</textarea></title></style><script id=planted>alert(1)</script>",
    "{{ 7919 * 104729 }} ${7919*104729} #{7919*104729} {% for x in y %}",
    '=HYPERLINK("http://planted.example","x")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\u202eterbalik\u202c \u2066terpisah\u2069 \u200b\u200d\ufeff",
    "Judul\r\nX-Planted: ya\r\n\r\n<b id=planted>",
    "Z\u0351\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309alg\u0351\u0300\u0301\u0302\u0303o",
    "javascript:alert(1)",
    "]]><b id=planted/><!--",
]
URLS = [
    "javascript:alert(1)",
    "data:text/html,<script id=planted>alert(1)</script>",
    "//planted.example/x",
    "https://u:p@planted.example/",
]
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_SAFE_ADDRESS = re.compile(r"^(https?://(?!planted|u:)|/(?!/)|\?|#|mailto:|data:image/svg)")
_ADDRESSES = ("href", "src", "action", "formaction", "poster", "data", "srcset")
#: More than any page shows but that of one item; a page that grew with a text of 1 MB would be above it.
MOST_BYTES = 400_000


def fill(session: Session) -> dict[str, int]:
    """The sample desk with every text of it hostile, and one text of 1 MB."""
    found = {}
    for number, text in enumerate(TEXTS):
        report = sample.Report(
            f"Media {number}", text, f"«{text}» {text}", url=URLS[number % len(URLS)], earlier=[f"Lama {text}"]
        )
        long = replace(report, title=text * 40, text=f"«{text}» " + "kata panjang " * 80_000) if number == 0 else report
        one = replace(
            sample.CLASH,
            headline=text,
            why=f"Tingkat 3. {text}",
            notes={"burst": text},
            reports=[
                long,
                replace(report, outlet=f"Media {number} {text[:20]}", kind="post", url=f"{report.url}?post"),
            ],
        )
        found[str(number)] = alert = sample.add_alert(session, one)
        session.add(AlertEventRow(alert_id=alert, at=sample.NOW, actor=text[:60], action="moved", from_state="new",
                                  to_state="acknowledged", note=text, detail={}))  # fmt: skip
        session.add(
            TopicRow(title=text[:80], description=text, examples=[text], places=[], actor=text[:60], at=sample.NOW)
        )
    for source in session.query(SourceRow):
        source.name = f"{source.name} {TEXTS[0]}"
        source.terms = TEXTS[1]
    return found


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("hostile"), fill) as running:
        yield running


@pytest.fixture(scope="module")
def cookies(desk: Served) -> list[dict[str, Any]]:
    return desk.cookies(Role.ADMIN)


def answers(desk: Served, cookies: list[dict[str, Any]]) -> Iterator[tuple[str, httpx.Response]]:
    """What every address gives that only reads, of three alerts where it is about one."""
    jar = {one["name"]: one["value"] for one in cookies}
    with httpx.Client(base_url=desk.base, cookies=jar, timeout=60) as reader:
        for right in every(desk.app):
            path = right.path
            if right.method != "GET" or path.startswith("/assets/") or path.endswith("/stream"):
                continue
            for number in ("1", "4", "8") if "{" in path else ("",):
                address = filled(path, number, source_id="media-0")
                yield address, reader.get(address)


def test_nothing_planted_comes_alive(desk: Served, cookies: list[dict[str, Any]]) -> None:
    seen = 0
    for address, answer in answers(desk, cookies):
        assert answer.status_code < 500, (address, answer.text[:300])
        assert "x-planted" not in answer.headers, address
        kind = answer.headers.get("content-type", "")
        if answer.status_code != 200:
            continue
        seen += 1
        assert "829348951" not in answer.text, address
        if kind.startswith("text/html"):
            _check_page(address, answer.text)
            assert address.startswith("/items/") or len(answer.content) < MOST_BYTES, (address, len(answer.content))
        elif "csv" in kind:
            _check_table(address, answer.text)
        elif "xml" in kind:
            tree = etree.fromstring(answer.content)
            assert not tree.xpath("//*[@id='planted'] | //*[local-name()='script']"), address
            assert not _BIDI.search(answer.text), address
        else:
            assert "json" in kind or kind.startswith(
                ("text/plain", "text/calendar", "image/", "text/javascript", "application/")
            ), kind
    assert seen > 25


def _check_page(address: str, text: str) -> None:
    tree = html.document_fromstring(text)
    assert not tree.xpath("//*[@id='planted']"), address
    for element in tree.iter(etree.Element):
        if element.tag == "script":
            assert (element.get("src") or "").startswith("/assets/"), address
            assert not (element.text or "").strip(), address
        for name, value in element.attrib.items():
            assert name != "style", address
            assert not str(name).lower().startswith("on"), (address, name)
            if name in _ADDRESSES and value:
                assert _SAFE_ADDRESS.match(str(value)), (address, name, value)
    assert not _BIDI.search(text), address


def _check_table(address: str, text: str) -> None:
    for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"))):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row), (address, row)
    assert not _BIDI.search(text), address


def test_in_a_browser_nothing_happens(browser: Any, desk: Served, cookies: list[dict[str, Any]]) -> None:
    context = opened(browser, cookies, "phone")
    tab = context.new_page()
    said: list[str] = []

    def dismiss(dialog: Any) -> None:
        said.append(f"{tab.url}: {dialog.message}")
        dialog.dismiss()

    tab.on("console", lambda line: said.append(f"{tab.url}: {line.text}"))
    tab.on("dialog", dismiss)
    tab.on("request", lambda asked: said.append(asked.url) if not asked.url.startswith(f"{desk.base}/") else None)
    wide = {}
    for path in shown_pages(desk, cookies, source_id="media-0"):
        tab.goto(desk.base + path, wait_until="load")
        assert tab.locator("#planted").count() == 0, path
        if (needed := tab.evaluate("document.documentElement.scrollWidth")) > 360:
            wide[path] = needed
    context.close()
    assert said == []
    assert wide == {}
