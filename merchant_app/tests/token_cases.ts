// Every case of tests/vectors/token.json, as one test each. Two files run them: with the
// browser's Ed25519 and without.

import assert from "node:assert/strict";
import { test } from "node:test";

import { toHex } from "../src/token/bytes.ts";
import { readToken } from "../src/token/token.ts";
import { formatTypedCode } from "../src/token/typed_code.ts";
import { verify } from "../src/token/verify.ts";
import { keySet, type TokenVectors, townKey, vectors } from "./vectors.ts";

const { keys, cases, scans } = vectors<TokenVectors>("token");

export function testEveryTokenCase(): void {
  for (const { name, token, now, expect, claims } of cases) {
    test(`token: ${name}`, async () => {
      const verified = await verify(token, keySet(keys), new Date(now));
      assert.equal(verified.outcome, expect);
      if (verified.outcome !== "ok") return;
      const { code, faceValueCents, exp, kid, text } = verified.token;
      const said = { code: toHex(code), typed: formatTypedCode(code) };
      assert.deepEqual({ ...said, face_value_cents: faceValueCents, exp }, claims);
      assert.equal(text, token.toUpperCase());
      const towns = keys.filter((key) => key.kid === kid).map(({ town_id }) => town_id);
      assert.ok(towns.includes(verified.townId));
    });
  }

  test("both towns with one kid are told apart by the signature", async () => {
    const named = (name: string) => cases.find((one) => one.name === name)?.token ?? "";
    const now = new Date("2027-03-01T12:00:00Z");
    const towns = [];
    for (const name of ["the first", "the second"]) {
      const token = named(`${name} of two towns with one kid`);
      const verified = await verify(token, keySet(keys), now);
      towns.push(verified.outcome === "ok" ? verified.townId : verified.outcome);
    }
    const expected = keys.filter(({ kid }) => kid === "77777777").map((key) => townKey(key).townId);
    assert.deepEqual(towns, expected);
  });
}

export function testEveryScan(): void {
  for (const { name, text, expect, token } of scans) {
    test(`scan: ${name}`, () => {
      const read = readToken(text);
      assert.equal(read === null ? "token.unreadable" : "ok", expect);
      if (token !== undefined) assert.equal(read?.text, token);
    });
  }
}
