from __future__ import annotations

from pathlib import Path

import pytest
from api_fixtures import started

from gutschein.app import create_app, create_from_environment
from gutschein.secrets import Secrets
from gutschein.settings import Settings, SettingsError

KEK_HEX = "00" * 32


def test_the_embedded_database_must_run_first(tmp_path: Path) -> None:
    secrets = Secrets(key_encryption_key=bytes(32))
    with pytest.raises(SettingsError, match="embedded"):
        create_app(Settings(data_dir=tmp_path), secrets=secrets)


def test_a_separate_database_wants_its_secrets_given(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="GUTSCHEIN_KEY_ENCRYPTION_KEY"):
        create_app(Settings(data_dir=tmp_path, database_url="postgresql://x@/x"))


async def test_the_environment_says_where_and_what(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("GUTSCHEIN_KEY_ENCRYPTION_KEY", KEK_HEX)
    app = create_from_environment()
    async with started(app):
        assert app.state.schema.name
