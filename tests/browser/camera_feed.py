"""What a till's camera sees: a film of one picture, which Chromium plays as its camera.

YUV4MPEG2, one frame, grey. A picture of the same size takes the place of the one before while
the film runs, as somebody holds up another voucher.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from gutschein.signing.qr import qr_matrix

WIDTH, HEIGHT = 640, 480
#: Of the whole code with its quiet zone, in points of the picture.
_SIDE = 342
_QUIET = 4

_HEAD = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\nFRAME\n".encode()
#: No colour: both chroma planes, a quarter of the points each, in the middle.
_GREY = bytes([128]) * (WIDTH * HEIGHT // 2)


class Feed:
    """The film of one camera."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.write_bytes(_HEAD + self._counter().tobytes() + _GREY)

    def show(self, text: str) -> None:
        """Hold a voucher with this QR code into the picture."""
        self.show_picture(picture_of(text))

    def show_nothing(self) -> None:
        """Show the counter."""
        self._play(self._counter())

    def show_picture(self, picture: Image.Image) -> None:
        """Hold any picture up, in the middle."""
        frame = self._counter()
        frame.paste(picture, ((WIDTH - picture.width) // 2, (HEIGHT - picture.height) // 2))
        self._play(frame)

    def _play(self, frame: Image.Image) -> None:
        with self.path.open("r+b") as film:
            film.seek(len(_HEAD))
            film.write(frame.tobytes())

    @staticmethod
    def _counter() -> Image.Image:
        return Image.new("L", (WIDTH, HEIGHT), 190)


def picture_of(text: str, side: int = _SIDE) -> Image.Image:
    """Draw a QR code as it is printed, with its quiet zone."""
    matrix = qr_matrix(text)
    points = len(matrix) + 2 * _QUIET
    picture = Image.new("L", (points, points), 255)
    for row, modules in enumerate(matrix):
        for column, dark in enumerate(modules):
            if dark:
                picture.putpixel((column + _QUIET, row + _QUIET), 20)
    return picture.resize((side, side), Image.Resampling.NEAREST)
