"""The sentences of a statement: what happens now with the money."""

from __future__ import annotations

from gutschein.kernel.money import format_euro


def after_this(
    *,
    payout_cents: int,
    carried_out_cents: int,
    returned_cents: int,
    minimum_payout_cents: int,
    iban: str | None,
    account_holder: str,
    reference: str,
) -> list[str]:
    """Say in plain German what happens with what is due, one sentence or two to an item."""
    sentences: list[str] = []
    if returned_cents > 0:
        sentences.append(
            f"Eine Auszahlung über {format_euro(returned_cents)} kam von der Bank zurück und "
            "ist hier wieder enthalten. Bitte prüfen Sie Ihre Kontoverbindung."
        )
    if payout_cents > 0:
        sentences.append(
            f"{format_euro(payout_cents)} werden auf {iban} überwiesen, "
            f"Kontoinhaber {account_holder}, Verwendungszweck {reference}."
        )
    if carried_out_cents > 0:
        sentences.append(_carried(carried_out_cents, payout_cents, minimum_payout_cents, iban=iban))
    if carried_out_cents < 0:
        sentences.append(
            f"Es ergibt sich ein Minus von {format_euro(-carried_out_cents)}. Es wird mit der "
            "nächsten Abrechnung verrechnet, Sie müssen nichts überweisen."
        )
    if payout_cents == 0 and carried_out_cents == 0:
        sentences.append("Es gibt nichts auszuzahlen, und nichts bleibt offen.")
    return sentences


def _carried(
    carried_out_cents: int, payout_cents: int, minimum_payout_cents: int, *, iban: str | None
) -> str:
    amount = format_euro(carried_out_cents)
    if payout_cents == 0 and carried_out_cents < minimum_payout_cents:
        return (
            f"Der Betrag von {amount} liegt unter der Mindestauszahlung von "
            f"{format_euro(minimum_payout_cents)} und wird vorgetragen."
        )
    if iban is None:
        return (
            f"Es ist kein Konto für die Auszahlung hinterlegt. {amount} werden vorgetragen. "
            "Bitte nennen Sie der Stadt Ihre Kontoverbindung."
        )
    return f"{amount} werden auf die nächste Abrechnung vorgetragen."


def percent(basis_points: int) -> str:
    """Write a rate as Germans do: ``3 %``, ``2,5 %``, ``0,25 %``."""
    whole, rest = divmod(basis_points, 100)
    decimals = f",{rest:02d}".rstrip("0").rstrip(",")
    return f"{whole}{decimals} %"


def spaced_iban(iban: str) -> str:
    """Write an IBAN in groups of four, as ISO 13616-1 does for people."""
    compact = "".join(iban.split())
    return " ".join(compact[start : start + 4] for start in range(0, len(compact), 4))
