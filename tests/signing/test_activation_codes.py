"""An activation code is kept as a redemption code is, and is never taken for one."""

from __future__ import annotations

import pytest
import zxingcpp

from gutschein.kernel.ids import TownId, VoucherId, new_id
from gutschein.signing.code import format_code, new_code, parse_code
from gutschein.signing.qr import Matrix, activation_matrix
from gutschein.signing.sealing import BrokenSeal, CodeKeys

KEYS = CodeKeys(TownId(new_id()), bytes(32), bytes(range(32)))
VOUCHER = VoucherId(new_id())


def test_one_code_is_found_under_another_hash_for_each_purpose() -> None:
    code = new_code()
    assert KEYS.activation_hashed(code) == KEYS.activation_hashed(code)
    assert len(KEYS.activation_hashed(code)) == 32
    assert KEYS.activation_hashed(code) != KEYS.hashed(code)
    assert KEYS.activation_hashed(code) != KEYS.activation_hashed(new_code())


def test_what_was_sealed_for_one_purpose_does_not_open_for_the_other() -> None:
    code = new_code()
    sealed = KEYS.activation_sealed(VOUCHER, code)
    assert KEYS.activation_unsealed(VOUCHER, sealed) == code
    for wrong in (
        lambda: KEYS.unsealed(VOUCHER, sealed),
        lambda: KEYS.activation_unsealed(VOUCHER, KEYS.sealed(VOUCHER, code)),
        lambda: KEYS.activation_unsealed(VoucherId(new_id()), sealed),
    ):
        with pytest.raises(BrokenSeal):
            wrong()


def test_its_qr_code_reads_as_letters_and_digits_that_are_the_code() -> None:
    code = new_code()
    matrix = activation_matrix(format_code(code))
    assert {len(row) for row in matrix} == {len(matrix)} == {25}
    [read] = zxingcpp.read_barcodes(picture(matrix), formats=zxingcpp.BarcodeFormat.QRCode)
    assert read.text.isalnum()
    assert parse_code(read.text) == code


def picture(matrix: Matrix) -> memoryview:
    """The symbol as a camera would see it: eight points a module, in its quiet zone."""
    size = (len(matrix) + 8) * 8
    grey = bytearray(b"\xff" * size * size)
    for y in range(len(matrix) * 8):
        for x in range(len(matrix) * 8):
            if matrix[y // 8][x // 8]:
                grey[(y + 32) * size + x + 32] = 0
    return memoryview(grey).cast("B", (size, size))


def test_what_is_no_code_is_not_drawn() -> None:
    with pytest.raises(ValueError, match="too many"):
        activation_matrix("A" * 39)
