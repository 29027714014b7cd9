from __future__ import annotations

from pathlib import Path

import pytest

from gutschein.settings import Settings, SettingsError

STANDARD = "OTEL_EXPORTER_OTLP_ENDPOINT"
OURS = "GUTSCHEIN_OTLP_ENDPOINT"


def settings(tmp_path: Path, **env: str) -> Settings:
    return Settings.load({"GUTSCHEIN_DATA_DIR": str(tmp_path)} | env)


def test_nothing_is_shown_or_sent_unless_asked_for(tmp_path: Path) -> None:
    plain = settings(tmp_path)
    assert (plain.metrics_listener, plain.otlp_endpoint) == (None, None)


@pytest.mark.parametrize(
    ("text", "listener"),
    [
        ("127.0.0.1:9464", ("127.0.0.1", 9464)),
        ("[::1]:9464", ("::1", 9464)),
        ("metrics.internal:80", ("metrics.internal", 80)),
    ],
)
def test_the_metrics_address_has_a_host_and_a_port(
    tmp_path: Path, text: str, listener: tuple[str, int]
) -> None:
    assert settings(tmp_path, GUTSCHEIN_METRICS_ADDRESS=text).metrics_listener == listener


@pytest.mark.parametrize(
    "text", ["9464", ":9464", "::1:9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:9464\n"]
)
def test_half_an_address_is_told_of(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match="GUTSCHEIN_METRICS_ADDRESS"):
        settings(tmp_path, GUTSCHEIN_METRICS_ADDRESS=text)


def test_the_standard_s_own_variable_says_where_traces_go(tmp_path: Path) -> None:
    assert settings(tmp_path, **{STANDARD: "http://a:4318"}).otlp_endpoint == "http://a:4318"
    both = {STANDARD: "http://a:4318", OURS: "http://b:4318"}
    assert settings(tmp_path, **both).otlp_endpoint == "http://b:4318"
    # Empty is as unset (OpenTelemetry, environment variables).
    assert settings(tmp_path, **{STANDARD: ""}).otlp_endpoint is None
    with pytest.raises(SettingsError, match=STANDARD):
        settings(tmp_path, **{STANDARD: "collector:4317"})
