"""Proof configurations as text, and contexts known beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from contexts import CONTEXTS, ContextRegistry

from .compiled import registered_only
from .engine import canonicalize

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
    configuration: dict[str, Any] = {"@context": context}
    for key, value in proof.items():
        if key not in ("@context", "proofValue"):
            configuration[key] = value
    return canonicalize(configuration, hash_name=hash_name, contexts=contexts)


def contexts_known(document: Mapping[str, Any], *, contexts: ContextRegistry = CONTEXTS) -> bool:
    """Whether every ``@context`` of the document is a registered URL or a list of them
    (Data Integrity 2.4.1, 4.6): then what its terms mean was fixed beforehand, by digest."""
    stack: list[Any] = [document]
    while stack:
        value = stack.pop()
        if isinstance(value, Mapping):
            if "@context" in value and not registered_only(value["@context"], contexts):
                return False
            stack.extend(item for key, item in value.items() if key != "@context" and isinstance(item, dict | list))
        else:
            stack.extend(item for item in value if isinstance(item, dict | list))
    return True
