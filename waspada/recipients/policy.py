"""Who may be sent something, and who may be added: pure decisions.

Police and intelligence are off. They are on only where a permission is live that an admin asked for and another
account approved, for a region that holds every place that is told, for at most `MAX_GRANT`. It ends by itself.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from waspada.errors import InputError
from waspada.places import is_within, place, resolve_region
from waspada.privacy.tagger import shipped
from waspada.recipients.types import (
    GUARDED,
    LANGUAGES,
    Grant,
    GrantState,
    NewRecipient,
    Recipient,
    RecipientKind,
    Refusal,
)
from waspada.topics.names import Reason, name_problem

MAX_GRANT = timedelta(days=90)
MAX_INSTITUTION_CHARACTERS = 120
MAX_ADDRESS_CHARACTERS = 200
_ADDRESS = re.compile(
    r"[a-z0-9](?:[a-z0-9._+-]{0,62}[a-z0-9])?@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}", re.ASCII
)
#: Whose name or address says what it is cannot be added as something else: that would be the way past the permission.
_POLICE_WORDS = re.compile(
    r"\b(?:polri|polda|polres|polresta|polrestabes|polsek|polsubsektor|mabes|kepolisian|polisi|brimob|densus|bareskrim|"
    r"ditreskrim\w*|satreskrim|reskrim|police)\b",
    re.IGNORECASE,
)
_INTELLIGENCE_WORDS = re.compile(
    r"\b(?:intelijen|intelejen|intel|intelkam|ditintelkam|baintelkam|bin|binda|posda|bais|tni|kodam|korem|kodim|koramil|"
    r"babinsa|lanal|lantamal|lanud|bssn|kominda|intelligence)\b",
    re.IGNORECASE,
)
_POLICE_HOSTS = ("polri.go.id",)
_INTELLIGENCE_HOSTS = ("bin.go.id", "mil.id", "bssn.go.id")
#: Words of institutions that the tagger of names does not know.
_OF_INSTITUTIONS = re.compile(
    r"\b(?:fkdm|kesbang\w*|kominfo|diskominfo\w*|bakesbang\w*|binda|kominda|posda|pusdalops\w*|trantib\w*|ppid|"
    r"panwas\w*|satpol|humas\w*|pemkab|pemkot|pemprov|setda|redaksi|bawaslu|kpu|bpbd)\b",
    re.IGNORECASE,
)
_MOSTLY_LARGE = 3  # how the tagger's word table calls words that news writes large: names, mostly


def grant_state(grant: Grant, now: datetime) -> GrantState:
    if grant.revoked_at is not None:
        return GrantState.REVOKED
    if grant.approved is False:
        return GrantState.REFUSED
    if now >= grant.ends_at:
        return GrantState.ENDED
    if grant.approved is None:
        return GrantState.ASKED
    return GrantState.COMING if now < grant.starts_at else GrantState.LIVE


def lets_through(grant: Grant, regions: Collection[str], now: datetime) -> bool:
    """Whether a permission is live and holds every region that is told; what names no region passes none."""
    held = bool(regions) and all(is_within(code, grant.region) for code in regions)
    return held and grant_state(grant, now) is GrantState.LIVE


def refusal(recipient: Recipient, grants: Iterable[Grant], regions: Collection[str], now: datetime) -> Refusal | None:
    """Why a report on these regions may not go to a recipient now; None where it may.

    `grants` are those of the recipient, and of every other with the same address.
    """
    if not recipient.active:
        return Refusal.OFF
    if not is_near(recipient.region, regions):
        return Refusal.ELSEWHERE
    if recipient.kind in GUARDED and not any(lets_through(grant, regions, now) for grant in grants):
        return Refusal.NO_GRANT
    return None


def is_near(region: str, told: Collection[str]) -> bool:
    """Whether an institution of this region is responsible for one of the regions told, or for a part of it."""
    return any(is_within(code, region) or is_within(region, code) for code in told)


def check_period(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Raises InputError for a permission that ends before it starts, has ended, or lasts too long."""
    if ends_at <= max(starts_at, now):
        raise InputError("The permission ends before it begins.", hint="Name an end that lies ahead.")
    if ends_at - starts_at > MAX_GRANT:
        raise InputError("The permission lasts too long.", hint=f"It may last {MAX_GRANT.days} days at most.")


