"""Whom the directory lets in: pure rules, and accounts on a real store."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from waspada.access import Role, add_user, disable_user, list_users
from waspada.access import service as access
from waspada.access.directory import (
    External,
    Grant,
    NoGroupError,
    UnknownHereError,
    admit,
    granted,
    note_claim,
    noted_at,
    read_claims,
    read_groups,
)
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.store import Store

NOW = datetime(2024, 11, 20, 3, 0, tzinfo=UTC)
ISSUER = "https://idp.example"
GROUPS = read_groups("waspada-analis=analyst, waspada-desk=liaison@63.71")


def somebody(
    subject: str = "p-1", claim: str = "siti.n", groups: tuple[str, ...] = (), issuer: str = ISSUER
) -> External:
    return External(issuer, subject, claim, groups)


def let_in(store: Store, external: External) -> str:
    with store.write() as session:
        return admit(session, external, GROUPS, NOW).user.name


def refuse(store: Store, external: External, error: type[Exception] = UnknownHereError) -> None:
    with store.write() as session, pytest.raises(error):
        admit(session, external, GROUPS, NOW)


def user(store: Store, name: str, claim: str = "") -> int:
    with store.write() as session:
        id_ = add_user(session, name, Role.LIAISON, "63", actor="admin", now=NOW).user.id
        if claim:
            note_claim(session, name, ISSUER, claim, NOW)
    return id_


def test_how_groups_are_written() -> None:
    assert dict(GROUPS) == {
        "waspada-analis": Grant(Role.ANALYST, None),
        "waspada-desk": Grant(Role.LIAISON, "63.71"),
    }
    assert dict(read_groups(" , CN a b = liaison".replace(" = ", "="))) == {"CN a b": Grant(Role.LIAISON, None)}
    assert dict(read_groups("")) == {}


@pytest.mark.parametrize("odd", ["x", "x=", "=liaison", "x=boss", "x=admin", "x=liaison@banjar", "a=liaison b=analyst"])
def test_odd_groups_are_refused(odd: str) -> None:
    with pytest.raises(ValueError, match="group"):
        read_groups(odd)


def test_the_first_mapped_group_counts() -> None:
    assert granted(["waspada-desk", "waspada-analis"], GROUPS) == Grant(Role.ANALYST, None)
    assert granted(["waspada-desk", "x"], GROUPS) == Grant(Role.LIAISON, "63.71")
    assert granted(["Waspada-Desk"], GROUPS) is None
    assert granted([], GROUPS) is None


def test_what_is_read_of_the_claims() -> None:
    claims = {"sub": "p-1", "preferred_username": " Siti.N ", "email": "siti@kesbang.example", "groups": ["a", 7]}
    assert read_claims(claims, ISSUER, "preferred_username", "groups") == External(ISSUER, "p-1", "siti.n", ["a", "7"])
    assert read_claims(claims, ISSUER, "email", "groups").claim == ""
    assert read_claims({**claims, "email_verified": "true"}, ISSUER, "email", "groups").claim == ""
    verified = {**claims, "email_verified": True}
    assert read_claims(verified, ISSUER, "email", "groups").claim == "siti@kesbang.example"
    odds: list[object] = [None, 7, ["x"], "x" * 300, {}]
    for odd in odds:
        found = read_claims(
            {"sub": "p-1", "preferred_username": odd, "groups": odd}, ISSUER, "preferred_username", "groups"
        )
        assert found.claim == ""
    assert read_claims({"sub": "p", "groups": "admin"}, ISSUER, "preferred_username", "groups").groups == []


def test_an_account_opens_for_whom_an_admin_named(store: Store) -> None:
    id_ = user(store, "liaison-1", "Siti.N")
    refuse(store, somebody(claim="budi"))
    refuse(store, somebody(claim=""))
    refuse(store, somebody(issuer="https://other.example"))
    assert let_in(store, somebody()) == "liaison-1"
    with store.read() as session:
        noted = noted_at(session, id_)
    assert noted is not None
    assert (noted.claim, noted.bound_at, noted.by_groups) == ("siti.n", NOW, False)


def test_once_bound_the_subject_counts_and_not_the_name(store: Store) -> None:
    """A name of the directory may be given to somebody else later (OpenID Connect Core, 5.7)."""
    user(store, "liaison-1", "siti.n")
    let_in(store, somebody())
    assert let_in(store, somebody(claim="siti.new-name")) == "liaison-1"
    refuse(store, somebody(subject="p-2"))
    refuse(store, somebody(subject="p-2", groups=("waspada-desk",)))


def test_an_admin_parts_the_two_again(store: Store) -> None:
    user(store, "liaison-1", "siti.n")
    let_in(store, somebody())
    with store.write() as session:
        note_claim(session, "liaison-1", ISSUER, "", NOW)
    refuse(store, somebody())
    with store.write() as session:
        note_claim(session, "liaison-1", ISSUER, "siti.n", NOW)
    assert let_in(store, somebody(subject="p-2")) == "liaison-1"


def test_a_name_of_the_directory_belongs_to_one_account(store: Store) -> None:
    user(store, "liaison-1", "siti.n")
    user(store, "liaison-2")
    with store.write() as session:
        with pytest.raises(ConflictError):
            note_claim(session, "liaison-2", ISSUER, " SITI.N", NOW)
        with pytest.raises(ConflictError):
            note_claim(session, "liaison-2", "", "budi", NOW)
        with pytest.raises(InputError):
            note_claim(session, "liaison-2", ISSUER, "x" * 300, NOW)
        with pytest.raises(NotFoundError):
            note_claim(session, "nobody", ISSUER, "x", NOW)
        note_claim(session, "liaison-1", ISSUER, "siti.n", NOW)  # the same again is no conflict with itself


def test_a_closed_account_stays_closed(store: Store) -> None:
    user(store, "liaison-1", "siti.n")
    let_in(store, somebody())
    with store.write() as session:
        disable_user(session, "liaison-1", actor="admin", now=NOW)
    refuse(store, somebody())


def test_nobody_gets_an_account_without_a_mapped_group(store: Store) -> None:
    refuse(store, somebody(groups=("other",)))
    with store.read() as session:
        assert list_users(session) == []


def test_a_mapped_group_gives_an_account_and_goes_on_deciding_its_role(store: Store) -> None:
    assert let_in(store, somebody(claim="Siti N@kesbang.example".casefold(), groups=("waspada-desk",))) == "siti-n"
    with store.read() as session:
        made = access.find_user(session, "siti-n")
    assert (made.role, made.region) == (Role.LIAISON, "63.71")
    with store.write() as session:
        admitted = admit(session, somebody(groups=("waspada-analis",)), GROUPS, NOW)
        assert admitted.changed is not None
        assert (admitted.user.role, admitted.user.region) == (Role.ANALYST, None)
    refuse(store, somebody(groups=()), NoGroupError)


def test_what_a_person_decided_groups_do_not_undo(store: Store) -> None:
    let_in(store, somebody(groups=("waspada-desk",)))
    with store.write() as session:
        access.change_user(session, "siti.n", role=Role.AUDITOR, region=None, actor="admin", now=NOW)
    with store.write() as session:
        assert admit(session, somebody(groups=("waspada-analis",)), GROUPS, NOW).user.role is Role.AUDITOR


def test_no_account_is_taken_over_by_its_name(store: Store) -> None:
    user(store, "siti.n")
    refuse(store, somebody(groups=("waspada-desk",)))
    for odd in ("", "-", "@", "\u202e", "é"):
        refuse(store, somebody(claim=odd, groups=("waspada-desk",)))
