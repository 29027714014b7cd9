// What a region's master key says about a town's key: docs/reference/token.md, Endorsements.

import { areEqual, fromHex, fromUuid } from "./bytes.ts";
import type { Cbor } from "./cbor.ts";
import { ALG, CONTENT_TYPE, EDDSA, SIGNATURE_BYTES, writeSign1 } from "./cose_sign1.ts";
import type { TownKey } from "./key_set.ts";
import { verifyEd25519 } from "./signature.ts";

const COSE_KEY_FORMAT = 101; // application/cose-key among the CoAP Content-Formats
const OKP = 1;
const ED25519 = 6;
const VERIFY = 2;

const HEADER = new Map([
  [ALG, EDDSA],
  [CONTENT_TYPE, COSE_KEY_FORMAT],
]);

/** Tells whether a town's key carries the word of the master key, of 32 bytes, for it. */
export async function isEndorsed(key: TownKey, masterPublicKey: Uint8Array): Promise<boolean> {
  if (key.regionId === null || key.endorsement === null) return false;
  const signature = key.endorsement.slice(-SIGNATURE_BYTES);
  const { signed, whole } = writeSign1(HEADER, coseKey(key), signature);
  if (!areEqual(whole, key.endorsement)) return false;
  return verifyEd25519(masterPublicKey, signature, signed);
}

/** A COSE_Key (RFC 9052, section 7) without region and endorsement. */
function coseKey(key: TownKey): ReadonlyMap<number, Cbor> {
  return new Map<number, Cbor>([
    [1, OKP],
    [2, fromHex(key.kid)],
    [3, EDDSA],
    [4, [VERIFY]],
    [-1, ED25519],
    [-2, key.publicKey],
    [-70002, key.notBefore],
    [-70003, key.notAfter],
    [-70004, fromUuid(key.townId)],
  ]);
}
