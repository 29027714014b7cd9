// Ed25519 (RFC 8032) by the browser, and where it has none by @noble/ed25519, which is a
// chunk of its own and fetched only then.

import { fromHex } from "./bytes.ts";
import { isPublicKey, isSignature } from "./ed25519_form.ts";

export type Verifier = (
  publicKey: Uint8Array,
  signature: Uint8Array,
  message: Uint8Array,
) => Promise<boolean>;

const NAME = "Ed25519";

/** RFC 8032, section 7.1, TEST 2: a browser counts as able when it finds this genuine. */
const TRIAL = fromHex(
  "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c" + // public key
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" + // signature
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00" +
    "72", // message
);

let choice: Promise<Verifier> | undefined;

/**
 * Tells whether a signature of 64 bytes is that of the key of 32 bytes over the message.
 *
 * What libraries disagree about is refused before they are asked: ed25519_form.ts.
 */
export async function verifyEd25519(
  publicKey: Uint8Array,
  signature: Uint8Array,
  message: Uint8Array,
): Promise<boolean> {
  if (!isPublicKey(publicKey) || !isSignature(signature)) return false;
  const verifies = await verifierOfThisBrowser();
  return verifies(publicKey, signature, message);
}

/**
 * Finds out once, by a signature that is known to hold, whether the browser can verify, and
 * returns its way or the library's.
 */
export function verifierOfThisBrowser(): Promise<Verifier> {
  choice ??= chosenVerifier().catch((reason: unknown) => {
    choice = undefined; // the chunk could not be fetched: the next call tries again
    throw reason;
  });
  return choice;
}

/** Verifies by WebCrypto. Rejects where the browser has no Ed25519. */
export const byWebCrypto: Verifier = async (publicKey, signature, message) => {
  try {
    const key = await crypto.subtle.importKey("raw", copyOf(publicKey), NAME, false, ["verify"]);
    return await crypto.subtle.verify(NAME, key, copyOf(signature), copyOf(message));
  } catch (error) {
    // Some browsers look at once whether the key is a point, others when they verify.
    if (error instanceof DOMException && error.name === "DataError") return false;
    throw error;
  }
};

async function chosenVerifier(): Promise<Verifier> {
  return (await hasEd25519()) ? byWebCrypto : verifierWithoutWebCrypto();
}

/** Fetches @noble/ed25519 and returns its way to verify. */
export async function verifierWithoutWebCrypto(): Promise<Verifier> {
  const { verifyAsync } = await import("@noble/ed25519");
  return (publicKey, signature, message) =>
    verifyAsync(signature, message, publicKey, { zip215: false });
}

async function hasEd25519(): Promise<boolean> {
  try {
    return await byWebCrypto(TRIAL.subarray(0, 32), TRIAL.subarray(32, 96), TRIAL.subarray(96));
  } catch {
    return false; // NotSupportedError, and in old browsers whatever else they say instead
  }
}

/** WebCrypto takes no bytes that other threads may change; a copy surely is none of those. */
function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
