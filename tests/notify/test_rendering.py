"""What a message says and does not say: masked words, no link of others, no header of others, nothing too long."""

from __future__ import annotations

import json
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.notify.test_outbox import NOW
from waspada.notify.calls.types import CallMessage, How, Told
from waspada.notify.calls.wording import note_of
from waspada.notify.messages import Channel, Delivery
from waspada.notify.rendering import MAX_TELEGRAM_CHARS, rendered
from waspada.notify.senders.mail import message_of
from waspada.notify.types import Change, Occasion

PERSONAL = (Channel.MAIL, Channel.TELEGRAM, Channel.PUSH)
HOSTILE = (
    "Klik <script>alert(1)</script> https://jahat.example/x?a=b www.jahat.example\r\nBcc: semua@jahat.example\x00"
    "\u202eterbalik =cmd|' /C calc'!A0 {{7*7}} tg://resolve?domain=jahat jahat.example/masuk"
)


def told(**given: Any) -> Told:
    values: dict[str, Any] = {
        "alert_id": 12, "headline": "Massa merusak kantor desa", "place": "Kabupaten Banjar", "label": "conflict",
        "level": 3, "confidence": 0.94, "outlets": 3, "voices": 0, "why": "Tingkat 3 (segera dilihat): konflik.",
        **given,
    }  # fmt: skip
    return Told(**values)


def message(*alerts: Told, **given: Any) -> CallMessage:
    values: dict[str, Any] = {
        "call_id": 5, "desk": "63", "how": How.ROTA, "is_exercise": False,
        "answer_url": "https://w.example/acknowledge/abc",
        "alert_urls": [f"https://w.example/alerts/{one.alert_id}" for one in alerts], "waits": timedelta(minutes=10),
        **given,
    }  # fmt: skip
    return CallMessage(alerts=alerts, **values)


def body(channel: Channel, *alerts: Told, **given: Any) -> dict[str, Any]:
    return dict(rendered(note_of(message(*(alerts or (told(),)), **given)), channel))


def test_a_mail_says_what_a_person_must_know() -> None:
    text = body(Channel.MAIL)["text"]
    for word in (
        "Massa merusak kantor desa", "Tingkat 3 (segera dilihat) · Belum diverifikasi",
        "Konflik, keyakinan 94 % · 3 media",
        "Tempat: Kabupaten Banjar", "Mengapa: Tingkat 3", "https://w.example/acknowledge/abc", "https://w.example/alerts/12",
        "Kalimantan Selatan.", "dalam 10 menit",
    ):  # fmt: skip
        assert word in text
    assert body(Channel.MAIL)["subject"] == "Waspada tingkat 3: Kabupaten Banjar: Massa merusak kantor desa"


def test_what_a_person_verified_is_said() -> None:
    assert "Sudah diverifikasi" in body(Channel.MAIL, told(is_verified=True))["text"]


def test_an_exercise_is_marked_in_every_form() -> None:
    for channel in PERSONAL:
        found = json.dumps(body(channel, is_exercise=True))
        assert "LATIHAN: Waspada tingkat 3" in found
        assert "tidak ada kejadian nyata" in found


def test_updates_repeats_and_what_was_held_are_said() -> None:
    text = body(
        Channel.MAIL, told(kind=Occasion.UPDATE, changes=(Change.LEVEL, Change.OUTLETS)), told(kind=Occasion.REPEAT),
        held={"disaster": 1, "conflict": 2}, held_own=3, how=How.EVERYBODY,
    )["text"]  # fmt: skip
    for word in (
        "Pembaruan: tingkat naik, lebih banyak media", "Pengingat",
        "Ditahan oleh batas giliran ini: konflik 2, bencana 1",
        "ditahan dalam giliran ini: 3", "Yang terjadwal jaga tidak menjawab", "1. Massa", "2. Massa",
    ):  # fmt: skip
        assert word in text


def test_many_alerts_are_told_by_number() -> None:
    text = body(Channel.MAIL, *(told(alert_id=n) for n in range(30)))["text"]
    assert "Dan 25 peringatan lagi" in text
    assert text.count("https://w.example/alerts/") == 5


@pytest.mark.parametrize("channel", PERSONAL)
def test_hostile_words_are_harmless(channel: Channel) -> None:
    found = body(channel, told(headline=HOSTILE * 20, why=HOSTILE * 50, place="Kabupaten Banjar"))
    shown = "\n".join(str(value) for value in found.values())
    for word in ("https://jahat", "www.jahat", "tg://", "jahat.example/masuk", "\x00", "\u202e", "\r"):
        assert word not in shown
    assert "\n" not in found.get("subject", "") + found.get("title", "")
    assert len(found.get("text", "")) <= MAX_TELEGRAM_CHARS or channel is Channel.MAIL
    if channel is Channel.MAIL:
        assert "<script>" not in found["html"]
        assert found["html"].count("<a ") == 2
    if channel is Channel.PUSH:
        assert len(json.dumps(found, ensure_ascii=False).encode()) < 3000


@given(st.text(max_size=3000), st.text(max_size=3000))
def test_any_words_make_a_mail_without_a_further_header(headline: str, why: str) -> None:
    found = body(Channel.MAIL, told(headline=headline, why=why))
    delivery = Delivery(1, "mail", "contact/1", "call/5", found, "call/5/1", NOW, 1, NOW)
    raw = message_of(delivery, "Waspada <w@kesbang.example>", "a@kesbang.example", "kata").as_bytes()
    read = message_from_bytes(raw, policy=default)
    assert set(read.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "List-Id", "Auto-Submitted", "X-Auto-Response-Suppress",
        "MIME-Version", "Content-Type",
    }  # fmt: skip
    assert read["To"] == "a@kesbang.example"
    assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html"]


@given(st.text(max_size=6000))
def test_telegram_and_push_keep_their_limits_and_links(words: str) -> None:
    alerts = [told(headline=words, why=words) for _ in range(5)]
    text = body(Channel.TELEGRAM, *alerts)["text"]
    assert len(text) <= 4096
    assert "https://w.example/acknowledge/abc" in text
    assert len(json.dumps(body(Channel.PUSH, *alerts), ensure_ascii=False).encode()) < 3900
