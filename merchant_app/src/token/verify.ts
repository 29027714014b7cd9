// Whether a scanned voucher is genuine, and not lapsed by its own word: what a till can tell
// without a net, docs/reference/token.md, Reading a voucher.

import type { KeySet, TownKey } from "./key_set.ts";
import { verifyEd25519 } from "./signature.ts";
import { readToken, type Token } from "./token.ts";

export type ErrorCode =
  | "token.unreadable"
  | "token.key_unknown"
  | "token.signature"
  | "token.key_not_yet"
  | "token.key_expired"
  | "voucher.expired";

export type Verified = { outcome: "ok"; token: Token; townId: string } | { outcome: ErrorCode };

/**
 * Checks in the order of the specification; the first check that fails is the outcome. Whether
 * anything is left on the voucher, or whether it has been blocked, no token tells.
 *
 * @throws only when the chunk with Ed25519 is needed and cannot be fetched.
 */
export async function verify(text: string, keys: KeySet, now: Date): Promise<Verified> {
  const token = readToken(text);
  if (token === null) return { outcome: "token.unreadable" };
  const candidates = keys.towns.filter((key) => key.kid === token.kid);
  if (candidates.length === 0) return { outcome: "token.key_unknown" };
  const key = await signerOf(token, candidates);
  if (key === undefined) return { outcome: "token.signature" };
  if (isBefore(now, key.notBefore)) return { outcome: "token.key_not_yet" };
  if (!isBefore(now, key.notAfter)) return { outcome: "token.key_expired" };
  if (!isBefore(now, token.exp)) return { outcome: "voucher.expired" };
  return { outcome: "ok", token, townId: key.townId };
}

/** Returns the last day, yyyy-mm-dd in Germany, on which a voucher with this `exp` is taken. */
export function lastDay(exp: number): string {
  const parts = BERLIN_DAY.formatToParts((exp - 1) * 1000);
  const of = new Map(parts.map(({ type, value }) => [type, value]));
  return `${of.get("year")}-${of.get("month")}-${of.get("day")}`;
}

const BERLIN_DAY = new Intl.DateTimeFormat("en-CA", {
  timeZone: "Europe/Berlin",
  calendar: "gregory",
  numberingSystem: "latn",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
});

async function signerOf(
  token: Token,
  candidates: readonly TownKey[],
): Promise<TownKey | undefined> {
  for (const key of candidates) {
    if (await verifyEd25519(key.publicKey, token.signature, token.signed)) return key;
  }
  return undefined;
}

/** Whether an instant lies before a NumericDate. A clock that says nothing is before none. */
function isBefore(now: Date, seconds: number): boolean {
  return now.getTime() < seconds * 1000;
}
