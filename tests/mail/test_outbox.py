"""The outbox, and a real server behind it: once, later, never, and to nobody else."""

from __future__ import annotations

import asyncio
import json
import ssl
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from certificates import Authority
from mail_server import NOW, PASSWORD, SENDER, USER, MailServer, listening
from sqlalchemy import text

from gutschein.db.access import AUDITOR, CLEARING, IDENTITY, JOBS, NOTHING, Access
from gutschein.db.unit_of_work import Database
from gutschein.kernel.ids import new_id
from gutschein.mail.jobs import RUN_SECONDS, Delivered, deliver, forget
from gutschein.mail.message import Attachment, Mail
from gutschein.mail.outbox import Fate, enqueue, mail_fate, opened
from gutschein.mail.rules import PAUSES
from gutschein.mail.smtp import QUIT_SECONDS, SEND_SECONDS, SmtpSender, Undelivered
from gutschein.signing.sealing import place
from gutschein.signing.service_keys import PURPOSES, ServiceKeys

MAIL = Mail(
    "anna@example.org", "Ihre Einladung", "Hier entlang: https://x.example/e/geheim\n", "de"
)

OF_A_TOWN = Access.town()


async def put(database: Database, keys: ServiceKeys, mail: Mail = MAIL, **more: Any) -> bool:
    async with database.unit_of_work() as work:
        return await enqueue(work, keys, mail, NOW, **more)


async def rows(database: Database) -> list[Any]:
    async with database.acting(JOBS).reading() as work:
        return list((await work.execute(text("SELECT * FROM mail_outbox ORDER BY id"))).all())


async def delivering(
    database: Database, keys: ServiceKeys, sender: SmtpSender, now: datetime = NOW
) -> Delivered:
    return await deliver(database, keys, sender, now)


async def test_a_mail_is_delivered_once_and_wiped(
    fresh_database: Database, keys: ServiceKeys, sender: SmtpSender, mail_server: MailServer
) -> None:
    assert await put(fresh_database, keys)
    (waiting,) = await rows(fresh_database)
    assert b"anna" not in waiting.sealed_to
    assert b"geheim" not in waiting.sealed_content

    assert await delivering(fresh_database, keys, sender) == Delivered(sent=1)
    later = NOW + timedelta(days=1)
    assert await delivering(fresh_database, keys, sender, later) == Delivered()

    (envelope,) = mail_server.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == (
        "gutschein@erzgebirge.example",
        ["anna@example.org"],
    )
    (message,) = mail_server.messages
    assert message["Subject"] == MAIL.subject
    assert message.get_content().replace("\r\n", "\n") == MAIL.text
    (kept,) = await rows(fresh_database)
    assert (kept.sealed_to, kept.sealed_content) == (b"", b"")
    assert (kept.sent_at, kept.attempts, kept.last_error) == (NOW, 1, None)


async def test_html_and_files_go_the_same_way(
    fresh_database: Database, keys: ServiceKeys, sender: SmtpSender, mail_server: MailServer
) -> None:
    pdf = Attachment("Gutschein.pdf", "application/pdf", b"%PDF-1.7\n" + bytes(1_000_000))
    mail = replace(MAIL, html="<!doctype html><p>Hier entlang</p>\n", attachments=(pdf,))
    await put(fresh_database, keys, mail)
    (waiting,) = await rows(fresh_database)
    assert opened(keys, waiting) == mail
    assert b"attachments" not in waiting.sealed_content

    assert await delivering(fresh_database, keys, sender) == Delivered(sent=1)
    (message,) = mail_server.messages
    (arrived,) = message.iter_attachments()
    assert arrived.get_filename() == "Gutschein.pdf"
    assert arrived.get_content() == pdf.content
    html = message.get_body(("html",))
    assert html is not None
    assert html.get_content() == "<!doctype html><p>Hier entlang</p>\r\n"
    (kept,) = await rows(fresh_database)
    assert kept.sealed_content == b""


