"""What the demo's towns show the public: words, invented coats of arms, and where the shops are.

The places are near the real towns' markets; the shops and all that is told of them are invented,
and so are the coats of arms.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Stall:
    """What is told of a shop. Houses stand along the street, a few metres apart."""

    category: str
    street: str
    house_number: str
    hours: tuple[str, ...] = ("Mo-Fr 9-18 Uhr", "Sa 9-13 Uhr")
    wheelchair: str | None = "yes"


@dataclass(frozen=True, slots=True)
class Front:
    """What a town shows.

    :param places: latitude and longitude of the market, in degrees.
    :param charge: what stands on the shield, an SVG path in a field of 88 by 104.
    :param stalls: of the town's merchants, by their names.
    :param others: further merchants, with what is told of them.
    """

    slug: str
    intro: str
    intro_en: str
    place: tuple[float, float]
    shield: str
    charge: str
    stalls: dict[str, Stall]
    others: dict[str, Stall] = field(default_factory=dict)


_LATE = ("Di-So 11-22 Uhr", "Mo Ruhetag")
_EARLY = ("Mo-Fr 6-18 Uhr", "Sa 6-12 Uhr", "So 8-10 Uhr")
_SALON = ("Di-Fr 9-18 Uhr", "Sa 8-13 Uhr")

_SHIELD = "M6 6h76v46c0 26-18 40-38 48C24 92 6 78 6 52z"
_HAMMERS = (
    "M24 26l8-8 14 14-8 8zM33 35l28 40-6 5-28-40zM64 26l-8-8-14 14 8 8zM55 35 27 75l6 5 28-40z"
)
_STAR = "M44 20l7 20 21 1-17 13 6 20-17-12-17 12 6-20-17-13 21-1z"
_TREE = "M44 16 26 42h10L22 60h14L20 76h20v10h8V76h20L52 60h14L52 42h10z"
_TOWER = "M28 84V40h-4V26h8v6h8v-6h8v6h8v-6h8v14h-4v44H50V66a6 6 0 0 0-12 0v18z"
_HILLS = "M10 70c10-22 20-30 30-14 8-26 22-26 38 6-6 16-20 26-34 32C30 90 16 82 10 70z"
_WHEEL = (
    "M44 24a24 24 0 1 0 0 48 24 24 0 0 0 0-48zm0 7a17 17 0 0 1 3 34V52h13v-8H47V31z"
    "m-3 0v13H28v8h13v13a17 17 0 0 1 0-34z"
)
_BOOK = "M44 34c-8-6-18-6-26-6v38c8 0 18 0 26 6 8-6 18-6 26-6V28c-8 0-18 0-26 6zm-2 8v22h4V42z"
_HOUSE = "M44 22 20 44v34h16V60h16v18h16V44z"

FRONTS: dict[str, Front] = {
    "Zwönitz": Front(
        slug="zwoenitz",
        intro="Vom Papiermühlenfest bis Weihnachten: Wer in Zwönitz schenkt, schenkt das, was "
        "zu Hause bleibt. Der Geschenkgutschein gilt in den Läden rund um den Markt.",
        intro_en="From the paper mill fair to Christmas: whoever gives in Zwönitz gives what "
        "stays at home. The voucher is good in the shops around the market.",
        place=(50.6300, 12.8130),
        shield="#1d4f91",
        charge=_BOOK,
        stalls={
            "Buchhandlung Morgenleite": Stall("books", "Markt", "11"),
            "Bäckerei Ziegenbein": Stall("bakery", "Markt", "12", _EARLY),
            "Spielwaren Räuchermann": Stall("toys", "Rathausstraße", "13", wheelchair="partly"),
        },
        others={
            "Café Feuerzangenbowle": Stall("cafe", "Rathausstraße", "4", ("Mi-So 13-18 Uhr",)),
            "Gasthaus Rossmarkt": Stall("restaurant", "Roßmarkt", "2", _LATE, "partly"),
            "Modehaus Katzenstein": Stall("clothing", "Bahnhofstraße", "8"),
            "Schuhhaus Lenkerberg": Stall("shoes", "Bahnhofstraße", "14", wheelchair="no"),
            "Blumen Zwönitztal": Stall("flowers", "Annaberger Straße", "5"),
            "Salon Haarspalter": Stall("hairdresser", "Lößnitzer Straße", "3", _SALON),
            "Apotheke am Brunnen": Stall("pharmacy", "Markt", "20"),
            "Elektro Funkenflug": Stall("electronics", "Schillerstraße", "7", wheelchair=None),
            "Hofladen Dorfchemnitz": Stall("groceries", "Am Anger", "1", ("Do-Sa 9-17 Uhr",)),
        },
    ),
    "Schneeberg": Front(
        slug="schneeberg",
        intro="Barock, Bergbau und Lichterglanz: Die Schneebergkarte gilt in den Läden der "
        "Bergstadt und legt manchmal noch etwas drauf.",
        intro_en="Baroque, mining and a glow of lights: the Schneeberg card is good in the "
        "shops of the mountain town, and now and then it adds a little.",
        place=(50.5960, 12.6410),
        shield="#8a1c1c",
        charge=_HAMMERS,
        stalls={
            "Schnitzstube Kienberg": Stall("crafts", "Markt", "11"),
            "Café Silberstollen": Stall("cafe", "Fürstenplatz", "12", ("Di-So 10-18 Uhr",)),
            "Fahrrad Müßig": Stall("sports", "Zobelgasse", "13", wheelchair="partly"),
        },
        others={
            "Bergmannsbräu am Filzteich": Stall("restaurant", "Ritterstraße", "6", _LATE),
            "Buch und Blatt": Stall("books", "Markt", "18", wheelchair="no"),
            "Drogerie Wolfgang": Stall("pharmacy", "Kirchgasse", "2"),
            "Hut und Mantel": Stall("clothing", "Markt", "5"),
        },
    ),
    "Annaberg-Buchholz": Front(
        slug="annaberg-buchholz",
        intro="Von der Großen Kirchgasse bis Buchholz: ein Gutschein für Wein und Wolle, "
        "Brillen und Bücher. Was Sie verschenken, bleibt in der Stadt.",
        intro_en="From Große Kirchgasse to Buchholz: one voucher for wine and wool, glasses "
        "and books. What you give stays in town.",
        place=(50.5800, 13.0040),
        shield="#0b6e4f",
        charge=_HILLS,
        stalls={
            "Posamenten Barbara": Stall("crafts", "Große Kirchgasse", "11"),
            "Weinkeller Frohnau": Stall("groceries", "Wolkensteiner Straße", "12", wheelchair="no"),
            "Optik Pöhlberg": Stall("services", "Buchholzer Straße", "13"),
        },
        others={
            "Kaffeerösterei Schreckenberg": Stall("cafe", "Markt", "4", ("Mo-Sa 9-18 Uhr",)),
            "Buchholzer Bücherstube": Stall("books", "Karlsbader Straße", "9"),
            "Kinderland Adam Ries": Stall("toys", "Johannisgasse", "23"),
            "Klöppelmode": Stall("clothing", "Buchholzer Straße", "20", wheelchair="partly"),
            "Kino Gloria": Stall("culture", "Buchholzer Straße", "40", ("Mi-So ab 16 Uhr",)),
            "Therme und Massage Lilie": Stall("wellness", "Am Sauwald", "2"),
        },
    ),
    "Marienberg": Front(
        slug="marienberg",
        intro="Ein quadratischer Markt, vier Ecken voller Läden: Der Marienberger "
        "Stadtgutschein öffnet ihre Türen.",
        intro_en="A square market with shops at every corner: the Marienberg voucher opens "
        "their doors.",
        place=(50.6510, 13.1640),
        shield="#5b2a86",
        charge=_TOWER,
        stalls={
            "Lederwaren Zschopautor": Stall("shoes", "Zschopauer Straße", "11"),
            "Gasthof Roter Turm": Stall("restaurant", "Markt", "12", _LATE, "partly"),
        },
        others={
            "Marienapotheke": Stall("pharmacy", "Markt", "8"),
            "Wohnen am Trebra": Stall("household", "Trebraplatz", "3"),
            "Salon Bergparade": Stall("hairdresser", "Freiberger Straße", "6", _SALON),
        },
    ),
    "Olbernhau": Front(
        slug="olbernhau",
        intro="Sterne, Nussknacker und Kupfer: Der Sternegutschein gilt bei denen, die hier "
        "drechseln, binden und backen.",
        intro_en="Stars, nutcrackers and copper: the star voucher is good with those who turn, "
        "bind and bake here.",
        place=(50.6620, 13.3380),
        shield="#a85500",
        charge=_STAR,
        stalls={
            "Drechslerei Flöhatal": Stall("crafts", "Grünthaler Straße", "11"),
            "Blumen Saigerhütte": Stall("flowers", "In der Hütte", "12"),
        },
        others={"Stadtbäckerei Sternenbrot": Stall("bakery", "Markt", "3", _EARLY)},
    ),
    "Zschopau": Front(
        slug="zschopau",
        intro="Die Motorradstadt unter der Burg: ein Gutschein für zwei Räder, drei Kugeln Eis "
        "und alles dazwischen.",
        intro_en="The motorcycle town below the castle: a voucher for two wheels, three scoops "
        "of ice cream and everything in between.",
        place=(50.7480, 13.0730),
        shield="#20639b",
        charge=_WHEEL,
        stalls={
            "Zweirad Wildeck": Stall("sports", "Altmarkt", "11"),
            "Eisdiele Dicker Heinrich": Stall("cafe", "Neumarkt", "12", ("Mo-So 11-20 Uhr",)),
        },
        others={"Schloss-Buchhandlung": Stall("books", "Neumarkt", "6", wheelchair="partly")},
    ),
    "Thalheim/Erzgeb.": Front(
        slug="thalheim",
        intro="Klein, aber gut gestrickt: Der Thalheim-Gutschein hält Strümpfe und Stadt zusammen.",
        intro_en="Small, and well knitted: the Thalheim voucher holds stockings and town together.",
        place=(50.7030, 12.8510),
        shield="#3d5a3d",
        charge=_TREE,
        stalls={"Strumpfladen Dreitannen": Stall("clothing", "Hauptstraße", "11")},
    ),
    "Ehrenfriedersdorf": Front(
        slug="ehrenfriedersdorf",
        intro="Vom Sauberg in die Stadt: Den Zinngutschein gibt es gedruckt im Bürgerbüro.",
        intro_en="From the Sauberg into town: the tin voucher is sold, printed, at the town hall.",
        place=(50.6450, 12.9700),
        shield="#444b54",
        charge=_HOUSE,
        stalls={"Sauberg-Drogerie": Stall("pharmacy", "Max-Wenzel-Straße", "11")},
    ),
}

#: Towns that sell at their issuing points only.
CLOSED = frozenset({"Ehrenfriedersdorf"})


def coat_of_arms(front: Front) -> str:
    """Draw an invented coat of arms: a shield in the town's colour, with one charge."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 88 104">'
        f'<path d="{_SHIELD}" fill="{front.shield}" stroke="#e9c46a" stroke-width="4"/>'
        f'<path d="{front.charge}" fill="#f7f3e8"/></svg>'
    )
