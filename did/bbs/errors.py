"""What BBS operations raise for input that their caller should not have given."""

from __future__ import annotations

__all__ = ["BbsError"]


class BbsError(ValueError):
    """An input that a BBS operation cannot work with (the drafts' INVALID or ABORT).

    ``code`` is stable: ``bbs.key_invalid``, ``bbs.signature_invalid``, ``bbs.commitment_invalid``,
    ``bbs.scalar_invalid``, ``bbs.index_invalid``, ``bbs.pseudonym_invalid``, ``bbs.too_large`` or
    ``bbs.suite_unknown``. Messages never hold secret values. The verify operations do not raise it: they return False.
    """

    def __init__(self, code: str, message: str) -> None:
        """Take the stable code and an English sentence."""
        super().__init__(message)
        self.code = code