async def test_what_waited_before_mails_had_html_is_sent_as_it_was(
    fresh_database: Database, keys: ServiceKeys, sender: SmtpSender, mail_server: MailServer
) -> None:
    await put(fresh_database, keys)
    (row,) = await rows(fresh_database)
    content = keys.unseal(
        "mail", row.sealed_content, place("mail_outbox", "sealed_content", row.id)
    )
    assert set(json.loads(content)) == {"subject", "text", "language"}  # as it was written then
    assert opened(keys, row) == MAIL
    assert await delivering(fresh_database, keys, sender) == Delivered(sent=1)
    (message,) = mail_server.messages
    assert message.get_content_type() == "text/plain"


async def test_a_mail_of_a_unit_of_work_that_failed_is_never_sent(
    fresh_database: Database, keys: ServiceKeys, sender: SmtpSender, mail_server: MailServer
) -> None:
    async with fresh_database.unit_of_work() as work:
        await enqueue(work, keys, MAIL, NOW)
        await work.rollback()
    assert await delivering(fresh_database, keys, sender) == Delivered()
    assert mail_server.envelopes == []


async def test_refused_for_an_hour_then_delivered_under_one_message_id(
    fresh_database: Database, keys: ServiceKeys, sender: SmtpSender, mail_server: MailServer
) -> None:
    await put(fresh_database, keys)
    mail_server.to_recipient = "451 4.3.0 <anna@example.org>: busy"
    attempts = 0
    for minute in range(60):
        result = await delivering(fresh_database, keys, sender, NOW + timedelta(minutes=minute))
        attempts += result.put_off
        assert (result.sent, result.given_up) == (0, 0)
    assert attempts == 5  # after 0, 2, 7, 22 and 52 minutes
    (row,) = await rows(fresh_database)
    assert row.last_error == "451 4.3.0: recipient"  # and not the address that the server named

    mail_server.to_recipient = "250 OK"
    later = NOW + timedelta(hours=2)
    assert await delivering(fresh_database, keys, sender, later) == Delivered(sent=1)
    (message,) = mail_server.messages
    assert message["Message-ID"] == f"<{row.id}@erzgebirge.example>"


@pytest.mark.parametrize("refuses", ["to_recipient", "to_text"])
async def test_a_permanent_refusal_ends_it_at_once(
    fresh_database: Database,
    keys: ServiceKeys,
    sender: SmtpSender,
    mail_server: MailServer,
    refuses: str,
) -> None:
    await put(fresh_database, keys)
    setattr(mail_server, refuses, "550 5.1.1 <anna@example.org>: no such person")
    assert await delivering(fresh_database, keys, sender) == Delivered(given_up=1)
    (row,) = await rows(fresh_database)
    assert (row.given_up_at, row.sent_at, row.attempts) == (NOW, None, 1)
    assert (row.sealed_to, row.sealed_content) == (b"", b"")
    assert row.last_error == f"550 5.1.1: {refuses.removeprefix('to_')}"


async def fate(database: Database, mail_id: UUID, access: Access = OF_A_TOWN) -> Fate | None:
    async with database.acting(access).reading() as work:
        return await mail_fate(work, mail_id)


async def test_whoever_wrote_a_mail_learns_its_fate(
    fresh_database: Database, keys: ServiceKeys, sender: SmtpSender, mail_server: MailServer
) -> None:
    for refuses, answer, end in (
        ("to_recipient", "550 5.1.1 <anna@example.org>: no such person", "refused"),
        ("to_recipient", "451 4.3.0 busy", "waiting"),
        ("to_text", "554 5.7.1 it looks like spam", "given_up"),
        ("to_text", "250 OK", "sent"),
    ):
        mail_id = new_id()
        assert await fate(fresh_database, mail_id) is None
        await put(fresh_database, keys, mail_id=mail_id)
        assert await fate(fresh_database, mail_id) == "waiting"
        mail_server.to_recipient = mail_server.to_text = "250 OK"
        setattr(mail_server, refuses, answer)
        await delivering(fresh_database, keys, sender)
        assert await fate(fresh_database, mail_id) == end
        assert await fate(fresh_database, mail_id, JOBS) == end


