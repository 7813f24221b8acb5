"""What `waspada doctor` makes of what it found. Pure: facts in, findings out; every fault says what to do."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches

from waspada.processes.policy import NEEDED
from waspada.processes.types import Life, Process, ProcessRole, Queues
from waspada.settings import LOOPBACK, Settings
from waspada.subscriptions.types import Figures

LEAST_FREE_BYTES = 500 * 1024 * 1024
#: A log beside the database that is larger shows a reader that never ends.
MOST_WAL_BYTES = 512 * 1024 * 1024
BACKUP_AFTER = timedelta(days=2)
ASIDE_FOR = timedelta(days=7)
_SKEW = timedelta(minutes=2)
_DEAF_FOR = timedelta(days=2)
#: PostgreSQL versions that its makers still mend (postgresql.org/support/versioning, November 2026).
LEAST_POSTGRES = 14
_MASK_OTHERS = 0o077
_TELEGRAM = re.compile(r"\d{6,}:[A-Za-z0-9_-]{30,}")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `hint` says what to do; a `note` is not fine, and no reason for an exit code."""

    subject: str
    fine: bool
    message: str
    hint: str = ""
    note: bool = False

    @property
    def grade(self) -> str:
        return "ok" if self.fine else "look" if self.note else "bad"


def fine(subject: str, message: str) -> Finding:
    return Finding(subject, True, message)


def bad(subject: str, message: str, hint: str) -> Finding:
    return Finding(subject, False, message, hint)


def look(subject: str, message: str, hint: str) -> Finding:
    return Finding(subject, False, message, hint, note=True)


def names(given: Iterable[str], known: Collection[str]) -> Iterator[Finding]:
    """Variables that begin like settings and are none: a mistyped one is silently the default."""
    for name in sorted(set(given) - set(known)):
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else "docs/settings.md has all of them; take it away"
        yield look("setting", f"{name} is no setting", hint)


def rights(what: str, mode: int | None, *, is_folder: bool) -> Finding:
    """A file or folder that others may enter; `mode` as of stat, None where it is not there yet."""
    if mode is None:
        return fine(what, "not there yet; it is made at the first start")
    if mode & _MASK_OTHERS:
        wanted = "700" if is_folder else "600"
        return bad(what, f"others may read it (mode {mode & 0o777:o})", f"chmod {wanted} it")
    return fine(what, f"for its owner only (mode {mode & 0o777:o})")


def disk(free: int, database: int | None) -> Finding:
    """Free bytes of the disk of the data folder; a backup and a migration need the room of the database once more."""
    words = f"{free / 2**30:.1f} GiB free"
    if free < LEAST_FREE_BYTES:
        return bad("disk", words, "make room: nothing is lost meanwhile, and nothing goes on")
    if database is not None and free < 2 * database:
        return look("disk", f"{words}, the database takes {database / 2**30:.1f}", "a backup needs twice its size")
    return fine("disk", words)


def clock(now: datetime, *, released: datetime, latest_stored: datetime | None, newest_entry: datetime | None,
          last_success: datetime | None) -> Finding:  # fmt: skip
    """The clock against this version's day, what the database was written at, and what feeds said last."""
    words = f"{now:%Y-%m-%d %H:%M} UTC"
    if now < released:
        return bad("clock", words, f"set it right: this version is of {released:%Y-%m-%d}")
    if latest_stored is not None and latest_stored > now + _SKEW:
        return bad(
            "clock", f"{words}, but the database was written at {latest_stored:%Y-%m-%d %H:%M}",
            "it was set back: set it right, and let it follow a time server (timedatectl set-ntp true)",
        )  # fmt: skip
    heard = last_success is not None and now - last_success < timedelta(hours=6)
    if heard and newest_entry is not None and now - newest_entry > _DEAF_FOR:
        return look(
            "clock", f"{words}, but the newest entry of all feeds is of {newest_entry:%Y-%m-%d %H:%M}",
            "if that is odd, the clock runs ahead: compare it with another one",
        )  # fmt: skip
    return fine("clock", words)


def ticks(wall_seconds: float, steady_seconds: float) -> Iterator[Finding]:
    """The clock against the machine's own counter over the time of this look: a jump is a clock that is being set."""
    if abs(wall_seconds - steady_seconds) > 1.0:
        yield look(
            "clock", f"it jumped by {wall_seconds - steady_seconds:+.1f} s while this ran", "look at the time service"
        )


def embedded(problem: str, wal: int | None) -> Iterator[Finding]:
    """The answer of SQLite's quick_check, and the size of the log beside the database."""
    if problem != "ok":
        yield bad("integrity", f"damaged: {problem[:200]}", "stop the service and `waspada restore` the newest backup")
    else:
        yield fine("integrity", "quick_check says ok")
    if wal is not None and wal > MOST_WAL_BYTES:
        yield look(
            "log of the database", f"{wal / 2**20:.0f} MiB", "restart the service: a reader keeps it from ending"
        )


def postgres(version: int, waiting: int) -> Iterator[Finding]:
    """`version` as server_version_num (160004); `waiting` connections that wait for a lock."""
    major = version // 10000
    if major < LEAST_POSTGRES:
        yield look("postgresql", f"version {major}", f"upgrade to {LEAST_POSTGRES} or later: it is mended no more")
    else:
        yield fine("postgresql", f"version {major}")
    if waiting > 5:
        yield look("locks", f"{waiting} connections wait for a lock", "look at pg_stat_activity for who holds it")


def migrations(revision: str | None, newest: str) -> Finding:
    if revision == newest:
        return fine("migrations", f"revision {revision}")
    return bad("migrations", f"revision {revision}, this version needs {newest}", "start the service once to migrate")


