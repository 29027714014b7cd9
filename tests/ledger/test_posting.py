"""A transfer moves money once, whole, and never from what is not there."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import AccountId, TransferId, new_id
from gutschein.kernel.money import LARGEST_AMOUNT_CENTS
from gutschein.ledger.balances import balance_of, balances_of
from gutschein.ledger.chart import AccountKind
from gutschein.ledger.posting import post
from tests.ledger.conftest import NOW, Book


async def balance(book: Book, account: AccountId) -> int:
    async with book.database.reading() as work:
        return await balance_of(work, book.town_id, account)


async def test_a_voucher_of_50_euros_spends_12_50_and_keeps_37_50(book: Book) -> None:
    voucher = await book.voucher(50_00)
    await book.post(book.transfer(voucher, book.payable, 12_50))
    assert await balance(book, voucher) == 37_50
    assert await balance(book, book.payable) == 12_50
    assert await balance(book, book.account(AccountKind.TRUST_BANK)) == -50_00


async def test_a_guarded_account_is_never_overdrawn(book: Book) -> None:
    voucher = await book.voucher(50_00)
    with pytest.raises(Refusal) as refused:
        await book.post(book.transfer(voucher, book.payable, 50_01))
    assert refused.value.code == "account.insufficient"
    assert refused.value.params == {"available_cents": 50_00, "needed_cents": 50_01}
    assert await balance(book, voucher) == 50_00


async def test_linked_transfers_are_posted_all_or_not_at_all(book: Book) -> None:
    rich, poor = await book.voucher(50_00), await book.voucher(5_00)
    link = new_id()
    with pytest.raises(Refusal, match=r"account\.insufficient"):
        await book.post(
            book.transfer(rich, book.payable, 10_00, link_id=link),
            book.transfer(poor, book.payable, 10_00, link_id=link),
        )
    assert await balance(book, rich) == 50_00
    assert await balance(book, book.payable) == 0


async def test_what_linked_transfers_bring_may_be_spent_in_the_same_set(book: Book) -> None:
    old, new = await book.voucher(20_00), await book.voucher()
    await book.post(book.transfer(old, new, 20_00), book.transfer(new, book.payable, 20_00))
    assert await balance(book, new) == 0
    assert await balance(book, book.payable) == 20_00


async def test_the_same_transfer_again_moves_nothing(book: Book) -> None:
    voucher = await book.voucher(50_00)
    transfer = book.transfer(voucher, book.payable, 30_00)
    await book.post(transfer)
    await book.post(transfer)
    assert await balance(book, voucher) == 20_00


@pytest.mark.parametrize("change", ["amount", "credit", "reference"])
async def test_the_same_id_with_other_content_is_refused(book: Book, change: str) -> None:
    voucher = await book.voucher(50_00)
    transfer = book.transfer(voucher, book.payable, 10_00)
    await book.post(transfer)
    other = {
        "amount": replace(transfer, amount_cents=10_01),
        "credit": replace(transfer, credit_account_id=book.account(AccountKind.LAPSED)),
        "reference": replace(transfer, reference_id=new_id()),
    }[change]
    with pytest.raises(Refusal, match=r"transfer\.conflict"):
        await book.post(other)
    assert await balance(book, voucher) == 40_00


async def test_a_posted_transfer_in_a_new_set_takes_the_whole_set_down(book: Book) -> None:
    voucher = await book.voucher(50_00)
    first, second = (book.transfer(voucher, book.payable, 10_00) for _ in range(2))
    await book.post(first)
    with pytest.raises(Refusal, match=r"transfer\.conflict"):
        await book.post(first, second)
    assert await balance(book, voucher) == 40_00


async def test_the_same_id_twice_in_one_set_is_refused(book: Book) -> None:
    voucher = await book.voucher(50_00)
    transfer = book.transfer(voucher, book.payable, 10_00)
    with pytest.raises(Refusal, match=r"transfer\.conflict"):
        await book.post(transfer, transfer)


@pytest.mark.parametrize("amount", [0, -1, True, 12.5, "10", LARGEST_AMOUNT_CENTS + 1])
async def test_only_whole_positive_cents_move(book: Book, amount: object) -> None:
    voucher = await book.voucher(50_00)
    with pytest.raises(Refusal, match=r"amount\.invalid"):
        await book.post(book.transfer(voucher, book.payable, amount))  # type: ignore[arg-type]


async def test_money_does_not_go_to_accounts_that_do_not_exist(book: Book) -> None:
    voucher = await book.voucher(50_00)
    with pytest.raises(Refusal, match=r"account\.unknown"):
        await book.post(book.transfer(voucher, AccountId(new_id()), 10_00))
    with pytest.raises(Refusal, match=r"account\.unknown"):
        await balance(book, AccountId(new_id()))


async def test_a_transfer_is_reversed_once_by_a_new_one(book: Book) -> None:
    voucher = await book.voucher(50_00)
    spent = book.transfer(voucher, book.payable, 12_50)
    await book.post(spent)
    await book.post(book.transfer(book.payable, voucher, 12_50, reverses_id=spent.id))
    assert await balance(book, voucher) == 50_00
    with pytest.raises(Refusal, match=r"transfer\.conflict"):
        await book.post(book.transfer(book.payable, voucher, 12_50, reverses_id=spent.id))
    with pytest.raises(Refusal, match=r"transfer\.unknown"):
        await book.post(book.transfer(book.payable, voucher, 1, reverses_id=TransferId(new_id())))


async def test_64_tills_at_once_get_five_tens_out_of_fifty_euros(book: Book) -> None:
    voucher = await book.voucher(50_00)

    async def redeem() -> bool:
        try:
            await book.post(book.transfer(voucher, book.payable, 10_00))
        except Refusal as refused:
            assert refused.code == "account.insufficient"  # noqa: PT017
            return False
        return True

    assert sum(await asyncio.gather(*(redeem() for _ in range(64)))) == 5
    assert await balance(book, voucher) == 0
    assert await balance(book, book.payable) == 50_00


async def test_the_same_transfer_64_times_at_once_moves_once(book: Book) -> None:
    voucher = await book.voucher(50_00)
    transfer = book.transfer(voucher, book.payable, 10_00)
    await asyncio.gather(*(book.post(transfer) for _ in range(64)))
    assert await balance(book, voucher) == 40_00


async def test_crossing_sets_lock_in_one_order_and_never_deadlock(book: Book) -> None:
    left, right = await book.voucher(100_00), await book.voucher(100_00)
    await asyncio.gather(
        *(
            book.post(
                book.transfer(first, book.payable, 1_00),
                book.transfer(second, book.payable, 1_00),
            )
            for first, second in [(left, right), (right, left)] * 20
        )
    )
    async with book.database.reading() as work:
        balances = await balances_of(work, book.town_id, [left, right])
    assert balances == {left: 60_00, right: 60_00}


async def test_an_empty_set_is_nothing(book: Book) -> None:
    async with book.database.unit_of_work() as work:
        assert await post(work, [], NOW) == {}
