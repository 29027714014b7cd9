"""What an operator can set, from the environment and one optional TOML file.

Each setting has one name: ``port`` in the file is ``GUTSCHEIN_PORT`` in the environment,
which wins. ``database_url`` alone is ``DATABASE_URL``, as everywhere else. A name that is
not known and a value that is empty are errors, so that a slip never starts the service
with other settings, or on another database, than its operator believes.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, get_type_hints
from urllib.parse import urlsplit

import msgspec
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from gutschein.limits.client import ForwardedHeader, Proxies, parse_proxies
from gutschein.mail.message import UnusableAddress, envelope_address, sender_address
from gutschein.mail.smtp import Security
from gutschein.storefront.tiles import BASEMAP_DE, BASEMAP_MAKERS, TILES_PATTERN
from gutschein.watch.log_lines import LogFormat

PREFIX = "GUTSCHEIN_"
FILE_VARIABLE = "GUTSCHEIN_SETTINGS"
#: What OpenTelemetry calls ``otlp_endpoint`` (OTLP Exporter Configuration).
OTLP_VARIABLE = "OTEL_EXPORTER_OTLP_ENDPOINT"
DEFAULT_FILE = Path("gutschein.toml")
QR_PREFIX_MAX = 45
"""Characters before the token that a QR code of version 8 at level M has room for."""

WebAddress = Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s\\]+$(?!\n)", max_length=500)]
_ADDRESS = r"^(\[[0-9A-Fa-f:.]+\]|[^\s:\[\]]+):[0-9]{1,5}$(?!\n)"

_CHECKOUT = Path(__file__).resolve().parents[1]
_QR_PREFIX = re.compile(r"[0-9A-Z $%*+./:-]+")  # what a QR code writes two in 11 bits
_SECRETS = ("key_encryption_key", "key_encryption_key_previous", "smtp_password")
_SECRET_SOURCES = ("", "_file", "_command")
_HIDDEN = {*_SECRETS, *(f"{name}_command" for name in _SECRETS)}
_DRIVER = "postgresql+asyncpg"


class SettingsError(Exception):
    """A setting is missing, unknown or wrong. Its text names it and says what to do."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that may differ from one installation to the next. Its repr hides secrets."""

    data_dir: Path
    """Folder of the embedded database and its secrets."""
    database_url: str | None = None
    """PostgreSQL 15 or newer; ``None`` starts the embedded one under ``data_dir``."""
    database_owner_url: str | None = None
    """The role that may change the schema; ``database_url`` where none is named."""
    pool_size: Annotated[int, msgspec.Meta(ge=1, le=100)] = 10
    """Database connections of one worker."""
    clearing_connections: Annotated[int, msgspec.Meta(ge=1, le=64)] = 4
    """Further ones of one worker, that redeem: two of a town at once."""
    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 8000
    workers: Annotated[int, msgspec.Meta(ge=1, le=64)] = 1
    """Processes that serve requests."""
    public_url: str = ""
    """Where people reach the service; it stands in every QR code, so it must stay."""
    imprint_url: WebAddress | None = None
    """The imprint that the law asks for; at the foot of every page, as the next two."""
    privacy_url: WebAddress | None = None
    """What the service knows of people, and why."""
    accessibility_url: WebAddress | None = None
    """How accessible the service is, and where to complain."""
    map_tiles_url: Annotated[str, msgspec.Meta(pattern=TILES_PATTERN)] = BASEMAP_DE
    """Pictures of the map of shops, fetched by whoever asks for the map; ``none``: no map."""
    map_attribution: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] = BASEMAP_MAKERS
    """Whom the map names as its maker."""
    max_body_bytes: Annotated[int, msgspec.Meta(ge=1024, le=1 << 30)] = 1 << 20
    """The longest request that is read."""
    request_timeout_seconds: Annotated[int, msgspec.Meta(ge=1, le=120)] = 30
    """How long a request may take to arrive, and again to be answered."""
    stop_delay_seconds: Annotated[float, msgspec.Meta(ge=0, le=60)] = 0.5
    """How long it goes on answering, but as not ready, when it is told to stop."""
    log_format: LogFormat = "text"
    """``text`` for people, ``json`` for machines, one line each either way."""
    log_redemptions: bool = True
    """Whether every redemption, sale and reversal has its line in the log."""
    metrics_address: Annotated[str, msgspec.Meta(pattern=_ADDRESS)] | None = None
    """Where Prometheus finds metrics, as ``127.0.0.1:9464``; nothing there is for the public."""
    otlp_endpoint: WebAddress | None = None
    """Where traces go, as ``http://127.0.0.1:4318``; needs ``gutschein[traces]``."""
    payout_change_waiting_days: Annotated[int, msgspec.Meta(ge=0, le=60)] = 3
    """Days from the approval of another payout account to the first payout to it."""
    trusted_proxies: str = "none"
    """Networks of the proxies that say where requests come from, between commas."""
    forwarded_header: ForwardedHeader = "x-forwarded-for"
    """The header in which those proxies say it."""
    key_encryption_key: str | None = None
    """32 bytes in hex or base64. They open the signing keys in the database."""
    key_encryption_key_file: Path | None = None
    key_encryption_key_command: str | None = None
    """A program and its arguments that writes the key, run without a shell."""
    key_encryption_key_previous: str | None = None
    """Keys that still open what they have sealed, and seal nothing more."""
    key_encryption_key_previous_file: Path | None = None
    key_encryption_key_previous_command: str | None = None
    smtp_host: str | None = None
    """The server that takes our mails; without one, none are sent."""
    smtp_port: Annotated[int, msgspec.Meta(ge=1, le=65535)] | None = None
    """587, or 465 with ``tls``, or 25 with ``none``, unless set."""
    smtp_security: Security = "starttls"
    """``starttls`` or ``tls``; ``none`` only for a server on the same machine."""
    smtp_user: str | None = None
    smtp_password: str | None = None
    smtp_password_file: Path | None = None
    smtp_sender: str | None = None
    """Whom mails are from: ``Stadtgutschein <gutschein@example.org>``."""
    history_head_to: str | None = None
    """An address outside the house that the heads of the history are sent to, once a day."""

    def __post_init__(self) -> None:
        public_url = self.public_url or f"http://127.0.0.1:{self.port}"
        owner_url = self.database_owner_url or self.database_url
        msgspec.structs.force_setattr(self, "public_url", _checked_public_url(public_url))
        msgspec.structs.force_setattr(self, "database_url", _checked_url(self.database_url))
        msgspec.structs.force_setattr(self, "database_owner_url", _checked_url(owner_url))
        _checked_proxies(self.trusted_proxies, self.forwarded_header)
        if self.database_url is None and owner_url is not None:
            raise SettingsError("GUTSCHEIN_DATABASE_OWNER_URL needs DATABASE_URL beside it")
        for name in _SECRETS:
            sources = [name + source for source in _SECRET_SOURCES]
            given = [each for each in sources if getattr(self, each, None) is not None]
            if len(given) > 1:
                first, second = map(variable_of, given[:2])
                raise SettingsError(f"{first} and {second} are both set: keep one")
        _check_mail(self)

    @property
    def embedded(self) -> bool:
        """Whether the database is the embedded one."""
        return self.database_url is None

    @property
    def qr_prefix(self) -> str:
        """What stands before the token in a QR code, such as ``HTTPS://HOST/V/``."""
        return _qr_prefix(self.public_url)

    @property
    def proxies(self) -> Proxies:
        """The proxies that are believed when they say where a request comes from."""
        return _checked_proxies(self.trusted_proxies, self.forwarded_header)

    @property
    def metrics_listener(self) -> tuple[str, int] | None:
        """Host and port of ``metrics_address``."""
        if self.metrics_address is None:
            return None
        host, _, port = self.metrics_address.rpartition(":")
        return host.strip("[]"), int(port)

    def __repr__(self) -> str:
        shown = {}
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if value is not None and name in _HIDDEN:
                value = "***"
            elif value is not None and name.startswith("database_"):
                value = make_url(value).render_as_string(hide_password=True)
            shown[name] = value
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in shown.items())})"

    @classmethod
    def load(cls, env: Mapping[str, str], *, file: Path | None = None) -> Settings:
        """Read the settings from *env* and the settings file.

        The file is *file*, else the one that ``GUTSCHEIN_SETTINGS`` names, else
        ``gutschein.toml`` in the working directory where there is one. A relative path
        in the file counts from the file's folder, one in the environment from the
        working directory.

        :raises SettingsError: naming what is unknown, empty or wrong.
        """
        values: dict[str, Any] = {"data_dir": default_data_dir(env)}
        path = file or _file_of(env)
        if path is not None:
            values |= _from_file(path)
        if env.get(OTLP_VARIABLE):
            values["otlp_endpoint"] = _converted(
                "otlp_endpoint", env[OTLP_VARIABLE], OTLP_VARIABLE, Path(), strict=False
            )
        values |= _from_environment(env)
        return cls(**values)


