"""The proofs of one secured document (Data Integrity 1.0 sections 4.4 to 4.6; CID 1.0 section 3.3)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from contexts import ContextRegistry
from did import DidError, DidUnavailable, PurposeNotAllowed, VerificationMethod

from ..integrity.chain import input_document, matching_proofs, proofs_of, without_proof
from ..integrity.members import ProofMembers, read_members
from ..integrity.suite import Kept, Trace, discloses
from ..integrity.whole_document import check_meaning
from ..linked_data import LinkedDataError, contexts_known
from ..model import Moment, identifier_of, types_of, validate
from ..model.period import outside_period
from ..needs import Steps
from ..problems import Problem, ProblemError
from ..verdict import Outcome
from .expectations import Expectations
from .record import Record

if TYPE_CHECKING:
    from did import Resolver

__all__ = ["Dereference", "SecuredDocument", "Terms", "check_challenge", "check_domain", "check_times"]

_UNKNOWN = (
    "unknown context {0!r}: contexts are never fetched; give it as a file with --context {0}=FILE, in the library with "
    "ContextRegistry.with_context"
)
_UNKNOWN_ZH = "未知的上下文 {0}：上下文从不联网获取；请以 --context {0}=文件 提供，库中用 ContextRegistry.with_context"
_NOT_REACHED = "not reached: a check before it failed"


class SecuredDocument:
    """A credential or presentation on its way through verification.

    The steps are called in the order in which they stand here: from those that cost nothing to those that cost most.
    """

    __slots__ = ("document", "hidden", "members", "methods", "places", "pointer", "proofs", "unsecured")

    of_claims = False
    """Whether it is an SD-JWT VC: claims, and not a document of the data model."""

    enveloped = False
    """Whether it came in an envelope: then it is a ``vc.envelope.judging.EnvelopedDocument``, with steps of its own."""

    def __init__(self, document: dict[str, Any], pointer: str) -> None:
        self.document = document
        self.pointer = pointer
        self.unsecured = without_proof(document)
        self.proofs: list[Any] = []
        self.places: list[str] = []
        self.members: list[ProofMembers] = []
        self.methods: list[VerificationMethod] = []
        self.hidden: tuple[str, ...] = ()

    @property
    def derived(self) -> bool:
        """Whether every proof is of a selective disclosure suite: then the document may show a part only."""
        for item in self.members:
            if not discloses(item.suite):
                return False
        return bool(self.members)

    @property
    def presentation(self) -> bool:
        """Whether it is a presentation."""
        return "VerifiablePresentation" in types_of(self.document)

    @property
    def issuer(self) -> str | None:
        """The issuer of a credential."""
        return identifier_of(self.document.get("issuer"))

    @property
    def holder(self) -> Any:
        """The holder that a presentation names, or None."""
        return self.document.get("holder")

    @property
    def judged_document(self) -> dict[str, Any]:
        """What the checkers of status and schema look at."""
        return self.document

    def model_problems(self, expected: Expectations) -> list[Problem]:
        """The problems of a document, and of the credentials in it, with the data model."""
        return validate(self.document, contexts=expected.environment.contexts)

    def period_problems(self, expected: Expectations) -> list[Problem]:
        """The problems with the validity period."""
        return outside_period(self.document, earliest=expected.earliest, latest=expected.latest, pointer=self.pointer)

    def find_methods(self, record: Record, expected: Expectations) -> Steps[None]:
        """The keys of an envelope. (Those of proofs are dereferenced one by one: ``take_method``.)"""
        yield from ()

    @property
    def has_status_claim(self) -> bool:
        """Whether an envelope tells its status by a claim of its own."""
        return False

    def check_claims(self, record: Record, expected: Expectations) -> Steps[None]:
        """The claims of an SD-JWT VC that lead elsewhere: its type and its status."""
        yield from ()

    def bound_to(self, top: SecuredDocument) -> tuple[bool, list[Problem]]:
        """Whether an envelope is bound to a key, and what is against that key having signed the presentation."""
        return False, []

    @property
    def controllers(self) -> frozenset[str]:
        """The controllers of the keys that signed, as far as they were found."""
        return frozenset(method.controller for method in self.methods)

    def read(self, record: Record) -> None:
        """Read the members of every proof."""
        place = self.pointer + "/proof"
        try:
            self.proofs = proofs_of(self.document)
        except ProblemError as error:
            record.failed("proof", place, [p.at(place) for p in error.problems])
            return
        many = isinstance(self.document["proof"], list)
        for index, proof in enumerate(self.proofs):
            where = f"{place}/{index}" if many else place
            members = read_members(proof, where)
            if isinstance(members, ProofMembers):
                self.places.append(where)
                self.members.append(members)
            else:
                undecided = all(problem.code == "verification.extra_missing" for problem in members)
                outcome = Outcome.INDETERMINATE if undecided else Outcome.FAILED
                record.failed("proof", where, members, outcome=outcome)

    def check_contexts(self, record: Record, expected: Expectations, *, plain: bool) -> None:
        """Whether the meaning of every term was fixed beforehand (Data Integrity 4.6, "context validation").

        ``plain``: ``@context`` stands nowhere but at the top, so that nothing below has to be looked at.
        """
        document, pointer = self.unsecured, self.pointer
        registry = expected.environment.contexts
        context = document.get("@context")
        for members, where in zip(self.members, self.places, strict=True):
            if "@context" in members.proof and not _registered(members.proof["@context"], registry):
                detail = "a proof may name registered contexts only"
                record.failed("context", where, [Problem("context.unknown", detail, where + "/@context")])
        if plain and _registered(context, registry):
            record.passed("context", pointer)
            return
        if "verifiableCredential" in document:  # Those carry contexts of their own, checked one by one.
            document = {name: value for name, value in document.items() if name != "verifiableCredential"}
        if contexts_known(document, contexts=registry):
            record.passed("context", pointer)
            return
        place = pointer + "/@context"
        unknown = [
            Problem("context.unknown", _UNKNOWN.format(url[:300]), f"{place}/{index}", _UNKNOWN_ZH.format(url[:300]))
            for index, url in enumerate(context if isinstance(context, list) else [context])
            if isinstance(url, str) and url not in registry
        ]
        if unknown:
            record.failed("context", place, unknown)
            return
        detail = "the document brings its own definitions; only registered contexts at its top say what terms mean"
        record.failed("context", place, [Problem("context.inline", detail, place)], stop=False)

    def check_policy(self, record: Record, expected: Expectations, purpose: str, *, addressed: bool) -> None:
        """Purpose, times and, for the document that is ``addressed`` to the verifier, challenge and domain."""
        for members, place in zip(self.members, self.places, strict=True):
            if members.purpose == purpose:
                record.passed("proof_purpose", place)
            else:
                detail = f"the proof's purpose is {members.purpose[:80]!r}, expected {purpose!r}"
                record.failed("proof_purpose", place, [Problem("proof.purpose", detail, f"{place}/proofPurpose")])
            if addressed:
                check_challenge(record, expected, members, place)
                check_domain(record, expected, members, place)
            check_times(record, expected, members, place)
            if addressed and expected.demands is not None:
                expected.demands.check_freshness(record, expected, members, place)

    def take_method(
        self,
        answer: VerificationMethod | DidError,
        members: ProofMembers,
        place: str,
        record: Record,
        expected: Expectations,
    ) -> None:
        """Take the verification method that was found for the proof with ``members``, if it may be used."""
        if isinstance(answer, VerificationMethod):
            problem, outcome = _method_problem(answer, members, expected), Outcome.FAILED
        else:
            problem, outcome = _no_method(answer, members)
        if problem is None:
            self.methods.append(answer)  # type: ignore[arg-type]
            record.passed("verification_method", place)
        else:
            where = problem.at(f"{place}/verificationMethod")
            record.failed("verification_method", place, [where], outcome=outcome)

    def check_signatures(self, record: Record, expected: Expectations) -> None:
        """Verify every proof over the document (and over the earlier proofs of its chain)."""
        if len(self.methods) != len(self.members):
            self.skip_signatures(record)
            return
        # Proofs that need the same of the document share it.
        env = expected.environment
        if len(self.members) > 1:
            env = env._replace(kept=Kept())
        inputs: dict[tuple[str, ...], dict[str, Any]] = {}
        for members, place, method in zip(self.members, self.places, self.methods, strict=True):
            trace: Trace | None = {} if expected.explain else None
            try:
                matching = matching_proofs(members.previous, self.proofs) if members.previous else ()
                document = self.unsecured
                if matching:
                    key = tuple(members.previous)
                    document = inputs.get(key) or inputs.setdefault(key, input_document(document, matching))
                if not members.suite.signs_statements:
                    # The JSON text is signed whatever it means; here every term has to mean something, and one thing.
                    check_meaning(self.unsecured, members.proof, env)
                members.suite.verify_proof(
                    document,
                    members.proof,
                    method,
                    env=env,
                    options=expected.suite_options,
                    trace=trace,
                )
            except LinkedDataError as error:
                problems = self._placed(error, members, place)
                name = "context" if problems[0].code.startswith("context.") else "proof"
                record.failed(name, place if name == "proof" else self.pointer, problems)
                if name == "context":
                    record.not_applicable("proof", place, _NOT_REACHED)
            except ProblemError as error:
                record.failed("proof", place, [p.at(place + p.pointer) for p in error.problems])
            else:
                record.passed("proof", place)
            if trace is not None:
                record.traces.append(_proof_trace(place, members, method, trace))

    def _placed(self, error: LinkedDataError, members: ProofMembers, place: str) -> list[Problem]:
        """The problems of a document's terms; those of a proof whose terms its document's contexts lack are one."""
        undefined = {p.pointer for p in error.problems if p.code == "jsonld.undefined_term"}
        type_of_proof = members.proof.get("type")
        if "/type" in undefined and "/verificationMethod" in undefined and "/verificationMethod" not in self.document:
            suite_context = members.suite.contexts[0] if members.suite.contexts else ""
            own = "; the @context in the proof itself is not used" if "@context" in members.proof else ""
            own_zh = "；证明自带的 @context 不予采用" if own else ""
            detail = (
                f"the document's contexts do not define proofs of type {type_of_proof!r}: its @context has to name "
                f"{suite_context}{own}"
            )
            detail_zh = f"文档的上下文未定义 {type_of_proof} 证明：其 @context 须列出 {suite_context}{own_zh}"
            return [Problem("jsonld.undefined_term", detail, place + "/type", detail_zh)]
        return [p.at(self.pointer + p.pointer) for p in error.problems]

    def skip_signatures(self, record: Record) -> None:
        """Note that the signatures were not looked at."""
        for place in self.places:
            record.not_applicable("proof", place, _NOT_REACHED)


class Dereference:
    """The need for a verification method for a purpose. A DidError is an answer, too."""

    __slots__ = ("purpose", "resolver", "url")

    def __init__(self, resolver: Resolver, url: str, purpose: str) -> None:
        self.resolver, self.url, self.purpose = resolver, url, purpose

    def obtain(self) -> VerificationMethod | DidError:
        """Ask the resolver, blocking."""
        try:
            return self.resolver.dereference(self.url, self.purpose)
        except DidError as error:
            return error

    async def obtain_async(self) -> VerificationMethod | DidError:
        """Ask the resolver without blocking the event loop."""
        try:
            return await self.resolver.dereference_async(self.url, self.purpose)
        except DidError as error:
            return error


def _registered(context: object, registry: ContextRegistry) -> bool:
    """Whether ``context`` is one or more URLs of the registry."""
    if not isinstance(context, list):
        return isinstance(context, str) and context in registry
    for item in context:
        if item.__class__ is not str or item not in registry.pinned:
            return False
    return bool(context)


def _method_problem(method: VerificationMethod, members: ProofMembers, expected: Expectations) -> Problem | None:
    """What is against using a verification method that is listed for the purpose."""
    key_type = method.public_key.key_type
    if key_type not in members.suite.key_types:
        fitting = ", ".join(sorted(members.suite.key_types))
        return Problem("method.key_type", f"{members.suite.name} takes keys of type {fitting}, not {key_type}")
    if (method.expires or method.revoked) and not method.usable_at(expected.now):
        return Problem("method.expired", "the verification method has expired or was revoked")
    return None


def _no_method(error: DidError, members: ProofMembers) -> tuple[Problem, Outcome]:
    """Why there is no verification method, and whether that is decided."""
    detail = f"{members.verification_method[:200]!r} can't be used: {error} ({error.code})"
    if isinstance(error, DidUnavailable):
        return Problem("method.unavailable", detail), Outcome.INDETERMINATE
    code = "method.purpose" if isinstance(error, PurposeNotAllowed) else "method.invalid"
    return Problem(code, detail), Outcome.FAILED


class Terms(Protocol):
    """What a proof, an envelope or a key binding says of when, for whom and for what it was made."""

    @property
    def purpose(self) -> str: ...
    @property
    def challenge(self) -> str | None: ...
    @property
    def domains(self) -> Sequence[str] | None: ...
    @property
    def created(self) -> Moment | None: ...
    @property
    def expires(self) -> Moment | None: ...


def check_challenge(record: Record, expected: Expectations, members: Terms, place: str) -> None:
    """The challenge that is expected is the one that is answered."""
    if expected.challenge is None:
        if members.challenge is not None:
            detail = "the proof answers a challenge, but none was given to compare it with"
            record.warnings.append(Problem("warning.challenge", detail, place + "/challenge"))
        record.not_applicable("challenge", place, "no challenge was expected")
    elif members.challenge is None:
        detail = "a challenge is expected, and the proof has none"
        record.failed("challenge", place, [Problem("proof.challenge", detail, place)])
    elif _same([members.challenge], [expected.challenge]):
        record.passed("challenge", place)
    else:
        # The one that is expected stays with who expects it: whoever sends answers at random shall not learn it.
        found = members.challenge[:80]
        detail = f"the proof answers the challenge {found!r}, which is not the one expected"
        detail_zh = f"证明应答的挑战值为“{found}”，与预期不符"
        record.failed("challenge", place, [Problem("proof.challenge", detail, place + "/challenge", detail_zh)])


def check_domain(record: Record, expected: Expectations, members: Terms, place: str) -> None:
    """The domain that is expected is the one it was made for."""
    if expected.domains is None:
        if members.domains is not None:
            detail = "the proof is meant for a domain, but none was given to compare it with"
            record.warnings.append(Problem("warning.domain", detail, place + "/domain"))
        record.not_applicable("domain", place, "no domain was expected")
    elif members.domains is None:
        detail = "a domain is expected, and the proof has none"
        record.failed("domain", place, [Problem("proof.domain", detail, place)])
    elif _same(members.domains, expected.domains):
        record.passed("domain", place)
    else:
        found, wanted = _listed(members.domains), _listed(expected.domains)
        detail = f"the proof is meant for the domain {found}, expected is {wanted} (compared letter by letter)"
        detail_zh = f"证明的使用域为 {found}，预期为 {wanted}（逐字比较）"
        record.failed("domain", place, [Problem("proof.domain", detail, place + "/domain", detail_zh)])


def _listed(values: Sequence[str]) -> str:
    """A few values, short enough for a sentence."""
    return ", ".join(repr(value[:120]) for value in values[:4]) + (", …" if len(values) > 4 else "")


def _same(found: Sequence[str], expected: Sequence[str]) -> bool:
    """Whether both hold the same strings, as sets (Data Integrity 4.4 step 7), in constant time."""
    digests = []
    for strings in (found, expected):
        each = sorted(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in set(strings))
        digests.append(hashlib.sha256(b"".join(each)).digest())
    return hmac.compare_digest(digests[0], digests[1])


def check_times(record: Record, expected: Expectations, members: Terms, place: str) -> None:
    """It was not made in the future, and has not expired."""
    problems = []
    if members.created is not None and members.created > expected.latest:
        detail = "the proof says that it was created in the future"
        if members.purpose == "authentication":
            problems.append(Problem("proof.created", detail, place + "/created"))
        else:  # From when on a credential counts is for its validFrom to say.
            record.warnings.append(Problem("warning.created", detail, place + "/created"))
    if members.expires is not None and members.expires <= expected.moment:
        problems.append(Problem("proof.expired", "the proof has expired", place + "/expires"))
    if problems:
        record.failed("proof_expiry", place, problems)
    elif members.expires is None:
        record.not_applicable("proof_expiry", place, "the proof does not expire")
    else:
        record.passed("proof_expiry", place)


def _proof_trace(place: str, members: ProofMembers, method: VerificationMethod, trace: Trace) -> dict[str, Any]:
    return {
        "pointer": place,
        "cryptosuite": members.suite.name,
        "verificationMethod": {
            "id": method.id,
            "type": method.type,
            "controller": method.controller,
            "publicKeyMultibase": method.public_key.to_multikey(),
            "allowedBecause": f"{method.controller} lists it under {members.purpose}",
        },
        **trace,
    }
