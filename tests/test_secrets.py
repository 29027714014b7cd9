"""The key-encryption key comes from a value, a file or a command, and shows itself nowhere."""

from __future__ import annotations

import base64
import os
import secrets
import shlex
import sys
from pathlib import Path

import pytest

from gutschein import secrets as module
from gutschein.db.embedded import CLUSTER
from gutschein.secrets import Secrets, resolve_secrets
from gutschein.settings import Settings, SettingsError

EXTERNAL = "postgresql://clerk:s3cret@db.example/gutschein"
KEY, OLD, OLDER = bytes(range(32)), b"\xff" * 32, b"\x01" * 32


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def secrets_for(**given: str) -> Secrets:
    env = {"GUTSCHEIN_DATA_DIR": "data"}  # in the test's own folder
    return resolve_secrets(Settings.load(env | {f"GUTSCHEIN_{k}": v for k, v in given.items()}))


def program(text: str) -> str:
    """A command that runs a few lines of Python."""
    Path("key program.py").write_text(text, encoding="utf-8")
    return shlex.join([sys.executable, "key program.py"])


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (KEY.hex(), KEY),
        (KEY.hex().upper(), KEY),
        (base64.b64encode(KEY).decode(), KEY),
        (base64.urlsafe_b64encode(OLD).decode().rstrip("="), OLD),
    ],
)
def test_the_key_is_read_in_hex_and_base64(text: str, key: bytes) -> None:
    assert secrets_for(KEY_ENCRYPTION_KEY=text).key_encryption_key == key
    assert secrets_for(KEY_ENCRYPTION_KEY_COMMAND=f"echo {text}").key_encryption_key == key


@pytest.mark.parametrize("text", ["short", KEY.hex()[:-2], KEY.hex() + "00", "ß" * 64, "g" * 64])
@pytest.mark.parametrize("name", ["KEY_ENCRYPTION_KEY", "KEY_ENCRYPTION_KEY_PREVIOUS"])
def test_a_wrong_key_is_refused_without_showing_it(name: str, text: str) -> None:
    given = {"KEY_ENCRYPTION_KEY": KEY.hex()} | {name: text}
    with pytest.raises(SettingsError, match=f"{name} must be 32 bytes") as refused:
        secrets_for(**given)
    assert text not in str(refused.value)


def test_keys_come_from_files() -> None:
    Path("key").write_text(KEY.hex() + "\n")
    Path("previous").write_text(f"{OLD.hex()}\n{base64.b64encode(OLDER).decode()}\n")
    found = secrets_for(KEY_ENCRYPTION_KEY_FILE="key", KEY_ENCRYPTION_KEY_PREVIOUS_FILE="previous")
    assert (found.key_encryption_key, found.previous_keys) == (KEY, (OLD, OLDER))


@pytest.mark.parametrize("name", ["KEY_ENCRYPTION_KEY", "KEY_ENCRYPTION_KEY_PREVIOUS"])
@pytest.mark.parametrize("text", [None, ""])
def test_a_named_file_must_be_there_and_hold_a_key(name: str, text: str | None) -> None:
    if text is not None:
        Path("named").write_text(text)
    given = {"KEY_ENCRYPTION_KEY": KEY.hex()} if name.endswith("PREVIOUS") else {}
    with pytest.raises(SettingsError, match=f"GUTSCHEIN_{name}"):
        secrets_for(**given, **{f"{name}_FILE": "named"})


def test_a_command_is_run_without_a_shell() -> None:
    """What a shell would expand or run stays a word."""
    command = program(f"import sys\nassert sys.argv[1:] == ['$HOME;', '*']\nprint('{KEY.hex()}')")
    found = secrets_for(
        KEY_ENCRYPTION_KEY_COMMAND=f"{command} '$HOME;' *",
        KEY_ENCRYPTION_KEY_PREVIOUS_COMMAND=f"echo {OLD.hex()}, {OLDER.hex()}",
    )
    assert (found.key_encryption_key, found.previous_keys) == (KEY, (OLD, OLDER))


