"""What the public finds of towns. Read under ``PUBLIC_READER``, which sees all of them."""

from __future__ import annotations

from datetime import date, datetime

from gutschein.db.unit_of_work import Work
from gutschein.kernel.errors import Language, Refusal
from gutschein.kernel.ids import TownId
from gutschein.programmes import repository as programmes
from gutschein.programmes.schemas import Programme
from gutschein.storefront import repository
from gutschein.storefront.public_town import Partner, PublicTown
from gutschein.storefront.rules import TextKind, is_slug, text_in_force
from gutschein.storefront.schemas import StorefrontText


async def find_town(work: Work, slug: str) -> PublicTown:
    """Return the town whose pages go by *slug*.

    :raises Refusal: ``request.not_found``.
    """
    found = await repository.find_public_town(work, slug=slug) if is_slug(slug) else None
    if found is None:
        raise Refusal("request.not_found")
    return found


async def coat_of_arms(work: Work, slug: str) -> bytes:
    """Return the coat of arms of the town whose pages go by *slug*, an SVG drawing.

    :raises Refusal: ``request.not_found``.
    """
    found = await repository.coat_of_arms(work, slug) if is_slug(slug) else None
    if found is None:
        raise Refusal("request.not_found")
    return found


async def public_town(work: Work, town_id: TownId) -> PublicTown | None:
    """Return a town as the public sees it; ``None`` where it has no storefront."""
    return await repository.find_public_town(work, town_id=town_id)


async def offers(work: Work, town_id: TownId, today: date) -> list[Programme]:
    """Return the kinds of voucher that a town sells to citizens, by name."""
    return [
        each
        for each in await programmes.list_programmes(work, town_id)
        if each.payer == "citizen" and (each.validity_day is None or today <= each.validity_day)
    ]


async def accepted_in(work: Work, town_id: TownId, today: date) -> list[Partner]:
    """Return the other towns whose shops honour the town's vouchers today, by name."""
    return await repository.list_partners(work, town_id, today)


async def text_of(
    work: Work, town_id: TownId, kind: TextKind, language: Language, now: datetime
) -> StorefrontText | None:
    """Return the text of a town that counts now, in *language* if there is one, else in German.

    Where none has begun yet, it is the first to come.
    """
    texts = await repository.list_texts(work, town_id, kind, (language, "de"))
    in_language = [each for each in texts if each.language == language]
    return text_in_force(in_language or texts, now)
