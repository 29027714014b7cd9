import assert from "node:assert/strict";
import { test } from "node:test";

import { fitting, MOST_ZOOM, pixelOf, tilesIn } from "../src/map/projection.ts";
import { folded } from "../src/search/folded.ts";

test("words are folded as the service folds them", () => {
  assert.deepEqual(folded("  Thalheim/Erzgeb. "), ["thalheim", "erzgeb"]);
  assert.deepEqual(folded("MÜSSIG Müßig"), ["muessig", "muessig"]);
  assert.deepEqual(folded("Chóśebuz, Café № 5"), ["chosebuz", "cafe", "no", "5"]);
  assert.deepEqual(folded(" - "), []);
});

test("a place is where the tiles of Web Mercator have it", () => {
  assert.deepEqual(pixelOf({ latitude: 0, longitude: 0 }, 3), { x: 1024, y: 1024 });
  // (1 - asinh(tan φ) / π) / 2, worked out apart
  const { x, y } = pixelOf({ latitude: 50.63, longitude: 12.813 }, 14);
  assert.equal(x.toFixed(3), "2246434.270");
  assert.equal(y.toFixed(3), "1410981.510");
});

test("all places fit, as large as can be", () => {
  const places = [
    { latitude: 50.63, longitude: 12.81 },
    { latitude: 50.64, longitude: 12.83 },
  ];
  const { zoom, middle } = fitting(places, 400, 300);
  const [one, other] = places.map((place) => pixelOf(place, zoom));
  assert.ok(one && other);
  assert.ok(Math.abs(one.x - other.x) <= 400 && Math.abs(one.y - other.y) <= 300);
  const closer = places.map((place) => pixelOf(place, zoom + 1));
  const [wide, high] = [closer[0]!.x - closer[1]!.x, closer[0]!.y - closer[1]!.y].map(Math.abs);
  assert.ok(wide! > 400 || high! > 300);
  assert.equal(middle.x, (one.x + other.x) / 2);
  assert.equal(fitting([places[0]!], 400, 300).zoom, MOST_ZOOM - 1);
});

test("a window is covered by tiles, and the world has an end", () => {
  const tiles = tilesIn({ x: -10, y: 250 }, 300, 20, 1);
  assert.deepEqual(tiles, [
    { x: 0, y: 0 },
    { x: 1, y: 0 },
    { x: 0, y: 1 },
    { x: 1, y: 1 },
  ]);
});
