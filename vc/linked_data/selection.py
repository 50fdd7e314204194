"""Selecting by JSON pointers (RFC 6901, vc-di-ecdsa 3.4.11 to 3.4.13)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["select_json_ld"]


def select_json_ld(document: Mapping[str, Any], pointers: Sequence[str]) -> dict[str, Any] | None:
    """selectJsonLd (vc-di-ecdsa 3.4.13): the parts of the document under the pointers, with ``@context`` and, of every
    ancestor, ``id`` and ``type``. None without pointers. The document is not changed; the result shares nothing with it.

    Raises LinkedDataError: pointer.invalid, pointer.no_match.
    """
    raise NotImplementedError
