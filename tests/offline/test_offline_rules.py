"""What may be taken without a net, and who bears what fails, decided without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from gutschein.kernel.error_texts import ERROR_TEXTS
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import BranchId, MerchantId, RedemptionId, TownId
from gutschein.offline.claiming import content_hash
from gutschein.offline.rules import (
    Claimed,
    Taken,
    Terms,
    bearer_of,
    check_limits,
    check_time,
    is_last_word,
    stored_params,
    stored_refusal,
)
from gutschein.redemption.rules import Shop

NOW = datetime(2026, 12, 5, 9, 0, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
SHOP = Shop(TownId(UUID(int=1)), MerchantId(UUID(int=2)), BranchId(UUID(int=3)))


def terms(**changes: Any) -> Terms:
    usual: dict[str, Any] = {
        "begins_at": NOW,
        "enabled": True,
        "voucher_cents": 20_00,
        "device_cents": 50_00,
        "outage_minutes": 120,
        "bearer": "town",
        "set_by": UUID(int=4),
    }
    return Terms(**usual | changes)


def claimed(**changes: Any) -> Claimed:
    usual: dict[str, Any] = {
        "id": RedemptionId(UUID(int=5)),
        "shop": SHOP,
        "token": "TOKEN",
        "amount_cents": 10_00,
        "claimed_at": NOW - 10 * MINUTE,
        "outage_began_at": NOW - 60 * MINUTE,
    }
    return Claimed(**usual | changes)


@pytest.mark.parametrize(
    ("claimed_at", "outage_began_at", "allowed"),
    [
        (NOW, NOW, True),
        (NOW - 60 * MINUTE, NOW - 60 * MINUTE, True),
        (NOW - 61 * MINUTE, NOW - 60 * MINUTE, True),
        (NOW - 61 * MINUTE - SECOND, NOW - 60 * MINUTE, False),
        (NOW, NOW - 120 * MINUTE, True),
        (NOW, NOW - 120 * MINUTE - SECOND, False),
        (NOW + MINUTE, NOW, True),
        (NOW + MINUTE + SECOND, NOW, False),
        (NOW - 5_000 * MINUTE, NOW - 5_100 * MINUTE, True),
    ],
)
def test_a_claim_is_taken_within_its_outage(
    claimed_at: datetime, outage_began_at: datetime, *, allowed: bool
) -> None:
    sent = claimed(claimed_at=claimed_at, outage_began_at=outage_began_at)
    if allowed:
        assert check_time(terms(), sent, NOW) == terms()
    else:
        with pytest.raises(Refusal, match=r"offline\.too_late\(minutes=120\)"):
            check_time(terms(), sent, NOW)


@pytest.mark.parametrize("found", [None, terms(enabled=False)], ids=["no terms", "switched off"])
def test_without_terms_nothing_may_be_taken(found: Terms | None) -> None:
    with pytest.raises(Refusal, match=r"offline\.off"):
        check_time(found, claimed(), NOW)


@pytest.mark.parametrize(
    ("cents", "from_voucher", "by_device", "code"),
    [
        (20_00, 0, 0, None),
        (20_01, 0, 0, "offline.voucher_limit"),
        (5_00, 15_00, 45_00, None),
        (5_01, 15_00, 15_00, "offline.voucher_limit"),
        (5_01, 0, 45_00, "offline.device_limit"),
        (20_01, 0, 50_00, "offline.voucher_limit"),
    ],
)
def test_limits_count_what_was_taken_before(
    cents: int, from_voucher: int, by_device: int, code: str | None
) -> None:
    if code is None:
        check_limits(terms(), cents, Taken(from_voucher, by_device))
    else:
        with pytest.raises(Refusal) as refused:
            check_limits(terms(), cents, Taken(from_voucher, by_device))
        assert refused.value.code == code


@pytest.mark.parametrize(
    ("code", "of_town"),
    [
        ("voucher.empty", True),
        ("voucher.blocked", True),
        ("token.key_revoked", True),
        ("merchant.not_accepted", True),
        ("branch.closed", True),
        ("token.signature", False),
        ("token.unreadable", False),
        ("token.key_unknown", False),
        ("token.key_expired", False),
        ("token.key_not_yet", False),
        ("offline.too_late", False),
        ("offline.device_limit", False),
    ],
)
def test_the_town_bears_what_a_till_could_not_see(code: str, *, of_town: bool) -> None:
    refusal = Refusal(code)
    assert bearer_of(refusal, terms()) == ("town" if of_town else "merchant")
    assert bearer_of(refusal, terms(bearer="merchant")) == "merchant"
    assert bearer_of(refusal, None) == "merchant"


@pytest.mark.parametrize(
    "code",
    [
        "service.busy",
        "redemption.conflict",
        "device.locked",
        "device.replayed",
        "auth.required",
        "right.missing",
        "key.sealed",
        "request.invalid",
        "amount.invalid",
        "limit.rate",
    ],
)
def test_what_is_not_about_the_claim_decides_nothing(code: str) -> None:
    assert not is_last_word(Refusal(code))


def test_what_is_about_the_claim_is_its_end() -> None:
    ends = {code for code in ERROR_TEXTS if is_last_word(Refusal(code))}
    assert {code.partition(".")[0] for code in ends} == {
        *("token", "voucher", "offline", "merchant", "branch"),
    }
    assert ends >= {"voucher.whole_only", "merchant.not_accepted", "branch.closed"}


@pytest.mark.parametrize(
    "refusal",
    [
        Refusal("voucher.empty"),
        Refusal("voucher.insufficient", balance_cents=3_00),
        Refusal("voucher.expired", date=date(2029, 12, 31)),
        Refusal("merchant.not_accepted", town="Zwönitz"),
    ],
    ids=str,
)
def test_a_reason_says_the_same_when_it_is_read_back(refusal: Refusal) -> None:
    again = stored_refusal(refusal.code, stored_params(refusal))
    assert (again.code, again.params) == (refusal.code, refusal.params)
    assert again.message("en") == refusal.message("en")


@pytest.mark.parametrize(
    "changes",
    [
        {"token": "TOKEM"},
        {"amount_cents": 10_01},
        {"claimed_at": NOW - 11 * MINUTE},
        {"outage_began_at": NOW - 61 * MINUTE},
        {"shop": Shop(SHOP.town_id, SHOP.merchant_id, BranchId(UUID(int=9)))},
        {"shop": Shop(SHOP.town_id, MerchantId(UUID(int=9)), SHOP.branch_id)},
    ],
)
def test_what_is_sent_again_is_known_by_all_of_it(changes: dict[str, Any]) -> None:
    assert content_hash(claimed(**changes)) != content_hash(claimed())
    assert content_hash(claimed(id=RedemptionId(UUID(int=8)))) == content_hash(claimed())


def test_a_claim_that_is_printed_tells_no_token() -> None:
    assert "TOKEN" not in repr(claimed())
