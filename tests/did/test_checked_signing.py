"""A faulty or foreign signer's signature is never handed out, whatever it is put into."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import did
import vc
from did import CheckedSigner, SignatureFault, SoftwareKey, sign_checked
from vc.envelope import issue_enveloped
from vc.problems import ProblemError

KEYS = {kind: SoftwareKey.from_seed(kind, b"checked") for kind in ("Ed25519", "P-256", "P-384")}
OTHER = {kind: SoftwareKey.from_seed(kind, b"another") for kind in KEYS}


class Faulty:
    """A signer behind a call, which answers as ``answer`` says."""

    def __init__(self, key: SoftwareKey, answer: Callable[[SoftwareKey, bytes], Any]) -> None:
        self._key, self._answer = key, answer
        self.algorithm, self.did = key.algorithm, key.did
        self.verification_method, self.public_key = key.verification_method, key.public_key

    def sign(self, data: bytes) -> bytes:
        return self._answer(self._key, data)  # type: ignore[no-any-return]


def _flipped(key: SoftwareKey, data: bytes) -> bytes:
    signature = bytearray(key.sign(data))
    signature[len(data) % len(signature)] ^= 4
    return bytes(signature)


FAULTS: dict[str, Callable[[SoftwareKey, bytes], Any]] = {
    "a flipped bit": _flipped,
    "another key": lambda key, data: OTHER[key.algorithm].sign(data),
    "another message": lambda key, data: key.sign(data + b"x"),
    "the digest's message": lambda key, data: key.sign(data[:32]),
    "too short": lambda key, data: key.sign(data)[:-1],
    "too long": lambda key, data: key.sign(data) + b"\0",
    "nothing": lambda key, data: b"",
    "zeros": lambda key, data: bytes(64),
    "a text": lambda key, data: key.sign(data).hex(),
    "None": lambda key, data: None,
    "the same again": lambda key, data: key.sign(b"what was signed before"),
}
CREDENTIAL = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "type": ["VerifiableCredential"],
    "credentialSubject": {"id": "did:example:subject"},
}


def _issue(suite: str) -> Callable[[Any], object]:
    return lambda signer: vc.issue({**CREDENTIAL, "issuer": signer.did}, signer, cryptosuite=suite)


def _envelope(envelope: str) -> Callable[[Any], object]:
    return lambda signer: issue_enveloped({**CREDENTIAL, "issuer": signer.did}, signer, envelope=envelope)


USES: dict[str, tuple[str, Callable[[Any], object]]] = {
    "eddsa-rdfc-2022": ("Ed25519", _issue("eddsa-rdfc-2022")),
    "eddsa-jcs-2022": ("Ed25519", _issue("eddsa-jcs-2022")),
    "ecdsa-rdfc-2019": ("P-256", _issue("ecdsa-rdfc-2019")),
    "ecdsa-jcs-2019 P-384": ("P-384", _issue("ecdsa-jcs-2019")),
    "ecdsa-sd-2023": ("P-256", _issue("ecdsa-sd-2023")),
    "JOSE": ("P-256", _envelope("vc+jwt")),
    "COSE": ("Ed25519", _envelope("vc+cose")),
    "presentation": ("P-256", lambda signer: vc.present([], signer, challenge="c" * 20, domain="d")),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
@pytest.mark.parametrize("kind", KEYS)
def test_a_faulty_signature_is_not_handed_out(kind: str, fault: Callable[[SoftwareKey, bytes], Any]) -> None:
    signer = Faulty(KEYS[kind], fault)
    for sign in (lambda: sign_checked(signer, b"data" * 20), lambda: CheckedSigner(signer).sign(b"data" * 20)):
        with pytest.raises(SignatureFault) as refused:
            sign()
        assert refused.value.code == "did.signature_fault"


@pytest.mark.parametrize(("kind", "use"), USES.values(), ids=USES.keys())
@pytest.mark.parametrize("fault", ["a flipped bit", "another key", "nothing"])
def test_no_document_leaves_with_one(kind: str, use: Callable[[Any], object], fault: str) -> None:
    with pytest.raises((SignatureFault, ProblemError)):
        use(Faulty(KEYS[kind], FAULTS[fault]))
    assert use(Faulty(KEYS[kind], lambda key, data: key.sign(data)))


@given(st.binary(max_size=200))
def test_a_right_signature_is_handed_out_as_it_is(data: bytes) -> None:
    for key in KEYS.values():
        remote = Faulty(key, lambda key, data: key.sign(data))
        assert sign_checked(remote, data) == CheckedSigner(key).sign(data) == key.sign(data)


def test_a_faulty_bbs_signer_s_signature_is_not_handed_out() -> None:
    key, other = did.generate("BLS12-381-G2"), did.generate("BLS12-381-G2")

    class Remote(Faulty):
        def sign_messages(self, header: bytes, messages: Any) -> bytes:
            return other.sign_messages(header, messages)

    with pytest.raises(SignatureFault):
        _issue("bbs-2023")(Remote(key, FAULTS["nothing"]))


def test_a_key_that_is_made_checked_shows_no_secret() -> None:
    assert "secret" not in repr(CheckedSigner(KEYS["P-256"])) and not hasattr(CheckedSigner(KEYS["P-256"]), "_secret")