def processes(found: Sequence[tuple[Process, Life]], running: bool) -> Iterator[Finding]:
    """The beats of what should run. Nothing is asked of a service that is stopped."""
    for role in ProcessRole:
        own = [(one, life) for one, life in found if one.role is role]
        if not own:
            if running and role in NEEDED:
                yield bad(role.value, "it never gave a sign of life", "look at the service's messages")
            continue
        one, life = max(own, key=lambda each: (each[1] is Life.ALIVE, each[0].beat_at))
        words = f"{life.value}, last sign of life {one.beat_at:%Y-%m-%d %H:%M:%S}Z, version {one.version}"
        if life is Life.ALIVE or not running:
            yield fine(role.value, words)
        elif life is Life.STUCK:
            yield bad(role.value, words, "it hangs: restart the service and keep its log")
        else:
            yield bad(role.value, words, "restart the service; its messages say why it ended")


def outbox(queues: Queues, paused: Sequence[str]) -> Iterator[Finding]:
    """Messages that did not go, and webhooks that were given up."""
    if queues.deliveries_late or queues.deliveries_failed:
        yield bad(
            "messages", f"{queues.deliveries_late} are late, {queues.deliveries_failed} were given up in the last day",
            "/operations and /webhooks name them; look at the mail server, the bot and the receivers",
        )  # fmt: skip
    else:
        yield fine("messages", f"{queues.deliveries} waiting, none late")
    for title in paused:
        yield look("webhook", f"{title} is paused", "mend the receiver, then switch it on at /webhooks")


def digests(found: Figures) -> Iterator[Finding]:
    """Whether who asked for a digest gets it."""
    if found.overdue:
        yield bad("digests", f"{found.overdue} are due for more than an hour", "does the worker run? see its messages")
    if found.uncertain:
        yield look(
            "digests", f"{found.uncertain} of the last week were handed over without an answer",
            "/deliveries?state=uncertain names them; none is sent again by itself",
        )  # fmt: skip
    if found.bounced:
        yield look("digests", f"{found.bounced} addresses refused one in the last week", "/subscriptions shows which")
    if not (found.overdue or found.uncertain or found.bounced):
        yield fine("digests", f"{found.live} subscriptions, none overdue")


def backup(last: datetime | None, now: datetime, *, is_embedded: bool, items: int) -> Finding:
    """The age of the last backup. PostgreSQL is backed up by its own tool, which tells nobody here."""
    if not is_embedded:
        return fine("backup", "of PostgreSQL by its own tool; nothing is known of it here")
    if last is None:
        if not items:
            return fine("backup", "none yet, and nothing to lose")
        return look("backup", "none was ever made", "run `waspada backup`, and every night by a timer")
    words = f"the last is of {last:%Y-%m-%d %H:%M}Z"
    if now - last > BACKUP_AFTER:
        return look("backup", words, "run `waspada backup`, and see why the timer did not")
    return fine("backup", words)


def aside(folders: Iterable[tuple[str, datetime]], now: datetime) -> Iterator[Finding]:
    """Databases that a restore put aside hold what was erased in the new one."""
    for name, made_at in folders:
        if now - made_at > ASIDE_FOR:
            yield look("put aside", f"{name} is still there", "it holds what retention removed elsewhere: remove it")


def channels(settings: Settings) -> Iterator[Finding]:
    """Whether what is set of mail, Telegram, web push and sign-in belongs together. Nothing is sent."""
    if settings.mail_url and "@" not in settings.mail_from:
        yield bad("mail", "there is a server and no sender", "set WASPADA_MAIL_FROM to an address of yours")
    if settings.mail_from and not settings.mail_url:
        yield look("mail", "there is a sender and no server", "set WASPADA_MAIL_URL, or take WASPADA_MAIL_FROM away")
    if settings.mail_url and settings.mail_url.get_secret_value().startswith("smtp://"):
        host = settings.mail_url.get_secret_value().rpartition("@")[2].removeprefix("smtp://").split(":")[0]
        if host not in LOOPBACK:
            yield look("mail", "the way to the server may be in the clear", "use smtps:// where the server has it")
    if settings.telegram_token and not _TELEGRAM.fullmatch(settings.telegram_token.get_secret_value()):
        yield bad("telegram", "the token has not the shape of one", "copy it again from BotFather")
    oidc = (settings.oidc_issuer, settings.oidc_client_id)
    if any(oidc) and not all(oidc):
        yield bad("sign-in", "OIDC is set by half", "set WASPADA_OIDC_ISSUER and WASPADA_OIDC_CLIENT_ID, or neither")


def address(settings: Settings) -> Iterator[Finding]:
    """How people reach the console: never in the clear over a network."""
    if settings.base_url.startswith("http://") and not _is_local(settings.base_url):
        yield bad("address", f"{settings.base_url} is in the clear", "put a proxy with TLS before it, and say https://")
    if settings.host not in LOOPBACK and not settings.public_host and not settings.base_url.startswith("https://"):
        yield look(
            "address", f"it listens on {settings.host} without TLS",
            "let a proxy with TLS listen there and Waspada on 127.0.0.1 (docs/operations.md)",
        )  # fmt: skip
    if settings.telegram_api.startswith("http://") and not _is_local(settings.telegram_api):
        yield bad("telegram", "its address is in the clear", "say https://")


def directory(issuer: str, keys: int) -> Finding:
    if not keys:
        return bad("directory", f"{issuer} has no key to sign with", "nobody can sign in through it; ask who keeps it")
    return fine("directory", f"{issuer} answers, {keys} keys")


def _is_local(url: str) -> bool:
    host = url.partition("//")[2].split("/")[0]
    return host.rpartition(":")[0].strip("[]") in LOOPBACK or host in LOOPBACK
