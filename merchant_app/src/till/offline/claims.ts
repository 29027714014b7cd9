// Claims: redemptions taken while the service could not be reached. Each is kept before
// anything is shown, and handed in by itself, in order, until the service has said what
// becomes of it.
import { computed } from "@preact/signals";

import { Refused } from "../../signing.ts";
import { toHex } from "../../token/bytes.ts";
import { forgetBooking, keepBooking, kept, type Booking } from "../booking.ts";
import { isOutOfReach, reachable } from "../reach.ts";
import { handIn, now } from "../service.ts";
import { own, refusedAsDevice } from "../standing.ts";
import { say } from "../words.ts";
import { roomFor, type OfflineRefusal, type Room, type Taken } from "./rules.ts";

/** A redemption without the net. */
export interface Claim {
  /** Milliseconds since 1970, by the service's clock as far as the device knows it. */
  readonly claimedAt: number;
  readonly outageBeganAt: number;
  /** SHA-256 of the token in hexadecimal: the token itself is forgotten with the result. */
  readonly voucher: string;
  /** What the service said, once it has; `failed` when it took it for no claim at all. */
  readonly result?: {
    readonly outcome: "accepted" | "disputed" | "failed";
    readonly message: string;
    readonly bearer: "merchant" | "town" | null;
  };
}

/** A booking that became a claim. */
export type Claimed = Booking & { readonly claim: Claim };

/** All claims that nobody has put aside yet, in the order they were taken. */
export const claims = computed(() =>
  kept.value.filter((each): each is Claimed => each.claim !== undefined),
);

let handingIn = false;

/** Says how much of a voucher may be taken now. */
export async function roomNow(
  token: string,
  faceValueCents: number,
): Promise<Room | OfflineRefusal> {
  const voucher = { id: await digest(token), faceValueCents };
  return roomFor(own.value?.offline ?? null, taken(), voucher, outageBegan(), now());
}

/** When the service last said what holds for this device, by its own clock. */
export function outageBegan(): number {
  return Date.parse(own.value?.server_time ?? "");
}

/** Returns what was taken so far, as the rules look at it. */
export function taken(): Taken[] {
  return claims.value.map(({ amountCents, claim }) => ({
    voucher: claim.voucher,
    amountCents,
    outageBeganAt: claim.outageBeganAt,
    uploaded: claim.result !== undefined,
  }));
}

/** Makes a claim of a booking, whether that was kept before or not, and keeps it. */
export async function claimInstead(booking: Booking): Promise<Claimed> {
  const voucher = await digest("token" in booking.presented ? booking.presented.token : "");
  const claim = { claimedAt: now(), outageBeganAt: outageBegan(), voucher };
  const claimed = { ...booking, claim };
  await keepBooking(claimed);
  return claimed;
}

/**
 * Hands in the claims, the oldest first, until all are told or the service is out of reach
 * again. What has a result is not handed in once more.
 */
export async function handInClaims(): Promise<void> {
  if (handingIn) return;
  handingIn = true;
  try {
    for (const claimed of claims.peek()) {
      if (claimed.claim.result !== undefined) continue;
      if (!(await handInOne(claimed))) return;
    }
  } finally {
    handingIn = false;
  }
}

/** Puts a result aside that somebody has read. */
export async function putAside(claimed: Claimed): Promise<void> {
  await forgetBooking(claimed);
}

async function handInOne(claimed: Claimed): Promise<boolean> {
  try {
    const said = await handIn(claimed);
    // What is said to who holds such a voucher in hand asks what to do with the rest.
    const short = said.reason === "voucher.insufficient";
    const message = short ? say("claimShort") : (said.message ?? "");
    await keepResult(claimed, said.outcome, message, said.bearer);
  } catch (error) {
    if (refusedAsDevice(error)) return false;
    if (!(error instanceof Refused)) {
      if (isOutOfReach(error)) return false;
      throw error;
    }
    if (isOutOfReach(error) || error.status === 429 || error.code === "service.busy") return false;
    await keepResult(claimed, "failed", error.message, null);
  }
  return true;
}

async function keepResult(
  claimed: Claimed,
  outcome: "accepted" | "disputed" | "failed",
  message: string,
  bearer: "merchant" | "town" | null,
): Promise<void> {
  const claim: Claim = { ...claimed.claim, result: { outcome, message, bearer } };
  await keepBooking({ ...claimed, presented: { token: "" }, claim });
}

async function digest(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return toHex(new Uint8Array(bytes));
}

/** Hands in whenever the service is there, and again while something is left. */
export function keepHandingIn(): void {
  const again = (): void => {
    if (reachable.peek() && claims.peek().some(({ claim }) => claim.result === undefined)) {
      void handInClaims();
    }
  };
  setInterval(again, 10_000);
}
