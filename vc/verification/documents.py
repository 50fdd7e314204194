"""Credentials and presentations from the first check to the verdict (VCDM 2.0 section 7.1)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..inputs import JSON_STARTS, read_with_text
from ..model import identifier_of, is_enveloped, types_of
from ..needs import Steps
from ..problems import Problem, ProblemError
from ..verdict import Check, Outcome, Verdict
from .demands import hidden_members
from .expectations import Expectations
from .price import DEFAULT_SIZE, too_dear
from .proofs import Dereference, SecuredDocument
from .record import Record

if TYPE_CHECKING:
    from ..model.schemas import SchemaChecker
    from ..status import StatusChecker

__all__ = ["MAX_CREDENTIALS", "verification"]

MAX_CREDENTIALS = 64
"""How many credentials of one presentation are verified."""

_ENVELOPED = frozenset({"EnvelopedVerifiableCredential", "EnvelopedVerifiablePresentation"})
_CREDENTIALS = "/verifiableCredential"
_MEMBERS = {"status": "credentialStatus", "schema": "credentialSchema"}


def verification(document: bytes | bytearray | str | Mapping[str, Any], expected: Expectations) -> Steps[Verdict]:
    """The steps from ``document`` to its verdict. Whatever happens on the way, there is a verdict."""
    record = Record()
    parsed: dict[str, Any] | None = None
    try:
        opened = _parse(document, record, expected)
        if opened is None:
            return record.verdict(None, None)
        top, text = opened
        parsed = top.document
        presentation = top.presentation
        credentials = _contained(parsed, record, expected) if presentation else [top]
        yield from _steps(top, text, credentials, record, expected, presentation=presentation)
        parsed = _shown(top, credentials)
    except Exception as error:  # Fail closed: an oversight of ours must not become a way in, or a crash.
        _broke_off(error, record)
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # What a library in Rust raises is no Exception in Python.
            raise
        _broke_off(error, record)
    return record.verdict(parsed, _trace(parsed, record, expected) if expected.explain and parsed else None)


def _broke_off(error: BaseException, record: Record) -> None:
    """Note why there is no result: a part that is not installed, or a defect."""
    from ..extras import missing_extra

    problem = missing_extra(error) if isinstance(error, ImportError) else None
    outcome = Outcome.INDETERMINATE
    if problem is None:
        import logging

        logging.getLogger(__name__).error("verification broke off: %s", type(error).__name__)
        detail = f"the verification broke off ({type(error).__name__}); the document counts as not verified"
        problem, outcome = Problem("verification.internal", detail), Outcome.FAILED
    record.failed("proof", "", [problem], outcome=outcome)


def _parse(document: object, record: Record, expected: Expectations) -> tuple[SecuredDocument, bytes] | None:
    """The document, and its JSON text as orjson writes it (none for an envelope)."""
    if isinstance(document, bytearray):
        document = bytes(document)
    text = b""
    try:
        if isinstance(document, str | bytes) and document[:1] not in JSON_STARTS:
            top = _opened(document, "", expected)
        else:
            parsed, text = read_with_text(document)
            enveloped = not _ENVELOPED.isdisjoint(types_of(parsed)) or (
                "payload" in parsed and "@context" not in parsed
            )
            top = _opened(parsed, "", expected) if enveloped else SecuredDocument(parsed, "")
    except ProblemError as error:
        record.failed("parse", "", error.problems)
        return None
    record.passed("parse", "")
    return top, text


def _opened(document: object, pointer: str, expected: Expectations) -> SecuredDocument:
    """What is in an envelope. Raises ProblemError."""
    from ..envelope.judging import EnvelopedDocument

    return EnvelopedDocument.open(document, pointer, expected.envelopes)


def _shown(top: SecuredDocument, credentials: list[SecuredDocument]) -> dict[str, Any]:
    """The document for the verdict: a presentation with its credentials out of their envelopes."""
    opened = {item.pointer: item.document for item in credentials if item.enveloped and item is not top}
    if not opened:
        return top.document
    values = top.document["verifiableCredential"]
    if not isinstance(values, list):
        return {**top.document, "verifiableCredential": opened[_CREDENTIALS]}
    shown = [opened.get(f"{_CREDENTIALS}/{index}", value) for index, value in enumerate(values)]
    return {**top.document, "verifiableCredential": shown}


def _steps(
    top: SecuredDocument,
    text: bytes,
    credentials: list[SecuredDocument],
    record: Record,
    expected: Expectations,
    *,
    presentation: bool,
) -> Steps[None]:
    everything = [top, *credentials] if presentation else credentials
    for item in everything:
        item.read(record)
    _check_model(everything, record, expected)
    plain = _contexts_at_top_only(everything, text)
    for item in credentials:
        item.hidden = hidden = hidden_members(item)
        if hidden:
            record.warnings += [_hidden(item.pointer + pointer) for pointer in hidden]
        if expected.demands is not None:
            expected.demands.check(item, record)
    for item in everything:
        item.check_contexts(record, expected, plain=plain)
        default = "authentication" if presentation and item is top else "assertionMethod"
        purpose = (item is top and expected.proof_purpose) or default
        item.check_policy(record, expected, purpose, addressed=item is top)
    if record.stopped and not expected.explain:
        for item in everything:
            item.skip_signatures(record)
        return
    for item in everything:
        if item.enveloped:
            yield from item.find_methods(record, expected)
            continue
        for members, place in zip(item.members, item.places, strict=True):
            answer = yield Dereference(expected.resolver, members.verification_method, members.purpose)
            item.take_method(answer, members, place, record, expected)
    if presentation:
        _check_holder(top, credentials, record)
    for item in credentials:
        _check_issuer(item, record)
        if expected.demands is not None:
            expected.demands.check_cryptosuites(item, record)
        if expected.demands is not None and item.of_claims and "iss" not in item.document:
            expected.demands.check_issuer(item, record)  # Its certificate says who it is.
    dear = too_dear(everything, len(text) or DEFAULT_SIZE)
    if dear is not None:
        record.failed("proof", "", [dear])
    for item in everything:
        if dear is not None or (record.stopped and not expected.explain):
            item.skip_signatures(record)
        else:
            item.check_signatures(record, expected)
    for item in credentials:
        _check_period(item, record, expected)
        if item.enveloped:
            yield from item.check_claims(record, expected)
        for name, checker in (("status", expected.status), ("schema", expected.schemas)):
            if _needs_judgement(name, checker, item, record):
                yield from _ask(name, checker, item, record, expected)
    if expected.demands is not None and expected.demands.holder_binding:
        _demand_binding(top, credentials, record, presentation=presentation)
    if presentation:
        _summarise(credentials, record)


def _contexts_at_top_only(everything: list[SecuredDocument], text: bytes) -> bool:
    """Whether ``@context`` stands nowhere but at the top of each document (and in proofs, where suites compare it).

    Counted in the text, which is much cheaper than a walk. A string that looks like it only costs the walk.
    """
    marks = 0
    for item in everything:
        if item.enveloped:
            return False
        marks += "@context" in item.document
        for members in item.members:
            marks += "@context" in members.proof
    return text.count(b'"@context"') == marks


def _contained(document: dict[str, Any], record: Record, expected: Expectations) -> list[SecuredDocument]:
    """The credentials of a presentation."""
    value = document.get("verifiableCredential")
    if value is None:
        return []
    values = value if isinstance(value, list) else [value]
    place = _CREDENTIALS
    if len(values) > MAX_CREDENTIALS:
        detail = f"the presentation has {len(values)} credentials; at most {MAX_CREDENTIALS} are verified"
        record.failed("credentials", place, [Problem("parse.limit", detail, place)])
        return []
    credentials: list[SecuredDocument] = []
    for index, item in enumerate(values):
        where = f"{place}/{index}" if isinstance(value, list) else place
        try:
            if not isinstance(item, dict):
                detail = "a credential in a presentation is an object: one with a proof, or an enveloped one"
                raise ProblemError(Problem("parse.form", detail, where))
            credentials.append(_opened(item, where, expected) if is_enveloped(item) else SecuredDocument(item, where))
        except ProblemError as error:
            record.failed("credentials", where, error.problems)
    return credentials


def _check_model(items: list[SecuredDocument], record: Record, expected: Expectations) -> None:
    problems = items[0].model_problems(expected)
    for item in items[1:]:
        if item.enveloped:
            problems = [*problems, *item.model_problems(expected)]
    if problems:
        # A derived credential shows what its holder chose; that it had a subject was checked when it was issued.
        hidden = {item.pointer for item in items if item.derived and "credentialSubject" not in item.document}
        problems = [p for p in problems if p.code != "model.subject" or p.pointer not in hidden]
    record.judged("data_model", "", problems)


def _check_issuer(item: SecuredDocument, record: Record) -> None:
    """The issuer controls (one of) the signing key(s): otherwise anyone could sign in anyone's name."""
    if not item.methods:
        return
    issuer = item.issuer
    for method in item.methods:
        if method.controller == issuer:
            record.passed("issuer", item.pointer)
            return
    signers = ", ".join(dict.fromkeys(method.controller[:200] for method in item.methods))
    detail = f"the issuer is {_named(issuer)}, and the signing key is controlled by {signers}"
    detail_zh = f"签发者为 {_named(issuer)}，签名密钥的控制者为 {signers}"
    problem = Problem("issuer.controller", detail, item.pointer + "/issuer", detail_zh)
    record.failed("issuer", item.pointer, [problem], stop=False)


