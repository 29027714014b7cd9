"""Vouchers that were photographed badly: of each kind ten, from a little to more than a code
can bear. The same ones each time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

import photography as photo
from held_up import CODE, HEIGHT, PAPER, WIDTH, Scene, sheet, voucher
from PIL import Image, ImageDraw

EACH = 10
_LABEL = "pictures that were photographed badly"

Spoil = Callable[[Scene, float, Random], Image.Image]


@dataclass(frozen=True)
class Shot:
    """A picture, and what is printed in it.

    :param strength: of what is bad about it, from 0 to 1.
    """

    kind: str
    strength: float
    text: str
    picture: Image.Image


def shots() -> Iterator[Shot]:
    """Return all of them, kind after kind."""
    for kind, spoil in KINDS.items():
        for number in range(EACH):
            random = Random(f"{_LABEL}: {kind} {number}")
            text = voucher(f"{kind} {number}")
            strength = number / (EACH - 1)
            picture = spoil(Scene(sheet(text), random), strength, random)
            yield Shot(kind, strength, text, photo.noisy(picture, 2.5, random))


def _between(first: float, last: float, strength: float) -> float:
    return first + (last - first) * strength


def _plain(scene: Scene, strength: float, random: Random) -> Image.Image:
    return scene.photograph(side=_between(650, 520, strength), turned=random.uniform(-0.1, 0.1))


def _out_of_focus(scene: Scene, strength: float, _random: Random) -> Image.Image:
    return photo.blurred(scene.photograph(), _between(1, 4.5, strength))


def _shaken(scene: Scene, strength: float, random: Random) -> Image.Image:
    return photo.shaken(scene.photograph(), _between(3, 16, strength), random.uniform(0, math.pi))


def _tilted(scene: Scene, strength: float, random: Random) -> Image.Image:
    turned = random.uniform(-0.2, 0.2)
    return scene.photograph(tilted=math.radians(_between(15, 65, strength)), turned=turned)


def _turned(scene: Scene, strength: float, _random: Random) -> Image.Image:
    return scene.photograph(turned=_between(0.2, 6.1, strength))


def _pale(scene: Scene, strength: float, _random: Random) -> Image.Image:
    difference = _between(80, 14, strength)
    return photo.contrast(
        scene.photograph(), round(150 - difference / 2), round(150 + difference / 2)
    )


def _far(scene: Scene, strength: float, random: Random) -> Image.Image:
    return scene.photograph(side=_between(420, 120, strength), turned=random.uniform(-0.3, 0.3))


def _off_centre(scene: Scene, strength: float, random: Random) -> Image.Image:
    angle = random.uniform(0, math.tau)
    reach = _between(120, 320, strength)
    off = (1.3 * reach * math.cos(angle), 0.6 * reach * math.sin(angle))
    return scene.photograph(side=380, off=off)


def _covered(share: float, at: float) -> Callable[[Scene, float, Random], Image.Image]:
    """Lay something over a share of the symbol's 49 by 49 modules.

    :param at: the level of what lies on it, a finger or a label.
    """

    def spoil(scene: Scene, _strength: float, random: Random) -> Image.Image:
        symbol = CODE * 49 / 57
        edge = (PAPER - symbol) / 2
        ratio = random.uniform(0.4, 2.5)
        width = min(symbol, math.sqrt(share * ratio) * symbol)
        height = min(symbol, share * symbol * symbol / width)
        left = edge + random.uniform(0, symbol - width)
        top = edge + random.uniform(0, symbol - height)
        ImageDraw.Draw(scene.paper).rectangle((left, top, left + width, top + height), fill=at)
        return scene.photograph(turned=random.uniform(-0.1, 0.1))

    return spoil


def _glare(scene: Scene, strength: float, random: Random) -> Image.Image:
    middle = (WIDTH / 2 + random.uniform(-150, 150), HEIGHT / 2 + random.uniform(-150, 150))
    return photo.glaring(scene.photograph(), middle, _between(25, 150, strength))


def _noisy(scene: Scene, strength: float, random: Random) -> Image.Image:
    return photo.noisy(scene.photograph(), _between(15, 100, strength), random)


def _shadow(scene: Scene, strength: float, random: Random) -> Image.Image:
    """Half in the shade of a hand, and the lamp to one side."""
    picture = scene.photograph()
    darkest = round(_between(110, 15, strength))
    shade = Image.new("L", picture.size, 255)
    x = WIDTH / 2 + random.uniform(-120, 120)
    lean = random.uniform(-200, 200)
    ImageDraw.Draw(shade).polygon(
        ((x + lean, 0), (WIDTH, 0), (WIDTH, HEIGHT), (x - lean, HEIGHT)), fill=darkest
    )
    shade = photo.blurred(shade, _between(30, 6, strength))
    slope = photo.slope(picture.size, round(_between(200, 70, strength)), random.uniform(0, 6))
    return photo.lit(photo.lit(picture, shade), slope)


def _folded(scene: Scene, strength: float, random: Random) -> Image.Image:
    """Folded twice, each time a crease with broken ink, and opened again, not quite flat."""
    draw = ImageDraw.Draw(scene.paper)
    light = Image.new("L", scene.paper.size, 255)
    shade = ImageDraw.Draw(light)
    places = [0.5 + random.uniform(-0.12, 0.12) for _ in range(2)]
    width = round(_between(3, 18, strength))
    for upright, at in zip((True, False), (place * PAPER for place in places), strict=True):
        line = ((at, 0), (at, PAPER)) if upright else ((0, at), (PAPER, at))
        half = (at, 0, PAPER, PAPER) if upright else (0, at, PAPER, PAPER)
        draw.line(line, fill=215, width=width)
        shade.rectangle(half, fill=round(_between(235, 130, strength)) - 20 * upright)
    lift = _between(0.01, 0.07, strength)

    def moved(x: float, y: float) -> photo.Point:
        rise_x = lift * abs(x - places[0])
        rise_y = lift * abs(y - places[1])
        return x + rise_y * (x - 0.5) - rise_x * 0.5, y + rise_x * (y - 0.5) + rise_y * 0.5

    scene.paper = photo.bent(photo.lit(scene.paper, photo.blurred(light, 4)), moved, 20)
    return scene.photograph(turned=random.uniform(-0.1, 0.1))


def _crumpled(scene: Scene, strength: float, random: Random) -> Image.Image:
    """Bumps all over, each with its light and shade."""
    cells = 9
    depth = _between(0.0015, 0.011, strength)
    bumps = [
        [(random.gauss(0, depth), random.gauss(0, depth)) for _ in range(cells + 1)]
        for _ in range(cells + 1)
    ]
    light = Image.new("L", (cells, cells))
    light.putdata(
        [round(255 - random.random() * _between(30, 170, strength)) for _ in range(cells**2)]
    )

    def moved(x: float, y: float) -> photo.Point:
        right, down = bumps[round(y * cells)][round(x * cells)]
        return x + right, y + down

    scene.paper = photo.bent(photo.lit(scene.paper, light), moved, cells)
    return scene.photograph()


def _curved(scene: Scene, strength: float, random: Random) -> Image.Image:
    """Rolled up in a pocket: as around a tube, seen from the front."""
    half = math.radians(_between(25, 82, strength))
    flat = math.sin(half)

    def moved(x: float, y: float) -> photo.Point:
        return 0.5 + math.asin((2 * x - 1) * flat) / (2 * half), y

    light = Image.linear_gradient("L").rotate(90).resize((PAPER, PAPER))
    shine = light.point(
        [round(120 + 135 * math.sin(level / 255 * math.pi)) for level in range(256)]
    )
    scene.paper = photo.lit(photo.bent(scene.paper, moved, 40), shine)
    return scene.photograph(turned=random.uniform(-0.3, 0.3))


def _jpeg(scene: Scene, strength: float, _random: Random) -> Image.Image:
    return photo.compressed(scene.photograph(side=420), round(_between(30, 2, strength)))


def _dim(scene: Scene, strength: float, random: Random) -> Image.Image:
    """A cellar: little light, and the sensor's noise with it."""
    dark = photo.darkened(scene.photograph(), _between(0.3, 0.06, strength))
    return photo.noisy(photo.blurred(dark, 1), _between(4, 9, strength), random)


