import assert from "node:assert/strict";
import { test } from "node:test";

import { byWebCrypto, verifierOfThisBrowser } from "../src/token/signature.ts";
import { lastDay, verify } from "../src/token/verify.ts";
import { testEveryScan, testEveryTokenCase } from "./token_cases.ts";
import { keySet, type TokenVectors, vectors } from "./vectors.ts";

const { keys, cases } = vectors<TokenVectors>("token");
const [first] = cases;
const NOON = new Date("2027-03-01T12:00:00Z");

testEveryTokenCase();
testEveryScan();

test("it is the browser that verified", async () => {
  assert.equal(await verifierOfThisBrowser(), byWebCrypto);
});

test("the vectors cover every outcome", () => {
  assert.equal(new Set(cases.map(({ expect }) => expect)).size, 7);
});

test("an empty set knows no key", async () => {
  assert.deepEqual(await verify(first?.token ?? "", keySet([]), NOON), {
    outcome: "token.key_unknown",
  });
});

test("a clock that says nothing accepts nothing", async () => {
  const { outcome } = await verify(first?.token ?? "", keySet(keys), new Date(Number.NaN));
  assert.notEqual(outcome, "ok");
});

test("the instant before the window and the last one in it count to the millisecond", async () => {
  const at = async (instant: string) =>
    (await verify(first?.token ?? "", keySet(keys), new Date(instant))).outcome;
  assert.equal(await at("2025-12-31T23:59:59.999Z"), "token.key_not_yet");
  assert.equal(await at("2029-12-31T22:59:59.999Z"), "ok");
  assert.equal(await at("2031-01-01T00:00:00.000Z"), "token.key_expired");
});

test("the day shown is the last valid one in Germany, in winter and in summer", () => {
  assert.equal(lastDay(1893452400), "2029-12-31"); // 2029-12-31T23:00:00Z
  assert.equal(lastDay(Date.parse("2028-07-14T22:00:00Z") / 1000), "2028-07-14");
  assert.equal(lastDay(Date.parse("2028-07-14T23:00:00Z") / 1000), "2028-07-15");
  assert.equal(lastDay(2 ** 32 - 1), "2106-02-07");
});
