"""An answer to a verifier that waits for the signature of a device key elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vc.cards.message import Message
    from vc.presentation import PendingPresentation

__all__ = ["PendingMessage"]


@dataclass(frozen=True, slots=True)
class PendingMessage:
    """Consent and PIN were given, the claims are derived; only the device key's signature is missing."""

    presentation: PendingPresentation = field(repr=False)
    attachments: Mapping[str, bytes] = field(repr=False)

    @property
    def data_to_sign(self) -> bytes:
        """What the device key signs."""
        return self.presentation.data_to_sign

    def complete(self, signature: bytes) -> Message:
        """The message, once the signature is the device key's. Raises ProblemError (``proof.signature``)."""
        from vc.cards.message import build

        return build(self.presentation.complete(signature), self.attachments)
