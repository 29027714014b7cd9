// COSE_Sign1 (RFC 9052, section 4.2), tagged, with nothing in its unprotected header and no
// external data: the form of the token, of endorsements and of status lists.

import { type Cbor, encodeCbor } from "./cbor.ts";

export const SIGNATURE_BYTES = 64;

/** Labels and values of the protected header (RFC 9052, section 3.1). */
export const ALG = 1;
export const CONTENT_TYPE = 3;
export const KID = 4;
export const EDDSA = -8;

const TAG = 18;

/** What is signed and the whole that carries it. */
export interface Sign1 {
  /** The Sig_structure of RFC 9052, section 4.4. */
  readonly signed: Uint8Array;
  readonly whole: Uint8Array;
}

/** Writes a message in its one form, with a signature that stands there already. */
export function writeSign1(
  header: ReadonlyMap<number, Cbor>,
  claims: ReadonlyMap<number, Cbor>,
  signature: Uint8Array,
): Sign1 {
  const inside = encodeCbor(header);
  const payload = encodeCbor(claims);
  return {
    signed: encodeCbor(["Signature1", inside, new Uint8Array(), payload]),
    whole: encodeCbor({ tag: TAG, value: [inside, new Map(), payload, signature] }),
  };
}
