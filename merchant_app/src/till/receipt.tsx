// What the browser prints: a receipt of a sale, and the day-end, on paper of 58 or 80 mm.
import { signal } from "@preact/signals";

import { recall, remember } from "../database.ts";
import { euro } from "./money.ts";
import { paidCents, type Paid } from "./sale.ts";
import { now, type Day, type Sums } from "./service.ts";
import { own } from "./standing.ts";
import { dayWords, instantWords, say } from "./words.ts";

type Print =
  | { readonly kind: "receipt"; readonly paid: readonly Paid[]; readonly reversal: boolean }
  | { readonly kind: "closing"; readonly day: Day };

export type Paper = 58 | 80;

const KEPT = "paper";

/** How wide the paper is, in millimetres. */
export const paper = signal<Paper>(80);
const printed = signal<Print | null>(null);

export async function recallPaper(): Promise<void> {
  paper.value = (await recall<Paper>(KEPT)) ?? 80;
}

export async function choosePaper(width: Paper): Promise<void> {
  paper.value = width;
  await remember(KEPT, width);
}

/** Prints what a sale was paid with. */
export function printReceipt(paid: readonly Paid[], reversal = false): Promise<void> {
  return print({ kind: "receipt", paid, reversal });
}

/** Prints the sums of a day. */
export function printClosing(day: Day): Promise<void> {
  return print({ kind: "closing", day });
}

async function print(what: Print): Promise<void> {
  printed.value = what;
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  window.print();
}

/** What stands on the paper; on the screen it is not shown. */
export function Paper() {
  const what = printed.value;
  const shop = own.value;
  if (what === null || shop === null) return null;
  return (
    <article class={`paper paper--${paper.value}`}>
      <header>
        <strong>{shop.merchant_name}</strong>
        <span>{shop.branch_name}</span>
        <span>{shop.address}</span>
      </header>
      {what.kind === "closing" ? <Closing day={what.day} /> : <Receipt {...what} />}
      <footer>
        <span>{shop.name}</span>
        {shop.cashier && <span>{shop.cashier.name}</span>}
        <span>{say("printedAt", { at: instantWords(now()) })}</span>
      </footer>
    </article>
  );
}

function Receipt({ paid, reversal }: { readonly paid: readonly Paid[]; readonly reversal: boolean }) {
  return (
    <>
      <h2>{say(reversal ? "receiptReversal" : "receiptTitle")}</h2>
      {paid.map((each) => (
        <dl key={each.redemptionId}>
          <Line
            name={each.townName}
            value={each.serial === null ? "" : say("number", { serial: each.serial })}
          />
          <Line name={instantWords(each.at)} value={euro(each.amountCents)} />
          {each.leftCents !== null && (
            <Line name={say("receiptLeft")} value={euro(each.leftCents)} />
          )}
          {each.claimed && <Line name={say("offlineDone")} />}
          <Line name={say("bookingNumber")} value={each.redemptionId.slice(-12)} />
        </dl>
      ))}
      <dl class="paper__sum">
        <Line name={say("net")} value={euro(paidCents({ openCents: null, paid }))} />
      </dl>
      <p>{say("receiptLine")}</p>
    </>
  );
}

function Closing({ day }: { readonly day: Day }) {
  return (
    <>
      <h2>{say("closingTitle")}</h2>
      <p>{dayWords(day.day)}</p>
      <SumLines sums={day.total} />
      <dl class="paper__sum">
        <Line name={say("dayTotal")} value={signed(day.total.net_cents)} />
      </dl>
      <h3>{say("byCashier")}</h3>
      <dl>
        {day.by_cashier.map((each) => (
          <Line key={each.name} name={each.name ?? say("nobody")} value={signed(each.net_cents)} />
        ))}
      </dl>
      <h3>{say("byDevice")}</h3>
      <dl>
        {day.by_device.map((each) => (
          <Line key={each.name} name={each.name ?? say("noDevice")} value={signed(each.net_cents)} />
        ))}
      </dl>
    </>
  );
}

function SumLines({ sums }: { readonly sums: Sums }) {
  return (
    <dl>
      <Line name={`${say("redeemed")} (${sums.redemption_count})`} value={euro(sums.redeemed_cents)} />
      <Line name={`${say("reversed")} (${sums.reversal_count})`} value={euro(sums.reversed_cents)} />
    </dl>
  );
}

function Line({ name, value = "" }: { readonly name: string; readonly value?: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** A day may have taken back more than it redeemed. */
export function signed(cents: number): string {
  return cents < 0 ? `−${euro(-cents)}` : euro(cents);
}
