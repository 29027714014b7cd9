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
    "form.unreadable": _same_for_all(
        400,
        "Das Formular kam nicht lesbar an. Bitte die Seite neu laden und noch einmal absenden.",
        "The form did not arrive readable. Please reload the page and send it again.",
    ),
    "request.url_too_long": _same_for_all(
        414,
        "Die Adresse ist zu lang. Erlaubt sind {max_bytes} Bytes.",
        "The address is too long. At most {max_bytes} bytes are allowed.",
    ),
    "request.headers_too_large": _same_for_all(
        431,
        "Die Kopfzeilen der Anfrage sind zu groß. "
        "Erlaubt sind {max_headers} mit zusammen {max_bytes} Bytes.",
        "The headers of the request are too large. "
        "At most {max_headers} with {max_bytes} bytes in all are allowed.",
    ),
    "request.timeout": _same_for_all(
        408,
        "Die Anfrage kam nicht rechtzeitig vollständig an. Bitte erneut versuchen.",
        "The request did not arrive whole in time. Please try again.",
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
        "Bitte zuerst anmelden.",
        "Please sign in first.",
    ),
    "right.missing": _same_for_all(
        403,
        "Dafür fehlt hier das Recht. Die Verwaltung der Stadt kann es erteilen.",
        "You do not have the right to do this here. The town's administrator can grant it.",
    ),
    "session.csrf": _same_for_all(
        403,
        "Diese Seite war zu lange offen. Bitte neu laden und noch einmal absenden.",
        "This page was open for too long. Please reload it and send it again.",
    ),
    "limit.rate": _same_for_all(
        429,
        "Zu viele Versuche. Bitte {seconds} Sekunden warten.",
        "Too many tries. Please wait {seconds} seconds.",
    ),
    # persons and how they sign in
    "session.ended": _same_for_all(
        401,
        "Die Anmeldung ist abgelaufen. Bitte neu anmelden.",
        "You have been signed out. Please sign in again.",
    ),
    "session.origin": _same_for_all(
        403,
        "Dieses Formular kam nicht von unserer eigenen Seite. Bitte {url} öffnen und dort noch "
        "einmal absenden.",
        "This form did not come from our own page. Please open {url} and send it from there.",
    ),
    "sign_in.failed": _same_for_all(
        422,
        "E-Mail-Adresse oder Passwort stimmt nicht. Bitte beides prüfen.",
        "The e-mail address or the password is not correct. Please check both.",
    ),
    "sign_in.code": _same_for_all(
        422,
        "Dieser Code gilt nicht oder wurde schon benutzt. Bitte den nächsten Code abwarten.",
        "This code is not valid, or was used already. Please wait for the next one.",
    ),
    "sign_in.fresh": _same_for_all(
        403,
        "Bitte zuerst noch einmal bestätigen, dass Sie es sind.",
        "Please confirm first that it is you.",
    ),
    "passkey.refused": _same_for_all(
        422,
        "Dieser Passkey wurde hier nicht angenommen. Bitte noch einmal versuchen oder das "
        "Passwort benutzen.",
        "This passkey was not accepted here. Please try again, or use the password.",
    ),
    "passkey.known": _same_for_all(
        409,
        "Dieser Passkey ist schon eingerichtet.",
        "This passkey is set up already.",
    ),
    "passkey.unknown": _same_for_all(
        404, "Diesen Passkey gibt es nicht.", "This passkey does not exist."
    ),
    "factor.last": _same_for_all(
        409,
        "Ihre Aufgaben brauchen einen zweiten Schritt bei der Anmeldung, und das ist der "
        "letzte. Bitte zuerst einen anderen einrichten.",
        "Your work needs a second step at sign-in, and this is the last. Please set up another "
        "first.",
    ),
    "password.short": _same_for_all(
        422,
        "Das Passwort braucht mindestens {min} Zeichen. Gut sind vier Wörter, die nichts "
        "miteinander zu tun haben.",
        "The password needs at least {min} characters. Four words that have nothing to do with "
        "one another are good.",
    ),
    "password.long": _same_for_all(
        422,
        "Das Passwort darf höchstens {max} Zeichen haben.",
        "The password may have at most {max} characters.",
    ),
    "password.common": _same_for_all(
        422,
        "Dieses Passwort wird als eines der ersten geraten. Bitte ein anderes wählen.",
        "This password is among the first to be guessed. Please choose another.",
    ),
    "password.personal": _same_for_all(
        422,
        "Name, E-Mail-Adresse oder Stadt sind leicht zu erraten. Bitte ein anderes Passwort "
        "wählen.",
        "Name, e-mail address or town are easy to guess. Please choose another password.",
    ),
    "password.wrong": _same_for_all(
        422, "Das Passwort stimmt nicht.", "The password is not correct."
    ),
    "email.invalid": _same_for_all(
        422,
        "Diese E-Mail-Adresse stimmt nicht. Bitte prüfen.",
        "This e-mail address is not correct. Please check it.",
    ),
    "person.exists": ErrorText(
        409,
        "Mit dieser E-Mail-Adresse gibt es schon jemanden.",
        "There is somebody with this e-mail address already.",
    ),
    "person.unknown": ErrorText(404, "Diese Person gibt es nicht.", "This person does not exist."),
    "role.unknown": ErrorText(404, "Diese Aufgabe hat hier niemand.", "Nobody has this role here."),
    "role.scope": ErrorText(
        422,
        "Diese Aufgabe gibt es hier nicht: Betreiber gehören zu einem Verbund, Inhaber und "
        "Kasse zu einer Akzeptanzstelle, alle anderen zu einer Stadt.",
        "There is no such role here: operators belong to a region, owners and cashiers to a "
        "merchant, all others to a town.",
    ),
    "link.unknown": _same_for_all(
        404,
        "Dieser Link gilt nicht mehr. Bitte um einen neuen bitten.",
        "This link is no longer valid. Please ask for a new one.",
    ),
    "role.own": ErrorText(
        409,
        "Diese Aufgabe kann man sich nicht selbst nehmen. Das macht jemand anderes von hier.",
        "Nobody can take this role from themselves. Somebody else from here does it.",
    ),
    "role.last": ErrorText(
        409,
        "Das ist die letzte Person mit dieser Aufgabe. Bitte zuerst eine andere einladen.",
        "This is the last person with this role. Please invite another first.",
    ),
    "invitation.unknown": ErrorText(
        404, "Diese Einladung gibt es hier nicht mehr.", "This invitation is no longer here."
    ),
    "invitation.role": ErrorText(
        422,
        "Diese Aufgabe können Sie hier nicht vergeben.",
        "You cannot give this role here.",
    ),
    "invitation.needs_approval": ErrorText(
        403,
        "Verwaltung und Freigabe vergeben zwei Personen. Bitte die Freigabe beantragen.",
        "Administrators and approvers are appointed by two persons. Please ask for approval.",
    ),
    "invitation.first_ones": ErrorText(
        403,
        "Die ersten Personen für Verwaltung und Freigabe lädt der Betreiber des Verbunds ein.",
        "The region's operator invites the first administrators and approvers.",
    ),
    "invitation.town_decides": _same_for_all(
        403,
        "Diese Stadt hat schon Verwaltung und Freigabe. Weitere Personen dafür bestimmt sie "
        "selbst, zu zweit.",
        "This town has an administrator and an approver. It appoints more of them by itself, "
        "with two persons.",
    ),
    "invitation.account": _same_for_all(
        409,
        "Mit dieser E-Mail-Adresse kann man sich hier schon anmelden. Bitte anmelden und die "
        "Einladung dort annehmen.",
        "This e-mail address can be signed in with already. Please sign in, and accept the "
        "invitation there.",
    ),
    "invitation.other_person": _same_for_all(
        403,
        "Diese Einladung ist für eine andere E-Mail-Adresse. Bitte abmelden und den Link noch "
        "einmal öffnen.",
        "This invitation is for another e-mail address. Please sign out and open the link again.",
    ),
    "recovery.elsewhere": ErrorText(
        409,
        "Diese Person hat auch anderswo Aufgaben. Einen neuen Zugang bekommt sie nur vom "
        "Betreiber des Dienstes.",
        "This person has roles elsewhere, too. Only whoever runs the service can let them back in.",
    ),
    "recovery.by_town": ErrorText(
        409,
        "Das können zwei Personen in {town} selbst: eine beantragt es, eine andere gibt es frei.",
        "Two persons in {town} can do this: one asks for it, another approves.",
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
    "token.key_revoked": _as_unrecognised(
        422,
        "Der Schlüssel dieses Gutscheins ist zurückgezogen. Bitte nicht annehmen; "
        "die Ausgabestelle druckt einen gültigen.",
        "The key of this voucher has been revoked. Do not accept it; "
        "the issuing point prints a valid one.",
    ),
    # a town's status list, as a till without a net reads it
    "status.unreadable": ErrorText(
        422,
        "Die Sperrliste der Stadt ist nicht lesbar. Gutscheine dieser Stadt bitte nur mit Netz "
        "annehmen.",
        "The town's status list cannot be read. Accept this town's vouchers online only.",
    ),
    "status.signature": ErrorText(
        422,
        "Die Sperrliste der Stadt ist nicht echt. Gutscheine dieser Stadt bitte nur mit Netz "
        "annehmen.",
        "The town's status list is not genuine. Accept this town's vouchers online only.",
    ),
    "status.outdated": ErrorText(
        422,
        "Die Sperrliste der Stadt ist veraltet. Gutscheine dieser Stadt bitte nur mit Netz "
        "annehmen.",
        "The town's status list is out of date. Accept this town's vouchers online only.",
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
        "Bitte mit »gutschein keys renew« einen anlegen.",
        "This town has no valid signing key right now. "
        "Please make one with »gutschein keys renew«.",
    ),
    "key.unknown": ErrorText(
        404,
        "Diesen Signaturschlüssel gibt es nicht: {kid}. Bitte mit »gutschein keys list« nachsehen.",
        "There is no such signing key: {kid}. Please look it up with »gutschein keys list«.",
    ),
    "key.not_endorsed": ErrorText(
        409,
        "Der Hauptschlüssel des Verbunds hat noch keinen Signaturschlüssel dieser Stadt "
        "bestätigt. Der Betreiber holt das mit »gutschein keys request« nach.",
        "The region's master key has not endorsed a signing key of this town yet. "
        "The operator makes up for it with »gutschein keys request«.",
    ),
    "key.endorsement": ErrorText(
        422,
        "Die Bestätigung für den Schlüssel {kid} passt nicht zum Schlüssel oder ist nicht vom "
        "Hauptschlüssel des Verbunds. Nichts wurde übernommen; bitte neu anfordern.",
        "The endorsement of the key {kid} does not fit the key, or is not by the region's "
        "master key. Nothing was stored; please request it again.",
    ),
    "key.no_master": ErrorText(
        409,
        "Für diesen Verbund ist kein Hauptschlüssel hinterlegt. "
        "Das geht mit »gutschein keys trust«.",
        "This region has no master key yet. »gutschein keys trust« sets it.",
    ),
    "key.master_set": ErrorText(
        409,
        "Dieser Verbund hat schon einen anderen Hauptschlüssel. Nur mit --replace wird er ersetzt.",
        "This region has another master key already. Only --replace takes its place.",
    ),
    "key.endorse_first": ErrorText(
        409,
        "Dieser Hauptschlüssel hat {count} Signaturschlüssel des Verbunds noch nicht bestätigt; "
        "ihre Gutscheine würden abgelehnt. Bitte erst mit »gutschein keys request --all« und "
        "»sign« bestätigen und die Datei mit --endorsements angeben.",
        "This master key has not endorsed {count} signing keys of the region; their vouchers "
        "would be refused. Please endorse them first, with »gutschein keys request --all« and "
        "»sign«, and name the file with --endorsements.",
    ),
    "key.revoked": ErrorText(
        409,
        "Der Schlüssel {kid} dieser Gutscheine ist zurückgezogen. "
        "Bitte zuerst »gutschein keys reissue« ausführen.",
        "The key {kid} of these vouchers has been revoked. "
        "Please run »gutschein keys reissue« first.",
    ),
    "key.not_revoked": ErrorText(
        409,
        "Der Schlüssel {kid} ist nicht zurückgezogen. Bitte zuerst »gutschein keys revoke«.",
        "The key {kid} is not revoked. Please run »gutschein keys revoke« first.",
    ),
    "key.missing": ErrorText(
        503,
        "Die Schlüssel für vertrauliche Daten fehlen noch. Bitte den Dienst neu starten.",
        "The keys for confidential data are still missing. Please restart the service.",
    ),
    "key.sealed": ErrorText(
        503,
        "Der Schlüssel {kek_id} zum Öffnen der Geheimnisse fehlt. Bitte den Betreiber anrufen.",
        "The key {kek_id} that opens the secrets is missing. Please call the operator.",
    ),
    # motifs
    "motif.unknown": _same_for_all(
        404,
        "Dieses Motiv gibt es nicht.",
        "There is no such motif.",
    ),
    "motif.exists": _same_for_all(
        409,
        "Ein Motiv mit diesem Kurznamen gibt es schon. Bitte einen anderen wählen.",
        "There is a motif of this short name. Please choose another one.",
    ),
    "motif.picture": _same_for_all(
        422,
        "Das ist kein PNG und kein JPEG, oder es ist nicht vollständig. Andere Bilder bitte vorher "
        "umwandeln.",
        "This is no PNG and no JPEG, or not a whole one. Please convert other pictures first.",
    ),
    "motif.too_large": _same_for_all(
        422,
        "Das Bild ist zu groß. Erlaubt sind {max_bytes} Bytes.",
        "The picture is too large. At most {max_bytes} bytes are allowed.",
    ),
    "motif.dots": _same_for_all(
        422,
        "Das Bild hat {width} x {height} Bildpunkte. Für den Druck braucht es mindestens {least}, "
        "und höchstens 4 Millionen im Ganzen.",
        "The picture has {width} x {height} dots. For print it needs at least {least}, and at most "
        "4 million in all.",
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
    "voucher.pin": ErrorText(
        403, "PIN falsch. Noch {left} Versuche.", "Wrong PIN. {left} tries left."
    ),
    "voucher.pin_online": ErrorText(
        409,
        "Dieser Gutschein hat eine PIN und gilt nur mit Netz.",
        "This voucher has a PIN and is only good with a network.",
    ),
    # vouchers in stock, and their sale
    "voucher.sold": ErrorText(
        409,
        "Dieser Gutschein ist schon verkauft, am {date}.",
        "This voucher was sold already, on {date}.",
    ),
    "activation.unknown": ErrorText(
        404,
        "Diesen Freischaltcode gibt es hier nicht. Ist der Gutschein von dieser Stadt?",
        "This activation code does not exist here. Is the voucher from this town?",
    ),
    "activation.other_code": ErrorText(
        422,
        "Das ist der Code zum Einlösen. Zum Verkaufen bitte den Freischaltcode scannen.",
        "This is the code for redeeming. To sell, please scan the activation code.",
    ),
    "stock.unknown": ErrorText(
        404, "Diese Bestellung gibt es nicht.", "This stock order does not exist."
    ),
    "stock.nothing_to_print": ErrorText(
        409,
        "Von dieser Bestellung ist kein Gutschein mehr im Vorrat, der zu drucken wäre.",
        "No voucher of this order is left in stock to be printed.",
    ),
    "stock.serials": ErrorText(
        422,
        "Nicht alle Nummern von {first} bis {last} sind Gutscheine, die auf Vorrat gedruckt sind.",
        "Not all numbers from {first} to {last} are vouchers that were printed for stock.",
    ),
    "stock.other_point": ErrorText(
        409,
        "Dieser Gutschein gehört zum Bestand von: {point}.",
        "This voucher belongs to the stock of: {point}.",
    ),
    "stock.unassigned": ErrorText(
        409,
        "Dieser Gutschein ist noch keiner Ausgabestelle zugeteilt. Bitte zuerst zuteilen.",
        "This voucher is not assigned to an issuing point yet. Please assign it first.",
    ),
    "stock.too_late": ErrorText(
        409,
        "Dieser Gutschein durfte nur bis {date} verkauft werden. Bitte einen neuen drucken.",
        "This voucher could only be sold until {date}. Please print a new one.",
    ),
    "stock.value": ErrorText(
        422,
        "Auf diesem Gutschein steht sein Wert: {value}. Ein anderer geht nicht.",
        "This voucher has its value printed on it: {value}. It cannot have another.",
    ),
    "sale.unknown": ErrorText(404, "Diesen Beleg gibt es nicht.", "This receipt does not exist."),
    "closing.unknown": ErrorText(
        404, "Diesen Kassenabschluss gibt es nicht.", "This cash closing does not exist."
    ),
    "closing.difference": ErrorText(
        422,
        "Nach den Büchern müssten {expected} in der Kasse sein, gezählt sind {counted}: "
        "Unterschied {difference}. Bitte noch einmal zählen oder sagen, woran es liegt.",
        "By the books there should be {expected} in the till, and {counted} were counted: "
        "a difference of {difference}. Please count again, or say why.",
    ),
    "closing.banked": ErrorText(
        422,
        "Zur Bank kann höchstens gehen, was gezählt ist: {counted}.",
        "No more than what was counted can go to the bank: {counted}.",
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
    "payment_request.unknown": ErrorText(
        404, "Diese Zahlungsaufforderung gibt es nicht.", "There is no such payment request."
    ),
    "payment_request.paid": ErrorText(
        409,
        "Diese Zahlungsaufforderung ist schon bezahlt.",
        "This payment request is paid already.",
    ),
    "payment_request.closed": ErrorText(
        409,
        "Auf diese Zahlung wird nicht mehr gewartet. Bitte den Betrag zurückzahlen.",
        "This payment is not expected any more. Please pay the amount back.",
    ),
    "deposit.unknown": ErrorText(
        404, "Diesen Geldeingang gibt es nicht.", "There is no such deposit."
    ),
    "deposit.spent": ErrorText(
        409,
        "Von diesem Geldeingang ist nichts mehr übrig.",
        "Nothing is left of this deposit.",
    ),
    "bank_statement.format": ErrorText(
        422,
        "Das ist kein Kontoauszug im Format camt.053 (Version 02 oder 08), auch keiner im ZIP.",
        "This is no bank statement in the format camt.053 (version 02 or 08), nor a ZIP of them.",
    ),
    "bank_statement.invalid": ErrorText(
        422,
        "Im Kontoauszug fehlt eine Angabe oder passt nicht: {reason}",
        "In the bank statement something is missing or does not fit: {reason}",
    ),
    "bank_statement.sums": ErrorText(
        422,
        "Der Kontoauszug {statement} geht nicht auf: Anfangssaldo und Buchungen ergeben"
        " {expected}, als Endsaldo steht dort {actual}. Bitte neu von der Bank holen.",
        "Bank statement {statement} does not add up: opening balance and entries make {expected},"
        " but it closes with {actual}. Please fetch it from the bank again.",
    ),
    "bank_statement.currency": ErrorText(
        422,
        "Der Kontoauszug ist in {currency}. Gelesen werden nur Auszüge in Euro.",
        "The bank statement is in {currency}. Only statements in euros are read.",
    ),
    "bank_statement.other_account": ErrorText(
        409,
        "Der Kontoauszug ist von einem anderen Konto ({iban}), nicht vom Treuhandkonto der Stadt.",
        "The bank statement is of another account ({iban}), not of the town's trust account.",
    ),
    "bank_statement.unknown": ErrorText(
        404, "Diesen Kontoauszug gibt es nicht.", "There is no such bank statement."
    ),
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
        "Bargeld und Karten gehören zu einer Ausgabestelle, anderes Geld zu keiner.",
        "Cash and cards belong to an issuing point, other money to none.",
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
    "bank_data.altered": ErrorText(
        500,
        "Bankdaten dieser Stadt wurden am Dienst vorbei geändert und lassen sich nicht öffnen. "
        "Bitte nichts auszahlen und den Betreiber anrufen; »gutschein audit« nennt die Stelle.",
        "Bank data of this town were changed past the service and cannot be opened. Please pay "
        "nothing out and call the operator; »gutschein audit« names the place.",
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
    # what was taken without a net
    "offline.off": ErrorText(
        409,
        "Die Stadt hat die Annahme ohne Netz nicht erlaubt. Dieser Betrag wurde nicht eingelöst.",
        "The town does not allow vouchers to be taken without a net. Nothing was redeemed.",
    ),
    "offline.too_late": ErrorText(
        409,
        "Ohne Netz darf die Kasse nur {minutes} Minuten lang Gutscheine annehmen. "
        "Dieser Betrag wurde nicht eingelöst.",
        "Without a net a till may take vouchers for {minutes} minutes only. Nothing was redeemed.",
    ),
    "offline.voucher_limit": ErrorText(
        409,
        "Ohne Netz sind je Gutschein höchstens {voucher} erlaubt. "
        "Dieser Betrag wurde nicht eingelöst.",
        "Without a net at most {voucher} may be taken from a voucher. Nothing was redeemed.",
    ),
    "offline.device_limit": ErrorText(
        409,
        "Ohne Netz sind je Gerät höchstens {device} erlaubt. Dieser Betrag wurde nicht eingelöst.",
        "Without a net a device may take at most {device}. Nothing was redeemed.",
    ),
    "claim.unknown": ErrorText(
        404, "Diesen strittigen Betrag gibt es nicht.", "This disputed amount does not exist."
    ),
    "claim.not_open": ErrorText(
        409,
        "Hier ist nichts offen: Den Betrag trägt der Betrieb, oder er ist schon erledigt.",
        "Nothing is open here: the business bears the amount, or it has been settled already.",
    ),
    "status.not_ready": ErrorText(
        503,
        "Die Sperrliste der Stadt wird noch vorbereitet. Bitte in einigen Minuten erneut abrufen.",
        "The town's status list is being prepared. Please fetch it again in some minutes.",
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
    "programme.value_refused": _same_for_all(
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
    # approvals
    "approval.unknown": ErrorText(
        404, "Diesen Antrag auf Freigabe gibt es nicht.", "This request does not exist."
    ),
    "approval.open": ErrorText(
        409,
        "Das wartet schon auf eine Freigabe. Bitte erst den Antrag entscheiden oder zurückziehen.",
        "This waits for approval already. Please decide or retract that request first.",
    ),
    "approval.same_person": ErrorText(
        403,
        "Die Freigabe braucht eine zweite Person.",
        "Approval needs a second person.",
    ),
    "approval.own_rights": ErrorText(
        403,
        "Hier geht es um die eigenen Rechte. Bitte jemand anderen um die Freigabe bitten.",
        "This is about your own rights. Please ask somebody else to approve it.",
    ),
    "approval.decided": ErrorText(
        409,
        "Darüber ist schon entschieden, von {name}.",
        "This has been decided already, by {name}.",
    ),
    "approval.expired": ErrorText(
        409,
        "Die Frist ist am {date} abgelaufen. Bitte neu beantragen.",
        "The time for this ended on {date}. Please ask for it anew.",
    ),
    "approval.changed": ErrorText(
        409,
        "Der Antrag ist ein anderer als der gezeigte. Bitte neu laden und genau prüfen.",
        "The request is another than the one shown. Please reload it and look closely.",
    ),
    "approval.requester_gone": ErrorText(
        409,
        "{name} darf das nicht mehr beantragen. Bitte ablehnen und neu beantragen lassen.",
        "{name} may no longer ask for this. Please reject it and have it asked for anew.",
    ),
    "approval.other_requester": ErrorText(
        403,
        "Zurückziehen kann das nur {name}. Wer freigibt, kann ablehnen.",
        "Only {name} can retract this. Whoever approves can reject it.",
    ),
    "payment.needs_approval": ErrorText(
        403,
        "Was die Stadt selbst zahlt, geben zwei Personen frei. Bitte die Freigabe beantragen.",
        "What the town pays itself needs two persons. Please ask for approval.",
    ),
    "payout_account.same": ErrorText(
        409,
        "Das sind schon die Bankverbindung und die E-Mail-Adresse dieses Ladens.",
        "These are the bank account and e-mail address of this merchant already.",
    ),
    "voucher.not_blocked": ErrorText(
        409,
        "Dieser Gutschein ist nicht gesperrt.",
        "This voucher is not blocked.",
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
    # devices, cashiers, API keys
    "device.unknown": _same_for_all(
        401,
        "Dieses Gerät ist hier nicht gekoppelt. Bitte neu koppeln.",
        "This device is not paired here. Please pair it again.",
    ),
    "device.signature": _same_for_all(
        401,
        "Die Unterschrift des Geräts stimmt nicht. Bitte noch einmal versuchen, sonst neu koppeln.",
        "The device's signature is wrong. Please try again, or else pair it again.",
    ),
    "device.replayed": _same_for_all(
        401,
        "Diese Anfrage kam schon einmal an. Bitte neu unterschreiben und noch einmal senden.",
        "This request has arrived before. Please sign it anew and send it again.",
    ),
    "device.clock": _same_for_all(
        401,
        "Die Uhr dieses Geräts geht falsch. Bitte Datum und Uhrzeit einstellen.",
        "The clock of this device is wrong. Please set its date and time.",
    ),
    "device.locked": _same_for_all(
        403,
        "Dieses Gerät ist gesperrt. Inhaber oder Stadt können es freigeben.",
        "This device is locked. The owner or the town can release it.",
    ),
    "device.locked_by_town": ErrorText(
        403,
        "Die Stadt hat dieses Gerät gesperrt. Nur sie kann es freigeben: Bitte dort anrufen.",
        "The town has locked this device. Only the town can release it: please call there.",
    ),
    "device.unknown_here": ErrorText(
        404, "Dieses Gerät gibt es hier nicht.", "This device does not exist here."
    ),
    "device.key": _same_for_all(
        422,
        "Dieser Schlüssel passt nicht. Erwartet wird ECDSA P-256 oder Ed25519.",
        "This key does not fit. ECDSA P-256 or Ed25519 is expected.",
    ),
    "pairing.unknown": ErrorText(
        404, "Diesen Kopplungscode gibt es nicht.", "This pairing code does not exist."
    ),
    "pairing.code": _same_for_all(
        403,
        "Dieser Kopplungscode gilt nicht. Bitte einen neuen anzeigen lassen.",
        "This pairing code is not good. Please have a new one shown.",
    ),
    "cashier.unknown": ErrorText(
        404, "Diese Kassenkraft gibt es hier nicht.", "This cashier does not exist here."
    ),
    "cashier.ended": ErrorText(
        409,
        "Diese Kassenkraft ist abgemeldet. Bitte neu anlegen.",
        "This cashier has left. Please add them anew.",
    ),
    "cashier.pin": ErrorText(
        403,
        "PIN falsch. Wer sie nicht mehr weiß, bekommt vom Inhaber eine neue.",
        "Wrong PIN. Whoever has forgotten it gets a new one from the owner.",
    ),
    "cashier.pin_trivial": ErrorText(
        422,
        "Diese PIN errät jeder. Bitte keine gleichen Ziffern und keine Reihe wie 1234.",
        "Anybody guesses this PIN. Please no repeated digits and no run such as 1234.",
    ),
    "api_key.unknown": ErrorText(
        404, "Diesen API-Schlüssel gibt es nicht.", "This API key does not exist."
    ),
    "api_key.end": ErrorText(
        422,
        "Ein API-Schlüssel endet nach jetzt und spätestens am {date}.",
        "An API key ends after now, and on {date} at the latest.",
    ),
    "api_key.ended": ErrorText(
        409,
        "Dieser API-Schlüssel gilt nicht mehr. Bitte einen neuen anlegen.",
        "This API key is good no more. Please make a new one.",
    ),
    "api_key.replaced": ErrorText(
        409,
        "Dieser API-Schlüssel ist schon ersetzt. Bitte den neueren ersetzen.",
        "This API key is replaced already. Please replace the newer one.",
    ),
    # citizens' orders
    "shop.closed": _same_for_all(
        409,
        "{town} verkauft gerade keine Gutscheine im Internet. Die Ausgabestellen der Stadt helfen "
        "weiter.",
        "{town} is not selling vouchers online at the moment. The town's issuing points can help.",
    ),
    "order.unknown": _same_for_all(
        404,
        "Diese Bestellung gibt es nicht, oder nicht mehr. Bitte den Link aus der E-Mail öffnen.",
        "There is no such order, or no longer. Please open the link in the e-mail.",
    ),
    "order.no_item": _same_for_all(
        404,
        "Diesen Gutschein gibt es in der Bestellung nicht.",
        "There is no such voucher in the order.",
    ),
    "order.placed": _same_for_all(
        409,
        "Diese Bestellung ist schon abgeschickt und lässt sich nicht mehr ändern.",
        "This order has been placed already and cannot be changed any more.",
    ),
    "order.closed": _same_for_all(
        409,
        "Diese Bestellung ist geschlossen. Bitte neu bestellen.",
        "This order is closed. Please order again.",
    ),
    "order.full": _same_for_all(
        422,
        "Eine Bestellung fasst {most} Gutscheine. Bitte weniger wählen oder zweimal bestellen.",
        "An order holds {most} vouchers. Please choose fewer, or order twice.",
    ),
    "order.empty": _same_for_all(
        409,
        "In der Bestellung ist kein Gutschein. Bitte zuerst einen wählen.",
        "There is no voucher in the order. Please choose one first.",
    ),
    "order.changed": _same_for_all(
        409,
        "Die Bestellung wurde inzwischen geändert. Sie kostet jetzt {total}. Bitte noch einmal "
        "prüfen.",
        "The order was changed meanwhile. It costs {total} now. Please check it once more.",
    ),
    "order.not_replaced": _same_for_all(
        409,
        "Dieser Gutschein lässt sich hier nicht ersetzen: Er ist gesperrt, abgelaufen oder leer. "
        "Bitte fragen Sie die Stadt.",
        "This voucher cannot be replaced here: it is blocked, expired or empty. Please ask the "
        "town.",
    ),
    "order.delivery_day": _same_for_all(
        422,
        "Bitte einen Tag zwischen {first} und {last} wählen.",
        "Please choose a day between {first} and {last}.",
    ),
    "withdrawal.unknown": _same_for_all(
        404, "Diesen Widerruf gibt es nicht.", "There is no such withdrawal."
    ),
    "withdrawal.not_open": ErrorText(
        409,
        "Hier ist nichts offen: Der Widerruf ist schon erledigt.",
        "Nothing is open here: the withdrawal has been settled already.",
    ),
    # what the public sees of a town
    "storefront.unknown": ErrorText(
        404, "Diese Stadt hat noch keinen Auftritt.", "This town has no storefront yet."
    ),
    "storefront.slug_taken": ErrorText(
        409,
        "Die Adresse /{slug} ist schon vergeben. Bitte eine andere wählen.",
        "The address /{slug} is taken already. Please choose another one.",
    ),
    "coat_of_arms.refused": ErrorText(
        422,
        "Dieses Wappen kann nicht gezeigt werden. Es darf nur eine SVG-Zeichnung ohne Skripte, "
        "Verweise und Schrift sein. Anstoß: {reason}",
        "This coat of arms cannot be shown. It must be an SVG drawing without scripts, links "
        "and text. Objection: {reason}",
    ),
    "storefront_text.unknown": ErrorText(
        404, "Diesen Text gibt es noch nicht.", "This text does not exist yet."
    ),
    "storefront_text.past": ErrorText(
        422,
        "Ein Text beginnt frühestens jetzt und nach dem, der zuletzt gesetzt wurde.",
        "A text begins now at the earliest, and after the one that was set last.",
    ),
    "branch_profile.unknown": ErrorText(
        404,
        "Von dieser Filiale ist noch nichts veröffentlicht.",
        "Nothing is published of this branch yet.",
    ),
}
