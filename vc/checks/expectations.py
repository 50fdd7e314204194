"""What a caller expects of a document, and what its verification may use."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from contexts import CONTEXTS, ContextRegistry

from ..model import Moment, moment_of
from .demands import Demands
from .envelope_profile import STRICT, EnvelopeProfile
from .environment import Environment

if TYPE_CHECKING:
    from did import Resolver

    from .checkers import CredentialChecker, StatusOfCredentials

__all__ = ["DEFAULT_SKEW", "Expectations", "PolicyArguments"]

DEFAULT_SKEW = timedelta(seconds=60)
"""How far the clocks of a signer and a verifier may differ."""


@lru_cache(maxsize=1)
def _offline_resolver() -> Resolver:
    from did import Resolver

    return Resolver()


class PolicyArguments(TypedDict, total=False):
    """The keyword arguments of ``vc.verify``: the members of ``VerificationPolicy``, which says what each means."""

    challenge: str | None
    domain: str | Sequence[str] | None
    proof_purpose: str | None
    presentation_header: bytes | None
    nym_domain: str | None
    resolver: Resolver | None
    contexts: ContextRegistry
    now: datetime | None
    skew: timedelta
    status: StatusOfCredentials | None
    schemas: CredentialChecker | None
    envelopes: EnvelopeProfile | None
    explain: bool
    expected_types: Collection[str] | None
    expected_vct: Collection[str] | None
    expected_contexts: Collection[str] | None
    expected_cryptosuites: Collection[str] | None
    trusted_issuers: Collection[str] | None
    require_shown: Collection[str]
    require_holder_binding: bool
    max_proof_age: timedelta | None
    max_proof_life: timedelta | None


_NAMES = frozenset(PolicyArguments.__annotations__)


class Expectations:
    """What a policy states, checked and made ready for one verification. Raises TypeError or ValueError for unusable
    arguments: those are the caller's mistake, and no document's."""

    __slots__ = (
        "challenge",
        "demands",
        "domains",
        "earliest",
        "envelopes",
        "environment",
        "explain",
        "latest",
        "moment",
        "now",
        "proof_purpose",
        "resolver",
        "schemas",
        "skew",
        "status",
        "suite_options",
    )

    challenge: str | None
    demands: Demands | None
    domains: tuple[str, ...] | None
    envelopes: EnvelopeProfile
    explain: bool
    now: datetime
    proof_purpose: str | None
    resolver: Resolver
    schemas: CredentialChecker | None
    skew: timedelta
    status: StatusOfCredentials | None

    def __init__(self, stated: PolicyArguments | None = None, /, **named: Unpack[PolicyArguments]) -> None:
        if stated is None:
            stated = named
        if not _NAMES.issuperset(stated):
            unknown = sorted(stated.keys() - _NAMES)
            raise TypeError(f"a verification takes no argument {unknown[0]!r}")
        get: Callable[..., Any] = stated.get
        self.challenge = challenge = get("challenge")
        if challenge is not None and not isinstance(challenge, str):
            raise TypeError("challenge is a string")
        domain, now, header, nym_domain = get("domain"), get("now"), get("presentation_header"), get("nym_domain")
        self.domains = None if domain is None else _domains(domain)
        self.proof_purpose = get("proof_purpose")
        self.suite_options = {} if header is nym_domain is None else _suite_options(header, nym_domain)
        self.resolver = get("resolver") or _offline_resolver()
        self.now = now = datetime.now(UTC) if now is None else now
        self.environment = Environment(get("contexts", CONTEXTS), lambda: now)
        self.skew = skew = get("skew", DEFAULT_SKEW)
        self.moment = moment = moment_of(now)
        if skew.microseconds:
            self.earliest, self.latest = moment_of(now - skew), moment_of(now + skew)
        else:
            seconds, fraction = moment
            span = skew.days * 86_400 + skew.seconds
            self.earliest, self.latest = Moment(seconds - span, fraction), Moment(seconds + span, fraction)
        self.status = get("status")
        self.schemas = get("schemas")
        self.envelopes = get("envelopes") or STRICT
        self.explain = get("explain", False)
        self.demands = Demands.of(stated)

    def of_supporting_credential(self) -> Expectations:
        """What is expected of a credential that a check needs (a status list): the same world, no status of its own."""
        return Expectations(
            resolver=self.resolver,
            contexts=self.environment.contexts,
            now=self.now,
            skew=self.skew,
            envelopes=self.envelopes,
        )


def _suite_options(presentation_header: bytes | None, nym_domain: str | None) -> dict[str, bytes | str]:
    options: dict[str, bytes | str] = {}
    if presentation_header is not None:
        if not isinstance(presentation_header, bytes):
            raise TypeError("presentation_header is bytes")
        options["presentation_header"] = presentation_header
    if nym_domain is not None:
        if not isinstance(nym_domain, str) or not nym_domain:
            raise TypeError("nym_domain is a string that is not empty")
        options["nym_domain"] = nym_domain
    return options


def _domains(domain: str | Sequence[str]) -> tuple[str, ...]:
    domains = (domain,) if isinstance(domain, str) else tuple(domain)
    if not domains or not all(isinstance(item, str) for item in domains):
        raise TypeError("domain is a string, or a list of one or more strings")
    return domains
