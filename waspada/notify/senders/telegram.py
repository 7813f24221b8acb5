"""Messages by a Telegram bot (https://core.telegram.org/bots/api#sendmessage). Nothing is collected there.

The token stands in the address of every request, so that neither this module nor its HTTP library may log one.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from datetime import timedelta
from typing import Any

import httpx

from waspada.errors import InputError
from waspada.notify.attempts import LONGEST_ASKED_WAIT
from waspada.notify.contacts.service import Addresses
from waspada.notify.messages import Channel, Delivery, GivenUp, Outcome, Retry, Sent, Unknown
from waspada.settings import Settings

TIMEOUT_SECONDS = 15.0
_MAX_ANSWER_BYTES = 64 * 1024
#: Descriptions of a 400 that are about the chat, not about the message.
_NO_CHAT = ("chat not found", "user not found", "peer_id_invalid", "chat_id is empty", "user is deactivated")

for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


def is_set_up(settings: Settings) -> bool:
    return settings.telegram_token is not None


class TelegramSender:
    channel: str = Channel.TELEGRAM

    def __init__(self, settings: Settings, addresses: Addresses) -> None:
        assert settings.telegram_token is not None  # noqa: S101 (is_set_up)
        self._url = f"{settings.telegram_api}/bot{settings.telegram_token.get_secret_value()}/sendMessage"
        self._addresses = addresses
        self._client = httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False)

    def send(self, delivery: Delivery) -> Outcome:
        address = self._addresses.find(delivery.target)
        if address is None or address.channel is not Channel.TELEGRAM:
            return GivenUp("The contact is gone.")
        asked = request_of(delivery, address.value)
        delivery.handing()
        try:
            answer = self._client.post(self._url, json=asked)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.InvalidURL) as error:
            return Retry(f"Telegram cannot be reached ({type(error).__name__}).")
        except httpx.HTTPError as error:
            return Unknown(f"Telegram did not answer ({type(error).__name__}).")
        return self._outcome(answer, delivery.target)

    def _outcome(self, answer: httpx.Response, target: str) -> Outcome:
        said = _said(answer)
        if answer.status_code == 200 and said.get("ok") is True:
            return Sent()
        gone = _gone(answer.status_code, str(said.get("description", "")).lower())
        if gone:
            self._addresses.end(target, gone)
            return GivenUp(gone)
        match answer.status_code:
            case 200 | 502 | 504:  # nobody between knows what became of it
                return Unknown(f"Telegram's answer says nothing ({answer.status_code}).")
            case 400:
                return GivenUp("Telegram refuses the message (400).")
            case 401 | 404:
                return Retry(f"Telegram does not know the bot: check WASPADA_TELEGRAM_TOKEN ({answer.status_code}).")
        return Retry(f"Telegram does not take it now ({answer.status_code}).", _pause(answer, said))


def _gone(status: int, words: str) -> str:
    """Why a chat will never be reached; "" where it may be."""
    if status == 403:
        return "The bot is blocked there, or was never started (403)."
    if status == 400 and any(one in words for one in _NO_CHAT):
        return "There is no such chat (400)."
    return ""


def request_of(delivery: Delivery, chat: str) -> dict[str, Any]:
    """What is posted: plain text, so that no word of a headline becomes markup."""
    body: dict[str, Any] = {
        "chat_id": int(chat),
        "text": delivery.body["text"],
        "link_preview_options": {"is_disabled": True},
        "protect_content": True,
    }
    buttons = delivery.body.get("buttons") or []
    if buttons:
        body["reply_markup"] = {"inline_keyboard": [[{"text": label, "url": url}] for label, url in buttons]}
    return body


def _said(answer: httpx.Response) -> dict[str, Any]:
    if len(answer.content) > _MAX_ANSWER_BYTES:
        return {}
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _pause(answer: httpx.Response, said: dict[str, Any]) -> timedelta:
    """`parameters.retry_after` of the answer, else its header Retry-After, in seconds."""
    parameters = said.get("parameters")
    named = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return seconds_of(named if named is not None else answer.headers.get("retry-after"))


def seconds_of(given: object) -> timedelta:
    """A number of seconds that the other side named; none where it is no number."""
    text = str(given).strip()
    seconds = int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else 0
    return min(timedelta(seconds=seconds), LONGEST_ASKED_WAIT)


def find_chat(settings: Settings, word: str) -> str | None:
    """The number of the private chat from which a word was sent to the bot in the last day; None where it was not.

    The one time that the bot's messages are looked at: by somebody who looks for their own word. Nothing else of them
    is read or kept. Raises InputError where Telegram cannot be asked.
    """
    assert settings.telegram_token is not None  # noqa: S101 (is_set_up)
    url = f"{settings.telegram_api}/bot{settings.telegram_token.get_secret_value()}/getUpdates"
    asked = {"offset": -100, "limit": 100, "timeout": 0, "allowed_updates": ["message"]}
    try:
        answer = httpx.post(url, json=asked, timeout=TIMEOUT_SECONDS)
        found = answer.json()["result"] if answer.status_code == 200 else None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError):
        found = None
    if not isinstance(found, list):
        raise InputError("Telegram could not be asked for the bot's messages.", hint="Try again in a moment.")
    for update in reversed(found):
        match update:
            case {"message": {"text": str() as text, "chat": {"type": "private", "id": int() as chat}}}:
                if word in text.split():
                    return str(chat)
    return None


def word_of(settings: Settings, user_id: int) -> str:
    """The word that an account sends to the bot to be found: always the same one, and nobody else's."""
    key = hmac.digest(settings.secret_key, b"waspada/notify/telegram/word", hashlib.sha256)
    return f"waspada-{hmac.digest(key, str(user_id).encode(), hashlib.sha256).hex()[:10]}"
