"""The schema in the real database, after all migrations.

What is checked of the keys is what would let the schema be distributed by ``town_id``: the
tables of the region are copied to every node, every other row lives where its town lives.
"""

from __future__ import annotations

import asyncio

import pytest
from schema_catalogue import Catalogue, Constraint, read_catalogue

#: What belongs to no single town. A table that joins them needs a reason of its own.
REGION_TABLES = {
    "region",
    "town",
    "storefront",
    "netting",
    "netting_position",
    "netting_payment",
}

#: Of persons: one may hold roles in several towns.
PERSON_TABLES = {
    "person",
    "role_grant",
    "passkey",
    "session",
    "one_time_link",
    "invitation",
    "challenge",
}

#: Of the whole installation.
SERVICE_TABLES = {"service_key", "mail_outbox", "rate_limit"}

#: Chains of the history: of a town, or of a region, by whose id each is led.
CHAIN_TABLES = {"log_entry", "history_block"}

OF_NO_TOWN = REGION_TABLES | PERSON_TABLES | SERVICE_TABLES | CHAIN_TABLES

#: Whole numbers of 64 bits that count something else than cents.
ORDINALS = {"ordinal", "up_to_ordinal", "sign_count", "sequence_number"}

LONGEST_NAME = 63
"""PostgreSQL cuts longer identifiers off."""


@pytest.fixture(scope="module")
def schema(database_url: str) -> Catalogue:
    return asyncio.run(read_catalogue(database_url))


def leads(columns: tuple[str, ...]) -> bool:
    return columns[:1] == ("town_id",)


def test_every_table_says_what_it_is_for(schema: Catalogue) -> None:
    assert schema.tables
    assert not [table for table, comment in schema.comments.items() if not comment]


def test_constraints_and_indexes_are_named_by_the_convention(schema: Catalogue) -> None:
    def wanted(each: Constraint) -> bool:
        joined = "_".join((each.table_name, *each.columns))
        if each.kind == "c":
            prefix = f"ck_{each.table_name}_"
            return each.name.startswith(prefix) and len(each.name) > len(prefix)
        return each.name == {"p": f"pk_{each.table_name}", "u": f"uq_{joined}"}.get(
            each.kind, f"fk_{joined}"
        )

    assert not [each.name for each in schema.constraints if not wanted(each)]
    of_constraints = {each.name for each in schema.constraints}
    plain = [index for index in schema.indexes if index.name not in of_constraints]
    for index in plain:
        kind = "uq" if index.is_unique else "ix"
        assert index.name.startswith(f"{kind}_{index.table_name}_"), index.name
        if index.is_unique:  # a constraint, if it did not leave rows out
            assert " WHERE " in index.definition, index.name
    names = of_constraints | {index.name for index in plain}
    assert max(map(len, names)) < LONGEST_NAME


def test_only_tables_with_a_reason_belong_to_no_town(schema: Catalogue) -> None:
    of_towns = {
        column.table_name
        for column in schema.columns
        if (column.name, column.type, column.required) == ("town_id", "uuid", True)
    }
    assert set(schema.tables) - of_towns == OF_NO_TOWN


def test_the_town_leads_every_key_and_index_of_its_tables(schema: Catalogue) -> None:
    of_towns = set(schema.tables) - OF_NO_TOWN
    keyed = {each.table_name for each in schema.constraints_of("p")}
    assert keyed == set(schema.tables)
    indexes = [index for index in schema.indexes if index.table_name in of_towns]
    assert {index.table_name for index in indexes} == of_towns
    assert not [index.name for index in indexes if not leads(index.columns)]


def test_no_foreign_key_leaves_the_town(schema: Catalogue) -> None:
    def stays(each: Constraint) -> bool:
        if each.referred in REGION_TABLES or each.table_name in PERSON_TABLES:
            return True
        return leads(each.columns) and leads(each.referred_columns)

    assert not [each.name for each in schema.constraints_of("f") if not stays(each)]


def test_tables_of_the_region_refer_only_to_one_another(schema: Catalogue) -> None:
    of_region = [each for each in schema.constraints_of("f") if each.table_name in REGION_TABLES]
    assert of_region
    assert not [each.name for each in of_region if each.referred not in REGION_TABLES]


def test_nothing_follows_a_change_or_a_deletion_by_itself(schema: Catalogue) -> None:
    no_action = "aa"
    assert not [each for each in schema.constraints_of("f") if each.actions != no_action]


def test_the_embedded_server_has_all_that_the_schema_needs(schema: Catalogue) -> None:
    """Exclusion constraints over ids need btree_gist, which it does not bring."""
    assert not list(schema.constraints_of("x"))


def test_money_is_whole_cents(schema: Catalogue) -> None:
    cents = [column for column in schema.columns if column.name.endswith("_cents")]
    assert {column.type for column in cents} == {"bigint", "bigint[]"}
    others = [column for column in schema.columns if column not in cents]
    assert {column.name for column in others if "bigint" in column.type} == ORDINALS
    fractions = {"numeric", "real", "double precision", "money"}
    assert not [column for column in schema.columns if column.type.split("(")[0] in fractions]


def test_instants_carry_their_zone_and_days_do_not(schema: Catalogue) -> None:
    kinds = {
        column.type
        for column in schema.columns
        if column.type.startswith(("time", "interval", "date"))
    }
    assert kinds == {"timestamp with time zone", "date"}
    for column in schema.columns:
        if column.name.endswith("_at"):
            assert column.type == "timestamp with time zone", column
        if column.name.endswith("_on"):
            assert column.type == "date", column


def test_no_text_has_a_silent_limit(schema: Catalogue) -> None:
    """Bounds are constraints with names, and stand in the API's schemas."""
    assert not [column for column in schema.columns if column.type.startswith("character")]
