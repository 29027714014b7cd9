"""Five months of a region of three towns, clean to the cent, with everything that can happen.

Zwönitz (``z``) has the most: an expired voucher, a replaced one, blocked ones, partner
redemptions, reversals, a settlement with returned payouts and a negative statement in the
next. Schneeberg (``s``) has closed a settlement and not approved it. Marienberg (``m``)
has settled nothing. One netting is half paid, a second one stands behind it.
"""

from __future__ import annotations

from datetime import datetime

from bookkeeping import at, day
from order_story import OrderStory
from sealed_history import sealed

IBANS = {
    "z": "DE02120300000000202051",
    "s": "DE02500105170137075030",
    "m": "DE02100500000054540402",
    "buch": "DE02300209000106531065",
    "buch moved": "DE90870540001234567890",
    "cafe": "DE02200505501015871393",
    "kino": "DE02701500000000594937",
    "rad": "DE88100900001234567892",
    "back": "DE02100100100006820101",
    "markt": "DE02370502990000684712",
}

_TOWNS = {
    "z": ("Zwönitz", "14521710", 15_00),
    "s": ("Schneeberg", "14521530", 0),
    "m": ("Marienberg", "14521390", 0),
}

_MERCHANTS = {
    "buch": ("z", "Buchladen am Markt"),
    "cafe": ("z", "Café Anton"),
    "kino": ("z", "Kino Capitol"),
    "rad": ("z", "Radladen Uhlig"),
    "back": ("s", "Bäckerei Wolf"),
    "markt": ("m", "Marktscheune"),
}

#: Town, payer, partial redemption, fee in basis points, fixed values.
_PROGRAMMES = {
    "free z": ("z", "citizen", True, 300, None),
    "gift z": ("z", "town", False, 0, [10_00]),
    "free s": ("s", "citizen", True, 250, None),
    "free m": ("m", "citizen", True, 0, None),
}

#: Town, method, cents, time.
_PAYMENTS = {
    "p old": ("z", "bank_transfer", 20_00, "2022-05-01 10:00"),
    "p bank": ("z", "bank_transfer", 200_00, "2026-01-05 09:00"),
    "p cash": ("z", "cash", 100_00, "2026-01-05 09:10"),
    "p gift": ("z", "subsidy", 30_00, "2026-01-05 09:20"),
    "p card": ("z", "provider", 60_00, "2026-01-05 09:30"),
    "p s": ("s", "bank_transfer", 100_00, "2026-01-05 10:00"),
    "p m": ("m", "bank_transfer", 50_00, "2026-01-05 11:00"),
}

_SOURCES = {"bank_transfer": "trust_bank", "provider": "payment_provider"}

#: Payment, programme, cents each, vouchers.
_BATCHES = {
    "b old": ("p old", "free z", 20_00, ["v old"]),
    "b bank": ("p bank", "free z", 50_00, ["v a", "v b", "v c"]),
    "b cash": ("p cash", "free z", 25_00, ["v d", "v e", "v f", "v g"]),
    "b gift": ("p gift", "gift z", 10_00, ["v h", "v i", "v j"]),
    "b card": ("p card", "free z", 60_00, ["v k"]),
    "b s": ("p s", "free s", 50_00, ["v s1", "v s2"]),
    "b m": ("p m", "free m", 50_00, ["v m1"]),
}

#: Name, whose log, time, action, subject.
_LOG = (
    ("l town", "r", "2026-01-02 09:00", "town.opened", "Marienberg"),
    ("l role", "z", "2026-01-03 09:00", "role.granted", "Prüferin für Jana Beispiel"),
    ("l rate", "z", "2026-01-04 09:00", "vat_rate.set", "19 % ab 1. Januar 2021"),
    ("l account", "z", "2026-02-20 00:00", "payout_account.changed", "Buchladen am Markt"),
    ("l approval", "z", "2026-03-02 09:00", "settlement.approved", "Februar 2026"),
)


