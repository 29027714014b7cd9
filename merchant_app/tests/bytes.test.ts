import assert from "node:assert/strict";
import { test } from "node:test";

import { fromBase32, toBase32 } from "../src/token/base32.ts";
import { areEqual, fromBase64url, fromUuid, toHex, toUuid } from "../src/token/bytes.ts";
import { encodeCbor } from "../src/token/cbor.ts";
import { sameNumbers } from "./vectors.ts";

test("base64url has its own letters, no padding and not every length", () => {
  assert.deepEqual(fromBase64url("-_8"), Uint8Array.of(0xfb, 0xff));
  for (const text of ["+/8", "-_8=", "A", "AAAAA", "ä"]) assert.equal(fromBase64url(text), null);
});

test("base32 as RFC 4648, section 10, and back", () => {
  const examples = { "": "", f: "MY", fo: "MZXQ", foo: "MZXW6", foob: "MZXW6YQ" };
  for (const [word, text] of Object.entries(examples)) {
    const bytes = new TextEncoder().encode(word);
    assert.equal(toBase32(bytes), text);
    assert.deepEqual(fromBase32(text), bytes);
  }
});

test("any bytes have one spelling in base32", () => {
  const below = sameNumbers(1);
  for (let length = 0; length < 120; length += 1) {
    const bytes = Uint8Array.from({ length }, () => below(256));
    assert.deepEqual(fromBase32(toBase32(bytes)), bytes);
  }
  for (const text of ["A", "AAA", "AAAAAA", "MZ", "mzxq", "MZXQ====", "0", "1"]) {
    assert.equal(fromBase32(text), null, text);
  }
});

test("a UUID is its 16 bytes", () => {
  const uuid = "df54542b-f3b1-4d29-8862-81cd5b638df2";
  assert.equal(toHex(fromUuid(uuid)), "df54542bf3b14d29886281cd5b638df2");
  assert.equal(toUuid(fromUuid(uuid)), uuid);
});

test("the beginning of bytes is not the bytes", () => {
  const three = Uint8Array.of(1, 2, 3);
  assert.equal(areEqual(three, Uint8Array.of(1, 2, 3)), true);
  assert.equal(areEqual(three, three.slice(0, 2)), false);
  assert.equal(areEqual(three.slice(0, 2), three), false);
});

test("CBOR takes as few bytes as RFC 8949, appendix A", () => {
  const examples: [number, string][] = [
    [0, "00"],
    [23, "17"],
    [24, "1818"],
    [255, "18ff"],
    [256, "190100"],
    [1000, "1903e8"],
    [65535, "19ffff"],
    [65536, "1a00010000"],
    [1000000, "1a000f4240"],
    [2 ** 32 - 1, "1affffffff"],
    [2 ** 32, "1b0000000100000000"],
    [1000000000000, "1b000000e8d4a51000"],
    [-1, "20"],
    [-24, "37"],
    [-25, "3818"],
    [-1000, "3903e7"],
  ];
  for (const [number, hex] of examples) assert.equal(toHex(encodeCbor(number)), hex);
  assert.equal(toHex(encodeCbor("\u00fc")), "62c3bc");
  assert.equal(toHex(encodeCbor([1, [2, 3], new Map([[1, 2]])])), "8301820203a10102");
  assert.equal(toHex(encodeCbor({ tag: 24, value: Uint8Array.of(0x64, 1) })), "d818426401");
});
