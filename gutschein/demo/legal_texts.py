"""The texts that the law asks for, as the demo's towns have them: to be seen, not to be used."""

from __future__ import annotations

_NOTE = "Dieser Text gehört zu einer Vorführung. Eine Stadt setzt hier ihren eigenen ein."
_NOTE_EN = "This text belongs to a demonstration. A town puts its own here."

TEXTS: dict[tuple[str, str], tuple[str, ...]] = {
    ("imprint", "de"): (
        "# Angaben gemäß § 5 DDG",
        "{name}, vertreten durch die Bürgermeisterin oder den Bürgermeister",
        "{address}",
        "E-Mail: {email}",
        _NOTE,
    ),
    ("imprint", "en"): (
        "# Information under section 5 DDG",
        "{name}, represented by its mayor",
        "{address}",
        "E-mail: {email}",
        _NOTE_EN,
    ),
    ("privacy", "de"): (
        "# Was gespeichert wird",
        "- Wer einen Gutschein kauft, nennt seine E-Mail-Adresse. Dorthin kommt der Gutschein.",
        "- Beim Einlösen werden Betrag, Laden und Zeit gebucht, aber nicht, wer bezahlt hat.",
        "- Diese Seiten setzen keinen Cookie, der Sie verfolgt, und rufen niemand anderen.",
        "# Ihre Rechte",
        "Sie können Auskunft, Berichtigung und Löschung verlangen: {email}.",
        _NOTE,
    ),
    ("privacy", "en"): (
        "# What is kept",
        "- Whoever buys a voucher names an e-mail address. That is where the voucher goes.",
        "- When it is redeemed, amount, shop and time are booked, but not who paid.",
        "- These pages set no cookie that follows you, and call nobody else.",
        "# Your rights",
        "You may ask for access, correction and deletion: {email}.",
        _NOTE_EN,
    ),
    ("terms", "de"): (
        "# Was der Gutschein ist",
        "Der Gutschein wird von {name} ausgegeben und in den Läden eingelöst, die mitmachen.",
        "# Gültigkeit",
        "Er gilt drei Jahre, gerechnet vom Ende des Jahres, in dem er gekauft wurde.",
        "# Einlösen",
        "Er kann nach und nach ausgegeben werden. Bargeld gibt es dafür nicht.",
        _NOTE,
    ),
    ("terms", "en"): (
        "# What the voucher is",
        "The voucher is issued by {name} and redeemed in the shops that take part.",
        "# Validity",
        "It is valid for three years from the end of the year in which it was bought.",
        "# Redeeming",
        "It can be spent bit by bit. It is not paid out in cash.",
        _NOTE_EN,
    ),
    ("withdrawal", "de"): (
        "# Widerrufsrecht",
        "Sie können den Kauf binnen vierzehn Tagen ohne Angabe von Gründen widerrufen.",
        "# Folgen des Widerrufs",
        "Wir zahlen das Geld auf demselben Weg zurück, auf dem es gekommen ist. Der Gutschein "
        "wird sofort gesperrt.",
        _NOTE,
    ),
    ("withdrawal", "en"): (
        "# Right of withdrawal",
        "You may withdraw from the purchase within fourteen days without giving a reason.",
        "# What follows",
        "We refund the money by the way it came. The voucher is blocked at once.",
        _NOTE_EN,
    ),
    ("accessibility", "de"): (
        "# Wie zugänglich diese Seiten sind",
        "Die Seiten folgen der EN 301 549 und damit den WCAG 2.1 in Stufe AA. Sie gehen ohne "
        "Maus, ohne Skripte und in doppelter Größe.",
        "# Barriere gefunden?",
        "Bitte schreiben Sie uns: {email}. Hilft das nicht, hilft die Schlichtungsstelle des "
        "Landes.",
        _NOTE,
    ),
    ("accessibility", "en"): (
        "# How accessible these pages are",
        "The pages follow EN 301 549, and so WCAG 2.1 at level AA. They work without a mouse, "
        "without scripts and at double size.",
        "# Found a barrier?",
        "Please write to us: {email}. If that does not help, the arbitration board of the state "
        "will.",
        _NOTE_EN,
    ),
}
