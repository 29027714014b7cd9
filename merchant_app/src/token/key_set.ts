// The keys of the region's towns as the service publishes them: a JWK Set (RFC 7517, RFC 8037)
// with members of our own, docs/reference/token.md, The keys.

import { fromBase64url, isUuid } from "./bytes.ts";
import { isEndorsed } from "./endorsement.ts";

/** A town's public key and the window in which its tokens are accepted. */
export interface TownKey {
  /** 8 digits of hexadecimal. A hint: two towns may have drawn the same. */
  readonly kid: string;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** NumericDate: the first second of the window. */
  readonly notBefore: number;
  /** NumericDate: the first second after it. */
  readonly notAfter: number;
  /** UUID in lower case, as all ids here. */
  readonly townId: string;
  readonly regionId: string | null;
  /** A COSE_Sign1, unchecked. */
  readonly endorsement: Uint8Array | null;
}

/** A region's master key by the set's own word, which proves nothing. */
export interface MasterKey {
  readonly regionId: string;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** Never changed; a new set replaces the old one whole. */
export interface KeySet {
  readonly towns: readonly TownKey[];
  readonly masters: readonly MasterKey[];
}

/**
 * Reads a JWK Set. A key that is malformed or of another kind is passed over.
 *
 * @throws TypeError when there is no list of keys: what was answered is no key set, and must
 *   not replace one.
 */
export function readKeySet(json: unknown): KeySet {
  const entries = isRecord(json) ? json["keys"] : undefined;
  if (!Array.isArray(entries)) throw new TypeError("a key set has a list of keys");
  const towns: TownKey[] = [];
  const masters: MasterKey[] = [];
  for (const entry of entries as unknown[]) {
    if (!isRecord(entry) || !isOurKind(entry)) continue;
    if ("town" in entry) {
      const key = townKey(entry);
      if (key !== null) towns.push(key);
    } else {
      const key = masterKey(entry);
      if (key !== null) masters.push(key);
    }
  }
  return { towns, masters };
}

/**
 * Keeps the town keys that a master key endorses.
 *
 * @param masterPublicKey 32 bytes, from a source more trusted than the set.
 */
export async function withMaster(keys: KeySet, masterPublicKey: Uint8Array): Promise<KeySet> {
  const endorsed = await Promise.all(keys.towns.map((key) => isEndorsed(key, masterPublicKey)));
  return { ...keys, towns: keys.towns.filter((_, place) => endorsed[place]) };
}

type Entry = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Entry {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isOurKind(entry: Entry): boolean {
  const { kty, crv, alg = "EdDSA", use = "sig" } = entry;
  return kty === "OKP" && crv === "Ed25519" && alg === "EdDSA" && use === "sig";
}

function townKey(entry: Entry): TownKey | null {
  const { kid, nbf, exp } = entry;
  const [publicKey, townId] = [publicKeyOf(entry), idOf(entry["town"])];
  if (typeof kid !== "string" || !/^[0-9a-f]{8}$/.test(kid)) return null;
  if (publicKey === null || townId === null) return null;
  if (!isNumericDate(nbf) || !isNumericDate(exp) || nbf >= exp) return null;
  const regionId = "region" in entry ? idOf(entry["region"]) : null;
  const endorsement = "endorsement" in entry ? bytesOf(entry["endorsement"]) : null;
  if ("region" in entry && regionId === null) return null;
  if ("endorsement" in entry && endorsement === null) return null;
  return { kid, publicKey, notBefore: nbf, notAfter: exp, townId, regionId, endorsement };
}

function masterKey(entry: Entry): MasterKey | null {
  const [publicKey, regionId] = [publicKeyOf(entry), idOf(entry["region"])];
  return publicKey === null || regionId === null ? null : { regionId, publicKey };
}

function publicKeyOf(entry: Entry): Uint8Array | null {
  const bytes = bytesOf(entry["x"]);
  return bytes?.length === 32 ? bytes : null;
}

function bytesOf(value: unknown): Uint8Array | null {
  return typeof value === "string" ? fromBase64url(value) : null;
}

function idOf(value: unknown): string | null {
  return typeof value === "string" && isUuid(value) ? value.toLowerCase() : null;
}

function isNumericDate(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
