// Heard and felt across a counter: a high note for green, two low ones for red.
import { signal } from "@preact/signals";

import { recall, remember } from "../database.ts";

const KEPT = "quiet";

/** Whether the till keeps quiet. */
export const quiet = signal(false);

let context: AudioContext | undefined;

/** Takes up what was chosen before. */
export async function recallSound(): Promise<void> {
  quiet.value = (await recall<boolean>(KEPT)) ?? false;
}

/** Keeps quiet from now on, or no longer. */
export async function keepQuiet(chosen: boolean): Promise<void> {
  quiet.value = chosen;
  await remember(KEPT, chosen);
}

/** Something was read. */
export function soundRead(): void {
  sound([[1320, 0, 0.06]], [30]);
}

/** It is green. */
export function soundDone(): void {
  sound([[880, 0, 0.09], [1320, 0.1, 0.16]], [80]);
}

/** It is red. */
export function soundRefused(): void {
  sound([[220, 0, 0.18], [196, 0.24, 0.26]], [120, 80, 120]);
}

function sound(notes: [hertz: number, at: number, seconds: number][], felt: number[]): void {
  if (quiet.value) return;
  navigator.vibrate?.(felt);
  // Before the first touch browsers let nothing be heard, and say so.
  if (!navigator.userActivation?.hasBeenActive) return;
  context ??= new AudioContext();
  for (const [hertz, at, seconds] of notes) {
    const begin = context.currentTime + at;
    const tone = new OscillatorNode(context, { frequency: hertz });
    const volume = new GainNode(context, { gain: 0.25 });
    volume.gain.setTargetAtTime(0, begin + seconds * 0.7, seconds / 6);
    tone.connect(volume).connect(context.destination);
    tone.start(begin);
    tone.stop(begin + seconds * 1.6);
  }
}
