// What the till asks the service, and what it is told: the routes of docs/reference/api.md.
import { signal } from "@preact/signals";

import {
  askSigned,
  keptDevice,
  Refused,
  sendSigned,
  type Asking,
  type Device,
} from "../signing.ts";
import type { Claimed } from "./offline/claims.ts";
import type { Presented } from "./scan/presented.ts";
import { isOutOfReach, PATIENCE_MS, reachable } from "./reach.ts";

/** A cashier whom the device may offer. */
export interface Cashier {
  readonly id: string;
  readonly name: string;
}

/** What may be taken while the service cannot be reached. */
export interface OfflineTerms {
  readonly voucher_cents: number;
  readonly device_cents: number;
  readonly outage_minutes: number;
  readonly bearer: "merchant" | "town";
}

/** What the device is: its shop, and who stands there. */
export interface OwnDevice {
  readonly id: string;
  readonly name: string;
  readonly town_id: string;
  readonly town_name: string;
  readonly merchant_id: string;
  readonly merchant_name: string;
  readonly branch_id: string;
  readonly branch_name: string;
  readonly address: string;
  readonly brand_colour: string;
  readonly cashiers: readonly Cashier[];
  readonly cashier: Cashier | null;
  readonly accepted_towns: readonly { readonly id: string; readonly name: string }[];
  readonly offline: OfflineTerms | null;
  readonly server_time: string;
}

/** A voucher as a till may see it. */
export interface VoucherBalance {
  readonly town_id: string;
  readonly town_name: string;
  readonly voucher_id: string;
  readonly programme_name: string;
  readonly serial: number;
  readonly face_value_cents: number;
  readonly balance_cents: number;
  readonly valid_until: string;
  readonly partial_redemption: boolean;
  readonly needs_pin: boolean;
  readonly refusal: string | null;
  readonly message: string | null;
}

/** A redemption that took place. */
export interface RedemptionDone {
  readonly id: string;
  readonly issuing_town_id: string;
  readonly voucher_id: string;
  readonly amount_cents: number;
  readonly balance_after_cents: number;
  readonly redeemed_at: string;
  readonly reversal_id: string | null;
}

/** What was redeemed or taken back. */
export interface Sums {
  readonly redeemed_cents: number;
  readonly reversed_cents: number;
  readonly net_cents: number;
  readonly redemption_count: number;
  readonly reversal_count: number;
}

/** A line of a day's list. */
export interface Entry {
  readonly id: string;
  readonly kind: "redemption" | "reversal";
  readonly at: string;
  readonly amount_cents: number;
  readonly balance_after_cents: number;
  readonly issuing_town_name: string;
  readonly voucher_serial: number;
  readonly device_name: string | null;
  readonly cashier_name: string | null;
  readonly own: boolean;
  readonly redemption_id: string | null;
  readonly reversal_id: string | null;
  readonly reversible: boolean;
}

/** A day of the branch. */
export interface Day {
  readonly day: string;
  readonly branch_name: string;
  readonly entries: readonly Entry[];
  readonly has_more: boolean;
  readonly total: Sums;
  readonly by_cashier: readonly (Sums & { readonly name: string | null })[];
  readonly by_device: readonly (Sums & { readonly name: string | null })[];
}

/** How far this clock is behind that of the service, in milliseconds, since it was noticed. */
export const clockAhead = signal(0);

/** Returns the service's time, in milliseconds since 1970, as far as this device can tell. */
export function now(): number {
  return Date.now() + clockAhead.value;
}

export function getOwnDevice(): Promise<OwnDevice> {
  return ask("GET", "/api/v1/device");
}

export function signOn(cashierId: string, pin: string): Promise<OwnDevice> {
  return ask("POST", "/api/v1/device/cashier", { cashier_id: cashierId, pin });
}

export function signOff(): Promise<OwnDevice> {
  return ask("POST", "/api/v1/device/cashier/end", {});
}

