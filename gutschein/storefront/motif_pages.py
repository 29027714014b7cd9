"""The pictures of a town's motifs, for pages that show or offer them."""

from __future__ import annotations

from litestar import Response, Router, get
from litestar.params import FromPath

from gutschein.kernel.errors import Refusal
from gutschein.motifs.service import picture
from gutschein.storefront.pages import AnyRequest, public_view
from gutschein.storefront.service import find_town
from gutschein.web.guard import PUBLIC
from gutschein.web.providers import Db

#: A drawing that is opened by itself is shown, and can do nothing.
_POLICY = "default-src 'none'; sandbox"
#: The town's colour may change.
_FOR_AN_HOUR = "public, max-age=3600"


@get("/{slug:str}/motive/{key:str}")
async def get_motif(
    slug: FromPath[str], key: FromPath[str], request: AnyRequest, database: Db
) -> Response[bytes]:
    """Return the picture of a motif, in the town's colour; also of one no longer offered."""
    async with public_view(request, database) as work:
        town = await find_town(work, slug)
        try:
            content, media_type = await picture(work, town.id, key, town.brand_colour)
        except Refusal as refusal:
            raise Refusal("request.not_found") from refusal
    headers = {"content-security-policy": _POLICY, "cache-control": _FOR_AN_HOUR}
    return Response(content, media_type=media_type, headers=headers)


router = Router("/", route_handlers=[get_motif], include_in_schema=False, opt=dict(PUBLIC))
