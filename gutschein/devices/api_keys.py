"""Use cases of API keys: the credentials of cash registers, scoped, expiring, replaceable.

Who holds a key's token acts for a merchant, with the rights the key was given. The token
is shown once, when the key is made; what is stored of it opens nothing.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec.structs import replace

from gutschein.db.unit_of_work import Work
from gutschein.devices import api_key_repository as repository
from gutschein.devices.api_key_token import SECRET_BYTES, Token
from gutschein.devices.rules import KEY_LASTS, check_api_key, check_key_end, check_key_living
from gutschein.devices.schemas import ApiKey, KeyRight, KeyRotation
from gutschein.history.log import Entry, record
from gutschein.kernel.author import Author
from gutschein.kernel.clock import berlin_day, format_day
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import MerchantId, TownId, new_id
from gutschein.merchants.service import get_merchant
from gutschein.web.caller import Caller, Grant
from gutschein.web.rights import Right, Role

#: What a treasurer reads in the log.
_RIGHTS_IN_WORDS = {
    Right.TILL_REDEEM: "einlösen und stornieren",
    Right.TILL_BALANCE: "Guthaben abfragen",
    Right.REDEMPTION_READ: "Einlösungen nachsehen",
}


async def create_api_key(
    work: Work,
    town_id: TownId,
    merchant_id: MerchantId,
    *,
    name: str,
    rights: Iterable[KeyRight | Right],
    ends_at: datetime | None,
    by: Author,
    now: datetime,
) -> tuple[ApiKey, str]:
    """Make a key for a merchant's cash register; return it and its token.

    :param rights: of ``till.redeem``, ``till.balance`` and ``redemption.read``.
    :param ends_at: in a year unless told.
    :raises Refusal: ``town.unknown``, ``merchant.unknown``, ``api_key.end``.
    """
    merchant = await get_merchant(work, town_id, merchant_id)
    key = ApiKey(
        id=new_id(),
        merchant_id=merchant_id,
        name=name,
        rights=msgspec.convert(sorted(set(rights)), list[KeyRight]),
        created_at=now,
        ends_at=ends_at or now + KEY_LASTS,
        state="valid",
    )
    token = await _insert(work, town_id, key, by, now)
    await _log(
        work, town_id, "api_key.created", key, merchant.name, by=by, now=now, after=_terms(key)
    )
    return key, token


async def rotate_api_key(
    work: Work,
    town_id: TownId,
    merchant_id: MerchantId,
    key_id: UUID,
    rotation: KeyRotation,
    *,
    by: Author,
    now: datetime,
) -> tuple[ApiKey, str]:
    """Make a key with the same name and rights, and let the old one end after a grace period.

    :raises Refusal: ``town.unknown``, ``merchant.unknown``, ``api_key.unknown``,
        ``api_key.ended``, ``api_key.end``, ``api_key.replaced``.
    """
    merchant = await get_merchant(work, town_id, merchant_id)
    old = await _living(work, town_id, merchant_id, key_id, now)
    key = replace(
        old,
        id=new_id(),
        created_at=now,
        ends_at=rotation.ends_at or now + KEY_LASTS,
        used_at=None,
        replaces_id=old.id,
        state="valid",
    )
    token = await _insert(work, town_id, key, by, now)
    old_end = min(old.ends_at, now + rotation.grace)
    await repository.end_key(work, town_id, old.id, ends_at=old_end, revoked_at=None)
    await _log(
        work,
        town_id,
        "api_key.replaced",
        key,
        merchant.name,
        by=by,
        now=now,
        before=_terms(replace(old, ends_at=old_end)),
        after=_terms(key),
    )
    return key, token


async def revoke_api_key(
    work: Work,
    town_id: TownId,
    merchant_id: MerchantId,
    key_id: UUID,
    *,
    by: Author,
    now: datetime,
) -> ApiKey:
    """Make a key worthless at once; a key that is over stays as it is.

    :raises Refusal: ``town.unknown``, ``merchant.unknown``, ``api_key.unknown``.
    """
    merchant = await get_merchant(work, town_id, merchant_id)
    key = await _found(work, town_id, merchant_id, key_id, now)
    if key.state in {"ended", "revoked"}:
        return key
    await repository.end_key(work, town_id, key.id, ends_at=key.ends_at, revoked_at=now)
    await _log(
        work, town_id, "api_key.revoked", key, merchant.name, by=by, now=now, before=_terms(key)
    )
    return replace(key, revoked_at=now, state="revoked")


async def list_api_keys(
    work: Work, town_id: TownId, merchant_id: MerchantId, now: datetime
) -> list[ApiKey]:
    """Return a merchant's keys, the newest first.

    :raises Refusal: ``town.unknown``, ``merchant.unknown``.
    """
    await get_merchant(work, town_id, merchant_id)
    return await repository.list_keys(work, town_id, merchant_id, now)


async def caller_with(work: Work, token: Token, now: datetime) -> Caller:
    """Return who holds *token*. Nothing is noted of a token that is no good.

    :raises Refusal: ``auth.required`` when no living key has this secret.
    """
    row = await repository.use_key(work, token.town_id, token.key_id, now)
    if row is None or not hmac.compare_digest(row["secret_hash"], token.secret_hash):
        raise Refusal("auth.required")
    check_api_key(row["ends_at"], row["revoked_at"], now)
    grant = Grant(Role.REGISTER, town_id=token.town_id, merchant_id=MerchantId(row["merchant_id"]))
    rights = frozenset(map(Right, row["rights"]))
    return Caller("api_key", token.key_id, row["name"], (grant,), rights=rights)


async def _insert(work: Work, town_id: TownId, key: ApiKey, by: Author, now: datetime) -> str:
    check_key_end(key.ends_at, now)
    token = Token(town_id, key.id, secrets.token_bytes(SECRET_BYTES))
    if not await repository.insert_key(work, town_id, key, token.secret_hash, by.id):
        raise Refusal("api_key.replaced")
    return token.text()


async def _living(
    work: Work, town_id: TownId, merchant_id: MerchantId, key_id: UUID, now: datetime
) -> ApiKey:
    key = await _found(work, town_id, merchant_id, key_id, now)
    check_key_living(key.ends_at, key.revoked_at, now)
    return key


async def _found(
    work: Work, town_id: TownId, merchant_id: MerchantId, key_id: UUID, now: datetime
) -> ApiKey:
    key = await repository.lock_key(work, town_id, merchant_id, key_id, now)
    if key is None:
        raise Refusal("api_key.unknown")
    return key


def _terms(key: ApiKey) -> str:
    rights = ", ".join(_RIGHTS_IN_WORDS[Right(right)] for right in key.rights)
    return f"{rights}; gültig bis {format_day(berlin_day(key.ends_at))}"


async def _log(
    work: Work,
    town_id: TownId,
    action: str,
    key: ApiKey,
    merchant_name: str,
    *,
    by: Author,
    now: datetime,
    before: str | None = None,
    after: str | None = None,
) -> None:
    subject = f"API-Schlüssel »{key.name}« von {merchant_name}"
    await record(work, town_id, Entry(action, by, subject, before, after, at=now))
