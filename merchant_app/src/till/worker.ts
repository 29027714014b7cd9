// Keeps the till on the device, so that it opens without a net: its page and what that loads,
// each version whole or not at all. Nothing that the service answers is kept.
export {};

// What of a service worker's world is used here; its whole library and that of pages exclude
// one another.
interface Lasting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetching extends Lasting {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Worker {
  readonly location: Location;
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(kind: "install" | "activate", hear: (event: Lasting) => void): void;
  addEventListener(kind: "message", hear: (event: MessageEvent<unknown>) => void): void;
  addEventListener(kind: "fetch", hear: (event: Fetching) => void): void;
}
declare const self: Worker;
/** Written before this script by the service: what the version consists of, and its name. */
declare const TILL: { readonly page: string; readonly files: readonly string[]; readonly version: string };

const CACHE = `till ${TILL.version}`;
const TAKE_OVER = "take over";

self.addEventListener("install", (event) => event.waitUntil(fill()));
self.addEventListener("activate", (event) => event.waitUntil(clear()));
self.addEventListener("message", (event) => {
  if (event.data === TAKE_OVER) void self.skipWaiting();
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (url.pathname === TILL.page) event.respondWith(kept(request, TILL.page));
  } else if (url.pathname.startsWith("/static/") || url.pathname.startsWith("/farbe/")) {
    event.respondWith(kept(request, request.url));
  }
});

async function fill(): Promise<void> {
  const cache = await caches.open(CACHE);
  // A file whose name holds its hash is what it was; the page has to be that of this version.
  await cache.addAll([new Request(TILL.page, { cache: "reload" }), ...TILL.files]);
}

async function clear(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
  await self.clients.claim();
}

/** Answers with what is kept, else from the net. What never changes is kept from then on. */
async function kept(request: Request, name: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  const found = await cache.match(name);
  if (found !== undefined) return found;
  const answer = await fetch(request);
  if (answer.ok && request.mode !== "navigate") await cache.put(name, answer.clone());
  return answer;
}
