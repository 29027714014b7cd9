// Passkeys (WebAuthn level 3): ask the service for a challenge, let the browser answer it,
// send the answer. Each button says in data attributes where and with which words.

interface Challenge {
  challenge_id: string;
  options: OptionsJson;
}

/** The options as JSON, binary values as base64url (WebAuthn level 3, section 5.1.8). */
interface OptionsJson {
  challenge: string;
  rpId?: string;
  rp: { id: string; name: string };
  user: { id: string; name: string; displayName: string };
  pubKeyCredParams: PublicKeyCredentialParameters[];
  timeout: number;
  userVerification?: UserVerificationRequirement;
  authenticatorSelection?: AuthenticatorSelectionCriteria;
  excludeCredentials?: { id: string; type: "public-key" }[];
}

class Refused extends Error {}

for (const place of document.querySelectorAll<HTMLElement>("[data-passkey]")) {
  if (!("PublicKeyCredential" in window)) continue;
  place.hidden = false;
  for (const words of document.querySelectorAll<HTMLElement>("[data-no-passkeys]")) {
    words.hidden = true;
  }
  const button = place.querySelector("button");
  button?.addEventListener("click", () => void run(place, button));
}

async function run(place: HTMLElement, button: HTMLButtonElement): Promise<void> {
  const { ask = "", answer = "", then = "" } = place.dataset;
  say(place, "");
  button.disabled = true;
  try {
    const asked = await send<Challenge>(place, ask);
    const credential =
      place.dataset["passkey"] === "add" ? await made(asked.options) : await used(asked.options);
    const onward = await send<{ then: string }>(place, answer, {
      challenge_id: asked.challenge_id,
      credential,
      then,
    });
    location.assign(onward.then);
  } catch (error) {
    button.disabled = false;
    say(place, wordsFor(place, error));
    button.focus();
  }
}

async function used(options: OptionsJson): Promise<unknown> {
  const credential = await navigator.credentials.get({
    publicKey: {
      challenge: bytes(options.challenge),
      timeout: options.timeout,
      userVerification: options.userVerification ?? "required",
      ...(options.rpId === undefined ? {} : { rpId: options.rpId }),
    },
  });
  const { rawId, response } = credential as PublicKeyCredential;
  const signed = response as AuthenticatorAssertionResponse;
  return {
    id: text(rawId),
    response: {
      clientDataJSON: text(signed.clientDataJSON),
      authenticatorData: text(signed.authenticatorData),
      signature: text(signed.signature),
      userHandle: signed.userHandle === null ? null : text(signed.userHandle),
    },
  };
}

async function made(options: OptionsJson): Promise<unknown> {
  const { excludeCredentials = [], authenticatorSelection } = options;
  const credential = await navigator.credentials.create({
    publicKey: {
      challenge: bytes(options.challenge),
      rp: options.rp,
      user: { ...options.user, id: bytes(options.user.id) },
      pubKeyCredParams: options.pubKeyCredParams,
      timeout: options.timeout,
      excludeCredentials: excludeCredentials.map(({ id, type }) => ({ id: bytes(id), type })),
      ...(authenticatorSelection === undefined ? {} : { authenticatorSelection }),
    },
  });
  const { rawId, response } = credential as PublicKeyCredential;
  const attested = response as AuthenticatorAttestationResponse;
  return {
    id: text(rawId),
    response: {
      clientDataJSON: text(attested.clientDataJSON),
      attestationObject: text(attested.attestationObject),
    },
  };
}

async function send<Answer>(place: HTMLElement, path: string, body?: unknown): Promise<Answer> {
  const proof = place.querySelector<HTMLInputElement>("input[name=csrf_token]");
  const response = await fetch(path, {
    method: "POST",
    headers: {
      accept: "application/json",
      "accept-language": document.documentElement.lang,
      ...(proof === null ? {} : { "x-csrf-token": proof.value }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (response.ok) return (await response.json()) as Answer;
  const problem = (await response.json()) as { detail?: string };
  throw new Refused(problem.detail ?? "");
}

function wordsFor(place: HTMLElement, error: unknown): string {
  const { cancelled = "", known = "", failed = "" } = place.dataset;
  if (error instanceof Refused && error.message !== "") return error.message;
  if (error instanceof DOMException && error.name === "NotAllowedError") return cancelled;
  if (error instanceof DOMException && error.name === "InvalidStateError") return known;
  return failed;
}

function say(place: HTMLElement, words: string): void {
  const alert = place.querySelector<HTMLElement>("[role=alert]");
  const line = alert?.querySelector<HTMLElement>(".kern-body");
  if (!alert || !line) return;
  line.textContent = words;
  alert.hidden = words === "";
}

function bytes(base64url: string): Uint8Array<ArrayBuffer> {
  const base64 = base64url.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function text(buffer: ArrayBuffer): string {
  const characters = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(characters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
