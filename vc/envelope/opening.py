"""Which documents are envelopes on their way through verification. What opens them is loaded for the first one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..model import is_enveloped, types_of

if TYPE_CHECKING:
    from ..checks.expectations import Expectations
    from .secured import EnvelopedDocument

__all__ = ["open_envelope"]

_ENVELOPED: Final = frozenset({"EnvelopedVerifiableCredential", "EnvelopedVerifiablePresentation"})


def open_envelope(document: Any, pointer: str, expected: Expectations, contained: bool) -> EnvelopedDocument | None:
    """An envelope opened, None for an object that is none (``vc.checks.secured.Opener``).

    Text and bytes that are no JSON all count as envelopes. In a presentation only objects are: those whose type says it
    (VCDM 2.0 section 4.13). Raises ProblemError (``envelope.*``, ``sd_jwt.*``, ``model.envelope``, ``parse.*``).
    """
    if document.__class__ is dict:
        if contained:
            if not is_enveloped(document):
                return None
        elif _ENVELOPED.isdisjoint(types_of(document)) and ("payload" not in document or "@context" in document):
            return None
    from .secured import EnvelopedDocument

    return EnvelopedDocument.open(document, pointer, expected.envelopes)
