"""What people do with field reports: send, ask, answer, clarify, forward, close; drafts; the periodic report.

Everything runs in the caller's writing transaction, and the caller writes the audit line in the same one. No function
but `open_sender` tells who sent a report.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from waspada import places
from waspada.access.types import ForbiddenError
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.items.policy import clean_text, url_key
from waspada.items.service import keep_item
from waspada.items.types import FoundItem
from waspada.privacy.door import mask_contacts
from waspada.privacy.reasons import reason_of
from waspada.reports import policy, repository
from waspada.reports.sealing import Keys
from waspada.reports.types import (
    REPORTER,
    SOURCE_ID,
    SYSTEM,
    Draft,
    FieldReport,
    HowKnown,
    NewReport,
    PeriodicReport,
    ReportState,
    Rhythm,
    Sender,
    Sending,
    StaleReportError,
    Step,
)
from waspada.sources.service import RELIABILITY
from waspada.sources.types import SourceKind, SourceRole
from waspada.store.tables import (
    FieldReportCitationRow,
    FieldReportDraftRow,
    FieldReportEventRow,
    FieldReportRow,
    FieldReportSenderRow,
    ItemVersionRow,
    PeriodicReportRow,
    SourceRow,
    StoryItemRow,
    StoryRow,
)
from waspada.store.upsert import insert_into
from waspada.taxonomy import ItemKind

OUTLET = "Laporan lapangan"
_TERMS = "Reports of officers and citizens' forums with accounts of this product."
#: Of its own reports an account sees the newest so many of its region.
MOST_OWN = 1000
_AN_HOUR = timedelta(hours=1)


def send(session: Session, keys: Keys, sender: Sender, new: NewReport, now: datetime) -> Sending:
    """Takes a report in as an item that is tagged and grouped like any other. Sent twice, it is one.

    Contacts in it are masked before anything is stored; who sent it is sealed for this report. Raises InputError,
    TooManyError, and ConflictError where the key is that of a report with other words, place or kind.
    """
    form_key = keys.form_key(sender.user_id, new.key)
    known = session.scalar(select(FieldReportRow.id).where(FieldReportRow.form_key == form_key))
    if known is None:
        policy.check_new(new, sender.region, now)
        policy.check_pace(len(_own_ids(session, keys, sender.user_id, sender.region, since=now - _AN_HOUR)))
        known = _insert(session, form_key, sender.region, new, now)
        if known is not None:
            _keep_sender(session, keys, sender, known)
            _take_in(session, known, new, now)
            _note(session, known, REPORTER, Step.SENT, now, state=ReportState.SENT)
            remove_draft(session, keys, sender.user_id, new.key)
            return Sending(known, True)
        known = session.scalar(select(FieldReportRow.id).where(FieldReportRow.form_key == form_key))
    assert known is not None  # noqa: S101 (somebody else put it between two looks)
    if not _is_same(session, known, new):
        raise ConflictError(
            "Another report was sent with this key already.", hint="Send this one with a key of its own."
        )
    remove_draft(session, keys, sender.user_id, new.key)
    return Sending(known, False)


def _is_same(session: Session, report_id: int, new: NewReport) -> bool:
    """Whether a report is the one that was sent first; also where its words were erased since, and nobody can tell.

    What was stored is masked once more: masks may have been added since, and what comes in is masked by all of them.
    """
    row = session.get_one(FieldReportRow, report_id)
    if (row.place, row.kind) != (new.place, new.kind.value):
        return False
    first = select(ItemVersionRow.text).where(ItemVersionRow.item_id == row.item_id, ItemVersionRow.version == 1)
    words = session.scalar(first)
    return words is None or mask_contacts(words) == mask_contacts(clean_text(new.text))


def _insert(session: Session, form_key: str, region: str, new: NewReport, now: datetime) -> int | None:
    """The id of the new row; None where one with this key came in meanwhile."""
    row = insert_into(session, FieldReportRow).values(
        form_key=form_key,
        region=region,
        place=new.place,
        kind=new.kind.value,
        known=new.known.value,
        happened_at=new.happened_at,
        sent_at=now,
        state=ReportState.SENT.value,
        revision=1,
        note="",
    )
    added = row.on_conflict_do_nothing(index_elements=["form_key"]).returning(FieldReportRow.id)
    found: int | None = session.scalar(added)
    return found


def _keep_sender(session: Session, keys: Keys, sender: Sender, report_id: int) -> None:
    mark, sealed = keys.mark(sender.user_id, report_id), keys.seal(sender, report_id)
    session.add(FieldReportSenderRow(report_id=report_id, mark=mark, sealed=sealed))


def _take_in(session: Session, report_id: int, new: NewReport, now: datetime) -> None:
    _put_source(session, now)
    address = f"urn:waspada:report:{report_id}"
    found = FoundItem(
        source_id=SOURCE_ID,
        kind=ItemKind.REPORT,
        outlet=OUTLET,
        url=address,
        url_key=url_key(address),
        title="",
        text=new.text,
        published_at=min(new.happened_at, now),
    )
    item_id = keep_item(session, found, now).item_id
    session.execute(update(FieldReportRow).where(FieldReportRow.id == report_id).values(item_id=item_id))
    session.flush()


def _put_source(session: Session, now: datetime) -> None:
    """The source of all reports, as it is needed first; nobody polls it."""
    if session.get(SourceRow, SOURCE_ID) is not None:
        return
    row = insert_into(session, SourceRow).values(
        id=SOURCE_ID,
        name=OUTLET,
        outlet=OUTLET,
        url=f"urn:waspada:{SOURCE_ID}",
        kind=SourceKind.HTML.value,
        role=SourceRole.REPORT.value,
        zone="WITA",
        tier="C",
        verified=False,
        enabled=False,
        reliability=RELIABILITY[SourceRole.REPORT]["C"],
        terms=_TERMS,
        added_at=now,
        state="new",
        parked=False,
        next_poll_at=now,
        interval_seconds=1800,
        failures=0.0,
        on_time_successes=0,
    )
    session.execute(row.on_conflict_do_nothing())


def own(session: Session, keys: Keys, user_id: int, region: str) -> list[FieldReport]:
    """The reports of an account, the newest first, with their history: found by its marks among those of its region."""
    return repository.by_ids(session, _own_ids(session, keys, user_id, region), with_history=True)[::-1]


def _own_ids(session: Session, keys: Keys, user_id: int, region: str, since: datetime | None = None) -> list[int]:
    query = (
        select(FieldReportSenderRow.report_id, FieldReportSenderRow.mark)
        .join(FieldReportRow, FieldReportRow.id == FieldReportSenderRow.report_id)
        .where(FieldReportRow.region == region)
        .order_by(FieldReportRow.id.desc())
        .limit(MOST_OWN)
    )
    if since is not None:
        query = query.where(FieldReportRow.sent_at >= since)
    return [id_ for id_, mark in session.execute(query) if mark == keys.mark(user_id, id_)]


def own_report(session: Session, keys: Keys, user_id: int, report_id: int) -> FieldReport:
    """One of them. Raises NotFoundError, whosever it is."""
    row = session.get(FieldReportSenderRow, report_id)
    if row is None or row.mark != keys.mark(user_id, report_id):
        raise NotFoundError(f"You have sent no report {report_id}.", hint="See your list of reports.")
    return repository.report(session, report_id)


def answer(session: Session, keys: Keys, user_id: int, report_id: int, text: str, now: datetime) -> FieldReport:
    """The reporter's answer to what the desk asked. Raises NotFoundError, InputError, ConflictError."""
    own_report(session, keys, user_id, report_id)
    row = _locked(session, report_id, None)
    policy.check_answer(ReportState(row.state), is_open=row.closed_at is None)
    said = reason_of(text, is_needed=True)
    row.state, row.revision = ReportState.SENT.value, row.revision + 1
    _note(session, report_id, REPORTER, Step.ANSWERED, now, state=ReportState.SENT, text=said)
    return repository.report(session, report_id)


