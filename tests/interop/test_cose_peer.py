"""VC-JOSE-COSE's COSE form against python-cwt: each signs, the other verifies.

python-cwt needs an older cbor2 than this project has, so it runs in an environment of its own:
LIANGZHENG_COSE_PYTHON names that environment's Python (`make interop` makes it).
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

import did
import vc
from did.multibase import encode_base64url
from vc.envelope import cose

PYTHON = os.environ.get("LIANGZHENG_COSE_PYTHON", "")
KEY_TYPES = ("P-256", "P-384", "Ed25519")


def credential(key: did.SoftwareKey) -> dict[str, Any]:
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
        "type": ["VerifiableCredential"],
        "issuer": key.did,
        "credentialSubject": {"id": "did:example:subject", "name": "王小明"},
    }


def named_jwk(key: did.SoftwareKey) -> dict[str, str]:
    return {**key.public_key.to_jwk(), "kid": key.verification_method}


def peer(job: dict[str, Any]) -> dict[str, Any]:
    done = subprocess.run(
        [PYTHON, str(Path(__file__).with_name("cose_peer.py"))],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr[-500:]
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.mark.parametrize("key_type", KEY_TYPES)
def test_the_peer_verifies_what_we_sign(key_type: str) -> None:
    key = did.SoftwareKey.from_seed(key_type, b"issuer")
    signed = vc.issue_enveloped(credential(key), key, envelope="vc+cose")
    assert isinstance(signed, bytes)
    found = peer({"job": "verify", "jwk": named_jwk(key), "cose": signed.hex()})
    assert json.loads(bytes.fromhex(found["payload"]))["issuer"] == key.did


@pytest.mark.parametrize("key_type", KEY_TYPES)
def test_the_peer_refuses_what_was_changed(key_type: str) -> None:
    key = did.SoftwareKey.from_seed(key_type, b"issuer")
    signed = vc.issue_enveloped(credential(key), key, envelope="vc+cose")
    assert isinstance(signed, bytes)
    changed = signed.replace("王小明".encode(), "王小红".encode())
    assert changed != signed
    with pytest.raises(AssertionError, match="Failed to verify"):
        peer({"job": "verify", "jwk": named_jwk(key), "cose": changed.hex()})


@pytest.mark.parametrize("key_type", KEY_TYPES)
def test_we_verify_what_the_peer_signs(key_type: str) -> None:
    key = did.SoftwareKey.from_seed(key_type, b"issuer")
    protected = {
        cose.CONTENT_TYPE: "application/vc",
        cose.TYP: "application/vc+cose",
    }
    job = {
        "job": "sign",
        "jwk": {**key.public_key.to_jwk(), "d": encode_base64url(key._secret)},
        "protected": protected,
        "payload": json.dumps(credential(key)).encode().hex(),
    }
    signed = bytes.fromhex(peer(job)["cose"])
    verdict = vc.verify(signed)
    assert verdict.verified, verdict.problems
    assert not vc.verify(signed[:-1] + bytes([signed[-1] ^ 1])).verified
