// Five bits to a character, the first bit first: the token's base32 (RFC 4648, section 6)
// and, in another alphabet, the typed code.

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const VALUES = new Map(Array.from(ALPHABET, (letter, value) => [letter, value]));

/** Writes base32 in upper case, without padding. */
export function toBase32(bytes: Uint8Array): string {
  return inFives(bytes)
    .map((value) => ALPHABET.charAt(value))
    .join("");
}

/**
 * Reads base32 in upper case, or returns null: for other characters, for padding, for
 * lengths it cannot have and for bits after the last byte, so that bytes have one spelling.
 */
export function fromBase32(text: string): Uint8Array | null {
  const values: number[] = [];
  for (const letter of text) {
    const value = VALUES.get(letter);
    if (value === undefined) return null;
    values.push(value);
  }
  return fromFives(values);
}

/** Takes bytes apart into values of five bits, the last one filled up with zeros. */
export function inFives(bytes: Uint8Array): number[] {
  const values: number[] = [];
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      values.push((held >> bits) & 31);
    }
    held &= (1 << bits) - 1;
  }
  if (bits > 0) values.push((held << (5 - bits)) & 31);
  return values;
}

/** The inverse of {@link inFives}, or null for what that never gives. */
export function fromFives(values: readonly number[]): Uint8Array | null {
  const bytes = new Uint8Array(Math.floor((5 * values.length) / 8));
  let held = 0;
  let bits = 0;
  let written = 0;
  for (const value of values) {
    held = (held << 5) | value;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[written] = held >> bits;
      written += 1;
      held &= (1 << bits) - 1;
    }
  }
  return bits < 5 && held === 0 ? bytes : null;
}
