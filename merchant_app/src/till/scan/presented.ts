// What is held up to the till: a token from a QR code, or a code typed by hand. Nothing else
// is sent anywhere, and no address is ever opened.
import { readToken } from "../../token/token.ts";
import { readTypedCode } from "../../token/typed_code.ts";

/** A voucher, as the service takes it. */
export type Presented = { readonly token: string } | { readonly code: string };

/** A typed code is never this long, a token always longer. */
const LONGEST_CODE = 64;

/**
 * Reads what a camera or a scanner has seen, or what was typed.
 *
 * @returns nothing for whatever is no voucher of ours.
 */
export function presentedIn(text: string): Presented | null {
  if (text.trim().length > LONGEST_CODE) {
    const token = readToken(text) ?? readToken(asOnGermanKeyboard(text));
    return token === null ? null : { token: token.text };
  }
  return "code" in readTypedCode(text) ? { code: text.trim() } : null;
}

/**
 * Puts right what a scanner types that takes a German keyboard for an American one: Z for Y,
 * Ö for the colon, - for the slash.
 */
export function asOnGermanKeyboard(text: string): string {
  const typed = { Y: "Z", Z: "Y", y: "z", z: "y", Ö: ":", ö: ":", "-": "/", ß: "-" } as const;
  return text.replace(/[YZyzÖöß-]/g, (letter) => typed[letter as keyof typeof typed]);
}
