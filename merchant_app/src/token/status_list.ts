// The vouchers of a town that must not be taken without a net, as the town publishes them:
// docs/reference/status-list.md.

import { areEqual, fromUuid, toHex, toNumber, toUuid } from "./bytes.ts";
import type { Cbor } from "./cbor.ts";
import { ALG, CONTENT_TYPE, EDDSA, KID, SIGNATURE_BYTES, writeSign1 } from "./cose_sign1.ts";
import { golombValues, golombValueOf } from "./golomb_set.ts";
import type { KeySet, TownKey } from "./key_set.ts";
import { verifyEd25519 } from "./signature.ts";

/** A list that the town signed. It is in date until {@link isInDate} says no. */
export interface StatusList {
  readonly townId: string;
  /** NumericDate: the full hour before it was made. */
  readonly issuedAt: number;
  /** NumericDate: the first second at which it counts no longer. */
  readonly expiresAt: number;
  /** What the tags of its vouchers became, ascending. */
  readonly values: Float64Array;
}

export type StatusListError = "status.unreadable" | "status.signature" | "status.outdated";

export type ReadStatusList =
  | { outcome: "ok"; list: StatusList }
  | { outcome: StatusListError };

const LIFETIME = 24 * 60 * 60;
const FORMAT = "application/gutschein-status";
const MOST_VOUCHERS = 2 ** 24 - 1;
const REMAINDER_BITS = 20;

const EXP = 4;
const IAT = 6;
const TOWN = -70004;
const COUNT = -70010;
const PARAMETER = -70011;
const SET = -70012;

/** Reads a list in the order of the specification; the first check that fails is the outcome. */
export async function readStatusList(
  bytes: Uint8Array,
  keys: KeySet,
  now: Date,
): Promise<ReadStatusList> {
  const written = readWritten(bytes);
  if (written === null) return { outcome: "status.unreadable" };
  const { list, kid, signed, signature } = written;
  const isSigner = (key: TownKey) =>
    key.kid === kid &&
    key.townId === list.townId &&
    isWithin(now, key.notBefore, key.notAfter);
  for (const key of keys.towns.filter(isSigner)) {
    if (await verifyEd25519(key.publicKey, signature, signed)) {
      return isInDate(list, now) ? { outcome: "ok", list } : { outcome: "status.outdated" };
    }
  }
  return { outcome: "status.signature" };
}

/** Tells whether a list counts now: to be asked each time, for it ages while it is held. */
export function isInDate(list: StatusList, now: Date): boolean {
  return isWithin(now, list.issuedAt, list.expiresAt);
}

/**
 * Tells whether a voucher may be taken without a net as far as a list knows: it is the list of
 * the voucher's town, and the voucher is not in it.
 */
export async function mayBeTaken(
  list: StatusList,
  townId: string,
  code: Uint8Array,
): Promise<boolean> {
  return list.townId === townId && !holdsTag(list, await statusTag(townId, code));
}

/** Returns the 8 bytes by which a list names a voucher. */
export async function statusTag(townId: string, code: Uint8Array): Promise<Uint8Array> {
  const named = new TextEncoder().encode("gutschein status");
  const said = Uint8Array.from([...named, ...fromUuid(townId), ...code]);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", said)).slice(0, 8);
}

/** Tells whether a tag is in a list; for one in a million that is not, it says so too. */
export function holdsTag({ values }: StatusList, tag: Uint8Array): boolean {
  const wanted = golombValueOf(tag, values.length);
  let [from, to] = [0, values.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((values[middle] ?? wanted) < wanted) from = middle + 1;
    else to = middle;
  }
  return values[from] === wanted;
}

interface Written {
  readonly list: StatusList;
  readonly kid: string;
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

/** Takes the fields from their places, and writes them again to see that nothing else is there. */
function readWritten(bytes: Uint8Array): Written | null {
  const kid = bytes.slice(40, 44);
  const payload = bytes.subarray(45 + headAt(bytes, 45).size, -SIGNATURE_BYTES - 2);
  const issuedAt = toNumber(payload.subarray(9, 13));
  const town = payload.slice(19, 35);
  const { size, argument: count } = headAt(payload, 40);
  if (count > MOST_VOUCHERS) return null;
  const atSet = 40 + size + 11; // behind the labels of parameter and set
  const set = payload.subarray(atSet + headAt(payload, atSet).size);
  const signature = bytes.slice(-SIGNATURE_BYTES);
  const { signed, whole } = writeSign1(
    new Map<number, Cbor>([
      [ALG, EDDSA],
      [CONTENT_TYPE, FORMAT],
      [KID, kid],
    ]),
    new Map<number, Cbor>([
      [EXP, issuedAt + LIFETIME],
      [IAT, issuedAt],
      [TOWN, town],
      [COUNT, count],
      [PARAMETER, REMAINDER_BITS],
      [SET, set],
    ]),
    signature,
  );
  if (!areEqual(whole, bytes)) return null;
  const values = golombValues(set, count);
  if (values === null) return null;
  const list = { townId: toUuid(town), issuedAt, expiresAt: issuedAt + LIFETIME, values };
  return { list, kid: toHex(kid), signed, signature };
}

/** The number in the head of a CBOR item, and the bytes that the head has. */
function headAt(bytes: Uint8Array, place: number): { size: number; argument: number } {
  const short = (bytes[place] ?? 0) & 31;
  if (short < 24) return { size: 1, argument: short };
  const size = 1 + 2 ** (short - 24);
  return { size, argument: toNumber(bytes.subarray(place + 1, place + size)) };
}

function isWithin(now: Date, from: number, until: number): boolean {
  const seconds = now.getTime() / 1000;
  return from <= seconds && seconds < until;
}
