"""The shapes of an institution outside the team and of a permission to send to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RecipientKind(StrEnum):
    """What an institution is. It is never changed: another kind is another recipient."""

    KESBANGPOL = "kesbangpol"
    KPU = "kpu"
    BAWASLU = "bawaslu"
    PEMDA = "pemda"
    BPBD = "bpbd"
    FKDM = "fkdm"
    KOMINFO = "kominfo"
    MEDIA = "media"
    POLICE = "police"
    INTELLIGENCE = "intelligence"
    OTHER = "other"


#: Off until an admin and a second account switch them on for a region and a period (design, rule 8).
GUARDED = frozenset({RecipientKind.POLICE, RecipientKind.INTELLIGENCE})
LANGUAGES = ("id", "en")


class RecipientChannel(StrEnum):
    MAIL = "mail"


class GrantState(StrEnum):
    """How a permission stands at a moment. Only a live one lets anything through."""

    ASKED = "asked"
    REFUSED = "refused"
    COMING = "coming"  # approved, its start lies ahead
    LIVE = "live"
    ENDED = "ended"
    REVOKED = "revoked"


class Refusal(StrEnum):
    """Why nothing may be sent to a recipient now."""

    OFF = "off"  # switched off
    ELSEWHERE = "elsewhere"  # responsible for another region
    NO_GRANT = "no_grant"  # police or intelligence, without a live permission that holds every region told


@dataclass(frozen=True, slots=True)
class Recipient:
    """An institution's office. `region` is the Kemendagri code that it is responsible for."""

    id: int
    institution: str
    kind: RecipientKind
    region: str
    channel: RecipientChannel
    address: str
    language: str
    active: bool
    added_by: str
    added_at: datetime
    changed_by: str | None = None
    changed_at: datetime | None = None

    @property
    def is_guarded(self) -> bool:
        return self.kind in GUARDED


@dataclass(frozen=True, slots=True)
class NewRecipient:
    """What somebody gives to add one."""

    institution: str
    kind: RecipientKind
    region: str
    address: str
    channel: RecipientChannel = RecipientChannel.MAIL
    language: str = "id"


@dataclass(frozen=True, slots=True)
class Grant:
    """A permission to send to a guarded recipient about a region and all below it, `starts_at` <= time < `ends_at`."""

    id: int
    recipient_id: int
    region: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    asked_by: str
    asked_at: datetime
    approved: bool | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    decision_reason: str = ""
    revoked_by: str | None = None
    revoked_at: datetime | None = None
    revoke_reason: str = ""


@dataclass(frozen=True, slots=True)
class RecipientView:
    """A recipient with its permissions, the newest first."""

    recipient: Recipient
    grants: Sequence[Grant] = ()