def _named(identifier: str | None) -> str:
    """Who is named, short enough for a sentence."""
    return "nobody" if identifier is None else identifier if len(identifier) <= 200 else identifier[:200] + "…"


_KEYS = ("did:key:", "did:jwk:")
_SUBJECT = "/credentialSubject/id"
_PERIOD = ("/validFrom", "/validUntil")


def _check_holder(top: SecuredDocument, credentials: list[SecuredDocument], record: Record) -> None:
    """The presentation was signed by its holder, who holds the keys that the credentials are bound to.

    A subject named by a did:key or did:jwk is a key: nobody else may present that credential. A subject with another
    DID may be somebody whom the holder speaks for (VCDM 2.0 section 4.13, a guardian for a child): a warning says so,
    and the verifier's scenario decides.
    """
    if not top.methods:
        return
    problems: list[Problem] = []
    holder = top.holder
    bound = holder is not None
    controllers = top.controllers
    if bound and identifier_of(holder) not in controllers:
        signers = ", ".join(sorted(controller[:200] for controller in controllers))
        named = _named(identifier_of(holder))
        detail = f"the holder is {named}, and the presentation was signed with a key of {signers}"
        detail_zh = f"持有人为 {named}，而出示由 {signers} 的密钥签名"
        problems.append(Problem("holder.controller", detail, "/holder", detail_zh))
    for item in credentials:
        if item.enveloped:
            to_a_key, found = item.bound_to(top)
            bound = bound or to_a_key
            problems += found
        for subject, pointer in _subjects(item):
            is_key = subject.startswith(_KEYS)
            bound = bound or is_key or subject in controllers
            if subject in controllers:
                continue
            if is_key:
                detail = "the credential is bound to another key than the one that signed the presentation"
                problems.append(Problem("holder.binding", detail, pointer))
            else:
                detail = "the credential is about another subject than the one who signed the presentation"
                record.warnings.append(Problem("warning.other_subject", detail, pointer))
    hidden = any(_SUBJECT in item.hidden for item in credentials)
    if problems or (bound and not hidden):
        record.judged("holder_binding", "", problems, stop=False)
    elif hidden:
        record.not_shown("holder_binding", "", "a derived credential does not show whom it is bound to")
    else:
        record.not_applicable("holder_binding", "", "no holder is named, and no credential is bound to one")


