"""Test vectors for our own cards: good ones, and bad ones each with the check that must refuse it; from a seed."""

from __future__ import annotations

from .make import make

__all__ = ["make"]
