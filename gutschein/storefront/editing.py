"""A town changes what the public sees of it. Each change stands in the business log."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import get_args
from uuid import UUID

from msgspec import convert
from msgspec.structs import asdict, replace

from gutschein.db.locks import lock
from gutschein.db.unit_of_work import Work
from gutschein.history.log import Entry, record
from gutschein.kernel.author import Author
from gutschein.kernel.errors import Language, Refusal
from gutschein.kernel.ids import BranchId, MerchantId, TownId
from gutschein.merchants.repository import find_branch
from gutschein.merchants.rules import after
from gutschein.merchants.service import get_merchant
from gutschein.storefront import editing_repository as repository
from gutschein.storefront.coat_of_arms import checked_arms
from gutschein.storefront.repository import list_texts
from gutschein.storefront.rules import TEXT_KINDS
from gutschein.storefront.schemas import (
    BranchProfile,
    NewStorefront,
    NewText,
    Storefront,
    StorefrontText,
)
from gutschein.towns.repository import lock_town
from gutschein.towns.service import get_town

#: What the lock on short names is about: all of them, in this installation.
_ALL_SLUGS = UUID(int=0)
#: How long beforehand a text may be set.
_LATEST = timedelta(days=730)
_SHOWN_IN_LOG = ("slug", "intro", "intro_en", "contact_email", "contact_phone", "is_open")


async def get_storefront(work: Work, town_id: TownId) -> Storefront:
    """Return a town's storefront.

    :raises Refusal: ``town.unknown``, ``storefront.unknown``.
    """
    await get_town(work, town_id)
    found = await repository.find_storefront(work, town_id)
    if found is None:
        raise Refusal("storefront.unknown")
    return found


async def put_storefront(
    work: Work,
    town_id: TownId,
    wanted: NewStorefront,
    *,
    taken: Collection[str],
    by: Author,
    now: datetime,
) -> Storefront:
    """Let a town's storefront be what is *wanted*; where it is so already, nothing changes.

    :param taken: first parts of addresses that the service uses itself.
    :raises Refusal: ``town.unknown``, ``storefront.slug_taken``, ``coat_of_arms.refused``.
    """
    if wanted.coat_of_arms_svg is not None:
        arms = checked_arms(wanted.coat_of_arms_svg)
        wanted = replace(wanted, coat_of_arms_svg=arms)
    if not await lock_town(work, town_id):
        raise Refusal("town.unknown")
    await lock(work, _ALL_SLUGS, "slugs")
    owner = await repository.town_with_slug(work, wanted.slug)
    if wanted.slug in taken or owner not in {None, town_id}:
        raise Refusal("storefront.slug_taken", slug=wanted.slug)
    before = await repository.find_storefront(work, town_id)
    if before is None or _input_of(before) != wanted:
        await repository.put_storefront(work, town_id, wanted, now)
        entry = Entry(
            "storefront.changed",
            by,
            "Auftritt der Stadt",
            before=None if before is None else _said(_input_of(before)),
            after=_said(wanted),
            at=now,
        )
        await record(work, town_id, entry)
    return await get_storefront(work, town_id)


async def get_text(work: Work, town_id: TownId, kind: str, language: str) -> StorefrontText:
    """Return the newest text of a kind, begun or not.

    :raises Refusal: ``request.not_found`` for a kind or a language that there is not,
        ``town.unknown``, ``storefront_text.unknown``.
    """
    _check_name(kind, language)
    await get_town(work, town_id)
    found = await list_texts(work, town_id, kind, [language])
    if not found:
        raise Refusal("storefront_text.unknown")
    return found[-1]


async def put_text(
    work: Work,
    town_id: TownId,
    kind: str,
    language: str,
    wanted: NewText,
    *,
    by: Author,
    now: datetime,
) -> StorefrontText:
    """Let a text begin, unless the newest says the same. No text is ever changed: who bought
    something can be shown what was in force then.

    :raises Refusal: ``request.not_found`` for a kind or a language that there is not,
        ``town.unknown``, ``storefront_text.past`` for one that would begin before now or
        before another that is to come.
    """
    _check_name(kind, language)
    if not await lock_town(work, town_id):
        raise Refusal("town.unknown")
    known = await list_texts(work, town_id, kind, [language])
    newest = known[-1] if known else None
    same = newest is not None and newest.paragraphs == wanted.paragraphs
    if newest is not None and same and wanted.begins_at in {None, newest.begins_at}:
        return newest
    begins_at = wanted.begins_at or now
    if newest is not None and wanted.begins_at is None and newest.begins_at <= now:
        begins_at = after(newest.begins_at, now)
    if begins_at < now or (newest is not None and begins_at <= newest.begins_at):
        raise Refusal("storefront_text.past")
    if begins_at - now > _LATEST:
        raise Refusal("request.invalid", reason=f"begins_at <= {now + _LATEST}")
    named = {"kind": kind, "language": language, "begins_at": begins_at}
    new = convert(named | {"paragraphs": wanted.paragraphs}, StorefrontText)
    await repository.insert_text(work, town_id, new)
    said = f"{len(new.paragraphs)} Absätze, gilt ab {new.begins_at:%d.%m.%Y %H:%M} UTC"
    subject = f"{_KINDS[new.kind]} ({language})"
    await record(work, town_id, Entry("storefront.text_set", by, subject, after=said, at=now))
    return new


async def get_profile(
    work: Work, town_id: TownId, merchant_id: MerchantId, branch_id: BranchId
) -> BranchProfile:
    """Return what the public is told of a branch.

    :raises Refusal: ``town.unknown``, ``merchant.unknown``, ``branch.unknown``,
        ``branch_profile.unknown`` where nothing is told yet.
    """
    await _branch_name(work, town_id, merchant_id, branch_id)
    found = await repository.find_profile(work, town_id, branch_id)
    if found is None:
        raise Refusal("branch_profile.unknown")
    return found


async def put_profile(
    work: Work,
    town_id: TownId,
    merchant_id: MerchantId,
    branch_id: BranchId,
    wanted: BranchProfile,
    *,
    by: Author,
    now: datetime,
) -> BranchProfile:
    """Let the public be told *wanted* of a branch; where it is so already, nothing changes.

    :raises Refusal: ``town.unknown``, ``merchant.unknown``, ``branch.unknown``.
    """
    if not await lock_town(work, town_id):
        raise Refusal("town.unknown")
    name = await _branch_name(work, town_id, merchant_id, branch_id)
    before = await repository.find_profile(work, town_id, branch_id)
    await repository.put_profile(work, town_id, branch_id, wanted)
    kept = await get_profile(work, town_id, merchant_id, branch_id)
    if kept != before:
        told = None if before is None else _told(before)
        entry = Entry("branch.profile_set", by, name, before=told, after=_told(kept), at=now)
        await record(work, town_id, entry)
    return kept


async def _branch_name(
    work: Work, town_id: TownId, merchant_id: MerchantId, branch_id: BranchId
) -> str:
    merchant = await get_merchant(work, town_id, merchant_id)
    found = await find_branch(work, town_id, branch_id)
    if found is None or found.merchant_id != merchant_id:
        raise Refusal("branch.unknown")
    return f"{merchant.name}, {found.name}"


_KINDS = {
    "imprint": "Impressum",
    "privacy": "Datenschutz",
    "terms": "AGB",
    "withdrawal": "Widerrufsbelehrung",
    "accessibility": "Barrierefreiheit",
}


def _check_name(kind: str, language: str) -> None:
    if kind not in TEXT_KINDS or language not in get_args(Language):
        raise Refusal("request.not_found")


def _input_of(storefront: Storefront) -> NewStorefront:
    return NewStorefront(
        **{name: getattr(storefront, name) for name in NewStorefront.__struct_fields__}
    )


def _said(storefront: NewStorefront) -> str:
    """Say a storefront in a line of the log."""
    told = {name: getattr(storefront, name) for name in _SHOWN_IN_LOG}
    arms = "mit" if storefront.coat_of_arms_svg is not None else "ohne"
    return "; ".join(f"{name}: {value}" for name, value in told.items()) + f"; {arms} Wappen"


def _told(profile: BranchProfile) -> str:
    address = profile.address
    values = asdict(profile) | {
        "address": f"{address.street} {address.house_number}, {address.postcode}"
        f" {address.post_town}",
        "opening_hours": " / ".join(profile.opening_hours),
    }
    return "; ".join(f"{name}: {value}" for name, value in values.items())
