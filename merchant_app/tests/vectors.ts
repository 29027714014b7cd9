// The public test vectors, tests/vectors of the repository, as our reader takes them.

import { readFileSync } from "node:fs";

import { fromHex } from "../src/token/bytes.ts";
import type { KeySet, TownKey } from "../src/token/key_set.ts";

/** A key as the vectors write it: `kid` and `public` in hexadecimal, instants in ISO 8601. */
export interface VectorKey {
  readonly kid: string;
  readonly public: string;
  readonly not_before: string;
  readonly not_after: string;
  readonly town_id: string;
}

export interface TokenVectors {
  readonly keys: readonly VectorKey[];
  readonly cases: readonly {
    readonly name: string;
    readonly token: string;
    readonly now: string;
    readonly expect: string;
    readonly claims?: {
      readonly code: string;
      readonly typed: string;
      readonly face_value_cents: number;
      readonly exp: number;
    };
  }[];
  readonly scans: readonly {
    readonly name: string;
    readonly text: string;
    readonly expect: string;
    readonly token?: string;
  }[];
  readonly codes: readonly {
    readonly name: string;
    readonly typed: string;
    readonly expect: string;
    readonly code?: string;
    readonly position?: number;
  }[];
}

/** Reads a file of vectors. */
export function vectors<Shape>(name: string): Shape {
  const path = new URL(`../../tests/vectors/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(path, "utf8")) as Shape;
}

export function townKey(key: VectorKey): TownKey {
  return {
    kid: key.kid,
    publicKey: fromHex(key.public),
    notBefore: Date.parse(key.not_before) / 1000,
    notAfter: Date.parse(key.not_after) / 1000,
    townId: key.town_id,
    regionId: null,
    endorsement: null,
  };
}

export function keySet(keys: readonly VectorKey[]): KeySet {
  return { towns: keys.map(townKey), masters: [] };
}

/** A stream of numbers from 0 up to a limit, always the same (xorshift, Marsaglia 2003). */
export function sameNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
