"""Data Integrity: verifying and deriving under every suite, presentations, a thief's presentations, trust lists."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import vc
from contexts import CONTEXTS
from vc.checks.environment import Environment
from vc.model import CREDENTIALS_V2
from vc.parsing import loads
from vc.problems import ProblemError
from vc.securing import add_proof
from verifier.trust import TrustList
from verifier.trust_document import trust_list_credential

from .. import mutators, world
from ..meaning import Meaning, answers, says_more
from ..target import CORPUS, Target, Violation, refused

SELECTIVE = ("ecdsa-sd-2023", "bbs-2023")


def _verdict(document: Any, **expectations: Any) -> Meaning | None:
    """The meaning of what verifies. Nothing is caught: a verification never raises, and never breaks off."""
    verdict = vc.verify(document, now=world.NOW, **expectations)
    broken = next((p.detail for p in verdict.problems if p.code == "verification.internal"), None)
    if broken is not None:
        raise Violation(f"the verification broke off | {broken}")
    if not verdict.verified:
        if not verdict.problems and not verdict.indeterminate:
            raise Violation("refused without a reason")
        return None
    if verdict.document is None:
        raise Violation("verified, and there is no document")
    return answers(verdict.document)


def _verify(suite: str) -> Callable[[bytes], Meaning | None]:
    def run(data: bytes) -> Meaning | None:
        return _verdict(data, status=world.status_checker(suite))

    return run


def _presentation(data: bytes) -> Meaning | None:
    return _verdict(data, challenge=world.CHALLENGE, domain=world.DOMAIN, status=world.status_checker("ecdsa-sd-2023"))


@refused(ProblemError)
def _theft(data: bytes) -> None:
    """A thief presents somebody else's card, changed as they like, with their own key."""
    stolen = loads(data)
    unsigned = {
        "@context": [CREDENTIALS_V2],
        "type": ["VerifiablePresentation"],
        "holder": world.THIEF.did,
        "verifiableCredential": [stolen],
    }
    config = {
        "created": world.NOW,
        "expires": world.NOW + timedelta(seconds=300),
        "proofPurpose": "authentication",
        "challenge": world.CHALLENGE,
        "domain": world.DOMAIN,
    }
    shown = add_proof(
        unsigned, world.THIEF, cryptosuite="ecdsa-rdfc-2019", config=config, options=None,
        env=Environment(CONTEXTS, lambda: world.NOW),
    )  # fmt: skip
    verdict = vc.verify(shown, challenge=world.CHALLENGE, domain=world.DOMAIN, now=world.NOW)
    if verdict.verified:
        raise Violation("a stolen card verifies with the thief's own key")


def _derive(suite: str) -> Callable[[bytes], None]:
    @refused(ProblemError, ValueError)
    def read(data: bytes) -> Any:
        return json.loads(data)

    @refused(ProblemError)
    def run(data: bytes) -> None:
        task = read(data)
        if not isinstance(task, dict):
            return
        derived = vc.derive(task.get("document"), selective_pointers=task.get("pointers", []))  # type: ignore[arg-type]
        verdict = vc.verify(derived, now=world.NOW, status=world.status_checker(suite))
        if verdict.verified and verdict.document is not None:
            shown: dict[str, Any] = {name: value for name, value in verdict.document.items() if name != "proof"}
            originals = [json.loads(item)["document"] for item in _corpus(f"derive-{suite}")]
            more = [says_more(shown, original) for original in originals]
            if originals and None not in more:
                raise Violation(f"a derived document says what was not signed | at {more[0]}")

    return run


def _corpus(name: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted((CORPUS / name).glob("valid-*"))]


@refused(ProblemError)
def _trust_list(data: bytes) -> Meaning:
    found = TrustList.load(data, anchors={world.ANCHOR.did}, now=world.NOW)
    entries = [
        [e.did, e.name, sorted(e.card_types), sorted(e.regions), str(e.trusted_from), str(e.trusted_until)]
        for e in found.issuers
    ]
    police = [[e.did, e.name, e.verifier_class, str(e.trusted_from), str(e.trusted_until)] for e in found.verifiers]
    return {
        "signer": found.signer,
        "dates": [str(found.valid_from), str(found.valid_until)],
        "issuers": sorted(entries),
        "verifiers": sorted(police),
        "document": answers(found.document)["document"],
    }


TARGETS = (
    *(Target(f"verify-{suite}", mutators.json_document, _verify(suite), signed=True) for suite in world.SUITES),
    Target("verify-presentation", mutators.json_document, _presentation, signed=True),
    Target("theft", mutators.json_document, _theft),
    *(Target(f"derive-{suite}", mutators.json_document, _derive(suite)) for suite in SELECTIVE),
    Target("trust-list", mutators.json_document, _trust_list, signed=True),
)

