"""The line that says which fact-check an alert may repeat, in Indonesian. A verdict is quoted as its outlet's word.

Nothing here is said to be false by its style, or at all: the line names the fact-check, its verdict in quotation marks,
and how sure the match is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from waspada.claims.types import CheckOrigin, CheckView, MatchOrigin, MatchState, MatchView, best_of
from waspada.claims.verdicts import Standing, is_unsaid, standing
from waspada.taxonomy import Label

NONE_KNOWN = "Belum ada cek fakta yang diketahui."
STATE_WORDS = {
    MatchState.SUGGESTED: "disarankan",
    MatchState.CONFIRMED: "dikonfirmasi",
    MatchState.REJECTED: "ditolak",
}
#: Said after a verdict that is no refutation: the match must not be read as one.
NOT_REFUTED = {
    Standing.SUPPORTS: "cek fakta ini bukan bantahan",
    Standing.UNCLEAR: "putusan ini bukan bantahan yang tegas",
}
NOT_REFUTED_EN = {
    Standing.SUPPORTS: "this fact-check is no refutation",
    Standing.UNCLEAR: "this verdict is no clear refutation",
}
OWN_OUTLET = "meja ini"
_MAX_TITLE = 160


def claim_line(best: MatchView | None, language: str = "id") -> str:
    """One or two sentences on the best match of an alert. Its texts are as stored: the exits mask the line."""
    if language == "en":
        return _in_english(best)
    if best is None:
        return NONE_KNOWN
    check = best.check
    sure = best.state is MatchState.CONFIRMED
    by_person = best.origin is MatchOrigin.PERSON
    start = "Sama dengan" if sure and by_person else "Sangat mirip dengan" if sure else "Mungkin sama dengan"
    said = _short(check.title or check.claim)
    named = f'{source_of(check)}: "{said}"' if said else source_of(check)
    return f"{start} cek fakta {named} ({_how(best)}). {verdict_of(check)}"


def line_of_alert(labels: Collection[str], matches: Iterable[MatchView], language: str = "id") -> str:
    """The line of an alert with these labels: of misinformation always, of others only where a match is known."""
    best = best_of(matches)
    return claim_line(best, language) if best is not None or Label.MISINFORMATION in labels else ""


def verdict_of(check: CheckView) -> str:
    """The verdict in quotation marks, whose word it is, and that it is no refutation where it is none."""
    who = check.outlet or OWN_OUTLET if check.origin is CheckOrigin.OWN else check.outlet or "pemeriksanya"
    if is_unsaid(check.verdict):
        return "Putusannya tidak ditulis tersendiri; baca cek faktanya."
    note = NOT_REFUTED.get(standing(check.verdict))
    return f'Putusan menurut {who}: "{check.verdict.strip()}"{f"; {note}" if note else ""}.'


def source_of(check: CheckView) -> str:
    """Outlet and day of a fact-check: "Cek Banua, 20/11/2024"."""
    who = OWN_OUTLET if check.origin is CheckOrigin.OWN else check.outlet
    day = f"{check.checked_on:%d/%m/%Y}" if check.checked_on else ""
    return ", ".join(part for part in (who, day) if part) or "tanpa nama"


def _in_english(best: MatchView | None) -> str:
    """The same; title and verdict stay in the words of their outlet."""
    if best is None:
        return "No fact-check is known yet."
    check = best.check
    sure, by_person = best.state is MatchState.CONFIRMED, best.origin is MatchOrigin.PERSON
    start = "The same as" if sure and by_person else "Very similar to" if sure else "Maybe the same as"
    how = f"{best.state.value} by {'an officer' if by_person else 'the machine, not verified'}"
    own = check.origin is CheckOrigin.OWN
    day = f"{check.checked_on:%d/%m/%Y}" if check.checked_on else ""
    who = check.outlet or ("this desk" if own else "its author")
    source = ", ".join(part for part in ("this desk" if own else check.outlet, day) if part) or "without a name"
    said = _short(check.title or check.claim)
    named = f'{source}: "{said}"' if said else source
    if is_unsaid(check.verdict):
        return f"{start} the fact-check {named} ({how}). Its verdict is not written apart; read the fact-check."
    note = NOT_REFUTED_EN.get(standing(check.verdict))
    verdict = f'"{check.verdict.strip()}"{f"; {note}" if note else ""}'
    return f"{start} the fact-check {named} ({how}). Verdict according to {who}: {verdict}."


def _how(match: MatchView) -> str:
    if match.origin is MatchOrigin.PERSON:
        return f"{STATE_WORDS[match.state]} oleh petugas"
    who = " mesin" if match.state is MatchState.CONFIRMED else ""
    return f"{STATE_WORDS[match.state]}{who}, belum diverifikasi"


def _short(title: str) -> str:
    plain = " ".join(title.replace('"', "'").split())
    return plain if len(plain) <= _MAX_TITLE else f"{plain[:_MAX_TITLE].rpartition(' ')[0] or plain[:_MAX_TITLE]} …"
