// The till: its frame, and in it whatever is to be seen.
import { unclear } from "./booking.ts";
import { euro } from "./money.ts";
import { claims, outageBegan, taken } from "./offline/claims.ts";
import { deviceLeft } from "./offline/rules.ts";
import { Button, Notice } from "./parts.tsx";
import { settledLater } from "./paying.ts";
import { Paper } from "./receipt.tsx";
import { EntryScreen, Reversed } from "./screens/entry.tsx";
import { More } from "./screens/more.tsx";
import { BookingScreen, Done, Looking, Refusal } from "./screens/outcome.tsx";
import { NotReady } from "./screens/not_ready.tsx";
import { Scan } from "./screens/scan.tsx";
import { Today } from "./screens/today.tsx";
import { Type } from "./screens/type.tsx";
import { VoucherScreen } from "./screens/voucher.tsx";
import { reachable } from "./reach.ts";
import { clockAhead } from "./service.ts";
import { own, standing } from "./standing.ts";
import { show, view } from "./view.ts";
import { say } from "./words.ts";

/** While a voucher is in hand, nothing leads away from it but what it needs. */
const HAS_TABS: ReadonlySet<string> = new Set(["scan", "today", "entry", "more"]);
/** A clock that is off by less bothers nobody. */
const CLOCK_TOLERANCE_MS = 60_000;

export function App({ takeOver }: { readonly takeOver: () => void }) {
  return (
    <>
      <div class="till">
        {standing.value.kind === "ready" ? <Ready /> : <NotReady takeOver={takeOver} />}
      </div>
      <Paper />
    </>
  );
}

function Ready() {
  const name = view.value.name;
  return (
    <>
      <Head />
      <main class={`till-main till-main--${name}`} id="inhalt">
        {HAS_TABS.has(name) && <Banners />}
        <CurrentScreen />
      </main>
      {HAS_TABS.has(name) && <Tabs />}
    </>
  );
}

function CurrentScreen() {
  const shown = view.value;
  switch (shown.name) {
    case "scan":
      return <Scan />;
    case "type":
      return <Type />;
    case "looking":
      return <Looking />;
    case "voucher":
      return (
        <VoucherScreen
          key={shown.notice}
          held={shown.held}
          {...(shown.notice === undefined ? {} : { notice: shown.notice })}
          {...(shown.askedCents === undefined ? {} : { askedCents: shown.askedCents })}
        />
      );
    case "booking":
      return <BookingScreen waiting={shown.waiting} />;
    case "done":
      return <Done paid={shown.paid} />;
    case "refused":
      return <Refusal {...shown} />;
    case "today":
      return <Today />;
    case "entry":
      return <EntryScreen entry={shown.entry} />;
    case "reversed":
      return <Reversed entry={shown.entry} />;
    case "more":
      return <More />;
  }
}

function Head() {
  const shop = own.value;
  if (shop === null) return null;
  return (
    <header class="till-head">
      <p class="till-head__shop">
        {shop.merchant_name}
        <small>{shop.branch_name}</small>
      </p>
      <button type="button" class="till-head__cashier" onClick={() => show({ name: "more" })}>
        {shop.cashier?.name ?? say("cashierSignOn")}
      </button>
    </header>
  );
}

function Tabs() {
  const shown = view.value.name;
  const tabs = [
    ["scan", say("scan"), shown === "scan"],
    ["today", say("today"), shown === "today" || shown === "entry"],
    ["more", say("more"), shown === "more"],
  ] as const;
  const waiting = unclear.value.length + claims.value.length;
  return (
    <nav class="till-tabs" aria-label={say("title")}>
      {tabs.map(([name, words, current]) => (
        <button
          key={name}
          type="button"
          class="till-tab"
          aria-current={current ? "page" : undefined}
          onClick={() => show({ name })}
        >
          {words}
          {name === "today" && waiting > 0 && <span class="till-tab__count">{waiting}</span>}
        </button>
      ))}
    </nav>
  );
}

function Banners() {
  const off = Math.abs(clockAhead.value);
  return (
    <>
      {!reachable.value && (
        <Notice kind="warning" title={say("offlineTitle")}>
          <p class="kern-body">{offlineWords()}</p>
        </Notice>
      )}
      {off > CLOCK_TOLERANCE_MS && (
        <Notice kind="info" title={say("clockTitle")}>
          <p class="kern-body">
            {say("clockText", {
              span: spanWords(off),
              direction: say(clockAhead.value > 0 ? "clockSlow" : "clockFast"),
            })}
          </p>
        </Notice>
      )}
      {settledLater.value.map((words, index) => (
        <Notice key={index} kind="info" title={words}>
          <Button
            block={false}
            onClick={() => (settledLater.value = settledLater.value.filter((each) => each !== words))}
          >
            {say("close")}
          </Button>
        </Notice>
      ))}
    </>
  );
}

function offlineWords(): string {
  const terms = own.value?.offline ?? null;
  if (terms === null) return say("offlineNo");
  const left = deviceLeft(terms, taken(), outageBegan());
  return say("offlineYes", { max: euro(terms.voucher_cents), left: euro(left) });
}

function spanWords(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000);
  return minutes < 120
    ? say("minutes", { count: minutes })
    : say("hours", { count: Math.round(minutes / 60) });
}
