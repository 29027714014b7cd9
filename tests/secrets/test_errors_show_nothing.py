"""What goes wrong is said and logged without what was being kept secret."""

from __future__ import annotations

import logging
import traceback

import pytest
from api_fixtures import Clock, served, towns_path
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from towns_with_keys import KEY, new_region, new_town

from gutschein.db.access import JOBS, Access
from gutschein.db.unit_of_work import Database
from gutschein.kernel.errors import Refusal
from gutschein.signing.data_keys import town_data_keys
from gutschein.signing.sealing import KeyEncryptionKey
from tests.conftest import ConnectAs

SECRET = "DE89370400440532013000"


async def test_an_error_of_the_database_does_not_repeat_what_was_to_be_stored(
    fresh_database: Database,
) -> None:
    with pytest.raises(DBAPIError) as failed:
        async with fresh_database.unit_of_work() as work:
            await work.execute(text("SELECT CAST(:iban AS text) || nothing"), {"iban": SECRET})
    shown = "".join(traceback.format_exception(failed.value))
    assert "nothing" in shown
    assert SECRET not in shown
    assert SECRET not in repr(failed.value)


async def test_a_key_that_does_not_open_is_named_by_its_id_alone(fresh_database: Database) -> None:
    kek = KeyEncryptionKey(KEY)
    town_id = await new_town(fresh_database, await new_region(fresh_database), kek)
    async with fresh_database.acting(JOBS).unit_of_work() as work:
        altered = "UPDATE code_key SET sealed_key = set_byte(sealed_key, 20, 0)"
        await work.execute(text(f"{altered} WHERE get_byte(sealed_key, 20) > 0"))
    with pytest.raises(Refusal) as refused:
        async with fresh_database.acting(Access.town(town_id)).reading() as work:
            await town_data_keys(work, town_id, kek)
    shown = "".join(traceback.format_exception(refused.value))
    assert kek.id in shown
    assert KEY.hex() not in shown
    assert repr(KEY) not in shown


async def test_a_broken_seal_is_logged_and_answered_without_what_was_sealed(
    connect: ConnectAs, fresh_database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with served(fresh_database_url, Clock()) as api:
        town = await api.new_town()
        sold = {
            "programme_id": (await api.new_programme(town))["id"],
            "payment_id": (await api.new_payment(town))["id"],
            "value_cents": 25_00,
        }
        batch = await api.made(towns_path(town, "batches"), sold)
        document = towns_path(town, f"batches/{batch['id']}/document")
        assert (await api.get(document)).status_code == 200
        owner = await connect(fresh_database_url, "postgres")
        async with owner.unit_of_work() as work:
            await work.execute(text("UPDATE voucher SET sealed_code = sealed_code || '\\x00'"))
        with caplog.at_level(logging.DEBUG):
            answer = await api.get(document)
    assert answer.status_code == 500
    assert "seal" not in answer.text.lower()
    assert "BrokenSeal" in caplog.text
    assert bytes(32).hex() not in caplog.text
    assert repr(bytes(32)) not in caplog.text