def variable_of(name: str) -> str:
    """Return the environment variable of the setting *name*."""
    return "DATABASE_URL" if name == "database_url" else PREFIX + name.upper()


def default_data_dir(env: Mapping[str, str]) -> Path:
    """Return where data goes unless set: ``var/`` in a checkout, else where XDG wants it."""
    if (_CHECKOUT / "pyproject.toml").is_file():
        return _CHECKOUT / "var"
    shared = env.get("XDG_DATA_HOME", "")
    base = Path(shared) if Path(shared).is_absolute() else Path.home() / ".local" / "share"
    return base / "gutschein"


def _file_of(env: Mapping[str, str]) -> Path | None:
    if FILE_VARIABLE in env:
        return Path(env[FILE_VARIABLE])
    return DEFAULT_FILE if DEFAULT_FILE.exists() else None


def _from_file(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as opened:
            table = tomllib.load(opened)
    except OSError as error:
        raise SettingsError(f"settings file {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"settings file {path} is not TOML: {error}") from error
    values = {}
    for key, value in table.items():
        source = f"{key} in {path}"
        if key not in Settings.__struct_fields__:
            raise SettingsError(_unknown(source, key, Settings.__struct_fields__))
        values[key] = _converted(key, value, source, path.parent, strict=True)
    return values


def _from_environment(env: Mapping[str, str]) -> dict[str, Any]:
    names = {variable_of(name): name for name in Settings.__struct_fields__}
    values = {}
    for variable, text in env.items():
        if variable in names:
            name = names[variable]
            values[name] = _converted(name, text, variable, Path(), strict=False)
        elif variable.startswith(PREFIX) and variable != FILE_VARIABLE:
            raise SettingsError(_unknown(variable, variable, [*names, FILE_VARIABLE]))
    return values


def _unknown(source: str, name: str, known: list[str] | tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"{source} is not a setting" + (f"; did you mean {near[0]}?" if near else "")


def _converted(name: str, value: object, source: str, folder: Path, *, strict: bool) -> Any:
    if value == "":
        raise SettingsError(f"{source} is empty: give it a value or remove it")

    def as_path(kind: type, text: object) -> object:
        if kind is Path and isinstance(text, str):
            return (folder / Path(text).expanduser()).absolute()
        raise SettingsError(f"{source}: a path is expected")

    kind = get_type_hints(Settings, include_extras=True)[name]
    try:
        return msgspec.convert(value, kind, strict=strict, dec_hook=as_path)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{source}: {error}") from error


def _checked_url(text: str | None) -> str | None:
    """Name our driver in a PostgreSQL URL, and translate libpq's word for TLS."""
    if text is None:
        return None
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise SettingsError(
            f"{variable_of('database_url')} must look like postgresql://user:password@host/name"
        ) from None
    if url.drivername not in {"postgres", "postgresql", _DRIVER}:
        raise SettingsError(
            f"the database URL is of {url.drivername}, but only PostgreSQL 15 or newer will do"
        )
    query = {"ssl" if key == "sslmode" else key: value for key, value in url.query.items()}
    return url.set(drivername=_DRIVER, query=query).render_as_string(hide_password=False)


def _checked_proxies(text: str, header: ForwardedHeader) -> Proxies:
    names = [] if text == "none" else [name.strip() for name in text.split(",")]
    try:
        return parse_proxies(names, header)
    except ValueError as error:
        raise SettingsError(
            f"{variable_of('trusted_proxies')} must name networks such as 10.0.0.0/8, "
            f"»unix« or »none«: {error}"
        ) from None


def _checked_public_url(text: str) -> str:
    try:
        url = urlsplit(text)
        whole = url.scheme in {"http", "https"} and bool(url.hostname) and url.port != 0
    except ValueError:
        whole = False
    if not whole or "@" in url.netloc:
        raise SettingsError(f"{variable_of('public_url')} must look like https://host: {text}")
    if url.path not in {"", "/"} or url.query or url.fragment:
        raise SettingsError(f"{variable_of('public_url')} must end after the host: {text}")
    prefix = _qr_prefix(text)
    if len(prefix) > QR_PREFIX_MAX or not _QR_PREFIX.fullmatch(prefix):
        raise SettingsError(
            f"{variable_of('public_url')} does not fit into a QR code: {prefix} may have "
            f"{QR_PREFIX_MAX} characters, letters without accents, digits, dots and hyphens"
        )
    return f"{url.scheme}://{url.netloc}"


def _qr_prefix(public_url: str) -> str:
    url = urlsplit(public_url)
    return f"{url.scheme}://{url.netloc}/V/".upper()


def _check_mail(settings: Settings) -> None:
    given = settings.smtp_password or settings.smtp_password_file
    needs = {
        "smtp_host": settings.smtp_user or given or settings.smtp_sender,
        "smtp_sender": settings.smtp_host,
        "smtp_user": given,
        "smtp_password": settings.smtp_user,
    }
    there = {"smtp_password": given}
    for name, wanted in needs.items():
        if wanted is not None and there.get(name, getattr(settings, name)) is None:
            raise SettingsError(f"to send mail, {variable_of(name)} must be set too")
    if settings.history_head_to is not None and settings.smtp_host is None:
        raise SettingsError(f"{variable_of('history_head_to')} needs {variable_of('smtp_host')}")
    if settings.smtp_security == "none" and settings.smtp_user is not None:
        raise SettingsError(
            f"{variable_of('smtp_security')} must not be none with a password: it would be "
            "sent for everybody to read"
        )
    for name in ("smtp_sender", "history_head_to"):
        text = getattr(settings, name)
        try:
            if text is not None:
                (sender_address if name == "smtp_sender" else envelope_address)(text)
        except UnusableAddress:
            raise SettingsError(f"{variable_of(name)} is no e-mail address: {text}") from None
