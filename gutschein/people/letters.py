"""What is written to people who are invited or let back in, and how a link reaches them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gutschein.db.unit_of_work import Work
from gutschein.identity.links import LinkPurpose, link_path
from gutschein.kernel.clock import BERLIN
from gutschein.kernel.errors import Language
from gutschein.mail.message import Mail
from gutschein.mail.outbox import enqueue
from gutschein.signing.service_keys import ServiceKeys

_INVITED = """\
Guten Tag {name},

{inviter} lädt Sie zu Gutschein ein: {words}.

Bitte öffnen Sie diesen Link, er gilt einmal und bis {until} Uhr:

{link}

Kennen Sie {inviter} nicht, löschen Sie diese Nachricht bitte.

--
Hello {name},

{inviter} invites you to Gutschein ({words}). Please open the link above. It works once, until
{until}. If you do not know {inviter}, please delete this message.
"""

_BACK_IN: dict[Language, tuple[str, str]] = {
    "de": (
        "Ihr Zugang zu Gutschein",
        """\
Guten Tag {name},

zwei Personen haben bestätigt, dass Sie einen neuen Zugang zu Gutschein brauchen.

Bitte öffnen Sie diesen Link, er gilt einmal und bis {until} Uhr:

{link}

Ihr bisheriges Passwort, Ihre Authenticator-App und Ihre Passkeys gelten danach nicht mehr. Haben
Sie nicht darum gebeten, öffnen Sie den Link nicht und rufen Sie bitte gleich Ihre Stadt an.
""",
    ),
    "en": (
        "Your access to Gutschein",
        """\
Hello {name},

two persons have confirmed that you need a new way in to Gutschein.

Please open this link. It works once, until {until}:

{link}

Your password, your authenticator app and your passkeys stop working then. If you did not ask
for this, do not open the link, and please call your town at once.
""",
    ),
}

_IS_BACK: dict[Language, tuple[str, str]] = {
    "de": (
        "Ihr Zugang zu Gutschein",
        """\
Guten Tag {name},

Ihr Zugang wurde soeben mit einem Link neu eingerichtet: Das Passwort ist ein neues, alle Passkeys
und die Authenticator-App sind entfernt, und alle Anmeldungen sind beendet.

Waren Sie es nicht, rufen Sie bitte gleich Ihre Stadt an.
""",
    ),
    "en": (
        "Your access to Gutschein",
        """\
Hello {name},

your access was just set up anew with a link: the password is a new one, all passkeys and the
authenticator app were removed, and you were signed out everywhere.

If this was not you, please call your town at once.
""",
    ),
}


@dataclass(frozen=True, slots=True)
class Letterbox:
    """How links reach people: by mail, or through whoever asked for them.

    :param public_url: the service's address, without a slash at the end.
    """

    public_url: str
    mail_is_on: bool

    def url(self, purpose: LinkPurpose, token: str) -> str:
        return self.public_url + link_path(purpose, token)

    async def send(
        self, work: Work, keys: ServiceKeys, mail: Mail, url: str, now: datetime
    ) -> str | None:
        """Put a mail with a link into the outbox.

        :returns: the link, to be shown this once, where no mail is sent.
        """
        if not self.mail_is_on:
            return url
        await enqueue(work, keys, mail, now)
        return None


def invitation_mail(
    to: str, *, name: str, inviter: str, words: str, url: str, ends_at: datetime
) -> Mail:
    """Write to somebody invited, in both languages: whether we know theirs is nobody's business.

    :param words: see :meth:`gutschein.people.place.Place.words`.
    """
    text = _INVITED.format(name=name, inviter=inviter, words=words, link=url, until=_until(ends_at))
    return Mail(to, "Einladung zu Gutschein", text, "de")


def recovery_mail(to: str, *, name: str, language: Language, url: str, ends_at: datetime) -> Mail:
    """Write to somebody who lost what they sign in with."""
    subject, text = _BACK_IN[language]
    return Mail(to, subject, text.format(name=name, link=url, until=_until(ends_at)), language)


def recovered_mail(to: str, *, name: str, language: Language) -> Mail:
    """Tell somebody that the link of their recovery was used."""
    subject, text = _IS_BACK[language]
    return Mail(to, subject, text.format(name=name), language)


def _until(instant: datetime) -> str:
    return f"{instant.astimezone(BERLIN):%d.%m.%Y, %H:%M}"
