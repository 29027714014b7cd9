"""Who calls, and what they may do where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from gutschein.kernel.author import Author
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import MerchantId, RegionId, TownId
from gutschein.web.rights import RIGHTS, TWO_FACTOR, Right, Role

Kind = Literal["person", "device", "api_key"]


@dataclass(frozen=True, slots=True)
class Grant:
    """A role, and the region, town or merchant that it is held for.

    :param town_id: of a merchant's role, the merchant's town.
    :param branch_id: of a device, the branch where it stands.
    """

    role: Role
    region_id: RegionId | None = None
    town_id: TownId | None = None
    merchant_id: MerchantId | None = None
    branch_id: UUID | None = None


@dataclass(slots=True)
class SignIn:
    """What of a till's credential only the database knows: whether it is locked or revoked,
    who stands there, and whether the nonce is fresh. It is asked with the till's business, in
    the same transaction.

    :param device_id: of a device; else *api_key_id* is that of an API key.
    :param nonce_ends_at: until when the nonce of a device's request is remembered.
    :param asked: whether that has been done, whatever came of it.
    """

    town_id: TownId
    device_id: UUID | None = None
    nonce: str | None = None
    nonce_ends_at: datetime | None = None
    api_key_id: UUID | None = None
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody whose credential was good, with the grants of this very moment.

    :param second_factor: whether a person has shown two factors; devices and API keys
        have no need to.
    :param session_id: of a person.
    :param csrf_token: what forms of that session must carry.
    :param cashier: who stands at a device, when somebody has given their PIN there.
    :param rights: an API key's; ``None`` is all that its role has.
    :param sign_in: of a till that is only let in once this has been asked too.
    """

    kind: Kind
    id: UUID
    name: str
    grants: tuple[Grant, ...]
    second_factor: bool = True
    session_id: UUID | None = None
    csrf_token: str = field(default="", repr=False)
    cashier: Author | None = None
    rights: frozenset[Right] | None = None
    sign_in: SignIn | None = None

    @property
    def author(self) -> Author:
        """Who the business log names."""
        return Author(self.id, self.name)

    def holding(self, right: Right) -> tuple[Grant, ...]:
        """Return the grants that give *right*, as far as the factors shown allow."""
        if self.rights is not None and right not in self.rights:
            return ()
        return tuple(
            grant
            for grant in self.grants
            if grant.role in RIGHTS[right].roles
            and (self.second_factor or grant.role not in TWO_FACTOR)
        )

    def towns_with(self, right: Right) -> frozenset[TownId]:
        """Return the towns that a grant with *right* is for."""
        return frozenset(grant.town_id for grant in self.holding(right) if grant.town_id)

    def check_shop(
        self, right: Right, town_id: TownId, merchant_id: UUID, branch_id: UUID | None = None
    ) -> None:
        """Let a till act for its own shop: a device for its branch, a key for its merchant.

        :raises Refusal: ``right.missing``.
        """
        if not _covers(self.holding(right), town_id, merchant_id, branch_id):
            raise Refusal("right.missing")


def _covers(
    grants: Iterable[Grant], town_id: TownId, merchant_id: UUID, branch_id: UUID | None
) -> bool:
    return any(
        (grant.town_id, grant.merchant_id) == (town_id, merchant_id)
        and (branch_id is None or grant.branch_id in {None, branch_id})
        for grant in grants
    )
