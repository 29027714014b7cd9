"""Settings: one name each, the environment before the file, and no slip passes silently."""

from __future__ import annotations

import base64
import secrets
from pathlib import Path
from typing import Any

import pytest

from gutschein import settings as module
from gutschein.db.embedded import CLUSTER
from gutschein.secrets import resolve_secrets
from gutschein.settings import Settings, SettingsError

EXTERNAL = "postgresql://clerk:s3cret@db.example/gutschein"
TOKEN = "a-token-of-thirty-two-characters"
KEY = bytes(range(32))


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_nothing_needs_to_be_set() -> None:
    settings = Settings.load({"PATH": "/usr/bin", "PGPORT": "9"})
    assert settings.embedded
    assert settings.database_owner_url is None
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8000, 1)
    assert settings.max_body_bytes == 1_048_576
    assert settings.qr_prefix == "HTTP://127.0.0.1:8000/V/"


def test_data_lies_in_the_checkout_or_else_where_xdg_wants_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Settings.load({}).data_dir == Path(module.__file__).parents[1] / "var"
    monkeypatch.setattr(module, "_CHECKOUT", tmp_path)
    assert Settings.load({"XDG_DATA_HOME": "/srv"}).data_dir == Path("/srv/gutschein")
    assert Settings.load({}).data_dir == Path.home() / ".local/share/gutschein"


def test_the_environment_wins_over_the_file() -> None:
    written(Path("gutschein.toml"), 'port = 8001\nhost = "0.0.0.0"\n')
    settings = Settings.load({"GUTSCHEIN_PORT": "9000"})
    assert (settings.port, settings.host) == (9000, "0.0.0.0")


def test_a_named_file_is_read_instead_of_the_one_that_lies_there(tmp_path: Path) -> None:
    written(Path("gutschein.toml"), "port = 8001")
    named = written(tmp_path / "etc" / "town.toml", "port = 8002")
    assert Settings.load({"GUTSCHEIN_SETTINGS": str(named)}).port == 8002
    assert Settings.load({}, file=named).port == 8002


def test_paths_count_from_where_they_were_written(tmp_path: Path) -> None:
    file = written(tmp_path / "etc" / "town.toml", 'data_dir = "data"')
    assert Settings.load({}, file=file).data_dir == tmp_path / "etc" / "data"
    assert Settings.load({"GUTSCHEIN_DATA_DIR": "data"}).data_dir == tmp_path / "data"


@pytest.mark.parametrize(
    ("env", "names"),
    [
        ({"GUTSCHEIN_PROT": "1"}, "GUTSCHEIN_PROT .* did you mean GUTSCHEIN_PORT"),
        ({"GUTSCHEIN_DATABASE_URL": EXTERNAL}, "GUTSCHEIN_DATABASE_URL is not a setting"),
        ({"GUTSCHEIN_PORT": "many"}, "GUTSCHEIN_PORT"),
        ({"GUTSCHEIN_PORT": "0"}, "GUTSCHEIN_PORT"),
        ({"GUTSCHEIN_PORT": "65536"}, "GUTSCHEIN_PORT"),
        ({"GUTSCHEIN_WORKERS": "0"}, "GUTSCHEIN_WORKERS"),
        ({"GUTSCHEIN_POOL_SIZE": "1.5"}, "GUTSCHEIN_POOL_SIZE"),
        ({"GUTSCHEIN_DATA_DIR": ""}, "GUTSCHEIN_DATA_DIR is empty"),
        ({"DATABASE_URL": ""}, "DATABASE_URL is empty"),
        ({"DATABASE_URL": "mysql://db.example/x"}, "only PostgreSQL 15"),
        ({"DATABASE_URL": "postgresql+psycopg://db.example/x"}, "only PostgreSQL 15"),
        ({"DATABASE_URL": "db.example"}, "DATABASE_URL must look like"),
        ({"DATABASE_URL": "postgresql://db.example:port/x"}, "DATABASE_URL must look like"),
        ({"GUTSCHEIN_DATABASE_OWNER_URL": EXTERNAL}, "needs DATABASE_URL beside it"),
        ({"GUTSCHEIN_PUBLIC_URL": "gutschein.example"}, "GUTSCHEIN_PUBLIC_URL must look like"),
        ({"GUTSCHEIN_PUBLIC_URL": "ftp://gutschein.example"}, "must look like https://host"),
        ({"GUTSCHEIN_PUBLIC_URL": "https://me@gutschein.example"}, "must look like https://host"),
        ({"GUTSCHEIN_PUBLIC_URL": "https://gutschein.example:x"}, "must look like https://host"),
        ({"GUTSCHEIN_PUBLIC_URL": "https://gutschein.example/shop"}, "must end after the host"),
        ({"GUTSCHEIN_PUBLIC_URL": "https://zwönitz.example"}, "does not fit into a QR code"),
        ({"GUTSCHEIN_PUBLIC_URL": f"https://{'a' * 40}.de"}, "does not fit into a QR code"),
        ({"GUTSCHEIN_API_TOKEN": TOKEN, "GUTSCHEIN_API_TOKEN_FILE": "t"}, "both set"),
        ({"GUTSCHEIN_SETTINGS": "nowhere.toml"}, "nowhere.toml"),
    ],
)
def test_a_slip_in_the_environment_is_named(env: dict[str, str], names: str) -> None:
    with pytest.raises(SettingsError, match=names):
        Settings.load(env)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("prot = 1", "prot in .*town.toml is not a setting; did you mean port"),
        ('port = "8000"', "port in .*town.toml"),
        ("data_dir = 7", "data_dir in .*town.toml"),
        ("port = ", "town.toml is not TOML"),
        ("[database]\nurl = 1", "database in .*town.toml is not a setting"),
    ],
)
def test_a_slip_in_the_file_is_named(tmp_path: Path, text: str, names: str) -> None:
    with pytest.raises(SettingsError, match=names):
        Settings.load({}, file=written(tmp_path / "town.toml", text))


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_any_postgresql_url_gets_our_driver(scheme: str) -> None:
    url = f"{scheme}://clerk:s3cret@db.example/gutschein?sslmode=require"
    settings = Settings.load({"DATABASE_URL": url})
    expected = "postgresql+asyncpg://clerk:s3cret@db.example/gutschein?ssl=require"
    assert settings.database_url == settings.database_owner_url == expected
    assert not settings.embedded


