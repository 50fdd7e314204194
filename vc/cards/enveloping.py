"""Envelopes of cards: ``vc.issue_enveloped`` that knows what of a card stands where, and what of it is hidden."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from .definition import CARDS, CardSet

if TYPE_CHECKING:
    from did import Signer

__all__ = ["issue_enveloped"]


def issue_enveloped(
    credential: bytes | str | Mapping[str, Any],
    signer: Signer,
    *,
    envelope: str = "vc+jwt",
    disclosable: Iterable[str] | None = None,
    cards: CardSet = CARDS,
    **options: Any,
) -> str | bytes:
    """``vc.issue_enveloped``, which takes the same ``options``; of a card of ``cards`` it hides in an SD-JWT, when
    ``disclosable`` says nothing, every claim that its definition has as selective.

    For ``dc+sd-jwt`` a card's JSON-LD credential becomes the claims of its SD-JWT VC. Other documents are enveloped as
    they are. Raises ProblemError as ``vc.issue_enveloped`` does, and ``card.unknown`` for a credential of no known card
    as ``dc+sd-jwt``.
    """
    import vc
    from vc.inputs import read_document
    from vc.model import types_of

    from .formats import sd_jwt_vc

    document = read_document(credential)
    hide: Iterable[str] = disclosable or ()
    if envelope == sd_jwt_vc.FORMAT.name:
        if "vct" not in document and "VerifiableCredential" in types_of(document):
            card = sd_jwt_vc.definition_of(document, cards)
            document = sd_jwt_vc.to_claims(document, cards)
            hide = sd_jwt_vc.disclosable(card, document) if disclosable is None else hide
    elif envelope.endswith("+sd-jwt") and disclosable is None:
        found, subject = cards.of_credential(document), document.get("credentialSubject")
        if found is not None and isinstance(subject, Mapping):
            hide = [c.pointer for c in found.claims.values() if c.disclosure != "M" and c.term in subject]
    return vc.issue_enveloped(document, signer, envelope=envelope, disclosable=hide, **options)