def checked(new: NewRecipient) -> NewRecipient:
    """The same with its texts made plain. Raises InputError saying what cannot be used.

    An institution is named by what it is: names of persons, offices that one person holds and addresses of persons are
    refused (`waspada.topics.names`; a bar, no proof), and so is another kind for what is police or intelligence.
    """
    name = " ".join("".join(c if c.isprintable() else " " for c in new.institution).split())
    address = new.address.strip().lower()
    if not name or len(name) > MAX_INSTITUTION_CHARACTERS:
        raise InputError(
            "The institution needs a name.", hint=f"Give it in at most {MAX_INSTITUTION_CHARACTERS} characters."
        )
    if place(new.region) is None:
        raise InputError(f"The region {new.region!r} is not known.", hint="Give a Kemendagri code such as 63.03.")
    if new.language not in LANGUAGES:
        raise InputError(f"The language {new.language!r} is not known.", hint=f"Use one of: {', '.join(LANGUAGES)}.")
    if len(address) > MAX_ADDRESS_CHARACTERS or not _ADDRESS.fullmatch(address) or ".." in address:
        raise InputError("The address is no mail address.", hint="Write it as kantor@instansi.example.")
    _refuse_name(name)
    _refuse_personal(address.partition("@")[0])
    _refuse_disguise(name, address, new.kind)
    return NewRecipient(name, new.kind, new.region, address, new.channel, new.language)


def _refuse_name(name: str) -> None:
    found = name_problem(_OF_INSTITUTIONS.sub("Dinas", name))
    if found is None:
        return
    if found.reason is Reason.OFFICE:
        said = f'"{found.words}" is an office that one person holds'
    else:
        said = f'"{found.words}" looks like the name of a person' if found.words else "it names an account"
    raise InputError(
        f"The institution cannot be named so: {said}.", hint='Name the body, as in "Kesbangpol Kabupaten Banjar".'
    )


def _refuse_personal(local: str) -> None:
    """What stands before the @: an office ("kesbangpol"), never somebody ("rudi.hartono")."""
    known = _OF_INSTITUTIONS.sub(" ", re.sub(r"[._+-]|\d+", " ", local))
    words = known.split()
    if not words or (len(words) == 1 and not _is_given_name(words[0])):
        return
    if name_problem(" ".join(words)) is not None:
        raise InputError(
            "The address looks like somebody's own.", hint="Give the office's, as in kesbangpol@banjarkab.example."
        )


def _is_given_name(word: str) -> bool:
    """One word that nobody knows may be an office's abbreviation; one that is mostly written large is a name."""
    return shipped().case_of(word) == _MOSTLY_LARGE and resolve_region(word) is None


def _refuse_disguise(name: str, address: str, kind: RecipientKind) -> None:
    meant = kind_told(name, address)
    if meant is not None and kind not in GUARDED:
        raise InputError(
            "By its name or address this is the police, the military or intelligence.",
            hint=f"Add it as {meant.value}: it stays off until two accounts switch it on.",
        )


def kind_told(name: str, address: str) -> RecipientKind | None:
    """Police or intelligence where the name or the address says so; the military counts as intelligence."""
    host = address.partition("@")[2]
    local = re.sub(r"[._+-]", " ", address.partition("@")[0])

    def is_of(hosts: Iterable[str]) -> bool:
        return any(host == known or host.endswith(f".{known}") for known in hosts)

    if is_of(_INTELLIGENCE_HOSTS) or _INTELLIGENCE_WORDS.search(name) or _INTELLIGENCE_WORDS.search(local):
        return RecipientKind.INTELLIGENCE
    if is_of(_POLICE_HOSTS) or _POLICE_WORDS.search(name) or _POLICE_WORDS.search(local):
        return RecipientKind.POLICE
    return None
