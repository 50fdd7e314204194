"""How the inside of this package reports: a fault that stops, with the JSON-LD error code it stands for."""

from __future__ import annotations

__all__ = ["Fault", "invalid"]


class Fault(Exception):
    """Processing can't go on. ``code`` is a key of vc.problems.PROBLEMS, ``pointer`` the place where known."""

    def __init__(self, code: str, detail: str, pointer: str | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.pointer = pointer

    def at(self, pointer: str) -> Fault:
        """The same fault with a place, unless it has one."""
        return Fault(self.code, self.detail, pointer if self.pointer is None else self.pointer)


def invalid(reason: str, detail: str, code: str = "jsonld.invalid") -> Fault:
    """A Fault for a JSON-LD error code (JSON-LD 1.1 API section 9.6), e.g. "invalid term definition"."""
    return Fault(code, f"{reason}: {detail}")
