import assert from "node:assert/strict";
import { test } from "node:test";

import { fromHex } from "../src/token/bytes.ts";
import { readKeySet, type TownKey, withMaster } from "../src/token/key_set.ts";
import { type TokenVectors, townKey, type VectorKey, vectors } from "./vectors.ts";

interface EndorsementVectors {
  readonly master_public_key: string;
  readonly key: VectorKey;
  readonly cases: readonly {
    readonly name: string;
    readonly endorsement: string;
    readonly expect: boolean;
  }[];
}

const REGION = "0192f0c1-7a11-7cc3-8e5f-3b0f5d1a9e77";
const endorsements = vectors<EndorsementVectors>("endorsement");
const master = fromHex(endorsements.master_public_key);
const genuine = endorsements.cases.find(({ expect }) => expect)?.endorsement ?? "";
const [firstKey] = vectors<TokenVectors>("token").keys;

/** The entry that docs/reference/token.md shows. */
const SHOWN = {
  kty: "OKP",
  crv: "Ed25519",
  alg: "EdDSA",
  use: "sig",
  kid: "a1b2c3d4",
  x: "WHzN4W-i2Pd18y_1_OFsVygDqaobWj7ecqHmAtTYvdo",
  nbf: 1767225600,
  exp: 1924992000,
  town: "df54542b-f3b1-4d29-8862-81cd5b638df2",
};

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

function endorsed(endorsement: string): TownKey {
  return { ...townKey(endorsements.key), regionId: REGION, endorsement: fromHex(endorsement) };
}

for (const { name, endorsement, expect } of endorsements.cases) {
  test(`endorsement: ${name}`, async () => {
    const kept = await withMaster({ towns: [endorsed(endorsement)], masters: [] }, master);
    assert.equal(kept.towns.length, expect ? 1 : 0);
  });
}

test("the key shown in the documentation is that of the vectors", () => {
  assert.ok(firstKey !== undefined);
  assert.deepEqual(readKeySet({ keys: [SHOWN] }), { towns: [townKey(firstKey)], masters: [] });
});

test("an endorsed key and its master key are read", async () => {
  const keys = readKeySet({
    keys: [
      { ...SHOWN, region: REGION, endorsement: base64url(fromHex(genuine)) },
      { kty: "OKP", crv: "Ed25519", x: base64url(master), region: REGION },
    ],
  });
  assert.deepEqual(keys.towns, [endorsed(genuine)]);
  assert.deepEqual(keys.masters, [{ regionId: REGION, publicKey: master }]);
  assert.deepEqual(await withMaster(keys, master), keys);
});

test("a set says its master key of itself: another one known before keeps no key", async () => {
  const keys = readKeySet({
    keys: [{ ...SHOWN, region: REGION, endorsement: base64url(fromHex(genuine)) }],
  });
  assert.deepEqual((await withMaster(keys, new Uint8Array(32).fill(7))).towns, []);
});

test("with a master key, a key without endorsement does not count", async () => {
  assert.deepEqual((await withMaster(readKeySet({ keys: [SHOWN] }), master)).towns, []);
});

const malformed: Record<string, unknown> = {
  "no object": "key",
  "nothing": null,
  "a list": [SHOWN],
  "another kind": { ...SHOWN, kty: "EC" },
  "another curve": { ...SHOWN, crv: "X25519" },
  "another algorithm": { ...SHOWN, alg: "ES256" },
  "another use": { ...SHOWN, use: "enc" },
  "no kid": { ...SHOWN, kid: undefined },
  "a kid of 3 bytes": { ...SHOWN, kid: "a1b2c3" },
  "a kid in upper case": { ...SHOWN, kid: "A1B2C3D4" },
  "a kid that is a number": { ...SHOWN, kid: 12345678 },
  "a public key of 31 bytes": { ...SHOWN, x: base64url(new Uint8Array(31)) },
  "a public key in base64": { ...SHOWN, x: SHOWN.x.replace("-", "+") },
  "a public key of a length that base64 cannot have": { ...SHOWN, x: SHOWN.x.slice(0, 41) },
  "no public key": { ...SHOWN, x: undefined },
  "a window that ends as it begins": { ...SHOWN, exp: SHOWN.nbf },
  "an instant in text": { ...SHOWN, nbf: "1767225600" },
  "an instant with a fraction": { ...SHOWN, nbf: 0.5 },
  "an instant that is no number": { ...SHOWN, exp: Number.NaN },
  "an instant before 1970": { ...SHOWN, nbf: -1 },
  "no window": { ...SHOWN, nbf: undefined, exp: undefined },
  "a town that is no UUID": { ...SHOWN, town: "Zwönitz" },
  "a region that is no UUID": { ...SHOWN, region: "Erzgebirge" },
  "an endorsement that is no text": { ...SHOWN, region: REGION, endorsement: 5 },
  "a master key without a region": { kty: "OKP", crv: "Ed25519", x: SHOWN.x },
  "a master key of 33 bytes": {
    kty: "OKP",
    crv: "Ed25519",
    x: base64url(new Uint8Array(33)),
    region: REGION,
  },
};

for (const [name, entry] of Object.entries(malformed)) {
  test(`passed over, and the others read: ${name}`, () => {
    const { towns, masters } = readKeySet({ keys: [entry, SHOWN] });
    assert.deepEqual([towns.length, masters.length], [1, 0]);
  });
}

test("an endorsement that names no region does not count", async () => {
  const keys = readKeySet({ keys: [{ ...SHOWN, endorsement: base64url(fromHex(genuine)) }] });
  assert.equal(keys.towns.length, 1);
  assert.deepEqual((await withMaster(keys, master)).towns, []);
});

test("ids are read in lower case", () => {
  const { towns } = readKeySet({ keys: [{ ...SHOWN, town: SHOWN.town.toUpperCase() }] });
  assert.equal(towns[0]?.townId, SHOWN.town);
});

test("members that nobody knows are ignored", () => {
  assert.equal(readKeySet({ keys: [{ ...SHOWN, colour: "green" }], more: 1 }).towns.length, 1);
});

for (const answer of [undefined, null, "keys", 7, [], {}, { keys: {} }, { keys: null }]) {
  test(`what is no key set replaces none: ${JSON.stringify(answer)}`, () => {
    assert.throws(() => readKeySet(answer), TypeError);
  });
}
