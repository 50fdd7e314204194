"""How much is looked at: each recognition has one budget for all that is inside, however it is nested."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .result import Recognition

__all__ = ["MAX_CARRIED", "MAX_NESTED", "Budget", "Nested"]

MAX_NESTED: Final = 8
"""Carriers in carriers, at most."""
MAX_CARRIED: Final = 64
"""Things that are named in one carrier, at most."""
_MAX_LOOKS: Final = 512
"""Strings and objects that are looked at closely in all."""


class Budget:
    """Counts looks and depth; ``enter`` is false when there is none left."""

    def __init__(self) -> None:
        self._depth = 0
        self._left = _MAX_LOOKS

    def enter(self) -> bool:
        """Go one level down, if that may be."""
        if self._left <= 0 or self._depth >= MAX_NESTED:
            return False
        self._left -= 1
        self._depth += 1
        return True

    def leave(self) -> None:
        """Come back up."""
        self._depth -= 1


Nested = Callable[[bytes | str, Budget], "Recognition"]
"""Recognises what was found inside something."""