def ask(
    session: Session,
    report_id: int,
    text: str,
    *,
    actor: str,
    revision: int,
    now: datetime,
    within: str | None = None,
) -> FieldReport:
    """Asks whoever sent it, without knowing who. Raises NotFoundError, InputError, ConflictError, StaleReportError."""
    row = _locked(session, report_id, within, revision)
    has_sender = session.get(FieldReportSenderRow, report_id) is not None
    policy.check_question(ReportState(row.state), is_open=row.closed_at is None, has_sender=has_sender)
    said = reason_of(text, is_needed=True)
    row.state, row.revision = ReportState.ASKED.value, row.revision + 1
    _note(session, report_id, actor, Step.ASKED, now, state=ReportState.ASKED, text=said)
    return repository.report(session, report_id)


def decide(
    session: Session,
    report_id: int,
    verdict: ReportState,
    note: str,
    *,
    actor: str,
    revision: int,
    now: datetime,
    within: str | None = None,
) -> FieldReport:
    """Says what a report is: clarified, refuted, or that it cannot be told; its story is ranked anew.

    Raises NotFoundError, InputError (no verdict, no note), ConflictError (closed, decided so already) and
    StaleReportError.
    """
    row = _locked(session, report_id, within, revision)
    policy.check_verdict(ReportState(row.state), verdict, is_open=row.closed_at is None)
    said = reason_of(note, is_needed=True)
    row.state, row.note, row.decided_by, row.decided_at = verdict.value, said, actor, now
    row.revision += 1
    _note(session, report_id, actor, Step.DECIDED, now, state=verdict, text=said)
    _rank_again(session, row.item_id)
    return repository.report(session, report_id)


