"""All settings of the product, as one typed object.

Every field can be given as an environment variable with the prefix `WASPADA_` (`WASPADA_DATA_DIR=/srv/waspada`) or in
a file named by `WASPADA_ENV_FILE`. `docs/settings.md` has a heading for each; a test keeps the two in step.
"""

from __future__ import annotations

import os
import re
import secrets
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from waspada.clock import zone_of
from waspada.errors import InputError, SettingsError

_SECRET_FILE = "secret.key"  # noqa: S105 (a file name)
_DATABASE_FILE = "waspada.db"
_TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_CAP_SENDER = re.compile(r"[A-Za-z0-9._:@-]{0,100}")  # CAP 1.2, 3.2.1: no spaces, commas or restricted characters
#: So short that the word of a mail fits behind it (RFC 5321: 64 characters before the @).
_MAILBOX = re.compile(r"[A-Za-z0-9._-]{1,18}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}")
_EVERY_ADDRESS = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 (to listen on; nobody is sent there)
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="WASPADA_", env_ignore_empty=True, extra="ignore", frozen=True)

    data_dir: Path = Field(
        default_factory=lambda: Path.home() / ".local" / "share" / "waspada",
        description="Folder that holds the database, the secret key and what the program writes.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="PostgreSQL URL (postgresql+psycopg://user@host/name); the embedded database when empty.",
    )
    host: str = Field(default="127.0.0.1", description="Address the API and the console listen on.")
    public_host: str = Field(
        default="", description="Name under which a reverse proxy offers the console, beside its own address."
    )
    port: int = Field(default=8765, ge=0, le=65535, description="Port of the API and the console; 0 takes a free one.")
    base_url: str = Field(
        default="",
        description="Address at which people reach the console, for links in messages; of host and port if empty.",
    )
    zone: str = Field(default="WITA", description="Zone in which days are counted and times are shown.")
    region: str = Field(default="63", description="Kemendagri code of the region that this desk watches.")
    contact: str = Field(
        default="",
        description="Mail or web address in the user agent, so that an outlet can reach the operator.",
    )
    min_voices: int = Field(
        default=5,
        ge=5,
        description="Independent voices that public posts need before they reach an alert by themselves.",
    )
    alert_news_days: int = Field(
        default=7,
        ge=1,
        le=365,
        description="An alert opens on news no older than this; older articles, filled in later, open none.",
    )
    notify_wait_minutes: int = Field(
        default=12, ge=0, le=60, description="Minutes from the opening of an alert to its first notice."
    )
    notify_update_hours: int = Field(
        default=2, ge=2, le=24, description="Hours between two notices of an alert whose facts change."
    )
    notify_repeat_hours: int = Field(
        default=12, ge=2, le=72, description="Hours after which a notice is repeated while nobody acknowledged it."
    )
    notify_min_level: int = Field(default=2, ge=1, le=3, description="Least level of an alert that interrupts anybody.")
    notify_per_shift: int = Field(default=2, ge=1, le=20, description="Most notices to a desk in a shift of 12 hours.")
    notify_shift_start: str = Field(
        default="07:00", description="Time of day at which a shift begins, in the zone of the desk."
    )
    call_wait_minutes: int = Field(
        default=10,
        ge=2,
        le=120,
        description="Minutes without an answer after which the next one on the rota is called.",
    )
    canary: bool = Field(
        default=False, description="Whether a fictional article is read every night, to prove that the desk hears."
    )
    canary_at: str = Field(default="02:30", description="Time of day of that article, in the zone of the desk.")
    canary_call: bool = Field(
        default=True, description="Whether whoever is on duty is told of that article's alert, as an exercise."
    )
    model_dir: Path | None = Field(
        default=None, description="Folder of the model to tag with; the shipped one if empty."
    )
    sources_file: Path | None = Field(default=None, description="CSV of default sources; the shipped one if empty.")
    calendar_file: Path | None = Field(default=None, description="CSV of election stages; the shipped one if empty.")
    vulnerability_file: Path | None = Field(
        default=None, description="CSV of vulnerability priors by region; the shipped one if empty."
    )
    request_timeout_seconds: float = Field(default=30.0, gt=0, description="Time limit of one HTTP request.")
    max_body_bytes: int = Field(default=8 * 1024 * 1024, gt=0, description="Largest response body that is read.")
    domain_delay_seconds: float = Field(default=2.0, ge=0, description="Pause between two requests to one domain.")
    archive_pages: bool = Field(
        default=False, description="Whether the raw page of every article is kept, for evidence and for WARC exports."
    )
    archive_days: int = Field(default=30, ge=1, le=730, description="Days that a raw page is kept.")
    archive_max_bytes: int = Field(
        default=2 * 1024**3, ge=1024**2, description="Most that the raw pages may take on the disk, compressed."
    )
    post_days: int = Field(default=90, ge=1, le=90, description="Days that a public post is kept.")
    article_days: int = Field(default=730, ge=30, le=730, description="Days that the text of an article is kept.")
    report_rhythm: Literal["daily", "weekly", "off"] = Field(
        default="weekly", description="How often a kecamatan owes a periodic report: daily, weekly or off."
    )
    report_sender_days: int = Field(
        default=30,
        ge=1,
        le=30,
        description="Days after the end of a case for which it is kept, sealed, who sent the field report.",
    )
    audit_head_file: Path | None = Field(
        default=None, description="File off this machine that gets the head of the audit log once a day; none if empty."
    )
    audit_head_mail: str = Field(
        default="", description="Mail address that gets the head of the audit log once a day; none if empty."
    )
    complaints_contact: str = Field(
        default="", description="Mail or web address for complaints, objections and wishes to erase, shown on /about."
    )
    oversight_contact: str = Field(
        default="", description="Mail or web address of the independent oversight, shown on /about."
    )
    youtube_api_key: SecretStr | None = Field(
        default=None, description="Key of the YouTube Data API, for sources of the kind youtube."
    )
    youtube_daily_units: int = Field(
        default=10_000, gt=0, description="Units of the key's daily quota that may be spent; a call costs one."
    )
    mail_url: SecretStr | None = Field(
        default=None,
        description="Mail server for messages: smtp(s)://user:password@host:port; no mails if empty.",
    )
    mail_from: str = Field(default="", description="Sender of these mails, and where answers go.")
    mail_per_minute: int = Field(
        default=120, ge=1, le=100_000, description="Most digests a minute by mail; calls are not counted."
    )
    bounce_address: str = Field(
        default="",
        description="Mailbox that mails come back to, as bounces@kesbang.example; it must take bounces+WORD@, too.",
    )
    bounce_url: SecretStr | None = Field(
        default=None, description="Where that mailbox is read: imaps://user:password@host/INBOX; nowhere if empty."
    )
    telegram_token: SecretStr | None = Field(
        default=None, description="Token of the Telegram bot that messages are sent by; none are if empty."
    )
    telegram_api: str = Field(
        default="https://api.telegram.org", description="Address of the Telegram bot API, or of one's own server of it."
    )
    telegram_per_minute: int = Field(
        default=600, ge=1, le=1800, description="Most digests a minute by Telegram, which itself allows 30 a second."
    )
    delivery: Literal["live", "files"] = Field(
        default="live",
        description="Whether messages are sent, or only written to files in the data folder, for development.",
    )
    self_service: bool = Field(
        default=False, description="Whether strangers may ask for a digest at /subscribe; a manager adds them if not."
    )
    webpush_subject: str = Field(
        default="",
        description="mailto: or https: address for the push services' complaints; no push if empty.",
    )
    cap_sender: str = Field(
        default="",
        description="Who CAP messages say they are from, as waspada@kesbang.example; of the console's host if empty.",
    )
    cap_test: bool = Field(default=False, description="Whether CAP messages are marked as a technical test.")
    oidc_issuer: str = Field(
        default="", description="Address of the OpenID provider that accounts sign in with; tokens only if empty."
    )
    oidc_client_id: str = Field(default="", description="Name by which this installation is known to that provider.")
    oidc_client_secret: SecretStr | None = Field(
        default=None, description="Secret of this installation at that provider."
    )
    oidc_claim: str = Field(
        default="preferred_username",
        pattern=r"^[A-Za-z0-9_:./-]{1,100}$",
        description="Claim of the provider that names who signs in; an admin notes its value at an account.",
    )
    oidc_roles: str = Field(
        default="",
        description="Groups of the provider whose members get an account: group=role or group=role@63.71.",
    )
    oidc_groups_claim: str = Field(
        default="groups",
        pattern=r"^[A-Za-z0-9_:./-]{1,100}$",
        description="Claim of the provider that lists these groups.",
    )
    oidc_scopes: str = Field(
        default="openid profile email", description="Scopes that are asked of the provider, with openid among them."
    )
    require_totp: str = Field(
        default="admin,auditor,analyst",
        description="Roles that sign in by password only with a second factor; none for no role.",
    )
    session_idle_minutes: int = Field(
        default=60, ge=5, le=1440, description="Minutes without a request after which a session of the console ends."
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="How the service writes its log: lines for people, or one JSON object a line."
    )
    metrics_open_on_loopback: bool = Field(
        default=False, description="Whether programs of this machine read /metrics without a token."
    )
    backup_dir: Path | None = Field(
        default=None, description="Folder that `waspada backup` writes to; backups/ in the data folder if empty."
    )
    backup_keep: int = Field(default=14, ge=1, le=1000, description="Backups that are kept; older ones are removed.")
    busy_timeout_seconds: float = Field(default=15.0, gt=0, description="How long to wait for a locked database.")

    @field_validator(
        "data_dir",
        "model_dir",
        "sources_file",
        "calendar_file",
        "vulnerability_file",
        "audit_head_file",
        "backup_dir",
        mode="after",
    )
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        return path.expanduser().resolve() if path else None

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            zone_of(name)
        except InputError as error:
            raise ValueError(str(error)) from None
        return name

    @field_validator("notify_shift_start", "canary_at")
    @classmethod
    def _time_of_day(cls, clock: str) -> str:
        if not _TIME_OF_DAY.fullmatch(clock):
            raise ValueError("a time of day is written as 02:30")
        return clock

    @field_validator("base_url", "telegram_api", "oidc_issuer")
    @classmethod
    def _web_address(cls, url: str) -> str:
        if url and not _is_web_address(url):
            raise ValueError("a web address is written as https://waspada.example, without a query")
        return url.rstrip("/")

    @field_validator("oidc_issuer")
    @classmethod
    def _secure_provider(cls, url: str) -> str:
        if url.startswith("http:") and urlsplit(url).hostname not in LOOPBACK:
            raise ValueError("the provider's address must start with https://")
        return url

    @field_validator("oidc_roles")
    @classmethod
    def _groups(cls, text: str) -> str:
        from waspada.access.directory import read_groups

        read_groups(text)
        return text

    @field_validator("oidc_scopes")
    @classmethod
    def _scopes(cls, text: str) -> str:
        if "openid" not in text.split():
            raise ValueError("openid must be among the scopes")
        return text

    @field_validator("require_totp")
    @classmethod
    def _roles(cls, text: str) -> str:
        from waspada.access.types import Role

        unknown = set(_listed(text)) - {"none", *Role}
        if unknown or not _listed(text):
            raise ValueError(f"roles are {', '.join(Role)}; none stands for no role")
        return text

    @field_validator("mail_url")
    @classmethod
    def _mail_server(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and not _is_mail_server(url.get_secret_value()):
            raise ValueError("a mail server is written as smtps://user:password@host:port")
        return url

    @field_validator("bounce_url")
    @classmethod
    def _bounce_server(cls, url: SecretStr | None) -> SecretStr | None:
        parts = _parts(url.get_secret_value()) if url is not None else None
        if url is not None and (parts is None or parts.scheme != "imaps"):
            raise ValueError("a mailbox is written as imaps://user:password@host/INBOX")
        return url

    @field_validator("bounce_address")
    @classmethod
    def _bounces(cls, address: str) -> str:
        if address and not _MAILBOX.fullmatch(address):
            raise ValueError("a mailbox is written as bounces@kesbang.example")
        return address

    @field_validator("cap_sender")
    @classmethod
    def _cap_sender(cls, sender: str) -> str:
        if not _CAP_SENDER.fullmatch(sender):
            raise ValueError("a CAP sender holds no space, comma, < or &, as waspada@kesbang.example")
        return sender

    @field_validator("webpush_subject")
    @classmethod
    def _subject(cls, subject: str) -> str:
        if subject and not subject.startswith(("mailto:", "https://")):
            raise ValueError("it starts with mailto: or https://")
        return subject

    def link(self, path: str) -> str:
        """The address of a page of the console for people who are elsewhere; `path` as in "/alerts/3"."""
        return f"{self._origin}/{path.removeprefix('/')}"

    @property
    def _origin(self) -> str:
        if self.base_url:
            return self.base_url
        if self.public_host:
            return f"https://{self.public_host}"
        host = "127.0.0.1" if self.host in _EVERY_ADDRESS else self.host
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def totp_roles(self) -> frozenset[str]:
        """The roles that need a second factor when they sign in by password."""
        return frozenset(_listed(self.require_totp)) - {"none"}

    @property
    def zone_info(self) -> ZoneInfo:
        return zone_of(self.zone)

    @property
    def url(self) -> str:
        """The SQLAlchemy URL of the store."""
        if self.database_url:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.data_dir / _DATABASE_FILE}"

    @property
    def is_embedded(self) -> bool:
        return not self.database_url

    @property
    def user_agent(self) -> str:
        from waspada import __version__

        contact = self.contact or "https://github.com/waspada-id/waspada"
        return f"Waspada/{__version__} (+{contact})"

    @cached_property
    def secret_key(self) -> bytes:
        """32 random bytes of this installation, made at the first start and kept readable by the owner only."""
        return _secret_in(self.data_dir)


def _listed(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _is_web_address(url: str) -> bool:
    parts = _parts(url)
    if parts is None or parts.scheme not in ("http", "https"):
        return False
    return not (parts.username or parts.password or parts.query or parts.fragment)


def _is_mail_server(url: str) -> bool:
    parts = _parts(url)
    return parts is not None and parts.scheme in ("smtp", "smtps") and parts.path in ("", "/")


def _parts(url: str) -> SplitResult | None:
    """The parts of an address that names a host; None for anything else."""
    try:
        parts = urlsplit(url)
        return parts if parts.hostname and parts.port != 0 else None
    except ValueError:  # a port that is none, a broken bracket
        return None


def load_settings(**given: object) -> Settings:
    """The settings from the environment, overridden by what is given; None values are left out.

    Raises SettingsError naming the setting.
    """
    kept: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    env_file = os.environ.get("WASPADA_ENV_FILE") or None
    if env_file is not None and not Path(env_file).is_file():
        raise SettingsError(f"The settings file {env_file} is not there.", hint="Check WASPADA_ENV_FILE.")
    try:
        return Settings(_env_file=env_file, **kept)
    except ValidationError as error:
        first = error.errors()[0]
        name = "WASPADA_" + "_".join(str(part) for part in first["loc"]).upper()
        raise SettingsError(
            f"The setting {name} cannot be used: {first['msg']}.", hint="See docs/settings.md."
        ) from None


def prepare_data_dir(settings: Settings) -> None:
    """Creates the data folder, for the owner only. Raises SettingsError when that is not possible."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = settings.data_dir / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise SettingsError(
            f"The data folder {settings.data_dir} cannot be written: {error.strerror}.",
            hint="Name another one with --data or WASPADA_DATA_DIR, or free space on its disk.",
        ) from None


def _secret_in(folder: Path) -> bytes:
    path = folder / _SECRET_FILE
    try:
        _create_secret(path)
        key = bytes.fromhex(path.read_text().strip())
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"The secret key {path} cannot be read: {error}.", hint="Restore it from a backup."
        ) from None
    if len(key) < 32:
        raise SettingsError(f"The secret key {path} is too short.", hint="Restore it from a backup.")
    return key


def _create_secret(path: Path) -> None:
    """Writes the key once."""
    write_once(path, secrets.token_hex(32))


def write_once(path: Path, content: str) -> None:
    """Writes a secret file unless it is there, for its owner only: the link makes the whole file appear at once or not
    at all, also between processes. Raises OSError."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
