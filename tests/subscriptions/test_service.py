"""Subscriptions from the first word to the last: asked, confirmed, changed, paused, ended."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.subscriptions.people import DAY, DUE, HOUR, MINUTE, NOW, RHYTHM, TOPIC, settings_in, subscribed, wanted
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.notify.messages import Channel
from waspada.privacy.retention import Periods
from waspada.recipients import service as recipients
from waspada.recipients.types import NewRecipient, RecipientKind
from waspada.settings import Settings
from waspada.store import Store
from waspada.store.tables import DeliveryRow, SubscriptionRow, UserRow, WebhookRow
from waspada.subscriptions import forgetting, policy, service
from waspada.subscriptions.links import LinkKind, SubscriptionLinks
from waspada.subscriptions.types import EndReason, SubscriptionFilter, SubscriptionState


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


def row_of(store: Store, id_: int) -> SubscriptionRow:
    with store.read() as session:
        row = session.get_one(SubscriptionRow, id_)
        session.expunge(row)
        return row


def opt_ins(store: Store) -> list[DeliveryRow]:
    with store.read() as session:
        rows = list(session.scalars(select(DeliveryRow).where(DeliveryRow.about.like("%/opt-in/%"))))
        session.expunge_all()
        return rows


def add(store: Store, settings: Settings, address: str = "camat@kantor.example", at=NOW, **given) -> int:  # type: ignore[no-untyped-def]
    with store.write() as session:
        return service.add(session, wanted(address, **given), settings, actor="manager", now=at).id


def test_nothing_is_due_before_the_address_confirmed(store: Store, settings: Settings) -> None:
    id_ = add(store, settings)
    assert row_of(store, id_).next_due_at is None
    (asked,) = opt_ins(store)
    link = re.search(r"https://waspada\.example(/subscription/confirm/\S+)", asked.body["text"])
    assert link is not None
    word = link[1].rpartition("/")[2]
    with store.write() as session:
        row = service.open_link(session, settings, LinkKind.CONFIRM, word, NOW + HOUR, lock=True)
        assert service.confirm(session, row, now=NOW) is True
        assert service.confirm(session, row, now=NOW + HOUR) is False
    assert row_of(store, id_).next_due_at == DUE


def test_an_address_is_in_no_column_and_shown_masked(store: Store, settings: Settings) -> None:
    id_ = add(store, settings)
    with store.read() as session:
        row = session.get_one(SubscriptionRow, id_)
        held = "".join(str(getattr(row, column.key)) for column in SubscriptionRow.__table__.columns)
        assert "camat" not in held
        assert "kantor" not in held
        assert service.find(session, id_, settings).shown == "c•••@kantor.example"
        rows = session.scalars(select(DeliveryRow)).all()
        assert not any("kantor.example" in f"{one.target}{one.about}{one.key}{one.body}" for one in rows)


def test_a_sealed_address_opens_for_its_own_row_alone(store: Store, settings: Settings) -> None:
    one, other = add(store, settings), add(store, settings, "lurah@kantor.example")
    with store.write() as session:
        session.get_one(SubscriptionRow, other).sealed = session.get_one(SubscriptionRow, one).sealed
    with store.read() as session:
        assert service.find(session, other, settings).shown == "?"


class TestNobodyIsBombed:
    def test_an_address_is_asked_once_an_hour_and_three_times_a_day(self, store: Store, settings: Settings) -> None:
        id_ = add(store, settings)
        with pytest.raises(ConflictError), store.write() as session:
            service.ask_again(session, id_, settings, now=NOW + 59 * MINUTE)
        for hours in (1, 2):
            with store.write() as session:
                service.ask_again(session, id_, settings, now=NOW + hours * HOUR)
        with pytest.raises(ConflictError, match="today"), store.write() as session:
            service.ask_again(session, id_, settings, now=NOW + 5 * HOUR)
        assert len(opt_ins(store)) == policy.MOST_OPT_INS_A_DAY
        with store.write() as session:
            service.ask_again(session, id_, settings, now=NOW + DAY + 3 * HOUR)

    def test_whatever_it_is_asked_for_and_however_it_is_written(self, store: Store, settings: Settings) -> None:
        id_ = add(store, settings)
        with store.write() as session:
            service.end(session, session.get_one(SubscriptionRow, id_), EndReason.MANAGER, now=NOW)
        for address in ("camat@kantor.example", "Camat@Kantor.example", " CAMAT@kantor.example "):
            with pytest.raises(ConflictError, match="hour"):
                add(store, settings, address, region="63.03")
        assert len(opt_ins(store)) == 1

    def test_strangers_learn_nothing_and_have_a_limit(
        self, store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(policy, "MOST_STRANGERS_A_DAY", 2)
        asked = [wanted("a@kantor.example"), wanted("a@kantor.example"), wanted("b@kantor.example")]
        with store.write() as session:
            made = [service.ask_strangers(session, one, settings, now=NOW) for one in asked]
        assert [one is not None for one in made] == [True, False, True]
        with pytest.raises(ConflictError), store.write() as session:
            service.ask_strangers(session, wanted("c@kantor.example"), settings, now=NOW + HOUR)
        with pytest.raises(InputError), store.write() as session:
            service.ask_strangers(session, wanted("777", Channel.TELEGRAM), settings, now=NOW)

    def test_an_address_has_a_few_and_each_once(self, store: Store, settings: Settings) -> None:
        regions = ["63", *(f"63.{n:02}" for n in range(1, 12))]
        with store.write() as session:
            for number, region in enumerate(regions[: policy.MOST_AN_ADDRESS]):
                subscribed(session, settings, wanted(region=region), at=NOW - (30 - number) * DAY)
        for region in (regions[0], regions[-1]):
            with pytest.raises(ConflictError):
                add(store, settings, region=region)


class TestLinks:
    def test_each_is_good_for_its_own_purpose_and_as_long_as_it_says(self, settings: Settings) -> None:
        links = SubscriptionLinks(settings.secret_key)
        paths = {
            LinkKind.CONFIRM: links.confirm(7, 1, NOW),
            LinkKind.MANAGE: links.manage(7, 1, NOW),
            LinkKind.UNSUBSCRIBE: links.unsubscribe(7, 1),
        }
        words = {kind: path.rpartition("/")[2] for kind, path in paths.items()}
        for kind, word in words.items():
            for asked in LinkKind:
                assert (links.read(asked, word, NOW) is not None) == (asked is kind)
            for number in range(len(word)):
                changed = "A" if word[number] != "A" else "B"
                spoiled = word[:number] + changed + word[number + 1 :]
                found = links.read(kind, spoiled, NOW)
                assert found is None or spoiled[:-1] == word[:-1]  # bits of the last letter that stand for nothing
            assert SubscriptionLinks(b"x" * 32).read(kind, word, NOW) is None
        assert links.read(LinkKind.CONFIRM, words[LinkKind.CONFIRM], NOW + policy.CONFIRM_FOR) is None
        assert links.read(LinkKind.MANAGE, words[LinkKind.MANAGE], NOW + policy.MANAGE_FOR) is None
        assert links.read(LinkKind.UNSUBSCRIBE, words[LinkKind.UNSUBSCRIBE], NOW + 3650 * DAY) is not None

    @pytest.mark.parametrize("word", ["", "x", "ä", "../..", "A" * 43, "%00", "=" * 40, "A" * 5_000])
    def test_noise_is_no_link(self, settings: Settings, word: str) -> None:
        for kind in LinkKind:
            assert SubscriptionLinks(settings.secret_key).read(kind, word, NOW) is None

    def test_another_address_ends_them_all(self, store: Store, settings: Settings) -> None:
        links = SubscriptionLinks(settings.secret_key)
        with store.write() as session:
            id_ = subscribed(session, settings)
            old = (links.manage(id_, 1, NOW), links.unsubscribe(id_, 1))
            row = session.get_one(SubscriptionRow, id_)
            service.change_address(session, row, settings, Channel.MAIL, "lurah@kantor.example", now=NOW + HOUR)
            assert row.confirmed_at is None
            assert row.next_due_at is None
        for kind, path in zip((LinkKind.MANAGE, LinkKind.UNSUBSCRIBE), old, strict=True):
            with pytest.raises(NotFoundError), store.read() as session:
                service.open_link(session, settings, kind, path.rpartition("/")[2], NOW + HOUR)
        assert [one.target for one in opt_ins(store)] == [f"subscription/{id_}"] * 2

    def test_revoked_ones_leave_the_way_out(self, store: Store, settings: Settings) -> None:
        links = SubscriptionLinks(settings.secret_key)
        with store.write() as session:
            id_ = subscribed(session, settings)
            service.revoke_links(session, session.get_one(SubscriptionRow, id_))
        with pytest.raises(NotFoundError), store.read() as session:
            service.open_link(session, settings, LinkKind.MANAGE, links.manage(id_, 1, NOW).rpartition("/")[2], NOW)
        with store.read() as session:
            word = links.unsubscribe(id_, 1).rpartition("/")[2]
            assert service.open_link(session, settings, LinkKind.UNSUBSCRIBE, word, NOW).id == id_


def test_telegram_is_found_by_its_word(store: Store, settings: Settings) -> None:
    id_ = add(store, settings, "", channel=Channel.TELEGRAM)
    assert opt_ins(store) == []
    with store.write() as session:
        service.found_chat(session, session.get_one(SubscriptionRow, id_), settings, "777888", now=NOW)
    assert row_of(store, id_).next_due_at == DUE
    with store.read() as session:
        assert service.find(session, id_, settings).shown == "•••888"
    with pytest.raises(ConflictError), store.write() as session:
        service.found_chat(session, session.get_one(SubscriptionRow, id_), settings, "777889", now=NOW)
    with pytest.raises(InputError):
        add(store, settings, "-100123", channel=Channel.TELEGRAM)


class TestPolice:
    ADDRESS = "intelkam@polda-kalsel.example"

    def test_no_digest_without_a_live_permission(self, store: Store, settings: Settings) -> None:
        for address in ("humas@polri.go.id", "Humas@Res-Banjar.POLRI.go.id", "intel@kantor.example"):
            with pytest.raises(InputError):
                add(store, settings, address)
        with store.write() as session:
            id_ = subscribed(session, settings)
        with store.write() as session:
            row = session.get_one(SubscriptionRow, id_)
            with pytest.raises(InputError):
                service.change_address(session, row, settings, Channel.MAIL, "humas@polri.go.id", now=NOW + HOUR)

    def test_a_form_for_strangers_does_not_tell_who_is_in_the_directory(self, store: Store, settings: Settings) -> None:
        with store.write() as session:
            session.add(UserRow(name="admin", role="admin", active=True, created_at=NOW))
            new = NewRecipient("Polda Kalimantan Selatan", RecipientKind.POLICE, "63", self.ADDRESS)
            recipients.add_recipient(session, new, actor="admin", now=NOW)
        for address in (self.ADDRESS, "humas@polri.go.id"):
            with store.write() as session:
                assert service.ask_strangers(session, wanted(address), settings, now=NOW) is None
        with store.read() as session:
            assert session.scalar(select(func.count()).select_from(SubscriptionRow)) == 0
        assert opt_ins(store) == []
        with pytest.raises(InputError), store.write() as session:
            service.ask_strangers(session, wanted("bukan alamat"), settings, now=NOW)

    def test_with_one_for_its_region_and_time(self, store: Store, settings: Settings) -> None:
        with store.write() as session:
            session.add(UserRow(name="admin", role="admin", active=True, created_at=NOW))
            new = NewRecipient("Polda Kalimantan Selatan", RecipientKind.POLICE, "63", self.ADDRESS)
            recipient = recipients.add_recipient(session, new, actor="admin", now=NOW)
            grant = recipients.ask_grant(
                session, recipient.id, "63.03", NOW, NOW + DAY, "pemungutan suara", actor="admin", now=NOW
            )
        with pytest.raises(InputError):
            add(store, settings, self.ADDRESS, region="63.03")  # asked for, not approved
        with store.write() as session:
            recipients.decide_grant(session, grant.id, True, "", actor="manager", now=NOW)
        with pytest.raises(InputError):
            add(store, settings, self.ADDRESS, region="63")  # wider than what was permitted
        with pytest.raises(InputError):
            add(store, settings, self.ADDRESS, region="63.03", at=NOW + DAY)  # over
        assert add(store, settings, self.ADDRESS, region="63.03")


class TestAnotherAddress:
    def test_a_webhook_is_confirmed_and_asked_nothing(self, store: Store, settings: Settings) -> None:
        with store.write() as session:
            webhook = WebhookRow(
                title="Sistem", url="https://sistem.example", nonce="n", internal=True, actor="admin",
                created_at=NOW, since_at=NOW, seen_event_id=0,
            )  # fmt: skip
            session.add(webhook)
            id_ = subscribed(session, settings)
            row = session.get_one(SubscriptionRow, id_)
            before = session.scalar(select(func.count()).select_from(DeliveryRow))
            service.change_address(session, row, settings, Channel.WEBHOOK, str(webhook.id), now=NOW)
            assert session.scalar(select(func.count()).select_from(DeliveryRow)) == before
            assert (row.channel, row.confirmed_at, row.next_due_at) == ("webhook", NOW, DUE)

    def test_who_is_to_write_to_the_bot_has_the_time_for_it(self, store: Store, settings: Settings) -> None:
        later = NOW + 60 * DAY
        with store.write() as session:
            id_ = subscribed(session, settings)
            row = session.get_one(SubscriptionRow, id_)
            service.change_address(session, row, settings, Channel.TELEGRAM, "", now=later)
        with store.read() as session:
            assert session.scalars(forgetting.old(later + DAY, Periods())).all() == []
            assert session.scalars(forgetting.old(later + 30 * DAY, Periods())).all() == [id_]


class TestPausesAndEnds:
    def test_a_pause_skips_and_ends_by_itself(self, store: Store, settings: Settings) -> None:
        with store.write() as session:
            id_ = subscribed(session, settings)
            row = session.get_one(SubscriptionRow, id_)
            until = service.pause_end("2024-11-25", "WITA")
            service.pause(session, row, until, now=NOW)
            assert row.next_due_at == until + 7 * HOUR
            assert service.find(session, id_, settings).state(NOW) is SubscriptionState.PAUSED
            assert service.find(session, id_, settings).state(until) is SubscriptionState.ACTIVE
            service.resume(session, row, now=NOW)
            assert row.next_due_at == DUE

    @pytest.mark.parametrize("days", [0, -1, 400])
    def test_no_pause_into_the_past_or_for_ever(self, store: Store, settings: Settings, days: int) -> None:
        with store.write() as session:
            row = session.get_one(SubscriptionRow, subscribed(session, settings))
            with pytest.raises(InputError):
                service.pause(session, row, NOW + days * DAY, now=NOW)

    def test_an_end_is_one_and_nothing_more_is_due(self, store: Store, settings: Settings) -> None:
        with store.write() as session:
            row = session.get_one(SubscriptionRow, subscribed(session, settings))
            assert service.end(session, row, EndReason.UNSUBSCRIBED, now=NOW) is True
            assert service.end(session, row, EndReason.MANAGER, now=NOW + HOUR) is False
            assert (row.end_reason, row.next_due_at) == ("unsubscribed", None)
            for step in (
                lambda: service.pause(session, row, NOW + DAY, now=NOW),
                lambda: service.resume(session, row, now=NOW),
                lambda: service.change(session, row, TOPIC, RHYTHM, now=NOW),
                lambda: service.confirm(session, row, now=NOW),
            ):
                with pytest.raises(ConflictError):
                    step()

    def test_what_waits_to_be_sent_is_dropped(self, store: Store, settings: Settings) -> None:
        id_ = add(store, settings)
        with store.write() as session:
            service.end(session, session.get_one(SubscriptionRow, id_), EndReason.UNSUBSCRIBED, now=NOW)
        assert [one.dropped_at for one in opt_ins(store)] == [NOW]

    def test_a_full_mailbox_ends_it_after_several_times_in_a_row(self, store: Store, settings: Settings) -> None:
        with store.write() as session:
            row = session.get_one(SubscriptionRow, subscribed(session, settings))
            ends = [service.note_bounce(session, row, is_final=False, now=NOW) for _ in range(policy.MOST_BOUNCES)]
            assert ends == [False] * (policy.MOST_BOUNCES - 1) + [True]
            assert row.end_reason == "full"

    def test_no_mailbox_ends_it_at_once(self, store: Store, settings: Settings) -> None:
        with store.write() as session:
            row = session.get_one(SubscriptionRow, subscribed(session, settings))
            assert service.note_bounce(session, row, is_final=True, now=NOW) is True
            assert row.end_reason == "bounced"


def test_another_hour_counts_from_the_next_digest_on(store: Store, settings: Settings) -> None:
    with store.write() as session:
        row = session.get_one(SubscriptionRow, subscribed(session, settings))
        service.change(session, row, replace(TOPIC, region="63.03"), replace(RHYTHM, hour=17), now=NOW)
        assert row.next_due_at == DUE + 10 * HOUR
        service.change(session, row, TOPIC, replace(RHYTHM, hour=17, days=(6,)), now=NOW)
        assert row.next_due_at == DUE + 10 * HOUR + timedelta(days=4)


def test_the_list_is_of_a_region_and_a_state(store: Store, settings: Settings) -> None:
    with store.write() as session:
        for number, region in enumerate(("63", "63.03", "63.03.05", "62")):
            subscribed(session, settings, wanted(f"p{number}@kantor.example", region=region))
        waits = service.add(session, wanted("q@kantor.example"), settings, actor="manager", now=NOW)
        service.end(session, session.get_one(SubscriptionRow, 4), EndReason.MANAGER, now=NOW)

    def found(**given: object) -> list[int]:
        with store.read() as session:
            return [one.id for one in service.listed(session, SubscriptionFilter(**given), settings, NOW)]  # type: ignore[arg-type]

    assert found() == [5, 4, 3, 2, 1]
    assert found(region="63.03") == [3, 2]
    assert found(within="63.03") == [3, 2]
    assert found(region="63", within="63.03") == [3, 2]
    assert found(state=SubscriptionState.WAITING) == [waits.id]
    assert found(state=SubscriptionState.ENDED) == [4]
    assert found(state=SubscriptionState.ACTIVE, region="62") == []
    with pytest.raises(NotFoundError), store.write() as session:
        service.add(session, wanted("r@kantor.example"), settings, actor="manager", now=NOW, within="63.03")
    with pytest.raises(NotFoundError), store.read() as session:
        service.find(session, 1, settings, within="63.03")


@pytest.mark.parametrize(
    "address",
    ["", "x", "a@b", "a b@kantor.example", "a@kantor.example\r\nBcc: x@y.example", "a@kantor.example,b@kantor.example",
     "<script>@kantor.example", "ä@kantor.example", "a" * 300 + "@kantor.example"],
)  # fmt: skip
def test_no_line_reaches_a_header(store: Store, settings: Settings, address: str) -> None:
    with pytest.raises(InputError):
        add(store, settings, address)
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(SubscriptionRow)) == 0
