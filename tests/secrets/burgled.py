"""An installation as it comes out of the box, in which something of everything has happened."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import asyncpg
import msgspec
from api_fixtures import OTHER_IBAN, Api, Clock, started, towns_path
from everybody import ANNA, BERND, PREPARE_EVERYBODY, Everybody
from litestar import Litestar

from gutschein.app import create_app
from gutschein.db.access import IDENTITY
from gutschein.db.embedded import EmbeddedPostgres
from gutschein.db.engine import create_engine
from gutschein.db.migrate import migrate
from gutschein.db.unit_of_work import Database
from gutschein.identity.links import make_link
from gutschein.identity.persons import create_person
from gutschein.identity.totp import new_secret
from gutschein.mail.message import Mail
from gutschein.mail.outbox import enqueue
from gutschein.secrets import Secrets, resolve_secrets
from gutschein.settings import Settings
from gutschein.signing.service_keys import ServiceKeys
from tests.conftest import plain_url
from tests.web.furniture import furnish

PASSWORD = "Glückauf im Schneegestöber 1702"
EMAIL = "clara.kassenwart@zwoenitz.example"
NEW_HOLDER = "Zacharias Umzug"
CONTACT = "laden@umzug.example"


@dataclass
class Installation:
    """It, and what is secret in it: all of which a thief would like to have.

    :param names: ids of what was furnished, by name.
    :param told: secrets that were shown to somebody once and are nowhere but with them.
    """

    settings: Settings
    secrets: Secrets
    database_url: str
    clock: Clock
    names: dict[str, str]
    told: list[str]
    link: str = ""

    @property
    def superuser_url(self) -> str:
        return plain_url(self.database_url, "gutschein")

    def app(self) -> Litestar:
        return create_app(self.settings, secrets=self.secrets, clock=self.clock)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Api]:
        """Its service, and a caller who may do everything unless the request says otherwise."""
        everybody = Everybody(self.superuser_url, self.clock)
        try:
            async with started(self.app()) as client:
                client.auth = everybody
                yield Api(client)
        finally:
            await everybody.close()


@contextmanager
def installed(folder: Path) -> Iterator[Installation]:
    """Set one up, with a key-encryption key of its own making."""
    embedded = Settings(data_dir=folder)
    secrets = resolve_secrets(embedded)
    with EmbeddedPostgres(folder) as server:
        url = server.start()
        settings = msgspec.structs.replace(embedded, database_url=url)
        installation = Installation(settings, secrets, url, Clock(), {}, [])
        asyncio.run(_live_in(installation))
        yield installation


async def _live_in(it: Installation) -> None:
    await migrate(it.database_url)
    owner = await asyncpg.connect(it.superuser_url)
    for statement in PREPARE_EVERYBODY:
        await owner.execute(statement)
    await owner.close()
    everybody = Everybody(it.superuser_url, it.clock)
    app = it.app()
    async with started(app) as client:
        client.auth = everybody
        it.names = await furnish(Api(client), it.clock)
        await _move_account(Api(client), it)
        await _sell_with_pin(Api(client), it)
        await _let_somebody_in(it, app)
    shop = everybody._keys.values()
    sessions = [await everybody.session_of(person) for person in (ANNA, BERND)]
    it.told += [it.names["presented"], *sessions, *(token for token, _ in shop)]
    await everybody.close()


async def _move_account(api: Api, it: Installation) -> None:
    """A shop that is to be paid to another account: asked for, approved, told and logged."""
    account = {"iban": OTHER_IBAN, "account_holder": NEW_HOLDER, "contact_email": CONTACT}
    terms = {"kind": "payout_account", "merchant_id": it.names["merchant_id"]} | account
    await api.approved(it.names["town_id"], terms)
    spaced = " ".join(OTHER_IBAN[at : at + 4] for at in range(0, len(OTHER_IBAN), 4))
    it.told += [OTHER_IBAN, spaced, NEW_HOLDER, CONTACT]


async def _sell_with_pin(api: Api, it: Installation) -> None:
    """Two vouchers that are redeemed with a PIN besides."""
    town = {"id": it.names["town_id"]}
    programme = await api.new_programme(town, name="Geheimart mit PIN", pin_from_cents=1_000)
    payment = await api.new_payment(town)
    sold = {"programme_id": programme["id"], "payment_id": payment["id"]}
    await api.made(towns_path(town, "batches"), sold | {"value_cents": 1_000, "count": 2})


async def _let_somebody_in(it: Installation, app: Litestar) -> None:
    """A person with everything that one signs in with, and mail to them that was not sent."""
    database, now = Database(create_engine(it.database_url)), it.clock.now
    keys: ServiceKeys = app.state.service_keys
    totp_secret = new_secret()
    async with database.acting(IDENTITY).unit_of_work() as work:
        person_id = await create_person(
            work,
            keys,
            name="Clara Kassenwart",
            email=EMAIL,
            password=PASSWORD,
            totp_secret=totp_secret,
            now=now,
        )
        link = await make_link(
            work, person_id, "recovery", by=None, ends_at=now + timedelta(days=1), now=now
        )
        await enqueue(work, keys, Mail(EMAIL, "Ihr Zugang", f"Hier: {link}\n", "de"), now)
    await database.close()
    it.link = link
    it.told += [EMAIL, PASSWORD, totp_secret, link]
