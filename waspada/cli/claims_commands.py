"""`waspada claims`: fact-checks brought in, matches read and decided on, thresholds fitted."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table
from sqlalchemy.orm import Session

import nlp
from waspada.alerts.exits import mask
from waspada.audit.service import AuditLog, audit_log
from waspada.audit.types import AuditAction, Detail
from waspada.claims import repository, service
from waspada.claims.deciding import PRIOR
from waspada.claims.embedding import way_with
from waspada.claims.jsonl import parse_claims
from waspada.claims.types import (
    CheckView,
    FactCheck,
    Imported,
    MatchEventView,
    MatchState,
    MatchView,
    Thresholds,
    VerdictGiven,
)
from waspada.claims.wording import source_of, verdict_of
from waspada.cli.common import (
    ACTOR,
    DataOption,
    Desk,
    FileArgument,
    at_desk,
    complain,
    messages,
    open_lines,
    results,
    settings_of,
)
from waspada.clock import utc_now
from waspada.settings import Settings
from waspada.store import open_store

claims_app = typer.Typer(no_args_is_help=True, help="Fact-checks, and which of them items may repeat.")
#: So many fact-checks are written in one transaction; a large file must not keep the collector waiting.
BATCH_CLAIMS = 1000

ReasonOption = Annotated[str, typer.Option("--reason", help="Why; it is kept with the match.")]
LimitOption = Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")]


def register(app: typer.Typer) -> None:
    app.add_typer(claims_app, name="claims")


@claims_app.command("import")
def claims_import(
    file: FileArgument,
    source: Annotated[
        str | None, typer.Option("--source", help="Whose ids they are; else the host of each address.")
    ] = None,
    data: DataOption = None,
) -> None:
    """Brings in fact-checks of FILE (lines as for `match --claims`); the same again changes nothing."""
    settings = settings_of(data)
    store, total = open_store(settings), Imported()
    with open_lines(file) as lines:
        parsed = parse_claims(lines, _warn)
        while batch := list(islice(parsed, BATCH_CLAIMS)):
            good = [claim for _, claim in batch if isinstance(claim, FactCheck)]
            for number, problem in batch:
                if isinstance(problem, str):
                    complain(f"line {number}: {problem}")
            bad, now = len(batch) - len(good), utc_now()
            total += store.retrying(partial(_import, audit_log(settings), good, source, bad, now))
    store.close()
    results.print(f"{total.new} new, {total.changed} changed, {total.same} as they were, {total.bad} bad.")
    if total.bad:
        raise typer.Exit(1)


@claims_app.command("add")
def claims_add(
    claim: Annotated[str, typer.Argument(help="The claim in the words in which it circulates.")],
    verdict: Annotated[str, typer.Option("--verdict", help='For example "SALAH", "BENAR" or "KLARIFIKASI".')],
    reason: Annotated[str, typer.Option("--reason", help="What the verdict rests on.")],
    url: Annotated[str | None, typer.Option("--url", help="Where it can be read.")] = None,
    replace: Annotated[
        int | None, typer.Option("--replace", metavar="REVISION", help="Replace the verdict on the same words.")
    ] = None,
    data: DataOption = None,
) -> None:
    """A verdict of this desk. One on the same words is replaced by its revision only, and stays in its history."""
    with at_desk(data) as desk:
        added = service.add_verdict(
            desk.session, claim, verdict, url=url, reason=reason, actor=ACTOR, now=desk.now, revision=replace
        )
        desk.note(AuditAction.VERDICT_ADDED, f"fact-check/{added.claim_id}", {"new": added.is_new})
    messages.print(f"Verdict {added.claim_id} {'added' if added.is_new else 'replaced'}.")


@claims_app.command("remove")
def claims_remove(claim_id: str, data: DataOption = None) -> None:
    """Erases an imported fact-check or a verdict of this desk, with its matches."""
    with at_desk(data) as desk:
        matches = service.remove_claim(desk.session, claim_id)
        desk.note(AuditAction.CLAIM_REMOVED, _named(desk, claim_id), {"matches": matches})
    messages.print(f"Removed, with {matches} matches.")


@claims_app.command("list")
def claims_list(
    limit: LimitOption = 50,
    matches: Annotated[bool, typer.Option("--matches", help="Matches instead of fact-checks.")] = False,
    state: Annotated[MatchState | None, typer.Option("--state", help="Matches of this state only.")] = None,
    data: DataOption = None,
) -> None:
    """The newest fact-checks, or (with --matches or --state) the newest matches. Private persons are masked."""
    with at_desk(data) as desk:
        if matches or state is not None:
            found = repository.newest(desk.session, state, limit)
            desk.note(AuditAction.CLAIMS_READ, "matches", {"matches": [one.id for one in found]})
            table = _match_table(found)
        else:
            checks = repository.checks(desk.session, limit=limit)
            desk.note(AuditAction.CLAIMS_READ, "fact-checks", {"read": [_named(desk, one.id) for one in checks]})
            table = _check_table(checks)
    results.print(table)


@claims_app.command("show")
def claims_show(
    what: Annotated[str, typer.Argument(metavar="ID", help="Number of a match, or id of a fact-check.")],
    data: DataOption = None,
) -> None:
    """A match with its history, or a fact-check with its matches. Private persons are masked."""
    with at_desk(data) as desk:
        if what.isascii() and what.isdecimal() and len(what) < 19:
            found, history = service.match_of(desk.session, int(what))
            desk.note(AuditAction.CLAIMS_READ, f"match/{found.id}", {"matches": [found.id]})
            table, lines = _match_table([found]), [*_check_lines(found.check), *map(_event_line, history)]
        else:
            check = repository.check(desk.session, what)
            of_claim = repository.of_claim(desk.session, check.id)
            desk.note(AuditAction.CLAIMS_READ, _named(desk, check.id), {"matches": [one.id for one in of_claim]})
            given = map(_verdict_line, repository.verdicts(desk.session, check.id))
            table, lines = _match_table(of_claim), [*_check_lines(check), *given]
    results.print(table)
    for line in lines:
        results.print(escape(line), soft_wrap=True)


@claims_app.command("confirm")
def claims_confirm(match_id: int, reason: ReasonOption = "", data: DataOption = None) -> None:
    """The item repeats this claim: from then on no machine changes the match."""
    _decide(data, match_id, reason, confirmed=True)


@claims_app.command("reject")
def claims_reject(match_id: int, reason: ReasonOption = "", data: DataOption = None) -> None:
    """The item says something else: from then on no machine changes the match. Needs a reason."""
    _decide(data, match_id, reason, confirmed=False)


@claims_app.command("refit")
def claims_refit(
    reset: Annotated[bool, typer.Option("--reset", help="Put the shipped thresholds in use again.")] = False,
    data: DataOption = None,
) -> None:
    """Fits the thresholds to what persons confirmed and rejected; keeps those in use where that proves nothing."""
    way = _way(settings_of(data))
    with at_desk(data) as desk:
        if reset:
            if service.reset_thresholds(desk.session, ACTOR, desk.now, way):
                desk.note(AuditAction.THRESHOLDS_SET, "thresholds", {"reset": True})
            results.print("The shipped thresholds are in use.")
            return
        fitted = service.refit_thresholds(desk.session, ACTOR, desk.now, way)
        desk.note(AuditAction.THRESHOLDS_SET, "thresholds", {"used": fitted.used, **fitted.figures})
    if fitted.used:
        results.print(f"In use: {_pair(fitted.thresholds)}.")
    else:
        results.print(f"Nothing changed: {fitted.why}. In use: {_pair(fitted.thresholds)}.")
    if fitted.figures["decisions"]:
        figures = ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in fitted.figures.items())
        results.print(f"On the decisions kept for judging: {figures}.")


@claims_app.command("thresholds")
def claims_thresholds(data: DataOption = None) -> None:
    """The thresholds in use, and every pair before them."""
    settings = settings_of(data)
    store, way = open_store(settings), _way(settings)
    with store.read() as session:
        stored = repository.all_thresholds(session)
    store.close()
    table = Table("id", "scoring", "suggested from", "confirmed from", "by", "at", "")
    in_use = next((row.id for row in stored if row.model == way), None)
    for row in stored:
        pair = row.thresholds
        table.add_row(
            str(row.id), row.model, f"{pair.suggested_from:.2f}", f"{pair.confirmed_from:.2f}", row.actor,
            f"{row.at:%Y-%m-%d %H:%M}Z", "in use" if row.id == in_use else "",
        )  # fmt: skip
    pair = PRIOR
    shipped = (f"{pair.suggested_from:.2f}", f"{pair.confirmed_from:.2f}")
    table.add_row("", way, *shipped, "shipped", "", "in use" if in_use is None else "")
    results.print(table)


def _import(
    log: AuditLog, claims: list[FactCheck], source: str | None, bad: int, now: datetime, session: Session
) -> Imported:
    done = service.import_claims(session, claims, ACTOR, now, source) + Imported(bad=bad)
    action = AuditAction.CLAIMS_IMPORTED
    log.append(session, actor=ACTOR, action=action, object="fact-checks", detail=asdict(done), now=now)
    return done


def _decide(data: Path | None, match_id: int, reason: str, *, confirmed: bool) -> None:
    with at_desk(data) as desk:
        revision = repository.match(desk.session, match_id).revision
        done = service.decide(desk.session, match_id, confirmed, ACTOR, reason, revision, desk.now)
        detail: Detail = {"item": done.item_id, "from": done.from_state.value, "to": done.to_state.value}
        desk.note(AuditAction.MATCH_DECIDED, f"match/{match_id}", detail)
    messages.print(f"Match {match_id} {done.to_state.value}.")


def _way(settings: Settings) -> str:
    """The way of scoring of the model in use."""
    return way_with(nlp.model_name(settings.model_dir))


def _named(desk: Desk, claim_id: str) -> str:
    return service.audit_name(claim_id, audit_log(desk.settings).keyed_hash)


def _check_lines(check: CheckView) -> list[str]:
    lines = (
        f"{check.id} (revision {check.seq})",
        source_of(check),
        check.title,
        check.claim,
        verdict_of(check),
        check.reason,
    )
    return [*(mask(line) for line in lines if line), *([check.url] if check.url else [])]


def _verdict_line(given: VerdictGiven) -> str:
    return f"{given.at:%Y-%m-%d %H:%M}Z {given.actor}: {mask(given.verdict)} ({mask(given.reason)})"


def _event_line(line: MatchEventView) -> str:
    step = f"{line.from_state or '-'} -> {line.to_state or 'taken back'}"
    return f"{line.at:%Y-%m-%d %H:%M}Z {line.actor}: {step} ({line.score:.2f}) {mask(line.reason)}".rstrip()


def _check_table(checks: list[CheckView]) -> Table:
    table = Table("id", "day", "outlet", "verdict", "headline or claim")
    for one in checks:
        day = one.checked_on.isoformat() if one.checked_on else ""
        table.add_row(*map(escape, (one.id, day, one.outlet, mask(one.verdict), _short(mask(one.title or one.claim)))))
    return table


def _match_table(found: list[MatchView]) -> Table:
    table = Table("match", "item", "state", "by", "score", "revision", "fact-check")
    for one in found:
        said = _short(mask(one.check.title or one.check.claim))
        cells = (str(one.id), str(one.item_id), one.state.value, one.actor, f"{one.score:.2f}", str(one.revision))
        table.add_row(*cells, escape(f"{one.check.id}: {said}"))
    return table


def _short(text: str) -> str:
    return text if len(text) <= 90 else f"{text[:89]}…"


def _pair(pair: Thresholds) -> str:
    return f"suggested from {pair.suggested_from:.2f}, confirmed from {pair.confirmed_from:.2f}"


def _warn(line: int, said: str) -> None:
    complain(f"line {line}: warning: {said}")
