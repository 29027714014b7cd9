// Finds shops or towns while somebody types. What is compared stands on the page, as the service
// compares it; without this script the form is sent, and the service answers the same.
import { folded } from "../search/folded.ts";

const form = document.querySelector<HTMLFormElement>("[data-shops]");
if (form !== null) watch(form);
const map = document.querySelector<HTMLElement>("[data-tiles]");
if (map !== null) offerMap(map);

function watch(form: HTMLFormElement): void {
  const count = document.querySelector<HTMLElement>("[data-many]");
  const entries = [...document.querySelectorAll<HTMLElement>("[data-words]")];
  const search = (): void => {
    const asked = new FormData(form);
    const words = folded(String(asked.get("q") ?? ""));
    const category = String(asked.get("kategorie") ?? "");
    const accessible = asked.get("barrierefrei") === "1";
    let found = 0;
    for (const entry of entries) {
      const { words: known = "", category: sells, wheelchair } = entry.dataset;
      const fits =
        words.every((word) => known.includes(word)) &&
        (category === "" || category === sells) &&
        (!accessible || wheelchair === "yes");
      entry.hidden = !fits;
      if (fits) found += 1;
    }
    say(count, found);
    remember(asked);
    document.dispatchEvent(new Event("shops:found"));
  };
  form.addEventListener("input", search);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    search();
  });
}

/** The address says what is shown, so that it can be sent to somebody. */
function remember(asked: FormData): void {
  const address = new URL(location.href);
  for (const name of ["q", "kategorie", "barrierefrei"]) {
    const value = String(asked.get(name) ?? "");
    if (value === "") address.searchParams.delete(name);
    else address.searchParams.set(name, value);
  }
  history.replaceState(null, "", address);
}

function say(count: HTMLElement | null, found: number): void {
  if (count === null) return;
  const { one = "", many = "", none = "" } = count.dataset;
  const words = found === 0 ? none : found === 1 ? one : many;
  count.textContent = words.replace("{number}", String(found));
}

/** The map and its pictures are fetched when somebody asks for them, and not before. */
function offerMap(section: HTMLElement): void {
  const open = section.querySelector<HTMLButtonElement>("[data-open]");
  const shown = section.querySelector<HTMLElement>("[data-shown]");
  const view = section.querySelector<HTMLElement>("[data-view]");
  section.hidden = false;
  open?.addEventListener("click", () => void show());
  async function show(): Promise<void> {
    if (shown === null || view === null) return;
    const { showMap } = await import("../map/map.ts");
    const entries = [...document.querySelectorAll<HTMLElement>("[data-latitude]")];
    for (const each of section.querySelectorAll<HTMLElement>("[data-before]")) each.hidden = true;
    shown.hidden = false;
    view.focus();
    showMap(
      view,
      section.dataset["tiles"] ?? "",
      entries.map((entry) => ({
        entry,
        name: entry.querySelector("h3")?.textContent ?? "",
        latitude: Number(entry.dataset["latitude"]),
        longitude: Number(entry.dataset["longitude"]),
      })),
    );
  }
}
