// Reads pictures as the till does, for tests/browser/test_reading.py: with its decoder, and in
// each of its looks. It is built for that test alone.
import { decoder } from "../../src/till/scan/decoder.ts";
import { LOOKS, makeDraw } from "../../src/till/scan/looks.ts";

/** What one look has read, and in how many milliseconds. */
interface Reading {
  readonly texts: readonly string[];
  readonly took: number;
}

const draw = makeDraw();

async function read(address: string): Promise<Reading[]> {
  const decode = await decoder();
  const picture = await createImageBitmap(await (await fetch(address)).blob());
  const readings: Reading[] = [];
  for (const look of LOOKS) {
    const began = performance.now();
    const texts = await decode(draw(picture, picture.width, picture.height, look));
    readings.push({ texts, took: performance.now() - began });
  }
  return readings;
}

Object.assign(globalThis, { read });
