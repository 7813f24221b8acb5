"""What accounts sign in with, on a real store of both kinds."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import select, update

from waspada.access import (
    ForbiddenError,
    NotSignedInError,
    Role,
    Scope,
    add_user,
    disable_user,
    first_token,
    identify,
    identify_session,
    issue_token,
    list_tokens,
    open_session,
    totp,
)
from waspada.access import service as access
from waspada.access.credentials import (
    Credentials,
    WeakPasswordError,
    WrongCodeError,
    link_owner,
    new_hash,
    password_link,
    standing,
    use_link,
)
from waspada.access.policy import may
from waspada.access.types import Action
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.store import Store
from waspada.store.tables import CredentialRow, UserRow

NOW = datetime(2024, 11, 20, 3, 0, 10, tzinfo=UTC)
GOOD = "kereta malam lewat jembatan"
OWN = Credentials(b"k" * 32)


def user(store: Store, name: str = "liaison-1", role: Role = Role.LIAISON) -> int:
    with store.write() as session:
        return add_user(session, name, role, "63", actor="admin", now=NOW).user.id


def give_password(store: Store, user_id: int, password: str = GOOD, keep: int | None = None) -> None:
    hashed = new_hash(password, "x")
    with store.write() as session:
        OWN.set_password(session, user_id, hashed, NOW, keep=keep)


def open_one(store: Store, user_id: int, at: datetime = NOW) -> int:
    with store.write() as session:
        return access.start_session(session, user_id, "password", at, "Firefox, Linux")[1].id


def is_open(store: Store, token_id: int, at: datetime = NOW) -> bool:
    with store.read() as session:
        try:
            identify_session(session, token_id, at)
        except NotSignedInError:
            return False
    return True


def enrolled(store: Store, user_id: int, keep: int | None = None) -> tuple[str, list[str]]:
    """The secret and the recovery codes of an account."""
    with store.write() as session:
        secret = OWN.begin_totp(session, user_id, NOW)
        code = totp.code_at(secret, totp.step_of(NOW))
        return secret, OWN.confirm_totp(session, user_id, code, NOW, keep=keep)


def test_a_password_opens_its_account_and_no_other(store: Store) -> None:
    one, _ = user(store), user(store, "liaison-2")
    give_password(store, one)
    known = OWN.check_password(store, "liaison-1", GOOD, NOW)
    assert known is not None
    assert known.user.name == "liaison-1"
    for name, password in (
        ("liaison-1", "salah semua katanya"),
        ("liaison-1", ""),
        ("liaison-2", GOOD),
        ("nobody", GOOD),
        ("", GOOD),
        ("liaison-1\x00", "salah semua katanya"),
        ("\ud800", GOOD),
    ):
        assert OWN.check_password(store, name, password, NOW) is None
    with store.write() as session:
        disable_user(session, "liaison-1", actor="admin", now=NOW)
    assert OWN.check_password(store, "liaison-1", GOOD, NOW) is None


def test_an_old_hash_is_made_anew_at_the_next_sign_in(store: Store) -> None:
    one = user(store)
    old = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8192, parallelism=1),)).hash(GOOD)
    with store.write() as session:
        OWN.set_password(session, one, old, NOW, keep=None)
    first = OWN.check_password(store, "liaison-1", GOOD, NOW)
    with store.read() as session:
        stored = session.scalars(select(CredentialRow.secret)).one()
        assert first is not None
        assert OWN.mark_holds(session, one, first.mark)
    assert stored != old
    assert OWN.check_password(store, "liaison-1", GOOD, NOW) == first


@pytest.mark.parametrize("password", ["pendek", "bismillah1234", "x" * 200])
def test_a_weak_password_is_not_even_hashed(password: str) -> None:
    with pytest.raises(WeakPasswordError):
        new_hash(password, "liaison-1")


def test_another_password_ends_the_other_sessions_and_links(store: Store) -> None:
    one = user(store)
    give_password(store, one)
    mine, other = open_one(store, one), open_one(store, one)
    known = OWN.check_password(store, "liaison-1", GOOD, NOW)
    assert known is not None
    with store.write() as session:
        link = password_link(session, "liaison-1", NOW).secret
        issue_token(session, "liaison-1", "laptop", Scope.READ, now=NOW)
    give_password(store, one, "lima perahu di muara", keep=mine)
    assert (is_open(store, mine), is_open(store, other)) == (True, False)
    assert OWN.check_password(store, "liaison-1", GOOD, NOW) is None
    assert OWN.check_password(store, "liaison-1", "lima perahu di muara", NOW) is not None
    with store.read() as session:
        assert not OWN.mark_holds(session, one, known.mark)  # who was between the two steps begins again
        with pytest.raises(NotSignedInError):
            link_owner(session, link, NOW)
        left = {token.name for token in list_tokens(session, "liaison-1") if token.usable(NOW)}
    assert left == {"session:password", "laptop"}


def test_a_link_sets_one_password_within_a_day(store: Store) -> None:
    user(store)
    with store.write() as session:
        old = password_link(session, "liaison-1", NOW).secret
        link = password_link(session, "liaison-1", NOW).secret
    with store.read() as session:
        assert link_owner(session, link, NOW).name == "liaison-1"
        assert link_owner(session, link, NOW + timedelta(hours=23)).name == "liaison-1"
        for secret, at in ((link, NOW + timedelta(hours=24)), (old, NOW), ("", NOW), ("wsp_" + "x" * 43, NOW)):
            with pytest.raises(NotSignedInError):
                link_owner(session, secret, at)
    with store.write() as session:
        assert use_link(session, link, NOW).name == "liaison-1"
    with store.write() as session, pytest.raises(NotSignedInError):
        use_link(session, link, NOW)


def test_a_link_is_no_token_and_a_token_no_link(store: Store) -> None:
    user(store, role=Role.ADMIN)
    with store.write() as session:
        link = password_link(session, "liaison-1", NOW).secret
        token = issue_token(session, "liaison-1", "laptop", Scope.ADMIN, now=NOW).secret
    with store.read() as session:
        with pytest.raises(NotSignedInError):
            identify(session, link, NOW)
        with pytest.raises(NotSignedInError):
            link_owner(session, token, NOW)
    with store.write() as session, pytest.raises(NotSignedInError):
        open_session(session, link, NOW)


def test_no_link_for_nobody_or_a_closed_account(store: Store) -> None:
    user(store)
    with store.write() as session:
        disable_user(session, "liaison-1", actor="admin", now=NOW)
    with store.write() as session:
        with pytest.raises(ConflictError):
            password_link(session, "liaison-1", NOW)
        with pytest.raises(NotFoundError):
            password_link(session, "nobody", NOW)


def test_one_link_used_twice_at_once_is_used_once(store: Store, another_store: Callable[[], Store]) -> None:
    user(store)
    with store.write() as session:
        link = password_link(session, "liaison-1", NOW).secret
    stores = [store, another_store()]

    def use(number: int) -> bool:
        try:
            with stores[number % 2].write() as session:
                use_link(session, link, NOW)
        except NotSignedInError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(use, range(6))) == 1


def test_enrolling_a_phone_and_signing_in_with_it(store: Store) -> None:
    one = user(store)
    mine, other = open_one(store, one), open_one(store, one)
    with store.write() as session:
        secret = OWN.begin_totp(session, one, NOW)
        assert OWN.begin_totp(session, one, NOW + timedelta(minutes=14)) == secret
        assert not standing(session, one).has_totp
        with pytest.raises(WrongCodeError):
            OWN.confirm_totp(session, one, "000000", NOW, keep=mine)
    with store.read() as session:
        stored = " ".join(session.scalars(select(CredentialRow.secret)))
        assert secret not in stored
        assert OWN.pending_totp(session, one, NOW + timedelta(minutes=15)) is None
    step = totp.step_of(NOW)
    with store.write() as session:
        codes = OWN.confirm_totp(session, one, totp.code_at(secret, step), NOW, keep=mine)
    assert (is_open(store, mine), is_open(store, other)) == (True, False)
    with store.write() as session:
        assert standing(session, one).recovery_codes == len(codes) == 10
        with pytest.raises(WrongCodeError):  # the code that confirmed the enrolment is used up
            OWN.use_code(session, one, totp.code_at(secret, step), NOW)
        assert OWN.use_code(session, one, totp.code_at(secret, step + 1), NOW + timedelta(seconds=30)) is False
        with pytest.raises(ConflictError):
            OWN.confirm_totp(session, one, "000000", NOW, keep=None)


def test_until_a_new_phone_is_confirmed_the_old_one_holds(store: Store) -> None:
    one = user(store)
    old, _ = enrolled(store, one)
    later = NOW + timedelta(minutes=5)
    with store.write() as session:
        new = OWN.begin_totp(session, one, later)
        assert new != old
        OWN.use_code(session, one, totp.code_at(old, totp.step_of(later)), later)
        OWN.confirm_totp(session, one, totp.code_at(new, totp.step_of(later)), later, keep=None)
        after = later + timedelta(minutes=1)
        with pytest.raises(WrongCodeError):
            OWN.use_code(session, one, totp.code_at(old, totp.step_of(after)), after)
        OWN.use_code(session, one, totp.code_at(new, totp.step_of(after)), after)


def test_recovery_codes_open_once_each_and_new_ones_end_the_old(store: Store) -> None:
    one, two = user(store), user(store, "liaison-2")
    secret, codes = enrolled(store, one)
    later = NOW + timedelta(minutes=5)
    with store.write() as session:
        assert OWN.use_code(session, one, codes[0].upper().replace("-", " "), NOW) is True
        for account, code in ((one, codes[0]), (two, codes[1]), (one, "aaaaa-bbbbb")):
            with pytest.raises(WrongCodeError):
                OWN.use_code(session, account, code, NOW)
        assert standing(session, one).recovery_codes == 9
        fresh = OWN.renew_recovery_codes(session, one, totp.code_at(secret, totp.step_of(later)), later)
        with pytest.raises(WrongCodeError):
            OWN.use_code(session, one, codes[1], later)
        assert OWN.use_code(session, one, fresh[0], later) is True
    with store.read() as session:
        stored = " ".join(session.scalars(select(CredentialRow.secret)))
    assert not any(code in stored or code.replace("-", "") in stored for code in (*codes, *fresh))


def test_one_code_used_twice_at_once_opens_once(store: Store, another_store: Callable[[], Store]) -> None:
    one = user(store)
    secret, codes = enrolled(store, one)
    later = NOW + timedelta(minutes=5)
    stores = [store, another_store()]
    for code in (totp.code_at(secret, totp.step_of(later)), codes[3]):

        def use(number: int, code: str = code) -> bool:
            try:
                with stores[number % 2].write() as session:
                    OWN.use_code(session, one, code, later)
            except WrongCodeError:
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            assert sum(pool.map(use, range(6))) == 1


def test_a_reset_takes_phone_and_recovery_codes(store: Store) -> None:
    one = user(store)
    secret, codes = enrolled(store, one)
    opened = open_one(store, one)
    with store.write() as session:
        assert OWN.remove_totp(session, one, NOW, keep=None)
        assert not OWN.remove_totp(session, one, NOW, keep=None)
        assert standing(session, one).recovery_codes == 0
        for code in (totp.code_at(secret, totp.step_of(NOW) + 1), codes[0]):
            with pytest.raises(WrongCodeError):
                OWN.use_code(session, one, code, NOW)
    assert not is_open(store, opened)


def test_a_secret_sealed_with_another_key_is_no_secret(store: Store) -> None:
    one = user(store)
    secret, _ = enrolled(store, one)
    other = Credentials(b"x" * 32)
    with store.write() as session, pytest.raises(WrongCodeError):
        other.use_code(session, one, totp.code_at(secret, totp.step_of(NOW) + 1), NOW)


def test_a_session_ends_when_it_lies_idle(store: Store) -> None:
    one = user(store)
    opened, hour = open_one(store, one), timedelta(hours=1)
    with store.read() as session:
        identify_session(session, opened, NOW + timedelta(minutes=59), hour)
        with pytest.raises(NotSignedInError):
            identify_session(session, opened, NOW + hour, hour)
    with store.write() as session:
        access.note_use(session, opened, NOW + timedelta(minutes=50))
    with store.read() as session:
        identify_session(session, opened, NOW + timedelta(minutes=109), hour)
        assert [s.id for s in access.list_sessions(session, "liaison-1", NOW + hour, hour)] == [opened]
        assert access.list_sessions(session, "liaison-1", NOW + 2 * hour, hour) == []


def test_a_token_is_no_session(store: Store) -> None:
    user(store)
    with store.write() as session:
        token = issue_token(session, "liaison-1", "laptop", Scope.READ, now=NOW).token.id
    with store.read() as session, pytest.raises(NotSignedInError):
        identify_session(session, token, NOW)


def test_ending_sessions_of_oneself_and_others(store: Store) -> None:
    one, two = user(store), user(store, "liaison-2")
    mine, second, foreign = open_one(store, one), open_one(store, one), open_one(store, two)
    with store.write() as session:
        with pytest.raises(NotFoundError):
            access.end_session(session, "liaison-1", foreign, actor="liaison-1", now=NOW)
        assert access.end_sessions(session, "liaison-1", now=NOW, but=mine) == 1
    assert [is_open(store, id_) for id_ in (mine, second, foreign)] == [True, False, True]


def test_a_change_of_role_ends_sessions_and_narrows_tokens_at_once(store: Store) -> None:
    first_token(store, NOW)
    one = user(store, "siti", Role.ADMIN)
    opened = open_one(store, one)
    with store.write() as session:
        secret = issue_token(session, "siti", "skrip", Scope.ADMIN, now=NOW).secret
        changed = access.change_user(session, "siti", role=Role.LIAISON, region="63.71", actor="admin", now=NOW)
        assert dict(changed.changes) == {"role": "liaison", "region": "63.71"}
    assert not is_open(store, opened)
    with store.read() as session:
        me = identify(session, secret, NOW)
    assert not may(me, Action.MANAGE_USERS)
    assert may(me, Action.READ_ALERTS)
    assert me.region == "63.71"


def test_nobody_raises_themselves_and_the_last_admin_stays(store: Store) -> None:
    first_token(store, NOW)
    user(store, "siti", Role.LIAISON)
    with store.write() as session:
        with pytest.raises(ForbiddenError):
            access.change_user(session, "siti", role=Role.ADMIN, region=None, actor="siti", now=NOW)
        with pytest.raises(ConflictError):
            access.change_user(session, "admin", role=Role.LIAISON, region=None, actor="cli", now=NOW)
        with pytest.raises(InputError):
            access.change_user(session, "siti", role=Role.LIAISON, region="banjar", actor="admin", now=NOW)
        assert not access.change_user(session, "siti", role=Role.LIAISON, region="63", actor="siti", now=NOW).changes


def test_two_admins_cannot_close_each_other_at_once(store: Store, another_store: Callable[[], Store]) -> None:
    user(store, "admin-1", Role.ADMIN)
    user(store, "admin-2", Role.ADMIN)
    stores = [store, another_store()]

    def close(number: int) -> bool:
        try:
            with stores[number].write() as session:
                disable_user(session, f"admin-{number + 1}", actor=f"admin-{2 - number}", now=NOW)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(close, range(2))) == 1
    with store.read() as session:
        assert len(session.scalars(select(UserRow).where(UserRow.active)).all()) == 1


def test_a_closed_account_opens_again_with_what_it_had(store: Store) -> None:
    one = user(store)
    give_password(store, one)
    opened = open_one(store, one)
    with store.write() as session:
        disable_user(session, "liaison-1", actor="admin", now=NOW)
    assert not is_open(store, opened)
    with store.write() as session:
        assert dict(access.enable_user(session, "liaison-1", actor="admin", now=NOW).changes) == {"active": True}
        assert not access.enable_user(session, "liaison-1", actor="admin", now=NOW).changes
    assert not is_open(store, opened)
    assert OWN.check_password(store, "liaison-1", GOOD, NOW) is not None


def test_areas_narrow_a_token(store: Store) -> None:
    user(store)
    with store.write() as session:
        secret = issue_token(session, "liaison-1", "umpan", Scope.READ, now=NOW, areas=["feeds", "cap"]).secret
    with store.read() as session:
        me = identify(session, secret, NOW)
    allowed = {action for action in Action if may(me, action)}
    assert allowed == {Action.READ_FEEDS, Action.READ_CAP}
    with store.write() as session:
        with pytest.raises(NotSignedInError):
            open_session(session, secret, NOW)
        for areas, error in (
            ([], InputError),
            (["feeds", "x"], InputError),
            (["users"], ForbiddenError),
            (["rejects"], ForbiddenError),
            (["login"], ForbiddenError),  # nothing in it can be done with a reading token
        ):
            with pytest.raises(error):
                issue_token(session, "liaison-1", "x", Scope.READ, now=NOW, areas=areas)


def test_a_limited_token_hands_out_no_wider_one(store: Store) -> None:
    user(store)
    with store.write() as session:
        secret = issue_token(session, "liaison-1", "x", Scope.WRITE, now=NOW, areas=["tokens", "feeds"]).secret
        me = identify(session, secret, NOW)
        assert may(me, Action.MANAGE_OWN_TOKENS)
        for areas in (None, ["alerts"], ["feeds", "alerts"]):
            with pytest.raises(ForbiddenError):
                issue_token(session, "liaison-1", "y", Scope.READ, now=NOW, issuer=me, areas=areas)
        issue_token(session, "liaison-1", "y", Scope.READ, now=NOW, issuer=me, areas=["feeds"])


def test_how_an_account_reads(store: Store) -> None:
    one = user(store)
    opened = open_one(store, one)
    with store.write() as session:
        access.set_reading(session, one, zone="WIT", language="en")
        for zone, language in (("MYT", None), ("wib", None), (None, "jv"), ("", None)):
            with pytest.raises(InputError):
                access.set_reading(session, one, zone=zone, language=language)
    with store.read() as session:
        me = identify_session(session, opened, NOW)
    assert (me.zone, me.language) == ("WIT", "en")


def test_rows_of_before_have_no_areas(store: Store) -> None:
    """What an older version wrote: no areas, and all that the role may."""
    user(store)
    with store.write() as session:
        issued = issue_token(session, "liaison-1", "laptop", Scope.READ, now=NOW)
        session.execute(update(UserRow).values(zone=None))
    with store.read() as session:
        me = identify(session, issued.secret, NOW)
    assert (me.areas, me.zone) == (None, None)
    assert may(me, Action.READ_ALERTS)
