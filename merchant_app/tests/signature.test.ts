// Both ways to verify Ed25519, side by side.

import assert from "node:assert/strict";
import { test } from "node:test";

import { fromHex } from "../src/token/bytes.ts";
import { isPublicKey, isSignature } from "../src/token/ed25519_form.ts";
import { byWebCrypto, verifierWithoutWebCrypto, verifyEd25519 } from "../src/token/signature.ts";

const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const byNoble = await verifierWithoutWebCrypto();

/** RFC 8032, section 7.1: public key, message, signature. */
const GENUINE = [
  [
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155" +
      "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  ],
  [
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "72",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
      "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  ],
  [
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    "af82",
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac" +
      "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
  ],
].map((parts) => parts.map(fromHex) as [Uint8Array, Uint8Array, Uint8Array]);

const [publicKey, message, signature] = GENUINE[2] ?? assert.fail();

function withS(change: (s: bigint) => bigint): Uint8Array {
  const s = signature.slice(32).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const hex = change(s).toString(16).padStart(64, "0");
  return Uint8Array.from([...signature.slice(0, 32), ...fromHex(hex).reverse()]);
}

for (const [key, said, signed] of GENUINE) {
  test(`genuine over ${said.length} bytes, both ways`, async () => {
    assert.equal(await byWebCrypto(key, signed, said), true);
    assert.equal(await byNoble(key, signed, said), true);
    assert.equal(await verifyEd25519(key, signed, said), true);
  });
}

test("one bit anywhere, both ways", async () => {
  for (let bit = 0; bit < 512; bit += 37) {
    const altered = signature.slice();
    altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert.equal(await byWebCrypto(publicKey, altered, message), false);
    assert.equal(await byNoble(publicKey, altered, message), false);
    assert.equal(await verifyEd25519(publicKey, altered, message), false);
  }
});

test("an S that is not below the group order, both ways", async () => {
  for (const change of [(s: bigint) => s + ORDER, () => ORDER, () => 2n ** 256n - 1n]) {
    const twin = withS(change);
    assert.equal(await byWebCrypto(publicKey, twin, message), false);
    assert.equal(await byNoble(publicKey, twin, message), false);
    assert.equal(await verifyEd25519(publicKey, twin, message), false);
  }
});

/** The points whose order divides 8, in every way to write them in 32 bytes. */
const SMALL_ORDER = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
].flatMap((hex) => {
  const point = fromHex(hex);
  const mirrored = point.slice();
  mirrored[31] = (mirrored[31] ?? 0) | 0x80;
  return [point, mirrored];
});

test("some library finds that a key of small order signed anything at all", async () => {
  const { verifyAsync } = await import("@noble/ed25519");
  const identity = SMALL_ORDER[2] ?? assert.fail();
  const empty = Uint8Array.from([...identity, ...new Uint8Array(32)]); // R, and S = 0
  assert.equal(await verifyAsync(empty, message, identity, { zip215: true }), true);
  assert.equal(await verifyEd25519(identity, empty, message), false);
});

test("no point of small order is a key or an R", () => {
  assert.ok(isPublicKey(publicKey) && isSignature(signature));
  for (const point of SMALL_ORDER) {
    assert.equal(isPublicKey(point), false);
    assert.equal(isSignature(Uint8Array.from([...point, ...signature.slice(32)])), false);
  }
});

test("no key or R is written in another form than its one", () => {
  const beyondPrime = fromHex("f0".padEnd(62, "f") + "7f"); // y = p + 3
  assert.equal(isPublicKey(beyondPrime), false);
  assert.equal(isSignature(Uint8Array.from([...beyondPrime, ...signature.slice(32)])), false);
});

test("no S reaches the group order", () => {
  assert.equal(isSignature(withS(() => ORDER - 1n)), true);
  assert.equal(isSignature(withS(() => ORDER)), false);
});

test("a key that is no point, both ways", async () => {
  const nowhere = fromHex("02".padEnd(64, "0")); // no x has y = 2
  assert.equal(await byWebCrypto(nowhere, signature, message), false);
  assert.equal(await byNoble(nowhere, signature, message), false);
  assert.equal(await verifyEd25519(nowhere, signature, message), false);
});

test("other lengths are nobody's signature", async () => {
  assert.equal(await verifyEd25519(publicKey, signature.slice(1), message), false);
  assert.equal(await verifyEd25519(publicKey.slice(1), signature, message), false);
  assert.equal(await verifyEd25519(publicKey, new Uint8Array(), message), false);
  assert.equal(isSignature(Uint8Array.from([...signature, 0])), false);
  assert.equal(isPublicKey(Uint8Array.from([...publicKey, 0])), false);
});
