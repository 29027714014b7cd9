// The till's words in the language that is chosen, and days and times as people write them.
import { language } from "./language.ts";
import { de, type Words } from "./words/de.ts";
import { en } from "./words/en.ts";

const ALL = { de, en } as const;
const ZONE = "Europe/Berlin";

/** Says a text, with its places filled in. */
export function say(
  name: keyof Words,
  places: Readonly<Record<string, string | number>> = {},
): string {
  return ALL[language.value][name].replace(/\{(\w+)\}/g, (whole, place: string) =>
    String(places[place] ?? whole),
  );
}

/** Writes a day `2029-12-31` as `31.12.2029`. */
export function dayWords(day: string): string {
  return day.split("-").reverse().join(".");
}

/** Writes an instant as the time of day in Germany: `14:05`. */
export function timeWords(instant: string | number): string {
  return format(instant, { hour: "2-digit", minute: "2-digit" });
}

/** Writes an instant with its day, in Germany: `05.12.2026, 14:05`. */
export function instantWords(instant: string | number): string {
  return `${dayWords(dayOf(instant))}, ${timeWords(instant)}`;
}

/** Returns the day in Germany that an instant belongs to: `2026-12-05`. */
export function dayOf(instant: string | number): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE }).format(new Date(instant));
}

/** Returns the hour of the day in Germany. */
export function hourOf(instant: string | number): number {
  return Number(format(instant, { hour: "2-digit" }).slice(0, 2));
}

function format(instant: string | number, parts: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat("de-DE", { timeZone: ZONE, hourCycle: "h23", ...parts }).format(
    new Date(instant),
  );
}
