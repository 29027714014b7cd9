"""What is printed on a voucher, in plain language (German at level B1) and in English."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

Language = Literal["de", "en"]


class VoucherWords(msgspec.Struct, frozen=True):
    """Every fixed text of the printed voucher in one language.

    ``{value}``, ``{towns}``, ``{years}`` and ``{day}`` are filled in for each voucher.
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
    step_scan_pin: str
    step_rest_stays: str
    step_whole_only: str
    step_whole_only_open: str
    where: str
    where_towns: str
    keep_safe: str
    keep_safe_pin: str
    issuer: str
    conjunction: str
    value_open: str
    valid_from_sale: str
    activation: str
    activation_alt: str
    activation_rule: str
    sell_until: str
    value_written: str
    sold_on: str
    pin_apart: str
    pin_name: str
    pin_rule: str
    pin_reprint: str


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
    step_scan_pin="Die Kasse scannt den Code oder tippt ihn ein, und fragt nach Ihrer PIN.",
    step_rest_stays="Sie müssen nicht alles auf einmal ausgeben: "
    "Der Rest bleibt auf dem Gutschein.",
    step_whole_only="Sie lösen den Gutschein auf einmal ein: "
    "Ihr Einkauf muss mindestens {value} kosten.",
    step_whole_only_open="Sie lösen den Gutschein auf einmal ein: "
    "Ihr Einkauf muss mindestens so viel kosten, wie er wert ist.",
    where="Hier gilt der Gutschein",
    where_towns="In allen Geschäften, die mitmachen, in {towns}.",
    keep_safe="Bewahren Sie den Gutschein auf wie Bargeld: Wer den Code kennt, kann damit "
    "bezahlen. Er wird nicht ausgezahlt.",
    keep_safe_pin="Bewahren Sie den Gutschein auf wie Bargeld, und die PIN getrennt von ihm: Wer "
    "beides kennt, kann damit bezahlen. Er wird nicht ausgezahlt.",
    issuer="Herausgegeben von",
    conjunction="und",
    value_open="Nach Wahl",
    valid_from_sale="31.12., {years} Jahre nach dem Kaufjahr",
    activation="Freischaltcode für die Ausgabestelle",
    activation_alt="QR-Code zum Freischalten. Statt ihn zu scannen, kann dieser Code getippt "
    "werden:",
    activation_rule="Dieser Gutschein gilt erst, wenn er verkauft und freigeschaltet ist.",
    sell_until="Zu verkaufen bis {day}",
    value_written="Wert",
    sold_on="Verkauft am",
    pin_apart="PIN: getrennt vom Gutschein aufbewahren",
    pin_name="PIN des Gutscheins",
    pin_rule="Die Kasse fragt bei jedem Einlösen nach dieser PIN. Wer nur den Gutschein hat oder "
    "eine Kopie davon, kann nicht damit bezahlen. Wer den Gutschein verschenkt, gibt auch diesen "
    "Zettel weiter.",
    pin_reprint="Wenn Sie die PIN verlieren, hilft die Ausgabestelle.",
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
    step_scan_pin="The till scans the code or types it in, and asks for your PIN.",
    step_rest_stays="You need not spend it all at once: the rest stays on the voucher.",
    step_whole_only="You use the voucher in one go: your purchase must cost at least {value}.",
    step_whole_only_open="You use the voucher in one go: your purchase must cost at least as "
    "much as it is worth.",
    where="Where the voucher is accepted",
    where_towns="In all shops that take part, in {towns}.",
    keep_safe="Keep the voucher like cash: whoever knows the code can pay with it. "
    "It is not paid out.",
    keep_safe_pin="Keep the voucher like cash, and the PIN apart from it: whoever knows both can "
    "pay with it. It is not paid out.",
    issuer="Issued by",
    conjunction="and",
    value_open="Of your choice",
    valid_from_sale="31.12., {years} years after the year of sale",
    activation="Activation code for the issuing point",
    activation_alt="QR code for activation. Instead of scanning it, this code can be typed:",
    activation_rule="This voucher is good only once it has been sold and activated.",
    sell_until="To be sold until {day}",
    value_written="Value",
    sold_on="Sold on",
    pin_apart="PIN: keep it apart from the voucher",
    pin_name="PIN of the voucher",
    pin_rule="The till asks for this PIN each time the voucher is used. Whoever has nothing but "
    "the voucher, or a copy of it, cannot pay with it. If you give the voucher away, give this "
    "slip with it.",
    pin_reprint="If you lose the PIN, the issuing point will help.",
)

VOUCHER_WORDS: dict[Language, VoucherWords] = {"de": GERMAN, "en": ENGLISH}


def listed(names: Sequence[str], conjunction: str) -> str:
    """Join names as one says them: ``Guben, Cottbus und Finsterwalde``."""
    *others, last = names
    return f"{', '.join(others)} {conjunction} {last}" if others else last
