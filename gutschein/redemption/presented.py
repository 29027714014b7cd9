"""What the till holds up: a scanned token or a typed code, and which voucher it may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gutschein.db.unit_of_work import Work
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.redemption import repository
from gutschein.signing.code import parse_code
from gutschein.signing.key_trust import verifying_keys
from gutschein.signing.keyring import code_keys
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.signing.token import claimed_code, claimed_kid, token_from_scan, verify_token


@dataclass(frozen=True, slots=True)
class Presented:
    """Either the text of a QR code or a code typed by hand."""

    token: str | None = None
    code: str | None = None

    def __post_init__(self) -> None:
        if (self.token is None) == (self.code is None):
            raise Refusal("request.invalid", reason="token oder code / token or code")


@dataclass(frozen=True, slots=True)
class Lookup:
    """A place to look for a voucher: a town and the keyed hash of the code there."""

    town_id: TownId
    code_hash: bytes


def claimed_code_of(presented: Presented) -> bytes:
    """Return the code that is held up; that of a token is what it claims to be.

    :raises Refusal: ``token.unreadable``, ``code.typo``.
    """
    if presented.token is not None:
        return claimed_code(token_from_scan(presented.token))
    return parse_code(presented.code or "")


async def lookups(
    work: Work, presented: Presented, town_id: TownId | None, kek: KeyEncryptionKey, at: datetime
) -> Sequence[Lookup]:
    """Return where the voucher can be: a token names its town, a typed code may be of any
    town in the region of *town_id*, or of any at all when that is ``None``.

    :param at: the instant for which a token's key must be valid.
    :raises Refusal: ``token.unreadable``, ``token.signature``, ``token.key_unknown``,
        ``token.key_revoked``, ``token.key_not_yet``, ``token.key_expired``, ``code.typo``,
        ``town.unknown``.
    """
    if presented.token is not None:
        token = token_from_scan(presented.token)
        keys = await verifying_keys(work, claimed_kid(token))
        verified = verify_token(token, keys, at)
        town_ids: Sequence[TownId] = [verified.town_id]
        code = verified.claims.code
    else:
        code = parse_code(presented.code or "")
        town_ids = await repository.towns_around(work, town_id)
        if town_id is not None and not town_ids:
            raise Refusal("town.unknown")
    opened = await code_keys(work, town_ids, kek)
    return [Lookup(town_id, keys.hashed(code)) for town_id, keys in opened.items()]
