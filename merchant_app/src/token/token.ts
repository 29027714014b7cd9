// The voucher token from the scanned text to its claims: the steps of
// docs/reference/token.md that need no key. Whether it is genuine, verify.ts tells.

import { fromBase32 } from "./base32.ts";
import { areEqual, toHex, toNumber } from "./bytes.ts";
import { ALG, EDDSA, KID, SIGNATURE_BYTES, writeSign1 } from "./cose_sign1.ts";

/** A token that is written as it must be. Nothing in it is proved. */
export interface Token {
  /** Bare base32 in upper case. */
  readonly text: string;
  /** Of the key it claims, 8 digits of hexadecimal. */
  readonly kid: string;
  /** The redemption code, 10 bytes: a secret that can redeem. */
  readonly code: Uint8Array;
  /** At issue, 1 to 2^32 - 1. */
  readonly faceValueCents: number;
  /** NumericDate: the first second at which it is no longer accepted. */
  readonly exp: number;
  /** What the town signed. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

const MOST_CHARACTERS = 256; // a whole QR code and the white space a scanner may add
const FEWEST_BYTES = 106;
const MOST_BYTES = 110;

const EXP = 4;
const CTI = 7;
const FACE_VALUE = -70001;

const ASCII = /^[\0-\x7f]*$/;
const SCAN = /^(?:HTTPS?:\/\/[0-9A-Z$%*+./:-]+\/V\/)?([A-Z2-7]+)$/;

/** Reads what a camera, a hand scanner or a paste gave. Null is `token.unreadable`. */
export function readToken(text: string): Token | null {
  const bare = bareToken(text);
  const bytes = bare === null ? null : fromBase32(bare);
  if (bare === null || bytes === null) return null;
  if (bytes.length < FEWEST_BYTES || bytes.length > MOST_BYTES) return null;
  const kid = bytes.slice(8, 12);
  const exp = toNumber(bytes.subarray(18, 22));
  const code = bytes.slice(24, 34);
  const value = bytes.subarray(39, -SIGNATURE_BYTES - 2);
  const faceValueCents = toNumber(value.length > 1 ? value.subarray(1) : value);
  const signature = bytes.slice(-SIGNATURE_BYTES);
  if (faceValueCents < 1) return null;
  const { signed, whole } = writeSign1(
    new Map<number, number | Uint8Array>([
      [ALG, EDDSA],
      [KID, kid],
    ]),
    new Map<number, number | Uint8Array>([
      [EXP, exp],
      [CTI, code],
      [FACE_VALUE, faceValueCents],
    ]),
    signature,
  );
  // Whatever stood between the fields, and whatever was out of its range, differs here.
  if (!areEqual(whole, bytes)) return null;
  return { text: bare, kid: toHex(kid), code, faceValueCents, exp, signed, signature };
}

function bareToken(text: string): string | null {
  // Before the change of case: outside ASCII there are letters whose upper case is inside.
  if (text.length > MOST_CHARACTERS || !ASCII.test(text)) return null;
  const trimmed = text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
  return SCAN.exec(trimmed.toUpperCase())?.[1] ?? null;
}
