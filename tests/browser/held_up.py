"""A printed voucher, held up before the till's camera."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import date
from random import Random

import photography as photo
from camera_feed import picture_of
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image, ImageDraw

from gutschein.signing.token import TokenClaims, expires_at_for, sign_token, token_url

#: What the till asks cameras for.
WIDTH, HEIGHT = 1280, 720
#: The code with its quiet zone in the middle of its paper, before it is photographed.
CODE, PAPER = 684, 1000
#: The paper in the picture, where nothing else is said: 57 modules of 7.4 points.
_HELD = 615.0
#: No lens is perfectly sharp.
_LENS = 0.7

_KEY = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"gutschein reading").digest())


@dataclass
class Scene:
    """A sheet of paper, and how it is held up."""

    paper: Image.Image
    random: Random

    def photograph(
        self,
        *,
        side: float = _HELD,
        turned: float = 0.0,
        tilted: float = 0.0,
        off: tuple[float, float] = (0.0, 0.0),
    ) -> Image.Image:
        """Hold it before the camera, a wooden counter behind it.

        :param side: of the paper in the picture, in points.
        :param turned: in the plane of the picture, radians.
        :param tilted: away from the camera, around an axis through its middle, radians.
        :param off: from the middle of the picture, in points.
        """
        axis = self.random.uniform(0, math.tau)
        distance = 2.2 * side
        corners = []
        for right, down in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
            flat = _turn(right * side / 2, down * side / 2, turned - axis)
            nearer = distance / (distance + flat[1] * math.sin(tilted))
            x, y = _turn(flat[0], flat[1] * math.cos(tilted), axis)
            corners.append((WIDTH / 2 + off[0] + x * nearer, HEIGHT / 2 + off[1] + y * nearer))
        sharp = round(min(PAPER, side * 1.1))
        paper = self.paper.resize((sharp, sharp), Image.Resampling.LANCZOS)
        shown, there = photo.perspective(paper, (WIDTH, HEIGHT), corners)
        counter = photo.noisy(Image.new("L", (WIDTH // 40, HEIGHT), 120), 14, self.random)
        seen = Image.composite(shown, counter.resize((WIDTH, HEIGHT)), there)
        return photo.blurred(seen, _LENS)


def voucher(words: str) -> str:
    """Return what the QR code of a voucher says; the same for the same words."""
    code = hashlib.sha256(words.encode()).digest()[:10]
    claims = TokenClaims(code, 50_00, expires_at_for(date(2029, 12, 31)))
    return token_url("HTTPS://GUTSCHEIN.EXAMPLE/V/", sign_token(claims, bytes(4), _KEY))


def sheet(text: str) -> Image.Image:
    """Print a voucher: the code, and lines of words around it."""
    printed = Image.new("L", (PAPER, PAPER), 235)
    edge = (PAPER - CODE) // 2
    draw = ImageDraw.Draw(printed)
    for line in range(3):
        draw.rectangle((60, 40 + 34 * line, 900 - 170 * line, 56 + 34 * line), fill=60)
        draw.rectangle((60, 870 + 34 * line, 620 + 90 * line, 886 + 34 * line), fill=60)
    printed.paste(picture_of(text, CODE), (edge, edge))
    return printed


def _turn(x: float, y: float, angle: float) -> tuple[float, float]:
    return (
        x * math.cos(angle) - y * math.sin(angle),
        x * math.sin(angle) + y * math.cos(angle),
    )
