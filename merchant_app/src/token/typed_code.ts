// The redemption code as people type it: 16 characters of Crockford's base32
// (https://www.crockford.com/base32.html) and a check character, in groups of four.

import { fromFives, inFives } from "./base32.ts";

/** What is typed so far, for the field it is typed into. */
export interface SoFar {
  /** In upper case, look-alikes put right, in groups of four. Correcting it changes nothing. */
  readonly text: string;
  /** Of the first character in {@link text} that cannot be, or null. */
  readonly position: number | null;
  /** The code, once it is whole and its check holds. */
  readonly code: Uint8Array | null;
}

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_BYTES = 10;
const CHARACTERS = 17; // 80 bits, five to a character, and the check
const MODULUS = 37;
const GROUP = 4;

const VALUES = new Map([
  ...Array.from(ALPHABET, (letter, value) => [letter, value] as const),
  ...Array.from(ALPHABET.toLowerCase(), (letter, value) => [letter, value] as const),
  ...Array.from("Oo", (letter) => [letter, 0] as const),
  ...Array.from("IiLl", (letter) => [letter, 1] as const),
]);

const SEPARATOR = /^[ \t\r\n\u00a0\u202f\-\u2010-\u2015\u2212]$/;

/**
 * Reads a code as a person typed it, or tells what `code.typo` says: the place of the first
 * character that cannot be, counted in code points from 0; the end of the text when
 * characters are missing; null when only the check disagrees.
 */
export function readTypedCode(
  typed: string,
): { code: Uint8Array } | { position: number | null } {
  const values: number[] = [];
  const characters = Array.from(typed); // code points
  for (const [position, character] of characters.entries()) {
    if (SEPARATOR.test(character)) continue;
    const value = VALUES.get(character);
    if (value === undefined || values.length === CHARACTERS) return { position };
    values.push(value);
  }
  if (values.length < CHARACTERS) return { position: characters.length };
  const check = values.pop();
  const code = fromFives(values);
  return code === null || check !== checkOf(values) ? { position: null } : { code };
}

/**
 * Writes a code for people: `86E2-YFW4-P2B4-Y7JW-V`.
 *
 * @throws RangeError for what is no code: another length, or one that is never issued
 *   because its check would be none of the characters.
 */
export function formatTypedCode(code: Uint8Array): string {
  const values = inFives(code);
  const check = checkOf(values);
  if (code.length !== CODE_BYTES || check >= ALPHABET.length) {
    throw new RangeError("this is no redemption code");
  }
  return inGroups([...values, check].map((value) => ALPHABET.charAt(value)));
}

/**
 * Corrects what is being typed. What cannot be stays where it is, so that people see it. The
 * text for a beginning is the beginning of the text for the whole: so the caret goes where
 * the text for what stands before it ends.
 */
export function completeSoFar(typed: string): SoFar {
  const shown: string[] = [];
  let wrong: number | null = null;
  for (const character of typed) {
    if (SEPARATOR.test(character)) continue;
    const value = VALUES.get(character);
    if (value === undefined || shown.length >= CHARACTERS) wrong ??= shown.length;
    shown.push(value === undefined ? character : ALPHABET.charAt(value));
  }
  const read = readTypedCode(typed);
  return {
    text: inGroups(shown),
    position: wrong === null ? null : wrong + Math.floor(wrong / GROUP),
    code: "code" in read ? read.code : null,
  };
}

function checkOf(values: readonly number[]): number {
  return values.reduce((rest, value) => (32 * rest + value) % MODULUS, 0);
}

function inGroups(characters: readonly string[]): string {
  return characters
    .map((character, place) => (place > 0 && place % GROUP === 0 ? `-${character}` : character))
    .join("");
}
