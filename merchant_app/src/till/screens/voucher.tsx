// A voucher that can be redeemed: what is on it, the amount, and its PIN if it has one.
import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { entered } from "../keypad.ts";
import { euro } from "../money.ts";
import { Button, Icon, Screen } from "../parts.tsx";
import { pay, sale } from "../paying.ts";
import { partOf } from "../sale.ts";
import { show, type Held } from "../view.ts";
import { dayWords, say } from "../words.ts";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "00", "0", "back"] as const;

const PIN_DIGITS = 6;

export function VoucherScreen(props: {
  readonly held: Held;
  readonly notice?: string;
  readonly askedCents?: number;
}) {
  const { held, notice, askedCents } = props;
  const { voucher } = held;
  const open = sale.value.openCents;
  // What others have taken meanwhile leaves this much: offered at once.
  const rest = notice !== undefined && !held.offline ? voucher.balance_cents : 0;
  const [cents, setCents] = useState(askedCents ?? (rest || (open ?? 0)));
  const [pin, setPin] = useState("");
  const pinField = useRef<HTMLInputElement>(null);
  const needsPin = voucher.needs_pin;
  const part = partOf(cents, voucher.balance_cents);
  const tooLittle = !voucher.partial_redemption && cents > 0 && cents < voucher.balance_cents;
  const payable = cents > 0 && !tooLittle;
  const ready = payable && (!needsPin || pin.length === PIN_DIGITS);
  const redeem = (): void => {
    if (ready) void pay(held, cents, needsPin ? pin : undefined);
    else if (payable) pinField.current?.focus();
  };

  // With a wrong PIN the cashier comes back to it: the amount stands already.
  const wrongPin = askedCents !== undefined;
  useLayoutEffect(() => {
    if (!wrongPin) return;
    pinField.current?.focus({ preventScroll: true });
    pinField.current?.parentElement?.scrollIntoView({ block: "center" });
  }, []);

  useLayoutEffect(() => {
    function press(event: KeyboardEvent): void {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      const inField = event.target === pinField.current;
      if (inField && event.key !== "Escape" && event.key !== "Enter") return;
      if (/^[0-9]$/.test(event.key)) setCents((before) => entered(before, event.key));
      else if (event.key === "Backspace") setCents((before) => entered(before, "back"));
      else if (event.key === "Escape") show({ name: "scan" });
      else if (event.key === "Enter" && !(event.target instanceof HTMLButtonElement)) redeem();
      else return;
      event.preventDefault();
    }
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  });

  return (
    <Screen name="voucher" title={say("voucherTitle", { town: voucher.town_name })}>
      {notice && !wrongPin && (
        <p class="till-notice" role="status">
          <Icon name="warning" /> {notice}
        </p>
      )}
      <div class="till-voucher">
        <p class="till-voucher__balance">
          <span>{say(held.offline ? "offlineMost" : "balance")}</span> <strong>{euro(voucher.balance_cents)}</strong>
        </p>
        <p class="till-voucher__line">
          {voucher.programme_name && `${voucher.programme_name}, `}
          {voucher.serial !== null && `${say("number", { serial: voucher.serial })}, `}
          {say("validUntil", { day: dayWords(voucher.valid_until) })}
        </p>
      </div>
      <div class="till-amount">
        <span class="till-amount__name" id="amount-name">
          {say("amount")}
        </span>
        <output class="till-amount__cents" aria-labelledby="amount-name">
          {euro(cents)}
        </output>
      </div>
      <p class="till-amount__note" role="status">
        {cents === 0 && say("amountHint")}
        {tooLittle && say("wholeOnly", { amount: euro(voucher.balance_cents) })}
        {payable && part < cents && say("restAfter", { amount: euro(cents - part) })}
      </p>
      <div class="till-pad">
        <div class="till-keys" role="group" aria-label={say("keypad")}>
          {KEYS.map((key) => (
            <button
              key={key}
              type="button"
              class="till-key"
              aria-label={key === "back" ? say("digitBack") : undefined}
              onClick={() => setCents((before) => entered(before, key))}
            >
              {key === "back" ? "⌫" : key}
            </button>
          ))}
        </div>
        <div class="till-pad__actions">
          {!held.offline && (
            <Button onClick={() => setCents(voucher.balance_cents)}>
              {say("whole", { amount: euro(voucher.balance_cents) })}
            </Button>
          )}
          {needsPin && (
            <PinField field={pinField} pin={pin} change={setPin} error={(wrongPin && notice) || ""} />
          )}
          <Button kind="primary" disabled={!ready} onClick={redeem}>
            {payable ? say("redeem", { amount: euro(part) }) : say("redeemNothing")}
          </Button>
          <Button kind="tertiary" onClick={() => show({ name: "scan" })}>
            {say("cancel")}
          </Button>
        </div>
      </div>
    </Screen>
  );
}

function PinField(props: {
  readonly field: RefObject<HTMLInputElement | null>;
  readonly pin: string;
  readonly change: (pin: string) => void;
  readonly error: string;
}) {
  const { field, pin, change, error } = props;
  return (
    <div class={`kern-form-input ${error && "kern-form-input--error"}`}>
      <label class="kern-label" for="pin">
        {say("pin")}
      </label>
      <div class="kern-hint" id="pin-hint">
        {say("pinHint")}
      </div>
      <input
        class="kern-form-input__input till-pin"
        id="pin"
        ref={field}
        type="password"
        inputMode="numeric"
        autoComplete="off"
        aria-describedby="pin-hint pin-error"
        aria-invalid={error !== ""}
        value={pin}
        onInput={(event) => {
          const typed = event.currentTarget.value.replace(/[^0-9]/g, "").slice(0, PIN_DIGITS);
          event.currentTarget.value = typed;
          change(typed);
        }}
      />
      <p class="kern-error" id="pin-error" role="alert" hidden={error === ""}>
        <Icon name="danger" />
        <span class="kern-body">{error}</span>
      </p>
    </div>
  );
}
