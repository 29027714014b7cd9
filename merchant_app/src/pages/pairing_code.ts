// Counts down how long a pairing code is good, and notices when a device has used it.

export {};

const EVERY_MS = 2000;

const place = document.querySelector<HTMLElement>("[data-pairing]");
if (place !== null) watch(place);

function watch(place: HTMLElement): void {
  const { pairing = "", seconds = "0" } = place.dataset;
  const left = place.querySelector<HTMLElement>("[data-left]");
  const endsAt = performance.now() + Number(seconds) * 1000;
  const reload = document.querySelector<HTMLElement>("[data-reload]");
  if (reload !== null) reload.hidden = true;

  const counting = setInterval(() => {
    const rest = Math.max(0, Math.ceil((endsAt - performance.now()) / 1000));
    const minutes = `${Math.floor(rest / 60)}:${String(rest % 60).padStart(2, "0")}`;
    if (left !== null) left.textContent = (left.dataset["words"] ?? "").replace("{minutes}", minutes);
    if (rest === 0) {
      clearInterval(counting);
      location.reload();
    }
  }, 250);

  async function look(): Promise<void> {
    try {
      const response = await fetch(pairing, { headers: { accept: "application/json" } });
      const code = response.ok ? ((await response.json()) as { used_at: string | null }) : null;
      // Signed out in the meantime: the page itself says it better.
      const isRefused = response.status >= 400 && response.status < 500;
      if (isRefused || code?.used_at) return location.reload();
    } catch {
      // Out of reach for a moment: the next look may find it.
    }
    setTimeout(() => void look(), EVERY_MS);
  }
  setTimeout(() => void look(), EVERY_MS);
}
