"""Backups: whole while others write, refused when damaged, and no way to bring back what was erased."""

from __future__ import annotations

import gzip
import io
import json
import os
import resource
import signal
import subprocess
import sys
import tarfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import func, select, text, update
from typer.testing import CliRunner

from tests.conftest import REPOSITORY
from tests.empty import put_empty_store
from tests.rows import add_item
from waspada.audit.service import audit_log
from waspada.backups import erasures, making
from waspada.backups.making import DATABASE, KEY, MANIFEST, backups_in, make
from waspada.backups.restoring import restore
from waspada.backups.types import Erasure, Made, Manifest
from waspada.cli.main import app
from waspada.clock import utc_now
from waspada.errors import AlreadyRunningError, InputError, StoreError, StoreFullError, WaspadaError
from waspada.items.policy import url_key
from waspada.jobs.erase import strike
from waspada.jobs.lock import data_dir_lock
from waspada.jobs.purge import empty_texts, remove_items
from waspada.settings import Settings
from waspada.store import Store, open_store
from waspada.store.tables import AuditRow, ErasedItemRow, ItemRow, ItemVersionRow

T = TypeVar("T")
NEWS = "https://kabar-banjar.example/berita"
POST = "https://banua.example/status/7"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    data = tmp_path / "desk"
    put_empty_store(data)
    found = Settings(data_dir=data)
    _fill(found)
    return found


def _fill(settings: Settings) -> None:
    def work(store: Store) -> None:
        with store.write() as session:
            add_item(session, url=NEWS, text="Isi berita yang lengkap.")
            add_item(session, url=POST, kind="post", text="Unggahan yang kelak dihapus.", source="banua")
            audit_log(settings).append(session, actor="test", action="item.read", object="item/1", now=utc_now())

    _with(settings, work)


def _with(settings: Settings, work: Callable[[Store], T]) -> T:
    store = open_store(settings)
    try:
        return work(store)
    finally:
        store.close()


def _urls(settings: Settings) -> list[str]:
    def work(store: Store) -> list[str]:
        with store.read() as session:
            return sorted(session.scalars(select(ItemRow.url)))

    return _with(settings, work)


def _texts(settings: Settings) -> list[str]:
    def work(store: Store) -> list[str]:
        with store.read() as session:
            return sorted(session.scalars(select(ItemVersionRow.text)))

    return _with(settings, work)


def _audit_holds(settings: Settings) -> bool:
    def work(store: Store) -> bool:
        with store.read() as session:
            return audit_log(settings).verify(session).ok

    return _with(settings, work)


def _made(settings: Settings, to: Path, **given: object) -> Made:
    return make(settings, to=to, actor="test", **given)  # type: ignore[arg-type]


def _remove(settings: Settings, url: str) -> None:
    def work(store: Store) -> None:
        with store.write() as session:
            ids = session.scalars(select(ItemRow.id).where(ItemRow.url == url)).all()
            remove_items(session, ids)

    _with(settings, work)


def _empty(settings: Settings, url: str) -> None:
    def work(store: Store) -> None:
        with store.write() as session:
            empty_texts(session, session.scalars(select(ItemRow.id).where(ItemRow.url == url)).all())

    _with(settings, work)


def test_a_backup_brings_the_desk_back(settings: Settings, tmp_path: Path) -> None:
    made = _made(settings, tmp_path / "aside")
    assert made.file.stat().st_mode & 0o077 == 0
    assert made.manifest.counts["items"] == 2

    def change(store: Store) -> None:
        with store.write() as session:
            add_item(session, url=f"{NEWS}/2")

    _with(settings, change)
    done = restore(made.file, settings, actor="test", now=utc_now())
    assert _urls(settings) == sorted([NEWS, POST])
    assert _audit_holds(settings)
    assert (done.erased_items, done.erased_texts, done.migrated, done.unread) == (0, 0, False, ())
    assert done.aside is not None
    assert _urls(Settings(data_dir=done.aside)) == sorted([NEWS, f"{NEWS}/2", POST])


