from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from api_fixtures import Clock, towns_path
from high_street import ARMS, HighStreet, front, profile
from litestar import Litestar
from lxml import html

from gutschein.settings import Settings, SettingsError
from gutschein.storefront.tiles import tiles_of
from gutschein.web.security_headers import PAGE_POLICY

HOSTILE = "\"><img src=x onerror=alert(1)>{{7*7}}</script>'&"


def read(text: str) -> Any:
    return html.document_fromstring(text)


def words_of(page: Any, path: str) -> list[str]:
    return [" ".join(each.text_content().split()) for each in page.xpath(path)]


async def test_a_town_shows_its_vouchers_shops_and_partners(street: HighStreet) -> None:
    answer = await street.see()
    assert answer.status_code == 200
    page = read(answer.text)
    assert words_of(page, "//h1") == ["Ein Gutschein. Ganz Schneeberg."]
    assert "Ein Gruß aus der Stadt." in answer.text
    assert words_of(page, "//li[@class='offer']/h3") == ["Schneebergkarte"]
    assert words_of(page, "//li[@class='offer']/ul/li") == ["10 €", "25,50 €"]
    assert "gilt er bis 31.12.2029." in answer.text
    assert words_of(page, "//dl[@class='figures']//dd") == ["3", "1", "31.12.2029"]
    assert words_of(page, "//a[@class='category']") == ["Café und Eis1 Laden", "Bücher1 Laden"]
    assert words_of(page, "//section[@aria-labelledby='nachbarn']//li") == ["Zwönitz"]


async def test_its_pages_lead_to_one_another_and_nowhere_else(street: HighStreet) -> None:
    await street.said("storefront/texts/imprint/de", {"paragraphs": ["Stadt Schneeberg"]})
    page = read((await street.see()).text)
    assert page.xpath("//a[@class='wordmark']/@href") == [street.path]
    foot = page.xpath("//footer//a/@href")
    assert f"{street.path}/impressum" in foot
    assert f"{street.path}/datenschutz" not in foot
    assert page.xpath("//header//a[@aria-current='page']/@href") == [street.path]
    for link in set(page.xpath("//a/@href")):
        if link.startswith("/"):
            bare = link.partition("#")[0]
            found = await street.api.client.get(bare, headers={"accept": "text/html"})
            assert found.status_code == 200, link
        else:
            assert link.startswith(("#", "?", "mailto:", "sms:", "https://wa.me/?text=")), link


async def test_english_is_read_where_it_is_asked_for(street: HighStreet) -> None:
    await street.show(intro_en="Greetings from town.")
    english = await street.see(**{"accept-language": "en"})
    assert "One voucher. All of Schneeberg." in english.text
    assert "Greetings from town." in english.text
    await street.show()
    page = read((await street.see(**{"accept-language": "en"})).text)
    assert page.xpath("//p[@lang='de']/text()") == ["Ein Gruß aus der Stadt."]


async def test_machines_read_who_issues_and_what_it_costs(street: HighStreet) -> None:
    await street.show(contact_phone="03772 350-0")
    page = read((await street.see("?sprache=en")).text)
    (block,) = page.xpath("//script[@type='application/ld+json']/text()")
    issuer, product = json.loads(block)["@graph"]
    assert (issuer["@type"], issuer["telephone"]) == ("GovernmentOrganization", "03772 350-0")
    assert (product["offers"]["lowPrice"], product["offers"]["highPrice"]) == ("10.00", "25.50")
    assert page.xpath("//link[@rel='canonical']/@href") == [
        f"http://127.0.0.1:8000{street.path}?sprache=en"
    ]
    assert page.xpath("//link[@rel='alternate']/@hreflang") == ["de", "en", "x-default"]
    (picture,) = page.xpath("//meta[@property='og:image']/@content")
    assert picture == f"http://127.0.0.1:8000{street.path}/vorschau.png"


async def test_a_link_is_sent_on_without_asking_anybody(street: HighStreet) -> None:
    text = (await street.see()).text
    (mail,) = re.findall(r'href="(mailto:[^"]+)"', text)
    assert unquote(mail).endswith(f"Ganz Schneeberg. http://127.0.0.1:8000{street.path}")
    page = read(text)
    loaded = page.xpath("//img/@src | //script/@src | //link[@rel='stylesheet']/@href")
    assert all(address.startswith("/") for address in loaded)


