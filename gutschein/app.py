"""The only wiring: settings in, the whole service out."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from functools import partial

import msgspec
from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide
from sqlalchemy.exc import DBAPIError

from gutschein import jobs
from gutschein.approval_kinds import approval_kinds
from gutschein.approval_kinds import router as approvals
from gutschein.approvals.api import desk_of
from gutschein.approvals.pages import router as approval_pages
from gutschein.audit import auditor_database
from gutschein.audit_api import router as audit
from gutschein.counter.pages import ROUTERS as COUNTER
from gutschein.db.access import JOBS
from gutschein.db.embedded import EmbeddedPostgres
from gutschein.db.engine import REQUEST_IDLE_SECONDS, create_engine
from gutschein.db.migrate import require_current_schema
from gutschein.db.unit_of_work import Database
from gutschein.deposits.routes import ROUTERS as DEPOSITS
from gutschein.devices import cashier_pages, key_pages, pairing_pages
from gutschein.devices import pages as device_pages
from gutschein.devices.api import router as devices
from gutschein.devices.authenticators import api_key_authenticator, device_authenticator
from gutschein.devices.cashier_api import router as cashiers
from gutschein.devices.key_api import router as api_keys
from gutschein.devices.till_api import router as till
from gutschein.devices.till_credentials import TillCredentials
from gutschein.history.api import router as log
from gutschein.identity import (
    account_pages,
    factor_pages,
    passkey_pages,
    session_pages,
    set_up_pages,
)
from gutschein.identity import pages as sign_in_pages
from gutschein.identity.authenticator import session_authenticator
from gutschein.identity.site import Site
from gutschein.installation import kek_of
from gutschein.job_list import job_list
from gutschein.kernel.clock import SteadyClock, utc_now
from gutschein.limits.counting import Limits
from gutschein.limits.credentials import Credentials
from gutschein.limits.local import LocalLimit
from gutschein.limits.rules import CALLER
from gutschein.mail.outbox import mail_is_on
from gutschein.merchants.api import router as merchants
from gutschein.merchants.payout_api import router as payout_requests
from gutschein.motifs.api import router as motifs
from gutschein.offline.routes import routers as offline
from gutschein.offline.status import StatusLists
from gutschein.offline.terms import offline_limits
from gutschein.payments.api import router as payments
from gutschein.people import api as people_api
from gutschein.people import invitation_pages, recovery_pages
from gutschein.people import pages as people_pages
from gutschein.programmes.api import router as programmes
from gutschein.redemption.api import router as redemption
from gutschein.redemption.bulk_api import router as bulk
from gutschein.redemption.clearing import Clearing
from gutschein.redemption.day_api import router as day
from gutschein.redemption.express import Express
from gutschein.redemption.pages import router as balance_pages
from gutschein.secrets import Secrets, resolve_secrets
from gutschein.settings import Settings, SettingsError
from gutschein.settlement.api import router as settlement
from gutschein.settlement.netting_api import router as netting
from gutschein.settlement.statement_pages import choice_router as statement_choice
from gutschein.settlement.statement_pages import router as statement_pages
from gutschein.shop.fulfilment import Fulfilment
from gutschein.shop.routes import ROUTERS as SHOP
from gutschein.signing.api import router as keys
from gutschein.signing.key_check import open_keys
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.signing.service_keys import ServiceKeys
from gutschein.storefront.pages import towns_to_choose
from gutschein.storefront.routes import routers as storefronts
from gutschein.storefront.tiles import tiles_of
from gutschein.towns.api import router as towns
from gutschein.towns.service import towns_of_region
from gutschein.vouchers.api import router as vouchers
from gutschein.watch import traces
from gutschein.watch.requests import watched
from gutschein.web import health, static
from gutschein.web.body import StrictRequest
from gutschein.web.guard import require_right
from gutschein.web.methods import with_head_and_options
from gutschein.web.openapi import openapi_config
from gutschein.web.outage import is_outage
from gutschein.web.pages import LegalPages
from gutschein.web.problem import to_problem
from gutschein.web.providers import PROVIDERS
from gutschein.web.request_limits import RequestLimits
from gutschein.web.routes import routers as web
from gutschein.web.security_headers import headers_of_data, with_security_headers
from gutschein.web.subjects import TAGS

_log = logging.getLogger(__name__)

#: What part of a worker's database connections the public may use at once; the rest is for
#: tills and town halls.
PUBLIC_SHARE = 3

#: Everything the service answers. Each router brings its own paths.
ROUTERS = (
    *web,
    sign_in_pages.router,
    set_up_pages.router,
    account_pages.router,
    session_pages.router,
    factor_pages.router,
    passkey_pages.router,
    towns,
    merchants,
    payout_requests,
    motifs,
    *storefronts,
    *SHOP,
    devices,
    till,
    cashiers,
    api_keys,
    device_pages.choice_router,
    device_pages.router,
    pairing_pages.router,
    pairing_pages.till_router,
    cashier_pages.router,
    key_pages.router,
    programmes,
    payments,
    *DEPOSITS,
    vouchers,
    *COUNTER,
    redemption,
    bulk,
    day,
    balance_pages,
    *offline,
    settlement,
    statement_choice,
    statement_pages,
    netting,
    log,
    approvals,
    approval_pages,
    people_api.router,
    people_pages.router,
    invitation_pages.router,
    recovery_pages.router,
    keys,
    audit,
)


def create_app(
    settings: Settings,
    *,
    secrets: Secrets | None = None,
    clock: Callable[[], datetime] | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> Litestar:
    """Wire the service. It opens its database when it starts and closes it when it stops.

    :param settings: with a ``database_url``; an embedded database must be running.
    :param secrets: those of *settings* unless given.
    :param clock: gives every request its instant, aware and in UTC; the machine's unless given.
    :param stopping: tells whether the service is about to stop.
    :raises SettingsError: when a secret or the database's address is missing. Starting
        raises ``SchemaMismatch`` when code and schema differ, and ``KekMismatch`` when the
        key-encryption key is not the one that the database needs.
    """
    if settings.database_url is None:
        raise SettingsError("the embedded database must be started before the service")
    secrets = secrets or resolve_secrets(settings)
    static.files()  # rather now than at the first page
    schema = health.OwnSchema()
    app = Litestar(
        route_handlers=ROUTERS,
        request_class=StrictRequest,
        request_max_body_size=settings.max_body_bytes,
        middleware=[RequestLimits(settings.request_timeout_seconds)],
        guards=[schema.require, require_right],
        dependencies=PROVIDERS
        | {
            "kek": Provide(_kek, sync_to_thread=False),
            "keys": Provide(_service_keys, sync_to_thread=False),
            "desk": Provide(desk_of, sync_to_thread=False),
            "paid": Provide(_paid, sync_to_thread=False),
            "offline_of": Provide(lambda: offline_limits, sync_to_thread=False),
        },
        exception_handlers={Exception: to_problem},
        openapi_config=openapi_config(settings.public_url, TAGS),
        lifespan=[
            lambda _: traces.sending(settings.otlp_endpoint),
            _opened_database(
                settings.database_url, settings.pool_size, settings.clearing_connections
            ),
            _running_jobs(settings, secrets),
        ],
        logging_config=None,
    )
    app.state.schema = schema
    app.state.doubts = [stopping, lambda: app.state.clearing.is_full]
    app.state.authenticators = [
        api_key_authenticator,
        device_authenticator,
        session_authenticator,
    ]
    tills = TillCredentials()
    app.state.swift_authenticators = [tills.api_key, tills.device, session_authenticator]
    app.state.towns_of = towns_of_region
    app.state.towns_to_choose = towns_to_choose
    app.state.kek = kek_of(secrets)
    app.state.approval_kinds = approval_kinds(settings)
    app.state.clock = clock or SteadyClock(utc_now)
    app.state.qr_prefix = settings.qr_prefix
    app.state.public_url = settings.public_url
    app.state.map_tiles = tiles_of(settings.map_tiles_url, settings.map_attribution)
    app.state.legal_pages = LegalPages(
        settings.imprint_url, settings.privacy_url, settings.accessibility_url
    )
    app.state.site = Site.of(settings.public_url)
    app.state.proxies = settings.proxies
    app.state.mail_is_on = mail_is_on(settings)
    secure = settings.public_url.startswith("https:")
    handler = with_security_headers(with_head_and_options(app), secure=secure)
    express = Express(
        handler, app, tills, headers_of_data(secure=secure), settings.request_timeout_seconds
    )
    app.asgi_handler = watched(express, stopping, traced=settings.otlp_endpoint is not None)
    return app


def create_from_environment(stopping: Callable[[], bool] = lambda: False) -> Litestar:
    """Wire the service from environment and settings file: the factory for an ASGI server.

    Without a database of its own it uses the embedded one, which it shares with the
    process that has started it, or starts and stops by itself.
    """
    settings = Settings.load(os.environ)
    secrets = resolve_secrets(settings)
    if not settings.embedded:
        return create_app(settings, secrets=secrets, stopping=stopping)
    server = EmbeddedPostgres(settings.data_dir)
    url = server.attach_or_start()
    settings = msgspec.structs.replace(settings, database_url=url)
    app = create_app(settings, secrets=secrets, stopping=stopping)
    app.on_shutdown.append(server.stop)
    return app


def _kek(state: State) -> KeyEncryptionKey:
    kek: KeyEncryptionKey = state.kek
    return kek


def _paid(state: State) -> Fulfilment:
    return Fulfilment(state.kek)


def _service_keys(state: State) -> ServiceKeys:
    keys: ServiceKeys = state.service_keys
    return keys


async def _checked(schema: Callable[[], Awaitable[str]]) -> str:
    """Wait until the database answers, and check its schema; return it.

    A worker that ended instead would be made anew and end again; the server takes that for a
    mistake of ours and stops, the workers that live included.

    :raises SchemaMismatch: as :func:`require_current_schema`.
    """
    while True:
        try:
            return await schema()
        except (DBAPIError, OSError) as error:
            if not is_outage(error):
                raise
            _log.warning("waiting for the database: %s", error)
        await asyncio.sleep(1)


def _opened_database(
    url: str, pool_size: int, clearing_connections: int
) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        engine = create_engine(url, pool_size=pool_size, idle_timeout_seconds=REQUEST_IDLE_SECONDS)
        database, for_audit = Database(engine), auditor_database(url)
        try:
            own_schema = await _checked(partial(require_current_schema, engine))
            app.state.database = database
            app.state.auditor_database = for_audit
            async with database.acting(JOBS).unit_of_work() as work:
                app.state.service_keys = await open_keys(work, app.state.kek, app.state.clock())
            app.state.limits = Limits(database, partial(app.state.service_keys.hmac, "lookup"))
            app.state.credentials = Credentials(app.state.limits)
            app.state.caller_limit = LocalLimit(CALLER)
            app.state.clearing = await Clearing.open(
                database, url, app.state.kek, connections=clearing_connections
            )
            app.state.status_lists = StatusLists(database, app.state.kek)
            app.state.public_room = asyncio.Semaphore(max(1, pool_size // PUBLIC_SHARE))
            try:
                async with app.state.schema.watched(database, own_schema):
                    yield
            finally:
                await app.state.clearing.close()
        finally:
            await database.close()
            await for_audit.close()

    return lifespan


def _running_jobs(
    settings: Settings, secrets: Secrets
) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        engine = create_engine(
            settings.database_url or "", role=JOBS.role, pool_size=jobs.CONNECTIONS
        )
        todo = job_list(settings, secrets, app.state.kek, app.state.service_keys)
        try:
            clock, schema = app.state.clock, app.state.schema
            async with jobs.running(Database(engine), todo, clock, lambda: schema.has_changed):
                yield
        finally:
            await engine.dispose()

    return lifespan