async def test_an_address_that_is_none_is_as_good_as_refused(
    fresh_database: Database, keys: ServiceKeys, sender: SmtpSender
) -> None:
    mail_id = new_id()
    await put(fresh_database, keys, replace(MAIL, to="jörg@example.org"), mail_id=mail_id)
    await delivering(fresh_database, keys, sender)
    assert await fate(fresh_database, mail_id) == "refused"


async def test_a_recipient_who_is_refused_for_now_until_the_end_is_not_one_who_is_unknown(
    fresh_database: Database, keys: ServiceKeys, sender: SmtpSender, mail_server: MailServer
) -> None:
    mail_id = new_id()
    await put(fresh_database, keys, mail_id=mail_id)
    mail_server.to_recipient = "452 4.2.2 mailbox full"
    await delivering(fresh_database, keys, sender, NOW + timedelta(days=4))
    assert await fate(fresh_database, mail_id) == "given_up"


async def test_after_three_days_it_is_given_up(
    fresh_database: Database, keys: ServiceKeys, sender: SmtpSender, mail_server: MailServer
) -> None:
    await put(fresh_database, keys)
    mail_server.to_text = "451 4.3.0 later"
    ends = []
    for hour in range(100):
        result = await delivering(fresh_database, keys, sender, NOW + timedelta(hours=hour))
        if result.given_up:
            ends.append(hour)
    assert len(ends) == 1
    assert 72 <= ends[0] < 72 + 8


async def test_without_a_server_it_waits_and_one_bad_mail_holds_up_no_other(
    fresh_database: Database, keys: ServiceKeys, sender: SmtpSender, mail_server: MailServer
) -> None:
    await put(fresh_database, keys)
    nobody = replace(sender, port=1)
    assert await delivering(fresh_database, keys, nobody) == Delivered(put_off=1)
    (row,) = await rows(fresh_database)
    assert row.last_error == "SMTPConnectError"

    await put(fresh_database, keys, replace(MAIL, to="jörg@example.org"))
    await put(fresh_database, ServiceKeys(dict.fromkeys(PURPOSES, b"\x01" * 32)))
    later = NOW + timedelta(minutes=5)
    result = await delivering(fresh_database, keys, sender, later)
    assert result == Delivered(sent=1, given_up=2)
    assert len(mail_server.envelopes) == 1
    errors = {row.last_error for row in await rows(fresh_database)}
    assert errors == {None, "an address that no mail can be sent to", "its seal is broken"}


async def test_two_workers_never_send_one_mail_twice(
    fresh_database: Database, keys: ServiceKeys, sender: SmtpSender, mail_server: MailServer
) -> None:
    mail_server.taking_seconds = 0.01
    for number in range(30):
        await put(fresh_database, keys, replace(MAIL, subject=f"Nummer {number}"))
    results = await asyncio.gather(
        *(delivering(fresh_database, keys, sender) for _ in range(3)),
    )
    assert sum(result.sent for result in results) == 30
    assert min(result.sent for result in results) > 0  # they did work side by side
    subjects = [message["Subject"] for message in mail_server.messages]
    assert sorted(subjects) == sorted(f"Nummer {number}" for number in range(30))


def test_a_run_is_over_before_what_it_claimed_is_due_again() -> None:
    longest = RUN_SECONDS + SEND_SECONDS + QUIT_SECONDS
    assert longest < min(pause.total_seconds() for pause in PAUSES)


async def test_an_attempt_that_was_cut_off_is_made_again_after_its_pause(
    fresh_database: Database, keys: ServiceKeys, sender: SmtpSender, mail_server: MailServer
) -> None:
    await put(fresh_database, keys)
    mail_server.taking_seconds = 30
    cut_off = asyncio.create_task(delivering(fresh_database, keys, sender))
    await asyncio.sleep(0.3)
    cut_off.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cut_off
    mail_server.taking_seconds = 0
    assert await delivering(fresh_database, keys, sender) == Delivered()
    later = NOW + timedelta(minutes=2)
    assert await delivering(fresh_database, keys, sender, later) == Delivered(sent=1)


