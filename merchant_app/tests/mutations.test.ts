// Whatever is done to a genuine token, it ends in a refusal and never in a crash.

import assert from "node:assert/strict";
import { test } from "node:test";

import { fromBase32, toBase32 } from "../src/token/base32.ts";
import { verify } from "../src/token/verify.ts";
import { keySet, sameNumbers, type TokenVectors, vectors } from "./vectors.ts";

const ROUNDS = 2000;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567abc018=-/ :\u0131\u017f\u0000";

const { keys, cases } = vectors<TokenVectors>("token");
const genuine = cases.filter(({ expect }) => expect === "ok");
const known = new Set(genuine.map(({ token }) => token.toUpperCase()));
const below = sameNumbers(20261123);

type Change = (bytes: number[]) => unknown;

const IN_BYTES: readonly Change[] = [
  (bytes) => (bytes[below(bytes.length)]! ^= 1 << below(8)),
  (bytes) => (bytes[below(bytes.length)] = below(256)),
  (bytes) => bytes.splice(below(bytes.length), 1 + below(8)),
  (bytes) => bytes.splice(below(bytes.length), 0, below(256), below(256)),
  (bytes) => bytes.reverse(),
  (bytes) => bytes.push(...bytes.slice(0, below(bytes.length))),
  (bytes) => bytes.splice(below(bytes.length)),
  (bytes) => bytes.copyWithin(below(bytes.length), below(bytes.length)),
];

function mutated(token: string): string {
  if (below(4) === 0) {
    const letters = Array.from(token);
    const place = below(letters.length);
    const letter = ALPHABET.charAt(below(ALPHABET.length));
    letters.splice(place, below(2), letter);
    return letters.join("");
  }
  const bytes = Array.from(fromBase32(token.toUpperCase()) ?? assert.fail());
  if (below(3) === 0) IN_BYTES[0]?.(bytes);
  else IN_BYTES[below(IN_BYTES.length)]?.(bytes);
  return toBase32(Uint8Array.from(bytes));
}

/** Case and space around it do not matter; other alphabets' letters do. */
function isGenuine(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text) && known.has(text.trim().toUpperCase());
}

test(`${ROUNDS} altered tokens are refused`, async () => {
  const now = new Date("2027-03-01T12:00:00Z");
  const seen = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round += 1) {
    let text: string;
    do text = mutated(genuine[below(genuine.length)]?.token ?? assert.fail());
    while (isGenuine(text)); // a change of case, a space before it
    const { outcome } = await verify(text, keySet(keys), now);
    assert.notEqual(outcome, "ok", text);
    seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
  }
  // Altered tokens reach every check that comes before the signature, and the signature.
  for (const outcome of ["token.unreadable", "token.key_unknown", "token.signature"]) {
    assert.ok((seen.get(outcome) ?? 0) > 20, `${outcome}: ${seen.get(outcome) ?? 0}`);
  }
});

test(`${ROUNDS} random texts of any length are refused`, async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const length = below(300);
    const text = Array.from({ length }, () => ALPHABET.charAt(below(32))).join("");
    const { outcome } = await verify(text, keySet(keys), new Date());
    assert.equal(outcome, "token.unreadable", text);
  }
});
