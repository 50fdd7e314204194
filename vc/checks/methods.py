"""Verification methods (CID 1.0 section 3.3): asked for with a purpose, refused without one.

Both needs are answered by the resolver, or with the ``DidError`` that it raises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from did import DidError, DidUnavailable, PurposeNotAllowed

from ..needs import Fetch
from ..problems import Problem
from ..verdict import Outcome

if TYPE_CHECKING:
    from did import Resolver

__all__ = ["dereference", "no_method", "resolve"]


def dereference(resolver: Resolver, url: str, purpose: str) -> Fetch:
    """The need for the verification method ``url``, which its controller has to list for ``purpose``."""
    return Fetch(resolver, "dereference", (url, purpose), DidError)


def resolve(resolver: Resolver, did: str) -> Fetch:
    """The need for the document of a DID, as a ``did.resolution.Resolution``."""
    return Fetch(resolver, "resolve", (did,), DidError)


def no_method(error: DidError, url: str) -> tuple[Problem, Outcome]:
    """Why the verification method ``url`` was not to be had, and whether that is decided."""
    detail = f"{url[:200]!r} can't be used: {error} ({error.code})"
    if isinstance(error, DidUnavailable):
        return Problem("method.unavailable", detail), Outcome.INDETERMINATE
    code = "method.purpose" if isinstance(error, PurposeNotAllowed) else "method.invalid"
    return Problem(code, detail), Outcome.FAILED
