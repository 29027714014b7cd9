// From a voucher that is held up to green or red: the way of the cashier's main job.
import { signal } from "@preact/signals";

import { Refused } from "../signing.ts";
import { book, keepBooking, newBooking, settleUnclear, type Booking, type Outcome } from "./booking.ts";
import { euro } from "./money.ts";
import { afterPaying, isOpen, NO_SALE, partOf, type Paid, type Sale } from "./sale.ts";
import { presentedIn, type Presented } from "./scan/presented.ts";
import { claimInstead, type Claimed } from "./offline/claims.ts";
import { lookedAt } from "./offline/looking.ts";
import { isOutOfReach, reachable, reasonOf } from "./reach.ts";
import { lookUp, type Shop } from "./service.ts";
import { soundDone, soundRead, soundRefused } from "./sound.ts";
import { own, refusedAsDevice } from "./standing.ts";
import { show, view, type Held } from "./view.ts";
import { say } from "./words.ts";

/** The sale that is being paid. */
export const sale = signal<Sale>(NO_SALE);

/** Bookings that were settled later, in words for the cashier. */
export const settledLater = signal<readonly string[]>([]);

/** A code is news again when it was out of the picture for so long. */
const SAME_AGAIN_MS = 1000;

let lastText = "";
let lastAt = -Infinity;
let breakOff: AbortController | undefined;

/** Takes what a camera or a scanner has read. */
export async function scanned(text: string): Promise<void> {
  if (view.value.name === "booking" || view.value.name === "looking") return;
  const at = performance.now();
  const isSame = text === lastText && at - lastAt < SAME_AGAIN_MS;
  [lastText, lastAt] = [text, at];
  if (isSame) return;
  const presented = presentedIn(text);
  if (presented === null) return refuse(say("notOurs"));
  soundRead();
  await look(presented);
}

/** Asks about a voucher, and shows it or why it cannot be taken. */
export async function look(presented: Presented): Promise<void> {
  show({ name: "looking" });
  if (!reachable.value) return lookWithoutNet(presented);
  try {
    const voucher = await lookUp(presented);
    if (voucher.refusal === null) {
      show({ name: "voucher", held: { presented, voucher, offline: false } });
    } else refuse(voucher.message ?? "", { voucher });
  } catch (error) {
    if (isOutOfReach(error)) return lookWithoutNet(presented);
    refuseFor(error);
  }
}

async function lookWithoutNet(presented: Presented): Promise<void> {
  const looked = await lookedAt(presented);
  if ("reason" in looked) return refuse(looked.reason);
  const { held, givenCents } = looked;
  const again = givenCents > 0 ? { notice: say("offlineAgain", { amount: euro(givenCents) }) } : {};
  show({ name: "voucher", held, ...again });
}

/** Redeems what *askedCents* ask of the voucher that is held up, with its PIN if it has one. */
export async function pay(held: Held, askedCents: number, pin?: string): Promise<void> {
  const shop = own.value;
  if (view.value.name !== "voucher" || shop === null) return; // the second of two taps
  show({ name: "looking" });
  const amountCents = partOf(askedCents, held.voucher.balance_cents);
  const { town_id, merchant_id, branch_id } = shop;
  const of: Shop = { town_id, merchant_id, branch_id };
  const booking = newBooking(of, held.presented, amountCents, held.voucher, pin);
  if (held.offline) return claimed(await claimInstead(booking), askedCents);
  await keepBooking(booking);
  show({ name: "booking", booking, waiting: false });
  breakOff = new AbortController();
  try {
    const outcome = await book(booking, () => noAnswer(booking), breakOff.signal);
    if (outcome.kind === "unreached") return claimed(await claimInstead(booking), askedCents);
    if (outcome.kind === "refused") return refuseBooking(held, outcome.refusal, askedCents);
    const { balance_after_cents: leftCents, redeemed_at: at } = outcome.done;
    paid(booking, askedCents, { leftCents, at, claimed: false });
  } catch (error) {
    if (!breakOff.signal.aborted) throw error;
    show({ name: "scan" });
    void settle();
  }
}

/** Says whether to go on without the net, where the town allows it; else the cashier waits. */
async function noAnswer(booking: Booking): Promise<boolean> {
  show({ name: "booking", booking, waiting: true });
  if (reachable.value || booking.pin !== undefined) return false; // only the service knows PINs
  const looked = await lookedAt(booking.presented);
  return "held" in looked && booking.amountCents <= looked.held.voucher.balance_cents;
}

function claimed(booking: Claimed, askedCents: number): void {
  const at = new Date(booking.claim.claimedAt).toISOString();
  paid(booking, askedCents, { leftCents: null, at, claimed: true });
}

function paid(
  booking: Booking,
  askedCents: number,
  what: Pick<Paid, "leftCents" | "at" | "claimed">,
): void {
  const { id: redemptionId, amountCents, townName, serial } = booking;
  const part: Paid = { redemptionId, amountCents, townName, serial, ...what };
  sale.value = afterPaying(sale.value, askedCents, part);
  soundDone();
  show({ name: "done", paid: part });
}

/** Leaves a booking that has no answer to be settled later. */
export function settleLater(): void {
  breakOff?.abort();
}

/** Goes on asking about bookings that have no answer yet. */
export function settle(): Promise<void> {
  return settleUnclear(told);
}

function told(booking: Booking, outcome: Outcome): void {
  if (outcome.kind === "unreached") return;
  const amount = euro(booking.amountCents);
  const words =
    outcome.kind === "done"
      ? say("unclearDone", { amount })
      : say("unclearRefused", { amount, reason: outcome.refusal.message });
  settledLater.value = [...settledLater.value, words];
}

/** Begins with the next customer. */
export function nextCustomer(): void {
  sale.value = NO_SALE;
  show({ name: "scan" });
}

/** Goes on with the next voucher of the same sale, or the next customer. */
export function nextVoucher(): void {
  if (!isOpen(sale.value)) return nextCustomer();
  show({ name: "scan" });
}

function refuseBooking(held: Held, refusal: Refused, askedCents: number): void {
  if (refusal.code === "voucher.pin") {
    soundRefused();
    const voucher = { ...held.voucher, needs_pin: true };
    const notice = refusal.message;
    return show({ name: "voucher", held: { ...held, voucher }, notice, askedCents });
  }
  // Somebody else has taken from it meanwhile: the cashier can go on with what is left.
  const left = refusal.problem.balance_cents;
  if (refusal.code === "voucher.insufficient" && left !== undefined && left > 0) {
    soundRefused();
    const voucher = { ...held.voucher, balance_cents: left };
    const notice = say("refusedShort", { balance: euro(left) });
    return show({ name: "voucher", held: { ...held, voucher }, notice });
  }
  refuseFor(refusal, held);
}

function refuseFor(error: unknown, held?: Held): void {
  if (refusedAsDevice(error)) return show({ name: "scan" });
  refuse(reasonOf(error), held ? { voucher: held.voucher } : {});
}

function refuse(reason: string, more: { voucher?: Held["voucher"] } = {}): void {
  soundRefused();
  show({ name: "refused", reason, advice: say("notBooked"), ...more });
}