class Scenario(OrderStory):
    """The story, told in the order in which it happened."""

    def __init__(self) -> None:
        super().__init__()
        self._towns()
        self._issues()
        self._january()
        self._february()
        self._march()
        self.desk_days()
        self.outage()
        self.bank_days()
        self.shop_days()
        self._requests()
        self._log()
        for block in sealed(self.rows["log_entry"], self.rows["transfer"]):
            self.add("history_block", **block)

    def _towns(self) -> None:
        start = at("2022-01-01 00:00")
        self.add("region", id=self.id("r"), name="Erzgebirge", created_at=start)
        for town, (name, ags, minimum) in _TOWNS.items():
            self.add(
                "town",
                id=self.id(town),
                region_id=self.id("r"),
                name=name,
                ags=ags,
                trust_iban=IBANS[town],
                trust_account_holder=f"Stadt {name}",
                street="Markt",
                house_number="1",
                postcode="08297",
                post_town=name,
                brand_colour="#004b76",
                minimum_payout_cents=minimum,
                created_at=start,
            )
            key = {"town_id": self.id(town)}
            self.add("town_vat_rate", **key, valid_from=day("2020-01-01"), basis_points=1600)
            self.add("town_vat_rate", **key, valid_from=day("2021-01-01"), basis_points=1900)
            self.add(
                "signing_key",
                **key,
                kid=b"key1",
                public_key=bytes(32),
                sealed_private_key=b"sealed",
                kek_id="kek",
                not_before=start,
                sign_until=at("2028-01-01 00:00"),
                not_after=at("2033-01-01 00:00"),
                created_at=start,
            )
        for issuer, accepting in ("zs", "sz", "zm", "ms"):
            self.add(
                "acceptance",
                town_id=self.id(issuer),
                accepting_town_id=self.id(accepting),
                valid_from=day("2026-01-01"),
                valid_until=day("2026-12-31"),
                agreed_at=start,
            )
        for merchant, (town, name) in _MERCHANTS.items():
            key = {"town_id": self.id(town)}
            self.add(
                "merchant",
                **key,
                id=self.id(merchant),
                name=name,
                street="Gasse",
                house_number="2",
                postcode="08297",
                post_town="Ort",
                created_at=start,
                contact_email=f"{merchant}@beispiel.de",
            )
            self.add(
                "branch",
                **key,
                id=self.id(f"{merchant} branch"),
                merchant_id=self.id(merchant),
                name="Laden",
                opened_at=start,
                closed_at=None,
            )
            self._payout_account(merchant, start, IBANS[merchant])
        self._payout_account("buch", at("2026-02-20 00:00"), IBANS["buch moved"])
        desk = {"id": self.id("desk"), "name": "Rathaus", "opened_at": start}
        self.add("issuing_point", town_id=self.id("z"), **desk)

    def _payout_account(self, merchant: str, valid_from: datetime, iban: str) -> None:
        town, name = _MERCHANTS[merchant]
        self.add(
            "payout_account",
            town_id=self.id(town),
            merchant_id=self.id(merchant),
            valid_from=valid_from,
            iban=iban,
            account_holder=f"{name} Inhaber",
        )

    def _issues(self) -> None:
        for programme, (town, payer, partial, fee, values) in _PROGRAMMES.items():
            self.add(
                "programme",
                town_id=self.id(town),
                id=self.id(programme),
                name=programme,
                fixed_values_cents=values,
                minimum_cents=1_00,
                maximum_cents=250_00,
                cap_cents=250_00,
                validity="end_of_year",
                validity_count=3,
                validity_day=None,
                partial_redemption=partial,
                merchant_fee_basis_points=fee,
                payer=payer,
                created_at=at("2022-01-01 00:00"),
            )
        for payment, (town, method, cents, when) in _PAYMENTS.items():
            desk = "desk" if method == "cash" else None
            self.add(
                "payment",
                town_id=self.id(town),
                id=self.id(payment),
                method=method,
                amount_cents=cents,
                issuing_point_id=self.id(desk) if desk else None,
                reference=payment,
                booked_at=at(when),
            )
            source = self.account(town, _SOURCES.get(method, method), desk)
            self.post(
                f"{payment} in",
                town,
                (source, self.account(town, "payment", payment)),
                cents,
                event="payment",
                reference=payment,
                when=at(when),
            )
        for batch in _BATCHES:
            self._issue(batch)
        for town in _TOWNS:
            made = [v for v in self.rows["voucher"] if v["town_id"] == self.id(town)]
            last = len(made) + (town == "z")  # one more will be a replacement
            self.add("town_counter", town_id=self.id(town), name="voucher serial", value=last)

    def _issue(self, batch: str) -> None:
        payment, programme, cents, vouchers = _BATCHES[batch]
        town, _, _, when = _PAYMENTS[payment]
        issued_at = at(when)
        row = self.add(
            "voucher_batch",
            town_id=self.id(town),
            id=self.id(batch),
            programme_id=self.id(programme),
            payment_id=self.id(payment),
            voucher_count=len(vouchers),
            value_cents=cents,
            sold_on=issued_at.date(),
            valid_until=day(f"{issued_at.year + 3}-12-31"),
            first_serial=0,
            issued_at=issued_at,
        )
        made = [
            self.voucher(town, name, row, cents, source=payment, batch=batch, when=issued_at)
            for name in vouchers
        ]
        row["first_serial"] = made[0]["serial"]

    def _january(self) -> None:
        self.redeem("x old", "v old", "buch", 5_00, "2025-12-20 10:00")
        self.expire("v old", "2026-01-01 00:10")
        self.redeem("x a1", "v a", "buch", 30_00, "2026-01-10 10:00")
        self.redeem("x a2", "v a", "buch", 20_00, "2026-01-12 10:00")
        self.redeem("x h1", "v h", "kino", 10_00, "2026-01-14 10:00")
        self.redeem("x b1", "v b", "kino", 20_00, "2026-01-15 10:00")
        self.redeem("x b2", "v b", "kino", 5_00, "2026-01-16 10:00")
        self.reverse("y b2", "x b2", "2026-01-16 10:05")
        self.redeem("x s1", "v s1", "buch", 10_00, "2026-01-20 10:00")
        self.redeem("x d1", "v d", "rad", 12_50, "2026-01-31 18:00")
        self.redeem("x k1", "v k", "cafe", 40_00, "2026-01-31 19:00")
        closed_at = at("2026-01-31 20:00")
        self.settle("z1", "z", ("2026-01-01", "2026-01-31"), closed_at, 1900)
        self.reverse("y k1", "x k1", "2026-01-31 20:30")
        self.reverse("y d1", "x d1", "2026-01-31 20:40")
        self.approve("z1", "z", at("2026-02-01 09:00"))
        self.bank("z1 buch", "confirmed", "2026-02-03 09:00")
        self.bank("z1 cafe", "confirmed", "2026-02-03 09:00")
        self.bank("z1 kino", "returned", "2026-02-04 09:00")
        self.bank("z1 buch", "returned", "2026-02-10 09:00")

    def _february(self) -> None:
        self.redeem("x c1", "v c", "buch", 25_00, "2026-02-10 10:00")
        self.redeem("x d2", "v d", "kino", 8_50, "2026-02-12 10:00")
        self.redeem("x g1", "v g", "buch", 5_00, "2026-02-14 10:00")
        self.replace("v g", "v n", "2026-02-14 11:00")
        self.reverse("y g1", "x g1", "2026-02-14 12:00", to="v n")
        self.voucher_event("v e", "blocked", "2026-02-15 10:00")
        self.voucher_event("v f", "blocked", "2026-02-15 10:00")
        self.voucher_event("v f", "active", "2026-02-16 10:00")
        self.redeem("x f1", "v f", "rad", 5_00, "2026-02-17 10:00")
        self.snapshot("z", self.account("z", "trust_bank"), at("2026-02-17 23:00"))
        self.snapshot("z", self.account("z", "merchant_payable", "buch"), at("2026-02-17 23:00"))
        self.redeem("x b3", "v b", "back", 15_00, "2026-02-18 10:00")
        self.redeem("x c2", "v c", "back", 7_00, "2026-02-19 10:00")
        self.reverse("y c2", "x c2", "2026-02-19 10:10")
        self.redeem("x n1", "v n", "markt", 10_00, "2026-02-20 10:00")
        self.redeem("x m1", "v m1", "back", 20_00, "2026-02-21 10:00")
        self.redeem("x s2", "v s2", "back", 50_00, "2026-02-22 10:00")
        self.snapshot("z", self.account("z", "clearing", "s"), at("2026-02-23 00:00"))
        self.snapshot("z", self.account("z", "trust_bank"), at("2026-02-23 00:00"))

    def _march(self) -> None:
        closed_at = at("2026-03-01 08:00")
        self.settle("z2", "z", ("2026-02-01", "2026-02-28"), closed_at, 1900)
        self.settle("s1", "s", ("2026-02-01", "2026-02-28"), closed_at, 1900)
        self.approve("z2", "z", at("2026-03-02 09:00"))
        self.bank("z2 buch", "confirmed", "2026-03-04 09:00")
        self.bank("z2 kino", "returned", "2026-03-05 09:00")
        self.net("n1", "2026-03-06 09:00", {"zs": 15_00, "ms": 10_00})
        self.move_claim("n1", "z", "ms", 10_00, "2026-03-06 09:00")
        self.move_claim("n1", "s", "zm", 10_00, "2026-03-06 09:00")
        self.move_claim("n1", "m", "sz", 10_00, "2026-03-06 09:00")
        self.pay("n1 zs", "2026-03-08 09:00")
        self.hold("h open", "v k", 5_00, None, "2026-03-09 09:00")
        self.hold("h free", "v k", 3_00, 0, "2026-03-09 09:10")
        self.redeem("x n2", "v n", "markt", 5_00, "2026-03-10 10:00")
        self.hold("h part", "v k", 10_00, 7_00, "2026-03-12 09:00")
        self.redeem("x c3", "v c", "buch", 3_00, "2026-03-13 10:00")
        self.net("n2", "2026-03-20 09:00", {"zm": 5_00})

    def _requests(self) -> None:
        """What waits for a second person: two blocked vouchers that turned up again."""
        for name, voucher in (("q e", "v e"), ("q f", "v f")):
            self.add(
                "approval_request",
                town_id=self.id("z"),
                id=self.id(name),
                kind="unblock",
                subject_id=self.id(voucher),
                terms=f'{{"kind":"unblock","voucher_id":"{self.id(voucher)}"}}',
                summary="Gutschein wieder freigeben.",
                reason="Wieder aufgetaucht",
                requested_by=self.id("clerk"),
                requested_by_name="Jana Beispiel",
                requested_at=at("2026-03-30 09:00"),
                ends_at=at("2026-04-06 09:00"),
            )

    def _log(self) -> None:
        """Lines of Zwönitz's log in every month, and one of the region's."""
        for name, chain, when, action, subject in _LOG:
            self.add(
                "log_entry",
                chain_id=self.id(chain),
                id=self.id(name),
                happened_at=at(when),
                action=action,
                author_id=self.id("clerk"),
                author_name="Jana Beispiel",
                subject=subject,
                before=None,
                after="freigegeben",
                reason="Antrag vom Vortag",
            )
