"""The shapes of a CAP message, in the words of the standard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class MsgType(StrEnum):
    ALERT = "Alert"
    UPDATE = "Update"
    CANCEL = "Cancel"


class Status(StrEnum):
    ACTUAL = "Actual"
    EXERCISE = "Exercise"
    TEST = "Test"


class Severity(StrEnum):
    EXTREME = "Extreme"
    SEVERE = "Severe"
    MODERATE = "Moderate"
    MINOR = "Minor"
    UNKNOWN = "Unknown"


class Certainty(StrEnum):
    OBSERVED = "Observed"
    LIKELY = "Likely"
    POSSIBLE = "Possible"
    UNLIKELY = "Unlikely"
    UNKNOWN = "Unknown"


class Urgency(StrEnum):
    IMMEDIATE = "Immediate"
    EXPECTED = "Expected"
    FUTURE = "Future"
    PAST = "Past"
    UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True)
class Reference:
    """An earlier message of the same alert."""

    sender: str
    identifier: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Area:
    """A region by its Kemendagri code."""

    name: str
    code: str


@dataclass(frozen=True, slots=True)
class Info:
    """What is told in one language; every text is masked."""

    language: str  # RFC 3066: id-ID, en-US
    category: str
    event: str
    response: str
    urgency: Urgency
    severity: Severity
    certainty: Certainty
    expires_at: datetime
    sender_name: str
    headline: str
    description: str
    instruction: str
    web: str
    contact: str
    parameters: Sequence[tuple[str, str]]
    areas: Sequence[Area]


@dataclass(frozen=True, slots=True)
class CapMessage:
    """One message. `identifier` and `sender` hold no space, comma, `<` or `&`."""

    identifier: str
    sender: str
    sent_at: datetime
    status: Status
    msg_type: MsgType
    restriction: str
    note: str
    references: Sequence[Reference]
    infos: Sequence[Info]


@dataclass(frozen=True, slots=True)
class Issued:
    """A message as it was issued and kept. `xml` is empty when its words are past their time."""

    id: int
    identifier: str
    alert_id: int
    number: int
    msg_type: MsgType
    status: Status
    sender: str
    sent_at: datetime
    refs: Sequence[str]
    xml: str
