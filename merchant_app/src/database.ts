// What this browser keeps: the device and its key, and what the till must not lose.
import { openDB, type DBSchema, type IDBPDatabase } from "idb";

import type { Booking } from "./till/booking.ts";
import type { Device } from "./signing.ts";

/** Everything that is kept. Names of stores stay: what lies in them outlives this version. */
export interface Kept extends DBSchema {
  device: { key: "own"; value: Device };
  /** Redemptions whose answer is not known yet, by their id. */
  bookings: { key: string; value: Booking };
  /** Settings, key sets and lists, by name. */
  things: { key: string; value: unknown };
}

let opened: Promise<IDBPDatabase<Kept>> | undefined;

/**
 * Opens what this browser keeps.
 *
 * @throws DOMException where nothing is kept, such as in some private windows.
 */
export function database(): Promise<IDBPDatabase<Kept>> {
  opened ??= openDB<Kept>("gutschein", 2, {
    upgrade(database, before) {
      if (before < 1) database.createObjectStore("device");
      if (before < 2) {
        database.createObjectStore("bookings", { keyPath: "id" });
        database.createObjectStore("things");
      }
    },
    // Another tab waits with a newer version: let it, the next look opens anew.
    blocking: forget,
    terminated: forget,
  }).catch((error: unknown) => {
    opened = undefined;
    throw error;
  });
  return opened;
}

function forget(): void {
  const before = opened;
  opened = undefined;
  void before?.then((database) => database.close());
}

/** Returns a thing that was kept under a name. */
export async function recall<Thing>(name: string): Promise<Thing | undefined> {
  return (await (await database()).get("things", name)) as Thing | undefined;
}

/** Keeps a thing under a name, in the place of the one before. */
export async function remember(name: string, thing: unknown): Promise<void> {
  await (await database()).put("things", thing, name);
}