def close(
    session: Session, report_id: int, *, actor: str, revision: int, now: datetime, within: str | None = None
) -> FieldReport:
    """Ends a case; who sent it is forgotten some days later. Raises NotFoundError, ConflictError, StaleReportError."""
    row = _locked(session, report_id, within, revision)
    policy.check_closing(ReportState(row.state), is_open=row.closed_at is None)
    _close(session, row, actor, now)
    return repository.report(session, report_id)


def _close(session: Session, row: FieldReportRow, actor: str, now: datetime) -> None:
    row.closed_at, row.revision = now, row.revision + 1
    _note(session, row.id, actor, Step.CLOSED, now)


def forward(
    session: Session,
    report_ids: Collection[int],
    new_text: str,
    *,
    actor: str,
    now: datetime,
    within: str | None = None,
) -> FieldReport:
    """A new report of the level above, in the desk's own words, that cites these; it is clarified there in its turn.

    Raises NotFoundError (also outside `within`), InputError and ConflictError (`policy.forwarded_region`).
    """
    ids = sorted(set(report_ids))
    session.execute(
        select(FieldReportRow.id).where(FieldReportRow.id.in_(ids)).order_by(FieldReportRow.id).with_for_update()
    )
    children = repository.by_ids(session, ids, within=within)
    missing = set(ids) - {child.id for child in children}
    if missing:
        raise repository.no_report(min(missing))
    region = policy.forwarded_region(children)
    policy.check_text(new_text)
    kind = Counter(child.kind for child in children).most_common(1)[0][0]
    newest = max(child.happened_at for child in children)
    key = url_key(f"forwarded {ids}")
    new = NewReport(key, _common_place(children), kind, HowKnown.TOLD, new_text, newest)
    parent = _insert(session, key, region, new, now)
    if parent is None:
        raise ConflictError("These reports were forwarded together already.", hint="See the list of field reports.")
    session.add_all(FieldReportCitationRow(child_id=child.id, report_id=parent) for child in children)
    _take_in(session, parent, new, now)
    _note(session, parent, actor, Step.SENT, now, state=ReportState.SENT)
    for child in children:
        _note(session, child.id, actor, Step.FORWARDED, now, other_id=parent)
        session.execute(
            update(FieldReportRow).where(FieldReportRow.id == child.id).values(revision=FieldReportRow.revision + 1)
        )
    session.flush()
    session.expire_all()
    return repository.report(session, parent)


