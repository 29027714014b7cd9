// Scanners by USB or Bluetooth type what they read, faster than any hand, and end with Enter.

/** Two keys of a scanner follow one another within this time, over Bluetooth too. */
const BETWEEN_KEYS_MS = 100;
/** So many keys in a row without a pause are no hand. A token has seven times as many. */
const FEWEST_KEYS = 24;

/**
 * Listens for scanners, whatever has the focus, until the returned function is called. What
 * they type arrives nowhere else.
 *
 * @param scanned is told the text.
 */
export function listenForScanners(scanned: (text: string) => void): () => void {
  let typed = "";
  let lastAt = -Infinity;

  function hear(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const quick = event.timeStamp - lastAt < BETWEEN_KEYS_MS;
    const isEnd = event.key === "Enter" || event.key === "Tab";
    if (isEnd && quick && typed.length >= FEWEST_KEYS) {
      swallow(event);
      const text = typed;
      typed = "";
      scanned(text);
      return;
    }
    if (event.key.length !== 1) return; // Shift comes between the letters
    typed = quick ? typed + event.key : event.key;
    lastAt = event.timeStamp;
    const inField = event.target instanceof HTMLInputElement;
    // The digits of a token are no amount. A hand that is quick at the keypad types digits
    // alone, and what goes into a field stays there.
    if (!inField && /[^0-9]/.test(typed)) swallow(event);
  }

  document.addEventListener("keydown", hear, { capture: true });
  return () => document.removeEventListener("keydown", hear, { capture: true });
}

function swallow(event: KeyboardEvent): void {
  event.preventDefault();
  event.stopPropagation();
}
