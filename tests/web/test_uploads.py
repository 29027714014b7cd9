"""Forms that bring a file (RFC 7578), read byte for byte."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gutschein.kernel.errors import Refusal
from gutschein.web.uploads import parts_of

TYPE = "multipart/form-data; boundary=grenze"
GOOD = (
    b'--grenze\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\nabc\r\n'
    b'--grenze\r\nContent-Disposition: form-data; name="file"; filename="a.xml"\r\n'
    b"Content-Type: application/xml\r\n\r\n<a/>\r\n--grenze--\r\n"
)


def test_fields_and_files_are_read_by_name() -> None:
    assert parts_of(GOOD, TYPE) == {"csrf_token": b"abc", "file": b"<a/>"}
    assert parts_of(GOOD, 'Multipart/Form-Data; charset=utf-8; Boundary="grenze"') == {
        "csrf_token": b"abc",
        "file": b"<a/>",
    }


def test_the_name_of_a_file_is_not_the_name_of_its_field() -> None:
    swapped = GOOD.replace(b'name="file"; filename="a.xml"', b'filename="a.xml"; name="file"')
    assert parts_of(swapped, TYPE)["file"] == b"<a/>"
    hostile = GOOD.replace(b"a.xml", b"csrf_token")
    assert parts_of(hostile, TYPE)["csrf_token"] == b"abc"


def test_of_two_of_one_name_the_first_counts() -> None:
    again = b'--grenze\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\nxyz\r\n'
    assert (
        parts_of(GOOD.replace(b"--grenze--", again + b"--grenze--"), TYPE)["csrf_token"] == b"abc"
    )


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (GOOD, "multipart/form-data"),
        (GOOD, "application/x-www-form-urlencoded"),
        (GOOD, "multipart/form-data; boundary=andere"),
        (b"", TYPE),
        (GOOD[:-10], TYPE),
        (GOOD.replace(b"\r\n\r\n", b"\r\n"), TYPE),
        (GOOD.replace(b"form-data; name", b"form-data; title"), TYPE),
        (b"--grenze\r\n" * 30 + GOOD, TYPE),
    ],
    ids=range(8),
)
def test_what_is_no_such_form_is_unreadable(body: bytes, content_type: str) -> None:
    with pytest.raises(Refusal) as refused:
        parts_of(body, content_type)
    assert refused.value.code == "form.unreadable"


@given(st.binary(max_size=200), st.text("abc äöü<>&", max_size=20))
def test_what_a_client_sends_arrives_byte_for_byte(content: bytes, text: str) -> None:
    request = httpx.Request(
        "POST", "http://test", data={"text": text}, files={"file": ("a", content)}
    )
    parts = parts_of(request.read(), request.headers["content-type"])
    assert parts == {"text": text.encode(), "file": content}
