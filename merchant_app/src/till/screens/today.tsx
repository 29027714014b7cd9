// The day of the shop: what was redeemed, by whom and where, and what the till's own payment
// type has to come to.
import { useEffect, useState } from "preact/hooks";

import { claims } from "../offline/claims.ts";
import { day, follow } from "../day.ts";
import { euro } from "../money.ts";
import { Busy, Button, Notice, Screen } from "../parts.tsx";
import { settle } from "../paying.ts";
import { unclear } from "../booking.ts";
import { printClosing, signed } from "../receipt.tsx";
import { reasonOf } from "../reach.ts";
import { getDayTable, now, type Day, type Entry, type Sums } from "../service.ts";
import { show } from "../view.ts";
import { Claims } from "./claims.tsx";
import { dayOf, dayWords, hourOf, say, timeWords } from "../words.ts";

export function Today() {
  const today = dayOf(now());
  const [chosen, choose] = useState(today);
  useEffect(() => follow(chosen === today ? null : chosen), [chosen]);
  const shown = day.value;
  return (
    <Screen
      name="today"
      title={chosen === today ? say("dayTitle") : say("dayOf", { day: dayWords(chosen) })}
    >
      <label class="till-choice">
        <span class="kern-label">{say("day")}</span>
        <input
          class="kern-form-input__input"
          type="date"
          value={chosen}
          max={today}
          onChange={(event) => choose(event.currentTarget.value || today)}
        />
      </label>
      {unclear.value.length > 0 && <Unclear />}
      {claims.value.length > 0 && <Claims />}
      {shown === null ? <Busy>{say("looking")}</Busy> : <Shown day={shown} />}
    </Screen>
  );
}

function Shown({ day }: { readonly day: Day }) {
  const [error, setError] = useState("");
  const { total } = day;
  const counts = { count: total.redemption_count, reversals: total.reversal_count };
  return (
    <>
      <div class="till-total">
        <p class="till-total__name">{say("dayTotal")}</p>
        <p class="till-total__cents">{signed(total.net_cents)}</p>
        <p class="till-total__name">{say("dayTotalHint", counts)}</p>
      </div>
      {day.entries.length === 0 ? (
        <p class="kern-body">{say("dayEmpty")}</p>
      ) : (
        <>
          <ol class="till-list" aria-label={say("dayOf", { day: dayWords(day.day) })}>
            {day.entries.map((entry) => (
              <li key={entry.id}>
                <Line entry={entry} />
              </li>
            ))}
          </ol>
          {day.has_more && <p class="kern-body">{say("dayMore")}</p>}
          <Hours entries={day.entries} />
          <SumsTable title={say("byCashier")} rows={day.by_cashier} nameless={say("nobody")} />
          <SumsTable title={say("byDevice")} rows={day.by_device} nameless={say("noDevice")} />
        </>
      )}
      <div class="till-actions">
        <Button onClick={() => void printClosing(day)}>{say("print")}</Button>
        {error && <Notice kind="danger" title={error} />}
        <Button
          icon="download"
          onClick={() => void saveTable(day.day).catch((failure) => setError(reasonOf(failure)))}
        >
          {say("table")}
        </Button>
      </div>
    </>
  );
}

function Line({ entry }: { readonly entry: Entry }) {
  const back = entry.kind === "reversal";
  const gone = entry.reversal_id !== null;
  return (
    <button type="button" class="till-entry" onClick={() => show({ name: "entry", entry })}>
      <span class="till-entry__time">{timeWords(entry.at)}</span>
      <span class="till-entry__who">
        {entry.issuing_town_name}
        <small>
          {back ? say("entryReversal") : gone ? say("entryWasReversed") : (entry.cashier_name ?? entry.device_name)}
        </small>
      </span>
      <span class={`till-entry__cents ${gone ? "till-entry__cents--gone" : ""}`}>
        {back ? `−${euro(entry.amount_cents)}` : euro(entry.amount_cents)}
      </span>
    </button>
  );
}

/** Bars of what was redeemed in each hour, with the figures for those who cannot see them. */
function Hours({ entries }: { readonly entries: readonly Entry[] }) {
  const sums = new Map<number, number>();
  for (const { at, amount_cents, kind } of entries) {
    if (kind === "redemption") sums.set(hourOf(at), (sums.get(hourOf(at)) ?? 0) + amount_cents);
  }
  const hours = [...sums.keys()];
  const [first, last] = [Math.min(...hours, 8), Math.max(...hours, 18)];
  const highest = Math.max(...sums.values());
  const all = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const told = hours.sort((a, b) => a - b).map((hour) => `${hour}: ${euro(sums.get(hour) ?? 0)}`);
  const width = 100 / all.length;
  return (
    <figure class="till-hours">
      <figcaption class="kern-label">{say("byHour")}</figcaption>
      <svg viewBox="0 0 100 34" preserveAspectRatio="none" role="img" aria-label={told.join(", ")}>
        {all.map((hour, index) => {
          const height = ((sums.get(hour) ?? 0) / highest) * 33;
          return (
            <rect x={index * width + width * 0.12} y={34 - height} width={width * 0.76} height={height} />
          );
        })}
      </svg>
      <div class="till-hours__axis" aria-hidden="true">
        <span>{first}</span>
        <span>{last + 1}</span>
      </div>
    </figure>
  );
}

function SumsTable(props: {
  readonly title: string;
  readonly rows: readonly (Sums & { readonly name: string | null })[];
  readonly nameless: string;
}) {
  return (
    <table class="till-sums">
      <caption class="kern-label">{props.title}</caption>
      <thead class="kern-sr-only">
        <tr>
          <th scope="col">{props.title}</th>
          <th scope="col">{say("redeemed")}</th>
          <th scope="col">{say("net")}</th>
        </tr>
      </thead>
      <tbody>
        {props.rows.map((row) => (
          <tr key={row.name}>
            <th scope="row">{row.name ?? props.nameless}</th>
            <td>{row.redemption_count}</td>
            <td>{signed(row.net_cents)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Unclear() {
  return (
    <Notice kind="warning" title={say("unclearTitle")}>
      <p class="kern-body">{say("unclearText")}</p>
      <ul class="till-unclear">
        {unclear.value.map((booking) => (
          <li key={booking.id}>
            {timeWords(booking.madeAt)} {booking.townName}: {euro(booking.amountCents)}
          </li>
        ))}
      </ul>
      <Button onClick={() => void settle()}>{say("ask")}</Button>
    </Notice>
  );
}

async function saveTable(which: string): Promise<void> {
  const address = URL.createObjectURL(await getDayTable(which));
  const link = document.createElement("a");
  link.href = address;
  link.download = `einloesungen-${which}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
