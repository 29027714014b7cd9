"""What an order's letters and pages say of the town: who writes, where the money goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from gutschein.db.unit_of_work import Work
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.shop.order_link import link_of
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.signing.service_keys import ServiceKeys
from gutschein.storefront.public_town import PublicTown
from gutschein.storefront.service import public_town
from gutschein.towns.service import town_with_account


@dataclass(frozen=True, slots=True)
class Stationery:
    """A town as it writes to its customers.

    :param url: where the service is reached, without a slash at its end.
    :param iban: of the trust account, to which they pay.
    """

    town: PublicTown
    url: str
    iban: str
    account_holder: str
    keys: ServiceKeys

    @property
    def name(self) -> str:
        return self.town.name

    @property
    def brand_colour(self) -> str:
        return self.town.brand_colour

    @property
    def foot(self) -> Sequence[str]:
        """The lines below a letter: who answers for it."""
        address = self.town.address
        lines = [
            self.account_holder,
            f"{address.street} {address.house_number}, {address.postcode} {address.post_town}",
        ]
        return [*lines, *(each for each in (self.town.contact_email,) if each)]

    def order_url(self, order_id: UUID) -> str:
        """Return the secret address of an order, whole."""
        return f"{self.url}{self.order_path(order_id)}"

    def order_path(self, order_id: UUID) -> str:
        link = link_of(self.keys, TownId(self.town.id), order_id)
        return f"{self.town.path}/bestellung/{link}"


async def stationery_of(
    work: Work, town_id: TownId, *, kek: KeyEncryptionKey, keys: ServiceKeys, url: str
) -> Stationery:
    """Return the stationery of a town.

    :raises Refusal: ``town.unknown``, ``key.sealed``, ``request.not_found`` for a town without a
        storefront.
    """
    town = await public_town(work, town_id)
    if town is None:
        raise Refusal("request.not_found")
    account = await town_with_account(work, town_id, kek)
    return Stationery(town, url, account.trust_iban, account.trust_account_holder, keys)
