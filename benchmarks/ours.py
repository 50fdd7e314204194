"""Ours, with every check the product makes: the same calls a user makes, nothing left out."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import did
import vc
from benchmarks import documents
from benchmarks.timing import bench
from contexts import CONTEXTS, ContextRegistry
from vc.integrity import CRYPTOSUITES

PEER = "ours"


def registry() -> ContextRegistry:
    """The installed contexts and those of the inputs, pinned by digest."""
    known = CONTEXTS
    for url, document in documents.contexts().items():
        content = json.dumps(document).encode()
        known = known.with_context(url, content, hashlib.sha256(content).hexdigest())
    return known


KNOWN = registry()


def verify(document: Any) -> None:
    """One verification from a dict or from bytes, without a status checker: nobody serves the list that they name."""
    verdict = vc.verify(document, contexts=KNOWN)
    if not verdict.verified:
        raise AssertionError(verdict.problems)


def plain(label: str, suite: str, key_type: str, kinds: tuple[str, ...]) -> None:
    """Issue and verify with one suite and key type."""
    key = did.generate(key_type)

    def issue(credential: Any) -> dict[str, Any]:
        return vc.issue(credential, key, cryptosuite=suite, contexts=KNOWN)

    for kind in kinds:
        items = documents.variants(kind, key.did)
        signed = [issue(item) for item in items]
        bench(PEER, label, "issue", kind, items, issue)
        bench(PEER, label, "verify", kind, signed, verify)
        bench(PEER, label, "verify-bytes", kind, [json.dumps(one).encode() for one in signed], verify)


def signatures(key_type: str) -> None:
    """Bare signatures over 64 bytes, as long as what Data Integrity signs."""
    key = did.generate(key_type)
    items = [number.to_bytes(64, "big") for number in range(32)]
    bench(PEER, f"signature-{key_type}", "sign", "64 bytes", items, key.sign)
    signed = [(key.sign(item), item) for item in items]

    def check(pair: tuple[bytes, bytes]) -> None:
        if not key.public_key.verify(*pair):
            raise AssertionError("the signature does not verify")

    bench(PEER, f"signature-{key_type}", "verify", "64 bytes", signed, check)


def of_version_1_1() -> None:
    """Ed25519Signature2020 over VCDM 1.1, which peers of an earlier time have; the contexts registered, as always."""
    suite, key = "Ed25519Signature2020", did.generate("Ed25519")
    for kind in ("resident", "alumni"):
        items = documents.variants_1_1(kind, key.did)
        signed = [vc.issue(one, key, cryptosuite=suite, contexts=KNOWN) for one in items]
        bench(PEER, suite, "issue", kind, items, lambda c: vc.issue(c, key, cryptosuite=suite, contexts=KNOWN))
        bench(PEER, suite, "verify-bytes", kind, [json.dumps(one).encode() for one in signed], verify)


def selective(suite: str, key_type: str) -> None:
    """Issue, derive and verify with a selective disclosure suite."""
    key = did.generate(key_type)
    for kind in ("resident", "alumni"):
        pointers, items = documents.POINTERS[kind], documents.variants(kind, key.did, 8)

        def issue(credential: Any, mandatory: Any = pointers["mandatory"]) -> dict[str, Any]:
            others = documents.hideable(credential, mandatory)
            return vc.issue(
                credential, key, cryptosuite=suite, mandatory_pointers=mandatory, hideable=others, contexts=KNOWN
            )

        def derive(secured: Any, chosen: Any = pointers["selective"]) -> dict[str, Any]:
            return vc.derive(secured, selective_pointers=chosen, contexts=KNOWN)

        signed = [issue(item) for item in items]
        derived = [derive(one) for one in signed]
        bench(PEER, suite, "issue", kind, items, issue)
        bench(PEER, suite, "derive", kind, signed, derive)
        bench(PEER, suite, "verify", kind, derived, verify)


def sd_jwt_rows() -> Iterator[tuple[str, list[Any], Callable[[Any], Any]]]:
    """SD-JWT VC: every claim disclosable, three disclosed, key binding; issue, present from text, verify from text.

    The work, its inputs and what is done with each.
    """
    issuer, device = did.generate("P-256"), did.generate("P-256")
    items = []
    for one in documents.variants("resident", issuer.did):
        claims = {k: v for k, v in one["credentialSubject"].items() if k not in ("id", "type")}
        items.append({"iss": issuer.did, "vct": "https://x.example/resident", **claims})
    hidden = ["/" + name for name in items[0] if name not in ("iss", "vct")]
    shown = ["/ageOver18", "/nationality", "/birthDate"]

    def issue(claims: Any) -> Any:
        return vc.issue_enveloped(
            claims, issuer, envelope="dc+sd-jwt", disclosable=hidden, holder_key=device.public_key
        )

    def present(token: Any) -> Any:
        return vc.derive_enveloped(token, shown, signer=device, challenge="n-1", domain="https://rp.example")

    def check(token: Any) -> None:
        verdict = vc.verify(token, challenge="n-1", domain="https://rp.example")
        if not verdict.verified:
            raise AssertionError(verdict.problems)

    tokens = [issue(one) for one in items]
    yield "issue", items, issue
    yield "present", tokens, present
    yield "verify", [present(token) for token in tokens], check


def sd_jwt() -> None:
    """SD-JWT VC."""
    for op, items, work in sd_jwt_rows():
        bench(PEER, "sd-jwt-vc", op, "resident", items, work)


def canonical() -> None:
    """JSON-LD to canonical N-Quads."""
    for name in documents.NAMES:
        items = documents.variants(name, "did:example:issuer", 8)
        bench(PEER, "canonicalize", "canonicalize", name, items, lambda d: vc.canonicalize(d, contexts=KNOWN))


def bbs() -> None:
    """The BBS scheme alone: 40 messages, every fourth disclosed."""
    from did import bbs as scheme

    secret = scheme.key_gen(os.urandom(32))
    public = scheme.sk_to_pk(secret)
    headers = {"header": os.urandom(64), "presentation_header": os.urandom(16)}
    messages = [f'_:b{i} <https://example.org/vocab#claim{i}> "value {i}" .\n'.encode() for i in range(40)]
    chosen = list(range(0, 40, 4))
    signature = scheme.sign(secret, public, headers["header"], messages)

    def prove(_: Any) -> bytes:
        return scheme.proof_gen(public, signature, messages=messages, disclosed_indexes=chosen, **headers)

    proof, shown = prove(0), [messages[i] for i in chosen]

    def check(_: Any) -> None:
        if not scheme.proof_verify(public, proof, disclosed_messages=shown, disclosed_indexes=chosen, **headers):
            raise AssertionError("the proof does not verify")

    bench(PEER, "bbs", "prove", "40 messages", [0], prove)
    bench(PEER, "bbs", "verify-proof", "40 messages", [0], check)


if __name__ == "__main__":
    every = ("resident", "alumni", "resident_portrait")
    plain("eddsa-rdfc-2022", "eddsa-rdfc-2022", "Ed25519", every)
    plain("eddsa-jcs-2022", "eddsa-jcs-2022", "Ed25519", ("resident",))
    plain("ecdsa-rdfc-2019-p256", "ecdsa-rdfc-2019", "P-256", ("resident",))
    plain("ecdsa-rdfc-2019-p384", "ecdsa-rdfc-2019", "P-384", ("resident",))
    plain("ecdsa-jcs-2019-p256", "ecdsa-jcs-2019", "P-256", ("resident",))
    of_version_1_1()
    selective("ecdsa-sd-2023", "P-256")
    selective("bbs-2023", "BLS12-381-G2")
    signatures("P-256")
    if CRYPTOSUITES.get("sm2-2023"):  # Where libcrypto has it.
        signatures("SM2")
        plain("sm2-2023", "sm2-2023", "SM2", ("resident",))
        selective("sm2-sd-2023", "SM2")
    sd_jwt()
    canonical()
    bbs()
