"""Who signed: a credential its issuer, a presentation its holder, to whom its credentials are bound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..checks.record import Record
from ..checks.secured import SecuredDocument
from ..model import identifier_of
from ..problems import Problem
from ..verdict import Outcome

__all__ = ["check_holder", "check_issuer", "demand_binding"]

_KEYS: Final = ("did:key:", "did:jwk:")
_SUBJECT: Final = "/credentialSubject/id"


def check_issuer(item: SecuredDocument, record: Record) -> None:
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


def check_holder(top: SecuredDocument, credentials: Sequence[SecuredDocument], record: Record) -> None:
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


def demand_binding(
    top: SecuredDocument, credentials: Sequence[SecuredDocument], record: Record, *, presentation: bool
) -> None:
    """Each credential is bound to whoever shows it: by subject or key in a presentation, or by a key binding."""
    detail = "nothing shows that it is held by the one it is bound to"
    if not presentation:
        if not any(check.name == "holder_binding" and check.outcome is Outcome.PASSED for check in record.checks):
            record.failed("holder_binding", "", [Problem("policy.holder_binding", detail, _SUBJECT)])
        return
    problems: list[Problem] = []
    for item in credentials:
        by_key, against = item.bound_to(top)
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
