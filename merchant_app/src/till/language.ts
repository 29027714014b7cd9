// German or English: what the cashier has chosen, else what the browser speaks.
import { signal } from "@preact/signals";

import { recall, remember } from "../database.ts";

export type Language = "de" | "en";

const KEPT = "language";

/** The language of the till. */
export const language = signal<Language>(ofBrowser());

/** Takes up the language that was chosen before. */
export async function recallLanguage(): Promise<void> {
  speak((await recall<Language>(KEPT)) ?? ofBrowser());
}

/** Speaks another language from now on. */
export async function chooseLanguage(chosen: Language): Promise<void> {
  speak(chosen);
  await remember(KEPT, chosen);
}

function speak(chosen: Language): void {
  language.value = chosen;
  document.documentElement.lang = chosen;
}

function ofBrowser(): Language {
  const first = navigator.languages.find((each) => /^(de|en)\b/.test(each));
  return first?.startsWith("en") ? "en" : "de";
}
