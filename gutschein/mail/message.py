"""A mail, and how it is written for the way: plain text in UTF-8 (RFC 5322, RFC 2045), with
an HTML form of it beside (RFC 2046, 5.1.4) and files behind it where there are any.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from uuid import UUID

from gutschein.kernel.errors import Language

#: Every server takes ASCII; only some say that they take eight bits (RFC 6152).
_ASCII = SMTP.clone(cte_type="7bit")


#: What may go with one mail, in bytes. On its way it is a third more (RFC 2045, 6.8), which
#: every mailbox we know of takes.
MOST_ATTACHED = 5_000_000

_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*", re.ASCII)


class UnusableAddress(Exception):
    """No mail can be sent to this address, or from it."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a mail.

    :param name: under which the reader saves it, one line without slashes.
    :param media_type: such as ``application/pdf``.
    :raises ValueError: for a name or a media type of another form.
    """

    name: str
    media_type: str
    content: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not self.name.strip(" .") or not self.name.isprintable() or {*self.name} & {*"/\\"}:
            raise ValueError("a file's name is one line without slashes")
        if not _MEDIA_TYPE.fullmatch(self.media_type):
            raise ValueError(f"not a media type: {self.media_type!r}")


@dataclass(frozen=True, slots=True)
class Mail:
    """What somebody is to read. Its repr shows nothing of it.

    :param to: one address, as people write it.
    :param text: lines, ending in ``\\n``: all that is to be read, for whoever reads no HTML.
    :param html: the same as a whole document, or nothing; see :mod:`gutschein.mail.letter`.
    :param attachments: up to :data:`MOST_ATTACHED` bytes in all.
    :raises ValueError: when address or subject hold what steers a line or a terminal, and
        when the attachments are larger.
    """

    to: str
    subject: str
    text: str
    language: Language
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()

    def __post_init__(self) -> None:
        if not self.to.isprintable() or not self.subject.isprintable():
            raise ValueError("an address and a subject are one line each")
        if sum(len(each.content) for each in self.attachments) > MOST_ATTACHED:
            raise ValueError(f"the files of a mail are larger than {MOST_ATTACHED} bytes")

    def __repr__(self) -> str:
        return "Mail(***)"


def compose(mail: Mail, sender: str, mail_id: UUID, now: datetime) -> bytes:
    """Write a mail with its headers, in ASCII.

    However often it is sent, it has one Message-ID, by which mailboxes drop a repetition.

    :param sender: ``Name <address>``, or the address alone.
    :param mail_id: its id in the outbox.
    :raises UnusableAddress: for either address.
    """
    name, address = parseaddr(sender)
    message = EmailMessage(policy=_ASCII)
    message["From"] = _address(address, name)
    message["To"] = _address(mail.to)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{mail_id}@{sender_address(sender).rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: let no absence note answer it
    message.set_content(mail.text, charset="utf-8")
    if mail.html is not None:
        message.add_alternative(mail.html, subtype="html", charset="utf-8")
    for each in mail.attachments:
        kind, _, subtype = each.media_type.partition("/")
        message.add_attachment(
            each.content, maintype=kind, subtype=subtype, filename=each.name, cte="base64"
        )
    message["Content-Language"] = mail.language
    return message.as_bytes()


def envelope_address(text: str) -> str:
    """Return an address as SMTP servers know it, the domain in ASCII (RFC 5890).

    :raises UnusableAddress: when it is none, or has letters before the ``@`` that only
        few servers take (RFC 6531).
    """
    return _address(text).addr_spec


def sender_address(sender: str) -> str:
    """Return the address alone of ``Name <address>``, as :func:`envelope_address` does."""
    return envelope_address(parseaddr(sender)[1])


def _address(text: str, name: str = "") -> Address:
    local, _, domain = unicodedata.normalize("NFC", text).rpartition("@")
    labels = [
        label if label.isascii() else f"xn--{label.lower().encode('punycode').decode('ascii')}"
        for label in domain.split(".")
    ]
    if not (local and all(labels)):
        raise UnusableAddress("an address has two parts around its @")
    try:
        return Address(name, addr_spec=f"{local}@{'.'.join(labels)}")
    except (MessageError, ValueError, IndexError) as error:
        raise UnusableAddress("no mail can be sent to such an address") from error