async def test_a_mail_of_the_same_id_is_put_there_once(
    fresh_database: Database, keys: ServiceKeys
) -> None:
    mail_id = new_id()
    assert await put(fresh_database, keys, mail_id=mail_id)
    assert not await put(fresh_database, keys, mail_id=mail_id)


@pytest.mark.parametrize(
    "access", [Access.town(), Access.operator([]), IDENTITY, JOBS], ids=lambda each: each.role
)
async def test_who_tells_people_of_things_may_write_mails_and_only_jobs_read_them(
    fresh_database: Database, keys: ServiceKeys, access: Access
) -> None:
    as_caller = fresh_database.acting(access)
    assert await put(as_caller, keys)
    if access is JOBS:
        return
    async with as_caller.reading() as work:
        with pytest.raises(Exception, match="permission denied"):
            await work.execute(text("SELECT sealed_to FROM mail_outbox"))


async def test_neither_the_clearing_nor_the_auditor_gets_at_mails(
    fresh_database: Database, keys: ServiceKeys
) -> None:
    for access in (CLEARING, AUDITOR):
        with pytest.raises(Exception, match="permission denied"):
            await put(fresh_database.acting(access), keys)
        async with fresh_database.acting(access).reading() as work:
            with pytest.raises(Exception, match="permission denied"):
                await work.execute(text("SELECT sealed_to FROM mail_outbox"))
    assert NOTHING.role == "gutschein_app"  # who may write one, and read none


async def test_facts_of_old_mails_are_forgotten(
    fresh_database: Database, keys: ServiceKeys, sender: SmtpSender
) -> None:
    await put(fresh_database, keys)
    await delivering(fresh_database, keys, sender)
    await put(fresh_database, keys)
    assert await forget(fresh_database, NOW + timedelta(days=90)) == 0
    assert await forget(fresh_database, NOW + timedelta(days=91)) == 1
    (waiting,) = await rows(fresh_database)
    assert waiting.sent_at is None


async def send(sender: SmtpSender) -> None:
    await sender.send(
        "gutschein@erzgebirge.example", "anna@example.org", b"Subject: x\r\n\r\nx\r\n"
    )


async def test_starttls_and_tls_with_a_certificate_that_is_good(authority: Authority) -> None:
    good, trusted = authority.server("localhost"), authority.trusted
    async with listening(starttls=good) as server:
        account = {"user": USER, "password": PASSWORD}
        await send(SmtpSender("localhost", server.port, SENDER, "starttls", **account, tls=trusted))
        assert len(server.envelopes) == 1
    async with listening(tls=good) as server:
        await send(SmtpSender("localhost", server.port, SENDER, "tls", tls=trusted))
        assert len(server.envelopes) == 1


async def test_nothing_is_said_to_a_server_that_proves_nothing(authority: Authority) -> None:
    account = {"user": USER, "password": PASSWORD}
    for certificate, tls in (
        (authority.server("elsewhere.example"), authority.trusted),
        (authority.server("localhost"), ssl.create_default_context()),
    ):
        async with listening(starttls=certificate) as server:
            sender = SmtpSender("localhost", server.port, SENDER, "starttls", **account, tls=tls)
            with pytest.raises(Undelivered, match="SSLCertVerificationError") as refused:
                await send(sender)
            assert not refused.value.permanent
            assert server.envelopes == []
    async with listening() as server:  # offers no STARTTLS
        sender = SmtpSender("localhost", server.port, SENDER, "starttls", tls=authority.trusted)
        with pytest.raises(Undelivered) as refused:
            await send(sender)
        assert not refused.value.permanent
        assert server.envelopes == []


async def test_a_wrong_password_can_be_mended(authority: Authority) -> None:
    async with listening(starttls=authority.server("localhost")) as server:
        sender = SmtpSender(
            "localhost", server.port, SENDER, "starttls", USER, "falsch", authority.trusted
        )
        with pytest.raises(Undelivered, match="535") as refused:
            await send(sender)
        assert not refused.value.permanent
        assert "falsch" not in repr(sender) + str(refused.value)
