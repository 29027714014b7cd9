"""Tell a person by mail that what they sign in with was changed (OWASP ASVS 5.0, V6.3.7)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from gutschein.db.unit_of_work import Work
from gutschein.identity.persons import email_of, get_person
from gutschein.kernel.clock import BERLIN
from gutschein.kernel.errors import Language
from gutschein.kernel.ids import PersonId
from gutschein.mail.message import Mail
from gutschein.mail.outbox import enqueue
from gutschein.signing.service_keys import ServiceKeys

Change = Literal[
    "password", "totp_added", "totp_removed", "passkey_added", "passkey_removed", "passkey_copied"
]

_CHANGES: dict[Change, dict[Language, str]] = {
    "password": {
        "de": "Ihr Passwort wurde geändert.",
        "en": "Your password was changed.",
    },
    "totp_added": {
        "de": "Eine Authenticator-App wurde eingerichtet.",
        "en": "An authenticator app was set up.",
    },
    "totp_removed": {
        "de": "Die Authenticator-App wurde entfernt.",
        "en": "The authenticator app was removed.",
    },
    "passkey_added": {
        "de": "Ein Passkey wurde eingerichtet.",
        "en": "A passkey was set up.",
    },
    "passkey_removed": {
        "de": "Ein Passkey wurde entfernt.",
        "en": "A passkey was removed.",
    },
    "passkey_copied": {
        "de": "Eine Anmeldung mit Ihrem Passkey wurde abgewiesen, weil es ihn zweimal zu geben "
        "scheint. Bitte entfernen Sie ihn und richten Sie einen neuen ein.",
        "en": "A sign-in with your passkey was refused, since there seem to be two of it. Please "
        "remove it and set up a new one.",
    },
}

_SUBJECT: dict[Language, str] = {
    "de": "Ihre Anmeldung bei Gutschein",
    "en": "Your sign-in to Gutschein",
}

_TEXT: dict[Language, str] = {
    "de": """\
Guten Tag {name},

{change}

Am {day} um {time} Uhr, in diesem Browser: {browser}

Waren Sie das, ist nichts weiter zu tun. Waren Sie es nicht, wenden Sie sich bitte gleich an
die Verwaltung Ihrer Stadt: Sie kann Ihnen die Aufgaben entziehen.
""",
    "en": """\
Hello {name},

{change}

On {day} at {time}, in this browser: {browser}

If this was you, there is nothing to do. If it was not, please tell your town's administrator
at once, who can take your roles away.
""",
}


async def tell(
    work: Work,
    keys: ServiceKeys,
    person_id: PersonId,
    change: Change,
    *,
    browser: str,
    now: datetime,
) -> None:
    """Put a mail to a person into the outbox.

    :param browser: see :func:`gutschein.identity.sessions.browser_name`.
    """
    person = await get_person(work, person_id)
    here = now.astimezone(BERLIN)
    text = _TEXT[person.language].format(
        name=person.name,
        change=_CHANGES[change][person.language],
        day=f"{here:%d.%m.%Y}",
        time=f"{here:%H:%M}",
        browser=browser,
    )
    to = await email_of(work, keys, person_id)
    await enqueue(work, keys, Mail(to, _SUBJECT[person.language], text, person.language), now)
