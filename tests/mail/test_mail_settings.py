"""Settings of mail: what belongs together, and what is refused before the service starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from gutschein.mail.outbox import mail_is_on
from gutschein.secrets import resolve_secrets
from gutschein.settings import Settings, SettingsError

SERVER = {
    "GUTSCHEIN_SMTP_HOST": "mail.example.org",
    "GUTSCHEIN_SMTP_SENDER": "Stadtgutschein <gutschein@example.org>",
}
ACCOUNT = {"GUTSCHEIN_SMTP_USER": "gutschein", "GUTSCHEIN_SMTP_PASSWORD": "geheim-0815"}


def test_without_a_server_no_mail_is_sent() -> None:
    assert not mail_is_on(Settings.load({}))
    assert mail_is_on(Settings.load(SERVER))


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"GUTSCHEIN_SMTP_HOST": "mail.example.org"}, "GUTSCHEIN_SMTP_SENDER must be set"),
        ({"GUTSCHEIN_SMTP_SENDER": "g@example.org"}, "GUTSCHEIN_SMTP_HOST must be set"),
        (SERVER | {"GUTSCHEIN_SMTP_USER": "g"}, "GUTSCHEIN_SMTP_PASSWORD must be set"),
        (SERVER | {"GUTSCHEIN_SMTP_PASSWORD": "g"}, "GUTSCHEIN_SMTP_USER must be set"),
        (SERVER | {"GUTSCHEIN_SMTP_SENDER": "gutschein"}, "GUTSCHEIN_SMTP_SENDER is no e-mail"),
        (SERVER | {"GUTSCHEIN_SMTP_SECURITY": "ssl"}, "GUTSCHEIN_SMTP_SECURITY"),
        (SERVER | ACCOUNT | {"GUTSCHEIN_SMTP_SECURITY": "none"}, "must not be none"),
        (SERVER | {"GUTSCHEIN_HISTORY_HEAD_TO": "nobody"}, "HEAD_TO is no e-mail address"),
        ({"GUTSCHEIN_HISTORY_HEAD_TO": "k@example.org"}, "needs GUTSCHEIN_SMTP_HOST"),
        (
            SERVER | ACCOUNT | {"GUTSCHEIN_SMTP_PASSWORD_FILE": "/etc/hostname"},
            "are both set: keep one",
        ),
    ],
)
def test_a_slip_is_named(env: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        Settings.load(env)


def test_the_password_comes_from_a_file_and_is_shown_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "smtp-password"
    path.write_text("geheim-0815\n", encoding="utf-8")
    account = {"GUTSCHEIN_SMTP_USER": "gutschein", "GUTSCHEIN_SMTP_PASSWORD_FILE": str(path)}
    key = {"GUTSCHEIN_KEY_ENCRYPTION_KEY": bytes(32).hex()}
    from_file = resolve_secrets(Settings.load(SERVER | account | key))
    assert from_file.smtp_password == "geheim-0815"
    settings = Settings.load(SERVER | ACCOUNT | key)
    assert resolve_secrets(settings).smtp_password == "geheim-0815"
    assert "geheim" not in repr(settings) + repr(from_file)
