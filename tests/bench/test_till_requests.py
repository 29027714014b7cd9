"""What the tills of a load send is what the service takes from real ones."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from till_server import SHOP, papers

from bench.region import Device, Register
from bench.requests import batches, redemptions
from gutschein.devices.public_keys import is_signed
from gutschein.devices.signatures import Sent, read_signed
from gutschein.kernel.clock import utc_now
from gutschein.redemption.schemas import NewRedemption

AUTHORITY = "127.0.0.1:8123"
REGISTER = Register(SHOP, "gsk_test")


def parts(request: tuple[bytes, ...]) -> tuple[str, dict[str, str], bytes]:
    head, _, body = b"".join(request).partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    return first, dict(line.split(": ", 1) for line in lines), body


def test_a_register_sends_its_key_and_a_redemption() -> None:
    ready = redemptions([REGISTER], papers(), 1, AUTHORITY)
    first, headers, body = parts(ready.requests[0])
    assert first == "POST /api/v1/redemptions HTTP/1.1"
    assert headers["authorization"] == "Bearer gsk_test"
    assert int(headers["content-length"]) == len(body)
    sent = msgspec.json.decode(body, type=NewRedemption)
    assert (str(sent.id), sent.amount_cents) == (ready.single[0].id, 1)
    assert str(sent.branch_id) == SHOP.branch_id


def test_a_device_signs_each_request_as_the_service_reads_it() -> None:
    key = generate_private_key(SECP256R1())
    device = Device(SHOP, "01990000-0000-7000-8000-00000000000d", key)
    nonces = set()
    for request in redemptions([device], papers(), 5, AUTHORITY).requests:
        _, headers, body = parts(request)
        fields = {name: [value] for name, value in headers.items()}
        sent = Sent("POST", "/api/v1/redemptions", "", body, fields)
        signed = read_signed(sent, AUTHORITY)
        spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        assert is_signed(spki, signed.base, signed.signature)
        assert signed.key_id == f"{SHOP.town_id}.{device.id}"
        assert utc_now() - signed.created_at < timedelta(seconds=10)
        nonces.add(signed.nonce)
    assert len(nonces) == 5


@pytest.mark.parametrize("count", [3, 300])
def test_all_papers_have_their_turn(count: int) -> None:
    ready = redemptions([REGISTER], papers(), count, AUTHORITY)
    assert set(Counter(each.paper for each in ready.single).values()) == {count // 3}


def test_a_batch_has_as_many_items_as_it_should() -> None:
    ready = batches([REGISTER], papers(), 2, 50, AUTHORITY)
    _, headers, body = parts(ready.requests[1])
    assert int(headers["content-length"]) == len(body)
    items = msgspec.convert(msgspec.json.decode(body)["items"], list[NewRedemption], strict=False)
    assert [str(item.id) for item in items] == [each.id for each in ready.expected[1]]
    assert len({item.id for item in items}) == 50
