// What came of it, over the whole screen: green, red, or not known yet.
import { useLayoutEffect } from "preact/hooks";

import { euro } from "../money.ts";
import { Busy, Button, Facts, Icon, Screen } from "../parts.tsx";
import { nextCustomer, nextVoucher, sale, settleLater } from "../paying.ts";
import { printReceipt } from "../receipt.tsx";
import { isOpen, paidCents, type Paid } from "../sale.ts";
import { show, type VoucherInHand } from "../view.ts";
import { dayWords, say } from "../words.ts";

export function Looking() {
  return (
    <Screen name="looking" title={say("looking")} hideTitle>
      <Busy>{say("looking")}</Busy>
    </Screen>
  );
}

export function BookingScreen({ waiting }: { readonly waiting: boolean }) {
  if (!waiting) {
    return (
      <Screen name="booking" title={say("booking")} hideTitle>
        <Busy>{say("booking")}</Busy>
      </Screen>
    );
  }
  return (
    <Screen name="waiting" title={say("waitingTitle")} key="waiting">
      <Busy>{say("waitingText")}</Busy>
      <Button onClick={settleLater}>{say("later")}</Button>
      <p class="kern-body till-hint">{say("laterHint")}</p>
    </Screen>
  );
}

export function Done({ paid }: { readonly paid: Paid }) {
  const open = isOpen(sale.value);
  const several = sale.value.paid.length > 1;
  useOnEnter(open ? nextVoucher : nextCustomer);
  return (
    <Screen name="done" title={say("done", { amount: euro(paid.amountCents) })}>
      <div class="till-outcome__sign">
        <Icon name="success" />
      </div>
      <p class="till-outcome__left" role="status">
        {leftWords(paid)}
      </p>
      {open && (
        <p class="till-outcome__open">{say("open", { amount: euro(sale.value.openCents ?? 0) })}</p>
      )}
      {!open && several && (
        <p class="till-outcome__open">{say("covered", { amount: euro(paidCents(sale.value)) })}</p>
      )}
      <div class="till-actions">
        {open ? (
          <>
            <Button kind="primary" onClick={nextVoucher}>
              {say("nextVoucher")}
            </Button>
            <Button onClick={nextCustomer}>{say("otherwise")}</Button>
          </>
        ) : (
          <Button kind="primary" onClick={nextCustomer}>
            {say("next")}
          </Button>
        )}
        <Button onClick={() => void printReceipt(sale.value.paid)}>{say("receipt")}</Button>
      </div>
    </Screen>
  );
}

export function Refusal(props: {
  readonly reason: string;
  readonly advice?: string;
  readonly voucher?: VoucherInHand;
}) {
  const { voucher } = props;
  const back = (): void => show({ name: "scan" });
  useOnEnter(back);
  return (
    <Screen name="refused" title={say("refusedTitle")}>
      <div class="till-outcome__sign">
        <Icon name="danger" />
      </div>
      <p class="till-outcome__reason" role="alert">
        {props.reason}
      </p>
      {props.advice && <p class="till-outcome__advice">{props.advice}</p>}
      {voucher && (
        <Facts
          facts={[
            [say("voucher"), voucherWords(voucher)],
            [say("balance"), euro(voucher.balance_cents)],
            ["", say("validUntil", { day: dayWords(voucher.valid_until) })],
          ]}
        />
      )}
      <div class="till-actions">
        <Button kind="primary" onClick={back}>
          {say("otherVoucher")}
        </Button>
      </div>
    </Screen>
  );
}

function leftWords({ leftCents }: Paid): string {
  if (leftCents === null) return say("offlineDone");
  return leftCents > 0 ? say("left", { amount: euro(leftCents) }) : say("leftNothing");
}

function voucherWords({ town_name: town, serial }: VoucherInHand): string {
  return serial === null ? town : `${town}, ${say("number", { serial })}`;
}

/** Whoever has a keyboard goes on with Enter, wherever the focus is. */
function useOnEnter(goOn: () => void): void {
  useLayoutEffect(() => {
    function press(event: KeyboardEvent): void {
      if (event.key !== "Enter" || event.target instanceof HTMLButtonElement) return;
      event.preventDefault();
      goOn();
    }
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  });
}
