"""The two languages of the console are complete."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from babel.messages.mofile import read_mo

from api.console import catalogue, words
from api.console.i18n import language
from waspada.access.passwords import PasswordFlaw
from waspada.access.policy import AREAS
from waspada.access.service import HOW_DIRECTORY, HOW_PASSWORD, HOW_TOKEN, READER_ZONES
from waspada.access.types import Role, Scope
from waspada.alerts.eligibility import Member
from waspada.alerts.policy import STEPS, reasons_for
from waspada.alerts.scoring import Surroundings, score_parts
from waspada.alerts.types import AlertState, Field
from waspada.alerts.weights import PARTS
from waspada.alerts.wording import PART_WORDS
from waspada.clock import zone_of
from waspada.drift.types import FIGURES, Fit, Measure, Outlets
from waspada.drift.types import Change as DriftChange
from waspada.escalations import gate
from waspada.escalations.types import EscalationState, ReportKind
from waspada.jobs.canary import Canary, CanaryState
from waspada.labels.agreement import Undefined
from waspada.notify.calls.types import EndReason
from waspada.notify.calls.types import How as CalledHow
from waspada.notify.contacts.types import ContactState
from waspada.notify.messages import Channel
from waspada.notify.types import Change, DropReason, HeldReason, NoticeState, Occasion
from waspada.processes.types import Life, ProcessRole, Queues
from waspada.recipients.types import GrantState, RecipientKind, Refusal
from waspada.sources.types import CoverageState, HealthState, NoticeKind, Reach, SourceRole, SourceState
from waspada.stories.types import How
from waspada.taxonomy import FIELDS, ItemKind, Label
from waspada.webhooks.types import DeliveryState, EventKind


def test_no_text_lacks_its_translation() -> None:
    assert catalogue.missing(catalogue.read()) == []


def test_no_translation_is_left_over() -> None:
    known = {message.id for message in catalogue.template()}
    assert {message.id for message in catalogue.read()} <= known


def test_the_shipped_file_is_the_compiled_catalogue() -> None:
    shipped = catalogue.po_path().with_suffix(".mo").read_bytes()
    assert _messages(shipped) == _messages(catalogue.compiled(catalogue.read()))


def _messages(mo: bytes) -> dict[tuple[str, str | None], object]:
    """What a `.mo` file says, without its header: that names the version of Babel that wrote it."""
    return {(str(message.id), message.context): message.string for message in read_mo(BytesIO(mo)) if message.id}


def test_translations_keep_their_placeholders() -> None:
    for message in catalogue.read():
        if message.id:
            source = str(message.id)
            names = set(re.findall(r"%\((\w+)\)s", source))
            assert set(re.findall(r"%\((\w+)\)s", str(message.string))) == names, source


def test_a_missing_translation_would_be_found() -> None:
    thin = catalogue.read()
    thin.delete("Alerts")
    assert catalogue.missing(thin) == ["Alerts"]


def test_every_word_of_the_program_has_a_name() -> None:
    assert set(words.LABELS) == set(Label)
    assert set(words.LABEL_FIELDS) == set(words.LABEL_RULES) == set(FIELDS)
    assert {field: len(names) - 1 for field, names in words.LABEL_VALUES.items()} == FIELDS
    assert set(words.STATES) == set(AlertState)
    reasons = {reason for before, steps in STEPS.items() for to in steps for reason in reasons_for(to, before)}
    assert set(words.REASONS) == reasons
    assert set(words.FIELDS) == set(Field)
    assert set(words.STEPS) == {to for steps in STEPS.values() for to in steps}
    assert set(words.ROLES) == set(Role)
    assert set(words.SCOPES) == set(Scope)
    assert set(words.AREAS) == set(AREAS)
    assert set(words.FLAWS) == set(PasswordFlaw)
    assert set(words.ZONES) == set(READER_ZONES)
    assert set(words.SIGN_IN_WAYS) == {HOW_TOKEN, HOW_PASSWORD, HOW_DIRECTORY}
    assert set(words.SOURCE_STATES) == set(SourceState)
    assert set(words.EVENTS) == {*SourceState, *NoticeKind}
    assert set(words.COVERAGE) == set(CoverageState)
    assert set(words.HEALTH) == set(HealthState)
    assert set(words.REACHES) == set(Reach)
    assert set(words.SOURCE_ROLES) == set(SourceRole)
    assert list(words.PARTS) == list(PARTS) == list(PART_WORDS)
    assert set(words.NOTICE_KINDS) == set(Occasion)
    assert set(words.NOTICE_STATES) == set(NoticeState)
    assert set(words.HELD) == set(HeldReason)
    assert set(words.DROPPED) == set(DropReason)
    assert set(words.CHANGES_TOLD) == set(Change)
    assert set(words.RECIPIENT_KINDS) == set(RecipientKind)
    assert set(words.GRANT_STATES) == set(GrantState)
    assert set(words.REFUSALS) == set(Refusal)
    assert set(words.REPORT_KINDS) == set(ReportKind)
    assert set(words.ESCALATION_STATES) == set(words.ESCALATION_LOOKS) == set(EscalationState)
    assert set(words.REPORT_PROBLEMS) >= set(gate.PROBLEMS.values())
    assert set(words.WEBHOOK_EVENTS) == set(EventKind)
    assert set(words.WEBHOOK_DELIVERIES) == set(DeliveryState)
    assert set(words.PROCESS_ROLES) == set(ProcessRole)
    assert set(words.LIVES) == set(Life)
    assert list(words.QUEUES) == [field.name for field in fields(Queues)]
    assert set(words.CHANNELS) == set(Channel)
    assert set(words.CONTACT_STATES) == set(ContactState)
    assert set(words.HOWS) == set(CalledHow)
    assert set(words.CALL_ENDS) == set(EndReason)
    assert list(words.DRIFT_FIGURES) == list(FIGURES)
    assert set(words.DRIFT_CHANGES) == set(DriftChange)
    assert set(words.FITS) == set(Fit)
    assert set(words.MEASURES) == set(Measure)
    assert set(words.OUTLETS_HEARD) == set(Outlets)
    assert set(words.NO_FIGURE) == set(Undefined)
    assert set(words.EXERCISE) == {state for state in CanaryState if not Canary(state).is_fine}


def test_every_part_of_a_score_has_a_name() -> None:
    at = datetime(2024, 11, 20, tzinfo=UTC)
    member = Member(
        item_id=1, kind=ItemKind.ARTICLE, role=SourceRole.NEWS, outlet="a", voice=None, at=at, how=How.FIRST,
        labels={Label.CONFLICT: 0.9}, conflict_level=1, alert_level=2, reliability=0.5, regions=(), title="",
    )  # fmt: skip
    assert list(score_parts([member], Label.CONFLICT, 2, 0.9, Surroundings(now=at))) == list(words.PARTS)


@pytest.mark.parametrize(
    ("lang", "when", "age", "number", "percent"),
    [
        ("id", "20 Nov 2024, 11.05 WITA", "3 jam", "62,25", "94%"),
        ("en", "20 Nov 2024, 11:05 WITA", "3 hours", "62.25", "94%"),
    ],
)
def test_numbers_and_times_are_the_readers(lang: str, when: str, age: str, number: str, percent: str) -> None:
    own, moment = language(lang), datetime(2024, 11, 20, 3, 5, tzinfo=UTC)
    assert own.when(moment, zone_of("WITA")) == when
    assert own.age(moment, moment + timedelta(hours=3)) == age
    assert own.number(62.25) == number
    assert own.percent(0.94) == percent
    assert own.when(moment, zone_of("Europe/London")).endswith(" GMT")
    assert own.age(moment, moment - timedelta(hours=3)) in ("0 menit", "0 minutes", "kurang dari 1 menit")
