"""From the facts of an alert to a CAP message. Pure; every text of the facts is masked already."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from waspada.alerts.wording import percent
from waspada.cap.mapping import Mapped, mapped
from waspada.cap.types import Area, CapMessage, Info, MsgType, Reference, Status
from waspada.cap.xml import allowed
from waspada.escalations.types import ReportFacts
from waspada.escalations.wording import label_word, unverified
from waspada.places import full_name

#: CAP's language tags, each with ours.
LANGUAGES = (("id-ID", "id"), ("en-US", "en"))
RESTRICTION = (
    "Hanya untuk instansi yang diberi akses oleh meja kewaspadaan dini; tidak untuk diterbitkan. / Only for "
    "institutions that the early-warning desk gave access to; not for publication."
)
_MAX_HEADLINE = 160
_WORDS = {
    "id": {
        "sender": "Meja kewaspadaan dini {region}",
        "event": "Peringatan dini: {label}",
        "cancel": "Peringatan dicabut: {label}",
        "done": "Peringatan berakhir: {label}",
        "quote": '"{text}" ({outlet})',
        "sources": "Sumber: {names}.",
        "voices": "{count} suara publik.",
        "open": "Belum diverifikasi: {open}",
        "instruction": (
            "Periksa dan klarifikasi melalui jalur resmi. Pesan ini tentang peristiwa, tempat, dan lembaga; bukan "
            "dasar tindakan terhadap seseorang."
        ),
        "withdrawn": "Peringatan ini tidak berlaku lagi. Mohon tidak dipakai.",
        "over": "Peringatan ini ditutup oleh meja: tidak perlu ditindaklanjuti lagi.",
        "exercise": "LATIHAN. Tidak ada yang terjadi.",
    },
    "en": {
        "sender": "Early-warning desk {region}",
        "event": "Early warning: {label}",
        "cancel": "Warning withdrawn: {label}",
        "done": "Warning over: {label}",
        "quote": '"{text}" ({outlet})',
        "sources": "Sources: {names}.",
        "voices": "{count} public voices.",
        "open": "Not verified: {open}",
        "instruction": (
            "Check and clarify through official channels. This message is about events, places and institutions; it is "
            "no ground for steps against anybody."
        ),
        "withdrawn": "This warning does not hold any more. Please do not use it.",
        "over": "The desk closed this warning: nothing is left to be done.",
        "exercise": "EXERCISE. Nothing of this happened.",
    },
}


def compose(
    facts: ReportFacts,
    msg_type: MsgType,
    *,
    identifier: str,
    sender: str,
    region: str,
    contact: str,
    web: str,
    is_test: bool,
    references: Sequence[Reference],
    now: datetime,
) -> CapMessage:
    """The message. A Cancel repeats no quote: it says only that the warning does not hold."""
    found = mapped(facts, now)
    return CapMessage(
        identifier=identifier,
        sender=sender,
        sent_at=now.replace(microsecond=0),
        status=status_of(facts, is_test),
        msg_type=msg_type,
        restriction=RESTRICTION,
        note=_note(facts, msg_type),
        references=references,
        infos=[_info(facts, found, msg_type, tag, language, region, contact, web, now) for tag, language in LANGUAGES],
    )


def status_of(facts: ReportFacts, is_test: bool) -> Status:
    """An exercise of the canary is one also on an installation that only tests."""
    return Status.EXERCISE if facts.exercise else Status.TEST if is_test else Status.ACTUAL


def _note(facts: ReportFacts, msg_type: MsgType) -> str:
    """The standard asks for the purpose of a Cancel and of an Exercise in a note."""
    said = [_WORDS[language]["exercise"] for _, language in LANGUAGES] if facts.exercise else []
    if msg_type is MsgType.CANCEL:
        said += [_WORDS[language]["withdrawn"] for _, language in LANGUAGES]
    return " / ".join(said)


def _info(
    facts: ReportFacts,
    found: Mapped,
    msg_type: MsgType,
    tag: str,
    language: str,
    region: str,
    contact: str,
    web: str,
    now: datetime,
) -> Info:
    say, label = _WORDS[language], label_word(language, facts.label)
    is_cancel, is_over = msg_type is MsgType.CANCEL, found.response == "AllClear"
    event = say["cancel" if is_cancel else "done" if is_over else "event"].format(label=label)
    where = full_name(facts.regions[0]) if facts.regions else region
    return Info(
        language=tag,
        category=found.category,
        event=event,
        response=found.response,
        urgency=found.urgency,
        severity=found.severity,
        certainty=found.certainty,
        expires_at=now.replace(microsecond=0) + found.holds,
        sender_name=say["sender"].format(region=full_name(region)),
        headline=f"{event}, {where}" if is_cancel else _headline(facts, event, where),
        description=say["withdrawn"] if is_cancel else _description(say, language, facts),
        instruction=say["withdrawn"] if is_cancel else say["over"] if is_over else say["instruction"],
        web=web,
        contact=contact,
        parameters=[
            ("waspada:alert", str(facts.alert_id)),
            ("waspada:level", str(facts.level)),
            ("waspada:confidence", f"{percent(facts.confidence)}"),
            ("waspada:outlets", str(facts.outlet_count)),
            ("waspada:labels", " ".join(facts.labels)),
        ],
        areas=[Area(full_name(code), code) for code in facts.regions],
    )


def _headline(facts: ReportFacts, event: str, where: str) -> str:
    """The standard asks for 160 characters at most where they are shown on small screens."""
    text = " ".join(allowed(facts.headline).split()) or f"{event}, {where}"
    return text if len(text) <= _MAX_HEADLINE else f"{text[: _MAX_HEADLINE - 2].rstrip()} …"


def _description(say: dict[str, str], language: str, facts: ReportFacts) -> str:
    lines = [say["exercise"]] if facts.exercise else []
    lines += [say["quote"].format(text=one.text, outlet=one.outlet) for one in facts.quotes]
    if facts.outlets:
        lines.append(say["sources"].format(names=", ".join(name for name, _ in facts.outlets)))
    if facts.voices:
        lines.append(say["voices"].format(count=facts.voices))
    lines.append(say["open"].format(open=" ".join(unverified(language, facts))))
    return "\n".join(lines)