def test_a_command_gets_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = ("GUTSCHEIN_KEY_ENCRYPTION_KEY_PREVIOUS", "DATABASE_URL", "PGPASSWORD")
    for name in (*ours, "VAULT_ADDR"):
        monkeypatch.setenv(name, "s3cret")
    seen = program(
        "import os, pathlib\n"
        "pathlib.Path('seen').write_text(repr(dict(os.environ)))\n"
        f"print('{KEY.hex()}')"
    )
    secrets_for(KEY_ENCRYPTION_KEY_COMMAND=seen)
    written = Path("seen").read_text()
    assert "VAULT_ADDR" in written
    assert not [name for name in ours if name in written]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("print('{key}'); raise SystemExit(3)", "ended with exit code 3"),
        ("import time; print('{key}', flush=True); time.sleep(60)", "within 0.5 seconds"),
        ("import os; os.kill(os.getpid(), 9)", "ended with exit code -9"),
        ("import sys; sys.stderr.write('{key}'); print('{key}{key}')", "must be 32 bytes"),
        ("import sys; sys.stdout.buffer.write(bytes(range(256)))", "must be 32 bytes"),
    ],
)
def test_what_a_failing_command_wrote_is_not_repeated(
    text: str, says: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "COMMAND_SECONDS", 0.5)
    with pytest.raises(SettingsError, match=says) as refused:
        secrets_for(KEY_ENCRYPTION_KEY_COMMAND=program(text.format(key=KEY.hex())))
    chain = [refused.value, refused.value.__cause__, refused.value.__context__]
    shown = "".join(map(repr, chain)) + "".join(capfd.readouterr())
    assert KEY.hex() not in shown
    assert "KEY_ENCRYPTION_KEY" in str(refused.value)


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("/nowhere/key", "the program /nowhere/key cannot be run: No such file"),
        (os.fspath(Path(__file__)), "cannot be run: Permission denied"),
        ("echo 'open", "is a quotation mark missing"),
        ("   ", "is no command"),
    ],
)
def test_a_command_that_is_none_is_named(command: str, says: str) -> None:
    with pytest.raises(SettingsError, match=f"GUTSCHEIN_KEY_ENCRYPTION_KEY_COMMAND.*{says}"):
        secrets_for(KEY_ENCRYPTION_KEY_COMMAND=command)


def test_no_secret_is_shown() -> None:
    env = {
        "DATABASE_URL": EXTERNAL,
        "GUTSCHEIN_KEY_ENCRYPTION_KEY": KEY.hex(),
        "GUTSCHEIN_KEY_ENCRYPTION_KEY_PREVIOUS_COMMAND": f"echo {OLD.hex()}",
    }
    settings = Settings.load(env)
    found = resolve_secrets(settings)
    shown = repr(settings) + str(settings) + repr(found) + str(found)
    for secret in ("s3cret", KEY.hex(), repr(KEY), OLD.hex(), repr(OLD)):
        assert secret not in shown
    assert "db.example" in shown


def test_beside_the_embedded_database_it_is_made_once(tmp_path: Path) -> None:
    settings = Settings.load({"GUTSCHEIN_DATA_DIR": str(tmp_path / "data")})
    made = resolve_secrets(settings)
    assert resolve_secrets(settings) == made
    folder = tmp_path / "data" / "secrets"
    assert {path.name for path in folder.iterdir()} == {"key-encryption-key"}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in folder.iterdir())
    other = resolve_secrets(Settings.load({"GUTSCHEIN_DATA_DIR": str(tmp_path / "other")}))
    assert other.key_encryption_key != made.key_encryption_key


def test_when_two_make_it_at_once_the_first_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings.load({"GUTSCHEIN_DATA_DIR": str(tmp_path / "data")})

    def overtaken(_: int) -> str:
        monkeypatch.undo()
        resolve_secrets(settings)
        return "f" * 64

    monkeypatch.setattr(secrets, "token_hex", overtaken)
    found = resolve_secrets(settings)
    assert found.key_encryption_key != b"\xff" * 32
    assert resolve_secrets(settings) == found


def test_a_lost_key_is_not_replaced(tmp_path: Path) -> None:
    settings = Settings.load({"GUTSCHEIN_DATA_DIR": str(tmp_path)})
    made = resolve_secrets(settings)
    (tmp_path / CLUSTER).mkdir()
    assert resolve_secrets(settings) == made
    (tmp_path / "secrets" / "key-encryption-key").unlink()
    with pytest.raises(SettingsError, match="Put the file back"):
        resolve_secrets(settings)
    assert not (tmp_path / "secrets" / "key-encryption-key").exists()


def test_a_separate_database_wants_it_set(tmp_path: Path) -> None:
    env = {"DATABASE_URL": EXTERNAL, "GUTSCHEIN_DATA_DIR": str(tmp_path / "data")}
    with pytest.raises(SettingsError, match=r"KEY_ENCRYPTION_KEY, .*_FILE or .*_COMMAND"):
        resolve_secrets(Settings.load(env))
    assert not (tmp_path / "data").exists()
