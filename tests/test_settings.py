"""Settings: one name each, the environment before the file, and no slip passes silently."""

from __future__ import annotations

from pathlib import Path

import pytest

from gutschein import settings as module
from gutschein.settings import Settings, SettingsError

EXTERNAL = "postgresql://clerk:s3cret@db.example/gutschein"


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
        (
            {"GUTSCHEIN_KEY_ENCRYPTION_KEY": "00", "GUTSCHEIN_KEY_ENCRYPTION_KEY_FILE": "key"},
            "GUTSCHEIN_KEY_ENCRYPTION_KEY and GUTSCHEIN_KEY_ENCRYPTION_KEY_FILE are both set",
        ),
        (
            {
                "GUTSCHEIN_KEY_ENCRYPTION_KEY_PREVIOUS_FILE": "key",
                "GUTSCHEIN_KEY_ENCRYPTION_KEY_PREVIOUS_COMMAND": "cat key",
            },
            "PREVIOUS_FILE and GUTSCHEIN_KEY_ENCRYPTION_KEY_PREVIOUS_COMMAND are both set",
        ),
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
