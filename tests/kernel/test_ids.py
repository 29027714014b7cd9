"""Ids that are derived: the same for the same whole and role, and in the order of their wholes."""

from __future__ import annotations

from hashlib import sha256
from itertools import pairwise
from uuid import UUID

from gutschein.kernel.ids import derived_id, new_id, timed_id

#: The example of RFC 9562, appendix A.6, of 22 February 2022.
WHOLE = UUID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")


def test_a_timed_id_has_the_time_of_its_whole_and_the_rest_from_a_hash() -> None:
    part = timed_id(WHOLE, "redemption or reversal")
    assert (part.bytes[:6], part.version, part.variant) == (WHOLE.bytes[:6], 8, WHOLE.variant)
    digest = sha256(WHOLE.bytes + b"redemption or reversal").hexdigest()[:32]
    assert part.hex[13:16] == digest[13:16]
    assert part.hex[17:] == digest[17:]
    assert int(part.hex[16], 16) & 0b11 == int(digest[16], 16) & 0b11


def test_each_role_of_each_whole_has_an_id_of_its_own() -> None:
    wholes = [new_id() for _ in range(100)]
    ids = {make(each, role) for make in (derived_id, timed_id) for each in wholes for role in "ab"}
    assert len(ids) == 400
    assert timed_id(WHOLE, "a") == timed_id(WHOLE, "a")


def test_timed_ids_follow_one_another_as_their_wholes_do() -> None:
    wholes = [UUID(int=WHOLE.int + (count << 80)) for count in range(100)]
    parts = [timed_id(each, "issue") for each in wholes]
    assert all(one < next_ for one, next_ in pairwise(parts))
