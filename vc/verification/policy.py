"""A verification policy: what a verifier expects and demands, as one object that is made once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Unpack, cast

from contexts import CONTEXTS, ContextRegistry

from ..checks.expectations import DEFAULT_SKEW, Expectations, PolicyArguments
from ..model.limiting import SHOWN

if TYPE_CHECKING:
    from did import Resolver

    from ..checks.checkers import CredentialChecker, StatusOfCredentials
    from ..checks.envelope_profile import EnvelopeProfile

__all__ = ["HELD", "JUST_MADE", "NOTHING_HIDDEN", "VerificationPolicy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationPolicy:
    """What a verifier expects of a document, what it demands, and what its verification may use.

    ``vc.verify(document, policy)`` takes it; each member is a keyword argument of ``vc.verify``, too, which then takes
    the place of the policy's. Raises TypeError or ValueError for members that can't be used.

    *What was asked.* ``challenge`` and ``domain`` (one or several) are compared with those of the document's own proof,
    which fails without them. ``proof_purpose`` is by default ``assertionMethod`` for a credential and
    ``authentication`` for a presentation. ``presentation_header`` and ``nym_domain`` are what every derived bbs-2023
    proof has to be bound to.

    *What it may use.* ``resolver`` finds keys; the default one knows the DID methods that need no network. ``contexts``
    says what context URLs mean. ``now`` (aware; by default the system's time) is the time of all checks, give or take
    ``skew``. ``status`` (``vc.status``) and ``schemas`` (``vc.model.schemas``) are checkers; without them a status or a
    schema is reported as not checked. ``envelopes`` (``vc.envelope.EnvelopeProfile``) is how JOSE, SD-JWT and COSE are
    judged. ``explain`` collects intermediate values and goes on after a failed check.

    *What it demands.* ``expected_types``: each credential has one of these types; ``expected_vct``: each SD-JWT VC is
    of one of these. ``expected_contexts``: no credential has another context. ``expected_cryptosuites``: each
    credential has a proof of one of these suites, made by its issuer; the other proofs that it has must be good all the
    same. ``trusted_issuers``: the identifiers of those who may have issued. ``require_shown``: JSON pointers (RFC 6901,
    in the terms of VCDM 2.0) of what each credential has to show; an SD-JWT VC by its registered claims.
    ``require_holder_binding``: each credential is bound to a key or a DID of whoever shows it. ``max_proof_age``: the
    document's own proof (or key binding) says when it was made, and that is not longer ago. ``max_proof_life``: it says
    when it expires, and that is not further away.
    """

    challenge: str | None = None
    domain: str | Sequence[str] | None = None
    proof_purpose: str | None = None
    presentation_header: bytes | None = None
    nym_domain: str | None = None
    resolver: Resolver | None = None
    contexts: ContextRegistry = CONTEXTS
    now: datetime | None = None
    skew: timedelta = DEFAULT_SKEW
    status: StatusOfCredentials | None = None
    schemas: CredentialChecker | None = None
    envelopes: EnvelopeProfile | None = None
    explain: bool = False
    expected_types: Collection[str] | None = None
    expected_vct: Collection[str] | None = None
    expected_contexts: Collection[str] | None = None
    expected_cryptosuites: Collection[str] | None = None
    trusted_issuers: Collection[str] | None = None
    require_shown: Collection[str] = ()
    require_holder_binding: bool = False
    max_proof_age: timedelta | None = None
    max_proof_life: timedelta | None = None
    _stated: PolicyArguments = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        stated = {name: value for name in _DEFAULTS if (value := getattr(self, name)) != _DEFAULTS[name]}
        object.__setattr__(self, "_stated", stated)
        Expectations(**self._stated)  # What can't be used is found now, and not with the first document.

    def __repr__(self) -> str:
        members = ", ".join(f"{name}={value!r}" for name, value in self._stated.items())
        return f"VerificationPolicy({members})"

    @property
    def stated(self) -> PolicyArguments:
        """The members that are not the default, as keyword arguments (a copy)."""
        return self._stated.copy()

    def with_(self, **changes: Unpack[PolicyArguments]) -> VerificationPolicy:
        """The policy with these members in place of its own."""
        members: PolicyArguments = {**self._stated, **changes}
        return VerificationPolicy(**members)

    def __and__(self, other: VerificationPolicy) -> VerificationPolicy:
        """The policy that holds only where both do.

        Demands become the stricter of the two: what either wants shown, the types, contexts and issuers that both
        accept, the shorter spans. Of everything else each may state what the other does not; ValueError where both
        state it, and differently.
        """
        if not isinstance(other, VerificationPolicy):
            return NotImplemented
        mine, theirs = cast("dict[str, Any]", self._stated), cast("dict[str, Any]", other._stated)
        both: dict[str, Any] = {**mine, **theirs}
        for name in mine.keys() & theirs.keys():
            if name in _INTERSECTED:
                both[name] = frozenset(mine[name]) & frozenset(theirs[name])
            elif name == "require_shown":
                both[name] = frozenset(mine[name]) | frozenset(theirs[name])
            elif name in ("max_proof_age", "max_proof_life"):
                both[name] = min(mine[name], theirs[name])
            elif mine[name] != theirs[name]:
                raise ValueError(f"both policies state {name}, and differently")
        return VerificationPolicy(**both)


_DEFAULTS: Final[dict[str, Any]] = {item.name: item.default for item in fields(VerificationPolicy) if item.init}
_INTERSECTED: Final = frozenset(
    {"expected_types", "expected_vct", "expected_contexts", "expected_cryptosuites", "trusted_issuers"}
)

NOTHING_HIDDEN: Final = VerificationPolicy(require_shown=SHOWN)
"""Each credential shows its subject's id, its validity period, its status and its schema."""

HELD: Final = VerificationPolicy(require_holder_binding=True)
"""Each credential is shown by the one it is bound to."""

JUST_MADE: Final = VerificationPolicy(max_proof_age=timedelta(seconds=300), max_proof_life=timedelta(seconds=300))
"""What shows the credentials was made within five minutes, and expires within five minutes."""
