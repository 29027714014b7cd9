// Amounts are whole cents. They are written as the rest of the service writes them.
import { language } from "./language.ts";

/** Writes cents as `1.234,50 €`, in English as `1,234.50 €`. */
export function euro(cents: number): string {
  const [point, group] = language.value === "en" ? [".", ","] : [",", "."];
  const whole = String(Math.floor(cents / 100)).replace(/\B(?=(\d{3})+$)/g, group);
  return `${whole}${point}${String(cents % 100).padStart(2, "0")}\u00a0€`;
}
