"""The texts of ``vc.qr.encode`` drawn as QR symbols (ISO/IEC 18004): PNG for screens and paper, text for terminals.

Drawing needs segno (the extra ``holder``). Symbols are in alphanumeric mode at error correction level L, raised where
the symbol's size leaves room: shown on a lit screen and scanned once, fewer modules help more than redundancy.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

__all__ = ["CAPACITY", "Symbol", "capacity_for_screen", "draw", "sheet"]

_ALPHANUMERIC_L = (
    25, 47, 77, 114, 154, 195, 224, 279, 335, 395, 468, 535, 619, 667, 758, 854, 938, 1046, 1153, 1249,
    1352, 1460, 1588, 1704, 1853, 1990, 2132, 2223, 2369, 2520,
    2677, 2840, 3009, 3183, 3351, 3537, 3729, 3927, 4087, 4296,
)  # fmt: skip
CAPACITY = dict(enumerate(_ALPHANUMERIC_L, start=1))
"""Version (1 to 40) -> characters in alphanumeric mode at level L (ISO/IEC 18004 table 7)."""

QUIET_ZONE = 4
"""Light modules around a symbol (ISO/IEC 18004 section 9.1)."""

_SMALLEST_VERSION = 10


@dataclass(frozen=True, slots=True)
class Symbol:
    """One QR symbol. ``version`` is 1 to 40 (17 + 4 * version modules wide), ``error`` its correction level."""

    text: str
    version: int
    error: str
    _code: Any = field(repr=False)

    @property
    def modules(self) -> int:
        """Width in modules, without the quiet zone."""
        return 17 + 4 * self.version

    def png(self, *, scale: int = 4) -> bytes:
        """The symbol as PNG, ``scale`` pixels a module, quiet zone included."""
        out = io.BytesIO()
        self._code.save(out, kind="png", scale=scale, border=QUIET_ZONE)
        return out.getvalue()

    def svg(self) -> str:
        """The symbol as SVG without a size of its own, one unit a module, quiet zone included."""
        width = self.modules + 2 * QUIET_ZONE
        path = "".join(
            f"M{left} {y}h{right - left}v1h{left - right}z"
            for y, row in enumerate(self._code.matrix_iter(scale=1, border=QUIET_ZONE))
            for left, right in _runs(row)
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {width}" shape-rendering="crispEdges">'
            f'<path fill="#fff" d="M0 0h{width}v{width}H0z"/><path d="{path}"/></svg>'
        )

    def terminal(self, *, border: int = 2) -> str:
        """The symbol in half-block characters, black on white whatever the terminal's colours (ANSI)."""
        rows = [[bool(module) for module in row] for row in self._code.matrix_iter(scale=1, border=border)]
        if len(rows) % 2:
            rows.append([False] * len(rows[0]))
        lines = []
        for upper, lower in zip(rows[::2], rows[1::2], strict=True):
            cells = "".join(" ▀▄█"[top + 2 * bottom] for top, bottom in zip(upper, lower, strict=True))
            lines.append(f"\x1b[30;107m{cells}\x1b[0m")
        return "\n".join(lines)


def draw(texts: Iterable[str]) -> tuple[Symbol, ...]:
    """A symbol for each text of ``vc.qr.encode``; those of one message have the same size.

    Raises ValueError for a text over 4296 characters, or with characters outside the alphanumeric mode.
    """
    import segno

    kept = tuple(texts)
    if not kept or max(map(len, kept)) > CAPACITY[40]:
        raise ValueError("nothing to draw, or a text too long for a symbol")
    version = max(next(v for v, most in CAPACITY.items() if len(text) <= most) for text in kept)
    codes = [segno.make_qr(text, error="l", mode="alphanumeric", version=version, boost_error=True) for text in kept]
    return tuple(Symbol(text, version, code.error, code) for text, code in zip(kept, codes, strict=True))


def _runs(row: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Where the dark modules of a row begin and end."""
    begin = None
    for x, module in enumerate([*row, 0]):
        if module and begin is None:
            begin = x
        elif not module and begin is not None:
            yield begin, x
            begin = None


def sheet(symbols: Iterable[Symbol], *, scale: int = 4) -> bytes:
    """All symbols of a message in one PNG, side by side, each with its quiet zone."""
    from PIL import Image

    pictures = [Image.open(io.BytesIO(symbol.png(scale=scale))) for symbol in symbols]
    page = Image.new("1", (sum(p.width for p in pictures), max(p.height for p in pictures)), 1)
    left = 0
    for picture in pictures:
        page.paste(picture.convert("1"), (left, 0))
        left += picture.width
    out = io.BytesIO()
    page.save(out, "PNG")
    return out.getvalue()


def capacity_for_screen(columns: int, lines: int, *, border: int = 2) -> int:
    """The ``capacity`` for ``vc.qr.encode`` with which one symbol fits a terminal, two lines of text under it.

    Versions 10 to 25 are used: smaller ones would need too many symbols, larger ones are hard to scan.
    """
    version = (min(columns, 2 * (lines - 2)) - 2 * border - 17) // 4
    return CAPACITY[min(max(version, _SMALLEST_VERSION), 25)]
