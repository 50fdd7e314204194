"""An enveloped credential or presentation on its way through verification: the same steps, the same checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ..checks.contexts import check_contexts
from ..checks.envelope_profile import EnvelopeProfile
from ..checks.secured import SecuredDocument
from ..checks.terms import check_challenge, check_domain, check_freshness, check_times
from ..linked_data import LinkedDataError, to_dataset
from ..model import Moment, validate
from ..model.period import outside_period
from ..needs import Steps
from ..problems import Problem, ProblemError
from ..verdict import Outcome
from .agreement import header_key_problem
from .algorithms import fits, misfit
from .payload import claim_problems, document_of
from .reading import Envelope, read_envelope
from .sd_jwt import KeyBinding, confirmation_key, period, seconds
from .signing_key import Found, find_method, find_named
from .terms import EnvelopeTerms, answers, moment_at, terms_of, terms_of_binding
from .type_metadata import judge_type

if TYPE_CHECKING:
    from did import PublicKey, VerificationMethod

    from ..checks.expectations import Expectations
    from ..checks.record import Record

__all__ = ["EnvelopedDocument"]

_NOT_REACHED: Final = "not reached: a check before it failed"


class EnvelopedDocument(SecuredDocument):
    """One envelope. The steps are those of ``SecuredDocument``."""

    __slots__ = (
        "_binding",
        "_binding_key",
        "envelope",
        "issuer_from_key",
        "of_claims",
        "own_status",
        "profile",
        "readable",
    )

    def __init__(self, envelope: Envelope, pointer: str, profile: EnvelopeProfile) -> None:
        super().__init__(document_of(envelope), pointer)
        self.envelope = envelope
        self.profile = profile
        self.of_claims = of_claims = not envelope.form.data_model
        self.issuer_from_key = of_claims and envelope.issuer is None
        self.own_status = of_claims and "status" in envelope.claims
        self.readable = False
        self._binding = envelope.sd_jwt.binding if envelope.sd_jwt is not None else None
        self._binding_key: PublicKey | None = None

    @classmethod
    def open(cls, value: object, pointer: str, profile: EnvelopeProfile) -> EnvelopedDocument:
        """The envelope ``value`` is. Raises ProblemError whose problems have pointers into the whole document."""
        try:
            return cls(read_envelope(value, profile=profile), pointer, profile)
        except ProblemError as error:
            raise ProblemError(*(p.at(pointer + p.pointer) for p in error.problems)) from None

    @property
    def derived(self) -> bool:
        """Whether something is hidden, so that the document may show a part only."""
        parsed = self.envelope.sd_jwt
        return parsed is not None and parsed.revealed.undisclosed > 0

    @property
    def issuer(self) -> str | None:
        """Who issued it; an SD-JWT VC that leaves it to its certificate names nobody before that was verified."""
        found = self.envelope.issuer
        if found is None and self.of_claims and self.envelope.chain is not None and self.methods:
            return self.methods[0].controller
        return found

    @property
    def holder(self) -> Any:
        """The holder: of a presentation without one, ``iss``."""
        return self.document.get("holder", self.envelope.claims.get("iss"))

    @property
    def presentation(self) -> bool:
        """Whether it is a presentation."""
        return self.envelope.kind == "presentation"

    @property
    def judged_document(self) -> dict[str, Any]:
        """What the checkers of status and schema look at."""
        if self.envelope.form.data_model or "credentialStatus" not in self.document:
            return self.document
        return {"issuer": self.issuer, "credentialStatus": self.document["credentialStatus"]}

    def model_problems(self, expected: Expectations) -> list[Problem]:
        """The problems with the data model, of the wrapper and of the document in it."""
        kind = "presentation" if self.presentation else "credential"
        contexts = expected.environment.contexts
        found: list[Problem] = []
        if self.envelope.wrapper is not None and not self.pointer:
            found += validate(dict(self.envelope.wrapper), kind=kind, contexts=contexts)  # type: ignore[arg-type]
        if self.envelope.form.data_model:
            found += validate(self.document, kind=kind, contexts=contexts)  # type: ignore[arg-type]
        return [p.at(self.pointer + p.pointer) for p in found]

    def unseen_model_problems(self, expected: Expectations) -> Sequence[Problem]:
        """All of them: the presentation around an envelope does not see into it."""
        return self.model_problems(expected)

    def contexts_at_top(self) -> None:
        """Nobody counts in what was enveloped."""
        return

    def read(self, record: Record) -> None:
        """Check the claims around the document."""
        problems = claim_problems(self.envelope, self.document, self.profile) + self.profile.problems(self.envelope)
        if self._binding is not None and self.presentation:  # It answers for itself: two answers are one too many.
            problems.append(Problem("sd_jwt.binding", "a presentation is signed by its holder, and has no key binding"))
        if problems:
            where = [p.at(self.pointer + p.pointer) for p in problems]
            record.failed("proof", self.pointer, where)
        else:
            self.readable = True

    def check_contexts(self, record: Record, expected: Expectations, *, plain: bool) -> None:
        """As for any document; an SD-JWT VC has no contexts."""
        if self.envelope.form.data_model:
            document = {name: value for name, value in self.document.items() if name != "proof"}
            check_contexts(document, self.pointer, record, expected.environment.contexts, plain=False)

    def check_policy(self, record: Record, expected: Expectations, purpose: str, *, addressed: bool) -> None:
        """Purpose, times, nonce and audience, of the envelope and of its key binding."""
        if not self.readable:
            return
        place = self.pointer
        own = terms_of(self.envelope)
        if own.purpose == purpose:
            record.passed("proof_purpose", place)
        else:
            detail = f"{self.envelope.form.name} is for {own.purpose}, expected {purpose!r}"
            record.failed("proof_purpose", place, [Problem("proof.purpose", detail, place)])
        check_times(record, expected, own, place)
        starts = (
            self.envelope.claims.get("nbf") if self.presentation else None
        )  # That of a credential: with its period.
        if starts is not None and moment_at(starts) > expected.latest:
            problem = Problem("period.not_yet", "the presentation is not valid yet", place + "/nbf")
            record.failed("proof_expiry", place, [problem])
        binding = self._binding
        terms = own
        if binding is not None:
            terms = terms_of_binding(binding)
            self._check_age(record, expected, terms)
        if addressed and answers(terms, expected):  # The usual case at once; all others are told apart there.
            record.passed("challenge", place)
            record.passed("domain", place)
        elif addressed:
            check_challenge(record, expected, terms, place)
            check_domain(record, expected, terms, place)
        if addressed and expected.demands is not None:
            life = self.profile.binding_max_age if binding is not None else None
            check_freshness(record, expected, terms, place, life)

    def find_methods(self, record: Record, expected: Expectations) -> Steps[None]:
        """The key that signed and, where there is a key binding, the holder's."""
        if not self.readable:
            return
        found = yield from find_method(
            self.envelope,
            "authentication" if self.presentation else "assertionMethod",
            profile=self.profile,
            resolver=expected.resolver,
            now=expected.now,
        )
        method = self._usable(found, self.envelope.header, self.pointer, record, expected)
        if method is None:
            return
        self.methods = [method]
        record.passed("verification_method", self.pointer)
        if self._binding is not None:
            yield from self._find_binding_key(self._binding, record, expected)

    def check_signatures(self, record: Record, expected: Expectations) -> None:
        """The envelope's signature; that of its key binding; and whether every term means something."""
        if not self.methods:
            self.skip_signatures(record)
            return
        place, method = self.pointer, self.methods[0]
        if self.envelope.signed.verify(method.public_key, self.profile.policies):
            problems = self._meaning(expected)
            record.judged("proof", place, problems)
        else:
            detail = "the signature does not match the envelope"
            record.failed("proof", place, [Problem("proof.signature", detail, place)])
        self._check_binding(record)
        if expected.explain:
            record.traces.append(self._trace(method))

    def skip_signatures(self, record: Record) -> None:
        """Note that the signature was not looked at."""
        if self.readable:
            record.not_applicable("proof", self.pointer, _NOT_REACHED)

    def period_problems(self, expected: Expectations) -> list[Problem]:
        """The problems with the validity period: of the document, and of the claims around it."""
        if not self.envelope.form.data_model:
            found = period(self.envelope.claims, expected.now, expected.skew)
            return [p.at(self.pointer + p.pointer) for p in found]
        found = outside_period(self.document, earliest=expected.earliest, latest=expected.latest, pointer=self.pointer)
        if self.envelope.version_1_1:
            own = period(self.envelope.claims, expected.now, expected.skew)
            return [*found, *(p.at(self.pointer + p.pointer) for p in own)]
        begin = seconds(self.envelope.claims.get("nbf"))
        if begin is not None and moment_at(begin) > expected.latest:
            found = [*found, Problem("period.not_yet", "the envelope is not valid yet", self.pointer + "/nbf")]
        return found

    def check_claims(self, record: Record, expected: Expectations) -> Steps[None] | None:
        """The type metadata (SD-JWT VC section 5) and the status claim (section 3.2) of an SD-JWT VC."""
        return self._check_claims(record, expected) if self.of_claims else None

    def _check_claims(self, record: Record, expected: Expectations) -> Steps[None]:
        if not record.stopped and (self.profile.type_metadata or self.profile.type_metadata_source is not None):
            judgement = yield from judge_type(self.envelope, self.profile)
            if judgement is not None:
                record.add("type_metadata", self.pointer, judgement)
        if self.own_status:
            yield from self._check_status(record, expected)

    def _check_status(self, record: Record, expected: Expectations) -> Steps[None]:
        place = self.pointer + "/status"
        checker = self.profile.token_status
        if checker is None and expected.status is not None:
            checker = expected.status.tokens
        if record.stopped:
            record.not_applicable("status", self.pointer, _NOT_REACHED)
        elif checker is not None:
            judgement = yield from checker.judge(
                self.envelope.claims["status"],
                issuer=self.issuer or "",
                now=expected.now,
                resolver=expected.resolver,
                profile=self.profile,
                pointer=place,
            )
            record.add("status", self.pointer, judgement)
        else:
            detail = "the credential has a status; it was not checked, as no checker was given"
            record.warnings.append(Problem("warning.status", detail, place))
            record.not_applicable("status", self.pointer, detail)

    def bound_to(self, top: SecuredDocument) -> tuple[bool, list[Problem]]:
        """Whether it is bound to a key (``cnf``), and what is against that key having signed the presentation."""
        if "cnf" not in self.envelope.claims:
            return False, []
        try:
            key = confirmation_key(self.envelope.claims)
        except ProblemError as error:
            return True, [p.at(self.pointer + p.pointer) for p in error.problems]
        if any(method.public_key == key for method in top.methods):
            return True, []
        detail = "the credential is bound to another key than the one that signed the presentation"
        return True, [Problem("holder.binding", detail, self.pointer + "/cnf")]

    def _check_age(self, record: Record, expected: Expectations, terms: EnvelopeTerms) -> None:
        check_times(record, expected, terms, self.pointer)
        assert terms.created is not None
        age = self.profile.binding_max_age
        if age.microseconds:
            oldest = moment_at((expected.now - expected.skew - age).timestamp())
        else:
            begin = expected.earliest
            oldest = Moment(begin.seconds - age.days * 86_400 - age.seconds, begin.fraction)
        if terms.created < oldest:
            problem = Problem("proof.expired", "the key binding is too old", self.pointer)
            record.failed("proof_expiry", self.pointer, [problem])
        starts = None if self._binding is None else self._binding.not_before
        if starts is not None and moment_at(starts) > expected.latest:
            problem = Problem("proof.created", "the key binding is not valid yet (nbf)", self.pointer)
            record.failed("proof_expiry", self.pointer, [problem])

    def _usable(
        self, found: Found, header: Mapping[str, Any], place: str, record: Record, expected: Expectations
    ) -> VerificationMethod | None:
        method, problem, outcome = found
        if method is not None:
            algorithm = header["alg"]
            if not fits(algorithm, method.public_key.key_type, self.profile.policies):
                detail = misfit(algorithm, method.public_key.key_type)
                problem, outcome = Problem("envelope.algorithm", detail), Outcome.FAILED
            elif (method.expires or method.revoked) and not method.usable_at(expected.now):
                detail = "the verification method has expired or was revoked"
                problem, outcome = Problem("method.expired", detail), Outcome.FAILED
            else:
                problem, outcome = header_key_problem(header, method.public_key), Outcome.FAILED
        if problem is None:
            return method
        where = [problem.at(place)]
        record.failed("verification_method", self.pointer, where, outcome=outcome)
        return None

    def _find_binding_key(self, binding: KeyBinding, record: Record, expected: Expectations) -> Steps[None]:
        place = self.pointer + "/cnf"
        confirmation = self.envelope.claims.get("cnf")
        if isinstance(confirmation, Mapping) and "jwk" not in confirmation and isinstance(confirmation.get("kid"), str):
            found = yield from find_named(confirmation["kid"], expected.resolver)
            method = self._usable(found, binding.jws.header, place, record, expected)
            self._binding_key = method.public_key if method is not None else None
            return
        try:
            self._binding_key = confirmation_key(self.envelope.claims)
        except ProblemError as error:
            problems = [p.at(self.pointer + p.pointer) for p in error.problems]
            record.failed("holder_binding", self.pointer, problems)

    def _check_binding(self, record: Record) -> None:
        binding = self._binding
        if binding is None:
            if "cnf" in self.envelope.claims and not self.pointer:
                detail = "the credential is bound to a key; nobody has shown to hold it"
                record.not_applicable("holder_binding", self.pointer, detail)
            return
        if self._binding_key is None:
            return
        if not binding.covers:
            detail = "the key binding is about another SD-JWT, or other disclosures"
        elif not binding.jws.verify(self._binding_key, self.profile.policies):
            detail = "the key binding was not signed with the holder's key"
        elif header_key_problem(binding.jws.header, self._binding_key) is not None:
            detail = "the key in the header of the key binding is not the holder's"
        else:
            record.passed("holder_binding", self.pointer)
            return
        record.failed("holder_binding", self.pointer, [Problem("sd_jwt.binding", detail, self.pointer)])

    def _meaning(self, expected: Expectations) -> list[Problem]:
        """An envelope signs its text whatever it means; here every term has to mean something, as under a proof."""
        if not self.envelope.form.data_model:
            return []
        document = self.document
        if self.envelope.version_1_1 and self.presentation:  # Its credentials were JWTs, and not of this document.
            document = {name: value for name, value in document.items() if name != "verifiableCredential"}
        try:
            to_dataset(document, contexts=expected.environment.contexts)
        except LinkedDataError as error:
            return [p.at(self.pointer + p.pointer) for p in error.problems]
        return []

    def _trace(self, method: VerificationMethod) -> dict[str, Any]:
        envelope = self.envelope
        trace: dict[str, Any] = {
            "pointer": self.pointer,
            "envelope": envelope.form.name,
            "header": {k: v for k, v in envelope.header.items() if isinstance(v, str | int | bool)},
            "signingInput": envelope.signed.signing_input.hex(),
            "signature": envelope.signed.signature.hex(),
            "verificationMethod": {
                "id": method.id,
                "type": method.type,
                "controller": method.controller,
                "publicKeyMultibase": method.public_key.to_multikey(),
            },
        }
        if envelope.sd_jwt is not None:
            trace["disclosed"] = [place.pointer for place in envelope.sd_jwt.revealed.places]
            trace["undisclosed"] = envelope.sd_jwt.revealed.undisclosed
        return trace
