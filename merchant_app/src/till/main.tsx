// Begins the till: finds out whether it may redeem, takes up what was left open, and listens.
import { effect } from "@preact/signals";
import { render } from "preact";

import { App } from "./app.tsx";
import { recallBookings } from "./booking.ts";
import { recallLanguage } from "./language.ts";
import { scanned, settle } from "./paying.ts";
import { recallPaper } from "./receipt.tsx";
import { listenForScanners } from "./scan/keyboard.ts";
import { handInClaims, keepHandingIn } from "./offline/claims.ts";
import { refreshKnowledge } from "./offline/knowledge.ts";
import { isOutOfReach, reachable, watchReach } from "./reach.ts";
import { recallSound } from "./sound.ts";
import {
  beTheOnlyWindow,
  findStanding,
  own,
  refreshStanding,
  refusedAsDevice,
  standing,
} from "./standing.ts";
import { view, watchBackButton } from "./view.ts";
import { keepUpToDate } from "./worker_updates.ts";

const STANDING_EVERY_MS = 2 * 60 * 1000;
const KNOWLEDGE_EVERY_MS = 5 * 60 * 1000;

const place = document.getElementById("till");
if (place !== null) void begin(place);

async function begin(place: HTMLElement): Promise<void> {
  addEventListener("unhandledrejection", (event) => broken(event.reason));
  addEventListener("error", (event) => broken(event.error));
  render(<App takeOver={() => void takeOver()} />, place);
  try {
    await Promise.all([recallLanguage(), recallSound(), recallPaper()]);
  } catch (error) {
    standing.value = { kind: "store" };
    throw error;
  }
  if (await beTheOnlyWindow()) await work();
  else standing.value = { kind: "two" };
}

async function takeOver(): Promise<void> {
  if (await beTheOnlyWindow(true)) await work();
}

async function work(): Promise<void> {
  watchBackButton();
  watchReach();
  listenForScanners((text) => {
    if (standing.value.kind === "ready") void scanned(text);
  });
  effect(wearTownsColour);
  await findStanding();
  await recallBookings();
  effect(() => {
    if (reachable.value && standing.value.kind === "ready") void takeUp();
  });
  keepHandingIn();
  keepKnowledge();
  // A shift ends, the owner changes things, the town its terms: hear of it. An outage begins
  // with the last time.
  setInterval(() => {
    if (reachable.peek() && standing.peek().kind === "ready") void refreshStanding();
  }, STANDING_EVERY_MS);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && view.value.name === "scan") void refreshStanding();
  });
  await keepUpToDate();
  await navigator.storage?.persist?.();
}

/** The service is there again: what was left open comes first. */
async function takeUp(): Promise<void> {
  await refreshStanding();
  await Promise.all([settle(), handInClaims()]);
}

/** What a till has to know without a net is fetched while there is one, every few minutes. */
function keepKnowledge(): void {
  const refresh = (): void => {
    if (reachable.peek() && standing.peek().kind === "ready") {
      // Out of reach: what is kept stays, and its age is looked at when it is needed.
      refreshKnowledge().catch(noteIfBroken);
    }
  };
  effect(() => {
    if (own.value !== null) refresh();
  });
  setInterval(refresh, KNOWLEDGE_EVERY_MS);
}

function noteIfBroken(error: unknown): void {
  if (!isOutOfReach(error)) throw error;
}

/** Colours come as a stylesheet of their own: the policy of the page allows no other. */
function wearTownsColour(): void {
  const colour = own.value?.brand_colour;
  if (colour === undefined) return;
  const link = document.getElementById("colour") ?? document.createElement("link");
  Object.assign(link, { id: "colour", rel: "stylesheet", href: `/farbe/${colour.slice(1)}.css` });
  document.head.append(link);
}

function broken(reason: unknown): void {
  console.error(reason);
  if (refusedAsDevice(reason)) return;
  if (reason instanceof DOMException && reason.name === "QuotaExceededError") {
    standing.value = { kind: "store" };
    return;
  }
  if (standing.value.kind === "ready" || standing.value.kind === "starting") {
    standing.value = { kind: "broken" };
  }
}
