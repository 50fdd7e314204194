"""The QR page in a terminal: the symbols, a countdown of the presentation's life under them, and then a clear page.

Symbols that do not fit the terminal together take turns, a few seconds each; a reader collects them in any order.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TextIO

from did.languages import in_language
from vc.qr.symbols import Symbol

from .keystore import system_clock

__all__ = ["show_until"]

_CLEAR = "\x1b[2J\x1b[3J\x1b[H"
_TURN_SECONDS = 3


def show_until(
    expires: datetime,
    symbols: Sequence[Symbol],
    stream: TextIO,
    *,
    language: str = "zh",
    lines: int = 10_000,
    clock: Callable[[], datetime] = system_clock,
    sleep: Callable[[float], None] = time.sleep,
) -> bool:
    """Show ``symbols`` until ``expires``, then clear the page; also when the holder stops it (Ctrl-C).

    ``lines`` is the height of the terminal. Writes nothing at all when ``stream`` is no terminal. Returns whether the
    time ran out.
    """
    if not stream.isatty():
        return False
    pages = _pages(symbols, lines)
    ended, shown = False, -1
    try:
        while (left := (expires - clock()).total_seconds()) > 0:
            seconds = math.ceil(left)
            page = -seconds // _TURN_SECONDS % len(pages)
            if page != shown:
                stream.write(_CLEAR + pages[page])
                shown = page
            text = in_language(f"剩余 {seconds} 秒（Ctrl-C 结束）", f"{seconds} s left (Ctrl-C ends)", language)
            stream.write(f"\r\x1b[K{text}")
            stream.flush()
            sleep(min(1.0, left))
        ended = True
    except KeyboardInterrupt:
        pass
    finally:
        stream.write(_CLEAR)
        stream.flush()
    return ended


def _pages(symbols: Sequence[Symbol], lines: int) -> list[str]:
    """All symbols on one page when they fit, else each on its own."""
    texts = [symbol.terminal() + "\n" for symbol in symbols]
    if len(texts) > 1:
        texts = [f"{text}{number}/{len(texts)}\n" for number, text in enumerate(texts, 1)]
    together = "".join(texts)
    return [together] if together.count("\n") < lines else texts
