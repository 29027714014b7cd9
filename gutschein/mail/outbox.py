"""The outbox: a mail is written with what it tells of, and sent when that is committed."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID

import msgspec
from sqlalchemy import Row

from gutschein.db.unit_of_work import Work
from gutschein.kernel.errors import Language
from gutschein.kernel.ids import new_id
from gutschein.mail import repository
from gutschein.mail.message import Attachment, Mail
from gutschein.signing.sealing import place
from gutschein.signing.service_keys import ServiceKeys


class MailSettings(Protocol):
    """What the settings say of mail."""

    @property
    def smtp_host(self) -> str | None:
        """The server, ``None`` where no mail is sent."""


#: What has become of a mail. ``refused`` is the word of the server that takes mails for us, or
#: for the recipient: there is no such person, or none that takes mails from us. Whatever
#: else kept it here for good is ``given_up``.
Fate = Literal["waiting", "sent", "refused", "given_up"]


class _Content(msgspec.Struct, frozen=True, omit_defaults=True):
    """A mail but for its address. What lies in an outbox was written by an older one of these
    too: what is added has a default.
    """

    subject: str
    text: str
    language: Language
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()


def mail_is_on(settings: MailSettings) -> bool:
    """Tell whether mail is sent; where it is not, callers show what they would have sent."""
    return settings.smtp_host is not None


async def enqueue(
    work: Work, keys: ServiceKeys, mail: Mail, now: datetime, *, mail_id: UUID | None = None
) -> bool:
    """Put a mail into the outbox; it is sent once the unit of work is committed.

    :param mail_id: what makes a repetition recognisable, where one can happen.
    :returns: whether it was put there; not when one of this id was before.
    """
    mail_id = mail_id or new_id()
    content = msgspec.json.encode(
        _Content(mail.subject, mail.text, mail.language, mail.html, mail.attachments)
    )
    row = {
        "id": mail_id,
        "sealed_to": keys.seal("mail", mail.to.encode(), _place("sealed_to", mail_id)),
        "sealed_content": keys.seal("mail", content, _place("sealed_content", mail_id)),
        "queued_at": now,
        "next_attempt_at": now,
    }
    return await repository.insert_mail(work, row)


async def mail_fate(work: Work, mail_id: UUID) -> Fate | None:
    """Tell what has become of a mail; ``None`` when there is no such mail, or its end is longer
    ago than :data:`gutschein.mail.rules.KEPT`.

    Whoever writes mails of a town may ask, and :data:`gutschein.db.access.JOBS`.
    """
    row = await repository.find_end(work, mail_id)
    if row is None:
        return None
    if row.sent_at is not None:
        return "sent"
    if row.given_up_at is None:
        return "waiting"
    return "refused" if row.recipient_refused else "given_up"


def opened(keys: ServiceKeys, row: Row[Any]) -> Mail:
    """Open a mail of the outbox.

    :raises BrokenSeal: when it was sealed under another key, or altered.
    """
    to = keys.unseal("mail", bytes(row.sealed_to), _place("sealed_to", row.id)).decode()
    sealed = bytes(row.sealed_content)
    opened = keys.unseal("mail", sealed, _place("sealed_content", row.id))
    content = msgspec.json.decode(opened, type=_Content)
    return Mail(
        to, content.subject, content.text, content.language, content.html, content.attachments
    )


def _place(column: str, mail_id: UUID) -> bytes:
    return place("mail_outbox", column, mail_id)