def test_a_backup_is_in_the_audit_log_of_both(settings: Settings, tmp_path: Path) -> None:
    made = _made(settings, tmp_path / "aside")
    restore(made.file, settings, actor="test", now=utc_now())
    made_again = _made(settings, tmp_path / "aside", now=utc_now() + timedelta(seconds=2))

    def actions(store: Store) -> list[str]:
        with store.read() as session:
            return list(session.scalars(select(AuditRow.action).order_by(AuditRow.id)))

    assert _with(settings, actions) == ["item.read", "backup.restore", "backup.make"]
    assert made_again.manifest.counts["audit"] == 2


def test_what_was_erased_since_stays_erased(settings: Settings, tmp_path: Path) -> None:
    made = _made(settings, tmp_path / "aside")
    _remove(settings, POST)
    _empty(settings, NEWS)
    done = restore(made.file, settings, actor="test", now=utc_now())
    assert (done.erased_items, done.erased_texts) == (1, 1)
    assert _urls(settings) == [NEWS]
    assert _texts(settings) == [""]
    assert _audit_holds(settings)
    # Once more, with a desk whose own list is of the restored database: those put aside are read too.
    assert restore(made.file, settings, actor="test", now=utc_now() + timedelta(seconds=2)).erased_items == 1


def test_a_passage_that_was_taken_out_does_not_come_back(settings: Settings, tmp_path: Path) -> None:
    """The older backup has it, so its item goes; a newer one has the item without it, which stays."""

    def take(store: Store) -> None:
        with store.write() as session:
            item = session.scalars(select(ItemRow).where(ItemRow.url == NEWS)).one()
            text_ = session.scalars(select(ItemVersionRow.text).where(ItemVersionRow.item_id == item.id)).one()
            strike(session, item.id, text_, utc_now())

    older = _made(settings, tmp_path / "aside")
    _with(settings, take)
    newer = _made(settings, tmp_path / "aside", now=utc_now() + timedelta(seconds=2))
    assert restore(newer.file, settings, actor="test", now=utc_now()).erased_items == 0
    assert _urls(settings) == sorted([NEWS, POST])
    assert restore(older.file, settings, actor="test", now=utc_now() + timedelta(seconds=4)).erased_items == 1
    assert _urls(settings) == [POST]


def test_a_list_beside_the_backup_helps_a_new_machine(settings: Settings, tmp_path: Path) -> None:
    old = _made(settings, tmp_path / "aside", with_key=True)
    _remove(settings, POST)
    _made(settings, tmp_path / "aside", now=utc_now() + timedelta(seconds=2))
    other = Settings(data_dir=tmp_path / "new")
    done = restore(old.file, other, actor="test", now=utc_now())
    assert (done.aside, done.erased_items) == (None, 1)
    assert _urls(other) == [NEWS]
    assert (tmp_path / "new" / KEY).stat().st_mode & 0o077 == 0
    assert _audit_holds(Settings(data_dir=tmp_path / "new"))


def test_an_item_that_was_found_again_is_another_find(settings: Settings) -> None:
    def work(store: Store) -> tuple[int, int]:
        with store.write() as session:
            session.execute(update(ItemRow).values(found_at=datetime(2024, 11, 25, tzinfo=UTC)))
            before = Erasure(url_key(POST), "item", datetime(2024, 11, 24, tzinfo=UTC))
            nothing = erasures.repeat(session, [before])
            assert nothing == (0, 0)
            return erasures.repeat(session, [before, replace(before, at=datetime(2024, 11, 26, tzinfo=UTC))])

    assert _with(settings, work) == (1, 0)


def test_the_database_itself_notes_what_is_erased(store: Store) -> None:
    """On both databases, whoever erases: also a statement that nobody of us wrote."""
    with store.write() as session:
        one = add_item(session, url=NEWS, text="Isi.")
        add_item(session, url=POST)
        session.execute(update(ItemVersionRow).where(ItemVersionRow.item_id == one).values(text="Isi baru."))
        assert session.scalar(select(func.count()).select_from(ErasedItemRow)) == 0
        session.execute(update(ItemVersionRow).where(ItemVersionRow.item_id == one).values(text=""))
        session.connection().execute(text("DELETE FROM items WHERE url = :url"), {"url": POST})
        found = [(row.url_key, row.what) for row in session.scalars(select(ErasedItemRow).order_by(ErasedItemRow.id))]
        assert found == [(url_key(NEWS), "text"), (url_key(POST), "item")]
        assert all(abs((row.at - utc_now()).total_seconds()) < 3600 for row in session.scalars(select(ErasedItemRow)))


