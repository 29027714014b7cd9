"""A mail on its way: text, HTML and files, whole headers, and nothing slipped into them."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from uuid import UUID

import pytest
from mail_server import NOW, SENDER

from gutschein.mail.message import (
    MOST_ATTACHED,
    Attachment,
    Mail,
    UnusableAddress,
    compose,
    envelope_address,
)

MAIL_ID = UUID("01938f6e-5c00-7cc3-98c4-dc0c0c07398f")
TEXT = "Grüß Gott,\n\n.\n..mit Punkten\nFrom hier bis dort\n" + "ä" * 1_000 + "\n"


def written(mail: Mail) -> tuple[bytes, EmailMessage]:
    raw = compose(mail, SENDER, MAIL_ID, NOW)
    read = message_from_bytes(raw, policy=default)
    assert isinstance(read, EmailMessage)
    return raw, read


def test_headers_say_who_to_whom_when_and_that_a_machine_wrote_it() -> None:
    raw, mail = written(Mail("anna@example.org", "Ihre Einladung für Zwönitz", TEXT, "de"))
    assert mail["From"] == SENDER
    assert mail["To"] == "anna@example.org"
    assert mail["Subject"] == "Ihre Einladung für Zwönitz"
    assert mail["Date"] == "Sat, 05 Dec 2026 09:00:00 +0000"
    assert mail["Message-ID"] == f"<{MAIL_ID}@erzgebirge.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "de"
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content_charset() == "utf-8"
    assert mail.get_content().replace("\r\n", "\n") == TEXT
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998  # RFC 5322, section 2.1.1
    assert b"\n" not in raw.replace(b"\r\n", b"")


@pytest.mark.parametrize("steering", ["\r\nBcc: b@example.org", "\n", "\x00", "\x1b[2J", "\u2028"])
def test_nothing_can_be_slipped_into_a_header(steering: str) -> None:
    with pytest.raises(ValueError, match="one line each"):
        Mail(f"anna@example.org{steering}", "Betreff", "Text\n", "de")
    with pytest.raises(ValueError, match="one line each"):
        Mail("anna@example.org", f"Betreff{steering}", "Text\n", "de")


def test_a_comma_or_bracket_makes_no_second_recipient() -> None:
    for address in ("a@example.org, b@example.org", "<a@example.org> b@example.org", "a b@c.de"):
        with pytest.raises(UnusableAddress):
            written(Mail(address, "Betreff", "Text\n", "de"))


def test_umlauts_are_written_in_ascii_however_short_the_lines() -> None:
    raw, mail = written(Mail("anna@example.org", "Grüße", "Grüß Gott\n", "de"))
    assert raw.isascii()
    assert mail.get_content().strip() == "Grüß Gott"


def test_a_header_in_the_text_stays_text() -> None:
    _, mail = written(Mail("anna@example.org", "Betreff", "\nBcc: b@example.org\n\nText\n", "de"))
    assert mail["Bcc"] is None
    assert "Bcc: b@example.org" in mail.get_content()


def test_a_domain_with_umlauts_is_written_in_ascii() -> None:
    assert envelope_address("anna@Zwönitz.example") == "anna@xn--zwnitz-xxa.example"
    assert envelope_address("anna@straße.example") == "anna@xn--strae-oqa.example"


@pytest.mark.parametrize("address", ["", "anna", "anna@", "@example.org", "jörg@example.org"])
def test_what_is_no_address_for_smtp_is_refused(address: str) -> None:
    with pytest.raises(UnusableAddress):
        envelope_address(address)


def test_the_repr_of_a_mail_shows_nothing_of_it() -> None:
    assert repr(Mail("anna@example.org", "Betreff", "https://link", "de")) == "Mail(***)"


HTML = "<!doctype html><html lang=de><p>Grüß Gott &amp; Glück auf</p>" + "ü" * 1_000 + "</html>\n"
PDF = bytes(range(256)) * 40


def test_whoever_reads_no_html_reads_the_text() -> None:
    raw, mail = written(Mail("anna@example.org", "Ihr Gutschein", TEXT, "de", HTML))
    assert mail.get_content_type() == "multipart/alternative"
    # RFC 2046, section 5.1.4: the last that a reader understands is the best
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().replace("\r\n", "\n") == TEXT
    assert html.get_content().replace("\r\n", "\n") == HTML
    assert mail["Content-Language"] == "de"
    assert mail["Message-ID"] == f"<{MAIL_ID}@erzgebirge.example>"
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_files_arrive_byte_by_byte_and_under_their_names() -> None:
    files = (
        Attachment("Gutschein für Zwönitz.pdf", "application/pdf", PDF),
        Attachment("bild.png", "image/png", b"\x89PNG\r\n\x1a\n"),
        Attachment("notiz.txt", "text/plain", "Größe\n".encode()),
    )
    raw, mail = written(Mail("anna@example.org", "Ihr Gutschein", TEXT, "de", HTML, files))
    assert mail.get_content_type() == "multipart/mixed"
    assert raw.isascii()
    arrived = [
        Attachment(
            part.get_filename() or "",
            part.get_content_type(),
            bytes(part.get_payload(decode=True)),
        )
        for part in mail.iter_attachments()
    ]
    assert arrived == list(files)
    assert [part.get_content_disposition() for part in mail.iter_attachments()] == [
        "attachment"
    ] * 3
    plain = mail.get_body(("plain",))
    assert plain is not None
    assert plain.get_content().replace("\r\n", "\n") == TEXT


def test_a_text_with_a_file_alone_needs_no_html() -> None:
    _, mail = written(
        Mail("a@example.org", "B", TEXT, "en", None, (Attachment("a.pdf", "application/pdf", PDF),))
    )
    kinds = [part.get_content_type() for part in mail.iter_parts()]
    assert kinds == ["text/plain", "application/pdf"]


@pytest.mark.parametrize(
    "name", ["", " ", "..", "a/b.pdf", "a\\b.pdf", "a\r\nBcc: b@example.org", "a\x00.pdf"]
)
def test_a_file_has_a_plain_name(name: str) -> None:
    with pytest.raises(ValueError, match="one line without slashes"):
        Attachment(name, "application/pdf", PDF)


@pytest.mark.parametrize("media_type", ["", "pdf", "text/html; charset=x", "a/b\r\nBcc: c@d.e"])
def test_a_file_has_a_media_type(media_type: str) -> None:
    with pytest.raises(ValueError, match="not a media type"):
        Attachment("a.pdf", media_type, PDF)


def test_what_is_too_large_for_mailboxes_is_refused_before_it_is_queued() -> None:
    half = Attachment("a.pdf", "application/pdf", bytes(MOST_ATTACHED // 2))
    Mail("anna@example.org", "Betreff", TEXT, "de", None, (half, half))
    with pytest.raises(ValueError, match="larger than"):
        Mail("a@b.de", "B", TEXT, "de", None, (half, half, Attachment("b", "text/plain", b"b")))
    assert "\x00" not in repr(half)
