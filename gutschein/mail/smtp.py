"""Hand a mail to an SMTP server (RFC 5321), and tell what a refusal means."""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from dataclasses import dataclass, field
from typing import Literal, Protocol

from aiosmtplib import SMTP
from aiosmtplib.errors import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

Security = Literal["starttls", "tls", "none"]

#: The ports of submission (RFC 6409), submission in TLS (RFC 8314) and SMTP.
PORTS = {"starttls": 587, "tls": 465, "none": 25}

#: How long one mail may take from the connection to the server's word that it has it.
SEND_SECONDS = 60
#: How long we wait for it to say goodbye.
QUIT_SECONDS = 5

_ENHANCED_CODE = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?=\s|$)")  # RFC 3463


class Undelivered(Exception):
    """A mail was not taken. The text names a code and no address, person or secret.

    :param permanent: whether it never will be: the recipient or the text was refused. What
        is wrong between us and the server, a wrong password too, can be mended in time.
    :param of_recipient: whether it was the recipient that was refused.
    """

    def __init__(self, words: str, *, permanent: bool, of_recipient: bool = False) -> None:
        super().__init__(words)
        self.permanent = permanent
        self.of_recipient = of_recipient


class Sender(Protocol):
    """Takes mails out of the house."""

    @property
    def address(self) -> str:
        """Whom mails are from: ``Name <address>``, or the address alone."""

    async def send(self, sender: str, recipient: str, message: bytes) -> None:
        """Send a whole message.

        :param sender: the address alone, to which a failure later on is reported.
        :raises Undelivered: when it was not taken.
        """


@dataclass(frozen=True, slots=True)
class SmtpSender:
    """One SMTP server, and how it is spoken to. Its repr hides the password.

    With ``starttls`` nothing is said to a server that offers no TLS, and with ``starttls``
    and ``tls`` nothing to one whose certificate is not good for *host*.
    """

    host: str
    port: int
    address: str
    security: Security = "starttls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)

    async def send(self, sender: str, recipient: str, message: bytes) -> None:
        """Connect, sign in where there is a user, send one message, and leave."""
        server = SMTP(
            hostname=self.host,
            port=self.port,
            username=self.user,
            password=self.password,
            use_tls=self.security == "tls",
            start_tls=self.security == "starttls",
            tls_context=None if self.security == "none" else self.tls,
            timeout=SEND_SECONDS / 2,
        )
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await server.connect()
                await server.sendmail(sender, recipient, message)
            with contextlib.suppress(SMTPException, OSError):  # it has the mail, come what may
                await server.quit(timeout=QUIT_SECONDS)
        except (SMTPException, OSError, TimeoutError) as error:
            raise _undelivered(error) from error
        finally:
            server.close()


def _undelivered(error: Exception) -> Undelivered:
    if isinstance(error, SMTPRecipientsRefused):
        error = error.recipients[0]
    if isinstance(error, SMTPResponseException):
        enhanced = _ENHANCED_CODE.match(error.message)
        said = f"{error.code} {enhanced[0]}" if enhanced else str(error.code)
        refused = {SMTPRecipientRefused: "recipient", SMTPDataError: "text"}.get(type(error))
        permanent = refused is not None and error.code >= 500
        return Undelivered(
            f"{said}: {refused or type(error).__name__}",
            permanent=permanent,
            of_recipient=refused == "recipient",
        )
    # The words of other errors may hold what the server said; their kind says enough.
    return Undelivered(type(error).__name__, permanent=False)
