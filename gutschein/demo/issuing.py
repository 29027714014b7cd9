"""The job's first part: payments, vouchers, their PDFs, and what can be read off those."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gutschein.demo.client import Unexpected, fixed_id
from gutschein.demo.crew import Crew
from gutschein.demo.erzgebirge import Programme
from gutschein.demo.furnish import DemoRegion, DemoTown
from gutschein.demo.readback import Printed, read_pages
from gutschein.demo.tally import Tally

#: Sold so long ago that they have lapsed since: 31 December of the third year after.
LONG_AGO = "2022-05-14"
_LAPSED_COUNT = 2

_METHODS = ("bank_transfer", "cash", "provider")


@dataclass(frozen=True, slots=True)
class Held:
    """A voucher in somebody's hand: what a till can read of it."""

    town: DemoTown
    programme: Programme
    voucher_id: str
    printed: Printed

    @property
    def whole_only(self) -> bool:
        return not self.programme.terms.get("partial_redemption", True)

    def shown(self, *, typed: bool = False) -> dict[str, str]:
        """Return how it is presented to the API: scanned, or typed by hand."""
        return {"code": self.printed.typed_code} if typed else {"token": self.printed.qr_text}


@dataclass(frozen=True, slots=True)
class _Sale:
    """Vouchers to be sold: which, how many, paid how, and when."""

    town: DemoTown
    programme: Programme
    count: int
    method: str
    sold_on: str | None = None

    def id_of(self, run: str, part: str) -> str:
        name = f"{self.town.data.name} {self.programme.name} {self.sold_on or ''} {part}"
        return fixed_id(run, name)


class Issuer:
    """Sells vouchers, prints them into a folder, and reads them back from the paper."""

    def __init__(self, client: Crew, region: DemoRegion, folder: Path, tally: Tally) -> None:
        self._client, self._region, self._folder, self._tally = client, region, folder, tally

    def issue_all(self) -> list[Held]:
        """Issue every programme's vouchers."""
        return [
            held
            for place, town in enumerate(self._region.towns.values())
            for programme in town.data.programmes
            for held in self._issue(
                _Sale(
                    town,
                    programme,
                    programme.count,
                    "subsidy" if programme.subsidised else _METHODS[place % len(_METHODS)],
                )
            )
        ]

    def issue_lapsed(self) -> list[Held]:
        """Take over vouchers that were sold long ago and whose time is over."""
        town = next(iter(self._region.towns.values()))
        return self._issue(
            _Sale(town, town.data.programmes[0], _LAPSED_COUNT, "bank_transfer", LONG_AGO)
        )

    def batch_id(self, town: DemoTown, programme: Programme) -> str:
        """Return the id of the batch that :meth:`issue_all` makes of a programme."""
        return _Sale(town, programme, programme.count, "").id_of(self._region.run, "batch")

    def reprint(self, held: Held, voucher_id: str) -> Held:
        """Print the replacement of a voucher and read it back."""
        pdf = self._client.file(f"towns/{held.town.id}/vouchers/{voucher_id}/document")
        self._keep(pdf, f"ersatz-{voucher_id}")
        [printed] = read_pages(pdf)
        return Held(held.town, held.programme, voucher_id, printed)

    def _issue(self, sale: _Sale) -> list[Held]:
        town, run = sale.town, self._region.run
        payment_id, batch_id = sale.id_of(run, "payment"), sale.id_of(run, "batch")
        total_cents = sale.count * sale.programme.value_cents
        payment = {
            "id": payment_id,
            "method": sale.method,
            "amount_cents": total_cents,
            "reference": f"Verkauf {sale.programme.name}",
        }
        if sale.method == "cash":
            payment["issuing_point_id"] = town.issuing_point_id
        if sale.method == "subsidy":
            terms = {name: payment[name] for name in ("amount_cents", "reference")}
            self._client.approve(
                town.id, {"kind": "gratis_issue", **terms}, payment_id, "Beschluss des Rates"
            )
        else:
            self._client.post(f"towns/{town.id}/payments", payment)
        self._client.post(
            f"towns/{town.id}/batches",
            {
                "id": batch_id,
                "programme_id": town.programme_ids[sale.programme.name],
                "payment_id": payment_id,
                "count": sale.count,
                "value_cents": sale.programme.value_cents,
                "sold_on": sale.sold_on,
                "accept_lapsed": sale.sold_on is not None,
            },
        )
        self._tally.issued_cents += total_cents
        batch = f"towns/{town.id}/batches/{batch_id}"
        vouchers = self._client.get(f"{batch}/vouchers")["vouchers"]
        pdf = self._client.file(f"{batch}/document")
        self._keep(pdf, f"{town.data.ags}-{batch_id}")
        pages = read_pages(pdf)
        if len(pages) != sale.count or len(vouchers) != sale.count:
            raise Unexpected(f"{len(pages)} pages for {sale.count} vouchers")
        return [
            Held(town, sale.programme, voucher["id"], printed)
            for voucher, printed in zip(vouchers, pages, strict=True)
        ]

    def _keep(self, pdf: bytes, name: str) -> None:
        path = self._folder / f"gutscheine-{name}.pdf"
        path.write_bytes(pdf)
        self._tally.voucher_pdfs.append(path)
