"""Telegram's bot API as a real HTTP server on loopback: what is asked of it, and how its answers are read."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from pathlib import Path

import pytest

from tests.notify.senders.servers import Book, Said, delivery, http_server, telegram_answer
from waspada.errors import InputError
from waspada.notify.messages import Channel, GivenUp, Retry, Sent
from waspada.notify.senders.telegram import TelegramSender, find_chat, word_of
from waspada.settings import Settings, load_settings

TOKEN = "12345:rahasia-sekali"
BODY: dict[str, object] = {
    "text": "Waspada tingkat 3 *bukan* <b>markup</b>",
    "buttons": [["Nyatakan sedang ditangani", "https://waspada.example/acknowledge/abc"]],
}


def settings_at(host: str, folder: Path) -> Settings:
    return load_settings(data_dir=folder, telegram_token=TOKEN, telegram_api=f"http://{host}")


def test_a_message_is_plain_text_with_buttons(tmp_path: Path) -> None:
    said = Said(body=b'{"ok": true, "result": {}}')
    with http_server(said) as host:
        sender = TelegramSender(settings_at(host, tmp_path), Book(Channel.TELEGRAM, "777"))
        assert sender.send(delivery("telegram", BODY)) == Sent()
    ((path, _, raw),) = said.asked
    asked = json.loads(raw)
    assert path == f"/bot{TOKEN}/sendMessage"
    assert (asked["chat_id"], asked["text"]) == (777, BODY["text"])
    assert "parse_mode" not in asked
    assert asked["reply_markup"]["inline_keyboard"][0][0]["url"].endswith("/abc")
    assert asked["protect_content"] is True


@pytest.mark.parametrize(
    ("status", "answer", "outcome", "ends"),
    [
        (403, {"description": "Forbidden: bot was blocked by the user"}, GivenUp, True),
        (400, {"description": "Bad Request: chat not found"}, GivenUp, True),
        (400, {"description": "Bad Request: message is too long"}, GivenUp, False),
        (401, {"description": "Unauthorized"}, Retry, False),
        (404, {}, Retry, False),
        (500, {}, Retry, False),
        (302, {}, Retry, False),
    ],
)
def test_answers(tmp_path: Path, status: int, answer: dict[str, object], outcome: type, ends: bool) -> None:
    said = Said(status=status, body=telegram_answer(**answer), headers={"Location": "http://127.0.0.1:1/x"})
    book = Book(Channel.TELEGRAM, "777")
    with http_server(said) as host:
        found = TelegramSender(settings_at(host, tmp_path), book).send(delivery("telegram", BODY))
    assert isinstance(found, outcome)
    assert bool(book.ended) == ends
    assert len(said.asked) == 1


@pytest.mark.parametrize(
    ("body", "headers", "wait"),
    [
        (telegram_answer(parameters={"retry_after": 17}), {}, 17),
        (b"", {"Retry-After": "9"}, 9),
        (b"[1]", {"Retry-After": "soon"}, 0),
        (telegram_answer(parameters={"retry_after": -4}), {}, 0),
        (telegram_answer(parameters={"retry_after": 10**12}), {}, 0),
        (b"\xff\xfe", {}, 0),
        (b"x" * 100_000, {"Retry-After": "3"}, 3),
    ],
)
def test_a_pause_that_is_asked_for_is_kept(tmp_path: Path, body: bytes, headers: dict[str, str], wait: int) -> None:
    said = Said(status=429, body=body, headers=headers)
    with http_server(said) as host:
        found = TelegramSender(settings_at(host, tmp_path), Book(Channel.TELEGRAM, "7")).send(
            delivery("telegram", BODY)
        )
    assert isinstance(found, Retry)
    assert found.wait == timedelta(seconds=wait)


def test_the_token_stands_in_no_log_and_no_problem(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    said = Said(body=b'{"ok": true}')
    with http_server(said) as host:
        settings = settings_at(host, tmp_path)
        sender = TelegramSender(settings, Book(Channel.TELEGRAM, "7"))
        sender.send(delivery("telegram", BODY))
        find_chat_quietly(settings)
    found = sender.send(delivery("telegram", BODY))  # the server is gone now
    assert isinstance(found, Retry)
    assert "rahasia" not in caplog.text + found.problem + repr(sender.__dict__.get("_addresses"))


def find_chat_quietly(settings: Settings) -> None:
    with pytest.raises(InputError):
        find_chat(settings, "waspada-abc")


def test_a_chat_is_found_by_its_word_only(tmp_path: Path) -> None:
    updates = [
        {"update_id": 1, "message": {"text": "/start", "chat": {"id": 5, "type": "private"}}},
        {"update_id": 2, "message": {"text": "waspada-aaa", "chat": {"id": -100, "type": "group"}}},
        {"update_id": 3, "message": {"text": "ini waspada-aaa", "chat": {"id": 42, "type": "private"}}},
        {"update_id": 4, "message": {"photo": [], "chat": {"id": 9, "type": "private"}}},
        {"update_id": 5, "edited_message": 3},
    ]
    said = Said(body=json.dumps({"ok": True, "result": updates}).encode())
    with http_server(said) as host:
        settings = settings_at(host, tmp_path)
        assert find_chat(settings, "waspada-aaa") == "42"
        assert find_chat(settings, "waspada-aa") is None
    assert word_of(settings, 1) != word_of(settings, 2)
    assert word_of(settings, 1) == word_of(settings, 1)
