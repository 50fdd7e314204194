"""Errors of the context registry.

ContextError
├── UnknownContextError   nothing is registered under this URL
├── ContextDigestError    the bytes under a known URL are not the pinned ones
└── ContextFormError      the bytes are no JSON-LD context document
"""

from __future__ import annotations

__all__ = ["ContextDigestError", "ContextError", "ContextFormError", "UnknownContextError"]


class ContextError(Exception):
    """A JSON-LD context can't be used. ``url`` names it, ``code`` is stable."""

    code = "context"

    def __init__(self, url: str, message: str) -> None:
        super().__init__(message)
        self.url = url


class UnknownContextError(ContextError):
    """No context is registered under the URL; contexts are never fetched while verifying."""

    code = "context.unknown"

    def __init__(self, url: str) -> None:
        super().__init__(
            url,
            f"unknown context {url!r}: contexts are never fetched; give it as a file with --context {url}=FILE, "
            "in the library with ContextRegistry.with_context, pinned by its SHA-256 digest",
        )


class ContextDigestError(ContextError):
    """The bytes found for a URL differ from the digest pinned for it."""

    code = "context.digest"

    def __init__(self, url: str, expected: str, found: str) -> None:
        super().__init__(url, f"context {url!r} has SHA-256 {found}, pinned is {expected}: the bytes were changed")


class ContextFormError(ContextError):
    """The bytes for a URL are no JSON object with an ``@context`` member."""

    code = "context.form"

    def __init__(self, url: str) -> None:
        super().__init__(url, f"context {url!r} is not a JSON object with an @context member")
