// A map of the shops that are in the list: pictures of tiles from the address that the page
// names, moved by mouse, finger or keyboard, with a button for each shop.
import {
  fitting,
  LEAST_ZOOM,
  MOST_ZOOM,
  pixelOf,
  type Place,
  type Point,
  TILE,
  tilesIn,
} from "./projection.ts";

export interface Pin extends Place {
  entry: HTMLElement;
  name: string;
}

const PADDING = 48;
const STEP = 80;
/** Two fingers apart or together by so much are one step of zoom. */
const PINCH = 1.5;

export function showMap(view: HTMLElement, tiles: string, pins: Pin[]): void {
  const ground = view.appendChild(element("div", "map__ground"));
  const layer = view.appendChild(element("div", "map__pins"));
  const pictures = new Map<string, HTMLImageElement>();
  const buttons = new Map(pins.map((pin) => [pin, layer.appendChild(buttonOf(pin))]));
  const { clientWidth: width, clientHeight: height } = view;
  let { zoom, middle } = fitting(pins, width - 2 * PADDING, height - 2 * PADDING);

  const draw = (): void => {
    const { clientWidth: width, clientHeight: height } = view;
    const corner = { x: middle.x - width / 2, y: middle.y - height / 2 };
    const wanted = new Map(
      tilesIn(corner, width, height, zoom).map((tile) => [`${zoom}/${tile.x}/${tile.y}`, tile]),
    );
    for (const [name, picture] of pictures) {
      if (wanted.has(name)) continue;
      picture.remove();
      pictures.delete(name);
    }
    for (const [name, tile] of wanted) {
      const picture = pictures.get(name) ?? pictureOf(tiles, zoom, tile);
      if (!pictures.has(name)) pictures.set(name, ground.appendChild(picture));
      move(picture, tile.x * TILE - corner.x, tile.y * TILE - corner.y);
    }
    for (const [pin, button] of buttons) {
      const { x, y } = pixelOf(pin, zoom);
      button.hidden = pin.entry.hidden;
      move(button, x - corner.x, y - corner.y);
    }
  };
  const pan = (x: number, y: number): void => {
    middle = { x: middle.x + x, y: middle.y + y };
    draw();
  };
  const zoomBy = (steps: number): void => {
    const to = Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, zoom + steps));
    middle = { x: middle.x * 2 ** (to - zoom), y: middle.y * 2 ** (to - zoom) };
    zoom = to;
    draw();
  };

  followFingers(view, pan, zoomBy);
  view.addEventListener("keydown", (event) => {
    const ways: Record<string, () => void> = {
      ArrowLeft: () => pan(-STEP, 0),
      ArrowRight: () => pan(STEP, 0),
      ArrowUp: () => pan(0, -STEP),
      ArrowDown: () => pan(0, STEP),
      "+": () => zoomBy(1),
      "-": () => zoomBy(-1),
    };
    const way = ways[event.key];
    if (way === undefined || event.target !== view) return;
    event.preventDefault();
    way();
  });
  for (const button of document.querySelectorAll<HTMLElement>("[data-zoom]")) {
    button.addEventListener("click", () => zoomBy(Number(button.dataset["zoom"])));
  }
  document.addEventListener("shops:found", draw);
  new ResizeObserver(draw).observe(view);
  draw();
}

function followFingers(
  view: HTMLElement,
  pan: (x: number, y: number) => void,
  zoomBy: (steps: number) => void,
): void {
  const fingers = new Map<number, Point>();
  let apart = 0;
  const distance = (): number => {
    const [one, other] = [...fingers.values()];
    return one && other ? Math.hypot(one.x - other.x, one.y - other.y) : 0;
  };
  view.addEventListener("pointerdown", (event) => {
    if ((event.target as Element).closest("button")) return;
    view.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    apart = distance();
  });
  view.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (before === undefined) return;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (fingers.size === 1) return pan(before.x - event.clientX, before.y - event.clientY);
    const now = distance();
    if (now > apart * PINCH || now * PINCH < apart) {
      zoomBy(now > apart ? 1 : -1);
      apart = now;
    }
  });
  for (const kind of ["pointerup", "pointercancel"] as const) {
    view.addEventListener(kind, (event) => fingers.delete(event.pointerId));
  }
}

/** Leads to the shop in the list. */
function buttonOf({ name, entry }: Pin): HTMLButtonElement {
  const button = element("button", "map__pin");
  button.type = "button";
  button.title = name;
  button.ariaLabel = name;
  button.addEventListener("click", () => {
    entry.tabIndex = -1;
    entry.focus();
    entry.scrollIntoView({ block: "center" });
  });
  return button;
}

function pictureOf(tiles: string, zoom: number, { x, y }: Point): HTMLImageElement {
  const picture = element("img", "map__tile");
  picture.alt = "";
  picture.draggable = false;
  picture.src = tiles.replace("{z}", `${zoom}`).replace("{x}", `${x}`).replace("{y}", `${y}`);
  return picture;
}

function element<Name extends "div" | "button" | "img">(
  name: Name,
  className: string,
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  made.className = className;
  return made;
}

function move(element: HTMLElement, x: number, y: number): void {
  element.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
}
