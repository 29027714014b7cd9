// An amount is entered as on a cash register: the digits come in from the right, the last
// two are cents.

/** No voucher is worth more: a longer number is a slip of the finger. */
export const LARGEST_CENTS = 99_999_99;

/** Returns the amount after a key: a digit, `00`, or `back` for the last digit. */
export function entered(cents: number, key: string): number {
  if (key === "back") return Math.floor(cents / 10);
  const next = cents * 10 ** key.length + Number(key);
  return next > LARGEST_CENTS ? cents : next;
}
