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


def missing_extra(error: ImportError) -> Problem | None:
    """The problem to report for a module that is not installed, or None when ``error`` is about something else."""
    cause: BaseException | None = error
    while isinstance(cause, ImportError):
        extra = EXTRAS.get((cause.name or "").partition(".")[0])
        if extra is not None:
            detail = f"this takes the extra {extra!r}, which is not installed: pip install 'liangzheng[{extra}]'"
            return Problem("verification.extra_missing", detail)
        cause = cause.__cause__
    return None