def _printed_badly(scene: Scene, strength: float, random: Random) -> Image.Image:
    """A cartridge that runs out: pale, running ink, and lines left white."""
    paper = photo.bloated(scene.paper, random.choice((1, 2, -1, -2)))
    paper = photo.contrast(paper, round(_between(60, 150, strength)), 255)
    draw = ImageDraw.Draw(paper)
    for _ in range(round(_between(1, 12, strength))):
        y = random.uniform(0, PAPER)
        draw.rectangle((0, y, PAPER, y + random.uniform(2, 7)), fill=245)
    scene.paper = paper
    return scene.photograph(turned=random.uniform(-0.05, 0.05))


def _a_little_of_all(scene: Scene, strength: float, random: Random) -> Image.Image:
    """Tilted, in uneven light, out of focus, shaken, mirrored, noisy."""
    picture = scene.photograph(
        side=_between(600, 400, strength),
        tilted=math.radians(_between(10, 40, strength)),
        turned=random.uniform(-0.4, 0.4),
    )
    direction = random.uniform(0, math.tau)
    picture = photo.lit(
        picture, photo.slope(picture.size, round(_between(190, 90, strength)), direction)
    )
    place = (random.uniform(450, 830), random.uniform(200, 520))
    picture = photo.glaring(picture, place, _between(10, 40, strength))
    picture = photo.shaken(picture, _between(1, 4, strength), direction)
    picture = photo.blurred(picture, _between(0.5, 1.5, strength))
    return photo.compressed(photo.noisy(picture, _between(5, 18, strength), random), 60)


KINDS: dict[str, Spoil] = {
    "as it should be": _plain,
    "out of focus": _out_of_focus,
    "shaken": _shaken,
    "tilted": _tilted,
    "turned": _turned,
    "pale": _pale,
    "far away": _far,
    "beside the middle": _off_centre,
    "10 % covered": _covered(0.10, 170),
    "20 % covered": _covered(0.20, 170),
    "glare": _glare,
    "noise": _noisy,
    "half in the shade": _shadow,
    "folded": _folded,
    "crumpled": _crumpled,
    "rolled": _curved,
    "JPEG": _jpeg,
    "dim light": _dim,
    "printed badly": _printed_badly,
    "some of everything": _a_little_of_all,
}
