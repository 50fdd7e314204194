"""Is a document a credential or a presentation of the data model? Every problem is reported, not only the first.

Covers what can be said by looking at the JSON: VCDM 2.0 sections 4 and 5, and VCDM 1.1 for documents whose first
context is that of 1.1. Whether terms and types mean something is for the JSON-LD engine (``vc.linked_data``); proofs,
validity in time, status and schemas have checks of their own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from contexts import CONTEXTS, ContextRegistry

from ..problems import Problem
from .credential import check_credential
from .findings import Findings, escape, one_or_more
from .identifiers import CREDENTIALS_V1, CREDENTIALS_V2, identifier_of, is_url, types_of
from .period import validity_period
from .quick_credential import is_usual
from .related_resources import Resources, registered

__all__ = ["CREDENTIALS_V1", "CREDENTIALS_V2", "is_enveloped", "is_presentation", "validate"]

_ENVELOPES = ("EnvelopedVerifiableCredential", "EnvelopedVerifiablePresentation")
_DATA_URL = "data:"


def is_presentation(document: Mapping[str, Any]) -> bool:
    """True when the document says of itself that it is a presentation, plain or enveloped."""
    types = types_of(document)
    return "VerifiablePresentation" in types or "EnvelopedVerifiablePresentation" in types


def is_enveloped(document: Mapping[str, Any]) -> bool:
    """True when the document is an envelope around a credential or presentation (VCDM 2.0 section 4.13)."""
    types = types_of(document)
    return _ENVELOPES[0] in types or _ENVELOPES[1] in types


def validate(
    document: object,
    *,
    kind: Literal["credential", "presentation"] | None = None,
    now: datetime | None = None,
    skew: timedelta = timedelta(seconds=60),
    contexts: ContextRegistry = CONTEXTS,
    resources: Resources | None = None,
    accepted_digests: Mapping[str, Collection[str]] | None = None,
) -> list[Problem]:
    """All problems of a credential or presentation (secured or not, plain or enveloped) with the data model.

    ``kind`` is what the document has to be; without it the document's type decides. ``now`` (aware) also judges the
    validity period of a credential, give or take ``skew``. ``resources`` gives the bytes that digests in the document
    are compared with; by default those of the registered ``contexts``. A digest listed for a URL in
    ``accepted_digests`` passes uncompared. Never raises for any JSON value; an empty list means no problem.
    """
    if document.__class__ is dict and kind != "presentation" and now is None and is_usual(document):
        return []
    checks = Checks(Findings(), resources or registered(contexts), accepted_digests or {})
    return by_the_rules(document, checks, kind, now, skew)


def by_the_rules(
    document: object,
    checks: Checks,
    kind: Literal["credential", "presentation"] | None = None,
    now: datetime | None = None,
    skew: timedelta = timedelta(seconds=60),
) -> list[Problem]:
    """As ``validate``, going through all the rules."""
    found = checks.found
    if not isinstance(document, dict):
        found.report("model.object", "", "a credential or presentation must be a JSON object")
        return found
    types = types_of(document)
    if _ENVELOPES[0] in types or _ENVELOPES[1] in types:
        checks.envelope(document, "", _ENVELOPES[0] if kind == "credential" else _ENVELOPES[1] if kind else None)
        return found
    if kind is None:
        presented = "VerifiablePresentation" in types or (
            "VerifiableCredential" not in types and _looks_like_presentation(document)
        )
        kind = "presentation" if presented else "credential"
    if kind == "presentation":
        checks.presentation(document)
    else:
        checks.credential(document, "")
        if now is not None:
            found.extend(validity_period(document, now=now, skew=skew))
    return found


def _looks_like_presentation(document: dict[str, Any]) -> bool:
    """For a document without a useful type: which of the two did its author mean?"""
    return "credentialSubject" not in document and ("verifiableCredential" in document or "holder" in document)


class Checks:
    """The rules, with what they need to look up."""

    def __init__(self, found: Findings, resources: Resources, accepted: Mapping[str, Collection[str]]) -> None:
        self.found = found
        self.resources = resources
        self.accepted = accepted

    def credential(self, credential: dict[str, Any], pointer: str) -> None:
        version_1_1 = self._frame(credential, pointer, "VerifiableCredential")
        check_credential(
            self.found,
            credential,
            pointer,
            version_1_1=version_1_1,
            resources=self.resources,
            accepted=self.accepted,
        )

    def presentation(self, presentation: dict[str, Any]) -> None:
        version_1_1 = self._frame(presentation, "", "VerifiablePresentation")
        found = self.found
        found.check_id(presentation, "")
        if "holder" in presentation:
            holder = presentation["holder"]
            if identifier_of(holder) is None or (version_1_1 and isinstance(holder, dict)):
                form = "a URL" if version_1_1 else "a URL, or an object whose id is a URL"
                found.report("model.holder", "/holder", f"the holder must be {form}")
            if isinstance(holder, dict) and "@id" in holder:
                found.report("model.keyword", "/holder/@id", "write id: the document must be in compacted form")
        if "termsOfUse" in presentation:
            for node, place in one_or_more(
                found, presentation["termsOfUse"], "/termsOfUse", "model.object", "termsOfUse"
            ):
                found.check_typed(node, place)
                found.check_id(node, place)
        if "verifiableCredential" in presentation:
            credentials = presentation["verifiableCredential"]
            code, what = "model.credentials", "a credential in a presentation"
            for node, place in one_or_more(found, credentials, "/verifiableCredential", code, what):
                if is_enveloped(node) or self._looks_like_envelope(node):
                    self.envelope(node, place, _ENVELOPES[0])
                else:
                    self.credential(node, place)

    def envelope(self, node: dict[str, Any], pointer: str, expected: str | None) -> None:
        """An enveloped credential or presentation (VCDM 2.0 sections 4.13.1 and 4.13.2)."""
        found = self.found
        context = node.get("@context")
        if CREDENTIALS_V2 not in (context if isinstance(context, list) else [context]):
            found.report("model.context", pointer + "/@context", f"an envelope needs the context {CREDENTIALS_V2}")
        types = types_of(node)
        if len(types) != 1 or types[0] not in ((expected,) if expected else _ENVELOPES):
            found.report(
                "model.type", pointer + "/type", f"the type must be {expected or 'that of an envelope'}, alone"
            )
        url = node.get("id")
        if not isinstance(url, str) or not url.startswith(_DATA_URL) or "," not in url or not is_url(url):
            found.report("model.envelope", pointer + "/id", "the id of an envelope must be a data: URL")

    @staticmethod
    def _looks_like_envelope(node: dict[str, Any]) -> bool:
        url = node.get("id")
        return isinstance(url, str) and url.startswith(_DATA_URL) and "credentialSubject" not in node

    def _frame(self, document: dict[str, Any], pointer: str, required_type: str) -> bool:
        """Contexts, type, proofs and keywords, which credentials and presentations share. True for VCDM 1.1."""
        version_1_1 = self._contexts(document, pointer)
        types = types_of(document)
        if not types:
            what = "type must be one or more terms or URLs" if "type" in document else "the document must have a type"
            self.found.report("model.type", pointer + "/type" if "type" in document else pointer, what)
        elif required_type not in types:
            self.found.report("model.type", pointer + "/type", f"type must include {required_type}")
        for member in document:
            if member.startswith("@") and member != "@context":
                place = f"{pointer}/{escape(member)}"
                self.found.report(
                    "model.keyword", place, "the document must be in compacted form, without this keyword"
                )
        if "proof" in document:
            for proof, place in one_or_more(
                self.found, document["proof"], pointer + "/proof", "model.proof", "a proof"
            ):
                if len(types_of(proof)) != 1:
                    self.found.report("model.proof", place, "a proof must have one type")
        return version_1_1

    def _contexts(self, document: dict[str, Any], pointer: str) -> bool:
        place = pointer + "/@context"
        value = document.get("@context")
        if not isinstance(value, list) or not value:
            missing = "@context" not in document
            detail = (
                "a document must have an @context" if missing else "@context must be a list of one or more contexts"
            )
            self.found.report("model.context", pointer if missing else place, detail)
            return value == CREDENTIALS_V1
        if value[0] not in (CREDENTIALS_V1, CREDENTIALS_V2):
            self.found.report("model.context", place + "/0", f"the first context must be {CREDENTIALS_V2}")
        for index, item in enumerate(value):
            if not isinstance(item, dict) and not is_url(item):
                self.found.report("model.context", f"{place}/{index}", "a context must be a URL or an object")
        urls = [item for item in value if isinstance(item, str)]
        if len(urls) != len(set(urls)):
            self.found.report("model.context", place, "a context may be listed once only")
        return CREDENTIALS_V1 in urls and CREDENTIALS_V2 not in urls[:1]
