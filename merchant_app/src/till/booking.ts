// A redemption on its way. Its id is made and kept before anything is sent, so that nobody
// ever has to guess: whatever happens to the net, the page or the device, the service is
// asked by that id until it says what became of it.
import { computed, signal } from "@preact/signals";

import { database } from "../database.ts";
import { Refused, uuid7 } from "../signing.ts";
import type { Claim } from "./offline/claims.ts";
import type { Presented } from "./scan/presented.ts";
import { isOutOfReach } from "./reach.ts";
import {
  now,
  redeem,
  whatBecameOf,
  type RedemptionDone,
  type Shop,
} from "./service.ts";

/** What the till keeps of a redemption until it knows what became of it. */
export interface Booking {
  readonly id: string;
  readonly shop: Shop;
  readonly presented: Presented;
  readonly amountCents: number;
  /** Milliseconds since 1970, by the service's clock. */
  readonly madeAt: number;
  readonly townName: string;
  /** The town's number of the voucher; not known without the net. */
  readonly serial: number | null;
  /** The PIN of a voucher that has one; forgotten with the booking as soon as it is settled. */
  readonly pin?: string;
  /** Where it was taken without the net. */
  readonly claim?: Claim;
}

/** What became of it. */
export type Outcome =
  | { readonly kind: "done"; readonly done: RedemptionDone }
  | { readonly kind: "refused"; readonly refusal: Refused }
  | { readonly kind: "unreached" };

/** Is told that there was no answer; says whether to stop asking. */
export type NoAnswer = () => Promise<boolean>;

/** Between two questions, longer from one to the next. */
const PAUSES_MS = [400, 1000, 2000, 4000];

/** All that is kept, in the order it was made: the ids say so. */
export const kept = signal<readonly Booking[]>([]);
/** Bookings whose outcome nobody knows yet. */
export const unclear = computed(() => kept.value.filter(({ claim }) => claim === undefined));
/** Those that are being asked about at this moment. */
const underWay = new Set<string>();

/** Makes a booking, which is nothing before it is kept. */
export function newBooking(
  shop: Shop,
  presented: Presented,
  amountCents: number,
  voucher: { readonly town_name: string; readonly serial: number | null },
  pin?: string,
): Booking {
  const madeAt = now();
  return {
    id: uuid7(madeAt),
    shop,
    presented,
    amountCents,
    madeAt,
    townName: voucher.town_name,
    serial: voucher.serial,
    ...(pin === undefined ? {} : { pin }),
  };
}

/** Keeps a booking as it is now. */
export async function keepBooking(booking: Booking): Promise<void> {
  await (await database()).put("bookings", booking);
  await recallBookings();
}

/** Forgets a booking that is settled, and told. */
export async function forgetBooking(booking: Booking): Promise<void> {
  await (await database()).delete("bookings", booking.id);
  await recallBookings();
}

/** Takes up what was left open when the page was closed. */
export async function recallBookings(): Promise<void> {
  kept.value = await (await database()).getAll("bookings");
}

/**
 * Books, and comes back when the service has said what became of it: asked again as often
 * as that takes, or until *noAnswer* says that it is enough.
 *
 * @param signal breaks off the asking, not the booking, which stays among the unclear ones.
 */
export async function book(
  booking: Booking,
  noAnswer: NoAnswer,
  signal: AbortSignal,
): Promise<Outcome> {
  underWay.add(booking.id);
  try {
    return await untilKnown(booking, noAnswer, signal);
  } finally {
    underWay.delete(booking.id);
  }
}

/**
 * Asks about every booking that was left open, one after the other.
 *
 * @param told hears what became of each.
 */
export async function settleUnclear(
  told: (booking: Booking, outcome: Outcome) => void,
): Promise<void> {
  const never = new AbortController().signal;
  for (const booking of unclear.peek()) {
    if (!underWay.has(booking.id)) told(booking, await book(booking, () => Promise.resolve(false), never));
  }
}

async function untilKnown(
  booking: Booking,
  noAnswer: NoAnswer,
  signal: AbortSignal,
): Promise<Outcome> {
  for (let tries = 0; ; tries += 1) {
    try {
      const done = await (tries === 0 ? send(booking) : find(booking));
      await forgetBooking(booking);
      return { kind: "done", done };
    } catch (error) {
      if (error instanceof Refused && error.code !== "service.busy" && !isOutOfReach(error)) {
        await forgetBooking(booking);
        return { kind: "refused", refusal: error };
      }
      if (!(error instanceof Refused) && !isOutOfReach(error)) throw error;
      if (await noAnswer()) return { kind: "unreached" };
    }
    await pause(PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)] ?? 0, signal);
  }
}

function send(booking: Booking): Promise<RedemptionDone> {
  return redeem(booking);
}

/** Asks what became of it; sends it once more when nothing has. */
async function find(booking: Booking): Promise<RedemptionDone> {
  try {
    return await whatBecameOf(booking.id, booking.shop);
  } catch (error) {
    if (error instanceof Refused && error.code === "redemption.unknown") return send(booking);
    throw error;
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const breakOff = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", breakOff);
      resolve();
    }, milliseconds);
    if (signal.aborted) breakOff();
    else signal.addEventListener("abort", breakOff, { once: true });
  });
}
