// What makes this browser a device: a key that cannot be taken out of it, and requests
// signed with that key (RFC 9421, in the profile of docs/reference/devices.md).
import { database } from "./database.ts";

/** A device, as the browser keeps it. */
export interface Device {
  /** UUIDv7, made here. */
  readonly id: string;
  /** Of its signatures, once it is paired; the device's id alone before. */
  readonly keyId: string;
  readonly keys: CryptoKeyPair;
  /** Milliseconds that the service's clock is ahead of this one. */
  readonly clockAhead: number;
}

/** What the service refused, in words for people. */
export class Refused extends Error {
  readonly code: string;

  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(problem.detail ?? "");
    this.code = problem.code ?? "";
  }
}

/** A problem document (RFC 9457) with our members. */
export interface Problem {
  readonly code?: string;
  readonly detail?: string;
  readonly server_time?: string;
  readonly balance_cents?: number;
  readonly seconds?: number;
}

/** What a request may say besides its body. */
export interface Asking {
  /** Gives up, and fails with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Further headers, such as `if-none-match`. */
  readonly headers?: Readonly<Record<string, string>>;
}

const KEY = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" } as const;
const OWN = "own";

/** Tells whether this browser can keep a key and sign with it. */
export function canSign(): boolean {
  return window.isSecureContext && "indexedDB" in window && "subtle" in crypto;
}

/** Makes a device that is not paired yet. Its private key never leaves the browser. */
export async function newDevice(): Promise<Device> {
  const keys = await crypto.subtle.generateKey(KEY, false, ["sign", "verify"]);
  const id = uuid7();
  return { id, keyId: id, keys, clockAhead: 0 };
}

/** Returns the public key as the service takes it: SubjectPublicKeyInfo in base64. */
export async function publicKeyOf(device: Device): Promise<string> {
  return base64(await crypto.subtle.exportKey("spki", device.keys.publicKey));
}

/**
 * Sends a signed request and returns what the service answers. A clock that is wrong is
 * put right once, and remembered.
 *
 * @throws Refused with what the service says; TypeError when it cannot be reached.
 */
export async function sendSigned<Answer>(
  device: Device,
  method: "GET" | "POST",
  path: string,
  body?: unknown,
  asking: Asking = {},
): Promise<Answer> {
  const response = await askSigned(device, method, path, body, asking);
  return (await response.json()) as Answer;
}

/**
 * Sends a signed request and returns the answer as it came, one that says that nothing has
 * changed (304) included.
 *
 * @throws Refused, TypeError as `sendSigned`.
 */
export async function askSigned(
  device: Device,
  method: "GET" | "POST",
  path: string,
  body?: unknown,
  asking: Asking = {},
): Promise<Response> {
  let sender = device;
  for (let tries = 0; ; tries += 1) {
    const response = await send(sender, method, path, body, asking);
    if (response.ok || response.status === 304) return response;
    const problem = await problemOf(response);
    if (problem.code !== "device.clock" || problem.server_time === undefined || tries > 0) {
      throw new Refused(response.status, problem);
    }
    sender = { ...sender, clockAhead: Date.parse(problem.server_time) - Date.now() };
    if ((await keptDevice())?.id === sender.id) await keepDevice(sender);
  }
}

/** Returns the device that this browser keeps. */
export async function keptDevice(): Promise<Device | undefined> {
  return (await database()).get("device", OWN);
}

/** Keeps a device, in the place of any other. */
export async function keepDevice(device: Device): Promise<void> {
  await (await database()).put("device", device, OWN);
}

/** Forgets the device, and with it the only copy of its key. */
export async function forgetDevice(): Promise<void> {
  await (await database()).delete("device", OWN);
}

async function send(
  device: Device,
  method: string,
  path: string,
  body: unknown,
  asking: Asking,
): Promise<Response> {
  const url = new URL(path, location.origin);
  const content = body === undefined ? null : new TextEncoder().encode(JSON.stringify(body));
  return fetch(url, {
    method,
    headers: {
      accept: "application/json",
      "accept-language": document.documentElement.lang,
      ...(content === null ? {} : { "content-type": "application/json" }),
      ...asking.headers,
      ...(await signatureOf(device, method, url, content)),
    },
    body: content,
    signal: asking.signal ?? null,
    credentials: "omit", // a device is nobody's session
    cache: "no-store",
    redirect: "error",
  });
}

async function signatureOf(
  device: Device,
  method: string,
  url: URL,
  content: Uint8Array<ArrayBuffer> | null,
): Promise<Record<string, string>> {
  const covered: [string, string][] = [
    ["@method", method],
    ["@authority", url.host],
    ["@path", url.pathname],
    ["@query", url.search || "?"],
  ];
  if (content !== null) {
    const digest = base64(await crypto.subtle.digest("SHA-256", content));
    covered.push(["content-digest", `sha-256=:${digest}:`]);
  }
  const created = Math.floor((Date.now() + device.clockAhead) / 1000);
  const parameters =
    `(${covered.map(([name]) => `"${name}"`).join(" ")})` +
    `;created=${created};nonce="${nonce()}";keyid="${device.keyId}"` +
    `;alg="ecdsa-p256-sha256";tag="gutschein"`;
  const lines = [...covered, ["@signature-params", parameters]];
  const base = lines.map(([name, value]) => `"${name}": ${value}`).join("\n");
  const signature = await crypto.subtle.sign(
    SIGNATURE,
    device.keys.privateKey,
    new TextEncoder().encode(base),
  );
  const digest = covered.find(([name]) => name === "content-digest");
  return {
    ...(digest === undefined ? {} : { "content-digest": digest[1] }),
    "signature-input": `sig=${parameters}`,
    signature: `sig=:${base64(signature)}:`,
  };
}

async function problemOf(response: Response): Promise<Problem> {
  const kind = response.headers.get("content-type") ?? "";
  return kind.includes("json") ? ((await response.json()) as Problem) : {};
}

function nonce(): string {
  const random = base64(crypto.getRandomValues(new Uint8Array(16)).buffer);
  return random.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * Returns a UUIDv7 (RFC 9562, section 5.7).
 *
 * @param now milliseconds since 1970.
 */
export function uuid7(now: number = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, Math.floor(now / 2 ** 32));
  view.setUint32(2, now % 2 ** 32);
  view.setUint8(6, (view.getUint8(6) & 0x0f) | 0x70);
  view.setUint8(8, (view.getUint8(8) & 0x3f) | 0x80);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function base64(buffer: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(buffer)));
}
