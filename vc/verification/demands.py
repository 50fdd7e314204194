"""Whether a credential is what a policy demands besides being genuine.

Each demand is a check of its own: ``expected_type``, ``trusted_issuer``, ``expected_contexts``,
``expected_cryptosuite``, ``shown``; ``proof_freshness`` is checked with the other terms of a proof, ``holder_binding``
is the one that there is anyway. They cost little and come before signatures.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from ..checks.demands import Demands
from ..checks.record import Record
from ..checks.secured import SecuredDocument
from ..model import types_of
from ..model.limiting import SHOWN
from ..problems import Problem

__all__ = ["check_demands", "check_demands_on_keys", "hidden_members", "is_shown"]

_ALSO: Final[Mapping[str, str]] = {"/validFrom": "/issuanceDate", "/validUntil": "/expirationDate"}
"""The names of VCDM 1.1."""

_CLAIMS: Final[Mapping[str, tuple[str, ...]]] = {
    "/credentialSubject/id": ("/sub",),
    "/validFrom": ("/nbf",),
    "/validUntil": ("/exp",),
    "/credentialStatus": ("/status", "/credentialStatus"),
    "/credentialSchema": ("/vct",),
    "/issuer": ("/iss", "/issuer"),
    "/id": ("/jti",),
}
"""What the same things are called among the claims of an SD-JWT VC."""


def check_demands(demands: Demands, item: SecuredDocument, record: Record) -> None:
    """Type, contexts, issuer and what has to be shown, of one credential."""
    _check_type(demands, item, record)
    _check_contexts(demands, item, record)
    if not item.issuer_from_key:
        _check_trusted_issuer(demands, item, record)
    if demands.shown:
        problems = [
            Problem("policy.not_shown", f"it has to show {pointer}", item.pointer + pointer)
            for pointer in demands.shown
            if not is_shown(item, pointer)
        ]
        record.judged("shown", item.pointer, problems)


def check_demands_on_keys(demands: Demands, item: SecuredDocument, record: Record) -> None:
    """What can be told when the keys are known: the cryptosuites, and an issuer whom only its key names."""
    if demands.cryptosuites is not None:
        detail = "it has no proof by its issuer of a cryptosuite that is expected here"
        problem = Problem("policy.cryptosuite", detail, item.pointer + "/proof")
        missing = demands.cryptosuites.isdisjoint(item.issuers_cryptosuites())
        record.judged("expected_cryptosuite", item.pointer, [problem] if missing else [])
    if item.issuer_from_key:
        _check_trusted_issuer(demands, item, record)


def _check_trusted_issuer(demands: Demands, item: SecuredDocument, record: Record) -> None:
    """Whether the issuer is one of those that are trusted."""
    if demands.issuers is None:
        return
    trusted = item.issuer in demands.issuers
    problem = Problem("policy.issuer", "the issuer is not one of those trusted here", item.pointer + "/issuer")
    record.judged("trusted_issuer", item.pointer, [] if trusted else [problem])


def _check_type(demands: Demands, item: SecuredDocument, record: Record) -> None:
    if demands.types is None and demands.vct is None:
        return
    if item.of_claims:
        fits = demands.vct is not None and item.document.get("vct") in demands.vct
        member = "/vct"
    else:
        fits = demands.types is not None and not demands.types.isdisjoint(types_of(item.document))
        member = "/type"
    problem = Problem("policy.type", "it is of no type that is expected here", item.pointer + member)
    record.judged("expected_type", item.pointer, [] if fits else [problem])


def _check_contexts(demands: Demands, item: SecuredDocument, record: Record) -> None:
    if demands.contexts is None or item.of_claims:
        return
    value = item.document.get("@context")
    named = value if isinstance(value, list) else [value]
    place = item.pointer + "/@context"
    problems = [
        Problem("policy.context", "the context is not one of those expected here", f"{place}/{index}")
        for index, one in enumerate(named)
        if not isinstance(one, str) or one not in demands.contexts
    ]
    record.judged("expected_contexts", item.pointer, problems[:16])


def hidden_members(item: SecuredDocument) -> tuple[str, ...]:
    """JSON pointers of what is looked for in every credential (``SHOWN``) and not shown by this one, if it is derived.

    An SD-JWT VC has dates, key and status as registered claims, which are never hidden: what it has not, it never had.
    """
    if not item.derived or item.of_claims:
        return ()
    document = item.document
    subject = document.get("credentialSubject")
    if (  # All of it, as most show it.
        subject.__class__ is dict
        and subject.get("id")
        and document.get("validFrom")
        and document.get("validUntil")
        and document.get("credentialStatus")
        and document.get("credentialSchema")
    ):
        return ()
    return tuple(pointer for pointer in SHOWN if not is_shown(item, pointer))


def is_shown(item: SecuredDocument, pointer: str) -> bool:
    """Whether a credential shows what ``pointer`` (RFC 6901, in the terms of VCDM 2.0) names.

    Of several values (two subjects, say) each has to. An index points at one of them.
    """
    document = item.document
    if item.of_claims:
        return any(_has(document, _tokens(name)) for name in _CLAIMS.get(pointer, (pointer,)))
    if _has(document, _tokens(pointer)):
        return True
    other = _ALSO.get(pointer)
    return other is not None and _has(document, _tokens(other))


def _has(value: Any, tokens: tuple[str, ...]) -> bool:
    for index, token in enumerate(tokens):
        if isinstance(value, list):
            if not token.isdecimal():
                return bool(value) and all(_has(one, tokens[index:]) for one in value)
            value = value[int(token)] if len(token) < 10 and int(token) < len(value) else None
        else:
            value = value.get(token) if isinstance(value, Mapping) else None
    return value is not None and value not in ([], "", {})


@lru_cache(maxsize=256)
def _tokens(pointer: str) -> tuple[str, ...]:
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer[1:].split("/"))
