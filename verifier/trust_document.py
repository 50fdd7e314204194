"""Trust lists as documents: made for signing, read strictly after verification."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from vc.model import CREDENTIALS_V2, Moment, is_url, moment, types_of
from vc.problems import Problem, ProblemError

from .trust_entries import TrustedIssuer, TrustedVerifier, TrustEntries

__all__ = ["TRUST_CONTEXT", "read", "trust_list_credential"]

TRUST_CONTEXT = "https://liangzheng.example/contexts/trust/v1"
_ENTRY = {"type", "did", "name", "trustedFrom", "trustedUntil"}


def trust_list_credential(
    *,
    issuer: str,
    issuers: Iterable[Mapping[str, Any]],
    verifiers: Iterable[Mapping[str, Any]] = (),
    valid_from: datetime,
    valid_until: datetime,
) -> dict[str, Any]:
    """The unsigned trust list of ``issuer``, for ``vc.issue`` to sign.

    ``issuers``: ``{"did", "name", "cardType": [...], "region": [...]}``, ``verifiers``: ``{"did", "name",
    "verifierClass"}``; both may have ``trustedFrom`` and ``trustedUntil``. Dates are aware. Raises ProblemError
    (``trust.form``).
    """
    subject: dict[str, Any] = {
        "type": "TrustList",
        "trustedIssuer": [{"type": "TrustedIssuer", **entry} for entry in issuers],
    }
    listed = [{"type": "TrustedVerifier", **entry} for entry in verifiers]
    if listed:
        subject["trustedVerifier"] = listed
    document = {
        "@context": [CREDENTIALS_V2, TRUST_CONTEXT],
        "type": ["VerifiableCredential", "TrustListCredential"],
        "issuer": issuer,
        "validFrom": valid_from.replace(microsecond=0).isoformat(),
        "validUntil": valid_until.replace(microsecond=0).isoformat(),
        "credentialSubject": subject,
    }
    read(document)
    return document


def read(document: Mapping[str, Any]) -> TrustEntries:
    """The list in a credential that was verified. Raises ProblemError (``trust.form``)."""
    return _Reader().trust_list(document)


class _Reader:
    """Reads a list strictly: exactly these members, of these forms. Collects every problem."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def trust_list(self, document: Mapping[str, Any]) -> TrustEntries:
        if "TrustListCredential" not in types_of(document):
            self.wrong("the type must include TrustListCredential", "/type")
        place = "/credentialSubject"
        subject = document.get("credentialSubject")
        if not isinstance(subject, Mapping) or types_of(subject) != ("TrustList",):
            raise ProblemError(Problem("trust.form", "the credentialSubject must be a TrustList", place))
        self.members(subject, place, {"type", "trustedIssuer"}, {"id", "trustedVerifier"})
        issuers = [
            self.issuer(entry, where)
            for entry, where in self.entries(subject.get("trustedIssuer"), f"{place}/trustedIssuer")
        ]
        verifiers = [
            self.verifier(entry, where)
            for entry, where in self.entries(subject.get("trustedVerifier", []), f"{place}/trustedVerifier")
        ]
        valid_from, valid_until = (self.moment(document, member, "") for member in ("validFrom", "validUntil"))
        if valid_from is None or valid_until is None:
            self.wrong("a trust list must have validFrom and validUntil", "")
        if self.problems or valid_from is None or valid_until is None:
            raise ProblemError(*self.problems[:50])
        return TrustEntries(valid_from, valid_until, tuple(issuers), tuple(verifiers))

    def issuer(self, entry: Mapping[str, Any], place: str) -> TrustedIssuer:
        self.members(entry, place, {"type", "did", "name", "cardType", "region"}, _ENTRY)
        if types_of(entry) != ("TrustedIssuer",):
            self.wrong("the type must be TrustedIssuer", place + "/type")
        return TrustedIssuer(
            did=self.did(entry, place),
            name=self.text(entry.get("name"), place + "/name"),
            card_types=self.texts(entry.get("cardType"), place + "/cardType"),
            regions=self.texts(entry.get("region"), place + "/region"),
            trusted_from=self.moment(entry, "trustedFrom", place),
            trusted_until=self.moment(entry, "trustedUntil", place),
        )

    def verifier(self, entry: Mapping[str, Any], place: str) -> TrustedVerifier:
        self.members(entry, place, {"type", "did", "name", "verifierClass"}, _ENTRY)
        if types_of(entry) != ("TrustedVerifier",):
            self.wrong("the type must be TrustedVerifier", place + "/type")
        return TrustedVerifier(
            did=self.did(entry, place),
            name=self.text(entry.get("name"), place + "/name"),
            verifier_class=self.text(entry.get("verifierClass"), place + "/verifierClass"),
            trusted_from=self.moment(entry, "trustedFrom", place),
            trusted_until=self.moment(entry, "trustedUntil", place),
        )

    def wrong(self, detail: str, pointer: str) -> None:
        self.problems.append(Problem("trust.form", detail, pointer))

    def entries(self, value: object, place: str) -> list[tuple[Mapping[str, Any], str]]:
        if not isinstance(value, list):
            self.wrong("must be a list of entries", place)
            return []
        for index, entry in enumerate(value):
            if not isinstance(entry, Mapping):
                self.wrong("an entry must be an object", f"{place}/{index}")
        return [(entry, f"{place}/{index}") for index, entry in enumerate(value) if isinstance(entry, Mapping)]

    def members(self, node: Mapping[str, Any], place: str, required: set[str], optional: set[str]) -> None:
        for name in sorted(required - set(node)):
            self.wrong(f"the member {name} is missing", place)
        for name in sorted(map(str, set(node) - required - optional)):
            self.wrong(f"there is no member {name[:60]}", place)

    def did(self, entry: Mapping[str, Any], place: str) -> str:
        value = entry.get("did")
        if not isinstance(value, str) or not value.startswith("did:") or not is_url(value):
            self.wrong("did must be a DID", place + "/did")
            return ""
        return value

    def text(self, value: object, place: str) -> str:
        if not isinstance(value, str) or not 1 <= len(value) <= 200:
            self.wrong("must be a text of 1 to 200 characters", place)
            return ""
        return value

    def texts(self, value: object, place: str) -> frozenset[str]:
        if not isinstance(value, list) or not value:
            self.wrong("must be a list of one or more texts", place)
            return frozenset()
        return frozenset(self.text(item, f"{place}/{index}") for index, item in enumerate(value))

    def moment(self, node: Mapping[str, Any], member: str, place: str) -> Moment | None:
        if member not in node:
            return None
        try:
            return moment(node[member])
        except ValueError:
            self.wrong(f"{member} must be a date and time with a time zone", f"{place}/{member}")
            return None
