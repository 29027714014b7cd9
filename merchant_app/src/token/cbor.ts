// Writes deterministic CBOR (RFC 8949, section 4.2.1). There is no reader: what we read has
// one form only, so it is taken apart at its known places, written again and compared.

/** A tag and what it stands before. */
export interface Tagged {
  readonly tag: number;
  readonly value: Cbor;
}

/** Numbers are whole; a map is in the order of its encoded keys already. */
export type Cbor =
  | number
  | string
  | Uint8Array
  | readonly Cbor[]
  | ReadonlyMap<number, Cbor>
  | Tagged;

const UINT = 0;
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const MAP = 5;
const TAG = 6;

/** Writes a value, every number in as few bytes as it needs. */
export function encodeCbor(value: Cbor): Uint8Array {
  const parts = [...partsOf(value)];
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}

function* partsOf(value: Cbor): Generator<Uint8Array> {
  if (typeof value === "number") {
    yield value < 0 ? head(NEGATIVE, -1 - value) : head(UINT, value);
  } else if (typeof value === "string") {
    const text = new TextEncoder().encode(value);
    yield head(TEXT, text.length);
    yield text;
  } else if (value instanceof Uint8Array) {
    yield head(BYTES, value.length);
    yield value;
  } else if (isList(value)) {
    yield head(ARRAY, value.length);
    for (const part of value) yield* partsOf(part);
  } else if ("tag" in value) {
    yield head(TAG, value.tag);
    yield* partsOf(value.value);
  } else {
    yield head(MAP, value.size);
    for (const pair of value) for (const part of pair) yield* partsOf(part);
  }
}

function isList(value: Cbor): value is readonly Cbor[] {
  return Array.isArray(value);
}

/** The first byte of an item, with its kind, and the number that belongs to it. */
function head(kind: number, argument: number): Uint8Array {
  if (argument < 24) return Uint8Array.of((kind << 5) | argument);
  const power = [0x100, 0x1_0000, 0x1_0000_0000].findIndex((limit) => argument < limit);
  const size = power === -1 ? 8 : 2 ** power;
  const bytes = new Uint8Array(1 + size);
  bytes[0] = (kind << 5) | (24 + Math.log2(size));
  for (let place = 1; place <= size; place += 1) {
    bytes[place] = Math.floor(argument / 256 ** (size - place)) % 256;
  }
  return bytes;
}
