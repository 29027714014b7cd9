"""Vouchers made ready for print: the one place where a code is opened again.

The token is signed anew from the sealed code. Ed25519 is deterministic (RFC 8032), so a
reprint carries the very same QR code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row

from gutschein.db.unit_of_work import Work
from gutschein.documents.voucher_pdf import MOST_SHEETS, VoucherSheet
from gutschein.kernel.clock import berlin_day
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import BatchId, RegionId, TownId, VoucherId
from gutschein.signing.code import format_code
from gutschein.signing.keyring import code_keys, signing_keys
from gutschein.signing.qr import qr_matrix
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.signing.token import TokenClaims, expires_at_for, sign_token, token_url
from gutschein.towns import repository as towns
from gutschein.towns.rules import covers
from gutschein.towns.schemas import Town
from gutschein.towns.service import get_region, get_town
from gutschein.vouchers import repository
from gutschein.vouchers.rules import VoucherState


@dataclass(frozen=True, slots=True)
class Press:
    """What printing needs beside the vouchers: the front of every QR code, such as
    ``HTTPS://HOST/V/``, the key that opens the codes, and the instant.
    """

    qr_prefix: str
    kek: KeyEncryptionKey
    now: datetime


async def sheet_of(
    work: Work, town_id: TownId, voucher_id: VoucherId, press: Press
) -> list[VoucherSheet]:
    """Return the sheet of one voucher.

    :raises Refusal: ``voucher.unknown``, ``key.sealed``, and for a voucher that is no
        longer active ``voucher.blocked``, ``voucher.replaced`` or ``voucher.expired``.
    """
    rows = await repository.list_vouchers(work, town_id, voucher_id=voucher_id)
    if not rows:
        raise Refusal("voucher.unknown")
    if rows[0].state != VoucherState.ACTIVE:
        raise Refusal(f"voucher.{rows[0].state}", date=rows[0].valid_until)
    return await _sheets(work, town_id, rows, press)


async def sheets_of_batch(
    work: Work, town_id: TownId, batch_id: BatchId, after_serial: int, press: Press
) -> list[VoucherSheet]:
    """Return the sheets of a batch's next vouchers that are active, at most a file's worth.

    :raises Refusal: ``batch.unknown``, also when no voucher is left after *after_serial*;
        ``key.sealed``.
    """
    rows = await repository.list_vouchers(
        work, town_id, batch_id=batch_id, after_serial=after_serial, limit=MOST_SHEETS
    )
    active = [row for row in rows if row.state == VoucherState.ACTIVE]
    if not active:
        raise Refusal("batch.unknown")
    return await _sheets(work, town_id, active, press)


async def _sheets(
    work: Work, town_id: TownId, rows: Sequence[Row[Any]], press: Press
) -> list[VoucherSheet]:
    town = await get_town(work, town_id)
    region = await get_region(work, RegionId(town.region_id))
    accepted_in = await _accepted_in(work, town, berlin_day(press.now))
    codes = (await code_keys(work, [town_id], press.kek))[town_id]
    keys = await signing_keys(work, town_id, press.kek, {bytes(row.kid) for row in rows})
    sheets: list[VoucherSheet] = []
    for row in rows:
        code = codes.unsealed(row.id, row.sealed_code)
        claims = TokenClaims(code, row.face_value_cents, expires_at_for(row.valid_until))
        key = keys[bytes(row.kid)]
        url = token_url(press.qr_prefix, sign_token(claims, key.kid, key.private_key))
        sheets.append(
            VoucherSheet(
                town_name=town.name,
                region_name=region.name,
                programme_name=row.programme_name,
                value_cents=row.face_value_cents,
                code_text=format_code(code),
                qr_url=url,
                qr_matrix=qr_matrix(url),
                valid_until=row.valid_until,
                serial=f"{row.serial:06d}",
                accepted_in=accepted_in,
                issuer_lines=_issuer(town),
                brand_colour=town.brand_colour,
                partial_redemption=row.partial_redemption,
            )
        )
    return sheets


async def _accepted_in(work: Work, town: Town, today: date) -> list[str]:
    """Return the names of the towns that honour the vouchers, the issuer's first."""
    names = {each.id: each.name for each in await towns.list_towns(work, RegionId(town.region_id))}
    agreed = await towns.list_acceptances(work, TownId(town.id))
    return [
        town.name,
        *sorted({names[each.accepting_town_id] for each in agreed if covers(each, today)}),
    ]


def _issuer(town: Town) -> list[str]:
    address = town.address
    return [
        town.trust_account_holder,
        f"{address.street} {address.house_number}",
        f"{address.postcode} {address.post_town}",
    ]
