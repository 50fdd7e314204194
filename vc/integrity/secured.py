"""The proofs of one secured document (Data Integrity 1.0 sections 4.4 to 4.6; CID 1.0 section 3.3)."""

from __future__ import annotations

from typing import Any, Final

from did import VerificationMethod

from ..checks.contexts import all_registered, check_contexts
from ..checks.environment import Kept
from ..checks.expectations import Expectations
from ..checks.methods import dereference, no_method
from ..checks.record import Record
from ..checks.secured import SecuredDocument
from ..checks.terms import check_challenge, check_domain, check_freshness, check_times
from ..linked_data import LinkedDataError
from ..model import identifier_of, types_of, validate
from ..model.period import outside_period
from ..needs import Steps
from ..problems import Problem, ProblemError
from ..verdict import Outcome
from .chain import input_document, matching_proofs, proofs_of, without_proof
from .members import ProofMembers, read_members
from .price import units
from .suite import Trace, discloses
from .whole_document import check_meaning

__all__ = ["DocumentWithProofs", "open_document_with_proofs"]

_NOT_REACHED: Final = "not reached: a check before it failed"


def open_document_with_proofs(
    document: Any, pointer: str, expected: Expectations, contained: bool
) -> DocumentWithProofs | None:
    """``document`` as one with Data Integrity proofs, if it is an object (``vc.checks.secured.Opener``).

    That it has proofs is looked at later: an object that is secured in no way lacks them.
    """
    return DocumentWithProofs(document, pointer) if document.__class__ is dict else None


class DocumentWithProofs(SecuredDocument):
    """A document with Data Integrity proofs."""

    __slots__ = ("members", "places", "proofs", "unsecured")

    def __init__(self, document: dict[str, Any], pointer: str) -> None:
        # As the base would: one is made for every document, and each call counts.
        self.document = document
        self.pointer = pointer
        self.methods = []
        self.hidden = ()
        self.unsecured = without_proof(document)
        self.proofs: list[Any] = []
        self.places: list[str] = []
        self.members: list[ProofMembers] = []

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

    def model_problems(self, expected: Expectations) -> list[Problem]:
        """The problems of a document, and of the credentials in it, with the data model."""
        return validate(self.document, contexts=expected.environment.contexts)

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

    def contexts_at_top(self) -> int:
        """How often ``@context`` stands at the top of the document and of its proofs."""
        found = int("@context" in self.document)
        for members in self.members:
            found += "@context" in members.proof
        return found

    def check_contexts(self, record: Record, expected: Expectations, *, plain: bool) -> None:
        """Whether the meaning of every term was fixed beforehand; what a proof names is compared by its suite, too."""
        registry = expected.environment.contexts
        for members, where in zip(self.members, self.places, strict=True):
            if "@context" in members.proof and not all_registered(members.proof["@context"], registry):
                detail = "a proof may name registered contexts only"
                record.failed("context", where, [Problem("context.unknown", detail, where + "/@context")])
        check_contexts(self.unsecured, self.pointer, record, registry, plain=plain)

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
                check_freshness(record, expected, members, place)

    def find_methods(self, record: Record, expected: Expectations) -> Steps[None]:
        """The verification method of each proof, if it may be used."""
        for members, place in zip(self.members, self.places, strict=True):
            answer = yield dereference(expected.resolver, members.verification_method, members.purpose)
            if isinstance(answer, VerificationMethod):
                problem, outcome = _method_problem(answer, members, expected), Outcome.FAILED
            else:
                problem, outcome = no_method(answer, members.verification_method)
            if problem is None:
                self.methods.append(answer)
                record.passed("verification_method", place)
            else:
                where = problem.at(f"{place}/verificationMethod")
                record.failed("verification_method", place, [where], outcome=outcome)

    def issuers_cryptosuites(self) -> frozenset[str]:
        """The names of the cryptosuites of proofs that its issuer made."""
        if len(self.methods) != len(self.members):
            return frozenset()
        signed = zip(self.members, self.methods, strict=True)
        return frozenset(members.suite.name for members, method in signed if method.controller == self.issuer)

    def work(self, *, alone: bool) -> int:
        """What the proofs take. A single one is not counted: its suite bounds what one may ask for."""
        return 0 if alone and len(self.members) < 2 else units(self.unsecured, self.members, self.methods)

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

    def period_problems(self, expected: Expectations) -> list[Problem]:
        """The problems with the validity period."""
        return outside_period(self.document, earliest=expected.earliest, latest=expected.latest, pointer=self.pointer)


def _method_problem(method: VerificationMethod, members: ProofMembers, expected: Expectations) -> Problem | None:
    """What is against using a verification method that is listed for the purpose."""
    key_type = method.public_key.key_type
    if key_type not in members.suite.key_types:
        fitting = ", ".join(sorted(members.suite.key_types))
        return Problem("method.key_type", f"{members.suite.name} takes keys of type {fitting}, not {key_type}")
    if (method.expires or method.revoked) and not method.usable_at(expected.now):
        return Problem("method.expired", "the verification method has expired or was revoked")
    return None


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
