// The forms of keys and signatures of Ed25519 about which libraries and browsers disagree, and
// which none of ours ever has. Without them they all agree, but for keys that were made to tell
// them apart, and only a town could publish one of those.

const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const PRIME = 2n ** 255n - 19n;

/** The y of the points whose order divides 8. */
const SMALL_ORDER: readonly bigint[] = [
  0n,
  1n,
  PRIME - 1n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
  PRIME - 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
];

/** 32 bytes in the one form of a point that is not of small order. */
export function isPublicKey(bytes: Uint8Array): boolean {
  return bytes.length === 32 && hasUsualForm(bytes);
}

/** 64 bytes: R in such a form, and S below the group order (RFC 8032, section 5.1.7). */
export function isSignature(bytes: Uint8Array): boolean {
  const [r, s] = [bytes.subarray(0, 32), bytes.subarray(32)];
  return bytes.length === 64 && hasUsualForm(r) && numberOf(s) < ORDER;
}

/**
 * Whether y is below the prime and that of no point of small order. Whether it belongs to a
 * point at all, the library sees.
 */
function hasUsualForm(bytes: Uint8Array): boolean {
  const y = numberOf(bytes) & (2n ** 255n - 1n); // without the sign of x
  return y < PRIME && !SMALL_ORDER.includes(y);
}

/** Little-endian, as all numbers of Ed25519 are. */
function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n);
}
