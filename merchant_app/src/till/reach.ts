// Whether the service can be reached, and what a request that came to nothing means.
import { effect, signal } from "@preact/signals";

import { Refused } from "../signing.ts";
import { say } from "./words.ts";

/** Longer than this, no cashier waits without being told. */
export const PATIENCE_MS = 6000;
/** What a request ends with that was given up. */
const NO_ANSWER: ReadonlySet<string> = new Set(["AbortError", "NetworkError", "TimeoutError"]);
/** How soon a service that is out of reach is tried again. */
const AGAIN_MS = 5000;
/** How often it is seen to that it still is in reach. */
const STILL_THERE_MS = 30_000;

/** Whether the last request was answered. */
export const reachable = signal(true);

/** Tells whether a request got no answer that decides anything. */
export function isOutOfReach(error: unknown): boolean {
  if (error instanceof Refused) return error.status >= 500 && error.code !== "service.busy";
  if (error instanceof DOMException) return NO_ANSWER.has(error.name);
  return error instanceof TypeError;
}

/**
 * Says why a request came to nothing, in words for the cashier.
 *
 * @throws whatever is neither a refusal nor a net that failed.
 */
export function reasonOf(error: unknown): string {
  if (error instanceof Refused && error.message !== "") return error.message;
  if (error instanceof Refused || isOutOfReach(error)) return say("unreachable");
  throw error;
}

/** Keeps looking whether the service is in reach, and as soon as the browser sees a net. */
export function watchReach(): void {
  const look = async (): Promise<void> => {
    try {
      const response = await fetch("/health/live", {
        cache: "no-store",
        credentials: "omit",
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      reachable.value = response.ok;
    } catch {
      reachable.value = false;
    }
  };
  effect(() => {
    const timer = setInterval(() => void look(), reachable.value ? STILL_THERE_MS : AGAIN_MS);
    return () => clearInterval(timer);
  });
  addEventListener("online", () => void look());
  addEventListener("offline", () => (reachable.value = false));
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) void look();
  });
}