async def test_a_closed_town_says_where_vouchers_are_sold(street: HighStreet) -> None:
    await street.api.new_issuing_point(street.town, name="Bürgerbüro am Markt")
    await street.show(is_open=False)
    text = (await street.see()).text
    assert "Im Internet wird er gerade nicht verkauft." in text
    assert "Bürgerbüro am Markt" in text
    assert f"{street.path}/kaufen" not in text
    assert "InStoreOnly" in text


async def shown(street: HighStreet, query: str = "", **headers: str) -> list[str]:
    page = read((await street.see(f"/akzeptanzstellen{query}", **headers)).text)
    return words_of(page, "//li[@class='listing' and not(@hidden)]//h3")


async def test_shops_are_found_without_a_script(street: HighStreet) -> None:
    every = ["Bücherstube Öhler", "Café Silber", "Fahrrad Müßig"]
    assert await shown(street) == every
    assert await shown(street, "?q=oehler") == every[:1]
    assert await shown(street, "?q=cafe") == every[1:2]
    assert await shown(street, "?q=books", **{"accept-language": "en"}) == every[:1]
    assert await shown(street, "?kategorie=cafe") == every[1:2]
    assert await shown(street, "?barrierefrei=1") == every[:1]
    assert await shown(street, "?kategorie=cafe&barrierefrei=1") == []
    none = await street.see("/akzeptanzstellen?q=zzz")
    assert "Kein Laden gefunden." in none.text
    assert '<meta name="robots" content="noindex, follow">' in none.text


async def test_the_map_is_of_one_host_and_may_be_left_out(
    street: HighStreet, app: Litestar
) -> None:
    assert "data-tiles" not in (await street.see("/akzeptanzstellen")).text
    place = {"latitude": 50.5961, "longitude": 12.641}
    await street.said(street.profile_path("Fahrrad Müßig"), profile(**place))
    answer = await street.see("/akzeptanzstellen")
    assert 'data-latitude="50.5961" data-longitude="12.641"' in answer.text
    policy = answer.headers["content-security-policy"]
    assert policy.replace(" https://sgx.geodatenzentrum.de", "") == PAGE_POLICY
    assert "img-src 'self' data: https://sgx.geodatenzentrum.de;" in policy
    known, app.state.map_tiles = app.state.map_tiles, tiles_of("none", "niemand")
    try:
        answer = await street.see("/akzeptanzstellen")
    finally:
        app.state.map_tiles = known
    assert "data-tiles" not in answer.text
    assert answer.headers["content-security-policy"] == PAGE_POLICY


@pytest.mark.parametrize(
    "address", ["", "https://a.example/{z}/{x}", "ftp://a/{z}{x}{y}", "https://a;b/{z}{x}{y}"]
)
def test_tiles_need_an_address_with_all_places(address: str) -> None:
    with pytest.raises(SettingsError):
        Settings.load({"GUTSCHEIN_MAP_TILES_URL": address})


async def test_a_closed_branch_is_gone_and_several_are_told_apart(
    street: HighStreet, clock: Clock
) -> None:
    cafe, books = street.shops["Café Silber"], street.shops["Bücherstube Öhler"]
    clock.now += timedelta(minutes=1)
    merchant = towns_path(street.town, f"merchants/{cafe['id']}/branches")
    await street.api.post(f"{merchant}/{cafe['branches'][0]['id']}/close")
    await street.api.made(
        towns_path(street.town, f"merchants/{books['id']}/branches"), {"name": "Bahnhof"}
    )
    assert await shown(street) == [
        "Bücherstube Öhler, Bahnhof",
        "Bücherstube Öhler, Markt 3",
        "Fahrrad Müßig",
    ]


async def test_texts_are_shown_in_the_language_there_is(street: HighStreet) -> None:
    lines = ["# Wer", "Stadt, info@stadt.example, https://stadt.example", "- eins", "- zwei"]
    await street.said("storefront/texts/privacy/de", {"paragraphs": lines})
    english = await street.see("/datenschutz", **{"accept-language": "en"})
    page = read(english.text)
    assert words_of(page, "//h1") == ["Privacy"]
    assert page.xpath("//div[@lang='de']/h2/text()") == ["Wer"]
    assert len(page.xpath("//div[@lang='de']/ul/li")) == 2
    assert 'href="https://stadt.example"' in english.text
    await street.said("storefront/texts/privacy/en", {"paragraphs": ["Everything."]})
    assert "Everything." in (await street.see("/datenschutz", **{"accept-language": "en"})).text
    assert (await street.see("/impressum")).status_code == 404