def test_a_running_desk_is_not_replaced(settings: Settings, tmp_path: Path) -> None:
    made = _made(settings, tmp_path / "aside")
    with data_dir_lock(settings.data_dir), pytest.raises(AlreadyRunningError):
        restore(made.file, settings, actor="test", now=utc_now())


def _packed(parts: dict[str, bytes], *, link: str = "") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, data in parts.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        if link:
            info = tarfile.TarInfo(DATABASE)
            info.type, info.linkname = tarfile.SYMTYPE, link
            tar.addfile(info)
    return out.getvalue()


def _parts(file: Path) -> dict[str, bytes]:
    with tarfile.open(file) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]


def test_damaged_and_hostile_files_are_refused_and_change_nothing(settings: Settings, tmp_path: Path) -> None:
    made = _made(settings, tmp_path / "aside")
    whole, parts = made.file.read_bytes(), _parts(made.file)
    newer = json.loads(parts[MANIFEST]) | {"revision": "9999"}
    odd = json.loads(parts[MANIFEST]) | {"format": 2}
    changed = bytearray(parts[DATABASE])
    changed[-100] ^= 1
    files = {
        "cut": whole[: len(whole) // 2],
        "empty": b"",
        "noise": os.urandom(5000),
        "gzip of noise": gzip.compress(os.urandom(5000)),
        "another database": _packed({MANIFEST: parts[MANIFEST], DATABASE: bytes(changed)}),
        "no manifest": _packed({DATABASE: parts[DATABASE]}),
        "no database": _packed({MANIFEST: parts[MANIFEST]}),
        "out of the folder": _packed({MANIFEST: parts[MANIFEST], "../../waspada.db": parts[DATABASE]}),
        "link": _packed({MANIFEST: parts[MANIFEST]}, link="/etc/passwd"),
        "newer version": _packed({MANIFEST: json.dumps(newer).encode(), DATABASE: parts[DATABASE]}),
        "newer format": _packed({MANIFEST: json.dumps(odd).encode(), DATABASE: parts[DATABASE]}),
        "manifest of nothing": _packed({MANIFEST: b"[]", DATABASE: parts[DATABASE]}),
    }
    before = _urls(settings)
    for name, data in files.items():
        file = tmp_path / "bad.tar.gz"
        file.write_bytes(data)
        with pytest.raises(InputError):
            restore(file, settings, actor="test", now=utc_now())
        assert _urls(settings) == before, name
        assert not list(settings.data_dir.glob(".restore*")), name
        assert not list(settings.data_dir.glob("before-*")), name
    with pytest.raises(InputError):
        restore(tmp_path / "nothing.tar.gz", settings, actor="test", now=utc_now())


def test_another_key_is_refused(settings: Settings, tmp_path: Path) -> None:
    made = _made(settings, tmp_path / "aside")
    other = Settings(data_dir=tmp_path / "other")
    with pytest.raises(InputError, match=r"secret key"):
        restore(made.file, other, actor="test", now=utc_now())
    assert not (tmp_path / "other" / KEY).exists(), "a new key would never fit"
    assert _ok(other.secret_key)
    with pytest.raises(InputError, match=r"secret key"):
        restore(made.file, other, actor="test", now=utc_now())


def _ok(key: bytes) -> bool:
    return len(key) == 32


def test_a_broken_database_is_replaced_and_its_log_is_not_taken_for_the_new_ones(
    settings: Settings, tmp_path: Path
) -> None:
    made = _made(settings, tmp_path / "aside")
    (settings.data_dir / DATABASE).write_bytes(b"no database" * 1000)
    (settings.data_dir / f"{DATABASE}-wal").write_bytes(b"no log" * 1000)
    done = restore(made.file, settings, actor="test", now=utc_now())
    assert done.unread == (settings.data_dir / DATABASE,)
    assert _urls(settings) == sorted([NEWS, POST])


def test_only_so_many_are_kept(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "aside"
    (folder).mkdir()
    (folder / "laporan.tar.gz").write_text("not ours")
    start = utc_now()
    for number in range(4):
        made = _made(settings, folder, keep=2, now=start + timedelta(seconds=number))
    assert len(made.removed) == 1
    assert [path.name for path in backups_in(folder)] == sorted((p.name for p in backups_in(folder)), reverse=True)
    assert len(backups_in(folder)) == 2
    assert (folder / "laporan.tar.gz").exists()


def test_with_postgresql_it_says_which_tool_to_use(tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path, database_url="postgresql+psycopg://waspada:rahasia-sekali@db.example:5433/desk"
    )
    with pytest.raises(InputError) as caught:
        _made(settings, tmp_path)
    assert "pg_dump --format=custom --file=waspada-" in str(caught.value)
    assert '"postgresql://waspada@db.example:5433/desk"' in str(caught.value)
    assert "rahasia-sekali" not in str(caught.value)


def test_a_full_disk_leaves_nothing_and_is_said(settings: Settings, tmp_path: Path) -> None:
    """A limit on the size of files stands for a disk without room: the same error comes from the same call."""
    code = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from waspada.backups.making import make\n"
        "from waspada.errors import StoreError\n"
        "from waspada.settings import Settings\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "try:\n"
        "    make(Settings(data_dir=Path(sys.argv[1])), to=Path(sys.argv[2]), actor='test')\n"
        "except StoreError as error:\n"
        "    print(type(error).__name__)\n"
    )
    folder = tmp_path / "aside"
    done = subprocess.run(
        [sys.executable, "-c", code, str(settings.data_dir), str(folder)],
        cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.stdout.strip() in ("StoreFullError", "StoreError"), done.stderr
    assert [path.name for path in folder.iterdir()] == [".waspada-backup.lock"]
    assert resource.RLIM_INFINITY
    assert issubclass(StoreFullError, StoreError)


def test_a_desk_under_load_is_backed_up_killed_and_restored(tmp_path: Path) -> None:
    data, folder = tmp_path / "desk", tmp_path / "aside"
    put_empty_store(data)
    settings = Settings(data_dir=data)
    assert settings.secret_key
    writer = subprocess.Popen(
        [sys.executable, "-m", "tests.backups.writer", str(data)], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )
    try:
        assert writer.stdout is not None
        for _ in range(20):
            assert writer.stdout.readline()
        made = [_made(settings, folder, now=utc_now() + timedelta(seconds=n)) for n in range(3)]
        assert writer.poll() is None, "a backup must not stop the desk"
        with pytest.raises(AlreadyRunningError):
            restore(made[0].file, settings, actor="test", now=utc_now())
    finally:
        os.kill(writer.pid, signal.SIGKILL)
        writer.communicate()
    for one in made:
        counts = one.manifest.counts
        assert 20 <= counts["items"] <= counts["audit"], "one moment, not several"
    newest = made[-1]
    restore(newest.file, settings, actor="test", now=utc_now())
    assert len(_urls(settings)) == newest.manifest.counts["items"]
    assert _audit_holds(settings)


def test_what_a_killed_backup_left_is_no_backup_and_goes_with_the_next(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "aside"
    code = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from waspada.backups import making\n"
        "from waspada.settings import Settings\n"
        "making._pack = lambda draft, *rest, **_: (draft.write_bytes(b'half'), os._exit(9))\n"
        "making.make(Settings(data_dir=Path(sys.argv[1])), to=Path(sys.argv[2]), actor='test')\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", code, str(settings.data_dir), str(folder)], cwd=REPOSITORY, check=False, timeout=120
    )
    assert killed.returncode == 9
    assert backups_in(folder) == []
    assert len(list(folder.glob(".waspada-*.part*"))) == 2
    made = _made(settings, folder)
    assert sorted(path.name for path in folder.iterdir()) == [
        ".waspada-backup.lock", "erasures.jsonl", made.file.name,
    ]  # fmt: skip


def test_two_backups_at_once_do_not_meet(settings: Settings, tmp_path: Path) -> None:
    with making._alone(tmp_path / "aside"), pytest.raises(AlreadyRunningError):
        _made(settings, tmp_path / "aside")


@pytest.mark.parametrize("line", ["x", "{}", '{"key": 1}', '{"key": "a", "what": "item", "at": "gestern"}'])
def test_a_list_that_is_none_is_refused(tmp_path: Path, line: str) -> None:
    file = tmp_path / "list.jsonl"
    file.write_text(f'{{"key": "a", "what": "item", "at": "2024-11-24T00:00:00+00:00"}}\n{line}\n')
    with pytest.raises(InputError, match="Line 2"):
        erasures.read(file)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"\xff", b'{"format": 1}', b"null"])
