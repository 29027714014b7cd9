"""The example of the reference is true: signed as it says, and read as it is sent."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gutschein.devices.api_key_token import parse_token
from gutschein.devices.public_keys import algorithm_of, is_signed
from gutschein.devices.rules import CLOCK_TOLERANCE
from gutschein.devices.signatures import Sent, read_signed
from gutschein.kernel.errors import Refusal

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "devices.md"
AUTHORITY = "gutschein.example"


@pytest.fixture
def page() -> str:
    return REFERENCE.read_text(encoding="utf-8")


def sent_in(page: str) -> Sent:
    """The request of the example."""
    found = re.search(r"```http\n(.*?)\n\n(.*?)\n```", page, re.DOTALL)
    assert found
    first, *lines = found[1].splitlines()
    method, target, _ = first.split(" ")
    path, _, query = target.partition("?")
    fields = {name.lower(): [value] for name, value in (line.split(": ", 1) for line in lines)}
    return Sent(method, path, query, found[2].encode(), fields)


def test_the_example_is_signed_as_it_says(page: str) -> None:
    base = re.search(r'```\n("@method".*?)\n```', page, re.DOTALL)
    assert base
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32))).public_key()
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    signed = read_signed(sent_in(page), AUTHORITY)
    assert signed.base == base[1].encode()
    assert signed.algorithm == algorithm_of(spki)
    assert is_signed(spki, signed.base, signed.signature)
    with pytest.raises(Refusal, match=r"device\.signature"):
        read_signed(sent_in(page.replace('"7391"}\n```', '"7392"}\n```')), AUTHORITY)


def test_the_body_of_the_example_is_the_one_it_names(page: str) -> None:
    body = sent_in(page).body.decode()
    assert f"    {body}\n" in page
    assert json.loads(body)["pin"] == "7391"


def test_the_key_of_the_example_has_the_form_of_one(page: str) -> None:
    found = re.search(r"Bearer (gsk_\S+)", page)
    assert found
    token = parse_token(found[1])
    assert token is not None
    assert re.fullmatch(r"gsk_[a-z2-7]{26}_[a-z2-7]{26}_[a-z2-7]{58}", token.text())


def test_the_tolerance_is_the_one_that_is_told(page: str) -> None:
    assert f"Not more than {CLOCK_TOLERANCE.seconds} seconds" in page
