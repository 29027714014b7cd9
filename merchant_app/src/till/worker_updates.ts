// The service worker lets the till open without a net. A new version takes over between two
// sales, never in the middle of one.
import { effect, signal } from "@preact/signals";

import { unclear } from "./booking.ts";
import { sale } from "./paying.ts";
import { isOpen } from "./sale.ts";
import { view } from "./view.ts";

const WORKER = "/kasse/worker.js";
const SCOPE = "/kasse";
const LOOK_EVERY_MS = 60 * 60 * 1000;
/** What the page tells a worker that waits. */
export const TAKE_OVER = "take over";

interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}

/** A version that is ready and waits for the end of the sale. */
const waiting = signal<ServiceWorker | null>(null);
const prompt = signal<InstallPrompt | null>(null);
/** Whether the browser offers to install the till. */
export const canInstall = signal(false);

/** Begins to keep the till on the device, and to look for new versions. */
export async function keepUpToDate(): Promise<void> {
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    prompt.value = event as InstallPrompt;
    canInstall.value = true;
  });
  const { serviceWorker } = navigator;
  if (serviceWorker === undefined) return;
  const hadOne = serviceWorker.controller !== null;
  serviceWorker.addEventListener("controllerchange", () => {
    if (hadOne) location.reload();
    else void handOverReader();
  });
  const registration = await serviceWorker.register(trusted(WORKER) as string, {
    scope: SCOPE,
    updateViaCache: "none",
  });
  const look = (): void => {
    if (registration.waiting && hadOne) waiting.value = registration.waiting;
  };
  look();
  registration.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", look);
  });
  setInterval(() => void registration.update().catch(() => undefined), LOOK_EVERY_MS);
  effect(() => {
    const isIdle = view.value.name === "scan" && !isOpen(sale.value) && unclear.value.length === 0;
    if (isIdle) waiting.value?.postMessage(TAKE_OVER);
  });
}

/**
 * Lets the worker keep the reader of QR codes too, which is loaded only where it is needed: on
 * the first visit that was before there was a worker.
 */
async function handOverReader(): Promise<void> {
  for (const { name } of performance.getEntriesByType("resource")) {
    if (name.endsWith(".wasm")) await fetch(name).catch(() => undefined); // the next visit tries again
  }
}

/** Asks whether the till shall be installed, once: then the browser says when it can again. */
export async function install(): Promise<void> {
  await prompt.value?.prompt();
  canInstall.value = false;
}

/** Pages load scripts from our own paths only (Trusted Types); this one is ours. */
function trusted(path: typeof WORKER): unknown {
  const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  if (types === undefined) return path;
  policy ??= types.createPolicy("till", {
    createScriptURL(url) {
      if (url !== WORKER) throw new TypeError(`not a script of the till: ${url}`);
      return url;
    },
  });
  return policy.createScriptURL(path);
}

interface TrustedPolicy {
  createScriptURL(url: string): unknown;
}
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): TrustedPolicy;
}
let policy: TrustedPolicy | undefined;