def _demand_binding(
    top: SecuredDocument, credentials: list[SecuredDocument], record: Record, *, presentation: bool
) -> None:
    """Each credential is bound to whoever shows it: by subject or key in a presentation, or by a key binding."""
    detail = "nothing shows that it is held by the one it is bound to"
    if not presentation:
        if not any(check.name == "holder_binding" and check.outcome is Outcome.PASSED for check in record.checks):
            record.failed("holder_binding", "", [Problem("policy.holder_binding", detail, _SUBJECT)])
        return
    problems = []
    for item in credentials:
        by_key, against = item.bound_to(top) if item.enveloped else (False, [])
        by_name = any(subject in top.controllers for subject, _ in _subjects(item))
        if against or not (by_key or by_name):
            problems.append(Problem("policy.holder_binding", detail, item.pointer + _SUBJECT))
    if problems:
        record.failed("holder_binding", "", problems)


def _subjects(item: SecuredDocument) -> list[tuple[str, str]]:
    """The subjects of a credential that are named by a DID, with their pointers."""
    value = item.document.get("credentialSubject")
    many = isinstance(value, list)
    found = []
    for index, subject in enumerate(value if isinstance(value, list) else [value]):
        name = subject.get("id") if isinstance(subject, dict) else None
        if isinstance(name, str) and name.startswith("did:"):
            place = f"{item.pointer}/credentialSubject" + (f"/{index}" if many else "")
            found.append((name, place + "/id"))
    return found


