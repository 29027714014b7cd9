// Copies what stands on the page into the clipboard.
export {};

for (const place of document.querySelectorAll<HTMLElement>("[data-copy]")) {
  const { copy = "", copied = "", failed = "" } = place.dataset;
  const source = document.getElementById(copy);
  const status = place.querySelector<HTMLElement>("[role=status]");
  place.hidden = false;
  place.querySelector("button")?.addEventListener("click", () => {
    const text = source?.textContent?.trim() ?? "";
    navigator.clipboard.writeText(text).then(
      () => say(status, copied),
      () => say(status, failed),
    );
  });
}

function say(status: HTMLElement | null, words: string): void {
  if (status !== null) status.textContent = words;
}
