// The camera: begins, shows itself in a video element, and hands each picture to the decoder.
import { signal } from "@preact/signals";

import { recall, remember } from "../../database.ts";
import { decoder, type Decode } from "./decoder.ts";
import { LOOKS, makeDraw } from "./looks.ts";

/** Why there is no picture, in the names of the words for it. */
export type Trouble = "refused" | "missing" | "busy" | "reader";

/** How the camera is. */
export type CameraState =
  | { readonly kind: "off" | "starting" | "on" }
  | { readonly kind: "trouble"; readonly trouble: Trouble };

const KEPT = "camera";
/** Between two looks, so that a phone stays cool. */
const PAUSE_MS = 40;

export const camera = signal<CameraState>({ kind: "off" });
/** Cameras to choose from; their names are known once one was allowed. */
export const cameras = signal<readonly MediaDeviceInfo[]>([]);
/** Whether there is a light, and whether it burns; nothing without one. */
export const torch = signal<boolean | null>(null);

let stream: MediaStream | undefined;
/** Goes up with each start and stop, so that one that was overtaken notices. */
let turn = 0;

/**
 * Shows the camera in *video* and tells *seen* each text that it reads, until `stopCamera`.
 */
export async function startCamera(
  video: HTMLVideoElement,
  seen: (text: string) => void,
): Promise<void> {
  stopCamera();
  const mine = turn;
  camera.value = { kind: "starting" };
  try {
    const [opened, decode] = await Promise.all([open(), decoder().catch(() => null)]);
    if (mine !== turn) return end(opened);
    stream = opened;
    if (decode === null) return trouble("reader");
    video.srcObject = opened;
    await video.play();
    if (mine !== turn) return;
    noteTorch(opened);
    camera.value = { kind: "on" };
    cameras.value = (await navigator.mediaDevices.enumerateDevices()).filter(
      ({ kind }) => kind === "videoinput",
    );
    await look(video, decode, seen, () => mine === turn);
  } catch (error) {
    // Who leaves the screen breaks off what was under way.
    if (mine === turn) trouble(troubleOf(error));
  }
}

/** Lets go of the camera, so that its light goes out. */
export function stopCamera(): void {
  turn += 1;
  if (stream !== undefined) end(stream);
  stream = undefined;
  torch.value = null;
  camera.value = { kind: "off" };
}

/** Takes another camera from now on. */
export async function chooseCamera(deviceId: string): Promise<void> {
  await remember(KEPT, deviceId);
}

/** Turns the light on or off. */
export async function turnTorch(on: boolean): Promise<void> {
  const [track] = stream?.getVideoTracks() ?? [];
  await track?.applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] });
  torch.value = on;
}

async function open(): Promise<MediaStream> {
  if (navigator.mediaDevices === undefined) throw new DOMException("", "NotFoundError");
  const chosen = await recall<string>(KEPT);
  const size = { width: { ideal: 1280 }, height: { ideal: 720 } };
  const which =
    chosen === undefined ? { facingMode: { ideal: "environment" } } : { deviceId: { ideal: chosen } };
  return navigator.mediaDevices.getUserMedia({ video: { ...which, ...size }, audio: false });
}

async function look(
  video: HTMLVideoElement,
  decode: Decode,
  seen: (text: string) => void,
  goesOn: () => boolean,
): Promise<void> {
  const draw = makeDraw();
  for (let round = 0; goesOn(); round += 1) {
    const { videoWidth: width, videoHeight: height } = video;
    const next = LOOKS[round % LOOKS.length];
    if (next && width > 0 && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) {
      for (const text of await decode(draw(video, width, height, next))) if (goesOn()) seen(text);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

function noteTorch(opened: MediaStream): void {
  const [track] = opened.getVideoTracks();
  const can = track?.getCapabilities?.() as { torch?: boolean } | undefined;
  torch.value = can?.torch ? false : null;
}

function end(ended: MediaStream): void {
  for (const track of ended.getTracks()) track.stop();
}

function trouble(what: Trouble): void {
  stopCamera();
  camera.value = { kind: "trouble", trouble: what };
}

function troubleOf(error: unknown): Trouble {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "refused";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "missing";
  return "busy";
}
