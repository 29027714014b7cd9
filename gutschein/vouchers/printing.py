"""Vouchers made ready for print: the one place where a code is opened again.

The token is signed anew from the sealed code. Ed25519 is deterministic (RFC 8032), so a
reprint carries the very same QR code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row

from gutschein.db.unit_of_work import Work
from gutschein.documents.drawable import is_drawable
from gutschein.documents.voucher_pdf import MOST_SHEETS, MotifPicture, VoucherSheet
from gutschein.kernel.clock import berlin_day
from gutschein.kernel.errors import Language, Refusal
from gutschein.kernel.ids import BatchId, RegionId, TownId, VoucherId
from gutschein.motifs import service as motifs
from gutschein.signing.code import format_code
from gutschein.signing.keyring import SigningKey, code_keys_of, signing_keys
from gutschein.signing.pin import format_pin
from gutschein.signing.qr import qr_matrix
from gutschein.signing.sealing import CodeKeys, KeyEncryptionKey
from gutschein.signing.token import TokenClaims, expires_at_for, sign_token, token_url
from gutschein.storefront import repository as storefronts
from gutschein.towns import repository as towns
from gutschein.towns.rules import covers
from gutschein.towns.schemas import Region, Town
from gutschein.towns.service import get_region, town_with_account
from gutschein.vouchers import batch_repository, repository
from gutschein.vouchers.batch_repository import Printable
from gutschein.vouchers.rules import VoucherState, check_alive


@dataclass(frozen=True, slots=True)
class Press:
    """What printing needs beside the vouchers: the front of every QR code, such as
    ``HTTPS://HOST/V/``, the key that opens the codes, and the instant.
    """

    qr_prefix: str
    kek: KeyEncryptionKey
    now: datetime


@dataclass(frozen=True, slots=True)
class Gift:
    """How vouchers are given: in a motif or without one, with some words of the giver."""

    language: Language = "de"
    message: str | None = field(default=None, repr=False)
    motif: MotifPicture | None = None


@dataclass(frozen=True, slots=True)
class PrintJob:
    """Vouchers of one town, read and ready to be laid out."""

    vouchers: Sequence[Row[Any]]
    town: Town
    region: Region
    accepted_in: list[str]
    codes: CodeKeys = field(repr=False)
    signing_keys: Mapping[bytes, SigningKey] = field(repr=False)
    qr_prefix: str
    gift: Gift = Gift()
    arms: bytes | None = field(default=None, repr=False)

    def sheets(self) -> list[VoucherSheet]:
        """Open the codes, sign them and draw their QR codes: about two milliseconds each."""
        arms = self.arms if self.arms is not None and is_drawable(self.arms) else None
        return [self._sheet(voucher, arms) for voucher in self.vouchers]

    def _sheet(self, voucher: Row[Any], arms: bytes | None) -> VoucherSheet:
        code = self.codes.unsealed(voucher.id, voucher.sealed_code)
        last_day = expires_at_for(voucher.token_valid_until)
        claims = TokenClaims(code, voucher.token_value_cents, last_day)
        key = self.signing_keys[voucher.kid]
        url = token_url(self.qr_prefix, sign_token(claims, key.kid, key.private_key))
        return VoucherSheet(
            town_name=self.town.name,
            region_name=self.region.name,
            programme_name=voucher.programme_name,
            value_cents=voucher.face_value_cents,
            code_text=format_code(code),
            qr_url=url,
            qr_matrix=qr_matrix(url),
            valid_until=voucher.valid_until,
            serial=f"{voucher.serial:06d}",
            accepted_in=self.accepted_in,
            issuer_lines=_issuer(self.town),
            brand_colour=self.town.brand_colour,
            coat_of_arms_svg=arms,
            partial_redemption=voucher.partial_redemption,
            pin_text=self._pin(voucher),
            language=self.gift.language,
            message=self.gift.message,
            motif=self.gift.motif,
        )

    def _pin(self, voucher: Row[Any]) -> str | None:
        if voucher.sealed_pin is None:
            return None
        return format_pin(self.codes.pin_unsealed(voucher.id, voucher.sealed_pin))


async def print_one(work: Work, town_id: TownId, voucher_id: VoucherId, press: Press) -> PrintJob:
    """Return the job of printing one voucher.

    :raises Refusal: ``voucher.unknown``, ``key.sealed``, and for a voucher that is no
        longer active, or not yet, ``voucher.not_active``, ``voucher.blocked``,
        ``voucher.replaced`` or ``voucher.expired``.
    """
    rows = await repository.list_vouchers(work, town_id, voucher_id=voucher_id)
    if not rows:
        raise Refusal("voucher.unknown")
    check_alive(VoucherState(rows[0].state), rows[0].valid_until)
    return await job_of(work, town_id, rows, press)


async def print_vouchers(
    work: Work,
    town_id: TownId,
    voucher_ids: Sequence[VoucherId],
    press: Press,
    *,
    motif: str | None,
    message: str | None,
    language: Language,
) -> PrintJob:
    """Return the job of printing vouchers that were bought, in the order given, at most
    :data:`MOST_SHEETS`, as a gift.

    :param motif: a motif's key, ``None`` for the plain voucher in the town's colour.
    :param message: what the giver has written, in lines.
    :raises Refusal: as :func:`print_one` for each of them, and ``motif.unknown``.
    """
    rows: list[Row[Any]] = []
    for voucher_id in voucher_ids:
        found = await repository.list_vouchers(work, town_id, voucher_id=voucher_id)
        if not found:
            raise Refusal("voucher.unknown")
        check_alive(VoucherState(found[0].state), found[0].valid_until)
        rows.extend(found)
    job = await job_of(work, town_id, rows, press)
    picture = None if motif is None else await _motif_picture(work, job.town, motif, language)
    return replace(job, gift=Gift(language, message, picture))


async def _motif_picture(work: Work, town: Town, key: str, language: Language) -> MotifPicture:
    chosen = await motifs.motif_of(work, TownId(town.id), key, language)
    content, media_type = await motifs.picture(work, TownId(town.id), key, town.brand_colour)
    return MotifPicture(content=content, media_type=media_type, alt=chosen.alt)


async def print_batch(
    work: Work, town_id: TownId, batch_id: BatchId, after_serial: int, press: Press
) -> PrintJob:
    """Return the job of printing a batch's next active vouchers, at most a file's worth.

    :raises Refusal: ``batch.unknown``, ``batch.nothing_to_print`` when no active voucher is
        left after *after_serial*, ``key.sealed``.
    """
    batch = await batch_repository.find_batch(work, town_id, batch_id)
    if batch is None:
        raise Refusal("batch.unknown")
    after_serial = max(after_serial, batch.first_serial - 1)
    job = await next_job(work, town_id, batch_id, after_serial, press, limit=MOST_SHEETS)
    if job is None:
        raise Refusal("batch.nothing_to_print")
    return job


async def printable_of(
    work: Work, town_id: TownId, batch_id: BatchId, after_serial: int
) -> Printable:
    """Return what of a batch can be printed behind a serial.

    :raises Refusal: ``batch.unknown``, ``batch.nothing_to_print``.
    """
    if await batch_repository.find_batch(work, town_id, batch_id) is None:
        raise Refusal("batch.unknown")
    found = await batch_repository.printable(work, town_id, batch_id, after_serial)
    if found is None:
        raise Refusal("batch.nothing_to_print")
    return found


async def next_job(
    work: Work,
    town_id: TownId,
    batch_id: BatchId,
    after_serial: int,
    press: Press,
    *,
    limit: int,
) -> PrintJob | None:
    """Return the job of printing a batch's active vouchers behind a serial, if there are any.

    :raises Refusal: ``key.sealed``, ``key.revoked``, ``key.not_endorsed``.
    """
    rows = await repository.list_vouchers(
        work,
        town_id,
        batch_id=batch_id,
        after_serial=after_serial,
        only=VoucherState.ACTIVE,
        limit=limit,
    )
    return await job_of(work, town_id, rows, press) if rows else None


async def job_of(work: Work, town_id: TownId, rows: Sequence[Row[Any]], press: Press) -> PrintJob:
    """Return the job of printing vouchers that were read, whatever their state."""
    town = await town_with_account(work, town_id, press.kek)
    return PrintJob(
        vouchers=rows,
        town=town,
        region=await get_region(work, RegionId(town.region_id)),
        accepted_in=await _accepted_in(work, town, berlin_day(press.now)),
        codes=await code_keys_of(work, town_id, press.kek),
        signing_keys=await signing_keys(work, town_id, press.kek, {row.kid for row in rows}),
        qr_prefix=press.qr_prefix,
        arms=await storefronts.arms_of(work, town_id),
    )


async def _accepted_in(work: Work, town: Town, today: date) -> list[str]:
    """Return the names of the towns that honour the vouchers, the issuer's first."""
    names = await towns.town_names(work, RegionId(town.region_id))
    agreed = await towns.list_acceptances(work, TownId(town.id))
    return [
        town.name,
        *sorted({names[TownId(each.accepting_town_id)] for each in agreed if covers(each, today)}),
    ]


def _issuer(town: Town) -> list[str]:
    address = town.address
    return [
        town.trust_account_holder,
        f"{address.street} {address.house_number}",
        f"{address.postcode} {address.post_town}",
    ]
