"""A mail server, a sender that knows it, and the keys that seal the outbox."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from certificates import Authority
from mail_server import SENDER, MailServer, listening

from gutschein.mail.smtp import SmtpSender
from gutschein.signing.service_keys import PURPOSES, ServiceKeys


@pytest.fixture
async def mail_server() -> AsyncIterator[MailServer]:
    async with listening() as server:
        yield server


@pytest.fixture
def sender(mail_server: MailServer) -> SmtpSender:
    return SmtpSender("127.0.0.1", mail_server.port, SENDER, "none")


@pytest.fixture(scope="session")
def authority() -> Authority:
    """A certificate authority that only these tests know."""
    return Authority()


@pytest.fixture
def keys() -> ServiceKeys:
    return ServiceKeys({purpose: bytes(32) for purpose in PURPOSES})
