"""One case of the public vc-jose-cose suite: a document is put into an envelope, or an envelope verified.

What the suite needs beyond the rules is in ``envelopes`` and in the constants here; the library knows none of it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import did
import vc
from did import PublicKey
from vc.envelope.issuing import seal
from vc.envelope.media_types import FORMS
from vc.envelope.reading import read_envelope
from vc.linked_data import to_dataset
from vc.model import validate
from vc.parsing import loads
from vc.problems import Problem, ProblemError
from vc.verdict import Outcome

from .envelopes import SuiteKeyProfile

__all__ = ["FEATURES", "issue_case", "verify_case"]

FEATURES: Final = {
    "credential_jose": "vc+jwt",
    "credential_sdjwt": "vc+sd-jwt",
    "credential_cose": "vc+cose",
    "presentation_jose": "vp+jwt",
    "presentation_sdjwt": "vp+sd-jwt",
    "presentation_cose": "vp+cose",
}
"""The suite's features, and the form of envelope each is about."""

TOLERATED: Final = frozenset(
    {
        "proof.expired",  # The presentation of test 7 ended in December 2024.
        "holder.controller",  # That of test 31 was not signed with a key of its holder.
    }
)
"""Problems that do not count when the signature is good."""

# Test 5 wants unknown members to be refused, although examples/v2 gives every term a meaning (@vocab).
_MEMBERS: Final = {
    "credential": frozenset(
        {"@context", "id", "type", "name", "description", "issuer", "validFrom", "validUntil"}
        | {"credentialSubject", "credentialStatus", "credentialSchema", "termsOfUse", "evidence", "refreshService"}
        | {"relatedResource", "renderMethod", "confidenceMethod"}
    ),
    "presentation": frozenset({"@context", "id", "type", "holder", "verifiableCredential", "termsOfUse"}),
}
_STEP: Final = re.compile(r"([^.\[\]]+)|\[([0-9]+)\]")


@dataclass(frozen=True)
class _SuiteSigner:
    """The suite's key: its controller is an https URL, which a ``SoftwareKey`` does not speak for."""

    key: did.SoftwareKey
    did: str
    verification_method: str

    @property
    def algorithm(self) -> str:
        return self.key.algorithm

    @property
    def public_key(self) -> PublicKey:
        return self.key.public_key

    def sign(self, data: bytes) -> bytes:
        return self.key.sign(data)


def issue_case(document: bytes, method: bytes, feature: str, paths: Sequence[str] = ()) -> str:
    """The document in an envelope: text, of COSE unpadded base64. Raises ProblemError for what is not to be issued."""
    form = FORMS[FEATURES[feature]]
    parsed = _without_line_end(loads(document))
    kind = form.kind or "credential"
    problems = validate(parsed, kind=kind)
    problems += [
        Problem("jsonld.undefined_term", "a member that the data model does not have", "/" + name)
        for name in sorted(parsed.keys() - _MEMBERS[kind])
    ]
    if problems:
        raise ProblemError(*problems)
    to_dataset(parsed)
    members = loads(method)
    key = did.SoftwareKey.from_jwk(_public_and_secret(members))
    signer = _SuiteSigner(key, str(members["controller"]), str(members["id"]))
    sealed = seal(form, parsed, signer, disclosable=[_pointer(path) for path in paths])
    return sealed if isinstance(sealed, str) else base64.b64encode(sealed).decode("ascii").rstrip("=")


def verify_case(secured: bytes, method: bytes, feature: str) -> list[Problem]:
    """What is wrong with a secured document of the suite; an empty list when it verifies."""
    members = loads(method)
    public = {name: members[name] for name in ("id", "type", "controller", "publicKeyJwk")}
    profile = SuiteKeyProfile(known=did.VerificationMethod.from_dict(public))
    text = secured.strip()
    try:
        found = read_envelope(text, profile=profile).form.name
    except ProblemError as error:
        return list(error.problems)
    if found != FEATURES[feature]:
        return [Problem("envelope.media_type", f"the document is {found}, expected {FEATURES[feature]}")]
    # With explain, the signature is checked even after another check failed: what is tolerated can't hide a bad one.
    verdict = vc.verify(text, envelopes=profile, explain=True)
    problems = [problem for problem in verdict.problems if problem.code not in TOLERATED]
    signed = any(check.name == "proof" and check.outcome is Outcome.PASSED for check in verdict.checks)
    if not problems and not signed:
        problems.append(Problem("proof.signature", "the signature was not verified"))
    return problems


def _public_and_secret(members: Mapping[str, Any]) -> dict[str, Any]:
    jwk = members.get("secretKeyJwk")
    if not isinstance(jwk, Mapping) or not isinstance(members.get("id"), str):
        raise ProblemError(Problem("method.invalid", "the key file has no secretKeyJwk"))
    return dict(jwk)


def _without_line_end(document: dict[str, Any]) -> dict[str, Any]:
    """The document of test 4 with the third data: URL as it was meant: the suite's file has a line end in it."""
    contained = document.get("verifiableCredential")
    if not isinstance(contained, list):
        return document
    cleaned = [
        {**item, "id": item["id"].rstrip("\n")} if isinstance(item, dict) and isinstance(item.get("id"), str) else item
        for item in contained
    ]
    return {**document, "verifiableCredential": cleaned}


def _pointer(path: str) -> str:
    """``a.b[0]`` as a JSON pointer."""
    return "".join("/" + (name or index) for name, index in _STEP.findall(path))
