// One line of the day: all about it, and the way to take it back.
import { useState } from "preact/hooks";

import { takeBack } from "../day.ts";
import { euro } from "../money.ts";
import { Button, Facts, Icon, Notice, Screen } from "../parts.tsx";
import { printReceipt } from "../receipt.tsx";
import type { Paid } from "../sale.ts";
import { reasonOf } from "../reach.ts";
import { type Entry } from "../service.ts";
import { soundDone, soundRefused } from "../sound.ts";
import { refusedAsDevice } from "../standing.ts";
import { show } from "../view.ts";
import { instantWords, say } from "../words.ts";

type State = "shown" | "asking" | "sending";

export function EntryScreen({ entry }: { readonly entry: Entry }) {
  const [state, setState] = useState<State>("shown");
  const [error, setError] = useState("");
  const amount = euro(entry.amount_cents);

  async function reverseIt(): Promise<void> {
    setState("sending");
    setError("");
    try {
      await takeBack(entry);
      soundDone();
      show({ name: "reversed", entry });
    } catch (failure) {
      soundRefused();
      if (refusedAsDevice(failure)) return;
      setError(reasonOf(failure));
      setState("asking");
    }
  }

  const facts: [string, string][] = [
    [say("at"), instantWords(entry.at)],
    [say("voucher"), `${entry.issuing_town_name}, ${say("number", { serial: entry.voucher_serial })}`],
    [say("afterwards"), euro(entry.balance_after_cents)],
    [say("by"), entry.cashier_name ?? say("nobody")],
    [say("device"), entry.device_name ?? say("noDevice")],
    [say("bookingNumber"), entry.id.slice(-12)],
  ];
  const title = entry.kind === "reversal" ? "entryReversal" : entry.reversal_id ? "entryWasReversed" : "entryTitle";
  return (
    <Screen name="entry" title={`${say(title)} ${amount}`}>
      <Facts facts={facts} />
      {error && <Notice kind="danger" title={error} />}
      {state === "shown" ? (
        <div class="till-actions">
          {entry.reversible && (
            <Button onClick={() => setState("asking")}>{say("undo")}</Button>
          )}
          {entry.kind === "redemption" && !entry.reversal_id && !entry.reversible && (
            <p class="kern-body">{say("reverseLate")}</p>
          )}
          {entry.kind === "redemption" && (
            <Button onClick={() => void printReceipt([paidOf(entry)])}>{say("receipt")}</Button>
          )}
          <Button kind="tertiary" onClick={() => show({ name: "today" })}>
            {say("back")}
          </Button>
        </div>
      ) : (
        <div class="till-sure" role="group" aria-labelledby="sure">
          <h2 class="kern-heading-small" id="sure">
            {say("reverseTitle", { amount })}
          </h2>
          <p class="kern-body">{say("reverseText")}</p>
          <div class="till-actions">
            <Button kind="primary" disabled={state === "sending"} onClick={() => void reverseIt()}>
              {say("reverseDo", { amount })}
            </Button>
            <Button kind="tertiary" disabled={state === "sending"} onClick={() => setState("shown")}>
              {say("cancel")}
            </Button>
          </div>
        </div>
      )}
    </Screen>
  );
}

/** A redemption was taken back: green, as any booking. */
export function Reversed({ entry }: { readonly entry: Entry }) {
  return (
    <Screen name="reversed" title={say("reverseDone", { amount: euro(entry.amount_cents) })}>
      <div class="till-outcome__sign">
        <Icon name="success" />
      </div>
      <div class="till-actions">
        <Button kind="primary" onClick={() => show({ name: "today" })}>
          {say("today")}
        </Button>
        <Button onClick={() => void printReceipt([paidOf(entry)], true)}>{say("receipt")}</Button>
      </div>
    </Screen>
  );
}

function paidOf(entry: Entry): Paid {
  return {
    redemptionId: entry.id,
    amountCents: entry.amount_cents,
    leftCents: entry.balance_after_cents,
    at: entry.at,
    townName: entry.issuing_town_name,
    serial: entry.voucher_serial,
    claimed: false,
  };
}
