"""A town, its partners and its shops, as anybody may see them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from gutschein.kernel.errors import Language
from gutschein.kernel.ids import RegionId, TownId
from gutschein.storefront.rules import Category, TextKind, Wheelchair
from gutschein.web.address import Address


class PublicTown(Struct, frozen=True, kw_only=True):
    """A town that has a storefront. Given to a page as ``town``, the page is one of the town's:
    its header leads to the town's page, its foot to the town's texts.

    :param texts: the kinds of text that the town has.
    """

    id: TownId
    region_id: RegionId
    name: str
    slug: str
    brand_colour: str
    address: Address
    intro: str
    intro_en: str | None
    contact_email: str | None
    contact_phone: str | None
    has_arms: bool
    is_open: bool
    changed_at: datetime
    texts: frozenset[TextKind]

    @property
    def path(self) -> str:
        """Where the town's page is."""
        return f"/{self.slug}"

    @property
    def arms_path(self) -> str | None:
        """Where its coat of arms is; the address changes with the storefront."""
        if not self.has_arms:
            return None
        return f"{self.path}/wappen.svg?{int(self.changed_at.timestamp())}"

    @property
    def dialled(self) -> str:
        """Its telephone number, as a link names it (RFC 3966)."""
        return dialled(self.contact_phone or "")

    def intro_in(self, language: Language) -> tuple[str, Language]:
        """Return what it says of its voucher, and in which language it does."""
        if language == "en" and self.intro_en is not None:
            return self.intro_en, "en"
        return self.intro, "de"


class TownCard(Struct, frozen=True, kw_only=True):
    """A town in a list of towns.

    :param shops: how many open branches honour vouchers there.
    """

    id: TownId
    region: str
    name: str
    slug: str
    brand_colour: str
    has_arms: bool
    changed_at: datetime
    shops: int

    @property
    def arms_path(self) -> str | None:
        if not self.has_arms:
            return None
        return f"/{self.slug}/wappen.svg?{int(self.changed_at.timestamp())}"


class TownChoice(Struct, frozen=True):
    """A town to choose.

    :param words: what a search compares with.
    :param is_found: whether it was searched for.
    """

    card: TownCard
    words: str
    is_found: bool


class Partner(Struct, frozen=True):
    """Another town whose shops honour the vouchers. Without a slug it has no pages here."""

    id: TownId
    name: str
    slug: str | None


class PublicShop(Struct, frozen=True, kw_only=True):
    """An open branch; what nobody has told of it is ``None`` or empty."""

    id: UUID
    name: str
    branch: str
    siblings: int
    category: Category | None
    address: Address | None
    phone: str | None
    website: str | None
    opening_hours: tuple[str, ...]
    wheelchair: Wheelchair | None
    latitude: float | None
    longitude: float | None

    @property
    def title(self) -> str:
        """What to call it: the branch is only named where the merchant has several."""
        return self.name if self.siblings == 1 else f"{self.name}, {self.branch}"

    @property
    def dialled(self) -> str:
        return dialled(self.phone or "")


def dialled(phone: str) -> str:
    """Return the digits of a telephone number, with its plus sign."""
    return "".join(sign for sign in phone if sign in "+0123456789")
