"""The rules for one credential: VCDM 2.0 sections 4 and 5, or VCDM 1.1 sections 4 and 5."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from did.timestamps import Moment, moment, what_is_wrong

from .findings import Findings, one_or_more
from .identifiers import identifier_of, types_of
from .language import check_texts
from .related_resources import Resources, check_digest, check_related_resources
from .status_entry import check_status_entry

__all__ = ["check_credential"]

# Properties whose objects must have a type (VCDM 2.0 sections 4.5 and 5.8); true where an id is required as well.
_TYPED = {
    "credentialStatus": False,
    "credentialSchema": True,
    "refreshService": False,
    "termsOfUse": False,
    "evidence": False,
    "renderMethod": False,
    "confidenceMethod": False,
}
# VCDM 1.1 also requires the id of a status (section 4.9) and of a refresh service (section 5.5).
_TYPED_1_1 = {**_TYPED, "credentialStatus": True, "refreshService": True}


def check_credential(
    found: Findings,
    credential: dict[str, Any],
    pointer: str,
    *,
    version_1_1: bool,
    resources: Resources,
    accepted: Mapping[str, Collection[str]],
) -> None:
    """Report everything in ``credential`` that is against the data model, but for contexts, types and proofs."""
    found.check_id(credential, pointer)
    _check_issuer(found, credential, pointer)
    _check_subjects(found, credential, pointer)
    _check_period(found, credential, pointer, version_1_1=version_1_1)
    check_texts(found, credential, pointer)
    for member, id_required in (_TYPED_1_1 if version_1_1 else _TYPED).items():
        if member not in credential:
            continue
        place = f"{pointer}/{member}"
        for node, node_place in one_or_more(found, credential[member], place, "model.object", member):
            found.check_typed(node, node_place)
            found.check_id(node, node_place, required=id_required)
            if "digestSRI" in node or "digestMultibase" in node:
                check_digest(found, node, node_place, resources, accepted)
            if member == "credentialStatus" and "BitstringStatusListEntry" in types_of(node):
                check_status_entry(found, node, node_place)
    if "relatedResource" in credential:
        check_related_resources(found, credential["relatedResource"], pointer + "/relatedResource", resources, accepted)


def _check_issuer(found: Findings, credential: dict[str, Any], pointer: str) -> None:
    if "issuer" not in credential:
        found.report("model.issuer", pointer, "a credential must have an issuer")
        return
    issuer = credential["issuer"]
    if identifier_of(issuer) is None:
        inside = "/id" if isinstance(issuer, dict) and "id" in issuer else ""
        found.report(
            "model.issuer", f"{pointer}/issuer{inside}", "the issuer must be a URL, or an object whose id is a URL"
        )
    if isinstance(issuer, dict):
        check_texts(found, issuer, pointer + "/issuer")
        if "@id" in issuer:
            found.report("model.keyword", pointer + "/issuer/@id", "write id: the document must be in compacted form")


def _check_subjects(found: Findings, credential: dict[str, Any], pointer: str) -> None:
    if "credentialSubject" not in credential:
        found.report("model.subject", pointer, "a credential must have a credentialSubject")
        return
    place = pointer + "/credentialSubject"
    subject = credential["credentialSubject"]
    for node, node_place in one_or_more(found, subject, place, "model.subject", "a credentialSubject"):
        found.check_id(node, node_place)
        if not any(value is not None and value != [] for member, value in node.items() if member != "@context"):
            found.report("model.subject", node_place, "a credentialSubject must state something")


def _check_period(found: Findings, credential: dict[str, Any], pointer: str, *, version_1_1: bool) -> None:
    if not version_1_1:
        _check_interval(found, credential, pointer, "validFrom", "validUntil", zone_required=True)
        return
    if "issuanceDate" not in credential:
        found.report(
            "model.date_time",
            pointer,
            "a VCDM 1.1 credential must have an issuanceDate (as a JWT: nbf)",
            "VCDM 1.1 凭证须有 issuanceDate（JWT 中为 nbf）",
        )
    _check_interval(found, credential, pointer, "issuanceDate", "expirationDate", zone_required=False)
    _check_interval(found, credential, pointer, "validFrom", "validUntil", zone_required=False)


def _check_interval(
    found: Findings, credential: dict[str, Any], pointer: str, first: str, last: str, *, zone_required: bool
) -> None:
    moments: list[Moment] = []
    for member in (first, last):
        if member not in credential:
            continue
        try:
            moments.append(moment(credential[member], zone_required=zone_required))
        except ValueError:
            needs = "date and time with a time zone" if zone_required else "date and time"
            reason, reason_zh = what_is_wrong(credential[member])
            detail_zh = f"{member} 应为{'带时区的' if zone_required else ''}日期时间：{reason_zh}"
            found.report("model.date_time", f"{pointer}/{member}", f"{member} must be a {needs}: {reason}", detail_zh)
    if len(moments) == 2 and moments[0] > moments[1]:
        found.report("model.period", f"{pointer}/{last}", f"{last} must not be earlier than {first}")
