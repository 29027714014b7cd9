// What may be taken while the service cannot be reached: pure rules over the town's terms.
import type { OfflineTerms } from "../service.ts";

/** What a till has taken without the net, as far as the limits ask. */
export interface Taken {
  readonly voucher: string;
  readonly amountCents: number;
  /** Milliseconds since 1970. */
  readonly outageBeganAt: number;
  /** Whether the service has taken it over. */
  readonly uploaded: boolean;
}

/** Why nothing can be taken, as the codes of docs/reference/errors.md say it. */
export type OfflineRefusal =
  | { readonly code: "offline.off" | "offline.clock" }
  | { readonly code: "offline.too_late"; readonly minutes: number }
  | { readonly code: "offline.limit"; readonly maxCents: number; readonly leftCents: number };

/** What an outage leaves room for. */
export interface Room {
  /** The most that this voucher may give now, in cents. */
  readonly mostCents: number;
  /** What this device may still take in all. */
  readonly deviceLeftCents: number;
  /** What this voucher has given in this outage already, on this device. */
  readonly givenCents: number;
}

/** A clock that is behind the last contact by more was turned back. */
const CLOCK_TOLERANCE_MS = 60_000;

/** Returns what this device may still take in all, in cents. */
export function deviceLeft(
  terms: OfflineTerms,
  taken: readonly Taken[],
  outageBeganAt: number,
): number {
  return Math.max(0, terms.device_cents - sumOf(countingIn(taken, outageBeganAt)));
}

/**
 * Says how much a voucher may give.
 *
 * @param terms the town's, or nothing when it allows nothing.
 * @param outageBeganAt when the service was heard last, in milliseconds since 1970.
 */
export function roomFor(
  terms: OfflineTerms | null,
  taken: readonly Taken[],
  voucher: { readonly id: string; readonly faceValueCents: number },
  outageBeganAt: number,
  now: number,
): Room | OfflineRefusal {
  if (terms === null) return { code: "offline.off" };
  if (now < outageBeganAt - CLOCK_TOLERANCE_MS) return { code: "offline.clock" };
  if (now > outageBeganAt + terms.outage_minutes * 60_000) {
    return { code: "offline.too_late", minutes: terms.outage_minutes };
  }
  const counting = countingIn(taken, outageBeganAt);
  const givenCents = sumOf(counting.filter((each) => each.voucher === voucher.id));
  const deviceLeftCents = deviceLeft(terms, taken, outageBeganAt);
  const ofVoucher = Math.min(terms.voucher_cents, voucher.faceValueCents) - givenCents;
  const mostCents = Math.min(ofVoucher, deviceLeftCents);
  if (mostCents <= 0) {
    return { code: "offline.limit", maxCents: terms.voucher_cents, leftCents: deviceLeftCents };
  }
  return { mostCents, deviceLeftCents, givenCents };
}

/** What was handed in counts no more, once an outage has ended. */
function countingIn(taken: readonly Taken[], outageBeganAt: number): readonly Taken[] {
  return taken.filter((each) => !each.uploaded || each.outageBeganAt === outageBeganAt);
}

function sumOf(taken: readonly Taken[]): number {
  return taken.reduce((sum, { amountCents }) => sum + amountCents, 0);
}
