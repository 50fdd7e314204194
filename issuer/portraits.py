"""Drawn portraits for synthetic people: never a photograph, the same seed gives the same face.

358 x 441 pixels, JPEG, white background, as the portrait of an identity card.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from .synthetic.draw import Draw

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

__all__ = ["HEIGHT", "MAX_BYTES", "WIDTH", "draw_portrait"]

WIDTH, HEIGHT = 358, 441
MAX_BYTES: Final = 12 * 1024
"""What a drawn portrait takes at most."""

_SCALE = 2  # Drawn twice as large and scaled down: smooth edges.
_SKIN = ((242, 208, 178), (236, 196, 160), (225, 184, 148), (214, 170, 132))
_HAIR = ((28, 24, 22), (44, 34, 28), (60, 46, 38))
_GREY = (150, 148, 146)
_CLOTHES = ((44, 62, 104), (70, 78, 84), (108, 46, 52), (40, 84, 70), (92, 72, 116), (150, 116, 72))
_LINE = (70, 50, 42)

_Colour = tuple[int, int, int]


def draw_portrait(seed: int | str, *, sex: str, age: int) -> bytes:
    """A face as JPEG bytes, 12 KiB at most.

    ``seed`` chooses the features, ``sex`` (GB/T 2261.1) and ``age`` (full years) hair and proportions.
    """
    from PIL import Image, ImageDraw

    draw = Draw(f"portrait {seed}")
    picture = Image.new("RGB", (WIDTH * _SCALE, HEIGHT * _SCALE), (255, 255, 255))
    _Face(ImageDraw.Draw(picture), draw, female=sex == "2", age=age).draw()
    small = picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    for quality in (80, 65, 50, 35):
        content = io.BytesIO()
        small.save(content, "JPEG", quality=quality, optimize=True, subsampling=2)
        if content.tell() <= MAX_BYTES:
            break
    return content.getvalue()


class _Face:
    """One face; coordinates are in pixels of the finished picture."""

    def __init__(self, canvas: ImageDraw, draw: Draw, *, female: bool, age: int) -> None:
        self.canvas, self.female, self.age = canvas, female, age
        self.skin: _Colour = draw.pick(_SKIN)
        self.hair: _Colour = _GREY if age >= 62 and draw.chance(0.8) else draw.pick(_HAIR)
        self.clothes: _Colour = draw.pick(_CLOTHES)
        self.half_width = (88 if age >= 14 else 82) + draw.between(-7, 8) - (5 if female else 0)
        self.half_height = (112 if age >= 14 else 98) + draw.between(-6, 6)
        self.eye_gap, self.eye_size = draw.between(36, 43), draw.between(13, 17)
        self.brow, self.nose, self.mouth = draw.between(-3, 3), draw.between(11, 17), draw.between(24, 34)
        self.smile, self.fringe = draw.between(2, 9), draw.between(0, 2)
        self.glasses = draw.chance(0.35 if age >= 12 else 0.1)
        self.long_hair = female and draw.chance(0.65)
        self.middle, self.centre = WIDTH // 2, 198 if age >= 14 else 222

    def draw(self) -> None:
        """Draw everything, from the back to the front."""
        if self.long_hair:
            self._ellipse(self.middle, self.centre + 35, self.half_width + 22, self.half_height + 42, self.hair)
        self._shoulders()
        self._ellipse(self.middle - self.half_width, self.centre + 5, 13, 22, self.skin)
        self._ellipse(self.middle + self.half_width, self.centre + 5, 13, 22, self.skin)
        self._ellipse(self.middle, self.centre - 14, self.half_width + 7, self.half_height + 7, self.hair)
        self._ellipse(self.middle, self.centre + 8, self.half_width, self.half_height, self.skin)
        self._fringe()
        self._eyes()
        self._nose_and_mouth()
        if self.age >= 55:
            self._wrinkles()

    def _shoulders(self) -> None:
        dark: _Colour = tuple(max(0, part - 24) for part in self.skin)  # type: ignore[assignment]
        neck = 28 if self.age < 14 else 31 if self.female else 37
        self._box(self.middle - neck, self.centre + 70, self.middle + neck, 372, dark)
        self._ellipse(self.middle, 462, 164 if not self.female else 148, 104, self.clothes)
        self._polygon([(self.middle - 38, 362), (self.middle, 412), (self.middle + 38, 362)], dark)

    def _fringe(self) -> None:
        top = self.centre - self.half_height
        width = self.half_width * 3 // 4
        if self.fringe == 0:
            self._chord(self.middle, top + 36, width, 42, 180, 360, self.hair)
        elif self.fringe == 1:
            self._chord(self.middle - 16, top + 34, width - 12, 44, 155, 335, self.hair)
        else:
            self._chord(self.middle, top + 24, width - 6, 30, 180, 360, self.hair)

    def _eyes(self) -> None:
        height = self.centre + 4
        for side in (-1, 1):
            x = self.middle + side * self.eye_gap
            self._ellipse(x, height, self.eye_size, 7, (252, 252, 250))
            self._ellipse(x, height, 6, 6, (52, 36, 28))
            self._arc(x, height + 4, self.eye_size + 2, 12, 200, 340, _LINE, 3)
            self._line(x - 17, height - 24 + side * self.brow, x + 17, height - 24 - side * self.brow, self.hair, 5)
            if self.glasses:
                self._arc(x, height, 29, 24, 0, 360, (48, 48, 52), 3)
        if self.glasses:
            self._line(
                self.middle - self.eye_gap + 29, height, self.middle + self.eye_gap - 29, height, (48, 48, 52), 3
            )

    def _nose_and_mouth(self) -> None:
        self._arc(self.middle, self.centre + 38, self.nose, 10, 20, 160, _LINE, 3)
        lips = (178, 84, 82) if self.female else (160, 96, 84)
        self._arc(self.middle, self.centre + 72, self.mouth, self.smile + 4, 10, 170, lips, 6)

    def _wrinkles(self) -> None:
        for row in range(2 if self.age < 70 else 3):
            self._arc(self.middle, self.centre - 44 - row * 11, 42, 7, 200, 340, (196, 158, 130), 2)

    def _ellipse(self, x: int, y: int, width: int, height: int, fill: _Colour) -> None:
        self.canvas.ellipse(self._around(x, y, width, height), fill=fill)

    def _chord(self, x: int, y: int, width: int, height: int, start: int, end: int, fill: _Colour) -> None:
        self.canvas.chord(self._around(x, y, width, height), start, end, fill=fill)

    def _arc(self, x: int, y: int, width: int, height: int, start: int, end: int, fill: _Colour, line: int) -> None:
        self.canvas.arc(self._around(x, y, width, height), start, end, fill=fill, width=line * _SCALE)

    def _box(self, left: int, top: int, right: int, bottom: int, fill: _Colour) -> None:
        self.canvas.rectangle([value * _SCALE for value in (left, top, right, bottom)], fill=fill)

    def _polygon(self, points: list[tuple[int, int]], fill: _Colour) -> None:
        self.canvas.polygon([(x * _SCALE, y * _SCALE) for x, y in points], fill=fill)

    def _line(self, x1: int, y1: int, x2: int, y2: int, fill: _Colour, line: int) -> None:
        self.canvas.line([value * _SCALE for value in (x1, y1, x2, y2)], fill=fill, width=line * _SCALE)

    @staticmethod
    def _around(x: int, y: int, width: int, height: int) -> list[int]:
        return [value * _SCALE for value in (x - width, y - height, x + width, y + height)]
