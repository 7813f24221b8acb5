"""`waspada ranking`: the weights of the ranking, learned from decisions. `waspada why`: one alert above another."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated

import typer
from rich.table import Table

from waspada.alerts import repository, weight_versions
from waspada.alerts.compare import compare, signed
from waspada.alerts.decisions import decided
from waspada.alerts.exits import mask
from waspada.alerts.weights import PARTS, PRIOR, Weights, fit
from waspada.alerts.wording import PART_WORDS, points
from waspada.audit.types import AuditAction
from waspada.cli.common import ACTOR, DataOption, at_desk, messages, results, settings_of
from waspada.errors import NotFoundError
from waspada.store import open_store

ranking_app = typer.Typer(help="Weights of the ranking: learned from decisions, shown, put to use.")
VersionArgument = Annotated[int, typer.Argument(metavar="VERSION", min=1)]


def register(app: typer.Typer) -> None:
    app.add_typer(ranking_app, name="ranking")
    app.command()(why)


@ranking_app.command("fit")
def ranking_fit(data: DataOption = None) -> None:
    """Learns weights from what people verified and refuted; the new version waits until it is put to use."""
    settings = settings_of(data)
    with closing(open_store(settings)) as store, store.read() as session:
        found = decided(session, settings.zone_info)
    if found.unknown:
        messages.print(f"{found.unknown} decisions left out: what the person saw of the alert was not kept.")
    learned = fit(found.decisions)
    with at_desk(data) as desk:
        saved = weight_versions.save(desk.session, learned, actor=ACTOR, now=desk.now)
        figures = saved.figures.as_json() if saved.figures else {}
        desk.note(AuditAction.RANKING_FITTED, f"ranking/{saved.version}", figures)
    results.print(_table(saved))
    results.print(_figures(saved))
    messages.print(f"Put it to use with: waspada ranking use {saved.version}")


@ranking_app.command("show")
def ranking_show(
    version: Annotated[int | None, typer.Argument(metavar="[VERSION]", min=1)] = None, data: DataOption = None
) -> None:
    """The weights in use beside the prior, or those of VERSION, and the versions there are."""
    with closing(open_store(settings_of(data))) as store, store.read() as session:
        known = weight_versions.versions(session)
        current = weight_versions.in_use(session)
    if version is None:
        shown = current
    else:
        chosen = next((one.weights for one in known if one.version == version), None)
        if chosen is None:
            raise NotFoundError(f"There are no ranking weights {version} that fit.", hint="Leave VERSION out.")
        shown = chosen
    results.print(_table(shown))
    if shown.figures:
        results.print(_figures(shown))
    if known:
        listed = Table("version", "learned", "by", "decisions", "loss", "loss of the prior", "in use")
        for one in known:
            figures = one.weights.figures if one.weights else None
            numbers = [f"{figures.decisions}", f"{figures.loss:.3f}", f"{figures.prior_loss:.3f}"] if figures else []
            numbers = numbers or ["does not fit", "", ""]
            used = "yes" if one.in_use and one.weights else ""
            listed.add_row(str(one.version), f"{one.at:%Y-%m-%d %H:%M}Z", one.actor, *numbers, used)
        results.print(listed)


@ranking_app.command("use")
def ranking_use(version: VersionArgument, data: DataOption = None) -> None:
    """Ranks by VERSION from now on; open alerts are scored anew."""
    _use(version, data)


@ranking_app.command("reset")
def ranking_reset(data: DataOption = None) -> None:
    """Ranks by the prior again."""
    _use(None, data)


def why(
    a: Annotated[int, typer.Argument(metavar="A", min=1, help="Number of an alert.")],
    b: Annotated[int, typer.Argument(metavar="B", min=1, help="Number of another one.")],
    data: DataOption = None,
) -> None:
    """Why alert A stands above alert B, or below it, part by part."""
    with at_desk(data) as desk:
        found = compare(repository.summary(desk.session, a), repository.summary(desk.session, b))
        for alert_id in (a, b):
            desk.note(AuditAction.ALERT_READ, f"alert/{alert_id}", {"part": "compare"})
    table = Table("bagian", f"peringatan {found.upper.id}", f"peringatan {found.lower.id}", "selisih", "")
    for one in found.parts:
        notes = "; ".join(one.notes)
        table.add_row(
            PART_WORDS.get(one.part, one.part), points(one.upper), points(one.lower), signed(one.difference), notes
        )
    table.add_row("jumlah", points(found.upper.score), points(found.lower.score), signed(found.difference), "")
    for alert in (found.upper, found.lower):
        results.print(f"{alert.id}: {mask(alert.headline)}", soft_wrap=True, markup=False)
    results.print(table)
    results.print(found.sentence, soft_wrap=True, markup=False)


def _use(version: int | None, data: DataOption) -> None:
    with at_desk(data) as desk:
        marked = weight_versions.use(desk.session, version)
        desk.note(AuditAction.RANKING_USED, f"ranking/{version or 'prior'}", {"open_alerts": marked})
    named = f"version {version}" if version else "the prior"
    results.print(f"Ranking by {named} from now on; {marked} open alerts are scored anew.")


def _table(weights: Weights) -> Table:
    table = Table("part", "points", "prior", title="prior" if weights.version is None else f"version {weights.version}")
    for part in PARTS:
        table.add_row(part, f"{weights[part]:.2f}", f"{PRIOR[part]:.2f}")
    return table


def _figures(weights: Weights) -> str:
    found = weights.figures
    if found is None:
        return ""
    return (
        f"{found.decisions} decisions ({found.verified} verified) by {found.persons} accounts on {found.days} days, "
        f"{found.pairs} pairs. Loss a decision on days left out: {found.loss:.3f}, of the prior "
        f"{found.prior_loss:.3f} (standard error of the difference {found.standard_error:.3f})."
    )
