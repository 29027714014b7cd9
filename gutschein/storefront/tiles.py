"""Where the pictures of the map come from, when somebody asks for the map."""

from __future__ import annotations

from urllib.parse import urlsplit

from msgspec import Struct

#: The map of the federation and the states (CC BY 4.0), as tiles in Web Mercator.
BASEMAP_DE = (
    "https://sgx.geodatenzentrum.de/wmts_basemapde/tile/1.0.0/de_basemapde_web_raster_farbe"
    "/default/GLOBAL_WEBMERCATOR/{z}/{y}/{x}.png"
)
BASEMAP_MAKERS = "© basemap.de / BKG"
#: An address with all three places, and nothing in it that would end a policy's source.
TILES_PATTERN = r"^(none|(?=.*\{z\})(?=.*\{x\})(?=.*\{y\})https?://[^\s\\\"'<>;,]+)$(?!\n)"


class Tiles(Struct, frozen=True):
    """The address of the tiles, with places for ``{z}``, ``{x}`` and ``{y}``, and whom to thank."""

    tiles_url: str
    attribution: str

    @property
    def host(self) -> str:
        """Who then sees who looks."""
        return urlsplit(self.tiles_url).netloc

    @property
    def origin(self) -> str:
        """Where pictures may be loaded from."""
        return f"{urlsplit(self.tiles_url).scheme}://{self.host}"


def tiles_of(tiles_url: str, attribution: str) -> Tiles | None:
    """Return where the map's pictures come from; ``None`` where there is to be no map."""
    return None if tiles_url == "none" else Tiles(tiles_url, attribution)
