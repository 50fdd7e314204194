"""What a policy demands of a credential, or of the proof that shows it, besides being genuine.

Each demand is a check of its own: ``expected_type``, ``trusted_issuer``, ``expected_contexts``,
``expected_cryptosuite``, ``shown``, ``proof_freshness``; ``holder_binding`` is the one that there is anyway. They cost
little and come before signatures.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..model import Moment, moment_of, types_of
from ..model.limiting import SHOWN
from ..problems import Problem

if TYPE_CHECKING:
    from .expectations import Expectations, PolicyArguments
    from .proofs import SecuredDocument, Terms
    from .record import Record

__all__ = ["Demands", "hidden_members", "is_shown"]

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

_TYPES: Final = frozenset({"VerifiableCredential", "EnvelopedVerifiableCredential"})
"""Every credential has the first of these: expecting it would expect nothing."""


class Demands(NamedTuple):
    """The demands of a policy; None, or nothing, where it makes none."""

    types: frozenset[str] | None
    vct: frozenset[str] | None
    contexts: frozenset[str] | None
    issuers: frozenset[str] | None
    shown: tuple[str, ...]
    holder_binding: bool
    max_age: timedelta | None
    max_life: timedelta | None
    cryptosuites: frozenset[str] | None = None

    @classmethod
    def of(cls, stated: PolicyArguments) -> Demands | None:
        """The demands among what is ``stated``, or None. Raises TypeError or ValueError for what is none."""
        if _DEMANDING.isdisjoint(stated):
            return None
        found = cls(
            _names(stated.get("expected_types"), "expected_types"),
            _names(stated.get("expected_vct"), "expected_vct"),
            _names(stated.get("expected_contexts"), "expected_contexts"),
            _names(stated.get("trusted_issuers"), "trusted_issuers"),
            tuple(sorted(_names(stated.get("require_shown", ()), "require_shown") or ())),
            stated.get("require_holder_binding", False) is True,
            _span(stated.get("max_proof_age"), "max_proof_age"),
            _span(stated.get("max_proof_life"), "max_proof_life"),
            _names(stated.get("expected_cryptosuites"), "expected_cryptosuites"),
        )
        for pointer in found.shown:
            if pointer[:1] != "/":
                raise ValueError(f"require_shown: {pointer!r:.200} is not a JSON pointer, which starts with '/'")
        if found.types is not None and not _TYPES.isdisjoint(found.types):
            raise ValueError("expected_types names what every credential is")
        return None if found == _NONE else found

    def check(self, item: SecuredDocument, record: Record) -> None:
        """Type, contexts, issuer and what has to be shown, of one credential."""
        self._check_type(item, record)
        self._check_contexts(item, record)
        if item.issuer is not None or not item.of_claims:
            self.check_issuer(item, record)
        if self.shown:
            problems = [
                Problem("policy.not_shown", f"it has to show {pointer}", item.pointer + pointer)
                for pointer in self.shown
                if not is_shown(item, pointer)
            ]
            record.judged("shown", item.pointer, problems)

    def check_issuer(self, item: SecuredDocument, record: Record) -> None:
        """Whether the issuer is one of those that are trusted."""
        if self.issuers is None:
            return
        trusted = item.issuer in self.issuers
        problem = Problem("policy.issuer", "the issuer is not one of those trusted here", item.pointer + "/issuer")
        record.judged("trusted_issuer", item.pointer, [] if trusted else [problem])

    def check_cryptosuites(self, item: SecuredDocument, record: Record) -> None:
        """Whether the issuer made a proof of a suite that is expected: a stranger may add one to any credential.

        That each proof is good is checked anyway; this is for when the keys are known.
        """
        if self.cryptosuites is None:
            return
        keys_known = len(item.methods) == len(item.members)
        fits = keys_known and any(
            members.suite.name in self.cryptosuites and method.controller == item.issuer
            for members, method in zip(item.members, item.methods, strict=True)
        )
        detail = "it has no proof by its issuer of a cryptosuite that is expected here"
        problem = Problem("policy.cryptosuite", detail, item.pointer + "/proof")
        record.judged("expected_cryptosuite", item.pointer, [] if fits else [problem])

    def check_freshness(
        self, record: Record, expected: Expectations, terms: Terms, place: str, life: timedelta | None = None
    ) -> None:
        """When a proof was made, and when it ends: ``life`` after that, or as it says."""
        if self.max_age is None and self.max_life is None:
            return
        problems = []
        if terms.created is None:
            detail = "it is not said when the proof was made"
            problems.append(Problem("policy.created_missing", detail, place))
        elif self.max_age is not None and terms.created < moment_of(expected.now - expected.skew - self.max_age):
            problems.append(Problem("policy.too_old", "the proof was made too long ago", place + "/created"))
        if self.max_life is not None and (life is None or life > self.max_life):
            problems += self._end(expected, terms.expires, place)
        record.judged("proof_freshness", place, problems)

    def _end(self, expected: Expectations, expires: Moment | None, place: str) -> list[Problem]:
        assert self.max_life is not None
        if expires is None:
            return [Problem("policy.expires_missing", "the proof does not say when it expires", place)]
        if expires > moment_of(expected.now + expected.skew + self.max_life):
            return [Problem("policy.expires_late", "the proof lives longer than is accepted here", place + "/expires")]
        return []

    def _check_type(self, item: SecuredDocument, record: Record) -> None:
        if self.types is None and self.vct is None:
            return
        if item.of_claims:
            fits = self.vct is not None and item.document.get("vct") in self.vct
            member = "/vct"
        else:
            fits = self.types is not None and not self.types.isdisjoint(types_of(item.document))
            member = "/type"
        problem = Problem("policy.type", "it is of no type that is expected here", item.pointer + member)
        record.judged("expected_type", item.pointer, [] if fits else [problem])

    def _check_contexts(self, item: SecuredDocument, record: Record) -> None:
        if self.contexts is None or item.of_claims:
            return
        value = item.document.get("@context")
        named = value if isinstance(value, list) else [value]
        place = item.pointer + "/@context"
        problems = [
            Problem("policy.context", "the context is not one of those expected here", f"{place}/{index}")
            for index, one in enumerate(named)
            if not isinstance(one, str) or one not in self.contexts
        ]
        record.judged("expected_contexts", item.pointer, problems[:16])


_NONE: Final = Demands(None, None, None, None, (), False, None, None)
_DEMANDING: Final = frozenset(
    {
        "expected_types",
        "expected_vct",
        "expected_contexts",
        "expected_cryptosuites",
        "trusted_issuers",
        "require_shown",
        "require_holder_binding",
        "max_proof_age",
        "max_proof_life",
    }
)


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


def _names(value: Collection[str] | None, what: str) -> frozenset[str] | None:
    if value is None:
        return None
    if isinstance(value, str | bytes) or not all(isinstance(one, str) and one for one in value):
        raise TypeError(f"{what} is a collection of strings")
    return frozenset(value)


def _span(value: timedelta | None, what: str) -> timedelta | None:
    if value is None:
        return None
    if not isinstance(value, timedelta) or value <= timedelta():
        raise ValueError(f"{what} is a timedelta above zero")
    return value
