"""A mail server on a socket, that takes, refuses or hangs up as it is told."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

NOW = datetime(2026, 12, 5, 9, 0, tzinfo=UTC)
SENDER = "Stadtgutschein Erzgebirge <gutschein@erzgebirge.example>"
USER, PASSWORD = "gutschein", "geheim-0123456789"


@dataclass
class MailServer:
    """Keeps what it took; ``asked`` is set when the first text has come whole."""

    port: int = 0
    envelopes: list[Envelope] = field(default_factory=list)
    to_recipient: str = "250 OK"
    to_text: str = "250 OK"
    taking_seconds: float = 0
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self,
        server: SMTP,  # noqa: ARG002
        session: Session,  # noqa: ARG002
        envelope: Envelope,
        address: str,
        options: list[str],  # noqa: ARG002
    ) -> str:
        if self.to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002
        self.asked.set()
        await asyncio.sleep(self.taking_seconds)
        if self.to_text.startswith("250"):
            self.envelopes.append(envelope)
        return self.to_text

    @property
    def messages(self) -> list[EmailMessage]:
        return [
            message_from_bytes(each.original_content or b"", policy=default)
            for each in self.envelopes
        ]


def _known(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> Any:  # noqa: ARG001
    known = isinstance(data, LoginPassword) and data.password == PASSWORD.encode()
    return AuthResult(success=known, handled=False)


@asynccontextmanager
async def listening(
    port: int = 0, *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[MailServer]:
    """Run a server on a port of this machine; with STARTTLS it wants a user too."""
    server = MailServer()

    def protocol() -> SMTP:
        return SMTP(
            server,
            hostname="mail.test",
            loop=asyncio.get_running_loop(),
            tls_context=starttls,
            require_starttls=starttls is not None,
            auth_required=starttls is not None,
            authenticator=_known,
        )

    socket = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", port, ssl=tls)
    server.port = socket.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        socket.close()
        await socket.wait_closed()
