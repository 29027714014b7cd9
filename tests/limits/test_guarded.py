"""The guard counts bad API keys, and knows the good ones."""

from __future__ import annotations

from api_fixtures import code_of
from stage import Stage
from test_public_balance import caller_from, some_address

from gutschein.limits.rules import CREDENTIAL_FAILED

FAILURES = CREDENTIAL_FAILED.host.burst


async def test_bad_keys_from_one_address_are_looked_at_so_often(stage: Stage) -> None:
    async with caller_from(stage.app, some_address()) as caller:
        caller.headers["accept"] = "application/json"
        codes = []
        for number in range(FAILURES + 1):
            headers = {"authorization": f"Bearer guess-{number}"}
            codes.append(
                code_of(await caller.get(stage.zwoenitz.path("merchants"), headers=headers))
            )
    assert codes == ["auth.required"] * FAILURES + ["limit.rate"]
