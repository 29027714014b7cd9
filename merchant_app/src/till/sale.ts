// A sale that is paid with one voucher or with several, one after the other: pure rules.

/** A voucher that paid its part. */
export interface Paid {
  readonly redemptionId: string;
  readonly amountCents: number;
  /** What is left on it; not known without the net. */
  readonly leftCents: number | null;
  readonly at: string;
  readonly townName: string;
  readonly serial: number | null;
  /** Taken without the net; whether it holds, the service says later. */
  readonly claimed: boolean;
}

/** What a customer pays with vouchers. */
export interface Sale {
  /** What is still to be paid; nothing as long as nobody has entered it. */
  readonly openCents: number | null;
  readonly paid: readonly Paid[];
}

export const NO_SALE: Sale = { openCents: null, paid: [] };

/** Returns the part that a voucher pays when *askedCents* are still open. */
export function partOf(askedCents: number, balanceCents: number): number {
  return Math.min(askedCents, balanceCents);
}

/** Returns the sale after a voucher has paid its part of *askedCents*. */
export function afterPaying(sale: Sale, askedCents: number, paid: Paid): Sale {
  return { openCents: askedCents - paid.amountCents, paid: [...sale.paid, paid] };
}

/** Tells whether a sale has begun and is not covered yet. */
export function isOpen(sale: Sale): boolean {
  return sale.openCents !== null && sale.openCents > 0;
}

/** Returns what vouchers have paid so far. */
export function paidCents(sale: Sale): number {
  return sale.paid.reduce((sum, { amountCents }) => sum + amountCents, 0);
}