export function lookUp(presented: Presented): Promise<VoucherBalance> {
  const text = "token" in presented ? presented.token : presented.code;
  return ask("GET", `/api/v1/vouchers/${encodeURIComponent(text)}`);
}

/** What a redemption is asked with. */
export interface Redeeming {
  readonly id: string;
  readonly shop: Shop;
  readonly presented: Presented;
  readonly amountCents: number;
  /** The PIN of a voucher that has one. */
  readonly pin?: string;
}

/** The shop, as redemptions name it. */
export interface Shop {
  readonly town_id: string;
  readonly merchant_id: string;
  readonly branch_id: string;
}

export function redeem(asked: Redeeming): Promise<RedemptionDone> {
  const { id, shop, presented, amountCents, pin } = asked;
  const body = { id, ...shop, ...presented, amount_cents: amountCents, pin };
  return ask("POST", "/api/v1/redemptions", body);
}

/** Returns what became of a redemption; `redemption.unknown` when nothing was booked so far. */
export function whatBecameOf(id: string, shop: Shop): Promise<RedemptionDone> {
  return ask("GET", `/api/v1/towns/${shop.town_id}/redemptions/${id}`);
}

/** What the service says of a claim. */
export interface ClaimAnswer {
  readonly outcome: "accepted" | "disputed";
  readonly reason: string | null;
  readonly message: string | null;
  readonly bearer: "merchant" | "town" | null;
}

/** Hands in what was taken without the net. */
export function handIn(claimed: Claimed): Promise<ClaimAnswer> {
  const { id, shop, presented, amountCents, claim } = claimed;
  return ask("POST", "/api/v1/claims", {
    id,
    ...shop,
    ...presented,
    amount_cents: amountCents,
    claimed_at: new Date(claim.claimedAt).toISOString(),
    outage_began_at: new Date(claim.outageBeganAt).toISOString(),
  });
}

/** Takes a redemption back; *id* is that of the reversal, made and kept by the till. */
export async function reverse(id: string, redemptionId: string, shop: Shop): Promise<void> {
  await ask("POST", `/api/v1/redemptions/${redemptionId}/reversal`, { id, ...shop });
}

/** Returns a day of the branch, or nothing when it is still as it was when *etag* was given. */
export async function getDay(
  day: string | null,
  etag: string | null,
): Promise<{ day: Day; etag: string | null } | null> {
  const path = day === null ? "/api/v1/device/day" : `/api/v1/device/day?day=${day}`;
  const response = await answer("GET", path, undefined, etag ? { "if-none-match": etag } : {});
  if (response.status === 304) return null;
  return { day: (await response.json()) as Day, etag: response.headers.get("etag") };
}

/** Returns a day's entries for a spreadsheet. */
export async function getDayTable(day: string): Promise<Blob> {
  return (await answer("GET", `/api/v1/device/day.csv?day=${day}`)).blob();
}

async function ask<Answer>(method: "GET" | "POST", path: string, body?: unknown): Promise<Answer> {
  return through((device, asking) => sendSigned<Answer>(device, method, path, body, asking));
}

function answer(
  method: "GET" | "POST",
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return through((device, asking) => askSigned(device, method, path, body, { ...asking, headers }));
}

/** Asks as this device, and notes whether the service could be reached. */
async function through<Answer>(
  asked: (device: Device, asking: Asking) => Promise<Answer>,
): Promise<Answer> {
  const device = await keptDevice();
  if (device === undefined || device.keyId === device.id) throw new NotPaired();
  try {
    const told = await asked(device, { signal: AbortSignal.timeout(PATIENCE_MS) });
    reachable.value = true;
    return told;
  } catch (error) {
    if (isOutOfReach(error)) reachable.value = false;
    else if (error instanceof Refused) reachable.value = true;
    throw error;
  } finally {
    clockAhead.value = (await keptDevice())?.clockAhead ?? 0;
  }
}

/** This browser is no device of a shop. */
export class NotPaired extends Error {}
