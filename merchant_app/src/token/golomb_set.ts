// A set of 64-bit numbers in about 22 bits each, at the price that one strange number in a
// million seems to be in it: a Golomb-coded set as in BIP 158, with remainders of 20 bits.

const REMAINDER_BITS = 20;
const UNIT = 2 ** REMAINDER_BITS;

/** Returns what a tag of 8 bytes becomes in a set of so many: below count * 2^20. */
export function golombValueOf(tag: Uint8Array, count: number): number {
  const number = tag.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return Number((number * BigInt(count * UNIT)) >> 64n);
}

/**
 * Reads a set of so many values, ascending, or returns null when it is not written as the
 * specification says: values too large, too few or too many, or ones behind the last of them.
 */
export function golombValues(set: Uint8Array, count: number): Float64Array | null {
  const bits = 8 * set.length;
  // Before room is made for the values: a number that claims more than there can be is wrong.
  if (bits < (1 + REMAINDER_BITS) * count) return null;
  const values = new Float64Array(count);
  let place = 0;
  let value = 0;
  for (let at = 0; at < count; at += 1) {
    while (bitsAt(set, place, 1) === 1) {
      value += UNIT;
      place += 1;
    }
    place += 1;
    if (place + REMAINDER_BITS > bits) return null;
    value += bitsAt(set, place, REMAINDER_BITS);
    place += REMAINDER_BITS;
    if (value >= count * UNIT) return null;
    values[at] = value;
  }
  const left = bits - place;
  return left < 8 && bitsAt(set, place, 8) === 0 ? values : null;
}

/** Up to 25 bits as a number, most significant first; zeros behind the end. */
function bitsAt(set: Uint8Array, place: number, count: number): number {
  const first = Math.floor(place / 8);
  let window = 0;
  for (let at = first; at < first + 4; at += 1) window = (window << 8) | (set[at] ?? 0);
  return (window << place % 8) >>> (32 - count);
}
