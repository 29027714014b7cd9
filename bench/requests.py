"""What tills send, as bytes that are ready before the clock starts.

A cash register sends its API key and nothing that changes from request to request but the
redemption's id, so its requests share their pieces. A device signs each request
(``docs/reference/devices.md``); a signature is good for a minute, so they are made just
before a load, some ten thousand a second.
"""

from __future__ import annotations

import time
from base64 import b64encode
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import cycle

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from bench.checks import Expected, Staircase
from bench.load import Request
from bench.region import Device, Paper, Register, Shop, Till
from gutschein.devices.signatures import digest_of
from gutschein.kernel.ids import new_id

REDEMPTIONS = "/api/v1/redemptions"
BATCH = "/api/v1/redemptions/batch"
AMOUNT_CENTS = 1

#: Prime, so that papers are taken in an order that no index has, and each as often.
_STRIDE = 7_919
_COVERED = '("@method" "@authority" "@path" "@query" "content-digest")'


@dataclass(frozen=True)
class Prepared:
    """Requests, and what is expected of their answers.

    :param expected: of each request the redemptions in it; one, except in a batch.
    """

    requests: list[Request]
    expected: list[list[Expected]]
    staircase: Staircase

    @property
    def single(self) -> list[Expected]:
        return [only for [only] in self.expected]


def redemptions(
    tills: Sequence[Till],
    papers: Sequence[Paper],
    count: int,
    authority: str,
    *,
    exact: bool = True,
) -> Prepared:
    """Prepare redemptions of one cent each, of all papers in turn, each in its own town."""
    expected, requests = [], []
    tills_of = _by_town(tills)
    for number in range(count):
        place = number * _STRIDE % len(papers)
        paper = papers[place]
        till = next(tills_of[paper.town_id])
        wanted = Expected(str(new_id()), place, till.shop)
        before, after = _pieces(paper.token, till.shop)
        body = (before, wanted.id.encode(), after)
        requests.append(_request(till, REDEMPTIONS, body, authority, wanted.id))
        expected.append([wanted])
    return Prepared(requests, expected, _staircase(papers, exact=exact))


def batches(
    tills: Sequence[Till], papers: Sequence[Paper], count: int, size: int, authority: str
) -> Prepared:
    """Prepare batches of *size* redemptions, each of one till and of papers of its town."""
    places_of: dict[str, list[int]] = defaultdict(list)
    for number in range(len(papers)):
        place = number * _STRIDE % len(papers)
        places_of[papers[place].town_id].append(place)
    turns = {town_id: cycle(places) for town_id, places in places_of.items()}
    expected, requests = [], []
    for _, till in zip(range(count), cycle(tills), strict=False):
        wanted = [
            Expected(str(new_id()), next(turns[till.shop.town_id]), till.shop) for _ in range(size)
        ]
        items = []
        for each in wanted:
            before, after = _pieces(papers[each.paper].token, till.shop)
            items.append(b"".join((before, each.id.encode(), after)))
        body = (b'{"items":[' + b",".join(items) + b"]}",)
        requests.append(_request(till, BATCH, body, authority, wanted[0].id))
        expected.append(wanted)
    return Prepared(requests, expected, _staircase(papers, exact=False))


def note_balances(papers: Sequence[Paper], balances: dict[int, int]) -> None:
    """Write down what a load has left on the papers."""
    for place, cents in balances.items():
        papers[place].balance_cents = cents


def _by_town(tills: Sequence[Till]) -> dict[str, cycle[Till]]:
    of: dict[str, list[Till]] = defaultdict(list)
    for till in tills:
        of[till.shop.town_id].append(till)
    return {town_id: cycle(those) for town_id, those in of.items()}


def _staircase(papers: Sequence[Paper], *, exact: bool = True) -> Staircase:
    known = [(paper.town_id, paper.id, paper.balance_cents) for paper in papers]
    return Staircase(known, AMOUNT_CENTS, exact)


@lru_cache(1 << 18)
def _pieces(token: str, shop: Shop) -> tuple[bytes, bytes]:
    """Return what stands before the id in a redemption's JSON, and after it."""
    after = (
        f'","token":"{token}","amount_cents":{AMOUNT_CENTS},"town_id":"{shop.town_id}",'
        f'"merchant_id":"{shop.merchant_id}","branch_id":"{shop.branch_id}"}}'
    )
    return b'{"id":"', after.encode()


def _request(till: Till, path: str, body: tuple[bytes, ...], authority: str, nonce: str) -> Request:
    length = sum(map(len, body))
    if isinstance(till, Register):
        return (_register_head(till, path, authority, length), *body)
    whole = b"".join(body)
    return (_signed_head(till, path, authority, whole, nonce.replace("-", "")) + whole,)


@lru_cache(1 << 12)
def _register_head(till: Register, path: str, authority: str, length: int) -> bytes:
    return _head(path, authority, length, f"authorization: Bearer {till.token}\r\n")


def _signed_head(device: Device, path: str, authority: str, body: bytes, nonce: str) -> bytes:
    digest = digest_of(body)
    parameters = (
        f'{_COVERED};created={int(time.time())};nonce="{nonce}"'
        f';keyid="{device.shop.town_id}.{device.id}";alg="ecdsa-p256-sha256";tag="gutschein"'
    )
    base = (
        f'"@method": POST\n"@authority": {authority}\n"@path": {path}\n"@query": ?\n'
        f'"content-digest": {digest}\n"@signature-params": {parameters}'
    )
    r, s = decode_dss_signature(device.key.sign(base.encode(), ECDSA(SHA256())))
    signature = b64encode(r.to_bytes(32) + s.to_bytes(32)).decode("ascii")
    lines = (
        f"content-digest: {digest}\r\n"
        f"signature-input: sig={parameters}\r\nsignature: sig=:{signature}:\r\n"
    )
    return _head(path, authority, len(body), lines)


def _head(path: str, authority: str, length: int, lines: str) -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nhost: {authority}\r\ncontent-type: application/json\r\n"
        f"{lines}content-length: {length}\r\n\r\n"
    ).encode("ascii")
