// Where a place is on a map of tiles: Web Mercator (EPSG:3857), in pixels from the north-west
// corner of the world. At zoom 0 the world is one tile.
export const TILE = 256;
export const LEAST_ZOOM = 5;
export const MOST_ZOOM = 18;

export interface Point {
  x: number;
  y: number;
}

export interface Place {
  latitude: number;
  longitude: number;
}

export function pixelOf({ latitude, longitude }: Place, zoom: number): Point {
  const size = TILE * 2 ** zoom;
  const sine = Math.sin((latitude * Math.PI) / 180);
  return {
    x: ((longitude + 180) / 360) * size,
    y: (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * size,
  };
}

/** The largest zoom at which all places fit, and the middle between them. */
export function fitting(
  places: Place[],
  width: number,
  height: number,
): { zoom: number; middle: Point } {
  for (let zoom = MOST_ZOOM - 1; ; zoom -= 1) {
    const points = places.map((place) => pixelOf(place, zoom));
    const xs = points.map(({ x }) => x);
    const ys = points.map(({ y }) => y);
    const [west, east] = [Math.min(...xs), Math.max(...xs)];
    const [north, south] = [Math.min(...ys), Math.max(...ys)];
    if (zoom <= LEAST_ZOOM || (east - west <= width && south - north <= height)) {
      return { zoom, middle: { x: (west + east) / 2, y: (north + south) / 2 } };
    }
  }
}

/** The tiles that cover a window whose north-west corner is `corner`. */
export function tilesIn(corner: Point, width: number, height: number, zoom: number): Point[] {
  const count = 2 ** zoom;
  const found: Point[] = [];
  for (let y = Math.floor(corner.y / TILE); y * TILE < corner.y + height; y += 1) {
    for (let x = Math.floor(corner.x / TILE); x * TILE < corner.x + width; x += 1) {
      if (x >= 0 && y >= 0 && x < count && y < count) found.push({ x, y });
    }
  }
  return found;
}
