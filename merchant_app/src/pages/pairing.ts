// Makes this browser a device of a shop: takes the code that the owner shows, makes a key,
// and proves to the service that it has it.
import {
  canSign,
  forgetDevice,
  keepDevice,
  keptDevice,
  newDevice,
  publicKeyOf,
  Refused,
  sendSigned,
  type Device,
} from "../signing.ts";

interface OwnDevice {
  key_id: string;
  name: string;
  merchant_name: string;
  branch_name: string;
}

const place = document.querySelector<HTMLElement>("[data-pairing]");
if (place !== null) void begin(place);

async function begin(place: HTMLElement): Promise<void> {
  document.querySelector("[data-no-script]")?.remove();
  place.hidden = false;
  const form = step(place, "code") as HTMLFormElement;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void pair(place, form);
  });
  for (const button of place.querySelectorAll("[data-again]")) {
    button.addEventListener("click", () => askForCode(place, form, ""));
  }
  const code = decodeURIComponent(location.hash.slice(1));
  // Out of the address, so that it stays in no history.
  history.replaceState(null, "", location.pathname + location.search);
  if (!canSign()) return refuse(place, words(place, "unable"));
  let device: Device | undefined;
  try {
    device = await keptDevice();
  } catch {
    return refuse(place, words(place, "private"));
  }
  // What was scanned is shown and confirmed: nobody's device is paired by a mere link.
  if (code !== "" || device === undefined || device.keyId === device.id) {
    return askForCode(place, form, code);
  }
  await showPaired(place, device);
}

async function pair(place: HTMLElement, form: HTMLFormElement): Promise<void> {
  const button = form.querySelector("button");
  const code = new FormData(form).get("code") as string;
  say(form, "");
  if (button !== null) button.disabled = true;
  try {
    const paired = await pairedWith(code.trim());
    await navigator.storage?.persist?.();
    await showPaired(place, paired);
  } catch (error) {
    say(form, error instanceof Refused && error.message ? error.message : words(place, "failed"));
    form.querySelector("input")?.focus();
  } finally {
    if (button !== null) button.disabled = false;
  }
}

/**
 * Pairs with a key that is kept before it is sent: when the answer gets lost, the same
 * device asks again and is found.
 */
async function pairedWith(code: string): Promise<Device> {
  const kept = await keptDevice();
  const device = kept !== undefined && kept.keyId === kept.id ? kept : await newDevice();
  const before = kept === device ? undefined : kept;
  await keepDevice(device);
  try {
    const body = { id: device.id, code, public_key: await publicKeyOf(device) };
    const own = await sendSigned<OwnDevice>(device, "POST", "/api/v1/devices", body);
    const clockAhead = (await keptDevice())?.clockAhead ?? device.clockAhead;
    const paired = { ...device, keyId: own.key_id, clockAhead };
    await keepDevice(paired);
    return paired;
  } catch (error) {
    // A device that was paired before stays what it was. A key that belongs to another
    // device already is of no use.
    if (before !== undefined) await keepDevice(before);
    else if (error instanceof Refused && error.code === "request.conflict") await forgetDevice();
    throw error;
  }
}

async function showPaired(place: HTMLElement, device: Device): Promise<void> {
  try {
    const own = await sendSigned<OwnDevice>(device, "GET", "/api/v1/device");
    const shown = step(place, "paired");
    const title = shown.querySelector<HTMLElement>("[data-words]");
    const line = shown.querySelector<HTMLElement>("[data-device]");
    if (title !== null) {
      title.textContent = (title.dataset["words"] ?? "").replace("{merchant}", own.merchant_name);
    }
    if (line !== null) line.textContent = `${own.name}, ${own.branch_name}`;
    show(place, shown);
  } catch (error) {
    refuse(place, error instanceof Refused && error.message ? error.message : words(place, "failed"));
  }
}

function askForCode(place: HTMLElement, form: HTMLFormElement, code: string): void {
  const field = form.querySelector("input");
  show(place, form);
  if (field === null) return;
  field.value = code;
  (code === "" ? field : form.querySelector("button"))?.focus();
}

function refuse(place: HTMLElement, reason: string): void {
  const shown = step(place, "refused");
  const line = shown.querySelector<HTMLElement>("[data-reason]");
  if (line !== null) line.textContent = reason;
  show(place, shown);
}

function show(place: HTMLElement, shown: HTMLElement): void {
  for (const each of place.querySelectorAll<HTMLElement>("[data-step]")) {
    each.hidden = each !== shown;
  }
  shown.focus();
}

function step(place: HTMLElement, name: string): HTMLElement {
  const found = place.querySelector<HTMLElement>(`[data-step="${name}"]`);
  if (found === null) throw new Error(`no step ${name}`);
  return found;
}

function say(form: HTMLFormElement, text: string): void {
  const error = form.querySelector<HTMLElement>("[role=alert]");
  const line = error?.querySelector<HTMLElement>(".kern-body");
  if (!error || !line) return;
  line.textContent = text;
  error.hidden = text === "";
  form.querySelector("input")?.setAttribute("aria-invalid", String(text !== ""));
}

function words(place: HTMLElement, name: string): string {
  return place.dataset[name] ?? "";
}
