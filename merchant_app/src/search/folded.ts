// Words as a search compares them: `folded` of gutschein/storefront/rules.py does the same.

const SPELT_OUT: Record<string, string> = {
  ä: "ae",
  ö: "oe",
  ü: "ue",
  ß: "ss",
  æ: "ae",
  ø: "o",
};

/** Without case and accents, with umlauts spelt out. */
export function folded(text: string): string[] {
  const spelt = text.toLowerCase().replace(/[äöüßæø]/g, (sign) => SPELT_OUT[sign] ?? sign);
  const plain = spelt.normalize("NFKD").replace(/\p{Mn}/gu, "").toLowerCase();
  return plain.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
}