def _check_period(item: SecuredDocument, record: Record, expected: Expectations) -> None:
    problems = item.period_problems(expected)
    hidden = [pointer[1:] for pointer in _PERIOD if pointer in item.hidden] if item.hidden else []
    if hidden and not problems:
        record.not_shown("validity_period", item.pointer, f"the credential does not show {' and '.join(hidden)}")
    else:
        record.judged("validity_period", item.pointer, problems, stop=False)


def _needs_judgement(
    name: str, checker: StatusChecker | SchemaChecker | None, item: SecuredDocument, record: Record
) -> bool:
    """Whether a status or schema is to be looked at; if not, it is noted why."""
    member, pointer = _MEMBERS[name], item.pointer
    if item.enveloped and name == "status" and item.has_status_claim:
        return False  # It is judged with the other claims of the envelope.
    if item.hidden and f"/{member}" in item.hidden:
        record.not_shown(name, pointer, f"the credential does not show whether it has a {name}")
    elif member not in item.document:
        record.not_applicable(name, pointer, f"the credential has no {name}")
    elif name == "schema" and item.derived:
        detail = "a derived credential shows a part; that the whole fits its schema was for its issuer to check"
        record.not_applicable(name, pointer, detail)
    elif checker is None:
        warning = _unchecked(name, f"{pointer}/{member}")
        record.warnings.append(warning)
        record.not_applicable(name, pointer, warning.detail)
    elif record.stopped:
        record.not_applicable(name, pointer, "not reached: a check before it failed")
    else:
        return True
    return False


@lru_cache(maxsize=256)
def _hidden(place: str) -> Problem:
    detail = "a derived credential shows what its holder chose: it may have this, and it was not looked at"
    return Problem("warning.not_shown", detail, place)


@lru_cache(maxsize=256)
def _unchecked(name: str, place: str) -> Problem:
    detail = f"the credential has a {name}; it was not checked, as no checker was given"
    return Problem(f"warning.{name}", detail, place)


def _ask(name: str, checker: Any, item: SecuredDocument, record: Record, expected: Expectations) -> Steps[None]:
    """Let a checker judge a credential that was found genuine."""
    supporting = expected.of_supporting_credential()
    judgement = yield from checker.judge(
        item.judged_document,
        verify=lambda content: verification(content, supporting),
        now=expected.now,
        pointer=item.pointer,
    )
    record.add(name, item.pointer, judgement)


def _summarise(credentials: list[SecuredDocument], record: Record) -> None:
    """One check over all contained credentials."""
    if not credentials:
        record.not_applicable("credentials", "/verifiableCredential", "the presentation has no credentials")
        return
    bad = (Outcome.FAILED, Outcome.INDETERMINATE)
    failed = [
        check
        for check in record.checks
        if check.outcome in bad and (check.pointer + "/").startswith("/verifiableCredential/")
    ]
    if failed:
        decided = any(check.outcome is Outcome.FAILED for check in failed)
        outcome = Outcome.FAILED if decided else Outcome.INDETERMINATE
        detail = f"a credential was not verified: see {failed[0].name} at {failed[0].pointer}"
        record.checks.append(Check("credentials", outcome, "/verifiableCredential", detail))
    else:
        record.passed("credentials", "/verifiableCredential")


def _trace(document: Mapping[str, Any], record: Record, expected: Expectations) -> dict[str, Any]:
    registry = expected.environment.contexts
    urls: dict[str, str | None] = {}
    pending: list[Any] = [document]
    while pending and len(urls) < 1000:
        node = pending.pop()
        if isinstance(node, Mapping):
            context = node.get("@context")
            for url in context if isinstance(context, list) else [context]:
                if isinstance(url, str):
                    urls[url] = registry.digest(url) if url in registry else None
            pending.extend(node.values())
        elif isinstance(node, list):
            pending.extend(node)
    return {"contexts": dict(sorted(urls.items())), "proofs": record.traces}
