"""Settings: from the environment, from a file, documented, and refused by name when they cannot be used."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from waspada.errors import SettingsError
from waspada.settings import Settings, load_settings, prepare_data_dir

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "settings.md"
SECTIONS = re.findall(r"^## (\w+)\n\nDefault: (.+)\n", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*(f"WASPADA_{field.upper()}" for field in Settings.model_fields), "WASPADA_ENV_FILE"):
        monkeypatch.delenv(name, raising=False)


def test_every_setting_has_its_heading_and_every_heading_its_setting() -> None:
    assert [name for name, _ in SECTIONS] == [f"WASPADA_{field.upper()}" for field in Settings.model_fields]


@pytest.mark.parametrize(("name", "documented"), SECTIONS)
def test_documented_default_is_the_default(name: str, documented: str) -> None:
    default = getattr(load_settings(), name.removeprefix("WASPADA_").lower())
    written = re.search(r"`([^`]+)`", documented)
    if written is None:
        assert documented.startswith("empty")
        assert default in (None, "")
    elif isinstance(default, Path):
        assert default == Path(written[1]).expanduser()
    elif isinstance(default, bool):
        assert written[1] == str(default).lower()
    else:
        assert type(default)(written[1]) == default


def test_every_setting_says_what_it_is() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WASPADA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("WASPADA_PORT", "9000")
    monkeypatch.setenv("WASPADA_ZONE", "wib")
    settings = load_settings()
    assert (settings.data_dir, settings.port, settings.zone_info.key) == (tmp_path, 9000, "Asia/Jakarta")
    assert settings.url == f"sqlite:///{tmp_path / 'waspada.db'}"


def test_what_is_given_wins_over_the_environment_and_that_over_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "env"
    file.write_text("WASPADA_PORT=1001\nWASPADA_REGION=64\nWASPADA_CONTACT=desk@kesbang.example\n")
    monkeypatch.setenv("WASPADA_ENV_FILE", str(file))
    monkeypatch.setenv("WASPADA_PORT", "1002")
    assert (load_settings().port, load_settings(port=1003).port) == (1002, 1003)
    assert load_settings(port=None).region == "64"
    assert "+desk@kesbang.example" in load_settings().user_agent


def test_missing_settings_file_is_not_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WASPADA_ENV_FILE", str(tmp_path / "none"))
    with pytest.raises(SettingsError, match="WASPADA_ENV_FILE"):
        load_settings()


@pytest.mark.parametrize("name", [f"WASPADA_{field.upper()}" for field in Settings.model_fields])
def test_empty_value_is_the_default(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    expected = load_settings()
    monkeypatch.setenv(name, "")
    assert load_settings() == expected
    assert load_settings().is_embedded


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WASPADA_PORT", "banyak"),
        ("WASPADA_PORT", "70000"),
        ("WASPADA_PORT", "-1"),
        ("WASPADA_ZONE", "Mars/Olympus"),
        ("WASPADA_MIN_VOICES", "4"),
        ("WASPADA_MIN_VOICES", "0"),
        ("WASPADA_REQUEST_TIMEOUT_SECONDS", "0"),
        ("WASPADA_MAX_BODY_BYTES", "-5"),
        ("WASPADA_DOMAIN_DELAY_SECONDS", "-1"),
        ("WASPADA_BUSY_TIMEOUT_SECONDS", "nan"),
        ("WASPADA_BASE_URL", "waspada.example"),
        ("WASPADA_BASE_URL", "https://waspada.example/?a=b"),
        ("WASPADA_BASE_URL", "https://waspada.example:pintu"),
        ("WASPADA_MAIL_URL", "https://mail.example"),
        ("WASPADA_MAIL_URL", "smtp://"),
        ("WASPADA_MAIL_URL", "smtp://mail.example:99999"),
        ("WASPADA_TELEGRAM_API", "ftp://telegram.example"),
        ("WASPADA_WEBPUSH_SUBJECT", "desk@kesbang.example"),
        ("WASPADA_OIDC_ISSUER", "masuk.example"),
        ("WASPADA_OIDC_ISSUER", "http://masuk.example"),
        ("WASPADA_OIDC_CLAIM", "dua kata"),
        ("WASPADA_OIDC_ROLES", "grup=admin"),
        ("WASPADA_OIDC_ROLES", "grup"),
        ("WASPADA_OIDC_SCOPES", "profile email"),
        ("WASPADA_REQUIRE_TOTP", "bos"),
        ("WASPADA_REQUIRE_TOTP", ","),
        ("WASPADA_SESSION_IDLE_MINUTES", "1"),
        ("WASPADA_LOG_FORMAT", "xml"),
    ],
)
def test_bad_value_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=rf"{name} cannot be used: .*See docs/settings.md"):
        load_settings()


def test_a_secret_stands_in_no_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WASPADA_MAIL_URL", "http://desk:rahasia@mail.example")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert "rahasia" not in str(refused.value)
    assert "rahasia" not in repr(load_settings(mail_url="smtps://desk:rahasia@mail.example"))


@pytest.mark.parametrize(
    ("given", "link"),
    [
        ({}, "http://127.0.0.1:8765/alerts/3"),
        ({"host": "0.0.0.0", "port": 80}, "http://127.0.0.1:80/alerts/3"),
        ({"host": "::1"}, "http://[::1]:8765/alerts/3"),
        ({"host": "10.0.0.7"}, "http://10.0.0.7:8765/alerts/3"),
        ({"public_host": "waspada.example"}, "https://waspada.example/alerts/3"),
        ({"public_host": "a.example", "base_url": "https://b.example/desk/"}, "https://b.example/desk/alerts/3"),
    ],
)
def test_links_lead_to_where_people_reach_the_console(given: dict[str, object], link: str) -> None:
    assert load_settings(**given).link("/alerts/3") == link
    assert load_settings(**given).link("alerts/3") == link


def test_paths_are_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings(data_dir="data", model_dir="~/model")
    assert settings.data_dir == tmp_path / "data"
    assert settings.model_dir == Path.home() / "model"


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().port = 1  # type: ignore[misc]


def test_data_folder_is_for_its_owner_only(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path / "a" / "b")
    prepare_data_dir(settings)
    assert stat.S_IMODE(settings.data_dir.stat().st_mode) == 0o700
    prepare_data_dir(settings)
    assert list(settings.data_dir.iterdir()) == []


def test_data_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match=r"cannot be written.*--data or WASPADA_DATA_DIR"):
        prepare_data_dir(load_settings(data_dir=tmp_path / "file" / "data"))


class TestSecretKey:
    def test_made_once_and_kept_for_the_owner_only(self, tmp_path: Path) -> None:
        key = load_settings(data_dir=tmp_path).secret_key
        assert len(key) == 32
        assert load_settings(data_dir=tmp_path).secret_key == key
        assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600
        assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]

    def test_two_folders_have_two_keys(self, tmp_path: Path) -> None:
        assert load_settings(data_dir=tmp_path / "a").secret_key != load_settings(data_dir=tmp_path / "b").secret_key

    def test_many_processes_agree(self, tmp_path: Path) -> None:
        program = (
            "import sys; from waspada.settings import load_settings\n"
            "sys.stdout.write(load_settings(data_dir=sys.argv[1]).secret_key.hex())"
        )
        processes = [
            subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE) for _ in range(4)
        ]
        (key,) = {process.communicate(timeout=60)[0] for process in processes}
        assert len(bytes.fromhex(key.decode())) == 32

    @pytest.mark.parametrize("content", ["", "abc", "zz" * 32, "ab" * 31])
    def test_damaged_key_is_refused_not_replaced(self, tmp_path: Path, content: str) -> None:
        (tmp_path / "secret.key").write_text(content)
        with pytest.raises(SettingsError, match="Restore it from a backup"):
            _ = load_settings(data_dir=tmp_path).secret_key
        assert (tmp_path / "secret.key").read_text() == content
