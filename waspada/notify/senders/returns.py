"""Where mails come back to, and how the one that came back is known again.

Each mail carries a signed word of its delivery: in its Message-ID, and, where the operator named a mailbox for it
(`WASPADA_BOUNCE_ADDRESS`), in the envelope's sender (variable envelope return paths: bounces+WORD@kesbang.example).
Nobody can make such a word for somebody else's mail.
"""

from __future__ import annotations

import re
from email.utils import parseaddr

from waspada.notify.signed import Words
from waspada.settings import Settings

#: A word in an address or in a Message-ID: 28 bytes in base 32.
_WORD = re.compile(r"(?<![a-z2-7])[a-z2-7]{45}(?![a-z2-7])")


class Returns:
    def __init__(self, settings: Settings) -> None:
        self._words = Words(settings.secret_key, b"waspada/notify/returns", ">Q")
        self._from = parseaddr(settings.mail_from)[1]
        self._mailbox = settings.bounce_address

    def token(self, delivery_id: int) -> str:
        """45 small letters and digits."""
        return self._words.plain(delivery_id)

    def envelope(self, delivery_id: int) -> str:
        """The sender of the envelope, to which a mail comes back."""
        name, at, domain = self._mailbox.rpartition("@")
        return f"{name}+{self.token(delivery_id)}@{domain}" if at else self._from

    def delivery_in(self, text: str) -> int | None:
        """The delivery whose word stands in an address or a Message-ID; None where there is no good one."""
        for word in _WORD.findall(text.lower()):
            found = self._words.read_plain(word)
            if found is not None:
                return found[0]
        return None
