// A voucher that is held up while the service is out of reach: what the device itself can
// tell, in the words of the cashier.
import { lastDay } from "../../token/verify.ts";
import { euro } from "../money.ts";
import type { Presented } from "../scan/presented.ts";
import { own } from "../standing.ts";
import type { Held } from "../view.ts";
import { dayWords, say } from "../words.ts";
import { readToken } from "../../token/token.ts";
import { roomNow } from "./claims.ts";
import { examine, type Doubt } from "./knowledge.ts";
import type { OfflineRefusal } from "./rules.ts";

/** It can be taken, up to what it shows as its balance; or why not. */
export type Looked =
  | { readonly held: Held; readonly givenCents: number }
  | { readonly reason: string };

/** Looks at a voucher without asking anybody. */
export async function lookedAt(presented: Presented): Promise<Looked> {
  const shop = own.value;
  if (shop?.offline == null) return { reason: say("offlineOff") };
  if (!("token" in presented)) return { reason: say("offlineTyped") };
  const examined = await examine(presented.token);
  if (typeof examined === "string") return { reason: doubtWords(examined, presented.token) };
  const { token, townId } = examined;
  const town = shop.accepted_towns.find(({ id }) => id === townId);
  if (town === undefined) return { reason: say("offlineTown") };
  const room = await roomNow(presented.token, token.faceValueCents);
  if ("code" in room) return { reason: refusalWords(room) };
  const voucher = {
    town_name: town.name,
    programme_name: null,
    serial: null,
    balance_cents: room.mostCents,
    valid_until: lastDay(token.exp),
    partial_redemption: true,
    needs_pin: false, // those that do are on the status list
  };
  return { held: { presented, voucher, offline: true }, givenCents: room.givenCents };
}

function refusalWords(refusal: OfflineRefusal): string {
  switch (refusal.code) {
    case "offline.off":
      return say("offlineOff");
    case "offline.clock":
      return say("offlineClock");
    case "offline.too_late":
      return say("offlineTooLate", { minutes: refusal.minutes });
    case "offline.limit":
      return say("offlineLimit", {
        max: euro(refusal.maxCents),
        left: euro(refusal.leftCents),
      });
  }
}

function doubtWords(doubt: Doubt, text: string): string {
  switch (doubt) {
    case "token.unreadable":
      return say("notOurs");
    case "token.signature":
      return say("offlineForged");
    case "token.key_unknown":
      return say("offlineKeyUnknown");
    case "token.key_not_yet":
      return say("offlineClock");
    case "token.key_expired":
    case "voucher.expired":
      return say("offlineExpired", { date: dayWords(lastDay(readToken(text)?.exp ?? 0)) });
    case "voucher.not_offline":
      return say("offlineNotThis");
    case "offline.keys":
    case "offline.list":
      return say("offlineOldList");
  }
}
