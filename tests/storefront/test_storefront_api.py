from __future__ import annotations

from datetime import timedelta

import pytest
from api_fixtures import Api, Clock, code_of, fresh_id, towns_path
from high_street import ARMS, HighStreet, front, profile
from litestar import Litestar


async def log_of(api: Api, town_id: str) -> list[dict[str, str]]:
    entries = (await api.get(f"/api/v1/towns/{town_id}/log")).json()["entries"]
    return [each for each in entries if each["action"].startswith(("storefront.", "branch."))]


async def test_a_storefront_is_put_as_a_whole_and_logged(street: HighStreet, api: Api) -> None:
    put = await street.show(coat_of_arms_svg=ARMS, contact_email="a@b.example", is_open=False)
    got = (await api.get(towns_path(street.town, "storefront"))).json()
    assert got == put
    assert (got["coat_of_arms_svg"], got["is_open"], got["texts"]) == (ARMS, False, [])
    (entry,) = [
        each for each in await log_of(api, street.town["id"]) if "mit Wappen" in each["after"]
    ]
    assert entry["action"] == "storefront.changed"
    assert "is_open: True" in entry["before"]
    assert "is_open: False" in entry["after"]


async def test_the_same_again_changes_nothing(street: HighStreet, api: Api, clock: Clock) -> None:
    before = await street.show()
    entries = len(await log_of(api, street.town["id"]))
    clock.now += timedelta(minutes=1)
    assert await street.show() == before
    await street.said(street.profile_path("Café Silber"), profile(category="cafe"))
    await street.said(street.profile_path("Café Silber"), profile(category="cafe"))
    assert len(await log_of(api, street.town["id"])) == entries + 1


async def test_two_towns_do_not_share_an_address(street: HighStreet) -> None:
    taken = await street.put("storefront", front(street.slug), street.partner)
    assert (taken.status_code, code_of(taken)) == (409, "storefront.slug_taken")
    other = await street.put("storefront", front(f"{street.slug}-2"), street.partner)
    assert other.status_code == 200
    back = await street.put("storefront", front(f"{street.slug}-2"))
    assert code_of(back) == "storefront.slug_taken"


async def test_no_town_takes_an_address_of_the_service(street: HighStreet, app: Litestar) -> None:
    own = {route.path.split("/")[1].casefold() for route in app.routes}
    tried = 0
    for part in sorted(own):
        answer = await street.put("storefront", front(part))
        if answer.status_code == 409:
            assert code_of(answer) == "storefront.slug_taken"
            tried += 1
        else:  # what no address of a town can look like at all
            assert (answer.status_code, code_of(answer)) == (422, "request.invalid"), part
    assert {"api", "anmelden", "guthaben", "kasse", "static"} <= own
    assert tried > 10


@pytest.mark.parametrize("slug", ["Stadt", "zwönitz", "a", "-a-", "a--b", "a/b", "x" * 61, "a b"])
async def test_an_address_is_short_and_plain(street: HighStreet, slug: str) -> None:
    answer = await street.put("storefront", front(slug))
    assert (answer.status_code, code_of(answer)) == (422, "request.invalid")


async def test_a_text_begins_and_is_never_changed(
    street: HighStreet, api: Api, clock: Clock
) -> None:
    path = "storefront/texts/terms/de"
    first = await street.said(path, {"paragraphs": ["# Alt", "Drei Jahre."]})
    assert first["begins_at"] == "2026-12-05T09:00:00Z"
    assert await street.said(path, {"paragraphs": first["paragraphs"]}) == first
    to_come = {"paragraphs": ["Neu."], "begins_at": "2027-01-01T00:00:00Z"}
    assert (await street.said(path, to_come))["paragraphs"] == ["Neu."]
    assert (await api.get(towns_path(street.town, path))).json()["paragraphs"] == ["Neu."]
    assert "Drei Jahre." in (await street.see("/agb")).text
    clock.now += timedelta(days=30)
    assert "Neu." in (await street.see("/agb")).text


@pytest.mark.parametrize("begins_at", ["2026-12-05T08:59:59Z", "2026-12-31T23:00:00Z"])
async def test_no_text_begins_in_the_past_or_before_another(
    street: HighStreet, begins_at: str
) -> None:
    path = "storefront/texts/terms/de"
    await street.said(path, {"paragraphs": ["A"], "begins_at": "2027-01-01T00:00:00Z"})
    late = await street.put(path, {"paragraphs": ["B"], "begins_at": begins_at})
    assert (late.status_code, code_of(late)) == (422, "storefront_text.past")


async def test_there_are_no_other_kinds_and_languages(street: HighStreet) -> None:
    for path in ("imprint/fr", "wishes/de", f"{fresh_id()}/de"):
        answer = await street.put(f"storefront/texts/{path}", {"paragraphs": ["A"]})
        assert (answer.status_code, code_of(answer)) == (404, "request.not_found")


async def test_a_place_has_two_coordinates_and_a_website_is_secure(street: HighStreet) -> None:
    path = street.profile_path("Café Silber")
    for change in (
        {"latitude": 50.5},
        {"latitude": 91, "longitude": 12.6},
        {"website": "http://cafe.example"},
        {"website": 'https://cafe.example/"onclick'},
        {"website": "javascript:alert(1)"},
        {"category": "weapons"},
        {"phone": "0900<script>"},
    ):
        answer = await street.put(path, profile(**change))
        assert (answer.status_code, code_of(answer)) == (422, "request.invalid"), change
    place = {"latitude": 50.596123, "longitude": 12.641}
    told = await street.said(path, profile(website="https://cafe.example/karte?a=1", **place))
    assert {name: told[name] for name in place} == place


async def test_what_was_not_told_is_not_there(street: HighStreet, api: Api) -> None:
    for path, code in (
        (towns_path(street.partner, "storefront"), "storefront.unknown"),
        (towns_path(street.town, "storefront/texts/imprint/en"), "storefront_text.unknown"),
        (towns_path(street.town, street.profile_path("Fahrrad Müßig")), "branch_profile.unknown"),
    ):
        answer = await api.get(path)
        assert (answer.status_code, code_of(answer)) == (404, code)
