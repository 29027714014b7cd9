"""What citizens are written about their orders."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from gutschein.bank.iban import format_iban
from gutschein.bank.rf_reference import format_reference
from gutschein.deposits.requests import PaymentRequest
from gutschein.kernel.money import format_euro
from gutschein.mail.letter import letter
from gutschein.mail.message import Attachment, Mail
from gutschein.shop.orders import Item, ShopOrder
from gutschein.shop.stationery import Stationery
from gutschein.web.words import german, translations

_PLACED = german("Ihre Bestellung {number}: so bezahlen Sie")
_ISSUED = german("Ihre Gutscheine sind da: Bestellung {number}")
_AGAIN = german("Ihr Gutschein, noch einmal")
_REPLACED = german("Gutschein {serial} ist gesperrt und ersetzt")
_GIFT = german("Ein Gutschein für Sie: {value}, {town}")


def placed(order: ShopOrder, request: PaymentRequest, stationery: Stationery) -> Mail:
    """Confirm an order: what was ordered, what it costs, how it is paid (paragraphs 312f and
    312i BGB).
    """
    number = format_reference(request.reference)
    values = _order_values(order, stationery) | {
        "number": number,
        "asked": request,
        "iban": format_iban(stationery.iban),
        "holder": stationery.account_holder,
    }
    subject = translations(order.language).gettext(_PLACED).format(number=number)
    return _written(Mail(order.email, subject, "", order.language), "placed", values)


def issued(
    order: ShopOrder,
    request: PaymentRequest,
    stationery: Stationery,
    pdfs: Iterable[Attachment],
) -> Mail:
    """Tell the buyer that the money is there, with the vouchers that go to the buyer's mailbox."""
    attached = tuple(pdfs)
    number = format_reference(request.reference)
    values = _order_values(order, stationery) | {"number": number, "attached": len(attached)}
    subject = translations(order.language).gettext(_ISSUED).format(number=number)
    mail = Mail(order.email, subject, "", order.language, attachments=attached)
    return _written(mail, "issued", values)


def gift(order: ShopOrder, item: Item, value: str, stationery: Stationery, pdf: Attachment) -> Mail:
    """Hand a voucher to whoever it was bought for."""
    values = _values(stationery) | {"item": item}
    subject = translations(order.language).gettext(_GIFT).format(value=value, town=stationery.name)
    mail = Mail(item.wish.recipient, subject, "", order.language, attachments=(pdf,))
    return _written(mail, "gift", values)


def again(order: ShopOrder, item: Item, stationery: Stationery, pdf: Attachment) -> Mail:
    """Send a voucher once more: to whoever it was bought for, else to the buyer."""
    if item.wish.recipient:
        return gift(
            order, item, format_euro(item.wish.value_cents, order.language), stationery, pdf
        )
    subject = translations(order.language).gettext(_AGAIN)
    mail = Mail(order.email, subject, "", order.language, attachments=(pdf,))
    return _written(mail, "again", _order_values(order, stationery))


def replaced(order: ShopOrder, serial: str, stationery: Stationery) -> Mail:
    """Tell the buyer that a voucher was blocked and replaced, by whoever has the order's link."""
    subject = translations(order.language).gettext(_REPLACED).format(serial=serial)
    values = _order_values(order, stationery) | {"serial": serial}
    return _written(Mail(order.email, subject, "", order.language), "replaced", values)


def _order_values(order: ShopOrder, stationery: Stationery) -> dict[str, Any]:
    return _values(stationery) | {"order": order, "order_url": stationery.order_url(order.id)}


def _values(stationery: Stationery) -> dict[str, Any]:
    town_url = f"{stationery.url}{stationery.town.path}"
    return {"town": stationery.town, "foot": stationery.foot, "town_url": town_url}


def _written(mail: Mail, template: str, values: dict[str, Any]) -> Mail:
    text, html = letter(mail.language, f"shop/mail/{template}", **values)
    return replace(mail, text=text, html=html)
