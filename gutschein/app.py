"""The only wiring: settings in, the whole service out."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime

import msgspec
from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide

from gutschein.audit import auditor_database
from gutschein.audit_api import router as audit
from gutschein.db.embedded import EmbeddedPostgres
from gutschein.db.engine import create_engine
from gutschein.db.migrate import require_current_schema
from gutschein.db.unit_of_work import Database
from gutschein.kernel.clock import utc_now
from gutschein.merchants.api import router as merchants
from gutschein.payments.api import router as payments
from gutschein.programmes.api import router as programmes
from gutschein.redemption.api import router as redemption
from gutschein.secrets import Secrets, resolve_secrets
from gutschein.settings import Settings, SettingsError
from gutschein.settlement.api import router as settlement
from gutschein.settlement.netting_api import router as netting
from gutschein.signing.api import router as keys
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.towns.api import router as towns
from gutschein.vouchers.api import router as vouchers
from gutschein.web import errors_api, health
from gutschein.web.body import StrictRequest
from gutschein.web.guard import require_token
from gutschein.web.methods import with_head_and_options
from gutschein.web.openapi import openapi_config
from gutschein.web.problem import to_problem
from gutschein.web.providers import PROVIDERS

#: Everything the service answers. Each router brings its own paths.
ROUTERS = (
    health.router,
    errors_api.router,
    towns,
    merchants,
    programmes,
    payments,
    vouchers,
    redemption,
    settlement,
    netting,
    keys,
    audit,
)

#: The subjects of the API, in the order its description shows them.
TAGS = {
    "Towns": "Regions, their towns, VAT rates, and which town honours whose vouchers.",
    "Merchants": "Who takes vouchers and who hands them out.",
    "Programmes": "Kinds of voucher.",
    "Payments": "Money that has come in for vouchers.",
    "Vouchers": "Issued against payments, printed, blocked, replaced, expired.",
    "Redemption": "Spending a voucher, and taking it back on the same day.",
    "Settlement": "The month's end: statements, payouts and what the bank says of them.",
    "Netting": "What the towns of a region owe one another, in the fewest payments.",
    "Keys": "The public keys that vouchers are verified with.",
    "Audit": "Whether every cent is covered, recomputed on the spot.",
    "Errors": "What problem documents mean.",
    "Health": "For load balancers and watchers.",
}


def create_app(
    settings: Settings,
    *,
    secrets: Secrets | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Litestar:
    """Wire the service. It opens its database when it starts and closes it when it stops.

    :param settings: with a ``database_url``; an embedded database must be running.
    :param secrets: those of *settings* unless given.
    :param clock: what every request takes its instant from, aware and in UTC.
    :raises SettingsError: when a secret or the database's address is missing. Starting
        raises ``SchemaMismatch`` when code and schema differ.
    """
    if settings.database_url is None:
        raise SettingsError("the embedded database must be started before the service")
    secrets = secrets or resolve_secrets(settings)
    app = Litestar(
        route_handlers=ROUTERS,
        request_class=StrictRequest,
        request_max_body_size=settings.max_body_bytes,
        guards=[require_token],
        dependencies=PROVIDERS | {"kek": Provide(_kek, sync_to_thread=False)},
        exception_handlers={Exception: to_problem},
        openapi_config=openapi_config(settings.public_url, TAGS),
        lifespan=[_opened_database(settings.database_url, settings.pool_size)],
        logging_config=None,
    )
    app.state.api_token = secrets.api_token
    app.state.kek = KeyEncryptionKey(secrets.key_encryption_key)
    app.state.clock = clock
    app.state.qr_prefix = settings.qr_prefix
    app.asgi_handler = with_head_and_options(app)
    return app


def create_from_environment() -> Litestar:
    """Wire the service from environment and settings file: the factory for an ASGI server.

    Without a database of its own it uses the embedded one, which it shares with the
    process that has started it, or starts and stops by itself.
    """
    settings = Settings.load(os.environ)
    secrets = resolve_secrets(settings)
    if not settings.embedded:
        return create_app(settings, secrets=secrets)
    server = EmbeddedPostgres(settings.data_dir)
    url = server.attach_or_start()
    app = create_app(msgspec.structs.replace(settings, database_url=url), secrets=secrets)
    app.on_shutdown.append(server.stop)
    return app


def _kek(state: State) -> KeyEncryptionKey:
    kek: KeyEncryptionKey = state.kek
    return kek


def _opened_database(
    url: str, pool_size: int
) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        engine = create_engine(url, pool_size=pool_size)
        database, for_audit = Database(engine), auditor_database(url)
        try:
            await require_current_schema(engine)
            app.state.database = database
            app.state.auditor_database = for_audit
            app.state.schema = await health.schema_of(database)
            yield
        finally:
            await database.close()
            await for_audit.close()

    return lifespan