def _common_place(children: Sequence[FieldReport]) -> str:
    """The finest region that holds where all of them happened."""
    first = children[0].place
    for length in (13, 8, 5, 2):
        code = first[:length]
        if len(code) == length and all(places.is_within(child.place, code) for child in children):
            return code
    return first[:2]


def open_sender(
    session: Session, keys: Keys, report_id: int, *, bound: str | None, actor: str, now: datetime
) -> Sender:
    """Who sent a report, for the clarifier of its own level; its history says that it was opened, and by whom.

    Raises NotFoundError (outside the area; no sender, or none any more) and ForbiddenError (another level's).
    """
    row = _locked(session, report_id, bound)
    if not policy.may_open_sender(bound, row.region):
        raise ForbiddenError(
            "Only the clarifier of a report's own level may know who sent it.",
            hint="Ask back through the report: its sender answers without being named.",
        )
    sealed = session.get(FieldReportSenderRow, report_id)
    if sealed is None:
        raise NotFoundError("Who sent this report is not known (any more).", hint="It goes when the case is over.")
    found = keys.open(sealed.sealed, report_id)
    _note(session, report_id, actor, Step.SENDER_OPENED, now)
    return found


def close_old(session: Session, now: datetime) -> int:
    """Closes what nobody closes; returns how many."""
    ids = repository.to_close(session, now)
    for row in session.scalars(select(FieldReportRow).where(FieldReportRow.id.in_(ids)).with_for_update()):
        if row.closed_at is None:
            _close(session, row, SYSTEM, now)
    return len(ids)


def forget_senders(session: Session, ids: Sequence[int], now: datetime) -> None:
    """Takes away who sent these reports; the history says when."""
    session.execute(delete(FieldReportSenderRow).where(FieldReportSenderRow.report_id.in_(ids)))
    for id_ in ids:
        _note(session, id_, SYSTEM, Step.SENDER_EXPIRED, now)


def save_draft(session: Session, keys: Keys, user_id: int, key: str, fields: Mapping[str, str], now: datetime) -> None:
    """Keeps a draft sealed for its writer; nothing of a report that was sent meanwhile, which a draft would lead to its
    account. Raises InputError for an odd key or too long a text, ConflictError for too many."""
    if not policy.LEAST_KEY_CHARACTERS <= len(key) <= policy.MAX_KEY_CHARACTERS or not key.isascii():
        raise InputError("The form has no key of its own.", hint="Load the form again.")
    if sum(map(len, fields.values())) > 2 * policy.MAX_TEXT_CHARACTERS:
        raise InputError(
            "The draft is too long.", hint=f"A report has {policy.MAX_TEXT_CHARACTERS} characters at most."
        )
    form_key, draft_key = keys.form_key(user_id, key), keys.draft_key(user_id, key)
    if session.scalar(select(FieldReportRow.id).where(FieldReportRow.form_key == form_key)) is not None:
        return
    row = session.get(FieldReportDraftRow, draft_key)
    masked = {name: mask_contacts(clean_text(value)) for name, value in fields.items()}
    sealed = keys.seal_draft(masked, user_id, key)
    if row is not None:
        row.sealed, row.changed_at = sealed, now
        return
    if len(_own_drafts(session, keys, user_id)) >= policy.MAX_DRAFTS:
        raise ConflictError(f"There are {policy.MAX_DRAFTS} drafts already.", hint="Send or remove one first.")
    mark = keys.draft_mark(user_id, draft_key)
    session.add(FieldReportDraftRow(draft_key=draft_key, mark=mark, sealed=sealed, changed_at=now))


