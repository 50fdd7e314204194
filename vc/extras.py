"""Which optional part of the installation a missing module belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .problems import Problem

__all__ = ["EXTRAS", "missing_extra"]

EXTRAS: Final[Mapping[str, str]] = {
    "py_arkworks_bls12381": "bbs",
    "aiohttp": "http",
    "aiohappyeyeballs": "http",
    "aiosignal": "http",
    "frozenlist": "http",
    "idna": "http",
    "jinja2": "http",
    "multidict": "http",
    "re2": "http",
    "yarl": "http",
    "PIL": "verifier",
    "segno": "verifier",
    "zxingcpp": "verifier",
}
"""Module that may be missing -> extra of ``liangzheng`` that brings it."""

_OF_THE_MACHINE: Final = frozenset({"libcrypto"})
"""What no extra brings: the error itself says what is missing (``did.libcrypto``)."""


def missing_extra(error: ImportError) -> Problem | None:
    """The problem to report for a module or library that isn't there; None when ``error`` is about something else."""
    cause: BaseException | None = error
    while isinstance(cause, ImportError):
        if cause.name in _OF_THE_MACHINE:
            return Problem("verification.extra_missing", str(cause))
        extra = EXTRAS.get((cause.name or "").partition(".")[0])
        if extra is not None:
            detail = f"this takes the extra {extra!r}, which is not installed: pip install 'liangzheng[{extra}]'"
            return Problem("verification.extra_missing", detail)
        cause = cause.__cause__
    return None
