"""The one way from a document to its verdict (VCDM 2.0 section 7.1), however it is secured."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from ..checks.checkers import CredentialChecker
from ..checks.expectations import Expectations
from ..checks.record import Record
from ..checks.secured import Opener, SecuredDocument
from ..needs import Steps
from ..problems import Problem
from ..verdict import Check, Outcome, Verdict
from .binding import check_holder, check_issuer, demand_binding
from .demands import check_demands, check_demands_on_keys, hidden_members
from .opening import OPENERS, open_contained, open_given
from .price import DEFAULT_SIZE, too_dear

__all__ = ["verification"]

_MEMBERS: Final = {"status": "credentialStatus", "schema": "credentialSchema"}
_PERIOD: Final = ("/validFrom", "/validUntil")


def verification(
    document: bytes | bytearray | str | Mapping[str, Any],
    expected: Expectations,
    openers: tuple[Opener, ...] = OPENERS,
) -> Steps[Verdict]:
    """The steps from ``document`` to its verdict. Whatever happens on the way, there is a verdict."""
    record = Record()
    parsed: dict[str, Any] | None = None
    try:
        opened = open_given(document, record, expected, openers)
        if opened is None:
            return record.verdict(None, None)
        top, text = opened
        parsed = shown = top.document
        presentation = top.presentation
        if presentation:
            credentials, shown = open_contained(parsed, record, expected, openers)
            everything = [top, *credentials]
        else:
            everything = credentials = [top]
        if _passes_unsigned(top, text, credentials, everything, record, expected):
            for item in everything:
                yield from item.find_methods(record, expected)
            _check_signed(top, len(text), credentials, everything, record, expected)
            for item in credentials:
                _check_period(item, record, expected)
                claims = item.check_claims(record, expected)
                if claims is not None:
                    yield from claims
                for name, checker in (("status", expected.status), ("schema", expected.schemas)):
                    if _needs_judgement(name, checker, item, record) and checker is not None:
                        yield from _ask(name, checker, item, record, expected)
            if presentation or expected.demands is not None:
                _conclude(top, credentials, record, expected, presentation=presentation)
        parsed = shown
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


def _passes_unsigned(
    top: SecuredDocument,
    text: bytes,
    credentials: list[SecuredDocument],
    everything: list[SecuredDocument],
    record: Record,
    expected: Expectations,
) -> bool:
    """Everything that takes no key and no network. Whether it is worth while to go on."""
    presentation = everything is not credentials
    for item in everything:
        item.read(record)
    _check_model(everything, record, expected)
    plain = _contexts_at_top_only(everything, text)
    for item in credentials:
        item.hidden = hidden = hidden_members(item)
        if hidden:
            record.warnings += [_hidden(item.pointer + pointer) for pointer in hidden]
        if expected.demands is not None:
            check_demands(expected.demands, item, record)
    for item in everything:
        item.check_contexts(record, expected, plain=plain)
        default = "authentication" if presentation and item is top else "assertionMethod"
        purpose = (item is top and expected.proof_purpose) or default
        item.check_policy(record, expected, purpose, addressed=item is top)
    if record.stopped and not expected.explain:
        for item in everything:
            item.skip_signatures(record)
        return False
    return True


def _check_signed(
    top: SecuredDocument,
    size: int,
    credentials: list[SecuredDocument],
    everything: list[SecuredDocument],
    record: Record,
    expected: Expectations,
) -> None:
    """Who signed, and whether they did; the methods were found."""
    if everything is not credentials:
        check_holder(top, credentials, record)
    for item in credentials:
        check_issuer(item, record)
        if expected.demands is not None:
            check_demands_on_keys(expected.demands, item, record)
    dear = too_dear(everything, size or DEFAULT_SIZE)
    if dear is not None:
        record.failed("proof", "", [dear])
    for item in everything:
        if dear is not None or (record.stopped and not expected.explain):
            item.skip_signatures(record)
        else:
            item.check_signatures(record, expected)


def _conclude(
    top: SecuredDocument,
    credentials: list[SecuredDocument],
    record: Record,
    expected: Expectations,
    *,
    presentation: bool,
) -> None:
    if expected.demands is not None and expected.demands.holder_binding:
        demand_binding(top, credentials, record, presentation=presentation)
    if presentation:
        _summarise(credentials, record)


def _contexts_at_top_only(everything: list[SecuredDocument], text: bytes) -> bool:
    """Whether ``@context`` stands nowhere but at the top of each document (and in proofs, where suites compare it).

    Counted in the text, which is much cheaper than a walk. A string that looks like it only costs the walk.
    """
    marks = 0
    for item in everything:
        found = item.contexts_at_top()
        if found is None:
            return False
        marks += found
    return text.count(b'"@context"') == marks


def _check_model(items: list[SecuredDocument], record: Record, expected: Expectations) -> None:
    problems = items[0].model_problems(expected)
    for item in items[1:]:
        unseen = item.unseen_model_problems(expected)
        if unseen:
            problems = [*problems, *unseen]
    if problems:
        # A derived credential shows what its holder chose; that it had a subject was checked when it was issued.
        hidden = {item.pointer for item in items if item.derived and "credentialSubject" not in item.document}
        problems = [p for p in problems if p.code != "model.subject" or p.pointer not in hidden]
    record.judged("data_model", "", problems)


def _check_period(item: SecuredDocument, record: Record, expected: Expectations) -> None:
    problems = item.period_problems(expected)
    hidden = [pointer[1:] for pointer in _PERIOD if pointer in item.hidden] if item.hidden else []
    if hidden and not problems:
        record.not_shown("validity_period", item.pointer, f"the credential does not show {' and '.join(hidden)}")
    else:
        record.judged("validity_period", item.pointer, problems, stop=False)


def _needs_judgement(name: str, checker: CredentialChecker | None, item: SecuredDocument, record: Record) -> bool:
    """Whether a status or schema is to be looked at; if not, it is noted why."""
    member, pointer = _MEMBERS[name], item.pointer
    if name == "status" and item.own_status:
        return False  # It is judged with the other claims of its own.
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


def _ask(
    name: str, checker: CredentialChecker, item: SecuredDocument, record: Record, expected: Expectations
) -> Steps[None]:
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