def drafts(session: Session, keys: Keys, user_id: int) -> list[Draft]:
    """Those of an account, the newest first."""
    mine = FieldReportDraftRow.draft_key.in_(_own_drafts(session, keys, user_id))
    query = select(FieldReportDraftRow).where(mine)
    found = []
    for row in session.scalars(query.order_by(FieldReportDraftRow.changed_at.desc(), FieldReportDraftRow.draft_key)):
        opened = keys.open_draft(row.sealed, row.draft_key)
        if opened is not None:
            found.append(Draft(opened[0], opened[1], row.changed_at))
    return found


def _own_drafts(session: Session, keys: Keys, user_id: int) -> list[str]:
    """The keys of an account's drafts, found by its marks among all: they stand for some days only."""
    marks = session.execute(select(FieldReportDraftRow.draft_key, FieldReportDraftRow.mark))
    return [draft_key for draft_key, mark in marks if mark == keys.draft_mark(user_id, draft_key)]


def remove_draft(session: Session, keys: Keys, user_id: int, key: str) -> None:
    """Nothing where there is none."""
    session.execute(delete(FieldReportDraftRow).where(FieldReportDraftRow.draft_key == keys.draft_key(user_id, key)))


def send_periodic(
    session: Session,
    region: str,
    first_day: date,
    text: str,
    *,
    is_nil: bool,
    rhythm: Rhythm,
    now: datetime,
    today: date,
) -> PeriodicReport:
    """The periodic report of a kecamatan for the span that begins on a day; `is_nil` says that there was nothing.

    Who sends it is not kept. Raises InputError (no kecamatan, no such span, neither words nor nihil) and ConflictError
    (it is there already, or its time is not over).
    """
    if len(region) != 8 or rhythm is Rhythm.OFF:
        raise InputError("Periodic reports are those of a kecamatan.", hint="Its code looks like 63.03.05.")
    span = policy.span_of(first_day, rhythm)
    if span.first != first_day:
        raise InputError("No span begins on this day.", hint="Take one from the list of what is owed.")
    if span.last >= today:
        raise ConflictError("This time is not over yet.", hint="Send it when it is.")
    if first_day < today - timedelta(days=span.days * (policy.LOOKED_BACK + 1)):
        raise InputError("This is too long ago.", hint="Take one from the list of what is owed.")
    said = mask_contacts(clean_text(text)).strip()
    if not is_nil:
        policy.check_text(said)
    row = insert_into(session, PeriodicReportRow).values(
        region=region,
        first_day=span.first,
        last_day=span.last,
        is_nil=is_nil,
        text=said[: policy.MAX_TEXT_CHARACTERS],
        sent_at=now,
    )
    added = row.on_conflict_do_nothing(index_elements=["region", "first_day", "last_day"])
    id_ = session.scalar(added.returning(PeriodicReportRow.id))
    if id_ is None:
        raise ConflictError("The report of this time is there already.", hint="Nothing is left to be done.")
    return repository.as_periodic(session.get_one(PeriodicReportRow, id_))


def _locked(session: Session, report_id: int, within: str | None, revision: int | None = None) -> FieldReportRow:
    """The row, locked. Raises NotFoundError, and StaleReportError for an older revision."""
    row = session.get(FieldReportRow, report_id, with_for_update=True, populate_existing=True)
    if row is None or not policy.may_clarify(within, row.region):
        raise repository.no_report(report_id)
    if revision is not None and row.revision != revision:
        raise StaleReportError(report_id, row.revision)
    return row


def _rank_again(session: Session, item_id: int | None) -> None:
    stories = select(StoryItemRow.story_id).where(StoryItemRow.item_id == item_id)
    session.execute(update(StoryRow).where(StoryRow.id.in_(stories)).values(stale=True))


def _note(
    session: Session,
    report_id: int,
    actor: str,
    step: Step,
    now: datetime,
    *,
    state: ReportState | None = None,
    text: str = "",
    other_id: int | None = None,
) -> None:
    session.add(
        FieldReportEventRow(
            report_id=report_id,
            at=now,
            actor=actor,
            step=step.value,
            state=state.value if state else None,
            text=text,
            other_id=other_id,
        )
    )
    session.flush()
