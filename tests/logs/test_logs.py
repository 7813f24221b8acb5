"""The log: one object a line, and nothing in it that names a person or opens a door."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import REPOSITORY
from tests.empty import put_empty_store
from tests.logs.server import SECRET
from waspada import logs
from waspada.errors import StoreBusyError

#: What is sent to the server, and must not come out of its log.
PLANTED = (
    "Sarwanto", "Dilaga", "budi@surel.example", "ani@surel.example", "0812-3456-7890", "6303054107900001",
    "abcdefghijklmnop", "sandi-rahasia", "kunci-rahasia", "wsp_", "cari-rahasia", "kuki-rahasia", "127.0.0.1",
    "badan-rahasia", "tujuan-rahasia",
)  # fmt: skip


def record(message: str, *args: object, error: BaseException | None = None, **fields: object) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    made = logging.LogRecord("waspada.test", logging.ERROR, __file__, 1, message, args, info)
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def lines(record: logging.LogRecord) -> tuple[str, dict[str, Any]]:
    return logs.TextFormatter().format(record), json.loads(logs.JsonFormatter().format(record))


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("surel ke ani@surel.example", "ani@"), ("telepon 0812-3456-7890", "3456"),
        ("NIK 6303054107900001", "63030541"),
        ("token wsp_" + "a" * 43, "aaaa"), ("rahasia whsec_" + "b" * 44, "bbbb"),
        ("Authorization: Bearer cccccccccc", "ccccc"),
        ("postgresql://u:sandi@h/d", "sandi"), ("smtps://u:kata@h:465", "kata"), ("GET /cari?q=nama HTTP", "nama"),
        ("https://api.telegram.org/bot123456789:" + "d" * 35 + "/x", "dddd"),
    ],
)  # fmt: skip
def test_what_opens_a_door_or_names_somebody_is_masked(text: str, hidden: str) -> None:
    for line in (logs.scrub(text), *map(str, lines(record(text))), *map(str, lines(record("%s", text)))):
        assert hidden not in line


@given(st.text(max_size=300), st.text(max_size=60))
def test_any_message_is_one_line_and_one_object(message: str, value: str) -> None:
    made = record("%s", message, client=value, nobody=value)
    text, document = lines(made)
    assert len(text.splitlines()) == 1
    assert "nobody" not in document, "no library adds fields of its own"
    assert set(document) <= {"at", "level", "logger", "event", *logs.FIELDS}


@given(st.text(max_size=80))
def test_a_message_that_does_not_fit_its_values_breaks_nothing(message: str) -> None:
    assert lines(record(message, 1, "b"))[1]["logger"] == "waspada.test"


def _fault() -> BaseException:
    try:
        try:
            raise ValueError(f"kutipan: {SECRET}")
        except ValueError as error:
            raise KeyError(SECRET) from error
    except KeyError as error:
        return error


def test_of_a_foreign_error_only_its_kind_and_place_are_written() -> None:
    text, document = lines(record("gagal", error=_fault()))
    assert SECRET not in text + str(document)
    assert document["error"] == "KeyError"
    assert any("test_logs.py" in frame for frame in document["frames"])
    assert "caused by ValueError" in document["frames"]


def test_an_error_of_the_product_is_written_whole() -> None:
    document = lines(record("gagal", error=StoreBusyError("The database is locked by another process.")))[1]
    assert "locked by another process" in document["problem"]


def test_a_traceback_inside_a_message_loses_its_text() -> None:
    message = (
        f'x\nTraceback (most recent call last):\n  File "/a/b.py", line 3, in work\n    f()\nValueError: {SECRET}\n'
    )
    text, document = lines(record("%s", message))
    assert SECRET not in text + str(document)
    assert "ValueError [b.py:3 work]" in document["event"]


def test_everything_goes_to_one_handler(tmp_path: Path) -> None:
    code = (
        "import logging, sys, threading\n"
        "from pathlib import Path\n"
        "from waspada import logs\n"
        "from waspada.settings import Settings\n"
        "logging.basicConfig()\n"
        "logs.configure(Settings(data_dir=Path(sys.argv[1]), log_format='json'), 'worker')\n"
        "logging.getLogger('scrapy').setLevel('DEBUG')\n"
        "logging.getLogger('scrapy.core').info('riuh')\n"
        "logging.getLogger('scrapy.core').error('dari scrapy untuk ani@surel.example')\n"
        "import warnings; warnings.warn('peringatan ani@surel.example')\n"
        "raise RuntimeError('Sarwanto Dilaga')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    told = [json.loads(line) for line in done.stderr.splitlines()]
    assert [one["logger"] for one in told] == ["scrapy.core", "py.warnings", "waspada.worker"]
    assert told[-1]["error"] == "RuntimeError"
    assert "ani@" not in done.stderr
    assert "Sarwanto" not in done.stderr


def test_a_real_server_says_nothing_that_it_should_not(tmp_path: Path) -> None:
    data = tmp_path / "desk"
    put_empty_store(data)
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.logs.server", str(data), "0"],
        cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        base = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        headers = {"Authorization": "Bearer wsp_" + "r" * 43, "Cookie": "waspada_session=kuki-rahasia"}
        with httpx.Client(base_url=base, headers=headers, timeout=30) as client:
            client.get("/api/v1/alerts?q=cari-rahasia&ke=Sarwanto")
            client.get("/items/Sarwanto%20Dilaga/budi@surel.example")
            client.post("/login", data={"token": "badan-rahasia", "next": "tujuan-rahasia"})
            client.post("/api/v1/webhooks", content=b"\xff\x00badan-rahasia")
            assert client.get("/crash/0812-3456-7890").status_code == 500
            assert client.get("/noise").status_code == 200
            client.request("SARWANTO", "/x")
            with pytest.raises(httpx.TransportError):
                client.get("/end")
        _, said = server.communicate(timeout=30)
    finally:
        server.kill()
        server.communicate()
    told = [json.loads(line) for line in said.splitlines()]
    for planted in PLANTED:
        assert planted not in said, planted
    requests = [one for one in told if one["logger"] == logs.ACCESS]
    assert len(requests) >= 6
    assert {"method", "route", "status", "milliseconds", "client"} <= set(requests[0])
    assert {one["route"] for one in requests} >= {"/api/v1/alerts", "/login", "/crash/{item}", "other"}
    assert any("KeyError" in one["event"] for one in told)
    assert any(one.get("error") == "ZeroDivisionError" for one in told)