_MANDATORY = ("/issuer", "/validFrom", "/validUntil", "/credentialStatus", "/credentialSubject/id")


def _secured(suite: str, credential: dict[str, Any]) -> dict[str, Any]:
    options: dict[str, Any] = {"mandatory_pointers": _MANDATORY} if suite in SELECTIVE else {}
    if suite == "bbs-2023":
        return vc.issue(credential, world.issuer_of(suite), cryptosuite=suite, now=world.NOW, **options)
    return vc.issue(credential, world.issuer_of(suite), cryptosuite=suite, created=world.NOW, **options)


def _shown(suite: str, credential: dict[str, Any]) -> dict[str, Any]:
    secured = _secured(suite, credential)
    if suite not in SELECTIVE:
        return secured
    return vc.derive(secured, selective_pointers=["/credentialSubject/ageOver18", "/credentialSubject/fullName"])


def seeds() -> dict[str, dict[str, bytes]]:
    """Signed documents: good, expired, revoked, somebody else's."""
    made: dict[str, dict[str, bytes]] = {}
    for suite in world.SUITES:
        issuer = world.issuer_of(suite).did
        old = {"validFrom": "2020-01-01T00:00:00Z", "validUntil": "2021-01-01T00:00:00Z"}
        made[f"verify-{suite}"] = {
            "valid-credential.json": mutators.dumps(_shown(suite, world.credential(issuer))),
            "refused-expired.json": mutators.dumps(_shown(suite, world.credential(issuer, **old))),  # type: ignore[arg-type]
            "refused-revoked.json": mutators.dumps(_shown(suite, world.credential(issuer, index=world.REVOKED))),
        }
        if suite in SELECTIVE:
            base = _secured(suite, world.credential(issuer))
            pointers = ["/credentialSubject/ageOver18", "/credentialSubject/address/city"]
            made[f"derive-{suite}"] = {"valid-task.json": mutators.dumps({"pointers": pointers, "document": base})}
    derived = vc.derive(
        world.signed_card(), selective_pointers=["/credentialSubject/name", "/credentialSubject/ageOver18"]
    )
    revoked = vc.derive(world.signed_card(index=world.REVOKED), selective_pointers=["/credentialSubject/name"])
    made["verify-ecdsa-sd-2023"]["valid-card.json"] = mutators.dumps(derived)
    shown: dict[str, Any] = {"challenge": world.CHALLENGE, "domain": world.DOMAIN, "expires_in": 300, "now": world.NOW}
    before: dict[str, Any] = {**shown, "now": world.NOW - timedelta(days=1)}
    made["verify-presentation"] = {
        "valid-card.json": mutators.dumps(vc.present([derived], world.DEVICE, **shown)),
        "refused-revoked.json": mutators.dumps(vc.present([revoked], world.DEVICE, **shown)),
        "refused-replayed.json": mutators.dumps(
            vc.present([derived], world.DEVICE, **{**shown, "challenge": "another"})
        ),
        "refused-elsewhere.json": mutators.dumps(
            vc.present([derived], world.DEVICE, **{**shown, "domain": "https://a.b"})
        ),
        "refused-expired.json": mutators.dumps(vc.present([derived], world.DEVICE, **before)),
        "refused-unaddressed.json": mutators.dumps(vc.present([derived], world.DEVICE, now=world.NOW)),
    }
    made["theft"] = {
        "refused-card.json": mutators.dumps(derived),
        "refused-credential.json": made["verify-ecdsa-sd-2023"]["valid-credential.json"],
        "refused-whole.json": made["verify-ecdsa-rdfc-2019"]["valid-credential.json"],
    }
    made["trust-list"] = _trust_lists()
    return made


def _trust_lists() -> dict[str, bytes]:
    entry = {
        "did": world.LICENSOR.did,
        "name": "成都市公安局",
        "cardType": ["ResidentIdentityCardCredential", "ResidencePermitCredential"],
        "region": ["510000", "500000"],
    }
    ended = {
        **entry,
        "did": world.THIEF.did,
        "trustedUntil": "2025-01-01T00:00:00Z",
        "cardType": ["X"],
        "region": ["51"],
    }
    police = {
        "did": world.DEVICE.did,
        "name": "某派出所",
        "verifierClass": "police",
        "trustedUntil": "2025-01-01T00:00:00Z",
    }

    def made(signer: Any, day: Any) -> bytes:
        unsigned = trust_list_credential(
            issuer=signer.did,
            issuers=[entry, ended],
            verifiers=[police],
            valid_from=day,
            valid_until=day + timedelta(days=30),
        )
        return mutators.dumps(vc.issue(unsigned, signer, created=day))

    return {
        "valid-list.json": made(world.ANCHOR, world.NOW),
        "refused-expired.json": made(world.ANCHOR, world.NOW - timedelta(days=90)),
        "refused-stranger.json": made(world.THIEF, world.NOW),
    }