async def test_the_coat_of_arms_can_do_nothing(street: HighStreet) -> None:
    assert (await street.see("/wappen.svg")).status_code == 404
    assert "wappen.svg" not in (await street.see()).text
    await street.show(coat_of_arms_svg=ARMS)
    arms = await street.see("/wappen.svg")
    assert arms.text == ARMS
    assert arms.headers["content-type"] == "image/svg+xml; charset=utf-8"
    assert "sandbox" in arms.headers["content-security-policy"]
    assert f'src="{street.path}/wappen.svg?' in (await street.see()).text


async def test_messengers_get_a_picture(street: HighStreet) -> None:
    picture = (await street.see("/vorschau.png")).content
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert [int.from_bytes(picture[at : at + 4]) for at in (16, 20)] == [1200, 630]


async def test_what_a_town_types_is_only_ever_text(street: HighStreet) -> None:
    await street.show(intro=HOSTILE, intro_en=HOSTILE)
    await street.said(
        "storefront/texts/terms/de", {"paragraphs": [HOSTILE, f"# {HOSTILE}", f"- {HOSTILE}"]}
    )
    shop = await street.api.new_merchant(street.town, name=HOSTILE)
    street.shops["böse"] = shop
    address = {"street": HOSTILE, "house_number": "1", "postcode": "08289", "post_town": "S"}
    await street.said(
        street.profile_path("böse"), profile(address=address, opening_hours=[HOSTILE])
    )
    await street.api.new_programme(street.town, name=HOSTILE)
    await street.api.new_issuing_point(street.town, name=HOSTILE)
    query = f"?q={HOSTILE}".replace("&", "%26").replace("#", "%23")
    for path in ("", "/akzeptanzstellen", f"/akzeptanzstellen{query}", "/agb"):
        answer = await street.see(path)
        assert answer.status_code == 200, path
        assert "<img src=x" not in answer.text
        assert "49" not in words_of(read(answer.text), "//h1")[0]
        page = read(answer.text)
        assert not page.xpath("//@onerror")
        for block in page.xpath("//script[not(@src)]/text()"):
            json.loads(block)


@pytest.mark.parametrize(
    "slug", ["nirgends", "a" * 300, "%00", "..%2fetc", "a%20b", "%ff", "wp-login.php"]
)
async def test_there_is_no_other_town(street: HighStreet, slug: str) -> None:
    for path in (f"/{slug}", f"/{slug}/akzeptanzstellen", f"/{slug}/wappen.svg"):
        answer = await street.api.client.get(path, headers={"accept": "text/html"})
        assert answer.status_code == 404, path


async def test_who_types_a_town_as_it_is_written_gets_there(street: HighStreet) -> None:
    answer = await street.api.client.get(street.path.upper())
    assert (answer.status_code, answer.headers["location"]) == (301, street.path)


async def test_the_start_page_lets_one_choose(street: HighStreet) -> None:
    async def towns(query: str) -> list[str]:
        page = read(
            (await street.api.client.get(f"/{query}", headers={"accept": "text/html"})).text
        )
        return list(page.xpath("//li[@class='town-card' and not(@hidden)]/a/@href"))

    assert street.path in await towns("")
    assert street.path in await towns("?q=SCHNEE")
    assert street.path not in await towns("?q=zwonitz")
    await street.put("storefront", front(f"z-{street.slug}"), street.partner)
    assert f"/z-{street.slug}" in await towns("?q=zwonitz")


async def test_search_engines_find_towns_and_nothing_else(street: HighStreet) -> None:
    client = street.api.client
    assert (
        f"<loc>http://127.0.0.1:8000{street.path}</loc>" in (await client.get("/sitemap.xml")).text
    )
    rules = (await client.get("/robots.txt")).text.splitlines()
    assert {"Disallow: /api/", "Disallow: /guthaben$", "Disallow: /V/"} <= set(rules)
    assert not [rule for rule in rules if rule in {"Disallow: /", f"Disallow: {street.path}"}]
