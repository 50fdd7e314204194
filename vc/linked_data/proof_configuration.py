"""Proof configurations as text, and contexts known beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from contexts import CONTEXTS, ContextRegistry

__all__ = ["contexts_known", "proof_configuration_lines"]


def proof_configuration_lines(
    context: Any,
    proof: Mapping[str, Any],
    *,
    hash_name: Literal["sha256", "sha384"] = "sha256",
    contexts: ContextRegistry = CONTEXTS,
) -> str:
    """Canonical N-Quads of a proof configuration (vc-di-eddsa 3.2.5, vc-di-ecdsa 3.2.5).

    ``context`` is the document's ``@context``, ``proof`` the proof's members; ``proofValue`` and ``@context`` in it are
    left out here. The usual members are written from a template, where the compiled context gives these terms their
    usual meaning; anything else goes the general way. Raises LinkedDataError.
    """
    raise NotImplementedError


def contexts_known(document: Mapping[str, Any], *, contexts: ContextRegistry = CONTEXTS) -> bool:
    """Whether every ``@context`` of the document is a registered URL or a list of them, and only the top has one
    (Data Integrity 2.4.1, 4.6): then what its terms mean was fixed beforehand, by digest."""
    raise NotImplementedError
