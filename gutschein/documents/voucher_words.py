"""What is printed on a voucher, in plain language (German at level B1) and in English."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

Language = Literal["de", "en"]


class VoucherWords(msgspec.Struct, frozen=True):
    """Every fixed text of the printed voucher in one language.

    ``{value}`` and ``{towns}`` are filled in for each voucher.
    """

    vouchers: str
    number: str
    valid_until: str
    type_code: str
    qr_alt: str
    balance_scan: str
    balance_link: str
    rest_stays: str
    whole_only: str
    how: str
    step_show: str
    step_scan: str
    step_rest_stays: str
    step_whole_only: str
    where: str
    where_towns: str
    keep_safe: str
    issuer: str
    conjunction: str


GERMAN = VoucherWords(
    vouchers="Gutscheine",
    number="Nummer",
    valid_until="Gültig bis",
    type_code="Code zum Eintippen",
    qr_alt="QR-Code des Gutscheins. Statt ihn zu scannen, kann die Kasse diesen Code eintippen:",
    balance_scan="Was ist noch drauf? Scannen Sie den QR-Code mit dem Handy.",
    balance_link="Guthaben im Internet ansehen",
    rest_stays="Rest bleibt auf dem Gutschein",
    whole_only="Nur im Ganzen einlösbar",
    how="So lösen Sie den Gutschein ein",
    step_show="Zeigen Sie den Gutschein an der Kasse, auf Papier oder auf dem Handy.",
    step_scan="Die Kasse scannt den Code oder tippt ihn ein.",
    step_rest_stays="Sie müssen nicht alles auf einmal ausgeben: "
    "Der Rest bleibt auf dem Gutschein.",
    step_whole_only="Sie lösen den Gutschein auf einmal ein: "
    "Ihr Einkauf muss mindestens {value} kosten.",
    where="Hier gilt der Gutschein",
    where_towns="In allen Geschäften, die mitmachen, in {towns}.",
    keep_safe="Bewahren Sie den Gutschein auf wie Bargeld: Wer den Code kennt, kann damit "
    "bezahlen. Er wird nicht ausgezahlt.",
    issuer="Herausgegeben von",
    conjunction="und",
)

ENGLISH = VoucherWords(
    vouchers="vouchers",
    number="Number",
    valid_until="Valid until",
    type_code="Code to type",
    qr_alt="QR code of the voucher. Instead of scanning it, the till can type this code:",
    balance_scan="How much is left? Scan the QR code with your phone.",
    balance_link="See the balance online",
    rest_stays="The rest stays on the voucher",
    whole_only="To be used in one go",
    how="How to use the voucher",
    step_show="Show the voucher at the till, on paper or on your phone.",
    step_scan="The till scans the code or types it in.",
    step_rest_stays="You need not spend it all at once: the rest stays on the voucher.",
    step_whole_only="You use the voucher in one go: your purchase must cost at least {value}.",
    where="Where the voucher is accepted",
    where_towns="In all shops that take part, in {towns}.",
    keep_safe="Keep the voucher like cash: whoever knows the code can pay with it. "
    "It is not paid out.",
    issuer="Issued by",
    conjunction="and",
)

VOUCHER_WORDS: dict[Language, VoucherWords] = {"de": GERMAN, "en": ENGLISH}


def listed(names: Sequence[str], conjunction: str) -> str:
    """Join names as one says them: ``Guben, Cottbus und Finsterwalde``."""
    *others, last = names
    return f"{', '.join(others)} {conjunction} {last}" if others else last
