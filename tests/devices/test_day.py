"""A till's day: what was redeemed and taken back in its branch, at all its devices and cash
registers, and what that comes to.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from api_fixtures import code_of
from day_stage import (
    NewDevice,
    asked,
    new_branch,
    seen,
    signed_on,
    spent,
    sums,
    taken_back,
)
from shop_stage import Person, Shop, Till
from stage import Stage


async def test_a_day_in_a_shop(
    stage: Stage, paired: Till, new_device: NewDevice, keeper: Person, place: Shop
) -> None:
    """Petra redeems 12.50 and, of a voucher of Schneeberg, 20.00. Nobody has signed on at the
    other till, which redeems 7.30 and takes Petra's 12.50 back. Left over are 27.30.
    """
    here = place.names()
    other = await new_device("Kasse 2")
    await signed_on(paired, keeper, place, "Petra M.")
    own, foreign = await stage.voucher(stage.zwoenitz), await stage.voucher(stage.schneeberg)
    first = await spent(paired, here, own, 12_50)
    stage.clock.now += timedelta(minutes=1)
    second = await spent(paired, here, foreign, 20_00)
    stage.clock.now += timedelta(minutes=1)
    third = await spent(other, here, own, 7_30)
    stage.clock.now += timedelta(minutes=1)
    reversal_id = await taken_back(other, here, first)

    day = await seen(paired)
    assert (day["day"], day["branch_name"], day["has_more"]) == ("2026-12-05", "Markt 3", False)
    assert day["server_time"] == "2026-12-05T09:03:00Z"
    common = {"sale_id": None, "redemption_id": None, "reversal_id": None}
    of_zwoenitz = {"issuing_town_name": "Zwönitz", "voucher_serial": 1, "voucher_id": own.id}
    by_petra = {"kind": "redemption", "device_name": "Kasse 1", "cashier_name": "Petra M."}
    at_other = {"device_name": "Kasse 2", "cashier_name": None, "own": False}
    assert day["entries"] == [
        common
        | of_zwoenitz
        | at_other
        | {
            "kind": "reversal",
            "id": reversal_id,
            "at": "2026-12-05T09:03:00Z",
            "amount_cents": 12_50,
            "balance_after_cents": 42_70,
            "redemption_id": first["id"],
            "reversible": False,
        },
        common
        | of_zwoenitz
        | at_other
        | {
            "kind": "redemption",
            "id": third["id"],
            "at": "2026-12-05T09:02:00Z",
            "amount_cents": 7_30,
            "balance_after_cents": 30_20,
            "reversible": True,
        },
        common
        | by_petra
        | {
            "id": second["id"],
            "at": "2026-12-05T09:01:00Z",
            "amount_cents": 20_00,
            "balance_after_cents": 30_00,
            "issuing_town_name": "Schneeberg",
            "voucher_serial": 1,
            "voucher_id": foreign.id,
            "own": True,
            "reversible": True,
        },
        common
        | of_zwoenitz
        | by_petra
        | {
            "id": first["id"],
            "at": "2026-12-05T09:00:00Z",
            "amount_cents": 12_50,
            "balance_after_cents": 37_50,
            "own": True,
            "reversal_id": reversal_id,
            "reversible": False,
        },
    ]
    assert day["total"] == sums(39_80, 3, 12_50, 1)
    assert day["total"]["net_cents"] == 27_30
    petra, nobody = sums(32_50, 2), sums(7_30, 1, 12_50, 1)
    assert day["by_cashier"] == [{"name": "Petra M."} | petra, {"name": None} | nobody]
    assert day["by_device"] == [{"name": "Kasse 1"} | petra, {"name": "Kasse 2"} | nobody]

    at_the_other = await seen(other)
    assert [entry["own"] for entry in at_the_other["entries"]] == [True, True, False, False]
    assert at_the_other["total"] == day["total"]


async def test_a_cash_register_is_named_by_its_key(
    stage: Stage, paired: Till, keeper: Person, place: Shop, new_client: Any
) -> None:
    key = {"name": "Kassensystem", "rights": ["till.redeem"]}
    made = await keeper.api.made(place.path("api-keys"), key)
    register = new_client()
    register.headers["authorization"] = f"Bearer {made['token']}"
    body = stage.sold(await stage.voucher(stage.zwoenitz), 5_00)
    assert (await register.post("/api/v1/redemptions", json=body)).status_code == 200
    day = await seen(paired)
    [entry] = day["entries"]
    assert (entry["device_name"], entry["cashier_name"], entry["own"]) == (
        "Kassensystem",
        None,
        False,
    )
    assert entry["reversible"]
    assert day["by_device"] == [{"name": "Kassensystem"} | sums(5_00, 1)]
    assert (await register.get("/api/v1/device/day")).status_code == 403


async def test_two_cashiers_of_one_name_are_two(
    stage: Stage, paired: Till, keeper: Person, place: Shop
) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    for amount_cents in (1_00, 2_00):
        await signed_on(paired, keeper, place, "Petra M.")
        await spent(paired, place.names(), voucher, amount_cents)
    by_cashier = (await seen(paired))["by_cashier"]
    assert [each["name"] for each in by_cashier] == ["Petra M.", "Petra M."]
    assert {each["redeemed_cents"] for each in by_cashier} == {1_00, 2_00}


async def test_the_vouchers_of_a_sale_are_told_apart(
    stage: Stage, paired: Till, place: Shop
) -> None:
    vouchers = await stage.vouchers(stage.zwoenitz, 50_00, 2)
    ids = [stage.sold(voucher, 100)["id"] for voucher in vouchers]
    items = [
        {"id": id_, "amount_cents": 100 + n} | voucher.shown
        for n, (id_, voucher) in enumerate(zip(ids, vouchers, strict=True))
    ]
    sale = {"id": stage.sold(vouchers[0], 1)["id"], "items": items} | place.names()
    assert (await paired.send("POST", "/api/v1/sales", sale)).status_code == 200
    entries = (await seen(paired))["entries"]
    assert {entry["sale_id"] for entry in entries} == {sale["id"]}
    assert {(entry["id"], entry["voucher_serial"]) for entry in entries} == set(
        zip(ids, (1, 2), strict=True)
    )


async def test_a_replaced_vouchers_reversal_names_the_new_one(
    stage: Stage, paired: Till, place: Shop
) -> None:
    lost = await stage.voucher(stage.zwoenitz)
    done = await spent(paired, place.names(), lost, 10_00)
    new = await stage.replace(lost)
    await taken_back(paired, place.names(), done)
    reversal, redemption = (await seen(paired))["entries"]
    assert (reversal["voucher_id"], reversal["voucher_serial"]) == (new.id, 2)
    assert (redemption["voucher_id"], redemption["voucher_serial"]) == (lost.id, 1)


# whose day it is


async def test_other_branches_merchants_and_towns_have_days_of_their_own(
    stage: Stage, paired: Till, new_device: NewDevice, place: Shop
) -> None:
    branch_id = await new_branch(stage, place, "Bahnhof")
    there = place.names() | {"branch_id": branch_id}
    at_station = await new_device("Kasse Bahnhof", branch_id)
    await spent(at_station, there, await stage.voucher(stage.zwoenitz), 3_00)
    await stage.redeemed(await stage.voucher(stage.schneeberg), 4_00)
    rival = await stage.api.new_merchant({"id": stage.zwoenitz.id}, name="Eisdiele")
    shop = {"merchant_id": rival["id"], "branch_id": rival["branches"][0]["id"]}
    voucher = await stage.voucher(stage.zwoenitz)
    assert (await stage.redeem(stage.sold(voucher, 5_00), **shop)).status_code == 200

    day = await seen(paired)
    assert (day["entries"], day["total"], day["by_device"]) == ([], sums(0, 0), [])
    table = await paired.send("GET", "/api/v1/device/day.csv")
    assert len(table.text.splitlines()) == 1 + 3, "a head and three sums of nothing"
    day = await seen(at_station)
    assert (day["branch_name"], day["total"]) == ("Bahnhof", sums(3_00, 1))


async def test_what_another_branch_takes_back_is_its_own_and_shows_here(
    stage: Stage, paired: Till, new_device: NewDevice, place: Shop
) -> None:
    """The money came out of the till at the station, so it is missing there."""
    branch_id = await new_branch(stage, place, "Bahnhof")
    at_station = await new_device("Kasse Bahnhof", branch_id)
    done = await spent(paired, place.names(), await stage.voucher(stage.zwoenitz), 9_00)
    tag = (await asked(paired)).headers["etag"]
    reversal_id = await taken_back(at_station, place.names() | {"branch_id": branch_id}, done)

    assert (await asked(paired, tag=tag)).status_code == 200
    day = await seen(paired)
    assert day["total"] == sums(9_00, 1)
    [entry] = day["entries"]
    assert (entry["reversal_id"], entry["reversible"]) == (reversal_id, False)
    day = await seen(at_station)
    assert day["total"] == sums(0, 0, 9_00, 1)
    assert day["entries"][0]["redemption_id"] == done["id"]


async def test_a_locked_device_sees_no_day(paired: Till, keeper: Person, place: Shop) -> None:
    tag = (await asked(paired)).headers["etag"]
    await keeper.api.post(place.path(f"devices/{paired.id}/lock"), {"reason": "Gestohlen"})
    known: dict[str, Any] = {"if-none-match": tag}
    for path in ("/api/v1/device/day", "/api/v1/device/day.csv"):
        refused = await paired.send("GET", path, **known)
        assert (refused.status_code, code_of(refused)) == (403, "device.locked"), path


async def test_people_and_strangers_have_no_day(keeper: Person, new_client: Any) -> None:
    for path in ("/api/v1/device/day", "/api/v1/device/day.csv"):
        assert code_of(await keeper.api.get(path)) == "right.missing"
        assert code_of(await new_client().get(path)) == "auth.required"


# which day it is


async def test_a_day_is_one_of_germany(stage: Stage, paired: Till, place: Shop) -> None:
    """Of the days after the first, one has 23 hours and one 25."""
    voucher, second = await stage.voucher(stage.zwoenitz), timedelta(seconds=1)
    for day, first, last in (
        ("2026-12-07", "2026-12-06T23:00:00Z", "2026-12-07T22:59:59Z"),
        ("2027-03-28", "2027-03-27T23:00:00Z", "2027-03-28T21:59:59Z"),
        ("2027-10-31", "2027-10-30T22:00:00Z", "2027-10-31T22:59:59Z"),
    ):
        begin, end = datetime.fromisoformat(first), datetime.fromisoformat(last)
        for amount_cents, now in enumerate((begin - second, begin, end, end + second), start=1):
            stage.clock.now = now
            await spent(paired, place.names(), voucher, amount_cents)
        shown = await seen(paired, f"?day={day}")
        assert [entry["amount_cents"] for entry in shown["entries"]] == [3, 2], day
        assert [entry["at"] for entry in shown["entries"]] == [last, first]
        assert shown["total"] == sums(5, 2)


async def test_yesterdays_redemption_is_not_reversible_any_more(
    stage: Stage, paired: Till, place: Shop
) -> None:
    stage.clock.now = datetime(2026, 12, 5, 22, 59, tzinfo=UTC)
    await spent(paired, place.names(), await stage.voucher(stage.zwoenitz), 1_00)
    answer = await asked(paired, "?day=2026-12-05")
    assert answer.json()["entries"][0]["reversible"]
    stage.clock.now = datetime(2026, 12, 5, 23, 0, tzinfo=UTC)
    after = await asked(paired, "?day=2026-12-05", answer.headers["etag"])
    assert after.status_code == 200
    assert not after.json()["entries"][0]["reversible"]
    assert (await seen(paired))["day"] == "2026-12-06"


async def test_a_day_that_is_none_or_to_come_is_refused(paired: Till) -> None:
    none = (
        "9999-12-31",
        "2019-12-31",
        "0001-01-01",
        "gestern",
        "5.12.2026",
        "2026-12-05T09:00Z",
        "",
    )
    for day in ("2026-12-06", *none):
        for path in ("/api/v1/device/day", "/api/v1/device/day.csv"):
            refused = await paired.send("GET", f"{path}?day={day}")
            assert (refused.status_code, code_of(refused)) == (422, "request.invalid"), day
    assert (await paired.send("GET", "/api/v1/device/day?day=2026-12-05")).status_code == 200


async def test_the_town_takes_back_what_is_over(stage: Stage, paired: Till, place: Shop) -> None:
    """Approved by two, days later: it stands in the branch's list of that day, in nobody's
    name, and the day of the redemption shows that it is gone.
    """
    done = await spent(paired, place.names(), await stage.voucher(stage.zwoenitz), 6_00)
    tag = (await asked(paired)).headers["etag"]
    stage.clock.now += timedelta(days=3)
    terms = {"kind": "late_reversal", "redemption_id": done["id"]}
    reversal_id = (await stage.api.approved(stage.zwoenitz.id, terms))["id"]

    answer = await asked(paired, "?day=2026-12-05", tag)
    assert answer.status_code == 200
    [entry] = answer.json()["entries"]
    assert (entry["reversal_id"], answer.json()["total"]) == (reversal_id, sums(6_00, 1))
    day = await seen(paired)
    assert (day["day"], day["total"]) == ("2026-12-08", sums(0, 0, 6_00, 1))
    assert day["by_device"] == [{"name": None} | sums(0, 0, 6_00, 1)]
    assert day["entries"][0]["device_name"] is None


# asked every few seconds


async def test_nothing_is_sent_again_until_something_happens(
    stage: Stage, paired: Till, new_device: NewDevice, keeper: Person, place: Shop
) -> None:
    other = await new_device("Kasse 2")
    voucher = await stage.voucher(stage.zwoenitz)
    answer = await asked(paired)
    tag = answer.headers["etag"]
    assert answer.headers["cache-control"] == "no-store"

    stage.clock.now += timedelta(minutes=5)
    for known in (tag, f'"another", {tag}'):
        same = await asked(paired, tag=known)
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert (await asked(paired, tag='"another"')).status_code == 200
    assert (await asked(other)).headers["etag"] != tag, "its own entries are others"

    tags = {tag}
    await signed_on(paired, keeper, place, "Petra M.")
    done = await spent(other, place.names(), voucher, 1_00)
    tags.add((await asked(paired, tag=tag)).headers["etag"])
    await spent(paired, place.names(), voucher, 1_00)
    tags.add((await asked(paired)).headers["etag"])
    await taken_back(other, place.names(), done)
    tags.add((await asked(paired)).headers["etag"])
    [cashier] = (await keeper.api.get(place.path("cashiers"))).json()["cashiers"]
    renamed = await keeper.api.post(place.path(f"cashiers/{cashier['id']}/name"), {"name": "Petra"})
    assert renamed.is_success, renamed.text
    answer = await asked(paired)
    tags.add(answer.headers["etag"])
    assert len(tags) == 5
    assert answer.json()["by_cashier"][0]["name"] == "Petra"


async def test_the_list_ends_somewhere_and_the_sums_do_not(
    stage: Stage, paired: Till, place: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gutschein.redemption.day.MOST_ENTRIES", 2)
    voucher = await stage.voucher(stage.zwoenitz)
    for amount_cents in (1, 2):
        stage.clock.now += timedelta(seconds=1)
        await spent(paired, place.names(), voucher, amount_cents)
    day = await seen(paired)
    assert (len(day["entries"]), day["has_more"]) == (2, False)
    stage.clock.now += timedelta(seconds=1)
    await spent(paired, place.names(), voucher, 3)
    day = await seen(paired)
    assert [entry["amount_cents"] for entry in day["entries"]] == [3, 2]
    assert (day["has_more"], day["total"]) == (True, sums(6, 3))
    table = await paired.send("GET", "/api/v1/device/day.csv")
    assert len(table.text.splitlines()) == 1 + 3 + 3


# for a spreadsheet


async def test_the_table_has_all_of_the_day_the_earliest_first(
    stage: Stage, paired: Till, keeper: Person, place: Shop
) -> None:
    await signed_on(paired, keeper, place, "=Petra")
    done = await spent(paired, place.names(), await stage.voucher(stage.zwoenitz), 12_50)
    stage.clock.now += timedelta(hours=1)
    foreign = await spent(paired, place.names(), await stage.voucher(stage.schneeberg), 1_000)
    reversal_id = await taken_back(paired, place.names(), done)
    stage.clock.now += timedelta(days=1)

    answer = await paired.send("GET", "/api/v1/device/day.csv?day=2026-12-05")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    name = 'attachment; filename="einloesungen-2026-12-05.csv"'
    assert answer.headers["content-disposition"] == name
    by = "Kasse 1;'=Petra"
    zwoenitz, schneeberg = "Zwönitz;Gutschein Zwönitz;1", "Schneeberg;Gutschein Schneeberg;1"
    assert answer.content.decode("utf-8-sig").split("\r\n") == [
        "Art;Datum;Uhrzeit;Kennung;Stadt;Gutscheinart;Nummer;Gerät;Kassenkraft;Betrag",
        f"Einlösung;05.12.2026;10:00:00;{done['id']};{zwoenitz};{by};12,50",
        f"Einlösung;05.12.2026;11:00:00;{foreign['id']};{schneeberg};{by};10,00",
        f"Storno;05.12.2026;11:00:00;{reversal_id};{zwoenitz};{by};-12,50",
        "Summe Einlösung;;;;;;;;;22,50",
        "Summe Storno;;;;;;;;;-12,50",
        "Summe;;;;;;;;;10,00",
        "",
    ]


async def test_the_tills_day_is_what_its_statement_will_say(
    stage: Stage, paired: Till, place: Shop
) -> None:
    """Day-end totals and the month's statement are two ways to the same sum."""
    voucher = await stage.voucher(stage.zwoenitz)
    await spent(paired, place.names(), voucher, 20_00)
    await taken_back(paired, place.names(), await spent(paired, place.names(), voucher, 5_00))
    total = (await seen(paired))["total"]
    stage.clock.now = datetime(2027, 1, 2, 9, 0, tzinfo=UTC)
    settlement = await stage.settle(stage.zwoenitz, "2026-12-01", "2026-12-31")
    [statement] = settlement["statements"]
    assert (statement["redeemed_cents"], statement["reversed_cents"]) == (
        total["redeemed_cents"],
        total["reversed_cents"],
    )
