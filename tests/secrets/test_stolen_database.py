"""With the whole database, but without the key-encryption key, a thief gets nothing.

Each attempt is made twice: without the key it must fail, and with the key it must succeed,
or else it would prove nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from api_fixtures import OTHER_IBAN, Api, fresh_id
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from burgled import CONTACT, EMAIL, NEW_HOLDER, PASSWORD, Installation, installed
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from thief import Loot, Thief, main, steal

from gutschein.db.access import CLEARING, IDENTITY
from gutschein.db.engine import create_engine
from gutschein.db.unit_of_work import Database
from gutschein.devices.api_key_token import Token
from gutschein.identity.links import find_link
from gutschein.identity.password_rules import normal_password
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.signing.code import parse_code
from gutschein.signing.key_trust import published_keys
from gutschein.signing.service_keys import ServiceKeys
from gutschein.signing.token import (
    TokenClaims,
    sign_token,
    to_base32,
    verify_token,
)

HOUR = timedelta(hours=1)
HASHES = ("md5", "sha1", "sha256", "sha512", "sha3_256", "blake2b")
EXPIRY = int(datetime(2030, 1, 1, tzinfo=UTC).timestamp())

#: What every installation of some months has sealed in it.
SEALED_PLACES = {
    "activation_code.sealed_code",
    "approval_request.sealed_terms",
    "bank_entry.sealed_details",
    "code_key.sealed_key",
    "deposit.sealed_payer_iban",
    "deposit.sealed_payer_name",
    "deposit.sealed_remittance",
    "mail_outbox.sealed_content",
    "mail_outbox.sealed_to",
    "merchant.sealed_contact_email",
    "payout_account.sealed_account_holder",
    "payout_account.sealed_iban",
    "payout_file.sealed_content",
    "person.sealed_email",
    "person.sealed_totp",
    "service_key.sealed_key",
    "signing_key.sealed_private_key",
    "statement.sealed_account_holder",
    "statement.sealed_iban",
    "town.sealed_trust_account_holder",
    "town.sealed_trust_iban",
    "voucher.sealed_code",
    "voucher.sealed_pin",
}


@pytest.fixture(scope="module")
def burgled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("data")) as installation:
        yield installation


@pytest.fixture(scope="module")
def loot(burgled: Installation) -> Loot:
    return asyncio.run(steal(burgled.superuser_url, burgled.settings.data_dir))


@pytest.fixture(scope="module")
def thief(loot: Loot) -> Thief:
    return Thief(loot)


@pytest.fixture(scope="module")
def with_key(burgled: Installation, loot: Loot) -> Thief:
    """The same thief, who found the key-encryption key as well."""
    return Thief(loot, burgled.secrets.key_encryption_key)


# what lies about


def test_everything_that_is_sealed_is_in_the_loot_and_opens_with_the_key(with_key: Thief) -> None:
    sealed = {each.name for each in with_key._sealed()}
    assert {name.split()[0] for name in sealed} >= SEALED_PLACES
    assert sealed == set(with_key.opened)


def test_nothing_opens_without_it(thief: Thief) -> None:
    assert thief.tried > 50_000
    assert thief.opened == {}
    assert thief.signing_keys == {}


def test_no_secret_stands_in_any_row_or_file(
    burgled: Installation, loot: Loot, with_key: Thief
) -> None:
    """Not even in what PostgreSQL wrote down on the way: its log, and its journal."""
    assert any("pg_wal" in name for name in loot.files)
    secret = {text for text in with_key.opened.values() if len(text) >= 8}
    secret |= {text.encode() for text in burgled.told}
    secret |= {parse_code(burgled.names["presented"]), burgled.secrets.key_encryption_key}
    assert len(secret) > 25
    found = {where for each in secret for where in loot.places_of(each)}
    assert not found


def test_the_search_would_find_them(loot: Loot) -> None:
    """What stands there in clear is found, in rows and in files."""
    assert "town" in loot.places_of(b"Geheimstadt")
    assert any(name.startswith("postgres/base/") for name in loot.places_of(b"Geheimstadt"))
    kid = loot.tables["signing_key"][0]["public_key"]
    assert "signing_key" in loot.places_of(kid)


# redeem


async def redeem(api: Api, burgled: Installation, **presented: str) -> httpx.Response:
    """At an honest till, whose shop knows nothing."""
    shop = {name: burgled.names[name] for name in ("town_id", "merchant_id", "branch_id")}
    sale = {"id": fresh_id(), "amount_cents": 1} | shop | presented
    return await api.post("/api/v1/redemptions", sale)


async def test_they_redeem_nothing(burgled: Installation, thief: Thief, with_key: Thief) -> None:
    guesses = thief.guessed_codes()
    assert guesses  # how many is chance: what they open must happen to look like a code
    async with burgled.serving() as api:
        answers = [await redeem(api, burgled, code=code) for code in guesses[:20]]
        assert {answer.status_code for answer in answers} <= {404, 429}
    burgled.clock.now += HOUR
    async with burgled.serving() as api:
        answers = [await redeem(api, burgled, code=code) for code in with_key.codes()]
        assert 200 in {answer.status_code for answer in answers}


def test_a_pin_cannot_even_be_tried(loot: Loot, thief: Thief, with_key: Thief) -> None:
    """A million PINs are soon hashed: none of their hashes is worth anything without the key."""
    rows = [row for row in loot.tables["voucher"] if row["pin_hash"]]
    assert len({row["pin_hash"] for row in rows}) == 2
    for row in rows:
        named = f"{row['town_id']} {row['id']}"
        assert f"voucher.sealed_pin {named}" not in thief.opened
        pin, of_voucher = with_key.opened[f"voucher.sealed_pin {named}"], row["id"].bytes
        guesses = (pin, of_voucher + pin, b"pin" + of_voucher + pin, row["code_hash"] + pin)
        hashes = {hashlib.new(name, guess).digest() for guess in guesses for name in HASHES}
        assert not {where for each in hashes for where in loot.places_of(each)}
        key = with_key.opened[f"code_key.sealed_key {row['town_id']} lookup"]
        assert hmac.digest(key, b"pin" + of_voucher + pin, "sha256") == row["pin_hash"]


# sign


async def test_they_sign_nothing(burgled: Installation, loot: Loot, with_key: Thief) -> None:
    """A key of their own under a stolen kid deceives nobody; the stolen key would."""
    code = parse_code(with_key.codes()[0])
    claims = TokenClaims(code, 50_00, EXPIRY)
    database = Database(create_engine(burgled.database_url), CLEARING)
    async with database.reading() as work:
        keys = await published_keys(work)
    await database.close()
    own = Ed25519PrivateKey.generate()
    async with burgled.serving() as api:
        for row in loot.tables["signing_key"]:
            forged = sign_token(claims, row["kid"], own)
            with pytest.raises(Refusal, match=r"token\.signature"):
                verify_token(forged, keys, burgled.clock.now)
            answer = await redeem(api, burgled, token=to_base32(forged))
            assert answer.json()["code"] == "token.signature"
            stolen = with_key.signing_keys[row["kid"]]
            verify_token(sign_token(claims, row["kid"], stolen), keys, burgled.clock.now)


# read payout data


def test_they_read_no_payout_data(thief: Thief, with_key: Thief) -> None:
    def texts(of: Thief, table: str) -> list[str]:
        return [text.decode() for name, text in of.opened.items() if name.startswith(table)]

    for table, holds in (
        ("payout_account.sealed_iban", "DE89370400440532013000"),
        ("payout_account.sealed_account_holder", "Kerstin Beispiel"),
        ("payout_account.sealed_account_holder", NEW_HOLDER),
        ("approval_request.sealed_terms", OTHER_IBAN),
        ("merchant.sealed_contact_email", CONTACT),
        ("statement.sealed_iban", "DE89370400440532013000"),
        ("payout_file", "<IBAN>DE89370400440532013000</IBAN>"),
        ("town.sealed_trust_iban", "DE89370400440532013000"),
    ):
        assert not texts(thief, table)
        assert any(holds in text for text in texts(with_key, table)), table


def test_no_hash_of_payout_data_could_be_tried_out(loot: Loot, with_key: Thief) -> None:
    """An account number is too short to hide behind a hash, and so is what goes with it."""
    of_accounts = ("town", "payout_account", "statement", "payout_file")
    texts = {text for name, text in with_key.opened.items() if name.startswith(of_accounts)}
    assert len(texts) > 5
    hashes = {hashlib.new(name, text).digest() for text in texts for name in HASHES}
    assert not {where for each in hashes for where in loot.places_of(each)}


# sign in


async def test_no_stored_value_is_a_session_or_an_api_key(
    burgled: Installation, thief: Thief, loot: Loot
) -> None:
    async with burgled.serving() as api:
        assert (await api.get("/api/v1/towns")).status_code == 200
        cookies = [*thief.tokens("session", "token_hash"), *thief.tokens("session", "id")]
        keys = [
            *thief.tokens("api_key", "secret_hash"),
            *(
                Token(TownId(row["town_id"]), row["id"], row["secret_hash"]).text()
                for row in loot.tables["api_key"]
            ),
        ]
        assert len(cookies) > 10
        assert len(keys) > 5
        headers: list[dict[str, str]] = [
            *({"cookie": f"sitzung={each}"} for each in cookies),
            *({"authorization": f"Bearer {each}"} for each in keys),
        ]
        for header in headers:
            answer = await api.client.get("/api/v1/towns", headers=header)
            assert answer.status_code in {401, 429}, header


async def test_no_stored_value_is_a_link(burgled: Installation, thief: Thief) -> None:
    database = Database(create_engine(burgled.database_url), IDENTITY)
    guesses = thief.tokens("one_time_link", "token_hash")
    assert guesses
    async with database.reading() as work:
        assert await find_link(work, "recovery", burgled.link, burgled.clock.now)
        for token in guesses:
            with pytest.raises(Refusal, match=r"link\.unknown"):
                await find_link(work, "recovery", token, burgled.clock.now)
    await database.close()


async def test_no_stored_value_is_a_password(burgled: Installation, loot: Loot) -> None:
    """The thief knows whose account it is, and sends what they found in it."""
    [person] = [row for row in loot.tables["person"] if row["password_hash"]]
    guesses = [person["password_hash"], person["email_hash"].hex(), str(person["id"]), EMAIL]
    async with burgled.serving() as api:

        async def sign_in(password: str) -> httpx.Response:
            form = {"email": EMAIL, "password": password}
            own = {"sec-fetch-site": "same-origin"}
            return await api.client.post("/anmelden", data=form, auth=None, headers=own)

        answers = [await sign_in(guess) for guess in guesses]
        assert {answer.status_code for answer in answers} <= {401, 403, 422, 429}
        assert not any("sitzung" in answer.headers.get("set-cookie", "") for answer in answers)
        assert (await sign_in(PASSWORD)).status_code == 303


def test_a_password_cannot_even_be_tried(loot: Loot, thief: Thief, with_key: Thief) -> None:
    """Without the pepper the right guess looks like any other."""
    [stored] = [row["password_hash"] for row in loot.tables["person"] if row["password_hash"]]
    hasher, password = PasswordHasher(), normal_password(PASSWORD).encode()
    for guess in (password, stored.encode()):
        with pytest.raises(VerifyMismatchError):
            hasher.verify(stored, guess)
    assert not any(name.startswith("service_key") for name in thief.opened)
    pepper = ServiceKeys({"pepper": with_key.opened["service_key.sealed_key pepper"]})
    assert hasher.verify(stored, pepper.hmac("pepper", password))


# the script


@pytest.mark.slow
def test_the_script_says_what_it_got(
    burgled: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    here = ["--database", burgled.superuser_url, "--files", str(burgled.settings.data_dir)]
    assert main(here) == 0
    assert "0 opened" in capsys.readouterr().out
    assert main([*here, "--key", burgled.secrets.key_encryption_key.hex()]) == 1
    said = capsys.readouterr().out
    assert "payout_account.sealed_iban" in said
    assert EMAIL not in said
