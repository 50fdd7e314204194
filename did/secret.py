"""How a signer that needs a password or PIN comes by it."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Secret"]

Secret = Callable[[], str | bytes]
"""Gives the password or PIN when it is needed, and not before."""
