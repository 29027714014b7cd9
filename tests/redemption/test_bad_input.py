"""What no till should send is refused with its own code; nothing moves, and nothing breaks."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
from api_fixtures import MAX_BODY_BYTES, code_of, fresh_id
from stage import Paper, Stage

#: What no amount of money is, as it stands in JSON.
NO_AMOUNTS = [
    *("0", "-1", "-0", "0.5", "12.50", "10.0", "1e3", "1e400", "-1e400", '"10"', '""', "true"),
    *("null", "[]", "[10]", "{}", "9007199254740992", "9007199254740993", "18446744073709551616"),
    "1" + "0" * 400,
]
NO_IDS = [
    *('"x"', '""', "null", "1", "true", "[]", '"6ba7b810-9dad-11d1-80b4-00c04fd430c8"'),
    '"00000000-0000-0000-0000-000000000000"',
    '"01938f6e-5c00-7cc3-98c4-dc0c0c07398f\\u0000"',
]
NO_TEXTS = ["null", "5", "true", "[]", "{}", f'"{"A" * 600}"']


async def sent(stage: Stage, path: str, body: dict[str, Any], field: str, raw: str) -> Any:
    """Send *body* with the JSON text *raw* as one of its fields."""
    text = json.dumps(body | {field: "@raw@"}).replace('"@raw@"', raw)
    return await stage.api.client.post(path, content=text)


async def test_only_whole_positive_cents_are_redeemed(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    body, mark = stage.sold(voucher, 1), await stage.moved()
    for raw in NO_AMOUNTS:
        refused = await sent(stage, "/api/v1/redemptions", body, "amount_cents", raw)
        assert (refused.status_code, code_of(refused)) == (422, "amount.invalid"), raw
        items = json.dumps([{"id": fresh_id(), "amount_cents": "@"} | voucher.shown])
        sale = {"id": fresh_id(), **stage.zwoenitz.shop.fields}
        refused = await sent(stage, "/api/v1/sales", sale, "items", items.replace('"@"', raw))
        assert (refused.status_code, code_of(refused)) == (422, "amount.invalid"), raw
    assert await stage.moved() == mark
    assert (await stage.redeem(body)).status_code == 200


async def test_fields_of_another_type_are_refused(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    done = await stage.redeemed(voucher, 1_00)
    body, mark = stage.sold(voucher, 1), await stage.moved()
    reversal = {"id": fresh_id()} | stage.zwoenitz.shop.fields
    reversal_path = f"/api/v1/redemptions/{done['id']}/reversal"
    for raw in NO_IDS:
        refused = await sent(stage, "/api/v1/redemptions", body, "id", raw)
        assert (refused.status_code, code_of(refused)) == (422, "request.invalid"), raw
        refused = await sent(stage, reversal_path, reversal, "id", raw)
        assert (refused.status_code, code_of(refused)) == (422, "request.invalid"), raw
        for name in ("town_id", "merchant_id", "branch_id"):
            for path, sound in (("/api/v1/redemptions", body), (reversal_path, reversal)):
                refused = await sent(stage, path, sound, name, raw)
                assert refused.status_code in {403, 404, 422}, (name, raw, refused.text)
    for raw in NO_TEXTS:
        refused = await sent(stage, "/api/v1/redemptions", body, "token", raw)
        assert (refused.status_code, code_of(refused)) == (422, "request.invalid"), raw
    for change in ({"code": voucher.code}, {"tip_cents": 1}):
        refused = await stage.redeem(body | change)
        assert (refused.status_code, code_of(refused)) == (422, "request.invalid"), change
    for missing in body:
        part = {name: value for name, value in body.items() if name != missing}
        refused = await stage.redeem(part)
        assert (refused.status_code, code_of(refused)) == (422, "request.invalid"), missing
    assert await stage.moved() == mark


async def test_what_is_no_json_object_is_refused(stage: Stage) -> None:
    paths = ("/api/v1/redemptions", "/api/v1/sales", f"/api/v1/redemptions/{fresh_id()}/reversal")
    for path in paths:
        for content in (b"", b"{", b"\xff", b"[]", b"null", b'"x"', b"[" * 9_000, b'{"a": NaN}'):
            refused = await stage.api.client.post(path, content=content)
            assert refused.status_code in {400, 422}, content
            assert code_of(refused) in {"request.malformed", "request.invalid"}
        refused = await stage.api.client.post(path, content=b" " * (MAX_BODY_BYTES + 1))
        assert (refused.status_code, code_of(refused)) == (413, "request.too_large")


def tampered(voucher: Paper) -> dict[str, tuple[str, str]]:
    """Tokens that are none, each with the code it is refused with."""
    prefix, _, bare = voucher.token.rpartition("/")
    token = base64.b32decode(bare + "=" * (-len(bare) % 8))

    def written(altered: bytes) -> str:
        return f"{prefix}/{base64.b32encode(altered).decode().rstrip('=')}"

    def flipped(place: int) -> str:
        return written(token[:place] + bytes([token[place] ^ 1]) + token[place + 1 :])

    return {
        "another kid": (flipped(8), "token.key_unknown"),
        "another expiry": (flipped(21), "token.signature"),
        "another code": (flipped(30), "token.signature"),
        "another value": (flipped(len(token) - 67), "token.signature"),
        "another signature": (flipped(len(token) - 1), "token.signature"),
        "another tag": (flipped(0), "token.unreadable"),
        "cut short": (written(token[:-1]), "token.unreadable"),
        "one byte more": (written(token + b"\0"), "token.unreadable"),
        "half a text": (voucher.token[: len(voucher.token) // 2], "token.unreadable"),
        "a character of no alphabet": (voucher.token[:-1] + "1", "token.unreadable"),
        "an address of the web": ("https://example.org/menu", "token.unreadable"),
        "nothing": ("", "token.unreadable"),
        "NUL": ("\x00", "token.unreadable"),
        "an emoji": ("🎄", "token.unreadable"),
        "a thousand years of A": ("A" * 500, "token.unreadable"),
    }


MISTYPED = {
    "": "code.typo",
    "0": "code.typo",
    "0000-0000-0000-0000-0-0": "code.typo",
    "UUUU-UUUU-UUUU-UUUU-U": "code.typo",
    "\x00": "code.typo",
    "🎄" * 16: "code.typo",
    "0000-0000-0000-0001-2": "code.typo",
    "0000-0000-0000-0001-1": "voucher.unknown",
    "'; DROP TABLE voucher; --": "code.typo",
}


async def test_what_is_no_genuine_voucher_is_refused_with_its_reason(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    body, mark = stage.sold(voucher, 1_00), await stage.moved()
    for name, (token, code) in tampered(voucher).items():
        refused = await stage.redeem(body | {"token": token})
        assert (code_of(refused), refused.status_code) == (code, 422), name
    typed = {name: value for name, value in body.items() if name != "token"}
    for text, code in MISTYPED.items():
        refused = await stage.redeem(typed | {"code": text})
        assert code_of(refused) == code, text
    wrong = voucher.code[:-1] + ("0" if voucher.code[-1] != "0" else "2")
    assert code_of(await stage.redeem(typed | {"code": wrong})) == "code.typo"
    assert await stage.moved() == mark


async def balance(stage: Stage, presented: str) -> httpx.Response:
    """Ask for a balance with a path exactly as it is written."""
    return await stage.api.client.get(f"/api/v1/vouchers/{presented}")


async def test_the_balance_is_read_by_token_and_by_typed_code(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    await stage.redeemed(voucher, 12_50)
    bare = voucher.token.rpartition("/")[2]
    expected = {
        "town_id": stage.zwoenitz.id,
        "town_name": "Zwönitz",
        "brand_colour": "#004b93",
        "voucher_id": voucher.id,
        "serial": 1,
        "programme_name": "Gutschein Zwönitz",
        "face_value_cents": 50_00,
        "balance_cents": 37_50,
        "valid_until": "2029-12-31",
        "partial_redemption": True,
        "needs_pin": False,
        "refusal": None,
        "message": None,
    }
    for presented in (bare, bare.lower(), voucher.code, voucher.code.replace("-", "%20")):
        for query in ("", f"?town_id={stage.schneeberg.id}"):
            answer = await balance(stage, presented + query)
            assert (answer.status_code, answer.json()) == (200, expected), presented


async def test_the_balance_says_why_nothing_can_be_redeemed(stage: Stage) -> None:
    empty, blocked, replaced = await stage.vouchers(stage.zwoenitz, 50_00, 3)
    await stage.redeemed(empty, 50_00)
    await stage.block(blocked)
    await stage.replace(replaced)
    for voucher, code, message in (
        (empty, "voucher.empty", "Kein Guthaben mehr."),
        (
            blocked,
            "voucher.blocked",
            "Gesperrt. Bitte nicht annehmen und an die Ausgabestelle verweisen.",
        ),
        (replaced, "voucher.replaced", "Ersetzt: Es gilt der neue Gutschein."),
    ):
        answer = (await balance(stage, voucher.code)).json()
        assert (answer["refusal"], answer["message"]) == (code, message)
    english = await stage.api.client.get(
        f"/api/v1/vouchers/{empty.code}", headers={"accept-language": "en"}
    )
    assert english.json()["message"] == "No balance left."


async def test_garbage_in_the_address_of_a_balance_is_refused(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    for name, (token, code) in tampered(voucher).items():
        bare = token.rpartition("/")[2]
        if len(bare) > 100 and bare.isascii():
            refused = await balance(stage, bare)
            assert (code_of(refused), refused.status_code) == (code, 422), name
    for presented, codes in {
        "x": {"code.typo"},
        "%00": {"code.typo"},
        "%FF%FE": {"code.typo"},
        "%F0%9F%8E%84": {"code.typo"},
        "%2F": {"request.not_found"},
        "": {"request.not_found", "request.method"},
        "..": {"request.not_found"},
        "%2e%2e%2f": {"code.typo"},
        "A" * 65: {"token.unreadable"},
        "A" * 4_000: {"token.unreadable"},
        "0000-0000-0000-0001-1": {"voucher.unknown"},
    }.items():
        refused = await balance(stage, presented)
        assert code_of(refused) in codes, (presented, refused.text)
        assert 400 <= refused.status_code < 500
