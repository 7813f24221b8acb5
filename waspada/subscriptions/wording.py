"""What is written to somebody who is to confirm a subscription, in their language. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from waspada.notify.rendering import Link, Note
from waspada.subscriptions.policy import CONFIRM_FOR

_TEXTS: Mapping[str, Mapping[str, str]] = {
    "id": {
        "subject": "Waspada: konfirmasi langganan",
        "asked": "Seseorang meminta laporan berkala Waspada untuk {place} dikirim ke alamat ini.",
        "button": "Ya, kirimkan",
        "press": "Buka tautan di bawah, lalu tekan tombol di halamannya. Tautan berlaku {days} hari.",
        "ignore": "Bila Anda tidak memintanya, abaikan pesan ini: tanpa konfirmasi, tidak ada yang dikirim.",
    },
    "en": {
        "subject": "Waspada: confirm your subscription",
        "asked": "Somebody asked that the Waspada digest of {place} be sent to this address.",
        "button": "Yes, send it",
        "press": "Open the link below and press the button on its page. The link is good for {days} days.",
        "ignore": "If you did not ask for it, ignore this message: nothing is sent unless you confirm.",
    },
}


def opt_in(language: str, place: str, url: str) -> Note:
    """The message that asks for a confirmation; `place` is the name of the region, `url` the page with the button."""
    text = _TEXTS[language]
    return Note(
        subject=text["subject"],
        paragraphs=[
            [text["asked"].format(place=place), text["press"].format(days=CONFIRM_FOR.days)],
            [text["ignore"]],
        ],
        links=[Link(text["button"], url)],
        tag="waspada-subscription",
        stream="subscription",
    )