def test_the_owner_may_sign_in_otherwise() -> None:
    owner = "postgresql://owner@db.example/gutschein"
    settings = Settings.load({"DATABASE_URL": EXTERNAL, "GUTSCHEIN_DATABASE_OWNER_URL": owner})
    assert settings.database_owner_url == "postgresql+asyncpg://owner@db.example/gutschein"


def test_the_public_address_stands_before_the_token() -> None:
    settings = Settings.load({"GUTSCHEIN_PUBLIC_URL": "https://gutschein.zwoenitz.example/"})
    assert settings.public_url == "https://gutschein.zwoenitz.example"
    assert settings.qr_prefix == "HTTPS://GUTSCHEIN.ZWOENITZ.EXAMPLE/V/"
    assert Settings.load({"GUTSCHEIN_PORT": "9000"}).public_url == "http://127.0.0.1:9000"


def test_no_secret_is_shown() -> None:
    env = {
        "DATABASE_URL": EXTERNAL,
        "GUTSCHEIN_API_TOKEN": TOKEN,
        "GUTSCHEIN_KEY_ENCRYPTION_KEY": KEY.hex(),
    }
    settings = Settings.load(env)
    shown = repr(settings) + str(settings) + repr(resolve_secrets(settings))
    for secret in ("s3cret", TOKEN, KEY.hex(), repr(KEY)):
        assert secret not in shown
    assert "db.example" in shown


def secrets_for(**given: str) -> Any:
    env = {"GUTSCHEIN_DATA_DIR": "data"}  # in the test's own folder
    return resolve_secrets(Settings.load(env | {f"GUTSCHEIN_{k}": v for k, v in given.items()}))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (KEY.hex(), KEY),
        (KEY.hex().upper(), KEY),
        (base64.b64encode(KEY).decode(), KEY),
        (base64.urlsafe_b64encode(b"\xff" * 32).decode().rstrip("="), b"\xff" * 32),
    ],
)
def test_the_key_is_read_in_hex_and_base64(text: str, key: bytes) -> None:
    assert secrets_for(KEY_ENCRYPTION_KEY=text).key_encryption_key == key


@pytest.mark.parametrize("text", ["short", KEY.hex()[:-2], KEY.hex() + "00", "ß" * 64, "g" * 64])
def test_a_wrong_key_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(SettingsError, match="KEY_ENCRYPTION_KEY must be 32 bytes") as refused:
        secrets_for(KEY_ENCRYPTION_KEY=text)
    assert text not in str(refused.value)


@pytest.mark.parametrize("text", ["short", "with a space in between", "ümlaut-ümlaut-ümlaut"])
def test_a_token_that_no_header_can_carry_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="GUTSCHEIN_API_TOKEN must have 16"):
        secrets_for(API_TOKEN=text)


def test_secrets_come_from_files(tmp_path: Path) -> None:
    token = written(tmp_path / "token", TOKEN + "\n")
    key = written(tmp_path / "key", KEY.hex() + "\n")
    found = secrets_for(API_TOKEN_FILE=str(token), KEY_ENCRYPTION_KEY_FILE=str(key))
    assert (found.api_token, found.key_encryption_key) == (TOKEN, KEY)


@pytest.mark.parametrize("text", [None, ""])
def test_a_named_file_must_be_there_and_hold_a_secret(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "token"
    if text is not None:
        path.write_text(text)
    with pytest.raises(SettingsError, match="GUTSCHEIN_API_TOKEN"):
        secrets_for(API_TOKEN_FILE=str(path))


def test_beside_the_embedded_database_they_are_made_once(tmp_path: Path) -> None:
    settings = Settings.load({"GUTSCHEIN_DATA_DIR": str(tmp_path / "data")})
    made = resolve_secrets(settings)
    assert resolve_secrets(settings) == made
    folder = tmp_path / "data" / "secrets"
    assert {path.name for path in folder.iterdir()} == {"api-token", "key-encryption-key"}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in folder.iterdir())
    other = resolve_secrets(Settings.load({"GUTSCHEIN_DATA_DIR": str(tmp_path / "other")}))
    assert other.key_encryption_key != made.key_encryption_key
    assert other.api_token != made.api_token


def test_when_two_make_them_at_once_the_first_wins(
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


@pytest.mark.parametrize("name", ["API_TOKEN", "KEY_ENCRYPTION_KEY"])
def test_a_separate_database_wants_them_set(tmp_path: Path, name: str) -> None:
    env = {
        "DATABASE_URL": EXTERNAL,
        "GUTSCHEIN_DATA_DIR": str(tmp_path / "data"),
        "GUTSCHEIN_API_TOKEN": TOKEN,
        "GUTSCHEIN_KEY_ENCRYPTION_KEY": KEY.hex(),
    }
    del env[f"GUTSCHEIN_{name}"]
    with pytest.raises(SettingsError, match=f"set GUTSCHEIN_{name} or GUTSCHEIN_{name}_FILE"):
        resolve_secrets(Settings.load(env))
    assert not (tmp_path / "data").exists()