def test_a_manifest_that_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        Manifest.read(data)


def test_the_commands(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WASPADA_DATA_DIR", str(settings.data_dir))
    runner = CliRunner()
    folder = tmp_path / "aside"
    done = runner.invoke(app, ["backup", "--to", str(folder)], catch_exceptions=False)
    assert done.exit_code == 0
    (file,) = backups_in(folder)
    assert str(file) in done.output
    _remove(settings, POST)
    exported = runner.invoke(app, ["erasures", "export", str(tmp_path / "list.jsonl")], catch_exceptions=False)
    assert "1 erasures" in exported.output
    done = runner.invoke(app, ["restore", str(file)], catch_exceptions=False)
    assert "erased again: 1 items, 0 texts" in done.output
    repeated = runner.invoke(app, ["erasures", "repeat", str(tmp_path / "list.jsonl")], catch_exceptions=False)
    assert "erased again: 0 items" in repeated.output
    assert issubclass(InputError, WaspadaError)


def _put_model(settings: Settings, name: str = "uji-id-v1~3") -> Path:
    """A model that was made here, and what a training is at work on."""
    folder = settings.data_dir / "models" / name
    folder.mkdir(parents=True)
    (folder / "config.json").write_text('{"kind": "uji"}')
    (folder / "words.npz").write_bytes(b"\x00\x01" * 500)
    (folder.with_name(f"{name}.work")).mkdir()
    (folder.with_name(f"{name}.work") / "config.json").write_text("{}")
    return folder


def test_the_models_that_were_made_here_come_back(settings: Settings, tmp_path: Path) -> None:
    folder = _put_model(settings)
    made = _made(settings, tmp_path / "backups")
    assert set(made.manifest.models) == {f"models/{folder.name}/config.json", f"models/{folder.name}/words.npz"}
    (folder / "words.npz").unlink()
    (folder / "config.json").unlink()
    folder.rmdir()
    restore(made.file, settings, actor="test", now=utc_now())
    assert (folder / "words.npz").read_bytes() == b"\x00\x01" * 500
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "words.npz"]
    assert not list(settings.data_dir.glob(".restore*"))


