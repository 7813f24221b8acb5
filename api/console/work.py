"""Puts together what the forms of an alert's page need: who may, who could, what is silenced, what can be undone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from api import shape
from api.auth import Caller
from api.console import views
from waspada.access.policy import may
from waspada.access.types import Action
from waspada.alerts import owners
from waspada.alerts.exits import mask
from waspada.alerts.types import AlertDetail
from waspada.notify import service as quieting
from waspada.notify.types import SilenceView
from waspada.stories import edits, service


def work_of(session: Session, caller: Caller, found: AlertDetail, now: datetime, *, look_near: bool) -> views.Work:
    alert, me = found.summary, caller.identity
    moves, edits_stories = may(me, Action.MOVE_ALERTS), may(me, Action.EDIT_STORIES)
    whole = alert.merged_into is None
    known = edits.history(session, alert.story_id)
    silences = quieting.silences_of(session, alert.id, [item.id for item in found.items], now)
    could = owners.candidates(session, alert.id) if moves and whole else []
    return views.Work(
        may=moves and whole,
        is_open=views.is_open(alert.state),
        owner=alert.owner,
        is_mine=alert.owner == me.name,
        due_at=alert.due_at,
        overdue=alert.is_overdue(now),
        others=[name for name in could if name != alert.owner],
        clarification=views.clarification_of(alert, found.history),
        twin_id=views.twin_of(alert, found.history),
        silences=[shape.silence(SilenceView(one, True, 0)) for one in silences],
        may_quiet=may(me, Action.QUIET) and whole,
        may_edit=edits_stories and whole and known.merged_into is None,
        may_undo=edits_stories,
        story_revision=known.revision,
        undoable=views.undoable(known) if edits_stories else [],
        silenced_items=frozenset(one.item_id for one in silences if one.item_id is not None),
        is_silenced=any(one.alert_id is not None for one in silences),
        near=_near(session, alert.story_id, me.region) if look_near and edits_stories else None,
    )


def _near(session: Session, story_id: int, within: str | None) -> Sequence[tuple[int, str]]:
    """Alerts whose stories may tell of the same: number and headline."""
    found = service.near(session, story_id, within=within)
    return [(one.alert_id, mask(one.headline)) for one in found if one.alert_id is not None]
