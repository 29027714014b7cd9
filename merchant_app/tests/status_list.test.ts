import assert from "node:assert/strict";
import { test } from "node:test";

import { fromHex, toHex } from "../src/token/bytes.ts";
import type { Cbor } from "../src/token/cbor.ts";
import { writeSign1 } from "../src/token/cose_sign1.ts";
import {
  holdsTag,
  isInDate,
  mayBeTaken,
  readStatusList,
  type StatusList,
  statusTag,
} from "../src/token/status_list.ts";
import { keySet, sameNumbers, type VectorKey, vectors } from "./vectors.ts";

interface StatusListVectors {
  readonly keys: readonly VectorKey[];
  readonly tags: readonly {
    readonly town_id: string;
    readonly code: string;
    readonly tag: string;
  }[];
  readonly lists: readonly {
    readonly name: string;
    readonly list: string;
    readonly now: string;
    readonly expect: string;
    readonly town_id?: string;
    readonly issued_at?: number;
    readonly expires_at?: number;
    readonly count?: number;
    readonly holds?: readonly string[];
    readonly lacks?: readonly string[];
  }[];
}

const { keys, tags, lists } = vectors<StatusListVectors>("status_list");
const known = keySet(keys);

function bytesOf(list: string): Uint8Array {
  return new Uint8Array(Buffer.from(list, "base64"));
}

async function listNamed(name: string): Promise<StatusList> {
  const found = lists.find((one) => one.name === name) ?? assert.fail(name);
  const read = await readStatusList(bytesOf(found.list), known, new Date(found.now));
  return read.outcome === "ok" ? read.list : assert.fail(read.outcome);
}

for (const one of lists) {
  test(`status list: ${one.name}`, async () => {
    const read = await readStatusList(bytesOf(one.list), known, new Date(one.now));
    assert.equal(read.outcome, one.expect);
    if (read.outcome !== "ok") return;
    const { townId, issuedAt, expiresAt, values } = read.list;
    assert.deepEqual(
      [townId, issuedAt, expiresAt, values.length],
      [one.town_id, one.issued_at, one.expires_at, one.count],
    );
    for (const tag of one.holds ?? []) assert.ok(holdsTag(read.list, fromHex(tag)), tag);
    for (const tag of one.lacks ?? []) assert.ok(!holdsTag(read.list, fromHex(tag)), tag);
  });
}

test("the vectors ask every list for what it holds and lacks", () => {
  const good = lists.filter(({ expect }) => expect === "ok");
  assert.ok(good.some(({ holds }) => (holds ?? []).length > 20));
  assert.ok(good.every(({ lacks, holds }) => lacks !== undefined && holds !== undefined));
  assert.equal(new Set(lists.map(({ expect }) => expect)).size, 4);
});

for (const { town_id, code, tag } of tags) {
  test(`the tag of ${code} in ${town_id}`, async () => {
    assert.equal(toHex(await statusTag(town_id, fromHex(code))), tag);
  });
}

test("a voucher may be taken by the list of its town alone", async () => {
  const list = await listNamed("nothing in it");
  const code = fromHex(tags[0]?.code ?? "");
  assert.equal(await mayBeTaken(list, list.townId, code), true);
  const other = keys.find((key) => key.town_id !== list.townId) ?? assert.fail();
  assert.equal(await mayBeTaken(list, other.town_id, code), false);
});

test("a list that holds a voucher forbids it, and only that", async () => {
  const empty = await listNamed("nothing in it");
  const [held, free] = tags.map(({ code }) => fromHex(code));
  assert.ok(held !== undefined && free !== undefined);
  const tag = await statusTag(empty.townId, held);
  // Of one voucher: its value is the first 20 bits of its tag.
  const value = Number.parseInt(toHex(tag).slice(0, 5), 16);
  const list = { ...empty, values: Float64Array.of(value) };
  assert.equal(await mayBeTaken(list, list.townId, held), false);
  assert.equal(await mayBeTaken(list, list.townId, free), true);
});

test("a key counts under its own kid only", async () => {
  const { list, now } = lists.find(({ name }) => name === "one voucher") ?? assert.fail();
  const renamed = keySet(keys.map((key) => ({ ...key, kid: "12345678" })));
  const { outcome } = await readStatusList(bytesOf(list), renamed, new Date(now));
  assert.equal(outcome, "status.signature");
});

test("a list of more than 16,777,215 is refused, though all of them are there", async () => {
  const made = Date.parse("2027-03-01T12:00:00Z") / 1000;
  const outcomeOf = async (count: number) => {
    const header = new Map<number, Cbor>([
      [1, -8],
      [3, "application/gutschein-status"],
      [4, fromHex("a1b2c3d4")],
    ]);
    const claims = new Map<number, Cbor>([
      [4, made + 86400],
      [6, made],
      [-70004, new Uint8Array(16)],
      [-70010, count],
      [-70011, 20],
      [-70012, new Uint8Array(Math.ceil((21 * count) / 8))],
    ]);
    const { whole } = writeSign1(header, claims, new Uint8Array(64));
    return (await readStatusList(whole, known, new Date(made * 1000))).outcome;
  };
  assert.equal(await outcomeOf(2 ** 24 - 1), "status.signature");
  assert.equal(await outcomeOf(2 ** 24), "status.unreadable");
});

test("a list that is held grows old", async () => {
  const list = await listNamed("one voucher");
  const at = (seconds: number) => isInDate(list, new Date(seconds * 1000));
  assert.equal(at(list.issuedAt - 1), false);
  assert.equal(at(list.issuedAt), true);
  assert.equal(at(list.expiresAt - 1), true);
  assert.equal(at(list.expiresAt), false);
  assert.equal(isInDate(list, new Date(Number.NaN)), false);
});

test("2,000 altered lists are refused", async () => {
  const below = sameNumbers(20261124);
  const good = lists.filter(({ expect, list }) => expect === "ok" && list.length < 2000);
  const seen = new Map<string, number>();
  for (let round = 0; round < 2000; round += 1) {
    const { list, now } = good[below(good.length)] ?? assert.fail();
    const bytes = Array.from(bytesOf(list));
    const [place, byte] = [below(bytes.length), below(256)];
    if (below(3) > 0) bytes[place] = (bytes[place] ?? 0) ^ (byte || 1);
    else if (below(2) === 0) bytes.splice(place, 1 + below(8));
    else bytes.splice(place, 0, byte);
    if (Buffer.from(bytes).toString("base64") === list) continue;
    const { outcome } = await readStatusList(Uint8Array.from(bytes), known, new Date(now));
    assert.notEqual(outcome, "ok");
    seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
  }
  for (const outcome of ["status.unreadable", "status.signature"]) {
    assert.ok((seen.get(outcome) ?? 0) > 100, `${outcome}: ${seen.get(outcome) ?? 0}`);
  }
});
