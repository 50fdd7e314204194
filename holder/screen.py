"""The QR page in a terminal: the symbols, a countdown of the presentation's life under them, and then a clear page."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TextIO

from vc.qr.symbols import Symbol

from .keystore import system_clock

__all__ = ["show_until"]

_CLEAR = "\x1b[2J\x1b[3J\x1b[H"


def show_until(
    expires: datetime,
    symbols: Sequence[Symbol],
    stream: TextIO,
    *,
    language: str = "zh",
    clock: Callable[[], datetime] = system_clock,
    sleep: Callable[[float], None] = time.sleep,
) -> bool:
    """Show ``symbols`` until ``expires``, then clear the page; also when the holder stops it (Ctrl-C).

    Writes nothing at all when ``stream`` is no terminal. Returns whether the time ran out.
    """
    if not stream.isatty():
        return False
    ended = False
    try:
        stream.write(_CLEAR)
        for number, symbol in enumerate(symbols, 1):
            stream.write(symbol.terminal() + "\n")
            if len(symbols) > 1:
                stream.write(f"{number}/{len(symbols)}\n")
        while (left := (expires - clock()).total_seconds()) > 0:
            seconds = int(left) + (left > int(left))
            text = f"剩余 {seconds} 秒（Ctrl-C 结束）" if language == "zh" else f"{seconds} s left (Ctrl-C ends)"
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
