// Whether this browser may redeem: paired, not locked, the only window, able to store.
import { signal } from "@preact/signals";

import { recall, remember } from "../database.ts";
import { keptDevice, Refused } from "../signing.ts";
import { isOutOfReach } from "./reach.ts";
import { getOwnDevice, NotPaired, type OwnDevice } from "./service.ts";

export type Standing =
  | { readonly kind: "starting" | "ready" | "not-paired" | "two" | "store" | "broken" }
  | { readonly kind: "locked"; readonly reason: string };

const KEPT = "own";
const LOCK = "gutschein-till";

export const standing = signal<Standing>({ kind: "starting" });
/** The device's shop and cashier, as last heard. */
export const own = signal<OwnDevice | null>(null);

/** Takes note of what the service says of this device. */
export async function noteOwn(heard: OwnDevice): Promise<void> {
  own.value = heard;
  if (standing.peek().kind !== "ready") standing.value = { kind: "ready" };
  await remember(KEPT, heard);
}

/** Finds out what this device is; without a net, what it was when it was last heard of. */
export async function findStanding(): Promise<void> {
  try {
    const device = await keptDevice();
    if (device === undefined || device.keyId === device.id) {
      standing.value = { kind: "not-paired" };
      return;
    }
    const before = await recall<OwnDevice>(KEPT);
    if (before?.id === device.id) {
      own.value = before;
      standing.value = { kind: "ready" };
    }
  } catch {
    standing.value = { kind: "store" };
    return;
  }
  await refreshStanding();
}

/** Asks the service once more. */
export async function refreshStanding(): Promise<void> {
  try {
    await noteOwn(await getOwnDevice());
  } catch (error) {
    if (refusedAsDevice(error)) return;
    if (!isOutOfReach(error) && !(error instanceof Refused)) throw error;
    if (own.value === null) standing.value = { kind: "starting" };
  }
}

/** Tells whether it is this device that was refused, and takes note. */
export function refusedAsDevice(error: unknown): boolean {
  if (error instanceof NotPaired) standing.value = { kind: "not-paired" };
  else if (!(error instanceof Refused)) return false;
  else if (error.code === "device.locked") {
    standing.value = { kind: "locked", reason: error.message };
  } else if (error.code === "device.unknown") standing.value = { kind: "not-paired" };
  else return false;
  return true;
}

/**
 * Sees to it that only one window redeems (Web Locks). Comes back once this one does.
 *
 * @param take takes over from the other window.
 */
export async function beTheOnlyWindow(take = false): Promise<boolean> {
  if (navigator.locks === undefined) return true;
  return new Promise((resolve) => {
    const options = take ? { steal: true } : { ifAvailable: true };
    navigator.locks
      .request(LOCK, options, async (lock) => {
        resolve(lock !== null);
        if (lock === null) return;
        await new Promise(() => undefined); // held until the window is closed
      })
      .catch(() => {
        standing.value = { kind: "two" }; // another window took over
      });
  });
}
