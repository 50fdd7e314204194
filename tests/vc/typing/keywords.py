"""Calls as callers write them, right and wrong. Read by a type checker, run by nobody (``test_keywords``)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import vc
from did import Signer
from vc.presentation import prepare


async def calls(document: dict[str, Any], signer: Signer, policy: vc.VerificationPolicy) -> None:
    vc.verify(document)
    vc.verify(document, policy)
    vc.verify(document, policy, challenge="c", domain=["a", "b"], explain=True)
    vc.verify(document, chalenge="c")  # wrong
    vc.verify(document, policy, trusted_issuer=["did:example:a"])  # wrong
    vc.verify(document, challenge=7)  # wrong
    vc.verify(document, max_proof_age=300)  # wrong
    vc.verify(document, {"challenge": "c"})  # wrong
    await vc.verify_async(document, policy, challenge="c")
    await vc.verify_async(document, chalenge="c")  # wrong
    vc.verify_many([document], policy, processes=1, challenge="c")
    vc.verify_many([document], chalenge="c")  # wrong
    vc.explain(document, policy, domain="d")
    vc.explain(document, domian="d")  # wrong

    vc.VerificationPolicy(require_shown=["/validUntil"], max_proof_age=timedelta(seconds=300))
    vc.VerificationPolicy(require_show=["/validUntil"])  # wrong
    policy.with_(challenge="c")
    policy.with_(chalenge="c")  # wrong
    policy & vc.NOTHING_HIDDEN & vc.HELD & vc.JUST_MADE
    policy & {"challenge": "c"}  # wrong
    policy.challenge = "c"  # wrong

    vc.issue(document, signer, cryptosuite="ecdsa-sd-2023", mandatory_pointers=["/name"], hideable=["/validUntil"])
    vc.issue(document, signer, cryptosuit="ecdsa-sd-2023")  # wrong
    vc.issue_many([document], signer, cryptosuite="ecdsa-sd-2023", hideable=["/validUntil"])
    vc.issue_many([document], signer, cryptosuit="ecdsa-sd-2023")  # wrong
    vc.issue_many([document], signer, trace={})  # wrong
    vc.derive(document, selective_pointers=["/name"])
    vc.derive(document, selective_pointer=["/name"])  # wrong
    vc.present([document], signer, challenge="c", expires_in=300)
    vc.present([document], signer, expire_in=300)  # wrong
    prepare([document], signer, challenge="c", expires_in=300)
    prepare([document], signer, expire_in=300)  # wrong
    vc.issue_enveloped(document, signer, envelope="vc+jwt")
    vc.issue_enveloped(document, signer, envelop="vc+jwt")  # wrong
    vc.derive_enveloped("a~", signer=signer, challenge="c")
    vc.derive_enveloped("a~", signer=signer, chalenge="c")  # wrong
    vc.present_enveloped([document], signer, challenge="c")
    vc.present_enveloped([document], signer, chalenge="c")  # wrong
