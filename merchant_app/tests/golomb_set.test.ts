import assert from "node:assert/strict";
import { test } from "node:test";

import { fromHex } from "../src/token/bytes.ts";
import { golombValueOf, golombValues } from "../src/token/golomb_set.ts";

const UNIT = 2 ** 20;

test("eight values that need seven bits more than the least there can be", () => {
  const eight = Uint8Array.of(0xfe, ...new Uint8Array(21)); // 7, and seven times the same again
  assert.deepEqual(golombValues(eight, 8), new Float64Array(8).fill(7 * UNIT));
  assert.equal(golombValues(eight.slice(0, 21), 8), null);
});

test("a value may be all but the limit", () => {
  assert.deepEqual(golombValues(fromHex("7ffff8"), 1), Float64Array.of(UNIT - 1));
  assert.equal(golombValues(fromHex("800000"), 1), null);
});

test("what is filled up is less than a byte, of zeros", () => {
  assert.deepEqual(golombValues(fromHex(""), 0), new Float64Array());
  assert.equal(golombValues(fromHex("00"), 0), null);
  assert.equal(golombValues(fromHex("7ffffc"), 1), null);
  assert.equal(golombValues(fromHex("7ffff800"), 1), null);
});

test("a value is the tag's share of the range, exactly", () => {
  assert.equal(golombValueOf(fromHex("ffffffffffffffff"), 2 ** 24 - 1), (2 ** 24 - 1) * UNIT - 1);
  assert.equal(golombValueOf(fromHex("00000fffffffffff"), 1), 0);
  assert.equal(golombValueOf(fromHex("0000100000000000"), 1), 1);
  assert.equal(golombValueOf(fromHex("ffffffffffffffff"), 0), 0);
});
