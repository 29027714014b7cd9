// What a till has to know before the net fails: the towns' keys, and which vouchers must not
// be taken without asking. Fetched while the service answers, and kept.
import { recall, remember } from "../../database.ts";
import { readKeySet, type KeySet } from "../../token/key_set.ts";
import { mayBeTaken, readStatusList } from "../../token/status_list.ts";
import { verify, type ErrorCode } from "../../token/verify.ts";
import type { Token } from "../../token/token.ts";
import { now } from "../service.ts";
import { own } from "../standing.ts";

/** An answer of the service, as it was kept. */
interface Copy<Content> {
  readonly content: Content;
  readonly etag: string | null;
  /** When it was last found to be the current one, in milliseconds since 1970. */
  readonly asOf: number;
}

/** A voucher that is genuine, and not known to be spent or blocked. */
export interface Genuine {
  readonly token: Token;
  readonly townId: string;
}

export type Doubt = ErrorCode | "offline.list" | "offline.keys" | "voucher.not_offline";

const KEYS = "keys";
const KEYS_PATH = "/.well-known/gutschein/keys.json";
const LIST_PATH = "/.well-known/gutschein/status/";
/** docs/reference/token.md: what was withdrawn is in no newer set. */
const OLDEST_KEYS_MS = 7 * 24 * 60 * 60 * 1000;

/** Fetches what has changed. What cannot be fetched leaves what is kept as it is. */
export async function refreshKnowledge(): Promise<void> {
  const shop = own.value;
  if (shop?.offline == null) return;
  await refresh(KEYS, KEYS_PATH, readableKeys);
  const keys = await keptKeys();
  if (keys === null) return;
  for (const { id } of shop.accepted_towns) {
    await refresh(LIST_PATH + id, LIST_PATH + id, (response) => goodList(response, keys, id));
  }
}

/**
 * Looks at a voucher without asking anybody: signature, validity, and the list of its town.
 */
export async function examine(text: string): Promise<Genuine | Doubt> {
  const keys = await keptKeys();
  if (keys === null) return "offline.keys";
  const at = new Date(now());
  const verified = await verify(text, keys, at);
  if (verified.outcome !== "ok") return verified.outcome;
  const { token, townId } = verified;
  const copy = await recall<Copy<Uint8Array>>(LIST_PATH + townId);
  const read = copy && (await readStatusList(copy.content, keys, at));
  if (read?.outcome !== "ok") return "offline.list";
  if (!(await mayBeTaken(read.list, townId, token.code))) return "voucher.not_offline";
  return { token, townId };
}

async function keptKeys(): Promise<KeySet | null> {
  const copy = await recall<Copy<unknown>>(KEYS);
  if (copy === undefined || now() - copy.asOf > OLDEST_KEYS_MS) return null;
  return readKeySet(copy.content);
}

/** Returns a key set as it came, if it is one. */
async function readableKeys(response: Response): Promise<unknown> {
  const content: unknown = await response.json();
  readKeySet(content);
  return content;
}

/** Returns a list as it came, if its town signed it and it is no older than the one before. */
async function goodList(response: Response, keys: KeySet, townId: string): Promise<Uint8Array> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  const at = new Date(now());
  const read = await readStatusList(bytes, keys, at);
  const before = await recall<Copy<Uint8Array>>(LIST_PATH + townId);
  const known = before && (await readStatusList(before.content, keys, at));
  if (read.outcome !== "ok") throw new TypeError(`no list to go by: ${read.outcome}`);
  if (known?.outcome === "ok" && known.list.issuedAt > read.list.issuedAt) {
    throw new TypeError("a list that is older than the one before");
  }
  return bytes;
}

/** Fetches a thing anew. *read* throws TypeError for what must not replace the one before. */
async function refresh<Content>(
  name: string,
  path: string,
  read: (response: Response) => Promise<Content>,
): Promise<void> {
  const before = await recall<Copy<Content>>(name);
  const response = await fetch(path, {
    credentials: "omit",
    cache: "no-store",
    headers: before?.etag ? { "if-none-match": before.etag } : {},
  });
  if (response.status === 304 && before !== undefined) {
    await remember(name, { ...before, asOf: now() });
  } else if (response.ok) {
    const etag = response.headers.get("etag");
    await remember(name, { content: await read(response), etag, asOf: now() });
  }
}
