"""Who may be added and who may be sent something: names of persons, disguises, and permissions as a table."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waspada.errors import InputError
from waspada.recipients.policy import (
    MAX_GRANT,
    check_period,
    checked,
    grant_state,
    kind_told,
    lets_through,
    refusal,
)
from waspada.recipients.types import (
    GUARDED,
    Grant,
    GrantState,
    NewRecipient,
    Recipient,
    RecipientChannel,
    RecipientKind,
    Refusal,
)

NOW = datetime(2024, 11, 20, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def new(institution: str, address: str = "kantor@instansi.example", **more: object) -> NewRecipient:
    values = {"kind": RecipientKind.PEMDA, "region": "63.03", **more}
    return NewRecipient(institution=institution, address=address, **values)  # type: ignore[arg-type]


def grant(**more: object) -> Grant:
    values: dict[str, object] = {
        "id": 1, "recipient_id": 1, "region": "63.03", "starts_at": NOW - DAY, "ends_at": NOW + DAY, "reason": "x",
        "asked_by": "a", "asked_at": NOW - DAY, "approved": True, "decided_by": "b", "decided_at": NOW - DAY, **more,
    }  # fmt: skip
    return Grant(**values)  # type: ignore[arg-type]


def recipient(kind: RecipientKind = RecipientKind.POLICE, **more: object) -> Recipient:
    values: dict[str, object] = {
        "id": 1, "institution": "Polres Banjar", "kind": kind, "region": "63.03", "channel": RecipientChannel.MAIL,
        "address": "a@b.example", "language": "id", "active": True, "added_by": "a", "added_at": NOW, **more,
    }  # fmt: skip
    return Recipient(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "institution",
    [
        "Kesbangpol Kabupaten Banjar", "KPU Kota Banjarmasin", "Bawaslu Provinsi Kalimantan Selatan",
        "BPBD Hulu Sungai Tengah", "FKDM Kecamatan Martapura", "Dinas Kominfo Tanah Laut", "Redaksi Radar Banjar",
        "Sekretariat Daerah Kabupaten Banjar", "Satpol PP Kota Banjarbaru",
    ],
)  # fmt: skip
def test_institutions_pass(institution: str) -> None:
    assert checked(new(institution)).institution == institution


@pytest.mark.parametrize(
    "institution",
    ["Budi Santoso", "Rudi Hartono, S.Sos", "Kantor Rudi Hartono", "Ibu Siti", "Bupati Banjar", "Camat Martapura", ""],
)
def test_persons_and_offices_of_one_holder_are_refused(institution: str) -> None:
    with pytest.raises(InputError):
        checked(new(institution))


@pytest.mark.parametrize("address", ["budi.santoso@instansi.example", "siti_aminah@a.example", "ahmad@a.example"])
def test_somebodys_own_address_is_refused(address: str) -> None:
    with pytest.raises(InputError, match="somebody's own"):
        checked(new("Kesbangpol Kabupaten Banjar", address))


@pytest.mark.parametrize(
    "address",
    ["kesbangpol@banjarkab.example", "kpubanjar@a.example", "set.kpu63@a.example", "info@a.example", "FKDM@A.example"],
)
def test_an_office_s_address_passes_in_small_letters(address: str) -> None:
    assert checked(new("Kesbangpol Kabupaten Banjar", f" {address} ")).address == address.lower()


@pytest.mark.parametrize(
    "address",
    [
        "", "x", "a@b", "a@@b.example", "a b@c.example", "a@b.example\r\nBcc: c@d.example", "a..b@c.example",
        "a@b.example,c@d.example", "<a@b.example>", "a@[127.0.0.1]", "ä@b.example", "a@" + "b" * 300 + ".example",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(InputError):
        checked(new("Kesbangpol Kabupaten Banjar", address))


@pytest.mark.parametrize(
    ("institution", "address", "meant"),
    [
        ("Polres Banjar", "a@b.example", RecipientKind.POLICE),
        ("Kantor Wilayah Satu", "humas@banjar.kalsel.polri.go.id", RecipientKind.POLICE),
        ("Posko Pengaduan", "polres.banjar@surat.example", RecipientKind.POLICE),
        ("Binda Kalimantan Selatan", "a@b.example", RecipientKind.INTELLIGENCE),
        ("Kodim 1006 Banjar", "a@b.example", RecipientKind.INTELLIGENCE),
        ("Kantor Perwakilan", "pos@bin.go.id", RecipientKind.INTELLIGENCE),
        ("Kantor Perwakilan", "pos@kodam.tni.mil.id", RecipientKind.INTELLIGENCE),
    ],
)
def test_police_and_intelligence_cannot_be_added_as_something_else(
    institution: str, address: str, meant: RecipientKind
) -> None:
    assert kind_told(institution, address) is meant
    for kind in set(RecipientKind) - GUARDED:
        with pytest.raises(InputError, match="police"):
            checked(new(institution, address, kind=kind))
    assert checked(new(institution, address, kind=meant)).kind is meant


@pytest.mark.parametrize(
    ("given_", "state"),
    [
        (grant(), GrantState.LIVE),
        (grant(approved=None, decided_at=None), GrantState.ASKED),
        (grant(approved=False), GrantState.REFUSED),
        (grant(starts_at=NOW), GrantState.LIVE),
        (grant(starts_at=NOW + timedelta(seconds=1)), GrantState.COMING),
        (grant(ends_at=NOW), GrantState.ENDED),
        (grant(ends_at=NOW, approved=None), GrantState.ENDED),
        (grant(revoked_at=NOW), GrantState.REVOKED),
        (grant(revoked_at=NOW, approved=None), GrantState.REVOKED),
    ],
)
def test_states_of_a_permission(given_: Grant, state: GrantState) -> None:
    assert grant_state(given_, NOW) is state
    assert lets_through(given_, ["63.03.05"], NOW) is (state is GrantState.LIVE)


def test_a_permission_holds_every_region_told_or_nothing() -> None:
    assert lets_through(grant(), ["63.03", "63.03.05"], NOW)
    assert not lets_through(grant(), ["63.03.05", "63.71"], NOW)
    assert not lets_through(grant(), ["63"], NOW)
    assert not lets_through(grant(), [], NOW)
    assert not lets_through(grant(region="63.0"), ["63.03"], NOW)


@pytest.mark.parametrize("kind", RecipientKind)
def test_only_police_and_intelligence_need_one(kind: RecipientKind) -> None:
    one = recipient(kind)
    assert (refusal(one, [], ["63.03.05"], NOW) is Refusal.NO_GRANT) is (kind in GUARDED)
    assert refusal(one, [grant()], ["63.03.05"], NOW) is None
    assert refusal(replace(one, active=False), [grant()], ["63.03.05"], NOW) is Refusal.OFF
    assert refusal(one, [grant()], ["63.71"], NOW) is Refusal.ELSEWHERE


@given(
    st.lists(
        st.builds(
            grant,
            region=st.sampled_from(["63", "63.03", "63.03.05", "63.71"]),
            starts_at=st.datetimes(timezones=st.just(UTC)),
            ends_at=st.datetimes(timezones=st.just(UTC)),
            approved=st.sampled_from([None, True, False]),
            revoked_at=st.none() | st.just(NOW - DAY),
        ),
        max_size=5,
    ),
    st.lists(st.sampled_from(["63.03", "63.03.05", "63.71", "63"]), max_size=3),
)
def test_nothing_goes_to_the_police_without_a_live_permission(grants: list[Grant], regions: list[str]) -> None:
    live = [
        one
        for one in grants
        if one.approved and one.revoked_at is None and one.starts_at <= NOW < one.ends_at
        and all(code == one.region or code.startswith(f"{one.region}.") for code in regions)
    ]  # fmt: skip
    if refusal(recipient(region="63"), grants, regions, NOW) is None:
        assert live
        assert regions


def test_a_period_lies_ahead_and_ends_within_ninety_days() -> None:
    check_period(NOW, NOW + MAX_GRANT, NOW)
    for start, end in ((NOW, NOW), (NOW + DAY, NOW), (NOW - 2 * DAY, NOW - DAY), (NOW, NOW + MAX_GRANT + DAY)):
        with pytest.raises(InputError):
            check_period(start, end, NOW)
