"""That a device holds its key: it signs a presentation without credentials over the authority's challenge.

This is the Data Integrity form of DID authentication: ``proofPurpose`` authentication, ``challenge`` and ``domain`` of
the application. Any wallet that makes presentations can make it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import vc
from did import Resolver, VerificationMethod

from .errors import DeviceError

__all__ = ["device_of_presentation"]

_KEY_TYPES = frozenset({"P-256"})
"""What wallets keep in a phone's keystore, and what ecdsa-sd-2023 presentations are signed with."""


def device_of_presentation(
    presentation: bytes | str | Mapping[str, Any], *, challenge: str, domain: str, resolver: Resolver, now: datetime
) -> str:
    """The did:key of the device that signed ``presentation`` (untrusted). Raises DeviceError with what failed."""
    verdict = vc.verify(
        presentation,
        challenge=challenge,
        domain=domain,
        proof_purpose="authentication",
        resolver=resolver,
        now=now,
    )
    if not verdict.verified or verdict.document is None:
        codes = ", ".join(sorted({problem.code for problem in verdict.problems})) or "verification"
        raise DeviceError(
            "device.possession", f"设备未能证明持有密钥（{codes}）", f"the device did not prove its key ({codes})"
        )
    document = verdict.document
    if "VerifiablePresentation" not in _texts(document.get("type")) or document.get("verifiableCredential") not in (
        None,
        [],
    ):
        raise DeviceError(
            "device.credentials",
            "设备证明须为不含凭证的出示",
            "the proof of possession must be a presentation without credentials",
        )
    holder, proof = document.get("holder"), document.get("proof")
    if not isinstance(holder, str) or not isinstance(proof, Mapping):
        raise DeviceError(
            "device.form",
            "设备证明须由持有设备密钥的一方签署一次",
            "the proof of possession must be signed once, for authentication, by its holder",
        )
    _check_key(holder, str(proof.get("verificationMethod")), resolver)
    return holder


def _texts(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _check_key(device: str, verification_method: str, resolver: Resolver) -> None:
    refused = DeviceError(
        "device.key", "设备密钥须为 P-256 的 did:key", "the device's key must be a did:key with a P-256 key"
    )
    if not device.startswith("did:key:") or not verification_method.startswith(device + "#"):
        raise refused
    method: VerificationMethod = resolver.dereference(verification_method, "authentication")
    if method.public_key.key_type not in _KEY_TYPES:
        raise refused
