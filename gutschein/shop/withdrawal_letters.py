"""What a citizen is written who has withdrawn: that it came in, when, and what they declared."""

from __future__ import annotations

from datetime import datetime

from gutschein.kernel.errors import Language
from gutschein.mail.letter import letter
from gutschein.mail.message import Mail
from gutschein.shop.stationery import Stationery
from gutschein.shop.withdrawal_rules import Declaration
from gutschein.web.words import german, translations

_RECEIVED = german("Ihr Widerruf ist eingegangen: {town}")


def receipt(
    declaration: Declaration, declared_at: datetime, stationery: Stationery, language: Language
) -> Mail:
    """Confirm that a declaration came in, with its content, day and time (paragraph 356a (4)
    BGB). It is the same whether there is such an order or not.
    """
    values = {
        "town": stationery.town,
        "foot": stationery.foot,
        "declaration": declaration,
        "declared_at": declared_at,
    }
    text, html = letter(language, "shop/mail/withdrawn", **values)
    subject = translations(language).gettext(_RECEIVED).format(town=stationery.name)
    return Mail(declaration.email, subject, text, language, html)