def test_a_model_that_is_there_is_left_alone(settings: Settings, tmp_path: Path) -> None:
    folder = _put_model(settings)
    made = _made(settings, tmp_path / "backups")
    before = (folder / "config.json").stat().st_ino
    restore(made.file, settings, actor="test", now=utc_now())
    assert (folder / "config.json").stat().st_ino == before


def test_a_backup_of_before_has_no_models(settings: Settings, tmp_path: Path) -> None:
    made = _made(settings, tmp_path / "backups")
    old = json.loads(made.manifest.as_json())
    del old["models"]
    assert Manifest.read(json.dumps(old).encode()).models == {}


HOSTILE = ["models/../waspada.db", "models/a/b/c", "models/a", "../a/b", "models//a", "models/a/.."]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_model_that_leads_elsewhere_is_refused(settings: Settings, tmp_path: Path, name: str) -> None:
    parts = _parts(_made(settings, tmp_path / "backups").file)
    manifest = json.loads(parts[MANIFEST]) | {"models": {name: "0" * 64}}
    hostile = tmp_path / "hostile.tar.gz"
    hostile.write_bytes(_packed({**parts, MANIFEST: json.dumps(manifest).encode(), name: b"x"}))
    with pytest.raises(InputError, match="no part of a backup"):
        restore(hostile, settings, actor="test", now=utc_now())
    assert not list(settings.data_dir.glob(".restore*"))


def test_a_model_that_was_changed_in_a_backup_is_refused(settings: Settings, tmp_path: Path) -> None:
    name = f"models/{_put_model(settings).name}/words.npz"
    parts = _parts(_made(settings, tmp_path / "backups").file)
    changed = tmp_path / "changed.tar.gz"
    changed.write_bytes(_packed({**parts, name: b"?" + parts[name][1:]}))
    with pytest.raises(InputError, match="checksum"):
        restore(changed, settings, actor="test", now=utc_now())
