"""Another payout account: two persons, three days, a word to the merchant."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from api_fixtures import IBAN, OTHER_IBAN, fresh_id
from colleagues import Office
from doings import approved, later, paid_to, settled, told
from stage import Shop, Stage


def change(shop: Shop, iban: str = OTHER_IBAN, **others: Any) -> dict[str, Any]:
    holder = {"account_holder": "Kerstin Beispiel"}
    return (
        {"kind": "payout_account", "merchant_id": shop.merchant_id, "iban": iban} | holder | others
    )


async def test_another_account_is_paid_to_only_after_the_waiting_period(
    staged: Office, stage: Stage
) -> None:
    town = staged.town
    voucher = await stage.voucher(town, 300_00)
    await stage.redeemed(voucher, 100_00)
    done = await approved(staged, change(town.shop))
    assert done["summary"] == (
        "Buchladen Zwönitz: Auszahlungen auf DE02 … 2051 (K… B…) statt DE89 … 3000 (K… B…),"
        " derselbe Kontoinhaber, frühestens 3 Tage nach der Freigabe. Eine E-Mail-Adresse ist"
        " nicht hinterlegt: Bitte beim Laden nachfragen."
    )
    assert (await staged.log())[-1][3:5] == (
        "DE89 … 3000 (K… B…)",
        "DE02 … 2051 (K… B…) ab 08.12.2026",
    )
    path = town.path(f"merchants/{town.shop.merchant_id}")
    merchant = (await stage.api.get(path)).json()
    assert merchant["payout_account"]["iban"] == IBAN
    assert merchant["next_payout_account"] == {
        "iban": OTHER_IBAN,
        "account_holder": "Kerstin Beispiel",
        "valid_from": "2026-12-08T09:00:00Z",
    }
    await later(staged, datetime(2026, 12, 8, 8, 59, 59, tzinfo=UTC))
    assert await paid_to(staged, await settled(staged, stage, "2026-12-01", "2026-12-05")) == [IBAN]
    await later(staged, datetime(2026, 12, 8, 9, 0, tzinfo=UTC))
    await stage.redeemed(voucher, 100_00)
    assert await paid_to(staged, await settled(staged, stage, "2026-12-06", "2026-12-08")) == [
        OTHER_IBAN
    ]
    merchant = (await stage.api.get(path)).json()
    assert merchant["payout_account"]["iban"] == OTHER_IBAN
    assert merchant["next_payout_account"] is None
    await stage.audit()


async def test_a_change_is_taken_back_before_it_has_begun(staged: Office, stage: Stage) -> None:
    town = staged.town
    await stage.redeemed(await stage.voucher(town, 300_00), 100_00)
    await approved(staged, change(town.shop))
    await later(staged, datetime(2026, 12, 7, 9, 0, tzinfo=UTC))
    await staged.refused(await staged.ask(staged.adam, change(town.shop)), "payout_account.same")
    await approved(staged, change(town.shop, IBAN), "Der Inhaber weiß von nichts")
    await later(staged, datetime(2026, 12, 9, 9, 0, tzinfo=UTC))
    assert await paid_to(staged, await settled(staged, stage, "2026-12-01", "2026-12-08")) == [IBAN]
    await stage.audit()


async def test_the_merchant_is_told_at_the_address_known_so_far(office: Office) -> None:
    old, new = "alt@papeterie.example", "neu@papeterie.example"
    shop = await office.shop(contact_email=old)
    request = await office.asked(office.adam, change(shop, contact_email=new))
    assert old not in str(request)
    assert new not in str(request)
    [asked] = await told(office, old)
    assert asked.subject == "Zwönitz: Änderung Ihrer Bankverbindung beantragt"
    assert "DE02 … 2051 (Kerstin Beispiel)" in asked.text
    assert "frühestens 3 Tage danach" in asked.text
    assert OTHER_IBAN not in asked.text
    await office.approved(office.bea, request)
    [_, done] = await told(office, old)
    assert done.subject == "Zwönitz: Änderung Ihrer Bankverbindung freigegeben"
    assert "Das gilt ab dem 08.12.2026." in done.text
    assert "andere E-Mail-Adresse" in done.text
    assert await told(office, new) == []
    path = office.town.path(f"merchants/{shop.merchant_id}")
    assert (await office.api.get(path)).json()["contact_email"] == new
    await office.asked(office.adam, change(shop, IBAN, account_holder="Jörg Muster"))
    assert len(await told(office, new)) == 1
    assert len(await told(office, old)) == 2


async def test_the_address_alone_can_change(office: Office) -> None:
    shop = await office.shop(contact_email="laden@eins.example")
    same = change(shop, IBAN, contact_email="laden@eins.example")
    await office.refused(await office.ask(office.adam, same), "payout_account.same")
    await approved(office, change(shop, IBAN, contact_email="laden@zwei.example"))
    path = office.town.path(f"merchants/{shop.merchant_id}")
    merchant = (await office.api.get(path)).json()
    assert merchant["contact_email"] == "laden@zwei.example"
    assert (merchant["payout_account"]["iban"], merchant["next_payout_account"]) == (IBAN, None)
    assert len(await told(office, "laden@eins.example")) == 2


async def test_an_account_that_cannot_be_paid_to_is_not_asked_for(office: Office) -> None:
    shop = await office.shop()
    for terms, code in (
        (change(shop, OTHER_IBAN[:-1] + "0"), "iban.invalid"),
        (change(shop, account_holder="…"), "sepa_text.empty"),
        (change(shop) | {"merchant_id": fresh_id()}, "merchant.unknown"),
        (change(shop, contact_email="kein Postfach"), "request.invalid"),
    ):
        await office.refused(await office.ask(office.adam, terms), code)


async def test_the_second_person_reads_the_whole_account(office: Office) -> None:
    """What is sealed is shown where it is decided, and stands neither in lists nor in the log."""
    terms = change(await office.shop(), contact_email="neu@laden.example")
    request = await office.asked(office.adam, terms)
    whole = (await office.bea.get(office.path(request))).json()
    assert {each["label"]: each["value"] for each in whole["details"]} == {
        "IBAN": "DE02 1203 0000 0000 2020 51",
        "Kontoinhaber": "Kerstin Beispiel",
        "E-Mail-Adresse": "neu@laden.example",
    }
    page = await office.bea.get(f"/stadt/{office.town.id}/freigaben/{request['id']}")
    listed = await office.bea.get(office.town.path("approvals"))
    for secret in ("DE02 1203 0000 0000 2020 51", "Kerstin Beispiel", "neu@laden.example"):
        assert secret in page.text
        assert secret not in listed.text
        assert secret not in str(await office.log())
