// What of the camera's picture is looked at: by turns, since no one way sees everything. What
// each is worth is measured, see docs/explanation/reading.md.

interface Look {
  /** The side of the square in the middle, as a share of the picture's shorter one. */
  readonly middle?: number;
  /** How many points are made of one, in each direction. */
  readonly enlarged: number;
}

export const LOOKS: readonly Look[] = [
  // Where the frame is, as sharp as it comes.
  { middle: 0.75, enlarged: 1 },
  // All of it: a voucher is held too near, or beside the frame.
  { enlarged: 1 },
  // Between enlarged modules edges lie finer: of what is out of focus, folded or partly
  // covered, this reads some that the first does not. It takes twice the time.
  { middle: 0.65, enlarged: 1.5 },
];

/** Enough to read a code of 49 modules from an arm's length; more only costs time. */
const LONGEST_SIDE = 1024;

/** Draws what a look is at; the canvas is the same each time. */
export type Draw = (
  picture: CanvasImageSource,
  width: number,
  height: number,
  look: Look,
) => OffscreenCanvas;

/**
 * @throws DOMException where the browser draws nothing out of sight.
 */
export function makeDraw(): Draw {
  const canvas = new OffscreenCanvas(1, 1);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) throw new DOMException("", "NotSupportedError");
  return (picture, width, height, { middle, enlarged }) => {
    const side = Math.min(width, height) * (middle ?? 1);
    const [w, h] = middle === undefined ? [width, height] : [side, side];
    const scale = Math.min(enlarged, LONGEST_SIDE / Math.max(w, h));
    canvas.width = Math.round(w * scale);
    canvas.height = Math.round(h * scale);
    const [x, y] = [(width - w) / 2, (height - h) / 2];
    context.drawImage(picture, x, y, w, h, 0, 0, canvas.width, canvas.height);
    return canvas;
  };
}
