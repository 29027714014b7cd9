"""Every error code with its HTTP status and its words.

One text for staff, which says what is wrong and what to do next, and one for the
public, which never tells unknown, altered and blocked apart. German is the original.
``docs/reference/errors.md`` is written from this table, and a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

_UNRECOGNISED_DE = "Dieser Code wurde nicht erkannt."
_UNRECOGNISED_EN = "This code was not recognised."


@dataclass(frozen=True, slots=True)
class ErrorText:
    """What is read when something is refused."""

    status: int
    staff_de: str
    staff_en: str
    public_de: str = "Das ist gerade nicht möglich."
    public_en: str = "This is not possible right now."

    def for_audience(
        self, language: Literal["de", "en"], audience: Literal["staff", "public"]
    ) -> str:
        if audience == "public":
            return self.public_de if language == "de" else self.public_en
        return self.staff_de if language == "de" else self.staff_en


def _as_unrecognised(status: int, staff_de: str, staff_en: str) -> ErrorText:
    return ErrorText(status, staff_de, staff_en, _UNRECOGNISED_DE, _UNRECOGNISED_EN)


def _same_for_all(status: int, de: str, en: str) -> ErrorText:
    return ErrorText(status, de, en, de, en)


ERROR_TEXTS: dict[str, ErrorText] = {
    # the request itself
    "request.malformed": _same_for_all(
        400,
        "Die Anfrage ist nicht lesbar. Erwartet wird JSON.",
        "The request cannot be read. JSON is expected.",
    ),
    "request.invalid": _same_for_all(
        422,
        "Eine Angabe fehlt oder passt nicht: {reason}",
        "Something is missing or does not fit: {reason}",
    ),
    "request.too_large": _same_for_all(
        413,
        "Die Anfrage ist zu groß. Erlaubt sind {max_bytes} Bytes.",
        "The request is too large. At most {max_bytes} bytes are allowed.",
    ),
    "request.not_found": _same_for_all(
        404, "Diese Adresse gibt es nicht.", "This address does not exist."
    ),
    "request.method": _same_for_all(
        405,
        "Diese Adresse kennt die Methode nicht.",
        "This address does not know the method.",
    ),
    "request.conflict": _same_for_all(
        409,
        "Diese Kennung ist schon mit anderen Angaben vergeben.",
        "This id is taken already, with other data.",
    ),
    "auth.required": _same_for_all(
        401,
        "Bitte anmelden: Das Zugangskennwort fehlt oder stimmt nicht.",
        "Please sign in: the access token is missing or wrong.",
    ),
    "service.busy": ErrorText(
        503,
        "Gerade sehr voll. Die Buchung wird von selbst wiederholt.",
        "Very busy. The booking repeats by itself.",
        "Bitte gleich noch einmal versuchen.",
        "Please try again in a moment.",
    ),
    "service.failed": ErrorText(
        500,
        "Da ist bei uns etwas schiefgegangen. Es wurde nichts gebucht. Bitte erneut versuchen.",
        "Something went wrong on our side. Nothing was booked. Please try again.",
        "Bitte gleich noch einmal versuchen.",
        "Please try again in a moment.",
    ),
    # token and code
    "token.unreadable": _as_unrecognised(
        422,
        "Das ist kein Stadtgutschein. Bitte den QR-Code auf dem Gutschein scannen.",
        "This is not a city voucher. Please scan the QR code on the voucher.",
    ),
    "token.signature": _as_unrecognised(
        422,
        "Der Gutschein ist nicht echt. Bitte nicht annehmen.",
        "This voucher is not genuine. Do not accept it.",
    ),
    "token.key_unknown": _as_unrecognised(
        422,
        "Diese Stadt ist hier nicht bekannt. Bitte online erneut versuchen.",
        "This town is not known here. Please try again online.",
    ),
    "token.key_not_yet": _as_unrecognised(
        422,
        "Der Schlüssel dieses Gutscheins gilt noch nicht. Bitte Datum und Uhrzeit prüfen.",
        "The key of this voucher is not valid yet. Please check the date and the time.",
    ),
    "token.key_expired": _as_unrecognised(
        422,
        "Der Schlüssel dieses Gutscheins gilt nicht mehr. Die Ausgabestelle hilft weiter.",
        "The key of this voucher is no longer valid. The issuing point can help.",
    ),
    "code.typo": ErrorText(
        422,
        "Tippfehler: Bitte die markierte Stelle prüfen.",
        "Typing error: please check the marked place.",
        "Bitte die Eingabe prüfen.",
        "Please check what you typed.",
    ),
    "key.none": ErrorText(
        409,
        "Diese Stadt hat gerade keinen gültigen Signaturschlüssel. "
        "Bitte mit »gutschein keys rotate« einen anlegen.",
        "This town has no valid signing key right now. "
        "Please make one with »gutschein keys rotate«.",
    ),
    "key.sealed": ErrorText(
        503,
        "Der Schlüssel {kek_id} zum Öffnen der Geheimnisse fehlt. Bitte den Betreiber anrufen.",
        "The key {kek_id} that opens the secrets is missing. Please call the operator.",
    ),
    # voucher
    "voucher.unknown": _as_unrecognised(
        404,
        "Diesen Gutschein gibt es nicht. Bitte nicht annehmen.",
        "This voucher does not exist. Do not accept it.",
    ),
    "voucher.not_active": ErrorText(
        409,
        "Noch nicht freigeschaltet. Die Ausgabestelle hilft weiter.",
        "Not activated yet. The issuing point can help.",
        "Noch nicht freigeschaltet.",
        "Not activated yet.",
    ),
    "voucher.blocked": _as_unrecognised(
        409,
        "Gesperrt. Bitte nicht annehmen und an die Ausgabestelle verweisen.",
        "Blocked. Do not accept it; refer the customer to the issuing point.",
    ),
    "voucher.replaced": _as_unrecognised(
        409,
        "Ersetzt: Es gilt der neue Gutschein.",
        "Replaced: only the new voucher is valid.",
    ),
    "voucher.expired": _same_for_all(409, "Abgelaufen am {date}.", "Expired on {date}."),
    "voucher.empty": ErrorText(
        409,
        "Kein Guthaben mehr.",
        "No balance left.",
        "Guthaben: 0,00 €",
        "Balance: 0.00 €",
    ),
    "voucher.insufficient": ErrorText(
        409,
        "Guthaben {balance}. Diesen Betrag einlösen und den Rest anders kassieren?",
        "Balance {balance}. Redeem this amount and take the rest another way?",
    ),
    "voucher.whole_only": ErrorText(
        409,
        "Dieser Gutschein gilt nur im Ganzen: {balance}.",
        "This voucher can only be used whole: {balance}.",
    ),
    "batch.unknown": ErrorText(404, "Diese Ausgabe gibt es nicht.", "This batch does not exist."),
    "batch.too_large": ErrorText(
        422,
        "Höchstens {max} Gutscheine auf einmal.",
        "At most {max} vouchers at once.",
    ),
    "batch.sold_later": ErrorText(
        422,
        "Der Tag des Verkaufs liegt in der Zukunft.",
        "The day of the sale is in the future.",
    ),
    "batch.expired": ErrorText(
        422,
        "Diese Gutscheine wären schon abgelaufen, am {date}.",
        "These vouchers would have expired already, on {date}.",
    ),
    "batch.nothing_to_print": ErrorText(
        409,
        "In dieser Ausgabe ist kein gültiger Gutschein mehr zu drucken.",
        "No valid voucher is left to print in this batch.",
    ),
    # payment
    "payment.unknown": ErrorText(
        404, "Diese Zahlung gibt es nicht.", "This payment does not exist."
    ),
    "payment.insufficient": ErrorText(
        409,
        "Die Zahlung deckt das nicht: Noch {left} sind frei, gebraucht werden {needed}.",
        "The payment does not cover this: {left} are left, {needed} are needed.",
    ),
    "payment.method": ErrorText(
        422,
        "Diese Gutscheinart wird anders bezahlt: {allowed}.",
        "This programme is paid in another way: {allowed}.",
    ),
    "payment.issuing_point": ErrorText(
        422,
        "Bargeld gehört zu einer Ausgabestelle, anderes Geld zu keiner.",
        "Cash belongs to an issuing point, other money to none.",
    ),
    # merchant, branch, amount
    "merchant.unknown": ErrorText(
        404, "Diese Akzeptanzstelle gibt es nicht.", "This merchant does not exist."
    ),
    "merchant.not_accepted": ErrorText(
        403,
        "Gutscheine aus {town} gelten hier nicht.",
        "Vouchers of {town} are not accepted here.",
    ),
    "branch.unknown": ErrorText(404, "Diese Filiale gibt es nicht.", "This branch does not exist."),
    "branch.closed": ErrorText(
        403,
        "Diese Filiale ist abgemeldet. Bitte die Stadt anrufen.",
        "This branch is signed off. Please call the town.",
    ),
    "issuing_point.unknown": ErrorText(
        404, "Diese Ausgabestelle gibt es nicht.", "This issuing point does not exist."
    ),
    "amount.invalid": ErrorText(
        422,
        "Bitte einen Betrag zwischen 0,01 € und {max} eingeben.",
        "Please enter an amount between 0.01 € and {max}.",
    ),
    "iban.invalid": _same_for_all(
        422,
        "Diese IBAN stimmt nicht. Bitte prüfen.",
        "This IBAN is not correct. Please check.",
    ),
    "bic.invalid": _same_for_all(
        422,
        "Diese BIC stimmt nicht. Bitte prüfen oder weglassen.",
        "This BIC is not correct. Please check or leave it out.",
    ),
    "sepa_text.empty": _same_for_all(
        422,
        "In »{text}« ist kein Buchstabe, den Banken annehmen. Bitte lateinisch schreiben.",
        "»{text}« has no letter that banks accept. Please write it in Latin letters.",
    ),
    # payout file
    "payout_file.empty": ErrorText(
        409, "Es ist nichts auszuzahlen.", "There is nothing to pay out."
    ),
    "payout_file.too_large": ErrorText(
        422,
        "Höchstens {max} Zahlungen je Datei. Bitte aufteilen.",
        "At most {max} payments in one file. Please split it.",
    ),
    "payout_file.amount_invalid": ErrorText(
        422,
        "Zahlung {id}: Der Betrag muss zwischen 0,01 € und {max} liegen.",
        "Payment {id}: the amount must be between 0.01 € and {max}.",
    ),
    "payout_file.id_invalid": ErrorText(
        422,
        "Die Referenz »{id}« nehmen Banken nicht an: höchstens 35 einfache Zeichen, kein »//«.",
        "Banks do not accept the reference »{id}«: at most 35 plain characters, no »//«.",
    ),
    "payout_file.id_taken": ErrorText(
        409,
        "Die Referenz {id} kommt zweimal vor. Jede Zahlung braucht ihre eigene.",
        "The reference {id} occurs twice. Each payment needs its own.",
    ),
    "payout_file.country_invalid": ErrorText(
        422,
        "»{country}« ist kein Land in zwei Großbuchstaben, wie DE.",
        "»{country}« is not a country in two capital letters, such as DE.",
    ),
    "payout_file.unreadable": ErrorText(
        422,
        "Das ist keine Zahlungsdatei, die wir lesen können: {reason}",
        "This is not a payment file we can read: {reason}",
    ),
    # redemption and reversal
    "redemption.unknown": ErrorText(
        404,
        "Diese Einlösung gibt es nicht. Es wurde nichts gebucht.",
        "This redemption does not exist. Nothing was booked.",
    ),
    "redemption.conflict": ErrorText(
        409,
        "Diese Buchung gibt es schon mit anderem Betrag. Bitte in der Tagesliste nachsehen.",
        "This booking exists with another amount. Please look at today's list.",
    ),
    "reversal.too_late": ErrorText(
        409,
        "Storno nur am selben Tag. Die Stadt kann es später zu zweit freigeben.",
        "Reversal only on the same day. Later the town can release it with two persons.",
    ),
    "reversal.other_merchant": ErrorText(
        403,
        "Storno nur durch die Akzeptanzstelle, die eingelöst hat.",
        "Only the merchant that redeemed can reverse.",
    ),
    "reversal.already": ErrorText(
        409,
        "Diese Einlösung ist schon storniert.",
        "This redemption is reversed already.",
    ),
    # towns and programmes
    "region.unknown": ErrorText(
        404, "Diesen Verbund gibt es nicht.", "This region does not exist."
    ),
    "town.unknown": ErrorText(404, "Diese Stadt gibt es nicht.", "This town does not exist."),
    "town.ags_invalid": ErrorText(
        422,
        "Der amtliche Gemeindeschlüssel hat acht Ziffern.",
        "The official municipality key has eight digits.",
    ),
    "town.ags_taken": ErrorText(
        409,
        "Diese Gemeinde ist in dem Verbund schon angelegt.",
        "This municipality exists in the region already.",
    ),
    "acceptance.overlap": ErrorText(
        409,
        "Für diese beiden Städte gilt in dem Zeitraum schon eine Vereinbarung.",
        "An agreement between these two towns covers that time already.",
    ),
    "acceptance.other_region": ErrorText(
        422,
        "Beide Städte müssen zum selben Verbund gehören und verschieden sein.",
        "The two towns must differ and belong to the same region.",
    ),
    "acceptance.unknown": ErrorText(
        404,
        "An diesem Tag gilt keine Vereinbarung dieser beiden Städte.",
        "No agreement between these two towns is in force on that day.",
    ),
    "acceptance.past": ErrorText(
        409,
        "Eine Vereinbarung endet frühestens heute, am {date}.",
        "An agreement ends today, on {date}, at the earliest.",
    ),
    "programme.unknown": ErrorText(
        404, "Diese Gutscheinart gibt es nicht.", "This programme does not exist."
    ),
    "programme.rule_invalid": ErrorText(
        422,
        "Die Regeln der Gutscheinart widersprechen sich: {reason}",
        "The programme's rules contradict one another: {reason}",
    ),
    "programme.value_refused": ErrorText(
        422,
        "Diesen Wert gibt es hier nicht. Möglich: {allowed}.",
        "This value is not offered here. Possible: {allowed}.",
    ),
    # ledger
    "account.unknown": ErrorText(
        404, "Dieses Konto gibt es nicht.", "This account does not exist."
    ),
    "account.insufficient": ErrorText(
        409,
        "Das Konto hat nur noch {available}, gebraucht werden {needed}.",
        "The account has only {available} left, {needed} are needed.",
    ),
    "transfer.conflict": ErrorText(
        409,
        "Diese Buchung gibt es schon mit anderem Inhalt.",
        "This transfer exists already with other content.",
    ),
    "transfer.unknown": ErrorText(
        404, "Diese Buchung gibt es nicht.", "This transfer does not exist."
    ),
    "hold.unknown": ErrorText(
        404, "Diese Reservierung gibt es nicht.", "This hold does not exist."
    ),
    "hold.conflict": ErrorText(
        409,
        "Diese Reservierung ist schon anders erledigt.",
        "This hold has been resolved differently already.",
    ),
    "hold.exceeded": ErrorText(
        409,
        "Reserviert sind nur {held}.",
        "Only {held} are held.",
    ),
    # settlement, payout, netting
    "settlement.closed": ErrorText(
        409, "Dieser Zeitraum ist schon abgeschlossen.", "This period is closed already."
    ),
    "settlement.gap": ErrorText(
        409,
        "Der nächste Zeitraum beginnt am {date}.",
        "The next period begins on {date}.",
    ),
    "settlement.period_invalid": ErrorText(
        422,
        "Der Zeitraum endet vor seinem Beginn oder erst nach dem heutigen Tag.",
        "The period ends before it begins, or after today.",
    ),
    "settlement.not_approved": ErrorText(
        409,
        "Erst muss die vorige Abrechnung freigegeben sein.",
        "The settlement before must be approved first.",
    ),
    "settlement.unknown": ErrorText(
        404, "Diese Abrechnung gibt es nicht.", "This settlement does not exist."
    ),
    "settlement.state": ErrorText(
        409,
        "Das geht bei dieser Abrechnung noch nicht oder nicht mehr.",
        "This settlement is not, or no longer, in the state for that.",
    ),
    "statement.unknown": ErrorText(
        404, "Diesen Abrechnungsbeleg gibt es nicht.", "This statement does not exist."
    ),
    "payout.unknown": ErrorText(
        404, "Diese Auszahlung gibt es nicht.", "This payout does not exist."
    ),
    "payout.state": ErrorText(
        409,
        "Diese Auszahlung ist schon bestätigt oder zurückgekommen.",
        "This payout was confirmed or returned already.",
    ),
    "netting.nothing": ErrorText(
        409,
        "Zwischen den Städten ist nichts offen.",
        "Nothing is open between the towns.",
    ),
    "netting.unknown": ErrorText(
        404, "Diese Verrechnung gibt es nicht.", "This netting does not exist."
    ),
    "netting.paid": ErrorText(
        409,
        "Diese Zahlung ist schon verbucht.",
        "This payment is booked already.",
    ),
}
