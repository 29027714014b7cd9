"""Take a claim: what a device took without a net becomes a redemption, or is disputed.

The redemption is made by the clearing engine, in a transaction of its own. So a claim is kept
in three steps, and whoever was cut off between them begins again with the same id:

1. It is *received*: kept, with what the town's terms say of it, before anything moves. What
   they rule out is disputed there and then.
2. The engine redeems it under its own id, or refuses.
3. It is *accepted* or *disputed*, for ever.

A claim that is received, and whose redemption is there, has been cut off after the second
step: it is accepted without asking the engine again. A refusal counts only when no earlier
attempt may still be under way; else a claim could be disputed and booked all the same.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import cbor2
from msgspec.structs import replace

from gutschein.db.access import CLEARING, Access
from gutschein.db.unit_of_work import Database, Work
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.offline import repository, rules, terms_repository
from gutschein.offline.rules import Claim, Claimed
from gutschein.redemption.balance import view_of
from gutschein.redemption.clearing import Clearing
from gutschein.redemption.order import Item, Sale
from gutschein.redemption.presented import Presented
from gutschein.redemption.repository import stored_redemptions
from gutschein.redemption.rules import By, Redemption, VoucherKey, check_repetition
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.watch.redemption_log import Noted

#: A claim that is decided, and the redemption that it has become.
Done = tuple[Claim, Redemption | None]


@dataclass(frozen=True, slots=True)
class ClaimTaker:
    """Takes the claims of a device.

    :param device_id: whose request it is.
    """

    database: Database
    clearing: Clearing
    kek: KeyEncryptionKey
    device_id: UUID
    now: datetime

    async def take(self, claimed: Claimed) -> Done:
        """Take a claim; the same again gets the same answer.

        :raises Refusal: ``redemption.conflict`` when its id stands for something else, and
            ``service.busy`` when it is not known yet what becomes of it: it may be sent again.
        """
        found, unknown = await self._voucher(claimed)
        if unknown is None and self.clearing.is_full:
            raise Refusal("service.busy")
        async with self._town(claimed.shop.town_id).unit_of_work() as work:
            await repository.lock_device(work, claimed.shop.town_id, self.device_id)
            claim, booked = await self._kept(work, claimed, found, unknown)
        if claim.outcome != "received" or booked is not None:
            return claim, booked
        return await self._clear(claim, claimed)

    async def _voucher(self, claimed: Claimed) -> tuple[VoucherKey | None, Refusal | None]:
        """Return which voucher it is, or why that cannot be told."""
        async with self.database.acting(CLEARING).reading() as work:
            try:
                view = await view_of(
                    work, Presented(token=claimed.token), claimed.shop.town_id, self.kek, self.now
                )
            except Refusal as refusal:
                if not rules.is_last_word(refusal):
                    raise
                return None, refusal
        return (view.town_id, view.id), None

    async def _kept(
        self, work: Work, claimed: Claimed, voucher: VoucherKey | None, unknown: Refusal | None
    ) -> Done:
        """Keep a claim, or begin another attempt at one that is kept.

        :returns: the claim as it stands; with its redemption, if that has taken place.
        """
        town_id, content = claimed.shop.town_id, content_hash(claimed)
        known = await repository.find_claim(work, town_id, claimed.id)
        if known is not None and known.content_hash != content:
            raise Refusal("redemption.conflict")
        stored = (await stored_redemptions(work, town_id, [claimed.id])).get(claimed.id)
        if known is not None and known.outcome == "disputed":
            return known, None
        if stored is not None:
            # Of a token whose key has gone since, nobody can tell the voucher any more.
            of = voucher or (stored.issuing_town_id, stored.voucher_id)
            check_repetition(stored, claimed.shop, None, of, claimed.amount_cents)
        if known is None:
            if stored is not None:
                voucher = stored.issuing_town_id, stored.voucher_id
            return await self._received(work, claimed, voucher, unknown, stored), stored
        if known.outcome == "accepted":
            return known, stored
        if stored is not None:
            return await self._ended(work, replace(known, outcome="accepted")), stored
        if not rules.may_try(known, self.now) or not await repository.begin_attempt(
            work, known, self.now
        ):
            raise Refusal("service.busy")
        return replace(known, tried_at=self.now), None

    async def _received(
        self,
        work: Work,
        claimed: Claimed,
        voucher: VoucherKey | None,
        unknown: Refusal | None,
        stored: Redemption | None,
    ) -> Claim:
        """Keep a claim that has not been seen before.

        One whose redemption is there already was sent as an ordinary redemption before: the
        device did not hear the answer, and took the voucher as if there were no net.
        """
        town_id = claimed.shop.town_id
        in_force = await terms_repository.list_terms(work, town_id, claimed.outage_began_at, 1)
        terms = in_force[0] if in_force else None
        claim = Claim(
            id=claimed.id,
            shop=claimed.shop,
            device_id=self.device_id,
            cashier_id=await repository.cashier_at(
                work, town_id, self.device_id, claimed.claimed_at
            ),
            voucher=voucher,
            amount_cents=claimed.amount_cents,
            claimed_at=claimed.claimed_at,
            outage_began_at=claimed.outage_began_at,
            received_at=self.now,
            content_hash=content_hash(claimed),
            terms_begun_at=None if terms is None else terms.begins_at,
            tried_at=self.now,
            outcome="received",
        )
        if stored is not None:
            claim = replace(claim, outcome="accepted", decided_at=self.now)
        else:
            try:
                allowing = rules.check_time(terms, claimed, self.now)
                if voucher is None:
                    raise unknown or Refusal("voucher.unknown")
                taken = await repository.taken(work, self.device_id, claimed, voucher)
                rules.check_limits(allowing, claimed.amount_cents, taken)
            except Refusal as refusal:
                bearer = rules.bearer_of(refusal, terms)
                claim = _disputed(claim, refusal, bearer, self.now)
        if not await repository.insert_claim(work, claim):
            raise Refusal("service.busy")  # another device has sent it at this moment
        return claim

    async def _clear(self, claim: Claim, claimed: Claimed) -> Done:
        """Let the engine redeem a claim, and note what comes of it."""
        item = Item(claim.id, Presented(token=claimed.token), claim.amount_cents)
        sale = Sale(claim.shop, [item], claimed_at=min(claim.claimed_at, self.now))
        by = By(device_id=claim.device_id, cashier_id=claim.cashier_id)
        booked: Redemption | None = None
        try:
            with Noted("redemption", claim.id, f"device {self.device_id}") as noted:
                [booked] = await self.clearing.redeem(sale, self.now, by=by)
                noted.outcome = "done"
            ended = replace(claim, outcome="accepted")
        except Refusal as refusal:
            if not rules.is_last_word(refusal):
                raise
            async with self._town(claim.shop.town_id).reading() as work:
                [terms] = await terms_repository.list_terms(
                    work, claim.shop.town_id, claim.outage_began_at, 1
                )
            bearer = rules.bearer_of(refusal, terms)
            ended = _disputed(claim, refusal, bearer, self.now)
        async with self._town(claim.shop.town_id).unit_of_work() as work:
            return await self._ended(work, ended), booked

    async def _ended(self, work: Work, ended: Claim) -> Claim:
        ended = replace(ended, decided_at=self.now)
        if not await repository.end_claim(work, ended):
            raise Refusal("service.busy")  # another attempt has begun since, and will say
        return ended

    def _town(self, town_id: TownId) -> Database:
        return self.database.acting(Access.town(town_id))


def content_hash(claimed: Claimed) -> bytes:
    """Return what the content of a claim is known by again: SHA-256.

    The token in it holds 80 random bits, which are not found from their hash.
    """
    shop = claimed.shop
    content = [
        *(each.bytes for each in (shop.town_id, shop.merchant_id, shop.branch_id)),
        claimed.token,
        claimed.amount_cents,
        *(at.astimezone(UTC).isoformat() for at in (claimed.claimed_at, claimed.outage_began_at)),
    ]
    return hashlib.sha256(cbor2.dumps(content)).digest()


def _disputed(claim: Claim, refusal: Refusal, bearer: rules.Bearer, now: datetime) -> Claim:
    return replace(claim, outcome="disputed", decided_at=now, refusal=refusal, bearer=bearer)
