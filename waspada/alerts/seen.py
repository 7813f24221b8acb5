"""What an account has seen of the alerts: until then a card is new, and changed when its revision went on since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from waspada.alerts import repository
from waspada.alerts.repository import Condition
from waspada.alerts.types import AlertFilter
from waspada.store.asking import ask
from waspada.store.tables import AlertRow, AlertSeenRow
from waspada.store.upsert import insert_into

#: What is unread is counted this far back, and so far: beyond that a number says nothing.
COUNTED_FOR = timedelta(days=7)
MOST_COUNTED = 100
#: A list is counted so far; one that goes further back than what is unread, less far: each alert of it is looked up.
MOST_LISTED, MOST_LISTED_EVER = 1000, 100
#: So many alerts can be marked at once.
MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Tally:
    """How many alerts fit, and how many of them are new or changed for an account; each counted so far and no
    further, and said so."""

    total: int
    unread: int
    most: int

    @property
    def total_text(self) -> str:
        return f"{self.total}+" if self.total >= self.most else str(self.total)

    @property
    def unread_text(self) -> str:
        return f"{MOST_COUNTED - 1}+" if self.unread >= MOST_COUNTED else str(self.unread)


class Mark(StrEnum):
    """How an alert stands with an account."""

    NEW = "new"
    CHANGED = "changed"
    READ = "read"


def mark_of(revision: int, seen_revision: int | None) -> Mark:
    """Pure: the mark of an alert of this revision for somebody who saw that one (None: none yet)."""
    if seen_revision is None:
        return Mark.NEW
    return Mark.CHANGED if seen_revision < revision else Mark.READ


_SEEN = select(AlertSeenRow.alert_id, AlertSeenRow.revision).where(
    AlertSeenRow.user_id == bindparam("reader"), AlertSeenRow.alert_id.in_(bindparam("alerts", expanding=True))
)


def marks(session: Session, user_id: int, revisions: Mapping[int, int]) -> dict[int, Mark]:
    """The marks of these alerts (id -> current revision) for an account."""
    rows = ask(session, _SEEN, {"reader": user_id, "alerts": list(revisions)})
    seen = {alert_id: revision for alert_id, revision in rows}  # noqa: C416 (a row is no tuple to the type checker)
    return {id_: mark_of(revision, seen.get(id_)) for id_, revision in revisions.items()}


def tally(session: Session, user_id: int, wanted: AlertFilter, now: datetime) -> Tally:
    """How many alerts fit (up to `MOST_LISTED` of the last seven days, `MOST_LISTED_EVER` where the list goes further
    back), and how many of them are new or changed for an account (up to `MOST_COUNTED`).

    Of what is unread only alerts with an item of the last seven days count: what is read costs the same whatever is
    stored.
    """
    counted = repository.not_before(wanted, now - COUNTED_FOR)
    if counted == wanted:
        total, unread = repository.tally(session, wanted, _unread(user_id), at_most=MOST_LISTED)
        return Tally(total, min(unread, MOST_COUNTED), MOST_LISTED)
    total = repository.count(session, wanted, at_most=MOST_LISTED_EVER)
    unread = repository.count_where(session, counted, _unread(user_id), at_most=MOST_COUNTED)
    return Tally(total, unread, MOST_LISTED_EVER)


_IS_UNREAD = ~(
    select(AlertSeenRow.revision)
    .where(
        AlertSeenRow.user_id == bindparam("reader"),
        AlertSeenRow.alert_id == AlertRow.id,
        AlertSeenRow.revision >= AlertRow.revision,
    )
    .exists()
)


def _unread(user_id: int) -> Condition:
    return Condition(_IS_UNREAD, (("reader", user_id),))


def note(session: Session, user_id: int, revisions: Mapping[int, int], now: datetime, *, within: str | None) -> int:
    """Marks alerts as seen in these revisions; returns how many were marked.

    One outside the reader's region, or that is gone, is left out; a revision that is not there yet counts as the
    current one, and an older one never takes back what was seen. Runs in the caller's writing transaction.
    """
    current = repository.revisions(session, list(revisions)[:MOST_AT_ONCE], within=within)
    rows = [
        {"user_id": user_id, "alert_id": id_, "revision": min(revisions[id_], revision), "at": now}
        for id_, revision in current.items()
    ]
    if not rows:
        return 0
    statement = insert_into(session, AlertSeenRow).values(rows)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["user_id", "alert_id"],
            set_={"revision": statement.excluded.revision, "at": statement.excluded.at},
            where=AlertSeenRow.revision < statement.excluded.revision,
        )
    )
    return len(rows)
