"""One asks, another approves: what the mechanism allows and what it refuses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from api_fixtures import OTHER_IBAN, fresh_id
from colleagues import Office

from gutschein.web.rights import Role

RENEWAL = {"kind": "key_renewal"}


def subsidy(amount_cents: int = 500_00) -> dict[str, Any]:
    return {"kind": "gratis_issue", "amount_cents": amount_cents, "reference": "Neugeborene 2027"}


async def test_a_request_says_who_what_why_and_until_when(office: Office) -> None:
    request = await office.asked(office.clara, subsidy(), "Beschluss 17/2026")
    assert request | {"id": "", "fingerprint": ""} == {
        "id": "",
        "town_id": office.town.id,
        "kind": "gratis_issue",
        "subject_id": request["id"],
        "summary": "Zwönitz gibt 500,00 € für Gutscheine, die niemand bezahlt: „Neugeborene 2027“.",
        "reason": "Beschluss 17/2026",
        "requested_by": str(office.clara.id),
        "requested_by_name": "Clara Schalter",
        "requested_at": "2026-12-05T09:00:00Z",
        "ends_at": "2026-12-12T09:00:00Z",
        "state": "open",
        "decided_by": None,
        "decided_by_name": None,
        "decided_at": None,
        "decision_reason": None,
        "fingerprint": "",
    }
    found = (await office.adam.get(office.path(request))).json()
    assert found == request | {"details": []}


async def test_both_names_stand_in_the_log(office: Office) -> None:
    request = await office.asked(office.clara, subsidy(), "Beschluss 17/2026")
    done = await office.approved(office.bea, request)
    assert done["decided_by_name"] == "Bea Bestätigt"
    assert await office.log() == [
        ("approval.requested", "Clara Schalter", request["summary"], None, None, request["reason"]),
        (
            "approval.approved",
            "Bea Bestätigt",
            request["summary"],
            None,
            "Zuschuss über 500,00 € gebucht",
            "Beantragt von Clara Schalter: Beschluss 17/2026",
        ),
    ]


async def test_nobody_approves_or_rejects_their_own_request(office: Office) -> None:
    both = await office.colleague("Dora Doppelt", Role.ADMINISTRATOR, Role.APPROVER)
    request = await office.asked(both, RENEWAL)
    await office.refused(await office.approve(both, request), "approval.same_person")
    rejection = await both.post(office.path(request, "/rejection"), {"reason": "Doch nicht"})
    await office.refused(rejection, "approval.same_person")
    assert await office.state(request) == "open"
    await office.approved(office.bea, request)


async def test_only_an_approver_of_the_town_approves(office: Office) -> None:
    """Least of all the operator of the region."""
    request = await office.asked(office.adam, RENEWAL)
    for role in (Role.ADMINISTRATOR, Role.CLERK, Role.AUDITOR, Role.OPERATOR):
        other = await office.colleague("Otto Ohne", role)
        await office.refused(await office.approve(other, request), "right.missing")
        rejection = await other.post(office.path(request, "/rejection"), {"reason": "Nein"})
        await office.refused(rejection, "right.missing")


async def test_an_approver_of_another_town_finds_nothing(office: Office) -> None:
    schneeberg = await office.neighbour()
    neighbour = await office.colleague(
        "Nina Nebenan", Role.APPROVER, Role.ADMINISTRATOR, town_id=schneeberg
    )
    request = await office.asked(office.adam, RENEWAL)
    await office.refused(await office.approve(neighbour, request), "right.missing")
    elsewhere = office.path(request).replace(office.town.id, schneeberg)
    body = {"fingerprint": request["fingerprint"]}
    await office.refused(await neighbour.post(f"{elsewhere}/approval", body), "approval.unknown")
    await office.refused(await neighbour.get(elsewhere), "approval.unknown")
    assert await office.state(request) == "open"


async def test_each_kind_needs_its_own_right(office: Office) -> None:
    """A clerk may ask for a subsidy, but not for a new key."""
    await office.refused(await office.ask(office.clara, RENEWAL), "right.missing")
    await office.refused(await office.ask(office.bea, subsidy()), "right.missing")
    await office.asked(office.clara, subsidy())


async def test_after_its_time_a_request_is_over(office: Office) -> None:
    request = await office.asked(office.adam, RENEWAL)
    office.clock.now += timedelta(days=7) - timedelta(microseconds=1)
    await office.open()
    office.clock.now += timedelta(microseconds=1)
    await office.refused(await office.approve(office.bea, request), "approval.expired")
    rejection = await office.bea.post(office.path(request, "/rejection"), {"reason": "Zu spät"})
    await office.refused(rejection, "approval.expired")
    assert await office.state(request) == "expired"
    # What has run out is no obstacle to asking anew.
    await office.approved(office.bea, await office.asked(office.adam, RENEWAL))
    assert await office.state(request) == "expired"


async def test_until_the_last_instant_it_can_be_approved(office: Office) -> None:
    request = await office.asked(office.adam, RENEWAL)
    office.clock.now += timedelta(days=7) - timedelta(microseconds=1)
    await office.open()
    await office.approved(office.bea, request)


async def test_what_is_decided_stays_decided(office: Office) -> None:
    approved = await office.asked(office.adam, RENEWAL)
    await office.approved(office.bea, approved)
    rejected = await office.asked(office.clara, subsidy())
    answer = await office.bea.post(office.path(rejected, "/rejection"), {"reason": "Kein Geld da"})
    assert answer.json()["state"] == "rejected"
    assert answer.json()["decision_reason"] == "Kein Geld da"
    retracted = await office.asked(office.clara, subsidy())
    answer = await office.clara.post(office.path(retracted, "/retraction"))
    assert answer.json()["state"] == "retracted"
    for request in (approved, rejected, retracted):
        await office.refused(await office.approve(office.boris, request), "approval.decided")
        rejection = await office.boris.post(office.path(request, "/rejection"), {"reason": "Nein"})
        await office.refused(rejection, "approval.decided")
    retraction = await office.clara.post(office.path(rejected, "/retraction"))
    await office.refused(retraction, "approval.decided")


async def test_only_who_asked_takes_a_request_back(office: Office) -> None:
    request = await office.asked(office.clara, subsidy())
    retraction = await office.adam.post(office.path(request, "/retraction"))
    await office.refused(retraction, "approval.other_requester")
    assert await office.state(request) == "open"


async def test_of_one_thing_one_request_is_open(office: Office) -> None:
    first = await office.asked(office.adam, RENEWAL)
    other = await office.colleague("Anton Auch", Role.ADMINISTRATOR)
    await office.refused(await office.ask(other, RENEWAL), "approval.open")
    await office.bea.post(office.path(first, "/rejection"), {"reason": "Erst nach Weihnachten"})
    await office.asked(other, RENEWAL)


async def test_the_same_request_again_changes_nothing(office: Office) -> None:
    request_id = fresh_id()
    first = await office.ask(office.clara, subsidy(), id=request_id)
    again = await office.ask(office.clara, subsidy(), id=request_id)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert len(await office.log()) == 1
    for who, terms, reason in (
        (office.clara, subsidy(600_00), "Auf Wunsch"),
        (office.clara, subsidy(), "Aus anderem Grund"),
        (office.adam, subsidy(), "Auf Wunsch"),
        (office.adam, RENEWAL, "Auf Wunsch"),
    ):
        answer = await office.ask(who, terms, reason, id=request_id)
        await office.refused(answer, "request.conflict")


async def test_what_runs_is_what_was_shown(office: Office) -> None:
    """A request that was retracted and asked for anew is not the one that was looked at."""
    shown = await office.asked(office.clara, subsidy(100_00))
    other = await office.asked(office.clara, subsidy(900_00))
    assert shown["fingerprint"] != other["fingerprint"]
    answer = await office.approve(office.bea, other | {"fingerprint": shown["fingerprint"]})
    await office.refused(answer, "approval.changed")
    assert await office.state(other) == "open"


async def test_a_role_that_is_gone_decides_nothing_more(office: Office) -> None:
    request = await office.asked(office.adam, RENEWAL)
    await office.revoke(office.bea)
    await office.refused(await office.approve(office.bea, request), "right.missing")


async def test_what_somebody_asked_for_who_is_gone_is_not_approved(office: Office) -> None:
    request = await office.asked(office.adam, RENEWAL)
    await office.revoke(office.adam)
    answer = await office.approve(office.bea, request)
    await office.refused(answer, "approval.requester_gone")
    assert "Adam Amt" in answer.json()["detail"]
    rejected = await office.bea.post(
        office.path(request, "/rejection"), {"reason": "Nicht mehr da"}
    )
    assert rejected.json()["state"] == "rejected"


async def test_open_requests_come_first_the_most_urgent_at_the_top(office: Office) -> None:
    old = await office.asked(office.clara, subsidy(1_00))
    await office.approved(office.bea, old)
    office.clock.now += timedelta(minutes=1)
    urgent = await office.asked(office.clara, subsidy(2_00))
    office.clock.now += timedelta(minutes=1)
    newer = await office.asked(office.adam, RENEWAL)
    path = office.town.path("approvals")
    ids = [each["id"] for each in (await office.bea.get(path)).json()["approvals"]]
    assert ids == [urgent["id"], newer["id"], old["id"]]

    async def found(query: str) -> list[str]:
        answer = await office.bea.get(f"{path}?{query}")
        return [each["id"] for each in answer.json()["approvals"]]

    assert await found("state=open") == [urgent["id"], newer["id"]]
    assert await found("state=approved") == [old["id"]]
    assert await found("kind=key_renewal") == [newer["id"]]
    assert await found("limit=1") == [urgent["id"]]
    assert await found("state=expired") == []


async def test_an_owner_asks_for_their_own_shop_alone(office: Office) -> None:
    shop = await office.shop()
    owner = await office.colleague("Kerstin Beispiel", Role.OWNER, merchant_id=shop.merchant_id)
    other = await office.shop(name="Kiosk")
    body = {
        "reason": "Neue Bank",
        "iban": OTHER_IBAN,
        "account_holder": "Kerstin Beispiel",
    }
    requests = "payout-account-requests"
    refused = await owner.post(office.town.path(f"merchants/{other.merchant_id}/{requests}"), body)
    await office.refused(refused, "right.missing")
    path = office.town.path(f"merchants/{shop.merchant_id}/{requests}")
    request = (await owner.post(path, body)).json()
    assert request["state"] == "open"
    assert (await owner.get(path)).json()["approvals"] == [request]
    # The list of the town is not for owners, and the request of another shop is not theirs.
    await office.refused(await owner.get(office.town.path("approvals")), "right.missing")
    foreign = office.town.path(
        f"merchants/{other.merchant_id}/{requests}/{request['id']}/retraction"
    )
    await office.refused(await owner.post(foreign), "right.missing")
    await office.refused(await office.adam.post(foreign), "approval.unknown")
    taken_back = await owner.post(f"{path}/{request['id']}/retraction")
    assert taken_back.json()["state"] == "retracted"
