// The list of a day: asked again and again while it is on the screen, so that what other
// devices of the shop redeem appears by itself.
import { signal } from "@preact/signals";

import { recall, remember } from "../database.ts";
import { Refused, uuid7 } from "../signing.ts";
import { isOutOfReach } from "./reach.ts";
import { getDay, now, reverse, type Day, type Entry } from "./service.ts";
import { own, refusedAsDevice } from "./standing.ts";

const EVERY_MS = 3000;

/** The day that is shown; nothing while it is fetched. */
export const day = signal<Day | null>(null);

/** Keeps `day` up to date until the returned function is called. */
export function follow(which: string | null): () => void {
  let etag: string | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  day.value = null;

  async function look(): Promise<void> {
    try {
      const heard = await getDay(which, etag);
      if (ended) return;
      if (heard !== null) {
        day.value = heard.day;
        etag = heard.etag;
      }
    } catch (error) {
      // Out of reach for a moment: the next look may find it. The banner says so.
      if (!refusedAsDevice(error) && !isOutOfReach(error) && !(error instanceof Refused)) throw error;
    }
    if (!ended) timer = setTimeout(() => void look(), EVERY_MS);
  }

  void look();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}

/**
 * Takes a redemption back. Asked again after no answer, it is the same reversal.
 *
 * @throws Refused with the reason; TypeError or DOMException when there was no answer.
 */
export async function takeBack(entry: Entry): Promise<void> {
  const shop = own.value;
  if (shop === null) return;
  const { town_id, merchant_id, branch_id } = shop;
  const name = `reversal ${entry.id}`;
  const id = (await recall<string>(name)) ?? uuid7(now());
  await remember(name, id);
  try {
    await reverse(id, entry.id, { town_id, merchant_id, branch_id });
  } catch (error) {
    // The first time went through after all, and only its answer was lost.
    if (!(error instanceof Refused && error.code === "reversal.already")) throw error;
  }
}
