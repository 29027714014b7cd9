"""Which vouchers of a programme carry a PIN."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from api_fixtures import Api, code_of, fresh_id, towns_path
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from gutschein.db.access import Access
from gutschein.db.unit_of_work import Database
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.programmes.rules import Terms, carries_pin, check_terms

TODAY = date(2026, 12, 5)
TERMS = Terms(
    fixed_values_cents=None, minimum_cents=1_00, maximum_cents=200_00, pin_from_cents=100_00
)


@pytest.mark.parametrize(
    ("value_cents", "carries"), [(1_00, False), (99_99, False), (100_00, True), (200_00, True)]
)
def test_those_from_the_limit_on_do(value_cents: int, carries: bool) -> None:
    assert carries_pin(TERMS, value_cents) is carries
    assert not carries_pin(replace(TERMS, pin_from_cents=None), value_cents)


@pytest.mark.parametrize("pin_from_cents", [1, 1_00, 200_00])
def test_a_limit_that_some_voucher_reaches_is_taken(pin_from_cents: int) -> None:
    check_terms(replace(TERMS, pin_from_cents=pin_from_cents), TODAY)


@pytest.mark.parametrize("pin_from_cents", [0, 200_01])
def test_a_limit_of_nothing_or_above_all_values_is_a_slip(pin_from_cents: int) -> None:
    with pytest.raises(Refusal) as refused:
        check_terms(replace(TERMS, pin_from_cents=pin_from_cents), TODAY)
    assert refused.value.params["reason"] == "1 <= pin_from_cents <= maximum_cents"


async def test_it_is_a_term_like_the_others(api: Api) -> None:
    """It is given back, and never changes under the same id."""
    town = await api.new_town()
    programme_id = fresh_id()
    body = {"id": programme_id, "name": "Groß", "pin_from_cents": 100_00}
    made = await api.made(towns_path(town, "programmes"), body)
    assert made["pin_from_cents"] == 100_00
    again = await api.post(towns_path(town, "programmes"), body)
    assert (again.status_code, again.json()) == (200, made)
    for other in (None, 150_00):
        changed = await api.post(towns_path(town, "programmes"), body | {"pin_from_cents": other})
        assert code_of(changed) == "request.conflict"
    plain = await api.made(towns_path(town, "programmes"), {"name": "Klein"})
    assert plain["pin_from_cents"] is None


async def test_the_database_refuses_a_limit_above_all_values(api: Api, database: Database) -> None:
    town = await api.new_town()
    programme = await api.made(towns_path(town, "programmes"), {"name": "Groß"})
    of_town = database.acting(Access.town(TownId(UUID(town["id"]))))
    with pytest.raises(IntegrityError, match="ck_programme_pin_from"):
        async with of_town.unit_of_work() as work:
            await work.execute(
                text(
                    "INSERT INTO programme (town_id, id, name, minimum_cents, maximum_cents,"
                    " cap_cents, validity, validity_count, partial_redemption,"
                    " merchant_fee_basis_points, payer, created_at, pin_from_cents)"
                    " SELECT town_id, :id, name, minimum_cents, maximum_cents, cap_cents,"
                    " validity, validity_count, partial_redemption, merchant_fee_basis_points,"
                    " payer, created_at, maximum_cents + 1 FROM programme WHERE id = :old"
                ),
                {"id": UUID(fresh_id()), "old": UUID(programme["id"])},
            )
