// What is on the screen, and what the back button does with it.
import { signal } from "@preact/signals";

import type { Booking } from "./booking.ts";
import type { Paid } from "./sale.ts";
import type { Presented } from "./scan/presented.ts";
import type { Entry, VoucherBalance } from "./service.ts";

/** A voucher that is held up to the till. */
export interface Held {
  readonly presented: Presented;
  readonly voucher: VoucherInHand;
  /** Without the net: what is known of it was found out on the device. */
  readonly offline: boolean;
}

/** What the till shows of a voucher; without the net, most of it is not known. */
export type VoucherInHand = Pick<
  VoucherBalance,
  "town_name" | "balance_cents" | "valid_until" | "partial_redemption" | "needs_pin"
> & {
  readonly programme_name: string | null;
  readonly serial: number | null;
};

export type View =
  | { readonly name: "scan" | "type" | "looking" | "today" | "more" }
  | {
      readonly name: "voucher";
      readonly held: Held;
      readonly notice?: string;
      /** What was asked for before, when the cashier comes back with a wrong PIN. */
      readonly askedCents?: number;
    }
  | { readonly name: "booking"; readonly booking: Booking; readonly waiting: boolean }
  | { readonly name: "done"; readonly paid: Paid }
  | {
      readonly name: "refused";
      readonly reason: string;
      readonly advice?: string;
      readonly voucher?: VoucherInHand;
    }
  | { readonly name: "entry" | "reversed"; readonly entry: Entry };

export const view = signal<View>({ name: "scan" });

/** Shows something else. */
export function show(next: View): void {
  const isInner = (history.state as { inner?: true } | null)?.inner === true;
  // One entry of the history stands for all that is not the first screen: the back button
  // leads to that one, and only from there out of the till.
  if (next.name !== "scan" && !isInner) history.pushState({ inner: true }, "");
  view.value = next;
}

/** Lets the back button lead through the till. */
export function watchBackButton(): void {
  addEventListener("popstate", () => {
    const before = view.value;
    // What is being booked is not left: its answer would have nowhere to appear.
    if (before.name === "booking" || before.name === "looking") return show(before);
    if (before.name === "entry" || before.name === "reversed") return show({ name: "today" });
    show({ name: "scan" });
  });
}
